/** Owns what a voice is asked to say for somebody who listens: a few words, in the voice of one speaker. Never how it is said. */
import {z} from 'zod';
import {LanguageTag} from './languages.ts';

/** How a voice engine is told whom to be; `voice` is the engine's own name for it. */
export const VoiceChoice = z.object({
  speaker: z.string().max(60),
  engine: z.string().max(60),
  voice: z.string().max(60),
  /** Engine's own pitch scale; 50 is espeak-ng's middle. */
  pitch: z.number(),
});
export type VoiceChoice = z.infer<typeof VoiceChoice>;

export const sayLimit = 600;

export const Say = z.object({
  text: z.string().min(1).max(sayLimit),
  language: LanguageTag,
  voice: VoiceChoice,
});
export type Say = z.infer<typeof Say>;
