/** What is counted about jobs is what a recount of all of them gives, whatever has happened to them. */
import {randomInt} from 'node:crypto';
import t from 'tap';
import {digestOf} from '../../../appliance/digest.ts';
import {isOver, type Job, type JobEvent, type JobState, next, wishesFor} from '../../../appliance/job.ts';
import {JobLedger} from '../../../supervisor/queue/ledger.ts';
import {anna, ben, idOf, jobOf, usual} from '../home.ts';

const films = [digestOf('one'), digestOf('two'), digestOf('three')];
const owners = [anna, ben];
const ways = [usual, {...usual, to: 'fr' as const}];

function pick<T>(list: readonly T[]): T {
  const found = list[randomInt(list.length)];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
}

const holding: ReadonlySet<JobState['is']> = new Set([
  ...(['queued', 'running', 'pausing', 'paused', 'stopping', 'done', 'set-aside'] as const),
]);

/** An event that may come to a job in its state; undefined when none may. */
function eventFor({state}: Job, at: number): JobEvent | undefined {
  const failure = {reason: 'stopped'} as const;
  // Few are deleted, so that there are many to count.
  const wishes = wishesFor(state).flatMap(is => (is === 'delete' && randomInt(10) > 0 ? [] : [{is, at}]));
  if (state.is === 'queued') return pick<JobEvent>([...wishes, {is: 'dispatched', at, pid: 7}]);
  if (!['running', 'pausing', 'stopping'].includes(state.is))
    return wishes.length === 0 ? undefined : pick(wishes);
  return pick<JobEvent>([
    ...wishes,
    {is: 'shutdown', at},
    {is: 'interrupted', at},
    {is: 'stopped', at},
    {is: 'finished', at, outputs: [], summary: []},
    {is: 'failed', at, failure},
    {is: 'lost', at, failure},
  ]);
}

/** All that a ledger says, by going through all jobs there are. */
function recount(jobs: ReadonlyMap<string, Job>) {
  const all = [...jobs.values()];
  const states = all.map(({state}) => state.is);
  return {
    counts: Object.fromEntries(
      [...new Set(states)].toSorted().map(is => [is, states.filter(s => s === is).length]),
    ),
    active: all
      .filter(({state}) => !isOver(state))
      .map(({id}) => id)
      .toSorted(),
    waiting: owners.map(
      owner => all.filter(job => job.owner === owner && ['queued', 'paused'].includes(job.state.is)).length,
    ),
    films: eachFilm(
      (owner, digest, options) =>
        all.find(
          job =>
            job.owner === owner &&
            job.source.digest === digest &&
            job.options.to === options.to &&
            holding.has(job.state.is),
        ) !== undefined,
    ),
  };
}

function eachFilm<T>(
  of: (owner: Job['owner'], digest: Job['source']['digest'], options: Job['options']) => T,
): T[] {
  return owners.flatMap(owner => films.flatMap(film => ways.map(way => of(owner, film, way))));
}

function told(ledger: JobLedger): ReturnType<typeof recount> {
  const counts = Object.entries(ledger.counts).filter(([, count]) => count !== 0);
  return {
    counts: Object.fromEntries(counts.toSorted()),
    active: [...ledger.active.keys()].toSorted(),
    waiting: owners.map(owner => ledger.waitingOf(owner)),
    films: eachFilm((...film) => ledger.jobOf(...film) !== undefined),
  };
}

t.test(
  'after any walk of any jobs the ledger says what a recount says, and so does one that is made anew',
  async t => {
    const ledger = new JobLedger([]);
    const jobs = new Map<string, Job>();
    for (let step = 1; step <= 4000; step++) {
      const job = jobs.size === 0 || randomInt(5) === 0 ? undefined : pick([...jobs.values()]);
      if (job === undefined) {
        const source = {name: 'film.mp4', bytes: 1, digest: pick(films)};
        const fresh = jobOf(step, {owner: pick(owners), options: pick(ways), source, submitted: step});
        jobs.set(fresh.id, fresh);
        ledger.tell(undefined, fresh);
      } else if (job.state.is === 'deleted') {
        jobs.delete(job.id);
        ledger.tell(job, undefined);
      } else {
        const event = eventFor(job, step);
        const changed = event === undefined ? {...job, priority: randomInt(9)} : next(job, event);
        jobs.set(job.id, changed);
        ledger.tell(job, changed);
      }
      if (step % 100 !== 0) continue;
      t.strictSame(told(ledger), recount(jobs), `after ${step} steps`);
      t.strictSame(told(new JobLedger(jobs.values())), recount(jobs));
      t.ok(
        [...ledger.active].every(([id, job]) => jobs.get(id) === job),
        'each as it is now',
      );
      const known = eachFilm((owner, digest, options) => {
        const id = ledger.jobOf(owner, digest, options);
        const job = id === undefined ? undefined : jobs.get(id);
        return id === undefined || (job?.source.digest === digest && holding.has(job.state.is));
      });
      t.ok(known.every(Boolean), 'the job of a film is one of that film, and holds it');
    }
    t.ok(jobs.size > 5, `${jobs.size} jobs are left`);
  },
);

t.test('a film is a job until that failed, was cancelled or was deleted', async t => {
  const table: Readonly<Record<JobState['is'], boolean>> = {
    ...{queued: true, running: true, pausing: true, paused: true, stopping: true},
    ...{done: true, failed: false, cancelled: false, 'set-aside': true, deleted: false},
  };
  const failure = {reason: 'stopped'} as const;
  const worker = {since: 0, pid: 7};
  const states: readonly JobState[] = [
    {is: 'queued', since: 0, notBefore: null},
    {is: 'running', ...worker},
    {is: 'pausing', ...worker},
    {is: 'paused', since: 0},
    {is: 'stopping', ...worker, towards: 'cancelled'},
    {is: 'done', at: 0, seconds: 1, outputs: [], summary: []},
    {is: 'failed', at: 0, failure},
    {is: 'cancelled', at: 0},
    {is: 'set-aside', at: 0, failure},
    {is: 'deleted', at: 0, was: null},
  ];
  for (const state of states) {
    const job = jobOf(1, {state});
    const ledger = new JobLedger([job]);
    const {owner, source, options} = job;
    t.equal(ledger.jobOf(owner, source.digest, options), table[state.is] ? job.id : undefined, state.is);
    t.equal(ledger.jobOf(ben, source.digest, options), undefined, 'somebody else’s is another');
    t.equal(ledger.jobOf(owner, source.digest, {...options, hls: true}), undefined, 'and so is another way');
    const {to, ...rest} = options;
    const known = ledger.jobOf(owner, source.digest, {to, ...rest});
    t.equal(known, table[state.is] ? job.id : undefined, 'in whatever order the options stand');
  }
});

t.test('two jobs may hold one film, and it is known until the last of them lets go', async t => {
  const failed = jobOf(1, {state: {is: 'failed', at: 5, failure: {reason: 'stopped'}}});
  const again = jobOf(2, {source: failed.source});
  const ledger = new JobLedger([failed, again]);
  const jobOfFilm = () => ledger.jobOf(anna, failed.source.digest, usual);
  t.equal(jobOfFilm(), again.id);
  const retried = next(failed, {is: 'retry', at: 6});
  ledger.tell(failed, retried);
  t.equal(jobOfFilm(), again.id, 'the one that held it first');
  ledger.tell(again, next(again, {is: 'cancel', at: 7}));
  t.equal(jobOfFilm(), failed.id, 'the other one still does');
  ledger.tell(retried, next(retried, {is: 'cancel', at: 8}));
  t.equal(jobOfFilm(), undefined);
});

t.test('when jobs came in is remembered as long as it counts, whatever became of them', async t => {
  const ledger = new JobLedger([3, 1, 2].map(n => jobOf(n, {submitted: n * 100})));
  t.strictSame(ledger.submittedSince(anna, 0), [100, 200, 300], 'in their order, however the store had them');
  const fourth = jobOf(4, {submitted: 400});
  ledger.tell(undefined, fourth);
  ledger.tell(fourth, next(fourth, {is: 'cancel', at: 450}));
  t.strictSame(ledger.submittedSince(anna, 200), [300, 400]);
  t.strictSame(ledger.submittedSince(anna, 0), [300, 400], 'what is past is forgotten');
  t.strictSame(ledger.submittedSince(ben, 0), []);
  t.strictSame(ledger.submittedSince(anna, 400), []);
  ledger.tell(undefined, jobOf(5, {submitted: 500}));
  t.strictSame(ledger.submittedSince(anna, 400), [500]);
});

t.test('what was told of one job says nothing of another', async t => {
  const ledger = new JobLedger([]);
  t.strictSame(
    Object.values(ledger.counts),
    Array(10).fill(0),
    'every state is counted, also where there is none',
  );
  ledger.tell(undefined, undefined);
  const before = ledger.counts;
  ledger.tell(undefined, jobOf(1));
  t.equal(before.queued, 0, 'figures that were taken stay what they were');
  t.equal(ledger.counts.queued, 1);
  t.equal(ledger.active.get(idOf(2)), undefined);
});
