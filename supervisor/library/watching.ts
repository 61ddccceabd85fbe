/** Owns how far each person has watched each dub: one row for each, a bounded number of them. Never whether they may. */
import {z} from 'zod';
import {At, type Job, JobId, UserName} from '../../appliance/job.ts';
import type {Draft} from '../../appliance/store/draft.ts';
import type {BoxStore, BoxTables} from '../state.ts';

export const Watching = z.object({
  user: UserName,
  job: JobId,
  seconds: z.number().nonnegative(),
  duration: z.number().positive(),
  at: At,
});
export type Watching = z.infer<typeof Watching>;

/** Of one person; what was not looked at for longest is forgotten first. */
export const watchingLimit = 200;

export class Watches {
  readonly #store: BoxStore;

  constructor(store: BoxStore) {
    this.#store = store;
  }

  of(user: UserName, job: JobId): Watching | undefined {
    return this.#store.get('watching', keyOf(user, job));
  }

  /** What somebody has watched, the latest first. */
  by(user: UserName): readonly Watching[] {
    const own = [...this.#store.all('watching').values()].filter(row => row.user === user);
    return own.toSorted((a, b) => b.at - a.at);
  }

  /** Undefined when the job is gone. Throws StoreTrouble when it cannot be stored. */
  put(row: Watching): Promise<Watching | undefined> {
    return this.#store.commit(draft => {
      if (draft.get('jobs', row.job) === undefined) return undefined;
      const put = draft.put('watching', keyOf(row.user, row.job), row);
      const own = [...draft.all('watching')].filter(([, {user}]) => user === row.user);
      const old = own.toSorted(([, a], [, b]) => b.at - a.at).slice(watchingLimit);
      for (const [key] of old) draft.delete('watching', key);
      return put;
    });
  }
}

/** With a job goes what was watched of it. */
export function forgetWatching(draft: Draft<BoxTables>, {id}: Pick<Job, 'id'>): void {
  for (const [key, {job}] of [...draft.all('watching')]) if (job === id) draft.delete('watching', key);
}

function keyOf(user: UserName, job: JobId): string {
  return `${user}/${job}`;
}
