/**
 * Owns what is counted and looked up about jobs without going through all of them: how many are in each state, which
 * may still move, which film is a job already. Built once from the store, then told of every change. Never changes one.
 */
import {canonical, type Digest, digestOfJson} from '../../appliance/digest.ts';
import {
  type At,
  isOver,
  type Job,
  type JobId,
  type JobOptions,
  type JobState,
  type UserName,
} from '../../appliance/job.ts';

import {KeptBook} from './kept.ts';
import {Tempo} from './tempo.ts';

export type Counts = Readonly<Record<JobState['is'], number>>;

const states: readonly JobState['is'][] = [
  ...(['queued', 'running', 'pausing', 'paused', 'stopping'] as const),
  ...(['done', 'failed', 'cancelled', 'set-aside', 'deleted'] as const),
];

export class JobLedger {
  /** What there is of each owner. */
  readonly kept = new KeptBook();
  readonly tempo = new Tempo();
  readonly #counts = new Map<JobState['is'], number>(states.map(state => [state, 0]));
  readonly #active = new Map<JobId, Job>();
  /**
   * By what is in the film: of other people, in other ways; or the same again, which failed, was handed in again, and
   * then somebody tried the first one again. Jobs as they are in the store, so that it costs next to nothing.
   */
  readonly #films = new Map<Digest, readonly Job[]>();
  readonly #waiting = new Map<UserName, number>();
  /** When the jobs of an owner came in, newest last; older ones are forgotten as they are asked for. */
  readonly #submitted = new Map<UserName, At[]>();

  constructor(jobs: Iterable<Job>) {
    const all = [...jobs].toSorted((a, b) => a.submitted - b.submitted);
    for (const job of all) this.tell(undefined, job);
  }

  /** Jobs that are not over. */
  get active(): ReadonlyMap<JobId, Job> {
    return this.#active;
  }

  get counts(): Counts {
    return Object.fromEntries(this.#counts) as Record<JobState['is'], number>;
  }

  /** A change, once it is stored; `was` is undefined for a new job, `is` for one that is gone. */
  tell(was: Job | undefined, is: Job | undefined): void {
    this.kept.tell(was, is);
    this.tempo.tell(is);
    if (was !== undefined) this.#count(was.state.is, -1);
    if (is !== undefined) this.#count(is.state.is, 1);
    const job = is ?? was;
    if (job === undefined) return;
    const waits = (isWaiting(is) ? 1 : 0) - (isWaiting(was) ? 1 : 0);
    if (waits !== 0) this.#waiting.set(job.owner, this.waitingOf(job.owner) + waits);
    if (is === undefined || isOver(is.state)) this.#active.delete(job.id);
    else this.#active.set(is.id, is);
    if (is !== undefined && holdsFilm(is)) this.#hold(is);
    else if (was !== undefined && holdsFilm(was)) this.#letGo(was);
    if (was === undefined && is !== undefined) this.#came(is);
  }

  /** The job that this film is already, of this owner and in this way; one that failed or was cancelled is none. */
  jobOf(owner: UserName, digest: Digest, options: JobOptions): JobId | undefined {
    const way = canonical({...options});
    const same = (job: Job): boolean => job.owner === owner && canonical({...job.options}) === way;
    return this.#films.get(digest)?.find(same)?.id;
  }

  /** How many jobs of an owner wait for their turn; a paused one keeps its place. */
  waitingOf(owner: UserName): number {
    return this.#waiting.get(owner) ?? 0;
  }

  /** When the jobs of an owner came in that came after a moment, oldest first. */
  submittedSince(owner: UserName, since: At): readonly At[] {
    const times = this.#submitted.get(owner) ?? [];
    const first = times.findIndex(at => at > since);
    // What is too old for this question is too old for every later one.
    const kept = first === -1 ? [] : first === 0 ? times : times.slice(first);
    if (kept.length === 0) this.#submitted.delete(owner);
    else this.#submitted.set(owner, kept);
    return kept;
  }

  #count(state: JobState['is'], by: number): void {
    this.#counts.set(state, (this.#counts.get(state) ?? 0) + by);
  }

  #hold(job: Job): void {
    const {digest} = job.source;
    const held = this.#films.get(digest) ?? [];
    const isKnown = held.some(({id}) => id === job.id);
    this.#films.set(digest, isKnown ? held.map(one => (one.id === job.id ? job : one)) : [...held, job]);
  }

  #letGo({id, source: {digest}}: Job): void {
    const rest = (this.#films.get(digest) ?? []).filter(one => one.id !== id);
    if (rest.length === 0) this.#films.delete(digest);
    else this.#films.set(digest, rest);
  }

  #came({owner, submitted}: Job): void {
    const times = this.#submitted.get(owner);
    if (times === undefined) this.#submitted.set(owner, [submitted]);
    else times.push(submitted);
  }
}

function holdsFilm({state}: Job): boolean {
  return state.is !== 'failed' && state.is !== 'cancelled' && state.is !== 'deleted';
}

function isWaiting(job: Job | undefined): boolean {
  return job?.state.is === 'queued' || job?.state.is === 'paused';
}

/** What makes two films one job: whose, what is in it, and how it is to be dubbed. */
export function filmOf(owner: UserName, digest: Digest, options: JobOptions): string {
  return `${owner} ${digest} ${digestOfJson({...options})}`;
}
