/**
 * Owns when the box is swept: some time after the start, then as often as the settings say. Never decides what goes.
 */
import {readFile} from 'node:fs/promises';
import {uptime} from 'node:os';
import type {AuditRecord} from '../appliance/audit/entry.ts';
import type {Settings} from '../appliance/config/settings.ts';
import type {JobId} from '../appliance/job.ts';
import type {Log} from '../appliance/log.ts';
import {type DataFolders, jobFolders} from './folders.ts';
import type {JobDesk} from './queue/desk.ts';
import {sweepLimitsOf} from './setting.ts';
import type {Shelf} from './shelf.ts';
import type {BoxStore} from './state.ts';
import {type ClockReading, describeDoubt} from './sweep/clock.ts';
import {Sweeper} from './sweep/sweeper.ts';

export interface SweepingGround {
  readonly settings: Settings;
  readonly folders: DataFolders;
  readonly store: BoxStore;
  readonly desk: JobDesk;
  readonly shelf: Shelf;
  /** Jobs whose files are going: they may not start meanwhile. */
  readonly held: Set<JobId>;
  readonly audit: (entry: AuditRecord) => void;
  readonly log: Log;
  readonly now: () => number;
}

/** What a start has to do goes first. */
const firstMs = 60_000;
const hourMs = 3_600_000;

export class Sweeping {
  readonly #ground: SweepingGround;
  readonly #stopping = new AbortController();
  readonly #boot: Promise<string>;
  #sweeper: Promise<Sweeper> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(ground: SweepingGround) {
    this.#ground = ground;
    this.#boot = readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(text => text.trim());
  }

  start(): void {
    this.#timer = setTimeout(() => this.#turn(), firstMs);
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#stopping.abort();
    await this.#running;
  }

  #turn(): void {
    this.#running = this.#sweep().finally(() => {
      if (this.#stopping.signal.aborted) return;
      this.#timer = setTimeout(() => this.#turn(), this.#ground.settings.SWEEP_HOURS * hourMs);
    });
  }

  async #sweep(): Promise<void> {
    const {log} = this.#ground;
    try {
      this.#sweeper ??= this.#make();
      const sweeper = await this.#sweeper;
      const swept = await sweeper.sweep('schedule', this.#stopping.signal);
      if (swept.is === 'waited') log.info({why: describeDoubt(swept.doubt)}, 'nothing was swept');
      else log.info({...swept.sums, left: swept.left}, 'swept');
    } catch (cause) {
      log.error({err: cause}, 'the sweep had a fault');
    }
  }

  async #make(): Promise<Sweeper> {
    const {settings, folders, store, desk, held, audit, log, now} = this.#ground;
    const boot = await this.#boot;
    const clock = (): ClockReading => ({at: now(), upMs: uptime() * 1000, boot});
    return new Sweeper({
      ...{dataDir: folders.root, limits: sweepLimitsOf(settings), clock},
      jobs: {get: id => desk.get(id), deleted: () => deletedIn(store)},
      hold: (id, over) => {
        const job = desk.get(id);
        const is = job === undefined || !('at' in job.state) ? null : job.state.at;
        if (job !== undefined && is !== over) return undefined;
        held.add(id);
        return {[Symbol.dispose]: () => held.delete(id)};
      },
      audit: async ({action, receipt, ...details}) =>
        audit({action, result: 'ok', object: `receipt:${receipt}`, details}),
      onEmptied: id =>
        void this.#forget(id).catch(cause => log.error({job: id, err: cause}, 'a job stays known')),
    });
  }

  /** What it had put out for people goes with it, unless somebody changed it. */
  async #forget(id: JobId): Promise<void> {
    const {shelf, folders, desk} = this.#ground;
    await shelf.remove(jobFolders(folders, id).root);
    await desk.forget(id);
  }
}

function* deletedIn(store: BoxStore): Generator<JobId> {
  for (const job of store.all('jobs').values()) if (job.state.is === 'deleted') yield job.id;
}
