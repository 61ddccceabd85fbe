/**
 * Owns the file that batches are appended to: where its lines end, how far it is allocated, and putting it right after
 * a write that failed. Never knows what a line says, nor which journal counts.
 */
import type {FileHandle} from 'node:fs/promises';
import {dirname} from 'node:path';
import type {Disk} from './disk.ts';

/** Allocated ahead at a time: a line that changes the size of its file takes twice as long. */
const stepBytes = 256 << 10;

export class Journal {
  readonly path: string;
  readonly number: number;
  readonly #disk: Disk;
  #file: FileHandle | undefined;
  #end: number;
  #allocated: number;

  private constructor(disk: Disk, at: JournalAt, allocated: number) {
    this.path = at.path;
    this.number = at.number;
    this.#disk = disk;
    this.#end = at.end;
    this.#allocated = allocated;
  }

  get isEmpty(): boolean {
    return this.#end === 0;
  }

  /** A new one, on disk together with its name. */
  static async create(disk: Disk, at: Omit<JournalAt, 'end'>): Promise<Journal> {
    const journal = new Journal(disk, {...at, end: 0}, stepBytes);
    try {
      journal.#file = await disk.create(at.path);
      await disk.write(journal.#file, Buffer.alloc(stepBytes), 0);
      await disk.syncFolder(dirname(at.path));
    } catch (cause) {
      // Without a line in it, it does no harm where it can't be removed.
      if (journal.#file !== undefined) await disk.remove(at.path).catch(() => {});
      await journal.close();
      throw cause;
    }
    return journal;
  }

  /** One that is there, whose lines end at `end`. */
  static async resume(disk: Disk, at: JournalAt): Promise<Journal> {
    const file = await disk.open(at.path);
    const {size} = await file.stat();
    const journal = new Journal(disk, at, size);
    journal.#file = file;
    return journal;
  }

  /** On disk when it returns. When it throws, nothing may be written before `cut` has returned. */
  async append(line: Buffer): Promise<void> {
    if (this.#file === undefined) throw new Error(`${this.path} is closed`);
    const end = this.#end + line.length;
    const allocated = Math.max(this.#allocated, Math.ceil(end / stepBytes) * stepBytes);
    const grown = allocated > this.#allocated;
    await this.#disk.write(this.#file, grown ? padded(line, allocated - this.#end) : line, this.#end);
    this.#end = end;
    this.#allocated = allocated;
  }

  /** Takes away whatever a failed write left behind the last line, through a handle that saw no error yet. */
  async cut(): Promise<void> {
    await this.close();
    this.#file = await this.#disk.open(this.path);
    await this.#disk.cut(this.#file, this.#end);
    this.#allocated = this.#end;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    // What the file holds was on disk before: there is nothing that closing could still fail to write.
    await file?.close().catch(() => {});
  }
}

export interface JournalAt {
  readonly path: string;
  readonly number: number;
  readonly end: number;
}

function padded(line: Buffer, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  line.copy(bytes);
  return bytes;
}
