/** Owns what the routes do that show the lines of a dub and take people's changes of them. Never dubs anything. */
import {z} from 'zod';
import type {lineRows} from '../appliance/api/line-rows.ts';
import {FindingShown, LineShown, type LinesSaved, LinesShown} from '../appliance/api/line-shapes.ts';
import {QualityShown} from '../appliance/api/quality-shapes.ts';
import type {Rows} from '../appliance/api/rows.ts';
import {type Brief, editedSince, withEdits} from '../appliance/brief.ts';
import type {Job} from '../appliance/job.ts';
import {LanguageTag} from '../appliance/languages.ts';
import {no, ok, type Result} from '../appliance/result.ts';
import {type Say, VoiceChoice} from '../appliance/say.ts';
import type {Box} from './box.ts';
import type {Handlers} from './handler.ts';
import {problems, type Refused, shown} from './problem.ts';
import {reportOf} from './report.ts';

/** As much of a report as is shown of lines; it is the job's own, so it is read like any stranger's. */
const Reported = z.object({
  ...LinesShown.pick({from: true, to: true, duration: true, wave: true}).shape,
  lines: z.array(LineShown),
  findings: z.array(FindingShown),
});

/** As much of it as says who speaks how. */
const Spoken = z.object({to: LanguageTag, voices: z.array(VoiceChoice)});

/** Has words said at once. */
export interface Sayings {
  /** A WAV; null where nobody can say it now. */
  say(say: Say, signal: AbortSignal): Promise<Uint8Array | null>;
}

export function aboutLines(box: Box): Handlers<Pick<Rows, keyof typeof lineRows>> {
  return {
    'lines.get': {
      answer: async ({job: {job}}) => {
        const reported = await reportedOf(box, job, Reported);
        if (!reported.ok) return reported;
        const brief = await box.briefs.read(job.id);
        return ok({...reported.value, ...savedOf(brief)});
      },
    },
    'jobs.quality': {answer: ({job: {job}}) => reportedOf(box, job, QualityShown)},
    'lines.preview': {
      answer: async ({job: {job}, body: {text, speaker}, signal}) => {
        const spoken = await reportedOf(box, job, Spoken);
        if (!spoken.ok) return spoken;
        const {to: language, voices} = spoken.value;
        // A speaker that nobody cast has the first voice there is, as in the dub.
        const voice = voices.find(each => each.speaker === speaker) ?? voices[0];
        const wav = voice === undefined ? null : await box.sayings.say({text, language, voice}, signal);
        if (wav === null) return no(problems.notSaid());
        return ok({wav: Buffer.from(wav).toString('base64')});
      },
    },
    'lines.save': {
      answer: async ({job: {job}, body: {since, edits}, caller}) => {
        let others: readonly string[] = [];
        const saved = await box.briefs.change(job.id, brief => {
          others = [...new Set(editedSince(brief, edits, since).map(({by}) => by))];
          return others.length > 0 ? brief : withEdits(brief, edits, caller.user);
        });
        if (others.length > 0) return no(problems.editedMeanwhile(others));
        return shown(saved, savedOf);
      },
    },
  };
}

/** What was taken back is not told: it is as it was found. */
function savedOf(brief: Brief): LinesSaved {
  const edits = brief.edits.flatMap(edit =>
    edit.becomes === null ? [] : [{...edit, becomes: edit.becomes}],
  );
  return {revision: brief.revision, edits};
}

async function reportedOf<T>(box: Box, job: Job, schema: z.ZodType<T>): Promise<Result<T, Refused>> {
  const report = await reportOf(box, job);
  if (!report.ok) return report;
  const read = schema.safeParse(report.value);
  // One from before reports said where lines came from.
  return read.success ? ok(read.data) : no(problems.oldReport());
}
