/** Owns things that come one by one and are told together, so that many of them cost one look. Bounded by time alone. */
export class Batch<T> {
  readonly #ms: number;
  readonly #tell: (things: readonly T[]) => void;
  #things: T[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number, tell: (things: readonly T[]) => void) {
    this.#ms = ms;
    this.#tell = tell;
  }

  add(thing: T): void {
    this.#things.push(thing);
    this.#timer ??= setTimeout(() => this.#turn(), this.#ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#things = [];
  }

  #turn(): void {
    const things = this.#things;
    this.#things = [];
    this.#timer = undefined;
    this.#tell(things);
  }
}
