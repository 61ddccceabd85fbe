/**
 * Owns a job's folder: taking it for one process at a time, and leaving nothing behind when the input is refused.
 * Never knows what is made in it.
 */
import {constants, type Stats} from 'node:fs';
import {access, mkdir, rm, rmdir, stat, statfs} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {z} from 'zod';
import {Digest, digestOfFile} from '../appliance/digest.ts';
import {Failed} from '../appliance/failure.ts';
import {readJsonFile, replaceFile} from '../appliance/files.ts';
import {FolderLock} from '../appliance/lock.ts';

const Seen = z.object({
  path: z.string(),
  size: z.number(),
  modifiedMs: z.number(),
  inode: z.number(),
  digest: Digest,
});

export class Workplace {
  readonly folder: string;
  readonly #lock: FolderLock;
  /** The topmost folder that this process made on the way, undefined when all were there. */
  #made: string | undefined;

  constructor(folder: string) {
    this.folder = folder;
    this.#lock = new FolderLock(folder);
  }

  /**
   * Takes the folder for this process, or leaves everything as it was. Throws Failed when it cannot be written or
   * another process works in it, and a full disk as it comes.
   */
  async take(): Promise<void> {
    try {
      this.#made = await makeFolders(this.folder);
      await access(this.folder, constants.W_OK);
      await this.#lock.take();
    } catch (cause) {
      if (cause instanceof Failed) throw cause;
      await this.abandon();
      if (isCode(cause, 'ENOSPC') || isCode(cause, 'EDQUOT')) throw cause;
      throw new Failed(
        {reason: 'not-writable', path: dirname(dirname(this.folder)), detail: wordsOf(cause)},
        {cause},
      );
    }
  }

  async leave(): Promise<void> {
    await this.#lock.leave();
  }

  /** Leaves and takes along everything that would not be here without this process. */
  async abandon(): Promise<void> {
    await this.leave();
    if (this.#made === undefined) return;
    await rm(this.folder, {recursive: true, force: true});
    const top = dirname(this.#made);
    for (
      let folder = dirname(this.folder);
      folder !== top && folder.startsWith(this.#made);
      folder = dirname(folder)
    ) {
      if (
        !(await rmdir(folder).then(
          () => true,
          () => false,
        ))
      )
        return;
    }
  }

  get isNew(): boolean {
    return this.#made !== undefined;
  }

  /** Digest of the source: read whole once, and again only when its file was touched. */
  async digestOfSource(path: string, signal: AbortSignal): Promise<Digest> {
    const seenPath = join(this.folder, 'source.json');
    const found = await stat(path);
    const seen = await readJsonFile(seenPath, Seen).catch(() => undefined);
    if (seen !== undefined && sameFile(seen, path, found)) return seen.digest;
    const digest = await digestOfFile(path, signal);
    const {size, mtimeMs: modifiedMs, ino: inode} = found;
    await replaceFile(seenPath, JSON.stringify({path, size, modifiedMs, inode, digest}));
    return digest;
  }

  async freeBytes(): Promise<number> {
    const {bavail, bsize} = await statfs(this.folder);
    return bavail * bsize;
  }
}

/**
 * Makes a folder and those above it that are missing; returns the topmost one made. Step by step: Node's own
 * recursive mkdir never returns where the kernel answers ENOENT to every try, as under /proc.
 */
async function makeFolders(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined) return undefined;
  const parent = dirname(path);
  const made = parent === path ? undefined : await makeFolders(parent);
  try {
    await mkdir(path);
  } catch (cause) {
    // Another process may have been quicker.
    if (!isCode(cause, 'EEXIST') || !(await stat(path)).isDirectory()) throw cause;
    return made;
  }
  return made ?? path;
}

function sameFile(seen: z.infer<typeof Seen>, path: string, found: Stats): boolean {
  return (
    seen.path === path &&
    seen.size === found.size &&
    seen.modifiedMs === found.mtimeMs &&
    seen.inode === found.ino
  );
}

function isCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code;
}

function wordsOf(cause: unknown): string {
  if (isCode(cause, 'EROFS')) return 'it is on a read-only file system';
  if (isCode(cause, 'EACCES') || isCode(cause, 'EPERM')) return 'permission denied';
  if (isCode(cause, 'ENOTDIR') || isCode(cause, 'EEXIST')) return 'a part of the path is a file';
  return cause instanceof Error ? cause.message : String(cause);
}
