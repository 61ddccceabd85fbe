/**
 * Owns how fast something is taken from a process that may send without end: so much at once, so much a second, and
 * whoever is too fast waits. Never drops anything.
 */
import {setTimeout as wait} from 'node:timers/promises';

export interface PaceParts {
  readonly perSecond: number;
  /** How much may come at once. */
  readonly burst: number;
  /** Milliseconds since any fixed moment. */
  readonly now: () => number;
}

/** No wait is shorter: what comes meanwhile comes in one piece, and a piece costs us more than its bytes. */
const shortestWaitMs = 20;
/** No wait is longer, so that a clock that jumps does no harm. */
const longestWaitMs = 1000;
/** What a piece counts for at least. */
const leastBytes = 1024;

export class Pace {
  readonly #parts: PaceParts;
  readonly #opened = new AbortController();
  #left: number;
  #at: number;

  constructor(parts: PaceParts) {
    this.#parts = parts;
    this.#left = parts.burst;
    this.#at = parts.now();
  }

  /** Resolves when so much may be taken; more than a burst at once is taken as a debt that the next one waits for. */
  async take(amount: number): Promise<void> {
    const {perSecond} = this.#parts;
    this.#refill();
    this.#left -= amount;
    if (this.#left >= 0 || this.#opened.signal.aborted) return;
    const waitMs = Math.max(shortestWaitMs, Math.min(longestWaitMs, (-this.#left * 1000) / perSecond));
    await wait(waitMs, undefined, {signal: this.#opened.signal}).catch(() => {});
  }

  /** From now on nobody waits: the sender has ended, and what is left is little. */
  open(): void {
    this.#opened.abort();
  }

  #refill(): void {
    const {perSecond, burst, now} = this.#parts;
    const at = now();
    const passedMs = Math.min(longestWaitMs, Math.max(0, at - this.#at));
    this.#at = at;
    this.#left = Math.min(burst, this.#left + (passedMs * perSecond) / 1000);
  }
}

/** The chunks of a stream, as fast as that. */
export async function* paced(chunks: AsyncIterable<Buffer>, pace: Pace): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    await pace.take(Math.max(leastBytes, chunk.length));
    yield chunk;
  }
}
