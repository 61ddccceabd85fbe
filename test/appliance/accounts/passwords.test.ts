/** Hashing with argon2 itself; tiny parameters, save one round as it is in use. */
import {randomBytes} from 'node:crypto';
import t from 'tap';
import {PasswordHash} from '../../../appliance/accounts/password-hash.ts';
import {checkByArgon2, describeHasherBusy, PasswordHasher} from '../../../appliance/accounts/passwords.ts';
import {seeded} from './sample.ts';

const tiny = {memoryCost: 256, timeCost: 2, parallelism: 1};
const right = 'violet otter canoe';

async function hashOf(hasher: PasswordHasher, password: string): Promise<PasswordHash> {
  const hashed = await hasher.hash(password);
  if (!hashed.ok) throw new Error('busy');
  return hashed.value;
}

t.test('argon2id, with the parameters in use', async t => {
  const hasher = await PasswordHasher.open(randomBytes);
  const hash = await hashOf(hasher, right);
  t.match(hash, /^\$argon2id\$v=19\$m=65536,t=4,p=2\$/);
  t.strictSame(await hasher.verify(hash, right), {ok: true, value: true});
  t.strictSame(await hasher.verify(hash, `${right} `), {ok: true, value: false});
  t.notOk(hasher.needsRehash(hash));
});

t.test('128 characters are kept whole, and one more is never right', async t => {
  const hasher = await PasswordHasher.open(randomBytes, tiny);
  const long = 'ü'.repeat(127);
  const hash = await hashOf(hasher, `${long}a`);
  for (const [password, is] of [
    [`${long}a`, true],
    [`${long}b`, false],
    [`${long}aa`, false],
    [long, false],
    [`${'u\u0308'.repeat(127)}a`, true],
  ] as const) {
    t.strictSame(await hasher.verify(hash, password), {ok: true, value: is}, password.slice(-3));
  }
  const parts = await hashOf(hasher, 'violet u\u0308 canoe');
  t.strictSame(await hasher.verify(parts, 'violet ü canoe'), {ok: true, value: true}, 'typed elsewhere');
  await t.rejects(hasher.hash(`${long}aa`), /the policy never saw/);
  t.not(await hashOf(hasher, right), await hashOf(hasher, right), 'salt differs each time');
});

t.test('unknown name and wrong password cost the same work: one check of argon2, to its end', async t => {
  const checks: {against: PasswordHash; text: string}[] = [];
  const hasher = await PasswordHasher.open(randomBytes, tiny, async (against, text) => {
    const is = await checkByArgon2(against, text);
    checks.push({against, text});
    return is;
  });
  const hash = await hashOf(hasher, right);
  const cost = (of: PasswordHash): string => of.split('$').slice(1, 4).join(' ');
  t.equal(cost(hash), 'argon2id v=19 m=256,t=2,p=1');
  for (const [name, known, password] of [
    ['wrong', hash, 'wrong'],
    ['empty', hash, ''],
    ['too long', hash, 'x'.repeat(5000)],
    ['unknown', null, 'wrong'],
    ["unknown, with somebody's password", null, right],
    ['unknown, empty', null, ''],
    ['unknown, too long', null, 'x'.repeat(5000)],
  ] as const) {
    t.strictSame(await hasher.verify(known, password), {ok: true, value: false}, name);
    const [check, ...more] = checks.splice(0);
    if (check === undefined) throw new Error(`${name}: nothing was checked`);
    t.strictSame(more, [], `${name}: once`);
    t.equal(cost(check.against), cost(hash), `${name}: with the same parameters`);
    t.equal(check.against === hash, known !== null && password.length <= 128, `${name}: against whose`);
    t.ok(check.text.length <= 128, `${name}: what is hashed is bounded`);
  }
  t.strictSame(await hasher.verify(hash, right), {ok: true, value: true});
  t.equal(checks.length, 1);
});

t.test('nobody gets in by the password of nobody', async t => {
  const hasher = await PasswordHasher.open(seeded(), tiny);
  const drawn = seeded()(32).toString('base64url');
  t.strictSame(await hasher.verify(null, drawn), {ok: true, value: false});
});

t.test('too few random bytes are refused, for a salt as for the hash of nobody', async t => {
  for (const asked of [32, 16]) {
    const short = (bytes: number): Buffer => randomBytes(bytes === asked ? bytes - 1 : bytes);
    await t.rejects(PasswordHasher.open(short, tiny), new RegExp(`asked for ${asked} random bytes`));
  }
});

t.test('two at once, 32 wait, the next is refused; all who wait get their answer', async t => {
  const hasher = await PasswordHasher.open(randomBytes, tiny);
  const hash = await hashOf(hasher, right);
  let most = 0;
  const tries = Array.from({length: 34}, async (_, i) => {
    const answer = await hasher.verify(hash, i % 2 === 0 ? right : 'wrong');
    most = Math.max(most, hasher.load.running);
    return answer;
  });
  t.strictSame(hasher.load, {running: 2, waiting: 32});
  t.strictSame(await hasher.verify(hash, right), {ok: false, why: {reason: 'busy', waiting: 32}});
  t.strictSame(await hasher.hash(right), {ok: false, why: {reason: 'busy', waiting: 32}});
  const answers = await Promise.all(tries);
  t.strictSame(
    answers,
    answers.map((_, i) => ({ok: true, value: i % 2 === 0})),
  );
  t.equal(most, 2);
  t.strictSame(hasher.load, {running: 0, waiting: 0});
  t.match(describeHasherBusy({reason: 'busy', waiting: 32}), {what: /^32 others/, fix: /again/});
});

t.test('a hash with other parameters is still right, and is to be made anew', async t => {
  const old = await PasswordHasher.open(randomBytes, tiny);
  const today = await PasswordHasher.open(randomBytes, {...tiny, timeCost: 3});
  const hash = await hashOf(old, right);
  t.strictSame(await today.verify(hash, right), {ok: true, value: true});
  t.ok(today.needsRehash(hash));
  t.notOk(old.needsRehash(hash));
});

t.test('what is no argon2id hash is not taken for one', async t => {
  for (const text of [
    '',
    'violet otter',
    '$argon2i$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAA',
    '$2b$10$abc',
  ]) {
    t.notOk(PasswordHash.safeParse(text).success, text);
  }
});
