/**
 * Owns who starts next, and for all others the reason why not. Never starts anything, never looks at the machine: it is
 * told what there is.
 *
 * Higher priority goes first; within one, who came first. The rules of passing by:
 *  - who rests after a lost worker, or whose owner has as many running as he may, is passed by: it is his own doing;
 *  - so is who needs what this machine does not have even when nothing else runs: others would wait for ever;
 *  - who waits for a graphics card is passed by those that need none;
 *  - who waits for anything else that running jobs hold is passed by nobody. Without this a large job would starve behind
 *    an endless row of small ones.
 *
 * One pass over the jobs, and a sort of the queued ones: O(n + q log q), O(n) when they come in order already. Leave out
 * jobs that are over, where there is an index: they are only passed over here.
 */

import {type At, hasWorker, type Job, type JobId, type UserName} from '../../appliance/job.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import type {Wait} from '../../appliance/wait.ts';
import type {QueueRefusal, Shortage} from './waits.ts';

/** Null is no limit. */
export interface Caps {
  readonly running: number;
  readonly runningPerUser: number | null;
  readonly queuedPerUser: number | null;
  readonly dailyPerUser: number | null;
}

/** Of one person: an admin may have given them more or less than everybody has. */
export interface OwnCaps extends Pick<Caps, 'queuedPerUser' | 'dailyPerUser'> {
  /** Bytes of films and finished files. */
  readonly keptPerUser: number | null;
}

interface Bytes {
  readonly totalBytes: number;
  /** As measured, with what runs running. */
  readonly freeBytes: number;
}

export interface Machine {
  readonly processorSlots: number;
  readonly memory: Bytes;
  /** Null when there is no card that can be used. */
  readonly gpu: Bytes | null;
  readonly disk: {
    readonly freeBytes: number;
    /** Never to be touched by a job that starts. */
    readonly minimumBytes: number;
  };
  /** A folder that every job needs and that is not there. */
  readonly away: string | null;
}

/** What one job is going to use, at most. */
export interface Needs {
  readonly processorSlots: number;
  readonly memoryBytes: number;
  readonly gpuBytes: number;
  readonly diskBytes: number;
}

export type QueueMode = 'running' | 'paused' | 'draining';

export interface Queue {
  readonly jobs: Iterable<Job>;
  readonly now: At;
  readonly caps: Caps;
  readonly machine: Machine;
  readonly mode: QueueMode;
  readonly needsOf?: (job: Job) => Needs;
  /** Where not everybody may have as many running. */
  readonly runningOf?: (owner: UserName) => number | null;
}

export interface Schedule {
  /** In the order in which they are to start. */
  readonly start: readonly JobId[];
  /** For every other queued job. */
  readonly waits: ReadonlyMap<JobId, Wait>;
}

/** The work of a dub and its two films stay below 2.5 times the source; a short film has a floor. */
const diskTimesSource = 2.5;
export const diskFloorBytes = 200e6;
/** The job process with the largest of its tools beside it. */
const memoryBytes = 700e6;

export function needsOf({source}: Job): Needs {
  return {
    processorSlots: 1,
    memoryBytes,
    gpuBytes: 0,
    diskBytes: Math.max(diskFloorBytes, source.bytes * diskTimesSource),
  };
}

export function schedule(queue: Queue): Schedule {
  const queued: Job[] = [];
  const room = new Room(queue);
  for (const job of queue.jobs) {
    if (job.state.is === 'queued') queued.push(job);
    else if (hasWorker(job.state)) room.holds(job);
  }
  queued.sort(byTurn);
  const start: JobId[] = [];
  const waits = new Map<JobId, Wait>();
  for (const job of queued) {
    const wait = room.take(job);
    if (wait === undefined) start.push(job.id);
    else waits.set(job.id, wait);
  }
  return {start, waits};
}

/** Who starts first; the id decides between two that came in the same millisecond. */
function byTurn(a: Job, b: Job): number {
  return b.priority - a.priority || a.submitted - b.submitted || (a.id < b.id ? -1 : a.id === b.id ? 0 : 1);
}

/** What is left of the machine and of the caps while jobs are asked one after another. */
class Room {
  readonly #queue: Queue;
  readonly #needsOf: (job: Job) => Needs;
  readonly #runningOf = new Map<UserName, number>();
  #running = 0;
  /** Held by jobs that run already, and by those that are about to start. */
  #held: Needs = {processorSlots: 0, memoryBytes: 0, gpuBytes: 0, diskBytes: 0};
  #starting: Needs = {processorSlots: 0, memoryBytes: 0, gpuBytes: 0, diskBytes: 0};
  /** Jobs that go before whoever comes now. */
  #ahead = 0;
  #closed = false;
  #gpuClosed = false;

  constructor(queue: Queue) {
    this.#queue = queue;
    this.#needsOf = queue.needsOf ?? needsOf;
  }

  holds(job: Job): void {
    this.#held = sum(this.#held, this.#needsOf(job));
    this.#count(job);
  }

  /** Undefined when it starts. */
  take(job: Job): Wait | undefined {
    const wait = this.#forbidden() ?? this.#ownReason(job) ?? this.#turn() ?? this.#shortage(job);
    if (wait !== undefined) return wait;
    this.#starting = sum(this.#starting, this.#needsOf(job));
    this.#count(job);
    return undefined;
  }

  #count({owner}: Job): void {
    this.#running++;
    this.#runningOf.set(owner, (this.#runningOf.get(owner) ?? 0) + 1);
  }

  #forbidden(): Wait | undefined {
    const {mode, machine} = this.#queue;
    if (mode !== 'running') return {is: mode === 'paused' ? 'queue-paused' : 'draining'};
    return machine.away === null ? undefined : {is: 'folder-away', path: machine.away};
  }

  #ownReason({state, owner, lost}: Job): Wait | undefined {
    const until = state.is === 'queued' ? state.notBefore : null;
    if (until !== null && until > this.#queue.now) return {is: 'resting', until, lost};
    const {caps, runningOf} = this.#queue;
    const cap = runningOf === undefined ? caps.runningPerUser : runningOf(owner);
    const running = this.#runningOf.get(owner) ?? 0;
    return cap !== null && running >= cap ? {is: 'owner-cap', running, cap} : undefined;
  }

  #turn(): Wait | undefined {
    return this.#closed || this.#running >= this.#queue.caps.running ? this.#behind() : undefined;
  }

  #behind(): Wait {
    return {is: 'behind', ahead: this.#ahead++, running: this.#running};
  }

  #shortage(job: Job): Wait | undefined {
    const needs = this.#needsOf(job);
    if (needs.gpuBytes > 0 && this.#gpuClosed) return this.#behind();
    const wait = this.#processors(needs) ?? this.#memory(needs) ?? this.#disk(needs) ?? this.#gpu(needs);
    if (wait === undefined || !isHeldByOthers(wait)) return wait;
    if (wait.is === 'gpu') this.#gpuClosed = true;
    else this.#closed = true;
    this.#ahead++;
    return wait;
  }

  #processors({processorSlots: neededSlots}: Needs): Wait | undefined {
    const mostSlots = this.#queue.machine.processorSlots;
    const freeSlots = mostSlots - this.#held.processorSlots - this.#starting.processorSlots;
    if (neededSlots <= freeSlots) return undefined;
    return {is: 'processors', freeSlots: Math.max(0, freeSlots), neededSlots, mostSlots};
  }

  #memory({memoryBytes: neededBytes}: Needs): Wait | undefined {
    const {memory} = this.#queue.machine;
    const short = shortage(memory, neededBytes, this.#held.memoryBytes, this.#starting.memoryBytes);
    return short && {is: 'memory', ...short};
  }

  #gpu({gpuBytes: neededBytes}: Needs): Wait | undefined {
    if (neededBytes === 0) return undefined;
    const gpu = this.#queue.machine.gpu ?? {totalBytes: 0, freeBytes: 0};
    const short = shortage(gpu, neededBytes, this.#held.gpuBytes, this.#starting.gpuBytes);
    return short && {is: 'gpu', ...short};
  }

  /** What running jobs have written already counts twice here: once as gone, once as set aside. That errs on the safe side. */
  #disk({diskBytes: neededBytes}: Needs): Wait | undefined {
    const {freeBytes: measured, minimumBytes} = this.#queue.machine.disk;
    const mostBytes = measured - minimumBytes;
    const freeBytes = mostBytes - this.#held.diskBytes - this.#starting.diskBytes;
    if (neededBytes <= freeBytes) return undefined;
    return {is: 'low-disk', freeBytes: Math.max(0, freeBytes), neededBytes, mostBytes, minimumBytes};
  }
}

/**
 * A job that was started a moment ago has not taken yet what it will: so what is free is what was measured, and no more
 * than the whole less what all of them may take.
 */
function shortage(
  {totalBytes, freeBytes: measured}: Bytes,
  neededBytes: number,
  held: number,
  starting: number,
): Shortage | undefined {
  const freeBytes = Math.min(measured, totalBytes - held) - starting;
  if (neededBytes <= freeBytes) return undefined;
  const mostBytes = Math.min(totalBytes, measured + held);
  return {freeBytes: Math.max(0, freeBytes), neededBytes, mostBytes};
}

/** It will be enough when jobs end: worth waiting for, and worth holding for who waits. */
function isHeldByOthers(wait: Wait): boolean {
  if (wait.is === 'processors') return wait.neededSlots <= wait.mostSlots;
  return 'mostBytes' in wait && wait.neededBytes <= wait.mostBytes;
}

function sum(a: Needs, b: Needs): Needs {
  return {
    processorSlots: a.processorSlots + b.processorSlots,
    memoryBytes: a.memoryBytes + b.memoryBytes,
    gpuBytes: a.gpuBytes + b.gpuBytes,
    diskBytes: a.diskBytes + b.diskBytes,
  };
}

const dayMs = 86_400_000;

export interface Admission {
  readonly owner: UserName;
  readonly now: At;
  readonly caps: Pick<Caps, 'queuedPerUser' | 'dailyPerUser'>;
  /** How many of his wait; a paused one keeps its place. */
  readonly queued: number;
  /** When his of the last 24 hours were submitted, oldest first, whatever became of them. */
  readonly today: readonly At[];
}

/** Whether so many bytes more of this owner may be kept. */
export function admitKept(
  owner: UserName,
  {kept, bytes, cap}: {readonly kept: number; readonly bytes: number; readonly cap: number | null},
): Result<void, QueueRefusal> {
  if (cap === null || kept + bytes <= cap) return ok(undefined);
  return no({reason: 'kept-cap', owner, kept, bytes, cap});
}

/** Whether one more job of this owner may be queued: asked when it is submitted, never later. */
export function admit({owner, now, caps, queued, today}: Admission): Result<void, QueueRefusal> {
  const {queuedPerUser, dailyPerUser} = caps;
  if (queuedPerUser !== null && queued >= queuedPerUser) {
    return no({reason: 'queued-cap', owner, queued, cap: queuedPerUser});
  }
  const submitted = today.length;
  if (dailyPerUser === null || submitted < dailyPerUser) return ok(undefined);
  // So many have to grow older than a day for one more.
  const until = (today[submitted - dailyPerUser] ?? now) + dayMs;
  return no({reason: 'daily-cap', owner, submitted, cap: dailyPerUser, until});
}
