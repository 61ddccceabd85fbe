/** Owns what the API says of films that lie on this machine and are no jobs yet. */
import {z} from 'zod';
import {At, FileName} from '../job.ts';
import {JobLine, Problem} from './shapes.ts';

export const FolderNumber = z.number().int().min(1).max(100);

/** Of a file or a folder below one of MEDIA_DIRS: plain names with slashes between them. */
export const MediaPath = z
  .string()
  .min(1)
  .max(2000)
  .refine(
    path => path.split('/').every(name => FileName.safeParse(name).success),
    'is no path of plain file names',
  );

export const MediaEntry = z.object({
  name: FileName,
  kind: z.enum(['folder', 'film', 'subtitles', 'other']),
  /** Null for a folder. */
  bytes: z.number().int().nonnegative().nullable(),
  modified: At,
});
export type MediaEntry = z.infer<typeof MediaEntry>;

export const MediaPage = z.object({
  /** By what they are called; where they lie is not told. */
  folders: z.array(z.object({folder: FolderNumber, label: z.string().max(255)})).max(100),
  /** Of the folder that was asked for: by name, without what is hidden and without links. */
  entries: z.array(MediaEntry).max(1000),
  /** To be asked for as `after`; null on the last page. */
  next: FileName.nullable(),
});
export type MediaPage = z.infer<typeof MediaPage>;

/** One for each that was asked for, in that order. */
export const BatchAnswer = z.object({
  jobs: z
    .array(
      z.discriminatedUnion('is', [
        z.object({is: z.literal('submitted'), status: z.literal(200), made: z.boolean(), job: JobLine}),
        z.object({is: z.literal('refused'), status: z.number().int(), error: Problem}),
      ]),
    )
    .max(50),
});
export type BatchAnswer = z.infer<typeof BatchAnswer>;
