/**
 * Owns what the web needs of the appliance: the questions it asks and the ways an answer can be no. Speaks of jobs and
 * files, never of HTTP; whoever implements it need not know that there is a web.
 */
import type {FileHandle} from 'node:fs/promises';
import type {Sight} from '../appliance/api/permissions.ts';
import type {
  Growing,
  JobStateName,
  LogLine,
  LogTail,
  Progress,
  Timeline,
  Waits,
} from '../appliance/api/shapes.ts';
import type {Inbox, Queue, QueueMode, Status} from '../appliance/api/status.ts';
import type {Failure} from '../appliance/failure.ts';
import type {At, Job, JobId, JobOptions, UserName, Wish} from '../appliance/job.ts';
import type {Result} from '../appliance/result.ts';
import type {Output} from '../appliance/wire.ts';
import type {Answers} from './answers.ts';
import type {Briefs} from './imports.ts';
import type {Library, Trash} from './library.ts';
import type {Sayings} from './lines.ts';
import type {Media} from './media.ts';
import type {Posters} from './posters.ts';
import type {Presets} from './presets.ts';
import type {Purging} from './purging.ts';
import type {Retention} from './retention.ts';
import type {EventRing} from './ring.ts';
import type {Engines, Removals} from './room.ts';
import type {Stores} from './storage.ts';
import type {Trail} from './trail.ts';
import type {UploadDesk} from './upload-desk.ts';
import type {UsageBook} from './usage.ts';

/** A job and what is known of it only while the daemon runs. */
export interface JobNow {
  readonly job: Job;
  /** Why it waits; null unless it is queued. */
  readonly waits: Waits | null;
  /** Null unless a worker has said how far it is. */
  readonly progress: Progress | null;
}

export interface JobsAsk {
  readonly sight: Sight;
  /** Null is all of them. */
  readonly states: readonly JobStateName[] | null;
  readonly owner: UserName | null;
  readonly text: string | null;
  readonly tag: string | null;
  readonly series: string | null;
  /** Submitted then or later, and before; milliseconds since 1970. */
  readonly from: At | null;
  readonly to: At | null;
  readonly sort: 'newest' | 'oldest';
  /** The last job of the page before. */
  readonly after: {readonly submitted: At; readonly id: JobId} | null;
  readonly limit: number;
}

export interface SubmitAsk {
  readonly path: string;
  readonly sidecars: readonly string[];
  readonly owner: UserName;
  readonly options: Partial<{readonly [Name in keyof JobOptions]: JobOptions[Name] | undefined}>;
  /** The name of a preset or series that was saved; null for none. */
  readonly like: string | null;
  readonly priority: number;
}

export type Readiness =
  | {readonly is: 'ready'}
  | {readonly is: 'starting'}
  | {readonly is: 'draining'}
  /** Up, but it cannot do its work. */
  | {readonly is: 'unwell'; readonly what: string; readonly fix: string};

/** Every way the appliance says no to something that was asked in good form. */
export type Trouble =
  | {readonly reason: 'no-such-job'}
  /** A finished file is not where it was put. */
  | {readonly reason: 'output-gone'}
  /** Something else is. */
  | {readonly reason: 'output-changed'}
  | {readonly reason: 'not-now'; readonly job: Job; readonly wish: Wish | 'purge' | 'change'}
  | {readonly reason: 'over-cap'; readonly what: string; readonly used: number; readonly allowed: number}
  /** Neither a preset nor a series of one's own, nor one that is shared. */
  | {readonly reason: 'no-such-saved'}
  | {readonly reason: 'saved-by-another'}
  | {readonly reason: 'name-taken'; readonly name: string}
  /** ENABLE_HARD_DELETE is not set. */
  | {readonly reason: 'hard-delete-off'}
  /** Never made, over, carried out already, or somebody else's. */
  | {readonly reason: 'no-such-plan'}
  /** Of files, between what was said and what was planned. */
  | {readonly reason: 'count-differs'; readonly said: number; readonly planned: number}
  /** SEARCH_TRANSCRIPTS is not set. */
  | {readonly reason: 'said-off'}
  /** No folder of MEDIA_DIRS by that number, or nothing plain by that name in it. */
  | {readonly reason: 'no-such-media'}
  | {readonly reason: 'no-such-stage'}
  | {readonly reason: 'draining'}
  | {readonly reason: 'starting'}
  | {readonly reason: 'inbox-offline'; readonly folder: string; readonly why: string}
  /** The change could not be stored, so it was not made. */
  | {readonly reason: 'not-stored'; readonly detail: string}
  | {readonly reason: 'failed'; readonly failure: Failure};

export interface Box {
  /** Where the appliance tells what happens, after it is stored. */
  readonly events: EventRing;
  readonly trash: Trash;
  readonly library: Library;
  readonly saved: Presets;

  readiness(): Readiness;
  status(): Promise<Status>;
  /** In the text format of Prometheus. */
  metrics(): Promise<string>;

  job(id: JobId): JobNow | undefined;
  /** `more` when the limit cut it off. `pickPage` picks it from all there are. */
  jobs(ask: JobsAsk): {readonly jobs: readonly JobNow[]; readonly more: boolean};
  /** `made` is false when it is a job already, which is then the one given. Resolves once it is stored. */
  submit(ask: SubmitAsk, signal: AbortSignal): Promise<Result<{readonly made: boolean} & JobNow, Trouble>>;
  wish(id: JobId, wish: Wish): Promise<Result<JobNow, Trouble>>;
  /** As the wish `retry`, but a stage and those after it are done anew. */
  retryFrom(id: JobId, stage: string): Promise<Result<JobNow, Trouble>>;
  prioritise(id: JobId, priority: number): Promise<Result<JobNow, Trouble>>;

  /** One of the job's finished files, opened without following links. Whoever asks closes it. */
  openOutput(job: Job, output: Output): Promise<Result<FileHandle, Trouble>>;

  /** Asks for what can be watched while the job runs, and says how far it goes; null when it does not run. */
  preview(id: JobId): Growing | null;

  /** A part of that, by its plain name, opened as a finished file is. */
  openGrowing(id: JobId, part: string): Promise<Result<FileHandle, Trouble>>;

  /** Films that lie on this machine, for people who may not name its files. */
  readonly media: Media;
  /** What people give to the dub of each job. */
  readonly briefs: Briefs;
  readonly posters: Posters;
  readonly sayings: Sayings;
  readonly engines: Engines;
  readonly removals: Removals;
  readonly storage: Stores;
  readonly purging: Purging;
  readonly retention: Retention;
  readonly usage: UsageBook;
  readonly trail: Trail;
  /** Sends somebody a push at once; null when the server took it, else why not. */
  testPush(user: UserName, signal: AbortSignal): Promise<string | null>;
  /** What was answered to requests that may come twice. */
  readonly answers: Answers;
  /** Films on their way over the network. */
  readonly uploads: UploadDesk;

  timeline(id: JobId): Promise<Timeline>;
  /** The last `tail` lines. */
  log(id: JobId, tail: number): Promise<LogTail>;
  /** Lines from `next` on, as they come; ends when the job is over and all is told, or at the signal. */
  followLog(id: JobId, next: number, signal: AbortSignal): AsyncIterable<LogLine>;

  inbox(): Promise<Inbox>;
  /** Resolves when the inbox was looked through. */
  rescan(): Promise<Result<Inbox, Trouble>>;
  queue(): Queue;
  setQueueMode(mode: QueueMode): Promise<Result<Queue, Trouble>>;
}
