/** Owns which looks of an admin at a job of somebody else are news: one of each in ten minutes. Never writes them down. */
import type {JobId, UserName} from '../appliance/job.ts';

const everyMs = 10 * 60_000;
/** Of them are remembered; the oldest is forgotten first, and would be news again. */
const looksLimit = 1000;

export class Views {
  readonly #now: () => number;
  /** When a look was told, the oldest first. */
  readonly #told = new Map<string, number>();

  /** Milliseconds, from any beginning. */
  constructor(now: () => number) {
    this.#now = now;
  }

  isNews(admin: UserName, job: JobId): boolean {
    const key = `${admin} ${job}`;
    const now = this.#now();
    const told = this.#told.get(key);
    if (told !== undefined && now - told < everyMs) return false;
    this.#told.delete(key);
    this.#told.set(key, now);
    for (const [oldest] of this.#told) {
      if (this.#told.size <= looksLimit) break;
      this.#told.delete(oldest);
    }
    return true;
  }
}
