/**
 * Owns the terminal: its keys, its size, what is written on it, and how it is left. The only importer of blessed, of which
 * it takes what knows terminals; what stands in which cell is ours (see the decision on it).
 */
import {createRequire} from 'node:module';
import type {ReadStream, WriteStream} from 'node:tty';
import type {Write} from './grid.ts';
import type {Key} from './model.ts';
import type {Size} from './text.ts';
import {escapeOf, type ThemeName} from './theme.ts';

/** As much of blessed's program as is used here. */
interface Program {
  readonly cols: number;
  readonly rows: number;
  readonly tput: {cup(row: number, column: number): string};
  on(event: 'keypress', hear: (character: string | undefined, key: Pressed | undefined) => void): void;
  on(event: 'resize' | 'warning', hear: () => void): void;
  alternateBuffer(): void;
  normalBuffer(): void;
  hideCursor(): void;
  showCursor(): void;
  clear(): void;
  flush(): void;
  destroy(): void;
}

export interface Heard {
  readonly key: (key: Key) => void;
  readonly resized: (size: Size) => void;
}

/** What blessed says of a key; nothing for what it does not know. */
interface Pressed {
  readonly name?: string;
  readonly full?: string;
  readonly sequence?: string;
}

/** Colours as they were, automatic margins on, the keypad and the keys as a shell wants them. */
const sane = '\x1b[0m\x1b[?7h\x1b[?1l\x1b>';

export class Terminal {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #heard: Heard;
  #program: Program | undefined;
  #isOpen = false;

  constructor(input: ReadStream, output: WriteStream, heard: Heard) {
    this.#input = input;
    this.#output = output;
    this.#heard = heard;
  }

  get size(): Size {
    return {columns: this.#output.columns, rows: this.#output.rows};
  }

  open(): void {
    this.#program ??= this.#start();
    this.#program.alternateBuffer();
    this.#program.hideCursor();
    this.#program.clear();
    this.#program.flush();
    this.#input.setRawMode(true);
    this.#input.resume();
    this.#isOpen = true;
  }

  /** May be called twice, and from whatever ends the process: what it writes is written when it returns. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    // Where there is one buffer alone, such as on a console, nothing else takes the screen off it.
    this.#program?.clear();
    this.#program?.showCursor();
    this.#program?.normalBuffer();
    this.#program?.flush();
    this.#output.write(sane);
    if (!this.#input.destroyed) this.#input.setRawMode(false);
    this.#input.pause();
  }

  /** One write for all of them, so that a frame arrives in as few pieces as a line lets it. */
  paint(writes: readonly Write[], theme: ThemeName): void {
    const program = this.#program;
    if (!this.#isOpen || program === undefined || writes.length === 0) return;
    let text = '';
    let tone: Write['tone'] | undefined;
    let [atRow, atColumn] = [-1, -1];
    for (const write of writes) {
      if (write.row !== atRow || write.column !== atColumn || !isAscii(write.text))
        text += program.tput.cup(write.row, write.column);
      if (write.tone !== tone) text += escapeOf(theme, write.tone);
      text += write.text;
      tone = write.tone;
      // Behind what is not plain nobody knows where the cursor is.
      [atRow, atColumn] = isAscii(write.text) ? [write.row, write.column + write.text.length] : [-1, -1];
    }
    this.#output.write(`${text}\x1b[0m`);
  }

  /** What was drawn is not to be relied on any more. */
  clear(): void {
    this.#program?.clear();
    this.#program?.flush();
  }

  #start(): Program {
    const load = createRequire(import.meta.url);
    // Its widgets would be loaded with the rest of it.
    const make = load('blessed/lib/program') as (options: object) => Program;
    const program = make({input: this.#input, output: this.#output, zero: true, buffer: true});
    program.on('warning', () => {});
    program.on('keypress', (character, pressed) => {
      const key = keyOf(character, pressed);
      if (key !== undefined) this.#heard.key(key);
    });
    this.#output.on('resize', () => this.#heard.resized(this.size));
    return program;
  }
}

/** blessed tells Enter twice, by two names. */
function keyOf(character: string | undefined, pressed: Pressed | undefined): Key | undefined {
  const {name, full, sequence: raw = character ?? ''} = pressed ?? {};
  if (name === 'return') return undefined;
  const isTyped = character !== undefined && /^[^\p{Cc}\p{Cs}\u{e000}-\u{f8ff}]$/u.test(character);
  if (isTyped) return {name: character === ' ' ? 'space' : character, text: character, raw};
  if (character === '\x1d') return {name: 'C-]', text: null, raw: character};
  return full === undefined ? undefined : {name: full === 'linefeed' ? 'enter' : full, text: null, raw};
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
