/**
 * Owns what people save to dub by again: presets, which are options under a name, and series with all that is to be the
 * same from one episode to the next. Voices are taken by who gives a speaker that name, options by each of its
 * films; glossary, names, style and subtitles are kept and given back, and the pipeline does not read them yet. Never knows
 * who may use them.
 */
import {z} from 'zod';
import {At, JobOptions, UserName} from '../job.ts';
import {line} from './line.ts';

export const SavedId = z
  .string()
  .regex(/^[0-9a-hjkmnp-tv-z]{10}$/)
  .brand<'SavedId'>();
export type SavedId = z.infer<typeof SavedId>;

export const SavedName = line(80);

/** Any part of a job's options; what is left out is as the box is set. */
const SavedOptions = z.strictObject(JobOptions.partial().shape);
export type SavedOptions = z.infer<typeof SavedOptions>;

export const PresetBody = z.strictObject({
  name: SavedName,
  options: SavedOptions.default({}),
  /** Whether others may use it, and see it in their lists. */
  shared: z.boolean().default(false),
});

export const mostWords = 500;
const few = <S extends z.ZodType>(values: S) =>
  z
    .record(line(80), values)
    .refine(words => Object.keys(words).length <= mostWords, `has over ${mostWords} entries`);

export const SeriesBody = z.strictObject({
  ...PresetBody.shape,
  /** By the character's name. */
  voices: few(line(80)).default({}),
  /** A term, and how it is always translated. */
  glossary: few(line(200)).default({}),
  /** Names that stay as they are. */
  names: z.array(line(80)).max(mostWords).default([]),
  /** How it is to sound, in words. */
  style: z.string().max(1000).default(''),
  subtitles: z
    .strictObject({
      lineLength: z.number().int().min(20).max(80),
      lines: z.number().int().min(1).max(3),
    })
    .nullable()
    .default(null),
});

const saved = {id: SavedId, owner: UserName, at: At};
export const SavedPreset = z.object({...PresetBody.shape, ...saved});
export type SavedPreset = z.infer<typeof SavedPreset>;
export const SavedSeries = z.object({...SeriesBody.shape, ...saved});
export type SavedSeries = z.infer<typeof SavedSeries>;

export interface Settling {
  readonly box: JobOptions;
  /** What is saved of the film's series, and the preset that was named; undefined where there is none. */
  readonly series: SavedOptions | undefined;
  readonly preset: SavedOptions | undefined;
  readonly asked: {readonly [Name in keyof JobOptions]?: JobOptions[Name] | undefined};
}

/** What was asked for over the preset that was named, over the film's series, over what the box is set to. */
export function settledOptions({box, series, preset, asked}: Settling): JobOptions {
  const given = [series ?? {}, preset ?? {}, asked].map(part =>
    Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined)),
  );
  return Object.assign({}, box, ...given);
}
