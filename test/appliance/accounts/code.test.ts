/** Codes are read as they were meant, tokens say what they are, and hashes of one kind fit no other. */
import t from 'tap';
import {
  freshCode,
  freshLetters,
  freshToken,
  type Hashed,
  hashOf,
  isSame,
  readCode,
} from '../../../appliance/accounts/code.ts';
import {digestOf} from '../../../appliance/digest.ts';
import {seeded} from './sample.ts';

t.test('codes have groups of letters that cannot be taken for others; tokens carry 256 bits', async t => {
  t.match(freshCode(3, seeded()), /^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){2}$/);
  t.match(freshToken('ds', seeded()), /^ds_[\w-]{43}$/);
  const all = Buffer.from(Array.from({length: 256}, (_, byte) => byte));
  const letters = [...freshLetters(256, () => all)];
  t.equal(new Set(letters).size, 32);
  t.ok(
    [...new Set(letters)].every(each => letters.filter(letter => letter === each).length === 8),
    'each as likely as the next',
  );
  t.throws(() => freshToken('ds', () => Buffer.alloc(8)), /asked for 32 random bytes and got 8/);
});

t.test('a code counts however it was typed', async t => {
  for (const typed of ['0a1b-1c2d', '0A1B1C2D', ' oaib-lc2d ', 'OALB 1C2D', '0a1b–1c2d\n']) {
    t.equal(readCode(typed), '0a1b1c2d', JSON.stringify(typed));
  }
  t.not(readCode('0a1b1c2e'), '0a1b1c2d');
  t.equal(readCode('1'.repeat(1e6)).length, 200, 'no more is looked at');
});

t.test('a hash of one kind of secret is never that of another', async t => {
  const kinds: Hashed[] = ['session', 'refresh', 'csrf', 'key', 'recovery', 'ticket'];
  t.equal(new Set(kinds.map(kind => hashOf(kind, 'same'))).size, kinds.length);
  t.equal(hashOf('key', 'same'), digestOf('dubstead key\0same'), 'what is stored stays good');
  t.ok(isSame(hashOf('key', 'same'), hashOf('key', 'same')));
  t.notOk(isSame(hashOf('key', 'same'), hashOf('key', 'other')));
});
