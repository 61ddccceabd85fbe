/** A device session's life: how it ends, how its tokens rotate, and when it is written. */
import t from 'tap';
import {hashOf} from '../../../appliance/accounts/code.ts';
import {deviceName} from '../../../appliance/accounts/device-name.ts';
import {PasswordHash} from '../../../appliance/accounts/password-hash.ts';
import {
  describeRefreshed,
  freshSecrets,
  hashesOf,
  isAlive,
  openSession,
  refresh,
  Session,
  sessionLimits,
  touched,
} from '../../../appliance/accounts/session.ts';
import {disabled, withPassword} from '../../../appliance/accounts/user.ts';
import {anna, now, seeded, someHash, userIs} from './sample.ts';

const random = seeded();
const user = userIs();
const from = {how: 'password', device: 'Firefox on Android', address: '192.168.1.7', at: now} as const;
const {session, secrets} = openSession({user, ...from}, random);
const {idleMs, mostMs, graceMs} = sessionLimits;
const fresh = () => hashesOf(freshSecrets(random));

t.test('a login is a device session: name, address first and last, created, last seen', async t => {
  t.match(Session.parse(session), {
    ...{user: anna, device: from.device, how: 'password', created: now, lastSeen: now},
    ...{firstAddress: from.address, lastAddress: from.address, confirmed: now},
  });
  t.match(secrets.secret, /^ds_[\w-]{43}$/);
  t.match(secrets.refresh, /^dr_[\w-]{43}$/);
  for (const secret of Object.values(secrets))
    t.notOk(JSON.stringify(session).includes(secret), 'only hashes');
  t.equal(openSession({user, ...from, how: 'qr'}, random).session.confirmed, null);
  const earlier = openSession({user: userIs({credentialsAt: now - 7}), ...from}, random).session;
  t.equal(earlier.credentialsAt, now - 7, "its user's, not the time of day");
  const {secret, csrf, refresh} = session;
  t.strictSame(
    [secret, csrf, refresh],
    [
      ...[hashOf('session', secrets.secret), hashOf('csrf', secrets.csrf)],
      {current: hashOf('refresh', secrets.refresh), spent: []},
    ],
  );
});

t.test('too few random bytes are refused, whichever secret they are for', async t => {
  for (let short = 1; short <= 3; short++) {
    let call = 0;
    const few = (bytes: number): Buffer => random(++call === short ? bytes - 1 : bytes);
    t.throws(() => freshSecrets(few), /asked for 32 random bytes and got 31/, `${short}`);
  }
});

t.test('30 days unused, 180 days at the most, 30 seconds of grace', async t => {
  t.strictSame(
    {idleMs, mostMs, graceMs},
    {idleMs: 30 * 86_400_000, mostMs: 180 * 86_400_000, graceMs: 30_000},
  );
});

t.test('disabling, removal, changes and time end access at once', async t => {
  const off = disabled([user], anna, now);
  const changed = withPassword(user, PasswordHash.parse(someHash), now);
  const used = {...session, lastSeen: now + mostMs - 1};
  const cases: [string, boolean, boolean][] = [
    ['as it was', true, isAlive(session, user, now)],
    ['no such user', false, isAlive(session, undefined, now)],
    ['disabled, whatever the time of it says', false, isAlive(session, userIs({disabled: true}), now)],
    ['changed after a clock was set back', false, isAlive(session, userIs({credentialsAt: now - 5}), now)],
    ['disabled', false, off.ok && isAlive(session, off.value, now)],
    ['a new password in the same moment', false, isAlive(session, changed, now)],
    ["somebody else's", false, isAlive(session, userIs({name: 'ben'}), now)],
    ['removed and made again', false, isAlive(session, userIs({credentialsAt: now + 5}), now + 9)],
    ['nearly idle', true, isAlive(session, user, now + idleMs - 1)],
    ['idle', false, isAlive(session, user, now + idleMs)],
    ['used to the last', true, isAlive(used, user, now + mostMs - 1)],
    ['too old, however much it is used', false, isAlive(used, user, now + mostMs)],
  ];
  for (const [name, alive, is] of cases) t.equal(is, alive, name);
});

t.test('refresh tokens rotate; a replay within grace is harmless, a later one ends the family', async t => {
  const first = session.refresh.current;
  const second = fresh();
  const at = now + 60_000;
  const rotated = refresh(session, first, at, second);
  if (rotated.is !== 'rotated') throw new Error(rotated.is);
  const family = {current: second.refresh, spent: [{hash: first, at}]};
  const renewed = {secret: second.secret, csrf: second.csrf, lastSeen: at, refresh: family};
  t.strictSame(rotated.session, {...session, ...renewed}, 'nothing lasts longer for it');
  t.not(rotated.session.secret, session.secret, 'the old cookie is worth nothing');
  const third = refresh(rotated.session, second.refresh, at + 5000, fresh());
  if (third.is !== 'rotated') throw new Error(third.is);
  const cases: [string, typeof session, typeof first, number, string][] = [
    ['at once', rotated.session, first, at, 'replayed-within-grace'],
    ['within grace', rotated.session, first, at + graceMs, 'replayed-within-grace'],
    ['after grace', rotated.session, first, at + graceMs + 1, 'reused'],
    ['with the clock set back', rotated.session, first, at - graceMs - 1, 'reused'],
    ['two rotations ago', third.session, first, at + graceMs + 1, 'reused'],
    ['never seen', rotated.session, fresh().refresh, at, 'unknown'],
    ['expired', session, first, now + idleMs, 'expired'],
    ['reused and expired', rotated.session, first, now + mostMs, 'reused'],
  ];
  for (const [name, of, presented, when, is] of cases) {
    t.equal(refresh(of, presented, when, fresh()).is, is, name);
  }
});

t.test('what is kept of old tokens is bounded', async t => {
  let current = session;
  for (let i = 1; i <= 100; i++) {
    const next = refresh(current, current.refresh.current, now + i * 60_000, fresh());
    if (next.is !== 'rotated') throw new Error(next.is);
    current = Session.parse(next.session);
  }
  t.equal(current.refresh.spent.length, 32);
  t.equal(current.refresh.spent[0]?.at, now + 100 * 60_000, 'the newest first');
});

t.test('a session is written no more often than once a minute', async t => {
  t.equal(touched(session, now + 59_999, '10.0.0.1'), session);
  const seen = {lastSeen: now + 60_000, lastAddress: '10.0.0.1'};
  t.strictSame(touched(session, now + 60_000, '10.0.0.1'), {...session, ...seen}, 'and nothing else');
  t.equal(
    touched(session, now - 90_000, from.address).lastSeen,
    now - 90_000,
    'a clock set back is followed',
  );
});

t.test('a device is named in words that can upset no screen', async t => {
  for (const [agent, name] of [
    ['Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0', 'Firefox on Android'],
    [
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
      'Chrome on Linux',
    ],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0 Safari/537.36 Edg/140.0', 'Edge on Windows'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile/15E Safari/604',
      'Safari on iPhone',
    ],
    ['curl/8.5.0', 'curl'],
    ['Mozilla/5.0 (Linux)', 'Unknown program on Linux'],
    ['\u001b[2Jevil', 'Unknown device'],
    ['a\u202eb', 'a'],
    ['x'.repeat(1e6), 'x'.repeat(40)],
    [`Mozilla/5.0${' '.repeat(600)}Firefox/140.0`, 'Unknown device'],
    ['', 'Unknown device'],
    [undefined, 'Unknown device'],
  ] as const) {
    t.equal(deviceName(agent), name);
  }
});

t.test('every refusal says what happened and what to do', async t => {
  for (const is of ['replayed-within-grace', 'reused', 'unknown', 'expired'] as const) {
    t.match(describeRefreshed({is}), {what: /\.$/, fix: /\.$/}, is);
  }
});
