/** Owns `dubstead session`: who is logged in where, ending that, and letting a device in by its number. */
import type {IntentShown, SessionShown} from '../../appliance/api/account-shapes.ts';
import type {ApiClient} from '../../appliance/api/client.ts';
import {UserName} from '../../appliance/job.ts';
import {no, ok, type Result, unreachable} from '../../appliance/result.ts';
import {attempt} from '../attempt.ts';
import {jsonLine} from '../clean.ts';
import {answered, findDaemon} from '../daemon.ts';
import {exitCodes} from '../exit-codes.ts';
import {type IdStart, type Kind, oneOf, readIdStart} from '../ids.ts';
import {unsure} from '../sure.ts';
import {flag, type Given, text, verb} from '../verb.ts';
import {intentsTable, sessionsTable} from '../views/sessions.ts';
import {count} from '../words.ts';
import {say, tableColumnsOf, type World} from '../world.ts';

type Whose =
  | {readonly is: 'one'; readonly id: IdStart}
  | {readonly is: 'all'; readonly user: UserName | null};

type Deed =
  | {readonly is: 'list'; readonly user: UserName | null}
  | {readonly is: 'end'; readonly whose: Whose}
  | {readonly is: 'pending'}
  | {
      readonly is: 'approve';
      readonly id: IdStart;
      readonly number: string;
      readonly as: UserName | null;
    }
  | {readonly is: 'deny'; readonly id: IdStart};

interface Asked {
  readonly deed: Deed;
  readonly yes: boolean;
  readonly json: boolean;
}

const logins: Kind = {what: 'login', characters: 10, list: 'dubstead session'};
const devices: Kind = {what: 'device', characters: 16, list: 'dubstead session pending'};

const options = {
  user: text('NAME', 'with list and end: this person’s'),
  all: flag('with end: everybody’s'),
  as: text('USER', 'with approve: as whom they come in, where no code was made for somebody'),
  yes: flag('with end: do not ask whether that is meant'),
  json: flag('answer with one JSON object'),
};

const deeds = ['list', 'end', 'pending', 'approve', 'deny'] as const;

export const session = verb({
  name: 'session',
  takes: `[${deeds.join('|')}] [ID] [NUMBER] [options]`,
  short: '[end ID]',
  brief: 'who is logged in where, and who asks to be let in',
  about:
    'list shows every login: whose, on which device, how they came in, from where, and when it was last seen. end ends one, all of one person’s, or everybody’s; streams and links go with it, keys stay. pending shows the devices that ask to be let in by a square code, each with the number that must stand on its screen: approve ID NUMBER lets it in, deny ID sends it away.',
  options,
  deeds,
  examples: [
    'dubstead session',
    'dubstead session end k3v9',
    'dubstead session end --user ann --yes',
    'dubstead session approve k3v9 42 --as ann',
  ],
  words: 'some',
  read,
  run: (asked, world) => attempt(world, asked.json, () => run(asked, world)),
});

function read(given: Given<typeof options>, words: readonly string[]): Result<Asked, string> {
  const deed = readDeed(given, words);
  const {yes, json} = given;
  return deed.ok ? ok({deed: deed.value, yes: yes === true, json: json === true}) : deed;
}

function readDeed(
  {user: whose, all, as: whom}: Given<typeof options>,
  [is = 'list', id, number, ...rest]: readonly string[],
): Result<Deed, string> {
  const [user, as] = [readName('--user', whose), readName('--as', whom)];
  if (!user.ok) return user;
  if (!as.ok) return as;
  if (all === true && is !== 'end') return no('--all goes with end.');
  if (user.value !== null && is !== 'list' && is !== 'end') return no('--user goes with list and end.');
  if (as.value !== null && is !== 'approve') return no('--as goes with approve.');
  if (rest.length > 0 || (number !== undefined && is !== 'approve')) return no('Name one at a time.');
  if (is === 'list' || is === 'pending') {
    if (id !== undefined) return no(`No id goes with dubstead session ${is}.`);
    return ok(is === 'list' ? {is, user: user.value} : {is});
  }
  if (is === 'end') return readEnd(id, user.value, all === true);
  if (id === undefined) return no(`Name the device by its id: ${devices.list} lists them.`);
  const start = readIdStart(id, devices);
  if (!start.ok) return start;
  if (is !== 'approve') return ok({is: 'deny', id: start.value});
  if (number === undefined || !/^\d{2}$/.test(number))
    return no('Give the number that stands on the device’s screen, two digits, behind its id.');
  return ok({is, id: start.value, number, as: as.value});
}

function readEnd(id: string | undefined, user: UserName | null, all: boolean): Result<Deed, string> {
  const ways = [id !== undefined, user !== null, all].filter(Boolean).length;
  if (ways !== 1) return no('Say which login ends: one by its id, all of somebody with --user, or --all.');
  if (id === undefined) return ok({is: 'end', whose: {is: 'all', user}});
  const start = readIdStart(id, logins);
  return start.ok ? ok({is: 'end', whose: {is: 'one', id: start.value}}) : start;
}

function readName(option: string, said: string | undefined): Result<UserName | null, string> {
  if (said === undefined) return ok(null);
  const name = UserName.safeParse(said);
  return name.success ? ok(name.data) : no(`${option} is a user's name in small letters, not "${said}".`);
}

async function run({deed, yes, json}: Asked, world: World): Promise<number> {
  const {screen, signal, clock} = world;
  const {client} = await findDaemon(world);
  const tell = (answer: object, lines: () => readonly string[]): number => {
    if (json) screen.write(jsonLine(answer));
    else say(screen, lines());
    return exitCodes.done;
  };
  switch (deed.is) {
    case 'list': {
      const {sessions} = await listed(client, deed.user, signal);
      const nobody = ['Nobody is logged in.'];
      const lines = () => sessionsTable(sessions, clock.now(), tableColumnsOf(screen));
      return tell({sessions}, () => (sessions.length === 0 ? nobody : lines()));
    }
    case 'end':
      return end(client, deed.whose, {yes, json}, world);
    case 'pending': {
      const {intents} = await answered(client.call('auth.qr_pending', {}, {signal}));
      const nobody = ['No device asks to be let in.'];
      const lines = () => intentsTable(intents, clock.now(), tableColumnsOf(screen));
      return tell({intents}, () => (intents.length === 0 ? nobody : lines()));
    }
    case 'approve':
    case 'deny': {
      const intent = await decide(client, deed, signal);
      return tell({intent}, () => [decidedWords(intent, deed)]);
    }
    default:
      return unreachable(deed);
  }
}

function listed(client: ApiClient, user: UserName | null, signal: AbortSignal) {
  return answered(client.call('sessions.list', {query: user === null ? {} : {user}}, {signal}));
}

async function end(
  client: ApiClient,
  whose: Whose,
  {yes, json}: Omit<Asked, 'deed'>,
  world: World,
): Promise<number> {
  const {screen, signal} = world;
  const found = whose.is === 'one' ? await loginOf(client, whose.id, signal) : null;
  const [what, words] =
    found !== null
      ? [`the login of ${titleOf(found)}`, found.id]
      : whose.is === 'all' && whose.user !== null
        ? [`all logins of ${whose.user}`, `--user ${whose.user}`]
        : ['the logins of everybody', '--all'];
  const line = `dubstead session end ${words} --yes`;
  const code = await unsure(world, {yes, json, question: `End ${what}?`, line});
  if (code !== null) return code;
  const ended = await (found === null
    ? answered(
        client.call('sessions.revoke_all', {body: {user: whose.is === 'all' ? whose.user : null}}, {signal}),
      ).then(answer => answer.ended)
    : answered(client.call('sessions.revoke', {params: {session: found.id}}, {signal})).then(() => 1));
  if (json) screen.write(jsonLine({ended}));
  else say(screen, [`${count(ended, 'login')} ended.`]);
  return exitCodes.done;
}

async function loginOf(client: ApiClient, id: IdStart, signal: AbortSignal): Promise<SessionShown> {
  const {sessions} = await listed(client, null, signal);
  return oneOf(sessions, id, logins, titleOf);
}

function titleOf({user, device, lastAddress}: SessionShown): string {
  return `${user} on ${device} at ${lastAddress}`;
}

async function decide(
  client: ApiClient,
  deed: Extract<Deed, {is: 'approve' | 'deny'}>,
  signal: AbortSignal,
): Promise<IntentShown> {
  const {intents} = await answered(client.call('auth.qr_pending', {}, {signal}));
  const {id: intent} = oneOf(intents, deed.id, devices, ({device, address}) => `${device} at ${address}`);
  const params = {intent};
  if (deed.is === 'deny') return answered(client.call('auth.qr_deny', {params}, {signal}));
  const {number, as} = deed;
  const body = {number, ...(as === null ? {} : {user: as})};
  return answered(client.call('auth.qr_approve', {params, body}, {signal}));
}

function decidedWords({device, address}: IntentShown, deed: Extract<Deed, {is: 'approve' | 'deny'}>): string {
  if (deed.is === 'deny') return `${device} at ${address} was sent away.`;
  return `${device} at ${address} comes in as ${deed.as ?? 'the one whom its code was made for'}.`;
}
