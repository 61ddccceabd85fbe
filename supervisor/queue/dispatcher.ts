/**
 * Owns which jobs run now: asks the scheduler whenever something changed, starts what it names, brings to rest what
 * people want at rest, and stores what each run came to. Never decides who may ask for what.
 */
import type {Progress} from '../../appliance/api/shapes.ts';
import type {QueueMode} from '../../appliance/api/status.ts';
import {hasWorker, type Job, type JobId} from '../../appliance/job.ts';
import {jobFolders} from '../folders.ts';
import type {JobDesk} from './desk.ts';
import {JobLog} from './job-log.ts';
import type {JobLedger} from './ledger.ts';
import {JobRun, type RunEnd, type RunPorts, type RunSetting} from './run.ts';
import type {Caps} from './schedule.ts';
import {type Machine, type Schedule, schedule} from './schedule.ts';
import type {Wait} from './waits.ts';

export interface DispatcherPorts {
  readonly ledger: JobLedger;
  readonly desk: JobDesk;
  /** Its files are going: it must not start meanwhile. */
  readonly isHeld: (id: JobId) => boolean;
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
  #mode: QueueMode;
  #waits: ReadonlyMap<JobId, Wait> = new Map();
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

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

  progressOf(id: JobId): Progress | null {
    return this.#running.get(id)?.run.progress ?? null;
  }

  /** The log of a job that runs now; another one is read from its file. */
  logOf(id: JobId): JobLog {
    return this.#running.get(id)?.log ?? new JobLog(jobFolders(this.#setting.folders, id).log);
  }

  /** Resolves when the job has another log than before, or moved at all. */
  next(id: JobId, signal: AbortSignal): Promise<void> {
    const {promise, resolve} = Promise.withResolvers<void>();
    const waiting = this.#awaited.get(id) ?? new Set();
    this.#awaited.set(id, waiting.add(resolve));
    signal.addEventListener('abort', () => resolve(), {once: true});
    return promise;
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
      running.log.append({is: 'state', at: this.#setting.now(), state: job.state.is});
      if (job.state.is === 'pausing' || job.state.is === 'stopping') running.run.stop();
    }
    this.#moved(job.id);
    this.wake();
  }

  /** Starts nothing more, and brings what runs to rest; resolves when all of that is stored. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
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

  #lookIn(ms: number): void {
    if (this.#isStopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), ms);
  }

  #look(): void {
    if (this.#isStopped) return;
    const {ledger, machine, isHeld} = this.#ports;
    const {caps, now} = this.#setting;
    const planned: Schedule = schedule({
      ...{jobs: ledger.active.values(), now: now(), caps, machine: machine(), mode: this.#mode},
    });
    this.#waits = planned.waits;
    for (const id of planned.start) {
      const job = ledger.active.get(id);
      if (job !== undefined && !this.#running.has(id) && !isHeld(id)) this.#start(job);
    }
    this.#lookIn(this.#nextLookMs());
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
    const ended = run
      .start()
      .then(end => this.#ended(job.id, end))
      .catch(cause => this.#ports.fault(job.id, cause))
      .finally(async () => {
        this.#running.delete(job.id);
        await log.close();
        this.wake();
      });
    this.#running.set(job.id, {run, log, ended});
  }

  #portsOf(job: Job, log: JobLog): RunPorts {
    const {desk, progressed, spawned, stepped} = this.#ports;
    return {
      log,
      stepped,
      progressed: progress => progressed(job, progress),
      started: async (pid, {isolation, lacks}) => {
        // A wish may have come between the look and the start.
        if (desk.get(job.id)?.state.is !== 'queued') {
          this.#running.get(job.id)?.run.stop();
          return;
        }
        const confinement = {isolation, lacks: lacks.slice(0, 20)};
        await desk.happened(job.id, {is: 'dispatched', at: this.#setting.now(), pid}, {confinement});
        spawned(job, pid);
      },
    };
  }

  async #ended(id: JobId, end: RunEnd): Promise<void> {
    const {desk, ended} = this.#ports;
    const job = desk.get(id);
    // It was paused, cancelled or deleted before its process was told anything.
    if (job === undefined || !hasWorker(job.state)) return;
    const said = 'failure' in end && 'stderr' in end.failure ? end.failure.stderr : '';
    if (said !== '') this.#running.get(id)?.log.append({is: 'said', at: end.at, text: said});
    ended(await desk.happened(id, end), end);
  }
}
