/** A film that is named by its path comes in whole or not at all, and its original stays as it was. */
import {execFile} from 'node:child_process';
import {once} from 'node:events';
import {appendFileSync} from 'node:fs';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {basename, join} from 'node:path';
import {promisify} from 'node:util';
import t, {type Test} from 'tap';
import {digestOf} from '../../appliance/digest.ts';
import {describe, type Failure} from '../../appliance/failure.ts';
import {findSidecars} from '../../pipeline/subtitles/sidecars.ts';
import {takeIn} from '../../supervisor/intake.ts';
import {asNobody, isRoot, otherDisk} from './inbox/disks.ts';

const never = new AbortController().signal;
const root = {skip: isRoot ? false : 'only root can do this'};

interface Place {
  /** Where people have their films. */
  readonly films: string;
  readonly jobs: string;
  readonly job: string;
}

async function placeFor(t: Test, jobs?: string): Promise<Place> {
  const dir = await mkdtemp(join(tmpdir(), 'intake-'));
  t.teardown(() => rm(dir, {recursive: true, force: true}));
  const place = {films: join(dir, 'films'), jobs: jobs ?? join(dir, 'jobs')};
  for (const folder of [place.films, place.jobs]) await mkdir(folder, {recursive: true});
  return {...place, job: join(place.jobs, 'aaaaaaaaaa')};
}

const take = ({job}: Place, path: string, sidecars: readonly string[] = [], signal = never) =>
  takeIn({path, sidecars, jobFolder: job, signal, shownAs: null});

async function failureOf(place: Place, path: string, sidecars: readonly string[] = []): Promise<Failure> {
  const taken = await take(place, path, sidecars);
  if (taken.ok) throw new Error(`${path} was taken in`);
  return taken.why;
}

async function film(place: Place, name = 'film.mp4', words = 'a film'): Promise<string> {
  const path = join(place.films, name);
  await writeFile(path, words);
  return path;
}

t.test(
  'a film comes in with the subtitles that bear its name, and nothing of the original changes',
  async t => {
    const place = await placeFor(t);
    const path = await film(place);
    const beside = [
      'film.srt',
      'film.en.sdh.srt',
      'FILM.ass',
      'film.dub.json',
      'film2.srt',
      'film.part2.srt',
      'film.txt',
    ];
    for (const name of beside) await writeFile(join(place.films, name), name);
    const before = await stat(path);
    const taken = await take(place, path);
    t.strictSame(taken, {
      ok: true,
      value: {
        source: {name: 'film.mp4', bytes: 6, digest: digestOf('a film')},
        sidecars: ['film.en.sdh.srt', 'film.srt'],
      },
    });
    const names = await readdir(join(place.job, 'source'));
    t.strictSame(names.toSorted(), ['film.en.sdh.srt', 'film.mp4', 'film.srt']);
    for (const name of names)
      t.equal(await readFile(join(place.job, 'source', name), 'utf8'), name === 'film.mp4' ? 'a film' : name);
    t.strictSame(
      [(await stat(place.job)).mode & 0o777, (await stat(join(place.job, 'source'))).mode & 0o777],
      [0o700, 0o700],
    );
    const after = await stat(path);
    t.strictSame([after.ino, after.mtimeMs, after.nlink, after.size], [before.ino, before.mtimeMs, 1, 6]);
    t.equal(
      (await stat(join(place.job, 'source/film.mp4'))).mtimeMs,
      before.mtimeMs,
      'a copy is as old as its film',
    );
  },
);

t.test('subtitles that are named by hand go with the film, whatever they are called', async t => {
  const table: readonly [named: string, film: string, as: string, language: string | null][] = [
    ['english.srt', 'film.mp4', 'film.srt', null],
    ['Their words.es.vtt', 'film.mp4', 'film.es.vtt', 'es'],
    ['film.fra.ass', 'film.mp4', 'film.fra.ass', 'fr'],
    ['other.part2.srt', 'a.film.with.dots.mkv', 'a.film.with.dots.srt', null],
    ['Film.srt', 'film.mp4', 'film.srt', null],
  ];
  for (const [named, name, as, language] of table) {
    const place = await placeFor(t);
    const path = await film(place, name);
    const words = join(place.jobs, named);
    await writeFile(words, 'words');
    const taken = await take(place, path, [words]);
    t.match(taken, {ok: true, value: {sidecars: [as]}}, named);
    t.strictSame(
      findSidecars(await readdir(join(place.job, 'source')), name),
      [{name: as, language}],
      'the job finds it',
    );
  }
  const place = await placeFor(t);
  const path = await film(place);
  await writeFile(join(place.films, 'film.srt'), 'beside');
  const byHand = join(place.jobs, 'by hand.srt');
  await writeFile(byHand, 'by hand');
  t.match(await take(place, path, [byHand, byHand]), {ok: true, value: {sidecars: ['film.srt']}});
  t.equal(
    await readFile(join(place.job, 'source/film.srt'), 'utf8'),
    'by hand',
    'and comes before one that lies beside it',
  );
});

t.test('what is no film to be read is refused with the reason, and nothing is left', async t => {
  const place = await placeFor(t);
  const at = (name: string): string => join(place.films, name);
  await promisify(execFile)('mkfifo', [at('pipe.mp4')]);
  const server = createServer().listen(at('socket.mp4'));
  await once(server, 'listening');
  t.teardown(() => server.close());
  await mkdir(at('folder.mp4'));
  await film(place, 'empty.mp4', '');
  await film(place, 'line\nbreak.mp4');
  await film(place, '.hidden.mp4');
  await film(place);
  await symlink(at('nowhere'), at('dangling.mp4'));
  await symlink('loop.mp4', at('loop.mp4'));
  const table: Readonly<Record<string, Failure['reason']>> = {
    'gone.mp4': 'no-such-file',
    'film.mp4/film.mp4': 'no-such-file',
    'dangling.mp4': 'no-such-file',
    'loop.mp4': 'unreadable',
    'folder.mp4': 'is-a-folder',
    'pipe.mp4': 'not-a-file',
    'socket.mp4': 'not-a-file',
    'empty.mp4': 'empty-file',
    'line\nbreak.mp4': 'unreadable',
    '.hidden.mp4': 'unreadable',
    '..': 'is-a-folder',
  };
  for (const [name, reason] of Object.entries(table)) {
    const failure = await failureOf(place, at(name));
    t.match(failure, {reason}, name);
    t.ok(describe(failure).what.length > 10);
    t.strictSame(await readdir(place.jobs), [], 'nothing is left');
  }
  t.match(await failureOf(place, '/dev/null'), {reason: 'not-a-file'});
  t.match(await failureOf(place, '/'), {reason: 'unreadable'});
});

t.test('a link is followed, as an admin named it, and the film bears the name of the link', async t => {
  const place = await placeFor(t);
  await film(place, 'real.mp4');
  await symlink('real.mp4', join(place.films, 'link.mp4'));
  await writeFile(join(place.films, 'link.srt'), 'words');
  t.match(await take(place, join(place.films, 'link.mp4')), {
    ok: true,
    value: {source: {name: 'link.mp4', bytes: 6}, sidecars: ['link.srt']},
  });
  t.ok((await stat(join(place.job, 'source/link.mp4'))).isFile());
});

t.test('subtitles that cannot be taken keep the film out as well, and say which', async t => {
  const place = await placeFor(t);
  const path = await film(place);
  const at = (name: string): string => join(place.jobs, '..', name);
  await writeFile(at('large.srt'), '');
  await truncate(at('large.srt'), (16 << 20) + 1);
  await promisify(execFile)('mkfifo', [at('pipe.srt')]);
  await writeFile(at('passwords'), '');
  await writeFile(at('film.mp4'), 'another');
  const table: readonly [string, Failure['reason'], RegExp][] = [
    ['gone.srt', 'no-such-file', /gone\.srt/],
    ['large.srt', 'unreadable', /larger than 16 MiB/],
    ['pipe.srt', 'not-a-file', /pipe\.srt/],
    ['passwords', 'unreadable', /ends in none of/],
    ['film.mp4', 'unreadable', /ends in none of/],
  ];
  for (const [name, reason, words] of table) {
    const failure = await failureOf(place, path, [at(name)]);
    t.equal(failure.reason, reason, name);
    t.match(describe(failure).what, words);
    t.strictSame(await readdir(place.jobs), []);
  }
  await promisify(execFile)('mkfifo', [join(place.films, 'film.srt')]);
  t.match(await failureOf(place, path), {reason: 'not-a-file', path: join(place.films, 'film.srt')});
});

t.test('no more subtitles come along than a job may have', async t => {
  const place = await placeFor(t);
  const path = await film(place);
  const marks = ['srt', 'vtt', 'ass', 'ssa'].flatMap(ending =>
    ['', 'en.', 'es.', 'fr.', 'de.', 'it.'].map(mark => `film.${mark}${ending}`),
  );
  for (const name of [...marks, 'film.\n.srt']) await writeFile(join(place.films, name), '');
  const taken = await take(place, path);
  t.equal(taken.ok && taken.value.sidecars.length, 20);
  t.equal((await readdir(join(place.job, 'source'))).length, 21);
});

t.test('what the daemon may not read it says so of', root, async t => {
  const place = await placeFor(t);
  for (const folder of [join(place.jobs, '..'), place.jobs, place.films]) await chmod(folder, 0o777);
  const path = await film(place);
  await chmod(path, 0o600);
  const failure = await asNobody(() => failureOf(place, path));
  t.match(failure, {reason: 'unreadable', path});
  t.match(describe(failure), {what: /no permission/, fix: /permissions/});
  t.strictSame(await readdir(place.jobs), []);
});

t.test('a film that is still being written is refused, not dubbed by half', async t => {
  const place = await placeFor(t);
  const path = await film(place, 'film.mp4', 'x'.repeat(32 << 20));
  const taking = failureOf(place, path);
  for (let begun = false; !begun; await new Promise(setImmediate)) {
    begun = await stat(join(place.job, 'source/film.mp4')).then(
      () => true,
      () => false,
    );
  }
  appendFileSync(path, 'more');
  t.match(await taking, {reason: 'unreadable', detail: /still being written/});
  t.strictSame(await readdir(place.jobs), []);
});

t.test('called off, it leaves nothing', async t => {
  const place = await placeFor(t);
  const path = await film(place);
  await t.rejects(take(place, path, [], AbortSignal.abort()), {name: 'AbortError'});
  t.strictSame(await readdir(place.jobs), []);
  const large = await film(place, 'large.mp4', '');
  await truncate(large, 2 ** 30);
  const stop = new AbortController();
  const taking = take(place, large, [], stop.signal);
  for (let begun = false; !begun; await new Promise(setImmediate)) {
    begun = ((await stat(join(place.job, 'source/large.mp4')).catch(() => undefined))?.size ?? 0) > 0;
  }
  stop.abort();
  await t.rejects(taking, {name: 'AbortError'});
  t.strictSame(await readdir(place.jobs), []);
});

t.test('a folder that is another job’s is left alone', async t => {
  const place = await placeFor(t);
  await mkdir(place.job);
  await writeFile(join(place.job, 'log.ndjson'), 'its log');
  await t.rejects(take(place, await film(place)), {code: 'EEXIST'});
  t.strictSame(await readdir(place.job), ['log.ndjson']);
});

t.test(
  'a disk without room is told before it is filled, with what is needed and what there is',
  root,
  async t => {
    const disk = await otherDisk(t, 'size=1m');
    const place = await placeFor(t, join(disk, 'jobs'));
    const path = await film(place, 'film.mp4', 'x'.repeat(2 << 20));
    const failure = await failureOf(place, path);
    t.match(failure, {reason: 'disk-full', neededBytes: 2 << 20});
    t.ok('freeBytes' in failure && failure.freeBytes > 0 && failure.freeBytes <= 1 << 20);
    t.strictSame(await readdir(place.jobs), []);
    const small = await film(place, 'small.mp4', 'x'.repeat(600 << 10));
    await writeFile(join(place.films, 'small.srt'), 'y'.repeat(600 << 10));
    t.match(
      await failureOf(place, small),
      {reason: 'disk-full', neededBytes: 600 << 10},
      'its subtitles count as well',
    );
    t.strictSame(await readdir(place.jobs), []);
    const none = await otherDisk(t, 'size=1m,nr_inodes=4');
    const full = await placeFor(t, join(none, 'jobs'));
    await writeFile(join(none, 'last'), '');
    t.match(await failureOf(full, path), {reason: 'disk-full'}, 'and so do files, where they are counted');
    t.equal(basename(full.job), 'aaaaaaaaaa');
  },
);
