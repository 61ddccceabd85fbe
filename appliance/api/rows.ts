/** Owns every route, as data: the server, its description, its client and its access tests all follow from this list. */
import {z} from 'zod';
import {At, JobOptions, UserName} from '../job.ts';
import {SavedName} from '../library/preset.ts';
import {Order} from '../order.ts';
import {BoxEvent} from './events.ts';
import {libraryRows} from './library-rows.ts';
import {presetRows} from './preset-rows.ts';
import type {Row} from './row.ts';
import {none, plainGet, small, theJob, wish} from './row-parts.ts';
import {
  FilesShown,
  JobCursor,
  JobDetail,
  JobLine,
  JobStateName,
  JobsPage,
  LogEvent,
  LogTail,
  Submitted,
  Timeline,
} from './shapes.ts';
import {Inbox, Queue, QueueMode, Status} from './status.ts';

const AbsolutePath = Order.shape.source;
const priority = z.number().int().min(-100).max(100);

export const rows = {
  health: {
    ...plainGet,
    path: '/healthz',
    summary: 'Answers as long as the daemon does.',
    permission: 'anyone',
    object: 'none',
    bucket: 'probe',
    answer: {is: 'json', schema: z.object({ok: z.literal(true)})},
  },
  ready: {
    ...plainGet,
    path: '/readyz',
    summary: 'Whether work is taken; 503 with the reason while the daemon starts or drains.',
    permission: 'anyone',
    object: 'none',
    bucket: 'probe',
    answer: {is: 'json', schema: z.object({ready: z.literal(true)})},
  },
  metrics: {
    ...plainGet,
    path: '/metrics',
    summary: 'Figures in the text format of Prometheus.',
    permission: 'read:box',
    object: 'none',
    bucket: 'probe',
    answer: {is: 'text', type: 'text/plain; version=0.0.4; charset=utf-8'},
  },
  status: {
    ...plainGet,
    path: '/api/status',
    summary: 'The whole box at a glance.',
    permission: 'read:box',
    object: 'none',
    bucket: 'detail',
    answer: {is: 'json', schema: Status},
  },
  'jobs.list': {
    ...plainGet,
    path: '/api/jobs',
    summary: 'Jobs, the newest or the oldest first, a page at a time; the trash with state=deleted.',
    permission: 'read:job',
    object: 'jobs',
    bucket: 'list',
    query: z.strictObject({
      /** Any of these. */
      state: z.array(JobStateName).min(1).max(10).optional(),
      owner: UserName.optional(),
      /** Part of the title, the id, or what is written on the card, in any case. */
      q: z.string().min(1).max(100).optional(),
      tag: z.string().min(1).max(40).optional(),
      series: z.string().min(1).max(200).optional(),
      /** Submitted then or later, and before; milliseconds since 1970. */
      from: At.optional(),
      to: At.optional(),
      sort: z.enum(['newest', 'oldest']).default('newest'),
      limit: z.number().int().min(1).max(200).default(50),
      after: JobCursor.optional(),
    }),
    answer: {is: 'json', schema: JobsPage},
  },
  'jobs.submit': {
    method: 'POST',
    path: '/api/jobs',
    summary: 'Makes a job of a file that lies on this machine.',
    permission: 'name:file',
    object: 'none',
    bucket: 'submit',
    audit: 'job.submitted',
    params: none,
    query: none,
    body: small(
      z.strictObject({
        path: AbsolutePath,
        sidecars: z.array(AbsolutePath).max(20).default([]),
        /** Whose it will be; the caller's own when left out. */
        owner: UserName.optional(),
        /** What is left out is as the box is set. */
        options: z.strictObject(JobOptions.partial().shape).default({}),
        /** The name of a saved preset or series: what is left out of the options is as that has it. */
        like: SavedName.optional(),
        priority: priority.default(0),
      }),
    ),
    answer: {is: 'json', schema: Submitted},
  },
  'jobs.events': {
    ...plainGet,
    path: '/api/jobs/events',
    summary: 'What happens, as it happens; goes on after Last-Event-ID where that is still kept.',
    permission: 'read:job',
    object: 'jobs',
    bucket: 'events',
    answer: {is: 'events', follow: BoxEvent},
  },
  'jobs.get': {
    ...plainGet,
    path: '/api/jobs/:id',
    summary: 'All there is to say of one job.',
    permission: 'read:job',
    object: 'job',
    bucket: 'detail',
    params: theJob,
    answer: {is: 'json', schema: JobDetail},
  },
  'jobs.timeline': {
    ...plainGet,
    path: '/api/jobs/:id/timeline',
    summary: 'What happened to a job, oldest first.',
    permission: 'read:job',
    object: 'own-job',
    bucket: 'detail',
    params: theJob,
    answer: {is: 'json', schema: Timeline},
  },
  'jobs.logs': {
    ...plainGet,
    path: '/api/jobs/:id/logs',
    summary: 'The end of a job’s log; as an event stream, that and what is added to it.',
    permission: 'read:job',
    object: 'own-job',
    bucket: 'logs',
    params: theJob,
    query: z.strictObject({tail: z.number().int().min(0).max(2000).default(200)}),
    answer: {is: 'json', schema: LogTail, follow: LogEvent},
  },
  'jobs.files': {
    ...plainGet,
    path: '/api/jobs/:id/files',
    summary: 'The finished files of a job, and where each can be had; none until it is done.',
    permission: 'read:job',
    object: 'job',
    bucket: 'detail',
    params: theJob,
    answer: {is: 'json', schema: FilesShown},
  },
  'jobs.file': {
    ...plainGet,
    path: '/api/jobs/:id/files/:file',
    summary: 'One finished file, by its kind or its number: whole, or the part that Range asks for.',
    permission: 'read:job',
    object: 'job',
    bucket: 'files',
    audit: 'file.downloaded',
    params: theJob.extend({file: z.string().min(1).max(100)}),
    /** With `download=1` it is kept, and not shown. */
    query: z.strictObject({download: z.literal('1').optional()}),
    answer: {is: 'file'},
  },
  'jobs.cancel': {
    ...wish('job.cancelled', 'Ends a job; what it finished is kept for a retry.'),
    path: '/api/jobs/:id/cancel',
  },
  'jobs.pause': {
    ...wish('job.paused', 'Lets a job come to rest at its next finished step.'),
    path: '/api/jobs/:id/pause',
  },
  'jobs.resume': {
    ...wish('job.resumed', 'Puts a paused job back in the queue.'),
    path: '/api/jobs/:id/resume',
  },
  'jobs.retry': {
    ...wish('job.retried', 'Queues a job again that has ended; finished steps are not done twice.'),
    path: '/api/jobs/:id/retry',
  },
  'jobs.delete': {
    ...wish('job.deleted', 'Ends a job and gives up its files.'),
    method: 'DELETE',
    path: '/api/jobs/:id',
  },
  'jobs.priority': {
    method: 'PUT',
    path: '/api/jobs/:id/priority',
    summary: 'Says which jobs go first: higher before lower.',
    permission: 'rank:job',
    object: 'own-job',
    bucket: 'change',
    audit: 'job.priority_changed',
    params: theJob,
    query: none,
    body: small(z.strictObject({priority})),
    answer: {is: 'json', schema: JobLine},
  },
  'inbox.get': {
    ...plainGet,
    path: '/api/inbox',
    summary: 'What lies in the inbox, why it waits, and what was refused.',
    permission: 'read:box',
    object: 'none',
    bucket: 'detail',
    answer: {is: 'json', schema: Inbox},
  },
  'inbox.rescan': {
    method: 'POST',
    path: '/api/inbox/rescan',
    summary: 'Looks through the inbox now.',
    permission: 'rescan:inbox',
    object: 'none',
    bucket: 'change',
    audit: 'admin.inbox_rescanned',
    params: none,
    query: none,
    body: null,
    answer: {is: 'json', schema: Inbox},
  },
  'queue.get': {
    ...plainGet,
    path: '/api/queue',
    summary: 'How many jobs there are in each state, and why they wait.',
    permission: 'read:box',
    object: 'none',
    bucket: 'detail',
    answer: {is: 'json', schema: Queue},
  },
  'queue.set': {
    method: 'PUT',
    path: '/api/queue',
    summary: 'Lets the queue run, holds it, or drains it: what runs is finished and nothing new starts.',
    permission: 'run:queue',
    object: 'none',
    bucket: 'change',
    audit: 'admin.queue_mode_set',
    params: none,
    query: none,
    body: small(z.strictObject({mode: QueueMode})),
    answer: {is: 'json', schema: Queue},
  },
  ...libraryRows,
  ...presetRows,
  openapi: {
    ...plainGet,
    path: '/api/openapi.json',
    summary: 'This description.',
    permission: 'read:api',
    object: 'none',
    bucket: 'detail',
    answer: {is: 'json', schema: z.looseObject({openapi: z.string()})},
  },
} as const satisfies Readonly<Record<string, Row>>;

export type Rows = typeof rows;
export type RowName = keyof Rows;

export const rowNames: readonly RowName[] = Object.keys(rows) as RowName[];
