/**
 * Owns every change of a job: through `next`, into the store together with the push that it is worth, and only then
 * told to those who follow, to the audit and to whoever runs jobs. Never decides which job runs, never runs one.
 */
import type {AuditAction} from '../../appliance/audit/actions.ts';
import type {AuditRecord} from '../../appliance/audit/entry.ts';
import {type Job, type JobEvent, type JobId, next, type Wish, wishesFor} from '../../appliance/job.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import {freshPushId, type PushRow, pushOfJob} from '../push/row.ts';
import type {BoxStore} from '../state.ts';
import type {JobLedger} from './ledger.ts';

export interface DeskParts {
  readonly store: BoxStore;
  readonly ledger: JobLedger;
  readonly now: () => number;
  /** Whether pushes are wanted at all. */
  readonly pushes: boolean;
  readonly audit: (record: AuditRecord) => void;
  /** A job is another than it was. */
  readonly changed: (job: Job, was: Job | undefined) => void;
  /** Pushes were added. */
  readonly pushed: () => void;
}

export type DeskRefusal =
  | {readonly reason: 'no-such-job'}
  | {readonly reason: 'not-now'; readonly job: Job; readonly wish: Wish};

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
    const added = await this.#parts.store.commit(draft => {
      if (draft.get('jobs', job.id) !== undefined) throw new Error(`there is a job ${job.id} already`);
      return draft.put('jobs', job.id, job);
    });
    this.#record('job.submitted', added, {via: added.via, to: added.options.to, bytes: added.source.bytes});
    this.#tell(undefined, added);
    return added;
  }

  /** What a person asks of a job, if its state allows it at the moment it is stored. */
  async wish(id: JobId, wish: Wish): Promise<Result<Job, DeskRefusal>> {
    const {store, now} = this.#parts;
    const answer = await store.commit((draft): Result<readonly [Job, Job], DeskRefusal> => {
      const job = draft.get('jobs', id);
      if (job === undefined) return no({reason: 'no-such-job'});
      if (!wishesFor(job.state).includes(wish)) return no({reason: 'not-now', job, wish});
      return ok([job, draft.put('jobs', id, next(job, {is: wish, at: now()}))]);
    });
    if (!answer.ok) return answer;
    const [was, job] = answer.value;
    this.#tell(was, job);
    return ok(job);
  }

  async prioritise(id: JobId, priority: number): Promise<Result<Job, DeskRefusal>> {
    return this.#change(id, job => ({...job, priority}));
  }

  /** What became of a job; a push that it is worth is stored with it. */
  async happened(id: JobId, event: JobEvent, more: Partial<Pick<Job, 'confinement'>> = {}): Promise<Job> {
    const changed = await this.#change(id, job => ({...next(job, event), ...more}));
    if (!changed.ok) throw new Error(`there is no job ${id} that ${event.is}`);
    this.#recordEnd(changed.value);
    return changed.value;
  }

  /** Forgets a job whose files are gone. */
  async forget(id: JobId): Promise<void> {
    const {store} = this.#parts;
    const was = store.get('jobs', id);
    if (await store.commit(draft => draft.delete('jobs', id))) this.#parts.ledger.tell(was, undefined);
  }

  async #change(id: JobId, change: (job: Job) => Job): Promise<Result<Job, DeskRefusal>> {
    const {store, pushes} = this.#parts;
    let push: PushRow | undefined;
    const answer = await store.commit((draft): readonly [Job, Job] | undefined => {
      const job = draft.get('jobs', id);
      if (job === undefined) return undefined;
      const changed = draft.put('jobs', id, change(job));
      push = pushes && changed.state.is !== job.state.is ? pushOfJob(changed, freshPushId()) : undefined;
      if (push !== undefined) draft.put('pushes', push.id, push);
      return [job, changed];
    });
    if (answer === undefined) return no({reason: 'no-such-job'});
    const [was, job] = answer;
    this.#tell(was, job);
    if (push !== undefined) this.#parts.pushed();
    return ok(job);
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
