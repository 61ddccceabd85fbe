/**
 * Owns the file that lines are added to: a batch is on disk whole, or the file is put back to what it was. Never knows
 * what a line says.
 */
import {type FileHandle, open} from 'node:fs/promises';
import {syncFolder} from '../files.ts';
import {dayFile} from './files.ts';

export class DayFile {
  readonly #folder: string;
  #file: FileHandle | undefined;
  #day = '';
  /** Up to here all is well. */
  #bytes = 0;
  /** Part of a batch that failed may lie behind that. */
  #soiled = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Throws when it could not be written, and then none of it was. */
  async append(day: string, lines: Buffer): Promise<void> {
    const file = await this.#open(day);
    await this.#clean(file);
    this.#soiled = true;
    try {
      await file.appendFile(lines);
      await file.datasync();
    } catch (cause) {
      // At the next attempt, if it cannot be done now.
      await this.#clean(file).catch(() => undefined);
      throw cause;
    }
    this.#soiled = false;
    this.#bytes += lines.length;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async #open(day: string): Promise<FileHandle> {
    if (this.#file !== undefined) {
      // One that was removed would take every line along, unseen.
      const isThere = (await this.#file.stat()).nlink > 0;
      if (this.#day === day && isThere) return this.#file;
      await this.#clean(this.#file);
      await this.close();
    }
    const file = await open(dayFile(this.#folder, day), 'a', 0o600);
    const {size} = await file.stat();
    this.#file = file;
    this.#day = day;
    this.#bytes = size;
    this.#soiled = false;
    if (size === 0) await syncFolder(this.#folder);
    return file;
  }

  async #clean(file: FileHandle): Promise<void> {
    if (!this.#soiled) return;
    await file.truncate(this.#bytes);
    this.#soiled = false;
  }
}
