/**
 * Owns which jobs run now: asks the scheduler whenever something changed, starts what it names, brings to rest what
 * people want at rest, and stores what each run came to. Never decides who may ask for what.
 */

import {setTimeout as wait} from 'node:timers/promises';
import type {Growing, Progress} from '../../appliance/api/shapes.ts';
import type {QueueMode} from '../../appliance/api/status.ts';
import {describe} from '../../appliance/failure.ts';
import {hasWorker, type Job, type JobId, type UserName} from '../../appliance/job.ts';
import {StoreTrouble} from '../../appliance/store/trouble.ts';
import type {Wait} from '../../appliance/wait.ts';
import type {Confined} from '../confine/confine.ts';
import {jobFolders} from '../folders.ts';
import type {JobDesk} from './desk.ts';
import {JobLog} from './job-log.ts';
import type {JobLedger} from './ledger.ts';
import {JobRun, type RunEnd, type RunPorts, type RunSetting} from './run.ts';
import {type Caps, type Machine, schedule} from './schedule.ts';

export interface DispatcherPorts {
  readonly ledger: JobLedger;
  readonly desk: JobDesk;
  /** Its files are going: it must not start meanwhile. */
  readonly isHeld: (id: JobId) => boolean;
  /** How many of an owner's may run; left out where the cap is the same for all. */
  readonly runningOf?: (owner: UserName) => number | null;
  /** What the machine has left at this moment. */
  readonly machine: () => Machine;
  readonly progressed: (job: Job, progress: Progress) => void;
  readonly stepped: RunPorts['stepped'];
  readonly spawned: (job: Job, pid: number) => void;
  /** After what it came to is stored. */
  readonly ended: (job: Job, end: RunEnd) => void;
  /** Something of ours failed; the job is as it was stored last. */
  readonly fault: (job: JobId, cause: unknown) => void;
}

export interface DispatcherSetting extends RunSetting {
  readonly caps: Caps;
}

/** Changes come in bursts: ten thousand files dropped at once are looked at a few times a second, not each. */
const gatherMs = 50;
/** What frees disk or memory tells nobody. */
const lookAgainMs = 15_000;
/** After a start that failed, or a change that could not be stored: so long, and longer each time, up to the above. */
const firstRestMs = 500;

interface Running {
  readonly run: JobRun;
  readonly log: JobLog;
  readonly ended: Promise<void>;
}

export class Dispatcher {
  readonly #setting: DispatcherSetting;
  readonly #ports: DispatcherPorts;
  readonly #running = new Map<JobId, Running>();
  readonly #awaited = new Map<JobId, Set<() => void>>();
  readonly #stopping = new AbortController();
  #mode: QueueMode;
  #waits: ReadonlyMap<JobId, Wait> = new Map();
  #look: {readonly timer: NodeJS.Timeout; readonly dueAt: number} | undefined;
  /** Starts that failed in a row, and when the next may be tried. */
  #failures = 0;
  #restsUntil = Number.NEGATIVE_INFINITY;
  #stopped: Promise<void> | undefined;

  constructor(setting: DispatcherSetting, ports: DispatcherPorts, mode: QueueMode) {
    this.#setting = setting;
    this.#ports = ports;
    this.#mode = mode;
  }

  get mode(): QueueMode {
    return this.#mode;
  }

  /** How many run. */
  get size(): number {
    return this.#running.size;
  }

  /** Why each queued job waits, as of the last look. */
  get waits(): ReadonlyMap<JobId, Wait> {
    return this.#waits;
  }

  /** Asks a job that runs for what can be watched meanwhile; null when it does not run. */
  previewOf(id: JobId): Growing | null {
    return this.#running.get(id)?.run.preview() ?? null;
  }

  progressOf(id: JobId): Progress | null {
    return this.#running.get(id)?.run.progress ?? null;
  }

  /** The log of a job that runs now; another one is read from its file. */
  logOf(id: JobId): JobLog {
    return this.#running.get(id)?.log ?? new JobLog(jobFolders(this.#setting.folders, id).log);
  }

  /** Resolves when the job has another log than before, or moved at all; or at the signal. */
  async next(id: JobId, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const {promise, resolve} = Promise.withResolvers<void>();
    const waiting = this.#awaited.get(id) ?? new Set();
    const wake = (): void => resolve();
    this.#awaited.set(id, waiting.add(wake));
    signal.addEventListener('abort', wake, {once: true});
    await promise;
    signal.removeEventListener('abort', wake);
    waiting.delete(wake);
    if (waiting.size === 0 && this.#awaited.get(id) === waiting) this.#awaited.delete(id);
  }

  /** Something changed: looks soon. */
  wake(): void {
    this.#lookIn(gatherMs);
  }

  setMode(mode: QueueMode): void {
    this.#mode = mode;
    this.wake();
  }

  /** A job is another than it was, in the store. */
  changed(job: Job): void {
    const running = this.#running.get(job.id);
    if (running !== undefined) {
      void running.log.append({is: 'state', at: this.#setting.now(), state: job.state.is});
      if (job.state.is === 'pausing' || job.state.is === 'stopping') running.run.stop();
    }
    this.#moved(job.id);
    this.wake();
  }

  /** Starts nothing more, and brings what runs to rest; resolves when all of that is stored. May be called twice. */
  stop(): Promise<void> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  async #end(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#look?.timer);
    const {desk} = this.#ports;
    const at = this.#setting.now();
    await Promise.allSettled([...this.#running.keys()].map(id => desk.happened(id, {is: 'shutdown', at})));
    for (const {run} of this.#running.values()) run.stop();
    await Promise.all([...this.#running.values()].map(({ended}) => ended));
  }

  #moved(id: JobId): void {
    const waiting = this.#awaited.get(id);
    this.#awaited.delete(id);
    for (const resolve of waiting ?? []) resolve();
  }

  /** The sooner of this and what was meant before: whoever wakes us all the time must not put it off for ever. */
  #lookIn(ms: number): void {
    if (this.#stopping.signal.aborted) return;
    const now = this.#setting.steady();
    const dueAt = Math.max(now + ms, this.#restsUntil);
    if (this.#look !== undefined && this.#look.dueAt <= dueAt) return;
    clearTimeout(this.#look?.timer);
    const timer = setTimeout(() => {
      this.#look = undefined;
      this.#startSome();
    }, dueAt - now);
    this.#look = {timer, dueAt};
  }

  #startSome(): void {
    const {ledger, machine, runningOf} = this.#ports;
    const {caps, now, steady} = this.#setting;
    if (steady() < this.#restsUntil) {
      this.#lookIn(0);
      return;
    }
    const planned = schedule({
      ...{jobs: this.#jobs(), now: now(), caps, machine: machine(), mode: this.#mode},
      ...(runningOf && {runningOf}),
    });
    this.#waits = planned.waits;
    for (const id of planned.start) {
      const job = ledger.active.get(id);
      if (job !== undefined) this.#start(job);
    }
    this.#lookIn(this.#nextLookMs());
  }

  /** One that is about to start takes its place already, and one whose files are going has none. */
  *#jobs(): Generator<Job> {
    const {ledger, isHeld} = this.#ports;
    for (const job of ledger.active.values()) {
      if (hasWorker(job.state)) yield job;
      else if (this.#running.has(job.id)) yield {...job, state: {is: 'running', since: 0, pid: 1}};
      else if (!isHeld(job.id)) yield job;
    }
  }

  /** A resting job is due at its moment. */
  #nextLookMs(): number {
    const {now} = this.#setting;
    let ms = lookAgainMs;
    for (const wait of this.#waits.values()) {
      if (wait.is === 'resting') ms = Math.min(ms, Math.max(gatherMs, wait.until - now()));
    }
    return ms;
  }

  #start(job: Job): void {
    const log = new JobLog(jobFolders(this.#setting.folders, job.id).log);
    const run = new JobRun(job, this.#setting, this.#portsOf(job, log));
    this.#running.set(job.id, {run, log, ended: this.#see(job.id, run, log)});
  }

  /** Sees a run to its end; never rejects. */
  async #see(id: JobId, run: JobRun, log: JobLog): Promise<void> {
    try {
      await this.#ended(id, await run.start(), log);
    } catch (cause) {
      this.#ports.fault(id, cause);
    }
    await log.close();
    this.#running.delete(id);
    // Whoever follows it finds that it is the log of the moment no more.
    log.wake();
    this.wake();
  }

  #portsOf(job: Job, log: JobLog): RunPorts {
    const {progressed, stepped} = this.#ports;
    return {
      log,
      stepped,
      progressed: progress => progressed(job, progress),
      started: (pid, confined) => this.#dispatched(job.id, pid, confined),
    };
  }

  /** False when it is not to run: a wish came between the look and this, or that it runs cannot be stored. */
  async #dispatched(id: JobId, pid: number, {isolation, lacks}: Confined): Promise<boolean> {
    const {desk, spawned, fault} = this.#ports;
    try {
      const job = await desk.dispatched(id, pid, {isolation, lacks: lacks.slice(0, 20)});
      if (job === undefined) return false;
      this.#failures = 0;
      spawned(job, pid);
      return true;
    } catch (cause) {
      fault(id, cause);
      this.#rest();
      return false;
    }
  }

  /** What fails for one job fails for most: the others are not sent after it at once. */
  #rest(): void {
    this.#failures += 1;
    this.#restsUntil = this.#setting.steady() + restMs(this.#failures);
  }

  async #ended(id: JobId, end: RunEnd, log: JobLog): Promise<void> {
    const {desk, ended} = this.#ports;
    const state = desk.get(id)?.state;
    // It was paused, cancelled or deleted before its process was told anything.
    if (state === undefined || (!hasWorker(state) && (state.is !== 'queued' || end.is === 'stopped'))) return;
    if ('failure' in end) void log.append({is: 'said', at: end.at, text: saidOf(end)});
    if (hasWorker(state)) {
      const job = await this.#keepStoring(id, () => desk.happened(id, end));
      if (job !== undefined) ended(job, end);
      return;
    }
    this.#rest();
    if (!('failure' in end)) throw new Error(`job ${id} ${end.is} before it was started`);
    const job = await this.#keepStoring(id, () => desk.notStarted(id, end.failure));
    if (job !== undefined) ended(job, end);
  }

  /** A disk is full when a job has filled it: what hours of work came to waits for room, or for the daemon's end. */
  async #keepStoring(id: JobId, store: () => Promise<Job | undefined>): Promise<Job | undefined> {
    const {signal} = this.#stopping;
    for (let tries = 1; ; tries++) {
      const isLast = signal.aborted;
      try {
        return await store();
      } catch (cause) {
        this.#ports.fault(id, cause);
        if (!(cause instanceof StoreTrouble) || isLast) return undefined;
      }
      await wait(restMs(tries), undefined, {signal}).catch(() => {});
    }
  }
}

/** Half a second, then twice as long each time, up to where one looks anyway. */
function restMs(failures: number): number {
  return Math.min(lookAgainMs, firstRestMs * 2 ** Math.min(10, failures - 1));
}

/** Why it did not come to its end, for whoever reads the log. */
function saidOf({failure}: Extract<RunEnd, {failure: unknown}>): string {
  const stderr = 'stderr' in failure ? failure.stderr.trimEnd() : '';
  return [stderr, describe(failure).what].filter(text => text !== '').join('\n');
}
