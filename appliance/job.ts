/** Owns what a job is, every state it can be in, and the one function that moves it. Never stores it, never runs it. */
import {z} from 'zod';
import {Digest} from './digest.ts';
import {Failure} from './failure.ts';
import {LanguageTag} from './languages.ts';
import {Card} from './library/card.ts';
import {Order, Preset} from './order.ts';
import {unreachable} from './result.ts';
import {Output} from './wire.ts';

/** Ten letters and digits that cannot be taken for one another (Crockford's base 32): 50 random bits. */
export const JobId = z
  .string()
  .regex(/^[0-9a-hjkmnp-tv-z]{10}$/)
  .brand<'JobId'>();
export type JobId = z.infer<typeof JobId>;

/** Whose job it is; also a folder of the inbox, so it is small letters, digits, `-` and `_`. */
export const UserName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9_-]{0,30}[a-z0-9])?$/)
  .brand<'UserName'>();
export type UserName = z.infer<typeof UserName>;

/** Milliseconds since 1970, by the machine's clock. */
export const At = z.number().int().nonnegative();
export type At = z.infer<typeof At>;

/** The name of a file in a folder of ours: no path, nothing hidden, no control characters. */
export const FileName = z
  .string()
  .min(1)
  .max(255)
  .refine(name => Buffer.byteLength(name) <= 255, 'is over 255 bytes')
  .refine(name => !/[/\p{Cc}]/u.test(name) && !name.startsWith('.'), 'is no plain file name');

/** What a person chose for a dub; the rest of an Order follows from where the job lives. */
export const JobOptions = z.object({
  from: LanguageTag.nullable(),
  to: LanguageTag,
  preset: Preset,
  hls: z.boolean(),
  loudnessLufs: Order.shape.loudnessLufs,
  keep: Order.shape.keep,
});
export type JobOptions = z.infer<typeof JobOptions>;

/** `since` is when the worker was started, also while it is pausing or stopping: how long a dub took counts from there. */
const running = {since: At, pid: z.number().int().positive()};

const resting = [
  z.object({
    is: z.literal('done'),
    at: At,
    seconds: z.number().nonnegative(),
    outputs: z.array(Output).max(100),
    summary: z.array(z.string()).max(40),
    /** Of the film; left out by jobs that were done before this was known. */
    filmSeconds: z.number().nonnegative().max(10_000_000).optional(),
  }),
  z.object({is: z.literal('failed'), at: At, failure: Failure}),
  z.object({is: z.literal('cancelled'), at: At}),
  /** Its worker was lost too often: it waits for a person. */
  z.object({is: z.literal('set-aside'), at: At, failure: Failure}),
] as const;

export const JobState = z.discriminatedUnion('is', [
  z.object({
    is: z.literal('queued'),
    since: At,
    /** Not before this moment: a worker that was lost is not started again at once. */
    notBefore: At.nullable(),
  }),
  z.object({is: z.literal('running'), ...running}),
  /** Asked to come to rest at the next finished step. */
  z.object({is: z.literal('pausing'), ...running}),
  z.object({is: z.literal('paused'), since: At}),
  z.object({is: z.literal('stopping'), ...running, towards: z.enum(['queued', 'cancelled', 'deleted'])}),
  ...resting,
  /** In the trash: `was` is what it comes back as; null once its files are on their way out. */
  z.object({is: z.literal('deleted'), at: At, was: z.discriminatedUnion('is', resting).nullable()}),
]);
export type JobState = z.infer<typeof JobState>;

export const Job = z.object({
  id: JobId,
  owner: UserName,
  /** How it came: dropped, named at the terminal, uploaded. */
  via: z.enum(['inbox', 'command', 'upload']),
  submitted: At,
  /** The film, at `jobs/ID/source/NAME`; its sidecars lie beside it under names that go with it. */
  source: z.object({name: FileName, bytes: z.number().int().nonnegative(), digest: Digest}),
  sidecars: z.array(FileName).max(20),
  options: JobOptions,
  /** Higher goes first; 0 is what everybody gets. */
  priority: z.number().int().min(-100).max(100),
  /** Workers lost since a person last asked for it. */
  lost: z.number().int().nonnegative(),
  /** How the last worker was confined, and what this machine could not give; null before the first. */
  confinement: z.object({isolation: z.string(), lacks: z.array(z.string()).max(20)}).nullable(),
  /** Null until somebody writes on it. */
  card: Card.nullable(),
  state: JobState,
});
export type Job = z.infer<typeof Job>;

export type JobEvent =
  | {readonly is: 'dispatched'; readonly at: At; readonly pid: number}
  /** What people ask for. */
  | {readonly is: 'pause' | 'resume' | 'cancel' | 'retry' | 'delete' | 'restore'; readonly at: At}
  /** It is not to come back: its files go. */
  | {readonly is: 'purge'; readonly at: At}
  /** The daemon is going down. */
  | {readonly is: 'shutdown'; readonly at: At}
  /** The daemon came up and finds no worker: whatever ended it took the daemon along. */
  | {readonly is: 'interrupted'; readonly at: At}
  /** The worker came to rest because it was asked to. */
  | {readonly is: 'stopped'; readonly at: At}
  | {
      readonly is: 'finished';
      readonly at: At;
      readonly outputs: Output[];
      readonly summary: string[];
      readonly filmSeconds?: number | undefined;
    }
  | {readonly is: 'failed'; readonly at: At; readonly failure: Failure}
  /** The worker ended without an answer, or was ended for breaking a limit or the wire. */
  | {readonly is: 'lost'; readonly at: At; readonly failure: Failure};

export type Wish = Extract<JobEvent['is'], 'pause' | 'resume' | 'cancel' | 'retry' | 'delete' | 'restore'>;

export const lostLimit = 3;
/** How long a job rests after its first and its second lost worker. */
const restsMs = [5_000, 60_000];

const wishes: Readonly<Record<JobState['is'], readonly Wish[]>> = {
  queued: ['pause', 'cancel', 'delete'],
  running: ['pause', 'cancel', 'delete'],
  pausing: ['cancel', 'delete'],
  paused: ['resume', 'cancel', 'delete'],
  stopping: [],
  done: ['retry', 'delete'],
  failed: ['retry', 'delete'],
  cancelled: ['retry', 'delete'],
  'set-aside': ['retry', 'delete'],
  deleted: ['restore'],
};

/** What a person may ask of a job in this state. */
export function wishesFor(state: JobState): readonly Wish[] {
  return state.is === 'deleted' && state.was === null ? [] : wishes[state.is];
}

/** True while a process works for it. */
export function hasWorker(
  state: JobState,
): state is Extract<JobState, {is: 'running' | 'pausing' | 'stopping'}> {
  return state.is === 'running' || state.is === 'pausing' || state.is === 'stopping';
}

/** Whether others than its owner may look at it; never at what is in the trash. */
export function isShared({card, state}: Pick<Job, 'card' | 'state'>): boolean {
  return card?.visibility === 'shared' && state.is !== 'deleted';
}

/** True when nothing more will happen to it by itself. */
export function isOver({is}: JobState): boolean {
  return is === 'done' || is === 'failed' || is === 'cancelled' || is === 'set-aside' || is === 'deleted';
}

/** The job after the event. Throws on a pair that cannot be: whoever has a wish asks `wishesFor` first. */
export function next(job: Job, event: JobEvent): Job {
  const {state} = job;
  switch (event.is) {
    case 'pause':
      if (state.is === 'queued') return {...job, state: {is: 'paused', since: event.at}};
      if (state.is === 'running') return {...job, state: {is: 'pausing', since: state.since, pid: state.pid}};
      return impossible(job, event);
    case 'resume':
      return state.is === 'paused' ? queued(job, event.at) : impossible(job, event);
    case 'cancel':
      return cancelled(job, event, {is: 'cancelled', at: event.at});
    case 'delete':
      return deleted(job, event);
    case 'restore':
      if (state.is !== 'deleted' || state.was === null) return impossible(job, event);
      return {...job, state: state.was};
    case 'purge':
      return isOver(state)
        ? {...job, state: {is: 'deleted', at: event.at, was: null}}
        : impossible(job, event);
    case 'retry':
      if (!wishes[state.is].includes('retry')) return impossible(job, event);
      return {...queued(job, event.at), lost: 0};
    case 'dispatched':
      if (state.is !== 'queued') return impossible(job, event);
      return {...job, state: {is: 'running', since: event.at, pid: event.pid}};
    case 'shutdown':
      if (state.is !== 'running') return job;
      return {...job, state: {is: 'stopping', since: state.since, pid: state.pid, towards: 'queued'}};
    case 'interrupted':
    case 'stopped':
    case 'finished':
    case 'failed':
    case 'lost':
      return hasWorker(state) ? ended(job, state, event) : impossible(job, event);
    default:
      return unreachable(event);
  }
}

type Ending = Extract<JobEvent, {is: 'interrupted' | 'stopped' | 'finished' | 'failed' | 'lost'}>;

/** What was asked for while the worker ended counts before how it ended; a finished dub is only lost to a cancel. */
function ended(job: Job, state: Extract<JobState, {since: At; pid: number}>, event: Ending): Job {
  const {at} = event;
  if (state.is === 'stopping' && state.towards !== 'queued') {
    const cancelled = {is: 'cancelled', at} as const;
    return {...job, state: state.towards === 'deleted' ? {is: 'deleted', at, was: cancelled} : cancelled};
  }
  if (event.is === 'finished') {
    const {outputs, summary, filmSeconds} = event;
    const seconds = Math.max(0, at - state.since) / 1000;
    return {
      ...job,
      lost: 0,
      state: {is: 'done', at, seconds, outputs, summary, ...(filmSeconds !== undefined && {filmSeconds})},
    };
  }
  if (event.is === 'failed') return {...job, state: {is: 'failed', at, failure: event.failure}};
  if (state.is === 'pausing') return {...job, state: {is: 'paused', since: at}};
  if (event.is === 'lost' && state.is === 'running') return lost(job, event);
  return queued(job, at);
}

function lost(job: Job, {at, failure}: Extract<JobEvent, {is: 'lost'}>): Job {
  const count = job.lost + 1;
  if (count >= lostLimit) return {...job, lost: count, state: {is: 'set-aside', at, failure}};
  const notBefore = at + (restsMs[count - 1] ?? 0);
  return {...job, lost: count, state: {is: 'queued', since: at, notBefore}};
}

function queued(job: Job, at: At): Job {
  return {...job, state: {is: 'queued', since: at, notBefore: null}};
}

/** A worker is stopped first; without one the wish is granted at once. */
function cancelled(job: Job, event: JobEvent, state: Extract<JobState, {is: 'cancelled'}>): Job {
  if (!wishes[job.state.is].includes('cancel')) return impossible(job, event);
  return hasWorker(job.state) ? stopping(job, job.state, 'cancelled') : {...job, state};
}

/** What had not ended is cancelled by it. */
function deleted(job: Job, event: JobEvent): Job {
  const {state} = job;
  if (!wishes[state.is].includes('delete')) return impossible(job, event);
  if (hasWorker(state)) return stopping(job, state, 'deleted');
  const {at} = event;
  const was = isResting(state) ? state : ({is: 'cancelled', at} as const);
  return {...job, state: {is: 'deleted', at, was}};
}

function stopping(job: Job, {since, pid}: Worked, towards: 'cancelled' | 'deleted'): Job {
  return {...job, state: {is: 'stopping', since, pid, towards}};
}

type Worked = Extract<JobState, {pid: number}>;
type Resting = z.infer<(typeof resting)[number]>;

function isResting(state: JobState): state is Resting {
  return isOver(state) && state.is !== 'deleted';
}

function impossible(job: Job, event: JobEvent): never {
  throw new Error(`job ${job.id} got "${event.is}" while ${job.state.is}`);
}
