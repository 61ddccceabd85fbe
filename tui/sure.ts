/** Owns asking before something ends that nobody can take back. The default is no. */
import {tell} from './attempt.ts';
import {type ExitCode, exitCodes} from './exit-codes.ts';
import {say, type World} from './world.ts';

export interface Ending {
  /** --yes was said. */
  readonly yes: boolean;
  readonly json: boolean;
  /** `End all logins of ann?` */
  readonly question: string;
  /** The same command line with --yes, for whoever cannot be asked. */
  readonly line: string;
}

/** Null when it may be done; else the exit code to end with. */
export async function unsure(world: World, {yes, json, question, line}: Ending): Promise<ExitCode | null> {
  if (yes) return null;
  if (world.ask === null) {
    const fix = `If that is what you want, say so: ${line}`;
    tell(world, json, {code: 'not-confirmed', what: question, fix, exit: exitCodes.usage});
    return exitCodes.usage;
  }
  const answer = await world.ask(`${question} [y/N] `);
  if (/^\s*y(es)?\s*$/i.test(answer)) return null;
  say(world.complaints, ['Nothing was done.']);
  return exitCodes.stopped;
}
