/** Owns what a cue is: words that are shown, or said, for a stretch of a film. Never knows a file's format. */
import {z} from 'zod';

/** From the start of the film. */
export const Seconds = z.number().nonnegative();

export const Region = z.object({start: Seconds, end: Seconds});
/** A stretch of the film, `end` exclusive. */
export type Region = z.infer<typeof Region>;

/** A subtitle as it was given: tags stripped, times sorted, text of one or more lines joined by "\n". */
export const Cue = Region.extend({text: z.string(), speaker: z.string().optional()});
export type Cue = z.infer<typeof Cue>;

/** Cues and what people know them by: `film.es.srt`, or `subtitle track 3`. */
export const CueFile = z.object({from: z.string(), cues: z.array(Cue)});
export type CueFile = z.infer<typeof CueFile>;

export const Turn = Region.extend({speaker: z.string()});
/** A stretch in which one person speaks. */
export type Turn = z.infer<typeof Turn>;
