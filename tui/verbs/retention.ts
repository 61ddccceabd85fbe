/** Owns `dubstead retention`: how long what is kept, and having removed now what is past that. */

import {no, ok} from '../../appliance/result.ts';
import {answerTimes} from '../answer-times.ts';
import {attempt} from '../attempt.ts';
import {jsonLine} from '../clean.ts';
import {answered, findDaemon} from '../daemon.ts';
import {exitCodes} from '../exit-codes.ts';
import {flag, verb} from '../verb.ts';
import {retentionLines} from '../views/storage.ts';
import {columnsOf, say} from '../world.ts';

export const retention = verb({
  name: 'retention',
  takes: '[sweep] [--json]',
  short: '[sweep]',
  brief: 'how long what is kept, and when the box sweeps',
  about:
    'How many days films, work, dubs, logs and deleted jobs are kept, and by which setting; what is past that now, the last sweep and the next. With sweep it is removed now, as the box does by itself.',
  options: {json: flag('answer with one JSON object')},
  examples: ['dubstead retention', 'dubstead retention sweep'],
  words: 'some',
  read({json}, words) {
    const [word, ...more] = words;
    if (more.length > 0 || (word !== undefined && word !== 'sweep'))
      return no('Behind retention there is sweep, or nothing.');
    return ok({sweep: word === 'sweep', json: json === true});
  },
  run: ({sweep, json}, world) =>
    attempt(world, json, async () => {
      const {client} = await findDaemon(world);
      const {signal, screen, clock} = world;
      const shown = sweep
        ? await answered(client.call('retention.sweep', {}, {signal, answerMs: answerTimes.sweep}))
        : await answered(client.call('retention.get', {}, {signal}));
      if (json) screen.write(jsonLine(shown));
      else say(screen, retentionLines(shown, {now: clock.now(), columns: columnsOf(screen)}));
      return exitCodes.done;
    }),
});
