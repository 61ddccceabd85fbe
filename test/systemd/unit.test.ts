/** The unit file: what systemd's own checks say of it, what it must hold, and why some of it must not be there. */
import {type ExecFileException, execFile} from 'node:child_process';
import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import t, {type Test} from 'tap';
import {daemonFlags} from '../../tui/verbs/up.ts';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const unit = join(root, 'systemd/dubstead.service');

/** Tenths of systemd's measure of exposure, 100 being the worst; version 252 says 3.5. */
const exposureLimit = 36;

interface Ended {
  readonly exit: number;
  readonly said: string;
}

function run(program: string, argv: readonly string[]): Promise<Ended> {
  const {promise, resolve, reject} = Promise.withResolvers<Ended>();
  const env = {...process.env, SYSTEMD_PAGER: '', LC_ALL: 'C.UTF-8'};
  execFile(program, argv, {env}, (error: ExecFileException | null, stdout, stderr) => {
    if (error?.code === 'ENOENT') {
      return reject(new Error(`There is no ${program} here: install the Debian package it comes with.`));
    }
    resolve({exit: typeof error?.code === 'number' ? error.code : 0, said: stdout + stderr});
  });
  return promise;
}

/** Every setting with its values, in the order of the file. */
async function settings(): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const line of (await readFile(unit, 'utf8')).split('\n')) {
    const setting = /^(\w+)=(.*)$/.exec(line);
    const [, name, value] = setting ?? [];
    if (name === undefined || value === undefined) continue;
    found.set(name, [...(found.get(name) ?? []), value]);
  }
  return found;
}

/** The unit as it would be for this checkout: what it starts has to be there to be verified. */
async function unitHere(t: Test, change: (text: string) => string = text => text): Promise<string> {
  const path = join(t.testdir(), 'dubstead.service');
  await writeFile(path, change((await readFile(unit, 'utf8')).replaceAll('/opt/dubstead', root)));
  return path;
}

t.test('systemd finds nothing wrong with it', async t => {
  const {exit, said} = await run('systemd-analyze', ['verify', '--man=no', await unitHere(t)]);
  t.equal(said, '');
  t.equal(exit, 0);
  const broken = await unitHere(t, text => text.replace('WatchdogSec=60s', 'WatchdogSec=often\nNoSuch=1'));
  const found = await run('systemd-analyze', ['verify', '--man=no', broken]);
  t.match(found.said, /Failed to parse sec value, ignoring: often/, 'it does look');
  t.match(found.said, /Unknown key.* 'NoSuch'/);
});

t.test('what it leaves open stays within the limit', async t => {
  const argv = (path: string) => ['security', '--offline=true', `--threshold=${exposureLimit}`, path];
  const {exit, said} = await run('systemd-analyze', argv(await unitHere(t)));
  t.equal(exit, 0, said.split('\n').at(-2) ?? said);
  for (const line of [
    'ProtectHome=yes',
    'CapabilityBoundingSet=',
    'SystemCallFilter=@system-service @mount sethostname',
  ]) {
    const weaker = await unitHere(t, text => text.replace(`\n${line}\n`, '\n'));
    t.not((await run('systemd-analyze', argv(weaker))).exit, 0, `without ${line}`);
  }
});

t.test('it says what the daemon and its jobs live by', async t => {
  const found = await settings();
  const table: Readonly<Record<string, readonly string[]>> = {
    Type: ['notify'],
    NotifyAccess: ['all'],
    KillMode: ['mixed'],
    OOMPolicy: ['continue'],
    Delegate: ['cpu memory pids'],
    StateDirectory: ['dubstead'],
    StateDirectoryMode: ['0700'],
    UMask: ['0077'],
    LimitCORE: ['0'],
    NoNewPrivileges: ['yes'],
    CapabilityBoundingSet: [''],
    ProtectSystem: ['strict'],
    User: ['dubstead'],
  };
  for (const [name, values] of Object.entries(table)) t.strictSame(found.get(name), values, name);
  t.ok(found.get('Environment')?.some(line => /\bDATA_DIR=%S\/dubstead\b/.test(line)));
  const [start = ''] = found.get('ExecStart') ?? [];
  const [node, ...flags] = start.split(' ');
  const program = flags.pop();
  t.equal(node, '/opt/dubstead/node_modules/.bin/node', 'the Node of the checkout, itself the main process');
  t.equal(program, '/opt/dubstead/supervisor/main.ts');
  t.strictSame(flags, daemonFlags, 'as `dubstead up` starts it');
  t.notMatch(start, /&|;|\$|sh -c/);
});

t.test('what would break the daemon or its jails is not there, and why is written beside', async t => {
  const found = await settings();
  const text = await readFile(unit, 'utf8');
  for (const name of [
    ...['MemoryDenyWriteExecute', 'RestrictNamespaces', 'ProtectControlGroups', 'IPAddressDeny'],
    ...['ProtectKernelTunables', 'ProtectKernelLogs', 'ProtectHostname', 'ProcSubset'],
  ]) {
    t.notOk(found.has(name), name);
    t.match(text, new RegExp(`^# .*\\b${name}\\b`, 'm'));
  }
  t.notOk(found.has('PrivateDevices'), 'a GPU is a device');
});

const jail = [
  ...['--unshare-all', '--ro-bind', '/usr', '/usr', '--symlink', 'usr/lib', '/lib'],
  ...['--symlink', 'usr/lib64', '/lib64', '--symlink', 'usr/bin', '/bin'],
  ...['--proc', '/proc', '--dev', '/dev', '--die-with-parent', '--cap-drop', 'ALL', 'true'],
];

t.test('a jail cannot mount its /proc where a part of ours is covered', async t => {
  const outer = ['--unshare-user', '--dev-bind', '/', '/'];
  t.strictSame(await run('bwrap', [...outer, 'bwrap', ...jail]), {exit: 0, said: ''}, 'with nothing covered');
  for (const part of ['/proc/sys', '/proc/sys/kernel/hostname']) {
    const {exit, said} = await run('bwrap', [...outer, '--ro-bind', part, part, 'bwrap', ...jail]);
    t.not(exit, 0, part);
    t.match(said, /Can't mount proc/);
  }
});

t.test('a jail needs no more than the unit gives: no privileges, no capabilities', async t => {
  const {exit, said} = await run('setpriv', ['--no-new-privs', 'bwrap', ...jail]);
  t.strictSame({exit, said}, {exit: 0, said: ''});
});
