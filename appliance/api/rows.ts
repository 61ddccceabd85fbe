/** Owns every route, as data: the server, its description, its client and its access tests all follow from this list. */
import {z} from 'zod';
import {At, UserName} from '../job.ts';
import {accountRows} from './account-rows.ts';
import {BoxEvent, EventId, JobMessage} from './events.ts';
import {importRows} from './import-rows.ts';
import {libraryRows} from './library-rows.ts';
import {lineRows} from './line-rows.ts';
import {mediaRows} from './media-rows.ts';
import {pageRows} from './page-rows.ts';
import {presetRows} from './preset-rows.ts';
import {purgeRows} from './purge-rows.ts';
import {pushRows} from './push-rows.ts';
import {retentionRows} from './retention-rows.ts';
import {roomRows} from './room-rows.ts';
import type {Row} from './row.ts';
import {none, plainGet, priority, small, theJob, wish} from './row-parts.ts';
import {
  FilesShown,
  JobCursor,
  JobDetail,
  JobLine,
  JobStateName,
  JobsPage,
  LinkShown,
  LogEvent,
  LogTail,
  PreviewShown,
  Timeline,
  VariantShown,
} from './shapes.ts';
import {Inbox, Queue, QueueMode, Status} from './status.ts';
import {storageRows} from './storage-rows.ts';
import {trailRows} from './trail-rows.ts';
import {uploadRows} from './upload-rows.ts';
import {usageRows} from './usage-rows.ts';

export const rows = {
  ...accountRows,
  ...importRows,
  ...lineRows,
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
  ...mediaRows,
  'jobs.events': {
    ...plainGet,
    path: '/api/jobs/events',
    summary: 'What happens, as it happens; goes on after Last-Event-ID where that is still kept.',
    permission: 'read:job',
    object: 'jobs',
    bucket: 'events',
    answer: {is: 'events', follow: BoxEvent},
  },
  'jobs.socket': {
    ...plainGet,
    path: '/ws/jobs/:id',
    summary: 'What happens to one job, over a WebSocket; goes on after the event that is named.',
    permission: 'read:job',
    object: 'job',
    bucket: 'sockets',
    params: theJob,
    query: z.strictObject({after: EventId.optional()}),
    answer: {is: 'socket', message: JobMessage},
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
  'jobs.poster': {
    ...plainGet,
    path: '/api/jobs/:id/poster',
    summary: 'A picture of the film, as a small JPEG; made when it is first asked for.',
    permission: 'read:job',
    object: 'job',
    bucket: 'assets',
    params: theJob,
    answer: {is: 'page', type: 'image/jpeg', kept: 'never'},
  },
  'jobs.file': {
    ...plainGet,
    path: '/files/:id/:file',
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
  'jobs.stream': {
    ...plainGet,
    path: '/files/:id/hls/:part',
    summary:
      'A playlist of the streaming form, or what it names. While the job runs, of what can be watched of it already.',
    permission: 'read:job',
    object: 'job',
    bucket: 'files',
    audit: 'file.downloaded',
    params: theJob.extend({part: z.string().regex(/^[A-Za-z0-9_-]{1,80}\.(?:m3u8|mp4|m4s|vtt)$/)}),
    answer: {is: 'file'},
  },
  'jobs.preview': {
    ...plainGet,
    path: '/api/jobs/:id/preview',
    summary:
      'How far a film can be watched that is being dubbed. Who asks first has it made; its playlists then grow at `url`.',
    permission: 'read:job',
    object: 'job',
    bucket: 'detail',
    params: theJob,
    answer: {is: 'json', schema: PreviewShown},
  },
  'jobs.video': {
    ...plainGet,
    path: '/video/:id',
    summary: 'The film in the form that suits who asks, or the one that is named.',
    permission: 'read:job',
    object: 'job',
    bucket: 'files',
    audit: 'file.downloaded',
    params: theJob,
    query: z.strictObject({variant: VariantShown.shape.variant.optional()}),
    answer: {is: 'file'},
  },
  'jobs.link': {
    method: 'POST',
    path: '/api/jobs/:id/link',
    summary:
      'A link to one finished file for a player outside the browser: for some hours, while the login lasts.',
    permission: 'read:job',
    object: 'job',
    bucket: 'change',
    audit: 'file.linked',
    params: theJob,
    query: none,
    body: small(z.strictObject({file: z.string().min(1).max(100)})),
    answer: {is: 'json', schema: LinkShown},
  },
  link: {
    ...plainGet,
    path: '/links/:token/:name',
    summary: 'The file of a signed link.',
    permission: 'anyone',
    object: 'none',
    bucket: 'files',
    audit: 'file.downloaded',
    params: z.strictObject({token: z.string().max(2000), name: z.string().max(100)}),
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
    /** A stage that is to be done anew, with those after it, though it was finished. */
    query: z.strictObject({
      from: z
        .string()
        .regex(/^[a-z]{1,40}$/)
        .optional(),
    }),
  },
  'jobs.report': {
    ...plainGet,
    path: '/api/jobs/:id/report',
    summary: 'The quality report of a finished job.',
    permission: 'read:job',
    object: 'job',
    bucket: 'detail',
    params: theJob,
    answer: {is: 'json', schema: z.looseObject({})},
  },
  'jobs.qrcode': {
    ...plainGet,
    path: '/api/jobs/:id/qrcode',
    summary: 'The address of the job’s page as a square code, to be read by a phone; it lets nobody in.',
    permission: 'read:job',
    object: 'job',
    bucket: 'detail',
    params: theJob,
    answer: {is: 'text', type: 'image/svg+xml'},
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
  ...uploadRows,
  ...libraryRows,
  ...presetRows,
  ...usageRows,
  ...roomRows,
  ...storageRows,
  ...purgeRows,
  ...retentionRows,
  ...trailRows,
  ...pushRows,
  ...pageRows,
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
