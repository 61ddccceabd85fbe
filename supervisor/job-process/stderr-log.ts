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
  #kept: Buffer;
  #bytes: number;
  #said: Buffer = Buffer.alloc(0);
  #trouble: unknown;

  private constructor(file: FileHandle, kept: Buffer, bytes: number) {
    this.#file = file;
    this.#kept = kept;
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
    return this.#said.toString('utf8');
  }

  /** Takes all of it; resolves when the stream ends. A disk that is full costs the log and not the job. */
  async take(stream: Readable, pace: Pace): Promise<void> {
    try {
      for await (const chunk of paced(stream, pace)) {
        this.#said = lastOf(this.#said, chunk, tailBytes);
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
    this.#kept = lastOf(this.#kept, chunk, keptBytes);
    if (this.#bytes + chunk.length > 2 * keptBytes) return this.#cut();
    this.#bytes += chunk.length;
    await this.#file.appendFile(chunk);
  }

  async #cut(): Promise<void> {
    await this.#file.truncate(0);
    await this.#file.appendFile(this.#kept);
    this.#bytes = this.#kept.length;
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

function lastOf(before: Buffer, chunk: Buffer, limit: number): Buffer {
  if (chunk.length >= limit) return Buffer.from(chunk.subarray(-limit));
  return Buffer.concat([before.subarray(Math.max(0, before.length + chunk.length - limit)), chunk]);
}
