/** Owns what the API says of the box: queue, inbox, machine and troubles. Never measures any of it. */
import {z} from 'zod';
import {At, JobId, UserName} from '../job.ts';
import {JobStateName, Progress, shapes} from './shapes.ts';

const text = z.string().max(4096);
const word = z.string().max(200);
const count = z.number().int().nonnegative();
const bytes = z.number().nonnegative();

const share = z.number().min(0).max(1);

/** What an alert is about, for programs: a screen offers what puts it right. */
export const AlertCode = z.enum([
  'store-trouble',
  'audit-trouble',
  'disk-low',
  'folder-away',
  'inbox-offline',
  'push-trouble',
  'set-aside',
  'isolation',
  'warning',
]);
export type AlertCode = z.infer<typeof AlertCode>;

/** Something that a person should look at, and how it is put right. */
export const Alert = z.object({code: AlertCode, what: text, fix: text});
export type Alert = z.infer<typeof Alert>;

export const QueueMode = z.enum(['running', 'paused', 'draining']);
export type QueueMode = z.infer<typeof QueueMode>;

export const Queue = z.object({
  mode: QueueMode,
  /** Jobs in each state; deleted ones are those whose files the sweep has not reached. */
  counts: z.record(JobStateName, count),
  /** Why jobs wait, most first. */
  waiting: z
    .array(
      z.object({
        code: word,
        what: text,
        jobs: count,
      }),
    )
    .max(50),
});
export type Queue = z.infer<typeof Queue>;

export const InboxState = z.discriminatedUnion('is', [
  z.object({is: z.literal('watching')}),
  /** Looked through every so often, because its file system tells nobody of changes. */
  z.object({is: z.literal('polling'), why: text}),
  z.object({is: z.literal('offline'), why: text, since: At}),
]);
export type InboxState = z.infer<typeof InboxState>;

export const InboxSummary = z.object({
  folder: text,
  state: InboxState,
  /** Files that are still being copied, and files that are whole and wait for something. */
  settling: count,
  held: count,
  /** Refused ones that lie in `.refused`. */
  refused: count,
});
export type InboxSummary = z.infer<typeof InboxSummary>;

export const Inbox = InboxSummary.extend({
  files: z
    .array(
      z.object({
        /** Relative to the inbox. */
        name: text,
        owner: UserName.nullable(),
        bytes,
        since: At,
        /** Null while it is only waited for to stop changing. */
        held: text.nullable(),
      }),
    )
    .max(500),
  lastRefused: z.array(z.object({name: text, at: At, what: text, fix: text})).max(100),
});
export type Inbox = z.infer<typeof Inbox>;

export const PushState = z.discriminatedUnion('is', [
  z.object({is: z.literal('off'), why: text}),
  z.object({
    is: z.literal('on'),
    server: text,
    waiting: count,
    lastSent: At.nullable(),
    trouble: text.nullable(),
    /** The tries since the start, the newest first; of one push that waits for its server, the last try alone. */
    last: z.array(z.object({at: At, title: text, ok: z.boolean()})).max(5),
  }),
]);
export type PushState = z.infer<typeof PushState>;

/** The whole box at a glance. */
export const Status = z.object({
  version: word,
  pid: count,
  started: At,
  now: At,
  /** How job processes are confined here, and what the machine could not give. */
  isolation: z.object({
    asked: z.enum(['jail', 'rlimits', 'none', 'container']),
    given: z.enum(['jail', 'rlimits', 'none', 'container']),
    lacks: z.array(text).max(20),
  }),
  queue: Queue,
  running: z
    .array(
      z.object({
        id: JobId,
        owner: UserName,
        title: z.string().max(255),
        pid: count,
        since: At,
        progress: Progress.nullable(),
      }),
    )
    .max(256),
  inbox: InboxSummary,
  disks: z
    .array(z.object({what: word, path: text, freeBytes: bytes, totalBytes: bytes, low: z.boolean()}))
    .max(20),
  gpus: z
    .array(
      z.object({
        name: word,
        totalBytes: bytes,
        freeBytes: bytes.nullable(),
        /** Share of the time it worked; null where its driver does not tell. */
        busy: share.nullable(),
        celsius: z.number().nullable(),
        /** Which running job holds it; null where none does. */
        job: JobId.nullable(),
      }),
    )
    .max(16),
  memory: z.object({totalBytes: bytes, freeBytes: bytes, daemonBytes: bytes}),
  /** `busy` is the share that was since the reading before; null at first. */
  processors: z.object({count, busy: share.nullable(), slots: count, busySlots: count}),
  /** Over all interfaces but the machine's own; null at first. */
  network: z.object({receivedBytesPerSecond: bytes, sentBytesPerSecond: bytes}).nullable(),
  /** Who may connect from outside, and where phones reach this box. */
  remote: z.object({mode: z.enum(['off', 'tailscale', 'cloudflare']), url: text.nullable()}),
  push: PushState,
  /** What keeps changes from being stored, or events from being written down; null when all is well. */
  store: z.object({trouble: text.nullable()}),
  audit: z.object({trouble: text.nullable()}),
  alerts: z.array(Alert).max(50),
});
export type Status = z.infer<typeof Status>;

for (const [id, shape] of Object.entries({Alert, Queue, InboxSummary, Inbox, Status})) {
  shapes.add(shape, {id});
}
