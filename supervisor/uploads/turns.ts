/**
 * Owns whose turn it is at one upload: one after another, and whoever comes has those before them told, so that one who
 * waits for a dead connection lets go. Never knows what is done in a turn.
 */
export class Turns {
  #last: Promise<void> = Promise.resolve();
  readonly #ahead = new Set<AbortController>();

  get isTaken(): boolean {
    return this.#ahead.size > 0;
  }

  /** The signal is aborted when somebody else comes. */
  async take<T>(work: (wanted: AbortSignal) => Promise<T>): Promise<T> {
    this.tell();
    const own = new AbortController();
    const over = Promise.withResolvers<void>();
    const before = this.#last;
    this.#ahead.add(own);
    this.#last = over.promise;
    try {
      await before;
      return await work(own.signal);
    } finally {
      this.#ahead.delete(own);
      over.resolve();
    }
  }

  /** Resolves when nobody is at it any more. */
  async end(): Promise<void> {
    this.tell();
    await this.#last;
  }

  tell(): void {
    for (const earlier of this.#ahead) earlier.abort();
  }
}
