/** Owns `dubstead submit`: handing films that lie on this machine to the daemon, and following their dubs if asked to. */
import {basename} from 'node:path';
import type {ApiClient} from '../../appliance/api/client.ts';
import type {InputOf} from '../../appliance/api/row.ts';
import type {Rows} from '../../appliance/api/rows.ts';
import type {Problem, Submitted} from '../../appliance/api/shapes.ts';
import {UserName} from '../../appliance/job.ts';
import {SavedName} from '../../appliance/library/preset.ts';
import {Preset} from '../../appliance/order.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import {attempt} from '../attempt.ts';
import {absolute, readLoudness, readTongue, readWhole, shared} from '../choices.ts';
import {jsonLine, printable} from '../clean.ts';
import {findDaemon} from '../daemon.ts';
import {exitCodes} from '../exit-codes.ts';
import {describeTrouble, Hindered} from '../trouble.ts';
import {choice, flag, type Given, type Surroundings, text, texts, verb} from '../verb.ts';
import {stateSentence} from '../views/state.ts';
import {watchJob} from '../watch.ts';
import {clipped} from '../width.ts';
import {say, type World} from '../world.ts';

type Body = Extract<InputOf<Rows['jobs.submit']>['body'], {readonly path: unknown}>;

interface Asked {
  readonly bodies: readonly Body[];
  readonly follow: boolean;
  readonly json: boolean;
}

/** A long film is copied and hashed before the answer comes. */
const takeInMs = 3_600_000;

const options = {
  to: shared.to('into which language; what is left out is as the box is set'),
  from: shared.from('what the film speaks'),
  preset: choice('NAME', Preset.options, 'fast, balanced or best'),
  hls: flag('also write HLS with both languages, for streaming'),
  loudness: shared.loudness('-14, -16 or -23'),
  like: text('NAME', 'as the preset or series that was saved under this name'),
  keep: choice('WHAT', ['work', 'lines'], 'work keeps the sound between the steps, lines only the text'),
  subs: {...texts('FILE', 'subtitles to use; the name tells their language. May be repeated'), names: 'file'},
  owner: text('USER', 'whose it will be; left out, of the daemon’s own user'),
  priority: text('N', '-100 to 100: higher goes first (default: 0)'),
  follow: flag('stay until the dub is done, and say where it is'),
  json: flag('answer with one JSON object; with --follow one a line'),
} as const;

export const submit = verb({
  name: 'submit',
  takes: 'FILE… [options]',
  short: 'FILE…',
  brief: 'hand films to the daemon to be dubbed',
  about:
    'The daemon copies each film before it answers, so the original may go then. A film that is a job already, with the same owner and options, makes no second one.',
  options,
  examples: ['dubstead submit film.mp4', 'dubstead submit film.mkv --to es --preset best --follow'],
  words: 'some',
  names: 'file',
  read,
  run: (asked, world) => attempt(world, asked.json, () => run(asked, world)),
});

function read(
  values: Given<typeof options>,
  files: readonly string[],
  {folder}: Surroundings,
): Result<Asked, string> {
  if (files.length === 0) return no('Name at least one video.');
  if (values.subs !== undefined && files.length > 1) return no('--subs goes with one video.');
  if ((values.subs?.length ?? 0) > 20) return no('--subs takes up to 20 files.');
  const chosen = readOptions(values);
  if (!chosen.ok) return chosen;
  const owner = UserName.optional().safeParse(values.owner);
  if (!owner.success) return no(`--owner is a user's name in small letters, not "${values.owner}".`);
  const like = SavedName.optional().safeParse(values.like);
  if (!like.success) return no('--like is the name of a preset or series, 1 to 80 characters.');
  const priority = readWhole(values.priority, {what: '--priority', from: -100, to: 100});
  if (!priority.ok) return priority;
  const rest = {
    options: chosen.value,
    sidecars: (values.subs ?? []).map(file => absolute(file, folder)),
    priority: priority.value ?? 0,
    ...(owner.data === undefined ? {} : {owner: owner.data}),
    ...(like.data === undefined ? {} : {like: like.data}),
  };
  const bodies = files.map(file => ({path: absolute(file, folder), ...rest}));
  return ok({bodies, follow: values.follow === true, json: values.json === true});
}

/** Only what was said: the rest is the box's to choose. */
function readOptions(values: Given<typeof options>): Result<NonNullable<Body['options']>, string> {
  const to = readTongue(values.to);
  if (!to.ok) return to;
  const from = readTongue(values.from);
  if (!from.ok) return from;
  const loudness = readLoudness(values.loudness);
  if (!loudness.ok) return loudness;
  const {keep, preset} = values;
  return ok({
    ...(to.value === null ? {} : {to: to.value}),
    ...(from.value === null ? {} : {from: from.value}),
    ...(preset === undefined ? {} : {preset}),
    ...(loudness.value === null ? {} : {loudnessLufs: loudness.value}),
    ...(keep === undefined ? {} : {keep}),
    ...(values.hls === true ? {hls: true} : {}),
  });
}

interface Refused {
  readonly path: string;
  readonly error: Problem;
}

/** All are handed over first, then followed one after the other: the daemon works on them in that order. */
async function run({bodies, follow, json}: Asked, world: World): Promise<number> {
  const {screen} = world;
  const {client} = await findDaemon(world);
  const submitted: Submitted[] = [];
  const refused: Refused[] = [];
  let worst: number = exitCodes.done;
  for (const body of bodies) {
    const answer = await handOver(client, body, world);
    if (answer.ok) {
      submitted.push(answer.value);
      if (follow && json) screen.write(jsonLine({is: 'submitted', ...answer.value}));
      else if (!json) say(screen, [submittedText(body.path, answer.value, follow, world)]);
      continue;
    }
    const {exit, ...error} = describeTrouble({is: 'unanswered', trouble: answer.why});
    const isOverall = answer.why.reason !== 'problem';
    if (isOverall && submitted.length === 0) throw new Hindered({is: 'unanswered', trouble: answer.why});
    worst = Math.max(worst, exit);
    refused.push({path: body.path, error});
    if (follow && json) screen.write(jsonLine({is: 'refused', path: body.path, error}));
    else if (!json) say(world.complaints, [`${basename(body.path)}: ${error.what}`, error.fix]);
    if (isOverall) break;
  }
  if (json && !follow) screen.write(jsonLine({submitted, refused}));
  for (const {job} of follow ? submitted : []) {
    const exit = await watchJob(client, job.id, json, world);
    worst = Math.max(worst, exit);
    if (world.signal.aborted) break;
  }
  return worst;
}

async function handOver(client: ApiClient, body: Body, {screen, signal}: World) {
  const isShown = screen.isTerminal;
  if (isShown)
    screen.write(
      `\r\u001b[2K${clipped(printable(basename(body.path)), screen.columns() - 22)} is being taken in …`,
    );
  try {
    return await client.call('jobs.submit', {body}, {signal, answerMs: takeInMs});
  } finally {
    if (isShown) screen.write('\r\u001b[2K');
  }
}

/** One that is followed says by itself how it is. */
function submittedText(path: string, {made, job}: Submitted, follow: boolean, {clock}: World): string {
  const how = made ? 'is job' : 'is a job already:';
  const state = follow ? '' : ` ${stateSentence(job.state, clock.now())}`;
  return `${basename(path)} ${how} ${job.id}.${state}`;
}
