/**
 * Owns handing entries on to those who follow the audit, once they are on disk. A follower who does not keep up is let go:
 * the audit waits for nobody, and holds no more than so many entries for each. Never reads a file.
 */
import type {AuditEntry} from './entry.ts';

/** Entries that may wait for one follower; a few hundred bytes each. */
const waitingLimit = 1000;

export class Tail {
  readonly #limit: number;
  readonly #followers = new Set<Follower>();

  constructor(limit = waitingLimit) {
    this.#limit = limit;
  }

  get followers(): number {
    return this.#followers.size;
  }

  tell(entries: readonly AuditEntry[]): void {
    for (const follower of this.#followers) follower.take(entries, this.#limit);
  }

  /** From this moment on, until it is disposed of. */
  listen(): Follower {
    const follower = new Follower(() => this.#followers.delete(follower));
    this.#followers.add(follower);
    return follower;
  }
}

export class Follower {
  readonly #leave: () => void;
  #waiting: AuditEntry[] = [];
  #isOver = false;
  #wake: () => void = () => {};

  constructor(leave: () => void) {
    this.#leave = leave;
  }

  take(entries: readonly AuditEntry[], limit: number): void {
    if (this.#isOver) return;
    if (this.#waiting.length + entries.length > limit) this[Symbol.dispose]();
    else this.#waiting.push(...entries);
    this.#wake();
  }

  /** What came since, at once or when something comes; null when it is over, by the signal or for being too slow. */
  async next(signal: AbortSignal): Promise<readonly AuditEntry[] | null> {
    while (this.#waiting.length === 0 && !this.#isOver && !signal.aborted) {
      const {promise, resolve} = Promise.withResolvers<void>();
      const wake = (): void => resolve();
      this.#wake = wake;
      signal.addEventListener('abort', wake);
      await promise;
      signal.removeEventListener('abort', wake);
    }
    if (this.#isOver || signal.aborted) return null;
    const entries = this.#waiting;
    this.#waiting = [];
    return entries;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#waiting = [];
    this.#leave();
  }
}
