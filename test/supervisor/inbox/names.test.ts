/** What a path in the inbox means, and what the file of options beside a film may say. */
import t from 'tap';
import type {UserName} from '../../../appliance/job.ts';
import {
  fitted,
  kindOf,
  type Name,
  nameOf,
  nameOfBytes,
  type Place,
  placeOf,
  readName,
  shown,
} from '../../../supervisor/inbox/names.ts';
import {optionsOf, readWishes} from '../../../supervisor/inbox/wishes.ts';
import {anna, usual} from './house.ts';

t.test('films, sidecars, leftovers and the rest are told by their names', async t => {
  const table: Readonly<Record<string, readonly string[]>> = {
    film: [
      ...[
        'film.mkv',
        'FILM.MKV',
        'a.mp4',
        'a.m4v',
        'a.mov',
        'a.webm',
        'a.avi',
        'a.mpg',
        'a.ts',
        'a.m2ts',
        'a.wmv',
      ],
      ...[
        '日本語.mkv',
        'a b (2024) [1080p].mkv',
        '-y.mp4',
        'http:x.mp4',
        ' .mkv',
        'a.part.mkv',
        'tmp.mkv',
        '…mkv.ogv',
      ],
      ...['file~1.mkv', 'desktop.ini.mkv'],
    ],
    sidecar: [
      'film.srt',
      'film.es.SRT',
      'film.vtt',
      'film.ass',
      'film.ssa',
      'film.dub.json',
      'film.DUB.JSON',
    ],
    ignored: [
      ...[
        'film.mkv.part',
        'film.mkv.PART',
        'film.tmp',
        'film.crdownload',
        'film.mkv.!qB',
        'film.mkv.partial',
      ],
      ...[
        '~$film.docx',
        '._film.mkv',
        '.film.mkv.Ab12Cd',
        '.stfolder',
        '.syncthing.film.mkv.tmp',
        '.DS_Store',
        '.mkv',
      ],
      ...[
        '@eaDir',
        'Thumbs.db',
        'THUMBS.DB',
        'desktop.ini',
        'lost+found',
        '$RECYCLE.BIN',
        'System Volume Information',
      ],
      ...[
        '~syncthing~film.mkv.tmp',
        'film.mkv~',
        '.nfs0000000012',
        '.goutputstream-X',
        'film.mkv.why.txt',
        'x.aria2',
      ],
      ...['.', '..', 'film.mkv.filepart', 'film.mkv.download', '#recycle', '@Recycle'],
    ],
    refused: [
      'film',
      'film.txt',
      'film.nfo',
      'poster.jpg',
      'a.json',
      'film.dub.json.bak',
      'film.mp3',
      'mkv',
      'a.exe',
      'a.mkv ',
    ],
  };
  for (const [is, names] of Object.entries(table)) {
    for (const name of names) t.equal(kindOf(nameOf(name)).is, is, name);
  }
  t.match(kindOf(nameOf('film.txt')), {why: {what: /^film\.txt is not a kind/, fix: /\.mkv/}});
});

const latin1 = (bytes: readonly number[]): Name => nameOfBytes(Buffer.from(bytes).toString('latin1'));

t.test('a name that is no text is refused, and shown so that it harms no terminal', async t => {
  const mkv = [...Buffer.from('.mkv')];
  const table: readonly (readonly [readonly number[], string])[] = [
    [[0xff, ...mkv], '%FF.mkv'],
    [[0x61, 0xc3, ...mkv], 'a%C3.mkv'],
    [[0xc0, 0xaf, ...mkv], '%C0%AF.mkv'],
    [[0xed, 0xa0, 0x80, ...mkv], '%ED%A0%80.mkv'],
    [[0xf4, 0x90, 0x80, 0x80, ...mkv], '%F4%90%80%80.mkv'],
    [[0xe6, 0x97, ...mkv], '%E6%97.mkv'],
    [[...Buffer.from('日本'), 0x80, ...mkv], '日本%80.mkv'],
    [[0x61, 0x0a, 0x62, ...mkv], 'a%0Ab.mkv'],
    [[0x1b, 0x5b, 0x33, 0x31, 0x6d, ...mkv], '%1B[31m.mkv'],
    [[0x7f, ...mkv], '%7F.mkv'],
    [[0xc2, 0x9b, ...mkv], '%C2%9B.mkv'],
  ];
  for (const [bytes, words] of table) {
    const name = latin1(bytes);
    t.equal(shown(name), words);
    const kind = kindOf(name);
    t.match(kind, {is: 'refused', why: {fix: /Rename it/}}, words);
    t.ok(kind.is === 'refused' && kind.why.what.includes(words), words);
  }
  t.equal(kindOf(latin1([0x2e, 0xff])).is, 'ignored', 'hidden is hidden');
});

t.test('a name that is text turns into the same bytes again', async t => {
  const names = [
    'film.mkv',
    'café.mkv',
    'cafe\u0301.mkv',
    '日本語',
    '😀.mkv',
    '\ufeffbom.mkv',
    'a\u202eb.mkv',
    'x'.repeat(255),
  ];
  for (const name of names) {
    t.strictSame(readName(nameOf(name)), {ok: true, value: name});
    t.equal(shown(nameOf(name)), name);
    t.same(Buffer.from(nameOf(name), 'latin1'), Buffer.from(name));
  }
  t.not(nameOf('café.mkv'), nameOf('cafe\u0301.mkv'), 'two spellings are two files');
});

t.test('a name is cut between characters and keeps its ending', async t => {
  t.equal(fitted('film', '.mkv'), 'film.mkv');
  t.equal(fitted('x'.repeat(300), '.mkv'), `${'x'.repeat(251)}.mkv`);
  t.equal(fitted('日'.repeat(100), '.mkv'), `${'日'.repeat(83)}.mkv`);
  t.equal(fitted('e\u0301'.repeat(100), '', 10), 'e\u0301'.repeat(3));
});

const knows = (owner: UserName): boolean => ['anna', 'ben', 'best'].includes(owner);
const place = (...folders: readonly string[]): Place => placeOf(folders.map(nameOf), {owner: anna, knows});

t.test('folders say whose a film is and how it is dubbed', async t => {
  const table: readonly (readonly [readonly string[], string, object])[] = [
    [[], 'anna', {}],
    [['ben'], 'ben', {}],
    [['ben', 'best'], 'ben', {preset: 'best'}],
    [['ben', 'es'], 'ben', {to: 'es'}],
    [['ben', 'best-es'], 'ben', {preset: 'best', to: 'es'}],
    [['ben', 'fr.fast'], 'ben', {preset: 'fast', to: 'fr'}],
    [['ben', 'pt-BR'], 'ben', {to: 'pt'}],
    [['ben', 'es-419-best'], 'ben', {to: 'es', preset: 'best'}],
    [['ben', 'best', 'Series', 'Season 1'], 'ben', {preset: 'best'}],
    [['ben', 'Series', 'best'], 'ben', {}],
    [['best'], 'best', {}],
    [['best', 'best'], 'best', {preset: 'best'}],
    // Films are called such things.
    ...['It', 'IT', 'Best', 'best-of', 'fast & furious', 'es-', 'es--fr', 'best es', 'BR', 'es-br'].map(
      name => [['ben', name], 'ben', {}] as const,
    ),
  ];
  for (const [folders, owner, wishes] of table) {
    t.strictSame(place(...folders), {is: 'home', owner, wishes}, folders.join('/'));
  }
});

t.test('a folder that is nobody’s, or asks for two things at once, holds its films and says why', async t => {
  for (const name of ['carl', 'Anna', 'Movies', 'an/na', 'anna ', 'x'.repeat(40), 'ánna', '__proto__']) {
    const found = place(name, 'best');
    t.match(found, {is: 'held', why: {what: /named after nobody/, fix: /anna\//}}, name);
    t.ok(found.is === 'held' && found.why.what.includes(name), name);
  }
  for (const [name, both] of [
    ['es-fr', 'es and fr'],
    ['best-fast-es', 'best and fast'],
    ['es-es', 'es and es'],
  ] as const) {
    t.match(place('ben', name), {is: 'held', why: {what: new RegExp(`“${name}” asks for ${both}`)}}, name);
  }
  t.match(placeOf([nameOf('ben'), latin1([0xff])], {owner: anna, knows}), {
    is: 'refused',
    why: {what: /The name %FF is not text/},
  });
});

const wishes = (text: string | Uint8Array) => readWishes(Buffer.from(text), 'film.dub.json');

t.test('options beside a film are any part of a job’s options', async t => {
  const table: readonly (readonly [string, object])[] = [
    ['{}', {}],
    ['{"to": "fr"}', {to: 'fr'}],
    ['\ufeff{"from": null, "hls": true}', {from: null, hls: true}],
    [
      '{"loudnessLufs": -23, "keep": "work", "preset": "fast", "from": "en"}',
      {loudnessLufs: -23, keep: 'work', preset: 'fast', from: 'en'},
    ],
  ];
  for (const [text, value] of table) t.strictSame(wishes(text), {ok: true, value}, text);
  t.strictSame(optionsOf(usual, {preset: 'best', to: 'fr'}, {to: 'it'}), {
    ...usual,
    preset: 'best',
    to: 'it',
  });
  t.strictSame(optionsOf(usual), usual);
});

t.test('options that cannot be used name the file, the field and the fields there are', async t => {
  const table: readonly (readonly [string | Uint8Array, RegExp])[] = [
    ['', /^film\.dub\.json is no JSON/],
    ['{"to": "es"', /is no JSON/],
    ['{"to":\n"es",\u0007}', /is no JSON/],
    [Buffer.from([0xff, 0xfe]), /is no JSON/],
    ['{"to": "klingon"}', /field that cannot be used: to: /],
    ['{"preset": "Best"}', /cannot be used: preset: /],
    ['{"loudnessLufs": -15}', /cannot be used: loudnessLufs: /],
    ['{"hls": "yes"}', /cannot be used: hls: /],
    ['{"language": "es"}', /cannot be used: language: /],
    ['{"__proto__": {"to": "es"}, "owner": "ben"}', /cannot be used: owner|cannot be used: __proto__/],
    ['[]', /cannot be used: all of it/],
    ['null', /cannot be used: all of it/],
    ['"es"', /cannot be used: all of it/],
  ];
  for (const [text, what] of table) {
    const answer = wishes(text);
    t.match(answer, {ok: false, why: {what, fix: /"to": "es"/}}, String(text));
    t.notMatch(answer, {why: {what: /\p{Cc}/u}}, 'and nothing in it can steer a terminal');
  }
  t.match(wishes('{"to": 1}'), {why: {fix: /from, to, preset, hls, loudnessLufs, keep/}});
});
