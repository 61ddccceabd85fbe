/** Owns the route that sends somebody a push to see whether it arrives. As data, like all rows. */
import {z} from 'zod';
import type {Row} from './row.ts';
import {none} from './row-parts.ts';

export const pushRows = {
  'push.test': {
    method: 'POST',
    path: '/api/auth/push-test',
    summary: 'Sends a push to one’s own topic, or the box’s, and says whether the server took it.',
    permission: 'use:account',
    object: 'own',
    bucket: 'change',
    audit: 'notify.sent',
    params: none,
    query: none,
    body: null,
    answer: {
      is: 'json',
      /** `why` is null when it was taken. */
      schema: z.object({taken: z.boolean(), why: z.string().max(500).nullable()}),
    },
  },
} as const satisfies Readonly<Record<string, Row>>;
