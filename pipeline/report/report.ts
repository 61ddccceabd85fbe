/**
 * Owns the shape of `report.json`: everything that is known of a finished dub's quality, and all that the page
 * shows. Never computes. Times are seconds from the start of the film; no number is NaN or infinite.
 */
import {z} from 'zod';
import {Anchor, Sound} from '../../appliance/brief.ts';
import {LanguageTag} from '../../appliance/languages.ts';
import {CastSpeaker, Region, Rung, VoiceChoice} from '../documents.ts';

export const Verdict = z.enum(['good', 'fair', 'poor', 'not measured']);
export type Verdict = z.infer<typeof Verdict>;

export const MetricGroup = z.enum(['timing', 'voices', 'speed', 'sound', 'subtitles', 'machine']);
export type MetricGroup = z.infer<typeof MetricGroup>;

export const Metric = z.object({
  key: z.string(),
  group: MetricGroup,
  /** What people read above the number. */
  name: z.string(),
  /** Null when there was nothing to measure; `note` then says why. */
  value: z.number().nullable(),
  /** `%`, `s`, `×`, `ms/h`, `LUFS`, `LU`, `dBTP`, `bytes`, `lines` and the like; empty for a bare ratio. */
  unit: z.string(),
  /** What would be good, in words; null for what is told without judging it. */
  target: z.string().nullable(),
  verdict: Verdict,
  /** How the number is made, in one sentence. */
  about: z.string(),
  note: z.string().nullable(),
});
export type Metric = z.infer<typeof Metric>;

/** `tight`: it fits only by being hurried; `over`: it runs past its slot; `kept`: the original sound stays. */
export const LineState = z.enum(['fits', 'tight', 'over', 'kept']);
export type LineState = z.infer<typeof LineState>;

const Heard = z.object({
  errors: z.number().int().nonnegative(),
  words: z.number().int().nonnegative(),
  text: z.string().optional(),
});

export const ReportLine = z.object({
  /** 1 to N in film order, as `dubstead edit --line` takes it. */
  number: z.number().int().positive(),
  speaker: z.string(),
  /** Where the source speaks the line. */
  source: Region,
  /** Where the dub speaks it; null when the original sound stays. */
  dub: Region.nullable(),
  text: z.string(),
  translation: z.string(),
  edited: z.boolean(),
  /** The line as it was found, by which an edit names it. */
  anchor: Anchor,
  sound: Sound,
  /** Mean of its words’, 0 to 1; null where words were given. */
  confidence: z.number().nullable(),
  state: LineState,
  rung: Rung,
  why: z.string().optional(),
  /** Rate asked of the voice times the stretch after it. */
  speed: z.number().nullable(),
  stretch: z.number().nullable(),
  /** Dub onset minus source onset. */
  lag: z.number().nullable(),
  /** How far the line runs past its slot. */
  overflow: z.number().nonnegative(),
  heard: Heard.nullable(),
});
export type ReportLine = z.infer<typeof ReportLine>;

export const Finding = z.object({
  line: z.number().int().positive().optional(),
  what: z.string(),
  severity: z.enum(['problem', 'look', 'note']),
});
export type Finding = z.infer<typeof Finding>;

export const StageCost = z.object({
  stage: z.string(),
  nodes: z.number().int().nonnegative(),
  reused: z.number().int().nonnegative(),
  /** Sum over the nodes that ran; nodes run side by side, so stages add up to more than the job took. */
  seconds: z.number().nonnegative(),
  cpuSeconds: z.number().nonnegative(),
  peakBytes: z.number().nonnegative(),
  /** Why the stage had nothing to do. */
  skipped: z.string().optional(),
  engine: z.string().optional(),
});
export type StageCost = z.infer<typeof StageCost>;

export const EngineChoice = z.object({
  kind: z.string(),
  /** What did the work; null when the kind was not needed. */
  settled: z.string().nullable(),
  /** What the preset would have liked better, and why it could not. */
  wished: z.array(z.object({name: z.string(), why: z.string()})),
});
export type EngineChoice = z.infer<typeof EngineChoice>;

export const Report = z.object({
  version: z.literal(1),
  title: z.string(),
  from: LanguageTag,
  to: LanguageTag,
  /** When the dub was finished, ISO 8601. */
  date: z.string(),
  duration: z.number().nonnegative(),
  verdict: Verdict,
  summary: z.string(),
  metrics: z.array(Metric),
  findings: z.array(Finding),
  /** How many lines stand on each rung of the ladder. */
  rungs: z.object({voice: z.number().int(), 'simpler-voice': z.number().int(), original: z.number().int()}),
  speech: z.array(Region),
  /** Who speaks in which voice. */
  voices: z.array(VoiceChoice),
  /** By the ids that lines have, with their names. */
  speakers: z.array(CastSpeaker),
  lines: z.array(ReportLine),
  /** Loudness of the dub from moment to moment, a byte each: 0 is −60 LUFS and below, 255 is 0; in base64. */
  wave: z.object({stepSeconds: z.number(), levels: z.base64()}),
  /** Momentary loudness thinned to at most 240 values: the mean power of each bin, null where it is silent. */
  loudness: z.object({targetLufs: z.number(), binSeconds: z.number(), lufs: z.array(z.number().nullable())}),
  stages: z.array(StageCost),
  engines: z.array(EngineChoice),
  notes: z.array(z.string()),
});
export type Report = z.infer<typeof Report>;
