/**
 * One exchange with a server that behaves in every way a server can; and that the server of these tests speaks what
 * other clients speak: Debian's apprise is the witness.
 */
import {execFile} from 'node:child_process';
import {once} from 'node:events';
import {readFile} from 'node:fs/promises';
import {createServer} from 'node:https';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {Readable} from 'node:stream';
import {promisify} from 'node:util';
import t, {type Test} from 'tap';
import {Secret} from '../../../appliance/config/secret.ts';
import type {PushMessage} from '../../../supervisor/push/message.ts';
import {type Answer, exchangeLimitMs, publish} from '../../../supervisor/push/ntfy.ts';
import {type Behaviour, type NtfyMessage, NtfyServer} from '../../ntfy-server.ts';
import {Clock} from './clock.ts';
import {idOf, noon} from './rows.ts';

const run = promisify(execFile);
const topic = 'dub-Home_1';
const token = 'tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2';

const message: PushMessage = {
  title: 'となりの山 👨‍👩‍👧‍👦 speaks Spanish now',
  message: 'Dubbed in 12 min.\n\u2068שלום עולם\u2069 "x" \\ é',
  priority: 4,
  tags: ['clapper', 'x'],
  click: 'https://dub.example/jobs/abcdefgh12',
  sequence_id: idOf('Abc_-123'),
};

async function serverOf(t: Test): Promise<NtfyServer> {
  const server = await new NtfyServer().start();
  t.teardown(() => server.stop());
  return server;
}

function send(
  url: string,
  other: {token?: string | null; clock?: Clock; signal?: AbortSignal} = {},
): Promise<Answer> {
  const clock = other.clock ?? new Clock(noon);
  const signal = other.signal ?? new AbortController().signal;
  const token = other.token === undefined || other.token === null ? null : new Secret(other.token);
  const target = {url: new URL(url), topic: new Secret(topic), token};
  return publish(target, message, {signal, now: clock.now, after: clock.after});
}

/** The stream that a phone listens to, from the moment it is open. */
async function subscribe(t: Test, server: NtfyServer): Promise<() => Promise<NtfyMessage>> {
  const hangUp = new AbortController();
  const {body} = await fetch(`${server.url}/${topic}/json`, {signal: hangUp.signal});
  if (body === null) throw new Error('no stream');
  const source = Readable.fromWeb(body).on('error', () => undefined);
  const lines = createInterface({input: source}).on('error', () => undefined);
  const each = lines[Symbol.asyncIterator]();
  t.teardown(() => hangUp.abort());
  const next = async (): Promise<NtfyMessage> => JSON.parse((await each.next()).value ?? 'null');
  t.match(await next(), {event: 'open', topic});
  return next;
}

t.test('every field arrives as it was sent, to the byte', async t => {
  const server = await serverOf(t);
  const next = await subscribe(t, server);
  t.strictSame(await send(server.url), {is: 'accepted'});
  const {id, time, ...rest} = await next();
  t.strictSame(rest, {event: 'message', topic, ...message});
  t.match({id, time}, {id: /^m\d+$/, time: Number});
  const [, request] = server.requests;
  t.match(request, {method: 'POST', url: '/', headers: {'content-type': 'application/json'}});
  t.equal(request?.headers.authorization, undefined);
});

t.test('the token is in one header and nowhere else', async t => {
  const server = await serverOf(t);
  server.token = token;
  t.strictSame(await send(server.url, {token}), {is: 'accepted'});
  const [request] = server.requests;
  t.equal(request?.headers.authorization, `Bearer ${token}`);
  const {authorization: _, ...headers} = request?.headers ?? {};
  t.notMatch(JSON.stringify({...request, headers}), token);
});

t.test('what a server answers is told apart: taken, refused for good, not now', async t => {
  const server = await serverOf(t);
  const host = new URL(server.url).host;
  const status = (status: number, other: {retryAfter?: string; code?: number} = {}): Behaviour => ({
    is: 'status',
    status,
    ...other,
  });
  const gone = (why: RegExp) => ({is: 'refused', why});
  const later = (why: RegExp, retryAfterMs: number | null = null) => ({is: 'unavailable', why, retryAfterMs});
  const table: readonly (readonly [Behaviour, object])[] = [
    [status(400, {code: 40009}), gone(/refuses pushes \(400, ntfy 40009\)\. Check NTFY_TOPIC/)],
    [
      status(401, {code: 40101}),
      gone(/\(401, ntfy 40101\): the topic wants an access token\. Set NTFY_TOKEN/),
    ],
    [status(403), gone(/\(403\).*NTFY_TOKEN/)],
    [status(404), gone(/\(404\): there is no ntfy there\. Check NTFY_BASE_URL/)],
    [status(405), gone(/\(405\).*NTFY_BASE_URL/)],
    [status(413, {code: 41303}), gone(/41303/)],
    [status(408), later(/\(408\)/)],
    [status(429), later(/fewer pushes \(429\)/)],
    [status(429, {retryAfter: '7'}), later(/429/, 7_000)],
    [status(429, {retryAfter: 'Tue, 03 Nov 2026 12:01:30 GMT'}), later(/429/, 90_000)],
    [status(429, {retryAfter: 'soon'}), later(/429/)],
    [status(500), later(/in trouble \(500\)/)],
    [status(503, {retryAfter: '120'}), later(/503/, 120_000)],
    [{is: 'reset'}, later(/cannot be reached: the connection was cut/)],
    [{is: 'lose-answer'}, later(/the connection was cut/)],
    [{is: 'page', text: '<h1>Welcome to the hotel</h1>'}, later(/not as ntfy does\. Check NTFY_BASE_URL/)],
    [{is: 'page', text: '[]'}, later(/not as ntfy does/)],
    [{is: 'page', text: '{"id": ""}'}, later(/not as ntfy does/)],
    [{is: 'page', text: ''}, later(/not as ntfy does/)],
    [{is: 'well'}, {is: 'accepted'}],
  ];
  for (const [behaviour, wanted] of table) {
    server.behaviour = behaviour;
    const answer = await send(server.url);
    t.match(answer, wanted, JSON.stringify(behaviour));
    if (answer.is === 'accepted') continue;
    t.ok(answer.why.startsWith(host), 'says who');
    t.notMatch(answer.why, topic, 'and not where: whoever knows the topic can read it');
  }
});

t.test('a wrong token is told from a missing one, and is never shown', async t => {
  const server = await serverOf(t);
  server.token = token;
  const wrong = await send(server.url, {token: 'tk_wrong'});
  t.match(wrong, {is: 'refused', why: /\(401, ntfy 40101\): NTFY_TOKEN may not write to the topic/});
  t.notMatch(JSON.stringify(wrong), /tk_/);
  t.match(await send(server.url), {is: 'refused', why: /\(403, ntfy 40301\).*Set NTFY_TOKEN/});
  t.strictSame(server.messages, []);
});

t.test('a redirect is not followed: neither message nor token go elsewhere', async t => {
  const [server, elsewhere] = [await serverOf(t), await serverOf(t)];
  for (const to of [elsewhere.url, `${server.url}/other`, 'javascript:alert(1)', '\u0000']) {
    server.behaviour = {is: 'redirect', to: encodeURI(to)};
    const answer = await send(server.url, {token});
    t.match(answer, {is: 'unavailable', why: /sends pushes on to .*Check NTFY_BASE_URL/});
    t.notMatch(JSON.stringify(answer), /tk_/);
  }
  t.equal(elsewhere.requests.length, 0);
  t.equal(server.requests.length, 4, 'not even on the same server');
});

t.test('a server that says nothing is given up after the limit, and hung up on', async t => {
  const server = await serverOf(t);
  server.behaviour = {is: 'hang'};
  const clock = new Clock(noon);
  const answer = send(server.url, {clock});
  await server.requested(1);
  t.strictSame(clock.ahead, [exchangeLimitMs]);
  clock.advance(exchangeLimitMs);
  t.match(await answer, {is: 'unavailable', why: /gave no answer within 20 s/});
  await server.hungUp(1);
});

t.test('an answer without an end is not read to the end', async t => {
  const server = await serverOf(t);
  server.behaviour = {is: 'flood'};
  t.match(await send(server.url), {is: 'unavailable', why: /not as ntfy does/});
  await server.hungUp(1);
});

t.test('whoever stops us is obeyed at once, before and while we wait', async t => {
  const server = await serverOf(t);
  server.behaviour = {is: 'hang'};
  const [stop, clock] = [new AbortController(), new Clock(noon)];
  const answer = send(server.url, {clock, signal: stop.signal});
  await server.requested(1);
  stop.abort();
  t.match(await answer, {is: 'unavailable'});
  t.match(await send(server.url, {clock, signal: stop.signal}), {is: 'unavailable'});
  t.equal(server.requests.length, 1);
  t.strictSame(clock.ahead, [], 'no timer is left behind');
});

t.test('a server that is not there is told from one that is', async t => {
  const server = await serverOf(t);
  await server.stop();
  t.match(await send(server.url), {is: 'unavailable', why: /cannot be reached: nobody listens there/});
  t.match(await send('http://dub.invalid'), {
    is: 'unavailable',
    why: /^dub\.invalid cannot be reached: the name/,
  });
  await server.start();
  t.strictSame(await send(server.url), {is: 'accepted'});
});

t.test('a certificate that nobody vouches for is not believed', async t => {
  const dir = t.testdir();
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const made = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    key,
    '-out',
    cert,
  ];
  await run('openssl', ['req', '-x509', ...made, '-subj', '/CN=localhost', '-days', '2']);
  let requests = 0;
  const server = createServer({key: await readFile(key), cert: await readFile(cert)}, (_, response) => {
    requests++;
    response.end('{"id": "x"}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  t.match(await send(url, {token}), {is: 'unavailable', why: /its certificate is signed by itself alone/});
  t.equal(requests, 0, 'nothing was said to it');
});

t.test('a client of others is taken by this server as ours is', {timeout: 60_000}, async t => {
  const server = await serverOf(t);
  const next = await subscribe(t, server);
  const {host} = new URL(server.url);
  const [title, body] = ['Qué 日本語 😀 שלום', 'Über alles\nline two'];
  const apprise = (url: string) =>
    run('apprise', ['-t', title, '-b', body, url], {env: {...process.env, LANG: 'C.UTF-8'}});
  await apprise(`ntfy://${host}/${topic}?priority=high&tags=clapper,x&click=https://dub.example/`);
  const theirs = await next();
  await send(server.url);
  const ours = await next();
  t.match(theirs, {event: 'message', topic, title, message: body, priority: 4, tags: ['clapper', 'x']});
  t.equal(theirs.click, 'https://dub.example/');
  const {sequence_id, ...fields} = ours;
  t.strictSame(
    Object.keys(theirs).sort(),
    Object.keys(fields).sort(),
    'the same fields, and ours names itself',
  );
  t.equal(sequence_id, message.sequence_id);
  server.token = token;
  await t.rejects(apprise(`ntfy://${host}/${topic}`), {code: 1}, 'without a token it is turned away');
  await t.rejects(apprise(`ntfy://me:wrong@${host}/${topic}`), {code: 1}, 'with a wrong one as well');
  server.token = null;
  server.behaviour = {is: 'status', status: 429};
  await t.rejects(apprise(`ntfy://${host}/${topic}`), {code: 1}, 'it hears of trouble as we do');
  t.equal(server.messages.length, 2);
});

t.test(
  'the server takes what the protocol takes, by headers and by JSON, and refuses what it refuses',
  async t => {
    const server = await serverOf(t);
    const post = async (path: string, init: RequestInit) => {
      const response = await fetch(`${server.url}${path}`, {method: 'POST', ...init});
      return {status: response.status, body: await response.json()};
    };
    const encoded = `=?UTF-8?B?${Buffer.from('日本語').toString('base64')}?=`;
    const headers = {'X-Title': encoded, Priority: 'urgent', 'X-Tags': 'a, b', Click: 'https://x.example/'};
    t.match(await post(`/${topic}`, {method: 'PUT', headers, body: ' text '}), {
      status: 200,
      body: {
        event: 'message',
        title: '日本語',
        message: 'text',
        priority: 5,
        tags: ['a', 'b'],
        click: 'https://x.example/',
      },
    });
    t.match(await post(`/${topic}?title=t&p=low`, {body: ''}), {
      body: {message: 'triggered', title: 't', priority: 2},
    });
    t.match(await post('/', {body: JSON.stringify({topic, title: '=?utf-8?q?=E6=97=A5_x?='})}), {
      body: {title: '日 x', message: 'triggered'},
    });
    const json = (fields: object) => ({body: JSON.stringify({topic, ...fields})});
    const table: readonly (readonly [string, RequestInit, number, number])[] = [
      ['/', {body: '{'}, 400, 40024],
      ['/', json({topic: 'a/b'}), 400, 40009],
      ['/', json({message: 'x'.repeat(8192)}), 413, 41303],
      ['/', json({message: 'x'.repeat(4097)}), 400, 40014],
      ['/', json({title: 'x'.repeat(1025)}), 400, 40057],
      ['/', json({tags: ['x'.repeat(513)]}), 400, 40058],
      ['/', json({sequence_id: 'a/b'}), 400, 40049],
      ['/', json({priority: 6}), 400, 40007],
      ['/a/b', {body: 'x'}, 404, 40401],
      [`/${topic}/json`, {body: 'x'}, 404, 40401],
    ];
    for (const [path, init, status, code] of table)
      t.match(await post(path, init), {status, body: {http: status, code}}, String(code));
    t.equal(server.messages.length, 3);
    const polled = await fetch(`${server.url}/${topic}/json?poll=1&since=all`);
    t.equal((await polled.text()).trim().split('\n').length, 3);
  },
);
