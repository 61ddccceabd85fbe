/**
 * Owns how many bytes and jobs of each person there are, without going through all jobs. Told of every change, as the ledger
 * is. What a job's record says counts: what was swept out of a job that stays is still in the sum.
 */
import type {Job, JobState, UserName} from '../../appliance/job.ts';

export interface Kept {
  readonly sourceBytes: number;
  readonly outputBytes: number;
  readonly jobs: ReadonlyMap<JobState['is'], number>;
}

const nothing: Kept = {sourceBytes: 0, outputBytes: 0, jobs: new Map()};

export class KeptBook {
  readonly #kept = new Map<UserName, Kept>();

  of(owner: UserName): Kept {
    return this.#kept.get(owner) ?? nothing;
  }

  get owners(): readonly UserName[] {
    return [...this.#kept.keys()];
  }

  tell(was: Job | undefined, is: Job | undefined): void {
    if (was !== undefined) this.#count(was, -1);
    if (is !== undefined) this.#count(is, 1);
  }

  #count(job: Job, sign: 1 | -1): void {
    const {sourceBytes, outputBytes, jobs} = this.of(job.owner);
    const {is} = job.state;
    const counts = new Map(jobs).set(is, (jobs.get(is) ?? 0) + sign);
    if (counts.get(is) === 0) counts.delete(is);
    if (counts.size === 0) this.#kept.delete(job.owner);
    else
      this.#kept.set(job.owner, {
        sourceBytes: sourceBytes + sign * job.source.bytes,
        outputBytes: outputBytes + sign * outputBytesOf(job.state),
        jobs: counts,
      });
  }
}

/** In the trash it is all still there. */
function outputBytesOf(state: JobState): number {
  const done = state.is === 'deleted' ? state.was : state;
  return done?.is === 'done' ? done.outputs.reduce((sum, {bytes}) => sum + bytes, 0) : 0;
}
