/** Owns `dubstead job`: all there is to say of one job. */
import {no, ok, type Result} from '../../appliance/result.ts';
import {attempt} from '../attempt.ts';
import {jsonLine} from '../clean.ts';
import {answered, findDaemon} from '../daemon.ts';
import {findId, type IdStart, readIdStart} from '../ids.ts';
import {flag, type Given, verb} from '../verb.ts';
import {jobLines} from '../views/job.ts';
import {columnsOf, say, type World} from '../world.ts';

interface Asked {
  readonly id: IdStart;
  readonly json: boolean;
}

const options = {json: flag('answer with one JSON object: job and timeline')};

export const job = verb({
  name: 'job',
  takes: 'ID [--json]',
  short: 'ID',
  brief: 'one job: its stages and why each ran, what it made',
  about:
    'What was asked for, how far it is, the stages with their times and reasons, the files it made, and what you can do with it now. The first 4 characters of an id will do when no other job has them.',
  options,
  examples: ['dubstead job k3v9'],
  words: 'some',
  names: 'job',
  read,
  run: (asked, world) => attempt(world, asked.json, () => run(asked, world)),
});

function read({json}: Given<typeof options>, words: readonly string[]): Result<Asked, string> {
  const [said] = words;
  if (said === undefined || words.length > 1) return no('Name one job by its id; dubstead jobs lists them.');
  const id = readIdStart(said);
  return id.ok ? ok({id: id.value, json: json === true}) : id;
}

async function run(asked: Asked, world: World): Promise<number> {
  const {screen, signal, clock} = world;
  const {client} = await findDaemon(world);
  const params = {id: await findId(client, asked.id, signal)};
  const [detail, timeline] = await Promise.all([
    answered(client.call('jobs.get', {params}, {signal})),
    answered(client.call('jobs.timeline', {params}, {signal})),
  ]);
  if (asked.json) screen.write(jsonLine({job: detail, timeline}));
  else
    say(
      screen,
      jobLines(detail, timeline, {now: clock.now(), zone: clock.zone(), columns: columnsOf(screen)}),
    );
  return 0;
}
