/**
 * Owns what a job can see and touch: the command line of bubblewrap. Pure; starts nothing.
 *
 * A jail is made of nothing, and then of what is listed here: programs and libraries, our own code, models, the job's
 * folder. All of it read-only but the job's `out`. No network, no other process, no other user's file.
 */
import {join} from 'node:path';

/** What this machine looks like from outside of a jail. */
export interface JailSystem {
  /** `/bin`, `/lib` and their like: where they point to, or null for a folder of its own. */
  readonly roots: readonly {readonly path: string; readonly target: string | null}[];
  /** The few files of `/etc` that programs do not start without, where they exist. */
  readonly etc: readonly string[];
  /** Files of `/proc` that tell or take too much, where they exist. */
  readonly masked: readonly string[];
}

export interface JailFolders {
  /** `jobs/ID`: seen whole, read-only but for `out` in it. */
  readonly job: string;
  /** Models and the like; resolved paths. */
  readonly readOnly: readonly string[];
  /** Where our own code is; resolved. */
  readonly checkout: string;
  /** What Node keeps of compiled code between starts; null when it keeps none. */
  readonly compileCache: string | null;
}

export interface Jail {
  readonly system: JailSystem;
  /** Whether bubblewrap can forbid user namespaces inside. */
  readonly strict: boolean;
  readonly folders: JailFolders;
  /** The program's own file, which may lie anywhere. */
  readonly program: string;
  /** Waits before the program until it is let go on: by then it can be put into a cgroup. */
  readonly waits: boolean;
}

/** Where bubblewrap writes which process is the first one inside, and what it waits on. */
export const jailDescriptors = {info: 4, block: 5} as const;

const tmpLimitBytes = 64 << 20;
const sharedMemoryLimitBytes = 1 << 20;
/** Of our own code only what a job runs: the data folder may lie in the checkout. */
const code = ['appliance', 'pipeline', 'node_modules', 'package.json'];
/** Root may write to these even without a capability; the kernel's settings are the way out of many a jail. */
const settings = ['sys', 'fs', 'irq', 'bus', 'sysrq-trigger', 'mtrr', 'acpi', 'scsi'];

/** The one folder that a job may write to. */
export function outOf(job: string): string {
  return join(job, 'out');
}

/** Everything up to the program that is to run inside. Throws when a folder would uncover other jobs. */
export function jailArgv({system, strict, folders, program, waits}: Jail): string[] {
  const {job} = folders;
  const seen = seenFolders(folders, program);
  const tooWide = seen.find(folder => within(job, folder));
  if (tooWide !== undefined) throw new Error(`a jail of ${job} cannot show all of ${tooWide}`);
  const {info, block} = jailDescriptors;
  return [
    ...['bwrap', '--unshare-all', ...(strict ? ['--unshare-user', '--disable-userns'] : [])],
    ...['--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--hostname', 'job'],
    ...['--info-fd', String(info), ...(waits ? ['--block-fd', String(block)] : [])],
    ...systemArgv(system),
    ...['--size', String(tmpLimitBytes), '--tmpfs', '/tmp'],
    ...seen.flatMap(folder => ['--ro-bind', folder, folder]),
    ...['--ro-bind', job, job, '--bind', outOf(job), outOf(job)],
    // What is left writable would be memory that nobody counts.
    ...['--remount-ro', '/', '--chdir', outOf(job), '--'],
  ];
}

function systemArgv({roots, etc, masked}: JailSystem): string[] {
  return [
    ...['--ro-bind', '/usr', '/usr'],
    ...roots.flatMap(({path, target}) =>
      target === null ? ['--ro-bind', path, path] : ['--symlink', target, path],
    ),
    ...etc.flatMap(path => ['--ro-bind', path, path]),
    ...['--proc', '/proc', ...settings.flatMap(name => ['--ro-bind-try', `/proc/${name}`, `/proc/${name}`])],
    ...masked.flatMap(path => ['--ro-bind', '/dev/null', path]),
    ...[
      '--dev',
      '/dev',
      '--size',
      String(sharedMemoryLimitBytes),
      '--tmpfs',
      '/dev/shm',
      '--remount-ro',
      '/dev',
    ],
  ];
}

/** Each folder once, and none that another one shows already. */
function seenFolders({checkout, readOnly, compileCache}: JailFolders, program: string): string[] {
  const seen = [...code.map(name => join(checkout, name)), ...readOnly];
  const extra = compileCache === null ? [program] : [program, compileCache];
  for (const path of extra) {
    if (!['/usr', ...seen].some(folder => within(path, folder))) seen.push(path);
  }
  return seen;
}

function within(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}
