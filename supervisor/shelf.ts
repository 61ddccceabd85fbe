/**
 * Owns the folder where people find finished dubs: each file there is a hard link to the job's own, or a copy where
 * that lies on another file system. Never takes away or writes over a file that it did not put there.
 */
import {constants} from 'node:fs';
import {copyFile, link, lstat, mkdir, rename, rm} from 'node:fs/promises';
import {basename, extname, join} from 'node:path';
import {z} from 'zod';
import {type Digest, digestOfFile} from '../appliance/digest.ts';
import {freshBeside, readJsonFile, replaceFile, syncFile} from '../appliance/files.ts';
import type {UserName} from '../appliance/job.ts';
import type {Output} from '../appliance/wire.ts';

/** What was put out for a job: by the name that the job gave it. */
const Placed = z.record(z.string(), z.object({path: z.string(), bytes: z.number(), modifiedMs: z.number()}));
type Placed = z.infer<typeof Placed>;

/** Names that are tried beside one that is taken: `film.es (2).mkv`. */
const triesLimit = 1000;

export interface ShelfAsk {
  readonly owner: UserName;
  readonly outputs: readonly Output[];
  /** The job's folder: what was put out is remembered there. */
  readonly jobFolder: string;
}

export class Shelf {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get folder(): string {
    return this.#folder;
  }

  /**
   * Puts a job's files out and returns them with the path where people find them. A dub that was made again takes the
   * place of the one before; a file of the same name that is somebody else's is left alone. Streaming renditions stay
   * with the job: they are many files, and for the player only.
   */
  async place({owner, outputs, jobFolder}: ShelfAsk): Promise<Output[]> {
    const folder = join(this.#folder, owner);
    await mkdir(folder, {recursive: true, mode: 0o755});
    const memory = join(jobFolder, 'placed.json');
    let placed = (await readJsonFile(memory, Placed).catch(() => undefined)) ?? {};
    const out: Output[] = [];
    for (const output of outputs) {
      const name = basename(output.path);
      if (extname(name) === '.m3u8') {
        out.push(output);
        continue;
      }
      const path = await this.#put(output, folder, placed[name]);
      const {size: bytes, mtimeMs: modifiedMs} = await lstat(path);
      placed = {...placed, [name]: {path, bytes, modifiedMs}};
      await replaceFile(memory, JSON.stringify(placed));
      out.push({...output, path});
    }
    return out;
  }

  /** Takes back what a job has put out and nobody has changed since; returns the bytes. */
  async remove(jobFolder: string): Promise<number> {
    const placed = await readJsonFile(join(jobFolder, 'placed.json'), Placed).catch(() => undefined);
    let bytes = 0;
    for (const one of Object.values(placed ?? {})) {
      if (!this.#holds(one.path) || !(await isUntouched(one))) continue;
      await rm(one.path, {force: true});
      bytes += one.bytes;
    }
    return bytes;
  }

  async #put(output: Output, folder: string, before: Placed[string] | undefined): Promise<string> {
    const name = basename(output.path);
    if (before !== undefined && this.#holds(before.path) && (await isUntouched(before))) {
      await replaceBy(output.path, before.path);
      return before.path;
    }
    for (let nth = 1; nth <= triesLimit; nth++) {
      const path = join(folder, nth === 1 ? name : numbered(name, nth));
      if ((await putNew(output.path, path)) || (await isSame(path, output))) return path;
    }
    throw new Error(`${folder} holds ${triesLimit} files named like ${name}`);
  }

  #holds(path: string): boolean {
    return path.startsWith(`${this.#folder}/`);
  }
}

/** False when there is something of that name. */
async function putNew(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (cause) {
    if (isCode(cause, 'EEXIST')) return false;
    if (!isCode(cause, 'EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK')) throw cause;
  }
  if ((await lstat(to).catch(() => undefined)) !== undefined) return false;
  await copyTo(from, to);
  return true;
}

async function replaceBy(from: string, to: string): Promise<void> {
  const fresh = freshBeside(to);
  try {
    if (!(await putNew(from, fresh))) throw new Error(`${fresh} is there already`);
    await rename(fresh, to);
  } finally {
    // Two names of one file: rename does nothing then, and leaves both.
    await rm(fresh, {force: true});
  }
}

async function copyTo(from: string, to: string): Promise<void> {
  const fresh = freshBeside(to);
  try {
    await copyFile(from, fresh, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    await syncFile(fresh);
    await rename(fresh, to);
  } catch (cause) {
    await rm(fresh, {force: true});
    throw cause;
  }
}

async function isUntouched({path, bytes, modifiedMs}: Placed[string]): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined || !found.isFile() || found.size !== bytes) return false;
  return Math.abs(found.mtimeMs - modifiedMs) < 1;
}

async function isSame(path: string, {bytes, digest}: {readonly bytes: number; readonly digest: Digest}) {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined || !found.isFile() || found.size !== bytes) return false;
  return (await digestOfFile(path)) === digest;
}

/** `film.es (2).mkv`: the ending stays what it is. */
function numbered(name: string, nth: number): string {
  const ending = /\.(?:report\.)?[^.]+$/.exec(name)?.[0] ?? '';
  return `${name.slice(0, name.length - ending.length)} (${nth})${ending}`;
}

function isCode(cause: unknown, ...codes: readonly string[]): boolean {
  return cause instanceof Error && 'code' in cause && codes.includes(String(cause.code));
}
