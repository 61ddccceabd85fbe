/** Owns lines as screens make them: pieces of text, each with a tone, cleaned before anything measures them. Pure. */
import {printable} from '../clean.ts';
import {clipped, widthOf, wrapped} from '../width.ts';
import type {Tone} from './theme.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

export type Line = readonly Span[];

export const blank: Line = [];

/** One piece; whatever could steer a terminal is taken out of it here. */
export function span(text: string, tone: Tone = 'plain'): Span {
  return {text: printable(text), tone};
}

/** Strings are plain pieces. */
export function line(...pieces: readonly (Span | string)[]): Line {
  return pieces.map(piece => (typeof piece === 'string' ? span(piece) : piece));
}

export function lines(texts: readonly string[], tone: Tone = 'plain'): readonly Line[] {
  return texts.map(text => [span(text, tone)]);
}

/** A text on as many lines as it takes. */
export function paragraph(text: string, columns: number, tone: Tone = 'plain'): readonly Line[] {
  return wrapped(printable(text), Math.max(10, columns)).map(part => [{text: part, tone}]);
}

export function lineWidth(line: Line): number {
  return line.reduce((all, {text}) => all + widthOf(text), 0);
}

/** At most that many columns. */
export function fitted(line: Line, columns: number): Line {
  if (lineWidth(line) <= columns) return line;
  const kept: Span[] = [];
  let room = columns;
  for (const {text, tone} of line) {
    if (room <= 0) break;
    const part = clipped(text, room);
    kept.push({text: part, tone});
    room -= widthOf(part);
    if (part !== text) break;
  }
  return kept;
}

/** One at each end; the right one gives way. */
export function ends(left: Line, right: Line, columns: number): Line {
  const start = fitted(left, columns);
  const room = columns - lineWidth(start) - 1;
  const end = room < 4 ? blank : fitted(right, room);
  const space = Math.max(0, columns - lineWidth(start) - lineWidth(end));
  return [...start, {text: ' '.repeat(space), tone: 'plain'}, ...end];
}

/** The same text in one tone, as a bar across the screen. */
export function toned(line: Line, tone: Tone): Line {
  return line.map(({text}) => ({text, tone}));
}
