/** API keys: how one is written, and that none does more than its scopes and its owner. */
import t from 'tap';
import {
  describeKeyRefusal,
  grants,
  isUsable,
  Key,
  newKey,
  parseKey,
} from '../../../appliance/accounts/key.ts';
import {areaScopes, Scope} from '../../../appliance/accounts/scope.ts';
import {holds, isGranted, may, permissions, Role} from '../../../appliance/api/permissions.ts';
import {JobId} from '../../../appliance/job.ts';
import {anna, now, seeded, userIs} from './sample.ts';

const [job, other] = [JobId.parse('0123456789'), JobId.parse('abcdefghjk')];
const scope = (text: string): Scope => Scope.parse(text);
const every = [...areaScopes, `job:${job}:read`, `job:${job}:write`, `project:${job}:manage`].map(scope);

function made(scopes: Scope[], role: Role = 'admin') {
  const asked = {owner: userIs({role}), name: 'backup', scopes, expires: null};
  const result = newKey(asked, now, seeded());
  if (!result.ok) throw new Error(result.why.reason);
  return result.value;
}

t.test('keys are shown once and stored hashed; only exactly what was shown is read', async t => {
  const {key, text} = made([scope('read:job')]);
  t.match(text, /^dp_[0-9a-hjkmnp-tv-z]{12}_[\w-]{43}$/);
  t.notOk(JSON.stringify(Key.parse(key)).includes(text.slice(16)));
  t.strictSame(parseKey(text), {id: key.id, hash: key.hash});
  const changed = `${text.slice(0, 20)}${text[20] === 'A' ? 'B' : 'A'}${text.slice(21)}`;
  t.not(parseKey(changed)?.hash, key.hash, 'another secret');
  const last = `${text.slice(0, -1)}${text.at(-1) === 'A' ? 'E' : 'A'}`;
  t.match(parseKey(last), {id: key.id}, 'its last letter is another');
  t.not(parseKey(last)?.hash, key.hash, 'so the secret is');
  const spare = text.at(-1) === 'A' ? 'B' : String.fromCharCode((text.at(-1) ?? 'A').charCodeAt(0) + 1);
  for (const wrong of [
    '',
    'dp_',
    ` ${text}`,
    `${text}\n`,
    `${text}A`,
    text.slice(0, -1),
    text.toUpperCase(),
  ]) {
    t.equal(parseKey(wrong), null, JSON.stringify(wrong));
  }
  t.equal(parseKey(text.slice(0, -1) + spare), null, 'a second way to write the same bytes');
});

t.test('a key is what was asked for and no more; what could upset a list of them is not taken', async t => {
  const asked = {
    owner: userIs({role: 'admin'}),
    name: 'backup',
    scopes: [scope('read:job')],
    expires: now + 5,
  };
  const result = newKey(asked, now, seeded());
  if (!result.ok) throw new Error(result.why.reason);
  const {id, hash, ...rest} = result.value.key;
  t.strictSame(parseKey(result.value.text), {id, hash});
  t.strictSame(rest, {...asked, owner: anna, created: now, revoked: null, lastUsed: null});
  const changes: Record<string, unknown>[] = [
    ...['', 'x'.repeat(81), 'a\nb', 'a\u001b[2J', 'a\u202eb', 'a\u2028b', 'a\ufeffb'].map(name => ({name})),
    ...[[], Array(51).fill('read:job'), ['everything']].map(scopes => ({scopes})),
  ];
  for (const change of changes) {
    const name = encodeURI(JSON.stringify(change)).slice(0, 50);
    t.notOk(Key.safeParse({...result.value.key, ...change}).success, name);
  }
});

t.test('scopes are exactly those of the list, or bound to a job or a project', async t => {
  t.equal(every.length, 11);
  for (const text of [
    '',
    'read:jobs',
    'job:*:read',
    `job:${job}:manage`,
    `project:${job}:read`,
    'admin',
    'READ:JOB',
    `x job:${job}:read`,
    `job:${job}:readonly`,
    `project:${job}:manage `,
  ]) {
    t.notOk(Scope.safeParse(text).success, text);
  }
});

t.test('a key can never grant more than its owner holds', async t => {
  for (const role of Role.options) {
    const all = grants({scopes: every}, role);
    for (const permission of permissions) {
      t.equal(isGranted(all, permission, job), holds(role, permission), `${role} ${permission}`);
    }
    const came = {is: 'key', id: made([scope('read:job')]).key.id, grants: all} as const;
    for (const permission of ['name:file', 'use:account'] as const)
      t.notOk(may({user: anna, role, came}, permission, job), `no key is for ${permission}`);
  }
  for (const [role, text] of [
    ['viewer', 'submit:job'],
    ['viewer', 'admin:*'],
    ['operator', 'admin:*'],
    ['viewer', `job:${job}:write`],
  ] as const) {
    const asked = {owner: userIs({role}), name: 'x', scopes: [scope(text)], expires: null};
    const why = {reason: 'beyond-role', scope: scope(text), role} as const;
    t.strictSame(newKey(asked, now, seeded()), {ok: false, why}, `${role} ${text}`);
    t.match(describeKeyRefusal(why), {what: text, fix: /\.$/});
  }
});

t.test('a key does no more than its scopes; one bound to a job does nothing to others', async t => {
  const cases = [
    ['read:job', ['read:job'], ['read:job']],
    ['submit:job', ['submit:job'], ['submit:job']],
    [`job:${job}:read`, ['read:job'], []],
    [`job:${job}:write`, ['read:job', 'change:job'], []],
    [`project:${job}:manage`, [], []],
    ['audit:read', ['read:audit'], ['read:audit']],
    ['keys:manage', ['manage:keys'], ['manage:keys']],
    ['library:manage', ['edit:library'], ['edit:library']],
  ] as const;
  for (const [text, here, elsewhere] of cases) {
    const granted = grants({scopes: [scope(text)]}, 'admin');
    const allowed = (on: JobId | null) => permissions.filter(each => isGranted(granted, each, on)).toSorted();
    t.strictSame(allowed(job), ['anyone', 'read:api', ...here].toSorted(), text);
    for (const on of [other, null]) {
      t.strictSame(allowed(on), ['anyone', 'read:api', ...elsewhere].toSorted(), `${text} elsewhere`);
    }
  }
});

t.test('keys may expire, and end when revoked or when their owner is disabled or removed', async t => {
  const {key} = made([scope('read:job')]);
  const owner = userIs({role: 'admin'});
  const cases: [string, boolean, boolean][] = [
    ['as made', true, isUsable(key, owner, now)],
    ['revoked', false, isUsable({...key, revoked: now}, owner, now)],
    ['not yet expired', true, isUsable({...key, expires: now + 1}, owner, now)],
    ['expired', false, isUsable({...key, expires: now}, owner, now)],
    ['no owner', false, isUsable(key, undefined, now)],
    ['owner disabled', false, isUsable(key, userIs({disabled: true}), now)],
    ["somebody else's", false, isUsable(key, userIs({name: 'ben'}), now)],
  ];
  for (const [name, usable, is] of cases) t.equal(is, usable, name);
});
