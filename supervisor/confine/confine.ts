/**
 * Owns how a job process is confined: from what was asked for, the job's limits and what this machine can give, to a
 * command line and to words for all that is missing. Pure; starts nothing, looks at nothing.
 */
import {workerEnvironment, workerFlags} from '../../appliance/worker-program.ts';
import type {JobCgroup} from './cgroup.ts';
import {type Found, missing, type Tool, tools} from './found.ts';
import {type JailFolders, jailArgv, outOf} from './jail.ts';
import {countsProcesses, type Limits, limitArgv} from './limits.ts';
import {jobVariable} from './strays.ts';

export type Isolation = 'jail' | 'rlimits' | 'none';

export interface ConfineRequest {
  readonly isolation: Isolation;
  /** The worker's own command line; its first word is a resolved path. */
  readonly program: readonly [string, ...string[]];
  readonly folders: JailFolders;
  readonly limits: Limits;
  readonly found: Found;
}

/** A job process that is ready to be started. */
export interface Confined {
  readonly argv: readonly string[];
  /** All of it: nothing of the daemon's own environment gets through. */
  readonly env: Readonly<Record<string, string>>;
  /** What is really applied. */
  readonly isolation: Isolation | 'container';
  /** Sentences: what this machine could not give, and what would change that. */
  readonly lacks: readonly string[];
  /** `jobs/ID`. */
  readonly job: string;
  /** Made before the process starts, removed when it is gone. */
  readonly cgroup: JobCgroup | null;
  /** Ends what a signal to our child does not reach; null when there is nothing of that kind. */
  readonly kill: readonly string[] | null;
}

/** Where a job's programs are looked for, whatever the daemon's own PATH is. */
export const searchPath = '/usr/local/bin:/usr/bin:/bin';

/** The worker of a checkout. */
export function workerProgram(node: string, checkout: string): readonly [string, ...string[]] {
  return [node, ...workerFlags, `${checkout}/pipeline/worker.ts`];
}

export type SmallProgram = 'look' | 'poster' | 'say' | 'describe';

/** A program that is told of one file, and ends by itself. */
export function smallProgram(
  node: string,
  checkout: string,
  {name, file}: {readonly name: SmallProgram; readonly file: string},
): readonly [string, ...string[]] {
  return [node, ...workerFlags, `${checkout}/pipeline/${name}.ts`, file];
}

export function confine(request: ConfineRequest): Confined {
  const {found, folders, limits, program} = request;
  const isolation = request.isolation === 'jail' && !found.jail.works ? 'rlimits' : request.isolation;
  const inJail = isolation === 'jail';
  const cgroup = isolation === 'none' ? null : cgroupOf(folders.job, limits, found);
  const strict = found.jail.works && found.jail.strict;
  const jail = inJail
    ? jailArgv({system: found.system, strict, folders, program: program[0], waits: cgroup !== null})
    : [];
  return {
    argv: [...jail, ...(isolation === 'none' ? [] : limitArgv(limits, {found, inJail})), ...program],
    env: environment(folders, inJail ? '/tmp' : outOf(folders.job)),
    isolation,
    lacks: lacksOf(request, isolation),
    job: folders.job,
    cgroup,
    kill: null,
  };
}

/** The whole environment of a worker. */
export function environment({job, compileCache}: JailFolders, tmp: string): Record<string, string> {
  return {
    ...{PATH: searchPath, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', HOME: '/nonexistent', TMPDIR: tmp},
    ...{...workerEnvironment, [jobVariable]: job},
    ...(compileCache === null ? {} : {NODE_COMPILE_CACHE: compileCache}),
  };
}

/** The kernel's own scale from niceness to weight: a step is a quarter, and 100 is everybody's. */
function weightOf(niceness: number): number {
  return Math.max(1, Math.round(100 / 1.25 ** niceness));
}

function cgroupOf(job: string, limits: Limits, {cgroup}: Found): JobCgroup | null {
  if (!cgroup.works || cgroup.handedDown.length === 0) return null;
  const {memoryBytes, processes, niceness} = limits;
  const files: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
    memory: [
      ['memory.oom.group', '1'],
      ...(memoryBytes === null ? [] : ([['memory.max', String(memoryBytes)]] as const)),
    ],
    pids: [['pids.max', String(processes)]],
    cpu: [['cpu.weight', String(weightOf(niceness))]],
  };
  const name = `job-${job.slice(job.lastIndexOf('/') + 1)}`;
  return {
    folder: `${cgroup.folder}/${name}`,
    files: cgroup.handedDown.flatMap(controller => files[controller] ?? []),
  };
}

/** What goes without a jail. */
export const unconfined = 'jobs can reach the network and every file that this user can';

/** What goes without each of the tools. */
export const withoutTool: Readonly<Record<Tool, string>> = {
  setpriv: 'a job outlives a daemon that is killed until it next speaks to it',
  prlimit: 'memory, files and processor time of a job are not limited',
  nice: 'jobs do not give way to other programs',
  ionice: 'jobs do not give way at the disk',
  choom: 'when memory runs out the daemon may go before the job',
};

function lacksOf({isolation: asked, found, limits}: ConfineRequest, given: Isolation): string[] {
  if (given === 'none') return [`No confinement, as JOB_ISOLATION=none says: ${unconfined}, without limits.`];
  const {jail, cgroup} = found;
  const inJail = given === 'jail';
  const lacks = asked === 'rlimits' ? [`No jail, as JOB_ISOLATION=rlimits says: ${unconfined}.`] : [];
  if (asked === 'jail' && !jail.works) lacks.push(missing('No jail', unconfined, jail));
  if (inJail && jail.works && !jail.strict) {
    lacks.push('Programs in the jail may make user namespaces of their own: bubblewrap 0.8 forbids it.');
  }
  if (found.root) lacks.push('Jobs run as root: start the daemon as a user of its own.');
  for (const tool of tools) {
    const state = found.tools[tool];
    if (!state.works && !(inJail && tool === 'setpriv'))
      lacks.push(missing(`No ${tool}`, withoutTool[tool], state));
  }
  const controllers = cgroup.works ? cgroup.handedDown : [];
  const fix = cgroup.works
    ? {why: 'the cgroup does not hand down the controller', fix: 'Start the daemon by its systemd unit.'}
    : cgroup;
  if (limits.memoryBytes !== null && !controllers.includes('memory')) {
    lacks.push(missing('No limit on the memory of a whole job', 'each process is limited by itself', fix));
  }
  if (!controllers.includes('pids') && !countsProcesses(found, inJail)) {
    lacks.push(missing('No limit on processes', 'a job may start as many as this user may', fix));
  }
  return lacks;
}
