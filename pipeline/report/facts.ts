/** Owns what a report is made from: the other stages' documents, gathered by the caller. Never computes. */
import type {LanguageTag} from '../../appliance/languages.ts';
import type {CastSpeaker, Clip, Cue, Line, Placement, Region, VoiceChoice} from '../documents.ts';
import type {EngineChoice, StageCost} from './report.ts';

export interface SpokenLine {
  readonly line: Line;
  /** Null when the line was never placed: the original sound stays. */
  readonly placement: Placement | null;
  readonly clip: Clip;
}

/** A rule of timed text that a cue breaks; `index` counts cues from 0. */
export interface CueViolation {
  readonly index: number;
  readonly rule: string;
  readonly value: number;
  readonly limit: number;
}

/** What was measured, or why it could not be. */
export type Measured<T> =
  | {readonly is: 'measured'; readonly value: T}
  | {readonly is: 'unmeasured'; readonly why: string};

export interface HeardLine {
  readonly errors: number;
  readonly words: number;
  readonly text?: string;
}

export interface DubLoudness {
  readonly targetLufs: number;
  /** Null when all is silent. */
  readonly integratedLufs: number | null;
  readonly rangeLu: number | null;
  readonly truePeakDbtp: number | null;
  /** Of the finished dub, one value each 100 ms. */
  readonly momentaryLufs: readonly number[];
}

export interface ReportFacts {
  readonly title: string;
  readonly from: LanguageTag;
  readonly to: LanguageTag;
  /** ISO 8601; a report knows no clock. */
  readonly date: string;
  readonly duration: number;
  /** Where the source speaks, sorted. */
  readonly speech: readonly Region[];
  readonly voices: readonly VoiceChoice[];
  readonly speakers: readonly CastSpeaker[];
  /** In film order; line N of the report is entry N − 1. */
  readonly lines: readonly SpokenLine[];
  readonly subtitles: {
    readonly cues: readonly Cue[];
    readonly violations: readonly CueViolation[];
    /** Characters a second that the target language's profile allows. */
    readonly fastest: number;
  };
  readonly loudness: DubLoudness;
  /** Loudness of dialogue alone and of everything else while it sounds, in LUFS. */
  readonly levels: Measured<{readonly dialogueLufs: number; readonly bedLufs: number}>;
  /** The dub transcribed again: one entry a line, null where the line was not listened to. */
  readonly heard: Measured<readonly (HeardLine | null)[]>;
  /** From the job's start to the report. */
  readonly wallSeconds: number;
  readonly stages: readonly StageCost[];
  readonly engines: readonly EngineChoice[];
  readonly notes: readonly string[];
  /** Nodes that had to make do with a lesser result. */
  readonly degraded: readonly {readonly where: string; readonly why: string}[];
}
