/** One job process from its start to its end: an honest one, and many that are not. */
import {readdir, readFile, readlink, stat, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {digestOfFile} from '../../appliance/digest.ts';
import type {Failure} from '../../appliance/failure.ts';
import {type ConfineRequest, workerProgram} from '../../supervisor/confine/confine.ts';
import {
  type Ending,
  type Heard,
  type JobProcessLimits,
  type JobProcessRequest,
  runJobProcess,
} from '../../supervisor/job-process.ts';
import {ffmpeg, streamsOf} from '../clips.ts';
import {orderFor} from '../jobs.ts';
import {oddSeconds, until} from '../pipeline/processes.ts';
import {
  asNobody,
  bare,
  canBeNobody,
  checkout,
  found,
  isRoot,
  nobody,
  nodeProgram,
  noJail,
  type Place,
  placeFor,
  processesOf,
  roomy,
} from './place.ts';

const limits: JobProcessLimits = {
  ...{wallMs: 60_000, stageMs: 60_000, heartbeatMs: 60_000, eventsPerSecond: 1000, graceMs: 5000},
};

interface Wishes {
  readonly argument?: string;
  readonly isolation?: ConfineRequest['isolation'];
  readonly limits?: Partial<JobProcessLimits>;
  readonly resources?: Partial<typeof roomy>;
  readonly hear?: JobProcessRequest['hear'];
  readonly started?: JobProcessRequest['started'];
  readonly signal?: AbortSignal;
}

interface Run {
  readonly ending: Ending;
  readonly heard: readonly Heard[];
  readonly ms: number;
}

const nobodyWatches = new Promise<void>(() => {});

async function run(place: Place, what: string, wishes: Wishes = {}): Promise<Run> {
  const heard: Heard[] = [];
  const resources = {...roomy, ...wishes.resources};
  const isolation = wishes.isolation ?? (noJail === false ? 'jail' : 'rlimits');
  const program = nodeProgram('hostile.ts', what, wishes.argument ?? '');
  const startedAt = performance.now();
  const ending = await runJobProcess({
    previewWanted: nobodyWatches,
    command: {v: 1, do: 'dub', order: orderFor(join(place.job, 'source/film.mp4'), join(place.job, 'out'))},
    confined: place.confined(program, {isolation, limits: resources}),
    resources,
    started: wishes.started ?? (() => {}),
    hear: async event => {
      heard.push(event);
      await wishes.hear?.(event);
    },
    signal: wishes.signal ?? new AbortController().signal,
    stderrPath: join(place.job, 'stderr.log'),
    limits: {...limits, ...wishes.limits},
    now: () => performance.now(),
  });
  return {ending, heard, ms: performance.now() - startedAt};
}

/** Whoever ran for it names its folder on its command line, or is in a jail that does. */
async function nobodyIsLeft(t: Test, place: Place): Promise<void> {
  t.strictSame(await processesOf(place.job), [], 'nobody is left');
}

function lost(ending: Ending): Failure {
  if (ending.is !== 'lost') throw new Error(`it is ${JSON.stringify(ending)}`);
  return ending.failure;
}

t.test('a real dub in a real jail is done, and is what it is outside', {skip: noJail}, async t => {
  const users = [
    {owner: undefined, become: (confined: ReturnType<Place['confined']>) => confined, root: isRoot},
    ...(canBeNobody ? [{owner: nobody, become: asNobody, root: false}] : []),
  ];
  for (const {owner, become, root} of users) {
    const place = await placeFor(t, owner);
    const source = join(place.job, 'source/film.mp4');
    await ffmpeg('-i', join(checkout, 'media/sample.mp4'), '-t', '6', '-c', 'copy', source);
    const stages = new Set<string>();
    let pid = 0;
    const ending = await runJobProcess({
      previewWanted: nobodyWatches,
      command: {v: 1, do: 'dub', order: orderFor(source, join(place.job, 'out'), {hls: true})},
      confined: become(
        place.confined(bare(...workerProgram(process.execPath, checkout)), {found: {...found, root}}),
      ),
      resources: roomy,
      started: started => {
        pid = started;
      },
      hear: event => {
        if (event.is === 'finished') stages.add(event.stage);
      },
      signal: new AbortController().signal,
      stderrPath: join(place.job, 'stderr.log'),
      limits,
      now: () => performance.now(),
    });
    if (ending.is !== 'done') {
      t.fail(JSON.stringify(ending));
      return;
    }
    t.ok(pid > 1 && ending.seconds > 0.5);
    for (const stage of ['probe', 'transcribe', 'translate', 'synthesize', 'mix', 'master', 'measure'])
      t.ok(stages.has(stage), stage);
    for (const {path, bytes, digest} of ending.outputs) {
      t.equal((await stat(path)).size, bytes);
      t.equal(await digestOfFile(path), digest);
      if (owner !== undefined) t.equal((await stat(path)).uid, owner);
    }
    const film = ending.outputs.find(({path}) => path.endsWith('.mkv'))?.path ?? '';
    t.ok(
      (await streamsOf(film)).some(stream => stream.tags?.['language'] === 'spa'),
      'it speaks Spanish',
    );
    t.equal(await readFile(join(place.job, 'stderr.log'), 'utf8'), '', 'and had nothing to complain of');
    await nobodyIsLeft(t, place);
  }
});

t.test('an honest process is heard in order, told at once, and believed', async t => {
  const place = await placeFor(t);
  const pids: number[] = [];
  const {ending, heard} = await run(place, 'chatty', {
    started: pid => {
      pids.push(pid);
    },
  });
  t.match(ending, {is: 'done', summary: ['Good.'], outputs: [{kind: 'film', bytes: 5}]});
  t.equal(pids.length, 1);
  t.equal(heard.length, 60, 'signs of life and the answer are not passed on');
  const nodes = heard.map(event => ('node' in event ? `${event.is} ${event.node}` : ''));
  t.strictSame(nodes.slice(0, 3), ['started mix@0', 'finished mix@0', 'started mix@1']);
  t.match((await run(place, 'sending signs of life after its answer')).ending, {is: 'done'});
  t.match((await run(place, 'claiming nothing')).ending, {is: 'done', outputs: []});
  await nobodyIsLeft(t, place);
});

t.test('what a process says of a film is passed on', async t => {
  const place = await placeFor(t);
  const {ending} = await run(place, 'refusing');
  t.strictSame(ending, {is: 'failed', failure: {reason: 'no-audio', path: '/film.mp4'}});
});

t.test('what a process claims to have made is read before it is believed', async t => {
  const table: Readonly<Record<string, RegExp>> = {
    'lying about content': /^its content is not what was claimed$/,
    'lying about length': /^it has 5 bytes, and 6 were claimed$/,
    'claiming what is not there': /cannot be opened \(ENOENT\)/,
    'claiming twice': /^it is named twice$/,
    'claiming a file outside': /^it lies outside the folder of the job$/,
    'claiming a way outside': /^it lies outside the folder of the job$/,
    'claiming its source': /^it lies outside the folder of the job$/,
    'claiming a link': /^it is a link$/,
    'claiming through a linked folder': /^it lies behind a link$/,
    'claiming a folder': /^it is no regular file$/,
    'claiming a relative path': /^it lies outside the folder of the job$/,
  };
  await Promise.all(
    Object.entries(table).map(async ([what, detail]) => {
      const place = await placeFor(t);
      const {ending} = await run(place, what, {argument: join(place.data, 'jobs/bbbbbbbbbb/secret')});
      const failure = lost(ending);
      t.match(failure, {reason: 'bad-output', detail}, what);
    }),
  );
});

t.test('reading a claim without end stops with the job', async t => {
  const place = await placeFor(t);
  const stop = new AbortController();
  const running = run(place, 'claiming a file without end', {
    ...{signal: stop.signal, resources: {fileBytes: null}, limits: {graceMs: 60_000}},
  });
  const large = join(place.job, 'out/large');
  for (let read = false; !read; await new Promise(setImmediate)) {
    read = (await Promise.all((await readdir('/proc/self/fd')).map(linkOf))).includes(large);
  }
  stop.abort();
  t.strictSame((await running).ending, {is: 'stopped'});
});

async function linkOf(fd: string): Promise<string> {
  return readlink(`/proc/self/fd/${fd}`).catch(() => '');
}

t.test('who breaks the wire is ended at once, whatever else it does', async t => {
  const table: Readonly<Record<string, string>> = {
    'sending no JSON': 'sent what is no message',
    'sending deep JSON': 'sent what is no message',
    'flooding with bytes': 'sent what is no message',
    'answering nonsense': 'sent what is no message',
    'answering what was not asked': 'answered what it was not asked',
    'answering at length': 'sent an answer of over 64 KiB',
    'answering twice': 'went on after it had answered',
    'going on after its answer': 'went on after it had answered',
    'beginning without end': 'began more steps than it finished',
  };
  await Promise.all(
    Object.entries(table).map(async ([what, detail]) => {
      const place = await placeFor(t);
      const {ending} = await run(place, what);
      t.strictSame(lost(ending), {reason: 'wire-broken', detail}, what);
      await nobodyIsLeft(t, place);
    }),
  );
});

t.test('an end without an answer that counts is a loss, and says how', async t => {
  const table: Readonly<Record<string, {readonly exit: RegExp; readonly stderr?: RegExp}>> = {
    'ending without a word': {exit: /^exit 0$/},
    'answering and failing': {exit: /^exit 1, after it had answered$/},
    'answering and crashing': {exit: /^signal SIGABRT, after it had answered$/},
    crashing: {exit: /^signal SIGABRT$/},
    failing: {exit: /^exit 7$/, stderr: /why it failed\n$/},
    'breaking its wire': {exit: /^signal SIGKILL$/},
    'sending half a line': {exit: /^exit 0$/},
    'stopping unasked': {exit: /^exit 0, after it had answered$/},
    'answering and staying': {exit: /^it answered and did not end$/},
    'closing its wire and staying': {exit: /^it closed its wire and went on$/},
  };
  await Promise.all(
    Object.entries(table).map(async ([what, {exit, stderr}]) => {
      const place = await placeFor(t);
      const {ending} = await run(place, what, {limits: {graceMs: what.endsWith('staying') ? 200 : 20_000}});
      const failure = lost(ending);
      t.match(failure, {reason: 'worker-lost', exit}, what);
      if (stderr !== undefined) t.match(failure, {stderr}, what);
      await nobodyIsLeft(t, place);
    }),
  );
});

t.test('each limit of time ends it, and the failure names the limit', async t => {
  const table = [
    ['working for ever', {wallMs: 700}, {limit: 'job', allowed: 0.7, node: null}],
    ['stuck in a step', {stageMs: 300}, {limit: 'stage', allowed: 0.3, node: 'mix@3'}],
    ['not moving', {heartbeatMs: 1500}, {limit: 'silence', allowed: 1.5, node: null}],
    ['deaf', {wallMs: 700}, {limit: 'job', allowed: 0.7, node: null}],
  ] as const;
  await Promise.all(
    table.map(async ([what, time, limit]) => {
      const place = await placeFor(t);
      const {ending} = await run(place, what, {limits: {graceMs: 200, ...time}});
      t.strictSame(lost(ending), {reason: 'limit', ...limit}, what);
      await nobodyIsLeft(t, place);
    }),
  );
});

t.test('time that we take is not held against it', async t => {
  const place = await placeFor(t);
  const stop = new AbortController();
  const {ending} = await run(place, 'polite', {
    ...{signal: stop.signal, limits: {heartbeatMs: 3000}},
    hear: async () => {
      await new Promise(done => setTimeout(done, 3200));
      stop.abort();
    },
  });
  t.strictSame(ending, {is: 'stopped'}, 'it gave signs of life that we did not look at');
});

t.test('it is not told what to do before it is known to run', async t => {
  const place = await placeFor(t);
  const made = join(place.job, 'out/film.es.mkv');
  let early = true;
  const {ending} = await run(place, 'honest', {
    started: async () => {
      while ((await stat(join(place.job, 'out/ready')).catch(() => undefined)) === undefined) await turn();
      // It would make its film at once.
      for (let i = 0; i < 50; i++) await turn();
      early = (await stat(made).catch(() => undefined)) !== undefined;
    },
  });
  t.equal(early, false);
  t.equal(ending.is, 'done');
});

function turn(): Promise<void> {
  return new Promise(done => setTimeout(done, 5));
}

t.test('a stop is asked for, then insisted on', async t => {
  const table = [
    ['polite', 30_000, {is: 'stopped'}],
    ['finishing when asked to stop', 30_000, {is: 'done'}],
    ['deaf', 200, {is: 'stopped'}],
    ['deaf to the wire', 200, {is: 'stopped'}],
  ] as const;
  for (const isolation of noJail === false ? (['jail', 'rlimits'] as const) : (['rlimits'] as const)) {
    await Promise.all(
      table.map(async ([what, graceMs, ending]) => {
        const place = await placeFor(t);
        const stop = new AbortController();
        const ran = await run(place, what, {
          ...{isolation, signal: stop.signal, limits: {graceMs}},
          hear: () => stop.abort(),
        });
        t.match(ran.ending, ending, `${isolation}: ${what}`);
        await nobodyIsLeft(t, place);
      }),
    );
  }
});

t.test('a stop before the start starts nothing, and one during the start is heard', async t => {
  const place = await placeFor(t);
  let pids = 0;
  const started = () => {
    pids++;
  };
  t.strictSame((await run(place, 'polite', {signal: AbortSignal.abort(), started})).ending, {is: 'stopped'});
  t.equal(pids, 0);
  const stop = new AbortController();
  const {ending} = await run(place, 'working for ever', {
    ...{signal: stop.signal, limits: {graceMs: 100}},
    started: () => stop.abort(),
  });
  t.strictSame(ending, {is: 'stopped'});
  await nobodyIsLeft(t, place);
});

t.test('whoever floods us waits, and our memory does not grow', async t => {
  const place = await placeFor(t);
  const before = process.memoryUsage().rss;
  let most = before;
  const {ending, heard} = await run(place, 'flooding with messages', {
    limits: {wallMs: 2500, eventsPerSecond: 100, graceMs: 100},
    hear: () => {
      most = Math.max(most, process.memoryUsage.rss());
    },
  });
  t.match(lost(ending), {reason: 'limit', limit: 'job'});
  t.ok(heard.length >= 1000 && heard.length < 12_000, `${heard.length} messages of millions`);
  t.ok(most - before < 100e6, `${Math.round((most - before) / 1e6)} MB more`);
  await nobodyIsLeft(t, place);
});

t.test('of a flood on stderr the end is kept, and earlier runs as far as there is room', async t => {
  const place = await placeFor(t);
  const path = join(place.job, 'stderr.log');
  await writeFile(path, 'of the run before\n');
  t.equal((await run(place, 'failing')).ending.is, 'lost');
  t.match(await readFile(path, 'utf8'), /^of the run before\n.*why it failed\n$/s);
  t.equal((await run(place, 'flooding stderr')).ending.is, 'done');
  const kept = await readFile(path, 'utf8');
  t.ok(kept.length <= 256 << 10, `${kept.length} bytes`);
  t.ok(kept.endsWith('\nthe last word\n'));
});

t.test('nobody is left behind, however it slipped away', async t => {
  for (const isolation of noJail === false ? (['jail', 'rlimits'] as const) : (['rlimits'] as const)) {
    const seconds = oddSeconds();
    const place = await placeFor(t);
    const stop = new AbortController();
    const left = await run(place, 'leaving others behind', {isolation, argument: seconds});
    t.equal(left.ending.is, 'done', isolation);
    await until(seconds, 0);
    const stuck = await run(place, 'leaving others behind, stuck', {
      ...{isolation, argument: seconds, signal: stop.signal, limits: {graceMs: 100}},
      hear: async () => {
        await until(seconds, 2);
        stop.abort();
      },
    });
    t.strictSame(stuck.ending, {is: 'stopped'}, isolation);
    await until(seconds, 0);
  }
});

t.test('memory that runs out is named', async t => {
  const place = await placeFor(t);
  const {ending} = await run(place, 'eating memory', {resources: {memoryBytes: 200 << 20}});
  t.strictSame(lost(ending), {reason: 'limit', limit: 'memory', allowed: 200 << 20, node: null});
});

t.test('what goes wrong on our side ends the process and is thrown', async t => {
  const fault = new Error('the disk of the store is full');
  const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length;
  const before = timers();
  for (const wishes of [
    {hear: () => Promise.reject(fault)},
    {started: () => Promise.reject(fault)},
    {
      started: () => {
        throw fault;
      },
    },
  ]) {
    const place = await placeFor(t);
    await t.rejects(run(place, 'deaf', {...wishes, limits: {graceMs: 60_000}}), fault);
    await nobodyIsLeft(t, place);
    t.ok(timers() <= before, 'and nothing is waited for');
  }
});

t.test('what cannot be started is a loss that says so', async t => {
  const place = await placeFor(t);
  const confined = {...place.confined(nodeProgram('hostile.ts', 'honest')), argv: ['no-such-program']};
  const ending = await runJobProcess({
    previewWanted: nobodyWatches,
    command: {v: 1, do: 'dub', order: orderFor('/film.mp4', join(place.job, 'out'))},
    ...{confined, resources: roomy, started: () => {}, hear: () => {}, limits, now: () => 0},
    signal: new AbortController().signal,
    stderrPath: join(place.job, 'stderr.log'),
  });
  t.match(lost(ending), {reason: 'worker-lost', exit: /^no start: .*no-such-program ENOENT/});
});

t.test('the environment of a job is its own', async t => {
  process.env['DUBSTEAD_TEST_SECRET'] = 'x';
  t.teardown(() => delete process.env['DUBSTEAD_TEST_SECRET']);
  const place = await placeFor(t);
  t.equal((await run(place, 'showing its environment', {isolation: 'rlimits'})).ending.is, 'done');
  const env = JSON.parse(await readFile(join(place.job, 'out/film.es.mkv'), 'utf8'));
  t.match(env, {HOME: '/nonexistent', DUBSTEAD_JOB: place.job, MALLOC_ARENA_MAX: '1'});
  t.notOk('DUBSTEAD_TEST_SECRET' in env);
});

t.test('a link in the place of the log is replaced, and what it led to is untouched', async t => {
  const place = await placeFor(t);
  const secret = join(place.data, 'state/secret');
  await symlink(secret, join(place.job, 'stderr.log'));
  t.equal((await run(place, 'failing')).ending.is, 'lost');
  t.equal(await readFile(secret, 'utf8'), 'of the box');
  t.match(await readFile(join(place.job, 'stderr.log'), 'utf8'), /why it failed/);
});
