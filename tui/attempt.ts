/** Owns how a verb ends: what stood in its way becomes two sentences, or one JSON object, and an exit code. */
import {describe, Failed} from '../appliance/failure.ts';
import {jsonLine} from './clean.ts';
import {exitCodes} from './exit-codes.ts';
import {type Described, describeTrouble, Hindered} from './trouble.ts';
import {say, type World} from './world.ts';

/** Runs a verb that speaks to the daemon, to its exit code. */
export async function attempt(world: World, json: boolean, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof Hindered) return tell(world, json, describeTrouble(cause.trouble));
    if (world.signal.aborted && cause === world.signal.reason) return exitCodes.stopped;
    throw cause;
  }
}

/** Says what is wrong, and ends with its code. */
export function tell({screen, complaints}: World, json: boolean, {exit, ...error}: Described): number {
  if (json) screen.write(jsonLine({error}));
  else say(complaints, [...error.what.split('\n'), error.fix]);
  return exit;
}

/** Runs a verb that starts a job process, to its exit code. */
export async function attemptDub(world: World, json: boolean, work: () => Promise<void>): Promise<number> {
  try {
    await work();
    return exitCodes.done;
  } catch (cause) {
    if (!(cause instanceof Failed)) throw cause;
    const {what, fix, exit} = describe(cause.failure);
    if (json) world.screen.write(jsonLine({is: 'failed', failure: cause.failure}));
    else say(world.complaints, [what, fix]);
    return exit;
  }
}
