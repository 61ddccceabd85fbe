/**
 * Owns reaching files below the inbox so that a link can lead nowhere else: every folder is opened by itself, without
 * following links, and names are looked up in the open folder (through /proc/self/fd, as openat does). Never moves or
 * writes a file.
 */
import {constants, lstat, type Stats} from 'node:fs';
import {access, type FileHandle, mkdir, open} from 'node:fs/promises';
import type {Name} from './names.ts';

const {O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK} = constants;

export type FileType = 'file' | 'folder' | 'link' | 'fifo' | 'socket' | 'device';

/** What there is to see of a file without opening it. */
export interface Sight {
  readonly type: FileType;
  readonly bytes: number;
  /** How many names it has. */
  readonly links: number;
  readonly inode: number;
  readonly modifiedMs: number;
  /** Moves with every write, rename and change of permissions, and nobody can set it back. */
  readonly changedMs: number;
}

/** Numbers, not bigints: ten thousand of these are held at once, and 0.2 µs tell two writes apart well enough. */
export function sightOf(stats: Stats): Sight {
  return {
    type: typeOf(stats),
    bytes: stats.size,
    links: stats.nlink,
    inode: stats.ino,
    modifiedMs: stats.mtimeMs,
    changedMs: stats.ctimeMs,
  };
}

/** True when it is the same file and nobody has touched it in between. */
export function isUntouched(a: Sight, b: Sight): boolean {
  return hasSameContent(a, b) && a.changedMs === b.changedMs && a.links === b.links && a.type === b.type;
}

/** True when it is the same file with the same content, even under another name. */
export function hasSameContent(a: Content, b: Content): boolean {
  return a.inode === b.inode && a.bytes === b.bytes && a.modifiedMs === b.modifiedMs;
}

export type Content = Pick<Sight, 'inode' | 'bytes' | 'modifiedMs'>;

function typeOf(stats: Stats): FileType {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  if (stats.isSymbolicLink()) return 'link';
  if (stats.isFIFO()) return 'fifo';
  return stats.isSocket() ? 'socket' : 'device';
}

/**
 * The folder at the end of `path` below `root`, which alone may be reached through links. With `make`, what is missing
 * is made. Whoever gets it closes it.
 */
export async function openFolder(root: string, path: readonly Name[], make = false): Promise<FileHandle> {
  let folder = await open(root, O_RDONLY | O_DIRECTORY);
  for (const name of path) {
    const parent = folder;
    try {
      if (make) await mkdir(within(parent, name)).catch(unless('EEXIST'));
      folder = await open(within(parent, name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    } finally {
      await parent.close();
    }
  }
  return folder;
}

/** The path of a name in an open folder: valid while that is open, wherever it is moved to. */
export function within(folder: FileHandle, name: Name): string | Buffer {
  if (/^\.{0,2}$|[/\0]/.test(name)) throw new Error(`not the name of a file: ${JSON.stringify(name)}`);
  const path = `${pathOf(folder)}/${name}`;
  return /^[\x20-\x7e]*$/.test(name) ? path : Buffer.from(path, 'latin1');
}

/** An open folder by a path of its own. */
export function pathOf(folder: FileHandle): string {
  return `/proc/self/fd/${folder.fd}`;
}

/** What bears the name now; undefined when nothing does. With callbacks: half the cost of the promise of node:fs. */
export function look(folder: FileHandle, name: Name): Promise<Sight | undefined> {
  return new Promise((resolve, reject) => {
    lstat(within(folder, name), (cause, stats) => {
      if (cause === null) resolve(sightOf(stats));
      else if (cause.code === 'ENOENT') resolve(undefined);
      else reject(cause);
    });
  });
}

/** Opens a file for reading; never a link, and without waiting for the other end of a FIFO. */
export function openFile(folder: FileHandle, name: Name): Promise<FileHandle> {
  return open(within(folder, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
}

export async function sightOfOpen(file: FileHandle): Promise<Sight> {
  return sightOf(await file.stat());
}

/** Why nothing can be moved out of the folder; null when it can. */
export async function whyFixed(folder: FileHandle): Promise<string | null> {
  return access(pathOf(folder), constants.W_OK | constants.X_OK).then(
    () => null,
    cause => codeOf(cause),
  );
}

/** The system's word for what went wrong; throws on when it is no error of the system. */
export function codeOf(cause: unknown): string {
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') {
    if (/^E[A-Z0-9]+$/.test(cause.code)) return cause.code;
  }
  throw cause;
}

/** For `catch`: makes an error with one of these codes an undefined, and throws every other. */
export function unless(...codes: readonly string[]): (cause: unknown) => undefined {
  return cause => {
    if (codes.includes(codeOf(cause))) return undefined;
    throw cause;
  };
}
