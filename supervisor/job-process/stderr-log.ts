/**
 * Owns what a job process says on stderr: the end of it in a file of bounded length, which runs add to, and the very
 * end in memory. Never reads a line, never shows one.
 */
import {constants} from 'node:fs';
import {type FileHandle, open, rm} from 'node:fs/promises';
import type {Readable} from 'node:stream';
import {type Pace, paced} from './pace.ts';

/** What is kept when the file is cut; it never has more than twice that. */
const keptBytes = 128 << 10;
const tailBytes = 8192;

export class StderrLog {
  readonly #file: FileHandle;
  /** The end of the file. */
  readonly #kept = new Tail(keptBytes);
  readonly #said = new Tail(tailBytes);
  #bytes: number;
  #trouble: unknown;

  private constructor(file: FileHandle, kept: Buffer, bytes: number) {
    this.#file = file;
    this.#kept.add(kept);
    this.#bytes = bytes;
  }

  static async open(path: string): Promise<StderrLog> {
    const file = await openOwn(path);
    try {
      const {size} = await file.stat();
      const kept = Buffer.alloc(Math.min(size, keptBytes));
      await file.read(kept, 0, kept.length, size - kept.length);
      const log = new StderrLog(file, kept, size);
      if (size > keptBytes) await log.#cut();
      return log;
    } catch (cause) {
      await file.close();
      throw cause;
    }
  }

  /** The last of what this run said. */
  get tail(): string {
    return this.#said.whole().toString('utf8');
  }

  /** Takes all of it; resolves when the stream ends. A disk that is full costs the log and not the job. */
  async take(stream: Readable, pace: Pace): Promise<void> {
    try {
      for await (const chunk of paced(stream, pace)) {
        this.#said.add(chunk);
        if (this.#trouble === undefined) await this.#write(chunk).catch(cause => (this.#trouble = cause));
      }
    } catch {
      // A pipe that breaks has said all it will say.
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #write(chunk: Buffer): Promise<void> {
    this.#kept.add(chunk);
    if (this.#bytes + chunk.length > 2 * keptBytes) return this.#cut();
    this.#bytes += chunk.length;
    await this.#file.appendFile(chunk);
  }

  async #cut(): Promise<void> {
    const kept = this.#kept.whole();
    await this.#file.truncate(0);
    await this.#file.appendFile(kept);
    this.#bytes = kept.length;
  }
}

/** Without a jail a job can put anything in the place of its log: what is no plain file there is replaced. */
async function openOwn(path: string): Promise<FileHandle> {
  const {O_RDWR, O_CREAT, O_APPEND, O_NOFOLLOW, O_NONBLOCK, O_EXCL} = constants;
  const flags = O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK;
  const there = await open(path, flags, 0o600).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ELOOP' || cause.code === 'EISDIR' || cause.code === 'ENXIO') return undefined;
    throw cause;
  });
  const plain = there !== undefined && (await there.stat()).isFile();
  if (there !== undefined && plain) return there;
  await there?.close();
  await rm(path, {recursive: true});
  return open(path, flags | O_EXCL, 0o600);
}

/** The last bytes of what was added. Pieces are joined now and then, and not each time: they may be of one byte. */
class Tail {
  readonly #limit: number;
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  add(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#pieces.length > 256 || this.#bytes > 2 * this.#limit) this.whole();
  }

  whole(): Buffer {
    // Copied: what is left of a piece would keep all of it in memory.
    const whole = Buffer.from(Buffer.concat(this.#pieces).subarray(-this.#limit));
    this.#pieces = [whole];
    this.#bytes = whole.length;
    return whole;
  }
}
