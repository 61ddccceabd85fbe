/** Who goes with whom, when, and how long a server is left alone: tables, and a day of bursts. */

import t from 'tap';
import {UserName} from '../../../appliance/job.ts';
import {
  fold,
  homePace,
  longestRestMs,
  type Pace,
  type Plan,
  type Sent,
} from '../../../supervisor/push/fold.ts';
import {readRetryAfterMs, restMs} from '../../../supervisor/push/rest.ts';
import type {PushRow} from '../../../supervisor/push/row.ts';
import {ana, done, idOf, ids, noon, wrong} from './rows.ts';

const pace: Pace = {...homePace, gatherMs: 10_000, windowMs: 60_000, most: 3};
const seconds = (count: number): number => noon + count * 1000;

const plan = (
  rows: readonly PushRow[],
  now: number,
  sent: readonly Sent[] = [],
  other: Partial<Pace> = {},
): Plan => fold(rows, {now, sent, pace: {...pace, ...other}});

const due = (made: Plan): readonly (readonly string[])[] => made.due.map(ids);
const at = (made: number) => ({made: seconds(made)});

t.test('a push waits a moment for others, and then goes', async t => {
  const rows = [done('a', {}, at(0))];
  t.strictSame(plan([], noon), {due: [], nextAt: null, stale: []});
  t.strictSame(plan(rows, seconds(0)), {due: [], nextAt: seconds(10), stale: []});
  t.strictSame(due(plan(rows, seconds(9.999))), []);
  t.strictSame(due(plan(rows, seconds(10))), [['a']]);
  t.equal(plan(rows, seconds(10)).nextAt, null);
});

t.test('a few go one by one, oldest first; more than a few go as one', async t => {
  const films = (count: number) => Array.from({length: count}, (_, i) => done(`n${i}`, {}, at(i)));
  t.strictSame(due(plan(films(3).toReversed(), seconds(10))), [['n0'], ['n1'], ['n2']]);
  t.strictSame(due(plan(films(4).toReversed(), seconds(10))), [['n0', 'n1', 'n2', 'n3']]);
  const twelve = plan(films(12), seconds(12));
  t.strictSame(due(twelve), [films(12).map(({id}) => id)]);
  t.strictSame(twelve.stale, []);
});

t.test('kinds are told apart, and none waits for another', async t => {
  const rows = [
    ...Array.from({length: 4}, (_, i) => wrong('refused', `r${i}`, {}, at(i))),
    done('d', {}, at(1)),
    wrong('failed', 'f', {}, at(2)),
    wrong('set-aside', 's', {}, at(5)),
  ];
  const made = plan(rows, seconds(12));
  t.strictSame(due(made), [['r0', 'r1', 'r2', 'r3'], ['d'], ['f']]);
  t.equal(made.nextAt, seconds(15), 'the last one still gathers');
});

t.test('after a few in a minute the rest gather for the whole minute', async t => {
  const sent = [1, 2, 3].map((second): Sent => ({kind: 'done', owner: ana, at: seconds(second)}));
  const rows = [done('a', {}, at(4))];
  const held = plan(rows, seconds(14), sent);
  t.strictSame(due(held), []);
  t.equal(held.nextAt, seconds(64));
  t.strictSame(due(plan(rows, seconds(64), sent)), [['a']]);
  t.strictSame(due(plan([wrong('failed', 'b', {}, at(4))], seconds(14), sent)), [['b']], 'another kind goes');
  const two = sent.slice(1);
  t.strictSame(due(plan([done('a', {}, at(4)), done('b', {}, at(5))], seconds(14), two)), [['a', 'b']]);
  t.strictSame(due(plan([done('a', {}, at(4))], seconds(14), two)), [['a']], 'one was left');
});

t.test(
  'a job every few seconds for an hour makes few messages, tells of each once, and none late',
  async t => {
    for (const everyS of [1, 5, 12, 25, 90]) {
      let waiting: readonly PushRow[] = [];
      let sent: readonly Sent[] = [];
      let told = 0;
      let latest = 0;
      for (let second = 0; second < 3700; second++) {
        const now = seconds(second);
        if (second < 3600 && second % everyS === 0)
          waiting = [...waiting, done(`n${second}`, {}, at(second))];
        for (const batch of plan(waiting, now, sent).due) {
          waiting = waiting.filter(row => !batch.includes(row));
          told += batch.length;
          latest = Math.max(latest, now - batch[0].made);
          sent = [...sent, {kind: 'done', owner: ana, at: now}];
        }
      }
      t.equal(told, Math.ceil(3600 / everyS), `every ${everyS} s: each of them`);
      t.strictSame(waiting, []);
      t.ok(latest <= 61_000, `within a minute: ${latest}`);
      for (const one of sent) {
        const inWindow = sent.filter(other => other.at >= one.at && other.at < one.at + pace.windowMs).length;
        if (inWindow > pace.most + 1) t.fail(`${inWindow} in a minute at one every ${everyS} s`);
      }
    }
  },
);

t.test('what is to wait waits, and its kind with it', async t => {
  const rows = [done('a', {}, {...at(0), attempts: 2, notBefore: seconds(50)}), done('b', {}, at(1))];
  t.strictSame(plan(rows, seconds(20)), {due: [], nextAt: seconds(50), stale: []});
  t.strictSame(due(plan(rows, seconds(50))), [['a'], ['b']]);
});

t.test('what is old, tried too often or too much is dropped and named', async t => {
  const day = 24 * 3600;
  const rows = [
    done('old', {}, at(-3 * day - 1)),
    done('just', {}, at(-3 * day)),
    done('tried', {}, {...at(0), attempts: 200}),
    done('trying', {}, {...at(0), attempts: 199}),
  ];
  const made = plan(rows, seconds(0));
  t.strictSame(ids(made.stale), ['old', 'tried']);
  t.strictSame(due(made), [['just'], ['trying']]);
  const many = Array.from({length: 7}, (_, i) => done(`n${i}`, {}, at(i)));
  const full = plan(many.toReversed(), seconds(20), [], {rows: 5});
  t.strictSame(ids(full.stale), ['n0', 'n1'], 'the oldest');
  t.strictSame(due(full), [['n2', 'n3', 'n4', 'n5', 'n6']]);
});

t.test('a clock that went back holds nothing up', async t => {
  t.strictSame(due(plan([done('a', {}, at(3600))], seconds(0))), [['a']], 'made in an hour');
  const far = seconds(0) + longestRestMs;
  t.equal(plan([done('a', {}, {...at(-60), notBefore: far})], seconds(0)).nextAt, far);
  t.strictSame(due(plan([done('a', {}, {...at(-60), notBefore: far + 1})], seconds(0))), [['a']]);
  const sent = Array.from({length: 9}, (): Sent => ({kind: 'done', owner: ana, at: seconds(3600)}));
  t.strictSame(due(plan([done('a', {}, at(-10))], seconds(0), sent)), [['a']], 'sent in an hour');
});

t.test('ten thousand are one message, and planning them is quick', async t => {
  const rows = Array.from({length: 10_000}, (_, i) => wrong('refused', `n${i}`, {}, at(i / 1000)));
  const started = process.cpuUsage();
  for (let again = 0; again < 10; again++) t.equal(plan(rows, seconds(10)).due.length, 1);
  const {user} = process.cpuUsage(started);
  t.comment(`${(user / 10_000).toFixed(1)} ms a plan`);
  t.equal(plan(rows, seconds(10)).due[0]?.length, 10_000);
});

t.test(
  'a server is left alone for longer and longer, never sooner than it asked, never for ever',
  async t => {
    const table = [
      {failures: 1, retryAfterMs: null, chance: 0, is: 2_500},
      {failures: 1, retryAfterMs: null, chance: 1, is: 5_000},
      {failures: 2, retryAfterMs: null, chance: 1, is: 10_000},
      {failures: 9, retryAfterMs: null, chance: 1, is: 1_280_000},
      {failures: 10, retryAfterMs: null, chance: 1, is: 1_800_000},
      {failures: 5000, retryAfterMs: null, chance: 0.5, is: 1_350_000},
      {failures: 1, retryAfterMs: 7_000, chance: 1, is: 7_000},
      {failures: 9, retryAfterMs: 7_000, chance: 1, is: 1_280_000},
      {failures: 1, retryAfterMs: 0, chance: 0, is: 2_500},
      {failures: 1, retryAfterMs: 9e15, chance: 0, is: longestRestMs},
    ];
    for (const {is, ...known} of table) t.equal(restMs(known), is, JSON.stringify(known));
  },
);

t.test('Retry-After is seconds or a date, and anything else is nothing', async t => {
  const table: readonly (readonly [string | null, number | null])[] = [
    ['120', 120_000],
    [' 0 ', 0],
    ['999999999999999', 999_999_999_999_999_000],
    ['9999999999999999', null],
    ['Tue, 03 Nov 2026 12:02:00 GMT', 120_000],
    ['Tue, 03 Nov 2026 11:00:00 GMT', 0],
    ['Tue, 99 Foo 2026 11:00:00 GMT', null],
    ['2026-11-03T12:02:00Z', null],
    ['-5', null],
    ['1.5', null],
    ['1e3', null],
    ['soon', null],
    ['', null],
    [null, null],
  ];
  for (const [header, ms] of table) t.equal(readRetryAfterMs(header, noon), ms, String(header));
});

t.test('a plan takes nothing from what it is given', async t => {
  const rows = Object.freeze([done('b', {}, at(5)), done('a', {}, at(0))]);
  plan(rows, seconds(20), [], {rows: 1});
  t.strictSame(ids(rows), [idOf('b'), idOf('a')]);
});

t.test('what is one person’s never goes in one message with another’s', async t => {
  const bob = UserName.parse('bob');
  const rows = Array.from({length: 10}, (_, i) =>
    done(`n${i}`, {}, {...at(0), owner: i % 2 === 0 ? ana : bob}),
  );
  const found = due(plan(rows, seconds(10)));
  t.strictSame(
    found.map(batch => batch.length),
    [5, 5],
  );
  t.strictSame(found[0], ['n0', 'n2', 'n4', 'n6', 'n8']);
  const sent = [1, 2, 3].map((second): Sent => ({kind: 'done', owner: bob, at: seconds(second)}));
  t.strictSame(due(plan([done('a', {}, at(0))], seconds(10), sent)), [['a']], 'nor waits for another’s');
});
