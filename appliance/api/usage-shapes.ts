/** Owns what the API says of how much of the box somebody uses, and how much they may. */
import {z} from 'zod';
import {Quotas} from '../accounts/quotas.ts';
import {UserName} from '../job.ts';
import {JobStateName} from './shapes.ts';

const count = z.number().int().nonnegative();

export const Usage = z.object({
  user: UserName,
  /** Of the films of their jobs, and of what was made of them; what is in the trash counts until it goes. */
  sourceBytes: count,
  outputBytes: count,
  jobs: z.record(JobStateName, count),
  /** Submitted in the last 24 hours. */
  jobsToday: count,
  /** What holds for them, the box's settings included; null is no limit. */
  quotas: Quotas,
  /** How long this box works on a second of film, in seconds, as its last jobs took; null before there are any. */
  tempo: z.number().nonnegative().nullable(),
});
export type Usage = z.infer<typeof Usage>;

export const UsagePage = z.object({users: z.array(Usage).max(1000)});
