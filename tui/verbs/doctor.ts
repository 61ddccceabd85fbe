/** Owns `dubstead doctor`: what is wrong with this box, what that means, and what mends it. Mends nothing itself. */
import {ok} from '../../appliance/result.ts';
import {tell} from '../attempt.ts';
import {jsonLine} from '../clean.ts';
import {askDoctor} from '../doctor.ts';
import {exitCodes} from '../exit-codes.ts';
import type {Described} from '../trouble.ts';
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
  run: async ({json}, world) => {
    const {screen, sources, signal} = world;
    const answer = await askDoctor(sources.env, signal);
    if (answer === null) return exitCodes.stopped;
    if (!answer.ok) return tell(world, json, lost(answer.why));
    if (json) screen.write(jsonLine(answer.value));
    else say(screen, diagnosisLines(answer.value, columnsOf(screen)));
    return answer.value.counts.fault > 0 ? exitCodes.failed : exitCodes.done;
  },
});

function lost(lastWords: string): Described {
  return {
    code: 'doctor-lost',
    what: `The doctor ended without an answer.${lastWords === '' ? '' : `\n${lastWords}`}`,
    fix: 'Run scripts/setup again. Where that changes nothing, please report this.',
    exit: exitCodes.failed,
  };
}
