/** Films of this machine for people who are not on it: those folders, those files, no link, and never where they lie. */
import {link, mkdir, rm, symlink, utimes, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {UserName} from '../../appliance/job.ts';
import type {Trouble} from '../../web/box.ts';
import type {MediaAsk, MediaListAsk} from '../../web/media.ts';
import {scratch, Wired} from './wired.ts';

const never = new AbortController().signal;
const ann = UserName.parse('ann');

interface Place {
  readonly wired: Wired;
  /** The first folder of films. */
  readonly films: string;
  /** Beside it, and nobody's to see. */
  readonly secret: string;
}

async function placeFor(t: Test): Promise<Place> {
  const root = await scratch(t);
  const [films, secret] = [join(root, 'films'), join(root, 'secret')];
  for (const folder of [films, join(films, 'old'), secret]) await mkdir(folder);
  await writeFile(join(secret, 'tax.mkv'), 'nobody’s');
  const wired = await Wired.at(t, {env: {MEDIA_DIRS: `${films},${join(root, 'gone')}`}});
  return {wired, films, secret};
}

const listAsk = (changes: Partial<MediaListAsk> = {}): MediaListAsk => ({
  ...{folder: 1, path: null, after: null, limit: 1000},
  ...changes,
});

const filmAsk = (file: string, changes: Partial<MediaAsk> = {}): MediaAsk => ({
  ...{folder: 1, file, sidecars: [], owner: ann, options: {}, like: null, priority: 0},
  ...changes,
});

async function namesIn(
  {wired}: Place,
  changes: Partial<MediaListAsk> = {},
): Promise<readonly string[] | Trouble> {
  const found = await wired.parts.box.media.list(listAsk(changes));
  return found.ok ? found.value.entries.map(({name}) => name) : found.why;
}

t.test(
  'a folder is listed with kinds, sizes and dates; what is hidden, a link or no name is left out',
  async t => {
    const place = await placeFor(t);
    const {films, secret, wired} = place;
    await writeFile(join(films, 'b.MKV'), '12345');
    await utimes(join(films, 'b.MKV'), 7, 7);
    await writeFile(join(films, 'ü.srt'), '1');
    await writeFile(join(films, 'list.txt'), '');
    await writeFile(join(films, '.hidden.mkv'), '1');
    await writeFile(Buffer.concat([Buffer.from(`${films}/`), Buffer.from([0x66, 0xff])]), '1');
    await symlink(join(secret, 'tax.mkv'), join(films, 'link.mkv'));
    await symlink(secret, join(films, 'way'));
    const {media} = wired.parts.box;
    t.strictSame(media.folders, [
      {folder: 1, label: 'films'},
      {folder: 2, label: 'gone'},
    ]);
    t.match(await media.list(listAsk()), {
      ok: true,
      value: {
        entries: [
          {name: 'b.MKV', kind: 'film', bytes: 5, modified: 7000},
          {name: 'list.txt', kind: 'other', bytes: 0},
          {name: 'old', kind: 'folder', bytes: null},
          {name: 'ü.srt', kind: 'subtitles', bytes: 1},
        ],
        more: false,
      },
    });
    t.match(await namesIn(place), {length: 4});
    t.strictSame(await namesIn(place, {path: 'old'}), []);
  },
);

t.test('no other folder is looked into, however it is asked for', async t => {
  const place = await placeFor(t);
  const {films, secret} = place;
  await symlink(secret, join(films, 'way'));
  await symlink(secret, join(films, 'old/way'));
  await writeFile(join(films, 'a.mkv'), '1');
  const table: readonly Partial<MediaListAsk>[] = [
    ...[{folder: 0}, {folder: 2}, {folder: 3}],
    ...[{path: 'way'}, {path: 'old/way'}, {path: 'nowhere'}, {path: 'a.mkv'}, {path: 'x'.repeat(255)}],
  ];
  for (const changes of table)
    t.strictSame(await namesIn(place, changes), {reason: 'no-such-media'}, JSON.stringify(changes));
  for (const path of ['..', 'old/../..', '', '.'])
    await t.rejects(namesIn(place, {path}), /not the name of a file/, JSON.stringify(path));
});

t.test('pages follow one another, and none is left out or told twice', async t => {
  const place = await placeFor(t);
  const names = Array.from({length: 23}, (_, i) => `film ${String(i).padStart(2, '0')} é.mkv`);
  for (const name of names) await writeFile(join(place.films, 'old', name), '');
  const found: string[] = [];
  for (let after: string | null = null; ; after = found.at(-1) ?? null) {
    const page = await place.wired.parts.box.media.list(listAsk({path: 'old', after, limit: 5}));
    if (!page.ok) throw new Error(page.why.reason);
    found.push(...page.value.entries.map(({name}) => name));
    t.ok(page.value.entries.length <= 5);
    if (!page.value.more) break;
  }
  t.strictSame(found, names);
});

t.test('a film becomes a job with the subtitles beside it, under its own name', async t => {
  const {wired, films} = await placeFor(t);
  await writeFile(join(films, 'old/film.mp4'), 'hear');
  await writeFile(join(films, 'old/film.en.srt'), 'words');
  await writeFile(join(films, 'old/extra.vtt'), 'more');
  await symlink(join(films, 'old/extra.vtt'), join(films, 'old/film.fr.vtt'));
  const made = await wired.parts.box.media.submit(
    filmAsk('old/film.mp4', {sidecars: ['old/extra.vtt']}),
    never,
  );
  if (!made.ok) throw new Error(JSON.stringify(made.why));
  const {job} = made.value;
  t.ok(made.value.made);
  t.match(job, {owner: 'ann', source: {name: 'film.mp4', bytes: 4}});
  t.strictSame(job.sidecars.toSorted(), ['film.en.srt', 'film.vtt'], 'not the link');
  const again = await wired.parts.box.media.submit(filmAsk('old/film.mp4'), never);
  t.match(again, {ok: true, value: {made: false, job: {id: job.id}}});
});

t.test('what is no plain file below the folder becomes no job, and where it lies is not told', async t => {
  const {wired, films, secret} = await placeFor(t);
  await symlink(join(secret, 'tax.mkv'), join(films, 'link.mkv'));
  await symlink(secret, join(films, 'way'));
  await writeFile(join(films, 'empty.mkv'), '');
  await writeFile(join(films, 'film.mkv'), '1');
  const submit = (ask: MediaAsk) => wired.parts.box.media.submit(ask, never);
  const table = [
    [filmAsk('link.mkv'), {reason: 'failed', failure: {reason: 'not-a-file', path: 'link.mkv'}}],
    [filmAsk('way/tax.mkv'), {reason: 'no-such-media'}],
    [filmAsk('gone.mkv'), {reason: 'failed', failure: {reason: 'no-such-file', path: 'gone.mkv'}}],
    [filmAsk('old'), {reason: 'failed', failure: {reason: 'is-a-folder', path: 'old'}}],
    [filmAsk('empty.mkv'), {reason: 'failed', failure: {reason: 'empty-file', path: 'empty.mkv'}}],
    [filmAsk('film.mkv', {folder: 9}), {reason: 'no-such-media'}],
    [filmAsk('film.mkv', {sidecars: ['old/x.srt']}), {reason: 'no-such-media'}],
    [filmAsk('film.mkv', {sidecars: ['x.srt']}), {reason: 'failed', failure: {reason: 'no-such-file'}}],
  ] as const;
  for (const [ask, why] of table) {
    const answer = await submit(ask);
    t.match(answer, {ok: false, why}, ask.file);
    t.notMatch(JSON.stringify(answer), /proc|wired-/, `${ask.file}: not where it lies`);
  }
  t.equal(wired.parts.ground.store.all('jobs').size, 0);
  await link(join(secret, 'tax.mkv'), join(films, 'named.mkv'));
  await rm(join(secret, 'tax.mkv'));
  t.ok((await submit(filmAsk('named.mkv'))).ok, 'a second name is a name');
});
