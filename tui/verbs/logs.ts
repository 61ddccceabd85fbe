/** Owns `dubstead logs`: the end of a job's log, and what is added to it. */
import type {ApiClient} from '../../appliance/api/client.ts';
import type {LogLine} from '../../appliance/api/shapes.ts';
import type {JobId} from '../../appliance/job.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import {attempt} from '../attempt.ts';
import {readWhole} from '../choices.ts';
import {jsonLine} from '../clean.ts';
import {answered, findDaemon} from '../daemon.ts';
import {exitCodes} from '../exit-codes.ts';
import {findId, type IdStart, readIdStart} from '../ids.ts';
import {Patience} from '../patience.ts';
import {describeOutage} from '../trouble.ts';
import {flag, type Given, text, verb} from '../verb.ts';
import {timeOf, type Zone} from '../words.ts';
import {say, type World} from '../world.ts';

interface Asked {
  readonly id: IdStart;
  readonly follow: boolean;
  readonly lines: number;
  readonly json: boolean;
}

const usualLines = 200;

const options = {
  follow: {...flag('stay, and print what is added until the job is over'), short: 'f'},
  lines: {...text('N', `how many of the last lines, 0 to 2000 (default: ${usualLines})`), short: 'n'},
  json: flag('answer with one JSON object; with --follow one a line'),
} as const;

export const logs = verb({
  name: 'logs',
  takes: 'ID [-f] [-n N] [--json]',
  short: 'ID [-f]',
  brief: 'what a job said, and says',
  about:
    'The end of the log of a job: its states, its steps, and what its tools said. With -f a connection that breaks is taken up again without losing a line.',
  options,
  examples: ['dubstead logs k3v9 -f', 'dubstead logs k3v9 -n 20'],
  words: 'some',
  names: 'job',
  read,
  run: (asked, world) => attempt(world, asked.json, () => run(asked, world)),
});

function read(values: Given<typeof options>, words: readonly string[]): Result<Asked, string> {
  const [said] = words;
  if (said === undefined || words.length > 1) return no('Name one job by its id; dubstead jobs lists them.');
  const id = readIdStart(said);
  if (!id.ok) return id;
  const lines = readWhole(values.lines, {what: '--lines', from: 0, to: 2000});
  if (!lines.ok) return lines;
  const {follow, json} = values;
  return ok({id: id.value, follow: follow === true, lines: lines.value ?? usualLines, json: json === true});
}

async function run({id: start, follow, lines, json}: Asked, world: World): Promise<number> {
  const {screen, signal, clock} = world;
  const {client} = await findDaemon(world);
  const id = await findId(client, start, signal);
  if (follow) return followLog(client, {id, lines, json}, world);
  const tail = await answered(client.call('jobs.logs', {params: {id}, query: {tail: lines}}, {signal}));
  if (json) screen.write(jsonLine(tail));
  else {
    const zone = clock.zone();
    say(
      screen,
      tail.lines.flatMap(line => logLines(line, zone)),
    );
  }
  return exitCodes.done;
}

async function followLog(
  client: ApiClient,
  {id, lines, json}: {readonly id: JobId; readonly lines: number; readonly json: boolean},
  {screen, complaints, signal, clock}: World,
): Promise<number> {
  const patience = new Patience();
  const zone = clock.zone();
  for await (const heard of client.follow('jobs.logs', {params: {id}, query: {tail: lines}}, signal)) {
    if (heard.is === 'broken') {
      if (patience.spend(heard.trouble, heard.againMs)) say(complaints, [describeOutage(heard.trouble)]);
      continue;
    }
    patience.restore();
    const {event} = heard;
    if (json) screen.write(jsonLine(event));
    else if (event.is === 'line') say(screen, logLines(event, zone));
    if (event.is === 'end') return exitCodes.done;
  }
  return exitCodes.stopped;
}

/** What a tool said in several lines stays in several, below each other. */
function logLines({at, text}: LogLine, zone: Zone): readonly string[] {
  const time = at === null ? '' : `${timeOf(at, zone)}  `;
  const lines = text.trimEnd().split(/\r?\n/);
  return lines.map((line, number) => (number === 0 ? time : ' '.repeat(time.length)) + line);
}
