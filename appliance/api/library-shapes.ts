/** Owns what the API says of the library: what was purged, pages, series, tags. Never how any of it is found. */
import {z} from 'zod';
import {JobId} from '../job.ts';

const count = z.number().int().nonnegative();

/** What is gone for good, and under which numbers that was written down. */
export const Purged = z.object({
  job: JobId,
  receipts: z.array(z.string().max(40)).max(10_000),
  files: count,
  bytes: count,
  /** What could not be taken away yet: the next sweep tries again. */
  left: count,
});
export type Purged = z.infer<typeof Purged>;
