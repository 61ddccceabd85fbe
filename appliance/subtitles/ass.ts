/** Owns the reading of Advanced SubStation Alpha (and SSA). Takes words and speakers; never styles or positions. */
import {no, type Result} from '../result.ts';
import type {Cue} from './cue.ts';
import {tidy} from './markup.ts';
import {type Complaint, CueList, type Line, linesOf, readClock} from './reading.ts';

/** Places of the fields that matter in a Dialogue line; the text is the last one and may hold commas. */
interface Format {
  readonly fields: number;
  readonly start: number;
  readonly end: number;
  readonly speaker: number;
}

/** Layer (or Marked), Start, End, Style, Name, three margins, Effect, Text. */
const usualFormat: Format = {fields: 10, start: 1, end: 2, speaker: 4};

/** Events that hold no words. */
const silentEvents = new Set(['comment', 'picture', 'sound', 'movie', 'command']);

export function readAss(text: string): Result<Cue[], Complaint> {
  const cues = new CueList();
  let isEvents = true;
  let format = usualFormat;
  for (const line of linesOf(text)) {
    const trimmed = line.text.trim();
    if (trimmed.startsWith('[')) isEvents = /^\[events\]/i.test(trimmed);
    if (!isEvents || trimmed === '' || /^[;![]/.test(trimmed)) continue;
    const colon = trimmed.indexOf(':');
    const key = trimmed.slice(0, Math.max(0, colon)).toLowerCase();
    const rest = trimmed.slice(colon + 1).trim();
    if (silentEvents.has(key)) continue;
    if (key === 'format') {
      const read = readFormat(rest, line.number);
      if (!read.ok) return read;
      format = read.value;
    } else if (key === 'dialogue') {
      const read = readDialogue({number: line.number, text: rest}, format);
      const complaint = read.ok ? cues.add([read.value], line.number) : read.why;
      if (complaint !== undefined) return no(complaint);
    } else {
      return no({line: line.number, detail: `"${trimmed.slice(0, 60)}" is not an event`});
    }
  }
  return cues.end();
}

function readFormat(rest: string, line: number): Result<Format, Complaint> {
  const names = rest.split(',').map(name => name.trim().toLowerCase());
  const [start, end] = [names.indexOf('start'), names.indexOf('end')];
  const missing = start === -1 ? 'Start' : end === -1 ? 'End' : undefined;
  if (missing !== undefined) return no({line, detail: `the Format line has no ${missing} field`});
  if (names.at(-1) !== 'text') return no({line, detail: 'the Format line must end with the Text field'});
  const speaker = names.findIndex(name => name === 'name' || name === 'actor');
  return {ok: true, value: {fields: names.length, start, end, speaker}};
}

function readDialogue({number, text}: Line, format: Format): Result<Cue, Complaint> {
  const fields = splitFields(text, format.fields);
  if (fields.length < format.fields) {
    const detail = `this Dialogue line has ${fields.length} fields, the Format line names ${format.fields}`;
    return no({line: number, detail});
  }
  const times = [fields[format.start] ?? '', fields[format.end] ?? ''];
  const [start, end] = times.map(readClock);
  if (start === undefined || end === undefined) {
    const unreadable = (start === undefined ? times[0] : times[1])?.trim().slice(0, 30);
    return no({line: number, detail: `"${unreadable}" is not a time such as 0:01:02.50`});
  }
  if (end < start) return no({line: number, detail: `it ends (${times[1]?.trim()}) before it starts`});
  const speaker = tidy(fields[format.speaker] ?? '');
  const words = tidy(wordsOf(fields.at(-1) ?? ''));
  return {ok: true, value: {start, end, text: words, ...(speaker === '' ? {} : {speaker})}};
}

/** At most `count` fields: what follows the last comma that counts is one field. */
function splitFields(text: string, count: number): string[] {
  const fields: string[] = [];
  let at = 0;
  while (fields.length < count - 1) {
    const comma = text.indexOf(',', at);
    if (comma === -1) break;
    fields.push(text.slice(at, comma));
    at = comma + 1;
  }
  return [...fields, text.slice(at)];
}

/** Text without override blocks; between `\p1` and `\p0` stand outlines to draw, not words. */
function wordsOf(marked: string): string {
  let drawing = false;
  let words = '';
  let at = 0;
  for (const block of marked.matchAll(/\{([^{}]*)\}/g)) {
    if (!drawing) words += marked.slice(at, block.index);
    at = block.index + block[0].length;
    const mode = [...(block[1] ?? '').matchAll(/\\p(\d+)/g)].at(-1)?.[1];
    if (mode !== undefined) drawing = Number(mode) > 0;
  }
  if (!drawing) words += marked.slice(at);
  // \n breaks only where a style forbids wrapping: between words it is a space.
  return words.replaceAll(/\\[nh]/g, ' ').replaceAll('\\N', '\n');
}
