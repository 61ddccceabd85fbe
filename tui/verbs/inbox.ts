/** Owns `dubstead inbox`: what lies in the inbox and what becomes of it. */
import {ok} from '../../appliance/result.ts';
import {attempt} from '../attempt.ts';
import {jsonLine} from '../clean.ts';
import {answered, findDaemon} from '../daemon.ts';
import {exitCodes} from '../exit-codes.ts';
import {flag, verb} from '../verb.ts';
import {inboxLines} from '../views/inbox.ts';
import {columnsOf, say} from '../world.ts';

export const inbox = verb({
  name: 'inbox',
  takes: '[--rescan] [--json]',
  short: '[--rescan]',
  brief: 'what lies in the inbox, why it waits, what was refused',
  about:
    'Every file that was dropped and is no job yet, with what it waits for; then the last ones that were refused, and why.',
  options: {
    rescan: flag('look through the whole inbox now'),
    json: flag('answer with one JSON object'),
  },
  examples: ['dubstead inbox', 'dubstead inbox --rescan'],
  words: 'none',
  read: ({rescan, json}) => ok({rescan: rescan === true, json: json === true}),
  run: ({rescan, json}, world) =>
    attempt(world, json, async () => {
      const {client} = await findDaemon(world);
      const {signal, screen, clock} = world;
      const name = rescan ? 'inbox.rescan' : 'inbox.get';
      const inbox = await answered(client.call(name, {}, {signal}));
      if (json) screen.write(jsonLine(inbox));
      else say(screen, inboxLines(inbox, clock.now(), columnsOf(screen)));
      return exitCodes.done;
    }),
});
