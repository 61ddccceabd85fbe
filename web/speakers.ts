/** Owns what the routes do that show who speaks in a dub and take what people decide of them. Never casts anybody. */
import {z} from 'zod';
import type {lineRows} from '../appliance/api/line-rows.ts';
import {LineShown} from '../appliance/api/line-shapes.ts';
import {may, sees} from '../appliance/api/permissions.ts';
import type {Rows} from '../appliance/api/rows.ts';
import type {SpeakerShown} from '../appliance/api/speaker-shapes.ts';
import type {Brief} from '../appliance/brief.ts';
import type {Job} from '../appliance/job.ts';
import {LanguageTag} from '../appliance/languages.ts';
import {no, ok, type Result} from '../appliance/result.ts';
import {Person, VoiceId} from '../appliance/say.ts';
import {
  decidedSince,
  everybodyIn,
  keyOfName,
  type SavedSpeaker,
  SpeakerName,
  voiceOf,
  withSpeakers,
} from '../appliance/speakers.ts';
import type {Box} from './box.ts';
import type {Handlers} from './handler.ts';
import type {SeriesVoices} from './presets.ts';
import {ofTrouble, problems, type Refused, shown} from './problem.ts';
import {reportOf} from './report.ts';

const DubbedSpeaker = Person.extend({
  name: SpeakerName.nullable(),
  chosen: VoiceId.nullable(),
  voice: VoiceId,
  seconds: z.number().nonnegative(),
});

const SpokenLine = LineShown.pick({
  number: true,
  anchor: true,
  translation: true,
  speaker: true,
  source: true,
});

/** As much of a report as says who speaks; it is the job's own, so it is read like any stranger's. */
export const SpeakersReported = z.object({
  to: LanguageTag,
  /** None in one from before speakers had names. */
  speakers: z.array(DubbedSpeaker).max(10_000).default([]),
});
const Reported = SpeakersReported.extend({lines: z.array(SpokenLine)});
type Reported = z.infer<typeof Reported>;

export function aboutSpeakers(box: Box): Handlers<Pick<Rows, keyof typeof lineRows & `speakers.${string}`>> {
  return {
    'speakers.get': {
      answer: async ({job: {job}, sight, signal}) => {
        const reported = await reportedOf(box, job, Reported);
        if (!reported.ok) return reported;
        const {to} = reported.value;
        const [brief, voices] = await Promise.all([box.briefs.read(job.id), box.sayings.voices(to, signal)]);
        // What somebody keeps of a series is theirs, also where they share a film of it.
        const series = sees(sight, job.owner) ? box.saved.seriesOf(job) : null;
        const speakers = speakersOf(reported.value, brief);
        return ok({
          ...{revision: brief.revision, to, speakers, voices: [...(voices ?? [])]},
          series: series && {name: series.name, voices: voicesIn(series)},
        });
      },
    },
    'speakers.save': {
      answer: async ({job: {job}, body: {since, speakers, remember}, caller, signal}) => {
        if (remember && !may(caller, 'edit:library')) return no(problems.notAllowed('edit:library'));
        const series = box.saved.seriesOf(job);
        if (remember && series === null) return no(problems.noSeries());
        const gone = await goneOf(box, job, speakers, signal);
        if (gone !== undefined) return no(problems.noSuchVoice(gone));
        const seriesHas = (name: string): string | null => voiceIn(series, name);
        let others: readonly SavedSpeaker[] = [];
        const saved = await box.briefs.change(job.id, brief => {
          others = decidedSince(brief, speakers, since);
          if (others.length > 0 || speakers.length === 0) return brief;
          return withSpeakers(brief, speakers, caller.user, seriesHas);
        });
        if (others.length > 0) return no(problems.decidedMeanwhile(others.map(decisionText)));
        if (!saved.ok) return no(ofTrouble(saved.why));
        if (!remember) return ok(savedOf(saved.value, []));
        const wanted = await rememberedOf(box, job, saved.value);
        const kept = await box.saved.rememberVoices(job, wanted);
        return shown(kept, () => savedOf(saved.value, Object.keys(wanted)));
      },
    },
  };
}

const savedOf = ({revision, speakers}: Brief, remembered: string[]) => ({revision, speakers, remembered});

/** As they sound; of whom nothing was measured it is not known. */
export function personIn({speakers}: z.infer<typeof SpeakersReported>, id: string): Person {
  const {gender, pitchHz} = speakers.find(one => one.id === id) ?? {gender: 'unknown', pitchHz: null};
  return {id, gender, pitchHz};
}

/** Who was dubbed, who has lines, and who will have some. */
function speakersOf({speakers, lines}: Reported, brief: Brief): SpeakerShown[] {
  const given = everybodyIn(brief).filter(({isGivenLines}) => isGivenLines);
  const ids = new Set([
    ...speakers.map(({id}) => id),
    ...lines.map(({speaker}) => speaker),
    ...given.map(({speaker}) => speaker),
  ]);
  return [...ids].map(id => {
    const dubbed = speakers.find(one => one.id === id);
    const saved = brief.speakers.find(({speaker}) => speaker === id);
    const own = lines.filter(({speaker}) => speaker === id);
    const line = own.find(({translation}) => translation.trim() !== '') ?? own[0];
    const wanted = saved === undefined ? null : voiceOf(saved);
    return {
      id,
      ...{name: saved?.name ?? null, chosen: saved?.voice ?? null, seriesVoice: saved?.seriesVoice ?? null},
      voice: dubbed?.voice ?? null,
      isDubbed: (dubbed?.name ?? null) === (saved?.name ?? null) && (dubbed?.chosen ?? null) === wanted,
      gender: dubbed?.gender ?? 'unknown',
      seconds: dubbed?.seconds ?? own.reduce((sum, {source}) => sum + source.end - source.start, 0),
      line:
        line === undefined ? null : {number: line.number, anchor: line.anchor, translation: line.translation},
    };
  });
}

function voicesIn({voices}: SeriesVoices) {
  return Object.entries(voices).map(([name, voice]) => ({name, voice}));
}

function voiceIn(series: SeriesVoices | null, name: string): string | null {
  const key = series === null ? undefined : keyOfName(series.voices, name);
  return key === undefined ? null : (series?.voices[key] ?? null);
}

/** A voice that is asked for and not here; one that was saved already may stay. */
async function goneOf(
  box: Box,
  job: Job,
  changes: readonly {readonly speaker: string; readonly voice: string | null}[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const wanted = changes.flatMap(({voice}) => voice ?? []);
  if (wanted.length === 0) return undefined;
  const voices = await box.sayings.voices(job.options.to, signal);
  if (voices === null) return undefined;
  const {speakers} = await box.briefs.read(job.id);
  const known = new Set([...voices.map(({id}) => id), ...speakers.map(({voice}) => voice)]);
  return wanted.find(voice => !known.has(voice));
}

/** Of everybody with a name: what was chosen, what the series had, or what they were dubbed in, where nobody else is given that now. */
async function rememberedOf(box: Box, job: Job, brief: Brief): Promise<SeriesVoices['voices']> {
  const reported = await reportedOf(box, job, SpeakersReported);
  const dubbed = reported.ok ? reported.value.speakers : [];
  const chosen = new Set(brief.speakers.map(voiceOf));
  return Object.fromEntries(
    brief.speakers.flatMap(saved => {
      const now = dubbed.find(({id}) => id === saved.speaker)?.voice;
      const voice = voiceOf(saved) ?? (now !== undefined && !chosen.has(now) ? now : undefined);
      return saved.name === null || voice === undefined ? [] : [[saved.name, voice]];
    }),
  );
}

function decisionText({speaker, name, voice, by}: SavedSpeaker): string {
  const called = name === null ? 'without a name' : `is “${name}”`;
  return `by ${by}, ${speaker} ${called}, ${voice === null ? 'with no voice chosen' : `in the voice ${voice}`}`;
}

export async function reportedOf<T>(box: Box, job: Job, schema: z.ZodType<T>): Promise<Result<T, Refused>> {
  const report = await reportOf(box, job);
  if (!report.ok) return report;
  const read = schema.safeParse(report.value);
  // One from before reports said where lines came from.
  return read.success ? ok(read.data) : no(problems.oldReport());
}
