/** Owns what the API says of uploads that are not jobs yet. */
import {z} from 'zod';
import {At, FileName} from '../job.ts';
import {UploadId} from '../upload.ts';

const bytes = z.number().int().nonnegative();

export const UploadShown = z.object({
  id: UploadId,
  name: FileName,
  /** How many bytes it will have, and how many of them are on the disk of the box. */
  length: bytes,
  offset: bytes,
  begun: At,
  /** When it is given up, unless more of it comes. */
  expires: At,
  url: z.string().max(200),
});
export type UploadShown = z.infer<typeof UploadShown>;

export const UploadsShown = z.object({uploads: z.array(UploadShown).max(1000)});
