/** Owns what the API says of who speaks in a dub, and of the voices that they can have. */
import {z} from 'zod';
import {Anchor} from '../brief.ts';
import {LanguageTag} from '../languages.ts';
import {Gender, VoiceId, VoiceList} from '../say.ts';
import {SavedSpeaker, SpeakerChange, SpeakerId, SpeakerName, speakersLimit} from '../speakers.ts';
import {shapes} from './shapes.ts';

export const SpeakerShown = z.object({
  id: SpeakerId,
  /** As it is saved, whether it has been dubbed since or not. */
  name: SpeakerName.nullable(),
  /** What somebody chose. */
  chosen: VoiceId.nullable(),
  /** What the series had for that name when it was saved: it counts where nobody chose. */
  seriesVoice: VoiceId.nullable(),
  /** In which they were dubbed last; null where the report does not say. */
  voice: VoiceId.nullable(),
  /** Whether that dub has them as they are saved. */
  isDubbed: z.boolean(),
  /** As they sound. */
  gender: Gender,
  /** How long they speak in the film. */
  seconds: z.number().nonnegative(),
  /** The first that they say. */
  line: z
    .object({number: z.number().int().positive(), anchor: Anchor, translation: z.string().max(8000)})
    .nullable(),
});
export type SpeakerShown = z.infer<typeof SpeakerShown>;

export const SpeakersShown = z.object({
  /** To be sent along with changes. */
  revision: z.number().int().nonnegative(),
  to: LanguageTag,
  /** Who speaks most comes first. */
  speakers: z.array(SpeakerShown).max(10_000),
  /** That can be chosen; none where nobody can be asked now. */
  voices: VoiceList,
  /** Of which the film is, where the caller may write to it, and who has which voice there. */
  series: z
    .object({
      name: z.string().max(200),
      voices: z.array(z.object({name: z.string().max(80), voice: VoiceId})).max(500),
    })
    .nullable(),
});
export type SpeakersShown = z.infer<typeof SpeakersShown>;

export const SpeakersChange = z
  .strictObject({
    /** The revision that the changes were made on. */
    since: z.number().int().nonnegative(),
    speakers: z.array(SpeakerChange).max(speakersLimit),
    /** Keeps the voice of everybody who has a name for the other films of the series. */
    remember: z.boolean().default(false),
  })
  .refine(({speakers, remember}) => speakers.length > 0 || remember, 'changes nothing')
  .refine(
    ({speakers}) => new Set(speakers.map(({speaker}) => speaker)).size === speakers.length,
    'names somebody twice',
  );
export type SpeakersChange = z.infer<typeof SpeakersChange>;

export const SpeakersSaved = z.object({
  revision: z.number().int().nonnegative(),
  speakers: z.array(SavedSpeaker).max(speakersLimit),
  /** Names whose voices the series has from now on. */
  remembered: z.array(z.string().max(80)).max(speakersLimit),
});
export type SpeakersSaved = z.infer<typeof SpeakersSaved>;

for (const [id, shape] of Object.entries({SpeakerShown, SpeakersShown})) shapes.add(shape, {id});
