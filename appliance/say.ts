/** Owns which voices there are to choose from, and what one is asked to say for somebody who listens. Never how it is said. */
import {z} from 'zod';
import {LanguageTag} from './languages.ts';
import {line} from './library/line.ts';

export const Gender = z.enum(['female', 'male', 'unknown']);
export type Gender = z.infer<typeof Gender>;

/** How a voice engine is told whom to be; `voice` is the engine's own name for it. */
export const VoiceChoice = z.object({
  speaker: z.string().max(60),
  engine: z.string().max(60),
  voice: z.string().max(60),
  /** Engine's own pitch scale; 50 is espeak-ng's middle. */
  pitch: z.number(),
});
export type VoiceChoice = z.infer<typeof VoiceChoice>;

/** Names a voice in every language that it speaks: `espeak-ng:f4`. */
export const VoiceId = line(80);

/** One that people may choose. */
export const Voice = z.object({
  id: VoiceId,
  /** The engine's own name for it. */
  label: z.string().max(80),
  gender: Gender,
});
export type Voice = z.infer<typeof Voice>;

export const VoiceList = z.array(Voice).max(1000);

/** How somebody sounds whom a voice is to suit. */
export const Person = z.object({
  id: z.string().min(1).max(60),
  gender: Gender,
  /** Median fundamental frequency; null where it is not known. */
  pitchHz: z.number().nullable(),
});
export type Person = z.infer<typeof Person>;

export const sayLimit = 600;

export const Say = z.object({
  text: z.string().min(1).max(sayLimit),
  language: LanguageTag,
  /** As somebody was cast, or as they would be by that voice. */
  voice: z.union([VoiceChoice, z.object({as: VoiceId, person: Person})]),
});
export type Say = z.infer<typeof Say>;

/** What the program of voices is asked: to say something, or which voices there are. */
export const AskedOfVoices = z.union([Say, z.object({voicesOf: LanguageTag})]);
export type AskedOfVoices = z.infer<typeof AskedOfVoices>;
