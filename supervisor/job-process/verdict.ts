/** Owns what the end of a job process means, from what it answered, how it ended, and who wanted that. Pure. */
import type {Failure} from '../../appliance/failure.ts';
import type {EventOf} from '../../appliance/wire.ts';
import type {Limits} from '../confine/limits.ts';

export type Answer = EventOf<'done'> | EventOf<'failed'>;

/** Why we wanted it to end: it was asked to, or it broke a rule. The first cause stands. */
export type Cause = {readonly is: 'asked'} | {readonly is: 'broke'; readonly failure: Failure};

export interface End {
  readonly cause: Cause | undefined;
  readonly answer: Answer | undefined;
  /** `exit 0`, `signal SIGKILL`. */
  readonly exit: string;
  readonly stderr: string;
  /** The kernel ended part of it because memory ran out. */
  readonly outOfMemory: boolean;
}

/** A claim has still to be checked against the disk. */
export type Verdict =
  | {readonly is: 'claims'; readonly answer: EventOf<'done'>}
  | {readonly is: 'failed'; readonly failure: Failure}
  | {readonly is: 'stopped'}
  | {readonly is: 'lost'; readonly failure: Failure};

export function judge(end: End, limits: Pick<Limits, 'memoryBytes' | 'cpuSeconds' | 'fileBytes'>): Verdict {
  const {cause, answer, exit} = end;
  if (cause?.is === 'broke') return {is: 'lost', failure: cause.failure};
  if (answer?.is === 'done' && exit === 'exit 0') return {is: 'claims', answer};
  if (cause?.is === 'asked') return {is: 'stopped'};
  // A process that comes to rest unasked would do so for ever: that is a loss, and losses are counted.
  if (answer?.is === 'failed' && answer.failure.reason !== 'stopped')
    return {is: 'failed', failure: answer.failure};
  return {is: 'lost', failure: whyLost(end, limits)};
}

function whyLost(
  {answer, exit, stderr, outOfMemory}: End,
  {memoryBytes, cpuSeconds, fileBytes}: Pick<Limits, 'memoryBytes' | 'cpuSeconds' | 'fileBytes'>,
): Failure {
  const limit = {reason: 'limit', node: null} as const;
  if (exit === 'signal SIGXCPU' && cpuSeconds !== null)
    return {...limit, limit: 'processor', allowed: cpuSeconds};
  if (exit === 'signal SIGXFSZ' && fileBytes !== null) return {...limit, limit: 'file', allowed: fileBytes};
  const saysSo =
    /out of memory|bad_alloc|allocation failed|ERR_MEMORY_ALLOCATION_FAILED/i.test(stderr) &&
    !exit.startsWith('exit 0');
  if ((outOfMemory || saysSo) && memoryBytes !== null)
    return {...limit, limit: 'memory', allowed: memoryBytes};
  const how = answer === undefined ? exit : `${exit}, after it had answered`;
  return {reason: 'worker-lost', exit: how, stderr: stderr.slice(-3000)};
}
