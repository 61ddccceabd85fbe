/** A job's change, the push that it is worth and all that is told of it come from one commit, or not at all. */
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import t from 'tap';
import type {Failure} from '../../../appliance/failure.ts';
import {type Job, type JobEvent, type JobState, wishesFor} from '../../../appliance/job.ts';
import {StoreTrouble} from '../../../appliance/store/trouble.ts';
import {errorOf, strikingDisk} from '../../appliance/store/notes.ts';
import {Home, idOf, jobOf, openStore, until} from '../home.ts';
import {isRoot, otherDisk} from '../inbox/disks.ts';

const at = 2_000_000;
const worker = {since: at, pid: 7};
const running: JobState = {is: 'running', ...worker};
const refusal: Failure = {reason: 'no-audio', path: '/film.mp4'};
const loss: Failure = {reason: 'worker-lost', exit: 'signal SIGKILL', stderr: ''};

/** A desk whose disk fails while `isBroken` is true. */
async function fragile(t: Parameters<typeof Home.at>[0]) {
  const disk = {isBroken: false};
  const striking = strikingDisk(call => {
    if (disk.isBroken && call === 'write') throw errorOf('ENOSPC');
  });
  const home = await Home.at(t, {disk: striking, mode: 'paused'});
  return {home, disk};
}

const actions = (home: Home): readonly string[] => home.audited.map(({action}) => action);

t.test('what a job came to is stored with its push, and told when both can be read', async t => {
  const table: readonly {
    readonly was: JobState;
    readonly event: JobEvent;
    readonly is: JobState['is'];
    readonly push: string | null;
    readonly audit: string | null;
  }[] = [
    {
      was: running,
      event: {is: 'finished', at, outputs: [], summary: []},
      is: 'done',
      push: 'done',
      audit: 'job.finished',
    },
    {
      was: running,
      event: {is: 'failed', at, failure: refusal},
      is: 'failed',
      push: 'refused',
      audit: 'job.failed',
    },
    {
      was: running,
      event: {is: 'failed', at, failure: loss},
      is: 'failed',
      push: 'failed',
      audit: 'job.failed',
    },
    {was: running, event: {is: 'lost', at, failure: loss}, is: 'queued', push: null, audit: null},
    {was: running, event: {is: 'stopped', at}, is: 'queued', push: null, audit: null},
    {was: {is: 'pausing', ...worker}, event: {is: 'stopped', at}, is: 'paused', push: null, audit: null},
    {
      was: {is: 'stopping', ...worker, towards: 'cancelled'},
      event: {is: 'stopped', at},
      is: 'cancelled',
      push: null,
      audit: null,
    },
    {was: running, event: {is: 'shutdown', at}, is: 'stopping', push: null, audit: null},
  ];
  const home = await Home.at(t, {mode: 'paused'});
  for (const [n, {was, event, is, push, audit}] of table.entries()) {
    const job = jobOf(n + 1, {state: was});
    await home.desk.add(job);
    const [told, audited, wakes, pushes] = [
      home.told.length,
      home.audited.length,
      home.wakes,
      home.pushes().length,
    ];
    const changed = await home.desk.happened(job.id, event);
    t.equal(changed.state.is, is);
    t.equal(home.store.get('jobs', job.id), changed, 'what is given is what is stored');
    t.equal(
      home.ledger.active.get(job.id)?.state.is,
      ['done', 'failed', 'cancelled'].includes(is) ? undefined : is,
    );
    t.strictSame(home.told.slice(told), [{id: job.id, is}], `${event.is}: told once`);
    t.strictSame(
      home
        .pushes()
        .slice(pushes)
        .map(({about}) => about.kind),
      push === null ? [] : [push],
    );
    t.equal(home.wakes - wakes, push === null ? 0 : 1, 'who sends it is woken');
    t.strictSame(actions(home).slice(audited), audit === null ? [] : [audit]);
  }
  const quiet = await Home.at(t, {pushes: false, mode: 'paused'}, join(t.testdirName, 'quiet'));
  await quiet.desk.add(jobOf(1, {state: running}));
  await quiet.desk.happened(idOf(1), {is: 'finished', at, outputs: [], summary: []});
  t.strictSame(quiet.pushes(), [], 'none where none are wanted');
});

t.test('nothing is told and nothing can be read before the disk has it', async t => {
  let release = (): void => {};
  let isHeld = false;
  const disk = strikingDisk(call => {
    if (!isHeld || call !== 'write') return undefined;
    return new Promise<void>(resolve => {
      release = resolve;
    });
  });
  const home = await Home.at(t, {disk, mode: 'paused'});
  await home.desk.add(jobOf(1, {state: running}));
  const told = home.told.length;
  isHeld = true;
  const storing = home.desk.happened(idOf(1), {is: 'finished', at, outputs: [], summary: []});
  await until('it is being written', () => release.name !== 'release');
  t.equal(home.state(idOf(1)), 'running');
  t.equal(home.ledger.counts.running, 1);
  t.strictSame([home.told.length - told, home.pushes().length, home.wakes], [0, 0, 0]);
  isHeld = false;
  release();
  await storing;
  t.strictSame([home.state(idOf(1)), home.pushes().length, home.wakes], ['done', 1, 1]);
});

t.test(
  'a change that cannot be stored never was: nobody hears of it, and it can be asked for again',
  async t => {
    const {home, disk} = await fragile(t);
    await home.desk.add(jobOf(1, {state: running}));
    await home.desk.add(jobOf(2));
    const before = {told: [...home.told], audited: [...home.audited], counts: home.ledger.counts};
    const done: JobEvent = {is: 'finished', at, outputs: [], summary: []};
    const changes: Readonly<Record<string, () => Promise<unknown>>> = {
      happened: () => home.desk.happened(idOf(1), done),
      add: () => home.desk.add(jobOf(3)),
      wish: () => home.desk.wish(idOf(2), 'cancel'),
      prioritise: () => home.desk.prioritise(idOf(2), 5),
      dispatched: () => home.desk.dispatched(idOf(2), 7, {isolation: 'jail', lacks: []}),
      notStarted: () => home.desk.notStarted(idOf(2), loss),
      forget: () => home.desk.forget(idOf(2)),
    };
    disk.isBroken = true;
    for (const [name, change] of Object.entries(changes)) await t.rejects(change(), StoreTrouble, name);
    t.strictSame({told: home.told, audited: home.audited, counts: home.ledger.counts}, before);
    t.strictSame([home.pushes(), home.wakes], [[], 0]);
    t.strictSame(
      [home.state(idOf(1)), home.state(idOf(2)), home.state(idOf(3))],
      ['running', 'queued', 'gone'],
    );
    t.equal(home.notStored.length, Object.keys(changes).length, 'but whoever watches the disk hears of each');
    disk.isBroken = false;
    await home.desk.happened(idOf(1), done);
    t.strictSame([home.state(idOf(1)), home.pushes().length], ['done', 1]);
    await home.stop();
    const store = await openStore(home.folders.state);
    t.strictSame([...store.all('jobs').keys()].toSorted(), [idOf(1), idOf(2)]);
    t.equal(store.all('pushes').size, 1, 'and so it is after a restart');
    await store.stop();
  },
);

t.test(
  'on a disk that is really full the same holds',
  {skip: isRoot ? false : 'only root can mount one'},
  async t => {
    const home = await Home.at(t, {mode: 'paused'}, await otherDisk(t, 'size=2m'));
    let n = 0;
    const lacks = Array.from({length: 20}, () => 'x'.repeat(4000));
    const trouble = await (async () => {
      for (;;) await home.desk.add(jobOf(++n, {confinement: {isolation: 'jail', lacks}}));
    })().catch((cause: unknown) => cause);
    t.match(trouble, {trouble: {reason: 'disk-full'}});
    t.ok(n > 5, `${n} fitted`);
    t.equal(home.store.all('jobs').size, n - 1);
    t.equal(home.told.length, n - 1);
    t.equal(home.ledger.counts.queued, n - 1);
  },
);

t.test('of two wishes at the same moment the second is asked of what the first has made', async t => {
  const home = await Home.at(t, {mode: 'paused'});
  await home.desk.add(jobOf(1));
  const answers = await Promise.all([
    home.desk.wish(idOf(1), 'cancel'),
    home.desk.wish(idOf(1), 'pause'),
    home.desk.wish(idOf(1), 'retry'),
  ]);
  t.match(answers, [
    {ok: true, value: {state: {is: 'cancelled'}}},
    {ok: false, why: {reason: 'not-now', wish: 'pause', job: {state: {is: 'cancelled'}}}},
    {ok: true, value: {state: {is: 'queued'}}},
  ]);
  t.match(await home.desk.wish(idOf(9), 'pause'), {ok: false, why: {reason: 'no-such-job'}});
  t.match(await home.desk.prioritise(idOf(9), 1), {ok: false, why: {reason: 'no-such-job'}});
  t.match(await home.desk.prioritise(idOf(1), 7), {ok: true, value: {priority: 7, state: {is: 'queued'}}});
  t.strictSame(
    home.told.map(({is}) => is),
    ['queued', 'cancelled', 'queued', 'queued'],
  );
  await t.rejects(home.desk.prioritise(idOf(1), 101), {name: 'ZodError'}, 'what is no job is not stored');
  t.equal(home.desk.get(idOf(1))?.priority, 7);
});

t.test('every wish is granted exactly where a job in that state may have it', async t => {
  const states: readonly JobState[] = [
    {is: 'queued', since: 0, notBefore: null},
    running,
    {is: 'pausing', ...worker},
    {is: 'paused', since: 0},
    {is: 'stopping', ...worker, towards: 'cancelled'},
    {is: 'done', at, seconds: 1, outputs: [], summary: []},
    {is: 'failed', at, failure: loss},
    {is: 'cancelled', at},
    {is: 'set-aside', at, failure: loss},
    {is: 'deleted', at, was: null},
    {is: 'deleted', at, was: {is: 'cancelled', at}},
  ];
  const home = await Home.at(t, {mode: 'paused'});
  for (const [s, state] of states.entries()) {
    const granted = await Promise.all(
      (['pause', 'resume', 'cancel', 'retry', 'delete', 'restore'] as const).map(async (wish, w) => {
        const job = await home.desk.add(jobOf(s * 10 + w + 1, {state}));
        return (await home.desk.wish(job.id, wish)).ok ? [wish] : [];
      }),
    );
    t.strictSame(granted.flat().toSorted(), [...wishesFor(state)].toSorted(), state.is);
  }
});

t.test('a job is dispatched only while it is still queued, with how it is confined', async t => {
  const home = await Home.at(t, {mode: 'paused'});
  const confinement = {isolation: 'jail', lacks: ['No ionice.']};
  await home.desk.add(jobOf(1));
  await home.desk.add(jobOf(2));
  const [, raced] = await Promise.all([
    home.desk.wish(idOf(2), 'pause'),
    home.desk.dispatched(idOf(2), 7, confinement),
  ]);
  t.equal(raced, undefined, 'a wish that came before is not run over');
  t.equal(home.state(idOf(2)), 'paused');
  t.equal(await home.desk.dispatched(idOf(9), 7, confinement), undefined);
  const job = await home.desk.dispatched(idOf(1), 7, confinement);
  t.match(job, {state: {is: 'running', pid: 7}, confinement});
  t.equal(await home.desk.dispatched(idOf(1), 8, confinement), undefined, 'and only once');
});

t.test('a process that cannot be started counts as lost, and three times are enough', async t => {
  const home = await Home.at(t, {mode: 'paused'});
  await home.desk.add(jobOf(1));
  t.match(await home.desk.notStarted(idOf(1), loss), {lost: 1, state: {is: 'queued', notBefore: Number}});
  t.match(await home.desk.notStarted(idOf(1), loss), {lost: 2, state: {is: 'queued'}});
  t.match(await home.desk.notStarted(idOf(1), loss), {lost: 3, state: {is: 'set-aside', failure: loss}});
  t.equal(await home.desk.notStarted(idOf(1), loss), undefined, 'a job that is not queued is left as it is');
  t.strictSame(
    home.told.map(({is}) => is),
    ['queued', 'queued', 'queued', 'set-aside'],
    'that it ran is never told',
  );
  t.strictSame(
    home.pushes().map(({about}) => about.kind),
    ['set-aside'],
  );
  t.strictSame(actions(home), ['job.submitted', 'job.set_aside']);
});

t.test('how a job ended is recorded once, whatever comes after', async t => {
  const home = await Home.at(t, {mode: 'paused'});
  await home.desk.add(jobOf(1, {state: running}));
  await home.desk.happened(idOf(1), {is: 'finished', at, outputs: [], summary: []});
  await home.desk.happened(idOf(1), {is: 'shutdown', at});
  await home.desk.prioritise(idOf(1), 3);
  t.strictSame(actions(home), ['job.submitted', 'job.finished']);
  t.equal(home.pushes().length, 1, 'and pushed once');
  t.match(home.audited[1], {object: `job:${idOf(1)}`, user: 'anna', result: 'ok'});
  await t.rejects(home.desk.happened(idOf(1), {is: 'stopped', at}), /got "stopped" while done/);
  await t.rejects(home.desk.happened(idOf(9), {is: 'stopped', at}), /there is no job/);
});

t.test('no job takes the place of another', async t => {
  const home = await Home.at(t, {mode: 'paused'});
  const first = await home.desk.add(jobOf(1));
  await t.rejects(home.desk.add(jobOf(1, {priority: 9})), /there is a job 0000000001 already/);
  t.equal(home.desk.get(idOf(1)), first);
  t.equal(home.ledger.counts.queued, 1);
  t.strictSame(actions(home), ['job.submitted']);
  const twice = await Promise.allSettled([home.desk.add(jobOf(2)), home.desk.add(jobOf(2))]);
  t.strictSame(
    twice.map(({status}) => status),
    ['fulfilled', 'rejected'],
  );
});

t.test('a job that is forgotten is told to be gone, once', async t => {
  const home = await Home.at(t, {mode: 'paused'});
  await home.desk.add(jobOf(1, {state: {is: 'deleted', at, was: null}}));
  await Promise.all([home.desk.forget(idOf(1)), home.desk.forget(idOf(1)), home.desk.forget(idOf(9))]);
  t.strictSame(home.told, [
    {id: idOf(1), is: 'deleted'},
    {id: idOf(1), is: 'gone'},
  ]);
  t.equal(home.ledger.counts.deleted, 0);
  const journal = await readFile(join(home.folders.state, 'journal.1'), 'utf8');
  t.match(journal, /0000000001/, 'it was on disk');
});

t.test('a film’s words never reach the audit, and a film’s name does not either', async t => {
  const home = await Home.at(t, {mode: 'paused'});
  const secret: Job = jobOf(1, {state: running, source: {...jobOf(1).source, name: 'our wedding.mp4'}});
  await home.desk.add(secret);
  await home.desk.happened(secret.id, {is: 'failed', at, failure: {...loss, stderr: 'we said yes'}});
  t.notMatch(JSON.stringify(home.audited), /wedding|said yes/);
});

t.test('a job is given up only if nothing has happened to it since it was looked at', async t => {
  const home = await Home.at(t);
  await home.desk.add(jobOf(1));
  await home.desk.wish(idOf(1), 'delete');
  const seen = home.desk.get(idOf(1))?.state;
  if (seen?.is !== 'deleted') throw new Error('not deleted');
  home.skip(5);
  await home.desk.wish(idOf(1), 'restore');
  await home.desk.wish(idOf(1), 'delete');
  t.match(await home.desk.giveUp(idOf(1), seen.at), {ok: false, why: {reason: 'not-now', wish: 'purge'}});
  t.match(home.desk.get(idOf(1))?.state, {is: 'deleted', was: {is: 'cancelled'}});
  const now = home.desk.get(idOf(1))?.state;
  if (now?.is !== 'deleted') throw new Error('not deleted');
  t.match(await home.desk.giveUp(idOf(1), now.at), {ok: true, value: {state: {is: 'deleted', was: null}}});
});
