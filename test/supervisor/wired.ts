/**
 * Owns the parts of the appliance put together as the daemon does, but for its listener: a real store, audit, inbox and
 * ring, and jobs that are tiny scripts (see home.ts).
 */
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Test} from 'tap';
import type {BoxNews} from '../../appliance/api/events.ts';
import {Audit} from '../../appliance/audit/audit.ts';
import {readConfig} from '../../appliance/config/config.ts';
import type {JobId, JobState} from '../../appliance/job.ts';
import {createLog} from '../../appliance/log.ts';
import type {Disk} from '../../appliance/store/disk.ts';
import {dataFolders, jobFolders} from '../../supervisor/folders.ts';
import {Wiring} from '../../supervisor/wiring.ts';
import type {Readiness} from '../../web/box.ts';
import {openStore, tiny, until} from './home.ts';
import {checkout} from './place.ts';

/** A folder with a path that is short enough for a socket in it. */
export async function scratch(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wired-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  return folder;
}

export interface WiredWishes {
  readonly env?: Readonly<Record<string, string>>;
  readonly disk?: Disk;
}

export class Wired {
  readonly parts: Wiring;
  readonly folder: string;
  /** What was logged, as text. */
  readonly said: readonly string[];
  readiness: Readiness = {is: 'ready'};
  #stopped: Promise<void> | undefined;

  private constructor(folder: string, said: readonly string[], build: (wired: Wired) => Wiring) {
    this.folder = folder;
    this.said = said;
    this.parts = build(this);
  }

  static async at(t: Test, {env = {}, disk}: WiredWishes = {}, given?: string): Promise<Wired> {
    const data = given ?? (await scratch(t));
    for (const name of ['jobs', 'dubs', 'inbox', 'films']) await mkdir(join(data, name), {recursive: true});
    const own = {DATA_DIR: data, DISK_FREE_MIN_GB: '0', JOBS_RUNNING: '8', JOBS_RUNNING_PER_USER: '8'};
    const read = await readConfig({env: {...own, ...env}, root: checkout, folder: data});
    if (!read.ok) throw new Error(JSON.stringify(read.why));
    const config = read.value;
    const store = await openStore(join(data, 'state'), disk);
    const said: string[] = [];
    const now = (): number => Date.now();
    const log = createLog({
      places: [{write: line => said.push(line)}],
      level: 'info',
      transcripts: false,
      now,
    });
    const audit = await Audit.open(join(data, 'audit'), now);
    const folders = dataFolders(data);
    const wired = new Wired(data, said, box => {
      return new Wiring({
        ...{config, store, audit, log, folders, now, version: '0.0.1', pid: process.pid, run: '0123abcd'},
        ...{steady: () => performance.now(), chance: () => 0.5, readiness: () => box.readiness},
        confinement: {
          of: ({id}) => tiny(jobFolders(folders, id).root),
          look: null,
          poster: null,
          ...{say: null, describe: null},
          prime: async () => {},
          shown: {asked: 'jail', given: 'none', lacks: ['No jail: this is a test.']},
        },
      });
    });
    await wired.parts.machine.start();
    t.teardown(() => wired.stop());
    return wired;
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  async #end(): Promise<void> {
    const {sweeping, said, inbox, dispatcher, machine, events, outbox, ground} = this.parts;
    await sweeping.stop();
    await said.stop();
    await inbox.stop();
    await dispatcher.stop();
    await outbox.stop();
    await machine.stop();
    events.close();
    await ground.audit.stop();
    await ground.store.stop();
  }

  path(...parts: readonly string[]): string {
    return join(this.folder, ...parts);
  }

  /** A film that is a script, handed in by its path. */
  async submit(script: string, name = 'film.mp4'): Promise<JobId> {
    const path = this.path('films', name);
    await writeFile(path, script);
    const ask = {
      path,
      owner: this.parts.ground.config.settings.INBOX_OWNER,
      sidecars: [],
      options: {},
      like: null,
      priority: 0,
    };
    const answer = await this.parts.box.submit(ask, new AbortController().signal);
    if (!answer.ok) throw new Error(JSON.stringify(answer.why));
    return answer.value.job.id;
  }

  state(id: JobId): JobState['is'] | 'gone' {
    return this.parts.box.job(id)?.job.state.is ?? 'gone';
  }

  async until(id: JobId, ...states: readonly (JobState['is'] | 'gone')[]): Promise<void> {
    await until(`job ${id} is ${states.join(' or ')}`, () => states.includes(this.state(id)));
  }

  async hears(id: JobId, text: string): Promise<void> {
    await until(`job ${id} says ${text}`, async () =>
      (await this.parts.box.log(id, 2000)).lines.some(line => line.text === text),
    );
  }

  /** Lets a patient job go on. */
  async go(id: JobId): Promise<void> {
    await writeFile(this.path('jobs', id, 'go'), '');
  }

  /** Every event from now on, until the box stops. */
  news(): readonly BoxNews[] {
    const news: BoxNews[] = [];
    const {events} = this.parts;
    const following = events.follow(null, {is: 'all'}, new AbortController().signal);
    void (async () => {
      for await (const text of following) {
        for (const [, data = ''] of text.matchAll(/^data: (.*)$/gm)) {
          const event = JSON.parse(data);
          if (event.is !== 'reset') news.push(event);
        }
      }
    })();
    return news;
  }
}
