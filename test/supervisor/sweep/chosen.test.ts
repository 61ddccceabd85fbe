/** What a person chooses: by kind, age, person and job, and never more than that. */
import t from 'tap';
import {type Job, type JobId, UserName} from '../../../appliance/job.ts';
import {type Choice, chosenSteps, groupsOf, isWanted} from '../../../supervisor/sweep/chosen.ts';
import type {FileFact, Place} from '../../../supervisor/sweep/facts.ts';
import {after, allStates, day, idOf, jobFiles, jobIn, start} from './box.ts';

const files = [...Object.values(jobFiles).flat(), 'claim.json'];
const ids = allStates.map((_, place) => idOf(place));
const jobs = new Map<JobId, Job>(
  allStates.map((state, place) => {
    const job = jobIn(idOf(place), state);
    return [job.id, place % 2 === 0 ? job : {...job, owner: UserName.parse('bob')}];
  }),
);

function factOf(path: string, changed = start): FileFact {
  return {path, is: 'file', bytes: 10, inode: 1, changed};
}

function placeOf(id: string): Place {
  const job = jobIn(id, 'done').id;
  return {of: 'job', id: job, whole: true, facts: files.map(file => factOf(`jobs/${id}/${file}`))};
}

const places: readonly Place[] = [
  ...ids.map(placeOf),
  placeOf(idOf(99)),
  {of: 'inbox', whole: true, facts: [factOf('inbox/.done/film.mp4')]},
  {of: 'log', whole: true, facts: [factOf('log/1.log'), factOf('log/2.log', start + 1)]},
];

const all: Choice = {kinds: ['uploads'], olderThanDays: 0, users: null, jobs: null};
const over = ['done', 'failed', 'cancelled', 'set-aside'];
const idsIn = (...states: readonly string[]): JobId[] =>
  [...jobs.values()].filter(({state}) => states.includes(state.is)).map(({id}) => id);
const bobs = (...states: readonly string[]): JobId[] =>
  idsIn(...states).filter(id => jobs.get(id)?.owner === 'bob');

/** Which jobs give files, how many each, and how many belong to none. */
const cases: readonly [string, Partial<Choice>, number, readonly JobId[], number, number][] = [
  ['films', {}, 1, idsIn(...over), jobFiles.uploads.length, 1],
  ['work', {kinds: ['intermediates']}, 1, idsIn(...over), jobFiles.intermediates.length, 0],
  ['dubs', {kinds: ['outputs']}, 1, idsIn(...over), jobFiles.outputs.length, 0],
  ['logs', {kinds: ['logs']}, 1, idsIn(...over), jobFiles.logs.length, 1],
  ['the trash', {kinds: ['deleted']}, 1, idsIn('deleted'), files.length, 0],
  [
    'two kinds, and no record of what was made of what',
    {kinds: ['uploads', 'outputs']},
    ...([1, idsIn(...over), jobFiles.uploads.length + jobFiles.outputs.length, 1] as const),
  ],
  ['of somebody', {users: [UserName.parse('bob')]}, 1, bobs(...over), jobFiles.uploads.length, 0],
  ['of nobody here', {users: [UserName.parse('zoe')]}, 1, [], 0, 0],
  [
    'of one job',
    {jobs: idsIn('done', 'running')},
    ...([1, idsIn('done'), jobFiles.uploads.length, 0] as const),
  ],
  ['not old enough', {olderThanDays: 3}, 2, [], 0, 0],
  ['old enough', {olderThanDays: 3}, 4, idsIn(...over), jobFiles.uploads.length, 1],
  ['half a day', {olderThanDays: 0.5}, 0.6, idsIn(...over), jobFiles.uploads.length, 1],
];

t.test('what was chosen is chosen, and nothing else', async t => {
  for (const [name, changes, days, expected, each, nobodys] of cases) {
    const choice = {...all, ...changes};
    const now = after(days);
    const steps = places
      .filter(place => place.of !== 'job' || isWanted(jobs.get(place.id), choice, now))
      .flatMap(place => chosenSteps(place, choice, {jobs, now}));
    t.strictSame([...new Set(steps.flatMap(({job}) => job ?? []))].toSorted(), expected.toSorted(), name);
    t.equal(steps.filter(({job}) => job !== null).length, expected.length * each, name);
    t.equal(steps.filter(({job}) => job === null).length, nobodys, name);
    const unfiltered = places.flatMap(place => chosenSteps(place, {...choice, users: null}, {jobs, now}));
    t.ok(
      unfiltered.every(
        ({job}) => job === null || !['running', 'queued'].includes(jobs.get(job)?.state.is ?? ''),
      ),
    );
  }
});

t.test(
  'a job in the trash that nothing brings back is left to the sweep unless the trash is chosen',
  async t => {
    const [id] = idsIn('deleted');
    if (id === undefined) throw new Error('none');
    t.strictSame(chosenSteps(placeOf(id), all, {jobs, now: after(1)}), []);
  },
);

t.test('groups are a job’s files of one kind, the largest first, and folders are no files', async t => {
  const now = after(1);
  const [done] = idsIn('done');
  if (done === undefined) throw new Error('none');
  const folder: FileFact = {...factOf(`jobs/${done}/out/film.es.hls`), is: 'folder', bytes: 0};
  const place: Place = {...placeOf(done), facts: [...placeOf(done).facts, folder]} as Place;
  const steps = chosenSteps(place, {...all, kinds: ['outputs', 'logs']}, {jobs, now});
  t.equal(steps.length, jobFiles.outputs.length + jobFiles.logs.length + 1);
  t.strictSame(groupsOf(steps), [
    {job: done, kind: 'outputs', files: jobFiles.outputs.length, bytes: 10 * jobFiles.outputs.length},
    {job: done, kind: 'logs', files: jobFiles.logs.length, bytes: 10 * jobFiles.logs.length},
  ]);
  t.equal(day, 86_400_000);
});
