/** Owns `dubstead priority`: which jobs go first. */
import {no, ok, type Result} from '../../appliance/result.ts';
import {attempt} from '../attempt.ts';
import {readWhole} from '../choices.ts';
import {jsonLine} from '../clean.ts';
import {answered, findDaemon} from '../daemon.ts';
import {findId, type IdStart, readIdStart} from '../ids.ts';
import {flag, type Given, verb} from '../verb.ts';
import {stateSentence} from '../views/state.ts';
import {say, type World} from '../world.ts';

interface Asked {
  readonly id: IdStart;
  readonly priority: number;
  readonly json: boolean;
}

const options = {json: flag('answer with one JSON object')};

export const priority = verb({
  name: 'priority',
  takes: 'ID N [--json]',
  short: 'ID N',
  brief: 'move a job forward or back in the queue',
  about:
    'From -100 to 100; higher goes first, 0 is what everybody gets, and within one number the older job goes first. A job that runs is not stopped for it.',
  options,
  examples: ['dubstead priority k3v9 10', 'dubstead priority k3v9 -5'],
  words: 'numbers',
  names: 'job',
  read,
  run: (asked, world) => attempt(world, asked.json, () => run(asked, world)),
});

function read({json}: Given<typeof options>, words: readonly string[]): Result<Asked, string> {
  const [said, number] = words;
  if (said === undefined || number === undefined || words.length > 2)
    return no('Name one job by its id, and its priority: dubstead priority k3v9 10.');
  const id = readIdStart(said);
  if (!id.ok) return id;
  const priority = readWhole(number, {what: 'A priority', from: -100, to: 100});
  if (!priority.ok) return priority;
  return ok({id: id.value, priority: priority.value ?? 0, json: json === true});
}

async function run({id: start, priority, json}: Asked, world: World): Promise<number> {
  const {screen, signal, clock} = world;
  const {client} = await findDaemon(world);
  const id = await findId(client, start, signal);
  const job = await answered(client.call('jobs.priority', {params: {id}, body: {priority}}, {signal}));
  if (json) screen.write(jsonLine(job));
  else
    say(screen, [`${id}  ${job.title}: priority ${job.priority}. ${stateSentence(job.state, clock.now())}`]);
  return 0;
}
