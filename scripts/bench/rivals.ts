/** Owns who takes uploads in the benchmark: the daemon, a bare handler, the peer. Each a process of its own. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdir, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {Appliance} from '../appliance.ts';
import {ask, begin, type Server} from './tus-client.ts';

export interface Rival {
  readonly server: Server;
  readonly pid: number;
  /** The path that so many bytes go to. */
  begin(bytes: number): Promise<string>;
  /** What came is of no use any more. */
  drop(path: string): Promise<void>;
  stop(): Promise<void>;
}

const settings = {
  ...{DISK_FREE_MIN_GB: '0', MAX_UPLOAD_MB: 'unlimited', MAX_UPLOAD_MB_PER_USER: 'unlimited'},
};

export async function daemonIn(data: string): Promise<Rival> {
  const appliance = await Appliance.start(data, settings);
  const server = {to: {socketPath: join(data, 'run/control.sock')}};
  return {
    ...{server, pid: appliance.pid},
    begin: bytes => begin(server, '/api/uploads', bytes),
    drop: async path => void (await ask(server, {method: 'DELETE', path})),
    stop: () => appliance.stop(),
  };
}

/** The least that a server can do with a body. */
export async function bareIn(folder: string): Promise<Rival> {
  const [socketPath, file] = [join(folder, 'bare.sock'), join(folder, 'bare')];
  const child = await started('bare-upload.ts', [socketPath, file]);
  return {
    ...{server: {to: {socketPath}}, pid: child.pid ?? 0},
    begin: async () => '/',
    drop: () => rm(file),
    stop: () => ended(child),
  };
}

/** `@tus/server` and `@tus/file-store`. */
export async function peerIn(folder: string): Promise<Rival> {
  const [socketPath, files] = [join(folder, 'peer.sock'), join(folder, 'peer')];
  await mkdir(files, {recursive: true});
  const child = await started('tus-upload.ts', [socketPath, files]);
  const server = {to: {socketPath}};
  return {
    ...{server, pid: child.pid ?? 0},
    begin: bytes => begin(server, '/files', bytes),
    drop: async path => void (await ask(server, {method: 'DELETE', path})),
    stop: () => ended(child),
  };
}

async function started(program: string, argv: readonly string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, program), ...argv], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

async function ended(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill();
  await exited;
}
