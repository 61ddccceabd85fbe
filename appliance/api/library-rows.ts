/** Owns the routes of the library, as data: the trash, what people write on jobs, and what they look for. */

import {Purged} from './library-shapes.ts';
import type {Row} from './row.ts';
import {none, theJob, wish} from './row-parts.ts';

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
} as const satisfies Readonly<Record<string, Row>>;

export type LibraryRows = typeof libraryRows;
