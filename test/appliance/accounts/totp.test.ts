/** Codes by the vectors of RFC 6238, the window, and that each is taken once. */
import {HOTP, Secret} from 'otpauth';
import t from 'tap';
import {
  freshTotpSecret,
  Totp,
  TotpSecret,
  totpAddress,
  verifyTotp,
} from '../../../appliance/accounts/totp.ts';
import {anna, now, seeded} from './sample.ts';

/** RFC 6238, appendix B: "12345678901234567890". */
const secret = TotpSecret.parse('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
const step = Math.floor(now / 30_000);
const codeOf = (counter: number): string => HOTP.generate({secret: Secret.fromBase32(secret), counter});

t.test('codes are those of RFC 6238', async t => {
  for (const [seconds, code] of [
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_234_567_890, '005924'],
    [20_000_000_000, '353130'],
  ] as const) {
    t.equal(verifyTotp({secret, lastStep: 0}, code, seconds * 1000), Math.floor(seconds / 30), code);
  }
});

t.test('a code works once, and only a later step is accepted; the window is one step either way', async t => {
  const cases: [offset: number, lastStep: number, taken: boolean][] = [
    [-2, 0, false],
    [-1, 0, true],
    [0, 0, true],
    [1, 0, true],
    [2, 0, false],
    [0, step - 1, true],
    [0, step, false],
    [-1, step, false],
    [1, step, true],
    [1, step + 1, false],
    [0, step + 1, false],
  ];
  for (const [offset, lastStep, taken] of cases) {
    const got = verifyTotp({secret, lastStep}, codeOf(step + offset), now);
    t.equal(got, taken ? step + offset : null, `${offset} after ${lastStep - step}`);
  }
});

t.test('a code that fits two steps of the window counts as the later one, and so works once', async t => {
  const [first, code] = [910_737, '911617'];
  t.strictSame([codeOf(first), codeOf(first + 1)], [code, code]);
  for (const at of [first, first + 1]) {
    const taken = verifyTotp({secret, lastStep: 0}, code, at * 30_000);
    t.equal(taken, first + 1);
    t.equal(verifyTotp({secret, lastStep: taken ?? 0}, code, at * 30_000), null, 'not twice');
  }
});

t.test('what is no code of six digits is wrong', async t => {
  const code = codeOf(step);
  const spaced = `${code.slice(0, 3)} ${code.slice(3)}`;
  t.equal(verifyTotp({secret, lastStep: 0}, spaced, now), step, 'as apps show it');
  for (let i = 0; i < 6; i++) {
    const digit = (Number(code[i]) + 1) % 10;
    t.equal(
      verifyTotp({secret, lastStep: 0}, code.slice(0, i) + digit + code.slice(i + 1), now),
      null,
      `digit ${i}`,
    );
  }
  for (const typed of [
    '',
    '1',
    `${code}0`,
    code.slice(1),
    'abcdef',
    '１２３４５６',
    `${code}\n`,
    '0'.repeat(1e5),
  ]) {
    t.equal(verifyTotp({secret, lastStep: 0}, typed, now), null, JSON.stringify(typed.slice(0, 20)));
  }
  t.equal(verifyTotp({secret, lastStep: 0}, codeOf(0), 0), null, 'the first step of all is never taken');
});

t.test('a secret has 160 bits, and its address names the box and the user', async t => {
  const fresh = freshTotpSecret(seeded());
  t.match(fresh, /^[A-Z2-7]{32}$/);
  for (const wrong of [fresh.slice(1), `${fresh}A`, fresh.toLowerCase()]) {
    t.notOk(TotpSecret.safeParse(wrong).success, wrong);
  }
  t.not(fresh, freshTotpSecret(seeded('other')));
  t.throws(() => freshTotpSecret(() => Buffer.alloc(10)), /asked for 20 random bytes and got 10/);
  const address = new URL(totpAddress(anna, fresh));
  t.equal(
    `${address.protocol}//${address.host}${decodeURIComponent(address.pathname)}`,
    'otpauth://totp/Dubstead:anna',
  );
  t.match(Object.fromEntries(address.searchParams), {
    ...{secret: fresh, issuer: 'Dubstead', algorithm: 'SHA1', digits: '6', period: '30'},
  });
  t.ok(Totp.safeParse({secret: fresh, since: now, lastStep: step}).success);
});
