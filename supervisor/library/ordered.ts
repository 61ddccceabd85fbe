/** Owns jobs sorted by one key, in two plain arrays so that ten thousand cost little. Never decides what the key is. */
import type {Job} from '../../appliance/job.ts';

/** Where a job stands: by its key, and by its id among those with the same. */
export interface Standing<K> {
  readonly key: K;
  readonly id: string;
}

export class Ordered<K extends number | string> {
  readonly #keyOf: (job: Job) => K;
  #keys: K[] = [];
  #jobs: Job[] = [];

  constructor(jobs: Iterable<Job>, keyOf: (job: Job) => K) {
    this.#keyOf = keyOf;
    const sorted = [...jobs].map(job => ({key: keyOf(job), id: job.id, job}));
    sorted.sort((a, b) => (isBefore(a, b) ? -1 : 1));
    this.#keys = sorted.map(({key}) => key);
    this.#jobs = sorted.map(({job}) => job);
  }

  standingOf(job: Job): Standing<K> {
    return {key: this.#keyOf(job), id: job.id};
  }

  /** `was` is undefined for what is new here, `is` for what is here no longer. */
  tell(was: Job | undefined, is: Job | undefined): void {
    const before = was === undefined ? undefined : this.standingOf(was);
    const after = is === undefined ? undefined : this.standingOf(is);
    if (is !== undefined && before !== undefined && before.key === after?.key) {
      this.#jobs[this.#placeOf(before)] = is;
      return;
    }
    if (before !== undefined) this.#remove(before);
    if (is !== undefined && after !== undefined) this.#add(is, after);
  }

  /** From the first on, or from behind `after`. What changes meanwhile may be missed: read it in one go. */
  *up(after: Standing<K> | null): Generator<Job> {
    for (const [, job] of this.entries(after)) yield job;
  }

  /** The same, with their keys. */
  *entries(after: Standing<K> | null): Generator<readonly [K, Job]> {
    for (let i = after === null ? 0 : this.#behind(after); i < this.#jobs.length; i++) {
      const key = this.#keys[i];
      const job = this.#jobs[i];
      if (key !== undefined && job !== undefined) yield [key, job];
    }
  }

  /** From the last down, or from before `after`. */
  *down(after: Standing<K> | null): Generator<Job> {
    for (let i = (after === null ? this.#jobs.length : this.#placeOf(after)) - 1; i >= 0; i--) {
      const job = this.#jobs[i];
      if (job !== undefined) yield job;
    }
  }

  #add(job: Job, standing: Standing<K>): void {
    const place = this.#placeOf(standing);
    // The newest go to the end, which moves nothing.
    this.#keys.splice(place, 0, standing.key);
    this.#jobs.splice(place, 0, job);
  }

  #remove(standing: Standing<K>): void {
    const place = this.#placeOf(standing);
    if (this.#jobs[place]?.id !== standing.id) return;
    this.#keys.splice(place, 1);
    this.#jobs.splice(place, 1);
  }

  #behind(standing: Standing<K>): number {
    const place = this.#placeOf(standing);
    return this.#jobs[place]?.id === standing.id ? place + 1 : place;
  }

  /** Of the first that does not come before it. */
  #placeOf(standing: Standing<K>): number {
    let [low, high] = [0, this.#jobs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const [key, job] = [this.#keys[middle], this.#jobs[middle]];
      if (key !== undefined && job !== undefined && isBefore({key, id: job.id}, standing)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isBefore<K extends number | string>(a: Standing<K>, b: Standing<K>): boolean {
  return a.key === b.key ? a.id < b.id : a.key < b.key;
}
