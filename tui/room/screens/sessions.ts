/** Owns the screen of who is let in: logins, people, keys, and those who wait to be let in. Pure. */
import type {IntentShown, KeyShown, SessionShown, UserShown} from '../../../appliance/api/account-shapes.ts';
import {stateOf} from '../../views/users.ts';
import {age, count} from '../../words.ts';
import {asking, confirming} from '../dialogs.ts';
import {type Deed, type Model, saying, type Turn} from '../model.ts';
import {goToPane, withPlace} from '../navigate.ts';
import {type Screen, type Table, table} from '../pane.ts';
import {line, paragraph, span} from '../text.ts';
import {peopleKeys} from './people-keys.ts';

const none: readonly never[] = [];
const asked = (isHere: boolean, words: string): readonly string[] => [isHere ? words : 'Asking the daemon …'];

const again = (of: 'sessions' | 'users' | 'keys' | 'pending') =>
  ({
    keys: ['r'],
    does: 'ask again',
    run: model => [model, [{is: 'refresh', of: [of]}]],
  }) satisfies {keys: string[]; does: string; run: (model: Model) => Turn};

const refresh = ['sessions', 'users'] as const;

const logins: Table<SessionShown> = table<SessionShown>('sessions', {
  name: 'logins',
  title: 'Logins',
  items: ({held}) => held.sessions?.value?.sessions ?? none,
  id: ({id}) => id,
  text: ({id, user, device, how, lastAddress}) => `${id} ${user} ${device} ${how} ${lastAddress}`,
  columns: [
    {head: 'WHO', columns: 12, cell: ({user}) => span(user, 'strong')},
    {head: 'DEVICE', columns: 'rest', cell: ({device}) => device},
    {head: 'CAME BY', columns: 9, from: 70, cell: ({how}) => how},
    {head: 'FIRST FROM', columns: 16, from: 110, cell: ({firstAddress}) => firstAddress},
    {head: 'LAST FROM', columns: 16, cell: ({lastAddress}) => lastAddress},
    {head: 'SEEN', columns: 6, side: 'right', cell: ({lastSeen}, {now}) => age(now - lastSeen)},
    {head: 'SINCE', columns: 6, side: 'right', cell: ({created}, {now}) => age(now - created)},
  ],
  sorts: [
    {name: 'who', of: ({user}) => user},
    {name: 'last seen', of: ({lastSeen}) => -lastSeen},
  ],
  empty: ({held}) => asked(held.sessions?.value != null, 'Nobody is logged in.'),
  keys: [
    {
      keys: ['x'],
      short: 'end',
      does: 'end this login, or the marked ones',
      changes: true,
      run: model => end(model, logins.picked(model)),
    },
    {
      keys: ['u'],
      short: 'end all of one',
      does: 'end all logins of this person',
      changes: true,
      run: model => endAllOf(model, logins.current(model)?.user ?? null),
    },
    {keys: ['A'], does: 'end all logins of everybody', changes: true, run: endAll},
    again('sessions'),
  ],
  wants: () => [{of: 'sessions', input: {}, everyMs: null}],
});

function end(model: Model, sessions: readonly SessionShown[]): Turn {
  const [first] = sessions;
  if (first === undefined) return [saying(model, 'There is no login here.'), []];
  const many = count(sessions.length, 'login');
  return confirming(model, {
    title: `End ${many}?`,
    about: [
      ...sessions.slice(0, 6).map(({user, device, lastAddress}) => `${user}, ${device}, from ${lastAddress}`),
      'Whoever it is logs in again with their password.',
    ],
    label: 'End',
    deed: {
      calls: sessions.map(({id}) => ({row: 'sessions.revoke', input: {params: {session: id}}})),
      done: `${many} ended.`,
      refresh,
    },
    ...(sessions.length > 1 ? {must: sessions.length} : {}),
  });
}

function endAllOf(model: Model, user: SessionShown['user'] | null): Turn {
  const all = (model.held.sessions?.value?.sessions ?? []).filter(session => session.user === user);
  if (user === null || all.length === 0) return [saying(model, 'There is no login here.'), []];
  return confirming(model, {
    title: `End all logins of ${user}?`,
    about: [`${count(all.length, 'login')}. Keys for scripts stay: they are ended on the part Keys.`],
    label: 'End all of them',
    deed: revokeAll(user, `All logins of ${user} ended.`),
    must: all.length,
  });
}

function endAll(model: Model): Turn {
  const all = model.held.sessions?.value?.sessions ?? [];
  if (all.length === 0) return [saying(model, 'Nobody is logged in.'), []];
  return confirming(model, {
    title: 'End all logins of everybody?',
    about: [`${count(all.length, 'login')}. Everybody logs in again.`],
    label: 'End all of them',
    deed: revokeAll(null, 'All logins ended.'),
    must: all.length,
  });
}

function revokeAll(user: SessionShown['user'] | null, done: string): Deed {
  return {calls: [{row: 'sessions.revoke_all', input: {body: {user}}}], done, refresh};
}

const people: Table<UserShown> = table<UserShown>('sessions', {
  name: 'people',
  title: 'People',
  items: ({held}) => held.users?.value?.users ?? none,
  id: ({name}) => name,
  text: ({name, role}) => `${name} ${role}`,
  columns: [
    {head: 'NAME', columns: 'rest', cell: ({name}) => span(name, 'strong')},
    {head: 'ROLE', columns: 10, cell: ({role}) => role},
    {head: 'STATE', columns: 20, cell: user => span(stateOf(user), user.disabled ? 'warn' : 'plain')},
    {head: 'LOGINS', columns: 7, side: 'right', cell: ({sessions}) => String(sessions)},
    {
      head: 'SEEN',
      columns: 6,
      side: 'right',
      cell: ({lastSeen}, {now}) => (lastSeen === null ? '-' : age(now - lastSeen)),
    },
  ],
  empty: ({held}) =>
    asked(
      held.users?.value != null,
      'Nobody has an account yet: s shows the code that lets the first admin in.',
    ),
  keys: [
    {
      keys: ['enter'],
      does: 'their logins',
      run(model) {
        const name = people.current(model)?.name;
        return name === undefined
          ? [model, []]
          : [withPlace(goToPane(model, -1), {filter: name, cursor: null, index: 0, top: 0}), []];
      },
    },
    ...peopleKeys(model => people.current(model)),
    again('users'),
  ],
  wants: () => [{of: 'users', input: {}, everyMs: null}],
});

const keys: Table<KeyShown> = table<KeyShown>('sessions', {
  name: 'keys',
  title: 'Keys',
  items: ({held}) => held.keys?.value?.keys ?? none,
  id: ({id}) => id,
  text: ({id, name, owner, scopes}) => `${id} ${name} ${owner} ${scopes.join(' ')}`,
  columns: [
    {head: 'KEY', columns: 12, from: 70, cell: ({id}) => id},
    {head: 'NAME', columns: 'rest', cell: ({name}) => span(name, 'strong')},
    {head: 'OWNER', columns: 10, cell: ({owner}) => owner},
    {head: 'MAY', columns: 'rest', cell: ({scopes}) => scopes.join(' ')},
    {
      head: 'USED',
      columns: 6,
      side: 'right',
      cell: ({lastUsed}, {now}) => (lastUsed === null ? 'never' : age(now - lastUsed)),
    },
    {
      head: 'STATE',
      columns: 8,
      cell: ({revoked, expires}, {now}) => {
        if (revoked !== null) return span('ended', 'dim');
        return expires !== null && expires <= now ? span('expired', 'dim') : span('good', 'good');
      },
    },
  ],
  empty: ({held}) =>
    asked(held.keys?.value != null, 'There are no keys: people make their own on the settings page.'),
  keys: [
    {
      keys: ['x'],
      short: 'end',
      does: 'end this key, or the marked ones',
      changes: true,
      run(model) {
        const picked = keys.picked(model).filter(({revoked}) => revoked === null);
        if (picked.length === 0) return [saying(model, 'There is no key here that still counts.'), []];
        return confirming(model, {
          title: `End ${count(picked.length, 'key')}?`,
          about: [
            ...picked.slice(0, 6).map(({name, owner}) => `${name}, of ${owner}`),
            'Scripts that use it are refused from then on.',
          ],
          label: 'End',
          deed: {
            calls: picked.map(({id}) => ({row: 'keys.end', input: {params: {key: id}}})),
            done: `${count(picked.length, 'key')} ended.`,
            refresh: ['keys'],
          },
          ...(picked.length > 1 ? {must: picked.length} : {}),
        });
      },
    },
    again('keys'),
  ],
  wants: () => [{of: 'keys', input: {}, everyMs: null}],
});

const waiting: Table<IntentShown> = table<IntentShown>('sessions', {
  name: 'waiting',
  title: 'Waiting',
  items: ({held}) => held.pending?.value?.intents ?? none,
  id: ({id}) => id,
  text: ({device, address}) => `${device} ${address}`,
  columns: [
    {head: 'NUMBER', columns: 6, cell: ({number}) => span(number, 'strong')},
    {head: 'DEVICE', columns: 'rest', cell: ({device}) => device},
    {head: 'FROM', columns: 20, cell: ({address}) => address},
    {head: 'STATE', columns: 9, cell: ({state}) => span(state, state === 'waiting' ? 'warn' : 'dim')},
    {head: 'ENDS IN', columns: 8, side: 'right', cell: ({expires}, {now}) => age(Math.max(0, expires - now))},
  ],
  empty: ({held}) => asked(held.pending?.value != null, 'Nobody waits to be let in.'),
  above: (_model, columns) => [
    ...paragraph(
      ' Who scanned a square code waits here. Let somebody in only when the number on their screen is the one here.',
      columns,
      'dim',
    ),
    line(),
  ],
  keys: [
    {
      keys: ['a', 'enter'],
      short: 'let in',
      does: 'let them in, after the number',
      changes: true,
      run: model => letIn(model, waiting.current(model)),
    },
    {
      keys: ['x'],
      short: 'send away',
      does: 'send them away',
      changes: true,
      run(model) {
        const one = waiting.current(model);
        if (one === undefined) return [saying(model, 'Nobody waits.'), []];
        const deed: Deed = {
          calls: [{row: 'auth.qr_deny', input: {params: {intent: one.id}}}],
          done: 'Sent away.',
          refresh: ['pending'],
        };
        return [saying(model, 'Working on it …', 'busy'), [{is: 'do', deed}]];
      },
    },
    again('pending'),
  ],
  wants: () => [
    {of: 'pending', input: {}, everyMs: 3_000},
    {of: 'users', input: {}, everyMs: null},
  ],
});

/** The number is typed off the other screen: one that was only agreed to says nothing. */
function letIn(model: Model, intent: IntentShown | undefined): Turn {
  if (intent === undefined || intent.state !== 'waiting') return [saying(model, 'Nobody waits here.'), []];
  const users = model.held.users?.value?.users ?? [];
  return asking(model, {
    title: 'Let in',
    about: [`${intent.device}, from ${intent.address}.`, 'Which number stands on their screen?'],
    answer(number, after) {
      if (number.trim() !== intent.number) return 'That is not the number of this one: do not let them in.';
      return asking(after, {
        title: 'Let in as whom?',
        about: [],
        choices: [
          {name: 'as offered', about: 'as whom the code was shown to'},
          ...users.map(({name, role}) => ({name, about: role})),
        ],
        answer(name, last) {
          const user = users.find(one => one.name === name)?.name;
          const body = {number: intent.number, ...(user === undefined ? {} : {user})};
          const deed: Deed = {
            calls: [{row: 'auth.qr_approve', input: {params: {intent: intent.id}, body}}],
            done: `${intent.device} is let in.`,
            refresh: ['pending', 'sessions', 'users'],
          };
          return [saying(last, 'Working on it …', 'busy'), [{is: 'do', deed}]];
        },
      });
    },
  });
}

export const sessions: Screen = {
  name: 'sessions',
  title: 'Sessions',
  about:
    'Who is logged in, from where and how; people and their codes; keys of scripts; and who waits to be let in. dubstead session, user and key print the same.',
  panes: [logins, people, keys, waiting],
};
