/** Owns the routes by which people bring words and speakers that need not be guessed. As data, like all rows. */
import {z} from 'zod';
import {
  fileLimitBytes,
  ImportPart,
  Standing,
  SubtitlesImport,
  TranslationImport,
  TurnsImport,
} from '../imports.ts';
import {JobId} from '../job.ts';
import type {BodySchema, Row} from './row.ts';
import {none, plainGet, theJob} from './row-parts.ts';

const part = {
  permission: 'change:job',
  object: 'own-job',
  answer: {is: 'json', schema: Standing},
} as const;

/** It counts from the job's next run on: POST /api/jobs/ID/retry begins one. */
const bring = <S extends BodySchema>(schema: S) =>
  ({
    ...part,
    method: 'POST',
    bucket: 'change',
    audit: 'job.import_stored',
    params: theJob,
    query: none,
    // Bytes as base64, or text in which every character is escaped at its worst.
    body: {schema, limitBytes: 2 * fileLimitBytes},
  }) as const;

export const importRows = {
  'imports.get': {
    ...plainGet,
    ...part,
    path: '/api/jobs/:id/import',
    summary: 'What was brought to a job: words of the film, words of the dub, who speaks when.',
    permission: 'read:job',
    bucket: 'detail',
    params: theJob,
  },
  'imports.subtitles': {
    ...bring(SubtitlesImport),
    path: '/api/jobs/:id/import/subtitles',
    summary:
      'Brings subtitles: in the language of the film nothing is recognised, in that of the dub nothing is translated. Only where ENABLE_IMPORTS=1.',
  },
  'imports.translation': {
    ...bring(TranslationImport),
    path: '/api/jobs/:id/import/translated_json',
    summary: 'Brings the lines of the dub with their times, in seconds. Only where ENABLE_IMPORTS=1.',
  },
  'imports.turns': {
    ...bring(TurnsImport),
    path: '/api/jobs/:id/import/diarization_json',
    summary: 'Says who speaks from when to when, in seconds. Only where ENABLE_IMPORTS=1.',
  },
  'imports.drop': {
    ...part,
    method: 'DELETE',
    path: '/api/jobs/:id/import/:given',
    summary: 'Takes back what was brought; it is guessed again.',
    bucket: 'change',
    audit: 'job.import_dropped',
    params: z.strictObject({id: JobId, given: ImportPart}),
    query: none,
    body: null,
  },
} as const satisfies Readonly<Record<string, Row>>;
