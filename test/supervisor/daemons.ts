/** Owns real daemons for tests: a data folder each, the program itself, its socket, and its end whatever happens. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {cp, mkdir, mkdtemp, readdir, readFile, rename, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {basename, dirname, join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import type {Test} from 'tap';
import {ApiClient} from '../../appliance/api/client.ts';
import type {JobDetail, JobLine} from '../../appliance/api/shapes.ts';

const program = fileURLToPath(new URL('../../supervisor/main.ts', import.meta.url));
const waitLimitMs = 180_000;

export type Env = Readonly<Record<string, string>>;

/** A box: its folder outlives its daemons. */
export class TestBox {
  readonly folder: string;
  readonly env: Env;
  readonly client: ApiClient;
  /** The one that was started last comes last. */
  readonly #daemons: ChildProcess[] = [];
  #said = '';

  constructor(folder: string, env: Env) {
    this.folder = folder;
    this.env = env;
    this.client = new ApiClient({socket: join(folder, 'run/control.sock'), wait: async () => {}});
  }

  /** What its daemons have said so far. */
  get said(): string {
    return this.#said;
  }

  path(...parts: readonly string[]): string {
    return join(this.folder, ...parts);
  }

  /** Starts a daemon; resolves when it is ready. */
  async start(): Promise<void> {
    const daemon = this.spawn();
    await until('the daemon is ready', async () => {
      if (daemon.exitCode !== null || daemon.signalCode !== null)
        throw new Error(`the daemon ended before it was ready:\n${this.#said}`);
      return (await this.client.call('ready', {})).ok;
    });
  }

  spawn(more: Env = {}): ChildProcess {
    const daemon = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {PATH: process.env['PATH'] ?? '', ...this.env, ...more, DATA_DIR: this.folder},
    });
    for (const stream of [daemon.stdout, daemon.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.#said = (this.#said + chunk.toString('utf8')).slice(-100_000);
      });
    }
    this.#daemons.push(daemon);
    return daemon;
  }

  /** Exit code of the last one, or the signal that ended it. */
  async end(signal: NodeJS.Signals): Promise<number | string> {
    const daemon = this.#daemons.at(-1);
    return daemon === undefined ? 'never started' : endOne(daemon, signal);
  }

  async endAll(): Promise<void> {
    await Promise.all(this.#daemons.map(daemon => endOne(daemon, 'SIGKILL')));
  }

  /** Puts a film into the inbox in one step. */
  async drop(film: string, name = basename(film)): Promise<void> {
    const inbox = this.env['INBOX_DIR'] ?? this.path('inbox');
    const part = join(inbox, `.${basename(name)}.part`);
    await mkdir(dirname(join(inbox, name)), {recursive: true});
    await cp(film, part);
    await rename(part, join(inbox, name));
  }

  async jobs(): Promise<readonly JobLine[]> {
    const page = await this.client.call('jobs.list', {query: {}});
    if (!page.ok) throw new Error(JSON.stringify(page.why));
    return page.value.jobs;
  }

  async job(id: JobLine['id']): Promise<JobDetail> {
    const job = await this.client.call('jobs.get', {params: {id}});
    if (!job.ok) throw new Error(JSON.stringify(job.why));
    return job.value;
  }

  /** The one job there is, once it is in one of these states. */
  async jobIn(...states: readonly JobLine['state']['is'][]): Promise<JobDetail> {
    let found: JobLine | undefined;
    await until(`a job is ${states.join(' or ')}`, async () => {
      found = (await this.jobs().catch(() => [])).find(({state}) => states.includes(state.is));
      return found !== undefined;
    });
    if (found === undefined) throw new Error('no job');
    return this.job(found.id);
  }

  /** Processes of its jobs, in jails or out of them. */
  async workers(): Promise<readonly string[]> {
    const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
    const environs = await Promise.all(
      pids.map(pid => readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')),
    );
    return pids.filter((_, i) => environs[i]?.includes(`DUBSTEAD_JOB=${this.folder}/`));
  }
}

async function endOne(daemon: ChildProcess, signal: NodeJS.Signals): Promise<number | string> {
  if (daemon.exitCode !== null || daemon.signalCode !== null)
    return daemon.exitCode ?? daemon.signalCode ?? '';
  const exited = once(daemon, 'exit');
  daemon.kill(signal);
  const [code, name] = await exited;
  return name ?? code;
}

/** Settings that make a test quick: no patience with a file that was renamed into place, no other job's share. */
export const quick: Env = {
  ...{INBOX_STABLE_SECONDS: '0.2', INBOX_RESCAN_SECONDS: '5', DISK_FREE_MIN_GB: '0', DUB_PRESET: 'fast'},
  ...{JOB_NICE: '0', JOB_HEARTBEAT_SECONDS: '30', PORT: '0'},
};

/** Its folder has a short path: that of a socket may have 107 bytes. */
export async function testBox(t: Test, env: Env = {}): Promise<TestBox> {
  const folder = await mkdtemp(join(tmpdir(), 'box-'));
  const box = new TestBox(folder, {...quick, ...env});
  t.teardown(async () => {
    await box.endAll();
    await until('its jobs are gone', async () => (await box.workers()).length === 0);
    await rm(folder, {recursive: true, force: true});
  });
  return box;
}

export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const from = performance.now(); performance.now() - from < waitLimitMs; await pause(50)) {
    if (await isSo()) return;
  }
  throw new Error(`in ${waitLimitMs / 1000} s it never came about that ${what}`);
}
