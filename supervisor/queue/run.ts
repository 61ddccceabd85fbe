/**
 * Owns one run of one job: what its process is asked, what is heard of it and written down, where its dub is put, and
 * the one event that it comes to. Never decides whether a job may run, and never stores its state.
 */
import {statfs} from 'node:fs/promises';
import type {Growing, Progress} from '../../appliance/api/shapes.ts';
import {Failed, type Failure, Refusal} from '../../appliance/failure.ts';
import type {Job, JobEvent} from '../../appliance/job.ts';
import {unreachable} from '../../appliance/result.ts';
import type {Output} from '../../appliance/wire.ts';
import type {Confined} from '../confine/confine.ts';
import type {Limits} from '../confine/limits.ts';
import {type DataFolders, jobFolders, type OrderLimits, orderOf} from '../folders.ts';
import {type Ending, type Heard, type JobProcessLimits, runJobProcess} from '../job-process.ts';
import type {Shelf} from '../shelf.ts';
import type {JobLog} from './job-log.ts';

export interface RunSetting {
  readonly folders: DataFolders;
  readonly shelf: Shelf;
  readonly orders: OrderLimits;
  readonly resources: Limits;
  readonly limits: JobProcessLimits;
  readonly confine: (job: Job) => Confined;
  readonly now: () => number;
  /** Milliseconds that never jump. */
  readonly steady: () => number;
}

export interface RunPorts {
  readonly log: JobLog;
  /** Awaited before the process is told what to do: by then the job is stored as running. False calls it off. */
  readonly started: (pid: number, confined: Confined) => Promise<boolean>;
  readonly progressed: (progress: Progress) => void;
  /** A step of the pipeline ended. */
  readonly stepped: (step: Extract<Heard, {is: 'finished'}>) => void;
}

/** Ends a process that was never told what to do. */
class CalledOff extends Error {}

export type RunEnd = Extract<JobEvent, {is: 'stopped' | 'finished' | 'failed' | 'lost'}>;

export class JobRun {
  readonly #job: Job;
  readonly #setting: RunSetting;
  readonly #ports: RunPorts;
  readonly #stop = new AbortController();
  readonly #previewWanted = Promise.withResolvers<void>();
  #progress: Progress | null = null;
  #preview: Growing = {seconds: null, trouble: null};
  #ended: Promise<RunEnd> | undefined;

  constructor(job: Job, setting: RunSetting, ports: RunPorts) {
    this.#job = job;
    this.#setting = setting;
    this.#ports = ports;
  }

  get progress(): Progress | null {
    return this.#progress;
  }

  /** Asks for what can be watched meanwhile, and says how far that is. */
  preview(): Growing {
    this.#previewWanted.resolve();
    return this.#preview;
  }

  /** Runs it to its end; never rejects. */
  start(): Promise<RunEnd> {
    this.#ended ??= this.#run();
    return this.#ended;
  }

  /** Brings it to rest: what is finished is kept, and the next run goes on from there. May be called twice. */
  stop(): void {
    this.#stop.abort();
  }

  async #run(): Promise<RunEnd> {
    const {now} = this.#setting;
    try {
      return await this.#concluded(await this.#process());
    } catch (cause) {
      if (cause instanceof CalledOff) return {is: 'stopped', at: now()};
      if (cause instanceof Failed) return {is: 'failed', at: now(), failure: cause.failure};
      const detail = cause instanceof Error ? cause.message : String(cause);
      return {is: 'lost', at: now(), failure: {reason: 'bug', detail: detail.slice(0, 4000)}};
    }
  }

  #process(): Promise<Ending> {
    const {folders, orders, confine, limits, resources, steady} = this.#setting;
    const confined = confine(this.#job);
    return runJobProcess({
      command: {v: 1, do: 'dub', order: orderOf(this.#job, folders, orders)},
      ...{confined, resources, limits, now: steady, signal: this.#stop.signal},
      previewWanted: this.#previewWanted.promise,
      stderrPath: jobFolders(folders, this.#job.id).stderr,
      started: async pid => {
        if (!(await this.#ports.started(pid, confined))) throw new CalledOff();
      },
      hear: event => this.#hear(event),
    });
  }

  /** The process waits while a line is written: what it says never piles up here. */
  async #hear(event: Heard): Promise<void> {
    const {log, progressed, stepped} = this.#ports;
    if (event.is === 'progress') {
      const {stage, done, secondsLeft} = event;
      this.#progress = {stage: stage.slice(0, 200), done, secondsLeft};
      progressed(this.#progress);
      return;
    }
    if (event.is === 'preview') {
      const {seconds, trouble} = event;
      this.#preview = {seconds, trouble};
      return;
    }
    if (event.is === 'finished') stepped(event);
    await log.append({is: 'event', at: this.#setting.now(), event});
  }

  async #concluded(ending: Ending): Promise<RunEnd> {
    const at = this.#setting.now();
    switch (ending.is) {
      case 'done':
        return {
          ...{is: 'finished', at, summary: ending.summary, filmSeconds: ending.filmSeconds},
          outputs: await this.#place(ending.outputs),
        };
      case 'stopped':
        return {is: 'stopped', at};
      case 'failed':
        // It was asked to stop, and said so itself.
        if (ending.failure.reason === 'stopped') return {is: 'stopped', at};
        return {is: 'failed', at, failure: ending.failure};
      case 'lost':
        return {is: 'lost', at, failure: ending.failure};
      default:
        return unreachable(ending);
    }
  }

  /** A dub that cannot be put out is made all the same: the job keeps it, and a retry costs a second. */
  async #place(outputs: readonly Output[]): Promise<Output[]> {
    const {shelf, folders} = this.#setting;
    const jobFolder = jobFolders(folders, this.#job.id).root;
    try {
      return await shelf.place({owner: this.#job.owner, outputs, jobFolder});
    } catch (cause) {
      throw new Failed(await shelfFailure(shelf.folder, outputs, cause), {cause});
    }
  }
}

async function shelfFailure(path: string, outputs: readonly Output[], cause: unknown): Promise<Failure> {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const neededBytes = outputs.reduce((sum, {bytes}) => sum + bytes, 0);
    const free = await statfs(path).catch(() => undefined);
    const freeBytes = free === undefined ? 0 : free.bavail * free.bsize;
    return {reason: 'disk-full', path, neededBytes, freeBytes};
  }
  const plain = typeof code === 'string' ? shelfWords[code] : undefined;
  const detail = plain ?? (cause instanceof Error ? cause.message : String(cause));
  return {reason: 'not-writable', path, detail: detail.slice(0, 2000)};
}

const shelfWords: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there, so make it or mount it; the dub is kept, and a retry puts it out',
  ENOTDIR: 'the folder of the owner in it is a link or no folder, so put a folder in its place and retry',
  ELOOP: 'the folder of the owner in it is a link, so put a folder in its place and retry',
};

/** True when the film is at fault, so that its file goes back to where it came from. */
export function isRefusal(failure: Failure): boolean {
  return (
    Refusal.safeParse(failure).success && failure.reason !== 'disk-full' && failure.reason !== 'not-writable'
  );
}
