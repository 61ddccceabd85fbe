/** Owns what the API says of the library: what was purged, pages, series, tags. Never how any of it is found. */
import {z} from 'zod';
import {JobId} from '../job.ts';
import {JobLine} from './shapes.ts';

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

/** How far somebody has come, in seconds of the film. */
export const Watched = z.strictObject({
  seconds: z.number().nonnegative().max(1_000_000),
  duration: z.number().positive().max(1_000_000),
});
export type Watched = z.infer<typeof Watched>;

export const LibraryView = z.enum(['done', 'all', 'archived', 'recent', 'continue']);
export type LibraryView = z.infer<typeof LibraryView>;
export const LibrarySort = z.enum(['newest', 'title', 'series']);
export type LibrarySort = z.infer<typeof LibrarySort>;

/** A line of a film in which it is said. */
export const SaidLine = z.object({
  /** Seconds from the start of the film. */
  at: z.number().nonnegative(),
  text: z.string().max(300),
  translation: z.string().max(300),
});
export type SaidLine = z.infer<typeof SaidLine>;

export const LibraryJobs = z.object({
  /** `watched` is by whoever asks; `said` is the first lines that hold what was asked for. */
  jobs: z.array(JobLine.extend({watched: Watched.nullable(), said: z.array(SaidLine).max(3)})).max(200),
  /** Not every film was looked through, as that took too long: go on at `next`, or ask again. */
  partial: z.boolean(),
  /** Where the next page starts: behind this job. Null on the last. */
  next: JobId.nullable(),
});

export const SeriesShown = z.object({
  name: z.string().max(200),
  jobs: count,
  /** One that was dubbed into two languages is one episode and two jobs. */
  episodes: count,
  seasons: z.array(count).max(1000),
});
export type SeriesShown = z.infer<typeof SeriesShown>;

export const TagShown = z.object({tag: z.string().max(40), jobs: count});
export type TagShown = z.infer<typeof TagShown>;

export const SeriesList = z.object({series: z.array(SeriesShown).max(1000)});
export const TagList = z.object({tags: z.array(TagShown).max(1000)});
