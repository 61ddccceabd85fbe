/** Owns the route to what was written down of what people did. As data, like all rows. */
import {z} from 'zod';
import {AuditEntry} from '../audit/entry.ts';
import {Digest} from '../digest.ts';
import {At, UserName} from '../job.ts';
import type {Row} from './row.ts';
import {plainGet} from './row-parts.ts';
import {shapes} from './shapes.ts';

export const TrailEntry = z.object({
  ...AuditEntry.pick({seq: true, action: true, result: true, user: true, address: true}).shape,
  ...AuditEntry.pick({object: true, request: true}).shape,
  /** UTC. */
  time: z.string().max(40),
  details: z.record(z.string(), z.unknown()),
});

export type TrailEntry = z.infer<typeof TrailEntry>;

export const TrailPage = z.object({
  entries: z.array(TrailEntry).max(500),
  /** To be asked for as `before`; null where the audit begins. */
  next: z.number().int().positive().nullable(),
});

/** What comes while the audit is followed. */
export const TrailEvent = z.discriminatedUnion('is', [
  z.object({is: z.literal('entry'), ...TrailEntry.shape}),
  /** After a connection that was broken for long: what was written meanwhile is to be asked for in pages. */
  z.object({is: z.literal('missed')}),
]);
export type TrailEvent = z.infer<typeof TrailEvent>;

const count = z.number().int().nonnegative();

export const TrailVerdict = z.discriminatedUnion('is', [
  z.object({
    is: z.literal('whole'),
    days: count,
    entries: count,
    /** When the first and the last entry were written; null where there is none. */
    first: At.nullable(),
    last: At.nullable(),
    /** Of the last entry. Kept somewhere else, it shows later whether all of it was written anew. */
    hash: Digest,
  }),
  z.object({
    is: z.literal('broken'),
    /** `line` is counted from 1; 0 is the file as a whole. */
    where: z.object({file: z.string().max(100), line: count}),
    what: z.string().max(1000),
    fix: z.string().max(1000),
  }),
]);
export type TrailVerdict = z.infer<typeof TrailVerdict>;

for (const [id, shape] of Object.entries({TrailEntry, TrailVerdict})) shapes.add(shape, {id});

export const trailRows = {
  'audit.recent': {
    ...plainGet,
    path: '/api/audit/recent',
    summary:
      'What was written down, newest first: of what one did oneself, or for admins of everything. As an event stream the last `limit` entries, oldest first, and then each as it is written.',
    permission: 'read:audit',
    object: 'none',
    bucket: 'logs',
    audit: 'admin.viewed',
    query: z.strictObject({
      limit: z.number().int().min(1).max(500).default(100),
      user: UserName.optional(),
      action: AuditEntry.shape.action.max(60).optional(),
      /** A number that an entry bears: those before it. Means nothing to an event stream. */
      before: z.number().int().positive().optional(),
    }),
    answer: {is: 'json', schema: TrailPage, follow: TrailEvent},
  },
  'audit.verify': {
    ...plainGet,
    path: '/api/audit/verify',
    summary: 'Checks every line of the audit against the one before it, which takes a while.',
    permission: 'read:box',
    object: 'none',
    bucket: 'logs',
    answer: {is: 'json', schema: TrailVerdict},
  },
} as const satisfies Readonly<Record<string, Row>>;
