/** The pictures of films: made by a confined program when first asked for, kept beside the job, and nothing else believed. */
import {chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {type IncomingMessage, request} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import type {Confined} from '../../supervisor/confine/confine.ts';
import {HomePosters} from '../../supervisor/posters.ts';
import {readerFilm} from '../clips.ts';
import {jobOf} from '../web/memory-box.ts';
import {testBox} from './daemons.ts';

const job = jobOf(1);

/** Pictures made by a script in place of the program, without a jail: what it says is what is looked at. */
async function madeBy(t: Test, script: string) {
  const root = await mkdtemp(join(tmpdir(), 'posters-'));
  t.teardown(() => rm(root, {recursive: true, force: true}));
  const folders = {jobs: join(root, 'jobs'), uploads: join(root, 'uploads')};
  await mkdir(join(folders.jobs, job.id, 'source'), {recursive: true});
  await mkdir(folders.uploads);
  const program = join(root, 'program');
  await writeFile(program, `#!/bin/sh\necho x >>${root}/runs\n${script}\n`);
  await chmod(program, 0o755);
  const confine = ({folder}: {readonly folder: string}): Confined => ({
    ...{argv: [program], env: {PATH: '/usr/bin:/bin'}, isolation: 'none', lacks: []},
    ...{job: folder, cgroup: null, kill: null},
  });
  const posters = new HomePosters({folders, confine, isHeld: () => false});
  t.teardown(() => posters.stop());
  const runs = async () => (await readFile(join(root, 'runs'), 'utf8').catch(() => '')).length / 2;
  return {posters, folders, runs};
}

t.test('a picture is made once and kept, of a real film in a real jail', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'poster-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  const film = await readerFilm(join(folder, 'film.mp4'));
  const box = await testBox(t);
  await box.start();
  const made = await box.client.call('jobs.submit', {body: {path: film}});
  if (!made.ok) throw new Error(JSON.stringify(made.why));
  const {id} = made.value.job;
  const path = box.path('jobs', id, 'poster.jpg');
  const {promise, resolve} = Promise.withResolvers<IncomingMessage>();
  request({socketPath: box.path('run/control.sock'), path: `/api/jobs/${id}/poster`}, resolve).end();
  const answer = await promise;
  t.match(answer, {statusCode: 200, headers: {'content-type': 'image/jpeg', 'cache-control': 'no-store'}});
  const picture = Buffer.concat(await Array.fromAsync<Buffer>(answer));
  t.same(picture.subarray(0, 3), Buffer.from([0xff, 0xd8, 0xff]));
  t.ok(picture.length > 2000 && picture.length < 100_000, `${picture.length} bytes`);
  t.same(await readFile(path), picture);
  t.same(await readdir(box.path('uploads')), [], 'nothing is left of making it');
  t.equal(await box.end('SIGTERM'), 0);
});

t.test('what is no small JPEG is not kept, and not asked for again', async t => {
  const scripts = {
    nothing: 'true',
    'not a picture': 'head -c 500 /dev/zero >&3',
    'too much': "printf '\\377\\330\\377' >&3; head -c 600000 /dev/zero >&3",
    'an error': 'exit 1',
  };
  for (const [name, script] of Object.entries(scripts)) {
    const {posters, folders, runs} = await madeBy(t, script);
    t.equal(await posters.of(job), null, name);
    t.equal(await posters.of(job), null, name);
    t.equal(await runs(), 1, `${name}: once`);
    t.same(await readdir(join(folders.jobs, job.id)), ['source'], name);
    t.same(await readdir(folders.uploads), [], name);
  }
});

t.test('a link or anything else in the place of a picture is not read', async t => {
  const small = "printf '\\377\\330\\377' >&3; head -c 500 /dev/zero >&3";
  const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(500, 'somebody else’s')]);
  const lay: Readonly<Record<string, (path: string, other: string) => Promise<unknown>>> = {
    'a link to a picture': (path, other) => writeFile(other, jpeg).then(() => symlink(other, path)),
    'a folder': path => mkdir(path),
    'other bytes': path => writeFile(path, 'x'.repeat(500)),
    'too many': path => writeFile(path, Buffer.concat([jpeg, Buffer.alloc(600_000)])),
  };
  for (const [name, put] of Object.entries(lay)) {
    const {posters, folders} = await madeBy(t, small);
    await put(join(folders.jobs, job.id, 'poster.jpg'), join(folders.uploads, '..', 'other.jpg'));
    const shown = await posters.of(job);
    t.equal(shown?.includes('somebody') ?? false, false, name);
    t.equal(shown?.length, 503, `${name}: made anew`);
  }
});

t.test('asked for many times at once, it is made once; one that never ends is ended', async t => {
  const small = "printf '\\377\\330\\377' >&3; head -c 500 /dev/zero >&3";
  const {posters, runs} = await madeBy(t, small);
  const all = await Promise.all(Array.from({length: 10}, () => posters.of(job)));
  t.ok(all.every(each => each?.length === 503));
  t.equal(await runs(), 1);
  t.equal((await posters.of(job))?.length, 503, 'from the disk');
  t.equal(await runs(), 1);

  const stuck = await madeBy(t, 'sleep 1000');
  const asked = stuck.posters.of(job);
  const over = stuck.posters.stop();
  t.equal(await asked, null);
  await over;
  t.same(await readdir(stuck.folders.uploads), []);
});
