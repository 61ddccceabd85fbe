/** The doctor's look at the box itself: settings, folders, secrets, clock, records and doors, each broken for real. */
import {once} from 'node:events';
import {chmod, chown, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile} from 'node:fs/promises';
import {type AddressInfo, createServer, type Server} from 'node:net';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import type {Status} from '../../../appliance/api/status.ts';
import {Audit} from '../../../appliance/audit/audit.ts';
import {ok} from '../../../appliance/result.ts';
import {clock} from '../../../supervisor/doctor/clock.ts';
import {port, socket} from '../../../supervisor/doctor/doors.ts';
import {examine} from '../../../supervisor/doctor/examine.ts';
import {folders, secrets} from '../../../supervisor/doctor/folders.ts';
import {listenersIn, meets} from '../../../supervisor/doctor/listeners.ts';
import {audit, state} from '../../../supervisor/doctor/records.ts';
import {settings} from '../../../supervisor/doctor/settings.ts';
import {jobOf, openStore} from '../home.ts';
import {asRoot, otherDisk, tool} from '../inbox/disks.ts';
import {dataFolder, found, groundAt} from './ground.ts';

t.test('settings that are wrong are told, all of them, and what goes by them is skipped', async t => {
  const data = await dataFolder(t);
  t.match(await found(t, settings, await groundAt(data)), [{is: 'ok'}]);
  await writeFile(join(data, 'dubstead.env'), 'PORT=abc\nDATADIR=/x\n');
  const ground = await groundAt(data);
  t.match(await found(t, settings, ground), [
    {is: 'fault', finding: /DATADIR .*DATA_DIR/},
    {is: 'fault', finding: /PORT .*dubstead\.env:1.* is "abc"/},
  ]);
  t.match(await found(t, folders, ground), [{is: 'skipped'}]);
  t.match(await examine([settings, folders, secrets], ground), {
    counts: {ok: 1, skipped: 1, warning: 0, fault: 1},
  });
});

t.test(
  'a folder that others may enter, or that is another user’s, is told with the command that mends it',
  async t => {
    const data = await dataFolder(t);
    t.match(await found(t, folders, await groundAt(data)), [{is: 'ok'}]);
    await chmod(data, 0o755);
    t.match(await found(t, folders, await groundAt(data)), [
      {
        is: 'fault',
        finding: `${data} has mode 0755: others of this machine may enter.`,
        fix: `Run: chmod 700 ${data}`,
      },
    ]);
    await chmod(data, 0o710);
    t.match(await found(t, folders, await groundAt(data)), [{is: 'fault', finding: /0710/}]);
    t.match(
      await found(t, folders, await groundAt(data, {env: {SOCKET_GROUP: 'users'}})),
      [{is: 'ok'}],
      'as SOCKET_GROUP wants it',
    );
    await chmod(data, 0o700);
    await chmod(join(data, 'audit'), 0o300);
    t.match(await found(t, folders, await groundAt(data)), [
      {is: 'fault', finding: /audit has mode 0300: its owner may not/},
    ]);
    t.match(await found(t, folders, await groundAt(data, {uid: 4242})), [
      {is: 'warning', finding: /this is user 4242/},
      {is: 'fault'},
    ]);
    const fresh = join(data, 'new/data');
    t.match(await found(t, folders, await groundAt(fresh, {settingsFolder: data})), [
      {is: 'ok', finding: /first start makes it/},
    ]);
  },
);

t.test('a folder of another user, and one on a disk that is read-only', asRoot(), async t => {
  const data = await dataFolder(t);
  await chown(join(data, 'state'), 1234, 1234);
  t.match(await found(t, folders, await groundAt(data)), [
    {
      is: 'fault',
      finding: /state belongs to user 1234/,
      fix: `Run as root: chown -R 0 ${join(data, 'state')}`,
    },
  ]);
  await chown(join(data, 'state'), 0, 0);
  for (const name of await readdir(data)) await chown(join(data, name), 1234, 1234);
  await chown(data, 1234, 1234);
  const disk = await otherDisk(t);
  await chmod(disk, 0o755);
  t.match(await found(t, folders, await groundAt(data, {env: {OUTPUT_DIR: disk}})), [
    {
      is: 'fault',
      finding: /OUTPUT_DIR .* belongs to user 0, and user 1234, .* may not write/,
      fix: /chown USER/,
    },
  ]);
  await chown(disk, 1234, 1234);
  t.match(await found(t, folders, await groundAt(data, {env: {OUTPUT_DIR: disk}})), [{is: 'ok'}]);
  await tool('mount', '-o', 'remount,ro', disk);
  t.match(await found(t, folders, await groundAt(data, {env: {OUTPUT_DIR: disk}})), [
    {is: 'fault', finding: /OUTPUT_DIR .* mounted read-only/, meaning: /No job starts/},
  ]);
  t.match(await found(t, folders, await groundAt(data, {env: {INBOX_DIR: `${data}-away`}})), [
    {is: 'fault', finding: /INBOX_DIR .* is not there/, fix: /Mount its disk/},
  ]);
});

t.test('secrets that others may read are told', async t => {
  const data = await dataFolder(t);
  await writeFile(join(data, '.env.secrets'), 'NTFY_TOKEN=tk_abcdefghijklmnopqrstuvwxyz123\n', {mode: 0o600});
  t.match(await found(t, secrets, await groundAt(data, {root: data})), [{is: 'ok'}]);
  await chmod(join(data, '.env.secrets'), 0o644);
  t.match(await found(t, secrets, await groundAt(data, {root: data})), [
    {is: 'fault', finding: /\.env\.secrets has mode 0644/, fix: /^Run: chmod 600 /},
  ]);
  await chmod(join(data, '.env.secrets'), 0o600);
  await writeFile(join(data, 'state/snapshot.3'), '');
  await chmod(join(data, 'state/snapshot.3'), 0o640);
  t.match(await found(t, secrets, await groundAt(data, {root: data})), [
    {is: 'fault', finding: /snapshot\.3 has mode 0640/},
  ]);
});

async function recorded(t: Test, data: string, at: () => number = () => Date.now()): Promise<string> {
  const log = await Audit.open(join(data, 'audit'), at);
  for (let n = 0; n < 5; n++)
    log.record({action: 'daemon.started', result: 'ok', details: {version: `1.${n}`}});
  await log.stop();
  const [name = ''] = (await readdir(join(data, 'audit'))).filter(file => file.endsWith('.jsonl'));
  t.not(name, '');
  return join(data, 'audit', name);
}

t.test('a clock that cannot be right is told', async t => {
  const data = await dataFolder(t);
  t.match(await found(t, clock, await groundAt(data)), [{is: 'ok'}]);
  t.match(await found(t, clock, await groundAt(data, {now: () => 86_400_000})), [
    {is: 'fault', finding: 'The clock says the year 1970.', fix: /set-ntp/},
  ]);
  t.match(await found(t, clock, await groundAt(data, {now: () => Number.NaN})), [
    {is: 'fault', finding: /no time/},
  ]);
  await recorded(t, data, () => Date.now() + 86_400_000);
  t.match(await found(t, clock, await groundAt(data)), [
    {is: 'warning', finding: /last line of the audit is from/},
  ]);
});

t.test('an audit that was changed is told by file and line, and is left as it is', async t => {
  const data = await dataFolder(t);
  t.match(await found(t, audit, await groundAt(data)), [{is: 'ok', finding: 'Nothing was recorded yet.'}]);
  const file = await recorded(t, data);
  t.match(await found(t, audit, await groundAt(data)), [
    {is: 'ok', finding: /^5 lines of 1 days .* number 5 with hash [0-9a-f]{64}\.$/},
  ]);
  const text = await readFile(file, 'utf8');
  await writeFile(file, `${text}{"seq":6,"ti`);
  t.match(await found(t, audit, await groundAt(data)), [
    {is: 'warning', finding: /line 6: it has no end/, fix: /Start the daemon/},
  ]);
  const forged = text.replace('"1.2"', '"9.2"');
  await writeFile(file, forged);
  t.match(await found(t, audit, await groundAt(data)), [
    {is: 'fault', finding: /\.jsonl, line 3: /, fix: /backup/},
  ]);
  t.equal(await readFile(file, 'utf8'), forged);
  await writeFile(file, text.split('\n').slice(0, 2).join('\n').concat('\n'));
  t.match(await found(t, audit, await groundAt(data)), [{is: 'fault', finding: /gone from the end/}]);
});

t.test('a store is read while a daemon has it open, and damage is told with the way back', async t => {
  const data = await dataFolder(t);
  t.match(await found(t, state, await groundAt(data)), [{is: 'ok', finding: /no state/}]);
  const folder = join(data, 'state');
  const store = await openStore(folder);
  for (let n = 1; n <= 3; n++) await store.commit(draft => draft.put('jobs', jobOf(n).id, jobOf(n)));
  const lock = await readdir(folder);
  t.match(await found(t, state, await groundAt(data)), [
    {is: 'ok', finding: '3 rows are whole, after 3 writes.'},
  ]);
  t.same(await readdir(folder), lock, 'nothing was added or taken away');
  await store.stop();
  const journal = join(
    folder,
    (await readdir(folder)).filter(name => name.startsWith('journal')).at(-1) ?? '',
  );
  // What follows the lines is space that was taken beforehand: zeros.
  const bytes = await readFile(journal);
  const end = bytes.indexOf(0);
  const torn = Buffer.from(bytes);
  torn.fill(0, end - 20);
  await writeFile(journal, torn);
  t.match(await found(t, state, await groundAt(data)), [{is: 'ok', finding: /^2 rows .*a crash cut off/i}]);
  bytes[Math.floor(end / 2)] = 33;
  await writeFile(journal, bytes);
  const before = await stat(journal);
  t.match(await found(t, state, await groundAt(data)), [
    {
      is: 'fault',
      finding: /damaged at byte/,
      meaning: /does not start/,
      fix: /Stop the daemon first.*truncate/,
    },
  ]);
  const after = await stat(journal);
  t.strictSame([after.size, after.mtimeMs], [before.size, before.mtimeMs]);
});

async function listening(
  t: Test,
  place: {readonly path: string} | {readonly port: number; readonly host: string},
): Promise<Server> {
  const server = createServer(() => {});
  server.listen(place);
  await once(server, 'listening');
  t.teardown(() => server.close());
  return server;
}

t.test('a control socket that is stale, no socket, mute or too long is told', async t => {
  const data = await dataFolder(t);
  const path = join(data, 'run/control.sock');
  t.match(await found(t, socket, await groundAt(data)), [{is: 'ok', finding: /^No daemon is running/}]);
  const dead = await listening(t, {path: join(data, 'run/s')});
  await rename(join(data, 'run/s'), path);
  dead.close();
  t.match(await found(t, socket, await groundAt(data)), [
    {is: 'warning', finding: /^Nobody answers on /, fix: /dubstead up/},
  ]);
  await rm(path);
  await writeFile(path, '');
  t.match(await found(t, socket, await groundAt(data)), [
    {is: 'fault', finding: /is no socket/, fix: 'Move it out of the way.'},
  ]);
  await rm(path);
  await listening(t, {path});
  t.match(await found(t, socket, await groundAt(data)), [
    {is: 'fault', finding: /^On .*control\.sock: /, meaning: /reaches the daemon/},
  ]);
  const long = join(data, 'x'.repeat(120));
  await mkdir(long);
  await symlink(long, join(data, 'short'));
  t.match(await found(t, socket, await groundAt(join(data, 'short'))), [
    {is: 'fault', finding: /Linux takes 107/, fix: /shorter path/},
  ]);
});

const pidOf = (pid: number) => async () => ok({pid, version: '1'} as Status);

t.test('a port that somebody else has is told, and one that the daemon has is fine', async t => {
  const data = await dataFolder(t);
  const server = await listening(t, {host: '127.0.0.1', port: 0});
  const taken = String((server.address() as AddressInfo).port);
  const at = (env: Readonly<Record<string, string>>, daemon?: ReturnType<typeof pidOf>) =>
    groundAt(data, {env, ...(daemon && {daemon})});
  t.match(await found(t, port, await at({PORT: '0'})), [{is: 'ok', finding: /any that is free/}]);
  t.match(await found(t, port, await at({PORT: taken})), [
    {
      is: 'fault',
      finding: `Another program listens on 127.0.0.1 port ${taken}.`,
      meaning: 'The daemon does not start.',
    },
  ]);
  t.match(await found(t, port, await at({PORT: taken, HOST: '0.0.0.0'})), [{is: 'fault'}]);
  t.match(await found(t, port, await at({PORT: taken, HOST: '127.0.0.2'})), [{is: 'ok', finding: /is free/}]);
  t.match(await found(t, port, await at({PORT: taken}, pidOf(process.pid))), [
    {is: 'ok', finding: /^The daemon listens/},
  ]);
  t.match(await found(t, port, await at({HOST: '192.0.2.1'})), [
    {is: 'fault', finding: /no address of this machine/},
  ]);
  t.match(await found(t, port, await at({PORT: taken}, pidOf(process.ppid))), [
    {is: 'fault', meaning: /listens elsewhere/},
  ]);
  server.close();
  await once(server, 'close');
  t.match(await found(t, port, await at({PORT: taken})), [
    {is: 'ok', finding: `127.0.0.1 port ${taken} is free.`},
  ]);
  t.match(await found(t, port, await at({PORT: taken}, pidOf(process.pid))), [
    {is: 'warning', finding: /does not listen/, fix: /Start it again/},
  ]);
});

t.test('who listens where is read from the kernel’s own table', async t => {
  const line = (local: string, is = '0A') =>
    `  0: ${local} 00000000:0000 ${is} 00000000:00000000 00:00000000 00000000 0 0 1076 1 0 100 0 0 10 0\n`;
  t.strictSame(listenersIn(`head\n${line('0100007F:1F90')}${line('0100007F:1F91', '01')}`), [
    {address: '0100007F', port: 8080, inode: 1076},
  ]);
  const v6 = '0'.repeat(32);
  const table: readonly [string, string, boolean][] = [
    ['0100007F', '127.0.0.1', true],
    ['0100007F', '127.0.0.2', false],
    ['0100007F', '0.0.0.0', true],
    ['0100007F', '::', true],
    ['00000000', '10.0.0.1', true],
    ['00000000', '::1', false],
    [v6, '10.0.0.1', true],
    [v6, '::1', true],
    ['00000000000000000000000001000000', '::1', true],
    ['00000000000000000000000001000000', '127.0.0.1', false],
  ];
  for (const [address, host, is] of table)
    t.equal(meets({address, port: 1, inode: 1}, {host, port: 1}), is, `${address} ${host}`);
  t.notOk(meets({address: '00000000', port: 2, inode: 1}, {host: '0.0.0.0', port: 1}));
});

t.test('a check that hangs or throws is a warning, and the others have their turn', async t => {
  const ground = await groundAt(await dataFolder(t));
  const named = {title: 'T', looksAt: 'nothing'};
  const diagnosis = await examine(
    [
      {...named, id: 'hangs', examine: () => new Promise(() => {})},
      {...named, id: 'throws', examine: () => Promise.reject(new Error('EIO: i/o error'))},
      {...named, id: 'well', examine: async () => [{is: 'ok', finding: 'x'.repeat(9000)}]},
    ],
    ground,
    20,
  );
  t.match(diagnosis.checks, [
    {id: 'hangs', is: 'warning', findings: [{finding: 'It gave no answer within 0.02 s.'}]},
    {id: 'throws', is: 'warning', findings: [{finding: /EIO/}]},
    {id: 'well', is: 'ok', findings: [{finding: 'x'.repeat(4096)}]},
  ]);
});
