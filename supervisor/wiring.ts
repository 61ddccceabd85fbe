/**
 * Owns how the parts of the appliance are put together: who is given what, and who hears of what. Starts nothing, and
 * holds no rule of its own.
 */
import type {Audience} from '../appliance/api/events.ts';
import type {Audit} from '../appliance/audit/audit.ts';
import type {AuditRecord} from '../appliance/audit/entry.ts';
import type {Config} from '../appliance/config/config.ts';
import {Secret} from '../appliance/config/secret.ts';
import {isShared, type Job, type JobId, type UserName} from '../appliance/job.ts';
import type {Log} from '../appliance/log.ts';
import type {Readiness} from '../web/box.ts';
import {EventRing} from '../web/ring.ts';
import {showLine} from '../web/show.ts';
import {Admissions} from './admissions.ts';
import {alertsOf} from './alerts.ts';
import {HomeAnswers} from './answers.ts';
import {HomeBox} from './box.ts';
import type {Confinement} from './confinement.ts';
import {HomeEngines} from './engines.ts';
import {Figures} from './figures.ts';
import type {DataFolders} from './folders.ts';
import type {Inbox} from './inbox/inbox.ts';
import {inboxOf, pushOfInbox, tellingOf} from './inbox-wiring.ts';
import {Catalogue} from './library/catalogue.ts';
import {HomeLibrary} from './library/library.ts';
import {HomePresets} from './library/presets.ts';
import {HomeTrash} from './library/trash.ts';
import {Watches} from './library/watching.ts';
import {MachineWatch} from './machine-watch.ts';
import {HomeMedia} from './media.ts';
import {openOutput} from './outputs.ts';
import {HomePosters} from './posters.ts';
import {HomePurging} from './purging.ts';
import {homePace} from './push/fold.ts';
import {PushOutbox, type PushTold} from './push/outbox.ts';
import {type PushMode, pushModeOf} from './push/settings.ts';
import {HomeBriefs} from './queue/briefs.ts';
import {JobDesk} from './queue/desk.ts';
import {Dispatcher} from './queue/dispatcher.ts';
import {JobLedger} from './queue/ledger.ts';
import {Rerun} from './queue/rerun.ts';
import {isRefusal, type RunEnd} from './queue/run.ts';
import {removalsIn} from './removals.ts';
import {HomeRetention} from './retention.ts';
import {Said} from './said/said.ts';
import {HomeSayings} from './sayings.ts';
import {
  capsOf,
  optionsOf,
  orderLimitsOf,
  ownCapsOf,
  processLimitsOf,
  resourcesOf,
  uploadLimitsOf,
} from './setting.ts';
import {Shelf} from './shelf.ts';
import type {BoxStore} from './state.ts';
import {Storage} from './storage/storage.ts';
import {Sweeping} from './sweeping.ts';
import {trailOf} from './trail.ts';
import {type Looking, lookerOf} from './uploads/look.ts';
import {Uploads} from './uploads/uploads.ts';
import {HomeUsage} from './usage.ts';

export interface Ground {
  readonly config: Config;
  /** Of this program, as package.json has it. */
  readonly version: string;
  readonly pid: number;
  readonly log: Log;
  readonly now: () => number;
  /** Milliseconds that never jump. */
  readonly steady: () => number;
  /** From 0 up to 1. */
  readonly chance: () => number;
  /** Eight hex digits of this run's own. */
  readonly run: string;
  readonly folders: DataFolders;
  readonly store: BoxStore;
  readonly audit: Audit;
  readonly confinement: Confinement;
  readonly readiness: () => Readiness;
}

/** So long the news of the inbox are gathered. */
const gatherMs = 200;

/** Built in the order in which the parts need each other; those that hear of one another do so through `this`. */
export class Wiring {
  readonly ground: Ground;
  readonly #mode: PushMode;
  readonly #record: (entry: AuditRecord) => void;
  /** Jobs whose files are going: they may not start meanwhile. */
  readonly #held = new Set<JobId>();
  readonly #figures = new Figures();
  readonly #startedAt: number;
  #storeTrouble: string | null = null;
  #inboxTelling: NodeJS.Timeout | undefined;
  readonly events: EventRing;
  readonly ledger: JobLedger;
  readonly usage: HomeUsage;
  readonly catalogue: Catalogue;
  readonly outbox: PushOutbox;
  readonly desk: JobDesk;
  readonly machine: MachineWatch;
  readonly dispatcher: Dispatcher;
  readonly inbox: Inbox;
  readonly sweeping: Sweeping;
  readonly uploads: Uploads;
  readonly posters: HomePosters;
  readonly sayings: HomeSayings;
  readonly engines: HomeEngines;
  readonly said: Said;
  readonly trash: HomeTrash;
  readonly library: HomeLibrary;
  readonly saved: HomePresets;
  readonly storage: Storage;
  readonly box: HomeBox;

  constructor(ground: Ground) {
    const {config, store, audit, now, run, folders, log} = ground;
    const {settings} = config;
    this.ground = ground;
    this.#startedAt = now();
    this.#mode = pushModeOf(settings);
    this.#record = entry => audit.record(entry);
    this.events = new EventRing(run);
    this.ledger = new JobLedger(store.all('jobs').values());
    this.usage = new HomeUsage({store, ledger: this.ledger, settings, now});
    this.catalogue = new Catalogue(store.all('jobs').values());
    this.outbox = this.#outboxOf();
    this.desk = new JobDesk({
      ...{store, ledger: this.ledger, now, audit: this.#record},
      pushes: owner => this.#wantsPush(owner),
      changed: (job, was) => this.#changed(job, was),
      gone: job => {
        this.catalogue.tell(job, undefined);
        this.events.append({is: 'job-gone', id: job.id, owner: job.owner});
      },
      pushed: () => this.outbox.wake(),
      notStored: trouble => this.#storeFailed(trouble),
    });
    this.machine = new MachineWatch({
      ...{folders, settings, steady: ground.steady, running: () => this.dispatcher.size},
      changed: () => this.dispatcher.wake(),
    });
    const shelf = new Shelf(settings.OUTPUT_DIR);
    this.dispatcher = this.#dispatcherOf(shelf);
    this.saved = new HomePresets(store, optionsOf(settings), now);
    const admissions = new Admissions({
      ...{folders, desk: this.desk, ledger: this.ledger, now},
      capsOf: owner => ownCapsOf(this.usage.quotas(owner)),
      presets: this.saved,
      isShared: owner => store.get('users', owner)?.preferences.visibility === 'shared',
      isDraining: () => this.dispatcher.mode === 'draining' || ground.readiness().is === 'draining',
    });
    this.inbox = this.#inboxOf(admissions);
    this.sweeping = new Sweeping({
      ...{settings, folders, store, desk: this.desk, shelf, held: this.#held, audit: this.#record, log, now},
      isComingBack: id => this.trash.isComingBack(id),
      swept: () => this.said.swept(),
    });
    this.said = new Said({
      ...{isOn: settings.SEARCH_TRANSCRIPTS, folders, log, steady: ground.steady},
      jobs: {get: id => this.desk.get(id), ids: () => [...store.all('jobs').values()].map(({id}) => id)},
      openOutput: (job, output) => openOutput(job, output, {shelf: settings.OUTPUT_DIR, folders}),
    });
    this.trash = new HomeTrash({
      ...{desk: this.desk, sweeping: () => this.sweeping, isHeld: id => this.#held.has(id), now},
      ...{keepDays: settings.TRASH_KEEP_DAYS, isPurgeOn: settings.ENABLE_HARD_DELETE},
    });
    this.library = new HomeLibrary({
      ...{catalogue: this.catalogue, desk: this.desk, watches: new Watches(store), said: this.said, now},
      shown: job => this.box.now(job),
    });
    this.uploads = new Uploads({
      ...{folders, store, admissions, limits: uploadLimitsOf(settings), now, audit: this.#record, log},
      usageOf: owner => this.usage.of(owner),
      look: this.#lookerOf(),
    });
    this.posters = new HomePosters({
      ...{folders, confine: ground.confinement.poster, isHeld: id => this.#held.has(id)},
    });
    this.sayings = new HomeSayings({folders, confine: ground.confinement.say, steady: ground.steady});
    this.engines = new HomeEngines({folders, confine: ground.confinement.describe, steady: ground.steady});
    this.storage = new Storage({
      ...{dataDir: folders.root, stateDir: folders.state, log, now},
      ...{outputs: settings.OUTPUT_DIR, inbox: settings.INBOX_DIR},
      isDeleted: id => this.desk.get(id)?.state.is === 'deleted',
      disks: () => this.machine.readings().disks,
    });
    this.box = this.#boxOf(admissions);
  }

  #lookerOf(): Looking | undefined {
    const {confinement, config, folders} = this.ground;
    const {MAX_VIDEO_MIN} = config.settings;
    if (confinement.look === null) return undefined;
    const longestSeconds = MAX_VIDEO_MIN === null ? null : MAX_VIDEO_MIN * 60;
    return lookerOf({confine: confinement.look, folder: folders.uploads, longestSeconds});
  }

  #outboxOf(): PushOutbox {
    const {store, now, chance} = this.ground;
    return new PushOutbox({
      ...{mode: this.#mode, pace: homePace, now, chance},
      topicOf: owner => {
        const own = owner === null ? undefined : store.get('users', owner)?.preferences.push.topic;
        return own == null ? null : new Secret(own);
      },
      rows: {
        pending: () => [...store.all('pushes').values()],
        commit: ({remove, again}) =>
          store.commit(draft => {
            for (const id of remove) draft.delete('pushes', id);
            for (const {id, ...more} of again) {
              const row = draft.get('pushes', id);
              if (row !== undefined) draft.put('pushes', id, {...row, ...more});
            }
          }),
      },
      after: (ms, then) => {
        const timer = setTimeout(then, ms);
        return () => clearTimeout(timer);
      },
      told: told => this.#pushTold(told),
    });
  }

  /** A push of nobody is the box's. */
  #wantsPush(owner: UserName | null): boolean {
    const own = owner === null ? undefined : this.ground.store.get('users', owner)?.preferences.push;
    return this.#mode.is === 'on' && own?.on !== false;
  }

  #pushTold(told: PushTold): void {
    const {log} = this.ground;
    if (told.is === 'broken') {
      log.error({err: told.cause}, 'pushes stopped by a fault');
      return;
    }
    const {is, ...fields} = told;
    log.info(fields, `push ${is}`);
    if (is === 'sent') this.#record({action: 'notify.sent', result: 'ok', details: fields});
    if (is === 'dropped') this.#record({action: 'notify.failed', result: 'failed', details: fields});
  }

  #dispatcherOf(shelf: Shelf): Dispatcher {
    const {config, folders, confinement, now, steady, log, store} = this.ground;
    const {settings} = config;
    return new Dispatcher(
      {
        ...{folders, shelf, orders: orderLimitsOf(settings), resources: resourcesOf(settings)},
        ...{limits: processLimitsOf(settings), confine: confinement.of, caps: capsOf(settings), now, steady},
      },
      {
        ...{ledger: this.ledger, desk: this.desk, isHeld: id => this.#held.has(id)},
        runningOf: owner => this.usage.quotas(owner).running,
        machine: () => this.machine.forScheduler(),
        progressed: (job, progress) =>
          this.events.append(
            {is: 'progress', id: job.id, owner: job.owner, ...progress},
            audienceOf(this.desk.get(job.id) ?? job),
          ),
        stepped: step => this.#figures.stepped(step),
        spawned: (job, pid) => {
          const {id} = job;
          this.#figures.spawned(job, now());
          log.info({job: id, pid}, 'started');
          this.#record({action: 'job.worker_spawned', result: 'ok', object: `job:${id}`, details: {pid}});
        },
        ended: (job, end) => {
          this.#figures.ended(end);
          void this.#ended(job, end);
        },
        fault: (id, cause) => log.error({job: id, err: cause}, 'a run of a job failed on this side'),
      },
      store.get('box', 'box')?.queue ?? 'running',
    );
  }

  #inboxOf(admissions: Admissions): Inbox {
    const {config, folders, now, steady, log} = this.ground;
    return inboxOf({
      ...{settings: config.settings, folders, desk: this.desk, admissions, saved: this.saved, now, steady},
      tell: event => {
        const {level, fields, words, audit} = tellingOf(event);
        log[level](fields, words);
        if (audit !== null) this.#record(audit);
        const push = pushOfInbox(event, now());
        if (push !== undefined && this.#wantsPush(push.owner)) void this.#keep(push);
        this.#inboxChanged();
      },
    });
  }

  /** Ten thousand files are as many events, and each look at how the inbox stands goes through all of them. */
  #inboxChanged(): void {
    this.#inboxTelling ??= setTimeout(() => {
      this.#inboxTelling = undefined;
      this.events.append({is: 'inbox', inbox: this.box.inboxSummary()});
    }, gatherMs).unref();
  }

  async #keep(push: NonNullable<ReturnType<typeof pushOfInbox>>): Promise<void> {
    try {
      await this.ground.store.commit(draft => draft.put('pushes', push.id, push));
      this.outbox.wake();
    } catch (cause) {
      this.#storeFailed(cause);
    }
  }

  #boxOf(admissions: Admissions): HomeBox {
    const {config, version, pid, now, confinement, readiness, store, audit, folders} = this.ground;
    const {settings} = config;
    return new HomeBox({
      ...{events: this.events, store, ledger: this.ledger, desk: this.desk, dispatcher: this.dispatcher},
      ...{admissions, inbox: this.inbox, outbox: this.outbox, uploads: this.uploads, now, readiness},
      ...{library: this.library, catalogue: this.catalogue, saved: this.saved, trash: this.trash},
      rerun: new Rerun({
        ...{folders, desk: this.desk, held: this.#held},
        freed: () => this.dispatcher.wake(),
      }),
      posters: this.posters,
      ...{sayings: this.sayings, engines: this.engines},
      removals: removalsIn(folders.root),
      storage: this.storage,
      retention: new HomeRetention({
        ...{settings, sweeping: () => this.sweeping, log: this.ground.log, steady: this.ground.steady},
      }),
      purging: new HomePurging({
        ...{sweeping: () => this.sweeping, get: id => this.desk.get(id), audit: this.#record, now},
        isPurgeOn: settings.ENABLE_HARD_DELETE,
      }),
      briefs: new HomeBriefs({folders, desk: this.desk, isHeld: id => this.#held.has(id)}),
      media: new HomeMedia({dirs: settings.MEDIA_DIRS ?? [], admissions, shown: job => this.box.now(job)}),
      answers: new HomeAnswers(store, now),
      usage: this.usage,
      trail: trailOf(folders.audit, audit),
      places: {shelf: settings.OUTPUT_DIR, folders},
      facts: {
        ...{version, pid, started: now(), isolation: confinement.shown},
        ...{inbox: settings.INBOX_DIR, options: optionsOf(settings)},
        remote: {mode: settings.REMOTE_ACCESS_MODE, url: settings.PUBLIC_BASE_URL},
      },
      readings: async () => this.machine.watched(),
      metrics: async () => this.#metrics(),
      auditTrouble: () => audit.trouble?.detail ?? null,
      storeTrouble: () => this.#storeTrouble,
      alerts: () => this.#alerts(),
      setMode: mode => this.#setMode(mode),
    });
  }

  #alerts(): ReturnType<typeof alertsOf> {
    const {confinement, audit} = this.ground;
    return alertsOf({
      ...{disks: this.machine.readings().disks, inbox: this.box.inboxSummary(), push: this.outbox.state()},
      ...{storeTrouble: this.#storeTrouble, auditTrouble: audit.trouble?.detail ?? null},
      ...{isolation: confinement.shown, setAside: this.ledger.counts['set-aside']},
      away: this.machine.away.filter(({what}) => what !== 'inbox'),
      warnings: this.#mode.is === 'on' && this.#mode.warning !== null ? [this.#mode.warning] : [],
    });
  }

  async #metrics(): Promise<string> {
    const {version, now} = this.ground;
    const {sent, dropped} = this.outbox.counts;
    const {counts} = this.inbox.state();
    await this.machine.read();
    return this.#figures.page({
      ...{version, runtime: process.version, uptimeSeconds: (now() - this.#startedAt) / 1000},
      ...{jobs: this.ledger.counts, machine: this.machine.last, inbox: counts},
      pushes: {sent, failed: dropped, waiting: this.ground.store.all('pushes').size},
    });
  }

  /** Draining is for this run only; the other two outlive a restart. */
  async #setMode(mode: 'running' | 'paused' | 'draining'): Promise<void> {
    if (mode !== 'draining') await this.ground.store.commit(draft => draft.put('box', 'box', {queue: mode}));
    this.dispatcher.setMode(mode);
    const actions = {running: 'queue.resumed', paused: 'queue.paused', draining: 'queue.draining'} as const;
    this.#record({action: actions[mode], result: 'ok'});
    this.events.append({is: 'queue', queue: this.box.queue()});
  }

  #changed(job: Job, was: Job | undefined): void {
    this.#storeTrouble = null;
    this.catalogue.tell(was, job);
    this.dispatcher.changed(job);
    if (job.state.is === 'done' && was?.state.is !== 'done') this.said.finished(job.id);
    const {id, owner} = job;
    this.events.append({is: 'job', job: showLine(this.box.now(job))}, audienceOf(job));
    if (was !== undefined && isShared(was) && !isShared(job))
      this.events.append({is: 'job-gone', id, owner}, 'others');
  }

  #storeFailed(cause: unknown): void {
    this.#storeTrouble = cause instanceof Error ? cause.message : String(cause);
    this.ground.log.error({err: cause}, 'a change could not be stored');
  }

  /** What becomes of the film in the inbox once its job is over. */
  async #ended(job: Job, end: RunEnd): Promise<void> {
    const {log, config} = this.ground;
    const {id, state} = job;
    const fields = {job: id, state: state.is, ...('failure' in end ? {failure: end.failure.reason} : {})};
    log.info(fields, 'ended');
    const lost = end.is === 'lost';
    this.#record({
      ...{action: 'job.worker_exit', result: lost ? 'failed' : 'ok', object: `job:${id}`},
      details: {end: end.is, ...('failure' in end ? {reason: end.failure.reason} : {})},
    });
    try {
      if (job.via !== 'inbox') return;
      if (state.is === 'done' && config.settings.INBOX_DONE === 'keep') await this.inbox.keepDone(id);
      if (state.is === 'failed' && isRefusal(state.failure)) await this.inbox.giveBack(id, state.failure);
    } catch (cause) {
      log.error({job: id, err: cause}, 'the film of a job stays where it is');
    }
  }
}

function audienceOf(job: Job): Audience {
  return isShared(job) ? 'all' : 'owner';
}
