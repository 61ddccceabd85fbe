/** Owns writing a small file so that after a crash or a power cut there is the old one or the new one, whole. */
import {randomUUID} from 'node:crypto';
import {open, readFile, rename, rm} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import type {z} from 'zod';

export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  await swapFile(path, content, {sync: true});
  await syncFolder(dirname(path));
}

/** The old file or the new one, whole, to every reader; after a power cut only when `sync` is asked for. */
export async function swapFile(
  path: string,
  content: string | Uint8Array,
  {sync}: {readonly sync: boolean},
): Promise<void> {
  const fresh = freshBeside(path);
  try {
    await write(fresh, content, sync);
    await rename(fresh, path);
  } catch (cause) {
    await rm(fresh, {force: true});
    throw cause;
  }
}

/** A name of its own in the same folder, out of sight, and short: `path` may be as long as a name can be. */
export function freshBeside(path: string): string {
  return join(dirname(path), `.${randomUUID()}.tmp`);
}

async function write(path: string, content: string | Uint8Array, sync: boolean): Promise<void> {
  await using file = await open(path, 'wx', 0o644);
  await file.writeFile(content);
  if (sync) await file.datasync();
}

/** What a file holds is on disk when this returns. */
export async function syncFile(path: string): Promise<void> {
  await using handle = await open(path, 'r');
  await handle.datasync();
}

/** A rename is on disk only when its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}

/** A JSON file by its schema; undefined when there is none. Throws when it is there and does not parse. */
export async function readJsonFile<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw cause;
  });
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}
