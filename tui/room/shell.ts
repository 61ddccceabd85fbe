/**
 * Owns a shell of the person's own in a part of the screen, and what it shows. The only importer of the emulator that
 * reads what programs draw. It is nobody else's: it runs as whoever started this screen, and ends with it.
 */
import {createRequire} from 'node:module';
import type {Terminal as Emulator} from '@xterm/headless';
import {openPty, type Pty} from './pty.ts';
import {type Line, type Size, type Span, span} from './text.ts';
import type {Tone} from './theme.ts';

export interface ShellSetting {
  readonly size: Size;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** There is something new to be seen. */
  readonly changed: () => void;
  readonly ended: () => void;
}

/** What the emulator is: colours would be those of another terminal than the one it is shown on. */
const kind = 'xterm-mono';

export class Shell {
  readonly #pty: Pty;
  readonly #emulator: Emulator;

  constructor({size, env, changed, ended}: ShellSetting) {
    const {columns, rows} = size;
    const {Terminal} = createRequire(import.meta.url)('@xterm/headless') as {Terminal: typeof Emulator};
    this.#emulator = new Terminal({cols: columns, rows, allowProposedApi: true, scrollback: 0});
    this.#pty = openPty([env['SHELL'] ?? '/bin/sh'], {
      ...{columns, rows, folder: env['HOME'] ?? '/'},
      env: {...env, TERM: kind, TMUX: undefined, COLUMNS: undefined, LINES: undefined},
    });
    this.#pty.onData(data => this.#emulator.write(data, changed));
    this.#pty.onExit(ended);
    // What programs ask of a terminal, it answers.
    this.#emulator.onData(answer => this.#pty.write(answer));
  }

  type(raw: string): void {
    this.#pty.write(raw);
  }

  resize({columns, rows}: Size): void {
    this.#emulator.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  /** As it looks now, the cursor in it. */
  lines(): readonly Line[] {
    const {active} = this.#emulator.buffer;
    const cell = active.getNullCell();
    return Array.from({length: this.#emulator.rows}, (_, row) => {
      const shown = active.getLine(active.baseY + row);
      const spans: Span[] = [];
      for (let column = 0; column < this.#emulator.cols; column++) {
        const at = shown?.getCell(column, cell);
        if (at === undefined || at.getWidth() === 0) continue;
        const isCursor = row === active.cursorY && column === active.cursorX;
        const tone: Tone =
          isCursor !== (at.isInverse() !== 0) ? 'cursor' : at.isBold() === 0 ? 'plain' : 'strong';
        const text = at.getChars() || ' ';
        const last = spans.at(-1);
        if (last?.tone === tone) spans[spans.length - 1] = {text: last.text + text, tone};
        else spans.push({text, tone});
      }
      return spans.map(({text, tone}) => span(text, tone));
    });
  }

  stop(): void {
    try {
      this.#pty.kill('SIGHUP');
    } catch {
      // It has ended.
    }
    this.#emulator.dispose();
  }
}
