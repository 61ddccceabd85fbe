/**
 * Owns whether a film becomes a job: is it one already, may its owner have one more, and then the job itself. Never
 * moves a film; whoever brings it has put it into the job's folder, or is asked to.
 */
import {randomBytes} from 'node:crypto';
import {mkdir, rm} from 'node:fs/promises';
import {basename} from 'node:path';
import {type Job, JobId, type UserName} from '../appliance/job.ts';
import {blankCard} from '../appliance/library/card.ts';
import {no, ok, type Result} from '../appliance/result.ts';
import type {SubmitAsk, Trouble} from '../web/box.ts';
import {titleOf} from '../web/show.ts';
import {type DataFolders, jobFolders} from './folders.ts';
import type {Claimed, Submitted} from './inbox/settle.ts';
import {takeIn} from './intake.ts';
import type {HomePresets} from './library/presets.ts';
import type {JobDesk} from './queue/desk.ts';
import {filmOf, type JobLedger} from './queue/ledger.ts';
import {admit, admitKept, type OwnCaps} from './queue/schedule.ts';
import {describeQueueRefusal, type QueueRefusal} from './queue/waits.ts';
import {moveIn} from './uploads/files.ts';

export interface AdmissionsParts {
  readonly folders: DataFolders;
  readonly desk: JobDesk;
  readonly ledger: JobLedger;
  /** Of one person. */
  readonly capsOf: (owner: UserName) => OwnCaps;
  /** What a film is dubbed by, under what was asked for it. */
  readonly presets: Pick<HomePresets, 'options'>;
  /** Whether what somebody brings is for everybody to see, unless they say otherwise. */
  readonly isShared: (owner: UserName) => boolean;
  readonly isDraining: () => boolean;
  readonly now: () => number;
}

/** Files that came whole, and what each is called beside the others. */
export interface Uploaded {
  readonly owner: UserName;
  readonly options: SubmitAsk['options'];
  readonly like: string | null;
  readonly priority: number;
  readonly source: Job['source'];
  readonly path: string;
  readonly sidecars: readonly {readonly path: string; readonly as: string}[];
  readonly signal: AbortSignal;
}

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const dayMs = 86_400_000;
const isComingToRest = 'The box is coming to rest and takes nothing more in.';

export class Admissions {
  readonly #parts: AdmissionsParts;
  /** Jobs that are being stored, by their films: two of the same at the same moment are still one. */
  readonly #coming = new Map<string, {readonly job: Job; readonly stored: Promise<Job>}>();

  constructor(parts: AdmissionsParts) {
    this.#parts = parts;
  }

  newId(): JobId {
    for (;;) {
      const id = JobId.parse([...randomBytes(10)].map(byte => alphabet[byte % 32]).join(''));
      if (this.#parts.desk.get(id) === undefined) return id;
    }
  }

  job(id: JobId): Job | undefined {
    return this.#parts.desk.get(id);
  }

  /** Why nothing more of this owner is taken now, in words; null when it is. Answers from memory. */
  room(owner: UserName): string | null {
    if (this.#parts.isDraining()) return isComingToRest;
    const refusal = this.#refusal(owner);
    return refusal === null ? null : describeQueueRefusal(refusal, this.#parts.now());
  }

  /** A film that the inbox has claimed. Asked twice about one id it says the same. */
  async claimed({id, owner, options, source, sidecars}: Claimed): Promise<Submitted> {
    if (this.#parts.desk.get(id) !== undefined) return {is: 'queued', job: id};
    if (this.#parts.isDraining()) return {is: 'wait', why: isComingToRest};
    const job = this.#jobOf({id, via: 'inbox', owner, options, source, sidecars, priority: 0});
    const added = await this.#add(job);
    if (!added.ok) return {is: 'wait', why: describeQueueRefusal(added.why, this.#parts.now())};
    const known = added.value;
    if (known.id === id) return {is: 'queued', job: id};
    return {is: 'duplicate', of: known.id, title: titleOf(known), state: known.state.is};
  }

  /**
   * A film that an admin of this box named; or, with a name to call it by, one of a folder that others look through: no
   * link is followed then, and nobody is told where it lies.
   */
  async byPath(
    ask: SubmitAsk,
    signal: AbortSignal,
    shownAs: string | null = null,
  ): Promise<Result<{readonly made: boolean; readonly job: Job}, Trouble>> {
    if (this.#parts.isDraining()) return no({reason: 'draining'});
    const settled = this.#parts.presets.options({...ask, fileName: basename(ask.path)}, ask.options);
    if (!settled.ok) return settled;
    const options = settled.value;
    // Asked before the film is copied as well: that may take minutes.
    const refusal = this.#refusal(ask.owner);
    if (refusal !== null) return no(overCap(refusal, this.#parts.now()));
    const id = this.newId();
    const jobFolder = jobFolders(this.#parts.folders, id).root;
    const taken = await takeIn({path: ask.path, sidecars: ask.sidecars, jobFolder, signal, shownAs});
    if (!taken.ok) return no({reason: 'failed', failure: taken.why});
    const {owner, priority} = ask;
    let isKept = false;
    try {
      signal.throwIfAborted();
      if (this.#parts.isDraining()) return no({reason: 'draining'});
      const added = await this.#add(
        this.#jobOf({id, via: 'command', owner, options, priority, ...taken.value}),
      );
      if (!added.ok) return no(overCap(added.why, this.#parts.now()));
      isKept = added.value.id === id;
      return ok({made: isKept, job: added.value});
    } finally {
      if (!isKept) await rm(jobFolder, {recursive: true, force: true});
    }
  }

  /** A film that was uploaded, in a new job's folder; it keeps its other name, for whoever brought it to take away. */
  async fromUpload(upload: Uploaded): Promise<Result<{readonly made: boolean; readonly job: Job}, Trouble>> {
    if (this.#parts.isDraining()) return no({reason: 'draining'});
    const settled = this.#parts.presets.options({...upload, fileName: upload.source.name}, upload.options);
    if (!settled.ok) return settled;
    const options = settled.value;
    const refusal = this.#refusal(upload.owner);
    if (refusal !== null) return no(overCap(refusal, this.#parts.now()));
    const id = this.newId();
    const {root, source: folder} = jobFolders(this.#parts.folders, id);
    const {owner, priority, source, sidecars, signal} = upload;
    let isKept = false;
    try {
      await mkdir(folder, {recursive: true, mode: 0o700});
      await moveIn(folder, [{path: upload.path, as: source.name}, ...sidecars], signal);
      const names = sidecars.map(({as}) => as);
      const added = await this.#add(
        this.#jobOf({id, via: 'upload', owner, options, priority, source, sidecars: names}),
      );
      if (!added.ok) return no(overCap(added.why, this.#parts.now()));
      isKept = added.value.id === id;
      return ok({made: isKept, job: added.value});
    } finally {
      if (!isKept) await rm(root, {recursive: true, force: true});
    }
  }

  /** The job that was made of the film, or the one that it is already; or why its owner may have no more. */
  async #add(job: Job): Promise<Result<Job, QueueRefusal>> {
    const {owner, source, options} = job;
    const film = filmOf(owner, source.digest, options);
    for (let coming = this.#coming.get(film); coming !== undefined; coming = this.#coming.get(film)) {
      const stored = await coming.stored.catch(() => undefined);
      if (stored !== undefined) return ok(stored);
    }
    // From here to where it is coming nothing is awaited: nobody gets in between.
    const {ledger, desk} = this.#parts;
    const known = ledger.jobOf(owner, source.digest, options);
    const there = known === undefined ? undefined : desk.get(known);
    if (there !== undefined) return ok(there);
    const refusal = this.#refusal(owner, source.bytes);
    if (refusal !== null) return no(refusal);
    const stored = desk.add(job);
    this.#coming.set(film, {job, stored});
    try {
      return ok(await stored);
    } finally {
      this.#coming.delete(film);
    }
  }

  #jobOf(
    given: Pick<Job, 'id' | 'via' | 'owner' | 'options' | 'source' | 'priority'> & {
      readonly sidecars: readonly string[];
    },
  ): Job {
    const now = this.#parts.now();
    const state = {is: 'queued', since: now, notBefore: null} as const;
    return {
      ...given,
      sidecars: [...given.sidecars],
      submitted: now,
      lost: 0,
      confinement: null,
      card: this.#parts.isShared(given.owner) ? {...blankCard, visibility: 'shared'} : null,
      state,
    };
  }

  /** `bytes` are those of the film, where that is known. */
  #refusal(owner: UserName, bytes = 1): QueueRefusal | null {
    const {ledger, capsOf, now} = this.#parts;
    const caps = capsOf(owner);
    const coming = [...this.#coming.values()].filter(
      ({job}) => job.owner === owner && !ledger.active.has(job.id),
    );
    const answer = admit({
      ...{owner, now: now(), caps, queued: ledger.waitingOf(owner) + coming.length},
      // Asked for each of ten thousand films: not gone through where nobody counts it.
      today:
        caps.dailyPerUser === null
          ? []
          : [...ledger.submittedSince(owner, now() - dayMs), ...coming.map(({job}) => job.submitted)],
    });
    if (!answer.ok) return answer.why;
    const {sourceBytes, outputBytes} = ledger.kept.of(owner);
    const arriving = coming.reduce((sum, {job}) => sum + job.source.bytes, 0);
    const kept = admitKept(owner, {kept: sourceBytes + outputBytes + arriving, bytes, cap: caps.keptPerUser});
    return kept.ok ? null : kept.why;
  }
}

function overCap(refusal: QueueRefusal, now: number): Trouble {
  return {
    reason: 'over-cap',
    what: describeQueueRefusal(refusal, now),
    used: usedOf(refusal),
    allowed: refusal.cap,
  };
}

function usedOf(refusal: QueueRefusal): number {
  if (refusal.reason === 'kept-cap') return refusal.kept;
  return refusal.reason === 'queued-cap' ? refusal.queued : refusal.submitted;
}
