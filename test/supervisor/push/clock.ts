/** Owns time for the tests of push: it stands until it is moved. */
import type {After} from '../../../supervisor/push/ntfy.ts';

interface Timer {
  at: number;
  readonly ms: number;
  readonly run: () => void;
}

export class Clock {
  #now: number;
  readonly #timers = new Set<Timer>();
  readonly #waits = new Set<() => void>();

  constructor(now: number) {
    this.#now = now;
  }

  readonly now = (): number => this.#now;

  readonly after: After = (ms, run) => {
    const timer: Timer = {at: this.#now + ms, ms, run};
    this.#timers.add(timer);
    this.#look();
    return () => {
      this.#timers.delete(timer);
      this.#look();
    };
  };

  /** How many milliseconds from now something is to happen, soonest first. */
  get ahead(): readonly number[] {
    return [...this.#timers].map(({at}) => at - this.#now).sort((a, b) => a - b);
  }

  /** Resolves when something waits for exactly that long. */
  waitedFor(ms: number): Promise<void> {
    return this.#until(() => this.ahead.includes(ms));
  }

  /** Resolves when nothing is left that was to wait that long from its start. */
  noneOf(ms: number): Promise<void> {
    return this.#until(() => ![...this.#timers].some(timer => timer.ms === ms));
  }

  async #until(isSo: () => boolean): Promise<void> {
    if (isSo()) return;
    const {promise, resolve} = Promise.withResolvers<void>();
    const look = () => isSo() && resolve();
    this.#waits.add(look);
    await promise;
    this.#waits.delete(look);
  }

  #look(): void {
    for (const look of this.#waits) look();
  }

  /** Sets the clock, as an admin or a time server does: timers do not notice. */
  jump(ms: number): void {
    this.#now += ms;
    for (const timer of this.#timers) timer.at += ms;
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const timer of [...this.#timers].sort((a, b) => a.at - b.at)) {
      if (timer.at > this.#now) break;
      this.#timers.delete(timer);
      timer.run();
    }
  }
}
