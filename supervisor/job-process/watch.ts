/**
 * Owns the time a job process may take: for all of its work, for one step, and between two signs of life. Never ends
 * the process: it says which limit was reached, once.
 */
import type {Failure} from '../../appliance/failure.ts';

export interface TimeLimits {
  /** Null is no limit. */
  readonly wallMs: number | null;
  readonly stageMs: number | null;
  readonly heartbeatMs: number;
}

type LimitFailure = Extract<Failure, {reason: 'limit'}>;

/** More steps at once than any machine has processors for. */
const openLimit = 1000;
/** The longest that a timer of Node takes; one second more would end it at once. */
const longestTimerMs = 2 ** 31 - 1;

export class Watch {
  readonly #limits: TimeLimits;
  readonly #tell: (failure: LimitFailure) => void;
  readonly #stages = new Map<string, Timer>();
  #wall: Timer | undefined;
  #silence: Timer | undefined;
  #over = false;

  constructor(limits: TimeLimits, tell: (failure: LimitFailure) => void) {
    this.#limits = limits;
    this.#tell = tell;
  }

  start(): void {
    const {wallMs} = this.#limits;
    if (wallMs !== null) this.#wall = this.#arm(wallMs, {limit: 'job', node: null});
    this.heard();
  }

  /** It is we who let it wait: its silence does not count. */
  hold(): void {
    this.#silence?.clear();
  }

  heard(): void {
    this.#silence?.clear();
    if (!this.#over) this.#silence = this.#arm(this.#limits.heartbeatMs, {limit: 'silence', node: null});
  }

  /** False when it has more steps open than can be. */
  started(node: string): boolean {
    const {stageMs} = this.#limits;
    if (stageMs === null || this.#over || this.#stages.has(node)) return true;
    if (this.#stages.size >= openLimit) return false;
    this.#stages.set(node, this.#arm(stageMs, {limit: 'stage', node}));
    return true;
  }

  finished(node: string): void {
    this.#stages.get(node)?.clear();
    this.#stages.delete(node);
  }

  stop(): void {
    this.#over = true;
    for (const timer of [this.#wall, this.#silence, ...this.#stages.values()]) timer?.clear();
    this.#stages.clear();
  }

  #arm(ms: number, what: Pick<LimitFailure, 'limit' | 'node'>): Timer {
    return new Timer(ms, () => {
      if (this.#over) return;
      this.stop();
      this.#tell({reason: 'limit', ...what, allowed: ms / 1000});
    });
  }
}

/** A timer for any length of time. */
class Timer {
  #handle: NodeJS.Timeout;

  constructor(ms: number, due: () => void) {
    const arm = (leftMs: number): NodeJS.Timeout => {
      const now = Math.min(leftMs, longestTimerMs);
      return setTimeout(() => {
        if (leftMs > now) this.#handle = arm(leftMs - now);
        else due();
      }, now);
    };
    this.#handle = arm(ms);
  }

  clear(): void {
    clearTimeout(this.#handle);
  }
}
