/** The client against the real server, and against whatever else may be at the other end of a socket. */
import {spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {chmod, chown, writeFile} from 'node:fs/promises';
import {createServer, type RequestListener} from 'node:http';
import {connect, createServer as createBareServer, type Socket} from 'node:net';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {ApiClient, type Heard} from '../../../appliance/api/client.ts';
import type {BoxEvent} from '../../../appliance/api/events.ts';
import {addressed} from '../../../appliance/api/request.ts';
import {rows} from '../../../appliance/api/rows.ts';
import type {LogEvent} from '../../../appliance/api/shapes.ts';
import {type ApiTrouble, describeApiTrouble} from '../../../appliance/api/trouble.ts';
import {ann, idOf, jobOf} from '../../web/memory-box.ts';
import {serve, shortFolder, until} from '../../web/served.ts';

const id = idOf(1);
const theJob = {params: {id}};

/** Something that answers on a socket, and a client of it. */
async function against(t: Test, answer: RequestListener, answerMs = 30_000) {
  const path = join(await shortFolder(t), 's');
  const server = createServer(answer);
  server.listen(path);
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const waits: number[] = [];
  const wait = async (ms: number) => void waits.push(ms);
  return {path, server, waits, client: new ApiClient({socket: path, answerMs, wait})};
}

t.test('what is asked for comes back as its row says', async t => {
  const {client, box} = await serve(t, {jobs: [jobOf(1), jobOf(2)]});
  t.match(await client.call('health', {}), {ok: true, value: {ok: true}});
  t.match(await client.call('metrics', {}), {ok: true, value: /^# TYPE/});
  const list = await client.call('jobs.list', {
    query: {state: ['queued', 'paused'], limit: 1, q: 'film & ü'},
  });
  t.match(list, {ok: true, value: {jobs: [], next: null}});
  t.match(box.asked.at(-1), {states: ['queued', 'paused'], limit: 1, text: 'film & ü'});
  const page = await client.call('jobs.list', {query: {limit: 1}});
  t.match(page, {ok: true, value: {jobs: [{id: idOf(2)}], next: `1000002-${idOf(2)}`}});
  t.match(await client.call('jobs.get', theJob), {ok: true, value: {id, owner: ann}});
  t.match(await client.call('jobs.pause', theJob), {ok: true, value: {state: {is: 'paused'}}});
  t.match(await client.call('jobs.priority', {...theJob, body: {priority: 9}}), {
    ok: true,
    value: {priority: 9},
  });
  t.match(await client.call('queue.set', {body: {mode: 'paused'}}), {ok: true, value: {mode: 'paused'}});
  const made = await client.call('jobs.submit', {body: {path: '/films/ü "x".mkv'}}, {answerMs: 60_000});
  t.match(made, {ok: true, value: {made: true}});
  t.match(box.asked.at(-1), {path: '/films/ü "x".mkv', options: {}, sidecars: []});
  t.match(await client.call('jobs.delete', theJob), {ok: true, value: {state: {is: 'deleted'}}});
});

t.test('a no comes with its status, code and words', async t => {
  const {client} = await serve(t, {jobs: [jobOf(1)]});
  t.match(await client.call('jobs.retry', theJob), {
    ok: false,
    why: {
      reason: 'problem',
      status: 409,
      problem: {code: 'not-now', what: /is queued/, fix: /pause, cancel/},
    },
  });
  const odd = await client.call('jobs.get', {params: {id: '../../status'}});
  t.match(odd, {ok: false, why: {reason: 'problem', status: 404}}, 'a field stays in its place');
});

t.test('an address is made of what goes in, and of nothing else', async t => {
  const table = [
    [rows['jobs.cancel'], {params: {id: 'a/b?c'}}, '/api/jobs/a%2Fb%3Fc/cancel', undefined],
    [
      rows['jobs.list'],
      {query: {state: ['a', 'b'], q: undefined, limit: 5}},
      '/api/jobs?state=a&state=b&limit=5',
      undefined,
    ],
    [rows['queue.set'], {body: {mode: 'paused'}}, '/api/queue', '{"mode":"paused"}'],
    [rows['queue.get'], {body: {mode: 'paused'}}, '/api/queue', undefined],
  ] as const;
  for (const [row, input, path, json] of table) t.strictSame(addressed(row, input), {path, json});
});

t.test('a daemon that is down is known by its silence', async t => {
  const folder = await shortFolder(t);
  await writeFile(join(folder, 'file'), '');
  const dead = join(folder, 'dead');
  const bind = `const s = require('net').createServer().listen('${dead}', () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', bind]);
  for (const name of ['nothing', 'file', 'file/below', 'dead']) {
    const socket = join(folder, name);
    const found = await new ApiClient({socket}).call('status', {});
    t.strictSame(found, {ok: false, why: {reason: 'daemon-down', socket}}, name);
  }
});

t.test('whoever may not use the socket is told whose it is', {skip: process.getuid?.() !== 0}, async t => {
  const {path} = await against(t, (_, res) => res.end('{"ok":true}'));
  await chmod(join(path, '..'), 0o755);
  await chmod(path, 0o660);
  await chown(path, 0, 4);
  const program = `
    import {ApiClient} from '${new URL('../../../appliance/api/client.ts', import.meta.url).pathname}';
    process.setgroups([]); process.setgid(65534); process.setuid(65534);
    const found = await new ApiClient({socket: '${path}'}).call('health', {});
    console.log(JSON.stringify(found));`;
  const asked = () => spawnSync(process.execPath, ['--input-type=module', '-e', program], {encoding: 'utf8'});
  t.match(JSON.parse(asked().stdout), {
    ok: false,
    why: {reason: 'not-permitted', socket: path, group: 'adm'},
  });
  await chmod(join(path, '..'), 0o700);
  t.match(JSON.parse(asked().stdout), {ok: false, why: {reason: 'not-permitted', group: null}});
});

t.test('an answer that is not one of ours is said to be so', async t => {
  const json = {'Content-Type': 'application/json'};
  const table: readonly (readonly [string, RequestListener, object])[] = [
    ['no JSON', (_, res) => res.end('<html>'), {reason: 'bad-answer', detail: '/healthz does not parse'}],
    ['another shape', (_, res) => res.end('{"ok":1}'), {reason: 'bad-answer', detail: /at ok/}],
    ['a no without words', (_, res) => res.writeHead(502).end('x'), {reason: 'bad-answer', detail: /502/}],
    [
      'a redirect',
      (_, res) => res.writeHead(301, {Location: '/'}).end(),
      {reason: 'bad-answer', detail: /301/},
    ],
    [
      'a no with odd words',
      (_, res) => res.writeHead(400, json).end('{"error":"x"}'),
      {reason: 'bad-answer'},
    ],
    ['half of one', (_, res) => void res.write('{"ok"', () => res.destroy()), {reason: 'no-answer'}],
    ['none', (_, res) => void res.destroy(), {reason: 'no-answer'}],
  ];
  for (const [what, answer, why] of table) {
    const {client} = await against(t, answer);
    t.match(await client.call('health', {}), {ok: false, why}, what);
  }
  const bare = join(await shortFolder(t), 's');
  const server = createBareServer(socket => socket.end('SSH-2.0-OpenSSH\r\n'));
  server.listen(bare);
  await once(server, 'listening');
  t.teardown(() => server.close());
  const found = await new ApiClient({socket: bare}).call('health', {});
  t.match(found, {ok: false, why: {reason: 'no-answer'}}, 'another service');
});

t.test('what a later daemon adds is left alone', async t => {
  const {client} = await against(t, (_, res) => res.end('{"ok":true,"mood":"good"}'));
  t.strictSame(await client.call('health', {}), {ok: true, value: {ok: true}});
});

t.test('an answer without an end is not read to it', async t => {
  let sent = 0;
  const flood: RequestListener = (_, res) => {
    const more = (): void => {
      while (!res.destroyed && res.write('x'.repeat(1 << 16))) sent += 1 << 16;
    };
    res.on('drain', more);
    more();
  };
  const {client} = await against(t, flood);
  t.match(await client.call('metrics', {}), {
    ok: false,
    why: {reason: 'bad-answer', detail: /over 16777216/},
  });
  t.ok(sent < 32 << 20, `${sent} bytes were sent`);
});

t.test('a silent daemon is given up on in time, and a caller can give up before', async t => {
  const {client} = await against(t, () => {}, 100);
  t.match(await client.call('health', {}), {
    ok: false,
    why: {reason: 'no-answer', detail: 'nothing within 0.1 s'},
  });
  const half = await against(t, (_, res) => res.write('{"ok"'), 100);
  t.match(await half.client.call('health', {}), {ok: false, why: {reason: 'no-answer', detail: /0.1 s/}});
  const stop = new AbortController();
  const waiting = client.call('health', {}, {signal: stop.signal, answerMs: 60_000});
  stop.abort(new Error('enough'));
  await t.rejects(waiting, {message: 'enough'});
  await t.rejects(client.call('health', {}, {signal: stop.signal}), {message: 'enough'});
});

t.test('every trouble has a sentence and a way on', async t => {
  const troubles: readonly ApiTrouble[] = [
    {reason: 'daemon-down', socket: '/box/run/control.sock'},
    {reason: 'not-permitted', socket: '/box/run/control.sock', group: 'dubstead'},
    {reason: 'not-permitted', socket: '/box/run/control.sock', group: null},
    {reason: 'problem', status: 404, problem: {code: 'no-such-job', what: 'None.', fix: 'Look.'}},
    {reason: 'no-answer', detail: 'it hung up'},
    {reason: 'bad-answer', detail: '/healthz does not parse'},
  ];
  for (const trouble of troubles) {
    const {what, fix} = describeApiTrouble(trouble);
    t.match(what, /^[A-Z].*\.$/);
    t.match(fix, /^[A-Z].*\.$/);
  }
  t.match(describeApiTrouble(troubles[0] as ApiTrouble).fix, 'dubstead up');
  t.match(describeApiTrouble(troubles[1] as ApiTrouble).fix, 'usermod -aG dubstead');
});

/** Gathers what is heard, until it ends or there is enough. */
async function gather<T>(heard: AsyncIterable<Heard<T>>, into: Heard<T>[], enough = Infinity): Promise<void> {
  for await (const one of heard) {
    into.push(one);
    if (into.length >= enough) return;
  }
}

/** A way to a daemon that can break, and lead to another one. */
async function wayTo(t: Test, target: string) {
  const path = join(await shortFolder(t), 'way');
  const ends = new Set<Socket>();
  const way = {path, target, cut: () => ends.forEach(end => void end.destroy())};
  const server = createBareServer(near => {
    const far = connect(way.target);
    for (const [one, other] of [[near, far] as const, [far, near] as const]) {
      ends.add(one);
      one.on('error', () => {});
      one.once('close', () => {
        ends.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  server.listen(path);
  await once(server, 'listening');
  t.teardown(() => {
    way.cut();
    server.close();
  });
  return way;
}

const goneOf = (number: number): BoxEvent => ({is: 'job-gone', id: idOf(number), owner: ann});

t.test('events are followed through a break, and none is lost or told twice', async t => {
  const {path, box} = await serve(t);
  const way = await wayTo(t, path);
  const client = new ApiClient({socket: way.path, wait: async () => {}});
  const heard: Heard<BoxEvent>[] = [];
  const events = () => heard.flatMap(one => (one.is === 'event' ? one.event : []));
  const stop = new AbortController();
  const over = gather(client.follow('jobs.events', {}, stop.signal), heard);
  // A break before the first word is no break: it starts anew, and is told to.
  await until('it follows', () => events().length === 1);
  for (let number = 1; number <= 30; number++) {
    box.events.append({is: 'job-gone', id: idOf(number), owner: ann});
    if (number % 3 !== 0) continue;
    way.cut();
    await until('it has caught up', () => events().length > number);
  }
  await until('all of them', () => events().length === 31);
  const wanted = Array.from({length: 30}, (_, i) => goneOf(i + 1));
  t.strictSame(events(), [{is: 'reset', why: 'new'}, ...wanted]);
  const breaks = heard.filter(one => one.is === 'broken');
  t.ok(breaks.length > 0);
  t.match(breaks[0], {trouble: {reason: 'no-answer'}, againMs: 250});
  stop.abort();
  await over;
  await until('nobody follows', () => box.events.followers === 0);
});

t.test('another daemon in its place means to read everything again', async t => {
  const [first, second] = [await serve(t), await serve(t)];
  const way = await wayTo(t, first.path);
  const client = new ApiClient({socket: way.path, wait: async () => {}});
  const stop = new AbortController();
  const resets: string[] = [];
  for await (const one of client.follow('jobs.events', {}, stop.signal)) {
    if (one.is !== 'event' || one.event.is !== 'reset') continue;
    resets.push(one.event.why);
    way.target = second.path;
    way.cut();
    if (resets.length === 2) break;
  }
  t.strictSame(resets, ['new', 'restarted']);
  await until('it was let go', () => second.box.events.followers === 0);
});

t.test('a daemon that is away is asked again, ever more slowly, until it is back', async t => {
  const socket = join(await shortFolder(t), 'control.sock');
  const waits: number[] = [];
  const wait = async (ms: number): Promise<void> => {
    waits.push(ms);
    if (waits.length === 7) await new Promise<void>(resolve => back.listen(socket, resolve));
  };
  const back = createServer((_, res) => {
    res.writeHead(200, {'Content-Type': 'text/event-stream'});
    res.end('id: 0000000a-5\ndata: {"is":"reset","why":"restarted"}\n\n');
  });
  t.teardown(() => back.close());
  const client = new ApiClient({socket, wait});
  const heard: string[] = [];
  for await (const one of client.follow('jobs.events', {}, new AbortController().signal)) {
    heard.push(one.is === 'event' ? one.event.is : `${one.trouble.reason} ${one.againMs}`);
    if (heard.length === 9) break;
  }
  t.strictSame(waits, [250, 500, 1000, 2000, 4000, 5000, 5000]);
  t.equal(heard[0], 'daemon-down 250');
  t.strictSame(heard.slice(7), ['reset', 'no-answer 250'], 'a stream that came makes it patient no more');
});

t.test('a no that another try would not change ends it', async t => {
  const error = (code: string) => JSON.stringify({error: {code, what: 'No.', fix: 'None.'}});
  const table = [
    [404, 'no-such-job', null],
    [403, 'not-allowed', null],
    [503, 'too-many-streams', 250],
    [429, 'too-often', 250],
  ] as const;
  for (const [status, code, againMs] of table) {
    const {client} = await against(t, (_, res) => res.writeHead(status).end(error(code)));
    const heard: Heard<LogEvent>[] = [];
    await gather(client.follow('jobs.logs', theJob, new AbortController().signal), heard, 1);
    t.match(heard, [{is: 'broken', trouble: {status, problem: {code}}, againMs}], code);
  }
});

t.test('a stream that speaks another language is left', async t => {
  const table = ['data: x\n\n', 'data: {"is":"later"}\n\n'];
  for (const text of table) {
    const {client} = await against(t, (_, res) => res.writeHead(200).end(text));
    const heard: Heard<BoxEvent>[] = [];
    await gather(client.follow('jobs.events', {}, new AbortController().signal), heard);
    t.match(heard, [{is: 'broken', trouble: {reason: 'bad-answer'}, againMs: null}]);
  }
});

t.test('a log is followed through a break to its end', async t => {
  const {path, box} = await serve(t, {jobs: [jobOf(1)]});
  box.lines = ['one', 'two'];
  box.logIsOver = false;
  const way = await wayTo(t, path);
  const client = new ApiClient({socket: way.path, wait: async () => {}});
  const heard: Heard<LogEvent>[] = [];
  const over = gather(
    client.follow('jobs.logs', {...theJob, query: {tail: 1}}, new AbortController().signal),
    heard,
  );
  await until('a line', () => heard.length === 1);
  way.cut();
  box.say('three');
  await until('a line more', () =>
    heard.some(one => one.is === 'event' && JSON.stringify(one).includes('three')),
  );
  box.say('four', {last: true});
  await over;
  const told = heard.flatMap(one =>
    one.is === 'event' ? [one.event.is === 'line' ? one.event.text : 'end'] : [],
  );
  t.strictSame(told, ['two', 'three', 'four', 'end']);
});

t.test('the end of a log is its end, whatever the connection does', async t => {
  const text = 'id: 1\ndata: {"is":"line","next":1,"at":null,"text":"one"}\n\ndata: {"is":"end"}\n\n';
  const {client} = await against(t, (_, res) => void res.writeHead(200).write(text));
  const heard: Heard<LogEvent>[] = [];
  await gather(client.follow('jobs.logs', theJob, new AbortController().signal), heard);
  t.match(heard, [{event: {text: 'one'}}, {event: {is: 'end'}}]);
});

t.test('a follower who has enough leaves nothing open', async t => {
  const {client, box, streams} = await serve(t);
  for await (const _ of client.follow('jobs.events', {}, new AbortController().signal)) break;
  await until('nobody follows', () => box.events.followers === 0 && streams.open === 0);
  const stop = new AbortController();
  stop.abort();
  const none = await Array.fromAsync(client.follow('jobs.events', {}, stop.signal));
  t.strictSame(none, [], 'and one who has had enough before hears nothing');
});
