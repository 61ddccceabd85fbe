/**
 * Owns the unix socket as a file: made so that nobody but its group can ever open it, put where it belongs in one step,
 * and taken away again. Never answers anybody.
 */
import {execFile} from 'node:child_process';
import {once} from 'node:events';
import type {Stats} from 'node:fs';
import {chmod, chown, lstat, mkdtemp, readdir, rename, rm} from 'node:fs/promises';
import {connect, type Server} from 'node:net';
import {dirname, join} from 'node:path';
import {promisify} from 'node:util';
import {no, ok, type Result, unreachable} from '../appliance/result.ts';

/** What the kernel takes: `sun_path` has 108 bytes with the zero at its end. */
export const socketPathLimitBytes = 107;

export type SocketTrouble =
  | {readonly reason: 'path-too-long'; readonly path: string; readonly bytes: number}
  | {readonly reason: 'in-use'; readonly path: string}
  | {readonly reason: 'not-a-socket'; readonly path: string}
  | {readonly reason: 'group-refused'; readonly path: string; readonly gid: number}
  | {readonly reason: 'cannot-listen'; readonly path: string; readonly detail: string};

export function describeSocketTrouble(trouble: SocketTrouble): {readonly what: string; readonly fix: string} {
  const {path} = trouble;
  switch (trouble.reason) {
    case 'path-too-long':
      return {
        what: `The socket's path ${path} has ${trouble.bytes} bytes; Linux takes ${socketPathLimitBytes}.`,
        fix: 'Set DATA_DIR to a folder with a shorter path.',
      };
    case 'in-use':
      return {
        what: `A daemon answers on ${path} already.`,
        fix: 'Use that one (dubstead status), or stop it first.',
      };
    case 'not-a-socket':
      return {
        what: `${path} is there and is no socket; it was left alone.`,
        fix: 'Move it out of the way.',
      };
    case 'group-refused':
      return {
        what: `${path} cannot be given to the group ${trouble.gid}: the daemon's user is not in it.`,
        fix: 'Add that user to the group, or set SOCKET_GROUP to one that it is in.',
      };
    case 'cannot-listen':
      return {
        what: `No socket can be made at ${path}: ${trouble.detail}.`,
        fix: 'Check that its folder is there and can be written to.',
      };
    default:
      return unreachable(trouble);
  }
}

export interface SocketSetting {
  readonly path: string;
  /** The group whose members may use it; null leaves it to the daemon's own. */
  readonly gid: number | null;
}

export class SocketFile {
  readonly #setting: SocketSetting;
  #ino: number | undefined;

  constructor(setting: SocketSetting) {
    this.#setting = setting;
  }

  /**
   * Lets the server listen. The socket is made in a folder that only we can enter and moved to its place when its group
   * and mode are right, so there is no moment in which somebody else could open it, and a stale one is replaced without
   * a gap. Leaves nothing behind when that fails.
   */
  async open(server: Server): Promise<Result<void, SocketTrouble>> {
    const {path, gid} = this.#setting;
    const bytes = Buffer.byteLength(path);
    if (bytes > socketPathLimitBytes) return no({reason: 'path-too-long', path, bytes});
    try {
      const there = await occupantOf(path);
      if (there !== 'nobody') return no({reason: there, path});
      await removeLeftovers(dirname(path));
      await this.#make(server, path, gid);
      return ok(undefined);
    } catch (cause) {
      if (codeOf(cause) === 'EPERM' && gid !== null) return no({reason: 'group-refused', path, gid});
      return no({
        reason: 'cannot-listen',
        path,
        detail: cause instanceof Error ? cause.message : String(cause),
      });
    }
  }

  /** Takes the socket away, unless another one is in its place by now. May be called twice. */
  async remove(): Promise<void> {
    const {path} = this.#setting;
    const mine = this.#ino;
    this.#ino = undefined;
    if (mine !== undefined && (await statOf(path))?.ino === mine) await rm(path, {force: true});
  }

  async #make(server: Server, path: string, gid: number | null): Promise<void> {
    // Its mode is 0700. The names are no longer than `control.sock`, so that the limit is the path's own.
    const folder = await mkdtemp(join(dirname(path), leftoverPrefix));
    try {
      const fresh = join(folder, 's');
      server.listen(fresh);
      await once(server, 'listening');
      if (gid !== null) await chown(fresh, -1, gid);
      await chmod(fresh, 0o660);
      const {ino} = await lstat(fresh);
      await rename(fresh, path);
      this.#ino = ino;
    } catch (cause) {
      server.close();
      throw cause;
    } finally {
      await rm(folder, {recursive: true, force: true});
    }
  }
}

const leftoverPrefix = '.s-';

/** Of a daemon that was killed while it made its socket. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (/^\.s-[A-Za-z0-9]{6}$/.test(name)) await rm(join(folder, name), {recursive: true, force: true});
  }
}

/** A socket that nobody answers on is as good as none. Throws what keeps us from knowing. */
async function occupantOf(path: string): Promise<'nobody' | 'in-use' | 'not-a-socket'> {
  const stats = await statOf(path);
  if (stats === undefined) return 'nobody';
  if (!stats.isSocket()) return 'not-a-socket';
  const socket = connect({path});
  try {
    await once(socket, 'connect');
    return 'in-use';
  } catch (cause) {
    if (codeOf(cause) === 'ECONNREFUSED' || codeOf(cause) === 'ENOENT') return 'nobody';
    // Its queue is full: somebody is there, and slow.
    if (codeOf(cause) === 'EAGAIN') return 'in-use';
    throw cause;
  } finally {
    socket.destroy();
  }
}

async function statOf(path: string): Promise<Stats | undefined> {
  return lstat(path).catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw cause;
  });
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}

/** The number of a group of this machine, given by name or number; undefined when there is none. */
export async function gidOf(group: string): Promise<number | undefined> {
  if (/^\d{1,9}$/.test(group)) return Number(group);
  if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/.test(group)) return undefined;
  try {
    const {stdout} = await promisify(execFile)('getent', ['group', group], {timeout: 10_000});
    const number = /^[^:]*:[^:]*:(\d+):/.exec(stdout)?.[1];
    return number === undefined ? undefined : Number(number);
  } catch (cause) {
    // getent's word for "not found".
    if (codeOf(cause) === 2) return undefined;
    throw cause;
  }
}
