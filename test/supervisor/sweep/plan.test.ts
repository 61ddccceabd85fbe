/** What goes and what stays, decided from facts alone: every state, every kind of file, every limit. */
import t from 'tap';
import {type Job, JobId, type JobState} from '../../../appliance/job.ts';
import type {FileFact, Place} from '../../../supervisor/sweep/facts.ts';
import {
  kinds,
  overSince,
  planSweep,
  reasonToLook,
  type Step,
  type SweepLimits,
  type SweepPlan,
} from '../../../supervisor/sweep/plan.ts';
import {added, describePlan, describeSums, noSums, totalOf} from '../../../supervisor/sweep/words.ts';
import {after, allStates, day, film, jobFiles, jobIn, month, never, object, start} from './box.ts';

const id = JobId.parse('aaaaaaaaaa');
const everything = [...Object.values(jobFiles).flat(), 'claim.json'];

function fact(path: string, wishes: Partial<FileFact> = {}): FileFact {
  return {path, is: 'file', bytes: 10, inode: 7, changed: start, ...wishes};
}

function jobPlace(paths: readonly string[], wishes: Partial<FileFact> = {}): Place & {of: 'job'} {
  const files = paths.map(path => fact(`jobs/${id}/${path}`, wishes));
  const folders = ['source', 'out', ''].map(path =>
    fact(`jobs/${id}${path && '/'}${path}`, {...wishes, is: 'folder', bytes: 0}),
  );
  return {of: 'job', id, whole: true, facts: [...files, ...folders]};
}

interface Wishes {
  readonly job?: Job;
  readonly limits?: SweepLimits;
  readonly days?: number;
}

function plan(places: readonly Place[], {job, limits = month, days = 31}: Wishes): SweepPlan {
  const jobs = new Map(job === undefined ? [] : [[job.id, job]]);
  return planSweep({jobs, places, limits, now: after(days), lastSweep: after(0)});
}

function stepsOf(found: SweepPlan): readonly Step[] {
  if (found.is === 'waits') throw new Error('it waits');
  return found.steps;
}

/** Paths within the job's folder that are to go. */
function going(state: JobState | JobState['is'], wishes: Wishes = {}): string[] {
  const steps = stepsOf(plan([jobPlace(everything)], {job: jobIn(id, state), ...wishes}));
  return steps.map(({path}) => path.slice(`jobs/${id}/`.length)).toSorted();
}

t.test('nothing of a job that is not over goes, however old and however short the limits', async t => {
  const at0: SweepLimits = {uploads: 0, intermediates: 0, outputs: 0, logs: 0, trash: 7};
  for (const state of ['queued', 'running', 'pausing', 'paused', 'stopping'] as const) {
    t.strictSame(going(state, {limits: at0, days: 5000}), [], state);
    t.equal(overSince(jobIn(id, state)), undefined);
    t.equal(reasonToLook(jobIn(id, state), at0, after(5000).at), undefined, 'its folder is not even read');
  }
});

t.test('of a job that is over, each kind goes by its own limit', async t => {
  for (const state of ['done', 'failed', 'cancelled', 'set-aside'] as const) {
    for (const kind of ['uploads', 'intermediates', 'outputs', 'logs'] as const) {
      const limits = {...never, [kind]: 30};
      t.strictSame(going(state, {limits}), jobFiles[kind].toSorted(), `${kind} of ${state}`);
      t.strictSame(going(state, {limits, days: 29}), [], 'not a day too early');
      t.strictSame(going(state, {limits, days: 30}), [], 'on the day itself it is still kept');
      t.equal(reasonToLook(jobIn(id, state), limits, after(31).at), `${kind} since ${start}`);
      t.equal(reasonToLook(jobIn(id, state), limits, after(29).at), undefined);
    }
    t.strictSame(going(state, {limits: never, days: 5000}), [], 'no limit keeps it for good');
  }
});

t.test('records go with the last of film and dub, the claim and the folders stay', async t => {
  const without = (name: 'uploads' | 'outputs') => going('done', {limits: {...month, [name]: null}});
  for (const path of jobFiles.records) {
    t.notOk(without('uploads').includes(path), 'the film is there to dub again');
    t.notOk(without('outputs').includes(path), 'the dub is there to edit');
  }
  t.strictSame(going('done'), everything.filter(path => path !== 'claim.json').toSorted());
  const steps = stepsOf(plan([jobPlace(everything)], {job: jobIn(id, 'done')}));
  t.same(steps.find(({path}) => path.endsWith('manifest.json'))?.why, {is: 'last-of-it'});
});

t.test('a folder goes with what was in it, and the job keeps the ones that every job has', async t => {
  const work = `jobs/${id}/out/.dubstead/film.es`;
  const paths = [
    `${work}/objects/ab`,
    `${work}/objects`,
    `${work}/nodes`,
    work,
    `jobs/${id}/out/film.es.hls`,
  ];
  const facts = paths.map(path => fact(path, {is: 'folder'}));
  const place: Place = {of: 'job', id, whole: true, facts: [...facts, ...jobPlace([]).facts]};
  const intermediates = {...never, intermediates: 30};
  const found = stepsOf(plan([place], {job: jobIn(id, 'done'), limits: intermediates}));
  t.strictSame(
    found.map(({path}) => path),
    [`${work}/objects/ab`, `${work}/objects`],
  );
  const outputs = stepsOf(plan([place], {job: jobIn(id, 'done'), limits: {...never, outputs: 30}}));
  t.strictSame(
    outputs.map(({path}) => path),
    [`jobs/${id}/out/film.es.hls`],
  );
});

t.test(
  'the picture of a film goes with it, and what people brought and wrote with the last of it',
  async t => {
    const place = jobPlace(['poster.jpg', 'brief.json', 'said']);
    const going = (limits: Partial<SweepLimits>): readonly string[] =>
      stepsOf(plan([place], {job: jobIn(id, 'done'), limits: {...never, ...limits}})).map(({path}) =>
        path.slice(`jobs/${id}/`.length),
      );
    t.strictSame(going({uploads: 30}), ['poster.jpg']);
    t.strictSame(going({outputs: 30}), ['said']);
    t.strictSame(going({uploads: 30, outputs: 30}), ['poster.jpg', 'brief.json', 'said']);
  },
);

t.test('everything of a deleted job goes at once, its folder last', async t => {
  const steps = stepsOf(
    plan([jobPlace(everything)], {job: jobIn(id, 'deleted'), limits: never, days: 0.001}),
  );
  t.equal(steps.length, everything.length + 3);
  t.equal(steps.at(-1)?.path, `jobs/${id}`);
  for (const {kind, why, over, job} of steps)
    t.match({kind, why, over, job}, {kind: 'deleted', why: {is: 'deleted'}, over: start, job: id});
  t.equal(reasonToLook(jobIn(id, 'deleted'), never, start), 'anything');
  t.equal(reasonToLook(undefined, never, start), 'anything');
});

t.test(
  'a folder that no job is known of: films and dubs by their own age, the rest when they are gone',
  async t => {
    const without = (...gone: readonly string[]) =>
      everything.filter(path => !jobFiles.uploads.includes(path) && !gone.includes(path));
    const table: readonly [string, readonly string[], SweepLimits, number, number][] = [
      ['nothing at all within a day', everything, never, 0.9, 0],
      ['nothing while it holds a film that is kept', everything, never, 400, 0],
      ['an empty one after a day', [], never, 1.1, 3],
      ['what was left of a claim', ['claim.json'], never, 1.1, 4],
      ['logs alone go as logs do not keep it', ['claim.json', ...jobFiles.logs], never, 1.1, 6],
      ['dubs keep it as films do', without(), never, 400, 0],
      ['all of it, once film and dub have had their time', everything, month, 31, everything.length + 3],
      ['not before', everything, month, 29, 0],
    ];
    for (const [name, paths, limits, days, count] of table) {
      const steps = stepsOf(plan([jobPlace(paths)], {limits, days}));
      t.equal(steps.length, count, name);
      for (const {job, over} of steps) t.match({job, over}, {job: id, over: null});
    }
    const fresh = {...jobPlace(['claim.json'])};
    const touched = {...fresh, facts: [...fresh.facts, fact(`jobs/${id}/x`, {changed: start + 30 * day})]};
    t.strictSame(stepsOf(plan([touched], {limits: never, days: 30.5})), [], 'one fresh file keeps the rest');
    const part = {...jobPlace(['claim.json']), whole: false};
    t.strictSame(
      stepsOf(plan([part], {limits: never})),
      [],
      'a part of a folder does not speak for all of it',
    );
  },
);

t.test('writes that were cut off go after a day', async t => {
  const torn = `jobs/${id}/.0b50b3c4-4a2f-4c5e-9d67-0d6f1c9f0a11.tmp`;
  const ask = (days: number) => {
    const place: Place = {of: 'job', id, whole: true, facts: [fact(torn)]};
    return stepsOf(plan([place], {job: jobIn(id, 'done'), limits: never, days}));
  };
  t.match(ask(1.1), [{path: torn, kind: 'leftovers', why: {is: 'torn'}}]);
  t.strictSame(ask(0.9), []);
});

t.test('what the inbox put aside goes as uploads do, by the moment it was put there', async t => {
  const facts = [
    fact('inbox/ana/.done/old.mp4'),
    fact('inbox/ana/.done/new.mp4', {changed: start + 20 * day}),
    fact('inbox/.refused/ana', {is: 'folder'}),
    fact('inbox/.refused/ana/x.why.txt'),
    fact('inbox/.refused/ana/link', {is: 'other'}),
  ];
  const steps = stepsOf(plan([{of: 'inbox', whole: true, facts}], {}));
  t.strictSame(
    steps.map(({path, kind, job}) => [path, kind, job]),
    [
      ['inbox/ana/.done/old.mp4', 'uploads', null],
      ['inbox/.refused/ana/x.why.txt', 'uploads', null],
      ['inbox/.refused/ana/link', 'uploads', null],
    ],
    'no folder: somebody may be putting a file into it',
  );
  t.strictSame(stepsOf(plan([{of: 'inbox', whole: true, facts}], {limits: {...month, uploads: null}})), []);
});

t.test('the newest log stays, however old: the daemon writes to it', async t => {
  const facts = [1, 3, 2].map(age => fact(`log/${age}`, {changed: start - age * day}));
  const steps = stepsOf(plan([{of: 'log', whole: true, facts}], {}));
  t.strictSame(
    steps.map(({path}) => path),
    ['log/3', 'log/2'],
  );
  t.strictSame(stepsOf(plan([{of: 'log', whole: true, facts: []}], {})), []);
});

t.test('a digest is given where it is known and true', async t => {
  const paths = ['source/film.mp4', 'out/film.es.mkv', ...jobFiles.intermediates];
  const digests = (bytes: number) =>
    stepsOf(plan([jobPlace(paths, {bytes})], {job: jobIn(id, 'done')})).map(({sha256}) => sha256);
  const {source} = jobIn(id, 'done');
  t.strictSame(digests(film.length).slice(0, 4), [source.digest, null, object, null]);
  t.strictSame(digests(999).slice(0, 4), [null, null, object, null], 'of another size it is another file');
  const nobodys = stepsOf(plan([jobPlace(jobFiles.intermediates, {bytes: 1})], {}));
  t.equal(nobodys[0]?.sha256, object);
});

t.test('a clock that cannot be believed takes nothing, not even what was deleted', async t => {
  const places = [jobPlace(everything)];
  const jobs = new Map([[id, jobIn(id, 'deleted')]]);
  const facts = {jobs, places, limits: month};
  const ahead = {...after(0), at: start + 400 * day};
  const jumped = planSweep({...facts, now: ahead, lastSweep: after(0)});
  t.match(jumped, {is: 'waits', doubt: {is: 'jumped', byMs: 400 * day}});
  t.match(planSweep({...facts, now: after(400), lastSweep: null}), {is: 'waits', doubt: {is: 'first'}});
  t.match(describePlan(jumped), [/^The clock jumped 400\.0 days ahead/]);
  const back = {...after(0), at: 5};
  t.match(planSweep({...facts, now: back, lastSweep: after(0)}), {is: 'waits'});
  t.equal(stepsOf(planSweep({...facts, now: after(400), lastSweep: after(1)})).length, everything.length + 3);
});

t.test('a job that was over in the future is not old', async t => {
  const job = jobIn(id, {is: 'cancelled', at: start + 500 * day});
  t.strictSame(going('cancelled', {job, days: 400}), []);
});

t.test('a plan makes the same steps every time, and changes nothing it was given', async t => {
  const places = [jobPlace(everything)];
  const before = structuredClone(places);
  const ask = () => plan(places, {job: jobIn(id, 'done')});
  t.strictSame(ask(), ask());
  t.strictSame(places, before);
  for (const state of allStates) t.ok(plan(places, {job: jobIn(id, state)}), state);
});

t.test('words: the sum, a line for each kind, the first files and why', async t => {
  const place = jobPlace(everything, {bytes: 2_500_000});
  const found = plan([place], {job: jobIn(id, 'done')});
  const lines = describePlan(found, undefined, 3);
  t.equal(lines[0], '12 files (30.0 MB) would go:');
  t.match(lines.slice(1, 6), [
    /^ {2}films that were brought in: 2 files \(5\.0 MB\)$/,
    /^ {2}steps between film and dub: 2 files/,
    /^ {2}finished dubs: 3 files/,
    /^ {2}logs: 2 files/,
    /^ {2}leftovers: 3 files/,
  ]);
  t.equal(lines[6], `  jobs/${id}/source/film.mp4: kept for 30 days, which are over`);
  t.equal(lines.at(-1), '  and 9 more');
  t.strictSame(describePlan({is: 'sweeps', steps: []}), ['Nothing is to be removed.']);
  t.strictSame(describeSums('went', noSums), ['Nothing was removed.']);
  const sums = added(noSums, stepsOf(found));
  t.strictSame(totalOf(sums), {files: 12, bytes: 30_000_000}, 'folders count for nothing');
  t.equal(describeSums('went', added(noSums, stepsOf(found).slice(0, 1)))[0], '1 file (2.5 MB) went:');
  const all = kinds.map(kind => ({kind, bytes: 1e9, fact: fact('x')}));
  t.equal(describeSums('went', added(noSums, all)).length, kinds.length + 1);
});

t.test('a job in the trash loses nothing before its days there are over, and everything after', async t => {
  const trashed = jobIn(id, {is: 'deleted', at: start, was: {is: 'cancelled', at: start}});
  const short: SweepLimits = {uploads: 1, intermediates: 1, outputs: 1, logs: 1, trash: 7};
  t.strictSame(going(trashed.state, {limits: short, days: 6.9}), []);
  t.equal(reasonToLook(trashed, short, after(6.9).at), undefined);
  t.equal(going(trashed.state, {limits: short, days: 7}).length, everything.length + 3);
  t.strictSame(going(trashed.state, {limits: {...short, trash: null}, days: 5000}), [], 'or for good');
  t.equal(
    going(trashed.state, {limits: {...short, trash: 0}, days: 0.001}).length,
    everything.length + 3,
    'or not at all',
  );
});
