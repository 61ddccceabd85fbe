/** What becomes of what the box tells: jobs, progress, alerts, answers, logs and the audit, however much of it comes. */
import t from 'tap';
import type {BoxEvent} from '../../../appliance/api/events.ts';
import type {TrailEntry} from '../../../appliance/api/trail-rows.ts';
import type {Effect, Message, Model} from '../../../tui/room/model.ts';
import {update} from '../../../tui/room/update.ts';
import {inboxOf, lineOf, now, progress, states, statusOf} from '../samples.ts';
import {
  busy,
  down,
  empty,
  entries,
  hostile,
  idOf,
  manyJobs,
  paneOf,
  press,
  sampleJobs,
  trouble,
} from './samples.ts';

const hear = (model: Model, events: readonly BoxEvent[], at = now): readonly [Model, readonly Effect[]] =>
  update(model, {is: 'heard', events, now: at});
const moved = (number: number, done: number): BoxEvent => ({
  ...{is: 'progress', id: idOf(number), owner: lineOf(idOf(0)).owner},
  ...{...progress, done},
});
const titles = ({jobs}: Model): readonly string[] => jobs.items.map(({title}) => title);

t.test('the first word of a stream has everything asked anew', async t => {
  const [model, effects] = hear(down(), [{is: 'reset', why: 'new'}]);
  t.strictSame(model.link, {is: 'up'});
  t.equal(effects[0]?.is, 'load-jobs');
  const [, refresh] = effects;
  t.strictSame(
    refresh?.is === 'refresh' && refresh.of.toSorted(),
    Object.keys(busy().held).toSorted(),
    'all that is held, and nothing else',
  );
  t.strictSame(hear(empty(), [{is: 'reset', why: 'new'}])[1], [{is: 'load-jobs'}, {is: 'refresh', of: []}]);
});

t.test('jobs come, change and go; those in the trash are not shown', async t => {
  let model = empty(undefined, {job: idOf(1)});
  [model] = update(model, {is: 'jobs', jobs: manyJobs(3), begins: true, more: false});
  t.strictSame(titles(model), ['film 2', 'film 1', 'film 0']);
  const {items} = model.jobs;
  t.equal(hear(model, [moved(1, 0.5)])[0].jobs.items, items, 'the same array while no job changed');
  const newest = lineOf(idOf(9), {title: 'film 9', submitted: now + 1});
  const renamed = {...manyJobs(3)[1], title: 'another'} as typeof newest;
  [model] = hear(model, [
    {is: 'job', job: newest},
    {is: 'job', job: renamed},
    {is: 'job-gone', id: idOf(0), owner: newest.owner},
  ]);
  t.strictSame(titles(model), ['film 9', 'film 2', 'another']);
  [model] = hear(model, [{is: 'job', job: {...newest, state: states.deleted}}]);
  t.strictSame(titles(model), ['film 2', 'another']);
  [model] = hear(model, [{is: 'job', job: newest}]);
  t.equal(titles(model)[0], 'film 9', 'had back from it');
  [model] = update(model, {is: 'jobs', jobs: manyJobs(2), begins: true, more: null});
  t.strictSame([titles(model), model.jobs.is], [['film 1', 'film 0'], 'loading'], 'a first page begins anew');
  [model] = update(model, {is: 'jobs', jobs: [newest], begins: false, more: true});
  t.strictSame([titles(model)[0], model.jobs.is], ['film 9', 'over']);
});

t.test('what an event told is newer than a page that was asked for before it', async t => {
  const [first, second] = manyJobs(2);
  if (first === undefined || second === undefined) throw new Error('no jobs');
  let [model] = hear(busy(), [{is: 'reset', why: 'restarted'}]);
  [model] = hear(model, [
    {is: 'job', job: {...first, title: 'renamed'}},
    {is: 'job-gone', id: second.id, owner: second.owner},
  ]);
  [model] = update(model, {is: 'jobs', jobs: [first, second], begins: true, more: false});
  t.strictSame(titles(model), ['renamed']);
  [model] = update(model, {is: 'jobs', jobs: [first, second], begins: true, more: false});
  t.equal(titles(model).length, 2, 'and only of a page that was under way');
});

t.test('keys act on the row that was seen first, not on one that came since', async t => {
  const jobs = paneOf('jobs.jobs').open(empty());
  let [model] = update(jobs, {is: 'jobs', jobs: manyJobs(2), begins: true, more: false});
  [model] = hear(model, [{is: 'job', job: lineOf(idOf(9), {title: 'film 9', submitted: now + 1})}]);
  const [, effects] = press(model, 'D');
  t.match(effects, [{deed: {calls: [{input: {body: {jobs: [idOf(1)]}}}]}}]);
});

t.test('what is on the screen is asked again when it changed', async t => {
  const model = busy();
  const [opened] = sampleJobs;
  const of = (events: readonly BoxEvent[]): readonly unknown[] => hear(model, events)[1];
  if (opened === undefined) throw new Error('no job');
  t.strictSame(of([{is: 'job', job: opened}]), [{is: 'refresh', of: ['job', 'timeline', 'status', 'inbox']}]);
  t.strictSame(of([{is: 'inbox', inbox: inboxOf()}]), [{is: 'refresh', of: ['status', 'inbox']}]);
  t.strictSame(of([{is: 'queue', queue: statusOf().queue}]), [{is: 'refresh', of: ['status', 'inbox']}]);
  t.strictSame(of([moved(1000, 0.6)]), [], 'progress alone asks nothing');
  t.strictSame(hear(empty(), [{is: 'job', job: opened}])[1], [], 'nothing is held, nothing is asked');
});

t.test('alerts are those that stand now', async t => {
  const alert = {code: 'disk-low', what: 'Little disk is left.', fix: 'Delete some.'} as const;
  const [model] = hear(empty(), [{is: 'alerts', alerts: [alert]}]);
  t.strictSame(model.alerts, [alert]);
  t.strictSame(hear(model, [{is: 'alerts', alerts: []}])[0].alerts, []);
});

t.test('the pace of a job: a figure each two seconds, sixty of them, and none when it rests', async t => {
  let model = empty();
  for (let i = 0; i <= 400; i++) [model] = hear(model, [moved(1, i / 400)], now + i * 500);
  const pace = model.paces.get(idOf(1));
  t.equal(pace?.paces.length, 60);
  t.equal(pace?.done, 1);
  for (const share of pace?.paces ?? []) t.ok(Math.abs(share - 4 / 400) < 1e-9, `${share} in two seconds`);
  let few = empty();
  for (let i = 0; i < 8; i++) [few] = hear(few, [moved(1, i / 8)], now + i * 500);
  t.equal(few.paces.get(idOf(1))?.paces.length, 1, 'no more than one in two seconds');
  [few] = hear(few, [moved(1, 0.1)], now + 60_000);
  t.strictSame(few.paces.get(idOf(1))?.paces.at(-1), 0, 'what was begun anew is no pace backwards');
  const [slow] = hear(hear(empty(), [moved(1, 0)])[0], [moved(1, 0.5)], now + 20_000);
  t.strictSame(slow.paces.get(idOf(1))?.paces, [0.05], 'a long silence is shared out');
  const running = {...lineOf(idOf(1)), state: states.running};
  t.ok(hear(few, [{is: 'job', job: running}])[0].paces.has(idOf(1)));
  t.notOk(hear(few, [{is: 'job', job: {...running, state: states.paused}}])[0].paces.has(idOf(1)));
  t.notOk(hear(few, [{is: 'job-gone', id: idOf(1), owner: running.owner}])[0].paces.has(idOf(1)));
});

t.test('10,000 jobs and 500 events at once keep their order', async t => {
  let [model] = update(empty(), {is: 'jobs', jobs: manyJobs(10_000), begins: true, more: true});
  for (let batch = 0; batch < 4; batch++) {
    const events = Array.from({length: 500}, (_, i): BoxEvent => {
      const number = (batch * 7919 + i * 31) % 10_500;
      if (i % 5 === 0) return {is: 'job-gone', id: idOf(number), owner: lineOf(idOf(0)).owner};
      if (i % 5 === 1) return moved(number, 0.5);
      return {is: 'job', job: {...lineOf(idOf(number)), submitted: now - (10_000 - number) * 1000}};
    });
    [model] = hear(model, events);
    const {items, byId} = model.jobs;
    t.equal(items.length, byId.size);
    t.equal(new Set(items.map(({id}) => id)).size, items.length, 'none is there twice');
    t.ok(
      items.every((job, i) => i === 0 || job.submitted <= (items[i - 1]?.submitted ?? 0)),
      'the newest first',
    );
    for (const event of events.slice(-5)) {
      const id = event.is === 'job' ? event.job.id : event.is === 'job-gone' ? event.id : null;
      if (id !== null) t.equal(byId.has(id), event.is === 'job');
    }
  }
  const same = Array.from({length: 5}, (_, i) => ({...lineOf(idOf(i)), submitted: now}));
  const orders = [same, same.toReversed()].map(
    jobs => update(empty(), {is: 'jobs', jobs, begins: true, more: false})[0].jobs.items,
  );
  t.strictSame(orders[0], orders[1], 'those of one moment stand in one order');
});

t.test('an answer that did not come leaves the one before, and says why', async t => {
  const answer = (value: ReturnType<typeof statusOf> | null, at: number): Message => ({
    ...{is: 'answered', of: 'status', value, at},
    trouble: value === null ? trouble : null,
  });
  const alert = {code: 'warning', what: 'Look.', fix: 'Do.'} as const;
  const [first] = update(empty(), answer(statusOf({alerts: [alert]}), now));
  t.strictSame(first.alerts, [alert], 'its alerts are those that stand');
  const [second] = update(first, answer(null, now + 1));
  t.equal(second.held.status?.value, first.held.status?.value);
  t.strictSame(second.held.status?.trouble, trouble);
  t.strictSame(second.alerts, [alert]);
  const [third] = update(second, answer(statusOf(), now + 2));
  t.equal(third.held.status?.trouble, null);
  t.strictSame(third.alerts, []);
  t.strictSame(update(empty(), answer(null, now))[0].held.status?.value, null);
});

t.test('a connection that breaks is down until something is heard', async t => {
  let [model] = update(busy(), {is: 'broken', trouble});
  t.strictSame(model.link, {is: 'down', trouble, starting: false});
  [model] = update(model, {is: 'started', trouble: null});
  [model] = update(model, {is: 'broken', trouble});
  t.match(model.link, {starting: true}, 'it is being started, whatever else breaks meanwhile');
  t.strictSame(hear(model, [])[0].link, {is: 'up'});
});

t.test('a log: of the job that is open alone, and the last 2000 lines of it', async t => {
  const lines = (from: number, amount: number) =>
    Array.from({length: amount}, (_, i) => ({
      ...({is: 'line', next: from + i, at: null, text: `line ${from + i}`} as const),
    }));
  let model = empty(undefined, {job: idOf(1)});
  t.equal(
    update(model, {is: 'log', begins: false, id: idOf(2), events: lines(0, 1)})[0],
    model,
    'another one is not heard',
  );
  for (let from = 0; from < 5000; from += 500)
    [model] = update(model, {is: 'log', begins: false, id: idOf(1), events: lines(from, 500)});
  t.equal(model.log?.lines.length, 2000);
  t.equal(model.log?.lines.at(-1)?.text, 'line 4999');
  t.equal(model.log?.lines[0]?.text, 'line 3000');
  t.equal(model.log?.isOver, false);
  [model] = update(model, {is: 'log', begins: false, id: idOf(1), events: [...lines(5000, 1), {is: 'end'}]});
  t.match(model.log, {isOver: true});
  t.equal(model.log?.lines.at(-1)?.text, 'line 5000');
});

const entry = (seq: number): TrailEntry => ({...entries[0], seq}) as TrailEntry;
const wrote = (model: Model, seqs: readonly number[], begins = false, missed = false): Model => {
  const events = seqs.map(seq => ({is: 'entry', ...entry(seq)}) as const);
  return update(model, {is: 'trail', begins, events: missed ? [{is: 'missed'}, ...events] : events})[0];
};
const seqs = ({trail}: Model): readonly number[] => trail.entries.map(({seq}) => seq);

t.test('the audit: newest first, none twice, 2000 at most, and gaps are said', async t => {
  t.equal(empty().trail.isHeard, false);
  let model = wrote(empty(), [1, 2, 3], true);
  t.strictSame([seqs(model), model.trail.isHeard, model.trail.hasGaps], [[3, 2, 1], true, false]);
  model = wrote(model, [3, 4, 5, 4]);
  t.strictSame(seqs(model), [5, 4, 3, 2, 1], 'what comes again is there once');
  model = wrote(model, [9], false, true);
  t.strictSame([seqs(model), model.trail.hasGaps], [[9, 5, 4, 3, 2, 1], true]);
  t.equal(wrote(model, [10]).trail.hasGaps, true, 'what was missed stays missed');
  t.strictSame(seqs(wrote(model, [7, 8])), [9, 8, 7, 5, 4, 3, 2, 1], 'what comes late stands in its place');
  const anew = wrote(model, [8, 9], true);
  t.strictSame([seqs(anew), anew.trail.hasGaps], [[9, 8], false], 'until it is asked anew');
  for (let from = 10; from < 6010; from += 500)
    model = wrote(
      model,
      Array.from({length: 500}, (_, i) => from + i),
    );
  t.equal(model.trail.entries.length, 2000);
  t.strictSame([seqs(model)[0], seqs(model).at(-1)], [6009, 4010]);
});

t.test('names that mean harm are kept as they are: screens clean what they show', async t => {
  const jobs = hostile.map((title, i) => ({...lineOf(idOf(i)), title, submitted: now - i}));
  const [model] = hear(
    empty(),
    jobs.map(job => ({is: 'job', job})),
  );
  t.strictSame(titles(model), [...hostile]);
});
