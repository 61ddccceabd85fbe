/** Owns the files of uploads: under their ids in one folder, mode 0600, never reached through a link. Never names one after a film. */
import {constants} from 'node:fs';
import {type FileHandle, link, open, readdir, rm, statfs} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {syncFolder} from '../../appliance/files.ts';
import type {UploadId} from '../../appliance/upload.ts';
import {copyOpen} from '../inbox/copy.ts';
import {codeOf} from '../inbox/folder.ts';
import {headBytes} from './magic.ts';

const {O_RDWR, O_NOFOLLOW, O_NONBLOCK} = constants;

export class UploadFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  path(id: UploadId): string {
    return join(this.#folder, id);
  }

  /** Empty, and on disk. */
  async make(id: UploadId): Promise<void> {
    const file = await open(this.path(id), 'wx', 0o600);
    await file.close();
    await syncFolder(this.#folder);
  }

  /** Whoever gets it closes it. */
  open(id: UploadId): Promise<FileHandle> {
    return open(this.path(id), O_RDWR | O_NOFOLLOW | O_NONBLOCK);
  }

  async remove(id: UploadId): Promise<void> {
    await rm(this.path(id), {force: true});
  }

  /** What lies there and is no upload of these. */
  async removeAllBut(ids: {has(id: string): boolean}): Promise<number> {
    const others = (await readdir(this.#folder)).filter(name => !ids.has(name));
    for (const name of others) await rm(join(this.#folder, name), {recursive: true, force: true});
    return others.length;
  }

  async freeBytes(): Promise<number> {
    const {bavail, bsize} = await statfs(this.#folder);
    return bavail * bsize;
  }
}

/** The first bytes, as many as there are. */
export async function headOf(file: FileHandle): Promise<Buffer> {
  const {buffer, bytesRead} = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
  return buffer.subarray(0, bytesRead);
}

interface Moved {
  readonly path: string;
  readonly as: string;
}

/**
 * Gives files a name in a folder besides their own, so that at any moment one of the two is there; a copy where the
 * folder is on another file system, or one without links. All of it is on disk when this resolves.
 */
export async function moveIn(folder: string, files: readonly Moved[], signal: AbortSignal): Promise<void> {
  for (const {path, as} of files) {
    try {
      await link(path, join(folder, as));
    } catch (cause) {
      if (!noLinks.has(codeOf(cause))) throw cause;
      await using file = await open(path, constants.O_RDONLY | O_NOFOLLOW);
      await copyOpen(file, join(folder, as), signal);
    }
  }
  for (const synced of [folder, dirname(folder), dirname(dirname(folder))]) await syncFolder(synced);
}

const noLinks: ReadonlySet<string> = new Set(['EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS']);
