/** The group that SOCKET_GROUP names reaches the control socket, and nothing else of the data folder; nobody else does. */
import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {chown, mkdtemp, rm, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import t, {type Test} from 'tap';
import {readConfig} from '../../appliance/config/config.ts';
import {createLog} from '../../appliance/log.ts';
import {Daemon} from '../../supervisor/daemon.ts';
import {gidOf} from '../../web/socket.ts';
import {checkout, isRoot, nobody} from './place.ts';

/** A group that every Debian has, and this daemon's user is not of. */
const group = 'video';
const gid = (await gidOf(group)) ?? 0;
const root = {skip: isRoot ? false : 'only root can be other users'};

async function dataFolder(t: Test): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), 'group-'));
  t.teardown(() => rm(data, {recursive: true, force: true}));
  return data;
}

async function daemonIn(t: Test, data: string, env: Readonly<Record<string, string>>): Promise<Daemon> {
  const sources = {
    env: {DATA_DIR: data, JOB_ISOLATION: 'none', PORT: '0', ...env},
    root: checkout,
    folder: tmpdir(),
  };
  const read = await readConfig(sources);
  if (!read.ok) throw new Error(JSON.stringify(read.why));
  const now = (): number => Date.now();
  const daemon = new Daemon({
    ...{
      config: read.value,
      root: checkout,
      home: '/nonexistent',
      runtimeDir: null,
      compileCache: null,
      hostname: 'box',
      version: '0.0.1',
      now,
    },
    log: createLog({places: [], level: 'silent', transcripts: false, now}),
    ...{pid: process.pid, steady: () => performance.now(), chance: () => 0.5, run: '0123abcd'},
  });
  t.teardown(() => daemon.stop());
  return daemon;
}

/** What a user of a group gets from the daemon by the socket, or what stood in the way. */
async function asks(data: string, uid: number, group: number): Promise<string> {
  const script = `
    const socket = require('node:net').connect(process.argv[1]);
    socket.on('error', cause => console.log(cause.code));
    socket.on('data', bytes => { console.log(String(bytes).split('\\r\\n')[0]); socket.destroy(); });
    socket.write('GET /healthz HTTP/1.1\\r\\nHost: box\\r\\nConnection: close\\r\\n\\r\\n');`;
  const child = spawn(process.execPath, ['-e', script, join(data, 'run/control.sock')], {
    ...{uid, gid: group, cwd: '/', env: {PATH: '/usr/bin:/bin'}, stdio: ['ignore', 'pipe', 'inherit']},
  });
  let said = '';
  child.stdout.on('data', chunk => {
    said += chunk;
  });
  await once(child, 'close');
  return said.trim();
}

async function reaches(path: string, uid: number, group: number): Promise<boolean> {
  const argv = ['--reuid', String(uid), '--regid', String(group), '--clear-groups', 'ls', path];
  return promisify(execFile)('setpriv', argv).then(
    () => true,
    () => false,
  );
}

const modeOf = async (path: string): Promise<string> => {
  const {mode, gid} = await stat(path);
  return `${(mode & 0o777).toString(8)} ${gid}`;
};

t.test(
  'a member of the group talks to the daemon, and can look at nothing; others get no further',
  root,
  async t => {
    const data = await dataFolder(t);
    const daemon = await daemonIn(t, data, {SOCKET_GROUP: group});
    await daemon.start();
    t.strictSame(await Promise.all([data, join(data, 'run'), join(data, 'run/control.sock')].map(modeOf)), [
      `710 ${gid}`,
      `710 ${gid}`,
      `660 ${gid}`,
    ]);
    for (const name of ['jobs', 'state', 'audit', 'log'])
      t.match(await modeOf(join(data, name)), /^700 /, `${name} stays our own`);
    t.equal(await asks(data, nobody, gid), 'HTTP/1.1 200 OK');
    t.match(await asks(data, nobody, nobody), /^E(?:ACCES|PERM)$/);
    for (const name of ['', 'run', 'jobs', 'state', 'audit', 'log'])
      t.notOk(
        await reaches(join(data, name), nobody, gid),
        `${name || 'the folder'} cannot be looked around in`,
      );
    await daemon.stop();
  },
);

t.test('without one the folder is nobody else’s, also after there was one', root, async t => {
  const data = await dataFolder(t);
  const first = await daemonIn(t, data, {SOCKET_GROUP: group});
  await first.start();
  await first.stop();
  const second = await daemonIn(t, data, {});
  await second.start();
  for (const name of ['', 'run', 'jobs']) t.match(await modeOf(join(data, name)), /^700 /, name);
  t.match(await asks(data, nobody, gid), /^E(?:ACCES|PERM)$/);
  await second.stop();
});

t.test(
  'a group that there is not, or that is not ours to give to, is told with the way out',
  root,
  async t => {
    const data = await dataFolder(t);
    const unknown = await daemonIn(t, data, {SOCKET_GROUP: 'no-such-group-here'});
    await t.rejects(unknown.start(), /There is no group no-such-group-here.*groupadd/);
    await chown(data, nobody, nobody);
    const other = await daemonIn(t, join(data, 'own'), {SOCKET_GROUP: group});
    process.seteuid?.(nobody);
    try {
      await t.rejects(other.start(), /cannot be given to the group of SOCKET_GROUP \(\d+\): add the user/);
    } finally {
      process.seteuid?.(0);
    }
  },
);
