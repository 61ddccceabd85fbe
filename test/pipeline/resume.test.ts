import {spawn} from 'node:child_process';
import {readdir, readFile, readlink} from 'node:fs/promises';
import {setPriority} from 'node:os';
import {join} from 'node:path';
import {Duplex} from 'node:stream';
import {setTimeout as pause} from 'node:timers/promises';
import t from 'tap';
import {digestOfFile} from '../../appliance/digest.ts';
import {jobFolderOf, type Order} from '../../appliance/order.ts';
import {Event, receive, send} from '../../appliance/wire.ts';
import {runWorker} from '../../tui/worker.ts';
import {readerFilm, writeCues} from '../clips.ts';
import {dubbed, orderFor, outputOf} from '../jobs.ts';

const program = new URL('../../pipeline/worker.ts', import.meta.url).pathname;

interface Ending {
  readonly killed: boolean;
  readonly finished: readonly string[];
}

/** Runs a job process and kills it with SIGKILL once `fatal` says so. */
async function runUntil(order: Order, fatal: (event: Event) => boolean): Promise<Ending> {
  const child = spawn(process.execPath, [program], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    detached: true,
  });
  // Whoever is to kill it in a stage must not be the slower of the two, however much else runs here.
  if (child.pid !== undefined) setPriority(child.pid, 19);
  const ended = new Promise(resolve => child.once('close', resolve));
  const wire = child.stdio[3];
  if (!(wire instanceof Duplex)) throw new Error('no wire');
  send(wire, {v: 1, do: 'dub', order});
  const finished: string[] = [];
  let killed = false;
  try {
    for await (const event of receive(wire, Event)) {
      if (event.is === 'finished' && event.how === 'ran') finished.push(event.node);
      if (killed || !fatal(event)) continue;
      killed = child.kill('SIGKILL');
    }
  } catch {
    // The wire of a killed process breaks; that is the point.
  }
  await ended;
  return {killed, finished};
}

/** Processes that work in a folder: their working directory is in it. */
async function workersIn(folder: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const at = await Promise.all(pids.map(pid => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return pids.filter((_, i) => at[i]?.startsWith(folder));
}

/**
 * Death takes a moment to go down a tree of processes. A tool whose parent died in the very instant between fork and
 * prctl is not told: it ends by itself, which in this film takes a second or two.
 */
async function untilNobodyWorksIn(folder: string): Promise<readonly string[]> {
  for (let tries = 0; tries < 300; tries++) {
    if ((await workersIn(folder)).length === 0) return [];
    await pause(50);
  }
  return workersIn(folder);
}

t.test('killed in every stage, a job goes on from what was finished and ends in the same bytes', async t => {
  const folder = t.testdir();
  const film = await readerFilm(join(folder, 'film.mp4'));
  const whole = orderFor(film, join(folder, 'whole'));
  const undisturbed = await dubbed(whole);
  const lesser = undisturbed.events.filter(event => event.is === 'finished' && event.how === 'degraded');
  t.same(lesser, [], 'no node had to make do, however long the path');
  const stages = [
    ...new Set(undisturbed.events.flatMap(event => (event.is === 'started' ? [event.stage] : []))),
  ];
  t.ok(stages.length >= 18, `killed in ${stages.join(', ')}`);

  const broken = orderFor(film, join(folder, 'broken'));
  const made: string[] = [];
  for (const stage of stages) {
    const {killed, finished} = await runUntil(
      broken,
      event => event.is === 'started' && event.stage === stage,
    );
    t.ok(killed, `killed in ${stage}`);
    t.same(
      finished.filter(node => made.includes(node)),
      [],
      'nothing that was finished is made again',
    );
    made.push(...finished);
    t.same(await untilNobodyWorksIn(jobFolderOf(broken)), [], 'and no tool of its lives on');
  }
  const resumed = await dubbed(broken);
  for (const ending of ['.mkv', '.mp4', '.srt', '.vtt']) {
    t.equal(
      await digestOfFile(outputOf(resumed, ending)),
      await digestOfFile(outputOf(undisturbed, ending)),
      ending,
    );
  }
  t.same(await readdir(join(jobFolderOf(broken), 'tmp')), [], 'nothing half done is left');
});

t.test('killed at any instant, the next run finds what it needs', async t => {
  const folder = t.testdir();
  const film = await readerFilm(join(folder, 'film.mp4'));
  await writeCues(folder, 'film.srt', 'en');
  const order = orderFor(film, join(folder, 'out'));
  const clean = await dubbed(orderFor(film, join(folder, 'clean')));
  // Instants by the number of events seen: spread over the run, the same every time.
  for (const instant of [3, 8, 14, 21, 29, 38, 44, 51]) {
    let seen = 0;
    await runUntil(order, () => ++seen === instant);
  }
  t.equal(
    await digestOfFile(outputOf(await dubbed(order), '.mkv')),
    await digestOfFile(outputOf(clean, '.mkv')),
  );
});

t.test('a job that is asked to stop says so, leaves no tool behind, and goes on later', async t => {
  const folder = t.testdir();
  const film = await readerFilm(join(folder, 'film.mp4'));
  const order = orderFor(film, join(folder, 'out'));
  const stop = new AbortController();
  const hear = (event: Event) => event.is === 'started' && event.stage === 'transcribe' && stop.abort();
  await t.rejects(runWorker({v: 1, do: 'dub', order}, hear, stop.signal), /Stopped/);
  t.same(await workersIn(jobFolderOf(order)), []);
  const {ran} = await dubbed(order);
  t.notOk(ran.includes('demux'), 'the sound is not taken out twice');
});

t.test('one job folder has one process at a time', async t => {
  const folder = t.testdir();
  const film = await readerFilm(join(folder, 'film.mp4'));
  const order = orderFor(film, join(folder, 'out'));
  let second: Promise<unknown> | undefined;
  await runUntil(order, event => {
    if (event.is === 'started' && event.stage === 'demux') second ??= dubbed(order).catch(cause => cause);
    return event.is === 'started' && event.stage === 'mix';
  });
  t.match(await second, {failure: {reason: 'busy'}});
  t.match(
    JSON.parse(await readFile(join(jobFolderOf(order), 'lock.json'), 'utf8')),
    {pid: Number},
    'a dead lock is left',
  );
  t.ok((await dubbed(order)).done, 'and does not bind');
});
