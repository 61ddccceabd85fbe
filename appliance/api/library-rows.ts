/** Owns the routes of the library, as data: the trash, what people write on jobs, and what they look for. */

import {z} from 'zod';
import {JobId} from '../job.ts';
import {CardChange} from '../library/card.ts';
import {
  LibraryJobs,
  LibrarySort,
  LibraryView,
  Purged,
  SeriesList,
  TagList,
  Watched,
} from './library-shapes.ts';
import type {Row} from './row.ts';
import {none, plainGet, small, theJob, wish} from './row-parts.ts';
import {JobDetail} from './shapes.ts';

export const libraryRows = {
  'jobs.restore': {
    ...wish('job.restored', 'Takes a job out of the trash, as it was before.'),
    path: '/api/jobs/:id/restore',
  },
  'jobs.purge': {
    method: 'POST',
    path: '/api/jobs/:id/purge',
    summary: 'Takes away at once all there is of a job that is over. Only where ENABLE_HARD_DELETE=1.',
    permission: 'purge:job',
    object: 'own-job',
    bucket: 'change',
    fresh: true,
    audit: 'job.purged',
    params: theJob,
    query: none,
    body: null,
    answer: {is: 'json', schema: Purged},
  },
  'jobs.card': {
    method: 'PUT',
    path: '/api/jobs/:id/card',
    summary:
      'Writes on a job: title, notes, tags, series, and whether others may look. What is left out stays.',
    permission: 'edit:library',
    object: 'own-job',
    bucket: 'change',
    audit: 'job.card_changed',
    params: theJob,
    query: none,
    body: small(CardChange),
    answer: {is: 'json', schema: JobDetail},
  },
  'jobs.archive': {
    ...wish('job.archived', 'Puts a job out of the way: it is only in the archive then.'),
    permission: 'edit:library',
    path: '/api/jobs/:id/archive',
  },
  'jobs.unarchive': {
    ...wish('job.unarchived', 'Takes a job out of the archive.'),
    permission: 'edit:library',
    path: '/api/jobs/:id/unarchive',
  },
  'jobs.watched': {
    method: 'PUT',
    path: '/api/jobs/:id/watched',
    summary: 'Notes how far the caller has watched.',
    permission: 'read:job',
    object: 'job',
    bucket: 'detail',
    audit: null,
    params: theJob,
    query: none,
    body: small(Watched),
    answer: {is: 'json', schema: Watched},
  },
  'jobs.watched_by': {
    ...plainGet,
    path: '/api/jobs/:id/watched',
    summary: 'How far the caller has watched.',
    permission: 'read:job',
    object: 'job',
    bucket: 'detail',
    params: theJob,
    answer: {is: 'json', schema: z.object({watched: Watched.nullable()})},
  },
  'library.jobs': {
    ...plainGet,
    path: '/api/library/jobs',
    summary:
      'Dubs as people look for them: those that are done, the archive, the latest, or those left in the middle.',
    permission: 'read:job',
    object: 'jobs',
    bucket: 'list',
    query: z.strictObject({
      view: LibraryView.default('done'),
      /** Part of the title, series, a tag, the notes or the file's name. */
      q: z.string().min(1).max(100).optional(),
      /** Part of what is said in the film, in either language. Only where SEARCH_TRANSCRIPTS=1. */
      said: z.string().min(1).max(100).optional(),
      tag: z.string().min(1).max(40).optional(),
      series: z.string().min(1).max(200).optional(),
      season: z.number().int().min(0).max(9999).optional(),
      sort: LibrarySort.default('newest'),
      limit: z.number().int().min(1).max(200).default(50),
      after: JobId.optional(),
    }),
    answer: {is: 'json', schema: LibraryJobs},
  },
  'library.series': {
    ...plainGet,
    path: '/api/library/series',
    summary: 'The series there are dubs of.',
    permission: 'read:job',
    object: 'jobs',
    bucket: 'list',
    answer: {is: 'json', schema: SeriesList},
  },
  'library.tags': {
    ...plainGet,
    path: '/api/library/tags',
    summary: 'The tags on dubs, the most used first.',
    permission: 'read:job',
    object: 'jobs',
    bucket: 'list',
    answer: {is: 'json', schema: TagList},
  },
} as const satisfies Readonly<Record<string, Row>>;

export type LibraryRows = typeof libraryRows;
