/** Which passwords are taken, as a table. */
import t from 'tap';
import {commonPasswords} from '../../../appliance/accounts/common-passwords.ts';
import {
  describePasswordRefusal,
  isTooLong,
  judgePassword,
  normalised,
  type PasswordRefusal,
} from '../../../appliance/accounts/password-policy.ts';
import {UserName} from '../../../appliance/job.ts';
import {anna} from './sample.ts';

t.test('at least 12 characters, no composition rules, 128 characters kept whole', async t => {
  const long = 'correct otter 7 '.repeat(8);
  const taken = [
    ...[
      'violet otter canoe',
      'wxqmzkvhtbnd',
      'größe über zäune',
      '83629271473650',
      '寿限無寿限無五劫の擦り切れ',
    ],
    ...['purple unicorn brews tea', 'the monkey reads a master plan', long, '😀🐙🌋🛶🎷🧦🪤🐌🧲🪁🎻🦥'],
    ...["-.,_ -,._' .-", 'my cat anna climbs trees', 'TRUMPET-LEDGER-OASIS'],
  ];
  for (const password of taken)
    t.strictSame(judgePassword(password, anna), {ok: true, value: password}, password);
  t.equal([...long].length, 128);
  const refused: [string, PasswordRefusal['reason']][] = [
    ['violet otte', 'too-short'],
    ['😀🐙🌋🛶🎷🧦🪤🐌🧲🪁🎻', 'too-short'],
    ['', 'too-short'],
    // Twelve as typed, eleven as it is: each accent goes with its letter.
    ['violet ottee\u0301'.slice(1), 'too-short'],
    [`${long}x`, 'too-long'],
    ['violet otter \ud83d', 'not-text'],
  ];
  for (const [password, reason] of refused) {
    t.match(judgePassword(password, anna), {ok: false, why: {reason}}, JSON.stringify(password));
  }
  t.ok(isTooLong('x'.repeat(1e6)));
  t.notOk(isTooLong('e\u0301'.repeat(128)), '128 characters of two parts each');
});

t.test('a list of common passwords is refused, and what is only a disguise of one', async t => {
  const refused: [string, PasswordRefusal['reason']][] = [
    ['CorrectHorseBatteryStaple', 'common'],
    ['correct-horse-battery-staple', 'common'],
    ['correct horse battery staple1!', 'common'],
    ['P@ssw0rd2026!', 'common'],
    ['Password1234', 'common'],
    ['!!!!password!!!!', 'common'],
    ['Welcome202611', 'common'],
    ['adm1n1strator', 'common'],
    ['i1oveyouforever', 'common'],
    ['Dubstead2026!', 'common'],
    ['!!mypassword123', 'common'],
    ['1q2w3e4r5t6y!!', 'common'],
    ['ｐａｓｓｗｏｒｄ１２３４', 'common'],
    ['summer-summer-2026', 'common'],
    ['aaaaaaaaaaaa', 'repeated'],
    ['            ', 'repeated'],
    ['abcabcabcabca', 'repeated'],
    ['trumpet!trumpet!', 'repeated'],
    ['qwertyuiopas', 'keyboard'],
    ['QWERTZUIOPÜ+', 'keyboard'],
    ['1qaz2wsx3edc', 'keyboard'],
    ['poiuytrewqlk', 'keyboard'],
    ['123456789012', 'keyboard'],
    ['abcdefghijklm', 'keyboard'],
    ['aaaaaaaaabbbx', 'keyboard'],
    ['annaannaanna', 'repeated'],
    ['anna_anna-anna.', 'own-name'],
    ['Anna.Anna.Anna.26', 'own-name'],
  ];
  for (const [password, reason] of refused) {
    t.strictSame(judgePassword(password, anna), {ok: false, why: {reason}}, password);
  }
  t.match(judgePassword('annabelle-foster', UserName.parse('annabelle-foster')), {why: {reason: 'own-name'}});
  t.ok(judgePassword('annabelle-foster', UserName.parse('ben')).ok);
});

t.test('every password of the list is refused', async t => {
  t.ok(commonPasswords.size >= 100, `${commonPasswords.size}`);
  const taken = [...commonPasswords].filter(each => judgePassword(each, UserName.parse('zoe')).ok);
  t.strictSame(taken, []);
  t.strictSame(
    [...commonPasswords].filter(each => !/^[a-z0-9]{12,}$/.test(each)),
    [],
    'and is written as it is looked up',
  );
});

t.test('a character of one part or of two is the same one', async t => {
  t.equal(normalised('cafe\u0301'), 'café');
  t.strictSame(judgePassword('cafe\u0301 violet otter', anna), {ok: true, value: 'café violet otter'});
});

t.test('every refusal says what happened and what to do', async t => {
  const whys: PasswordRefusal[] = [
    {reason: 'too-short', length: 3},
    ...(['too-long', 'not-text', 'common', 'repeated', 'keyboard', 'own-name'] as const).map(reason => ({
      reason,
    })),
  ];
  for (const why of whys) t.match(describePasswordRefusal(why), {what: /^The password .*\.$/, fix: /\.$/});
  t.match(describePasswordRefusal({reason: 'too-short', length: 3}).what, '3 characters');
});
