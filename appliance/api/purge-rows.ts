/** Owns the routes by which a person has files taken away: a plan that does nothing, and its carrying out. As data. */
import {z} from 'zod';
import {At, JobId, UserName} from '../job.ts';
import type {Row} from './row.ts';
import {none, small} from './row-parts.ts';
import {shapes} from './shapes.ts';

const count = z.number().int().nonnegative();
const bytes = z.number().nonnegative();

/** `deleted` are all files of jobs in the trash. */
export const PurgeKind = z.enum(['uploads', 'intermediates', 'outputs', 'logs', 'deleted']);
export type PurgeKind = z.infer<typeof PurgeKind>;

export const PurgePlanId = z.string().regex(/^[0-9a-f]{16}$/);

export const PurgeAsk = z.strictObject({
  kinds: z.array(PurgeKind).min(1).max(PurgeKind.options.length),
  /** Since their job was over; files of no job, since they changed. */
  olderThanDays: z.number().nonnegative().max(36_500).default(0),
  /** Of these people, and of these jobs, alone. */
  users: z.array(UserName).min(1).max(100).optional(),
  jobs: z.array(JobId).min(1).max(1000).optional(),
});
export type PurgeAsk = z.infer<typeof PurgeAsk>;

export const PurgeGroup = z.object({
  /** Null for what belongs to no job: what the inbox put aside, logs of the daemon. */
  job: JobId.nullable(),
  title: z.string().max(255),
  owner: UserName.nullable(),
  kind: PurgeKind,
  files: count,
  bytes,
});
export type PurgeGroup = z.infer<typeof PurgeGroup>;

export const PurgePlan = z.object({
  plan: PurgePlanId,
  made: At,
  /** Then it is forgotten. */
  expires: At,
  /** All of it: as many as have to be named to carry it out. */
  files: count,
  bytes,
  jobs: count,
  /** The largest first. */
  groups: z.array(PurgeGroup).max(500),
  /** How many groups there are besides. */
  more: count,
  /** False where there is more than one plan takes: the rest is for another. */
  whole: z.boolean(),
});
export type PurgePlan = z.infer<typeof PurgePlan>;

export const PurgeDone = z.object({
  receipts: z.array(z.string().max(40)).max(100_000),
  files: count,
  bytes,
  /** What was planned and did not go: changed since, in use, or failed; the receipts say which. */
  left: count,
});
export type PurgeDone = z.infer<typeof PurgeDone>;

for (const [id, shape] of Object.entries({PurgeGroup, PurgePlan, PurgeDone})) shapes.add(shape, {id});

export const purgeRows = {
  'purge.plan': {
    method: 'POST',
    path: '/api/purge/plan',
    summary: 'What would go of all jobs that are over, by kind, age, person and job; nothing of it is done.',
    permission: 'purge:job',
    object: 'none',
    bucket: 'change',
    audit: 'privacy.purge_planned',
    params: none,
    query: none,
    body: small(PurgeAsk),
    answer: {is: 'json', schema: PurgePlan},
  },
  'purge.carry': {
    method: 'POST',
    path: '/api/purge/plan/:plan',
    summary:
      'Takes away what one’s own plan of the last ten minutes lists, if its number of files is said with it. Over the network only where ENABLE_HARD_DELETE=1.',
    permission: 'purge:job',
    object: 'none',
    bucket: 'change',
    fresh: true,
    audit: {ok: 'privacy.purge_done', no: 'privacy.purge_failed'},
    params: z.strictObject({plan: PurgePlanId}),
    query: none,
    body: small(z.strictObject({files: count})),
    answer: {is: 'json', schema: PurgeDone},
  },
} as const satisfies Readonly<Record<string, Row>>;

export type PurgeRows = typeof purgeRows;
