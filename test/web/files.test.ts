/** Finished files over a real socket: what comes, what is told of it, and what is never sent. */
import {execFileSync} from 'node:child_process';
import {once} from 'node:events';
import {
  appendFile,
  lstat,
  mkdir,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {digestOf} from '../../appliance/digest.ts';
import type {Job} from '../../appliance/job.ts';
import type {Output} from '../../appliance/wire.ts';
import {openOutput} from '../../supervisor/outputs.ts';
import {socketDoor} from '../../web/door.ts';
import {httpDate} from '../../web/http-date.ts';
import type {ListenerLimits} from '../../web/listener.ts';
import {aSession, bob, idOf, jobOf, MemoryBox} from './memory-box.ts';
import {type Asked, ask, dial, type Served, serve, shortFolder, until} from './served.ts';

const id = idOf(1);
const words = 'abcdefghijklmnopqrstuvwxyz';
const modified = Date.UTC(2026, 0, 1, 12);

interface Shop extends Served {
  readonly folder: string;
  /** The films on the shelf. */
  readonly film: string;
  get(file: string, headers?: Asked['headers'], method?: string): ReturnType<typeof ask>;
}

/** A finished file on ann's shelf, of the kind `film`. */
async function shop(
  t: Test,
  setting: {bytes?: number; limits?: Partial<ListenerLimits>} = {},
): Promise<Shop> {
  const folder = await shortFolder(t);
  const film = join(folder, 'dubs/ann/film.es.mkv');
  await mkdir(join(film, '..'), {recursive: true});
  await mkdir(join(folder, 'jobs', id, 'out'), {recursive: true});
  await writeFile(film, words);
  if (setting.bytes !== undefined) await truncate(film, setting.bytes);
  await utimes(film, modified / 1000, modified / 1000);
  const output = outputOf(film, 'film', setting.bytes ?? words.length);
  const box = new MemoryBox([doneWith([output])]);
  box.openOutput = (job, output) =>
    openOutput(job, output, {shelf: join(folder, 'dubs'), folders: {jobs: join(folder, 'jobs')}});
  const served = await serve(t, {box, ...(setting.limits && {limits: setting.limits})});
  const get: Shop['get'] = (file, headers = {}, method = 'GET') =>
    ask(served.path, `/files/${id}/${file}`, {headers, method});
  return {...served, folder, film, get};
}

const outputOf = (path: string, kind: string, bytes: number): Output => ({
  ...{kind, path, bytes, digest: digestOf(words)},
});

function doneWith(outputs: readonly Output[], changes: Partial<Job> = {}): Job {
  return jobOf(1, {...changes, state: {is: 'done', at: 2, seconds: 1, summary: [], outputs: [...outputs]}});
}

const etag = `"${digestOf(words)}"`;

/** How many times this process has the file open. */
async function timesOpen(path: string): Promise<number> {
  const fds = await readdir('/proc/self/fd');
  const targets = await Promise.all(fds.map(fd => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return targets.filter(target => target === path || target === `${path} (deleted)`).length;
}

t.test('the whole file comes with all that a client needs to go on, or to ask again', async t => {
  const {get, film, faults} = await shop(t);
  const head = {
    etag,
    'content-type': 'video/x-matroska',
    'content-length': '26',
    'accept-ranges': 'bytes',
    'last-modified': httpDate(modified),
    'content-disposition': 'inline; filename="film.es.mkv"',
    'cache-control': 'private, no-cache',
    'x-content-type-options': 'nosniff',
    'content-security-policy': /default-src 'none'/,
  };
  t.match(await get('film'), {status: 200, text: words, headers: head});
  t.match(await get('0'), {status: 200, text: words}, 'by its number too');
  t.match(await get('film', {Range: 'bytes=0-4'}, 'HEAD'), {status: 200, text: '', headers: head});
  const kept = await get('film?download=1');
  t.match(kept, {status: 200, headers: {'content-disposition': 'attachment; filename="film.es.mkv"'}});
  t.match(await get('film?download=2'), {status: 400, code: 'bad-query'});
  t.equal(await timesOpen(film), 0, 'it is closed again');
  t.strictSame(faults, []);
});

t.test('a part, and a file that the client has', async t => {
  const {get, film} = await shop(t);
  const range = 'bytes=3-5';
  const table = [
    [{Range: range}, 206, 'def', 'bytes 3-5/26'],
    [{Range: 'bytes=-3'}, 206, 'xyz', 'bytes 23-25/26'],
    [{Range: 'bytes=20-'}, 206, 'uvwxyz', 'bytes 20-25/26'],
    [{Range: 'bytes=0-1,3-4'}, 200, words, undefined],
    [{Range: range, 'If-Range': etag}, 206, 'def', 'bytes 3-5/26'],
    [{Range: range, 'If-Range': httpDate(modified)}, 206, 'def', 'bytes 3-5/26'],
    [{Range: range, 'If-Range': '"of another film"'}, 200, words, undefined],
    [{'If-None-Match': etag}, 304, '', undefined],
    [{'If-Modified-Since': httpDate(modified)}, 304, '', undefined],
    [{'If-Match': etag}, 200, words, undefined],
  ] as const;
  for (const [headers, status, text, where] of table) {
    const found = await get('film', headers);
    t.match(found, {status, text, headers: {etag}}, JSON.stringify(headers));
    t.equal(found.headers['content-range'], where);
    t.equal(found.headers['content-length'], status === 304 ? undefined : String(text.length));
    t.equal(found.headers['content-type'], status === 304 ? undefined : 'video/x-matroska');
  }
  const none = await get('film', {Range: 'bytes=26-'});
  t.match(none, {status: 416, code: 'no-such-range', headers: {'content-range': 'bytes */26'}});
  t.match(none.headers, {'cache-control': 'no-store', 'content-type': /json/}, 'which is no file');
  t.match(await get('film', {'If-Match': '"x"'}), {status: 412, code: 'file-changed'});
  t.equal(await timesOpen(film), 0);
});

t.test('an empty file is one, and a pipe is none', async t => {
  const {get, film, faults} = await shop(t, {bytes: 0});
  t.match(await get('film'), {status: 200, text: '', headers: {'content-length': '0'}});
  await rm(film);
  execFileSync('mkfifo', [film]);
  t.match(await get('film'), {status: 404, code: 'output-changed'});
  t.strictSame(faults, []);
});

t.test('the list says how each can be had; a job without files has an empty one', async t => {
  const {box, path, folder} = await shop(t);
  const list = `/api/jobs/${id}/files`;
  const named = (name: string, kind: string): Output => outputOf(join(folder, 'dubs/ann', name), kind, 26);
  const outputs = [
    named('a.mkv', 'film with every track'),
    named('a.srt', 'subtitles'),
    named('a.vtt', 'subtitles'),
    named('a.report.html', 'report'),
    named('a.report.json', '2'),
    named('b\u202e\x1b.bin', 'Überraschung'),
    named('a.MP4', 'for the phone'),
  ];
  box.all.set(id, doneWith(outputs));
  const {files} = JSON.parse((await ask(path, list)).text);
  t.strictSame(
    files.map((shown: Record<string, unknown>) => [shown['file'], shown['name'], shown['type']]),
    [
      ['film-with-every-track', 'a.mkv', 'video/x-matroska'],
      ['1', 'a.srt', 'application/x-subrip; charset=utf-8'],
      ['2', 'a.vtt', 'text/vtt; charset=utf-8'],
      ['report', 'a.report.html', 'text/html; charset=utf-8'],
      ['4', 'a.report.json', 'application/json'],
      ['5', 'b.bin', 'application/octet-stream'],
      ['for-the-phone', 'a.MP4', 'video/mp4'],
    ],
  );
  t.match(files[0], {kind: 'film with every track', bytes: 26, digest: digestOf(words)});
  for (const output of outputs) await writeFile(output.path, words);
  for (const {url, type, name} of files) {
    const {status, headers} = await ask(path, url);
    t.match({status, headers}, {status: 200, headers: {'content-type': type}}, url);
    const manner = /html|bin/.test(name) ? 'attachment' : 'inline';
    t.match(headers['content-disposition'], `${manner}; filename="${name}"`);
  }
  box.all.set(id, doneWith([]));
  t.strictSame(JSON.parse((await ask(path, list)).text), {files: [], variants: []});
  box.all.set(id, jobOf(1));
  t.strictSame(JSON.parse((await ask(path, list)).text), {files: [], variants: []});
});

t.test('what is not there is a 404, whatever it is called; of somebody else’s job nothing is', async t => {
  const {get, box, path} = await shop(t);
  for (const file of ['film.es.mkv', '1', '00', '-1', '999', 'constructor', 'FILM', '...', '~', 'ann']) {
    t.match(await get(file), {status: 404}, file);
  }
  t.match(await get('1'), {code: 'no-such-output'});
  for (const file of ['..', '%2e%2e%2ffilm', 'a/b', '../files/film', '']) {
    t.match(await get(file), {status: 404}, file);
  }
  const other = await serve(t, {
    box,
    door: {
      ...socketDoor(bob),
      identify: () => ({user: bob, role: 'operator', came: {is: 'session', id: aSession}}),
    },
  });
  for (const address of [
    '/api/jobs/ID/files',
    '/files/ID/film',
    '/files/ID/none',
    '/video/ID',
    '/files/ID/hls/x.mp4',
  ]) {
    const found = await ask(other.path, address.replace('ID', id));
    const nobodys = await ask(other.path, address.replace('ID', idOf(9)));
    t.match(found, {status: 404, code: 'no-such-job'}, address);
    t.equal(found.text, nobodys.text, 'as if there were none');
  }
  t.equal((await ask(path, `/files/${id}/film`)).status, 200);
});

t.test('what lies in the place of the file is not sent for it', async t => {
  const {get, box, film, folder, faults} = await shop(t);
  const secret = join(folder, 'secret');
  await writeFile(secret, words);
  const swaps: readonly (readonly [string, () => Promise<unknown>, string])[] = [
    ['a shorter file', () => writeFile(film, 'abc'), 'output-changed'],
    ['a longer file', () => appendFile(film, 'more'), 'output-changed'],
    ['a link', () => rm(film).then(() => symlink(secret, film)), 'output-changed'],
    ['a folder', () => rm(film).then(() => mkdir(film)), 'output-changed'],
    ['nothing', () => rm(film, {recursive: true}), 'output-gone'],
  ];
  for (const [what, swap, code] of swaps) {
    await rm(film, {recursive: true});
    await writeFile(film, words);
    t.equal((await get('film')).status, 200, 'the file itself');
    await swap();
    for (const method of ['GET', 'HEAD']) t.match(await get('film', {}, method), {status: 404}, what);
    t.match(await get('film'), {code}, what);
  }
  const away = join(folder, 'dubs/bob');
  await mkdir(away);
  await writeFile(join(away, 'film.es.mkv'), words);
  await rm(join(film, '..'), {recursive: true});
  await symlink(away, join(film, '..'));
  t.ok((await lstat(film)).isFile(), 'one that can be reached through a link in its folder’s place');
  t.match(await get('film'), {status: 404, code: 'output-changed'});
  box.all.set(id, doneWith([outputOf(secret, 'film', words.length)]));
  t.match(await get('film'), {status: 404, code: 'output-gone'}, 'and what lies elsewhere');
  t.strictSame(faults, []);
});

const manyBytes = 32 << 20;

t.test('a long file comes whole, at the client’s own pace, even when another takes its place', async t => {
  const {path, film, faults} = await shop(t, {bytes: manyBytes});
  const {socket, over} = await dial(t, path);
  let bytes = 0;
  socket.removeAllListeners('data');
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    bytes += text.length;
  });
  socket.pause();
  socket.write(`GET /files/${id}/film HTTP/1.1\r\nConnection: close\r\n\r\n`);
  await until('it is being sent', async () => (await timesOpen(film)) === 1);
  const waiting = process.memoryUsage().arrayBuffers;
  t.ok(waiting < manyBytes / 2, `${waiting} bytes wait for a client that does not read`);
  await writeFile(`${film}.new`, words);
  await rename(`${film}.new`, film);
  socket.resume();
  await over;
  t.ok(bytes > manyBytes && bytes < manyBytes + 2000, `${bytes} bytes came`);
  await until('it is closed', async () => (await timesOpen(film)) === 0);
  t.strictSame(faults, []);
});

t.test('a client that hangs up in the middle leaves no file open', async t => {
  const {path, film, faults, answered, audited} = await shop(t, {bytes: manyBytes});
  const {socket} = await dial(t, path);
  socket.write(`GET /files/${id}/film HTTP/1.1\r\nRange: bytes=9-\r\n\r\n`);
  await once(socket, 'data');
  t.equal(await timesOpen(film), 1);
  socket.destroy();
  await until('it is closed', async () => (await timesOpen(film)) === 0);
  await until('it is over', () => answered.length === 1);
  t.match(answered, [{route: 'jobs.file', hungUp: true}]);
  t.strictSame(faults, [], 'which is no fault');
  t.strictSame(audited, [], 'nor a download that went wrong');
});

t.test('a client that takes nothing is let go', async t => {
  const {path, film, listener, faults} = await shop(t, {bytes: manyBytes, limits: {takeMs: 50}});
  const {socket} = await dial(t, path);
  socket.pause();
  socket.write(`GET /files/${id}/film HTTP/1.1\r\n\r\n`);
  await until('it is being sent', async () => (await timesOpen(film)) === 1);
  await until('it is given up', () => listener.connections === 0);
  await until('it is closed', async () => (await timesOpen(film)) === 0);
  t.strictSame(faults, []);
});

t.test('a file that is cut while it is sent does not look as if that were its end', async t => {
  const {path, film, faults, answered} = await shop(t, {bytes: manyBytes});
  const {socket, over} = await dial(t, path);
  socket.pause();
  socket.write(`GET /files/${id}/film HTTP/1.1\r\n\r\n`);
  await until('it is being sent', async () => (await timesOpen(film)) === 1);
  await truncate(film, 1 << 20);
  socket.resume();
  await over;
  await until('it is over', () => answered.length === 1);
  t.match(faults, [{route: 'jobs.file', cause: {message: /^a file ended \d+ bytes early/}}]);
  t.equal(await timesOpen(film), 0);
});

t.test('a download is written down once, before it goes, and what was refused as well', async t => {
  const {get, audited} = await shop(t);
  const told = async (file: string, headers: Record<string, string> = {}, method = 'GET') => {
    audited.length = 0;
    await get(file, headers, method);
    return audited.map(({event, object, result}) => [event, object, result]);
  };
  const done = [['file.downloaded', `${id} film`, 'ok']];
  t.strictSame(await told('film'), done);
  t.strictSame(await told('film', {Range: 'bytes=0-'}), done);
  t.strictSame(await told('film', {Range: 'bytes=0-3'}), done);
  t.strictSame(await told('film', {Range: 'bytes=-26'}), done);
  t.strictSame(await told('film', {Range: 'bytes=3-'}), [], 'the rest of one');
  t.strictSame(await told('film', {'If-None-Match': etag}), [], 'nothing went');
  t.strictSame(await told('film', {}, 'HEAD'), []);
  t.strictSame(await told('none'), [['file.downloaded', `${id} none`, 'no-such-output']]);
  t.strictSame(await told('film', {Range: 'bytes=99-'}), [
    ['file.downloaded', `${id} film`, 'no-such-range'],
  ]);
});
