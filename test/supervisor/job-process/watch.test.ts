/** Time and pace: which limit is told, that it is told once, and who waits for whom. */
import {once} from 'node:events';
import {PassThrough} from 'node:stream';
import t, {type Test} from 'tap';
import type {Failure} from '../../../appliance/failure.ts';
import {Pace, paced} from '../../../supervisor/job-process/pace.ts';
import {type TimeLimits, Watch} from '../../../supervisor/job-process/watch.ts';

const never = 60_000;

function watching(t: Test, limits: Partial<TimeLimits>) {
  const told: Failure[] = [];
  const first = Promise.withResolvers<Failure>();
  const watch = new Watch({wallMs: null, stageMs: null, heartbeatMs: never, ...limits}, failure => {
    told.push(failure);
    first.resolve(failure);
  });
  t.teardown(() => watch.stop());
  watch.start();
  return {watch, told, first: first.promise};
}

/** Turns of the event loop for so long: what is due by then has been told. */
async function pass(ms: number): Promise<void> {
  const started = performance.now();
  while (performance.now() - started < ms) await new Promise(setImmediate);
}

t.test('each limit is told with what was allowed', async t => {
  t.strictSame(await watching(t, {wallMs: 30}).first, {
    reason: 'limit',
    limit: 'job',
    allowed: 0.03,
    node: null,
  });
  t.strictSame(await watching(t, {heartbeatMs: 30}).first, {
    ...{reason: 'limit', limit: 'silence', allowed: 0.03, node: null},
  });
  const {watch, first} = watching(t, {stageMs: 30});
  watch.started('mix@1');
  t.strictSame(await first, {reason: 'limit', limit: 'stage', allowed: 0.03, node: 'mix@1'});
});

t.test('only the first is told', async t => {
  const {watch, told, first} = watching(t, {wallMs: 20, stageMs: 20, heartbeatMs: 20});
  watch.started('a');
  await first;
  watch.heard();
  t.equal(watch.started('b'), true);
  await pass(60);
  t.equal(told.length, 1);
});

t.test('a step that finished in time, and one of which nothing is left to wait for', async t => {
  const {watch, told} = watching(t, {stageMs: 40});
  watch.started('a');
  watch.started('a');
  watch.finished('a');
  watch.finished('never begun');
  await pass(80);
  t.strictSame(told, []);
  watch.started('b');
  watch.stop();
  watch.stop();
  await pass(80);
  t.strictSame(told, []);
});

t.test('a step begun twice has one time', async t => {
  const {watch, first} = watching(t, {stageMs: 50});
  watch.started('a');
  const again = setInterval(() => watch.started('a'), 10);
  t.match(await first, {limit: 'stage', node: 'a'});
  clearInterval(again);
});

t.test('signs of life put silence off, and while we keep it waiting there is none', async t => {
  const {watch, told, first} = watching(t, {heartbeatMs: 60});
  const signs = setInterval(() => watch.heard(), 10);
  await pass(150);
  clearInterval(signs);
  watch.hold();
  await pass(150);
  t.strictSame(told, []);
  watch.heard();
  t.match(await first, {limit: 'silence'});
});

t.test('no limit is none, and a limit of months is not one of a moment', async t => {
  const {watch, told} = watching(t, {wallMs: 3.6e9, stageMs: null, heartbeatMs: 2 ** 33});
  for (let i = 0; i < 5000; i++) t.equal(watch.started(`n${i}`), true) || t.fail('refused');
  await pass(50);
  t.strictSame(told, []);
});

t.test('more steps at once than can be are refused', async t => {
  const {watch} = watching(t, {stageMs: never});
  for (let i = 0; i < 1000; i++) watch.started(`n${i}`);
  t.equal(watch.started('one more'), false);
  t.equal(watch.started('n3'), true, 'that one is known');
  watch.finished('n3');
  t.equal(watch.started('one more'), true);
});

t.test('a burst is taken at once, and after that no more than so much a second', async t => {
  let at = 0;
  const pace = new Pace({perSecond: 100, burst: 50, now: () => at});
  const timed = async (amount: number): Promise<number> => {
    const started = performance.now();
    await pace.take(amount);
    return performance.now() - started;
  };
  t.ok((await timed(50)) < 30);
  t.ok((await timed(10)) >= 95, 'a debt of ten is a tenth of a second');
  at += 200;
  t.ok((await timed(10)) < 30, 'time pays it back');
  at += 1e12;
  await pace.take(50);
  t.ok((await timed(10)) >= 95, 'a clock that jumps ahead gives no more than a burst');
  at -= 1e12;
  t.ok((await timed(1)) >= 95, 'and one that jumps back takes nothing');
});

t.test('no wait is long, and none is left once it is open', async t => {
  const pace = new Pace({perSecond: 1, burst: 1, now: () => 0});
  const started = performance.now();
  const taking = pace.take(1e9);
  pace.open();
  await taking;
  await pace.take(1e9);
  t.ok(performance.now() - started < 900);
});

t.test('a stream that is paced holds its sender back and loses nothing', async t => {
  const stream = new PassThrough({highWaterMark: 10});
  const pace = new Pace({perSecond: 100_000, burst: 1024, now: () => performance.now()});
  const taken: Buffer[] = [];
  const all = (async () => {
    for await (const chunk of paced(stream, pace)) taken.push(chunk);
  })();
  const started = performance.now();
  for (let i = 0; i < 20; i++) if (!stream.write('0123456789')) await once(stream, 'drain');
  t.ok(performance.now() - started > 100, 'it waited');
  stream.end();
  await all;
  t.equal(Buffer.concat(taken).toString(), '0123456789'.repeat(20));
});
