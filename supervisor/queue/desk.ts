/**
 * Owns every change of a job: through `next`, into the store together with the push that it is worth, and only then
 * told to those who follow, to the audit and to whoever runs jobs. Never decides which job runs, never runs one.
 */
import type {AuditAction} from '../../appliance/audit/actions.ts';
import type {AuditRecord} from '../../appliance/audit/entry.ts';
import type {Failure} from '../../appliance/failure.ts';
import {
  type At,
  isOver,
  type Job,
  type JobEvent,
  type JobId,
  next,
  type Wish,
  wishesFor,
} from '../../appliance/job.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import type {Draft} from '../../appliance/store/draft.ts';
import {StoreTrouble} from '../../appliance/store/trouble.ts';
import {forgetWatching} from '../library/watching.ts';
import {freshPushId, type PushRow, pushOfJob} from '../push/row.ts';
import type {BoxStore, BoxTables} from '../state.ts';
import {overSince} from '../sweep/plan.ts';
import type {JobLedger} from './ledger.ts';

export interface DeskParts {
  readonly store: BoxStore;
  readonly ledger: JobLedger;
  readonly now: () => number;
  /** Whether its owner wants pushes. */
  readonly pushes: (owner: Job['owner']) => boolean;
  readonly audit: (record: AuditRecord) => void;
  /** A job is another than it was. */
  readonly changed: (job: Job, was: Job | undefined) => void;
  /** A job is known no more. */
  readonly gone: (job: Job) => void;
  /** Pushes were added. */
  readonly pushed: () => void;
  /** A change was asked for and not made, as it could not be stored; whoever asked hears of it as well. */
  readonly notStored: (trouble: StoreTrouble) => void;
}

export type DeskRefusal =
  | {readonly reason: 'no-such-job'}
  | {readonly reason: 'not-now'; readonly job: Job; readonly wish: Wish | 'purge'};

export class JobDesk {
  readonly #parts: DeskParts;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  get(id: JobId): Job | undefined {
    return this.#parts.store.get('jobs', id);
  }

  /** Takes a new job in. Throws StoreTrouble when that cannot be stored. */
  async add(job: Job): Promise<Job> {
    const added = await this.#commit(draft => {
      if (draft.get('jobs', job.id) !== undefined) throw new Error(`there is a job ${job.id} already`);
      return draft.put('jobs', job.id, job);
    });
    this.#record('job.submitted', added, {via: added.via, to: added.options.to, bytes: added.source.bytes});
    this.#tell(undefined, added);
    return added;
  }

  /** What a person asks of a job, if its state allows it at the moment it is stored. */
  wish(id: JobId, wish: Wish): Promise<Result<Job, DeskRefusal>> {
    return this.#asked(id, wish, ({state}) => wishesFor(state).includes(wish));
  }

  /** It is not to come back. With `over`, only if it was over then and nothing has happened to it since. */
  giveUp(id: JobId, over?: At): Promise<Result<Job, DeskRefusal>> {
    return this.#asked(
      id,
      'purge',
      job => isOver(job.state) && (over === undefined || overSince(job) === over),
    );
  }

  /** Writes on a job's card; the state stays what it is. */
  async write(
    id: JobId,
    write: (card: Job['card'], now: number) => Job['card'],
  ): Promise<Result<Job, DeskRefusal>> {
    const job = await this.#change(id, job => ({...job, card: write(job.card, this.#parts.now())}));
    return job === undefined ? no({reason: 'no-such-job'}) : ok(job);
  }

  async #asked(
    id: JobId,
    wish: Wish | 'purge',
    isAllowed: (job: Job) => boolean,
  ): Promise<Result<Job, DeskRefusal>> {
    const {now} = this.#parts;
    const answer = await this.#commit((draft): Result<readonly [Job, Job], DeskRefusal> => {
      const job = draft.get('jobs', id);
      if (job === undefined) return no({reason: 'no-such-job'});
      if (!isAllowed(job)) return no({reason: 'not-now', job, wish});
      return ok([job, draft.put('jobs', id, next(job, {is: wish, at: now()}))]);
    });
    if (!answer.ok) return answer;
    const [was, job] = answer.value;
    this.#tell(was, job);
    return ok(job);
  }

  async prioritise(id: JobId, priority: number): Promise<Result<Job, DeskRefusal>> {
    const job = await this.#change(id, job => ({...job, priority}));
    return job === undefined ? no({reason: 'no-such-job'}) : ok(job);
  }

  /** Its process is there and waits; undefined when it is not to run any more, as somebody has asked for else. */
  dispatched(id: JobId, pid: number, confinement: NonNullable<Job['confinement']>): Promise<Job | undefined> {
    const at = this.#parts.now();
    return this.#change(id, job =>
      job.state.is === 'queued' ? {...next(job, {is: 'dispatched', at, pid}), confinement} : undefined,
    );
  }

  /** Its process could not even be started: that counts like one that was lost at once. */
  notStarted(id: JobId, failure: Failure): Promise<Job | undefined> {
    const at = this.#parts.now();
    return this.#change(id, job => {
      if (job.state.is !== 'queued') return undefined;
      // The state between is never seen: there was no process, so its number does not matter.
      return next(next(job, {is: 'dispatched', at, pid: 1}), {is: 'lost', at, failure});
    });
  }

  /** What became of a job; a push that it is worth is stored with it. */
  async happened(id: JobId, event: JobEvent): Promise<Job> {
    const changed = await this.#change(id, job => next(job, event));
    if (changed === undefined) throw new Error(`there is no job ${id} that ${event.is}`);
    return changed;
  }

  /** Forgets a job whose files are gone. */
  async forget(id: JobId): Promise<void> {
    const was = await this.#commit(draft => {
      const job = draft.get('jobs', id);
      draft.delete('jobs', id);
      forgetWatching(draft, {id});
      return job;
    });
    if (was === undefined) return;
    this.#parts.ledger.tell(was, undefined);
    this.#parts.gone(was);
  }

  /** Undefined when there is no such job, or `change` makes nothing of it. */
  async #change(id: JobId, change: (job: Job) => Job | undefined): Promise<Job | undefined> {
    const {pushes, pushed} = this.#parts;
    let push: PushRow | undefined;
    const answer = await this.#commit((draft): readonly [Job, Job] | undefined => {
      const job = draft.get('jobs', id);
      const changed = job === undefined ? undefined : change(job);
      if (job === undefined || changed === undefined) return undefined;
      const put = draft.put('jobs', id, changed);
      push = put.state.is !== job.state.is && pushes(put.owner) ? pushOfJob(put, freshPushId()) : undefined;
      if (push !== undefined) draft.put('pushes', push.id, push);
      return [job, put];
    });
    if (answer === undefined) return undefined;
    const [was, job] = answer;
    if (job.state.is !== was.state.is) this.#recordEnd(job);
    this.#tell(was, job);
    if (push !== undefined) pushed();
    return job;
  }

  async #commit<R>(change: (draft: Draft<BoxTables>) => R): Promise<R> {
    try {
      return await this.#parts.store.commit(change);
    } catch (cause) {
      if (cause instanceof StoreTrouble) this.#parts.notStored(cause);
      throw cause;
    }
  }

  #tell(was: Job | undefined, job: Job): void {
    this.#parts.ledger.tell(was, job);
    this.#parts.changed(job, was);
  }

  #recordEnd(job: Job): void {
    const {state} = job;
    if (state.is === 'done') this.#record('job.finished', job, {seconds: state.seconds});
    if (state.is === 'failed') this.#record('job.failed', job, {reason: state.failure.reason}, 'failed');
    if (state.is === 'set-aside') this.#record('job.set_aside', job, {lost: job.lost}, 'failed');
  }

  #record(
    action: AuditAction,
    job: Job,
    details: Readonly<Record<string, unknown>>,
    result: AuditRecord['result'] = 'ok',
  ): void {
    this.#parts.audit({action, result, object: `job:${job.id}`, user: job.owner, details});
  }
}
