/**
 * Owns copying an open file: the copy is on disk and was read back. Never takes a name away.
 */
import {constants} from 'node:fs';
import {copyFile, type FileHandle, open, unlink} from 'node:fs/promises';
import {type Digest, digestOfOpen} from '../../appliance/digest.ts';
import {codeOf} from './folder.ts';

/**
 * Copies an open file to a path where nothing is yet, by a clone where the file system can. It is on disk when this
 * returns, and what was read back is what was read. After any failure nothing is left at the path.
 */
export async function copyOpen(file: FileHandle, to: string | Buffer, signal: AbortSignal): Promise<Digest> {
  if (await cloned(file, to)) return settled(to, signal, await file.stat());
  const copy = await open(to, 'wx', 0o600);
  try {
    const digest = await digestOfOpen(file, {signal, sink: piece => written(copy, piece)});
    const copied = await settled(to, signal, await file.stat());
    if (copied !== digest)
      throw new Error('a copy does not hold what was written to it: the disk may be failing');
    return digest;
  } catch (cause) {
    await unlink(to);
    throw cause;
  } finally {
    await copy.close();
  }
}

async function written(copy: FileHandle, piece: Uint8Array): Promise<void> {
  for (let at = 0; at < piece.length; ) {
    const {bytesWritten} = await copy.write(piece, at, piece.length - at);
    at += bytesWritten;
  }
}

async function cloned(file: FileHandle, to: string | Buffer): Promise<boolean> {
  const flags = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE;
  try {
    await copyFile(`/proc/self/fd/${file.fd}`, to, flags);
    return true;
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'EEXIST' || code === 'ENOSPC' || code === 'EDQUOT') throw cause;
    return false;
  }
}

/** Puts it on disk under the times of its original, and reads it back. */
async function settled(
  path: string | Buffer,
  signal: AbortSignal,
  {atimeMs, mtimeMs}: {readonly atimeMs: number; readonly mtimeMs: number},
): Promise<Digest> {
  await using copy = await open(path, 'r');
  await copy.utimes(atimeMs / 1000, mtimeMs / 1000);
  await copy.sync();
  return await digestOfOpen(copy, {signal});
}
