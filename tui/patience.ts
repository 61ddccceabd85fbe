/** Owns how long a stream that broke off is waited for: as long as a restart of the daemon may take, not for ever. */
import type {ApiTrouble} from '../appliance/api/trouble.ts';
import {Hindered} from './trouble.ts';

/** All waits between two tries together. */
const limitMs = 120_000;

export class Patience {
  #waitedMs = 0;

  /** The connection is there again. */
  restore(): void {
    this.#waitedMs = 0;
  }

  /** True the first time, when it is worth a word. Throws Hindered when it has been too long, or `againMs` is null. */
  spend(trouble: ApiTrouble, againMs: number | null): boolean {
    const isFirst = this.#waitedMs === 0;
    this.#waitedMs += againMs ?? Number.POSITIVE_INFINITY;
    if (this.#waitedMs > limitMs) throw new Hindered({is: 'unanswered', trouble});
    return isFirst;
  }
}
