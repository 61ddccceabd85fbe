/** Owns `dubstead status`: the box at a glance, or what can still be said of it while the daemon is down. */
import type {ApiTrouble} from '../../appliance/api/trouble.ts';
import {ok} from '../../appliance/result.ts';
import {attempt} from '../attempt.ts';
import {jsonLine} from '../clean.ts';
import {type Daemon, findDaemon} from '../daemon.ts';
import {lookAround} from '../down.ts';
import {describeTrouble} from '../trouble.ts';
import {flag, verb} from '../verb.ts';
import {downLines} from '../views/down.ts';
import {statusLines} from '../views/status.ts';
import {columnsOf, say, type World} from '../world.ts';

export const status = verb({
  name: 'status',
  takes: '[--json]',
  short: '',
  brief: 'the box at a glance; when it is down, its last words',
  about:
    'Queue, running jobs, inbox, disks, how jobs are confined, pushes, and what needs you. While the daemon is down: where its socket was looked for, how to start it, the last lines of its log and what lies in the inbox (exit code 6).',
  options: {json: flag('answer with one JSON object')},
  examples: ['dubstead status', 'dubstead status --json | jq .queue.counts'],
  words: 'none',
  read: ({json}) => ok({json: json === true}),
  run: ({json}, world) =>
    attempt(world, json, async () => {
      const daemon = await findDaemon(world);
      const answer = await daemon.client.call('status', {}, {signal: world.signal});
      if (!answer.ok) return isDown(answer.why, daemon, json, world);
      if (json) world.screen.write(jsonLine(answer.value));
      else say(world.screen, statusLines(answer.value, columnsOf(world.screen)));
      return 0;
    }),
});

async function isDown(
  trouble: ApiTrouble,
  {settings, socket}: Daemon,
  json: boolean,
  {screen, complaints, clock}: World,
): Promise<number> {
  const {exit, ...error} = describeTrouble({is: 'unanswered', trouble});
  const found = await lookAround(settings);
  if (json) screen.write(jsonLine({error, socket, ...found}));
  else {
    say(complaints, [...error.what.split('\n'), error.fix]);
    say(screen, downLines(found, {columns: columnsOf(screen), zone: clock.zone()}));
  }
  return exit;
}
