/** Owns `dubstead engines`: what can do the work here. Needs no daemon. */
import {ok} from '../../appliance/result.ts';
import {attemptDub} from '../attempt.ts';
import {jsonLine} from '../clean.ts';
import {enginesLines} from '../engines.ts';
import {flag, verb} from '../verb.ts';
import {runWorker} from '../worker.ts';
import {columnsOf, say} from '../world.ts';

export const engines = verb({
  name: 'engines',
  takes: '[--json]',
  short: '',
  brief: 'what can do the work here, and what is missing',
  about:
    'Every engine: what it does, ready in which version, or why not; then the pairs of languages that can be translated here. Asks the engines itself, with the daemon or without.',
  options: {json: flag('answer with one JSON object')},
  examples: ['dubstead engines'],
  words: 'none',
  read: ({json}) => ok({json: json === true}),
  run: ({json}, world) =>
    attemptDub(world, json, async () => {
      const answer = await runWorker({v: 1, do: 'engines'}, () => {}, world.signal);
      if (answer.is !== 'engines') return;
      const {screen} = world;
      if (json) screen.write(jsonLine(answer));
      else say(screen, enginesLines(answer, columnsOf(screen)));
    }),
});
