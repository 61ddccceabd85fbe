/** Owns what one person may have of the box, where that is not what everybody may. Never counts any of it. */
import {z} from 'zod';

const limit = (most: number) => z.number().int().min(0).max(most).nullable();

/** Null is as the box is set. */
export const Quotas = z.object({
  /** Of the films and the finished files of their jobs. */
  keptBytes: limit(1e15),
  /** In 24 hours. */
  jobsPerDay: limit(1_000_000),
  queued: limit(1_000_000),
  running: limit(64),
  /** All their uploads under way. */
  uploadMb: limit(100_000_000),
});
export type Quotas = z.infer<typeof Quotas>;

export const noQuotas: Quotas = {
  ...{keptBytes: null, jobsPerDay: null, queued: null, running: null, uploadMb: null},
};
