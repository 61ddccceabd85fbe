/**
 * Owns an appliance that a script starts: the program as people start it, in a data folder that the script names, what
 * is dropped into its inbox, and its end.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {copyFile, mkdir, rename} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {ApiClient} from '../appliance/api/client.ts';
import type {JobDetail, JobLine} from '../appliance/api/shapes.ts';
import {describeApiTrouble} from '../appliance/api/trouble.ts';

const program = join(import.meta.dirname, 'dubstead');
const startLimitMs = 60_000;
const lookEveryMs = 10;

export class Appliance {
  readonly data: string;
  readonly client: ApiClient;
  readonly #daemon: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(data: string, daemon: ChildProcess) {
    this.data = data;
    this.client = new ApiClient({socket: join(data, 'run/control.sock')});
    this.#daemon = daemon;
    this.#ended = once(daemon, 'exit');
  }

  /** Resolves when it is ready. What goes wrong on the way stands on this process's stderr. */
  static async start(data: string, env: Readonly<Record<string, string>>): Promise<Appliance> {
    await mkdir(data, {recursive: true, mode: 0o700});
    const daemon = spawn(program, ['up'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {...process.env, PORT: '0', ...env, DATA_DIR: data},
    });
    const appliance = new Appliance(data, daemon);
    try {
      await appliance.#ready();
    } catch (cause) {
      await appliance.stop();
      throw cause;
    }
    return appliance;
  }

  /** The daemon's own: `dubstead up` becomes it. */
  get pid(): number {
    return this.#daemon.pid ?? 0;
  }

  get inbox(): string {
    return join(this.data, 'inbox');
  }

  async #ready(): Promise<void> {
    for (const until = performance.now() + startLimitMs; performance.now() < until; await wait(lookEveryMs)) {
      if (this.#daemon.exitCode !== null) throw new Error('The daemon ended; what it said stands above.');
      if ((await this.client.call('ready', {})).ok) return;
    }
    throw new Error(`The daemon was not ready within ${startLimitMs / 1000} s.`);
  }

  /** Under another name first, as a program that copies into an inbox should: it is seen when it is whole. */
  async drop(film: string, name = basename(film)): Promise<void> {
    const part = join(this.inbox, `${name}.part`);
    await copyFile(film, part);
    await rename(part, join(this.inbox, name));
  }

  /** Newest first. */
  async jobs(): Promise<readonly JobLine[]> {
    const page = await this.client.call('jobs.list', {query: {}});
    if (!page.ok) throw new Error(describeApiTrouble(page.why).what);
    return page.value.jobs;
  }

  async job(id: JobLine['id']): Promise<JobDetail> {
    const job = await this.client.call('jobs.get', {params: {id}});
    if (!job.ok) throw new Error(describeApiTrouble(job.why).what);
    return job.value;
  }

  /** Brings it to rest; resolves when it has ended. */
  async stop(): Promise<void> {
    this.#daemon.kill('SIGTERM');
    await this.#ended;
  }
}
