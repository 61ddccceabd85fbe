/** Owns what the routes do that show the lines of a dub and take people's changes of them. Never dubs anything. */
import {z} from 'zod';
import type {lineRows} from '../appliance/api/line-rows.ts';
import {FindingShown, LineShown, type LinesSaved, LinesShown} from '../appliance/api/line-shapes.ts';
import {QualityShown} from '../appliance/api/quality-shapes.ts';
import type {Rows} from '../appliance/api/rows.ts';
import {type Brief, editedSince, nameOf, withEdits, withPassages} from '../appliance/brief.ts';
import type {LanguageTag} from '../appliance/languages.ts';
import {isKeptSo, passageAt} from '../appliance/passages.ts';
import {no, ok} from '../appliance/result.ts';
import {type Say, type Voice, VoiceChoice} from '../appliance/say.ts';
import type {Box} from './box.ts';
import type {Handlers} from './handler.ts';
import {problems, shown} from './problem.ts';
import {aboutSpeakers, personIn, reportedOf, SpeakersReported} from './speakers.ts';

/** As much of a report as is shown of lines; it is the job's own, so it is read like any stranger's. */
const Reported = z.object({
  ...LinesShown.pick({from: true, to: true, duration: true, wave: true}).shape,
  lines: z.array(LineShown),
  findings: z.array(FindingShown),
});

/** As much of it as says who speaks how. */
const Spoken = z.object({...SpeakersReported.shape, voices: z.array(VoiceChoice)});

/** Has words said at once. */
export interface Sayings {
  /** A WAV; null where nobody can say it now. */
  say(say: Say, signal: AbortSignal): Promise<Uint8Array | null>;
  /** Those of this machine that speak the language; null where they cannot be asked for now. */
  voices(language: LanguageTag, signal: AbortSignal): Promise<readonly Voice[] | null>;
}

export function aboutLines(box: Box): Handlers<Pick<Rows, keyof typeof lineRows>> {
  return {
    ...aboutSpeakers(box),
    'lines.get': {
      answer: async ({job: {job}}) => {
        const reported = await reportedOf(box, job, Reported);
        if (!reported.ok) return reported;
        const brief = await box.briefs.read(job.id);
        return ok({...reported.value, ...savedOf(brief, reported.value.lines)});
      },
    },
    'jobs.quality': {answer: ({job: {job}}) => reportedOf(box, job, QualityShown)},
    'lines.preview': {
      answer: async ({job: {job}, body: {text, speaker, voice: other}, signal}) => {
        const spoken = await reportedOf(box, job, Spoken);
        if (!spoken.ok) return spoken;
        const {to: language, voices} = spoken.value;
        const person = personIn(spoken.value, speaker);
        // A speaker that nobody cast has the first voice there is, as in the dub.
        const own = voices.find(each => each.speaker === speaker) ?? voices[0];
        const voice = other === undefined ? own : {as: other, person};
        const wav = voice === undefined ? null : await box.sayings.say({text, language, voice}, signal);
        if (wav === null) return no(problems.notSaid());
        return ok({wav: Buffer.from(wav).toString('base64')});
      },
    },
    'lines.save': {
      answer: async ({job: {job}, body: {since, edits, passages}, caller: {user}}) => {
        let others: readonly string[] = [];
        const saved = await box.briefs.change(job.id, brief => {
          const isNews = passages !== undefined && brief.passages.revision > since;
          const by = [...editedSince(brief, edits, since), ...(isNews ? [brief.passages] : [])];
          others = [...new Set(by.map(each => each.by))];
          if (others.length > 0) return brief;
          const edited = edits.length > 0 ? withEdits(brief, edits, user) : brief;
          return passages === undefined ? edited : withPassages(edited, passages, user);
        });
        if (others.length > 0) return no(problems.editedMeanwhile(others));
        const reported = await reportedOf(box, job, Reported.pick({lines: true}));
        return shown(saved, brief => savedOf(brief, reported.ok ? reported.value.lines : []));
      },
    },
  };
}

/** What was taken back is not told: it is as it was found. */
function savedOf(brief: Brief, lines: readonly LineShown[]): LinesSaved {
  const edits = brief.edits.flatMap(edit =>
    edit.becomes === null ? [] : [{...edit, becomes: edit.becomes}],
  );
  const {list: passages} = brief.passages;
  const isEdited = new Set(edits.map(({anchor}) => nameOf(anchor)));
  const passagesPending = lines.filter(line => {
    if (line.edited || isEdited.has(nameOf(line.anchor))) return false;
    return (passageAt(passages, line.source) !== undefined) !== isKeptSo(line.why);
  }).length;
  return {revision: brief.revision, edits, passages, passagesPending};
}
