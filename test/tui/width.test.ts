/** How wide text is in a terminal, how it is cut and laid out, and what never gets there. */
import t from 'tap';
import {jsonLine, printable} from '../../tui/clean.ts';
import {field, table} from '../../tui/table.ts';
import {clipped, padded, widthOf, wrapped} from '../../tui/width.ts';
import {age, count, momentOf, percent, size, spent, timeOf} from '../../tui/words.ts';

/** For the name of an assertion: what is tried here would upset the reader of the results as well. */
const inAscii = (text: string): string =>
  text.replaceAll(/[^ -~]/g, character => `<${character.charCodeAt(0).toString(16)}>`);

t.test('a text is as wide as terminals draw it', async t => {
  const cases: readonly [text: string, columns: number][] = [
    ['', 0],
    ['film.mp4', 8],
    ['Español', 7],
    ['Espan\u0303ol', 7],
    ['日本語', 6],
    ['となりの映画.mkv', 16],
    ['ﾊﾝｶｸ', 4],
    ['ＦＵＬＬ', 8],
    ['한국어', 6],
    ['\u1112\u1161\u11ab', 2],
    ['か\u3099', 2],
    ['中文，。', 8],
    ['𠮷野家', 6],
    ['🎬', 2],
    ['🎬 film', 7],
    ['👍', 2],
    ['❤', 1],
    ['🇪🇸', 2],
    ['→ · … –', 7],
    ['กำ', 2],
    ['क्षि', 3],
    ['מִלָּה', 3],
    ['می\u200cخواهم', 7],
    ['\uFFFD', 1],
    ['☯☰', 3],
    ['①㉈', 2],
  ];
  for (const [text, columns] of cases) t.equal(widthOf(text), columns, inAscii(text));
});

t.test('what could steer a terminal, turn it round or hide is made harmless', async t => {
  const cases: readonly [text: string, shown: string][] = [
    ['film.mp4', 'film.mp4'],
    ['a\u001b[2Jb', 'a\uFFFD[2Jb'],
    ['a\u009b31mb', 'a\uFFFD31mb'],
    ['a\r\nb\tc', 'a\uFFFD\uFFFDb\uFFFDc'],
    ['a\u0000\u0007\u007f', 'a\uFFFD\uFFFD\uFFFD'],
    ['a\u2028b\u2029', 'a\uFFFDb\uFFFD'],
    ['evil\u202e4pm.exe', 'evil\uFFFD4pm.exe'],
    ['\u2066x\u2069\u200e\u061c', '\uFFFDx\uFFFD\uFFFD\uFFFD'],
    ['in\u200bvis\u00adible\ufeff', 'in\uFFFDvis\uFFFDible\uFFFD'],
    ['half \ud83d of one', 'half \uFFFD of one'],
    ['می\u200cخواهم', 'می\u200cخواهم'],
    ['क्\u200dष', 'क्\u200dष'],
    ['👨\u200d👩\u200d👧', '👨👩👧'],
    ['👍🏽 👍', '👍 👍'],
    ['❤\ufe0f 1\ufe0f\u20e3', '❤ 1\u20e3'],
    ['🏴\u{e0067}\u{e0062}\u{e007f}', '🏴'],
    [`Z${'\u0335'.repeat(50)}algo`, `Z${'\u0335'.repeat(4)}algo`],
    ['Vie\u0323\u0302t', 'Vie\u0323\u0302t'],
  ];
  for (const [text, shown] of cases) {
    t.equal(printable(text), shown, inAscii(text));
    t.equal(printable(shown), shown, 'and stays so');
  }
});

t.test('a line of JSON says the same, and steers no terminal', async t => {
  const value = {title: 'a\u001b[2J\u009b31m\u202e\u2028日本語 🎬', list: ['\u007f']};
  const line = jsonLine(value);
  t.match(line, /^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e]*\n$/);
  t.match(line, '日本語 🎬');
  t.strictSame(JSON.parse(line), value);
});

t.test('text is cut between characters, and fits', async t => {
  const cases: readonly [text: string, columns: number, cut: string][] = [
    ['film', 4, 'film'],
    ['films', 4, 'fil…'],
    ['日本語', 6, '日本語'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['日本語', 2, '…'],
    ['🇪🇸🇫🇷', 3, '🇪🇸…'],
    ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
    ['film', 1, '…'],
    ['film', 0, ''],
    ['', 0, ''],
  ];
  for (const [text, columns, cut] of cases) {
    t.equal(clipped(text, columns), cut, `${text} in ${columns}`);
    t.equal(widthOf(padded(text, columns)), columns, 'padded it is as wide as asked for');
  }
  t.equal(padded('日本', 6), '日本  ');
  t.equal(padded('7 d', 6, 'right'), '   7 d');
  t.equal(padded('日本語', 4), '日… ', 'a wide character that does not fit leaves a column');
});

t.test('text is wrapped at spaces, and within a word only where there is no other way', async t => {
  const cases: readonly [text: string, columns: number, lines: readonly string[]][] = [
    ['', 10, ['']],
    ['one two', 10, ['one two']],
    ['one two three', 7, ['one two', 'three']],
    ['one two three', 3, ['one', 'two', 'thr', 'ee']],
    ['日本語の映画', 4, ['日本', '語の', '映画']],
    ['a 日本語', 6, ['a', '日本語']],
    ['日本', 1, ['日', '本']],
    ['/var/lib/x y', 8, ['/var/lib', '/x y']],
    ['a  b', 3, ['a', 'b']],
    ['  one two', 6, ['  one', '  two']],
    ['    x', 2, [' x']],
  ];
  for (const [text, columns, lines] of cases)
    t.strictSame(wrapped(text, columns), lines, `${text} in ${columns}`);
});

t.test('a table keeps its columns, whatever stands in them', async t => {
  const heads = [{head: 'JOB'}, {head: 'TITLE', leastColumns: 6}, {head: 'AGE', side: 'right'}] as const;
  const rows = [
    ['a1', 'film', '5 s'],
    ['b2', '日本語の映画.mkv', '12 min'],
    ['c3', 'evil\u001b[2J\nname 🎬👨\u200d👩', '3 d'],
  ];
  t.strictSame(table(heads, rows, 80), [
    'JOB  TITLE                    AGE',
    'a1   film                     5 s',
    'b2   日本語の映画.mkv      12 min',
    'c3   evil\uFFFD[2J\uFFFDname 🎬👨👩     3 d',
  ]);
  t.strictSame(table(heads, rows, 24), [
    'JOB  TITLE           AGE',
    'a1   film            5 s',
    'b2   日本語の映…  12 min',
    'c3   evil\uFFFD[2J\uFFFDn…     3 d',
  ]);
  for (const width of [10, 24, 25, 40, 80, Number.POSITIVE_INFINITY])
    for (const line of table(heads, rows, width))
      t.ok(widthOf(line) <= Math.max(width, 21), `${width}: ${line}`);
  t.strictSame(table(heads, [], 80), ['JOB  TITLE  AGE']);
});

t.test('a table that is too wide takes from the widest column first', async t => {
  const heads = [
    {head: 'A', leastColumns: 2},
    {head: 'B', leastColumns: 2},
  ];
  const row = ['a'.repeat(10), 'b'.repeat(6)];
  t.equal(table(heads, [row], 16)[1], `${'a'.repeat(7)}…  ${'b'.repeat(6)}`);
  t.equal(table(heads, [row], 10)[1], 'aaa…  bbb…');
  t.equal(table(heads, [row], 1)[1], 'a…  b…', 'and none gets narrower than it may');
});

t.test('a field stands behind its name, on as many lines as it takes', async t => {
  const shape = {nameColumns: 6, columns: 30};
  t.strictSame(field('Inbox', 'watching /srv/inbox now and then', shape), [
    'Inbox watching /srv/inbox now',
    '      and then',
  ]);
  t.strictSame(field('', ['one', '  two\u0007'], shape), ['      one', '        two\uFFFD']);
  t.strictSame(field('Push', [], shape), []);
});

t.test('units are the ones people read', async t => {
  const ages: readonly [ms: number, said: string][] = [
    [-5000, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_599_999, '59 min'],
    [3_600_000, '1 h'],
    [86_399_999, '23 h'],
    [86_400_000, '1 d'],
    [86_400_000 * 400, '400 d'],
  ];
  for (const [ms, said] of ages) t.equal(age(ms), said, String(ms));
  const sizes: readonly [bytes: number, said: string][] = [
    [0, '0 kB'],
    [1, '1 kB'],
    [999_000, '999 kB'],
    [1_500_000, '1.5 MB'],
    [2_000_000_000, '2.0 GB'],
    [4e12, '4.0 TB'],
  ];
  for (const [bytes, said] of sizes) t.equal(size(bytes), said);
  const spans: readonly [seconds: number, said: string][] = [
    [0.04, '0.0 s'],
    [9.94, '9.9 s'],
    [9.96, '10 s'],
    [63.2, '1 min 4 s'],
  ];
  for (const [seconds, said] of spans) t.equal(spent(seconds), said);
  t.equal(count(1, 'time'), '1 time');
  t.equal(count(2, 'time'), '2 times');
  t.equal(percent(0.999), '99 %');
  t.equal(percent(1), '100 %');
  t.equal(momentOf(Date.UTC(2026, 10, 21, 14, 3, 22), 'UTC'), '2026-11-21 14:03:22');
  t.equal(timeOf(Date.UTC(2026, 10, 21, 23, 3, 22), 'Asia/Tokyo'), '08:03:22');
  t.equal(timeOf(Number.MAX_SAFE_INTEGER, 'UTC'), '??:??:??', 'a moment no calendar has');
});
