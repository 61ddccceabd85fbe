/**
 * Owns the routes of uploads, as data. Those that answer `tus` speak the protocol of tus.io, 1.0; the others are plain
 * JSON.
 */
import {z} from 'zod';
import {JobOptions} from '../job.ts';
import {SavedName} from '../library/preset.ts';
import {UploadId} from '../upload.ts';
import type {Row} from './row.ts';
import {Completed, UploadsShown} from './upload-shapes.ts';

const none = z.strictObject({});
const theUpload = z.strictObject({upload: UploadId});
const mine = {permission: 'submit:job', object: 'own', bucket: 'upload', query: none, body: null} as const;
const bare = {is: 'tus', takes: 'nothing'} as const;

export const uploadRows = {
  'uploads.list': {
    ...mine,
    method: 'GET',
    path: '/api/uploads',
    summary: 'One’s own uploads that are no jobs: to go on with, and what is in those that are whole.',
    audit: null,
    params: none,
    answer: {is: 'json', schema: UploadsShown},
  },
  'uploads.abilities': {
    ...mine,
    method: 'OPTIONS',
    path: '/api/uploads',
    summary: 'What this server can do of tus, and how large an upload may be.',
    audit: null,
    params: none,
    answer: bare,
  },
  'uploads.begin': {
    ...mine,
    method: 'POST',
    path: '/api/uploads',
    summary: 'Begins an upload of Upload-Length bytes; its room is kept from now on.',
    audit: 'upload.begun',
    params: none,
    answer: bare,
  },
  'uploads.look': {
    ...mine,
    method: 'HEAD',
    path: '/api/uploads/:upload',
    summary: 'How much of an upload is on disk; ends a request that still brings some of it.',
    audit: null,
    params: theUpload,
    answer: bare,
  },
  'uploads.append': {
    ...mine,
    method: 'PATCH',
    path: '/api/uploads/:upload',
    summary: 'Brings the bytes from Upload-Offset on; answered when they are on disk.',
    // Of what was begun, once for every few megabytes: what it came to is written down when it is handed over.
    audit: null,
    params: theUpload,
    answer: {is: 'tus', takes: 'bytes'},
  },
  'uploads.drop': {
    ...mine,
    method: 'DELETE',
    path: '/api/uploads/:upload',
    summary: 'Gives an upload up, with what there is of it.',
    audit: 'upload.dropped',
    params: theUpload,
    answer: bare,
  },
  'uploads.complete': {
    ...mine,
    method: 'POST',
    path: '/api/uploads/:upload/complete',
    summary:
      'Makes a job of an upload that is whole, once it was looked into; 422 says why it is no film to dub.',
    audit: 'upload.validated',
    params: theUpload,
    body: {
      schema: z.strictObject({
        /** Uploads with subtitles for it, whole as well. */
        sidecars: z.array(UploadId).max(20).default([]),
        /** What is left out is as the box is set. */
        options: z.strictObject(JobOptions.partial().shape).default({}),
        /** The name of a preset or a series that it is to be dubbed by. */
        like: SavedName.optional(),
        /** For whoever may rank jobs. */
        priority: z.number().int().min(-100).max(100).default(0),
        /** Asked again under the same key, the answer is the same job. */
        idempotencyKey: z
          .string()
          .regex(/^[\x21-\x7e]{1,100}$/)
          .optional(),
      }),
      limitBytes: 64 * 1024,
    },
    answer: {is: 'json', schema: Completed},
  },
} as const satisfies Readonly<Record<string, Row>>;
