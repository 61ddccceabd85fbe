/** The box behind nginx and caddy, each set up as docs/reverse-proxy.md says, over TLS and both versions of HTTP: whose address counts, and what comes through whole. */
import {createHash, randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import {text} from 'node:stream/consumers';
import t, {type Test} from 'tap';
import {DefaultHttpStack, Upload} from 'tus-js-client';
import {WebSocket} from 'ws';
import {readEventStream} from '../../appliance/api/event-stream.ts';
import {digestOf} from '../../appliance/digest.ts';
import {type ProxyName, publicName, shown} from '../../scripts/proxy.ts';
import {ann, idOf, jobOf, MemoryBox} from './memory-box.ts';
import {
  addPerson,
  Browser,
  type Network,
  networkOf,
  parsed,
  password,
  type Reply,
  type Wire,
} from './people.ts';
import {type Front, proxyOf} from './proxy.ts';
import {firstRoad, type Leaving, type Road, type Sending, secondRoad, type Trust} from './road.ts';
import {Scale} from './scale.ts';
import {until} from './served.ts';

/** Neither the proxy's address nor the box's. */
const clientAddress = '127.0.0.2';
const spoofed = '10.66.66.66';
const mebibyte = 1 << 20;

const env: Readonly<Record<string, string>> = Object.fromEntries(
  shown('sh')
    .trim()
    .split('\n')
    .map(line => line.split('=')),
);

/** Ann, who typed the public name. */
class Visitor {
  readonly #browser: Browser;
  readonly #road: Road;

  constructor(road: Road) {
    this.#browser = new Browser(`https://${publicName}`, (path, wire) => this.#sent(path, wire));
    this.#road = road;
  }

  get headers(): Readonly<Record<string, string>> {
    return {Host: publicName, ...this.#browser.headers};
  }

  ask(path: string, wire: Wire = {}): Promise<Reply> {
    return this.#browser.ask(path, {...wire, headers: {Host: publicName, ...wire.headers}});
  }

  login(headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return this.ask('/api/auth/login', {method: 'POST', body: {name: 'ann', password}, headers});
  }

  /** Where her login came from, as the box sees it. */
  async firstAddress(headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const {json} = await this.ask('/api/auth/sessions', {headers});

    return json.sessions.find(({current}: {current: boolean}) => current).firstAddress;
  }

  /** A request whose body or answer the test takes in its own time. */
  open(path: string, {method = 'GET', headers = {}}: Leaving = {}): Sending {
    return this.#road.send(path, {method, headers: {...this.headers, ...headers}});
  }

  async #sent(path: string, {method = 'GET', headers = {}, body: object}: Wire): Promise<Reply> {
    const body = object === undefined ? undefined : JSON.stringify(object);
    const described = {'Content-Type': 'application/json', 'Content-Length': String(body?.length)};
    const all = {...(body !== undefined && described), ...headers};
    const answer = await this.#road.send(path, {method, headers: all}).end(body);
    const got = await text(answer.body);
    return {status: answer.status, headers: answer.headers, text: got, json: parsed(got)};
  }
}

type Version = 'HTTP/1.1' | 'HTTP/2';

interface Scene extends Network {
  readonly proxy: Front;
  readonly scale: Scale;
  readonly visitor: Visitor;
  readonly login: Reply;
  readonly trust: Trust;
}

async function boxOf(t: Test, settings = env): Promise<Network & {scale: Scale}> {
  const box = new MemoryBox();
  const scale = new Scale(box.asked);
  box.uploads = scale;
  const net = await networkOf(t, settings, {box});
  await addPerson(net, 'ann', 'operator');
  return {...net, scale};
}

async function scene(t: Test, which: ProxyName, version: Version): Promise<Scene> {
  const net = await boxOf(t);
  const proxy = await proxyOf(t, which, net.url);
  const trust = {ca: proxy.ca, servername: publicName};
  const ends = {url: proxy.url, from: clientAddress, trust};
  const visitor = new Visitor(version === 'HTTP/2' ? await secondRoad(t, ends) : firstRoad(t, ends));
  const login = await visitor.login({'X-Forwarded-For': spoofed});
  return {...net, proxy, visitor, login, trust};
}

async function theAddress(t: Test, {visitor, login}: Scene): Promise<void> {
  t.equal(login.status, 200, login.text);
  t.equal(await visitor.firstAddress(), clientAddress);
  for (const lie of [spoofed, '8.8.8.8', `${spoofed}, ${spoofed}`]) {
    const {status} = await visitor.ask('/api/auth/me', {headers: {'X-Forwarded-For': lie}});
    t.equal(status, 200, `${lie} is not believed`);
  }
}

/** A page elsewhere that has its name lead here gets nowhere: the box, or the proxy, knows no such name. */
async function theName(t: Test, {visitor}: Scene): Promise<void> {
  t.match(await visitor.ask('/api/auth/me'), {status: 200, text: /"ann"/});
  const {status, text} = await visitor.ask('/api/auth/me', {headers: {Host: 'evil.example'}});
  t.notMatch(text, /"ann"/, `it is answered with ${status}`);
}

async function theCookies(t: Test, {login}: Scene): Promise<void> {
  const cookies = [login.headers['set-cookie'] ?? []].flat();
  t.match(cookies[0], /^__Host-session=ds_[\w-]{43}; Path=\/; Max-Age=\d+; SameSite=Lax; HttpOnly; Secure$/);
  t.match(cookies[1], /^__Host-csrf=[\w-]{43}; Path=\/; Max-Age=\d+; SameSite=Lax; Secure$/);
}

const progress = (done: number) =>
  ({is: 'progress', id: idOf(1), owner: ann, stage: 'mix', done, secondsLeft: 1}) as const;

async function theEvents(t: Test, {visitor, box}: Scene): Promise<void> {
  const answer = await visitor.open('/api/jobs/events').end();
  t.match(answer.headers['content-type'], /^text\/event-stream/);
  const heard: string[] = [];
  const reading = (async () => {
    for await (const {data} of readEventStream(answer.body)) heard.push(data);
  })().catch(() => {});
  await until('the first event', () => heard.length === 1);
  t.notOk(answer.body.readableEnded, 'the stream stays open');
  box.events.append(progress(0.2));
  await until('the one that came later', () => heard.length === 2);
  t.match(heard[1], /"done":0\.2/);
  answer.body.destroy();
  await reading;
}

async function theSocket(t: Test, {visitor, proxy, box, trust}: Scene): Promise<void> {
  const socket = new WebSocket(`${proxy.url.replace('http', 'ws')}/ws/jobs/${idOf(1)}`, {
    ...{headers: {...visitor.headers}, localAddress: clientAddress, ...trust},
  });
  t.teardown(() => socket.terminate());
  const heard: string[] = [];
  socket.on('message', data => heard.push(String(data)));
  await once(socket, 'open');
  await until('the start is told', () => heard.length === 1);
  box.events.append(progress(0.3));
  await until('and what happens', () => heard.length === 2);
  t.match(heard[1], /"done":0\.3/);
  socket.close();
  await once(socket, 'close');
}

/** More than the sockets between take, so that a proxy that gathers it has to put it somewhere. */
const film = randomBytes(32 * mebibyte);

async function putFilm(t: Test, {box}: Scene): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'film-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  const path = join(folder, 'film.es.mkv');
  await writeFile(path, film);
  const outputs = [{kind: 'film.es.mkv', path, bytes: film.length, digest: digestOf(film)}];
  const job = jobOf(1, {state: {is: 'done', at: 2, seconds: 1, summary: [], outputs}});
  box.all.set(job.id, job);
  return `/video/${job.id}`;
}

async function theFilm(t: Test, at: Scene): Promise<void> {
  const {visitor, proxy} = at;
  const path = await putFilm(t, at);
  const etag = `"${digestOf(film)}"`;
  const range = {Range: 'bytes=4-6'};
  const partial = {'content-range': `bytes 4-6/${film.length}`, 'content-length': '3', etag};
  t.match(await visitor.ask(path, {headers: range}), {status: 206, headers: partial});
  const same = {...range, 'If-Range': etag};
  t.match(await visitor.ask(path, {headers: same}), {status: 206, headers: partial}, 'it is still the same');
  const answer = await visitor.open(path, {headers: {...range, 'If-Range': '"another"'}}).end();
  t.match(answer, {status: 200, headers: {'content-length': String(film.length)}});
  // Nobody reads it meanwhile: a proxy that gathers answers has the time to.
  for (let i = 0; i < 5; i++) t.equal((await visitor.ask('/api/jobs')).status, 200);
  const hash = createHash('sha256');
  for await (const piece of answer.body) hash.update(piece);
  t.equal(hash.digest('hex'), digestOf(film));
  t.notMatch(proxy.said(), /temporary file/, 'it waited in no file of the proxy');
}

const uploadBytes = 64 * mebibyte;
const pieceBytes = 8 * mebibyte;

async function theUpload(t: Test, {visitor, scale, proxy}: Scene): Promise<void> {
  const tus = {'Tus-Resumable': '1.0.0'};
  const metadata = `filename ${Buffer.from('film.mkv').toString('base64')}`;
  const begin = {...tus, 'Upload-Length': String(uploadBytes), 'Upload-Metadata': metadata};
  const begun = await visitor.ask('/api/uploads', {method: 'POST', headers: begin});
  t.equal(begun.status, 201, begun.text);
  const path = String(begun.headers['location']);
  const hash = createHash('sha256');
  for (let offset = 0; offset < uploadBytes; offset += pieceBytes) {
    const piece = randomBytes(pieceBytes);
    hash.update(piece);
    const sent = visitor.open(path, {
      method: 'PATCH',
      headers: {
        ...{...tus, 'Content-Type': 'application/offset+octet-stream'},
        ...{'Upload-Offset': String(offset), 'Content-Length': String(pieceBytes)},
      },
    });
    sent.write(piece.subarray(0, mebibyte));
    await until('what was sent so far is there, while the rest is not', () => scale.received > offset);
    sent.write(piece.subarray(mebibyte));
    const answer = await sent.end();
    answer.body.resume();
    t.equal(answer.status, 204);
    t.equal(answer.headers['upload-offset'], String(offset + pieceBytes));
  }
  t.equal(scale.received, uploadBytes);
  t.equal(scale.digest, hash.digest('hex'), 'whole and in order');
  t.match(await visitor.ask(path, {method: 'HEAD', headers: tus}), {
    status: 200,
    headers: {'upload-offset': String(uploadBytes)},
  });
  t.notMatch(proxy.said(), /temporary file/, 'it waited in no file of the proxy');
}

/** As it is: the client of browsers, which speaks HTTP/1.1 in Node. */
async function theClient(t: Test, {visitor, scale, proxy, trust}: Scene): Promise<void> {
  const {promise: over, resolve, reject} = Promise.withResolvers<void>();
  const sentBefore = scale.received;
  const stack = new DefaultHttpStack({...trust, localAddress: clientAddress});
  const upload = new Upload(Readable.from([film]) as never, {
    ...{endpoint: `${proxy.url}/api/uploads`, uploadSize: film.length, chunkSize: pieceBytes},
    ...{httpStack: stack, headers: {...visitor.headers}, metadata: {filename: 'film.mkv'}},
    ...{retryDelays: [], onSuccess: () => resolve(), onError: reject},
  });
  upload.start();
  await over;
  t.equal(scale.received - sentBefore, film.length);
  t.match(upload.url, /^https:/, 'it was told of no other address');
}

async function throughBoth(t: Test, at: Scene): Promise<void> {
  await t.test('the address that the proxy saw counts, not the one that a client claims', t =>
    theAddress(t, at),
  );
  await t.test('another name leads nowhere', t => theName(t, at));
  await t.test('cookies arrive as they were set', t => theCookies(t, at));
  await t.test('films come in ranges, and are gathered nowhere', t => theFilm(t, at));
  await t.test('events arrive when they happen', t => theEvents(t, at));
  await t.test('an upload arrives whole, and as it is sent', t => theUpload(t, at));
}

for (const which of ['nginx', 'caddy'] as const) {
  t.test(`${which}, HTTP/1.1 over TLS`, async t => {
    const at = await scene(t, which, 'HTTP/1.1');
    await throughBoth(t, at);
    await t.test('WebSockets open and speak', t => theSocket(t, at));
    await t.test('tus-js-client uploads', t => theClient(t, at));
  });
  t.test(`${which}, HTTP/2`, async t => throughBoth(t, await scene(t, which, 'HTTP/2')));
}

t.test('without TRUSTED_PROXY_SUBNETS, or from outside them, forwarded headers change nothing', async t => {
  const {TRUSTED_PROXY_SUBNETS: subnets, ...untrusting} = env;
  t.equal(subnets, '127.0.0.1');
  const cases = [
    [untrusting, '127.0.0.1'],
    [env, clientAddress],
  ] as const;
  for (const [settings, from] of cases) {
    const {url} = await boxOf(t, settings);
    const visitor = new Visitor(firstRoad(t, {url, from}));
    for (const lie of [spoofed, '8.8.8.8']) {
      const headers = {'X-Forwarded-For': lie};
      t.equal((await visitor.login(headers)).status, 200);
      t.equal(await visitor.firstAddress(headers), from);
    }
  }
});

t.test('REMOTE_ACCESS_MODE off refuses a public client through a trusted proxy', async t => {
  const {url} = await boxOf(t);
  const visitor = new Visitor(firstRoad(t, {url, from: '127.0.0.1'}));
  const from = (address: string) => visitor.login({'X-Forwarded-For': address});
  t.match(await from('8.8.8.8'), {status: 403, json: {error: {code: 'not-served'}}});
  t.match(await from(`${spoofed}, 8.8.8.8`), {status: 403}, 'whatever stands left of it');
  t.equal((await from(spoofed)).status, 200, 'a private one is served');
});
