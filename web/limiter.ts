/** Owns counting how often something was done within a window of time. The only importer of rate-limiter-flexible. */
import {isIPv6} from 'node:net';
import {RateLimiterMemory, RateLimiterRes} from 'rate-limiter-flexible';

export interface LimitSetting {
  /** How many are let through in one window, which begins with the first. */
  readonly points: number;
  readonly seconds: number;
}

export interface Counted {
  readonly points: number;
  /** Until the window ends. */
  readonly leftMs: number;
}

export class Limiter {
  readonly #memory: RateLimiterMemory;

  constructor({points, seconds}: LimitSetting) {
    this.#memory = new RateLimiterMemory({points, duration: seconds, keyPrefix: ''});
  }

  /** Counts one. How long to wait where that was one too many; 0 to go on. */
  async take(key: string): Promise<number> {
    try {
      await this.#memory.consume(key);
      return 0;
    } catch (cause) {
      if (cause instanceof RateLimiterRes) return Math.max(1, cause.msBeforeNext);
      throw cause;
    }
  }

  /** What is counted now; null when nothing is. */
  async counted(key: string): Promise<Counted | null> {
    const found = await this.#memory.get(key);
    return found === null ? null : {points: found.consumedPoints, leftMs: Math.max(0, found.msBeforeNext)};
  }

  async giveBack(key: string): Promise<void> {
    await this.#memory.reward(key, 1);
  }

  async set(key: string, points: number, seconds: number): Promise<void> {
    await this.#memory.set(key, points, seconds);
  }

  async forget(key: string): Promise<void> {
    await this.#memory.delete(key);
  }
}

/** What one home or one person has: an IPv4 address, or the first 64 bits of an IPv6 one. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.toLowerCase().split('::');
  const parts = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : 8 - parts.length - rest.length;
  const groups = [...parts, ...Array<string>(Math.max(0, gap)).fill('0'), ...rest];
  const network = groups.slice(0, 4).map(group => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}
