/**
 * Owns whether a film becomes a job: is it one already, may its owner have one more, and then the job itself. Never
 * moves a film; whoever brings it has put it into the job's folder, or is asked to.
 */
import {randomBytes} from 'node:crypto';
import {rm} from 'node:fs/promises';
import {type Job, JobId, type JobOptions, type UserName} from '../appliance/job.ts';
import {no, ok, type Result} from '../appliance/result.ts';
import type {SubmitAsk, Trouble} from '../web/box.ts';
import {titleOf} from '../web/show.ts';
import {type DataFolders, jobFolders} from './folders.ts';
import type {Claimed, Submitted} from './inbox/settle.ts';
import {takeIn} from './intake.ts';
import type {JobDesk} from './queue/desk.ts';
import type {JobLedger} from './queue/ledger.ts';
import {admit, type Caps} from './queue/schedule.ts';
import {describeQueueRefusal, type QueueRefusal} from './queue/waits.ts';

export interface AdmissionsParts {
  readonly folders: DataFolders;
  readonly desk: JobDesk;
  readonly ledger: JobLedger;
  readonly caps: Caps;
  /** For what nobody asked otherwise. */
  readonly options: JobOptions;
  readonly isDraining: () => boolean;
  readonly now: () => number;
}

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const dayMs = 86_400_000;

export class Admissions {
  readonly #parts: AdmissionsParts;
  /** Films whose jobs are being stored: two of the same at the same moment are still one. */
  readonly #coming = new Map<string, Promise<Job>>();

  constructor(parts: AdmissionsParts) {
    this.#parts = parts;
  }

  newId(): JobId {
    for (;;) {
      const id = JobId.parse([...randomBytes(10)].map(byte => alphabet[byte % 32]).join(''));
      if (this.#parts.desk.get(id) === undefined) return id;
    }
  }

  /** Why nothing more of this owner is taken now, in words; null when it is. Answers from memory. */
  room(owner: UserName): string | null {
    if (this.#parts.isDraining()) return 'The box is coming to rest and takes nothing more in.';
    const refusal = this.#refusal(owner);
    return refusal === null ? null : describeQueueRefusal(refusal, this.#parts.now());
  }

  /** A film that the inbox has claimed. Asked twice about one id it says the same. */
  async claimed({id, owner, options, source, sidecars}: Claimed): Promise<Submitted> {
    if (this.#parts.desk.get(id) !== undefined) return {is: 'queued', job: id};
    const known = await this.#known(owner, source.digest, options);
    if (known !== undefined)
      return {is: 'duplicate', of: known.id, title: titleOf(known), state: known.state.is};
    const full = this.room(owner);
    if (full !== null) return {is: 'wait', why: full};
    await this.#add(this.#jobOf({id, via: 'inbox', owner, options, source, sidecars, priority: 0}));
    return {is: 'queued', job: id};
  }

  /** A film that an admin of this box named. */
  async byPath(
    ask: SubmitAsk,
    signal: AbortSignal,
  ): Promise<Result<{readonly made: boolean; readonly job: Job}, Trouble>> {
    if (this.#parts.isDraining()) return no({reason: 'draining'});
    const refusal = this.#refusal(ask.owner);
    if (refusal !== null) return no(overCap(refusal, this.#parts.now()));
    const id = this.newId();
    const jobFolder = jobFolders(this.#parts.folders, id).root;
    const taken = await takeIn({path: ask.path, sidecars: ask.sidecars, jobFolder, signal});
    if (!taken.ok) return no({reason: 'failed', failure: taken.why});
    const {owner, priority} = ask;
    const options = withWishes(this.#parts.options, ask.options);
    const known = await this.#known(owner, taken.value.source.digest, options);
    if (known !== undefined) {
      await rm(jobFolder, {recursive: true, force: true});
      return ok({made: false, job: known});
    }
    try {
      const job = this.#jobOf({id, via: 'command', owner, options, priority, ...taken.value});
      return ok({made: true, job: await this.#add(job)});
    } catch (cause) {
      await rm(jobFolder, {recursive: true, force: true});
      throw cause;
    }
  }

  async #known(owner: UserName, digest: Job['source']['digest'], options: JobOptions) {
    const {ledger, desk} = this.#parts;
    const coming = this.#coming.get(keyOf(owner, digest, options));
    if (coming !== undefined) return coming.catch(() => undefined);
    const id = ledger.jobOf(owner, digest, options);
    return id === undefined ? undefined : desk.get(id);
  }

  async #add(job: Job): Promise<Job> {
    const key = keyOf(job.owner, job.source.digest, job.options);
    const added = this.#parts.desk.add(job);
    this.#coming.set(key, added);
    try {
      return await added;
    } finally {
      this.#coming.delete(key);
    }
  }

  #jobOf(
    given: Pick<Job, 'id' | 'via' | 'owner' | 'options' | 'source' | 'priority'> & {
      readonly sidecars: readonly string[];
    },
  ): Job {
    const now = this.#parts.now();
    const state = {is: 'queued', since: now, notBefore: null} as const;
    return {...given, sidecars: [...given.sidecars], submitted: now, lost: 0, confinement: null, state};
  }

  #refusal(owner: UserName): QueueRefusal | null {
    const {ledger, caps, now} = this.#parts;
    const answer = admit({
      ...{owner, now: now(), caps, queued: ledger.waitingOf(owner)},
      today: ledger.submittedSince(owner, now() - dayMs),
    });
    return answer.ok ? null : answer.why;
  }
}

function keyOf(owner: UserName, digest: string, options: JobOptions): string {
  return `${owner} ${digest} ${JSON.stringify(options)}`;
}

function withWishes(base: JobOptions, wishes: SubmitAsk['options']): JobOptions {
  const given = Object.entries(wishes).filter(([, value]) => value !== undefined);
  return {...base, ...Object.fromEntries(given)};
}

function overCap(refusal: QueueRefusal, now: number): Trouble {
  const used = refusal.reason === 'queued-cap' ? refusal.queued : refusal.submitted;
  return {reason: 'over-cap', what: describeQueueRefusal(refusal, now), used, allowed: refusal.cap};
}
