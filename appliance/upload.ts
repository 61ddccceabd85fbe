/** Owns what an upload is called. Never says whose it is, nor where it lies. */
import {z} from 'zod';

/** Twenty letters and digits as those of a job: 100 random bits. Also the name of its file. */
export const UploadId = z
  .string()
  .regex(/^[0-9a-hjkmnp-tv-z]{20}$/)
  .brand<'UploadId'>();
export type UploadId = z.infer<typeof UploadId>;
