/** Following the audit: what is told first, what comes after, and who is let go. */
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {Audit} from '../../../appliance/audit/audit.ts';
import type {AuditEntry} from '../../../appliance/audit/entry.ts';
import {type FollowAsk, followAudit} from '../../../appliance/audit/follow.ts';
import {Tail} from '../../../appliance/audit/tail.ts';

const everything: FollowAsk = {limit: 2, user: null, action: null, after: null};

async function auditOf(t: Test) {
  const folder = await mkdtemp(join(tmpdir(), 'audit-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  const audit = await Audit.open(folder, () => Date.UTC(2026, 10, 22));
  t.teardown(() => audit.stop());
  const write = async (user: string, action: 'queue.paused' | 'queue.resumed' = 'queue.paused') => {
    audit.record({action, result: 'ok', user});
    await audit.flush();
  };
  const stop = new AbortController();
  t.teardown(() => stop.abort());
  const follow = (ask: Partial<FollowAsk> = {}) =>
    followAudit({folder, tail: audit.tail}, {...everything, ...ask}, stop.signal);
  return {audit, write, follow, stop};
}

/** The numbers of as many as there should be; `missed` where some are. */
async function numbers(follow: ReturnType<typeof followAudit>, amount: number) {
  const found: (number | string)[] = [];
  while (found.length < amount) {
    const {value} = await follow.next();
    if (value === undefined) break;
    found.push(value.is === 'entry' ? value.entry.seq : value.is);
  }
  return found;
}

t.test('the last ones come first, then each that is written; none twice', async t => {
  const {write, follow, audit, stop} = await auditOf(t);
  for (const user of ['ann', 'bob', 'ann']) await write(user);
  const all = follow();
  t.strictSame(await numbers(all, 2), [2, 3]);
  await write('bob');
  await write('ann');
  t.strictSame(await numbers(all, 2), [4, 5]);
  const waiting = numbers(all, 1);
  await write('cyn');
  t.strictSame(await waiting, [6], 'whoever waits is woken');
  const late = all.next();
  stop.abort();
  t.match(await late, {done: true});
  t.equal(audit.tail.followers, 0, 'nothing is left of it');
});

t.test('of one person, of one action', async t => {
  const {write, follow} = await auditOf(t);
  const [ofBob, resumed] = [follow({user: 'bob'}), follow({action: 'queue.resumed'})];
  await write('ann');
  const [both, some] = [numbers(ofBob, 2), numbers(resumed, 1)];
  for (const user of ['bob', 'ann', 'bob']) await write(user);
  await write('ann', 'queue.resumed');
  t.strictSame([await both, await some], [[2, 4], [5]]);
});

t.test('after a broken connection it goes on where it was, or says that something is missing', async t => {
  const {audit, write, follow} = await auditOf(t);
  for (let number = 0; number < 5; number++) await write('ann');
  t.strictSame(await numbers(follow({after: 3}), 2), [4, 5]);
  t.strictSame(await numbers(follow({after: 2, user: 'ann'}), 3), [3, 4, 5]);
  for (let number = 0; number < 600; number++) audit.record({action: 'queue.paused', result: 'ok'});
  await audit.flush();
  t.strictSame(await numbers(follow({after: 3}), 2), ['missed', 106]);
  t.strictSame(await numbers(follow({after: 105}), 1), [106], 'with nothing missing none is said to be');
});

t.test('who does not keep up is let go, and nobody else waits for them', async t => {
  const tail = new Tail(3);
  const entries = (amount: number) => Array.from({length: amount}, (_, seq) => ({seq}) as AuditEntry);
  const {signal} = new AbortController();
  using slow = tail.listen();
  using quick = tail.listen();
  tail.tell(entries(2));
  t.equal((await quick.next(signal))?.length, 2);
  tail.tell(entries(2));
  t.equal(tail.followers, 1);
  t.equal(await slow.next(signal), null);
  t.equal((await quick.next(signal))?.length, 2);
});
