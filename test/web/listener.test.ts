/** The socket as a file, the server's limits, and its end: all against a real kernel. */
import {spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {watch} from 'node:fs';
import {chmod, chown, link, lstat, mkdir, readdir, symlink, unlink, writeFile} from 'node:fs/promises';
import type {RequestListener} from 'node:http';
import {createServer, type Server} from 'node:net';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {Listener, type ListenerLimits, listenerLimits} from '../../web/listener.ts';
import {describeSocketTrouble, gidOf, SocketFile} from '../../web/socket.ts';
import {jobOf} from './memory-box.ts';
import {ask, dial, serve, shortFolder, until} from './served.ts';

const now = AbortSignal.abort();
const hello: RequestListener = (_, res) => res.end('hello');

async function pathIn(t: Test): Promise<string> {
  return join(await shortFolder(t), 'control.sock');
}

/** A listener with nothing behind it. */
function listenerAt(
  t: Test,
  path: string,
  {
    serve = hello,
    gid = null,
    limits = {},
  }: {serve?: RequestListener; gid?: number | null; limits?: Partial<ListenerLimits>} = {},
) {
  const listener = new Listener({
    place: new SocketFile({path, gid}),
    serve: () => serve,
    limits: {...listenerLimits, ...limits},
    fault: cause => t.fail(String(cause)),
  });
  t.teardown(() => listener.stop(now));
  return listener;
}

/** Somebody else's socket. */
async function othersAt(t: Test, path: string): Promise<Server> {
  const server = createServer();
  server.listen(path);
  await once(server, 'listening');
  t.teardown(() => server.close());
  return server;
}

t.test('the socket is for its group alone, from the first moment that it has its name', async t => {
  const path = await pathIn(t);
  const modes = new Set<number>();
  const watcher = watch(join(path, '..'), () => {
    lstat(path).then(
      ({mode}) => modes.add(mode & 0o777),
      () => {},
    );
  });
  t.teardown(() => watcher.close());
  const before = process.umask();
  const gid = process.getgid?.() ?? 0;
  const listener = listenerAt(t, path, {gid});
  t.match(await listener.start(), {ok: true});
  const stats = await lstat(path);
  t.ok(stats.isSocket());
  t.equal(stats.mode & 0o777, 0o660);
  t.equal(stats.gid, gid);
  t.equal(process.umask(), before, 'and the process makes other files as before');
  await until('a look', () => modes.size > 0);
  t.strictSame([...modes], [0o660]);
  t.strictSame(await readdir(join(path, '..')), ['control.sock'], 'with nothing beside it');
  t.equal((await ask(path, '/')).text, 'hello');
});

t.test('it is given to the group that is asked for', {skip: process.getuid?.() !== 0}, async t => {
  const path = await pathIn(t);
  t.match(await listenerAt(t, path, {gid: 4}).start(), {ok: true});
  t.match(await lstat(path), {gid: 4, uid: 0});
});

t.test('a group that the daemon is not in is refused by name', {skip: process.getuid?.() !== 0}, async t => {
  const path = await pathIn(t);
  await chown(join(path, '..'), 65534, 65534);
  const program = `
    import {createServer} from 'node:http';
    import {SocketFile} from '${new URL('../../web/socket.ts', import.meta.url).pathname}';
    process.setgroups([]); process.setgid(65534); process.setuid(65534);
    const opened = await new SocketFile({path: '${path}', gid: 4}).open(createServer());
    console.log(JSON.stringify(opened));`;
  const {stdout} = spawnSync(process.execPath, ['--input-type=module', '-e', program], {encoding: 'utf8'});
  t.match(JSON.parse(stdout), {ok: false, why: {reason: 'group-refused', path, gid: 4}});
  t.strictSame(await readdir(join(path, '..')), [], 'and nothing is left');
});

t.test('groups are known by name and by number', async t => {
  t.equal(await gidOf('root'), 0);
  t.equal(await gidOf('1234'), 1234);
  for (const none of ['no-such-group', '', '-x', 'a b', '../etc', '--help', 'x'.repeat(40)]) {
    t.equal(await gidOf(none), undefined, none);
  }
});

t.test('a socket that nobody answers on is replaced, and one that is answered is left', async t => {
  const path = await pathIn(t);
  const other = await othersAt(t, path);
  const {ino} = await lstat(path);
  const second = await listenerAt(t, path).start();
  t.match(second, {ok: false, why: {reason: 'in-use', path}});
  t.equal((await lstat(path)).ino, ino);
  // A daemon that is killed leaves its socket; one that closes takes it along. So it is put back.
  const kept = `${path}.kept`;
  await link(path, kept);
  other.close();
  await once(other, 'close');
  await link(kept, path);
  await unlink(kept);
  t.match(await listenerAt(t, path).start(), {ok: true});
  t.not((await lstat(path)).ino, ino);
  t.equal((await ask(path, '/')).text, 'hello');
});

t.test('what is no socket is never touched', async t => {
  const folder = await shortFolder(t);
  await writeFile(join(folder, 'file'), 'precious');
  await mkdir(join(folder, 'folder'));
  await symlink('/etc/passwd', join(folder, 'link'));
  await symlink('nowhere', join(folder, 'dangling'));
  for (const name of ['file', 'folder', 'link', 'dangling']) {
    const path = join(folder, name);
    t.match(await listenerAt(t, path).start(), {ok: false, why: {reason: 'not-a-socket'}}, name);
  }
  t.strictSame((await readdir(folder)).toSorted(), ['dangling', 'file', 'folder', 'link']);
});

t.test('what cannot be is said, and leaves nothing', async t => {
  const folder = await shortFolder(t);
  const gone = await listenerAt(t, join(folder, 'gone', 's')).start();
  t.match(gone, {ok: false, why: {reason: 'cannot-listen', detail: /ENOENT/}});
  const fits = join(folder, 'x'.repeat(107 - folder.length - 1));
  t.match(await listenerAt(t, fits).start(), {ok: true}, 'a path of 107 bytes');
  const long = await listenerAt(t, `${fits}y`).start();
  t.match(long, {ok: false, why: {reason: 'path-too-long', bytes: 108}});
  const wide = join(folder, 'ü'.repeat(50));
  t.match(await listenerAt(t, wide).start(), {ok: false, why: {reason: 'path-too-long'}}, 'bytes count');
  t.strictSame(await readdir(folder), [fits.slice(folder.length + 1)]);
  for (const why of [
    ...[{reason: 'path-too-long', path: '/a', bytes: 108} as const, {reason: 'in-use', path: '/a'} as const],
    ...[
      {reason: 'not-a-socket', path: '/a'} as const,
      {reason: 'group-refused', path: '/a', gid: 7} as const,
    ],
    {reason: 'cannot-listen', path: '/a', detail: 'EACCES'} as const,
  ]) {
    const {what, fix} = describeSocketTrouble(why);
    t.match(what, /\/a.*\.$/);
    t.match(fix, /^[A-Z].*\.$/);
  }
});

t.test('what a killed daemon left of its start is cleared away, and nothing else', async t => {
  const path = await pathIn(t);
  const folder = join(path, '..');
  for (const name of ['.s-abc123', '.s-longername', '.other']) await mkdir(join(folder, name));
  await writeFile(join(folder, '.s-abc123', 's'), '');
  await listenerAt(t, path).start();
  t.strictSame((await readdir(folder)).toSorted(), ['.other', '.s-longername', 'control.sock']);
});

t.test('on its end the socket goes, unless it is another’s by now', async t => {
  const path = await pathIn(t);
  const first = listenerAt(t, path);
  await first.start();
  const stopped = first.stop(now);
  t.equal(first.stop(now), stopped, 'the same promise');
  await stopped;
  t.strictSame(await readdir(join(path, '..')), []);
  const second = listenerAt(t, path);
  await second.start();
  await unlink(path);
  await othersAt(t, path);
  await second.stop(now);
  t.strictSame(await readdir(join(path, '..')), ['control.sock']);
  await listenerAt(t, path).stop(now);
  t.pass('one that was never started stops as well');
});

t.test('an end waits for answers that are due, ends streams, and takes nobody new', async t => {
  const served = await serve(t, {jobs: [jobOf(1)]});
  const hold = Promise.withResolvers<void>();
  served.box.hold = hold.promise;
  const due = await dial(t, served.path);
  due.socket.write('GET /api/status HTTP/1.1\r\n\r\n');
  const stream = ask(served.path, '/api/jobs/events', {headers: {Accept: 'text/event-stream'}});
  const idle = await dial(t, served.path);
  const half = await dial(t, served.path);
  half.socket.write('GET /healthz HTT');
  await until('all are there', () => served.streams.open === 1 && served.box.asked.includes('status'));
  const late = new AbortController();
  let isOver = false;
  const stopped = served.listener.stop(late.signal).then(() => {
    isOver = true;
  });
  t.match((await stream).text, /reset/, 'a stream ends as streams do');
  await Promise.all([idle.over, half.over]);
  await t.rejects(ask(served.path, '/healthz'), {code: 'ENOENT'});
  t.notOk(isOver, 'one answer is due');
  hold.resolve();
  await Promise.all([due.over, stopped]);
  t.match(due.heard(), /^HTTP\/1\.1 200 .*\r\nConnection: close\r\n.*"version"/s, 'and was given');
  await until('none is left', () => served.listener.connections === 0);
  t.strictSame(served.faults, []);
});

t.test('an end does not wait longer than it may', async t => {
  const served = await serve(t);
  served.box.hold = new Promise(() => {});
  const due = ask(served.path, '/api/status');
  await until('it is asked', () => served.box.asked.includes('status'));
  const late = new AbortController();
  const stopped = served.listener.stop(late.signal);
  const isGone = () =>
    ask(served.path, '/healthz').then(
      () => false,
      () => true,
    );
  await until('nobody is let in', isGone);
  late.abort();
  await t.rejects(due, {code: 'ECONNRESET'});
  await stopped;
  await until('none is left', () => served.listener.connections === 0);
});

t.test('a client that is slow with its request is told, and let go', async t => {
  const read: RequestListener = (req, res) => {
    req.resume();
    req.on('end', () => res.end('read'));
  };
  const slowHead = {headersMs: 100, requestMs: 60_000};
  const slowBody = {headersMs: 200, requestMs: 200};
  const table = [
    [slowHead, '', /^HTTP\/1\.1 408 .*nosniff.*"code":"too-slow"/s],
    [slowHead, 'GET / HTTP/1.1\r\nX-A: ', /^HTTP\/1\.1 408 /],
    [slowBody, 'PUT / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc', /^HTTP\/1\.1 408 /],
  ] as const;
  for (const [limits, text, wanted] of table) {
    const path = await pathIn(t);
    await listenerAt(t, path, {serve: read, limits}).start();
    const {socket, heard, over} = await dial(t, path);
    socket.write(text);
    await over;
    t.match(heard(), wanted, JSON.stringify(text));
    t.equal((await ask(path, '/')).text, 'read', 'others are served');
  }
});

t.test('what is no HTTP gets an answer that is', async t => {
  const path = await pathIn(t);
  await listenerAt(t, path, {limits: {headerBytes: 1000}}).start();
  const table = [
    ['\x16\x03\x01\x02\x00\x01\r\n\r\n', 400, 'no-http'],
    ['GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400, 'no-http'],
    ['GET / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n', 400, 'no-http'],
    ['GET / HTTP/1.1\r\nA : b\r\n\r\n', 400, 'no-http'],
    ['GET / HTTP/9.9\r\n\r\n', 400, 'no-http'],
    [`GET / HTTP/1.1\r\nX-A: ${'x'.repeat(2000)}\r\n\r\n`, 431, 'head-too-large'],
  ] as const;
  for (const [text, status, code] of table) {
    const {socket, heard, over} = await dial(t, path);
    socket.write(text);
    await over;
    t.match(heard(), new RegExp(`^HTTP/1\\.1 ${status} .*Connection: close.*"code":"${code}"`, 's'), text);
  }
  const {socket, heard, over} = await dial(t, path);
  socket.write('GET / HTTP/1.1\r\nExpect: wonders\r\nConnection: close\r\n\r\n');
  await over;
  t.match(heard(), /^HTTP\/1\.1 200 .*hello/s, 'an odd expectation is not met, and harms nobody');
});

t.test('nonsense behind a request does not get into its answer', async t => {
  const path = await pathIn(t);
  const hold = Promise.withResolvers<void>();
  const slow: RequestListener = (_, res) => {
    res.write('first half, ');
    void hold.promise.then(() => res.end('second half'));
  };
  await listenerAt(t, path, {serve: slow}).start();
  const {socket, heard, over} = await dial(t, path);
  socket.write('GET / HTTP/1.1\r\n\r\n');
  await until('half of it', () => heard().includes('first half'));
  socket.write('nonsense\r\n\r\n');
  await over;
  t.notMatch(heard(), /400/);
  hold.resolve();
});

t.test('so many connections and no more', async t => {
  const path = await pathIn(t);
  const listener = listenerAt(t, path, {limits: {connections: 3}});
  await listener.start();
  const kept = await Promise.all([0, 1, 2].map(() => dial(t, path)));
  await until('they are there', () => listener.connections === 3);
  const more = await dial(t, path);
  await more.over;
  kept[0]?.socket.destroy();
  await until('one is free', () => listener.connections === 2);
  t.equal((await ask(path, '/')).text, 'hello');
});

t.test('a client that does not take its answer is let go, a long answer is waited for', async t => {
  const path = await pathIn(t);
  const hold = Promise.withResolvers<void>();
  const serve: RequestListener = (req, res) => {
    if (req.url === '/large') res.end(Buffer.alloc(8 << 20));
    else if (req.url === '/late') void hold.promise.then(() => res.end('late'));
    else res.end('hello');
  };
  const listener = listenerAt(t, path, {serve, limits: {takeMs: 150}});
  await listener.start();
  const patient = await dial(t, path);
  patient.socket.write('GET / HTTP/1.1\r\n\r\n');
  await until('an answer', () => patient.heard().includes('hello'));
  patient.socket.write('GET /late HTTP/1.1\r\n\r\n');
  const {socket, over} = await dial(t, path);
  await until('both are there', () => listener.connections === 2);
  socket.pause();
  socket.write('GET /large HTTP/1.1\r\n\r\n');
  await until('one is let go', () => listener.connections === 1);
  socket.resume();
  await over;
  hold.resolve();
  await until('an answer in the making has no such limit', () => patient.heard().endsWith('late'));
});

t.test('a connection is used again, and has all its time again', async t => {
  const path = await pathIn(t);
  const listener = listenerAt(t, path, {limits: {idleMs: 300}});
  await listener.start();
  const {socket, heard, over} = await dial(t, path);
  for (let round = 1; round <= 3; round++) {
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await until('an answer', () => heard().split('hello').length === round + 1);
  }
  t.equal(listener.connections, 1);
  await over;
  await until('it ends when it says nothing for long', () => listener.connections === 0);
});

t.test('an error of the server itself is told, and ends nothing', async t => {
  const path = await pathIn(t);
  const faults: unknown[] = [];
  let server: Server | undefined;
  const listener = new Listener({
    place: {
      open: async opened => {
        server = opened;
        return new SocketFile({path, gid: null}).open(opened);
      },
      remove: async () => {},
    },
    serve: () => hello,
    limits: listenerLimits,
    fault: cause => faults.push(cause),
  });
  t.teardown(() => listener.stop(now));
  await listener.start();
  const cause = Object.assign(new Error('accept EMFILE'), {code: 'EMFILE'});
  server?.emit('error', cause);
  t.strictSame(faults, [cause]);
  t.equal((await ask(path, '/')).text, 'hello');
});

t.test('a folder that only its owner enters keeps others out', {skip: process.getuid?.() !== 0}, async t => {
  const path = await pathIn(t);
  await chmod(join(path, '..'), 0o755);
  await listenerAt(t, path, {gid: 4}).start();
  const knock = `require('net').connect('${path}').on('connect', () => process.exit(0)).on('error', e => {console.log(e.code); process.exit(1)})`;
  const as = (uid: number, gid: number) =>
    spawnSync(process.execPath, ['-e', knock], {uid, gid, encoding: 'utf8', cwd: '/'});
  t.match(as(65534, 65534), {status: 1, stdout: 'EACCES\n'}, 'a stranger');
  t.match(as(65534, 4), {status: 0}, 'one of its group');
});
