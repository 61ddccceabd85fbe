/** A seat at the command line: verbs run in this process, against the real server over a real socket. */
import {execFile} from 'node:child_process';
import {once} from 'node:events';
import {mkdir, rm, symlink} from 'node:fs/promises';
import {connect, createServer, type Socket} from 'node:net';
import {join} from 'node:path';
import type {Test} from 'tap';
import {ApiClient} from '../../appliance/api/client.ts';
import {readArgs} from '../../tui/args.ts';
import {verbOf} from '../../tui/verbs.ts';
import type {World} from '../../tui/world.ts';
import {type Served, type ServedSetting, serve, shortFolder} from '../web/served.ts';
import {now} from './samples.ts';

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Seat {
  /** DATA_DIR. */
  readonly data: string;
  readonly socket: string;
  /** What was written so far by what runs. */
  readonly out: () => string;
  readonly err: () => string;
  run(...argv: readonly string[]): Promise<Ended>;
  /** The last line of JSON that it wrote. */
  json(...argv: readonly string[]): Promise<unknown>;
  /** As Ctrl-C does. */
  signal(): void;
}

export interface SeatSetting {
  readonly terminal?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** What somebody types in when asked; left out, nobody sits there. */
  readonly answer?: string;
}

/** Nobody listens yet. */
export async function seatOf(t: Test, {terminal, env = {}, answer}: SeatSetting = {}): Promise<Seat> {
  const data = await shortFolder(t);
  await mkdir(join(data, 'run'));
  const socket = join(data, 'run/control.sock');
  let [out, err] = ['', ''];
  let stop = new AbortController();
  const world = (): World => ({
    screen: {
      write: text => {
        out += text;
      },
      isTerminal: terminal !== undefined,
      columns: () => terminal ?? 80,
    },
    complaints: {
      write: text => {
        err += text;
      },
    },
    ask:
      answer === undefined
        ? null
        : async question => {
            err += question;
            return answer;
          },
    signal: stop.signal,
    become: argv => {
      throw new Error(`would have become ${argv.join(' ')}`);
    },
    clock: {now: () => now, steady: () => 0, zone: () => 'UTC'},
    sources: {env: {DATA_DIR: data, ...env}, root: data},
    connect: async path => new ApiClient({socket: path, wait: async () => {}}),
  });
  const run = async (...argv: readonly string[]): Promise<Ended> => {
    [out, err] = ['', ''];
    stop = new AbortController();
    const read = readArgs(argv, {folder: '/films', processors: 2}, verbOf);
    if (!read.ok || read.value.is !== 'errand') throw new Error(`not to be run: ${argv.join(' ')}`);
    const code = await read.value.errand.run(world());
    return {code, out, err};
  };
  return {
    ...{data, socket, run, out: () => out, err: () => err},
    async json(...argv) {
      const ended = await run(...argv, '--json');
      return JSON.parse(ended.out.trimEnd().split('\n').at(-1) ?? '');
    },
    signal: () => stop.abort(),
  };
}

/** With a daemon at the other end. */
export async function seatAtBox(t: Test, setting: ServedSetting & SeatSetting = {}): Promise<Seat & Served> {
  const served = await serve(t, setting);
  const seat = await seatOf(t, setting);
  await point(seat, served.path);
  return {...served, ...seat};
}

/** Puts another socket in the place where the daemon's is looked for. */
export async function point(seat: Pick<Seat, 'socket'>, path: string): Promise<void> {
  await rm(seat.socket, {force: true});
  await symlink(path, seat.socket);
}

/** A socket that hands all on to another, until it is cut. */
export async function throughCutter(t: Test, target: string): Promise<{path: string; cut: () => void}> {
  const path = join(await shortFolder(t), 's');
  const sockets = new Set<Socket>();
  const server = createServer(near => {
    const far = connect(target);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => {
        near.destroy();
        far.destroy();
        sockets.delete(socket);
      });
    }
    near.pipe(far).pipe(near);
  });
  server.listen(path);
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  t.teardown(() => {
    server.close();
    cut();
  });
  return {path, cut};
}

/** What Node made of the TypeScript last time is kept, as scripts/dubstead does: every start is shorter. */
export const surroundings = {
  PATH: process.env['PATH'],
  NODE_COMPILE_CACHE: new URL('../../node_modules/.cache/compiled', import.meta.url).pathname,
};

const program = new URL('../../tui/dubstead.ts', import.meta.url).pathname;

/** The program itself, with no more in its environment than it is given. */
export function dubstead(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  who: {readonly uid?: number; readonly gid?: number} = {},
): Promise<Ended> {
  const args = ['--disable-warning=ExperimentalWarning', program, ...argv];
  return new Promise(resolve => {
    execFile(process.execPath, args, {env: {...surroundings, ...env}, ...who}, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({code, out, err});
    });
  });
}
