/** Owns the route to what was written down of what people did. As data, like all rows. */
import {z} from 'zod';
import {AuditEntry} from '../audit/entry.ts';
import {UserName} from '../job.ts';
import type {Row} from './row.ts';
import {plainGet} from './row-parts.ts';

const Entry = z.object({
  ...AuditEntry.pick({seq: true, action: true, result: true, user: true, address: true}).shape,
  ...AuditEntry.pick({object: true, request: true}).shape,
  /** UTC. */
  time: z.string().max(40),
  details: z.record(z.string(), z.unknown()),
});

export const TrailPage = z.object({
  entries: z.array(Entry).max(500),
  /** To be asked for as `before`; null where the audit begins. */
  next: z.number().int().positive().nullable(),
});

export const trailRows = {
  'audit.recent': {
    ...plainGet,
    path: '/api/audit/recent',
    summary: 'What was written down, newest first: of what one did oneself, or for admins of everything.',
    permission: 'read:audit',
    object: 'none',
    bucket: 'logs',
    audit: 'admin.viewed',
    query: z.strictObject({
      limit: z.number().int().min(1).max(500).default(100),
      user: UserName.optional(),
      action: AuditEntry.shape.action.max(60).optional(),
      /** A number that an entry bears: those before it. */
      before: z.number().int().positive().optional(),
    }),
    answer: {is: 'json', schema: TrailPage},
  },
} as const satisfies Readonly<Record<string, Row>>;
