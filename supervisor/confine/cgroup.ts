/**
 * Owns the cgroups (version 2) of jobs: whether systemd handed us a part of the tree, and one folder a job in it.
 * Never decides a limit: files and values are given.
 */
import {mkdir, readdir, readFile, rmdir, writeFile} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import type {Lack} from './found.ts';

export interface JobCgroup {
  readonly folder: string;
  /** Written in this order. */
  readonly files: readonly (readonly [name: string, value: string])[];
}

export type CgroupFound =
  | {
      readonly works: true;
      readonly folder: string;
      /** What could be handed down to jobs. */
      readonly controllers: readonly string[];
      /** What is: none before it was opened. */
      readonly handedDown: readonly string[];
    }
  | Lack;

export interface CgroupFacts {
  /** `/proc/self/cgroup`. */
  readonly own: string;
  /** Where version 2 is mounted; undefined where it is not. */
  readonly mount: string | undefined;
  readonly root: boolean;
  /** Of a folder below the mount; undefined when it cannot be looked at. */
  readonly look: (folder: string) => CgroupLook | undefined;
}

export interface CgroupLook {
  readonly writable: boolean;
  readonly pids: readonly number[];
  readonly controllers: readonly string[];
  readonly handedDown: readonly string[];
}

/** Where the daemon itself lives, since a cgroup that limits others may hold no process of its own. */
const daemonName = 'daemon';
const jobPrefix = 'job-';
const wanted = ['memory', 'pids', 'cpu'];
const goneLimitMs = 10_000;
const fix = 'Start the daemon by its systemd unit, which says Delegate=yes.';

/** The part of the tree that is ours to divide, or why there is none. Pure but for the looks it is given. */
export function delegated({own, mount, root, look}: CgroupFacts, pid: number): CgroupFound {
  const lack = (why: string): Lack => ({works: false, why, fix});
  if (mount === undefined) {
    return {works: false, why: 'cgroup version 2 is not mounted', fix: 'Boot with cgroup version 2 alone.'};
  }
  const path = /^0::(\/.*)$/m.exec(own)?.[1];
  if (path === undefined || path === '/') return lack('this process is in no cgroup of its own');
  const settled = basename(path) === daemonName;
  const folder = join(mount, settled ? dirname(path) : path);
  const seen = look(folder);
  if (seen === undefined || !seen.writable) return lack('its cgroup is not delegated');
  // Root may write everywhere, which says nothing about whose it is.
  if (root && !settled) return lack('whether its cgroup is delegated cannot be told as root');
  if (seen.pids.some(other => other !== pid)) return lack('others live in its cgroup');
  const [controllers, handedDown] = [seen.controllers, seen.handedDown].map(names =>
    wanted.filter(name => names.includes(name)),
  );
  return {works: true, folder, controllers: controllers ?? [], handedDown: handedDown ?? []};
}

/**
 * Moves the daemon aside, hands the controllers down, and ends what a daemon before us left behind. Called by the
 * daemon once, before the first job: until then no job gets a cgroup. Where the kernel refuses, that is what is found.
 */
export async function openCgroups(found: CgroupFound, pid: number): Promise<CgroupFound> {
  if (!found.works) return found;
  try {
    await divide(found, pid);
    return {...found, handedDown: found.controllers};
  } catch (cause) {
    return {works: false, why: cause instanceof Error ? cause.message : String(cause), fix};
  }
}

async function divide(
  {folder, controllers}: Extract<CgroupFound, {works: true}>,
  pid: number,
): Promise<void> {
  const own = join(folder, daemonName);
  await mkdir(own, {recursive: true});
  await writeFile(join(own, 'cgroup.procs'), String(pid));
  await writeFile(join(folder, 'cgroup.subtree_control'), controllers.map(name => `+${name}`).join(' '));
  const left = (await readdir(folder)).filter(name => name.startsWith(jobPrefix));
  await Promise.all(left.map(name => closeCgroup(join(folder, name))));
}

/** Throws when a limit cannot be set: a job without it is not started. */
export async function makeCgroup({folder, files}: JobCgroup): Promise<void> {
  await mkdir(folder, {recursive: true});
  for (const [name, value] of files) await writeFile(join(folder, name), value);
}

/** A process and all its threads; what it starts from then on is in there as well. */
export async function joinCgroup({folder}: JobCgroup, pid: number): Promise<void> {
  await writeFile(join(folder, 'cgroup.procs'), String(pid));
}

/** Whether the kernel ended something in there because memory ran out. */
export async function ranOutOfMemory({folder}: JobCgroup): Promise<boolean> {
  const events = await readFile(join(folder, 'memory.events'), 'utf8').catch(() => '');
  return /^oom_kill [1-9]/m.test(events);
}

/** Ends all that is in there, and the cgroup. False when something would not go. */
export async function closeCgroup(folder: string): Promise<boolean> {
  for (const started = performance.now(); performance.now() - started < goneLimitMs; await wait(5)) {
    // Kernels before 5.14 have no such file; the process group and the jail have been ended by then.
    await writeFile(join(folder, 'cgroup.kill'), '1', {flag: 'r+'}).catch(() => {});
    const error = await rmdir(folder).then(
      () => undefined,
      (cause: NodeJS.ErrnoException) => cause.code,
    );
    if (error === undefined || error === 'ENOENT') return true;
  }
  return false;
}
