/** Owns the routes about how much of the box people use. As data, like all rows. */
import type {Row} from './row.ts';
import {plainGet} from './row-parts.ts';
import {Usage, UsagePage} from './usage-shapes.ts';

export const usageRows = {
  'usage.own': {
    ...plainGet,
    path: '/api/usage',
    summary: 'How much of the box one uses, and how much one may.',
    permission: 'read:job',
    object: 'none',
    bucket: 'detail',
    answer: {is: 'json', schema: Usage},
  },
  'usage.all': {
    ...plainGet,
    path: '/api/admin/usage',
    summary: 'How much of the box everybody uses who has an account or a job.',
    permission: 'manage:users',
    object: 'none',
    bucket: 'detail',
    audit: 'admin.viewed',
    answer: {is: 'json', schema: UsagePage},
  },
} as const satisfies Readonly<Record<string, Row>>;
