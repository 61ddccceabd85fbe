/** Owns what the API says of jobs: the shapes that the server writes and the terminal reads. Never how a job gets there. */
import {z} from 'zod';
import {Digest} from '../digest.ts';
import {Failure} from '../failure.ts';
import {At, FileName, Job, JobId, JobOptions, UserName} from '../job.ts';
import {Card, CardEpisode, tagsLimit, Visibility} from '../library/card.ts';
import {Wait} from '../wait.ts';

/** Names of shapes, by which the API's description refers to them. */
export const shapes = z.registry<{id: string}>();

const text = z.string().max(4096);
const word = z.string().max(200);
const count = z.number().int().nonnegative();
const seconds = z.number().nonnegative();
const share = z.number().min(0).max(1);

/** What went wrong: a word for programs, a sentence for people, and what to do about it. */
export const Problem = z.object({
  code: z.string().regex(/^[a-z0-9-]{1,60}$/),
  what: text,
  fix: text,
});
export type Problem = z.infer<typeof Problem>;

/** Every answer that is not a success. */
export const ProblemAnswer = z.object({error: Problem});
export type ProblemAnswer = z.infer<typeof ProblemAnswer>;

export const Wish = z.enum(['pause', 'resume', 'cancel', 'retry', 'delete', 'restore']);

/** How far a running job is. */
export const Progress = z.object({
  stage: word,
  done: share,
  /** Null while there is too little to judge by. */
  secondsLeft: seconds.nullable(),
});
export type Progress = z.infer<typeof Progress>;

/** Why a job waits: a word that is the same for all that wait for the same, a sentence, and what that says as data. */
export const Waits = z.object({code: word, what: text, because: Wait});
export type Waits = z.infer<typeof Waits>;

/** `because`: what the sentences say as data, for whoever says it in another language. */
export const FailureShown = Problem.extend({because: Failure});
export type FailureShown = z.infer<typeof FailureShown>;

export const JobStateShown = z.discriminatedUnion('is', [
  z.object({is: z.literal('queued'), since: At, notBefore: At.nullable(), waits: Waits.nullable()}),
  z.object({is: z.literal('running'), since: At, progress: Progress.nullable()}),
  z.object({is: z.literal('pausing'), since: At, progress: Progress.nullable()}),
  z.object({is: z.literal('paused'), since: At}),
  z.object({is: z.literal('stopping'), since: At, towards: z.enum(['queued', 'cancelled', 'deleted'])}),
  z.object({is: z.literal('done'), at: At, seconds}),
  z.object({is: z.literal('failed'), at: At, failure: FailureShown}),
  z.object({is: z.literal('cancelled'), at: At}),
  z.object({is: z.literal('set-aside'), at: At, failure: FailureShown}),
  /** `was`: what it comes back as; null when it cannot. */
  z.object({
    is: z.literal('deleted'),
    at: At,
    was: z.enum(['done', 'failed', 'cancelled', 'set-aside']).nullable(),
  }),
]);
export type JobStateShown = z.infer<typeof JobStateShown>;

export const JobStateName = z.enum(JobStateShown.options.map(({shape}) => shape.is.value));
export type JobStateName = z.infer<typeof JobStateName>;

/** What is written on a job, and where nothing is, what its file's name says. */
export const CardShown = z.object({
  /** What people call it. */
  name: z.string().max(1000),
  tags: z.array(z.string()).max(tagsLimit),
  visibility: Visibility,
  archived: At.nullable(),
  episode: CardEpisode.nullable(),
});
export type CardShown = z.infer<typeof CardShown>;

/** One job as a list has it. */
export const JobLine = z.object({
  id: JobId,
  owner: UserName,
  via: Job.shape.via,
  submitted: At,
  /** The film's name with what could upset a screen taken out: for eyes, not for a path. */
  title: z.string().max(255),
  from: JobOptions.shape.from,
  to: JobOptions.shape.to,
  preset: JobOptions.shape.preset,
  priority: Job.shape.priority,
  card: CardShown,
  state: JobStateShown,
  /** What may be asked of it now. */
  wishes: z.array(Wish).max(5),
});
export type JobLine = z.infer<typeof JobLine>;

export const OutputShown = z.object({
  kind: text,
  name: text,
  /** Where it lies on the box; null for whoever is not on it. */
  path: text.nullable(),
  bytes: count,
  digest: Digest,
});
export type OutputShown = z.infer<typeof OutputShown>;

/** A finished file as it can be asked for. */
export const FileShown = z.object({
  /** Its name in the address: its kind, or its number. */
  file: word,
  kind: text,
  /** What to call it where it is kept. */
  name: text,
  bytes: count,
  type: word,
  /** Also its ETag. */
  digest: Digest,
  url: text,
});
export type FileShown = z.infer<typeof FileShown>;

/** A way to watch the film. */
export const VariantShown = z.object({
  variant: z.enum(['hls', 'phone', 'master']),
  kind: text,
  type: word,
  /** Null where it is many files. */
  bytes: count.nullable(),
  url: text,
});
export type VariantShown = z.infer<typeof VariantShown>;

/** What can be watched of a film while it is being dubbed. */
export const PreviewShown = z.object({
  /** How far the dub can be heard, from the film's beginning; null where there is nothing to be watched yet. */
  seconds: z.number().nonnegative().nullable(),
  /** Why there will be none. */
  trouble: text.nullable(),
  /** Where it is streamed from, HLS. */
  url: text,
});
export type PreviewShown = z.infer<typeof PreviewShown>;
export type Growing = Omit<PreviewShown, 'url'>;

/** `variants`: the best for who asks comes first. */
export const FilesShown = z.object({
  files: z.array(FileShown).max(100),
  variants: z.array(VariantShown).max(10),
});

/** To one file, for a player that knows no logins. */
export const LinkShown = z.object({url: z.string().max(4096), expires: At});

/** One job with all there is to say of it. */
export const JobDetail = JobLine.extend({
  source: z.object({name: FileName, bytes: count, digest: Digest}),
  sidecars: z.array(FileName).max(20),
  options: JobOptions,
  /** Workers lost since a person last asked for it. */
  lost: count,
  confinement: Job.shape.confinement,
  outputs: z.array(OutputShown).max(100),
  summary: z.array(text).max(40),
  notes: Card.shape.notes,
});
export type JobDetail = z.infer<typeof JobDetail>;

/** Where the next page starts: after this job, newest first. */
export const JobCursor = z.string().regex(/^\d{1,15}-[0-9a-hjkmnp-tv-z]{10}$/);

export const JobsPage = z.object({
  jobs: z.array(JobLine).max(200),
  /** Null on the last page. */
  next: JobCursor.nullable(),
});
export type JobsPage = z.infer<typeof JobsPage>;

/** `made` is false when the same film, owner and options are a job already: it is that one. */
export const Submitted = z.object({made: z.boolean(), job: JobDetail});
export type Submitted = z.infer<typeof Submitted>;

export const TimelineEntry = z.discriminatedUnion('is', [
  z.object({is: z.literal('state'), at: At, state: JobStateName}),
  z.object({
    is: z.literal('stage'),
    at: At,
    node: word,
    stage: word,
    how: z.enum(['ran', 'reused', 'degraded']),
    why: text,
    seconds,
    cpuSeconds: seconds,
    peakBytes: z.number().nonnegative(),
  }),
  z.object({is: z.literal('skipped'), at: At, stage: word, why: text}),
  z.object({is: z.literal('note'), at: At, text}),
]);
export type TimelineEntry = z.infer<typeof TimelineEntry>;

/** What happened to a job, oldest first. */
export const Timeline = z.object({
  entries: z.array(TimelineEntry).max(5000),
  /** Entries before these that are no longer kept. */
  dropped: count,
});
export type Timeline = z.infer<typeof Timeline>;

export const LogLine = z.object({
  /** Where the next line begins; following from here loses nothing and repeats nothing. */
  next: count,
  /** Null for what the worker said outside its log. */
  at: At.nullable(),
  text: z.string().max(16_384),
});
export type LogLine = z.infer<typeof LogLine>;

export const LogTail = z.object({lines: z.array(LogLine).max(2000), next: count});
export type LogTail = z.infer<typeof LogTail>;

/** One event of a log that is followed; after `end` nothing more will come. */
export const LogEvent = z.discriminatedUnion('is', [
  LogLine.extend({is: z.literal('line')}),
  z.object({is: z.literal('end')}),
]);
export type LogEvent = z.infer<typeof LogEvent>;

const named = {
  Problem,
  ProblemAnswer,
  Failure,
  Wait,
  Progress,
  JobStateShown,
  JobLine,
  JobDetail,
  Timeline,
  LogLine,
};
for (const [id, shape] of Object.entries(named)) shapes.add(shape, {id});
