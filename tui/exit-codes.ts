/** Owns the exit codes of the command line, and which one a no of the daemon ends with. */
import type {Problem} from '../appliance/api/shapes.ts';
import {exitCodes as dubExitCodes, Refusal} from '../appliance/failure.ts';

/** `noDaemon`: nothing was asked of it, since it is not running or its socket may not be used. */
export const exitCodes = {...dubExitCodes, noDaemon: 6} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const refusals: ReadonlySet<string> = new Set(Refusal.options.map(({shape}) => shape.reason.value));

/** What a job's failure would have ended `dubstead dub` with. */
export function exitOfFailure({code}: Pick<Problem, 'code'>): ExitCode {
  if (refusals.has(code)) return exitCodes.refused;
  if (code === 'engine-missing') return exitCodes.engineMissing;
  return code === 'stopped' ? exitCodes.stopped : exitCodes.failed;
}

/** A no to what was asked is a refusal; trouble of the daemon's own is a failure. */
export function exitOfAnswer(status: number, problem: Pick<Problem, 'code'>): ExitCode {
  const exit = exitOfFailure(problem);
  return exit === exitCodes.failed && status < 500 && status !== 429 ? exitCodes.refused : exit;
}
