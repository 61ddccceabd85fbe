/**
 * Owns what this machine gives to confine a job, found by trying it, and the words for what it does not give. Changes
 * nothing, so that it can be asked for at any time.
 */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {accessSync, constants, existsSync, readFileSync, statfsSync} from 'node:fs';
import {lstat, mkdir, mkdtemp, readFile, readlink, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {type CgroupFound, type CgroupLook, delegated} from './cgroup.ts';
import {type JailSystem, jailArgv, outOf} from './jail.ts';

/** What is not there, why, and what would bring it. `why` is no sentence, `fix` is one. */
export interface Lack {
  readonly works: false;
  readonly why: string;
  readonly fix: string;
}

export const tools = ['setpriv', 'choom', 'nice', 'ionice', 'prlimit'] as const;
export type Tool = (typeof tools)[number];

export interface Found {
  readonly root: boolean;
  /** `strict` is whether programs inside can be kept from namespaces of their own. */
  readonly jail: {readonly works: true; readonly strict: boolean} | Lack;
  readonly tools: Readonly<Record<Tool, {readonly works: true} | Lack>>;
  readonly cgroup: CgroupFound;
  readonly system: JailSystem;
}

export interface Attempt {
  readonly ended: 'well' | 'badly' | 'never started';
  readonly stderr: string;
}

/** The kernel's settings that decide about user namespaces; undefined where it has none of that name. */
export interface NamespaceSettings {
  readonly max: string | undefined;
  /** Debian's. */
  readonly clone: string | undefined;
  /** Ubuntu's. */
  readonly apparmor: string | undefined;
}

const attemptLimitMs = 10_000;
const checkout = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
/** `CGROUP2_SUPER_MAGIC` of statfs(2). */
const cgroup2Magic = 0x63677270;
const cgroupMount = '/sys/fs/cgroup';

/** A sentence or two: what is missing, why, what it means, and what would bring it. */
export function missing(what: string, means: string, {why, fix}: Omit<Lack, 'works'>): string {
  return `${what} (${why}): ${means}. ${fix}`;
}

/** Tries a jail in `scratch`, which should be on the disk where the jobs are, and every tool. */
export async function findConfinement(scratch: string): Promise<Found> {
  const root = process.getuid?.() === 0;
  const system = await lookAround();
  const states = await Promise.all(tools.map(async tool => [tool, await tryTool(tool, root)] as const));
  return {
    root,
    jail: await tryJail(scratch, system, root),
    tools: Object.fromEntries(states) as Record<Tool, {readonly works: true} | Lack>,
    cgroup: delegated(
      {
        own: await readFile('/proc/self/cgroup', 'utf8').catch(() => ''),
        mount: isCgroup2(cgroupMount) ? cgroupMount : undefined,
        ...{root, look: lookAtCgroup},
      },
      process.pid,
    ),
    system,
  };
}

async function tryTool(tool: Tool, root: boolean): Promise<{readonly works: true} | Lack> {
  const rights = root ? ['--bounding-set=-all', '--inh-caps=-all'] : [];
  const argvs: Readonly<Record<Tool, readonly string[]>> = {
    setpriv: ['--pdeathsig', 'KILL', '--no-new-privs', ...rights],
    choom: ['-n', '500', '--'],
    nice: ['-n', '1'],
    ionice: ['-c', '2', '-n', '7'],
    prlimit: ['--core=0'],
  };
  return whyToolFails(tool, await attempt([tool, ...argvs[tool], 'true']));
}

export function whyToolFails(tool: Tool, {ended, stderr}: Attempt): {readonly works: true} | Lack {
  if (ended === 'well') return {works: true};
  const fix = tool === 'nice' ? 'Install coreutils.' : 'Install util-linux.';
  if (ended === 'never started') return {works: false, why: 'it is not installed', fix};
  return {works: false, why: lastLine(stderr), fix: `See what \`${tool}\` says by itself.`};
}

async function tryJail(scratch: string, system: JailSystem, root: boolean): Promise<Found['jail']> {
  const job = await mkdtemp(join(scratch, '.jail-'));
  try {
    await mkdir(outOf(job));
    const folders = {job, readOnly: [], checkout, compileCache: null};
    const jail = {system, folders, program: '/usr/bin/true', waits: false};
    const strict = await attempt([...jailArgv({...jail, strict: true}), '/usr/bin/true']);
    if (strict.ended === 'well') return {works: true, strict: true};
    const lax = await attempt([...jailArgv({...jail, strict: false}), '/usr/bin/true']);
    if (lax.ended === 'well') return {works: true, strict: false};
    return whyJailFails(lax, await namespaceSettings(), root);
  } finally {
    await rm(job, {recursive: true, force: true});
  }
}

/** Why bubblewrap cannot build a jail here, by what it said and by what the kernel is set to. */
export function whyJailFails({ended, stderr}: Attempt, settings: NamespaceSettings, root: boolean): Lack {
  const lack = (why: string, fix: string): Lack => ({works: false, why, fix});
  if (ended === 'never started') return lack('bubblewrap is not installed', 'Run apt install bubblewrap.');
  const option = /[Uu]nknown option (\S+)/.exec(stderr)?.[1];
  if (option !== undefined)
    return lack(`bubblewrap does not know ${option}`, 'Install version 0.7 or later.');
  const forbidden = /namespace|uid map|Operation not permitted|Permission denied/i.test(stderr);
  if (!forbidden) return lack(lastLine(stderr), 'See what `bwrap --ro-bind / / true` says by itself.');
  if (!root && settings.apparmor === '1') {
    const fix =
      'Let bwrap have them by an AppArmor profile, or set kernel.apparmor_restrict_unprivileged_userns=0.';
    return lack('AppArmor keeps user namespaces from users', fix);
  }
  if (!root && settings.clone === '0') {
    const fix = 'Run sysctl -w kernel.unprivileged_userns_clone=1.';
    return lack('the kernel keeps user namespaces from users', fix);
  }
  if (settings.max === '0') {
    return lack('the kernel allows no user namespaces', 'Run sysctl -w user.max_user_namespaces=10000.');
  }
  const fix = 'In a container, start it with --security-opt seccomp=unconfined and --cap-add SYS_ADMIN.';
  return lack(`new namespaces are forbidden here: ${lastLine(stderr)}`, fix);
}

async function namespaceSettings(): Promise<NamespaceSettings> {
  const setting = async (name: string): Promise<string | undefined> =>
    (await readFile(`/proc/sys/${name}`, 'utf8').catch(() => undefined))?.trim();
  return {
    max: await setting('user/max_user_namespaces'),
    clone: await setting('kernel/unprivileged_userns_clone'),
    apparmor: await setting('kernel/apparmor_restrict_unprivileged_userns'),
  };
}

async function attempt([program = '', ...argv]: readonly string[]): Promise<Attempt> {
  const child = spawn(program, argv, {
    // A jail tells on descriptor 4 who is in it; here nobody listens.
    stdio: ['ignore', 'ignore', 'pipe', 'ignore', 'pipe'],
    env: {PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8'},
    detached: true,
    timeout: attemptLimitMs,
    killSignal: 'SIGKILL',
  });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-2000);
  });
  for (const stream of child.stdio.slice(3)) stream?.on('error', () => {});
  // A bubblewrap that fails early leaves a child that waits for ever, with our pipe in its hands.
  child.once('exit', () => child.pid !== undefined && killGroup(child.pid));
  try {
    const [code] = await once(child, 'close');
    return {ended: code === 0 ? 'well' : 'badly', stderr};
  } catch {
    return {ended: 'never started', stderr};
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody was left.
  }
}

/** Where a system keeps its programs: links into /usr on most, folders of their own on some. */
async function lookAround(): Promise<JailSystem> {
  const roots = await Promise.all(
    ['/bin', '/sbin', '/lib', '/lib32', '/lib64'].map(async path => {
      const found = await lstat(path).catch(() => undefined);
      if (found?.isSymbolicLink() === true) return [{path, target: await readlink(path)}];
      return found?.isDirectory() === true ? [{path, target: null}] : [];
    }),
  );
  const telling = [
    'kcore',
    'kmsg',
    'keys',
    'latency_stats',
    'timer_list',
    'sched_debug',
    'vmallocinfo',
    'slabinfo',
  ];
  return {
    roots: roots.flat(),
    etc: ['/etc/alternatives', '/etc/ld.so.cache'].filter(path => existsSync(path)),
    masked: telling.map(name => `/proc/${name}`).filter(path => existsSync(path)),
  };
}

function isCgroup2(mount: string): boolean {
  return existsSync(mount) && statfsSync(mount).type === cgroup2Magic;
}

function lookAtCgroup(folder: string): CgroupLook | undefined {
  try {
    const words = (name: string): string[] =>
      readFileSync(join(folder, name), 'utf8').split(/\s+/).filter(Boolean);
    return {
      writable: ['cgroup.procs', 'cgroup.subtree_control', '.'].every(name => canWrite(join(folder, name))),
      pids: words('cgroup.procs').map(Number),
      controllers: words('cgroup.controllers'),
      handedDown: words('cgroup.subtree_control'),
    };
  } catch {
    return undefined;
  }
}

function canWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function lastLine(stderr: string): string {
  return stderr.trim().split('\n').at(-1)?.slice(0, 300) || 'it failed without a word';
}
