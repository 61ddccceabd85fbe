/**
 * Owns the reading of SRT and WebVTT, which are the same thing under two heads: a time line, words below it, a blank
 * line. As forgiving as players are; where words or times would be lost, it complains and names the line.
 */
import {no, type Result} from '../result.ts';
import type {Cue} from './cue.ts';
import {plainText, plainVtt, voicesOf} from './markup.ts';
import {bounds, type Complaint, CueList, clockPattern, type Line, linesOf, secondsOf} from './reading.ts';
import {shareTime} from './timing.ts';

export type Dialect = 'srt' | 'vtt';

interface TimeLine {
  readonly start: number;
  readonly end: number;
  readonly number: number;
}

const timeLine = new RegExp(String.raw`^\s*${clockPattern}\s*(?:-+>|→)\s*${clockPattern}(?:\s+(.*))?$`);
/** VTT settings, and the screen coordinates that some SRT files carry. */
const settings = /^(?:align|line|position|size|vertical|region|[XY]\d):/i;
/** Two clocks with something else than an arrow between. */
const twoClocks = /^\s*\d{1,3}:\d{1,2}[\d:.,]*\s*[^\s\d]{0,3}\s*\d{1,3}:\d{1,2}/;
const numbersBeforeArrow = /^[\s-]*\d|\d\s*[:.,]\s*\d/;

export function readTimedText(text: string, dialect: Dialect): Result<Cue[], Complaint> {
  const cues = new CueList();
  let open: TimeLine | undefined;
  let held: Line[] = [];
  let expected = 1;
  for (const line of wordsOf(text, dialect)) {
    if (!triesToBeTime(line.text, dialect)) {
      // Of blank lines in a row one is kept: a file may hold millions.
      if (line.text !== '' || held.at(-1)?.text !== '') held.push(line);
      if (held.length > bounds.cueLines)
        return no({line: line.number, detail: 'thousands of lines without a time'});
      continue;
    }
    const read = readTimeLine(line);
    if (!read.ok) return read;
    const {words, label} = withoutLabel(held, {dialect, expected, isFirst: open === undefined});
    const complaint = close(open, words, {cues, dialect});
    if (complaint !== undefined) return no(complaint);
    expected = (label ?? expected) + 1;
    open = read.value;
    held = [];
  }
  const complaint = close(open, held, {cues, dialect});
  return complaint === undefined ? cues.end() : no(complaint);
}

/** Lines without the head, notes, styles and regions of WebVTT. */
function* wordsOf(text: string, dialect: Dialect): Generator<Line> {
  let isBlock = true;
  let skipping = false;
  for (const line of linesOf(text)) {
    const isBlank = line.text.trim() === '';
    if (dialect === 'vtt') {
      if (isBlank) skipping = false;
      else if (line.number === 1 && /^WEBVTT\b/.test(line.text.trimStart())) skipping = true;
      else if (isBlock && /^(?:NOTE|STYLE|REGION)(?:\s|$)/.test(line.text)) skipping = true;
      else if (skipping && timeLine.test(line.text)) skipping = false;
    }
    if (!skipping) yield line;
    isBlock = isBlank;
  }
}

/** A line that is a time or was meant to be one; `up --> down` in a dialogue is not. */
function triesToBeTime(text: string, dialect: Dialect): boolean {
  const arrow = text.indexOf('-->');
  if (arrow === -1) return twoClocks.test(text);
  const before = text.slice(0, arrow);
  return dialect === 'vtt' || before.trim() === '' || numbersBeforeArrow.test(before);
}

function readTimeLine({text, number}: Line): Result<TimeLine, Complaint> {
  const shown = text.trim().slice(0, 60);
  const found = timeLine.exec(text);
  if (found === null) {
    return no({line: number, detail: `"${shown}" is not a time such as 00:01:02,500 --> 00:01:04,000`});
  }
  const start = secondsOf(found.slice(1, 5));
  const end = secondsOf(found.slice(5, 9));
  if (end < start) return no({line: number, detail: `"${shown}" ends before it starts`});
  const rest = found[9]?.trim() ?? '';
  if (rest !== '' && !settings.test(rest)) {
    return no({line: number, detail: `there are words after the time: "${rest.slice(0, 60)}"`});
  }
  return {ok: true, value: {start, end, number}};
}

interface Surroundings {
  readonly dialect: Dialect;
  /** The number that a counter would have here. */
  readonly expected: number;
  readonly isFirst: boolean;
}

/**
 * Takes away the counter (or WebVTT's cue id) that stands before a time line. A number that is spoken ("42") is
 * told from a counter by the blank line before it, or by being the number that is due.
 */
function withoutLabel(
  held: readonly Line[],
  {dialect, expected, isFirst}: Surroundings,
): {readonly words: readonly Line[]; readonly label: number | undefined} {
  const last = held.findLastIndex(line => line.text.trim() !== '');
  const text = held[last]?.text.trim() ?? '';
  const isNumber = /^\d{1,9}$/.test(text);
  const isApart = last === 0 ? isFirst : held[last - 1]?.text.trim() === '';
  const isNext = last === held.length - 1;
  const isDue = isNumber && (Number(text) === expected || isFirst);
  const isLabel = isNext ? (isApart && (isNumber || dialect === 'vtt')) || isDue : isApart && isDue;
  if (last === -1 || !isLabel) return {words: held, label: undefined};
  return {words: held.slice(0, last), label: isNumber ? Number(text) : undefined};
}

/** Puts the words to the time they stand under. */
function close(
  open: TimeLine | undefined,
  words: readonly Line[],
  {cues, dialect}: {readonly cues: CueList; readonly dialect: Dialect},
): Complaint | undefined {
  if (open === undefined) {
    const stray = words.find(line => line.text.trim() !== '');
    if (stray === undefined) return undefined;
    return {line: stray.number, detail: `"${stray.text.trim().slice(0, 60)}" stands before the first time`};
  }
  const marked = words.map(line => line.text).join('\n');
  if (marked.length > bounds.cueMarkup) {
    return {line: open.number, detail: `a subtitle of ${marked.length} characters with its markup`};
  }
  return cues.add(dialect === 'vtt' ? cuesOfVoices(open, marked) : [plainCue(open, marked)], open.number);
}

function plainCue({start, end}: TimeLine, marked: string): Cue {
  return {start, end, text: plainText(marked)};
}

function cuesOfVoices(open: TimeLine, marked: string): Cue[] {
  return shareTime(
    open,
    voicesOf(marked).map(voice => ({speaker: voice.speaker, text: plainVtt(voice.marked)})),
  );
}
