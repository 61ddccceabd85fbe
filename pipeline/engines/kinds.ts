/** Owns the interface of each kind of engine. An engine is an adapter: it never decides where its result is used. */
import type {LanguageTag} from '../../appliance/languages.ts';
import type {Person, Voice} from '../../appliance/say.ts';
import type {Region, Speaker, Speakers, VoiceChoice, Word} from '../documents.ts';
import type {Tools} from '../tool.ts';

export type EngineKind =
  | 'media tools'
  | 'speech detector'
  | 'recogniser'
  | 'diarizer'
  | 'separator'
  | 'translator'
  | 'voice';

/** Whether an engine can work here; `version` and models go into the fingerprint of what it makes. */
export type Readiness =
  | {readonly ready: true; readonly version: string}
  | {readonly ready: false; readonly why: string};

export interface Engine {
  readonly name: string;
  readonly kind: EngineKind;
  /** What it needs and what it is good for, in one sentence for people. */
  readonly about: string;
  ready(): Promise<Readiness>;
}

/** What every call of an engine gets: children only through `tools`, scratch only in `dir`, and a way to be stopped. */
export interface Work {
  readonly tools: Tools;
  /** A fresh folder; what is left in it is thrown away. */
  readonly dir: string;
  readonly signal: AbortSignal;
}

export interface SpeechDetector extends Engine {
  readonly kind: 'speech detector';
  /** Speech regions of a 16 kHz mono 16-bit WAV of any length. */
  detect(wav: string, work: Work): Promise<readonly Region[]>;
}

export interface Recogniser extends Engine {
  readonly kind: 'recogniser';
  readonly languages: readonly LanguageTag[];
  /** True when its words carry punctuation and case. */
  readonly punctuates: boolean;
  /** Words of each region of a 16 kHz mono 16-bit WAV, in the order of the regions, times in the WAV's own seconds. */
  recognise(
    input: {readonly wav: string; readonly regions: readonly Region[]; readonly language: LanguageTag},
    work: Work,
  ): Promise<readonly (readonly Word[])[]>;
}

export interface Diarizer extends Engine {
  readonly kind: 'diarizer';
  /** Who speaks when, within the regions given, for 1 to `most` speakers. */
  diarize(
    input: {readonly wav: string; readonly regions: readonly Region[]; readonly most: number},
    work: Work,
  ): Promise<Speakers>;
  /** How people sound of whom it is known when they speak: one entry for each, in their order. */
  measure(
    input: {readonly wav: string; readonly people: readonly (readonly Region[])[]},
    work: Work,
  ): Promise<readonly Pick<Speaker, 'gender' | 'pitchHz'>[]>;
}

/** Two files of the programme's own format and length: speech alone, and everything else. */
export interface Stems {
  readonly speech: string;
  readonly background: string;
}

export interface Separator extends Engine {
  readonly kind: 'separator';
  separate(programme: string, work: Work): Promise<Stems>;
}

export interface Pair {
  readonly from: LanguageTag;
  readonly to: LanguageTag;
}

export interface Translator extends Engine {
  readonly kind: 'translator';
  pairs(): Promise<readonly Pair[]>;
  /** One translation for each sentence, in order. */
  translate(sentences: readonly string[], pair: Pair, work: Work): Promise<readonly string[]>;
}

export interface VoiceEngine extends Engine {
  readonly kind: 'voice';
  languages(): Promise<readonly LanguageTag[]>;
  /** Speed range in which this engine still sounds natural; 1 is its own pace. */
  readonly rates: {readonly slowest: number; readonly fastest: number};
  /** Those that are here to be chosen, the most natural first; none for a language that it does not speak. */
  voices(language: LanguageTag): Promise<readonly Voice[]>;
  /** The id under which a voice can be chosen. */
  idOf(voice: Pick<VoiceChoice, 'voice'>): string;
  /**
   * A distinct, gender-fitting voice for each speaker; the same speakers always get the same voices. Who has a voice
   * `chosen` gets that, and of the others only who would have had it gets another.
   */
  cast(
    speakers: readonly Person[],
    language: LanguageTag,
    chosen?: ReadonlyMap<string, Voice>,
  ): readonly VoiceChoice[];
  /** Speaks `text` into the WAV file `to`. */
  speak(
    input: {
      readonly text: string;
      readonly language: LanguageTag;
      readonly voice: VoiceChoice;
      readonly rate: number;
      readonly to: string;
    },
    work: Work,
  ): Promise<void>;
}
