/** tus 1.0 over real sockets, onto a real desk: what each answer says, and what a request that goes wrong leaves. */
import {request} from 'node:http';
import t, {type Test} from 'tap';
import type {UploadLimits} from '../../supervisor/uploads/room.ts';
import {socketDoor} from '../../web/door.ts';
import {anna} from '../supervisor/home.ts';
import {type Desk, deskFor, filmOf, sha256} from '../supervisor/uploads/desk.ts';
import {MemoryBox} from './memory-box.ts';
import {
  type Answer,
  type Asked,
  ask,
  dial,
  json,
  type Served,
  type ServedSetting,
  serve,
  until,
} from './served.ts';

interface Place extends Served {
  readonly desk: Desk;
  tus(method: string, address: string, headers?: Asked['headers'], body?: Buffer): Promise<Answer>;
}

async function placeFor(
  t: Test,
  limits: Partial<UploadLimits> = {},
  setting: ServedSetting = {},
): Promise<Place> {
  const desk = await deskFor(t, limits);
  const box = new MemoryBox();
  box.uploads = desk.uploads;
  const served = await serve(t, {box, door: socketDoor(anna), ...setting});
  const tus: Place['tus'] = (method, address, headers = {}, body = undefined) =>
    ask(served.path, address, {method, headers: {'Tus-Resumable': '1.0.0', ...headers}, ...(body && {body})});
  return {...served, desk, tus};
}

const base64 = (data: Uint8Array | string): string => Buffer.from(data).toString('base64');
const named = (name: string): string => `filename ${base64(name)}`;
const octets = {'Content-Type': 'application/offset+octet-stream'};

async function begun(place: Place, length: number, name = 'film.mkv'): Promise<string> {
  const headers = {'Upload-Length': String(length), 'Upload-Metadata': named(name)};
  const {headers: found, text} = await place.tus('POST', '/api/uploads', headers);
  if (found.location === undefined) throw new Error(text);
  return found.location;
}

t.test('what it can do is said before anything else', async t => {
  const place = await placeFor(t);
  const found = await ask(place.path, '/api/uploads', {method: 'OPTIONS'});
  t.equal(found.status, 204);
  t.match(found.headers, {
    ...{'tus-resumable': '1.0.0', 'tus-version': '1.0.0', 'tus-max-size': '100000000'},
    'tus-extension': 'creation,expiration,termination,checksum',
    'tus-checksum-algorithm': 'sha256',
  });
});

t.test('begun, looked at, brought in two requests, handed over', async t => {
  const place = await placeFor(t);
  const film = filmOf(300_000);
  const metadata = `${named('film.mkv')},sha256 ${base64(sha256(film))}`;
  const begin = await place.tus('POST', '/api/uploads', {
    'Upload-Length': '300000',
    'Upload-Metadata': metadata,
  });
  t.equal(begin.status, 201);
  t.match(begin.headers, {
    location: /^\/api\/uploads\/[0-9a-z]{20}$/,
    'tus-resumable': '1.0.0',
    'upload-expires': / GMT$/,
  });
  const url = begin.headers.location ?? '';
  const look = await place.tus('HEAD', url);
  t.equal(look.status, 200);
  t.match(look.headers, {
    ...{'upload-offset': '0', 'upload-length': '300000', 'upload-metadata': metadata},
    ...{'cache-control': 'no-store', 'tus-resumable': '1.0.0', 'upload-expires': / GMT$/},
  });
  for (const [from, to] of [
    [0, 100_000],
    [100_000, 300_000],
  ] as const) {
    const data = film.subarray(from, to);
    const checksum = `sha256 ${Buffer.from(sha256(data), 'hex').toString('base64')}`;
    const headers = {...octets, 'Upload-Offset': String(from), 'Upload-Checksum': checksum};
    const found = await place.tus('PATCH', url, headers, data);
    t.match(found, {
      status: 204,
      text: '',
      headers: {'upload-offset': String(to), 'upload-expires': / GMT$/},
    });
    if (to < 300_000) {
      const {text} = await ask(place.path, '/api/uploads');
      t.match(JSON.parse(text), {uploads: [{url, offset: to, length: 300_000, name: 'film.mkv'}]});
      const early = await ask(place.path, `${url}/complete`, json({}));
      t.match(early, {status: 409, code: 'not-whole'});
    }
  }
  const done = await ask(place.path, `${url}/complete`, json({options: {to: 'es'}, idempotencyKey: 'one'}));
  t.equal(done.status, 200, done.text);
  t.match(JSON.parse(done.text), {made: true, job: {via: 'upload', source: {digest: sha256(film)}}});
  t.match(await ask(place.path, '/api/uploads'), {text: '{"uploads":[]}'});
  t.strictSame(place.faults, []);
});

t.test('given up, it is not there any more', async t => {
  const place = await placeFor(t);
  const url = await begun(place, 1000);
  t.match(await place.tus('DELETE', url), {status: 204, headers: {'tus-resumable': '1.0.0'}});
  t.equal((await place.tus('HEAD', url)).status, 404);
  t.match(await place.tus('DELETE', url), {status: 404, code: 'no-such-upload'});
});

t.test('another version, or none, is told which one there is, and nothing is done', async t => {
  const place = await placeFor(t);
  const url = await begun(place, 1000);
  for (const [method, address] of [
    ['POST', '/api/uploads'],
    ['PATCH', url],
    ['DELETE', url],
    ['HEAD', url],
  ] as const)
    for (const version of ['0.2.2', undefined]) {
      const headers = version === undefined ? {} : {'Tus-Resumable': version};
      const found = await ask(place.path, address, {method, headers});
      t.match(found, {status: 412, headers: {'tus-version': '1.0.0', 'tus-resumable': '1.0.0'}});
    }
  t.equal((await place.tus('HEAD', url)).status, 200);
});

t.test('each no has its status, its words and the headers of tus', async t => {
  const place = await placeFor(t, {bytes: 5000, perUser: 2});
  const url = await begun(place, 1000);
  const film = filmOf(1000);
  const begin = {'Upload-Length': '10', 'Upload-Metadata': named('film.mkv')};
  const patch = {...octets, 'Upload-Offset': '0'};
  const sha1 = 'sha1 Lve95gjOVATpfV8EL5X4nxwjKHE=';
  const wrong = `sha256 ${Buffer.from(sha256(filmOf(5)), 'hex').toString('base64')}`;
  const table = [
    ['POST', '/api/uploads', {...begin, 'Upload-Length': 'many'}, 400, 'bad-upload-header'],
    ['POST', '/api/uploads', {'Upload-Metadata': named('a.mkv')}, 400, 'bad-upload-header'],
    ['POST', '/api/uploads', {...begin, 'Upload-Length': '5001'}, 413, 'upload-too-large'],
    ['POST', '/api/uploads', {...begin, 'Upload-Length': '0'}, 422, 'empty-upload'],
    ['POST', '/api/uploads', {...begin, 'Upload-Metadata': 'filename !'}, 400, 'bad-upload-header'],
    ['POST', '/api/uploads', {...begin, 'Upload-Metadata': named('../../x.mkv')}, 422, 'bad-upload-name'],
    ['POST', '/api/uploads', {...begin, 'Upload-Metadata': named('film.php.mp4')}, 422, 'bad-upload-name'],
    ['PATCH', url, {...patch, 'Content-Type': 'video/mp4'}, 415, 'not-offset-octet-stream'],
    ['PATCH', url, octets, 400, 'bad-upload-header'],
    ['PATCH', url, {...patch, 'Upload-Offset': '-1'}, 400, 'bad-upload-header'],
    ['PATCH', url, {...patch, 'Upload-Offset': '7'}, 409, 'wrong-offset'],
    ['PATCH', url, {...patch, 'Upload-Checksum': sha1}, 400, 'bad-upload-header'],
    ['PATCH', url, {...patch, 'Upload-Checksum': wrong}, 460, 'wrong-checksum'],
    ['PATCH', '/api/uploads/0000000000000000000z', patch, 404, 'no-such-upload'],
    ['PATCH', '/api/uploads/..%2f..%2fetc', patch, 404, 'not-found'],
    ['GET', url, {}, 405, 'wrong-method'],
  ] as const;
  for (const [method, address, headers, status, code] of table) {
    const found = await place.tus(method, address, headers, method === 'PATCH' ? film : undefined);
    const what = `${method} ${JSON.stringify(headers)}: ${found.text.slice(0, 90)}`;
    t.match(found, {status, code}, what);
    if (method !== 'GET' && code !== 'not-found') t.equal(found.headers['tus-resumable'], '1.0.0', what);
    if (code === 'wrong-offset') t.equal(found.headers['upload-offset'], '0');
    t.equal(await place.desk.bytesOf(url.split('/').at(-1) as never), 0, 'not a byte is kept');
  }
  await begun(place, 1000);
  t.match(await place.tus('POST', '/api/uploads', begin), {status: 403, code: 'over-quota'});
  t.strictSame(place.faults, []);
});

t.test('more than was announced is not taken, said beforehand or not', async t => {
  const place = await placeFor(t);
  const url = await begun(place, 1000);
  const patch = {...octets, 'Upload-Offset': '0'};
  t.match(await place.tus('PATCH', url, patch, filmOf(1001)), {status: 413, code: 'past-its-end'});
  const chunked = {...patch, 'Transfer-Encoding': 'chunked'};
  t.match(await place.tus('PATCH', url, chunked, filmOf(1001)), {status: 413, code: 'past-its-end'});
  t.match((await place.tus('HEAD', url)).headers, {'upload-offset': '0'});
  t.equal((await place.tus('PATCH', url, chunked, filmOf(1000))).status, 204);
});

/** A request that brings some of what it announces, and then waits. */
function halfway(place: Place, url: string, data: Buffer, length: number, offset = 0) {
  const headers = {'Tus-Resumable': '1.0.0', ...octets, 'Upload-Offset': offset, 'Content-Length': length};
  const sent = request({socketPath: place.path, path: url, method: 'PATCH', headers, agent: false});
  const over = new Promise<string>(resolve => {
    sent.once('error', () => resolve('gone'));
    sent.once('response', ({statusCode = 0}) => resolve(String(statusCode)));
  });
  sent.write(data);
  return {sent, over};
}

const sizeOf = (place: Place, url: string) => place.desk.bytesOf(url.split('/').at(-1) as never);

t.test('a phone that comes back over another network takes over from its dead connection', async t => {
  const place = await placeFor(t);
  const film = filmOf(3 << 20);
  const url = await begun(place, film.length);
  const dead = halfway(place, url, film.subarray(0, 2 << 20), film.length);
  await until('most of it was written', async () => ((await sizeOf(place, url)) ?? 0) >= 1 << 20);
  const look = await place.tus('HEAD', url);
  const offset = Number(look.headers['upload-offset']);
  t.ok(offset >= 1 << 20 && offset <= 2 << 20, `${offset} bytes are kept`);
  t.equal(await dead.over, 'gone', 'the older request was ended');
  const rest = await place.tus(
    'PATCH',
    url,
    {...octets, 'Upload-Offset': String(offset)},
    film.subarray(offset),
  );
  t.match(rest, {status: 204, headers: {'upload-offset': String(film.length)}});
  const done = await ask(place.path, `${url}/complete`, json({}));
  t.match(JSON.parse(done.text), {job: {source: {digest: sha256(film)}}});
});

t.test('a connection that breaks in the middle leaves what it brought', async t => {
  const place = await placeFor(t);
  const url = await begun(place, 3 << 20);
  const {sent, over} = halfway(place, url, filmOf(2 << 20), 3 << 20);
  await until('most of it was written', async () => ((await sizeOf(place, url)) ?? 0) >= 1 << 20);
  sent.destroy();
  await over;
  const look = await place.tus('HEAD', url);
  t.ok(Number(look.headers['upload-offset']) >= 1 << 20);
  t.strictSame(place.faults, [], 'and is no fault of ours');
});

t.test('an upload may take longer than other requests may, as long as it comes', async t => {
  const place = await placeFor(t, {}, {limits: {headersMs: 150, requestMs: 150}});
  const film = filmOf(40_000);
  const url = await begun(place, film.length);
  const {sent, over} = halfway(place, url, film.subarray(0, 1000), film.length);
  const from = performance.now();
  let at = 1000;
  await until('it takes three times as long', () => {
    if (at < film.length - 1000) {
      sent.write(film.subarray(at, at + 10));
      at += 10;
    }
    return performance.now() - from > 450;
  });
  sent.end(film.subarray(at));
  t.equal(await over, '204');

  const {socket, heard, over: closed} = await dial(t, place.path);
  socket.write('POST /api/uploads/00000000000000000001/complete HTTP/1.1\r\nHost: a\r\n');
  socket.write('Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{');
  await closed;
  t.match(heard(), /408 .*too-slow/s, 'all others are ended as before');

  const refused = await dial(t, place.path);
  refused.socket.write(`PATCH ${url} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx`);
  await refused.over;
  t.match(refused.heard(), / 412 /, 'and who is refused is not waited for');
});

t.test('of what a daemon is bringing in when it stops, all that came is kept', async t => {
  const place = await placeFor(t);
  const url = await begun(place, 3 << 20);
  const {over} = halfway(place, url, filmOf(2 << 20), 3 << 20);
  await until('most of it was written', async () => ((await sizeOf(place, url)) ?? 0) >= 1 << 20);
  await place.desk.uploads.stop();
  t.equal(await over, 'gone');
  const [kept] = (await place.desk.again()).open(anna);
  t.ok((kept?.offset ?? 0) >= 1 << 20);
});
