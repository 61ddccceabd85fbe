/** Owns what the API says of uploads that are not jobs yet. */
import {z} from 'zod';
import {Failure} from '../failure.ts';
import {Film} from '../film.ts';
import {At, FileName} from '../job.ts';
import {UploadId} from '../upload.ts';
import {Submitted} from './shapes.ts';

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
  /** What is in it; null until all of it was there and somebody looked. */
  film: Film.nullable(),
  /** It is whole and no film to dub: none of it is kept, and no job can be made of it. */
  refused: z
    .object({
      ...{code: z.string().max(100), what: z.string().max(20_000), fix: z.string().max(4096)},
      because: Failure,
    })
    .nullable(),
});
export type UploadShown = z.infer<typeof UploadShown>;

/** Of a box that could not look in time, `film` is null: the job will see. */
export const Completed = Submitted.extend({film: Film.nullable()});

export const UploadsShown = z.object({uploads: z.array(UploadShown).max(1000)});
