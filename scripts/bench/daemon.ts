/**
 * Owns the benchmark of the daemon: how soon it is there, what it takes while nothing happens, how soon it starts on a
 * film, and what it adds to a dub.
 */
import {execFileSync} from 'node:child_process';
import {mkdir, readFile, rename, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {Store} from '../../appliance/store/store.ts';
import {type BoxTables, migrations, tables, version} from '../../supervisor/state.ts';
import {Appliance} from '../appliance.ts';
import {median, orderFor, timed} from './job.ts';
import {fill, jobOf} from './stored.ts';

const sample = new URL('../../media/sample.mp4', import.meta.url).pathname;
const starts = 5;
const drops = 5;
const dubs = 5;
/** It has started all that it starts, and looked at everything once. */
const settleMs = 10_000;
const idleSeconds = 30;
const stableSeconds = 1;
/** The clock of /proc/PID/stat on every Linux that Debian runs on. */
const ticksPerSecond = 100;

const settings = {INBOX_STABLE_SECONDS: String(stableSeconds), DISK_FREE_MIN_GB: '0', JOB_NICE: '0'};

export async function benchDaemon(folder: string): Promise<readonly string[]> {
  return [...(await idle(folder)), '', await dropped(join(folder, 'dropped')), '', await added(folder)];
}

async function idle(folder: string): Promise<readonly string[]> {
  const rows: string[] = [];
  for (const count of [0, 10_000, 100_000]) {
    const data = join(folder, `idle-${count}`);
    await mkdir(data, {mode: 0o700});
    await fillStore(join(data, 'state'), count);
    const seconds: number[] = [];
    for (let start = 0; start < starts; start++) {
      const began = performance.now();
      const appliance = await Appliance.start(data, settings);
      seconds.push((performance.now() - began) / 1000);
      if (start < starts - 1) await appliance.stop();
      else rows.push(await row(count, median(seconds), appliance));
    }
  }
  return [
    `Started as people do, \`dubstead up\`, ${starts} times; ready when it says so on its socket. Then idle: looked at ${settleMs / 1000} s later, for ${idleSeconds} s.`,
    '',
    '| jobs stored | ready after s | resident MB | processor |',
    '|---|---|---|---|',
    ...rows,
  ];
}

async function row(count: number, seconds: number, appliance: Appliance): Promise<string> {
  await wait(settleMs);
  const before = await ticksOf(appliance.pid);
  await wait(idleSeconds * 1000);
  const busy = ((await ticksOf(appliance.pid)) - before) / ticksPerSecond / idleSeconds;
  const status = await readFile(`/proc/${appliance.pid}/status`, 'utf8');
  const megabytes = (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024) / 1e6;
  await appliance.stop();
  return `| ${count} | ${seconds.toFixed(2)} | ${megabytes.toFixed(0)} | ${(100 * busy).toFixed(2)} % |`;
}

async function ticksOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

async function fillStore(folder: string, count: number): Promise<void> {
  const store = await Store.open<BoxTables>(folder, {
    ...{tables, version, migrations},
    tell: cause => {
      throw cause;
    },
  });
  await fill(
    store,
    Array.from({length: count}, (_, index) => jobOf(index)),
  );
  await store.stop();
}

/** Each film is another one: the same a second time would make no job. */
async function dropped(data: string): Promise<string> {
  const appliance = await Appliance.start(data, settings);
  const seconds: number[] = [];
  try {
    for (let drop = 0; drop < drops; drop++) {
      const name = `film ${drop}.mp4`;
      const film = join(data, name);
      execFileSync('ffmpeg', [
        ...['-nostdin', '-v', 'error', '-y', '-i', sample, '-t', '5', '-c', 'copy'],
        ...['-metadata', `title=${drop}`, film],
      ]);
      const part = join(appliance.inbox, `${name}.part`);
      await rename(film, part);
      const began = performance.now();
      await rename(part, join(appliance.inbox, name));
      await reached(appliance, name, ({is}) => is !== 'queued');
      seconds.push((performance.now() - began) / 1000);
      await reached(appliance, name, ({is}) => is === 'done' || is === 'failed');
    }
  } finally {
    await appliance.stop();
  }
  return `From a film's being there under its name to its job running: ${(median(seconds) - stableSeconds).toFixed(2)} s beyond the ${stableSeconds} s in which it must not change; median of ${drops}, at most ${(Math.max(...seconds) - stableSeconds).toFixed(2)} s.`;
}

type JobState = Awaited<ReturnType<Appliance['jobs']>>[number]['state'];

async function reached(appliance: Appliance, name: string, isSo: (state: JobState) => boolean) {
  for (;;) {
    const job = (await appliance.jobs()).find(({title}) => title === name);
    if (job !== undefined && isSo(job.state)) return job;
    await wait(10);
  }
}

/** The same film in turn: by a job process of its own, and as a job of the daemon, from running to done. */
async function added(folder: string): Promise<string> {
  const data = join(folder, 'added');
  const appliance = await Appliance.start(data, {...settings, DUB_TO: 'es', DUB_FROM: 'en'});
  const [alone, within]: number[][] = [[], []];
  try {
    for (let dub = 0; dub < dubs; dub++) {
      const out = join(folder, 'alone');
      alone?.push((await timed(orderFor(sample, out))).seconds);
      await rm(out, {recursive: true});
      const name = `sample ${dub}.mp4`;
      const film = join(data, name);
      execFileSync('ffmpeg', [
        ...['-nostdin', '-v', 'error', '-y', '-i', sample, '-c', 'copy', '-metadata', `title=${dub}`, film],
      ]);
      await rename(film, join(appliance.inbox, name));
      await reached(appliance, name, ({is}) => is !== 'queued');
      const began = performance.now();
      const {state} = await reached(appliance, name, ({is}) => is === 'done' || is === 'failed');
      if (state.is !== 'done') throw new Error(`the dub came to ${JSON.stringify(state)}`);
      within?.push((performance.now() - began) / 1000);
    }
  } finally {
    await appliance.stop();
  }
  const ratios = (within ?? []).map((seconds, index) => seconds / (alone?.[index] ?? Number.NaN));
  return `The minute of the sample, ${dubs} times in turn by \`dubstead dub\` and as a job of the daemon in its jail, from running to done: ${median(alone ?? []).toFixed(1)} s and ${median(within ?? []).toFixed(1)} s; ratios ${ratios.map(ratio => ratio.toFixed(2)).join(', ')}, median ${median(ratios).toFixed(2)}.`;
}
