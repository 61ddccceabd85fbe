/**
 * Owns a terminal that a test, a bench or a picture looks at: the real program on a real pseudo-terminal, what it draws read by an emulator.
 * Waits for what is to be seen, never for time.
 */
import {createRequire} from 'node:module';
import {fileURLToPath} from 'node:url';
import type {Unicode11Addon as Addon} from '@xterm/addon-unicode11';
import type {Terminal as Emulator} from '@xterm/headless';
import {openPty, type Pty} from '../tui/room/pty.ts';

const load = createRequire(import.meta.url);
// Both are CommonJS, and name what they export in a way that imports do not see.
const {Terminal} = load('@xterm/headless') as {Terminal: typeof Emulator};
const {Unicode11Addon} = load('@xterm/addon-unicode11') as {Unicode11Addon: typeof Addon};

export interface GlassSetting {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Instead of `scripts/dubstead`. */
  readonly program?: string;
  readonly folder?: string;
}

export const command = fileURLToPath(new URL('dubstead', import.meta.url));
const limitMs = 20_000;

export class Glass {
  readonly pty: Pty;
  readonly #emulator: Emulator;
  readonly #ended: Promise<{readonly exitCode: number; readonly signal: number | undefined}>;
  #bytes = 0;
  #raw = '';
  #heard = Promise.withResolvers<void>();
  #hasEnded = false;

  constructor(
    argv: readonly string[],
    {columns = 80, rows = 24, env = {}, program = command, folder}: GlassSetting = {},
  ) {
    this.#emulator = new Terminal({cols: columns, rows, allowProposedApi: true, scrollback: 200});
    this.#emulator.loadAddon(new Unicode11Addon());
    this.#emulator.unicode.activeVersion = '11';
    const {PATH, HOME, NODE_COMPILE_CACHE} = process.env;
    this.pty = openPty([program, ...argv], {
      columns,
      rows,
      folder: folder ?? process.cwd(),
      env: {PATH, HOME, NODE_COMPILE_CACHE, LANG: 'C.UTF-8', TERM: 'xterm-256color', TZ: 'UTC', ...env},
    });
    this.pty.onData(data => {
      this.#bytes += Buffer.byteLength(data);
      this.#raw = (this.#raw + data).slice(-200_000);
      this.#emulator.write(data, () => {
        this.#heard.resolve();
        this.#heard = Promise.withResolvers();
      });
    });
    this.#ended = new Promise(resolve =>
      this.pty.onExit(({exitCode, signal}) =>
        // What came before its end is drawn first.
        this.#emulator.write('', () => {
          this.#hasEnded = true;
          resolve({exitCode, signal});
          this.#heard.resolve();
        }),
      ),
    );
  }

  get rows(): readonly string[] {
    const {active} = this.#emulator.buffer;
    return Array.from(
      {length: this.#emulator.rows},
      (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '',
    );
  }

  get text(): string {
    return this.rows.join('\n');
  }

  /** All that came, escapes and all. */
  get raw(): string {
    return this.#raw;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isAlternate(): boolean {
    return this.#emulator.buffer.active.type === 'alternate';
  }

  get isCursorShown(): boolean {
    const shows = this.#raw.lastIndexOf('\x1b[?25h');
    return shows >= this.#raw.lastIndexOf('\x1b[?25l');
  }

  get emulator(): Emulator {
    return this.#emulator;
  }

  press(keys: string): void {
    this.pty.write(keys);
  }

  resize(columns: number, rows: number): void {
    this.#emulator.resize(columns, rows);
    this.pty.resize(columns, rows);
  }

  /** Until the screen is so. */
  async shows(wanted: RegExp | string | ((glass: Glass) => boolean)): Promise<string> {
    const isSo = (): boolean => {
      if (typeof wanted === 'function') return wanted(this);
      return typeof wanted === 'string' ? this.text.includes(wanted) : wanted.test(this.text);
    };
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new Error(`never showed ${String(wanted)}:\n${this.text}`)),
      limitMs,
    );
    try {
      while (!isSo()) {
        if (this.#hasEnded) throw new Error(`ended before it showed ${String(wanted)}:\n${this.text}`);
        await Promise.race([this.#heard.promise, late.promise]);
      }
    } finally {
      clearTimeout(timer);
      late.promise.catch(() => {});
    }
    return this.text;
  }

  ended(): Promise<{readonly exitCode: number; readonly signal: number | undefined}> {
    return this.#ended;
  }

  /** Ends what is left of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.pty.kill('SIGKILL');
    } catch {
      // It has ended.
    }
    await this.#ended;
    this.#emulator.dispose();
  }
}
