/**
 * Owns the benchmark of the store: durable job changes against node:sqlite in the same run, and what it takes to open.
 * `node scripts/bench/store.ts open FOLDER` is the process of its own that the second half is measured in.
 */
import {execFileSync} from 'node:child_process';
import {join} from 'node:path';
import {monitorEventLoopDelay} from 'node:perf_hooks';
import {DatabaseSync} from 'node:sqlite';
import {Job} from '../../appliance/job.ts';
import {Store} from '../../appliance/store/store.ts';
import {median} from './job.ts';
import {fill, idOf, jobOf} from './stored.ts';

const rounds = 30;
/** Changes in a round: short ones in turn, so that whatever else the machine does falls on both. */
const changes = 256;
const stored = 10_000;

const open = (folder: string) =>
  Store.open<{jobs: Job}>(folder, {
    tables: {jobs: Job},
    version: 1,
    migrations: {},
    tell: trouble => {
      throw trouble;
    },
  });

/** Makes one change, durably; any number may be asked for at once. */
type Change = (index: number) => unknown;

export async function benchStore(folder: string): Promise<readonly string[]> {
  const jobs = Array.from({length: stored}, (_, index) => jobOf(index));
  const store = await open(join(folder, 'state'));
  await fill(store, jobs);
  using sqlite = sqliteOf(join(folder, 'jobs.sqlite'), jobs);
  const id = (index: number) => idOf((index * 7919) % stored);
  const moved = (job: Job, index: number): Job => ({...job, submitted: job.submitted + index});

  const ours: Change = index =>
    store.commit(draft => {
      const job = draft.get('jobs', id(index));
      if (job !== undefined) draft.put('jobs', job.id, moved(job, index));
    });
  const checked: Change = index => {
    const job = Job.parse(JSON.parse(sqlite.read(id(index))));
    sqlite.write(job.id, JSON.stringify(moved(job, index)));
  };
  const blind: Change = index => {
    const job = jobs[(index * 7919) % stored];
    if (job !== undefined) sqlite.write(job.id, JSON.stringify(moved(job, index)));
  };
  const lines = [
    `Durable changes a second of ${stored} jobs of ${JSON.stringify(jobs[7]).length} bytes; medians of ${rounds} rounds of ${changes}, taken in turn.`,
    '',
    '| writers | store | node:sqlite, WAL and FULL: the job read, checked, changed | ratio | its text only replaced, unread and unchecked | ratio |',
    '|---|---|---|---|---|---|',
  ];
  for (const writers of [1, 16]) {
    const [a = 0, b = 0, c = 0] = await inTurn([ours, checked, blind], writers);
    const [first, second] = [a / b, a / c].map(ratio => ratio.toFixed(2));
    lines.push(`| ${writers} | ${a.toFixed(0)} | ${b.toFixed(0)} | ${first} | ${c.toFixed(0)} | ${second} |`);
  }
  lines.push('', await longestPause(store, jobs));
  await store.stop();
  return [...lines, '', ...(await benchOpen(folder))];
}

/** Changes a second of each, at so many writers of which each waits for its change before it makes the next. */
async function inTurn(kinds: readonly Change[], writers: number): Promise<readonly number[]> {
  const perSecond = kinds.map((): number[] => []);
  let index = 0;
  for (let round = 0; round < rounds; round++) {
    for (const [kind, change] of kinds.entries()) {
      const began = performance.now();
      const writer = async (): Promise<void> => {
        for (let each = 0; each < changes / writers; each++) await change(index++);
      };
      await Promise.all(Array.from({length: writers}, writer));
      perSecond[kind]?.push((changes / (performance.now() - began)) * 1000);
    }
  }
  return perSecond.map(median);
}

/** Each job changed three times in one go: enough for a new generation of all of them. */
async function longestPause(store: Store<{jobs: Job}>, jobs: readonly Job[]): Promise<string> {
  const delay = monitorEventLoopDelay({resolution: 1});
  delay.enable();
  for (let time = 0; time < 3; time++) await fill(store, jobs);
  delay.disable();
  const ms = (nanoseconds: number): string => (nanoseconds / 1e6).toFixed(1);
  return `While ${3 * jobs.length} changes and new snapshots are written, the event loop waits ${ms(delay.percentile(50))} ms at the median, ${ms(delay.percentile(99))} ms at the 99th percentile, ${ms(delay.max)} ms at most.`;
}

async function benchOpen(folder: string): Promise<readonly string[]> {
  const lines = ['| jobs stored | opened in s | resident memory added, MB |', '|---|---|---|'];
  for (const count of [stored, 100_000]) {
    const path = join(folder, `open-${count}`);
    const store = await open(path);
    await fill(
      store,
      Array.from({length: count}, (_, index) => jobOf(index)),
    );
    await store.stop();
    const runs = [1, 2, 3].map(() => {
      const said = execFileSync(process.execPath, [import.meta.filename, 'open', path], {encoding: 'utf8'});
      return said.trim().split(' ').map(Number);
    });
    const [seconds, megabytes] = [0, 1].map(figure => median(runs.map(run => run[figure] ?? 0)));
    lines.push(`| ${count} | ${seconds?.toFixed(2)} | ${megabytes?.toFixed(0)} |`);
  }
  return lines;
}

async function measureOpening(folder: string): Promise<string> {
  jobOf(1);
  const [began, before] = [performance.now(), process.memoryUsage.rss()];
  const store = await open(folder);
  const seconds = (performance.now() - began) / 1000;
  const megabytes = (process.memoryUsage.rss() - before) / 1e6;
  await store.stop();
  return `${seconds} ${megabytes}`;
}

function sqliteOf(path: string, jobs: readonly Job[]) {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = FULL');
  database.exec('CREATE TABLE jobs (id TEXT PRIMARY KEY, job TEXT NOT NULL) WITHOUT ROWID');
  const put = database.prepare(
    'INSERT INTO jobs VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET job = excluded.job',
  );
  const get = database.prepare('SELECT job FROM jobs WHERE id = ?');
  database.exec('BEGIN');
  for (const job of jobs) put.run(job.id, JSON.stringify(job));
  database.exec('COMMIT');
  return {
    write: (id: string, text: string) => put.run(id, text),
    read: (id: string) => String(get.get(id)?.['job']),
    [Symbol.dispose]: () => database.close(),
  };
}

if (import.meta.main && process.argv[2] === 'open')
  process.stdout.write(`${await measureOpening(process.argv[3] ?? '')}\n`);
