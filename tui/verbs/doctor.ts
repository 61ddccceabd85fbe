/** Owns `dubstead doctor`: what is wrong with this box, what that means, and what mends it. Mends nothing itself. */
import {ok} from '../../appliance/result.ts';
import {jsonLine} from '../clean.ts';
import {askDoctor} from '../doctor.ts';
import {exitCodes} from '../exit-codes.ts';
import {flag, verb} from '../verb.ts';
import {diagnosisLines} from '../views/doctor.ts';
import {columnsOf, say} from '../world.ts';

export const doctor = verb({
  name: 'doctor',
  takes: '[--json]',
  short: '',
  brief: 'what is wrong with this box, and what mends it',
  about:
    'Looks at settings, programs, engines, jail, folders, disks, inbox, clock, store, audit, control socket and port. Changes nothing, and needs no daemon. What is not well is told in full. Exit code 0 when nothing is at fault, warnings or not; 5 when something is.',
  options: {json: flag('answer with one JSON object: every check with all it found')},
  examples: ['dubstead doctor', 'dubstead doctor --json | jq \'.checks[] | select(.is != "ok")\''],
  words: 'none',
  read: ({json}) => ok({json: json === true}),
  run: async ({json}, {screen, sources, signal}) => {
    const diagnosis = await askDoctor(sources.env, signal);
    if (diagnosis === undefined) return exitCodes.stopped;
    if (json) screen.write(jsonLine(diagnosis));
    else say(screen, diagnosisLines(diagnosis, columnsOf(screen)));
    return diagnosis.counts.fault > 0 ? exitCodes.failed : exitCodes.done;
  },
});
