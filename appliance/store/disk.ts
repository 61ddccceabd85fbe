/** Owns the system calls that the store is made of, and what it takes for each to be on disk. Never knows what is in a file. */
import {constants, writeSync} from 'node:fs';
import {chmod, copyFile, type FileHandle, mkdir, open, rename, rm} from 'node:fs/promises';
import {dirname} from 'node:path';
import {syncFolder} from '../files.ts';

const {O_RDWR, O_CREAT, O_EXCL, O_DSYNC, O_NOFOLLOW} = constants;

/**
 * Where a write usually takes less than this, it is made at once: the trip through the thread pool costs as much as a
 * quick disk does. A slower disk gets the trip, so that nothing else has to wait for it.
 */
const quickMs = 2;

export class Disk {
  readonly #now: () => number;
  /** The median of what writes took lately, about; it hears of a stall, and is not moved by one. */
  #usualMs = 2 * quickMs;

  /** True while a whole snapshot is on its way to the disk: even a quick one is slow then. */
  #isBusy = false;

  /** `now` is in milliseconds and only goes forward. */
  constructor(now: () => number) {
    this.#now = now;
  }

  async makeFolder(folder: string): Promise<void> {
    const first = await mkdir(folder, {recursive: true, mode: 0o700});
    await chmod(folder, 0o700);
    if (first !== undefined) await syncFolder(dirname(first));
  }

  /** A file for `write`. Throws when there is one of that name. */
  create(path: string): Promise<FileHandle> {
    return open(path, O_RDWR | O_CREAT | O_EXCL | O_DSYNC | O_NOFOLLOW, 0o600);
  }

  open(path: string): Promise<FileHandle> {
    return open(path, O_RDWR | O_DSYNC | O_NOFOLLOW);
  }

  /** On disk when it returns: O_DSYNC is a write and fdatasync in one call. */
  async write(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
    const began = this.#now();
    for (let done = 0; done < bytes.length; ) {
      const rest = bytes.length - done;
      const written =
        this.#usualMs < quickMs && !this.#isBusy
          ? writeSync(file.fd, bytes, done, rest, at + done)
          : (await file.write(bytes, done, rest, at + done)).bytesWritten;
      if (written === 0) throw new Error('a write took nothing and said nothing');
      done += written;
    }
    this.#usualMs *= this.#now() - began > this.#usualMs ? 1.1 : 1 / 1.1;
  }

  /** Only what comes before `length` stays. */
  async cut(file: FileHandle, length: number): Promise<void> {
    await file.truncate(length);
    await file.sync();
  }

  /** A file for `append`, which is on disk only after `publish`. */
  createDraft(path: string): Promise<FileHandle> {
    return open(path, 'w', 0o600);
  }

  async append(file: FileHandle, bytes: Buffer): Promise<void> {
    await file.writeFile(bytes);
  }

  /** Closes a draft and gives it its name, in one step: whoever looks finds all of it or nothing. */
  async publish(file: FileHandle, draft: string, path: string): Promise<void> {
    this.#isBusy = true;
    try {
      await file.sync();
      await file.close();
      await rename(draft, path);
      await syncFolder(dirname(path));
    } finally {
      this.#isBusy = false;
    }
  }

  async copy(from: string, to: string): Promise<void> {
    await copyFile(from, to, constants.COPYFILE_EXCL);
    await chmod(to, 0o600);
    await using file = await open(to, 'r+');
    await file.sync();
  }

  async moveFolder(from: string, to: string): Promise<void> {
    await syncFolder(from);
    await rename(from, to);
    await syncFolder(dirname(to));
  }

  /** Its name may come back after a power cut: whatever is removed must be harmless. */
  async remove(path: string): Promise<void> {
    await rm(path, {recursive: true, force: true});
  }

  async syncFolder(folder: string): Promise<void> {
    await syncFolder(folder);
  }
}
