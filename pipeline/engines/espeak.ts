/**
 * Owns the voices that espeak-ng speaks with: formant synthesis, clear and small, in a hundred languages. It needs no
 * download; nobody takes it for a person.
 */
import {basename, dirname} from 'node:path';
import {type LanguageTag, languageTags} from '../../appliance/languages.ts';
import type {Person, Voice} from '../../appliance/say.ts';
import type {VoiceChoice} from '../documents.ts';
import type {VoiceEngine} from './kinds.ts';
import {outputOf, readyByVersion} from './version.ts';

/** Variants of a voice that differ clearly in timbre, the most natural first (listened to in Spanish and English). */
const variants = {
  male: ['m3', 'm1', 'm7', 'm2', 'm6', 'm4'],
  female: ['f2', 'f4', 'f5', 'f1', 'f3'],
} as const;

/** Words a minute at rate 1: espeak-ng's own default of 175 sounds hurried in Spanish. */
const wordsPerMinute = 165;
/** Middle of the pitch scale, and the fundamental it stands for. */
const middle = {male: {pitch: 45, hz: 115}, female: {pitch: 55, hz: 205}} as const;
const pitchPerOctave = 40;
/** Beyond these a voice is a cartoon. */
const [lowest, highest] = [25, 75];
const roundStep = 14;

/** espeak-ng's own names where they are not the tag. */
const voiceNames: Partial<Record<LanguageTag, string>> = {en: 'en-us', fr: 'fr-fr', zh: 'cmn'};

export const espeak: VoiceEngine = {
  name: 'espeak-ng',
  kind: 'voice',
  about:
    'Formant voices for about a hundred languages; clear, plainly synthetic, 50 times faster than speech.',
  rates: {slowest: 0.9, fastest: 1.35},

  ready: () =>
    readyByVersion({
      tool: 'espeak-ng',
      argv: ['--version'],
      pattern: /text-to-speech: (\S+)/,
      debian: 'espeak-ng',
    }),

  async languages() {
    const listed = (await outputOf('espeak-ng', ['--voices'])) ?? '';
    const spoken = new Set(listed.split('\n').map(line => line.trim().split(/\s+/)[1]));
    return languageTags.filter(tag => spoken.has(voiceNames[tag] ?? tag));
  },

  async voices(language) {
    const [spoken, listed] = await Promise.all([
      espeak.languages(),
      outputOf('espeak-ng', ['--voices=variant']),
    ]);
    return spoken.includes(language) ? variantsIn(listed ?? '') : [];
  },

  idOf: ({voice}) => idOfVariant(variantOf(voice)),

  cast(speakers, language, chosen = new Map()) {
    const name = voiceNames[language] ?? language;
    const given = [...chosen].flatMap(([id, {id: voice}]) =>
      speakers.some(one => one.id === id) ? voice : [],
    );
    const taken = new Set(given.map(id => id.slice(idOfVariant('').length)));
    const usual = usualCast(speakers);
    const kept = new Set(usual.flatMap(({variant}, i) => (chosen.has(speakers[i]?.id ?? '') ? [] : variant)));
    return usual.map(({speaker, gender, variant, round}) => {
      const own = chosen.get(speaker.id);
      const cast = (which: string, pitch: number): VoiceChoice => ({
        ...{speaker: speaker.id, engine: 'espeak-ng', voice: `${name}+${which}`, pitch},
      });
      if (own !== undefined) return cast(own.id.slice(idOfVariant('').length), pitchAs(speaker, own, gender));
      const free = variants[gender].find(other => !taken.has(other) && !kept.has(other));
      if (!taken.has(variant) || free === undefined) return cast(variant, pitchFor(speaker, gender, round));
      kept.add(free);
      return cast(free, pitchFor(speaker, gender, 0));
    });
  },

  async speak({text, voice, rate, to}, work) {
    await work.tools.run({
      tool: 'espeak-ng',
      argv: speakArgv(voice, rate, basename(to)),
      stdin: speakable(text),
      // A bare name in its own folder: espeak-ng cuts the path it writes to at 200 bytes and says nothing.
      cwd: dirname(to),
      limitMs: 60_000,
    });
  },
};

/** A plainer voice of the same language: the second rung of the ladder. */
export function plainVoice(speaker: string, language: LanguageTag): VoiceChoice {
  return {speaker, engine: 'espeak-ng', voice: voiceNames[language] ?? language, pitch: 50};
}

export function speakArgv(
  voice: Pick<VoiceChoice, 'voice' | 'pitch'>,
  rate: number,
  to: string,
): readonly string[] {
  const speed = String(Math.round(wordsPerMinute * rate));
  return ['-v', voice.voice, '-p', String(voice.pitch), '-s', speed, '-b', '1', '-w', to, '--stdin'];
}

/** Text as espeak-ng should hear it: `[[` would start phoneme names, control characters its own commands. */
function speakable(text: string): string {
  return text.replaceAll(/[[\]<>]/g, ' ').replaceAll(/\p{Cc}/gu, ' ');
}

const idOfVariant = (variant: string): string => `espeak-ng:${variant}`;
const variantOf = (voice: string): string => voice.slice(voice.indexOf('+') + 1);

/** ` 5  variant         --/F      female2            !v/f2`; those that jobs take by themselves come first. */
export function variantsIn(listed: string): readonly Voice[] {
  const usual: readonly string[] = [...variants.female, ...variants.male];
  const rank = (id: string): number => {
    const at = usual.findIndex(variant => idOfVariant(variant) === id);
    return at === -1 ? usual.length : at;
  };
  const genders = {F: 'female', M: 'male'} as const;
  return listed
    .split('\n')
    .flatMap((line): Voice[] => {
      const [, letter, label, variant] = /\/([FM-])\s+(\S+)\s+!v\/([\w.-]+)(?:\s{2}|$)/.exec(line) ?? [];
      if (label === undefined || variant === undefined) return [];
      const gender = letter === 'F' || letter === 'M' ? genders[letter] : 'unknown';
      return [{id: idOfVariant(variant), label: label.replaceAll('_', ' '), gender}];
    })
    .toSorted((a, b) => rank(a.id) - rank(b.id) || a.label.localeCompare(b.label, 'en'));
}

/** As nobody has chosen anything. */
function usualCast<P extends Person>(speakers: readonly P[]) {
  const used = {male: 0, female: 0};
  return speakers.map((speaker, index) => {
    const gender = genderFor(speaker, index);
    const before = used[gender]++;
    const count = variants[gender].length;
    const variant: string = variants[gender][before % count] ?? variants[gender][0];
    return {speaker, gender, variant, round: Math.floor(before / count)};
  });
}

function genderFor(speaker: Person, index: number): 'male' | 'female' {
  if (speaker.gender !== 'unknown') return speaker.gender;
  return index % 2 === 0 ? 'female' : 'male';
}

/** In a voice that was chosen. One of the other gender at the speaker's own pitch would be a cartoon. */
function pitchAs(speaker: Person, {gender: voiced}: Voice, usual: 'male' | 'female'): number {
  const gender = voiced === 'unknown' ? usual : voiced;
  return pitchFor(speaker.gender === gender ? speaker : {...speaker, pitchHz: null}, gender, 0);
}

/** `round` counts how often the variants were used up: the next speaker to get one is told apart by pitch. */
function pitchFor(speaker: Pick<Person, 'pitchHz'>, gender: 'male' | 'female', round: number): number {
  const {pitch, hz} = middle[gender];
  const octaves = speaker.pitchHz === null ? 0 : Math.log2(speaker.pitchHz / hz);
  const own = Math.round(Math.min(highest, Math.max(lowest, pitch + octaves * pitchPerOctave)));
  return lowest + ((own - lowest + round * roundStep) % (highest - lowest + 1));
}
