/** Owns the routes that make jobs of films which lie on this machine, or came to it. As data, like all rows. */
import {z} from 'zod';
import {JobOptions, UserName} from '../job.ts';
import {SavedName} from '../library/preset.ts';
import {Order} from '../order.ts';
import {UploadId} from '../upload.ts';
import {BatchAnswer, FolderNumber, MediaPage, MediaPath} from './media-shapes.ts';
import type {Row} from './row.ts';
import {none, plainGet, priority, small} from './row-parts.ts';
import {Submitted} from './shapes.ts';

const AbsolutePath = Order.shape.source;

const wishes = {
  /** Whose it will be; the caller's own when left out. Another's is for whoever may rank jobs. */
  owner: UserName.optional(),
  /** What is left out is as the box is set. */
  options: z.strictObject(JobOptions.partial().shape).default({}),
  /** The name of a saved preset or series: what is left out of the options is as that has it. */
  like: SavedName.optional(),
  /** For whoever may rank jobs. */
  priority: priority.default(0),
};
const sidecars = <S extends z.ZodType>(schema: S) => z.array(schema).max(20).default([]);

/** A file by its path on this machine, for who is on it; a file in one of MEDIA_DIRS; an upload that is whole. */
const OneJob = z.union([
  z.strictObject({path: AbsolutePath, sidecars: sidecars(AbsolutePath), ...wishes}),
  z.strictObject({folder: FolderNumber, file: MediaPath, sidecars: sidecars(MediaPath), ...wishes}),
  z.strictObject({upload: UploadId, sidecars: sidecars(UploadId), ...wishes}),
]);
export type OneJob = z.output<typeof OneJob>;

const submit = {
  method: 'POST',
  permission: 'submit:job',
  object: 'none',
  bucket: 'submit',
  audit: 'job.submitted',
  idempotent: true,
  params: none,
  query: none,
} as const;

export const mediaRows = {
  'files.list': {
    ...plainGet,
    path: '/api/files',
    summary: 'The folders of films that this box shows, and what lies in one of them, a page at a time.',
    permission: 'submit:job',
    object: 'none',
    bucket: 'list',
    query: z.strictObject({
      folder: FolderNumber.optional(),
      /** Of a folder in that one. */
      path: MediaPath.optional(),
      /** The last name of the page before. */
      after: z.string().min(1).max(255).optional(),
      limit: z.number().int().min(1).max(1000).default(1000),
    }),
    answer: {is: 'json', schema: MediaPage},
  },
  'jobs.submit': {
    ...submit,
    path: '/api/jobs',
    summary: 'Makes a job of a film: one that lies on this machine, or one that was uploaded.',
    body: small(OneJob),
    answer: {is: 'json', schema: Submitted},
  },
  'jobs.batch': {
    ...submit,
    path: '/api/jobs/batch',
    summary: 'Makes up to 50 jobs, one after another; what is refused hinders none of the others.',
    body: small(z.strictObject({jobs: z.array(OneJob).min(1).max(50)})),
    answer: {is: 'json', schema: BatchAnswer},
  },
} as const satisfies Readonly<Record<string, Row>>;
