/**
 * The words for systemd, sent by the real systemd-notify to a real socket. Perl listens: Node has no datagrams on unix
 * sockets, and perl-base is on every Debian.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {accessSync, chmodSync, writeFileSync} from 'node:fs';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import t, {type Test} from 'tap';
import {
  NotifyEnvironment,
  type NotifySettings,
  notifyArgv,
  notifySettings,
  SystemdNotifier,
} from '../../supervisor/systemd-notify.ts';

const listening = `
  use IO::Socket::UNIX; use Socket; $| = 1;
  my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die "no socket: $!";
  print "ready\\n";
  while (defined $socket->recv(my $message, 65536)) { print unpack("H*", $message), "\\n"; }`;

interface Receiver {
  readonly socket: string;
  /** The next message; those by which the sender asks whether it was read are left out. */
  next(): Promise<string>;
}

/** Listens as systemd does. Descriptors that come along are closed unread, which tells the sender that it was heard. */
async function receiverIn(t: Test): Promise<Receiver> {
  // A socket's name has 108 bytes: less than a test's own folder may take.
  const dir = await mkdtemp(join(tmpdir(), 'notify-'));
  const socket = join(dir, 's');
  const child: ChildProcess = spawn('perl', ['-e', listening, socket], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  t.teardown(async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(dir, {recursive: true});
  });
  if (child.stdout === null) throw new Error('no pipe');
  const lines = createInterface({input: child.stdout})[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const {done, value} = await lines.next();
    if (done === true) throw new Error('the receiver has ended');
    return value;
  };
  t.equal(await line(), 'ready');
  const next = async (): Promise<string> => {
    for (;;) {
      const message = Buffer.from(await line(), 'hex').toString('utf8');
      if (message !== 'BARRIER=1') return message;
    }
  };
  return {socket, next};
}

function notifierFor(
  t: Test,
  settings: NotifySettings | undefined,
  wishes: {healthy?: () => Promise<boolean>; program?: string; sendLimitMs?: number} = {},
): {readonly notifier: SystemdNotifier; readonly troubles: string[]; readonly trouble: Promise<string>} {
  const troubles: string[] = [];
  const {promise: trouble, resolve} = Promise.withResolvers<string>();
  const notifier = new SystemdNotifier({
    healthy: async () => true,
    ...{settings, ...wishes},
    onTrouble: sentence => {
      troubles.push(sentence);
      resolve(sentence);
    },
  });
  t.teardown(() => notifier.stop());
  return {notifier, troubles, trouble};
}

t.before(() => {
  try {
    accessSync('/usr/bin/systemd-notify');
  } catch {
    throw new Error('There is no systemd-notify here: install the Debian package systemd.');
  }
});

t.test('the environment says where, and how often if it is meant for us', async t => {
  const socket = {NOTIFY_SOCKET: '/run/systemd/notify'};
  const table: readonly [NotifyEnvironment, NotifySettings | undefined][] = [
    [{}, undefined],
    [{WATCHDOG_USEC: '60000000'}, undefined],
    [socket, {socket: '/run/systemd/notify', watchdogMs: undefined}],
    [
      {...socket, WATCHDOG_USEC: '60000000'},
      {socket: '/run/systemd/notify', watchdogMs: 60_000},
    ],
    [
      {NOTIFY_SOCKET: '@abstract', WATCHDOG_USEC: '1'},
      {socket: '@abstract', watchdogMs: 0.001},
    ],
    [
      {...socket, WATCHDOG_USEC: '5000', WATCHDOG_PID: '42'},
      {...{socket: socket.NOTIFY_SOCKET}, watchdogMs: 5},
    ],
    [
      {...socket, WATCHDOG_USEC: '5000', WATCHDOG_PID: '43'},
      {socket: socket.NOTIFY_SOCKET, watchdogMs: undefined},
    ],
  ];
  for (const [environment, settings] of table)
    t.strictSame(notifySettings(NotifyEnvironment.parse(environment), 42), settings);
  for (const bad of [
    ...[{NOTIFY_SOCKET: 'relative'}, {NOTIFY_SOCKET: ''}, {NOTIFY_SOCKET: `/${'x'.repeat(108)}`}],
    ...[{WATCHDOG_USEC: '0'}, {WATCHDOG_USEC: '-1'}, {WATCHDOG_USEC: '1e9'}, {WATCHDOG_PID: 'me'}],
  ])
    t.notOk(NotifyEnvironment.safeParse(bad).success, JSON.stringify(bad));
});

t.test('a message is assignments, and nothing in a status can add another', async t => {
  t.strictSame(notifyArgv({is: 'ready', status: 'Waiting for films'}), [
    'READY=1',
    'STATUS=Waiting for films',
  ]);
  t.strictSame(notifyArgv({is: 'stopping', status: 'x'}), ['STOPPING=1', 'STATUS=x']);
  t.strictSame(notifyArgv({is: 'alive'}), ['WATCHDOG=1']);
  const table: readonly [string, string][] = [
    ['2 jobs\nMAINPID=1', 'STATUS=2 jobs MAINPID=1'],
    ['\u0000\u001b[31mred\r\n', 'STATUS=[31mred'],
    ['--pid=1', 'STATUS=--pid=1'],
    ['', 'STATUS='],
    ['x'.repeat(5000), `STATUS=${'x'.repeat(200)}`],
  ];
  for (const [status, expected] of table) t.strictSame(notifyArgv({is: 'status', status}), [expected]);
});

t.test('ready, status and stopping arrive whole and in order', async t => {
  const receiver = await receiverIn(t);
  const {notifier, troubles} = notifierFor(t, {socket: receiver.socket, watchdogMs: undefined});
  await notifier.ready('Waiting for films ñ 映画');
  t.equal(await receiver.next(), 'READY=1\nSTATUS=Waiting for films ñ 映画');
  for (let i = 1; i <= 50; i++) notifier.status(`${i} jobs`);
  const stopping = notifier.stopping('Bringing jobs to rest');
  t.equal(await receiver.next(), 'STATUS=50 jobs', 'only the newest status is sent');
  t.equal(await receiver.next(), 'STOPPING=1\nSTATUS=Bringing jobs to rest');
  await stopping;
  notifier.status('Last words');
  await notifier.stop();
  await notifier.stop();
  t.equal(await receiver.next(), 'STATUS=Last words', 'a stop waits for what was said before it');
  t.strictSame(troubles, []);
});

t.test('a stop waits for the last word', async t => {
  const dir = t.testdir();
  const program = join(dir, 'slow');
  writeFileSync(program, `#!/bin/sh\nsleep 0.2\necho "$1" > ${dir}/said\n`);
  chmodSync(program, 0o755);
  const {notifier} = notifierFor(t, {socket: '/s', watchdogMs: undefined}, {program});
  notifier.status('going');
  await notifier.stop();
  t.equal(await readFile(join(dir, 'said'), 'utf8'), 'STATUS=going\n');
});

t.test('the watchdog hears from a daemon that is well, at once and again', async t => {
  const receiver = await receiverIn(t);
  let asked = 0;
  const {notifier, troubles} = notifierFor(
    t,
    {socket: receiver.socket, watchdogMs: 40},
    {
      healthy: async () => {
        asked += 1;
        return true;
      },
    },
  );
  notifier.start();
  notifier.start();
  for (let i = 0; i < 3; i++) t.equal(await receiver.next(), 'WATCHDOG=1');
  t.ok(asked >= 3);
  await notifier.stop();
  t.strictSame(troubles, []);
});

t.test('the watchdog hears nothing from a daemon that is not well', async t => {
  const table: Readonly<Record<string, () => Promise<boolean>>> = {
    'that says so': async () => false,
    'whose store fails': () => Promise.reject(new Error('no answer from the disk')),
    'whose store does not answer': () => new Promise(() => {}),
    'that is broken': () => {
      throw new Error('a bug');
    },
  };
  for (const [name, healthy] of Object.entries(table)) {
    const receiver = await receiverIn(t);
    const {notifier, trouble, troubles} = notifierFor(
      t,
      {socket: receiver.socket, watchdogMs: 20},
      {healthy},
    );
    notifier.start();
    t.match(await trouble, /^The daemon is not well: systemd is not told/, name);
    await notifier.stop();
    await notifier.stopping('end');
    t.match(await receiver.next(), /^STOPPING=1/, 'the first word that is heard');
    t.equal(troubles.length, 1, 'said once');
  }
});

t.test('one that is well again is heard again', async t => {
  const receiver = await receiverIn(t);
  let well = false;
  const {notifier, trouble} = notifierFor(
    t,
    {socket: receiver.socket, watchdogMs: 20},
    {healthy: async () => well},
  );
  notifier.start();
  await trouble;
  well = true;
  t.equal(await receiver.next(), 'WATCHDOG=1');
});

t.test('without systemd nothing is started and nothing is said', async t => {
  const {notifier, troubles} = notifierFor(t, undefined, {program: '/nonexistent/systemd-notify'});
  notifier.start();
  notifier.status('x');
  await notifier.ready('x');
  await notifier.stopping('x');
  await notifier.stop();
  t.strictSame(troubles, []);
});

t.test('words that are not heard stop nothing, and the trouble is said once', async t => {
  const dir = t.testdir();
  const hanging = join(dir, 'hanging');
  writeFileSync(hanging, '#!/bin/sh\nexec sleep 300\n');
  chmodSync(hanging, 0o755);
  const silent = join(dir, 'silent');
  writeFileSync(silent, '#!/bin/sh\nexit 3\n');
  chmodSync(silent, 0o755);
  const table: readonly [{program?: string; sendLimitMs?: number}, RegExp][] = [
    [{program: 'systemd-notify'}, /hear this daemon: Failed to notify init system: .+\. Check/],
    [{program: join(dir, 'none')}, /there is no program .*none\. Check NotifyAccess=all/],
    [{program: hanging, sendLimitMs: 50}, /hanging did not end within 0\.05 s/],
    [{program: silent}, /silent ended with 3/],
  ];
  for (const [wishes, expected] of table) {
    const settings = {socket: join(dir, 'nobody'), watchdogMs: undefined};
    const {notifier, troubles} = notifierFor(t, settings, wishes);
    await notifier.ready('x');
    await notifier.stopping('x');
    await notifier.stop();
    t.equal(troubles.length, 1);
    t.match(troubles[0], expected);
  }
});

t.test('the child gets nothing of our environment but the way to the socket', async t => {
  const dir = t.testdir();
  const program = join(dir, 'environment');
  writeFileSync(program, '#!/bin/sh\nenv | grep -E "^(NOTIFY|DUBSTEAD)" >&2\nexit 1\n');
  chmodSync(program, 0o755);
  process.env['DUBSTEAD_SECRET'] = 'x';
  t.teardown(() => delete process.env['DUBSTEAD_SECRET']);
  const {notifier, troubles} = notifierFor(t, {socket: '/s', watchdogMs: undefined}, {program});
  await notifier.ready('x');
  t.match(troubles[0], /NOTIFY_SOCKET=\/s/);
  t.notMatch(troubles[0], /SECRET/);
});
