/**
 * Owns the cells of a screen, what stands in each, and which of them changed since the screen before: that is all that is
 * sent to a terminal. Never writes to one.
 */
import {widthOf} from '../width.ts';
import type {Line, Size} from './text.ts';
import type {Tone} from './theme.ts';

/** What is to be written from a cell on, in one tone. Rows and columns count from 0. */
export interface Write {
  readonly row: number;
  readonly column: number;
  readonly text: string;
  readonly tone: Tone;
}

/** Between two changes, as many cells that stay are cheaper written again than jumped over. */
const jumpColumns = 6;

export class Grid {
  readonly size: Size;
  /** What each cell shows; the second half of what is two columns wide is ''. */
  readonly #shown: string[];
  readonly #tones: Tone[];

  constructor(size: Size) {
    this.size = size;
    this.#shown = new Array<string>(size.columns * size.rows).fill(' ');
    this.#tones = new Array<Tone>(size.columns * size.rows).fill('plain');
  }

  /** From that cell to the right, as far as there is room; what does not fit is not drawn, and nothing wraps. */
  put(row: number, column: number, line: Line, until: number = this.size.columns): void {
    if (row < 0 || row >= this.size.rows || column < 0) return;
    const end = Math.min(until, this.size.columns);
    let at: number | null = column;
    for (const {text, tone} of line) {
      at = isAscii(text)
        ? this.#putAscii(row, at, text, tone, end)
        : this.#putWide(row, [column, at], text, tone, end);
      if (at === null) return;
    }
  }

  fill(row: number, column: number, columns: number, tone: Tone = 'plain'): void {
    this.put(row, column, [{text: ' '.repeat(Math.max(0, columns)), tone}]);
  }

  /** Where the next would stand; null when there is no room for one. */
  #putAscii(row: number, column: number, text: string, tone: Tone, until: number): number | null {
    const end = column + text.length;
    for (let at = column; at < Math.min(until, end); at++) this.#set(row, at, text[at - column] ?? ' ', tone);
    return end > until ? null : end;
  }

  #putWide(
    row: number,
    [first, column]: readonly [number, number],
    text: string,
    tone: Tone,
    until: number,
  ): number | null {
    let at = column;
    for (const character of text) {
      const width = widthOf(character);
      // A mark stands on the letter before it; one that begins a line has none, and what is beside the line is not its.
      if (width === 0) {
        if (at > first) this.#mark(row, at - 1, character);
      } else if (at + width > until) return null;
      else {
        this.#set(row, at, character, tone);
        if (width === 2) this.#set(row, at + 1, '', tone);
        at += width;
      }
    }
    return at;
  }

  #set(row: number, column: number, shown: string, tone: Tone): void {
    const place = row * this.size.columns + column;
    // Half of something wide is nothing: its other half goes with it.
    if (shown !== '' && this.#shown[place] === '' && column > 0) this.#shown[place - 1] = ' ';
    if (column + 1 < this.size.columns && this.#shown[place + 1] === '') this.#shown[place + 1] = ' ';
    this.#shown[place] = shown;
    this.#tones[place] = tone;
  }

  #mark(row: number, column: number, mark: string): void {
    const place = row * this.size.columns + column;
    const on = this.#shown[place] === '' ? place - 1 : place;
    this.#shown[on] = (this.#shown[on] ?? ' ') + mark;
  }

  /** Each row as text. */
  texts(): readonly string[] {
    const {columns, rows} = this.size;
    return Array.from({length: rows}, (_, row) =>
      this.#shown.slice(row * columns, (row + 1) * columns).join(''),
    );
  }

  toneAt(row: number, column: number): Tone | undefined {
    return this.#tones[row * this.size.columns + column];
  }

  /** What makes this screen of the one before; of everything where there is none, or it had another size. */
  writesAfter(before: Grid | undefined): readonly Write[] {
    const {columns, rows} = this.size;
    const isSame = before?.size.columns === columns && before.size.rows === rows;
    const writes: Write[] = [];
    for (let row = 0; row < rows; row++) {
      for (const [from, to] of this.#changes(isSame ? before : undefined, row)) {
        writes.push(...this.#run(row, from, to));
      }
    }
    return writes;
  }

  /** Stretches of a row from a cell to before another, none of them ending within a wide character. */
  #changes(before: Grid | undefined, row: number): readonly (readonly [number, number])[] {
    const {columns} = this.size;
    if (before === undefined) return [[0, columns]];
    const stretches: [number, number][] = [];
    for (let column = 0; column < columns; column++) {
      const place = row * columns + column;
      if (this.#shown[place] === before.#shown[place] && this.#tones[place] === before.#tones[place])
        continue;
      // Where a second half changed, so did the first, which was looked at before it.
      let to = column + 1;
      while (
        to < columns &&
        (this.#shown[row * columns + to] === '' || before.#shown[row * columns + to] === '')
      )
        to++;
      const last = stretches.at(-1);
      if (last !== undefined && column - last[1] <= jumpColumns) last[1] = Math.max(last[1], to);
      else stretches.push([column, to]);
    }
    return stretches;
  }

  /**
   * One write for each tone; and a new one after whatever terminals do not agree on how wide it is, so that the next
   * cell is where it belongs on all of them.
   */
  *#run(row: number, from: number, to: number): Generator<Write> {
    const {columns} = this.size;
    let [start, text] = [from, ''];
    let tone = this.#tones[row * columns + from] ?? 'plain';
    let steady = true;
    for (let column = from; column < to; column++) {
      const place = row * columns + column;
      const shown = this.#shown[place] ?? ' ';
      const next = this.#tones[place] ?? 'plain';
      if (text !== '' && shown !== '' && (next !== tone || !steady)) {
        yield {row, column: start, text, tone};
        [start, text] = [column, ''];
      }
      tone = next;
      text += shown;
      if (shown !== '') steady = isSteady(shown);
    }
    if (text !== '') yield {row, column: start, text, tone};
  }
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

/** Letters of Europe, punctuation, arrows, lines and blocks take one column wherever they are shown. */
function isSteady(text: string): boolean {
  return /^[\x20-\x7e\u00a0-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2500-\u259f]*$/.test(
    text,
  );
}
