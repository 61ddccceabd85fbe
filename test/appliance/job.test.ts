/** Every state with every event, and long random lives of a job in which nothing may ever break. */
import t from 'tap';
import {digestOf} from '../../appliance/digest.ts';
import {describe, type Failure} from '../../appliance/failure.ts';
import {
  FileName,
  hasWorker,
  isOver,
  Job,
  type JobEvent,
  JobId,
  type JobState,
  lostLimit,
  next,
  UserName,
  type Wish,
  wishesFor,
} from '../../appliance/job.ts';

const failure: Failure = {reason: 'worker-lost', exit: 'exit 137', stderr: ''};
const output = {kind: 'film', path: '/out/film.mkv', bytes: 5, digest: digestOf('film')};
const [early, now] = [1000, 61_000];

function jobIn(state: JobState, lost = 0): Job {
  return Job.parse({
    ...{id: '0123456789', owner: 'anna', via: 'inbox', submitted: 10, sidecars: ['film.en.srt'], priority: 0},
    source: {name: 'film.mkv', bytes: 1e9, digest: digestOf('source')},
    options: {from: null, to: 'es', preset: 'balanced', hls: false, loudnessLufs: -16, keep: 'lines'},
    ...{lost, confinement: null, card: null, state},
  });
}

const worker = {since: early, pid: 77};
/** By the names used in the table. */
const states = {
  queued: {is: 'queued', since: early, notBefore: null},
  running: {is: 'running', ...worker},
  pausing: {is: 'pausing', ...worker},
  paused: {is: 'paused', since: early},
  '→queued': {is: 'stopping', ...worker, towards: 'queued'},
  '→cancelled': {is: 'stopping', ...worker, towards: 'cancelled'},
  '→deleted': {is: 'stopping', ...worker, towards: 'deleted'},
  done: {is: 'done', at: early, seconds: 1, outputs: [output], summary: ['all well']},
  failed: {is: 'failed', at: early, failure},
  cancelled: {is: 'cancelled', at: early},
  'set-aside': {is: 'set-aside', at: early, failure},
  deleted: {is: 'deleted', at: early, was: {is: 'cancelled', at: early}},
  gone: {is: 'deleted', at: early, was: null},
} as const satisfies Record<string, JobState>;
type Name = keyof typeof states;
const names = Object.keys(states) as Name[];

const events: Readonly<Record<JobEvent['is'], JobEvent>> = {
  dispatched: {is: 'dispatched', at: now, pid: 99},
  pause: {is: 'pause', at: now},
  resume: {is: 'resume', at: now},
  cancel: {is: 'cancel', at: now},
  retry: {is: 'retry', at: now},
  delete: {is: 'delete', at: now},
  restore: {is: 'restore', at: now},
  purge: {is: 'purge', at: now},
  shutdown: {is: 'shutdown', at: now},
  interrupted: {is: 'interrupted', at: now},
  stopped: {is: 'stopped', at: now},
  finished: {is: 'finished', at: now, outputs: [output], summary: ['lines: 3']},
  failed: {is: 'failed', at: now, failure},
  lost: {is: 'lost', at: now, failure},
};
const kinds = Object.keys(events) as JobEvent['is'][];
const wishNames: readonly Wish[] = ['pause', 'resume', 'cancel', 'retry', 'delete', 'restore'];

/** What becomes of it; `-` cannot be, `=` is as before. */
const table = `
             restore   purge dispatched pause   resume cancel     retry  delete   shutdown interrupted stopped   finished  failed    lost
  queued     -         -     running    paused  -      cancelled  -      deleted  =        -           -         -         -         -
  running    -         -     -          pausing -      →cancelled -      →deleted →queued  queued      queued    done      failed    queued
  pausing    -         -     -          -       -      →cancelled -      →deleted =        paused      paused    done      failed    paused
  paused     -         -     -          -       queued cancelled  -      deleted  =        -           -         -         -         -
  →queued    -         -     -          -       -      -          -      -        =        queued      queued    done      failed    queued
  →cancelled -         -     -          -       -      -          -      -        =        cancelled   cancelled cancelled cancelled cancelled
  →deleted   -         -     -          -       -      -          -      -        =        deleted     deleted   deleted   deleted   deleted
  done       -         gone  -          -       -      -          queued deleted  =        -           -         -         -         -
  failed     -         gone  -          -       -      -          queued deleted  =        -           -         -         -         -
  cancelled  -         gone  -          -       -      -          queued deleted  =        -           -         -         -         -
  set-aside  -         gone  -          -       -      -          queued deleted  =        -           -         -         -         -
  deleted    cancelled gone  -          -       -      -          -      -        =        -           -         -         -         -
  gone       -         gone  -          -       -      -          -      -        =        -           -         -         -         -
`;
const [header = [], ...rows] = table
  .trim()
  .split('\n')
  .map(line => line.trim().split(/\s+/));
const cellOf = (name: Name, kind: JobEvent['is']): string =>
  rows.find(([first]) => first === name)?.[header.indexOf(kind) + 1] ?? 'no cell';

/** As the state would be written in the table. */
function nameOf(state: JobState): string {
  if (state.is === 'deleted' && state.was === null) return 'gone';
  return state.is === 'stopping' ? `→${state.towards}` : state.is;
}

t.test('every state with every event goes where the table says, or throws and says why', async t => {
  for (const name of names) {
    for (const kind of kinds) {
      const job = jobIn(states[name]);
      const cell = cellOf(name, kind);
      if (cell === '-') {
        const says = `job 0123456789 got "${kind}" while ${job.state.is}`;
        t.throws(() => next(job, events[kind]), {message: says}, `${name} + ${kind}`);
        continue;
      }
      const after = next(job, events[kind]);
      t.equal(nameOf(after.state), cell === '=' ? name : cell, `${name} + ${kind}`);
      if (cell === '=') t.equal(after, job, 'the very same');
      t.strictSame(Job.parse(after), after, 'can be stored');
      t.strictSame({...after, state: 0, lost: 0}, {...job, state: 0, lost: 0}, 'nothing else moved');
    }
  }
});

t.test('what people may ask for is what the table allows them', async t => {
  for (const name of names) {
    const allowed = wishNames.filter(wish => cellOf(name, wish) !== '-');
    t.strictSame(wishesFor(states[name]).toSorted(), allowed.toSorted(), name);
    t.equal(
      isOver(states[name]),
      ['done', 'failed', 'cancelled', 'set-aside', 'deleted', 'gone'].includes(name),
      name,
    );
    t.equal(hasWorker(states[name]), 'pid' in states[name], name);
    t.ok(!(isOver(states[name]) && hasWorker(states[name])));
  }
});

t.test('a new state carries what is known of it', async t => {
  const cases: readonly (readonly [Name, JobEvent['is'], JobState])[] = [
    ['queued', 'dispatched', {is: 'running', since: now, pid: 99}],
    ['queued', 'pause', {is: 'paused', since: now}],
    ['queued', 'cancel', {is: 'cancelled', at: now}],
    ['running', 'finished', {is: 'done', at: now, seconds: 60, outputs: [output], summary: ['lines: 3']}],
    ['running', 'failed', {is: 'failed', at: now, failure}],
    ['running', 'lost', {is: 'queued', since: now, notBefore: now + 5000}],
    ['running', 'stopped', {is: 'queued', since: now, notBefore: null}],
    ['paused', 'resume', {is: 'queued', since: now, notBefore: null}],
    ['done', 'retry', {is: 'queued', since: now, notBefore: null}],
    ['→deleted', 'lost', {is: 'deleted', at: now, was: {is: 'cancelled', at: now}}],
    ['queued', 'delete', {is: 'deleted', at: now, was: {is: 'cancelled', at: now}}],
    ['done', 'delete', {is: 'deleted', at: now, was: states.done}],
    ['set-aside', 'delete', {is: 'deleted', at: now, was: states['set-aside']}],
    ['done', 'purge', {is: 'deleted', at: now, was: null}],
    // The worker is the same one, and it was started when it was.
    ['running', 'pause', {is: 'pausing', ...worker}],
    ['running', 'shutdown', {is: 'stopping', ...worker, towards: 'queued'}],
    ['pausing', 'cancel', {is: 'stopping', ...worker, towards: 'cancelled'}],
  ];
  for (const [name, kind, state] of cases) {
    t.strictSame(next(jobIn(states[name]), events[kind]).state, state, `${name} + ${kind}`);
  }
});

t.test("how long a dub took counts from its worker's start, whatever was asked meanwhile", async t => {
  const started = next(jobIn(states.queued), {is: 'dispatched', at: 10_000, pid: 5});
  for (const asked of ['pause', 'shutdown'] as const) {
    const asking = next(started, {is: asked, at: 40_000});
    const {state} = next(asking, {...events.finished, at: 50_000});
    t.match(state, {is: 'done', seconds: 40}, asked);
  }
  t.match(
    next(started, {...events.finished, at: 9000}).state,
    {seconds: 0},
    'not even a clock set back makes it negative',
  );
});

t.test('a worker that is lost counts, and rests longer each time; the third sets the job aside', async t => {
  let job = jobIn(states.running);
  for (const [lost, restMs] of [
    [1, 5000],
    [2, 60_000],
  ] as const) {
    job = next(job, {is: 'lost', at: now, failure});
    t.match(job, {lost, state: {is: 'queued', since: now, notBefore: now + restMs}});
    job = next(job, {is: 'dispatched', at: now + restMs, pid: 5});
    t.equal(job.lost, lost, 'starting again forgives nothing');
  }
  job = next(job, {is: 'lost', at: now, failure});
  t.match(job, {lost: lostLimit, state: {is: 'set-aside', at: now, failure}});
  t.throws(() => next(job, {is: 'dispatched', at: now, pid: 5}), 'and nothing starts it but a person');
  const again = next(job, {is: 'retry', at: now});
  t.match(again, {lost: 0, state: {is: 'queued', notBefore: null}}, 'who gives it all three tries again');
  t.match(next(next(again, events.dispatched), events.lost), {lost: 1, state: {is: 'queued'}});
});

t.test("what is not the worker's doing does not count against it", async t => {
  const twice = jobIn(states.running, 2);
  for (const kind of ['interrupted', 'stopped', 'shutdown', 'pause'] as const) {
    t.equal(next(twice, events[kind]).lost, 2, kind);
  }
  const down = next(twice, events.shutdown);
  for (const kind of ['lost', 'interrupted', 'stopped'] as const) {
    t.match(
      next(down, events[kind]),
      {lost: 2, state: {is: 'queued', notBefore: null}},
      `shutdown, then ${kind}`,
    );
  }
  t.match(next(jobIn(states.pausing, 2), events.lost), {lost: 2, state: {is: 'paused'}});
  t.match(next(twice, events.finished), {lost: 0, state: {is: 'done'}}, 'and success wipes it out');
  let job = jobIn(states.queued);
  for (let i = 0; i < 50; i++) {
    job = next(next(next(job, events.dispatched), events.shutdown), events.lost);
  }
  t.match(job, {lost: 0, state: {is: 'queued'}}, 'however often the daemon goes down');
});

t.test('a finished dub is kept, unless somebody wanted it gone', async t => {
  const ends = {pause: 'done', shutdown: 'done', cancel: 'cancelled', delete: 'deleted'} as const;
  for (const [asked, end] of Object.entries(ends)) {
    const asking = next(jobIn(states.running), events[asked as keyof typeof ends]);
    t.equal(next(asking, events.finished).state.is, end, asked);
  }
});

/** The same lives every time, so that a failure can be looked at. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function frozen(job: Job): Job {
  Object.freeze(job.state);
  return Object.freeze(job);
}

/** What happens most, most often; or few would live to be set aside. */
const likely = [
  ...kinds,
  ...Array<JobEvent['is']>(8).fill('dispatched'),
  ...Array<JobEvent['is']>(8).fill('lost'),
];

t.test('in a thousand random lives nothing that must hold is ever broken', async t => {
  const seen = new Set<string>();
  const faults: string[] = [];
  const must = (holds: boolean, what: string) => void (holds || faults.push(what));
  for (let seed = 1; seed <= 1000; seed++) {
    const below = random(seed);
    let job = frozen(jobIn(states.queued));
    let at = now;
    let started: {since: number; pid: number} | undefined;
    let lives = '';
    for (let step = 0; step < 60; step++) {
      const drawn = likely[below(likely.length)] ?? 'pause';
      const isEnd = drawn === 'delete' || drawn === 'purge';
      const kind = isEnd && below(10) > 0 ? 'pause' : drawn;
      at += below(1000);
      const event = {
        ...events[kind],
        at,
        ...(kind === 'dispatched' ? {pid: 1 + below(9999)} : {}),
      } as JobEvent;
      lives += ` ${kind}`;
      let after: Job;
      try {
        after = frozen(next(job, event));
      } catch (cause) {
        must(cause instanceof Error && cause.message.startsWith('job 0123456789 got'), `${lives}: ${cause}`);
        must(!wishesFor(job.state).includes(kind as Wish), `${lives}: was allowed and threw`);
        continue;
      }
      const wish = wishNames.find(name => name === kind);
      must(wish === undefined || wishesFor(job.state).includes(wish), `${lives}: was not allowed`);
      must(JSON.stringify(next(job, event)) === JSON.stringify(after), `${lives}: not the same twice`);
      must(Job.safeParse(after).success, `${lives}: cannot be stored`);
      must(
        after.id === job.id && after.source === job.source && after.options === job.options,
        `${lives}: another job`,
      );
      must(after.lost <= lostLimit, `${lives}: lost ${after.lost}`);
      must(
        (after.state.is === 'set-aside') <= (after.lost === lostLimit),
        `${lives}: set aside after ${after.lost}`,
      );
      const isBack = job.state.is === 'deleted' && after.state.is !== 'deleted';
      must(!isBack || (event.is === 'restore' && nameOf(job.state) !== 'gone'), `${lives}: came back`);
      if (event.is === 'dispatched') started = {since: at, pid: event.pid};
      if (hasWorker(after.state)) {
        must(
          after.state.pid === started?.pid && after.state.since === started.since,
          `${lives}: another worker`,
        );
      }
      const losesOne = event.is === 'lost' && job.state.is === 'running';
      must(after.lost <= job.lost || losesOne, `${lives}: counted ${event.is} while ${job.state.is}`);
      if (after !== job && after.state.is === 'queued' && after.state.notBefore !== null)
        must(losesOne, `${lives}: rests for nothing`);
      seen.add(nameOf(after.state));
      job = after;
    }
    must(isOver(job.state) || hasWorker(job.state) || wishesFor(job.state).length > 0, `${lives}: stuck`);
  }
  t.strictSame(faults.slice(0, 3), []);
  t.strictSame([...seen].toSorted(), names.toSorted(), 'and every state was lived in');
});

t.test('from every state but the last there is a way out, and a way to delete', async t => {
  for (const name of names) {
    let job = jobIn(states[name]);
    for (let steps = 0; job.state.is !== 'deleted'; steps++) {
      const {state} = job;
      job = next(job, wishesFor(state).includes('delete') ? events.delete : events.stopped);
      t.ok(steps < 3, `${name}: ${nameOf(state)}`);
    }
  }
});

t.test('names and ids are taken only as they are meant', async t => {
  const accepted = {
    id: [
      JobId,
      ['0123456789', 'abcdefghjk', 'vwxyz01234'],
      [
        '',
        '012345678',
        '01234567890',
        'ABCDEFGHJK',
        'iiiiiiiiii',
        'oooooooooo',
        '../../../..',
        '012345678\n',
      ],
    ],
    user: [
      UserName,
      ['a', 'anna', 'a-b_c', '7', 'a'.repeat(32)],
      ['', '-a', 'a-', '_', 'Anna', 'a b', '..', 'a/b', 'ä', 'a'.repeat(33), 'a\n'],
    ],
    file: [
      FileName,
      ['film.mkv', 'a b', '映画 😀.mp4', 'ü'.repeat(127), "it's"],
      [
        '',
        '.',
        '..',
        '.hidden',
        'a/b',
        'a\0',
        'a\nb',
        '\u001b[2J',
        'a\u0085',
        'ü'.repeat(128),
        'x'.repeat(256),
      ],
    ],
  } as const;
  for (const [what, [schema, good, bad]] of Object.entries(accepted)) {
    for (const name of good) t.ok(schema.safeParse(name).success, `${what} ${name}`);
    for (const name of bad) t.notOk(schema.safeParse(name).success, `no ${what}: ${JSON.stringify(name)}`);
  }
  t.notOk(Job.safeParse({...jobIn(states.queued), priority: 101}).success);
  t.notOk(
    Job.safeParse({...jobIn(states.queued), state: {is: 'running', since: 1}}).success,
    'no worker, not running',
  );
  t.ok(describe(failure).what.length > 0);
});
