/** Owns the diarize stage of a film of which somebody said who speaks when: only how they sound is measured, to find them voices. */
import {oneTool} from '../costs.ts';
import type {Speaker, Turn} from '../documents.ts';
import type {Diarizer} from '../engines/kinds.ts';
import type {Stage} from '../stage.ts';
import {troubleOf} from '../trouble.ts';

export interface KnownSpeakersParts {
  readonly diarizer: Diarizer;
  readonly engines: readonly string[];
  readonly turns: readonly Turn[];
}

const unheard = {gender: 'unknown', pitchHz: null} as const;

export function knownSpeakersStage({diarizer, engines, turns: given}: KnownSpeakersParts): Stage {
  const turns = given.toSorted((a, b) => a.start - b.start);
  const people = peopleOf(turns);
  return {
    name: 'diarize',
    version: 1,
    scope: 'job',
    needs: ['demux'],
    looksAt: [],
    cost: oneTool,
    engines,
    params: async () => ({turns}),
    async run({inputs, scratch, tools, signal, write}) {
      const wav = inputs.file('demux', 'speech.wav');
      const speakers = (sounds: readonly Pick<Speaker, 'gender' | 'pitchHz'>[]): Speaker[] =>
        people.map(({id, seconds}, i) => ({id, ...(sounds[i] ?? unheard), seconds}));
      try {
        const asked = {wav, people: people.map(one => one.turns)};
        const sounds = await diarizer.measure(asked, {tools, dir: scratch, signal});
        await write('diarize', {speakers: speakers(sounds), turns});
        return {is: 'made'};
      } catch (cause) {
        const trouble = troubleOf(cause, signal);
        await write('diarize', {speakers: speakers([]), turns, trouble});
        return {is: 'degraded', why: `how the speakers sound was not measured: ${trouble}`};
      }
    },
  };
}

interface Person {
  readonly id: string;
  readonly turns: readonly Turn[];
  readonly seconds: number;
}

/** Who speaks most comes first. */
function peopleOf(turns: readonly Turn[]): readonly Person[] {
  const all = Map.groupBy(turns, ({speaker}) => speaker);
  return [...all]
    .map(([id, own]) => ({id, turns: own, seconds: own.reduce((sum, {start, end}) => sum + end - start, 0)}))
    .toSorted((a, b) => b.seconds - a.seconds);
}
