/** A job that is followed to its end: over connections that break, a daemon that is started anew, and Ctrl-C. */
import t from 'tap';
import type {Failure} from '../../appliance/failure.ts';
import type {Job, JobId} from '../../appliance/job.ts';
import {exitCodes} from '../../tui/exit-codes.ts';
import {showLine} from '../../web/show.ts';
import {digest, idOf, jobOf, MemoryBox} from '../web/memory-box.ts';
import {serve, until} from '../web/served.ts';
import {now} from './samples.ts';
import {point, seatAtBox, throughCutter} from './seat.ts';

const id = idOf(1);
const running = {is: 'running', since: now - 60_000, pid: 7} as const;
const film = (state: Job['state']): Job => jobOf(1, {state, source: {name: 'film.mkv', bytes: 1, digest}});

const done: Job['state'] = {
  ...{is: 'done', at: now, seconds: 65.2, summary: ['A good dub.']},
  outputs: [{kind: 'film with every track', path: '/srv/dubs/film.es.mkv', bytes: 5e6, digest}],
};

/** As the appliance does it: stored first, then told. */
function become(box: MemoryBox, state: Job['state']): void {
  box.all.set(id, film(state));
  const now = box.job(id);
  if (now !== undefined) box.events.append({is: 'job', job: showLine(now)});
}

function progress(box: MemoryBox, done: number): void {
  box.events.append({is: 'progress', id, owner: film(running).owner, stage: 'mixing', done, secondsLeft: 9});
}

/** What a terminal of that width would show at last, line by line. */
function shown(text: string): string[] {
  return text.split('\n').map(line => line.split('\r\u001b[2K').at(-1) ?? '');
}

t.test('the way from the queue to the dub, in a pipe', async t => {
  const box = new MemoryBox([film({is: 'queued', since: now, notBefore: null})]);
  const because = {is: 'behind', ahead: 2, running: 0} as const;
  box.waits.set(id, {code: 'behind', what: '2 jobs go before it.', because});
  const seat = await seatAtBox(t, {box});
  const ended = seat.run('submit', 'film.mkv', '--follow');
  await until('it follows', () => box.events.followers === 1 && seat.out().includes('go before it.'));
  become(box, {is: 'queued', since: now, notBefore: null});
  await until('it asked again', () => seat.answered.filter(({route}) => route === 'jobs.get').length === 2);
  become(box, running);
  for (let share = 0; share <= 1; share += 0.05) progress(box, share);
  box.events.append({
    is: 'progress',
    id: idOf(2),
    owner: film(running).owner,
    stage: 'x',
    done: 1,
    secondsLeft: 0,
  });
  become(box, {...running, is: 'pausing'});
  become(box, running);
  await until('it was heard', () => seat.out().includes(' 90 %'));
  become(box, done);
  const {code, out, err} = await ended;
  t.strictSame([code, err], [0, '']);
  const lines = out.trimEnd().split('\n');
  t.strictSame(lines.slice(0, 2), [
    'film.mkv is a job already: 0000000001.',
    'Queued for 0 s. 2 jobs go before it.',
  ]);
  t.equal(lines[2], '[##..................]  10 %  mixing · about 9 s left', 'the same wait is told once');
  t.strictSame(lines.slice(-3), [
    'film.mkv is dubbed (1 min 6 s).',
    '  film with every track  /srv/dubs/film.es.mkv  5.0 MB',
    '  A good dub.',
  ]);
  t.ok(lines.length <= 2 + 10 + 2 + 3, `${lines.length} lines`);
  await until('nobody is left listening', () => box.events.followers === 0);
});

t.test('in a terminal one line lives, the same as that of dubstead dub', async t => {
  const box = new MemoryBox([film(running)]);
  const seat = await seatAtBox(t, {box, terminal: 60});
  const ended = seat.run('submit', 'film.mkv', '--follow');
  await until('it follows', () => box.events.followers === 1);
  progress(box, 0.5);
  const live = '[##########..........]  50 %  mixing · about 9 s left';
  await until('it is drawn', () => shown(seat.out()).at(-1) === live);
  become(box, done);
  t.equal((await ended).code, 0);
  t.strictSame(shown(seat.out()).slice(1, 3), [
    'film.mkv is dubbed (1 min 6 s).',
    '  film with every track  /srv/dubs/film.es.mkv  5.0 MB',
  ]);
});

t.test('as JSON each event is a line, and the last one is the job as it ended', async t => {
  const box = new MemoryBox([film(running)]);
  const seat = await seatAtBox(t, {box});
  const ended = seat.run('submit', 'film.mkv', 'text.txt', '--follow', '--json');
  await until('it follows', () => box.events.followers === 1);
  progress(box, 0.5);
  await until('it is told', () => seat.out().includes('"is":"progress"'));
  become(box, done);
  // The other film is a job of its own, which is followed next.
  await until('it follows the next', () => seat.out().includes(`"job","job":{"id":"${idOf(2)}"`));
  box.all.delete(idOf(2));
  box.events.append({is: 'job-gone', id: idOf(2), owner: film(running).owner});
  const {code, out} = await ended;
  t.equal(code, exitCodes.stopped);
  const events = out
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  t.match(events, [
    {is: 'submitted', made: false, job: {id}},
    {is: 'submitted', made: true, job: {id: idOf(2)}},
    {is: 'job', job: {id, state: {is: 'running'}}},
    {is: 'progress', id, stage: 'mixing', done: 0.5, secondsLeft: 9},
    {is: 'job', job: {id, state: {is: 'done'}}},
    {is: 'ended', job: {id, outputs: [{path: '/srv/dubs/film.es.mkv'}]}},
    {is: 'job', job: {id: idOf(2)}},
    {is: 'gone', id: idOf(2)},
  ]);
  t.equal(events.length, 8);
});

t.test('each end has the exit code that dubstead dub would have', async t => {
  const failed = (failure: Failure): Job['state'] => ({is: 'failed', at: now, failure});
  const table: readonly [state: Job['state'], code: number, err: RegExp][] = [
    [failed({reason: 'no-speech', path: '/x'}), exitCodes.refused, /^film\.mkv: Failed 0 s ago\. No speech/],
    [failed({reason: 'engine-missing', kind: 'voice', engines: []}), exitCodes.engineMissing, /No engine/],
    [failed({reason: 'bug', detail: 'x'}), exitCodes.failed, /A fault in Dubstead/],
    [{is: 'cancelled', at: now}, exitCodes.stopped, /^film\.mkv: Cancelled/],
    [{is: 'deleted', at: now, was: null}, exitCodes.stopped, /Deleted/],
    [
      {is: 'set-aside', at: now, failure: {reason: 'worker-lost', exit: 'signal SIGKILL', stderr: ''}},
      exitCodes.failed,
      /Set aside .*signal SIGKILL/,
    ],
  ];
  for (const [state, code, err] of table) {
    const seat = await seatAtBox(t, {jobs: [film(state)]});
    t.match(await seat.run('submit', 'film.mkv', '--follow'), {code, err}, state.is);
  }
});

t.test('a connection that breaks again and again is taken up, and nothing is missed', async t => {
  const box = new MemoryBox([film(running)]);
  const seat = await seatAtBox(t, {box});
  const {path, cut} = await throughCutter(t, seat.path);
  await point(seat, path);
  const ended = seat.run('submit', 'film.mkv', '--follow', '--json');
  const told = new Set<number>();
  for (let round = 1; round <= 5; round += 1) {
    await until('it follows', () => box.events.followers === 1);
    progress(box, round / 10);
    told.add(round / 10);
    await until('it is told', () => seat.out().includes(`"done":${round / 10}`));
    cut();
    await until('it is noticed', () => seat.out().split('"broken"').length > round);
    // While nobody listens.
    progress(box, round / 10 + 0.05);
    told.add(round / 10 + 0.05);
  }
  await until('it follows', () => box.events.followers === 1);
  become(box, done);
  const {code, out} = await ended;
  t.equal(code, 0);
  const events: {is: string; done: number}[] = out
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  t.strictSame(
    events.filter(({is}) => is === 'progress').map(({done}) => done),
    [...told],
    'each step once, in order',
  );
  t.equal(events.filter(({is}) => is === 'broken').length, 5, 'each break is told, once');
  t.match(events.at(-1), {is: 'ended', job: {state: {is: 'done'}}});
});

t.test('a daemon that is started anew is found again, and what happened meanwhile is asked for', async t => {
  const before = await seatAtBox(t, {jobs: [film(running)]});
  const ended = before.run('submit', 'film.mkv', '--follow');
  await until('it follows', () => before.box.events.followers === 1);
  const after = await serve(t, {jobs: [film(done)]});
  await point(before, after.path);
  await before.listener.stop(AbortSignal.abort());
  const {code, out} = await ended;
  t.equal(code, 0);
  t.match(out, /film\.mkv is dubbed/);
  t.equal(out.match(/It is tried again; jobs go on meanwhile\./g)?.length, 1, 'the break is told once');
});

t.test('a daemon that stays away is not waited for without end', async t => {
  const seat = await seatAtBox(t, {jobs: [film(running)]});
  const ended = seat.run('submit', 'film.mkv', '--follow');
  await until('it follows', () => seat.box.events.followers === 1);
  await seat.listener.stop(AbortSignal.abort());
  const {code, err} = await ended;
  t.equal(code, exitCodes.noDaemon);
  t.match(err, new RegExp(`^No daemon answers on ${seat.socket}\\.\nStart it with dubstead up`));
});

t.test('Ctrl-C ends the following and not the job', async t => {
  const box = new MemoryBox([film(running)]);
  const seat = await seatAtBox(t, {box, terminal: 80});
  const ended = seat.run('submit', 'film.mkv', '--follow');
  await until('it follows', () => box.events.followers === 1);
  progress(box, 0.5);
  await until('it is drawn', () => seat.out().includes('50 %'));
  seat.signal();
  const {code, out, err} = await ended;
  t.equal(code, exitCodes.stopped);
  t.equal(shown(out).at(-1), '', 'the live line is gone');
  t.equal(err, `The job goes on: dubstead job ${id} shows it, dubstead cancel ${id} ends it.\n`);
  t.equal(box.all.get(id)?.state.is, 'running');
  await until('nobody follows', () => box.events.followers === 0);
});

t.test('Ctrl-C while it is asked how the job is', async t => {
  let signal = (): void => {};
  class Interrupting extends MemoryBox {
    override job(id: JobId) {
      signal();
      return super.job(id);
    }
  }
  const seat = await seatAtBox(t, {box: new Interrupting([film(running)])});
  const ended = seat.run('submit', 'film.mkv', '--follow');
  signal = () => seat.signal();
  t.match(await ended, {code: exitCodes.stopped, err: /^The job goes on: /});
});

t.test('Ctrl-C in the middle of a question ends it', async t => {
  const seat = await seatAtBox(t, {jobs: [film(running)]});
  seat.box.hold = new Promise(() => {});
  const ended = seat.run('submit', 'film.mkv');
  await until('it is asked', () => seat.box.asked.length > 0);
  seat.signal();
  t.match(await ended, {code: exitCodes.stopped, out: ''});
});

t.test('logs -f: line after line to the end, over a connection that breaks', async t => {
  for (const json of [false, true]) {
    const box = new MemoryBox([film(running)]);
    box.say('line 1');
    const seat = await seatAtBox(t, {box});
    const {path, cut} = await throughCutter(t, seat.path);
    await point(seat, path);
    const ended = seat.run('logs', id, '-f', ...(json ? ['--json'] : []));
    for (let line = 2; line <= 6; line += 1) {
      await until('it was printed', () => seat.out().includes(`line ${line - 1}`));
      cut();
      box.say(`line ${line}`);
    }
    await until('it was printed', () => seat.out().includes('line 6'));
    box.say('the last', {last: true});
    const {code, out, err} = await ended;
    t.equal(code, 0);
    const texts = ['line 1', 'line 2', 'line 3', 'line 4', 'line 5', 'line 6', 'the last'];
    const lines = out.trimEnd().split('\n');
    if (!json) t.strictSame(lines, texts, 'each once, in order');
    else
      t.strictSame(
        lines.map(line => JSON.parse(line)),
        [...texts.map((text, place) => ({is: 'line', next: place + 1, at: null, text})), {is: 'end'}],
      );
    t.match(err, /It is tried again/);
  }
});

t.test('logs -f: Ctrl-C, and a job that is not there', async t => {
  const box = new MemoryBox([film(running)]);
  box.say('line 1');
  const seat = await seatAtBox(t, {box});
  const ended = seat.run('logs', id, '-f', '-n', '5');
  await until('it was printed', () => seat.out().includes('line 1'));
  seat.signal();
  t.match(await ended, {code: exitCodes.stopped});
  t.match(await seat.run('logs', idOf(9), '-f'), {code: exitCodes.refused, err: /There is no such job/});
});
