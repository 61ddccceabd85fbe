/** Owns file systems for tests: mounted by root, gone when the test is over. */
import {execFile} from 'node:child_process';
import {mkdir, mkdtemp, rm, rmdir, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import type {Test} from 'tap';

const run = promisify(execFile);

export const isRoot = process.getuid?.() === 0;
/** Options of a test; tap writes into what it is given. */
export const asRoot = (): {skip?: string} => (isRoot ? {} : {skip: 'only root can make this'});

/** Runs a program of the system; its output. */
export async function tool(name: string, ...argv: readonly string[]): Promise<string> {
  return (await run(name, [...argv])).stdout;
}

/** A folder on a file system other than that of `t.testdir()`; it may be small. */
export async function otherDisk(t: Test, options = 'size=64m'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dubstead-disk-'));
  await tool('mount', '-t', 'tmpfs', '-o', options, 'tmpfs', folder);
  t.teardown(async () => {
    await tool('umount', '-l', folder).catch(() => undefined);
    await rm(folder, {recursive: true, force: true});
  });
  return folder;
}

/** The same folder at another place as well: of one device, and yet nothing can be renamed from one to the other. */
export async function whileBound(from: string, to: string, work: () => Promise<void>): Promise<void> {
  await mkdir(to, {recursive: true});
  await tool('mount', '--bind', from, to);
  try {
    await work();
  } finally {
    await tool('umount', '-l', to);
    await rmdir(to).catch(() => undefined);
  }
}

export async function inodeOf(path: string): Promise<number> {
  return (await stat(path)).ino;
}

/** Does something with no more rights than anybody has. */
export async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  process.seteuid?.(65534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}
