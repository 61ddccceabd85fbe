/** Owns the exit codes of the command line, what each means, and which one a no of the daemon ends with. */
import type {Problem} from '../appliance/api/shapes.ts';
import {exitCodes as dubExitCodes} from '../appliance/exit-codes.ts';
import {Refusal} from '../appliance/failure.ts';

/** `noDaemon`: nothing was asked of it, since it is not running or its socket may not be used. */
export const exitCodes = {...dubExitCodes, noDaemon: 6} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

interface Meaning {
  readonly code: ExitCode;
  /** For a list of all on two lines. */
  readonly brief: string;
  readonly about: string;
}

/** What help, manual and man page say of them. */
export const exitMeanings: readonly Meaning[] = [
  {code: exitCodes.done, brief: 'done', about: 'done'},
  {
    code: exitCodes.usage,
    brief: 'mistake in the words or the settings',
    about: 'mistake on the command line or in the settings',
  },
  {
    code: exitCodes.refused,
    brief: 'refused',
    about:
      'refused: this input, this folder, this line, or this wish about this job; what was not there before is not there after',
  },
  {
    code: exitCodes.engineMissing,
    brief: 'engine missing',
    about: 'an engine is missing, or scripts/setup has not run',
  },
  {
    code: exitCodes.failed,
    brief: 'failed',
    about:
      'failed, or the daemon could not do it; something is at fault, as doctor found, or broken, as audit verify found',
  },
  {
    code: exitCodes.noDaemon,
    brief: 'no daemon',
    about: 'no daemon: it is not running, or its socket may not be used. Nothing was asked of it',
  },
  {code: exitCodes.stopped, brief: 'stopped', about: 'stopped, or answered with no'},
];

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
