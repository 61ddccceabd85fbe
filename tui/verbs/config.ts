/** Owns `dubstead config`: every setting, its value and where it was written, or everything that is wrong with them. */
import {describeFault} from '../../appliance/config/fault.ts';
import {ok} from '../../appliance/result.ts';
import {jsonLine} from '../clean.ts';
import {exitCodes} from '../exit-codes.ts';
import {flag, verb} from '../verb.ts';
import {configLines} from '../views/config.ts';
import {say, type World} from '../world.ts';

export const config = verb({
  name: 'config',
  takes: '[--json]',
  short: '',
  brief: 'every setting, its value and where it was written',
  about:
    'Needs no daemon. Of a secret it says only whether it is set. When something is wrong it says everything that is, a line each, and ends with 2.',
  options: {json: flag('answer with one JSON object')},
  examples: ['dubstead config', 'dubstead config --json | jq .settings'],
  words: 'none',
  read: ({json}) => ok({json: json === true}),
  run: ({json}, world) => run(json, world),
});

async function run(json: boolean, {screen, complaints, sources}: World): Promise<number> {
  const {describeConfig, readConfig} = await import('../../appliance/config/config.ts');
  const read = await readConfig({...sources, secrets: 'if-readable'});
  if (!read.ok) {
    const faults = read.why.map(describeFault);
    if (json) screen.write(jsonLine({faults}));
    else say(complaints, faults);
    return exitCodes.usage;
  }
  const settings = describeConfig(read.value);
  const {production} = read.value;
  if (json) screen.write(jsonLine({settings, production}));
  else say(screen, configLines(settings, production));
  return exitCodes.done;
}
