/** Owns laying text out for people: tables, and fields with a name in front. Cleans each cell before it measures it. */
import {printable} from './clean.ts';
import {padded, widthOf, wrapped} from './width.ts';

export interface Column {
  readonly head: string;
  readonly side?: 'left' | 'right';
  /** How far it may be cut when the table is too wide; without this it never is. */
  readonly leastColumns?: number;
}

const gap = '  ';

/** A head and a line a row. When that is too wide, the columns that may be cut give way, the widest first. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  totalColumns: number,
): readonly string[] {
  const cleaned = [columns.map(({head}) => head), ...rows.map(row => row.map(printable))];
  const natural = columns.map((_, place) => Math.max(...cleaned.map(row => widthOf(row[place] ?? ''))));
  const widths = fitted(natural, columns, totalColumns - gap.length * (columns.length - 1));
  return cleaned.map(row =>
    columns
      .map(({side = 'left'}, place) => padded(row[place] ?? '', widths[place] ?? 0, side))
      .join(gap)
      .trimEnd(),
  );
}

function fitted(natural: readonly number[], columns: readonly Column[], room: number): readonly number[] {
  const widths = [...natural];
  const slack = (place: number): number => {
    const least = columns[place]?.leastColumns;
    return least === undefined ? 0 : (widths[place] ?? 0) - least;
  };
  for (let over = sum(widths) - room; over > 0; over -= 1) {
    const widest = widths.reduce((best, width, place) => {
      if (slack(place) <= 0) return best;
      return best === -1 || width > (widths[best] ?? 0) ? place : best;
    }, -1);
    if (widest === -1) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

/** A name and what it says, on as many lines as it takes, all of them behind the name's column. */
export function field(
  name: string,
  text: string | readonly string[],
  {nameColumns, columns}: {readonly nameColumns: number; readonly columns: number},
): readonly string[] {
  const texts = typeof text === 'string' ? [text] : text;
  const lines = texts.flatMap(one => wrapped(printable(one), Math.max(20, columns - nameColumns)));
  return lines.map((line, number) => `${padded(number === 0 ? name : '', nameColumns)}${line}`.trimEnd());
}
