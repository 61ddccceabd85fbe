/** Owns the routes to what the box works with and to what it has removed. As data, like all rows. */
import {z} from 'zod';
import {At} from '../job.ts';
import {EngineState} from '../wire.ts';
import type {Row} from './row.ts';
import {plainGet} from './row-parts.ts';
import {shapes} from './shapes.ts';

const count = z.number().int().nonnegative();

export const EnginesShown = z.object({
  engines: z.array(EngineState).max(100),
  /** Languages that can be dubbed from and into, such as `en-es`; with subtitles in it, into any. */
  pairs: z.array(z.string().max(20)).max(1000),
});
export type EnginesShown = z.infer<typeof EnginesShown>;

export const ReceiptShown = z.object({
  id: z.string().max(40),
  at: At,
  /** What made the box remove something. */
  trigger: z.enum(['schedule', 'command', 'low-disk']),
  /** `interrupted`: the machine went down in the middle of it. */
  state: z.enum(['open', 'closed', 'interrupted']),
  /** What is gone. */
  files: count,
  bytes: z.number().nonnegative(),
  /** What was meant to go and did not: changed meanwhile, in use, or failed. */
  left: count,
  /** By what they were: films, dubs, logs and so on. */
  kinds: z.record(z.string().max(40), count),
});
export type ReceiptShown = z.infer<typeof ReceiptShown>;

for (const [id, shape] of Object.entries({EnginesShown, ReceiptShown})) shapes.add(shape, {id});

export const roomRows = {
  'engines.list': {
    ...plainGet,
    path: '/api/engines',
    summary:
      'The engines of this box, which of them work and why others do not, and the languages they know.',
    permission: 'read:job',
    object: 'none',
    bucket: 'detail',
    answer: {is: 'json', schema: EnginesShown},
  },
  'receipts.list': {
    ...plainGet,
    path: '/api/receipts',
    summary:
      'What the box has removed to keep its promises, newest first; each is a file in its data folder.',
    permission: 'read:box',
    object: 'none',
    bucket: 'logs',
    query: z.strictObject({limit: z.number().int().min(1).max(200).default(50)}),
    answer: {is: 'json', schema: z.object({receipts: z.array(ReceiptShown).max(200)})},
  },
} as const satisfies Readonly<Record<string, Row>>;
