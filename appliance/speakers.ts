/**
 * Owns what people decide about who speaks in a dub: what each is called, and in which voice. Never who speaks when, and
 * never whether a voice is there.
 */
import {z} from 'zod';
import type {Brief} from './brief.ts';
import {folded} from './library/folded.ts';
import {line} from './library/line.ts';
import {VoiceId} from './say.ts';

export const SpeakerId = z.string().min(1).max(60);
export const SpeakerName = line(60);

/** Null is what nobody decided: no name but the id, and a voice that is found for them. */
export const SpeakerChange = z.strictObject({
  speaker: SpeakerId,
  name: SpeakerName.nullable(),
  voice: VoiceId.nullable(),
});
export type SpeakerChange = z.infer<typeof SpeakerChange>;

/** A decision as it is kept: who made it, and the how-manieth change of the brief that was. */
export const SavedSpeaker = z.object({
  ...SpeakerChange.shape,
  /** The voice that the series had for somebody of that name when this was saved. */
  seriesVoice: VoiceId.nullable(),
  by: z.string().max(60),
  revision: z.number().int().nonnegative(),
});
export type SavedSpeaker = z.infer<typeof SavedSpeaker>;

/** More than a dub has speakers. */
export const speakersLimit = 200;

type Decided = Pick<Brief, 'revision' | 'speakers'>;

/** `seriesHas` is the voice that the series knows somebody by. What is decided of the same speaker before is gone. */
export function withSpeakers<B extends Decided>(
  brief: B,
  changes: readonly SpeakerChange[],
  by: string,
  seriesHas: (name: string) => string | null = () => null,
): B {
  const revision = brief.revision + 1;
  const after = new Map(brief.speakers.map(saved => [saved.speaker, saved]));
  for (const change of changes) {
    const seriesVoice = change.name === null ? null : seriesHas(change.name);
    after.set(change.speaker, {...change, seriesVoice, by, revision});
  }
  return {...brief, revision, speakers: [...after.values()]};
}

/** What others have decided otherwise of these speakers after that revision. */
export function decidedSince(
  {speakers}: Pick<Brief, 'speakers'>,
  changes: readonly SpeakerChange[],
  since: number,
): readonly SavedSpeaker[] {
  return speakers.filter(saved => {
    const asked = changes.find(({speaker}) => speaker === saved.speaker);
    const isOther = asked?.name !== saved.name || asked.voice !== saved.voice;
    return saved.revision > since && asked !== undefined && isOther;
  });
}

/** Somebody as the dub is to have them: `voice` is what was chosen, or what the series has. */
export interface Cast {
  readonly speaker: string;
  readonly name: string | null;
  readonly voice: string | null;
  /** Whether somebody gave them a line: they speak, whoever else was heard. */
  readonly isGivenLines: boolean;
}

export const voiceOf = ({voice, seriesVoice}: SavedSpeaker): string | null => voice ?? seriesVoice;

/** Everybody whom people named, gave a voice or gave a line. */
export function everybodyIn({speakers, edits}: Pick<Brief, 'speakers' | 'edits'>): readonly Cast[] {
  const given = new Set(edits.flatMap(({becomes}) => (becomes ?? []).map(({speaker}) => speaker)));
  const decided = speakers.map(
    (saved): Cast => ({
      ...{speaker: saved.speaker, name: saved.name, voice: voiceOf(saved)},
      isGivenLines: given.has(saved.speaker),
    }),
  );
  const rest = [...given].filter(id => !decided.some(({speaker}) => speaker === id)).toSorted();
  return [...decided, ...rest.map(speaker => ({speaker, name: null, voice: null, isGivenLines: true}))];
}

/** What a series calls somebody, however it is written: the key of its voices. */
export function keyOfName(voices: Readonly<Record<string, string>>, name: string): string | undefined {
  const wanted = folded(name);
  return Object.keys(voices).find(key => folded(key) === wanted);
}
