/** What a job says is kept in order and in bounds, and whoever follows gets every line once, and an end. */
import {execFile} from 'node:child_process';
import {getEventListeners} from 'node:events';
import {appendFileSync, existsSync} from 'node:fs';
import {appendFile, mkdir, readdir, readFile, rm, stat, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {promisify} from 'node:util';
import t, {type Test} from 'tap';
import {LogTail, Timeline} from '../../../appliance/api/shapes.ts';
import type {Event} from '../../../appliance/wire.ts';
import {type Entry, JobLog} from '../../../supervisor/queue/job-log.ts';
import {linesFrom} from '../../../supervisor/queue/log-lines.ts';
import {until} from '../home.ts';
import {isRoot, otherDisk} from '../inbox/disks.ts';

const never = new AbortController().signal;
const at = 1_700_000_000_000;
const limitBytes = 16 << 20;

function note(text: string): Entry {
  return {is: 'event', at, event: {is: 'note', text}};
}

const state = (is: 'running' | 'done'): Entry => ({is: 'state', at, state: is});

function finished(node: string, why = ''): Entry {
  const event: Event = {
    ...{is: 'finished', node, stage: node, how: 'ran', why},
    ...{seconds: 1.26, cpuSeconds: 1, peakBytes: 1},
  };
  return {is: 'event', at, event};
}

const pathIn = (t: Test): string => join(t.testdir(), 'jobs/aaaaaaaaaa/log.ndjson');

async function textsOf(log: JobLog): Promise<readonly string[]> {
  return (await log.tail(100_000)).lines.map(({text}) => text);
}

/** How many files of that name are open in this process. */
async function openOf(path: string): Promise<number> {
  const {readlink} = await import('node:fs/promises');
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map(fd => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  return links.filter(link => link === path).length;
}

t.test('lines are kept in the order of the calls, and read back as words and as a timeline', async t => {
  const path = pathIn(t);
  const log = new JobLog(path);
  t.strictSame(await log.tail(10), {lines: [], next: 0}, 'no file is no line');
  t.strictSame(await log.timeline(), {entries: [], dropped: 0});
  const entries: readonly Entry[] = [
    state('running'),
    {is: 'event', at, event: {is: 'started', node: 'mix@3', stage: 'mix'}},
    finished('mix@3', 'new'),
    finished('probe'),
    {is: 'event', at, event: {is: 'skipped', stage: 'separate', why: 'no engine'}},
    note('日本語 \u2028 ¿Qué?\n<b>'),
    {is: 'said', at, text: 'why it failed'},
    state('done'),
  ];
  await Promise.all(entries.map(entry => log.append(entry)));
  const tail = LogTail.parse(await log.tail(100));
  t.strictSame(
    tail.lines.map(({text}) => text),
    [
      ...['running', 'mix@3 started', 'mix@3 ran in 1.3 s: new', 'probe ran in 1.3 s'],
      ...['separate skipped: no engine', '日本語 \u2028 ¿Qué?\n<b>', 'why it failed', 'done'],
    ],
  );
  t.equal(tail.next, (await stat(path)).size);
  t.ok(tail.lines.every(line => line.at === at));
  const {entries: shown} = Timeline.parse(await log.timeline());
  t.strictSame(
    shown.map(({is}) => is),
    ['state', 'stage', 'stage', 'skipped', 'note', 'note', 'state'],
  );
  t.match(shown[1], {node: 'mix@3', how: 'ran', seconds: 1.26});
  t.equal((await stat(path)).mode & 0o777, 0o600, 'nobody else’s to read');
  for (const count of [0, 1, 3]) t.equal((await log.tail(count)).lines.length, count);
  t.equal((await log.tail(0)).next, tail.next, 'from where a follower goes on');
  await log.close();
  t.equal(await openOf(path), 0, 'the file is let go of');
});

t.test('another run adds to the same file, and a line that was cut off spoils no other', async t => {
  const path = pathIn(t);
  const first = new JobLog(path);
  await first.append(note('of the first'));
  await first.close();
  appendFileSync(path, '{"is":"event","at":17000');
  t.strictSame(await textsOf(new JobLog(path)), ['of the first'], 'half a line is none yet');
  const second = new JobLog(path);
  await second.append(note('of the second'));
  await second.close();
  const lines = (await new JobLog(path).tail(9)).lines;
  t.strictSame(
    lines.map(({text, at}) => [text, at]),
    [
      ['of the first', at],
      ['{"is":"event","at":17000', null],
      ['of the second', at],
    ],
  );
  t.equal((await new JobLog(path).timeline()).entries.length, 2);
});

t.test('what is in the file is shown within what the API takes, whatever it is', async t => {
  const path = pathIn(t);
  const log = new JobLog(path);
  const long = 'x'.repeat(4096);
  await log.append({is: 'event', at, event: {is: 'skipped', stage: long, why: long}});
  await log.append({...finished(long), at});
  await log.append(note(long));
  await log.append({is: 'said', at, text: `${'y'.repeat(1 << 20)}the end`});
  await appendFile(path, `${'z'.repeat(20_000)}\n\n[1]\n{"is":"state","at":-1,"state":"done"}\n\xff\n`);
  const {lines} = LogTail.parse(await log.tail(100));
  t.equal(lines.length, 9);
  t.ok(lines[3]?.text.endsWith('the end'), 'of what a tool said the end is kept');
  const {entries} = Timeline.parse(await log.timeline());
  t.equal(entries.length, 4, 'what does not parse is in no timeline');
  await log.close();
});

t.test('a line that is too long is passed over, whole', async t => {
  const path = join(t.testdir(), 'log');
  await writeFile(path, `first\n${'x'.repeat(3 << 20)}\nlast\n${'y'.repeat(1 << 20)}`);
  const found: string[] = [];
  let end = 0;
  for await (const line of linesFrom(path, 0)) {
    found.push(line.text);
    end = line.end;
  }
  t.strictSame(found, ['first', 'last']);
  t.equal(end, 'first\nlast\n'.length + (3 << 20) + 1, 'and places stay bytes of the file');
  const rest: string[] = [];
  for await (const {text} of linesFrom(path, 6)) rest.push(text);
  t.strictSame(rest, ['last'], 'from any line on');
});

t.test('whoever follows gets every line once, from wherever, however fast they come', async t => {
  const path = pathIn(t);
  const log = new JobLog(path);
  const count = 400;
  let isOver = false;
  const expected = Array.from({length: count}, (_, n) => `line ${n} ${'é'.repeat(n % 50)}`);
  const follower = async (from: number, signal = never): Promise<string[]> => {
    const texts: string[] = [];
    let next = from;
    for await (const line of log.follow(from, () => isOver, signal)) {
      texts.push(line.text);
      if (line.next <= next) throw new Error(`${line.next} comes after ${next}`);
      next = line.next;
      if (texts.length % 7 === 0) await pause(0);
    }
    return texts;
  };
  const followers = [follower(0)];
  for (const [n, text] of expected.entries()) {
    const written = log.append(note(text));
    if (n % 3 === 0) await written;
    if (n % 90 === 50) {
      const {next} = await log.tail(0);
      const seen = (await textsOf(log)).length;
      followers.push(follower(next).then(texts => [...expected.slice(0, seen), ...texts]));
    }
  }
  // The last lines are not on disk yet.
  isOver = true;
  log.wake();
  for (const texts of await Promise.all(followers)) t.strictSame(texts, expected);
  t.strictSame(await follower(0), expected, 'and one that comes late, at once');
  await log.close();
  t.equal(await openOf(path), 0);
});

t.test(
  'a follower of a log that is full, closed or broken off gets its end, and leaves nothing behind',
  async t => {
    const path = pathIn(t);
    const log = new JobLog(path);
    await log.append(note('one'));
    let isOver = false;
    const closing = new AbortController();
    const follow = async (signal: AbortSignal): Promise<number> => {
      let lines = 0;
      for await (const _ of log.follow(0, () => isOver, signal)) lines++;
      return lines;
    };
    const patient = follow(never);
    const leaving = Array.from({length: 20}, () => follow(closing.signal));
    await until('they wait', () => getEventListeners(closing.signal, 'abort').length === 20);
    closing.abort();
    t.strictSame(await Promise.all(leaving), Array(20).fill(1));
    t.strictSame(getEventListeners(closing.signal, 'abort'), [], 'no listener is left on the signal');
    t.equal(await follow(AbortSignal.abort()), 0);
    for (let n = 0; n < 50; n++) await log.append(note(`${n}`));
    t.ok(getEventListeners(never, 'abort').length <= 1, 'no more than one, however often it was woken');
    isOver = true;
    await log.close();
    t.equal(await patient, 51);
    t.strictSame(getEventListeners(never, 'abort'), []);
    await log.append(note('too late'));
    t.equal((await textsOf(log)).length, 51, 'a log that was closed takes no more');
    t.equal(await openOf(path), 0, 'and opens its file for nobody');
  },
);

t.test(
  'it is over at the right moment only: a log that ends between two looks is not waited for',
  async t => {
    const path = pathIn(t);
    for (let round = 0; round < 30; round++) {
      const log = new JobLog(path);
      let isOver = false;
      const following = (async () => {
        const texts: string[] = [];
        for await (const {text} of log.follow(0, () => isOver, never)) texts.push(text);
        return texts;
      })();
      for (let tick = 0; tick < round; tick++) await new Promise(setImmediate);
      void log.append(note('last words'));
      isOver = true;
      await log.close();
      t.equal((await following).at(-1), 'last words');
      await rm(path);
    }
  },
);

t.test('it never grows past its limit, says so, and how the job goes on is still kept', async t => {
  const path = pathIn(t);
  await mkdir(join(path, '..'), {recursive: true});
  const line = `${JSON.stringify(note('x'.repeat(1000)))}\n`;
  await writeFile(path, line.repeat(Math.floor((limitBytes - (300 << 10)) / line.length)));
  const log = new JobLog(path);
  for (let n = 0; n < 20; n++) await log.append(note('y'.repeat(4000)));
  t.ok(log.dropped > 5, `${log.dropped} are counted`);
  await log.append(state('done'));
  t.match((await log.tail(2)).lines, [{text: /^This log is full/}, {text: 'done'}]);
  const again = new JobLog(path);
  for (let n = 0; n < 50; n++) await again.append({is: 'said', at, text: 'z'.repeat(16_000)});
  for (const each of [log, again]) await each.close();
  const {size} = await stat(path);
  t.ok(size <= limitBytes && size > limitBytes - 40_000, `${size} bytes`);
  const beganAt = performance.now();
  const {entries, dropped} = Timeline.parse(await new JobLog(path).timeline());
  t.equal(entries.length, 5000);
  t.ok(dropped > 5000, 'the timeline keeps the last');
  t.comment(`a timeline of 16 MiB takes ${Math.round(performance.now() - beganAt)} ms`);
  const tailAt = performance.now();
  t.equal((await new JobLog(path).tail(2000)).lines.length, 2000);
  t.comment(`its tail takes ${Math.round(performance.now() - tailAt)} ms`);
});

t.test(
  'a disk that is full costs lines and not the job, and later ones are whole',
  {skip: isRoot ? false : 'only root can mount one'},
  async t => {
    const disk = await otherDisk(t, 'size=64k');
    const path = join(disk, 'log.ndjson');
    const log = new JobLog(path);
    await log.append(note('before'));
    const filler = join(disk, 'filler');
    for (const size of [4096, 1]) {
      try {
        for (;;) appendFileSync(filler, 'x'.repeat(size));
      } catch {
        // Full to the last piece of that size.
      }
    }
    for (let n = 0; n < 40; n++) await log.append(note('x'.repeat(300)));
    t.ok(log.dropped > 0, `${log.dropped} lines are lost`);
    const kept = 40 - log.dropped;
    await rm(filler);
    await log.append(note('after'));
    await log.close();
    const texts = (await textsOf(log)).filter(text => !text.startsWith('{') && !/^x+$/.test(text));
    t.strictSame(texts, ['before', 'after']);
    t.equal((await textsOf(log)).filter(text => /^x+$/.test(text)).length, kept);
  },
);

t.test('only a plain file is written or read: whatever else is in its place is left alone', async t => {
  const dir = t.testdir({secret: 'of the box\n', folder: {}});
  await promisify(execFile)('mkfifo', [join(dir, 'fifo')]);
  await symlink(join(dir, 'secret'), join(dir, 'link'));
  await symlink(join(dir, 'nowhere'), join(dir, 'dangling'));
  for (const name of ['fifo', 'link', 'dangling']) {
    const log = new JobLog(join(dir, name));
    await log.append(note('here?'));
    t.equal(log.dropped, 1, name);
    t.strictSame(await textsOf(log), [], name);
    t.strictSame(await log.timeline(), {entries: [], dropped: 0});
    for await (const line of log.follow(0, () => true, never)) t.fail(JSON.stringify(line));
    await log.close();
  }
  const folder = new JobLog(join(dir, 'folder'));
  await folder.append(note('here?'));
  t.equal(folder.dropped, 1);
  await folder.close();
  t.equal(await readFile(join(dir, 'secret'), 'utf8'), 'of the box\n');
  t.notOk(existsSync(join(dir, 'nowhere')));
});
