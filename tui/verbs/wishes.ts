/** Owns `dubstead cancel`, `pause`, `resume`, `retry` and `restore`: what people may wish of jobs, and of the whole queue. */
import type {ApiClient} from '../../appliance/api/client.ts';
import type {JobLine, Problem} from '../../appliance/api/shapes.ts';
import type {QueueMode} from '../../appliance/api/status.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import {attempt} from '../attempt.ts';
import {jsonLine} from '../clean.ts';
import {answered, findDaemon} from '../daemon.ts';
import {exitCodes} from '../exit-codes.ts';
import {findIds, type IdStart, readIdStarts} from '../ids.ts';
import {describeTrouble, Hindered} from '../trouble.ts';
import {flag, type Verb, verb} from '../verb.ts';
import {stateSentence} from '../views/state.ts';
import {queueText} from '../views/status.ts';
import {say, type World} from '../world.ts';

interface Wishing {
  readonly name: 'cancel' | 'pause' | 'resume' | 'retry' | 'restore';
  readonly brief: string;
  readonly about: string;
  /** What it means without an id; null when one is needed. */
  readonly queue: QueueMode | null;
}

interface Asked {
  /** Empty is the whole queue. */
  readonly ids: readonly IdStart[];
  readonly json: boolean;
}

function wishing({name, brief, about, queue}: Wishing): Verb {
  const takes = queue === null ? 'ID… [--json]' : '[ID…] [--json]';
  return verb({
    ...{name, takes, brief, about},
    short: queue === null ? 'ID…' : '[ID…]',
    options: {json: flag('answer with one JSON object')},
    examples: queue === null ? [`dubstead ${name} k3v9`] : [`dubstead ${name} k3v9`, `dubstead ${name}`],
    words: 'some',
    names: 'job',
    read: ({json}, words): Result<Asked, string> => {
      if (words.length === 0 && queue === null)
        return no('Name at least one job by its id; dubstead jobs lists them.');
      const ids = readIdStarts(words);
      return ids.ok ? ok({ids: ids.value, json: json === true}) : ids;
    },
    run: ({ids, json}, world) =>
      attempt(world, json, async () => {
        const {client} = await findDaemon(world);
        if (ids.length > 0 || queue === null) return wishAll(client, name, {ids, json}, world);
        return setQueue(client, queue, json, world);
      }),
  });
}

export const cancel = wishing({
  name: 'cancel',
  brief: 'end jobs; what they finished is kept for a retry',
  about: 'Ends jobs that wait or run. What they finished is kept: dubstead retry goes on from there.',
  queue: null,
});

export const pause = wishing({
  name: 'pause',
  brief: 'let jobs, or the whole queue, come to rest',
  about:
    'A running job comes to rest at its next finished step. Without an id the whole queue is paused: what runs is finished, nothing new starts.',
  queue: 'paused',
});

export const resume = wishing({
  name: 'resume',
  brief: 'let paused jobs, or the whole queue, go on',
  about: 'Puts paused jobs back into the queue. Without an id the whole queue goes on.',
  queue: 'running',
});

export const retry = wishing({
  name: 'retry',
  brief: 'queue jobs again that have ended',
  about:
    'Queues jobs again that are done, failed, cancelled or set aside. Finished steps are not done twice.',
  queue: null,
});

export const restore = wishing({
  name: 'restore',
  brief: 'take deleted jobs out of the trash',
  about:
    'Makes deleted jobs what they were before, with all of their files; what had not ended comes back as cancelled. It can be done for TRASH_KEEP_DAYS days (7 unless set otherwise). dubstead jobs --state deleted lists the trash.',
  queue: null,
});

interface Refused {
  readonly id: string;
  readonly error: Problem;
}

/** All are found before the first is touched; a no to one does not keep the others from it. */
async function wishAll(
  client: ApiClient,
  wish: Wishing['name'],
  {ids, json}: Asked,
  {screen, complaints, signal, clock}: World,
): Promise<number> {
  const jobs: JobLine[] = [];
  const refused: Refused[] = [];
  let worst: number = exitCodes.done;
  for (const id of await findIds(client, ids, signal)) {
    const answer = await client.call(`jobs.${wish}`, {params: {id}}, {signal});
    if (answer.ok) {
      jobs.push(answer.value);
      const {title, state} = answer.value;
      if (!json) say(screen, [`${id}  ${title}: ${stateSentence(state, clock.now())}`]);
      continue;
    }
    if (answer.why.reason !== 'problem') throw new Hindered({is: 'unanswered', trouble: answer.why});
    const {exit, ...error} = describeTrouble({is: 'unanswered', trouble: answer.why});
    refused.push({id, error});
    worst = Math.max(worst, exit);
    if (!json) say(complaints, [error.what, error.fix]);
  }
  if (json) screen.write(jsonLine({jobs, refused}));
  return worst;
}

async function setQueue(
  client: ApiClient,
  mode: QueueMode,
  json: boolean,
  {screen, signal}: World,
): Promise<number> {
  const queue = await answered(client.call('queue.set', {body: {mode}}, {signal}));
  if (json) screen.write(jsonLine(queue));
  else say(screen, [`The queue: ${queueText(queue)}.`]);
  return exitCodes.done;
}
