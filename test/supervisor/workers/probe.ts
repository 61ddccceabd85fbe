/**
 * A program that tries what it is told to and says on descriptor 3 how that went. `look` gets what to try as JSON;
 * the others use up one thing.
 */
import {spawn, spawnSync} from 'node:child_process';
import {closeSync, openSync, readdirSync, readFileSync, readlinkSync, writeSync} from 'node:fs';
import {connect, Socket} from 'node:net';
import {hostname, networkInterfaces} from 'node:os';

interface ToTry {
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly ports: readonly number[];
  readonly sockets: readonly string[];
  readonly pids: readonly number[];
}

const wire = new Socket({fd: 3});

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'ok';
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code ?? 'odd';
  }
}

function reach(
  to: {readonly port: number; readonly host: string} | {readonly path: string},
): Promise<string> {
  const {promise, resolve} = Promise.withResolvers<string>();
  const socket = connect(to, () => {
    socket.destroy();
    resolve('ok');
  });
  socket.on('error', (cause: NodeJS.ErrnoException) => resolve(cause.code ?? 'odd'));
  return promise;
}

/** Opening for writing changes nothing by itself, so that it can be tried on anything. */
const open = (path: string): unknown => closeSync(openSync(path, 'r+'));

async function look({read, write, ports, sockets, pids}: ToTry): Promise<object> {
  const status = readFileSync('/proc/self/status', 'utf8');
  const field = (name: string): string | undefined => new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(status)?.[1];
  const links = readdirSync('/proc/self/fd').map(fd => codeOrLink(fd));
  return {
    read: read.map(path => codeOf(() => readdirOrRead(path))),
    write: write.map(path => codeOf(() => open(path))),
    create: ['/', '/tmp', '/dev', '/dev/shm', '/etc', '/usr', process.cwd()].map(folder =>
      codeOf(() => closeSync(openSync(`${folder}/made`, 'w'))),
    ),
    network: await Promise.all([
      ...ports.map(port => reach({port, host: '127.0.0.1'})),
      ...sockets.map(path => reach({path})),
    ]),
    interfaces: Object.keys(networkInterfaces()),
    signals: pids.map(pid => codeOf(() => process.kill(pid, 0))),
    processes: readdirSync('/proc').filter(name => /^\d+$/.test(name)).length,
    seen: readdirSync('/'),
    hostname: hostname(),
    capabilities: field('CapEff'),
    noNewPrivileges: field('NoNewPrivs'),
    namespaces: spawnSync('unshare', ['--user', 'true']).status,
    descriptors: links.filter(link => link.includes(' socket:')).map(link => Number(link.split(' ')[0])),
    environment: Object.keys(process.env).filter(name => !name.startsWith('_TAPJS')),
    limits: readFileSync('/proc/self/limits', 'utf8'),
    niceness: Number(spawnSync('nice', [], {encoding: 'utf8'}).stdout),
    disk: spawnSync('ionice', [], {encoding: 'utf8'}).stdout.trim(),
    oomScore: readFileSync('/proc/self/oom_score_adj', 'utf8').trim(),
  };
}

function codeOrLink(fd: string): string {
  try {
    return `${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`;
  } catch {
    return 'closed';
  }
}

function readdirOrRead(path: string): void {
  try {
    readdirSync(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOTDIR') throw cause;
    readFileSync(path);
  }
}

function eatMemory(): never {
  const kept: Buffer[] = [];
  for (;;) {
    kept.push(Buffer.alloc(16 << 20, 1));
    writeSync(3, `${kept.length * 16}\n`);
  }
}

function eatDisk(): never {
  const fd = openSync('large', 'w');
  const piece = Buffer.alloc(1 << 20, 1);
  for (;;) writeSync(fd, piece);
}

function eatDescriptors(): string {
  for (let count = 0; ; count++) {
    const code = codeOf(() => openSync('/dev/null', 'r'));
    if (code !== 'ok') return `${code} after ${count}`;
  }
}

async function eatProcesses(): Promise<string> {
  for (let count = 0; count < 300; count++) {
    const child = spawn('sleep', ['60'], {stdio: 'ignore'});
    const {promise, resolve} = Promise.withResolvers<string>();
    child.once('spawn', () => resolve('ok'));
    child.once('error', (cause: NodeJS.ErrnoException) => resolve(cause.code ?? 'odd'));
    const code = await promise;
    if (code !== 'ok') return `${code} after ${count}`;
  }
  return 'no end';
}

const [, , what, argument = '{}'] = process.argv;
if (what === 'look') wire.end(JSON.stringify(await look(JSON.parse(argument))));
if (what === 'memory') eatMemory();
if (what === 'disk') eatDisk();
if (what === 'cpu') for (;;) Math.random();
if (what === 'descriptors') wire.end(eatDescriptors());
if (what === 'processes') wire.end(await eatProcesses(), () => process.exit());
