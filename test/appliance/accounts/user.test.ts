/** Every change of a user: what it ends, and when it is refused. */
import t from 'tap';
import {PasswordHash} from '../../../appliance/accounts/password-hash.ts';
import {freshTotpSecret} from '../../../appliance/accounts/totp.ts';
import {
  added,
  describeUserRefusal,
  disabled,
  enabled,
  rehashed,
  removed,
  User,
  withoutTotp,
  withPassword,
  withRecovery,
  withRole,
  withStep,
  withTotp,
} from '../../../appliance/accounts/user.ts';
import {digestOf} from '../../../appliance/digest.ts';
import {UserName} from '../../../appliance/job.ts';
import {anna, now, seeded, someHash, userIs} from './sample.ts';

const hash = PasswordHash.parse(someHash);
const secret = freshTotpSecret(seeded());
const later = now + 1000;
const totp = {secret, since: now, lastStep: 100};

t.test("the last admin can't be removed, disabled or demoted", async t => {
  const admin = userIs({role: 'admin'});
  const others: [string, Record<string, unknown> | null, boolean][] = [
    ['alone', null, false],
    ['with an operator', {role: 'operator'}, false],
    ['with an admin who is disabled', {role: 'admin', disabled: true}, false],
    ['with an admin who has no password yet', {role: 'admin', password: null}, false],
    ['with another admin', {role: 'admin'}, true],
  ];
  for (const [name, other, allowed] of others) {
    const users = other === null ? [admin] : [admin, userIs({name: 'ben', ...other})];
    const tries = {
      remove: removed(users, anna),
      disable: disabled(users, anna, later),
      demote: withRole(users, anna, 'viewer', later),
    };
    for (const [wish, result] of Object.entries(tries)) {
      t.equal(result.ok, allowed, `${wish} ${name}`);
      if (!result.ok) t.strictSame(result.why, {reason: 'last-admin', name: anna, wish});
    }
  }
  const invited = UserName.parse('ben');
  t.ok(
    removed([admin, userIs({name: 'ben', role: 'admin', password: null})], invited).ok,
    'an invited one can',
  );
});

t.test('password, role or TOTP change, and disabling a user end access at once', async t => {
  const user = userIs({totp, recovery: [digestOf('code')]});
  const kept = {...user, role: 'viewer'} as User;
  const endings: Record<string, (at: number) => User | false> = {
    password: at => withPassword(user, hash, at),
    role: at => value(withRole([user], anna, 'viewer', at)),
    'totp on': at => withTotp(userIs(), {secret, step: 7, recovery: [], at}),
    'totp off': at => withoutTotp(user, at),
    disabled: at => value(disabled([user], anna, at)),
    enabled: at => value(enabled([userIs({disabled: true})], anna, at)),
  };
  for (const [name, change] of Object.entries(endings)) {
    t.match(change(later), {credentialsAt: later}, name);
    t.match(change(now - 5000), {credentialsAt: now + 1}, `${name}, with the clock set back`);
    t.ok(User.safeParse(change(later)).success, `${name} can be stored`);
  }
  const harmless: Record<string, User | false> = {
    'the same role': value(withRole([kept], anna, 'viewer', later)),
    'enabled already': value(enabled([user], anna, later)),
    rehashed: rehashed(user, hash),
    'a code taken': withStep(user, 101),
    'a recovery code taken': withRecovery(user, []),
  };
  for (const [name, after] of Object.entries(harmless)) t.match(after, {credentialsAt: now}, name);
});

t.test('TOTP comes with its recovery codes, and goes with them; a step never goes back', async t => {
  const on = withTotp(userIs(), {secret, step: 7, recovery: [digestOf('a')], at: later});
  t.strictSame(on.totp, {secret, since: later, lastStep: 7});
  t.strictSame(on.recovery, [digestOf('a')]);
  const off = withoutTotp(on, later);
  t.strictSame([off.totp, off.recovery], [null, []]);
  const again = withTotp(on, {secret, step: 8, recovery: [digestOf('b')], at: later});
  t.strictSame(again.recovery, [digestOf('b')], 'codes from before are worth nothing');
  t.strictSame(withRecovery(again, []).recovery, [], 'a code that was taken is gone');
  t.equal(withStep(on, 9).totp?.lastStep, 9);
  t.equal(withStep(on, 3).totp?.lastStep, 7);
  t.throws(() => withStep(userIs(), 3), /anna gave a code and has no authenticator/);
});

t.test('each change does what its name says, and one that changes nothing ends nothing', async t => {
  const user = userIs({totp});
  t.match(withRole([user], anna, 'viewer', later), {ok: true, value: {role: 'viewer', name: anna}});
  t.match(withRole([user], anna, 'admin', later), {ok: true, value: {role: 'admin'}});
  const off = disabled([user], anna, later);
  t.match(off, {ok: true, value: {disabled: true}});
  if (!off.ok) throw new Error(off.why.reason);
  t.equal(value(disabled([off.value], anna, later + 1)), off.value, 'disabled already');
  t.match(enabled([off.value], anna, later), {ok: true, value: {disabled: false}});
});

t.test('no more than ten recovery codes can be stored', async t => {
  const hashes = Array.from({length: 11}, (_, i) => digestOf(`${i}`));
  t.ok(User.safeParse({...userIs(), recovery: hashes.slice(1)}).success);
  t.notOk(User.safeParse({...userIs(), recovery: hashes}).success);
});

t.test('a new password, or a newer hash of the same, takes the place of the old one', async t => {
  const other = PasswordHash.parse(someHash.replace('t=1', 't=2'));
  t.equal(withPassword(userIs(), other, later).password, other);
  t.equal(rehashed(userIs(), other).password, other);
});

t.test('no default account: users are added one by one, each name once', async t => {
  const first = value(added([], {name: anna, role: 'admin', password: hash, at: now}));
  t.strictSame(first, userIs({role: 'admin'}));
  const second = value(
    added([userIs({name: 'ben'})], {name: anna, role: 'viewer', password: null, at: later}),
  );
  t.strictSame(second, userIs({role: 'viewer', password: null, created: later, credentialsAt: later}));
  const again = added([userIs()], {name: anna, role: 'viewer', password: null, at: now});
  t.strictSame(again, {ok: false, why: {reason: 'name-taken', name: anna}});
});

t.test('every refusal says what happened and what to do', async t => {
  const nobody = removed([], anna);
  for (const refused of [
    nobody,
    disabled([], anna, now),
    enabled([], anna, now),
    withRole([], anna, 'admin', now),
  ]) {
    t.strictSame(refused, {ok: false, why: {reason: 'no-such-user', name: anna}});
  }
  for (const why of [
    {reason: 'no-such-user', name: anna},
    {reason: 'name-taken', name: anna},
    {reason: 'last-admin', name: anna, wish: 'remove'},
  ] as const) {
    t.match(describeUserRefusal(why), {what: /anna.*\.$/, fix: /\.$/});
  }
});

function value<T>(result: {ok: true; value: T} | {ok: false}): T | false {
  return result.ok ? result.value : false;
}
