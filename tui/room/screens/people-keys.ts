/** Owns what can be done about people: inviting, codes, roles, and letting nobody in any more. Pure. */
import type {CodeShown, UserShown} from '../../../appliance/api/account-shapes.ts';
import type {Role} from '../../../appliance/api/permissions.ts';
import type {UserName} from '../../../appliance/job.ts';
import {codeLines} from '../../views/users.ts';
import {asking, confirming} from '../dialogs.ts';
import {type Deed, type Model, saying, type Turn} from '../model.ts';
import type {Binding} from '../pane.ts';

const refresh = ['users', 'sessions'] as const;

export function peopleKeys(current: (model: Model) => UserShown | undefined): readonly Binding[] {
  return [
    {
      keys: ['i'],
      short: 'invite',
      does: 'a link, as a square code, that lets somebody in once',
      changes: true,
      run: invite,
    },
    {
      keys: ['n'],
      short: 'new',
      does: 'add somebody, with a code to choose a password',
      changes: true,
      run: add,
    },
    {keys: ['s'], does: 'the setup code of a box that has no users', changes: true, run: setup},
    {
      keys: ['R'],
      short: 'reset',
      does: 'a one-time code to choose a new password',
      changes: true,
      run: model => reset(model, current(model)),
    },
    {keys: ['m'], does: 'another role', changes: true, run: model => role(model, current(model))},
    {
      keys: ['d'],
      does: 'let them in no more, or again',
      changes: true,
      run: model => disable(model, current(model)),
    },
    {
      keys: ['X'],
      does: 'take the account away; jobs stay',
      changes: true,
      run: model => remove(model, current(model)),
    },
  ];
}

const working = (model: Model, deed: Deed): Turn => [
  saying(model, 'Working on it …', 'busy'),
  [{is: 'do', deed}],
];
const nobody = (model: Model): Turn => [saying(model, 'There is nobody here.'), []];
const roles = [
  {name: 'viewer', about: 'looks at what is shared'},
  {name: 'operator', about: 'submits and edits their own'},
  {name: 'admin', about: 'everything'},
] as const satisfies readonly {readonly name: Role; readonly about: string}[];
const roleOf = (word: string): Role => roles.find(({name}) => name === word)?.name ?? 'viewer';

/** The answer is a code, or has one: for a phone held to the screen, and to be typed. Its row has parsed it. */
function shown(title: string, about: readonly string[]): NonNullable<Deed['leadsTo']> {
  return ([answer], model) => {
    const given = answer as CodeShown | {readonly code: CodeShown | null};
    const code = 'url' in given ? given : given.code;
    if (code === null) return [model, []];
    return [model, [{is: 'square', title, text: code.url, about: [...about, ...codeLines(code, model.now)]}]];
  };
}

function invite(model: Model): Turn {
  return asking(model, {
    title: 'Invite as',
    about: ['A link that lets somebody in once, for a week.'],
    choices: roles,
    answer: (word, after) =>
      working(after, {
        calls: [{row: 'users.invite', input: {body: {role: roleOf(word), name: null, days: 7}}}],
        done: 'An invitation was made.',
        refresh: [],
        leadsTo: shown('Invitation', [`Whoever has this comes in once, as ${word}.`]),
      }),
  });
}

function add(model: Model): Turn {
  return asking(model, {
    title: 'Add somebody',
    about: ['Their name: small letters, digits, - and _, up to 32.'],
    answer(typed, after) {
      // The daemon parses it like every other word from outside, and says what is wrong with it.
      const name = typed.trim() as UserName;
      if (!/^[a-z0-9][a-z0-9_-]{0,31}$/.test(name)) return `"${typed}" cannot be a user's name.`;
      return asking(after, {
        title: `${name} is`,
        about: [],
        choices: roles,
        answer: (word, last) =>
          working(last, {
            calls: [{row: 'users.add', input: {body: {name: name, role: roleOf(word), password: null}}}],
            done: `${name} was added.`,
            refresh,
            leadsTo: shown(`For ${name}`, ['By this they choose a password.']),
          }),
      });
    },
  });
}

function setup(model: Model): Turn {
  return working(model, {
    calls: [{row: 'users.setup', input: {}}],
    done: 'Another setup code was made.',
    refresh: [],
    leadsTo: shown('Setup', ['This makes the first admin, once.']),
  });
}

function reset(model: Model, user: UserShown | undefined): Turn {
  if (user === undefined) return nobody(model);
  return confirming(model, {
    title: `A code for ${user.name}?`,
    about: ['By it a new password is chosen, once. The old one counts until then.'],
    label: 'Make one',
    deed: {
      calls: [{row: 'users.reset', input: {params: {name: user.name}}}],
      done: `A code for ${user.name} was made.`,
      refresh: [],
      leadsTo: shown(`For ${user.name}`, ['By this they choose a new password.']),
    },
  });
}

function role(model: Model, user: UserShown | undefined): Turn {
  if (user === undefined) return nobody(model);
  return asking(model, {
    title: `${user.name} is ${user.role}; from now on`,
    about: ['What they are logged in to ends.'],
    // Enter alone changes nothing.
    choices: roles.toSorted((a, b) => Number(b.name === user.role) - Number(a.name === user.role)),
    answer(word, after) {
      if (word === user.role) return [saying(after, `${user.name} stays ${word}.`), []];
      return working(after, {
        calls: [{row: 'users.change', input: {params: {name: user.name}, body: {role: roleOf(word)}}}],
        done: `${user.name} is ${word} now.`,
        refresh,
      });
    },
  });
}

function disable(model: Model, user: UserShown | undefined): Turn {
  if (user === undefined) return nobody(model);
  const {name, disabled} = user;
  return confirming(model, {
    title: disabled ? `Let ${name} in again?` : `Let ${name} in no more?`,
    about: [disabled ? 'They log in as before.' : 'Their logins and keys end at once; their jobs stay.'],
    label: disabled ? 'Let in' : 'No more',
    deed: {
      calls: [{row: 'users.change', input: {params: {name}, body: {disabled: !disabled}}}],
      done: disabled ? `${name} may log in again.` : `${name} is not let in any more.`,
      refresh,
    },
  });
}

function remove(model: Model, user: UserShown | undefined): Turn {
  if (user === undefined) return nobody(model);
  const {name, sessions} = user;
  return confirming(model, {
    title: `Take the account of ${name} away?`,
    about: [
      `Their logins (${sessions}), keys and settings go; their jobs stay with the box. This cannot be undone.`,
    ],
    label: 'Take it away',
    deed: {calls: [{row: 'users.remove', input: {params: {name}}}], done: `${name} is gone.`, refresh},
    must: 1,
  });
}
