/**
 * Owns when the box is swept: some time after the start, then as often as the settings say. Never decides what goes.
 */
import {readFile} from 'node:fs/promises';
import {uptime} from 'node:os';
import type {AuditRecord} from '../appliance/audit/entry.ts';
import type {Settings} from '../appliance/config/settings.ts';
import type {At, Job, JobId} from '../appliance/job.ts';
import type {Log} from '../appliance/log.ts';
import {type DataFolders, jobFolders} from './folders.ts';
import type {JobDesk} from './queue/desk.ts';
import {sweepLimitsOf} from './setting.ts';
import type {Shelf} from './shelf.ts';
import type {BoxStore} from './state.ts';
import type {Choice} from './sweep/chosen.ts';
import {type ClockDoubt, type ClockReading, dayMs, describeDoubt} from './sweep/clock.ts';
import {isPastTrash, type Step} from './sweep/plan.ts';
import {ready} from './sweep/ready.ts';
import type {Trigger} from './sweep/receipt.ts';
import {Removal} from './sweep/removal.ts';
import {type Chosen, type PurgedFolder, type Rehearsal, Sweeper} from './sweep/sweeper.ts';
import {type Sum, totalOf} from './sweep/words.ts';

export interface SweepingGround {
  readonly settings: Settings;
  readonly folders: DataFolders;
  readonly store: BoxStore;
  readonly desk: JobDesk;
  readonly shelf: Shelf;
  /** Jobs whose files are going: they may not start meanwhile. */
  readonly held: Set<JobId>;
  /** True while a job is on its way back from the trash. */
  readonly isComingBack: (id: JobId) => boolean;
  /** Files of jobs are gone. */
  readonly swept: () => Promise<void>;
  readonly audit: (entry: AuditRecord) => void;
  readonly log: Log;
  readonly now: () => number;
}

export interface SweepingState {
  /** When it sweeps by itself; null before the start and after the end. */
  readonly next: At | null;
  readonly running: boolean;
  /** Why the last sweep took nothing. */
  readonly doubt: ClockDoubt | null;
  /** The last that took what was due. */
  readonly last: (Sum & {readonly at: At; readonly left: number}) | null;
}

/** What a start has to do goes first. */
const firstMs = 60_000;
const hourMs = 3_600_000;
/** The longest that a timer of Node takes, 24 days; one second more would end it at once. */
const longestTimerMs = 2 ** 31 - 1;

export class Sweeping {
  readonly #ground: SweepingGround;
  readonly #stopping = new AbortController();
  /** Deleted jobs with nothing on the shelf: what they had there is written in their folders, which go after that. */
  readonly #offShelf = new Set<JobId>();
  /** Jobs that are to go and have on the shelf what cannot be taken back now: theirs stays. */
  readonly #onShelf = new Set<JobId>();
  #making: Promise<Sweeper> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #isSweeping = false;
  #next: At | null = null;
  #doubt: ClockDoubt | null = null;
  #last: SweepingState['last'] = null;

  constructor(ground: SweepingGround) {
    this.#ground = ground;
  }

  start(): void {
    this.#turnIn(firstMs);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#next = null;
    clearTimeout(this.#timer);
    await this.#running;
  }

  /** Sweeps once, now; what goes wrong is in the log. */
  sweep(trigger: Extract<Trigger, 'schedule' | 'command'> = 'schedule'): Promise<void> {
    return this.#inTurn(async () => {
      this.#isSweeping = true;
      try {
        await this.#sweep(trigger);
      } finally {
        this.#isSweeping = false;
      }
    });
  }

  get state(): SweepingState {
    return {next: this.#next, running: this.#isSweeping, doubt: this.#doubt, last: this.#last};
  }

  /** What a sweep would do now. */
  async rehearse(): Promise<Rehearsal> {
    return (await this.#made()).rehearse(this.#stopping.signal);
  }

  /** Takes away all there is of a job that is not to come back, once what is being swept is. */
  purge(job: Job): Promise<PurgedFolder> {
    return this.#inTurn(() => this.#purge(job));
  }

  /** What a person chose, as steps: nothing of it is done. */
  async choose(choice: Choice, signal: AbortSignal): Promise<Chosen> {
    const sweeper = await this.#made();
    return sweeper.choose(choice, AbortSignal.any([signal, this.#stopping.signal]));
  }

  /** Takes away what was chosen, once what is being swept is. */
  carry(steps: readonly Step[]): Promise<PurgedFolder> {
    return this.#inTurn(() => this.#carry(steps));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#running.then(work);
    this.#running = done.then(
      () => {},
      () => {},
    );
    return done;
  }

  async #carry(steps: readonly Step[]): Promise<PurgedFolder> {
    const {desk, folders, swept} = this.#ground;
    const {signal} = this.#stopping;
    if (signal.aborted) return {receipts: [], files: 0, bytes: 0, left: steps.length};
    const sweeper = await this.#made();
    await using removal = new Removal(folders.root);
    const batches = ready(steps, {
      get: id => desk.get(id),
      giveUp: async (id, over) => {
        const given = await desk.giveUp(id, over);
        return given.ok ? given.value : undefined;
      },
      takeOffShelf: async id => {
        if (!(await this.#takeOffShelf(id))) this.#onShelf.add(id);
      },
      look: path => removal.look(path),
      signal,
    });
    this.#onShelf.clear();
    const purged = await sweeper.carry(batches, signal);
    this.#onShelf.clear();
    await swept();
    const deleted = new Set(
      steps.flatMap(({job, kind}) => (job !== null && kind === 'deleted' ? [job] : [])),
    );
    for (const id of deleted) {
      if (signal.aborted) break;
      if ((await removal.look(`jobs/${id}`)) === undefined) await this.#forget(id);
    }
    return purged;
  }

  async #purge(job: Job): Promise<PurgedFolder> {
    await this.#takeOffShelf(job.id);
    const sweeper = await this.#made();
    const purged = await sweeper.purge(job, this.#stopping.signal);
    await this.#ground.swept();
    const {left} = purged;
    if (left === 0 && !this.#stopping.signal.aborted) await this.#forget(job.id);
    return purged;
  }

  #turnIn(ms: number): void {
    if (this.#stopping.signal.aborted) return;
    const turn = async (): Promise<void> => {
      await this.sweep();
      // A doubt about the clock is over soon, or told again: not only the day after.
      this.#turnIn(this.#doubt !== null ? hourMs : this.#ground.settings.SWEEP_HOURS * hourMs);
    };
    const inMs = Math.min(ms, longestTimerMs);
    this.#next = this.#ground.now() + inMs;
    this.#timer = setTimeout(() => void turn(), inMs);
  }

  async #sweep(trigger: Trigger): Promise<void> {
    const {log, now} = this.#ground;
    if (this.#stopping.signal.aborted) return;
    try {
      await this.#clearShelf();
      const sweeper = await this.#made();
      const swept = await sweeper.sweep(trigger, this.#stopping.signal);
      this.#doubt = swept.is === 'waited' ? swept.doubt : null;
      if (swept.is === 'waited') {
        log.info({why: describeDoubt(swept.doubt)}, 'nothing was swept');
        return;
      }
      this.#last = {at: now(), ...totalOf(swept.sums), left: swept.left};
      log.info({...swept.sums, left: swept.left}, 'swept');
      await this.#clearAged();
      await this.#ground.swept();
    } catch (cause) {
      log.error({err: cause}, 'the sweep had a fault');
    }
  }

  async #made(): Promise<Sweeper> {
    this.#making ??= this.#make();
    return this.#making;
  }

  async #make(): Promise<Sweeper> {
    const {settings, folders, desk, held, isComingBack, audit, log, now} = this.#ground;
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    const clock = (): ClockReading => ({at: now(), upMs: uptime() * 1000, boot});
    return new Sweeper({
      ...{dataDir: folders.root, limits: sweepLimitsOf(settings), clock},
      jobs: {get: id => desk.get(id), deleted: () => this.#pastTrash()},
      hold: (id, over) => {
        const job = desk.get(id);
        const is = job === undefined || !('at' in job.state) ? null : job.state.at;
        if ((job !== undefined && is !== over) || this.#onShelf.has(id)) return undefined;
        if (job?.state.is === 'deleted' && (!this.#offShelf.has(id) || isComingBack(id))) return undefined;
        held.add(id);
        return {[Symbol.dispose]: () => held.delete(id)};
      },
      audit: async ({action, receipt, ...details}) =>
        audit({action, result: 'ok', object: `receipt:${receipt}`, details}),
      onEmptied: id =>
        void this.#forget(id).catch(cause => log.error({job: id, err: cause}, 'a job stays known')),
    });
  }

  /** What deleted jobs had put out for people goes with them, unless somebody changed it. */
  async #clearShelf(): Promise<void> {
    for (const id of [...this.#pastTrash()]) {
      if (this.#offShelf.has(id) || this.#stopping.signal.aborted) continue;
      await this.#takeOffShelf(id);
    }
  }

  /** False where it could not be. */
  async #takeOffShelf(id: JobId): Promise<boolean> {
    const {shelf, folders, log, desk, isComingBack} = this.#ground;
    if (isComingBack(id)) return false;
    try {
      const bytes = await shelf.remove(jobFolders(folders, id).root);
      if (desk.get(id)?.state.is === 'deleted') this.#offShelf.add(id);
      if (bytes > 0) log.info({job: id, bytes}, 'taken off the shelf');
      return true;
    } catch (cause) {
      log.error({job: id, err: cause}, 'a job has dubs on the shelf that cannot be taken away');
      return false;
    }
  }

  *#pastTrash(): Generator<JobId> {
    const {store, settings, now} = this.#ground;
    const {trash} = sweepLimitsOf(settings);
    for (const {id, state} of store.all('jobs').values()) if (isPastTrash(state, trash, now())) yield id;
  }

  /** What is past its days in the job's folder is so on the shelf. Only when the clock can be believed. */
  async #clearAged(): Promise<void> {
    const {store, shelf, folders, settings, audit, now, log} = this.#ground;
    const {outputs: days} = sweepLimitsOf(settings);
    if (days === null) return;
    for (const {id, state} of [...store.all('jobs').values()]) {
      if (this.#stopping.signal.aborted) return;
      if (state.is !== 'done' || state.at + days * dayMs > now()) continue;
      const bytes = await shelf.remove(jobFolders(folders, id).root);
      if (bytes === 0) continue;
      log.info({job: id, bytes}, 'past its days, taken off the shelf');
      audit({action: 'privacy.purge_done', result: 'ok', object: `job:${id}`, details: {bytes, days}});
    }
  }

  async #forget(id: JobId): Promise<void> {
    await this.#ground.desk.forget(id);
    this.#offShelf.delete(id);
  }
}
