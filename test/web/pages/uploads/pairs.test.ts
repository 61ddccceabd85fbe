/** Which subtitles go with which film, by their names alone. */
import t from 'tap';
import {accepted, isCalled, pairUp} from '../../../../web/pages/uploads/pairs.ts';

const file = (name: string) => ({name});

t.test('subtitles go with the film that they are named after', t => {
  const table: readonly (readonly [
    readonly string[],
    readonly (readonly string[])[],
    readonly string[],
    readonly string[],
  ])[] = [
    [['film.mkv', 'film.srt'], [['film.mkv', 'film.srt']], [], []],
    [['Film.MKV', 'film.es.SRT'], [['Film.MKV', 'film.es.SRT']], [], []],
    [['a.mkv', 'other.srt'], [['a.mkv', 'other.srt']], [], []],
    [['a.mkv', 'b.mkv', 'b.ja.vtt'], [['a.mkv'], ['b.mkv', 'b.ja.vtt']], [], []],
    [['a.mkv', 'a.b.mkv', 'a.b.srt'], [['a.mkv'], ['a.b.mkv', 'a.b.srt']], [], []],
    [['a.mkv', 'b.mkv', 'c.srt'], [['a.mkv'], ['b.mkv']], ['c.srt'], []],
    [['a.srt'], [], ['a.srt'], []],
    [['a.txt', 'mkv', '.mkv', 'a.mkv.exe'], [], [], ['a.txt', 'mkv', '.mkv', 'a.mkv.exe']],
    [['cafe\u0301.mp4', 'z.mp4', 'café.srt'], [['cafe\u0301.mp4', 'café.srt'], ['z.mp4']], [], []],
  ];
  for (const [names, pairs, alone, odd] of table) {
    const found = pairUp(names.map(file));
    const shown = found.pairs.map(({film, sidecars}) => [film, ...sidecars].map(({name}) => name));
    t.strictSame(shown, pairs, names.join());
    t.strictSame([found.alone.map(({name}) => name), found.odd.map(({name}) => name)], [alone, odd]);
  }
  t.end();
});

t.test('a file is known again by the name that the box made of its own', t => {
  t.ok(isCalled('a  film\u202e.mkv', 'a film.mkv'));
  t.ok(isCalled('cafe\u0301.mkv', 'café.mkv'));
  t.notOk(isCalled('A film.mkv', 'a film.mkv'));
  t.match(accepted, /^video\/\*,\.mp4,.*\.mkv,.*\.srt/);
  t.end();
});
