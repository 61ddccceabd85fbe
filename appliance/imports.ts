/**
 * Owns what people may bring to a film instead of having it guessed, and what of a brief it replaces. Pure. Never stores one, and
 * never takes half of one: what does not hold together changes nothing.
 */
import {z} from 'zod';
import type {Brief} from './brief.ts';
import {LanguageTag, languageOf, readLanguage} from './languages.ts';
import {no, ok, type Result, unreachable} from './result.ts';
import type {Cue} from './subtitles/cue.ts';
import {parseSubtitles} from './subtitles/parse.ts';
import {bounds} from './subtitles/reading.ts';

/** The words of the film, those of the dub, and who speaks when. */
export const ImportPart = z.enum(['source', 'target', 'turns']);
export type ImportPart = z.infer<typeof ImportPart>;

/** Subtitles of a film of three hours have a quarter of a megabyte. */
export const fileLimitBytes = 4 << 20;

/** No film is longer than a day. */
const Moment = z.number().min(0).max(86_400);
const span = {start: Moment, end: Moment};
const Words = z
  .string()
  .max(bounds.cueCharacters)
  .refine(text => text.trim() !== '', 'has no words')
  .refine(text => !text.includes('\0'), 'holds a NUL');
const Who = z
  .string()
  .min(1)
  .max(60)
  .refine(name => !/\p{Cc}/u.test(name), 'holds a control character');

/** A file as a person has it: as text, or as its bytes where nobody can tell how it is encoded. */
const file = {
  /** SRT, WebVTT, ASS or SSA. */
  name: z.string().min(1).max(255),
  /** Of the film or of the dub; left out, the name says (`film.es.srt`), and else it is the film's. */
  language: LanguageTag.optional(),
};
export const SubtitlesImport = z.union([
  z.strictObject({...file, text: z.string().max(fileLimitBytes)}),
  z.strictObject({...file, base64: z.base64().max(Math.ceil((fileLimitBytes * 4) / 3) + 4)}),
]);
export type SubtitlesImport = z.infer<typeof SubtitlesImport>;

const TranslatedLine = z.strictObject({
  ...span,
  /** What is said in the film; all lines have it, or none. */
  text: Words.optional(),
  translation: Words,
  speaker: Who.optional(),
});
export const TranslationImport = z.strictObject({lines: z.array(TranslatedLine).min(1).max(bounds.cues)});
export type TranslationImport = z.infer<typeof TranslationImport>;

/** Who speaks from when to when, in seconds; two people may speak at once. */
export const TurnsImport = z.strictObject({
  turns: z
    .array(z.strictObject({...span, speaker: Who}))
    .min(1)
    .max(100_000),
});
export type TurnsImport = z.infer<typeof TurnsImport>;

/** What an import puts into a brief. */
export type Given = Partial<Pick<Brief, 'source' | 'target' | 'turns'>>;

export interface Languages {
  /** Null where the film says it itself. */
  readonly from: LanguageTag | null;
  readonly to: LanguageTag;
}

/** The words say what is wrong and where. */
export function givenBySubtitles(body: SubtitlesImport, {from, to}: Languages): Result<Given, string> {
  const {name} = body;
  const bytes = 'text' in body ? Buffer.from(body.text) : Buffer.from(body.base64, 'base64');
  const parsed = parseSubtitles(bytes, name);
  if (!parsed.ok) return no(`line ${parsed.why.line}: ${parsed.why.detail}`);
  if (parsed.value.length === 0) return no('there is no cue with words in it');
  const language = body.language ?? markOf(name);
  const cueFile = {from: name, cues: parsed.value};
  if (language === to) return ok({target: cueFile});
  if (language !== null && from !== null && language !== from)
    return no(
      `they are in ${languageOf(language).english}, and the job goes from ${languageOf(from).english} to ${languageOf(to).english}`,
    );
  return ok({source: cueFile});
}

/** `film.es.srt` is in Spanish. */
function markOf(name: string): LanguageTag | null {
  const marks = name.split('.');
  const mark = marks.at(-2);
  return marks.length < 3 || mark === undefined ? null : (readLanguage(mark) ?? null);
}

const translationName = 'a translation';

export function givenByTranslation({lines}: TranslationImport): Result<Given, string> {
  const backwards = firstBackwards(lines);
  if (backwards !== undefined) return no(`lines[${backwards}] ends before it begins`);
  const texts = lines.filter(({text}) => text !== undefined).length;
  if (texts !== 0 && texts !== lines.length)
    return no(`${texts} of ${lines.length} lines have a text: give it for all of them, or for none`);
  const cuesOf = (words: (line: (typeof lines)[number]) => string): Cue[] =>
    lines
      .map(line => ({
        ...{start: line.start, end: line.end, text: words(line)},
        ...(line.speaker === undefined ? {} : {speaker: line.speaker}),
      }))
      .toSorted((a, b) => a.start - b.start);
  const from = translationName;
  const target = {from, cues: cuesOf(line => line.translation)};
  return ok(texts === 0 ? {target} : {target, source: {from, cues: cuesOf(line => line.text ?? '')}});
}

export function givenByTurns({turns}: TurnsImport): Result<Given, string> {
  const backwards = firstBackwards(turns);
  if (backwards !== undefined) return no(`turns[${backwards}] ends before it begins`);
  const people = peopleIn(turns);
  if (people > mostPeople) return no(`${people} people speak in it, and ${mostPeople} is the most`);
  return ok({turns: turns.toSorted((a, b) => a.start - b.start)});
}

const mostPeople = 100;

function peopleIn(turns: readonly {readonly speaker: string}[]): number {
  return new Set(turns.map(({speaker}) => speaker)).size;
}

function firstBackwards(
  spans: readonly {readonly start: number; readonly end: number}[],
): number | undefined {
  const at = spans.findIndex(({start, end}) => end <= start);
  return at < 0 ? undefined : at;
}

/** What is there is guessed no more. A text that came with a translation goes with it. */
export function withoutImport(brief: Brief, part: ImportPart): Brief {
  switch (part) {
    case 'source':
      return {...brief, source: null};
    case 'target':
      return {...brief, target: null, source: brief.source?.from === translationName ? null : brief.source};
    case 'turns':
      return {...brief, turns: null};
    default:
      return unreachable(part);
  }
}

const CuesStanding = z.object({from: z.string().max(255), cues: z.number().int()}).nullable();

/** What of it is given, in numbers. */
export const Standing = z.object({
  source: CuesStanding,
  target: CuesStanding,
  turns: z.object({people: z.number().int(), turns: z.number().int()}).nullable(),
});
export type Standing = z.infer<typeof Standing>;

export function standingOf({source, target, turns}: Brief): Standing {
  const shown = (file: Brief['source']) => (file === null ? null : {from: file.from, cues: file.cues.length});
  return {
    ...{source: shown(source), target: shown(target)},
    turns: turns === null ? null : {turns: turns.length, people: peopleIn(turns)},
  };
}
