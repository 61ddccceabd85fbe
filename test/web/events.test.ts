/** Events from the ring to the wire: numbered, resumed, seen only by whose they are, and never heaped up for the slow. */
import {once} from 'node:events';
import {createServer, type IncomingMessage, request, type ServerResponse} from 'node:http';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {readEventStream} from '../../appliance/api/event-stream.ts';
import {BoxEvent, type BoxNews} from '../../appliance/api/events.ts';
import type {Sight} from '../../appliance/api/permissions.ts';
import type {Alert} from '../../appliance/api/status.ts';
import {EventRing} from '../../web/ring.ts';
import {keepAliveMs, type StreamEnd, sendEvents} from '../../web/sse.ts';
import {ann, bob, idOf} from './memory-box.ts';
import {shortFolder, until} from './served.ts';

const all: Sight = {is: 'all'};
const newsOf = (number: number, owner = ann): BoxNews => ({is: 'job-gone', id: idOf(number), owner});

interface Numbered {
  readonly id: string | null;
  readonly event: BoxEvent;
}

/** What a text of whole frames says. */
async function eventsIn(text: string): Promise<Numbered[]> {
  const source = (async function* () {
    yield Buffer.from(text);
  })();
  const sent = await Array.fromAsync(readEventStream(source));
  return sent.map(({id, data}) => ({id, event: BoxEvent.parse(JSON.parse(data))}));
}

/** Takes so many events, then lets the stream go. */
async function take(stream: AsyncGenerator<string>, count: number): Promise<Numbered[]> {
  const events: Numbered[] = [];
  for await (const text of stream) {
    events.push(...(await eventsIn(text)));
    if (events.length >= count) break;
  }
  return events;
}

const forever = new AbortController().signal;
const ringOf = (events = 10, bytes = 1 << 20) => new EventRing('0000000a', {events, bytes});
const numbersOf = (events: readonly Numbered[]) => events.map(({id}) => Number(id?.split('-')[1]));

t.test('a new follower is told to read everything, and then hears what happens', async t => {
  const ring = ringOf();
  ring.append(newsOf(1));
  const stream = ring.follow(null, all, forever);
  t.strictSame(await eventsIn((await stream.next()).value ?? ''), [
    {id: '0000000a-1', event: {is: 'reset', why: 'new'}},
  ]);
  ring.append(newsOf(2));
  ring.append(newsOf(3));
  const {value} = await stream.next();
  t.match(await eventsIn(value ?? ''), [
    {id: '0000000a-2', event: {id: idOf(2)}},
    {id: '0000000a-3', event: {id: idOf(3)}},
  ]);
  t.equal(ring.followers, 1);
  await stream.return(undefined);
  t.equal(ring.followers, 0);
});

t.test('whoever comes back goes on behind the last event heard, wherever that was', async t => {
  const ring = ringOf();
  for (let number = 1; number <= 15; number++) ring.append(newsOf(number));
  const table: readonly (readonly [string, string | undefined, readonly number[]])[] = [
    ['0000000a-5', undefined, [6, 7, 8, 9, 10, 11, 12, 13, 14, 15]],
    ['0000000a-14', undefined, [15]],
    ['0000000a-4', 'too-old', [15]],
    ['0000000a-0', 'too-old', [15]],
    ['0000000a-16', 'restarted', [15]],
    ['0000000a-999999999999999', 'restarted', [15]],
    ['0000000b-10', 'restarted', [15]],
  ];
  for (const [after, why, numbers] of table) {
    const events = await take(ring.follow(after, all, forever), numbers.length);
    t.strictSame(numbersOf(events), numbers, `after ${after}`);
    const [first] = events;
    t.equal(first?.event.is === 'reset' ? first.event.why : undefined, why, `after ${after}`);
  }
  const waiting = ring.follow('0000000a-15', all, forever);
  const next = waiting.next();
  ring.append(newsOf(16));
  t.strictSame(numbersOf(await eventsIn((await next).value ?? '')), [16], 'after the last one: no reset');
  await waiting.return(undefined);
});

t.test('a follower that falls behind the ring is told so, once, and goes on from now', async t => {
  const ring = ringOf(10);
  const stream = ring.follow(null, all, forever);
  await stream.next();
  for (let number = 1; number <= 1000; number++) ring.append(newsOf(number));
  t.match(await eventsIn((await stream.next()).value ?? ''), [
    {id: '0000000a-1000', event: {is: 'reset', why: 'too-old'}},
  ]);
  ring.append(newsOf(1001));
  t.strictSame(numbersOf(await eventsIn((await stream.next()).value ?? '')), [1001]);
  await stream.return(undefined);
});

t.test('each hears their own news alone, numbered as they are for all', async t => {
  const ring = ringOf();
  const box: BoxNews = {is: 'alerts', alerts: []};
  for (const event of [newsOf(1, bob), newsOf(2, ann), box, newsOf(4, bob)]) ring.append(event);
  const table: readonly (readonly [Sight, readonly number[]])[] = [
    [all, [1, 2, 3, 4]],
    [{is: 'own', user: ann}, [2]],
    [{is: 'own', user: bob}, [1, 4]],
  ];
  for (const [sight, numbers] of table) {
    const events = await take(ring.follow('0000000a-0', sight, forever), numbers.length);
    t.strictSame(numbersOf(events), numbers, JSON.stringify(sight));
  }
  const stream = ring.follow('0000000a-0', {is: 'none'}, forever);
  const heard = stream.next();
  ring.append(newsOf(5));
  ring.close();
  t.match(await heard, {done: true}, 'nobody hears nothing');
});

t.test('the ring holds so many events and so many bytes, however many there were', async t => {
  const ring = ringOf(500, 1 << 20);
  for (let number = 0; number < 20_000; number++) ring.append(newsOf(number));
  t.equal(ring.size.events, 500);
  t.ok(ring.size.bytes < 500 * 100, `${ring.size.bytes} bytes`);
  const small = ringOf(500, 1000);
  for (let number = 0; number < 100; number++) small.append(newsOf(number));
  t.ok(small.size.bytes <= 1000, `${small.size.bytes} bytes`);
  t.ok(small.size.events >= 9 && small.size.events < 15, `${small.size.events} events`);
  const alerts: Alert[] = [{code: 'warning', what: 'x'.repeat(4000), fix: ''}];
  small.append({is: 'alerts', alerts});
  t.strictSame(small.size, {events: 0, bytes: 0}, 'one that is too large for all of it is not kept');
  const events = await take(small.follow('0000000a-99', all, forever), 1);
  t.match(events, [{event: {is: 'reset', why: 'too-old'}}], 'and nobody misses it unknowingly');
});

t.test('a signal and a close end a follower that waits, and one that does not', async t => {
  const ring = ringOf();
  const stop = new AbortController();
  const waiting = ring.follow(null, all, stop.signal);
  await waiting.next();
  const next = waiting.next();
  stop.abort();
  t.match(await next, {done: true});
  t.match(await ring.follow(null, all, stop.signal).next(), {value: /reset/, done: false});
  const closing = ring.follow(null, all, forever);
  await closing.next();
  const last = closing.next();
  ring.close();
  ring.close();
  t.match(await last, {done: true});
  ring.append(newsOf(1));
  t.equal(ring.size.events, 0, 'a closed one takes nothing');
  t.equal(ring.followers, 1, 'the one that was not asked again');
});

t.test('a run is eight hex digits, or it is a mistake', async t => {
  t.throws(() => new EventRing('run'));
  t.throws(() => new EventRing(''));
});

/** A server that sends each client the same feed, and how each stream ended. */
async function streaming(t: Test, feedFor: () => AsyncIterable<string>) {
  const path = join(await shortFolder(t), 's');
  const ticks = new Set<() => void>();
  const ends: StreamEnd[] = [];
  const responses: ServerResponse[] = [];
  const periods: number[] = [];
  const server = createServer((_, res) => {
    responses.push(res);
    res.flushHeaders();
    const every = (ms: number, tick: () => void) => {
      periods.push(ms);
      ticks.add(tick);
      return () => ticks.delete(tick);
    };
    sendEvents(res, feedFor(), every).then(
      end => ends.push(end),
      () => {},
    );
  });
  server.listen(path);
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const dial = async (): Promise<IncomingMessage> => {
    const sent = request({socketPath: path, agent: false});
    sent.on('error', () => {});
    sent.end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    t.teardown(() => answer.destroy());
    return answer;
  };
  const beat = (): void => {
    for (const tick of ticks) tick();
  };
  return {dial, beat, ends, responses, ticks, periods};
}

/** Says nothing, until it is let go. */
async function* silence(signal: AbortSignal): AsyncGenerator<string> {
  if (!signal.aborted) await once(signal, 'abort');
  yield* [];
}

t.test('a quiet stream shows that it lives, a busy one need not', async t => {
  const stop = new AbortController();
  const {dial, beat, ends, ticks, periods} = await streaming(t, () => silence(stop.signal));
  const answer = await dial();
  beat();
  const [first] = await once(answer, 'data');
  t.equal(String(first), ': here\n\n');
  t.strictSame(periods, [keepAliveMs]);
  stop.abort();
  answer.resume();
  await once(answer, 'end');
  t.strictSame(ends, ['over']);
  t.equal(ticks.size, 0, 'no beat goes on');
});

t.test('a stream that spoke since the last beat is not filled', async t => {
  const ring = ringOf();
  const {dial, beat} = await streaming(t, () => ring.follow(null, all, forever));
  const answer = await dial();
  answer.setEncoding('utf8');
  let text = '';
  answer.on('data', (chunk: string) => {
    text += chunk;
  });
  await until('the reset', () => text.includes('reset'));
  beat();
  ring.append(newsOf(1));
  await until('the event', () => text.includes('job-gone'));
  t.notMatch(text, ': here');
  ring.close();
});

t.test('a client that hangs up is the end of its stream, and of nothing else', async t => {
  const ring = ringOf();
  const {dial, ends, ticks} = await streaming(t, () => ring.follow(null, all, forever));
  const [gone, stays] = [await dial(), await dial()];
  await once(stays, 'data');
  gone.destroy();
  await until('one beat less', () => {
    // A stream that waits for news finds out with the next of them.
    ring.append(newsOf(1));
    return ticks.size === 1;
  });
  t.strictSame(ends, ['hung-up']);
  t.equal(ring.followers, 1);
  ring.close();
});

t.test('a client that takes nothing costs one piece, and is let go after two beats', async t => {
  const ring = new EventRing('0000000a');
  const {dial, beat, ends, responses} = await streaming(t, () => ring.follow(null, all, forever));
  const answer = await dial();
  answer.pause();
  const alert: Alert = {code: 'warning', what: 'x'.repeat(4000), fix: ''};
  let most = 0;
  for (let round = 0; round < 300; round++) {
    for (let i = 0; i < 10; i++) ring.append({is: 'alerts', alerts: [alert]});
    await new Promise(resolve => setImmediate(resolve));
    most = Math.max(most, responses[0]?.writableLength ?? 0);
  }
  t.ok(responses[0]?.writableNeedDrain, 'it is behind');
  t.ok(most > 0 && most < 200_000, `${most} bytes were held of ${3000 * 4000}`);
  beat();
  t.strictSame(ends, [], 'once may be chance');
  beat();
  await until('its end', () => ends.length === 1);
  t.strictSame(ends, ['too-slow']);
  ring.close();
});

t.test('a client that is slow but takes something is kept', async t => {
  const ring = new EventRing('0000000a');
  const {dial, beat, ends, responses} = await streaming(t, () => ring.follow(null, all, forever));
  const answer = await dial();
  const alert: Alert = {code: 'warning', what: 'x'.repeat(4000), fix: ''};
  let taken = 0;
  for (let round = 0; round < 5; round++) {
    answer.pause();
    do {
      for (let i = 0; i < 100; i++) ring.append({is: 'alerts', alerts: [alert]});
      await new Promise(resolve => setImmediate(resolve));
    } while (responses[0]?.writableNeedDrain !== true);
    beat();
    // What was stuck at this beat is gone by the next one, though as much is stuck again.
    const target = taken + 400_000;
    answer.on('data', chunk => {
      taken += chunk.length;
    });
    answer.resume();
    await until('more', () => taken >= target);
    answer.removeAllListeners('data');
  }
  t.strictSame(ends, []);
  ring.close();
});

t.test('one piece that is too large lets its client go', async t => {
  async function* huge(): AsyncGenerator<string> {
    yield `data: ${'x'.repeat(4 << 20)}\n\n`;
    yield 'data: never\n\n';
  }
  const {dial, ends} = await streaming(t, huge);
  const answer = await dial();
  answer.pause();
  await until('its end', () => ends.length === 1);
  t.strictSame(ends, ['too-slow']);
});

t.test('two hundred clients each get every event, in order', async t => {
  const ring = new EventRing('0000000a');
  const {dial} = await streaming(t, () => ring.follow(null, all, forever));
  const clients = await Promise.all(Array.from({length: 200}, dial));
  const wanted = 300;
  const readings = clients.map(async client => {
    const numbers: number[] = [];
    for await (const {id} of readEventStream(client)) numbers.push(Number(id?.split('-')[1]));
    return numbers;
  });
  await until('all of them', () => ring.followers === 200);
  for (let number = 1; number <= wanted; number++) {
    ring.append(newsOf(number));
    if (number % 10 === 0) await new Promise(resolve => setImmediate(resolve));
  }
  ring.close();
  for (const numbers of await Promise.all(readings)) {
    const missed = numbers.some((number, i) => i > 0 && number !== (numbers[i - 1] ?? 0) + 1);
    if (missed) t.fail(`an event is missing: ${numbers.slice(0, 20)}`);
  }
  t.equal(ring.followers, 0);
});

t.test('bytes become events however they are cut up', async t => {
  const text =
    ': a comment\nid: 1\ndata: {"a":\ndata:  "ü😀"}\n\nevent: x\ndata\n\r\nid: 2\r\ndata:last\r\n\r\ndata: torn\n';
  const bytes = Buffer.from(text);
  for (const size of [1, 2, 3, 7, bytes.length]) {
    const source = (async function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    })();
    t.strictSame(
      await Array.fromAsync(readEventStream(source)),
      [
        {id: '1', data: '{"a":\n "ü😀"}'},
        {id: null, data: ''},
        {id: '2', data: 'last'},
      ],
      `${size} bytes at a time`,
    );
  }
});

t.test('an event without an end is not gathered for ever', async t => {
  for (const line of ['x'.repeat(1 << 16), `data: ${'x'.repeat(1 << 16)}\n`]) {
    let sent = 0;
    const source = (async function* () {
      for (; sent < 1000; sent++) yield Buffer.from(line);
    })();
    await t.rejects(Array.fromAsync(readEventStream(source)), /over 1048576/);
    t.ok(sent < 20, `${sent} pieces were read`);
  }
});
