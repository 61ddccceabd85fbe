/** Which jobs run, with real processes: every wish at every moment, every way a run can end, and every way it can fail to. */
import {execFile} from 'node:child_process';
import {getEventListeners} from 'node:events';
import {existsSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import t, {type Test} from 'tap';
import {Failed} from '../../../appliance/failure.ts';
import type {Job, JobId, Wish} from '../../../appliance/job.ts';
import type {Confined} from '../../../supervisor/confine/confine.ts';
import {errorOf, strikingDisk} from '../../appliance/store/notes.ts';
import {ben, Home, type HomeWishes, idOf, patient, quick, restful, tiny, until} from '../home.ts';
import {processesOf, workers} from '../place.ts';

const one = idOf(1);
const two = idOf(2);

/** What happens when a job is about to be started: the last moment before there is a process. */
interface Hooks {
  starting: (job: Job) => void;
  argv: ((job: Job) => readonly string[]) | undefined;
  readonly starts: JobId[];
  readonly startedAt: number[];
}

async function hooked(
  t: Test,
  wishes: HomeWishes = {},
): Promise<{readonly home: Home; readonly hooks: Hooks}> {
  const hooks: Hooks = {starting: () => {}, argv: undefined, starts: [], startedAt: []};
  const confine = (job: Job): Confined => {
    hooks.starts.push(job.id);
    hooks.startedAt.push(performance.now());
    hooks.starting(job);
    return tiny(home.path(job.id), ...(hooks.argv?.(job) ?? []));
  };
  const home = await Home.at(t, {...wishes, setting: {confine, ...wishes.setting}});
  return {home, hooks};
}

/** A disk that fails, or keeps who writes waiting. */
function brittle() {
  const state = {isFull: false, gate: Promise.resolve()};
  const disk = strikingDisk(async call => {
    if (call !== 'write') return;
    await state.gate;
    if (state.isFull) throw errorOf('ENOSPC');
  });
  return {disk, state};
}

const tellings = (home: Home, id: JobId): readonly string[] =>
  home.told.filter(told => told.id === id).map(({is}) => is);

async function nobodyIsLeft(t: Test, home: Home): Promise<void> {
  t.strictSame(await processesOf(home.folders.jobs), [], 'no process is left');
}

t.test(
  'a job runs from its turn to its dub on the shelf, and every state is stored before it is told',
  async t => {
    const home = await Home.at(t);
    await home.add(1, 'hear; note ready; await go; dub words film.es.mkv film.es.srt');
    t.equal(home.dispatcher.progressOf(one), null);
    await home.hears(one, 'ready');
    t.match(home.store.get('jobs', one), {
      state: {is: 'running', pid: home.pids[0]},
      confinement: {isolation: 'none', lacks: ['No confinement.']},
    });
    t.equal(home.dispatcher.size, 1);
    await home.go(one);
    const {state} = await home.until(one, 'done');
    await until('it has left', () => home.dispatcher.size === 0);
    t.strictSame(tellings(home, one), ['queued', 'running', 'done']);
    t.strictSame(await home.lines(one), ['running', 'ready', 'done']);
    t.strictSame(await home.commands(one), ['dub']);
    const shelved = ['film.es.mkv', 'film.es.srt'].map(name => join(home.shelf.folder, 'anna', name));
    t.match(state, {
      is: 'done',
      summary: ['Good. It is long.'],
      outputs: shelved.map(path => ({path, bytes: 5})),
    });
    for (const path of shelved) t.equal(await readFile(path, 'utf8'), 'words');
    t.match(home.ended, [{job: {id: one}, end: {is: 'finished'}}]);
    t.strictSame(home.faults, []);
    await nobodyIsLeft(t, home);
  },
);

t.test('a wish that comes before the process was told anything keeps it from being told', async t => {
  const table: readonly [Wish, string][] = [
    ['pause', 'paused'],
    ['cancel', 'cancelled'],
    ['delete', 'deleted'],
  ];
  const {home, hooks} = await hooked(t);
  await Promise.all(
    table.map(async ([wish, is], n) => {
      const id = idOf(n + 1);
      const asked = Promise.withResolvers<unknown>();
      const next = hooks.starting;
      hooks.starting = job => (job.id === id ? asked.resolve(home.desk.wish(id, wish)) : next(job));
      await home.add(n + 1, restful);
      t.match(await asked.promise, {ok: true, value: {state: {is}}}, `${wish} is granted at once`);
      await until('its process is gone', () => home.dispatcher.size === 0);
      t.equal(home.state(id), is);
      t.strictSame(await home.commands(id), [], 'it was never told what to do');
      t.strictSame(tellings(home, id), ['queued', is]);
    }),
  );
  t.strictSame(home.pids, []);
  t.strictSame(home.faults, []);
  hooks.starting = () => {};
  await home.desk.wish(one, 'resume');
  await home.hears(one, 'ready');
  t.match(home.store.get('jobs', one), {lost: 0, state: {is: 'running'}}, 'and resumed it runs');
  await nobodyIsLeft(t, await home.stop().then(() => home));
});

t.test('a wish that comes while it works brings it to rest', async t => {
  const table: readonly [Wish, string, readonly string[], string][] = [
    ['pause', restful, ['pausing', 'paused'], 'paused'],
    ['cancel', restful, ['stopping', 'cancelled'], 'cancelled'],
    ['delete', restful, ['stopping', 'deleted'], 'deleted'],
    ['pause', 'hear; note ready; hear; dub words film.es.mkv', ['pausing', 'done'], 'done'],
    ['cancel', 'hear; note ready; hear; dub words film.es.mkv', ['stopping', 'cancelled'], 'cancelled'],
    ['cancel', 'hear; note ready; hear; exit 9', ['stopping', 'cancelled'], 'cancelled'],
    ['pause', 'hear; note ready; hear; exit 9', ['pausing', 'paused'], 'paused'],
  ];
  const home = await Home.at(t);
  await Promise.all(
    table.map(async ([wish, script, states, log], n) => {
      const {id} = await home.add(n + 1, script);
      await home.hears(id, 'ready');
      t.ok((await home.desk.wish(id, wish)).ok);
      await home.until(id, ...(states.slice(1) as 'paused'[]));
      t.strictSame(tellings(home, id), ['queued', 'running', ...states], `${wish}: ${script}`);
      t.equal(home.store.get('jobs', id)?.lost, 0, 'an end that was asked for is no loss');
      await until('it is written down', async () => (await home.lines(id)).at(-1) === log);
      t.strictSame(await home.commands(id), ['dub', 'stop']);
    }),
  );
  await nobodyIsLeft(t, home);
});

t.test('paused and resumed, it goes on in the same log', async t => {
  const home = await Home.at(t);
  await home.add(
    1,
    'hear; note "run $(wc -l <$job/told)"; if [ -e $job/go ]; then dub words film.es.mkv; else hear; stopped; fi',
  );
  await home.hears(one, 'run 1');
  await home.desk.wish(one, 'pause');
  await home.until(one, 'paused');
  await home.go(one);
  await home.desk.wish(one, 'resume');
  await home.until(one, 'done');
  await until('it has left', () => home.dispatcher.size === 0);
  t.strictSame(await home.lines(one), ['running', 'run 1', 'pausing', 'paused', 'running', 'run 3', 'done']);
  await home.desk.wish(one, 'retry');
  await until('it is done again', () => tellings(home, one).filter(is => is === 'done').length === 2);
  await until('it has left', () => home.dispatcher.size === 0);
  t.strictSame((await home.lines(one)).slice(6), ['done', 'running', 'run 4', 'done'], 'and so does a retry');
});

t.test('a job that loses its process three times is set aside, with all that was said', async t => {
  const home = await Home.at(t);
  await home.add(1, 'hear; echo "crash $(wc -l <$job/told)" >&2; exit 7');
  await until('it is lost once', () => home.store.get('jobs', one)?.lost === 1);
  await until('it says why it waits', () => home.dispatcher.waits.get(one)?.is === 'resting');
  t.equal(home.dispatcher.size, 0);
  for (const lost of [2, 3]) {
    home.skip(61_000);
    await until(`it is lost ${lost} times`, () => home.store.get('jobs', one)?.lost === lost);
  }
  t.match(home.store.get('jobs', one)?.state, {
    is: 'set-aside',
    failure: {reason: 'worker-lost', exit: 'exit 7'},
  });
  await until('it has left', () => home.dispatcher.size === 0);
  const said = (await home.lines(one)).filter(line => line.startsWith('crash'));
  t.match(said, [/^crash 1\n.*exit 7/, /^crash 2\n.*exit 7/, /^crash 3\n.*exit 7/], 'each with how it ended');
  t.match(await readFile(home.path(one, 'stderr.log'), 'utf8'), /crash 1\ncrash 2\ncrash 3/);
  t.strictSame(
    home.pushes().map(({about}) => about.kind),
    ['set-aside'],
  );
  t.strictSame(
    home.ended.map(({end}) => end.is),
    ['lost', 'lost', 'lost'],
  );
  await home.desk.wish(one, 'retry');
  await until('it is lost anew', () => home.store.get('jobs', one)?.state.is === 'queued');
  await until('and counted anew', () => home.store.get('jobs', one)?.lost === 1);
});

t.test('what a run said of its film ends the job, and is in its log', async t => {
  const home = await Home.at(t);
  await home.add(1, `hear; say '{"is":"failed","failure":{"reason":"no-audio","path":"/film.mp4"}}'`);
  const job = await home.until(one, 'failed');
  t.match(job, {lost: 0, state: {failure: {reason: 'no-audio'}}});
  await until('it has left', () => home.dispatcher.size === 0);
  t.strictSame(await home.lines(one), ['running', '/film.mp4 has no sound.', 'failed']);
  t.strictSame(
    home.pushes().map(({about}) => about.kind),
    ['refused'],
  );
});

t.test(
  'a process that cannot be started is tried thrice, with rests, and holds up nobody for good',
  async t => {
    const {home, hooks} = await hooked(t);
    hooks.argv = job => (job.id === one ? [join(workers, 'there-is-none')] : []);
    await home.add(1, quick);
    await until('it is counted', () => home.store.get('jobs', one)?.lost === 1);
    await home.add(2, quick);
    await home.until(two, 'done');
    t.equal(hooks.starts.filter(id => id === one).length, 1, 'it rests meanwhile');
    for (const lost of [2, 3]) {
      home.skip(61_000);
      await until(`it is counted ${lost} times`, () => home.store.get('jobs', one)?.lost === lost);
    }
    t.match(home.store.get('jobs', one)?.state, {
      is: 'set-aside',
      failure: {reason: 'worker-lost', exit: /ENOENT/},
    });
    t.equal(hooks.starts.filter(id => id === one).length, 3);
    t.strictSame(tellings(home, one), ['queued', 'queued', 'queued', 'set-aside']);
    await until('its end is written down', async () => (await home.lines(one)).at(-1) === 'set-aside');
    t.match((await home.lines(one))[0], /ENOENT/);

    hooks.starting = () => {
      throw new Failed({reason: 'worker-lost', exit: 'there is no image of that name', stderr: ''});
    };
    await home.add(3, quick);
    await until(
      'one that cannot be confined is counted as well',
      () => home.store.get('jobs', idOf(3))?.lost === 1,
    );
    t.match(home.ended.at(-1), {
      job: {id: idOf(3)},
      end: {failure: {exit: 'there is no image of that name'}},
    });
    t.strictSame(home.faults, []);
  },
);

t.test('on a full disk nothing is started over and over, and no start is held against the job', async t => {
  const {disk, state} = brittle();
  const {home, hooks} = await hooked(t, {disk});
  await home.add(1, quick);
  state.isFull = true;
  await until('it was tried twice', () => hooks.starts.length === 2);
  t.ok(home.faults.length >= 1 && home.faults.length <= 2, `${home.faults.length} faults are told`);
  await until('a third time', () => hooks.starts.length === 3);
  const [first = 0, second = 0, third = 0] = hooks.startedAt;
  t.ok(second - first >= 500 && third - second >= 1000, 'with longer and longer rests');
  t.strictSame(await home.commands(one), [], 'nobody was told anything');
  t.strictSame([home.state(one), home.store.get('jobs', one)?.lost], ['queued', 0]);
  t.strictSame(tellings(home, one), ['queued']);
  state.isFull = false;
  await home.until(one, 'done');
});

t.test('what hours of work came to waits for a disk that is full', async t => {
  const {disk, state} = brittle();
  const {home} = await hooked(t, {disk});
  await home.add(1, patient);
  await home.hears(one, 'ready');
  state.isFull = true;
  await home.go(one);
  await until('it could not be stored', () => home.faults.length > 0);
  t.strictSame([home.state(one), home.dispatcher.size, home.pushes().length], ['running', 1, 0]);
  state.isFull = false;
  await home.until(one, 'done');
  t.strictSame(await home.commands(one), ['dub'], 'by the same run');
  t.equal(home.pushes().length, 1);
  t.strictSame(
    home.ended.map(({end}) => end.is),
    ['finished'],
  );
});

t.test('when the daemon ends first, the next one finds out', async t => {
  const {disk, state} = brittle();
  const dir = t.testdir();
  const home = await Home.at(t, {disk}, dir);
  await home.add(1, patient);
  await home.hears(one, 'ready');
  state.isFull = true;
  await home.go(one);
  await until('it could not be stored', () => home.faults.length > 0);
  await home.stop();
  const next = await Home.at(t, {}, dir);
  t.equal(next.state(one), 'running');
  await next.desk.happened(one, {is: 'interrupted', at: 1});
  t.match(await next.until(one, 'done'), {lost: 0});
});

t.test('no more run than may, also while one is only just starting', async t => {
  const {disk, state} = brittle();
  const {home, hooks} = await hooked(t, {disk, caps: {running: 1}});
  const running: number[] = [];
  let release = (): void => {};
  hooks.starting = () => running.push(home.dispatcher.size);
  const dueAt = home.now() + 3_600_000;
  await home.add(2, quick, {priority: 9, state: {is: 'queued', since: 0, notBefore: dueAt}});
  await home.add(1, quick);
  const held = Promise.withResolvers<void>();
  hooks.starting = job => {
    running.push(home.dispatcher.size);
    if (job.id === one) state.gate = held.promise;
  };
  release = held.resolve;
  await until('the first is starting', () => hooks.starts.length === 1);
  home.skip(3_600_000);
  await until('the other is due, and waits', () => home.dispatcher.waits.get(two)?.is === 'behind');
  t.strictSame([...hooks.starts], [one]);
  t.equal(home.state(one), 'queued', 'that the first runs is not stored yet');
  release();
  await home.until(two, 'done');
  t.strictSame(running, [0, 0], 'each was alone');
  t.equal(home.state(one), 'done');
});

t.test('a crowd is worked off within every cap', async t => {
  const {home, hooks} = await hooked(t, {caps: {running: 4, runningPerUser: 3}});
  let most = 0;
  const perUser = new Map<string, number>();
  const begun = new Set<JobId>();
  hooks.starting = ({id, owner}) => {
    begun.add(id);
    // A run whose end is stored still closes its log: its process is gone, and its place is free.
    most = Math.max(most, [...begun].filter(one => home.ledger.active.has(one)).length);
    const active = [...home.ledger.active.values()].filter(
      job => job.owner === owner && job.state.is === 'running',
    );
    perUser.set(owner, Math.max(perUser.get(owner) ?? 0, active.length + 1));
  };
  const ids = Array.from({length: 24}, (_, n) => idOf(n + 1));
  await Promise.all(ids.map((_, n) => home.add(n + 1, quick, n % 4 === 0 ? {owner: ben} : {})));
  await until('all are done', () => home.ledger.counts.done === 24);
  t.ok(most > 1 && most <= 4, `${most} at once`);
  t.ok([...perUser.values()].every(count => count <= 3));
  t.strictSame(hooks.starts.toSorted(), ids, 'each was started once');
});

t.test('a job whose files are going never starts, and is in nobody’s way', async t => {
  const {home, hooks} = await hooked(t, {caps: {running: 1}});
  home.held.add(one);
  await home.add(1, quick, {priority: 9});
  await home.add(2, quick);
  await home.until(two, 'done');
  t.strictSame(hooks.starts, [two]);
  home.held.delete(one);
  home.dispatcher.wake();
  await home.until(one, 'done');
});

t.test('whoever wakes it all the time does not put it off', async t => {
  const home = await Home.at(t);
  const waking = setInterval(() => home.dispatcher.wake(), 5);
  t.teardown(() => clearInterval(waking));
  await home.add(1, quick);
  await home.until(one, 'done');
});

t.test('a queue that is paused or draining starts nothing, and what runs goes on', async t => {
  const home = await Home.at(t, {mode: 'paused'});
  await home.add(1, patient);
  await until('it waits', () => home.dispatcher.waits.get(one)?.is === 'queue-paused');
  home.dispatcher.setMode('running');
  await home.hears(one, 'ready');
  home.dispatcher.setMode('draining');
  await home.add(2, quick);
  await until('the second waits', () => home.dispatcher.waits.get(two)?.is === 'draining');
  await home.go(one);
  await home.until(one, 'done');
  t.equal(home.state(two), 'queued');
});

t.test('a shutdown queues again what runs, uncounted, and the next daemon goes on with it', async t => {
  const dir = t.testdir();
  const home = await Home.at(t, {}, dir);
  const scripts = [
    restful,
    restful,
    'hear; note ready; hear; dub words film.es.mkv',
    'hear; note ready; hear; exit 9',
  ];
  for (const [n, script] of scripts.entries()) await home.add(n + 1, script);
  for (const n of scripts.keys()) await home.hears(idOf(n + 1), 'ready');
  const ended = home.dispatcher.stop();
  t.equal(home.dispatcher.stop(), ended, 'asked twice it ends once');
  await ended;
  t.strictSame(
    scripts.map((_, n) => home.state(idOf(n + 1))),
    ['queued', 'queued', 'done', 'queued'],
  );
  t.ok(scripts.every((_, n) => home.store.get('jobs', idOf(n + 1))?.lost === 0));
  t.strictSame((await home.lines(one)).slice(-2), ['stopping', 'queued']);
  t.equal(home.dispatcher.size, 0);
  await nobodyIsLeft(t, home);
  await home.add(9, quick);
  home.dispatcher.setMode('running');
  t.notOk(process.getActiveResourcesInfo().includes('Timeout'), 'no timer runs that could start something');
  t.equal(home.state(idOf(9)), 'queued');
  await home.stop();
  const next = await Home.at(t, {}, dir);
  next.dispatcher.wake();
  await next.until(idOf(9), 'done');
  await next.hears(two, 'ready');
});

t.test('a shutdown while one is only just starting leaves it queued', async t => {
  const {home, hooks} = await hooked(t);
  const ended = Promise.withResolvers<void>();
  hooks.starting = () => ended.resolve(home.dispatcher.stop());
  await home.add(1, restful);
  await ended.promise;
  t.match(home.store.get('jobs', one), {lost: 0, state: {is: 'queued'}});
  t.equal(home.dispatcher.size, 0);
  t.strictSame(home.faults, []);
  await nobodyIsLeft(t, home);
});

t.test('whoever waits for news of a job gets them, or is let go, and leaves nothing behind', async t => {
  const home = await Home.at(t, {mode: 'paused'});
  await home.add(1, quick);
  const leaving = new AbortController();
  const waits = Array.from({length: 20}, () => home.dispatcher.next(one, leaving.signal));
  t.equal(getEventListeners(leaving.signal, 'abort').length, 20);
  leaving.abort();
  await Promise.all(waits);
  t.strictSame(getEventListeners(leaving.signal, 'abort'), []);
  await home.dispatcher.next(one, AbortSignal.abort());
  const {signal} = new AbortController();
  const news = home.dispatcher.next(one, signal);
  await home.desk.prioritise(one, 3);
  await news;
  t.strictSame(getEventListeners(signal, 'abort'), []);
});

t.test('a dub that cannot be put on the shelf is kept, says why, and a retry puts it there', async t => {
  const dir = t.testdir();
  const home = await Home.at(t, {shelf: join(dir, 'mount/dubs')}, dir);
  await home.add(1, 'hear; note ready; dub words film.es.mkv');
  const job = await home.until(one, 'failed');
  t.match(job.state, {
    failure: {reason: 'not-writable', path: join(dir, 'mount/dubs'), detail: /^it is not there/},
  });
  t.notOk(existsSync(join(dir, 'mount')), 'no shelf is made where a mount is away');
  const {mkdir} = await import('node:fs/promises');
  await mkdir(join(dir, 'mount/dubs'), {recursive: true});
  await home.desk.wish(one, 'retry');
  t.match((await home.until(one, 'done')).state, {
    outputs: [{path: join(dir, 'mount/dubs/anna/film.es.mkv')}],
  });
});

t.test('when all is stopped the process ends by itself', async t => {
  const table = {
    'in peace': 'done',
    'at work': 'queued',
    'while one rests': 'queued',
    'on a full disk': 'running',
    'while one follows': 'queued',
  };
  const run = promisify(execFile);
  const dir = t.testdir();
  for (const [how, state] of Object.entries(table)) {
    const program = [join(workers, 'life.ts'), join(dir, how), how];
    const options = {timeout: 60_000, env: {PATH: process.env['PATH']}};
    const {stdout, stderr} = await run(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', ...program],
      options,
    );
    t.strictSame([stdout, stderr], [`stopped, ${state}\n`, ''], how);
  }
});
