/** Owns `dubstead storage`: the disks, what fills them, and when they will be full. */
import {ok} from '../../appliance/result.ts';
import {attempt} from '../attempt.ts';
import {jsonLine} from '../clean.ts';
import {answered, findDaemon} from '../daemon.ts';
import {exitCodes} from '../exit-codes.ts';
import {flag, verb} from '../verb.ts';
import {storageLines} from '../views/storage.ts';
import {columnsOf, say} from '../world.ts';

export const storage = verb({
  name: 'storage',
  takes: '[--json]',
  short: '',
  brief: 'the disks, what fills them, when they will be full',
  about:
    'Each disk with what is free of it, how it has filled lately, and what the box keeps on it: films, work, dubs, logs, deleted jobs. It is looked through when it is first asked for, or some minutes after the start, and then each hour. What others keep on the same disk is not listed.',
  options: {json: flag('answer with one JSON object')},
  examples: ['dubstead storage', 'dubstead storage --json | jq .disks[].trend'],
  words: 'none',
  read: ({json}) => ok({json: json === true}),
  run: ({json}, world) =>
    attempt(world, json, async () => {
      const {client} = await findDaemon(world);
      const {signal, screen, clock} = world;
      const shown = await answered(client.call('storage.get', {}, {signal}));
      if (json) screen.write(jsonLine(shown));
      else say(screen, storageLines(shown, {now: clock.now(), columns: columnsOf(screen)}));
      return exitCodes.done;
    }),
});
