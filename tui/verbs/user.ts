/** Owns `dubstead user`: the people of this box, and the codes that let them in. */
import type {CodeShown, UserShown} from '../../appliance/api/account-shapes.ts';
import type {ApiClient} from '../../appliance/api/client.ts';
import {Role} from '../../appliance/api/permissions.ts';
import {UserName} from '../../appliance/job.ts';
import {no, ok, type Result, unreachable} from '../../appliance/result.ts';
import {attempt} from '../attempt.ts';
import {readWhole} from '../choices.ts';
import {jsonLine} from '../clean.ts';
import {answered, findDaemon} from '../daemon.ts';
import {squareCode} from '../square-code.ts';
import {unsure} from '../sure.ts';
import {choice, either, flag, type Given, text, verb} from '../verb.ts';
import {codeLines, usersTable} from '../views/users.ts';
import {say, tableColumnsOf, type World} from '../world.ts';

export type Deed =
  | {readonly is: 'list' | 'code'}
  | {readonly is: 'add'; readonly name: UserName; readonly role: Role}
  | {readonly is: 'invite'; readonly name: UserName | null; readonly role: Role; readonly days: number}
  | {readonly is: 'role'; readonly name: UserName; readonly role: Role}
  | {readonly is: 'disable' | 'enable' | 'reset' | 'remove'; readonly name: UserName};

interface Asked {
  readonly deed: Deed;
  readonly yes: boolean;
  readonly json: boolean;
}

const options = {
  role: choice('ROLE', Role.options, `with add and invite: ${either(Role.options)} (default: operator)`),
  days: text('N', 'with invite: how long the link is good, 1 to 30 (default: 7)'),
  yes: flag('with remove: do not ask whether that is meant'),
  json: flag('answer with one JSON object'),
};

const deeds = ['list', 'add', 'invite', 'role', 'disable', 'enable', 'reset', 'remove', 'code'] as const;

export const user = verb({
  name: 'user',
  takes: `[${deeds.join('|')}] [NAME] [options]`,
  short: '[add|invite…]',
  brief: 'the people of this box, and the codes that let them in',
  about:
    'list shows who there is. add NAME makes somebody, and prints a code by which they choose their password; reset NAME prints another for a new one: that is how somebody gets in again who has lost theirs, the last admin too, by whoever sits at the box. invite prints a link for whoever comes to choose a name as well. role NAME ROLE, disable, enable and remove take effect at once: what somebody was logged in to ends. code prints the setup code of a box that has no users yet. The last admin stays.',
  options,
  deeds,
  examples: [
    'dubstead user',
    'dubstead user add ann --role admin',
    'dubstead user invite --role viewer --days 2',
    'dubstead user reset ann',
    'dubstead user remove ann --yes',
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
  {role: said, days: daysSaid}: Given<typeof options>,
  [is = 'list', word, roleWord, ...rest]: readonly string[],
): Result<Deed, string> {
  const role = Role.safeParse((is === 'role' ? roleWord : said) ?? 'operator');
  if (!role.success) return no(`A role is ${either(Role.options)}, not "${roleWord}".`);
  const days = readWhole(daysSaid, {what: '--days', from: 1, to: 30});
  if (!days.ok) return days;
  if (rest.length > 0 || (roleWord !== undefined && is !== 'role')) return no('Name one user at a time.');
  if (is === 'list' || is === 'code')
    return word === undefined ? ok({is}) : no(`No name goes with dubstead user ${is}.`);
  const name = word === undefined ? null : readName(word);
  if (name?.ok === false) return name;
  if (is === 'invite') return ok({is, name: name?.value ?? null, role: role.data, days: days.value ?? 7});
  const known = ['add', 'role', 'disable', 'enable', 'reset', 'remove'] as const;
  const deed = known.find(each => each === is);
  if (deed === undefined) throw new Error(`nobody does "${is}"`);
  if (name === null) return no(`Name the user: dubstead user ${is} ann.`);
  if (deed === 'role' && roleWord === undefined)
    return no('Name the role as well: dubstead user role ann admin.');
  return ok(
    deed === 'add' || deed === 'role'
      ? {is: deed, name: name.value, role: role.data}
      : {is: deed, name: name.value},
  );
}

function readName(word: string): Result<UserName, string> {
  const name = UserName.safeParse(word);
  if (name.success) return ok(name.data);
  return no(`"${word}" cannot be a user's name: small letters, digits, - and _, up to 32.`);
}

async function run({deed, yes, json}: Asked, world: World): Promise<number> {
  const {screen, signal, clock} = world;
  if (deed.is === 'remove') {
    const question = `Remove ${deed.name}, and end their logins and keys?`;
    const line = `dubstead user remove ${deed.name} --yes`;
    const code = await unsure(world, {yes, json, question, line});
    if (code !== null) return code;
  }
  const {client} = await findDaemon(world);
  const done = await carryOut(client, deed, signal);
  if (json) screen.write(jsonLine(done));
  else if ('users' in done) {
    const none = ['Nobody yet. dubstead user code prints the code that lets the first admin in.'];
    say(screen, done.users.length === 0 ? none : usersTable(done.users, clock.now(), tableColumnsOf(screen)));
  } else {
    const {code} = done;
    say(screen, [...wordsFor(deed, done.user), ...(code === null ? [] : codeLines(code, clock.now()))]);
    // For a phone held to the screen; in a pipe it would be noise.
    if (code !== null && screen.isTerminal) say(screen, await squareCode(code.url));
  }
  return 0;
}

type Outcome =
  | {readonly users: readonly UserShown[]}
  | {readonly user: UserShown | null; readonly code: CodeShown | null};

async function carryOut(client: ApiClient, deed: Deed, signal: AbortSignal): Promise<Outcome> {
  const settings = {signal};
  switch (deed.is) {
    case 'list':
      return answered(client.call('users.list', {}, settings));
    case 'code':
      return {user: null, code: await answered(client.call('users.setup', {}, settings))};
    case 'add': {
      const body = {name: deed.name, role: deed.role, password: null};
      return answered(client.call('users.add', {body}, settings));
    }
    case 'invite': {
      const {name, role, days} = deed;
      return {
        user: null,
        code: await answered(client.call('users.invite', {body: {name, role, days}}, settings)),
      };
    }
    case 'role':
    case 'disable':
    case 'enable': {
      const body = deed.is === 'role' ? {role: deed.role} : {disabled: deed.is === 'disable'};
      const user = await answered(client.call('users.change', {params: {name: deed.name}, body}, settings));
      return {user, code: null};
    }
    case 'reset':
      return {
        user: null,
        code: await answered(client.call('users.reset', {params: {name: deed.name}}, settings)),
      };
    case 'remove':
      await answered(client.call('users.remove', {params: {name: deed.name}}, settings));
      return {user: null, code: null};
    default:
      return unreachable(deed);
  }
}

function wordsFor(deed: Deed, user: UserShown | null): readonly string[] {
  switch (deed.is) {
    case 'add':
      return [`${deed.name} is ${deed.role} now, and has no password yet.`];
    case 'role':
      return [`${deed.name} is ${user?.role ?? deed.role} now. What they were logged in to has ended.`];
    case 'disable':
      return [`${deed.name} is not let in any more; what they were logged in to has ended.`];
    case 'enable':
      return [`${deed.name} may log in again.`];
    case 'remove':
      return [`${deed.name} is gone, with their logins and keys. Their jobs stay.`];
    case 'invite':
      return [`Whoever has this link comes in once, as ${deed.role}.`];
    case 'reset':
      return [`${deed.name} chooses a new password by this; the old one counts until then.`];
    case 'list':
    case 'code':
      return [];
    default:
      return unreachable(deed);
  }
}
