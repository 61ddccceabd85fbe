/** Owns `dubstead purge`: what would go of the jobs that are over, and its going once somebody has said how much it is. */

import type {ApiClient} from '../../appliance/api/client.ts';
import {type PurgeDone, PurgeKind, type PurgePlan} from '../../appliance/api/purge-rows.ts';
import {UserName} from '../../appliance/job.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import {answerTimes} from '../answer-times.ts';
import {attempt} from '../attempt.ts';
import {readWhole} from '../choices.ts';
import {jsonLine} from '../clean.ts';
import {answered, findDaemon} from '../daemon.ts';
import {exitCodes} from '../exit-codes.ts';
import {findIds, type IdStart, readIdStarts} from '../ids.ts';
import {flag, type Given, text, texts, verb} from '../verb.ts';
import {doneLines, planLines} from '../views/storage.ts';
import {count, size} from '../words.ts';
import {say, tableColumnsOf, type World} from '../world.ts';

interface Asked {
  readonly kinds: PurgeKind[];
  readonly olderThanDays: number;
  readonly users: readonly UserName[];
  readonly jobs: readonly IdStart[];
  readonly yes: boolean;
  readonly json: boolean;
}

const options = {
  kind: text('KINDS', `these alone, with commas: ${PurgeKind.options.join(' ')}`),
  'older-than': text('DAYS', 'of jobs that were over so long ago'),
  user: texts('USER', 'of this person alone; may be repeated'),
  job: texts('ID', 'of this job alone; may be repeated'),
  yes: flag('remove it without a question; wants --kind'),
  json: flag('answer with one JSON object'),
};

export const purge = verb({
  name: 'purge',
  takes: '[--kind KINDS] [--older-than DAYS] [--user U] [--job ID] [--yes]',
  short: '[--kind K,K]',
  brief: 'what of old jobs could go; it goes when you say so',
  about:
    'Lists what would go of jobs that are over, and does nothing. In a terminal it then asks for the number of files: anything else removes nothing. A file that changed since is left. What went is in a receipt.',
  options,
  examples: ['dubstead purge --older-than 30', 'dubstead purge --kind intermediates,deleted --yes'],
  words: 'none',
  read,
  run: (asked, world) => attempt(world, asked.json, () => run(asked, world)),
});

function read(values: Given<typeof options>): Result<Asked, string> {
  const {kind, 'older-than': days, user = [], job = [], yes = false, json = false} = values;
  const kinds = PurgeKind.array().safeParse(kind?.split(',') ?? PurgeKind.options);
  if (!kinds.success) return no(`--kind is one or more of ${PurgeKind.options.join(', ')}, not "${kind}".`);
  if (yes && kind === undefined) return no('Say with --kind what is to go without a question.');
  const olderThanDays = readWhole(days, {what: '--older-than', from: 0, to: 36_500});
  if (!olderThanDays.ok) return olderThanDays;
  const users = UserName.array().max(100).safeParse(user);
  if (!users.success) return no(`--user is a user's name in small letters, not "${user.join()}".`);
  const jobs = readIdStarts(job);
  if (!jobs.ok) return jobs;
  const asked = {olderThanDays: olderThanDays.value ?? 0, users: users.data, jobs: jobs.value};
  return ok({kinds: [...new Set(kinds.data)], ...asked, yes, json});
}

async function run({yes, json, ...asked}: Asked, world: World): Promise<number> {
  const {screen} = world;
  const {client} = await findDaemon(world);
  const plan = await planned(client, asked, world.signal);
  if (!json) say(screen, planLines(plan, tableColumnsOf(screen)));
  const goes = plan.files > 0 && (yes || (!json && (await isMeant(plan, world))));
  const done = goes ? await carried(client, plan, world.signal) : null;
  if (json) screen.write(jsonLine({plan, done}));
  else if (done !== null) say(screen, doneLines(done));
  return done !== null || plan.files === 0 ? exitCodes.done : exitCodes.refused;
}

async function planned(
  client: ApiClient,
  {kinds, olderThanDays, users, jobs: starts}: Omit<Asked, 'yes' | 'json'>,
  signal: AbortSignal,
): Promise<PurgePlan> {
  const jobs = await findIds(client, starts, signal);
  const whose = {
    ...(users.length === 0 ? {} : {users: [...users]}),
    ...(jobs.length === 0 ? {} : {jobs: [...jobs]}),
  };
  const body = {kinds, olderThanDays, ...whose};
  return answered(client.call('purge.plan', {body}, {signal, answerMs: answerTimes.plan}));
}

/** Only who can be asked can say so. */
async function isMeant({files, bytes}: PurgePlan, {ask, screen, complaints}: World): Promise<boolean> {
  if (ask === null) {
    say(complaints, ['Nothing was removed: nobody can be asked here. To remove it, add --yes and --kind.']);
    return false;
  }
  const said = await ask(`To remove ${count(files, 'file')} (${size(bytes)}) type ${files}: `);
  if (said.trim() === String(files)) return true;
  say(screen, ['Nothing was removed.']);
  return false;
}

function carried(client: ApiClient, {plan, files}: PurgePlan, signal: AbortSignal): Promise<PurgeDone> {
  const input = {params: {plan}, body: {files}};
  return answered(client.call('purge.carry', input, {signal, answerMs: answerTimes.carry}));
}
