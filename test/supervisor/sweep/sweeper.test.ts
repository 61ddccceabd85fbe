/** Whole sweeps of real folders: what is gone, what is left, what was written down, and what a crash can do to it. */
import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdir, readdir, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import t, {type Test} from 'tap';
import type {Job, JobId} from '../../../appliance/job.ts';
import {carryOut, type Means, type PurgeNote} from '../../../supervisor/sweep/carry-out.ts';
import type {ClockReading} from '../../../supervisor/sweep/clock.ts';
import type {Step} from '../../../supervisor/sweep/plan.ts';
import {type Receipt, Receipts} from '../../../supervisor/sweep/receipt.ts';
import {Sweeper, type SweeperParts, type Swept} from '../../../supervisor/sweep/sweeper.ts';
import {describePlan, totalOf} from '../../../supervisor/sweep/words.ts';
import {
  after,
  allStates,
  choice,
  filesIn,
  idOf,
  jobFiles,
  jobIn,
  makeJob,
  month,
  never,
  oneByOne,
  start,
  write,
} from './box.ts';

const {signal} = new AbortController();
const free = {[Symbol.dispose]() {}};
const sweeping = fileURLToPath(new URL('./sweeping.ts', import.meta.url));

interface Box {
  readonly dataDir: string;
  readonly jobs: Map<JobId, Job>;
  readonly notes: PurgeNote[];
  readonly emptied: JobId[];
  readonly sweeper: Sweeper;
  /** Moves the clock, so many days after the files were made. */
  readonly days: (days: number) => void;
}

/** A data folder with a job in each of the states named, and a sweeper that has looked at the clock once. */
async function boxOf(
  t: Test,
  states: readonly Job['state']['is'][],
  wishes: Partial<SweeperParts> = {},
): Promise<Box> {
  const dataDir = wishes.dataDir ?? t.testdir();
  const jobs = new Map<JobId, Job>();
  for (const [i, state] of states.entries()) {
    const job = jobIn(idOf(i), state, dataDir);
    jobs.set(job.id, job);
    await makeJob(dataDir, job.id);
  }
  let now: ClockReading = after(0);
  const notes: PurgeNote[] = [];
  const emptied: JobId[] = [];
  const sweeper = new Sweeper({
    ...{dataDir, limits: month, clock: () => now},
    jobs: {
      get: id => jobs.get(id),
      deleted: () => [...jobs.values()].flatMap(job => (job.state.is === 'deleted' ? [job.id] : [])),
    },
    hold: id => (jobs.has(id) ? free : undefined),
    audit: async note => void notes.push(note),
    onEmptied: id => emptied.push(id),
    ...wishes,
  });
  t.match(await sweeper.sweep('schedule', signal), {is: 'waited', doubt: {is: 'first'}});
  const days = (count: number): void => {
    now = after(count);
  };
  return {dataDir, jobs, notes, emptied, sweeper, days};
}

function sumOf(swept: Swept): {files: number; bytes: number; left: number; finished: boolean} {
  if (swept.is === 'waited') throw new Error('it waited');
  return {...totalOf(swept.sums), left: swept.left, finished: swept.finished};
}

const allOfJob = [...Object.values(jobFiles).flat(), 'claim.json'];

t.test('jobs of every state: what may go is gone, the rest is whole, and the receipt says which', async t => {
  const {dataDir, jobs, sweeper, days, notes, emptied} = await boxOf(t, allStates);
  for (const path of ['inbox/.done/film.mp4', 'log/1.log', 'audit/day.jsonl', 'state/journal', 'elsewhere/x'])
    await write(join(dataDir, path), path);
  days(31);
  const rehearsed = await sweeper.rehearse(signal);
  if (rehearsed.is === 'waits') throw new Error('it waits');
  t.match(
    describePlan({is: 'sweeps', steps: rehearsed.first}, rehearsed.sums)[0],
    /^62 files \(.*\) would go:$/,
  );
  t.equal((await filesIn(join(dataDir, 'jobs'))).length, 10 * allOfJob.length, 'a rehearsal removes nothing');
  t.strictSame(await sweeper.receipts.list(9), []);

  const swept = await sweeper.sweep('schedule', signal);
  t.match(sumOf(swept), {files: 62, left: 0, finished: true});
  if (swept.is === 'swept') t.strictSame(swept.sums, rehearsed.sums, 'it did what it had said');
  for (const {id, state} of jobs.values()) {
    const left = await filesIn(join(dataDir, 'jobs', id));
    const over = ['done', 'failed', 'cancelled', 'set-aside'].includes(state.is);
    const expected = state.is === 'deleted' ? [] : over ? ['claim.json'] : allOfJob.toSorted();
    t.strictSame(left, expected, state.is);
  }
  t.strictSame(await readdir(join(dataDir, 'inbox/.done')), []);
  for (const path of ['log/1.log', 'audit/day.jsonl', 'state/journal', 'elsewhere/x'])
    t.equal(await readFile(join(dataDir, path), 'utf8'), path);
  t.strictSame(
    emptied,
    [...jobs.values()].filter(job => job.state.is === 'deleted').map(({id}) => id),
  );

  const [receipt, ...others] = await sweeper.receipts.list(9);
  t.strictSame(others, []);
  t.match(receipt, {state: 'closed', trigger: 'schedule', totals: totalOf(rehearsed.sums)});
  t.equal(receipt?.items.filter(({folder}) => !folder).length, 62);
  t.ok(receipt?.items.every(({outcome}) => outcome.is === 'removed'));
  const source = receipt?.items.find(({path}) => path.endsWith('film.mp4') && path.startsWith('jobs'));
  t.equal(source?.sha256, jobs.get(source?.job ?? jobIn(idOf(0), 'done').id)?.source.digest);
  t.match(notes, [{action: 'privacy.purge_done', receipt: receipt?.id, files: 62}]);
  t.notOk((await readdir(join(dataDir, 'receipts'))).some(name => name.includes('open')));

  t.match(sumOf(await sweeper.sweep('schedule', signal)), {files: 0, left: 0});
  t.equal((await sweeper.receipts.list(9)).length, 1, 'a sweep that removes nothing leaves no receipt');
});

t.test('a clock that jumped takes nothing; the next sweep goes by the new reading', async t => {
  let now = after(0);
  const {dataDir, sweeper} = await boxOf(t, ['done', 'deleted'], {clock: () => now});
  now = {...after(0), at: start + 400 * 86_400_000};
  t.match(await sweeper.sweep('schedule', signal), {is: 'waited', doubt: {is: 'jumped'}});
  t.equal((await filesIn(join(dataDir, 'jobs'))).length, 2 * allOfJob.length);
  t.match(await sweeper.rehearse(signal), {is: 'sweeps'}, 'had it been right, it would go on from here');
  now = after(1);
  t.match(await sweeper.sweep('schedule', signal), {is: 'waited', doubt: {is: 'jumped'}}, 'and back again');
  t.match(await sweeper.rehearse(signal), {is: 'sweeps', sums: {deleted: {files: allOfJob.length}}});

  const again = await boxOf(t, [], {dataDir: t.testdir()});
  const clock = join(again.dataDir, 'receipts', 'clock.json');
  t.strictSame(JSON.parse(await readFile(clock, 'utf8')), after(0), 'a later process finds the reading');
  await writeFile(clock, '{"at": "torn');
  const later = new Sweeper({...partsFor(again), clock: () => after(1)});
  t.match(await later.sweep('command', signal), {is: 'waited', doubt: {is: 'first'}});
  const third = new Sweeper({...partsFor(again), clock: () => after(2)});
  t.match(await third.sweep('command', signal), {is: 'swept'});
});

function partsFor({dataDir, jobs}: Pick<Box, 'dataDir' | 'jobs'>): SweeperParts {
  return {
    ...{dataDir, limits: month, clock: () => after(31), jobs: {get: id => jobs.get(id), deleted: () => []}},
    ...{hold: () => free, audit: async () => {}, onEmptied: () => {}},
  };
}

t.test('a job that is wanted again is let go of, and nothing of it is touched', async t => {
  const asked: unknown[] = [];
  const {dataDir, sweeper, days} = await boxOf(t, ['done', 'done'], {
    hold: (id, over) => {
      asked.push([id, over]);
      return id === idOf(0) ? undefined : free;
    },
  });
  days(31);
  t.match(sumOf(await sweeper.sweep('command', signal)), {files: allOfJob.length - 1, finished: true});
  t.strictSame(asked.toSorted(), [
    [idOf(0), start],
    [idOf(1), start],
  ]);
  t.strictSame(await filesIn(join(dataDir, 'jobs', idOf(0))), allOfJob.toSorted());
  const [receipt] = await sweeper.receipts.list(1);
  const kept = receipt?.items.filter(({job}) => job === idOf(0)) ?? [];
  t.ok(kept.length >= allOfJob.length - 1);
  for (const {outcome} of kept) t.strictSame(outcome, {is: 'kept', why: 'in-use'});
});

t.test('each job is held while its files go, and let go of afterwards', async t => {
  const held: string[] = [];
  const seen: string[] = [];
  const {sweeper, days, dataDir} = await boxOf(t, ['deleted', 'done', 'deleted'], {
    hold: id => {
      held.push(id);
      seen.push(`+${id}`);
      return {[Symbol.dispose]: () => void seen.push(`-${held.pop()}`)};
    },
  });
  days(31);
  await sweeper.sweep('command', signal);
  t.strictSame(held, []);
  t.equal(seen.length, 6);
  for (let i = 0; i < 6; i += 2) t.equal(seen[i]?.slice(1), seen[i + 1]?.slice(1), 'one at a time');
  t.strictSame(await filesIn(join(dataDir, 'jobs')), [`${idOf(1)}/claim.json`]);
});

t.test('a link in a job is removed, what it points at is not; a link for a folder is no way in', async t => {
  const dir = t.testdir({outside: {precious: 'kept', 'film.mp4': 'kept'}, data: {}});
  const {dataDir, sweeper, days} = await boxOf(t, ['deleted', 'done'], {dataDir: join(dir, 'data')});
  await symlink(join(dir, 'outside'), join(dataDir, 'jobs', idOf(0), 'out', 'folder'));
  await symlink(join(dir, 'outside/precious'), join(dataDir, 'jobs', idOf(0), 'source', 'file'));
  await symlink('nowhere', join(dataDir, 'jobs', idOf(0), 'dangling'));
  await rm(join(dataDir, 'jobs', idOf(1), 'source'), {recursive: true});
  await symlink(join(dir, 'outside'), join(dataDir, 'jobs', idOf(1), 'source'));
  days(31);
  t.match(sumOf(await sweeper.sweep('command', signal)), {left: 0, finished: true});
  t.strictSame(await readdir(join(dataDir, 'jobs')), [idOf(1)]);
  t.strictSame(await filesIn(join(dir, 'outside')), ['film.mp4', 'precious']);
});

t.test('what cannot be removed is left, counted and named; the rest goes on', async t => {
  const {dataDir, sweeper, days} = await boxOf(t, ['deleted']);
  const mount = join(dataDir, 'jobs', idOf(0), 'out', Array(40).fill('d').join('/'));
  await mkdir(mount, {recursive: true});
  days(1);
  const {files, left, finished} = sumOf(await sweeper.sweep('low-disk', signal));
  t.match({files, finished}, {files: allOfJob.length, finished: true});
  t.ok(left > 30, 'folders nested too deep, and those above them');
  const [receipt] = await sweeper.receipts.list(1);
  const kept = receipt?.items.filter(({outcome}) => outcome.is !== 'removed') ?? [];
  t.equal(kept.length, left);
  for (const {outcome, folder} of kept) t.match({outcome, folder}, {outcome: {is: 'kept'}, folder: true});
});

t.test('an error of the disk is told by its code, and stops nothing', async t => {
  const dataDir = t.testdir();
  const receipts = new Receipts(dataDir);
  await receipts.start();
  const steps = ['a', 'b', 'c'].map(name => stepFor(`jobs/${idOf(0)}/out/${name}`));
  const means = meansFor(receipts, {
    remove: async ({path}) => (path.endsWith('b') ? {is: 'failed', code: 'EIO'} : {is: 'removed'}),
  });
  t.match(await carryOut(steps, means), {files: 2, bytes: 20, left: 1, nextPart: 2});
  const [receipt] = await receipts.list(1);
  t.match(receipt?.items[1], {path: steps[1]?.path, outcome: {is: 'failed', code: 'EIO'}});
  t.strictSame(receipt?.totals, {files: 2, bytes: 20});
});

function stepFor(path: string, bytes = 10): Step {
  const fact = {path, is: 'file' as const, bytes, inode: 1, changed: start};
  const {id} = jobIn(idOf(0), 'done');
  return {...{job: id, over: start, kind: 'outputs', path, bytes, fact}, why: {is: 'deleted'}, sha256: null};
}

function meansFor(receipts: Means['receipts'], wishes: Partial<Means> = {}): Means {
  return {
    ...{receipts, remove: async () => ({is: 'removed'}), hold: () => free, audit: async () => {}},
    ...{now: () => start, trigger: 'command', sweep: '0123456789ab', signal, ...wishes},
  };
}

t.test(
  'the receipt is on disk before the first file of it goes, and no receipt means no removal',
  async t => {
    const dataDir = t.testdir();
    const receipts = new Receipts(dataDir);
    await receipts.start();
    const steps = Array.from({length: 1200}, (_, i) => stepFor(`jobs/${idOf(0)}/out/${i}`));
    const announced = new Set<string>();
    const open: string[] = [];
    const watched: Means['receipts'] = {
      open: async receipt => {
        await receipts.open(receipt);
        open.push(receipt.id);
        for (const name of (await readdir(join(dataDir, 'receipts'))).filter(each => each.includes('open'))) {
          const {items, state}: Receipt = JSON.parse(await readFile(join(dataDir, 'receipts', name), 'utf8'));
          t.equal(state, 'open');
          for (const {path, outcome} of items) if (outcome.is === 'meant') announced.add(path);
        }
      },
      close: receipt => receipts.close(receipt),
    };
    let early = 0;
    const carried = await carryOut(
      steps,
      meansFor(watched, {
        remove: async ({path}) => {
          if (!announced.has(path)) early += 1;
          return {is: 'removed'};
        },
      }),
    );
    t.equal(early, 0);
    t.match(carried, {files: 1200, nextPart: 4});
    t.strictSame(open, ['0123456789ab-1', '0123456789ab-2', '0123456789ab-3'], 'a receipt lists 500 at most');

    let removed = 0;
    const full: Means['receipts'] = {
      open: () => Promise.reject(Object.assign(new Error('no space'), {code: 'ENOSPC'})),
      close: async () => {},
    };
    const counting = async (): Promise<{is: 'removed'}> => {
      removed += 1;
      return {is: 'removed'};
    };
    await t.rejects(carryOut(steps, meansFor(full, {remove: counting})), {code: 'ENOSPC'});
    t.equal(removed, 0);
  },
);

t.test('receipts stay small even where paths are as long as paths can be', async t => {
  const receipts = new Receipts(t.testdir());
  await receipts.start();
  const long = Array(8).fill('x'.repeat(250)).join('/');
  const steps = Array.from({length: 200}, (_, i) => stepFor(`jobs/${idOf(0)}/${long}/${i}`));
  await carryOut(steps, meansFor(receipts));
  const list = await receipts.list(100);
  t.equal(list.flatMap(({items}) => items).length, 200);
  for (const receipt of list) t.ok(JSON.stringify(receipt).length < 256 << 10);
});

t.test('a stop ends a sweep between two files, and the receipt says how far it came', async t => {
  const stop = new AbortController();
  const receipts = new Receipts(t.testdir());
  await receipts.start();
  const steps = Array.from({length: 1200}, (_, i) => stepFor(`jobs/${idOf(0)}/out/${i}`));
  let count = 0;
  const means = meansFor(receipts, {
    signal: stop.signal,
    remove: async () => {
      count += 1;
      if (count === 520) stop.abort();
      return {is: 'removed'};
    },
  });
  t.match(await carryOut(steps, means), {files: 520, left: 480, nextPart: 3});
  t.equal(count, 520);
  const [second] = await receipts.list(1);
  t.equal(second?.items.filter(({outcome}) => outcome.is === 'removed').length, 20);
  t.strictSame(second?.items.at(-1)?.outcome, {is: 'kept', why: 'stopped'});

  const {sweeper, days, dataDir, notes} = await boxOf(t, ['deleted', 'deleted'], {
    dataDir: t.testdir(),
    hold: id => (id === idOf(0) ? stop2.abort() : undefined) ?? free,
  });
  const stop2 = new AbortController();
  days(1);
  t.match(await sweeper.sweep('command', stop2.signal), {is: 'swept', finished: false});
  t.equal(notes.length, 1);
  t.match(sumOf(await sweeper.sweep('command', signal)), {finished: true, left: 0}, 'the next one goes on');
  t.strictSame(await readdir(join(dataDir, 'jobs')), []);
});

t.test('a job in which nothing was found is read again only when there is more to find', async t => {
  let now = after(0);
  const limits = {...never, logs: 10, outputs: 20};
  const {dataDir, jobs, sweeper} = await boxOf(t, ['done'], {clock: () => now, limits});
  const folder = join(dataDir, 'jobs', idOf(0));
  const [job] = jobs.values();
  if (job === undefined) throw new Error('no job');
  const late = join(folder, 'log.ndjson');
  const sweepAt = async (days: number): Promise<number> => {
    now = after(days);
    return sumOf(await sweeper.sweep('schedule', signal)).files;
  };
  t.equal(await sweepAt(11), jobFiles.logs.length);
  t.equal(await sweepAt(11.1), 0, 'this look finds nothing');
  await writeFile(late, 'written by nobody');
  t.equal(await sweepAt(11.2), 0, 'and there is no other');
  t.equal(await sweepAt(21), jobFiles.outputs.length + 1, 'until another limit has passed');
  t.equal(await sweepAt(21.1), 0);
  await makeJob(dataDir, job.id);
  jobs.set(job.id, {...job, state: {is: 'cancelled', at: start + 86_400_000}});
  t.equal(await sweepAt(22.1), jobFiles.outputs.length + jobFiles.logs.length, 'or the job was over anew');
});

t.test('two who ask at once share one sweep', async t => {
  const {sweeper, days} = await boxOf(t, ['deleted']);
  days(1);
  const [one, two] = [sweeper.sweep('command', signal), sweeper.sweep('schedule', signal)];
  t.equal(one, two);
  t.match(sumOf(await one), {files: allOfJob.length});
  t.equal((await sweeper.receipts.list(9)).length, 1);
});

t.test('a receipt that cannot be read stops the sweep and is named', async t => {
  const {dataDir, sweeper, days} = await boxOf(t, ['deleted']);
  const name = '20261121T201530000Z-0123456789ab-1.open.json';
  await writeFile(join(dataDir, 'receipts', name), '{"v": 1');
  days(1);
  await t.rejects(sweeper.sweep('command', signal), new RegExp(`${name} cannot be read: move it out`));
  t.equal((await filesIn(join(dataDir, 'jobs'))).length, allOfJob.length);
});

t.test('killed at any moment, nothing is gone without a trace, and the next sweep ends the work', async t => {
  for (const delayMs of [0, 10, 60]) {
    const {dataDir, jobs} = await boxOf(t, Array(20).fill('deleted'), {dataDir: t.testdir()});
    const before = await filesIn(join(dataDir, 'jobs'));
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', sweeping, dataDir], {
      stdio: 'inherit',
    });
    const ended = once(child, 'exit');
    await untilFewer(dataDir, before.length);
    await wait(delayMs);
    child.kill('SIGKILL');
    await ended;
    const there = new Set(await filesIn(join(dataDir, 'jobs')));
    const gone = before.filter(path => !there.has(path));
    const traced = await tracedIn(dataDir);
    t.strictSame(
      gone.filter(path => !traced.has(`jobs/${path}`)),
      [],
      `${gone.length} of ${before.length} were gone`,
    );
    const notes: PurgeNote[] = [];
    const parts = {...partsFor({dataDir, jobs}), audit: async (note: PurgeNote) => void notes.push(note)};
    const sweeper = new Sweeper({...parts, clock: () => after(2), limits: never});
    t.match(sumOf(await sweeper.sweep('schedule', signal)), {files: there.size, left: 0, finished: true});
    t.strictSame(await readdir(join(dataDir, 'jobs')), []);
    const receipts = await sweeper.receipts.list(100);
    t.equal(
      receipts.reduce((sum, {totals}) => sum + totals.files, 0),
      before.length,
      'the receipts add up to all there was',
    );
    const open = receipts.filter(({state}) => state === 'interrupted').length;
    t.equal(notes.filter(({action}) => action === 'privacy.purge_interrupted').length, open);
    t.notOk((await readdir(join(dataDir, 'receipts'))).some(name => name.includes('open')));
  }
});

t.test(
  'killed while it takes what a person chose, the next start tells what went, and the rest can go',
  async t => {
    const chosen = [jobFiles.uploads, jobFiles.intermediates, jobFiles.outputs, jobFiles.logs].flat().length;
    for (const delayMs of [0, 20]) {
      const {dataDir, jobs} = await boxOf(t, Array(30).fill('done'), {dataDir: t.testdir()});
      const before = await filesIn(join(dataDir, 'jobs'));
      const argv = ['--disable-warning=ExperimentalWarning', sweeping, dataDir, 'chosen'];
      const child = spawn(process.execPath, argv, {stdio: 'inherit'});
      const ended = once(child, 'exit');
      await untilFewer(dataDir, before.length);
      await wait(delayMs);
      child.kill('SIGKILL');
      await ended;
      const there = await filesIn(join(dataDir, 'jobs'));
      const parts = {...partsFor({dataDir, jobs}), clock: () => after(2), limits: never};
      const sweeper = new Sweeper(parts);
      t.match(
        sumOf(await sweeper.sweep('schedule', signal)),
        {files: 0, left: 0},
        'no limit takes any of it',
      );
      const settled = await sweeper.receipts.list(100);
      t.equal(
        settled.reduce((sum, {totals}) => sum + totals.files, 0),
        before.length - there.length,
        'what went is what the receipts say',
      );
      t.ok(settled.every(({state}) => state !== 'open'));
      const {steps, whole} = await sweeper.choose(choice, signal);
      t.ok(whole);
      const {files, left} = await sweeper.carry(oneByOne(steps), signal);
      t.strictSame({files, left}, {files: 30 * chosen - (before.length - there.length), left: 0});
      t.equal((await filesIn(join(dataDir, 'jobs'))).length, before.length - 30 * chosen);
    }
  },
);

async function untilFewer(dataDir: string, count: number): Promise<void> {
  for (const started = performance.now(); performance.now() - started < 20_000; await wait(2)) {
    if ((await filesIn(join(dataDir, 'jobs'))).length < count) return;
  }
  throw new Error('no file went');
}

/** Every path that some receipt names, finished or not. */
async function tracedIn(dataDir: string): Promise<Set<string>> {
  const paths = new Set<string>();
  for (const name of await readdir(join(dataDir, 'receipts'))) {
    if (!/^\d{8}T.*\.json$/.test(name)) continue;
    const {items}: Receipt = JSON.parse(await readFile(join(dataDir, 'receipts', name), 'utf8'));
    for (const {path} of items) paths.add(path);
  }
  return paths;
}

t.test('on a disk that is full to the last byte a sweep makes room, and leaves its receipt', async t => {
  const dir = t.testdir();
  const argv = ['--dev-bind', '/', '/', '--size', String(3 << 20), '--tmpfs', dir];
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', sweeping, dir, 'full'];
  const {stdout} = await promisify(execFile)('bwrap', [...argv, ...node]);
  const found = JSON.parse(stdout);
  t.match(found, {swept: {is: 'swept', left: 0, finished: true}, left: []});
  t.match(found.receipts, [{state: 'closed', totals: {files: allOfJob.length + 1}}]);
});
