/** Owns what one job may use, and the programs that hold each of its processes to that. Pure; starts nothing. */
import type {Found, Tool} from './found.ts';

/** Null is no limit. */
export interface Limits {
  /** Of the whole job where there is a cgroup, of each process where there is none. */
  readonly memoryBytes: number | null;
  /** Largest file that a process may write. */
  readonly fileBytes: number | null;
  /** Of each process. */
  readonly openFiles: number;
  /** Processes and threads of the whole job. */
  readonly processes: number;
  /** Processor time of each process. */
  readonly cpuSeconds: number | null;
  /** 0 to 19. */
  readonly niceness: number;
}

/** V8 reserves this for compiled code at every start, and the kernel counts it as data (Node 24: 575 MB when idle). */
const codeRangeBytes = 512 << 20;
/** Between SIGXCPU, which says why it ends, and SIGKILL. */
const cpuGraceSeconds = 5;
/** Best effort, last among its kind: idle could wait for ever on a box that records television. */
const disk = ['ionice', '-c', '2', '-n', '7'];
/** When memory runs out the kernel is to end a job and not the daemon: from -1000 to 1000, 0 is everybody's. */
const killMeFirst = '500';

export interface Surroundings {
  readonly found: Found;
  /** The jail counts processes apart, drops rights and dies with us by itself. */
  readonly inJail: boolean;
}

/** What goes in front of a program, so that it and all it starts keep to the limits. */
export function limitArgv(limits: Limits, {found, inJail}: Surroundings): string[] {
  const argvs: Readonly<Record<Tool, readonly string[]>> = {
    setpriv: inJail ? [] : ['setpriv', '--pdeathsig', 'KILL', '--no-new-privs', ...rights(found)],
    choom: ['choom', '-n', killMeFirst, '--'],
    nice: ['nice', '-n', String(limits.niceness)],
    ionice: disk,
    prlimit: ['prlimit', ...resources(limits, found, inJail)],
  };
  const order: readonly Tool[] = ['setpriv', 'choom', 'nice', 'ionice', 'prlimit'];
  return order.flatMap(tool => (found.tools[tool].works ? argvs[tool] : []));
}

/** Root without capabilities is a user like any other that happens to own much. */
function rights({root}: Found): string[] {
  return root ? ['--bounding-set=-all', '--inh-caps=-all'] : [];
}

function resources(limits: Limits, found: Found, inJail: boolean): string[] {
  const {memoryBytes, fileBytes, openFiles, cpuSeconds, processes} = limits;
  return [
    '--core=0',
    `--nofile=${openFiles}`,
    ...(fileBytes === null ? [] : [`--fsize=${fileBytes}`]),
    ...(cpuSeconds === null ? [] : [`--cpu=${cpuSeconds}:${cpuSeconds + cpuGraceSeconds}`]),
    ...(memoryBytes === null ? [] : [`--data=${memoryBytes + codeRangeBytes}`]),
    ...(countsProcesses(found, inJail) ? [`--nproc=${processes}`] : []),
  ];
}

/** The kernel never counts root's, and outside of a jail it would count the daemon and all other jobs as well. */
export function countsProcesses({root, jail}: Found, inJail: boolean): boolean {
  return !root && inJail && jail.works && jail.strict;
}
