/** Owns `dubstead audit`: what was written down, what is being written, and whether all of it is still there. */

import type {ApiClient} from '../../appliance/api/client.ts';
import type {TrailEntry} from '../../appliance/api/trail-rows.ts';
import {auditActions} from '../../appliance/audit/actions.ts';
import {UserName} from '../../appliance/job.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import {answerTimes} from '../answer-times.ts';
import {attempt} from '../attempt.ts';
import {readWhole} from '../choices.ts';
import {jsonLine} from '../clean.ts';
import {answered, findDaemon} from '../daemon.ts';
import {exitCodes} from '../exit-codes.ts';
import {Patience} from '../patience.ts';
import {describeOutage} from '../trouble.ts';
import {flag, type Given, text, verb} from '../verb.ts';
import {auditLine, verdictLines} from '../views/audit.ts';
import {say, type World} from '../world.ts';

interface Wanted {
  readonly user?: UserName;
  readonly action?: string;
}

type Asked = {readonly json: boolean} & (
  | {readonly is: 'list'; readonly wanted: Wanted; readonly lines: number; readonly follow: boolean}
  | {readonly is: 'verify'}
);

const usualLines = 50;
const mostLines = 10_000;
/** As many as one answer has. */
const pageLimit = 500;

const options = {
  follow: {...flag('stay, and print what is written down'), short: 'f'},
  user: text('USER', 'what this person did'),
  action: {...text('ACTION', 'of this kind, such as auth.login_failed'), hints: [...auditActions]},
  lines: {...text('N', `how many of the last, 1 to ${mostLines} (default: ${usualLines})`), short: 'n'},
  json: flag('answer with one JSON object; with --follow one a line'),
} as const;

const deeds = ['list', 'verify'] as const;

export const audit = verb({
  name: 'audit',
  takes: `[${deeds.join('|')}] [-f] [--user USER] [--action ACTION] [-n N] [--json]`,
  short: '[verify] [-f]',
  brief: 'who did what, as it was written down; is it all there',
  about:
    'list prints the last lines of the audit, the newest last: when, who, what, how it ended, what it was done to, and from where. That you looked is written down as well. verify checks every line against the one before it, and ends with 0 when all is as it was written, or with 5 and the place where it is not. Without the daemon, dubstead doctor checks it.',
  options,
  deeds,
  examples: ['dubstead audit -n 20', 'dubstead audit -f --action auth.login_failed', 'dubstead audit verify'],
  words: 'some',
  read,
  run: (asked, world) => attempt(world, asked.json, () => run(asked, world)),
});

function read(
  {follow, user: whose, action, lines: said, json}: Given<typeof options>,
  [is = 'list', ...rest]: readonly string[],
): Result<Asked, string> {
  if (rest.length > 0) return no(`Nothing goes with dubstead audit ${is} but options.`);
  if (is === 'verify') {
    const isNarrowed = [follow, whose, action, said].some(each => each !== undefined);
    return isNarrowed
      ? no('Nothing goes with dubstead audit verify but --json: it checks all of the audit.')
      : ok({is, json: json === true});
  }
  const user = UserName.optional().safeParse(whose);
  if (!user.success) return no(`--user is a user's name in small letters, not "${whose}".`);
  if (action !== undefined && (!/^[a-z_]+(?:\.[a-z_]+){1,3}$/.test(action) || action.length > 60))
    return no(`--action is the name of one, such as auth.login_failed, not "${action}".`);
  const lines = readWhole(said, {what: '--lines', from: 1, to: mostLines});
  if (!lines.ok) return lines;
  const wanted = {
    ...(user.data === undefined ? {} : {user: user.data}),
    ...(action === undefined ? {} : {action}),
  };
  return ok({
    ...{is: 'list', wanted, lines: lines.value ?? usualLines},
    ...{follow: follow === true, json: json === true},
  });
}

async function run(asked: Asked, world: World): Promise<number> {
  const {screen, signal, clock} = world;
  const {client} = await findDaemon(world);
  const {json} = asked;
  if (asked.is === 'verify') {
    const verdict = await answered(client.call('audit.verify', {}, {signal, answerMs: answerTimes.verify}));
    if (json) screen.write(jsonLine(verdict));
    else say(verdict.is === 'whole' ? screen : world.complaints, verdictLines(verdict, clock.zone()));
    return verdict.is === 'whole' ? exitCodes.done : exitCodes.failed;
  }
  if (asked.follow) return follow(client, asked, world);
  const page = await listed(client, asked, signal);
  const zone = clock.zone();
  if (json) screen.write(jsonLine(page));
  else if (page.entries.length === 0) say(screen, ['Nothing of that was written down.']);
  else
    say(
      screen,
      page.entries.toReversed().map(entry => auditLine(entry, zone)),
    );
  return exitCodes.done;
}

/** Newest first, page after page. */
async function listed(
  client: ApiClient,
  {wanted, lines}: Extract<Asked, {is: 'list'}>,
  signal: AbortSignal,
): Promise<{readonly entries: readonly TrailEntry[]; readonly next: number | null}> {
  const entries: TrailEntry[] = [];
  let next: number | null = null;
  do {
    const query = {
      ...{...wanted, limit: Math.min(pageLimit, lines - entries.length)},
      ...(next === null ? {} : {before: next}),
    };
    const page: {readonly entries: TrailEntry[]; readonly next: number | null} = await answered(
      client.call('audit.recent', {query}, {signal}),
    );
    entries.push(...page.entries);
    next = page.next;
  } while (next !== null && entries.length < lines);
  return {entries, next};
}

async function follow(
  client: ApiClient,
  {wanted, lines, json}: Extract<Asked, {is: 'list'}>,
  {screen, complaints, signal, clock}: World,
): Promise<number> {
  const patience = new Patience();
  const zone = clock.zone();
  const query = {...wanted, limit: Math.min(lines, pageLimit)};
  for await (const heard of client.follow('audit.recent', {query}, signal)) {
    if (heard.is === 'broken') {
      if (patience.spend(heard.trouble, heard.againMs)) say(complaints, [describeOutage(heard.trouble)]);
      continue;
    }
    patience.restore();
    const {event} = heard;
    if (json) screen.write(jsonLine(event));
    else if (event.is === 'entry') say(screen, [auditLine(event, zone)]);
    else say(complaints, ['More was written down meanwhile than is shown here: dubstead audit has it.']);
  }
  return exitCodes.stopped;
}
