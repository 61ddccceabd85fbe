/** Owns what the API says of how good a dub came out: its report, in a shape that can be drawn. */
import {z} from 'zod';
import {LanguageTag} from '../languages.ts';
import {FindingShown} from './line-shapes.ts';

const text = z.string().max(4096);
const Verdict = z.enum(['good', 'fair', 'poor', 'not measured']);

export const MetricShown = z.object({
  key: z.string().max(60),
  group: z.enum(['timing', 'voices', 'speed', 'sound', 'subtitles', 'machine']),
  name: text,
  /** Null when there was nothing to measure; `note` then says why. */
  value: z.number().nullable(),
  unit: z.string().max(20),
  target: text.nullable(),
  verdict: Verdict,
  /** How the number is made. */
  about: text,
  note: text.nullable(),
});
export type MetricShown = z.infer<typeof MetricShown>;

export const QualityShown = z.object({
  ...{from: LanguageTag, to: LanguageTag, duration: z.number().nonnegative()},
  verdict: Verdict,
  summary: text,
  metrics: z.array(MetricShown).max(200),
  findings: z.array(FindingShown).max(100_000),
  rungs: z.object({voice: z.number(), 'simpler-voice': z.number(), original: z.number()}),
  /** Momentary loudness in bins; null where it is silent. */
  loudness: z.object({
    targetLufs: z.number(),
    binSeconds: z.number(),
    lufs: z.array(z.number().nullable()).max(1000),
  }),
  engines: z.array(z.object({kind: text, settled: text.nullable()})).max(50),
  notes: z.array(text).max(200),
});
export type QualityShown = z.infer<typeof QualityShown>;
