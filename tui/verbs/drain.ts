/** Owns `dubstead drain`: letting what runs come to its end before the daemon is stopped. */
import {ok} from '../../appliance/result.ts';
import {attempt} from '../attempt.ts';
import {jsonLine} from '../clean.ts';
import {answered, findDaemon} from '../daemon.ts';
import {exitCodes} from '../exit-codes.ts';
import {flag, verb} from '../verb.ts';
import {queueText} from '../views/status.ts';
import {say} from '../world.ts';

export const drain = verb({
  name: 'drain',
  takes: '[--json]',
  short: '',
  brief: 'finish what runs and start nothing new, before an update',
  about:
    'Running jobs are finished, waiting ones keep their place, and nothing new is taken. dubstead status shows when nothing runs any more; then the daemon can be stopped.',
  options: {json: flag('answer with one JSON object')},
  examples: ['dubstead drain'],
  words: 'none',
  read: ({json}) => ok({json: json === true}),
  run: ({json}, world) =>
    attempt(world, json, async () => {
      const {client} = await findDaemon(world);
      const {signal, screen} = world;
      const queue = await answered(client.call('queue.set', {body: {mode: 'draining'}}, {signal}));
      if (json) screen.write(jsonLine(queue));
      else say(screen, [`The queue: ${queueText(queue)}.`]);
      return exitCodes.done;
    }),
});
