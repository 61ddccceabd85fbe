/**
 * Owns what a pane of a screen is: a table that keys walk through, or a text that they scroll, with what stands above it
 * and what its keys do. As data and pure functions; a screen is some of them side by side under one name.
 */
import {widthOf} from '../width.ts';
import type {Wanted} from './asks.ts';
import {firstPlace, type Model, type Place, type ScreenName, type Turn} from './model.ts';
import {fitted, type Line, line, type Size, type Span, span} from './text.ts';

/** What a key does. `short` stands below the screen; without it, it stands only in the help. */
export interface Binding {
  readonly keys: readonly string[];
  readonly does: string;
  readonly short?: string;
  /** Below the screen only then. */
  when?(model: Model): boolean;
  /** Not for those who only look. */
  readonly changes?: true;
  run(model: Model): Turn;
}

export interface Column<T> {
  readonly head: string;
  /** `rest` takes what the others leave. */
  readonly columns: number | 'rest';
  readonly side?: 'left' | 'right';
  /** Left out on narrower screens. */
  readonly from?: number;
  cell(item: T, model: Model): Span | string;
}

export interface Sort<T> {
  readonly name: string;
  of(item: T, model: Model): number | string;
}

export interface TableSpec<T> {
  readonly name: string;
  readonly title: string;
  /** The same array while nothing in it changed. */
  items(model: Model): readonly T[];
  id(item: T): string;
  /** What a filter looks in. */
  text(item: T): string;
  readonly columns: readonly Column<T>[];
  /** Besides the order in which they come. */
  readonly sorts?: readonly Sort<T>[];
  /** Instead of rows where there are none. */
  empty(model: Model): readonly string[];
  above?(model: Model, columns: number): readonly Line[];
  /** Of the row with the cursor, below the table, where there is room. */
  below?(item: T, model: Model, columns: number): readonly Line[];
  readonly keys: readonly Binding[];
  wants(model: Model): readonly Wanted[];
}

interface Common {
  readonly name: string;
  readonly title: string;
  readonly keys: readonly Binding[];
  wants(model: Model): readonly Wanted[];
}

export interface TablePane extends Common {
  readonly is: 'table';
  readonly sorts: readonly string[];
  /** Of the rows that are left by the filter, in the order of the sort. */
  ids(model: Model, place: Place): readonly string[];
  draw(model: Model, place: Place, size: Size): readonly Line[];
  /** How many rows there is room for. */
  room(model: Model, place: Place, size: Size): number;
}

export interface TextPane extends Common {
  readonly is: 'text';
  /** Begins at its end, and stays there as it grows. */
  readonly follows?: true;
  text(model: Model, columns: number): readonly Line[];
}

export type Pane = TablePane | TextPane;

export interface Screen {
  readonly name: ScreenName;
  readonly title: string;
  /** For the help: what it is for, and the command that prints the same. */
  readonly about: string;
  readonly panes: readonly [Pane, ...Pane[]];
}

/** A table pane, and what its own keys pick by: the marked rows, or the one with the cursor. */
export interface Table<T> extends TablePane {
  picked(model: Model): readonly T[];
  current(model: Model): T | undefined;
}

export function placeKey(screen: ScreenName, pane: string): string {
  return `${screen}.${pane}`;
}

export function placeOf(model: Model, screen: ScreenName, pane: string): Place {
  return model.places[placeKey(screen, pane)] ?? firstPlace;
}

/** Where somebody is who has not been there yet: of what grows at its end, there. */
const lastPlace: Place = {...firstPlace, top: null};

export function placeIn(model: Model, screen: ScreenName, pane: Pane): Place {
  const first = pane.is === 'text' && pane.follows === true ? lastPlace : firstPlace;
  return model.places[placeKey(screen, pane.name)] ?? first;
}

export function table<T>(screen: ScreenName, spec: TableSpec<T>): Table<T> {
  const {name, title, sorts = []} = spec;
  const rowsOf = remembering<T>(spec);
  const at = (model: Model): Place => placeOf(model, screen, name);
  const current = (model: Model): T | undefined => {
    const {rows, ids} = rowsOf(model, at(model));
    const place = at(model);
    const row = rows[indexOf(ids, place)];
    // While only some of the rows have come, the one that stands there is not the one that somebody looked at.
    const isElse = row !== undefined && place.cursor !== null && spec.id(row) !== place.cursor;
    return isElse && model.jobs.is === 'loading' ? undefined : row;
  };
  return {
    ...{is: 'table', name, title, keys: spec.keys, sorts: ['as it comes', ...sorts.map(sort => sort.name)]},
    wants: model => spec.wants(model),
    ids: (model, place) => rowsOf(model, place).ids,
    room: (model, place, size) => layout(spec, rowsOf(model, place), model, place, size).room,
    draw: (model, place, size) => drawTable(spec, rowsOf(model, place), model, place, size),
    current,
    picked(model) {
      const {marks} = at(model);
      const marked = marks.size === 0 ? [] : spec.items(model).filter(item => marks.has(spec.id(item)));
      if (marks.size > 0) return marked;
      const one = current(model);
      return one === undefined ? [] : [one];
    },
  };
}

interface Rows<T> {
  readonly rows: readonly T[];
  readonly ids: readonly string[];
}

/** Rows after filter and sort, made again only when one of the three changed. */
function remembering<T>(spec: TableSpec<T>): (model: Model, place: Place) => Rows<T> {
  let last: ({items: readonly T[]; filter: string; sort: number} & Rows<T>) | undefined;
  return (model, {filter, sort}) => {
    const items = spec.items(model);
    if (last?.items === items && last.filter === filter && last.sort === sort) return last;
    const words = filter
      .toLowerCase()
      .split(' ')
      .filter(word => word !== '');
    const left =
      words.length === 0
        ? items
        : items.filter(item => {
            const text = spec.text(item).toLowerCase();
            return words.every(word => text.includes(word));
          });
    const by = spec.sorts?.[sort - 1];
    const rows =
      by === undefined ? left : left.toSorted((a, b) => compared(by.of(a, model), by.of(b, model)));
    last = {items, filter, sort, rows, ids: rows.map(spec.id)};
    return last;
  };
}

function compared(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}

/** Where the cursor is: on its row, or where that was when it is gone. */
export function indexOf(ids: readonly string[], {cursor, index}: Place): number {
  if (ids.length === 0) return 0;
  if (cursor === null) return 0;
  if (ids[index] === cursor) return index;
  const found = ids.indexOf(cursor);
  return found === -1 ? Math.min(index, ids.length - 1) : found;
}

interface Layout {
  readonly above: readonly Line[];
  readonly below: readonly Line[];
  readonly room: number;
  readonly at: number;
  readonly first: number;
}

/** Least rows of a table before what stands around it gives way. */
const leastRows = 4;

function layout<T>(spec: TableSpec<T>, {rows, ids}: Rows<T>, model: Model, place: Place, size: Size): Layout {
  const all = size.rows - 1;
  const at = indexOf(ids, place);
  const above = (spec.above?.(model, size.columns) ?? []).slice(0, Math.max(0, all - leastRows));
  const item = rows[at];
  const told = item === undefined ? [] : (spec.below?.(item, model, size.columns) ?? []);
  const spare = all - above.length - Math.min(Math.max(leastRows, rows.length), Math.ceil(all / 2));
  const below = told.length === 0 || spare < 2 ? [] : [line(), ...told].slice(0, spare);
  const room = Math.max(1, all - above.length - below.length);
  // The window follows the cursor by whole halves: what is around it stays in sight.
  const top = place.top ?? 0;
  const first = at < top ? at : at >= top + room ? at - room + 1 : top;
  return {above, below, room, at, first: Math.max(0, Math.min(first, rows.length - room))};
}

function drawTable<T>(
  spec: TableSpec<T>,
  found: Rows<T>,
  model: Model,
  place: Place,
  size: Size,
): readonly Line[] {
  const {rows} = found;
  const {above, below, room, at, first} = layout(spec, found, model, place, size);
  if (rows.length === 0) {
    const why =
      place.filter === '' ? spec.empty(model) : [`Nothing here has "${place.filter}" in it. Esc shows all.`];
    return [...above, line(), ...why.map(text => line(span(` ${text}`, 'dim')))];
  }
  const shown = spec.columns.filter(({from = 0}) => size.columns >= from);
  const widths = widthsOf(shown, size.columns - 1);
  const head = shown.map(({head, side}, i) => cell(span(head, 'dim'), widths[i] ?? 0, side));
  const body = rows.slice(first, first + room).map((item, i) => {
    const cells = shown.map((column, j) => {
      const made = column.cell(item, model);
      return cell(typeof made === 'string' ? span(made) : made, widths[j] ?? 0, column.side);
    });
    const isMarked = place.marks.has(spec.id(item));
    const row: Line = [span(isMarked ? '*' : ' ', 'marked'), ...joined(cells)];
    return first + i === at ? row.map(({text}) => ({text, tone: 'cursor' as const})) : row;
  });
  return [...above, [span(' '), ...joined(head)], ...body, ...below];
}

const gap = 2;

const leastRest = 8;

/** All of them together exactly the total: what the rest lacks, the widest give; what it does not share evenly, the last has. */
function widthsOf<T>(columns: readonly Column<T>[], total: number): readonly number[] {
  const room = Math.max(columns.length, total - gap * (columns.length - 1));
  const rests = columns.filter(({columns: wide}) => wide === 'rest').length;
  const fixed = columns.reduce((all, {columns: wide}) => all + (wide === 'rest' ? 0 : wide), 0);
  const each = Math.max(leastRest, Math.floor((room - fixed) / Math.max(1, rests)));
  const widths = columns.map(({columns: wide}) => (wide === 'rest' ? each : wide));
  let over = widths.reduce((all, wide) => all + wide, 0) - room;
  for (; over > 0; over--) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = (widths[widest] ?? 1) - 1;
  }
  const last = columns.findLastIndex(({columns: wide}) => wide === 'rest');
  if (last !== -1) widths[last] = (widths[last] ?? 0) - over;
  return widths;
}

function cell({text, tone}: Span, columns: number, side: 'left' | 'right' = 'left'): Span {
  const [{text: cut} = {text: ''}] = fitted([{text, tone}], columns);
  const space = ' '.repeat(Math.max(0, columns - widthOf(cut)));
  return {text: side === 'left' ? cut + space : space + cut, tone};
}

function joined(cells: readonly Span[]): Line {
  return cells.flatMap((one, i) =>
    i === 0 ? [one] : [{text: ' '.repeat(gap), tone: 'plain'} as const, one],
  );
}
