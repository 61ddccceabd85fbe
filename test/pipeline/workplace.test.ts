/** One process at a time in a job's folder, and nothing left where nothing was; then what an error means to the job. */
import {type ChildProcess, execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmod, mkdir, mkdtemp, readdir, readFile, rename, utimes, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import t, {type Test} from 'tap';
import {digestOf} from '../../appliance/digest.ts';
import {Failed, type Failure} from '../../appliance/failure.ts';
import type {Command} from '../../appliance/wire.ts';
import {failureOf as failureToTell, troubleOf} from '../../pipeline/trouble.ts';
import {Workplace} from '../../pipeline/workplace.ts';
import {failureOf} from './film.ts';

const run = promisify(execFile);
const never = new AbortController().signal;
const sandbox = (t: Test): Promise<string> => mkdtemp(join(t.testdir(), 'x-'));
const lockOf = (folder: string): string => join(folder, 'lock.json');

/** Everything below a folder. */
const all = async (dir: string): Promise<readonly string[]> =>
  (await readdir(dir, {recursive: true})).toSorted();

t.test('a folder is taken, with all that leads to it, and left again', async t => {
  const dir = await sandbox(t);
  const folder = join(dir, 'out', '.dubstead', 'film.es');
  const place = new Workplace(folder);
  t.notOk(place.isNew);
  await place.take();
  t.ok(place.isNew);
  t.equal(JSON.parse(await readFile(lockOf(folder), 'utf8')).pid, process.pid);
  t.strictSame(await readdir(folder), ['lock.json']);
  t.ok((await place.freeBytes()) > 1e6);
  await place.leave();
  t.strictSame(await readdir(folder), []);
  const again = new Workplace(folder);
  await again.take();
  t.notOk(again.isNew, 'it was there already');
  await place.leave();
  t.strictSame(await readdir(folder), ['lock.json'], 'who has left takes nobody else’s lock away');
  await again.leave();
});

t.test('whoever comes second is told who is there', async t => {
  const folder = join(await sandbox(t), 'job');
  const first = new Workplace(folder);
  await first.take();
  const busy: Failure = {reason: 'busy', path: folder, pid: process.pid};
  t.strictSame(await failureOf(new Workplace(folder).take()), busy);
  await first.leave();
  const second = new Workplace(folder);
  await second.take();
  t.strictSame(await failureOf(first.take()), busy);
  await second.leave();
});

t.test('a lock whose owner is gone is no lock', async t => {
  const gone = spawn('true');
  await once(gone, 'exit');
  const table: Readonly<Record<string, string>> = {
    'a process that ended': JSON.stringify({pid: gone.pid, started: '4711'}),
    'another process that has its number now': JSON.stringify({pid: process.pid, started: '4711'}),
    'a process of a machine without clocks': JSON.stringify({pid: gone.pid, started: ''}),
    'a number that no process has': JSON.stringify({pid: 2 ** 30, started: '1'}),
    'half a lock': '{"pid":',
    'an empty lock': '',
    'something else': '[]',
  };
  for (const [what, lock] of Object.entries(table)) {
    const folder = join(await sandbox(t), 'job');
    await mkdir(folder);
    await writeFile(lockOf(folder), lock);
    const place = new Workplace(folder);
    await place.take();
    const [name = '', ...more] = await readdir(folder);
    t.strictSame(more, [], `${what}: the dead one is cleared away`);
    t.equal(JSON.parse(await readFile(join(folder, name), 'utf8')).pid, process.pid, what);
    await place.leave();
    t.strictSame(await readdir(folder), [], `${what}: nothing is left`);
  }
});

t.test('of many at once one gets it, with or without a stale lock in the way', async t => {
  for (const stale of [false, true]) {
    for (let round = 0; round < 10; round++) {
      const folder = join(await sandbox(t), 'job');
      if (stale) await mkdir(folder);
      if (stale) await writeFile(lockOf(folder), JSON.stringify({pid: process.pid, started: '1'}));
      const places = Array.from({length: 6}, () => new Workplace(folder));
      const ends = await Promise.all(places.map(place => failureOf(place.take())));
      const taken = ends.filter(end => end === 'no failure');
      t.equal(taken.length, 1, `stale ${stale}, round ${round}`);
      t.ok(ends.every(end => end === 'no failure' || end.reason === 'busy'));
      t.equal((await readdir(folder)).length, 1);
    }
  }
});

const holder = fileURLToPath(new URL('./holder.ts', import.meta.url));

async function held(folder: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [holder, folder], {stdio: ['pipe', 'pipe', 'inherit']});
  if (child.stdout !== null) await once(child.stdout, 'data');
  return child;
}

t.test('another process holds the folder until it ends, even when it is killed', async t => {
  const folder = join(await sandbox(t), 'job');
  const child = await held(folder);
  t.strictSame(await failureOf(new Workplace(folder).take()), {
    ...{reason: 'busy', path: folder, pid: child.pid},
  });
  child.kill('SIGKILL');
  await once(child, 'exit');
  const place = new Workplace(folder);
  await place.take();
  await place.leave();
});

t.test('abandoning leaves what was there before, and nothing else', async t => {
  const table: readonly {what: string; before: readonly string[]; left: readonly string[]}[] = [
    {what: 'nothing was there', before: [], left: []},
    {what: 'the out folder was there', before: ['out'], left: ['out']},
    {what: 'it had other things in it', before: ['out', 'out/film.mkv'], left: ['out', 'out/film.mkv']},
    {
      what: 'another job is there',
      before: ['out', 'out/.dubstead', 'out/.dubstead/other.es'],
      left: ['out', 'out/.dubstead', 'out/.dubstead/other.es'],
    },
    {
      what: 'the job itself was there',
      before: ['out', 'out/.dubstead', 'out/.dubstead/film.es', 'out/.dubstead/film.es/brief.json'],
      left: [
        ...['out', 'out/.dubstead', 'out/.dubstead/film.es'],
        ...['out/.dubstead/film.es/brief.json', 'out/.dubstead/film.es/made.json'],
      ],
    },
  ];
  for (const {what, before, left} of table) {
    const dir = await sandbox(t);
    for (const path of before) {
      if (/\.\w{3,4}$/.test(path) && !path.endsWith('.dubstead')) await writeFile(join(dir, path), 'x');
      else await mkdir(join(dir, path));
    }
    const folder = join(dir, 'out', '.dubstead', 'film.es');
    const place = new Workplace(folder);
    await place.take();
    await writeFile(join(folder, 'made.json'), 'x');
    await place.abandon();
    t.strictSame(await all(dir), left, what);
  }
});

t.test('what others put there meanwhile stays', async t => {
  const dir = await sandbox(t);
  const place = new Workplace(join(dir, 'out', '.dubstead', 'film.es'));
  await place.take();
  await mkdir(join(dir, 'out', '.dubstead', 'other.es'));
  await place.abandon();
  t.strictSame(await all(dir), ['out', 'out/.dubstead', 'out/.dubstead/other.es']);
});

/** Takes away the right to write, from root as well. */
async function seal(dir: string): Promise<() => Promise<unknown>> {
  if (process.getuid?.() !== 0) {
    await chmod(dir, 0o555);
    return () => chmod(dir, 0o755);
  }
  await run('chattr', ['+i', dir]);
  return () => run('chattr', ['-i', dir]);
}

t.test('a folder that cannot be written is a refusal in words, and nothing is left', async t => {
  const dir = await sandbox(t);
  await mkdir(join(dir, 'sealed'));
  await writeFile(join(dir, 'file'), '');
  const open = await seal(join(dir, 'sealed'));
  const before = await all(dir);
  try {
    const table: readonly [out: string, detail: RegExp][] = [
      [join(dir, 'sealed', 'out'), /permission denied/],
      [join(dir, 'file', 'out'), /a part of the path is a file/],
      ['/proc/nowhere/out', /.+/],
      [join(dir, 'x'.repeat(300)), /ENAMETOOLONG/],
    ];
    for (const [out, detail] of table) {
      const failure = await failureOf(new Workplace(join(out, '.dubstead', 'film.es')).take());
      t.match(failure, {reason: 'not-writable', path: out, detail}, out.slice(0, 80));
    }
    t.strictSame(await all(dir), before);
  } finally {
    await open();
  }
});

t.test('a job folder that has become read-only is one, too', async t => {
  const folder = join(await sandbox(t), 'out', '.dubstead', 'film.es');
  await mkdir(folder, {recursive: true});
  const open = await seal(folder);
  try {
    t.match(await failureOf(new Workplace(folder).take()), {
      reason: 'not-writable',
      detail: 'permission denied',
    });
  } finally {
    await open();
  }
  t.strictSame(await readdir(folder), []);
});

t.test('the source is read whole once, and again when its file was touched', async t => {
  const dir = await sandbox(t);
  const source = join(dir, 'film.mp4');
  await writeFile(source, 'film one');
  const folder = join(dir, 'job');
  const place = new Workplace(folder);
  await place.take();
  t.equal(await place.digestOfSource(source, never), digestOf('film one'));
  const seen = JSON.parse(await readFile(join(folder, 'source.json'), 'utf8'));
  await writeFile(join(folder, 'source.json'), JSON.stringify({...seen, digest: digestOf('remembered')}));
  t.equal(await place.digestOfSource(source, never), digestOf('remembered'), 'it is not read again');
  await utimes(source, new Date(), new Date(5000));
  t.equal(await place.digestOfSource(source, never), digestOf('film one'), 'touched');
  await writeFile(join(dir, 'new'), 'film two');
  await utimes(join(dir, 'new'), new Date(), new Date(5000));
  await rename(join(dir, 'new'), source);
  t.equal(
    await place.digestOfSource(source, never),
    digestOf('film two'),
    'replaced, at the same time and length',
  );
  await writeFile(join(folder, 'source.json'), '{"pa');
  t.equal(await place.digestOfSource(source, never), digestOf('film two'), 'what was noted is damaged');
  await t.rejects(place.digestOfSource(join(dir, 'gone'), never), {code: 'ENOENT'});
  await writeFile(source, 'film three');
  await t.rejects(place.digestOfSource(source, AbortSignal.abort()), {name: 'AbortError'});
  await place.leave();
});

const dub = (out: string): Command => ({
  ...{v: 1, do: 'dub'},
  order: {
    ...{source: '/films/film.mp4', from: null, to: 'es', subtitles: null, preset: 'balanced', out},
    ...{hls: false, loudnessLufs: -16, keep: 'lines', processors: 2},
  },
});

/** What the system says when a disk is full. */
const full = async (): Promise<unknown> => writeFile('/dev/full', 'x').catch(cause => cause);
const coded = (code: string) => Object.assign(new Error(`${code}: no`), {code});
const toolSaid = (stderr: string) =>
  new Failed({reason: 'tool-failed', tool: 'x', stage: 'y', exit: 'exit 1', stderr});

t.test('a full disk has one cause, however it shows', async t => {
  const out = await sandbox(t);
  const causes = [
    await full(),
    coded('EDQUOT'),
    toolSaid('av_interleaved_write_frame(): No space left on device\n'),
    toolSaid('write: Disk quota exceeded'),
  ];
  for (const cause of causes) {
    for (const command of [
      dub(out),
      dub(join(out, 'not made yet')),
      {v: 1, do: 'edit', out, title: null, line: 1, text: 'x'} as const,
    ]) {
      const failure = await failureToTell(cause, command);
      if (failure.reason !== 'disk-full') throw new Error(failure.reason);
      t.match(failure.path, out);
      t.ok(failure.freeBytes > 0 && failure.neededBytes > failure.freeBytes);
    }
    t.throws(() => troubleOf(cause, never), 'no engine is to blame for it');
  }
});

t.test('every other error means what it is', async t => {
  const table: readonly [what: string, cause: unknown, failure: Failure][] = [
    ['a failure', new Failed({reason: 'no-audio', path: '/a'}), {reason: 'no-audio', path: '/a'}],
    ['a stop', new DOMException('stopped', 'AbortError'), {reason: 'stopped'}],
    ['a read-only disk', coded('EROFS'), {reason: 'not-writable', path: '/out', detail: 'EROFS: no'}],
    ['no right', coded('EACCES'), {reason: 'not-writable', path: '/out', detail: 'EACCES: no'}],
    ['a sealed file', coded('EPERM'), {reason: 'not-writable', path: '/out', detail: 'EPERM: no'}],
    ['a fault of ours', new TypeError('x is not a function'), {reason: 'bug', detail: 'x is not a function'}],
    ['no error at all', 'thrown', {reason: 'bug', detail: 'thrown'}],
    ['a long story', new Error('x'.repeat(9999)), {reason: 'bug', detail: 'x'.repeat(3000)}],
  ];
  for (const [what, cause, failure] of table) {
    t.strictSame(await failureToTell(cause, dub('/out')), failure, what);
  }
  t.match(await failureToTell(coded('EACCES'), {v: 1, do: 'engines'}), {reason: 'not-writable', path: ''});
});

t.test('to a stage an error is words, short ones, unless the job is being stopped', async t => {
  t.equal(troubleOf(toolSaid('first\nlast'), never), 'x failed in y (exit 1): last');
  t.equal(troubleOf(new Error('odd'), never), 'odd');
  t.equal(troubleOf('odd', never), 'odd');
  t.equal(troubleOf(new Error('x'.repeat(9999)), never).length, 1000);
  const reason = new Failed({reason: 'stopped'});
  t.throws(() => troubleOf(new Error('killed'), AbortSignal.abort(reason)), reason);
});
