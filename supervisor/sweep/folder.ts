/**
 * Owns a folder held open and what is done to the names in it: looked at, entered, removed. Never follows a link:
 * each step down starts at the folder held, so that what is renamed or replaced meanwhile leads nowhere else.
 *
 * Node has no openat(2). Linux names an open folder `/proc/self/fd/N`, and what stands behind that is looked up from
 * the folder itself, wherever it has been moved to.
 */
import {constants, type Stats} from 'node:fs';
import {type FileHandle, lstat, open, opendir, rmdir, unlink} from 'node:fs/promises';

const folderOnly = constants.O_RDONLY | constants.O_DIRECTORY;

export class Folder implements AsyncDisposable {
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** The one path that may lead through links: it is the administrator's own. */
  static async open(path: string): Promise<Folder> {
    return new Folder(await open(path, folderOnly));
  }

  /** The folder of that name in this one. Throws ENOTDIR for a link, as for a file. */
  async enter(name: string): Promise<Folder> {
    return new Folder(await open(this.#at(name), folderOnly | constants.O_NOFOLLOW));
  }

  /** The folder at the end of a path of printable names below this one; the caller closes it. */
  async descend([first = '.', ...rest]: readonly string[]): Promise<Folder> {
    let folder = await this.enter(first);
    for (const name of rest) {
      await using above = folder;
      folder = await above.enter(name);
    }
    return folder;
  }

  /** Printable names, in no order, read a few at a time. */
  async *names(): AsyncGenerator<string> {
    const entries = await opendir(`/proc/self/fd/${this.#handle.fd}`, {encoding: 'latin1'});
    for await (const {name} of entries) yield printable(Buffer.from(name, 'latin1'));
  }

  /** What is there under that name, undefined when nothing is. A link is itself, not what it points at. */
  async look(name: string): Promise<Stats | undefined> {
    try {
      return await lstat(this.#at(name));
    } catch (cause) {
      if (isCode(cause, 'ENOENT')) return undefined;
      throw cause;
    }
  }

  async unlink(name: string): Promise<void> {
    await unlink(this.#at(name));
  }

  /** Removes an empty folder; throws ENOTEMPTY for any other. */
  async removeEmpty(name: string): Promise<void> {
    await rmdir(this.#at(name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }

  #at(name: string): Buffer {
    const bytes = bytesOf(name);
    if (bytes.length === 0 || bytes.includes(0x2f) || name === '..')
      throw new Error(`"${name}" is no name in a folder`);
    return Buffer.concat([Buffer.from(`/proc/self/fd/${this.#handle.fd}/`), bytes]);
  }
}

/** Control characters, and marks that make a text read in another order than it is written in. */
const unprintable = /[\\\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

/**
 * A name of any bytes as text that can be shown and turned back: itself where it is plain text, otherwise with `\xNN`
 * for every byte that is no printable ASCII. A backslash is written that way too.
 */
export function printable(name: Uint8Array): string {
  const bytes = Buffer.from(name);
  const text = bytes.toString('utf8');
  if (!unprintable.test(text) && Buffer.from(text).equals(bytes)) return text;
  return Array.from(bytes, byte =>
    byte > 0x1f && byte < 0x7f && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).padStart(2, '0')}`,
  ).join('');
}

function bytesOf(name: string): Buffer {
  if (!name.includes('\\')) return Buffer.from(name);
  const text = name.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number(`0x${hex}`)));
  return Buffer.from(text, 'latin1');
}

export function isCode(cause: unknown, ...codes: readonly string[]): cause is NodeJS.ErrnoException {
  return cause instanceof Error && 'code' in cause && codes.includes(String(cause.code));
}
