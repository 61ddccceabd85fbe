/** What stands in which cell, and that what is sent to a terminal makes the new screen of the old one. */
import t from 'tap';
import {Grid, type Write} from '../../../tui/room/grid.ts';
import {type Line, line, span} from '../../../tui/room/text.ts';
import {type Tone, tones} from '../../../tui/room/theme.ts';
import {widthOf} from '../../../tui/width.ts';
import {hostile} from './samples.ts';

/** Always the same, so that what fails fails again: xorshift. */
function dice(seed: number): (sides: number) => number {
  let state = seed * 2_654_435_761 + 1;
  return sides => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % sides;
  };
}

/** A terminal as they are: what overwrites half of something wide leaves a blank of the other half. */
class Glass {
  readonly cells: {shown: string; tone: Tone | undefined}[][];

  constructor(columns: number, rows: number) {
    this.cells = Array.from({length: rows}, () =>
      Array.from({length: columns}, () => ({shown: ' ', tone: undefined})),
    );
  }

  paint(writes: readonly Write[]): void {
    for (const {row, column, text, tone} of writes) {
      let at = column;
      for (const character of text) {
        const width = widthOf(character);
        if (width === 0) this.#mark(row, at, character);
        else this.#set(row, at, character, tone);
        if (width === 2) this.#set(row, at + 1, '', tone);
        at += width;
      }
    }
  }

  #mark(row: number, at: number, mark: string): void {
    const cells = this.cells[row] ?? [];
    const on = cells[at - 1]?.shown === '' ? cells[at - 2] : cells[at - 1];
    if (on !== undefined) on.shown += mark;
  }

  #set(row: number, at: number, shown: string, tone: Tone): void {
    const cells = this.cells[row];
    const cell = cells?.[at];
    if (cells === undefined || cell === undefined)
      throw new Error(`written beyond the screen: ${row}, ${at}`);
    const [before, after] = [cells[at - 1], cells[at + 1]];
    if (shown !== '' && cell.shown === '' && before !== undefined) before.shown = ' ';
    if (after?.shown === '') after.shown = ' ';
    cells[at] = {shown, tone};
  }

  texts(): readonly string[] {
    return this.cells.map(row => row.map(({shown}) => shown).join(''));
  }
}

const letters = [...'ab ·→é─', '日', '한', '🎬', 'e\u0301', '日\u0301', '\u0301', 'ﾊ', '🇪', '\uFFFD'];

function randomLine(roll: (sides: number) => number): Line {
  return Array.from({length: 1 + roll(3)}, () => ({
    text: Array.from({length: roll(7)}, () => letters[roll(letters.length)] ?? '').join(''),
    tone: tones[roll(tones.length)] ?? 'plain',
  }));
}

t.test('what a line says stands in its cells, each as wide as terminals draw it', async t => {
  const cases: readonly [text: string, row: string][] = [
    ['film', 'film      '],
    ['日本語', '日本語    '],
    ['日本語の映画', '日本語の映'],
    ['한국어 x', '한국어 x  '],
    ['\u1112\u1161\u11abx', '\u1112\u1161\u11abx       '],
    ['Espan\u0303ol', 'Espan\u0303ol   '],
    ['🎬 film', '🎬 film   '],
    ['123456789日', '123456789 '],
    ['12345678日x', '12345678日'],
    ['\u001b[2J\u202e', '\uFFFD[2J\uFFFD     '],
  ];
  for (const [text, row] of cases) {
    const grid = new Grid({columns: 10, rows: 1});
    grid.put(0, 0, line(span(text, 'good')));
    t.equal(grid.texts()[0], row);
    t.equal(grid.toneAt(0, 0), 'good');
  }
});

t.test('nothing leaves its box, whatever a name holds', async t => {
  const roll = dice(3);
  for (const text of [...hostile, '\u0301', '🇪🇸'.repeat(9), 'क्षि'.repeat(9)]) {
    for (let turn = 0; turn < 40; turn++) {
      const [columns, rows] = [4 + roll(20), 3];
      const [from, until] = [roll(columns + 3), roll(columns + 6)];
      const grid = new Grid({columns, rows});
      for (let row = 0; row < rows; row++) grid.put(row, 0, line('.'.repeat(columns)));
      grid.put(1, from, line(span(text, 'bad'), span(text, 'warn'), 'end'), until);
      const [above, own = '', below] = grid.texts();
      t.equal(above, '.'.repeat(columns), 'the row above is as it was');
      t.equal(below, '.'.repeat(columns), 'so is the one below');
      t.equal(widthOf(own), columns, 'the row is as wide as the screen');
      if (until <= from) t.equal(own, '.'.repeat(columns), 'no room, nothing drawn');
      t.ok(own.startsWith('.'.repeat(Math.min(from, columns))), 'nothing before it');
      const free = Math.max(0, columns - Math.max(until, from));
      t.ok(own.endsWith('.'.repeat(free)), `nothing from ${until} on`);
      t.notMatch(own, /[\p{Cc}\p{Bidi_Control}]/u);
      t.notMatch(own, /\p{M}{8}/u, 'marks do not pile up');
    }
  }
  const grid = new Grid({columns: 4, rows: 2});
  for (const [row, column] of [
    [-1, 0],
    [2, 0],
    [0, -1],
    [0, 4],
  ] as const)
    grid.put(row, column, line('x日'), 99);
  t.strictSame(grid.texts(), ['    ', '    ']);
});

t.test('what does not fit ends the line: nothing later takes its place', async t => {
  const grid = new Grid({columns: 4, rows: 1});
  grid.put(0, 0, line('abc', '日', 'x'));
  t.equal(grid.texts()[0], 'abc ');
});

t.test('of something wide that is half overwritten no half stays', async t => {
  const cases: readonly [at: number, text: string, row: string][] = [
    [0, 'x', 'x 本語'],
    [1, 'x', ' x本語'],
    [1, '한', ' 한 語'],
    [2, 'xyz', '日xyz '],
    [3, 'x', '日 x語'],
    [4, '한', '日本한'],
  ];
  for (const [at, text, row] of cases) {
    const grid = new Grid({columns: 6, rows: 1});
    grid.put(0, 0, line('日本語'));
    grid.put(0, at, line(text));
    t.equal(grid.texts()[0], row);
  }
});

t.test('painted over the old screen, the changes make the new one, in text and tones', async t => {
  for (let seed = 1; seed <= 600; seed++) {
    const roll = dice(seed);
    const size = {columns: 2 + roll(30), rows: 1 + roll(4)};
    const glass = new Glass(size.columns, size.rows);
    let before: Grid | undefined;
    for (let frame = 0; frame < 4; frame++) {
      const grid = new Grid(size);
      // Now and then most of it is as it was.
      if (roll(3) > 0 && before !== undefined)
        for (const [row, text] of before.texts().entries()) grid.put(row, 0, [{text, tone: 'plain'}]);
      for (let i = roll(5); i > 0; i--)
        grid.put(roll(size.rows), roll(size.columns), randomLine(roll), roll(size.columns + 4));
      glass.paint(grid.writesAfter(before));
      t.strictSame(glass.texts(), grid.texts(), `seed ${seed}, frame ${frame}`);
      const shown = glass.cells.map(row => row.map(({tone}) => tone));
      const meant = shown.map((row, i) => row.map((_, j) => grid.toneAt(i, j)));
      t.strictSame(shown, meant, `tones of seed ${seed}, frame ${frame}`);
      before = grid;
    }
  }
});

function screenOf(...texts: readonly (string | Line)[]): Grid {
  const grid = new Grid({columns: 80, rows: 24});
  for (const [row, text] of texts.entries()) grid.put(row, 0, typeof text === 'string' ? line(text) : text);
  return grid;
}
const bytesOf = (writes: readonly Write[]): number =>
  writes.reduce((all, {text}) => all + Buffer.byteLength(text), 0);

t.test('what stays is not sent', async t => {
  const texts = ['日本語の映画', 'film 1', [span('48 %', 'busy'), span(' done')]] as const;
  const before = screenOf(...texts);
  t.strictSame(screenOf(...texts).writesAfter(before), [], 'nothing changed');
  t.strictSame(
    screenOf('日本語の映画', 'film 2', texts[2]).writesAfter(before),
    [{row: 1, column: 5, text: '2', tone: 'plain'}],
    'one letter',
  );
  t.strictSame(
    screenOf('日本語の漫画', 'film 1', texts[2]).writesAfter(before),
    [{row: 0, column: 8, text: '漫', tone: 'plain'}],
    'one wide letter, as a whole',
  );
  const toned = screenOf(texts[0], texts[1], [span('48 %', 'good'), span(' done')]);
  t.strictSame(toned.writesAfter(before), [{row: 2, column: 0, text: '48 %', tone: 'good'}], 'a tone alone');
  t.ok(bytesOf(screenOf('x').writesAfter(undefined)) >= 80 * 24, 'all of it where there was nothing');
  const other = new Grid({columns: 79, rows: 24});
  t.ok(bytesOf(other.writesAfter(before)) >= 79 * 24, 'all of it on a screen of another size');
});

t.test('changes that are close are one write, and far ones are two', async t => {
  const before = screenOf('a234567b');
  t.equal(screenOf('x23456xb').writesAfter(before).length, 1);
  t.equal(screenOf(`x${'.'.repeat(30)}x`).writesAfter(screenOf(`a${'.'.repeat(30)}b`)).length, 2);
});

t.test('behind what terminals do not agree on in width, the next is put where it belongs', async t => {
  for (const odd of ['日', '🎬', 'e\u0301', 'か\u3099', '한', '🇪', '\uFFFD', 'а\u0483', '☯']) {
    const writes = screenOf(`${odd}next`).writesAfter(screenOf('........'));
    const next = writes.find(({text}) => text.startsWith('next'));
    t.equal(next?.column, widthOf(odd), JSON.stringify(odd));
  }
  for (const even of ['é', 'ñ', 'я', 'Ω', '─', '█', '▏', '→', '…', '·'])
    t.equal(screenOf(`${even}next`).writesAfter(screenOf('........')).length, 1, even);
});
