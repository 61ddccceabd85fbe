/** Owns a data folder with jobs in it, on a real disk, and what this machine gives to confine them. */
import {spawnSync} from 'node:child_process';
import {chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {Test} from 'tap';
import {type Confined, type ConfineRequest, confine} from '../../supervisor/confine/confine.ts';
import {findConfinement} from '../../supervisor/confine/found.ts';
import {type Launched, launch} from '../../supervisor/confine/launch.ts';
import type {Limits} from '../../supervisor/confine/limits.ts';

export const checkout = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
export const workers = join(checkout, 'test/supervisor/workers');
export const isRoot = process.getuid?.() === 0;
/** A user that owns nothing. */
export const nobody = 65534;
const becomeNobody = ['setpriv', '--reuid', String(nobody), '--regid', String(nobody), '--clear-groups'];
/** Whether tests can be run as that user as well: it must be able to read our code. */
export const canBeNobody =
  isRoot &&
  spawnSync('setpriv', [...becomeNobody.slice(1), process.execPath, '--check', join(workers, 'probe.ts')])
    .status === 0;

export const found = await findConfinement(tmpdir());
/** For tests that need a jail: why they cannot run, or false. */
export const noJail = found.jail.works ? false : found.jail.why;

export const roomy: Limits = {
  ...{
    memoryBytes: 1 << 30,
    fileBytes: 1 << 30,
    openFiles: 1024,
    processes: 512,
    cpuSeconds: 600,
    niceness: 5,
  },
};

/** tap puts words of its own into the environment of every child, and a jail has no place for what they write. */
export function bare(...program: readonly string[]): readonly [string, ...string[]] {
  return ['/usr/bin/env', '-u', 'NODE_OPTIONS', ...program];
}

export function nodeProgram(script: string, ...args: readonly string[]): readonly [string, ...string[]] {
  return bare(process.execPath, '--disable-warning=ExperimentalWarning', join(workers, script), ...args);
}

export interface Place {
  readonly data: string;
  /** `jobs/ID` with `source/film.mp4` and `out/` in it. */
  readonly job: string;
  confined(program: readonly [string, ...string[]], wishes?: Partial<ConfineRequest>): Confined;
}

/** Not in tap's own folder, which a user that owns nothing cannot enter. */
export async function placeFor(t: Test, owner?: number): Promise<Place> {
  const data = await mkdtemp(join(tmpdir(), 'data-'));
  t.teardown(() => rm(data, {recursive: true, force: true}));
  await chmod(data, 0o755);
  const job = join(data, 'jobs', 'aaaaaaaaaa');
  for (const folder of [
    join(job, 'source'),
    join(job, 'out'),
    join(data, 'jobs/bbbbbbbbbb'),
    join(data, 'state'),
  ])
    await mkdir(folder, {recursive: true});
  await writeFile(join(job, 'source/film.mp4'), 'a film');
  await writeFile(join(job, 'claim.json'), '{}');
  await writeFile(join(data, 'jobs/bbbbbbbbbb/secret'), 'of another user');
  await writeFile(join(data, 'state/secret'), 'of the box');
  if (owner !== undefined)
    for (const name of ['', 'out', 'source', 'source/film.mp4', 'claim.json'])
      await chown(join(job, name), owner, owner);
  const folders = {
    job,
    checkout,
    readOnly: [workers],
    compileCache: join(checkout, 'node_modules/.cache/compiled'),
  };
  return {
    ...{data, job},
    confined: (program, wishes = {}) =>
      confine({isolation: 'jail', program, folders, limits: roomy, found, ...wishes}),
  };
}

/** The same, started by a user that owns nothing. */
export function asNobody(confined: Confined): Confined {
  return {...confined, argv: [...becomeNobody, ...confined.argv]};
}

export async function launched(confined: Confined): Promise<Launched> {
  const result = await launch(confined);
  if (!result.ok) throw new Error(result.why);
  return result.value;
}

/** Starts it, hears all it says on the wire, and waits until nothing of it is left. */
export async function outcome(
  confined: Confined,
): Promise<{readonly said: string; readonly exit: string; readonly stderr: string}> {
  const running = await launched(confined);
  const [said, stderr, exit] = await Promise.all([
    textOf(running.wire),
    textOf(running.stderr),
    running.exited,
  ]);
  const {clean} = await running.gone();
  if (!clean) throw new Error('part of it is left');
  return {said, exit, stderr};
}

/** Resolves when it has ended or broken. */
export async function drained(stream: AsyncIterable<Buffer>): Promise<void> {
  await textOf(stream);
}

export async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  try {
    for await (const chunk of stream) text += chunk;
  } catch {
    // One that was killed breaks what it held.
  }
  return text;
}

/** Processes whose command line holds the word. */
export async function processesOf(word: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name) && Number(name) !== process.pid);
  const lines = await Promise.all(pids.map(pid => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return pids.filter((_, i) => lines[i]?.includes(word)).map(Number);
}
