/** Owns the answers to what the web and the terminal ask of the appliance. Decides nothing: it asks whoever does. */

import type {FileHandle} from 'node:fs/promises';
import type {Growing, LogLine, LogTail, Timeline} from '../appliance/api/shapes.ts';
import type {
  Alert,
  Inbox as InboxShown,
  InboxSummary,
  Queue,
  QueueMode,
  Status,
} from '../appliance/api/status.ts';
import {
  hasWorker,
  type Job,
  type JobId,
  type JobOptions,
  type UserName,
  type Wish,
} from '../appliance/job.ts';
import {no, ok, type Result} from '../appliance/result.ts';
import {told} from '../appliance/wait.ts';
import type {Output} from '../appliance/wire.ts';
import type {Box, JobNow, JobsAsk, Readiness, SubmitAsk, Trouble} from '../web/box.ts';
import {pickPage} from '../web/page.ts';
import type {Purging} from '../web/purging.ts';
import type {Retention} from '../web/retention.ts';
import type {EventRing} from '../web/ring.ts';
import type {Removals} from '../web/room.ts';
import {titleOf} from '../web/show.ts';
import type {Stores} from '../web/storage.ts';
import type {Trail} from '../web/trail.ts';
import type {UploadDesk} from '../web/upload-desk.ts';
import type {Admissions} from './admissions.ts';
import type {HomeAnswers} from './answers.ts';
import type {HomeEngines} from './engines.ts';
import type {Inbox} from './inbox/inbox.ts';
import {showInbox, summaryOf} from './inbox-shown.ts';
import type {Catalogue} from './library/catalogue.ts';
import type {HomeLibrary} from './library/library.ts';
import type {HomePresets} from './library/presets.ts';
import type {HomeTrash} from './library/trash.ts';
import type {Readings} from './machine-watch.ts';
import type {HomeMedia} from './media.ts';
import {type OutputPlaces, openGrowing, openOutput} from './outputs.ts';
import type {HomePosters} from './posters.ts';
import type {PushOutbox} from './push/outbox.ts';
import type {HomeBriefs} from './queue/briefs.ts';
import type {JobDesk} from './queue/desk.ts';
import type {Dispatcher} from './queue/dispatcher.ts';
import type {JobLedger} from './queue/ledger.ts';
import type {Rerun} from './queue/rerun.ts';
import {describeWait} from './queue/waits.ts';
import type {HomeSayings} from './sayings.ts';
import type {BoxStore} from './state.ts';
import {stored} from './stored.ts';
import type {HomeUsage} from './usage.ts';

/** What does not change while the daemon runs. */
export interface BoxFacts extends Pick<Status, 'version' | 'pid' | 'started' | 'isolation' | 'remote'> {
  readonly inbox: string;
  readonly options: JobOptions;
}

export interface BoxParts {
  readonly facts: BoxFacts;
  readonly events: EventRing;
  readonly store: BoxStore;
  /** Where finished files may lie. */
  readonly places: OutputPlaces;
  readonly ledger: JobLedger;
  readonly desk: JobDesk;
  readonly dispatcher: Dispatcher;
  readonly admissions: Admissions;
  readonly inbox: Inbox;
  readonly outbox: PushOutbox;
  readonly uploads: UploadDesk;
  readonly media: HomeMedia;
  readonly answers: HomeAnswers;
  readonly trash: HomeTrash;
  readonly library: HomeLibrary;
  readonly saved: HomePresets;
  readonly rerun: Rerun;
  readonly briefs: HomeBriefs;
  readonly posters: HomePosters;
  readonly sayings: HomeSayings;
  readonly engines: HomeEngines;
  readonly removals: Removals;
  readonly storage: Stores;
  readonly purging: Purging;
  readonly retention: Retention;
  readonly usage: HomeUsage;
  readonly trail: Trail;
  readonly catalogue: Catalogue;
  readonly readiness: () => Readiness;
  readonly readings: () => Promise<Readings>;
  readonly metrics: () => Promise<string>;
  readonly auditTrouble: () => string | null;
  readonly storeTrouble: () => string | null;
  readonly alerts: () => readonly Alert[];
  readonly setMode: (mode: QueueMode) => Promise<void>;
  readonly now: () => number;
}

export class HomeBox implements Box {
  readonly #parts: BoxParts;

  constructor(parts: BoxParts) {
    this.#parts = parts;
  }

  get events(): EventRing {
    return this.#parts.events;
  }

  get uploads(): UploadDesk {
    return this.#parts.uploads;
  }

  get media(): HomeMedia {
    return this.#parts.media;
  }

  get briefs(): HomeBriefs {
    return this.#parts.briefs;
  }

  get engines(): HomeEngines {
    return this.#parts.engines;
  }

  get removals(): Removals {
    return this.#parts.removals;
  }

  get storage(): Stores {
    return this.#parts.storage;
  }

  get purging(): Purging {
    return this.#parts.purging;
  }

  get retention(): Retention {
    return this.#parts.retention;
  }

  get sayings(): HomeSayings {
    return this.#parts.sayings;
  }

  get posters(): HomePosters {
    return this.#parts.posters;
  }

  get usage(): HomeUsage {
    return this.#parts.usage;
  }

  get trail(): Trail {
    return this.#parts.trail;
  }

  testPush(user: UserName, signal: AbortSignal): Promise<string | null> {
    return this.#parts.outbox.test(user, signal);
  }

  get answers(): HomeAnswers {
    return this.#parts.answers;
  }

  get trash(): HomeTrash {
    return this.#parts.trash;
  }

  get library(): HomeLibrary {
    return this.#parts.library;
  }

  get saved(): HomePresets {
    return this.#parts.saved;
  }

  readiness(): Readiness {
    return this.#parts.readiness();
  }

  async status(): Promise<Status> {
    const {facts, now, readings, auditTrouble, storeTrouble, alerts, outbox, ledger} = this.#parts;
    const {version, pid, started, isolation, remote} = facts;
    const running = [...ledger.active.values()].flatMap(job => this.#runningOf(job));
    return {
      ...{version, pid, started, isolation, remote, now: now()},
      ...{queue: this.queue(), running: running.slice(0, 256)},
      ...{inbox: this.inboxSummary(), ...(await readings()), push: outbox.state()},
      store: {trouble: storeTrouble()},
      audit: {trouble: auditTrouble()},
      alerts: [...alerts()].slice(0, 50),
    };
  }

  metrics(): Promise<string> {
    return this.#parts.metrics();
  }

  job(id: JobId): JobNow | undefined {
    const job = this.#parts.store.get('jobs', id);
    return job === undefined ? undefined : this.#now(job);
  }

  jobs(ask: JobsAsk): {readonly jobs: readonly JobNow[]; readonly more: boolean} {
    const {jobs, more} = pickPage(this.#parts.catalogue.walk(ask), ask);
    return {jobs: jobs.map(job => this.#now(job)), more};
  }

  async submit(
    ask: SubmitAsk,
    signal: AbortSignal,
  ): Promise<Result<{readonly made: boolean} & JobNow, Trouble>> {
    return stored(async () => {
      const taken = await this.#parts.admissions.byPath(ask, signal);
      return taken.ok ? ok({made: taken.value.made, ...this.#now(taken.value.job)}) : taken;
    });
  }

  async wish(id: JobId, wish: Wish): Promise<Result<JobNow, Trouble>> {
    const {desk, trash} = this.#parts;
    return stored(async () =>
      this.#answered(wish === 'restore' ? await trash.restore(id) : await desk.wish(id, wish)),
    );
  }

  async retryFrom(id: JobId, stage: string): Promise<Result<JobNow, Trouble>> {
    return stored(async () => this.#answered(await this.#parts.rerun.from(id, stage)));
  }

  async prioritise(id: JobId, priority: number): Promise<Result<JobNow, Trouble>> {
    return stored(async () => this.#answered(await this.#parts.desk.prioritise(id, priority)));
  }

  openOutput(job: Job, output: Output): Promise<Result<FileHandle, Trouble>> {
    return openOutput(job, output, this.#parts.places);
  }

  preview(id: JobId): Growing | null {
    return this.#parts.dispatcher.previewOf(id);
  }

  openGrowing(id: JobId, part: string): Promise<Result<FileHandle, Trouble>> {
    return openGrowing(id, part, this.#parts.places);
  }

  timeline(id: JobId): Promise<Timeline> {
    return this.#parts.dispatcher.logOf(id).timeline();
  }

  log(id: JobId, tail: number): Promise<LogTail> {
    return this.#parts.dispatcher.logOf(id).tail(tail);
  }

  /** A run that begins later writes through a log of its own: that of the moment is followed to its end, then the next. */
  async *followLog(id: JobId, next: number, signal: AbortSignal): AsyncGenerator<LogLine> {
    const {dispatcher, ledger} = this.#parts;
    const isOver = (): boolean => !ledger.active.has(id);
    for (let from = next; ; ) {
      // Asked for before the log is read: what happens meanwhile is not missed.
      const moved = isOver() ? undefined : dispatcher.next(id, signal);
      const log = dispatcher.logOf(id);
      for await (const line of log.follow(from, () => isOver() || dispatcher.logOf(id) !== log, signal)) {
        from = line.next;
        yield line;
      }
      if (moved === undefined || signal.aborted) return;
      await moved;
    }
  }

  async inbox(): Promise<InboxShown> {
    return showInbox(this.#parts.inbox.state(), this.#parts.facts.inbox);
  }

  async rescan(): Promise<Result<InboxShown, Trouble>> {
    await this.#parts.inbox.rescan();
    const state = this.#parts.inbox.state();
    if (state.is === 'offline')
      return no({
        reason: 'inbox-offline',
        folder: this.#parts.facts.inbox,
        why: state.why ?? 'it is not there',
      });
    return ok(showInbox(state, this.#parts.facts.inbox));
  }

  inboxSummary(): InboxSummary {
    return summaryOf(this.#parts.inbox.state(), this.#parts.facts.inbox);
  }

  queue(): Queue {
    const {ledger, dispatcher, now} = this.#parts;
    const waiting = new Map<string, {code: string; what: string; jobs: number}>();
    for (const wait of dispatcher.waits.values()) {
      const known = waiting.get(wait.is);
      if (known !== undefined) known.jobs += 1;
      else waiting.set(wait.is, {code: wait.is, what: describeWait(wait, now()), jobs: 1});
    }
    const sorted = [...waiting.values()].toSorted((a, b) => b.jobs - a.jobs);
    return {mode: dispatcher.mode, counts: ledger.counts, waiting: sorted.slice(0, 50)};
  }

  async setQueueMode(mode: QueueMode): Promise<Result<Queue, Trouble>> {
    return stored(async () => {
      await this.#parts.setMode(mode);
      return ok(this.queue());
    });
  }

  now(job: Job): JobNow {
    return this.#now(job);
  }

  #now(job: Job): JobNow {
    const {dispatcher, now} = this.#parts;
    const wait = job.state.is === 'queued' ? dispatcher.waits.get(job.id) : undefined;
    const waits =
      wait === undefined ? null : {code: wait.is, what: describeWait(wait, now()), because: told(wait)};
    // Its run may still be closing its log when it has ended.
    const progress = hasWorker(job.state) ? dispatcher.progressOf(job.id) : null;
    return {job, waits, progress};
  }

  #runningOf(job: Job): Status['running'] {
    const {state} = job;
    if (!hasWorker(state)) return [];
    const progress = this.#parts.dispatcher.progressOf(job.id);
    return [
      {id: job.id, owner: job.owner, title: titleOf(job), pid: state.pid, since: state.since, progress},
    ];
  }

  #answered(answer: Result<Job, Trouble>): Result<JobNow, Trouble> {
    return answer.ok ? ok(this.#now(answer.value)) : answer;
  }
}
