/** Owns what is stored of an upload. Never its bytes. */
import {z} from 'zod';
import {Digest} from '../../appliance/digest.ts';
import {Refusal} from '../../appliance/failure.ts';
import {Film} from '../../appliance/film.ts';
import {At, FileName, JobId, UserName} from '../../appliance/job.ts';
import {UploadId} from '../../appliance/upload.ts';

const bytes = z.number().int().nonnegative();

export const UploadRow = z.object({
  id: UploadId,
  owner: UserName,
  /** Cleaned; the file itself lies under the id. */
  name: FileName,
  kind: z.enum(['film', 'subtitles']),
  length: bytes,
  /** So many bytes are on disk, and as they were sent. What the file holds beyond is none of it. */
  offset: bytes,
  /** What the client said that the whole will be. */
  promised: Digest.nullable(),
  metadata: z.string().max(4096),
  begun: At,
  /** When something of it came last. */
  touched: At,
  /** What was seen in it; null for what is none, and what nobody has looked into. */
  film: Film.nullable().default(null),
  state: z.discriminatedUnion('is', [
    z.object({is: z.literal('open')}),
    /** It is whole and no film to dub: its bytes are gone, and this stays for a while to be read. */
    z.object({is: z.literal('refused'), why: Refusal}),
    /** Kept for a while, for whoever missed the answer. */
    z.object({is: z.literal('completed'), job: JobId, digest: Digest, key: z.string().max(100).nullable()}),
  ]),
});
export type UploadRow = z.infer<typeof UploadRow>;
