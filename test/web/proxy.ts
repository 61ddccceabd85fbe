/**
 * Owns nginx and caddy in tests: started as docs/reverse-proxy.md says, with a certificate of their own, on ports of their
 * own, ended whatever happens.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {connect} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Test} from 'tap';
import {
  certificateIn,
  freePort,
  type Place,
  type Program,
  type ProxyName,
  programs,
} from '../../scripts/proxy.ts';

export interface Front {
  readonly url: string;
  /** What its certificate is signed by, in PEM: itself. */
  readonly ca: string;
  /** All that it said, warnings and errors alone. */
  readonly said: () => string;
}

/** In front of the box at that address. */
export async function proxyOf(t: Test, name: ProxyName, boxUrl: string): Promise<Front> {
  if (!existsSync(programs[name].path)) throw new Error(`There is no ${name} here: run scripts/setup test.`);
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  t.teardown(() => rm(folder, {recursive: true, force: true, maxRetries: 5}));
  const heard: string[] = [];
  const certificate = await certificateIn(folder);
  for (let attempt = 1; attempt <= 3; attempt++) {
    const place = {folder, port: await freePort(), box: new URL(boxUrl).host, certificate};
    if (!(await isStarted(t, programs[name], place, heard))) continue;
    const ca = await readFile(certificate.path, 'utf8');
    return {url: `https://127.0.0.1:${place.port}`, ca, said: () => heard.join('')};
  }
  throw new Error(`${name} does not start:\n${heard.join('')}`);
}

async function isStarted(t: Test, program: Program, place: Place, heard: string[]): Promise<boolean> {
  const {folder} = place;
  await mkdir(folder, {recursive: true});
  await writeFile(join(folder, program.file), program.config(place));
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', program.path, ...program.argv], {
    ...{cwd: folder, stdio: ['ignore', 'ignore', 'pipe']},
    env: {PATH: process.env['PATH'] ?? '', HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder},
  });
  child.stderr?.on('data', (chunk: Buffer) => heard.push(chunk.toString('utf8')));
  t.teardown(() => ended(child));
  const deadline = performance.now() + 20_000;
  while (child.exitCode === null && child.signalCode === null && performance.now() < deadline) {
    if (await isOpen(place.port)) return true;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  await ended(child);
  return false;
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect({host: '127.0.0.1', port});
  const {promise, resolve} = Promise.withResolvers<boolean>();
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  const open = await promise;
  socket.destroy();
  return open;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
