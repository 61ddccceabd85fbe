/** Owns what an error means: to a stage that must not end the job, and to the job that did end by it. */
import {statfs} from 'node:fs/promises';
import {dirname} from 'node:path';
import {describe, Failed, type Failure} from '../appliance/failure.ts';
import type {Command} from '../appliance/wire.ts';

/** A message of a library can be a page; it ends up in a report and on the wire. */
const longestWords = 1000;

/** Words for a failed attempt. Throws on when the job is being stopped: that is no fault of the engine. */
export function troubleOf(cause: unknown, signal: AbortSignal): string {
  signal.throwIfAborted();
  if (isDiskFull(cause)) throw cause;
  if (cause instanceof Failed) return describe(cause.failure).what;
  return (cause instanceof Error ? cause.message : String(cause)).slice(0, longestWords);
}

/** What to tell whoever ordered the work. A full disk shows in many ways and has one cause. */
export async function failureOf(cause: unknown, command: Command): Promise<Failure> {
  const out = outOf(command);
  if (isDiskFull(cause)) {
    return {reason: 'disk-full', path: out, ...(await roomAt(out))};
  }
  if (cause instanceof Failed) return cause.failure;
  if (cause instanceof Error && cause.name === 'AbortError') return {reason: 'stopped'};
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const detail = (cause instanceof Error ? cause.message : String(cause)).slice(0, 3000);
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM')
    return {reason: 'not-writable', path: out, detail};
  return {reason: 'bug', detail};
}

function outOf(command: Command): string {
  if (command.do === 'dub') return command.order.out;
  return command.do === 'edit' ? command.out : '';
}

/** How much more a disk that filled up on the way is asked to have: nobody knows, but less is not worth a try. */
const neededMoreBytes = 200e6;

/** Also as a tool tells it. */
export function isDiskFull(cause: unknown): boolean {
  if (cause instanceof Failed) {
    return (
      cause.failure.reason === 'tool-failed' &&
      /no space left on device|disk quota exceeded/i.test(cause.failure.stderr)
    );
  }
  return cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT');
}

/** Of all that a disk has. */
const fewInodes = 0.05;

async function roomAt(path: string) {
  const found = await statfs(path).catch(() => statfs(dirname(path)).catch(() => undefined));
  const freeBytes = found === undefined ? 0 : found.bavail * found.bsize;
  // What failed has cleared up after itself: a few are free again. Some file systems count none.
  const noInodes = found !== undefined && found.files > 0 && found.ffree < found.files * fewInodes;
  return {freeBytes, neededBytes: freeBytes + neededMoreBytes, ...(noInodes ? {noInodes} : {})};
}
