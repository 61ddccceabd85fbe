/** One film of one owner in one way is one job, however often, however fast and by whichever door it comes. */
import {mkdir, readdir, truncate, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {digestOf} from '../../appliance/digest.ts';
import type {Job, JobState} from '../../appliance/job.ts';
import {StoreTrouble} from '../../appliance/store/trouble.ts';
import {Admissions} from '../../supervisor/admissions.ts';
import type {Claimed} from '../../supervisor/inbox/settle.ts';
import {HomePresets} from '../../supervisor/library/presets.ts';
import type {OwnCaps} from '../../supervisor/queue/schedule.ts';
import type {SubmitAsk} from '../../web/box.ts';
import {errorOf, strikingDisk} from '../appliance/store/notes.ts';
import {anna, ben, Home, type HomeWishes, idOf, jobOf, openCaps, usual} from './home.ts';

const never = new AbortController().signal;
const dayMs = 86_400_000;

interface Door {
  readonly home: Home;
  readonly admissions: Admissions;
  readonly films: string;
  isDraining: boolean;
}

async function doorFor(t: Test, caps: Partial<OwnCaps> = {}, wishes: HomeWishes = {}): Promise<Door> {
  const home = await Home.at(t, {mode: 'paused', ...wishes});
  const films = join(home.folders.root, 'films');
  await mkdir(films);
  const admissions: Admissions = new Admissions({
    ...{folders: home.folders, desk: home.desk, ledger: home.ledger},
    capsOf: () => ({...openCaps, keptPerUser: null, ...caps}),
    ...{
      presets: new HomePresets(home.store, usual, home.now),
      isShared: () => false,
      isDraining: () => door.isDraining,
      now: home.now,
    },
  });
  const door: Door = {home, admissions, films, isDraining: false};
  return door;
}

function claim(n: number, changes: Partial<Claimed> & {readonly words?: string} = {}): Claimed {
  const {words = 'a film', ...rest} = changes;
  return {
    ...{id: idOf(n), owner: anna, options: usual, sidecars: []},
    source: {name: `film ${n}.mp4`, bytes: words.length, digest: digestOf(words)},
    from: `film ${n}.mp4`,
    ...rest,
  };
}

async function film({films}: Door, name: string, words = 'a film'): Promise<string> {
  await writeFile(join(films, name), words);
  return join(films, name);
}

const ask = (path: string, changes: Partial<SubmitAsk> = {}): SubmitAsk => ({
  ...{path, sidecars: [], owner: anna, options: {}, like: null, priority: 0},
  ...changes,
});

const jobsIn = ({home}: Door): readonly Job[] => [...home.store.all('jobs').values()];

/** Folders of jobs that there are. */
const foldersIn = ({home}: Door): Promise<string[]> =>
  readdir(home.folders.jobs).then(names => names.toSorted());

t.test('a claimed film becomes a job, and asked again about it the answer is the same', async t => {
  const door = await doorFor(t);
  const claimed = claim(1, {
    sidecars: ['film 1.srt', 'film 1.dub.json'],
    options: {...usual, to: 'fr'},
    owner: ben,
  });
  t.strictSame(await door.admissions.claimed(claimed), {is: 'queued', job: idOf(1)});
  t.match(door.home.desk.get(idOf(1)), {
    ...{via: 'inbox', owner: ben, options: {to: 'fr'}, sidecars: ['film 1.srt', 'film 1.dub.json'], lost: 0},
    state: {is: 'queued', notBefore: null},
  });
  t.strictSame(await door.admissions.claimed(claimed), {is: 'queued', job: idOf(1)});
  t.strictSame(await door.admissions.claimed(claim(2, {owner: ben, options: {...usual, to: 'fr'}})), {
    is: 'duplicate',
    of: idOf(1),
    title: 'film 1.mp4',
    state: 'queued',
  });
  t.equal(jobsIn(door).length, 1);
});

t.test('the same film at the same moment is one job, by whichever door', async t => {
  const door = await doorFor(t);
  const path = await film(door, 'film.mp4');
  const [claims, asks] = await Promise.all([
    Promise.all(Array.from({length: 8}, (_, n) => door.admissions.claimed(claim(n + 1)))),
    Promise.all(Array.from({length: 8}, () => door.admissions.byPath(ask(path), never))),
  ]);
  const jobs = jobsIn(door);
  t.equal(jobs.length, 1, 'one job');
  t.equal(claims.filter(({is}) => is === 'queued').length, 1);
  t.equal(claims.filter(answer => answer.is === 'duplicate' && answer.of === jobs[0]?.id).length, 7);
  t.ok(asks.every(answer => answer.ok && !answer.value.made && answer.value.job.id === jobs[0]?.id));
  t.strictSame(await foldersIn(door), [], 'and nothing is left of those that were none');
  t.equal(door.home.audited.length, 1);

  const others = await Promise.all([
    door.admissions.claimed(claim(21, {owner: ben})),
    door.admissions.claimed(claim(22, {options: {...usual, hls: true}})),
    door.admissions.claimed(claim(23, {words: 'another film'})),
  ]);
  t.strictSame(
    others.map(({is}) => is),
    ['queued', 'queued', 'queued'],
    'another owner, way or film is another job',
  );
});

t.test('by its path a film is copied into its job, with what was asked for', async t => {
  const door = await doorFor(t);
  const path = await film(door, 'film.mp4');
  await writeFile(join(door.films, 'film.en.srt'), 'words');
  const options = {to: 'de', preset: undefined, keep: 'work'} as const;
  const answer = await door.admissions.byPath(ask(path, {options, priority: 7, owner: ben}), never);
  if (!answer.ok) throw new Error(answer.why.reason);
  const {made, job} = answer.value;
  t.ok(made);
  t.match(job, {
    ...{
      via: 'command',
      owner: ben,
      priority: 7,
      sidecars: ['film.en.srt'],
      source: {name: 'film.mp4', bytes: 6},
    },
    options: {...usual, to: 'de', keep: 'work'},
  });
  t.equal(door.home.desk.get(job.id), job);
  t.strictSame((await readdir(door.home.path(job.id, 'source'))).toSorted(), ['film.en.srt', 'film.mp4']);
  const again = await door.admissions.byPath(
    ask(path, {options: {keep: 'work', to: 'de'}, owner: ben}),
    never,
  );
  t.match(
    again,
    {ok: true, value: {made: false, job: {id: job.id}}},
    'in whatever order the options were named',
  );
  t.strictSame(await foldersIn(door), [job.id]);
});

t.test('a film whose job failed or was cancelled may come again; one whose job stands may not', async t => {
  const at = 5;
  const failure = {reason: 'stopped'} as const;
  const states: readonly [JobState, string][] = [
    [{is: 'failed', at, failure}, 'queued'],
    [{is: 'cancelled', at}, 'queued'],
    [{is: 'deleted', at, was: null}, 'queued'],
    [{is: 'done', at, seconds: 1, outputs: [], summary: []}, 'duplicate'],
    [{is: 'set-aside', at, failure}, 'duplicate'],
    [{is: 'paused', since: at}, 'duplicate'],
    [{is: 'stopping', since: at, pid: 7, towards: 'cancelled'}, 'duplicate'],
  ];
  const door = await doorFor(t);
  for (const [n, [state, is]] of states.entries()) {
    const source = {name: 'film.mp4', bytes: 6, digest: digestOf(`film ${n}`)};
    await door.home.desk.add(jobOf(n + 1, {state, source}));
    const answer = await door.admissions.claimed(claim(n + 100, {words: `film ${n}`}));
    t.equal(answer.is, is, state.is);
    if (answer.is === 'duplicate') t.equal(answer.state, state.is);
  }
});

t.test('when the first cannot be stored, one of those who waited for it is taken in its place', async t => {
  let failures = 0;
  const disk = strikingDisk(call => {
    if (call === 'write' && failures-- > 0) throw errorOf('ENOSPC');
  });
  const door = await doorFor(t, {}, {disk});
  failures = 1;
  const answers = await Promise.allSettled(
    Array.from({length: 5}, (_, n) => door.admissions.claimed(claim(n + 1))),
  );
  const [first, ...others] = answers;
  t.match(first, {status: 'rejected', reason: StoreTrouble});
  t.equal(others.filter(answer => answer.status === 'fulfilled' && answer.value.is === 'queued').length, 1);
  t.equal(
    others.filter(answer => answer.status === 'fulfilled' && answer.value.is === 'duplicate').length,
    3,
  );
  t.equal(jobsIn(door).length, 1);
});

t.test(
  'a cap holds however many come at once, by whichever door, and says what is used and allowed',
  async t => {
    const door = await doorFor(t, {queuedPerUser: 3});
    const paths = await Promise.all(
      Array.from({length: 6}, (_, n) => film(door, `film ${n}.mp4`, `film ${n}`)),
    );
    const [asks, claims] = await Promise.all([
      Promise.all(paths.map(path => door.admissions.byPath(ask(path), never))),
      Promise.all(paths.map((_, n) => door.admissions.claimed(claim(n + 1, {words: `other film ${n}`})))),
    ]);
    t.equal(jobsIn(door).length, 3);
    t.equal(asks.filter(({ok}) => ok).length + claims.filter(({is}) => is === 'queued').length, 3);
    for (const answer of asks) {
      if (!answer.ok)
        t.match(answer.why, {reason: 'over-cap', used: 3, allowed: 3, what: /anna has 3 waiting jobs/});
    }
    for (const answer of claims)
      if (answer.is === 'wait') t.match(answer.why, /anna has 3 waiting jobs and may have 3/);
    t.match(door.admissions.room(anna), /JOBS_QUEUED_PER_USER/);
    t.equal(door.admissions.room(ben), null, 'a cap is each owner’s own');
    const kept = jobsIn(door).flatMap(({id, via}) => (via === 'command' ? [id] : []));
    t.strictSame(await foldersIn(door), kept.toSorted(), 'nothing of what was refused is left');
    const known = jobsIn(door)[0];
    if (known === undefined) throw new Error('there is none');
    const same = claim(50, {source: known.source});
    t.equal(
      (await door.admissions.claimed(same)).is,
      'duplicate',
      'a duplicate is told as one, also where no more may come',
    );
    await door.home.desk.wish(known.id, 'cancel');
    t.equal(door.admissions.room(anna), null);
  },
);

t.test('what came in within a day counts, whatever became of it, and then no more', async t => {
  const door = await doorFor(t, {dailyPerUser: 2});
  for (const n of [1, 2]) await door.admissions.claimed(claim(n, {words: `film ${n}`}));
  await door.home.desk.wish(idOf(1), 'cancel');
  t.match(await door.admissions.claimed(claim(3, {words: 'film 3'})), {
    is: 'wait',
    why: /in 24 h.*JOBS_PER_DAY/s,
  });
  const path = await film(door, 'film.mp4');
  t.match(await door.admissions.byPath(ask(path), never), {
    ok: false,
    why: {reason: 'over-cap', used: 2, allowed: 2},
  });
  door.home.laterMs = dayMs + 1000;
  const answers = await Promise.all(
    [4, 5, 6].map(n => door.admissions.claimed(claim(n, {words: `film ${n}`}))),
  );
  t.strictSame(
    answers.map(({is}) => is),
    ['queued', 'queued', 'wait'],
    'also of those that come at once',
  );
});

t.test('a box that comes to rest takes nothing more in, also what is on its way', async t => {
  const door = await doorFor(t);
  const path = await film(door, 'film.mp4', '');
  await truncate(path, 64 << 20);
  const coming = door.admissions.byPath(ask(path), never);
  while ((await foldersIn(door)).length === 0) await new Promise(setImmediate);
  door.isDraining = true;
  t.match(await coming, {ok: false, why: {reason: 'draining'}});
  t.match(await door.admissions.byPath(ask(path), never), {ok: false, why: {reason: 'draining'}});
  t.match(await door.admissions.claimed(claim(1)), {is: 'wait', why: /coming to rest/});
  t.match(door.admissions.room(anna), /coming to rest/);
  t.strictSame([jobsIn(door), await foldersIn(door)], [[], []]);
});

t.test('what fails on the way leaves no job and no folder', async t => {
  let isBroken = false;
  const disk = strikingDisk(call => {
    if (isBroken && call === 'write') throw errorOf('ENOSPC');
  });
  const door = await doorFor(t, {}, {disk});
  t.match(await door.admissions.byPath(ask(join(door.films, 'gone.mp4')), never), {
    ok: false,
    why: {reason: 'failed', failure: {reason: 'no-such-file'}},
  });
  const path = await film(door, 'film.mp4');
  await t.rejects(door.admissions.byPath(ask(path), AbortSignal.abort()), {name: 'AbortError'});
  isBroken = true;
  await t.rejects(door.admissions.byPath(ask(path), never), StoreTrouble);
  await t.rejects(door.admissions.claimed(claim(1)), StoreTrouble);
  t.strictSame([jobsIn(door), await foldersIn(door)], [[], []]);
  isBroken = false;
  t.match(
    await door.admissions.byPath(ask(path), never),
    {ok: true, value: {made: true}},
    'and can be asked for again',
  );
});

t.test('a new id is nobody’s', async t => {
  const {home, admissions} = await doorFor(t);
  const ids = new Set(Array.from({length: 2000}, () => admissions.newId()));
  t.equal(ids.size, 2000);
  t.ok([...ids].every(id => home.desk.get(id) === undefined));
});

t.test(
  'ten thousand films come in within every bound, and asking for room costs next to nothing',
  async t => {
    const door = await doorFor(t, {queuedPerUser: 9_990, dailyPerUser: 100_000});
    const count = 10_000;
    const beganAt = performance.now();
    const answers: string[] = [];
    for (let n = 0; n < count; n += 50) {
      const some = Array.from({length: 50}, (_, i) => claim(n + i + 1, {words: `film ${n + i}`}));
      answers.push(
        ...(await Promise.all(some.map(claimed => door.admissions.claimed(claimed)))).map(({is}) => is),
      );
    }
    t.comment(`${count} jobs in ${Math.round(performance.now() - beganAt)} ms`);
    t.strictSame(
      [answers.filter(is => is === 'queued').length, answers.filter(is => is === 'wait').length],
      [9_990, 10],
    );
    t.equal(door.home.ledger.waitingOf(anna), 9_990);
    const askedAt = performance.now();
    for (let n = 0; n < 1000; n++) door.admissions.room(anna);
    t.comment(`room is told in ${Math.round((performance.now() - askedAt) * 1000) / 1000} µs`);
  },
);
