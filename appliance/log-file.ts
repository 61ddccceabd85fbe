/**
 * Owns the log's file: it is begun anew every UTC day and whenever it is full, and only so many old ones are kept. Never
 * knows what a line says.
 *
 * Written at once, by a blocking call: a line is with the kernel when `write` returns, so that the last words before a
 * crash are there. That costs some microseconds; what has to survive a power cut belongs into the audit.
 */
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import {basename, dirname} from 'node:path';

export interface LogFileSettings {
  readonly path: string;
  readonly limitBytes: number;
  /** Old files: `NAME.1` is the newest of them. */
  readonly keep: number;
  readonly now: () => number;
}

/** What could not be written; the first line that can be is preceded by one that tells. */
export interface LostLines {
  readonly lines: number;
  readonly why: string;
}

interface OpenFile {
  readonly descriptor: number;
  /** Of its last line. */
  readonly day: string;
  readonly bytes: number;
  /** A crash or a full disk left half a line at its end. */
  readonly torn: boolean;
}

export class LogFile {
  readonly #settings: LogFileSettings;
  #file: OpenFile | undefined;
  #lost: LostLines | null = null;
  #stopped = false;

  constructor(settings: LogFileSettings) {
    this.#settings = settings;
  }

  /** Throws when the file cannot be opened. */
  start(): void {
    mkdirSync(dirname(this.#settings.path), {recursive: true, mode: 0o700});
    this.#file = opened(this.#settings.path);
  }

  /** Never throws: what cannot be written is counted. */
  write(line: string): void {
    if (this.#stopped) return;
    try {
      const day = new Date(this.#settings.now()).toISOString().slice(0, 10);
      this.#makeRoom(day, Buffer.byteLength(line));
      if (this.#lost !== null) this.#append(day, this.#noteOf(this.#lost));
      this.#lost = null;
      this.#append(day, line);
    } catch (cause) {
      this.#lost = {lines: (this.#lost?.lines ?? 0) + 1, why: this.#lost?.why ?? String(cause)};
    }
  }

  /** Null when every line was written. */
  get trouble(): LostLines | null {
    return this.#lost;
  }

  stop(): void {
    this.#stopped = true;
    this.#close();
  }

  #makeRoom(day: string, bytes: number): void {
    const file = this.#file;
    if (file === undefined) return;
    const isOver = file.day < day || file.bytes + bytes > this.#settings.limitBytes;
    // One that was removed would take the lines along, unseen. A clock that was set back is no new day.
    const isThere = fstatSync(file.descriptor).nlink > 0;
    if (isThere && (file.bytes === 0 || !isOver)) return;
    if (isThere) rotate(this.#settings);
    this.#close();
  }

  #append(day: string, line: string): void {
    this.#file ??= opened(this.#settings.path);
    const {descriptor, bytes, torn} = this.#file;
    const data = Buffer.from(torn ? `\n${line}` : line);
    const written = writeSync(descriptor, data);
    const whole = written === data.length;
    this.#file = {descriptor, day, bytes: bytes + written, torn: whole ? false : torn || written > 0};
    if (!whole) throw new Error(`${this.#settings.path}: the disk took only a part of the line`);
  }

  #close(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) closeSync(file.descriptor);
  }

  #noteOf({lines, why}: LostLines): string {
    const time = new Date(this.#settings.now()).toISOString();
    return `${JSON.stringify({level: 'error', time, lines, why, msg: 'log lines were lost'})}\n`;
  }
}

function opened(path: string): OpenFile {
  const descriptor = openSync(path, 'a+', 0o600);
  const {size, mtime} = fstatSync(descriptor);
  const last = Buffer.from('\n');
  if (size > 0) readSync(descriptor, last, 0, 1, size - 1);
  return {descriptor, day: mtime.toISOString().slice(0, 10), bytes: size, torn: last.toString() !== '\n'};
}

/** The oldest goes first: wherever this is stopped, it can be begun again. */
function rotate({path, keep}: LogFileSettings): void {
  const numbers = oldOf(path).toReversed();
  for (const number of numbers) {
    if (number >= keep) rmSync(`${path}.${number}`, {force: true});
    else renameSync(`${path}.${number}`, `${path}.${number + 1}`);
  }
  if (keep > 0) renameSync(path, `${path}.1`);
  else rmSync(path, {force: true});
}

/** Numbers of the old files, ascending. */
function oldOf(path: string): readonly number[] {
  const start = `${basename(path)}.`;
  const ends = readdirSync(dirname(path)).flatMap(name =>
    name.startsWith(start) ? name.slice(start.length) : [],
  );
  return ends
    .filter(end => /^[1-9]\d{0,5}$/.test(end))
    .map(Number)
    .toSorted((a, b) => a - b);
}
