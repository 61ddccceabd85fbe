/** Owns the words of every reason why a queued job does not run, and the reasons why one is not even queued. Never decides. */
import type {At, UserName} from '../../appliance/job.ts';
import {unreachable} from '../../appliance/result.ts';
import type {Wait} from '../../appliance/wait.ts';

export interface Shortage {
  readonly freeBytes: number;
  readonly neededBytes: number;
  readonly mostBytes: number;
}

/** Why it waits, and what would change that. */
export function describeWait(wait: Wait, now: At): string {
  switch (wait.is) {
    case 'queue-paused':
      return 'The whole queue is paused. It goes on with: dubstead resume.';
    case 'draining':
      return 'No more jobs are started before the daemon is started again; this one keeps its place.';
    case 'folder-away':
      return `${wait.path} is not there, and the dub belongs in it. Mount it or make it: the job then starts by itself.`;
    case 'resting':
      return `Its job process was lost ${times(wait.lost)}; it starts again ${inWords(wait.until - now)}.`;
    case 'owner-cap':
      return `Its owner has ${count(wait.running, 'job')} running and may have ${wait.cap}: it starts when one of them ends. JOBS_RUNNING_PER_USER allows more.`;
    case 'behind':
      return describeBehind(wait);
    case 'processors':
      return describeProcessors(wait);
    case 'memory':
      return `It needs about ${size(wait.neededBytes)} of memory and ${size(wait.freeBytes)} is free. ${memoryFix(wait)}`;
    case 'gpu':
      return `It needs about ${size(wait.neededBytes)} of graphics memory and ${size(wait.freeBytes)} is free. ${gpuFix(wait)}`;
    case 'low-disk':
      return `It needs about ${size(wait.neededBytes)} of disk, and beyond the ${size(wait.minimumBytes)} that stay free there is ${size(wait.freeBytes)}. ${diskFix(wait)}`;
    default:
      return unreachable(wait);
  }
}

/** True when running jobs hold what is short: it will do by itself. */
function isHeld({neededBytes, mostBytes}: Shortage): boolean {
  return neededBytes <= mostBytes;
}

function memoryFix(short: Shortage): string {
  if (isHeld(short)) return 'It starts when a running job ends.';
  return `Even alone it would have ${size(short.mostBytes)}: end other programs or add memory.`;
}

function gpuFix(short: Shortage): string {
  if (isHeld(short)) return 'It starts when a job that uses the card ends.';
  if (short.mostBytes === 0)
    return 'There is no graphics card that can be used: choose another preset for it.';
  return `Even alone it would have ${size(short.mostBytes)}: choose another preset for it, or end what else uses the card.`;
}

function diskFix(short: Shortage): string {
  if (isHeld(short))
    return 'What is missing is set aside for running jobs: it starts when they end and leave enough.';
  return 'Delete old jobs or films, or lower DISK_FREE_MIN_GB: it then starts by itself.';
}

function describeBehind({ahead, running}: Extract<Wait, {is: 'behind'}>): string {
  if (ahead > 0)
    return `${count(ahead, 'job')} ${ahead === 1 ? 'goes' : 'go'} before it. A higher priority moves it forward.`;
  if (running === 0) return 'It is the next to start.';
  return `It is the next: it starts when ${running === 1 ? 'the running job' : `one of the ${running} running jobs`} ends.`;
}

function describeProcessors({freeSlots, neededSlots, mostSlots}: Extract<Wait, {is: 'processors'}>): string {
  const short = `It needs ${count(neededSlots, 'processor slot')} and ${freeSlots} ${freeSlots === 1 ? 'is' : 'are'} free.`;
  if (neededSlots <= mostSlots) return `${short} It starts when a running job ends.`;
  return `${short} This machine has ${mostSlots} in all: choose another preset for it.`;
}

/** Why a job is not taken into the queue. */
export type QueueRefusal =
  | {readonly reason: 'queued-cap'; readonly owner: UserName; readonly queued: number; readonly cap: number}
  /** `bytes` more are asked for. */
  | {
      readonly reason: 'kept-cap';
      readonly owner: UserName;
      readonly kept: number;
      readonly bytes: number;
      readonly cap: number;
    }
  | {
      readonly reason: 'daily-cap';
      readonly owner: UserName;
      readonly submitted: number;
      readonly cap: number;
      /** When enough of them are a day old. */
      readonly until: At;
    };

/** What is used, what is allowed, and what would free it. */
export function describeQueueRefusal(refusal: QueueRefusal, now: At): string {
  const {reason, owner, cap} = refusal;
  switch (reason) {
    case 'queued-cap':
      return `${owner} has ${count(refusal.queued, 'waiting job')} and may have ${cap}. Wait for one to start, or cancel one; JOBS_QUEUED_PER_USER allows more.`;
    case 'kept-cap':
      return `${owner} keeps ${size(refusal.kept)} of films and dubs and may keep ${size(cap)}; this needs ${size(refusal.bytes)} more. Delete jobs and let them leave the trash; DISK_PER_USER_GB allows more`;
    case 'daily-cap': {
      const when = inWords(refusal.until - now);
      return `${owner} has submitted ${count(refusal.submitted, 'job')} in 24 hours and may submit ${cap}. The next is taken ${when}; JOBS_PER_DAY_PER_USER allows more.`;
    }
    default:
      return unreachable(reason);
  }
}

function count(amount: number, what: string): string {
  return `${amount} ${what}${amount === 1 ? '' : 's'}`;
}

function times(amount: number): string {
  return amount === 1 ? 'once' : amount === 2 ? 'twice' : `${amount} times`;
}

function size(bytes: number): string {
  const left = Math.max(0, bytes);
  return left >= 1e9 ? `${(left / 1e9).toFixed(1)} GB` : `${Math.ceil(left / 1e6)} MB`;
}

/** Rounded up, so that nobody looks too early. */
function inWords(ms: number): string {
  if (ms <= 1000) return 'in a moment';
  if (ms < 120_000) return `in ${Math.ceil(ms / 1000)} s`;
  if (ms < 7_200_000) return `in ${Math.ceil(ms / 60_000)} min`;
  return `in ${Math.ceil(ms / 3_600_000)} h`;
}
