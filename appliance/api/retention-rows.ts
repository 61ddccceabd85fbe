/** Owns the routes to how long the box keeps what, and to having it removed now what is past that. As data. */
import {z} from 'zod';
import {At} from '../job.ts';
import {PurgeKind} from './purge-rows.ts';
import type {Row} from './row.ts';
import {none, plainGet} from './row-parts.ts';
import {shapes} from './shapes.ts';

const count = z.number().int().nonnegative();
const bytes = z.number().nonnegative();

export const RetentionShown = z.object({
  keeps: z
    .array(
      z.object({
        kind: PurgeKind,
        /** Null keeps it for good. */
        days: count.nullable(),
        /** The variable of the environment that says so. */
        setting: z.string().max(100),
      }),
    )
    .max(PurgeKind.options.length),
  /** When the box sweeps next by itself; null while it starts or ends. */
  next: At.nullable(),
  running: z.boolean(),
  /** Why nothing is removed until the next sweep: the clock is in doubt. */
  waits: z.string().max(1000).nullable(),
  /** The last sweep since the start that removed what was due; `left` is what did not go. */
  last: z.object({at: At, files: count, bytes, left: count}).nullable(),
  /** What a sweep would take, as it was some minutes ago; null while it is not known. */
  due: z.object({files: count, bytes}).nullable(),
});
export type RetentionShown = z.infer<typeof RetentionShown>;

shapes.add(RetentionShown, {id: 'RetentionShown'});

const answer = {is: 'json', schema: RetentionShown} as const;

export const retentionRows = {
  'retention.get': {
    ...plainGet,
    path: '/api/retention',
    summary: 'How long what is kept, when the box sweeps next, and what it would take now.',
    permission: 'read:box',
    object: 'none',
    bucket: 'detail',
    answer,
  },
  'retention.sweep': {
    method: 'POST',
    path: '/api/retention/sweep',
    summary: 'Removes now what is past its days, as the box does by itself.',
    permission: 'purge:job',
    object: 'none',
    bucket: 'change',
    fresh: true,
    audit: 'retention.swept',
    params: none,
    query: none,
    body: null,
    answer,
  },
} as const satisfies Readonly<Record<string, Row>>;

export type RetentionRows = typeof retentionRows;
