/** Owns what is said of a film before it is dubbed: what a look into it finds, as it is stored and shown. Never looks. */
import {z} from 'zod';
import {Refusal} from './failure.ts';
import {LanguageTag} from './languages.ts';

/** What a file calls its tracks: of whoever made it, so nothing in it may upset a screen. */
const title = z
  .string()
  .max(400)
  .regex(/^[^\p{Cc}\u202a-\u202e\u2066-\u2069]*$/u);
const side = z.number().int().min(1).max(16_384);

export const Film = z.object({
  seconds: z.number().positive().max(86_400),
  width: side,
  height: side,
  audio: z
    .array(
      z.object({
        /** Null where the file does not say, or says one that is not known here. */
        language: LanguageTag.nullable(),
        title,
        channels: z.number().int().min(1).max(64),
        /** The one that would be dubbed, if nothing else is asked for. */
        isSpoken: z.boolean(),
      }),
    )
    .min(1)
    .max(100),
  /** Those of text: pictures of letters hold no words. */
  subtitles: z.array(z.object({language: LanguageTag.nullable(), title, forced: z.boolean()})).max(100),
});
export type Film = z.infer<typeof Film>;

/** What a look comes to. */
export const Looked = z.discriminatedUnion('is', [
  z.object({is: z.literal('film'), film: Film}),
  z.object({is: z.literal('refused'), why: Refusal}),
]);
export type Looked = z.infer<typeof Looked>;
