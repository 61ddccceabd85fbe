/** Owns whether the two ways in are open or could be: the control socket and the TCP port. Listens on neither. */
import {lstat, readdir, readFile, readlink, realpath} from 'node:fs/promises';
import {isIP} from 'node:net';
import {networkInterfaces} from 'node:os';
import {join} from 'node:path';
import {describeApiTrouble} from '../../appliance/api/trouble.ts';
import type {Finding} from '../../appliance/doctor.ts';
import {describePortTrouble} from '../../web/port.ts';
import {describeSocketTrouble, socketPathLimitBytes} from '../../web/socket.ts';
import {dataFolders} from '../folders.ts';
import {type Check, codeOf, fault, fine, type Ground, isDenied, notAllowed, ofBox, warning} from './check.ts';
import {type Listening, listenersIn, meets} from './listeners.ts';

export const socket: Check = {
  id: 'socket',
  title: 'Control socket',
  looksAt: 'run/control.sock in DATA_DIR, and whether a daemon answers there',
  examine: ofBox(async ({folders, daemon}) => {
    // The daemon goes by the name that is left when links are followed.
    const real = await realpath(folders.root).catch(() => folders.root);
    const {socket: path} = dataFolders(real);
    const bytes = Buffer.byteLength(path);
    if (bytes > socketPathLimitBytes) return [untakeable({reason: 'path-too-long', path, bytes})];
    try {
      const found = await lstat(path).catch(cause => {
        if (codeOf(cause) === 'ENOENT') return undefined;
        throw cause;
      });
      if (found === undefined) return [fine(`No daemon is running; ${path} is made when one starts.`)];
      if (!found.isSocket() && !found.isSymbolicLink()) return [untakeable({reason: 'not-a-socket', path})];
    } catch (cause) {
      if (isDenied(cause)) return [notAllowed(path)];
      throw cause;
    }
    const answer = await daemon();
    if (answer.ok)
      return [
        fine(`A daemon (version ${answer.value.version}, process ${answer.value.pid}) answers on ${path}.`),
      ];
    if (answer.why.reason === 'not-permitted') return [notAllowed(path)];
    if (answer.why.reason === 'daemon-down')
      return [
        warning({
          finding: `Nobody answers on ${path}: a daemon that was killed left it.`,
          meaning: 'No daemon is running, so nothing is dubbed. The next start replaces the socket.',
          fix: 'Start the daemon: dubstead up, or systemctl start dubstead. The end of its log says why it went: dubstead status.',
        }),
      ];
    const {what, fix} = describeApiTrouble(answer.why);
    return [
      fault({
        finding: `On ${path}: ${what}`,
        meaning: 'No command and no script on this machine reaches the daemon.',
        fix,
      }),
    ];
  }),
};

function untakeable(trouble: Parameters<typeof describeSocketTrouble>[0]): Finding {
  const {what, fix} = describeSocketTrouble(trouble);
  return fault({finding: what, meaning: 'The daemon does not start.', fix});
}

export const port: Check = {
  id: 'port',
  title: 'Network port',
  looksAt: 'who listens on HOST and PORT, and whether HOST is an address of this machine',
  examine: ofBox(async ({settings: {HOST: host, PORT: number}, daemon}, {proc}) => {
    const place = {host, port: number};
    const trouble = (reason: 'in-use' | 'not-ours' | 'not-allowed', meaning: string): Finding => {
      const {what, fix} = describePortTrouble({reason, ...place});
      return fault({finding: what, meaning, fix});
    };
    if (isIP(host) !== 0 && !isOurs(host)) return [trouble('not-ours', 'The daemon does not start.')];
    if (number === 0) return [fine('PORT is 0: any that is free is taken.')];
    const listening = (await listeners(proc)).filter(one => meets(one, place));
    const answer = await daemon();
    if (!answer.ok) {
      if (listening.length > 0) return [trouble('in-use', 'The daemon does not start.')];
      return [fine(`${host} port ${number} is free.`)];
    }
    const {pid} = answer.value;
    const own = await socketsOf(pid, proc);
    if (own === undefined && listening.length > 0)
      return [
        fine(
          `Somebody listens on ${host} port ${number}, and a daemon is running; which process it is, this user may not see.`,
        ),
      ];
    if (listening.some(({inode}) => own?.has(inode)))
      return [fine(`The daemon listens on ${host} port ${number}.`)];
    if (listening.length > 0)
      return [
        trouble(
          'in-use',
          'The running daemon listens elsewhere; with these settings it would not start again.',
        ),
      ];
    return [
      warning({
        finding: `The running daemon does not listen on ${host} port ${number}.`,
        meaning: 'It was started with other settings: phones and scripts look for it where it is not.',
        fix: 'Start it again with the settings as they are now.',
      }),
    ];
  }),
};

function isOurs(host: string): boolean {
  if (host === '0.0.0.0' || host === '::' || host === '127.0.0.1' || host === '::1') return true;
  if (host.startsWith('127.')) return true;
  const all = Object.values(networkInterfaces()).flatMap(list => list ?? []);
  return all.some(({address}) => address === host);
}

async function listeners(proc: Ground['proc']): Promise<readonly Listening[]> {
  const texts = await Promise.all(
    ['tcp', 'tcp6'].map(name => readFile(join(proc, 'net', name), 'utf8').catch(() => '')),
  );
  return texts.flatMap(listenersIn);
}

/** The inodes of a process's sockets; undefined when this user may not see them. */
async function socketsOf(pid: number, proc: Ground['proc']): Promise<ReadonlySet<number> | undefined> {
  const folder = join(proc, String(pid), 'fd');
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) return undefined;
  const targets = await Promise.all(names.map(name => readlink(join(folder, name)).catch(() => '')));
  return new Set(
    targets.flatMap(target => {
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      return inode === undefined ? [] : [Number(inode)];
    }),
  );
}
