/**
 * Owns what people give to a dub besides the film: their wording of lines, subtitles and a translation of their own, who speaks
 * when. Never says who gave it, and never finds it: whoever orders a dub says where it lies.
 */
import {z} from 'zod';
import {CueFile, Turn} from './subtitles/cue.ts';

/** A person's wording of one line. It belongs to what was said when, so that it outlives a renumbering. */
export const Edit = z.object({
  start: z.number().nonnegative(),
  source: z.string().max(4000),
  text: z.string().min(1).max(4000),
});
export type Edit = z.infer<typeof Edit>;

export const Brief = z.object({
  edits: z.array(Edit).max(100_000),
  /** What is said in the film, and the same in the language of the dub: neither is guessed where it is given. */
  source: CueFile.nullable(),
  target: CueFile.nullable(),
  turns: z.array(Turn).max(100_000).nullable(),
});
export type Brief = z.infer<typeof Brief>;

export const noBrief: Brief = {edits: [], source: null, target: null, turns: null};
