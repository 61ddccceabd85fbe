/** The log of a job process: bounded, the end kept, whatever is put in its place. */
import {execFileSync} from 'node:child_process';
import {mkdir, readdir, readFile, stat, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import t from 'tap';
import {Pace} from '../../../supervisor/job-process/pace.ts';
import {StderrLog} from '../../../supervisor/job-process/stderr-log.ts';

const fast = () => new Pace({perSecond: 1e12, burst: 1e12, now: () => 0});
const keptBytes = 128 << 10;

async function wrote(path: string, ...chunks: readonly (string | Buffer)[]): Promise<string> {
  const log = await StderrLog.open(path);
  await log.take(Readable.from(chunks.map(chunk => Buffer.from(chunk))), fast());
  await log.close();
  return log.tail;
}

t.test('what is little is kept whole, run after run', async t => {
  const path = join(t.testdir(), 'stderr.log');
  t.equal(await wrote(path, 'one\n', 'two\n'), 'one\ntwo\n');
  t.equal(await wrote(path, 'three\n'), 'three\n', 'the tail is of this run');
  t.equal(await wrote(path), '');
  t.equal(await readFile(path, 'utf8'), 'one\ntwo\nthree\n');
  t.equal((await stat(path)).mode & 0o777, 0o600);
});

t.test('of what is much the end is kept, within twice the bound at any time', async t => {
  const path = join(t.testdir(), 'stderr.log');
  const lines = Array.from({length: 4000}, (_, i) => `line ${i} ${'x'.repeat(100)}\n`);
  const tail = await wrote(path, ...lines, Buffer.alloc(keptBytes * 5, 'y'), '\nlast\n');
  t.equal(Buffer.byteLength(tail), 8192);
  t.ok(tail.endsWith('y\nlast\n'));
  const kept = await readFile(path, 'utf8');
  t.ok(kept.length <= 2 * keptBytes, `${kept.length} bytes`);
  t.ok(kept.length >= keptBytes);
  t.ok(kept.endsWith('y\nlast\n'));
});

t.test('a file that is too long already is cut to its end', async t => {
  const path = join(t.testdir({'stderr.log': `${'a'.repeat(10 * keptBytes)}old end\n`}), 'stderr.log');
  await wrote(path, 'new\n');
  const kept = await readFile(path, 'utf8');
  t.equal(kept.length, keptBytes + 4);
  t.ok(kept.endsWith('aold end\nnew\n'));
});

t.test('what is no plain file in its place is replaced, and nothing else is touched', async t => {
  const dir = t.testdir({secret: 'secret', other: {inside: 'x'}});
  const path = join(dir, 'stderr.log');
  const table: Readonly<Record<string, () => Promise<unknown> | unknown>> = {
    'a link to a file': () => symlink(join(dir, 'secret'), path),
    'a link to nowhere': () => symlink(join(dir, 'nowhere'), path),
    'a link to a folder': () => symlink(join(dir, 'other'), path),
    'a pipe': () => execFileSync('mkfifo', [path]),
    'a folder': async () => {
      await mkdir(path);
      await writeFile(join(path, 'inside'), 'x');
    },
  };
  for (const [what, put] of Object.entries(table)) {
    execFileSync('rm', ['-rf', path]);
    await put();
    await wrote(path, 'said\n');
    t.ok((await stat(path)).isFile(), what);
    t.equal(await readFile(path, 'utf8'), 'said\n', what);
  }
  t.equal(await readFile(join(dir, 'secret'), 'utf8'), 'secret');
  t.strictSame(await readdir(dir), ['other', 'secret', 'stderr.log']);
  t.strictSame(await readdir(join(dir, 'other')), ['inside']);
});

t.test('a folder that is not there is an error', async t => {
  await t.rejects(StderrLog.open(join(t.testdir(), 'gone', 'stderr.log')), {code: 'ENOENT'});
});

t.test('a pipe that breaks and a disk that is full cost the log and nothing else', async t => {
  const log = await StderrLog.open(join(t.testdir(), 'stderr.log'));
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from('before');
      throw new Error('ECONNRESET');
    })(),
  );
  await log.take(broken, fast());
  t.equal(log.tail, 'before');
  await log.close();
  await log.take(Readable.from([Buffer.from('after')]), fast());
  t.equal(log.tail, 'beforeafter', 'the tail goes on without a file');
});
