/** Which sidecars go with which film, by the same rules as the job's own. */
import t from 'tap';
import {findSidecars} from '../../../pipeline/subtitles/sidecars.ts';
import {pair} from '../../../supervisor/inbox/sidecars.ts';

t.test('a sidecar goes with the film of the longest name that it fits', async t => {
  const films = ['film.mkv', 'film.part2.mkv', 'film.es.mkv', 'other.mp4', 'a.b.c.mkv'];
  const table: Readonly<Record<string, string | null>> = {
    'film.srt': 'film.mkv',
    'film.en.srt': 'film.mkv',
    'film.EN.SDH.vtt': 'film.mkv',
    'film.forced.srt': 'film.mkv',
    'film (English).srt': null,
    'film.dub.json': 'film.mkv',
    'film.part2.srt': 'film.part2.mkv',
    'film.part2.en.srt': 'film.part2.mkv',
    'film.part2.dub.json': 'film.part2.mkv',
    'film.es.srt': 'film.es.mkv',
    'film.es.forced.ass': 'film.es.mkv',
    'film.part3.srt': null,
    'film.nl.srt': null,
    'films.srt': null,
    'film2.srt': null,
    'FILM.srt': null,
    'other.es.srt': 'other.mp4',
    'another.srt': null,
    'a.b.c.srt': 'a.b.c.mkv',
    'a.b.srt': null,
    'a.b.c.es.hi.srt': 'a.b.c.mkv',
    'film.en.dub.json': null,
    'a.b.c.dub.json': 'a.b.c.mkv',
    '.dub.json': null,
  };
  const pairing = pair(films, Object.keys(table));
  for (const [sidecar, film] of Object.entries(table)) {
    t.strictSame(pairing.films.get(sidecar), film === null ? [] : [film], sidecar);
  }
  t.strictSame(pairing.sidecars.get('film.es.mkv'), ['film.es.forced.ass', 'film.es.srt']);
  t.equal(pairing.sidecars.get('nothing.mkv'), undefined);
});

t.test('films of one stem share their sidecars', async t => {
  const {films, sidecars} = pair(['film.mkv', 'film.mp4'], ['film.srt', 'film.dub.json']);
  t.strictSame(films.get('film.srt'), ['film.mkv', 'film.mp4']);
  t.strictSame(sidecars.get('film.mp4'), ['film.dub.json', 'film.srt']);
});

t.test('both spellings of a character are the same name', async t => {
  const [composed, apart] = ['café', 'cafe\u0301'];
  t.strictSame(pair([`${composed}.mkv`], [`${apart}.es.srt`]).films.get(`${apart}.es.srt`), [
    `${composed}.mkv`,
  ]);
  t.strictSame(pair([`${apart}.mkv`], [`${composed}.dub.json`]).films.get(`${composed}.dub.json`), [
    `${apart}.mkv`,
  ]);
});

t.test('whatever a job would find beside its film was brought along', async t => {
  const marks = [
    '',
    '.es',
    '.en',
    '.eng',
    '.sdh',
    '.en.sdh',
    '.es-419',
    '.Spanish',
    '.español',
    '.forced',
    '.nl',
    '.x',
  ];
  const rests = [
    ...marks,
    ...marks.map(mark => `${mark}.full`),
    '.part2',
    '.en.part2',
    '.commentary',
    '.en forced',
    '[en]',
  ];
  const names = rests.flatMap(rest => ['srt', 'VTT', 'ass', 'ssa'].map(ending => `film${rest}.${ending}`));
  const {sidecars} = pair(['film.mkv'], names);
  const brought = new Set(sidecars.get('film.mkv'));
  const wanted = findSidecars(names, 'film.mkv');
  t.ok(wanted.length > 20 && wanted.length < names.length);
  for (const {name} of wanted) t.ok(brought.has(name), name);
  const surplus = [...brought].filter(name => !wanted.some(one => one.name === name));
  for (const name of surplus)
    t.match(name, /forced|commentary/, 'what the job does not use, but nobody else either');
});

t.test('ten thousand films with sidecars are paired in no time', async t => {
  const numbers = Array.from({length: 10_000}, (_, number) => number);
  const started = performance.now();
  const {sidecars} = pair(
    numbers.map(number => `Episode ${number}.mkv`),
    numbers.flatMap(number => [`Episode ${number}.es.srt`, `Episode ${number}.dub.json`]),
  );
  t.equal(sidecars.size, 10_000);
  t.comment(`${Math.round(performance.now() - started)} ms`);
});
