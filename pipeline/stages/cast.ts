/**
 * Owns the stage that gives every speaker a voice: the one that somebody chose, or one that suits. People of the same name
 * are one, and speak in one voice.
 */
import type {LanguageTag} from '../../appliance/languages.ts';
import {folded} from '../../appliance/library/folded.ts';
import type {Voice} from '../../appliance/say.ts';
import type {Cast as Decided} from '../../appliance/speakers.ts';
import {light} from '../costs.ts';
import type {Cast, Speaker, VoiceChoice} from '../documents.ts';
import type {VoiceEngine} from '../engines/kinds.ts';
import type {Inputs, Stage} from '../stage.ts';

export interface VoiceParts {
  readonly voice: VoiceEngine;
  readonly engines: readonly string[];
  readonly language: LanguageTag;
}

export interface CastParts extends VoiceParts {
  /** What people decided of speakers, whether those are heard or not. */
  readonly people: readonly Decided[];
}

export function castStage({voice, engines, language, people}: CastParts): Stage {
  return {
    name: 'cast',
    version: 2,
    scope: 'job',
    needs: [],
    looksAt: ['diarize'],
    cost: light,
    engines,
    params: async inputs => {
      const speakers = await speakersIn(inputs, people);
      return {language, speakers, decided: decidedOf(speakers, people)};
    },
    async run({inputs, write}) {
      const speakers = await speakersIn(inputs, people);
      const decided = decidedOf(speakers, people);
      const here = decided.some(one => one.voice !== null) ? await voice.voices(language) : [];
      const chosen = chosenOf(decided, here);
      const voices = sharedByName(voice.cast(speakers, language, chosen), decided, chosen);
      await write('cast', {
        voices: [...voices],
        speakers: speakers.map(one => castSpeaker(one, decided, voices)),
      });
      const gone = decided.filter(one => one.voice !== null && !chosen.has(one.speaker));
      if (gone.length === 0) return {is: 'made'};
      return {is: 'degraded', why: gone.map(goneText).join('; ')};
    },
  };

  function castSpeaker(
    speaker: Speaker,
    decided: readonly Decision[],
    voices: readonly VoiceChoice[],
  ): Cast['speakers'][number] {
    const own = decided.find(one => one.speaker === speaker.id);
    const spoken = voices.find(one => one.speaker === speaker.id);
    if (spoken === undefined) throw new Error(`nobody cast ${speaker.id}`);
    return {...speaker, name: own?.name ?? null, chosen: own?.voice ?? null, voice: voice.idOf(spoken)};
  }
}

type Decision = Pick<Decided, 'speaker' | 'name' | 'voice'>;

/** Who was heard, and behind them those to whom somebody gave a line. */
async function speakersIn(inputs: Inputs, people: readonly Decided[]): Promise<Speaker[]> {
  const {speakers} = await inputs.doc('diarize');
  const given = people.filter(
    ({speaker, isGivenLines}) => isGivenLines && !speakers.some(({id}) => id === speaker),
  );
  const unheard = {gender: 'unknown', pitchHz: null, seconds: 0} as const;
  return [...speakers, ...given.map(({speaker: id}) => ({id, ...unheard}))];
}

/** Of those who speak, with what makes a decision and nothing else. */
function decidedOf(speakers: readonly Speaker[], people: readonly Decided[]): Decision[] {
  return people.flatMap(({speaker, name, voice}) => {
    const isSomething = name !== null || voice !== null;
    return isSomething && speakers.some(({id}) => id === speaker) ? [{speaker, name, voice}] : [];
  });
}

function chosenOf(decided: readonly Decision[], here: readonly Voice[]): ReadonlyMap<string, Voice> {
  const known = new Map(here.map(one => [one.id, one]));
  return new Map(
    decided.flatMap(({speaker, voice}) => {
      const found = known.get(voice ?? '');
      return found === undefined ? [] : [[speaker, found] as const];
    }),
  );
}

/** Who was told apart from themselves speaks as the first of that name does, and before that as the first with a choice. */
function sharedByName(
  voices: readonly VoiceChoice[],
  decided: readonly Decision[],
  chosen: ReadonlyMap<string, Voice>,
): readonly VoiceChoice[] {
  const nameOf = new Map(
    decided.flatMap(({speaker, name}) => (name === null ? [] : [[speaker, folded(name)] as const])),
  );
  return voices.map(own => {
    const name = nameOf.get(own.speaker);
    if (name === undefined || chosen.has(own.speaker)) return own;
    const same = voices.filter(({speaker}) => nameOf.get(speaker) === name);
    const lead = same.find(({speaker}) => chosen.has(speaker)) ?? same[0] ?? own;
    return {...lead, speaker: own.speaker};
  });
}

function goneText({speaker, name, voice}: Decision): string {
  const who = name === null ? speaker : `${name} (${speaker})`;
  return `the voice ${voice}, chosen for ${who}, is not here any more; another speaks`;
}
