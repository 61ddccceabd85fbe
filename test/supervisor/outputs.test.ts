/** A finished file is opened where finished files lie, by its own path, and nowhere else. */
import {execFileSync} from 'node:child_process';
import {mkdir, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t from 'tap';
import {openGrowing, openOutput} from '../../supervisor/outputs.ts';
import {anna, idOf} from './home.ts';

t.test('what opens, and what does not', async t => {
  const dir = t.testdir();
  const id = idOf(1);
  const [shelf, jobs] = [join(dir, 'dubs'), join(dir, 'jobs')];
  const [dubs, out] = [join(shelf, anna), join(jobs, id, 'out')];
  for (const folder of [dubs, join(out, 'film.es.hls'), join(shelf, 'ben'), join(jobs, idOf(2))]) {
    await mkdir(folder, {recursive: true});
  }
  const films = [
    join(dubs, 'film.es.mkv'),
    join(dubs, 'Amélie 🎬.mkv'),
    join(out, 'film.es.hls/master.m3u8'),
  ];
  const others = [join(shelf, 'ben/film.mkv'), join(jobs, idOf(2), 'film.mkv'), join(dir, 'secret')];
  for (const path of [...films, ...others]) await writeFile(path, path);
  await symlink(join(dir, 'secret'), join(dubs, 'link.mkv'));
  await symlink(dir, join(out, 'away'));
  execFileSync('mkfifo', [join(dubs, 'pipe.mkv')]);
  const ask = (path: string) => openOutput({id, owner: anna}, {path}, {shelf, folders: {jobs}});
  for (const path of films) {
    const opened = await ask(path);
    t.ok(opened.ok, path);
    if (!opened.ok) continue;
    await using file = opened.value;
    t.equal(await file.readFile('utf8'), path);
  }
  const table = [
    [join(dubs, 'none.mkv'), 'output-gone'],
    ...others.map(path => [path, 'output-gone'] as const),
    [`${dubs}/../../secret`, 'output-gone'],
    [`${dubs}//film.es.mkv`, 'output-gone'],
    [`${dubs}/`, 'output-gone'],
    [dubs, 'output-gone'],
    [`${dubs}-2/film.mkv`, 'output-gone'],
    ['film.es.mkv', 'output-gone'],
    ['', 'output-gone'],
    [join(dubs, 'link.mkv'), 'output-changed'],
    [join(out, 'away/secret'), 'output-changed'],
    [join(dubs, 'film.es.mkv/x'), 'output-changed'],
  ] as const;
  for (const [path, reason] of table) t.strictSame(await ask(path), {ok: false, why: {reason}}, path);
  const pipe = await ask(join(dubs, 'pipe.mkv'));
  t.ok(pipe.ok, 'a pipe nobody writes to is not waited for; what it is, its reader sees');
  if (pipe.ok) await pipe.value.close();
  t.equal(await readFile(join(dir, 'secret'), 'utf8'), join(dir, 'secret'));
});

t.test(
  'of what grows while a job runs a part opens by its name, and no job leads anywhere else by it',
  async t => {
    const dir = t.testdir({secret: 'secret'});
    const id = idOf(1);
    const jobs = join(dir, 'jobs');
    const grows = join(jobs, id, 'out/.dubstead/preview');
    await mkdir(grows, {recursive: true});
    await writeFile(join(grows, 'growing-dub.m3u8'), 'a playlist');
    await symlink(join(dir, 'secret'), join(grows, 'growing-dub-00000.m4s'));
    await mkdir(join(grows, 'scratch'));
    const ask = (part: string, of = id) => openGrowing(of, part, {shelf: dir, folders: {jobs}});
    const opened = await ask('growing-dub.m3u8');
    t.ok(opened.ok);
    if (opened.ok) {
      t.equal(await opened.value.readFile('utf8'), 'a playlist');
      await opened.value.close();
    }
    t.strictSame(await ask('growing-dub-00000.m4s'), {ok: false, why: {reason: 'output-changed'}}, 'a link');
    t.strictSame(await ask('growing-dub-00001.m4s'), {ok: false, why: {reason: 'output-gone'}});
    t.strictSame(await ask('../../../../../secret'), {ok: false, why: {reason: 'output-gone'}});
    t.strictSame(await ask('growing-dub.m3u8', idOf(2)), {ok: false, why: {reason: 'output-gone'}});
    // The job may put a link in the place of the whole folder.
    await rm(grows, {recursive: true});
    await symlink(dir, grows);
    t.strictSame(await ask('secret'), {ok: false, why: {reason: 'output-changed'}});
  },
);
