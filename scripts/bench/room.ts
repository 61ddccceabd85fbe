/**
 * Owns the benchmark of the terminal screen: how soon it stands, what it takes while nothing happens, how soon a key is
 * answered among ten thousand jobs, and whether it still is while the box tells of hundreds of changes a second.
 */
import {mkdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {ApiClient} from '../../appliance/api/client.ts';
import type {JobId} from '../../appliance/job.ts';
import {Store} from '../../appliance/store/store.ts';
import {type BoxTables, migrations, tables, version} from '../../supervisor/state.ts';
import {Appliance} from '../appliance.ts';
import {Glass} from '../glass.ts';
import {median} from './job.ts';
import {fill, jobOf} from './stored.ts';

const jobsStored = 10_000;
const starts = 7;
const keys = 60;
const idleSeconds = 30;
const settleMs = 5_000;
const eventsPerSecond = 500;
const ticksPerSecond = 100;

export async function benchRoom(folder: string): Promise<readonly string[]> {
  const quiet = await empty(join(folder, 'empty'));
  const data = join(folder, 'box');
  await mkdir(data, {mode: 0o700});
  const store = await Store.open<BoxTables>(join(data, 'state'), {
    ...{tables, version, migrations},
    tell: cause => {
      throw cause;
    },
  });
  await fill(
    store,
    Array.from({length: jobsStored}, (_, index) => jobOf(index)),
  );
  await store.stop();
  const appliance = await Appliance.start(data, {DISK_FREE_MIN_GB: '0'});
  try {
    return [
      `Through \`scripts/dubstead tui\` on a pseudo-terminal of 120 × 40, a daemon with ${jobsStored} jobs behind it.`,
      '',
      '| what | measured | bar |',
      '|---|---|---|',
      await first(data),
      quiet,
      ...(await kept(data)),
    ];
  } finally {
    await appliance.stop();
  }
}

/** As it stands on somebody's desk all day. */
async function empty(data: string): Promise<string> {
  const appliance = await Appliance.start(data, {DISK_FREE_MIN_GB: '0'});
  try {
    const look = async (): Promise<Glass> => {
      const glass = new Glass(['tui'], {env: {DATA_DIR: data}});
      await glass.shows('Alerts');
      await wait(settleMs);
      return glass;
    };
    // The first after a change of the code makes what Node keeps of it.
    await (await look())[Symbol.asyncDispose]();
    await using glass = await look();
    return `| idle for ${idleSeconds} s on the first screen of a quiet box: processor; resident | ${await idle(glass)} | 1 %; 90 MB |`;
  } finally {
    await appliance.stop();
  }
}

async function idle(glass: Glass): Promise<string> {
  await wait(settleMs);
  const pid = await childOf(glass.pty.pid);
  const before = await ticksOf(pid);
  await wait(idleSeconds * 1000);
  const busy = ((await ticksOf(pid)) - before) / ticksPerSecond / idleSeconds;
  return `${(busy * 100).toFixed(2)} %; ${(await residentOf(pid)).toFixed(0)} MB`;
}

function open(data: string): Glass {
  return new Glass(['tui', 'jobs'], {columns: 120, rows: 40, env: {DATA_DIR: data}});
}

/** The first of them makes what Node keeps of the code. */
async function first(data: string): Promise<string> {
  const screen: number[] = [];
  const jobs: number[] = [];
  for (let start = 0; start <= starts; start++) {
    const began = performance.now();
    await using glass = open(data);
    await glass.shows('1Status');
    const shown = performance.now() - began;
    await glass.shows('A film of a hundred minutes');
    if (start === 0) continue;
    screen.push(shown);
    jobs.push(performance.now() - began);
  }
  return `| first screen; with the newest jobs on it (median of ${starts}) | ${ms(median(screen))}; ${ms(median(jobs))} | 400 ms |`;
}

async function kept(data: string): Promise<readonly string[]> {
  await using glass = open(data);
  await glass.shows('A film of a hundred minutes');
  const held = await idle(glass);
  const quiet = await answers(glass);
  const stop = new AbortController();
  const storm = changes(data, stop.signal);
  await wait(1_000);
  const stormy = await answers(glass);
  stop.abort();
  const made = await storm;
  return [
    `| the same with ${jobsStored} jobs held | ${held} | |`,
    `| a key to its screen, ${keys} times: median; worst | ${ms(median(quiet))}; ${ms(Math.max(...quiet))} | 50 ms |`,
    `| the same while jobs change, ${made.toFixed(0)} a second | ${ms(median(stormy))}; ${ms(Math.max(...stormy))} | 50 ms |`,
  ];
}

/** Down a page, then up, and so on: a whole table is drawn anew each time. */
async function answers(glass: Glass): Promise<readonly number[]> {
  const took: number[] = [];
  for (let i = 0; i < keys; i++) {
    const was = glass.rows[20];
    const began = performance.now();
    glass.press(i % 20 < 10 ? '\x1b[6~' : '\x1b[5~');
    await glass.shows(({rows}) => rows[20] !== was);
    took.push(performance.now() - began);
    await wait(30);
  }
  return took;
}

/** Changes of real jobs, by the API, as often as is wanted; how many a second there were. */
async function changes(data: string, signal: AbortSignal): Promise<number> {
  const client = new ApiClient({socket: join(data, 'run/control.sock')});
  const page = await client.call('jobs.list', {query: {limit: 200, sort: 'newest'}});
  if (!page.ok) throw new Error(`there are no jobs: ${JSON.stringify(page.why)}`);
  const ids: readonly JobId[] = page.value.jobs.map(({id}) => id);
  let made = 0;
  const began = performance.now();
  const one = async (id: JobId): Promise<void> => {
    const priority = made % 100;
    made++;
    const changed = await client.call('jobs.priority', {params: {id}, body: {priority}});
    if (!changed.ok) throw new Error(`no change was taken: ${JSON.stringify(changed.why)}`);
  };
  while (!signal.aborted) {
    const due = Math.floor(((performance.now() - began) / 1000) * eventsPerSecond) - made;
    await Promise.all(ids.slice(0, Math.min(due, ids.length)).map(one));
    await wait(20);
  }
  return made / ((performance.now() - began) / 1000);
}

async function childOf(pid: number): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return Number(children.trim().split(' ')[0]);
}

async function residentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024) / 1e6;
}

async function ticksOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function ms(value: number): string {
  return `${value.toFixed(0)} ms`;
}
