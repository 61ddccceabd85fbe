/**
 * Owns a small appliance for tests: a real store, ledger, desk, shelf, dispatcher and ring, all in scratch folders. Its
 * jobs are real processes too, and tiny ones: each film is a shell script that is the job (see workers/film.sh).
 */
import {existsSync} from 'node:fs';
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import type {Test} from 'tap';
import type {QueueMode} from '../../appliance/api/status.ts';
import type {AuditRecord} from '../../appliance/audit/entry.ts';
import {digestOf} from '../../appliance/digest.ts';
import {Job, type JobId, JobOptions, type JobState, UserName} from '../../appliance/job.ts';
import type {Disk} from '../../appliance/store/disk.ts';
import {Store} from '../../appliance/store/store.ts';
import {StoreTrouble} from '../../appliance/store/trouble.ts';
import type {Confined} from '../../supervisor/confine/confine.ts';
import {jobVariable} from '../../supervisor/confine/strays.ts';
import {type DataFolders, dataFolders, jobFolders} from '../../supervisor/folders.ts';
import type {JobProcessLimits} from '../../supervisor/job-process.ts';
import type {PushRow} from '../../supervisor/push/row.ts';
import {JobDesk} from '../../supervisor/queue/desk.ts';
import {Dispatcher} from '../../supervisor/queue/dispatcher.ts';
import {JobLedger} from '../../supervisor/queue/ledger.ts';
import type {RunEnd, RunSetting} from '../../supervisor/queue/run.ts';
import type {Caps, Machine} from '../../supervisor/queue/schedule.ts';
import {Shelf} from '../../supervisor/shelf.ts';
import {type BoxStore, type BoxTables, migrations, tables, version} from '../../supervisor/state.ts';
import {roomy, workers} from './place.ts';

export const anna = UserName.parse('anna');
export const ben = UserName.parse('ben');

export const usual: JobOptions = JobOptions.parse({
  ...{from: null, to: 'es', preset: 'balanced', hls: false, loudnessLufs: -16, keep: 'lines'},
});

const letters = '0123456789abcdefghjkmnpqrstvwxyz';

/** The n-th id: `0000000001` and so on. */
export function idOf(number: number): JobId {
  let text = '';
  for (let rest = number; text.length < 10; rest = Math.floor(rest / 32)) text = letters[rest % 32] + text;
  return Job.shape.id.parse(text);
}

export const queued: JobState = {is: 'queued', since: 0, notBefore: null};

export function jobOf(number: number, changes: Partial<Job> = {}): Job {
  return Job.parse({
    ...{id: idOf(number), owner: anna, via: 'command', submitted: 1_000_000 + number},
    source: {name: 'film.mp4', bytes: 1000, digest: digestOf(`film ${number}`)},
    ...{sidecars: [], options: usual, priority: 0, lost: 0, confinement: null, card: null, state: queued},
    ...changes,
  });
}

export const openCaps: Caps = {running: 64, runningPerUser: null, queuedPerUser: null, dailyPerUser: null};

export const endless: Machine = {
  ...{processorSlots: 64, memory: {totalBytes: 1e15, freeBytes: 1e15}, gpu: null, away: null},
  disk: {freeBytes: 1e15, minimumBytes: 0},
};

const limits: JobProcessLimits = {
  ...{wallMs: 60_000, stageMs: 60_000, heartbeatMs: 60_000, eventsPerSecond: 1000, graceMs: 5000},
};

/** Ends at once when it is asked to come to rest. */
export const restful = 'hear; note ready; hear; stopped';
/** Works until the test makes the file `go`, then is done. */
export const patient = 'hear; note ready; await go; dub words film.es.mkv';
/** Done at once. */
export const quick = 'hear; note ready; dub words film.es.mkv';

export interface HomeWishes {
  readonly caps?: Partial<Caps>;
  readonly machine?: () => Machine;
  readonly pushes?: boolean;
  readonly disk?: Disk;
  readonly mode?: QueueMode;
  readonly setting?: Partial<RunSetting>;
  /** Where dubs go; `dubs` in the data folder when left out. */
  readonly shelf?: string;
}

export class Home {
  readonly folders: DataFolders;
  readonly store: BoxStore;
  readonly ledger: JobLedger;
  readonly desk: JobDesk;
  readonly dispatcher: Dispatcher;
  readonly shelf: Shelf;
  readonly held = new Set<JobId>();
  /** What was told, in the order in which it was. */
  readonly told: {readonly id: JobId; readonly is: JobState['is'] | 'gone'}[] = [];
  readonly audited: AuditRecord[] = [];
  readonly ended: {readonly job: Job; readonly end: RunEnd}[] = [];
  readonly faults: unknown[] = [];
  readonly notStored: StoreTrouble[] = [];
  readonly pids: number[] = [];
  wakes = 0;
  /** Added to the clock. */
  laterMs = 0;

  constructor(folder: string, store: BoxStore, wishes: HomeWishes) {
    this.folders = dataFolders(folder);
    this.store = store;
    this.ledger = new JobLedger(store.all('jobs').values());
    this.shelf = new Shelf(wishes.shelf ?? join(folder, 'dubs'));
    this.desk = this.#deskOf(wishes.pushes ?? true);
    this.dispatcher = this.#dispatcherOf(wishes);
  }

  static async at(t: Test, wishes: HomeWishes = {}, folder = t.testdir()): Promise<Home> {
    for (const name of ['jobs', 'uploads', 'dubs']) await mkdir(join(folder, name), {recursive: true});
    const home = new Home(folder, await openStore(join(folder, 'state'), wishes.disk), wishes);
    t.teardown(() => home.stop());
    return home;
  }

  now = (): number => Date.now() + this.laterMs;

  async stop(): Promise<void> {
    await this.dispatcher.stop();
    await this.store.stop();
  }

  /** Time passes, for all but timers. */
  skip(ms: number): void {
    this.laterMs += ms;
    this.dispatcher.wake();
  }

  path(id: JobId, ...parts: readonly string[]): string {
    return join(jobFolders(this.folders, id).root, ...parts);
  }

  /** A job in its folder, not yet in the store. */
  async bring(number: number, script: string, changes: Partial<Job> = {}): Promise<Job> {
    const job = jobOf(number, changes);
    await mkdir(this.path(job.id, 'source'), {recursive: true});
    await writeFile(this.path(job.id, 'source/film.mp4'), script);
    return job;
  }

  async add(number: number, script: string, changes: Partial<Job> = {}): Promise<Job> {
    return this.desk.add(await this.bring(number, script, changes));
  }

  state(id: JobId): JobState['is'] | 'gone' {
    return this.store.get('jobs', id)?.state.is ?? 'gone';
  }

  /** Resolves when the job is in one of these states. */
  async until(id: JobId, ...states: readonly (JobState['is'] | 'gone')[]): Promise<Job> {
    await until(`job ${id} is ${states.join(' or ')}`, () => states.includes(this.state(id)));
    const job = this.store.get('jobs', id);
    if (job === undefined) throw new Error(`there is no job ${id}`);
    return job;
  }

  /** Resolves when the process has said so. */
  async hears(id: JobId, text: string): Promise<void> {
    await until(`job ${id} says ${text}`, async () => (await this.lines(id)).includes(text));
  }

  /** Lets a patient job go on. */
  async go(id: JobId): Promise<void> {
    await writeFile(this.path(id, 'go'), '');
  }

  async lines(id: JobId): Promise<readonly string[]> {
    return (await this.dispatcher.logOf(id).tail(10_000)).lines.map(({text}) => text);
  }

  /** What the job's processes were told, all runs together. */
  async commands(id: JobId): Promise<readonly string[]> {
    const text = await readFile(this.path(id, 'told'), 'utf8').catch(() => '');
    return text.split('\n').flatMap(line => (line === '' ? [] : [JSON.parse(line).do]));
  }

  pushes(): readonly PushRow[] {
    return [...this.store.all('pushes').values()];
  }

  #deskOf(pushes: boolean): JobDesk {
    return new JobDesk({
      ...{store: this.store, ledger: this.ledger, now: this.now, pushes: () => pushes},
      audit: record => this.audited.push(record),
      changed: job => {
        this.told.push({id: job.id, is: job.state.is});
        this.dispatcher.changed(job);
      },
      gone: ({id}) => this.told.push({id, is: 'gone'}),
      pushed: () => this.wakes++,
      notStored: trouble => this.notStored.push(trouble),
    });
  }

  #dispatcherOf({caps, machine, mode, setting}: HomeWishes): Dispatcher {
    return new Dispatcher(
      {
        ...{folders: this.folders, shelf: this.shelf, orders: {processors: 1}, resources: roomy, limits},
        ...{confine: ({id}) => tiny(this.path(id)), now: this.now, steady: () => performance.now()},
        ...setting,
        caps: {...openCaps, ...caps},
      },
      {
        ...{ledger: this.ledger, desk: this.desk, isHeld: id => this.held.has(id)},
        machine: machine ?? (() => endless),
        ...{progressed: () => {}, stepped: () => {}},
        spawned: (_, pid) => this.pids.push(pid),
        ended: (job, end) => this.ended.push({job, end}),
        fault: (_, cause) => this.faults.push(cause),
      },
      mode ?? 'running',
    );
  }
}

export function openStore(folder: string, disk?: Disk): Promise<BoxStore> {
  // Told of a full disk is what a test of one expects.
  const tell = (cause: Error): void => {
    if (!(cause instanceof StoreTrouble && cause.trouble.reason === 'disk-full')) throw cause;
  };
  return Store.open<BoxTables>(folder, {tables, version, migrations, tell, ...(disk && {disk})});
}

/** A job process that is its film, with no confinement at all. */
export function tiny(job: string, ...program: readonly string[]): Confined {
  const argv = program.length > 0 ? program : ['/bin/sh', join(workers, 'film.sh'), job];
  const env = {PATH: '/usr/bin:/bin', [jobVariable]: job};
  return {argv, env, isolation: 'none', lacks: ['No confinement.'], job, cgroup: null, kill: null};
}

/** Polls, and fails with these words when it takes too long. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`not within a minute: ${what}`);
    await pause(5);
  }
}

export const isThere = (path: string): boolean => existsSync(path);
