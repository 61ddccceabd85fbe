/** What may be asked, and what the finished files are called. */
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t from 'tap';
import {jobFolderOf, Order, stemOf} from '../../appliance/order.ts';
import {random} from '../pipeline/subtitles/random.ts';

const order: Order = {
  ...{source: '/films/film.mp4', from: null, to: 'es', subtitles: null, preset: 'balanced', out: '/dub'},
  ...{hls: false, loudnessLufs: -16, keep: 'lines', processors: 2},
};

/** The longest that is put behind a stem. */
const longestEnding = '.report.html';
const nameLimitBytes = 255;

t.test('a stem is the title and the language', async t => {
  const table = {
    'film.mp4': 'film.es',
    'film.part.1.mkv': 'film.part.1.es',
    film: 'film.es',
    'film.': 'film.es',
    '.film': '.film.es',
    '.film.mp4': '.film.es',
    '-y.mp4': '-y.es',
    'A "quoted" \'title\'; $(rm) `x`.mp4': 'A "quoted" \'title\'; $(rm) `x`.es',
    'となりの映画.mkv': 'となりの映画.es',
    '👩‍👩‍👧 family.mp4': '👩‍👩‍👧 family.es',
    ' spaces .mp4': ' spaces .es',
    'a:b|c?.mp4': 'a:b|c?.es',
  };
  for (const [name, stem] of Object.entries(table)) {
    t.equal(stemOf({source: `/films.d/${name}`, to: 'es'}), stem, name);
  }
});

t.test('200 characters stay as they are', async t => {
  const title = 'x'.repeat(200);
  t.equal(stemOf({source: `/f/${title}.mp4`, to: 'es'}), `${title}.es`);
  t.equal(stemOf({source: `/f/${title}.mp4`, to: 'ja'}), `${title}.ja`);
});

t.test('a longer title is cut between characters and stays its own', async t => {
  const titles = {
    ascii: 'x'.repeat(245),
    japanese: 'となりのトトロと魔女'.repeat(8),
    emoji: '👩‍👩‍👧'.repeat(13),
    accents: 'e\u0301'.repeat(82),
    'one character of many marks': `e${'\u0301'.repeat(120)}`,
  };
  for (const [what, title] of Object.entries(titles)) {
    const [one, two] = ['1', '2'].map(part => stemOf({source: `/f/${title}${part}.mkv`, to: 'es'}));
    t.not(one, two, `${what}: two parts are two dubs`);
    t.equal(
      one,
      stemOf({source: `/elsewhere/${title}1.mkv`, to: 'es'}),
      `${what}: the same title, the same name`,
    );
    const kept = /^(.*)~[0-9a-f]{8}\.es$/su.exec(one ?? '')?.[1] ?? 'uncut';
    t.ok(title.startsWith(kept), `${what}: cut at the end`);
    const characters = [...new Intl.Segmenter().segment(title)].map(({index}) => index);
    t.ok(kept.length === 0 || characters.includes(kept.length), `${what}: whole characters`);
  }
});

t.test('every name can be a name on disk', async t => {
  const dice = random(7);
  const letters = ['a', 'ñ', '映', '😀', '👩‍👩‍👧', '.', '-', '"', ' ', 'e\u0301'];
  const dir = t.testdir();
  for (let round = 0; round < 60; round++) {
    let title = '';
    while (Buffer.byteLength(title) < 20 + dice.below(230)) title += dice.pick(letters);
    const stem = stemOf({source: `/f/${title}.mp4`, to: 'es'});
    t.ok(Buffer.byteLength(stem + longestEnding) <= nameLimitBytes, stem);
    t.ok(stem.isWellFormed());
    if (round % 10 === 0) await writeFile(join(dir, stem + longestEnding), '');
  }
});

t.test('a job works under the folder that its films go to', async t => {
  t.equal(jobFolderOf(order), '/dub/.dubstead/film.es');
  t.not(jobFolderOf(order), jobFolderOf({...order, to: 'ja'}));
});

t.test('an order is parsed at the door', async t => {
  t.strictSame(Order.parse({...order, extra: 1}), order, 'what nobody asked for is left out');
  const wrong: readonly Partial<Record<keyof Order, unknown>>[] = [
    {source: 'film.mp4'},
    {source: ''},
    {source: '/a\0b'},
    {source: `/${'x'.repeat(4096)}`},
    {out: '../dub'},
    {subtitles: 'film.srt'},
    {from: 'eng'},
    {to: null},
    {preset: 'quick'},
    {loudnessLufs: -15},
    {keep: 'all'},
    {processors: 0},
    {processors: 257},
    {processors: 1.5},
    {hls: 'yes'},
  ];
  for (const change of wrong) {
    t.notOk(Order.safeParse({...order, ...change}).success, JSON.stringify(change).slice(0, 60));
  }
});
