/**
 * Owns the folder where people find finished dubs: each file there is a hard link to the job's own, or a copy where
 * that lies on another file system. Never takes away or writes over a file that it did not put there, and never
 * follows a link that somebody left in it.
 */
import {type FileHandle, link, open, rename, unlink} from 'node:fs/promises';
import {basename, dirname, join, relative, resolve} from 'node:path';
import {z} from 'zod';
import {Digest, digestOfOpen} from '../appliance/digest.ts';
import {readJsonFile, replaceFile} from '../appliance/files.ts';
import {FileName, UserName} from '../appliance/job.ts';
import type {Output} from '../appliance/wire.ts';
import {copyOpen} from './inbox/copy.ts';
import {codeOf, look, openFile, openFolder, pathOf, type Sight, unless, within} from './inbox/folder.ts';
import {fitted, type Name, nameOf} from './inbox/names.ts';

/** What was put out for a job: by the path that it has in the job's folder. */
const Placed = z.record(
  z.string(),
  z.object({path: z.string(), bytes: z.number(), modifiedMs: z.number(), digest: Digest}),
);
type Placed = z.infer<typeof Placed>;
type PlacedFile = Placed[string];

/** Names that are tried beside one that is taken: `film.es (2).mkv`. */
const triesLimit = 1000;
/** What file systems without links, or with few of them, say to one. */
const noLinks: ReadonlySet<string> = new Set(['EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS']);
const never: AbortSignal = new AbortController().signal;

export interface ShelfAsk {
  readonly owner: UserName;
  readonly outputs: readonly Output[];
  /** The job's folder: what was put out is remembered there. */
  readonly jobFolder: string;
}

export class Shelf {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = resolve(folder);
  }

  get folder(): string {
    return this.#folder;
  }

  /**
   * Puts a job's files out and returns them with the path where people find them. A dub that was made again takes the
   * place of the one before; a file of the same name that is somebody else's is left alone. Streaming renditions stay
   * with the job: they are many files, and for the player only. The shelf itself is never made: on a mount that is
   * away it would be made on the disk below it.
   */
  async place({owner, outputs, jobFolder}: ShelfAsk): Promise<Output[]> {
    await using folder = await openFolder(this.#folder, [nameOf(owner)], true);
    const spot = {folder, path: join(this.#folder, owner), fresh: freshIn(jobFolder)};
    let placed = await readPlaced(jobFolder);
    const out: Output[] = [];
    for (const output of outputs) {
      if (output.path.endsWith('.m3u8')) {
        out.push(output);
        continue;
      }
      const key = relative(jobFolder, output.path);
      const name = await put(output, spot, Object.hasOwn(placed, key) ? placed[key] : undefined);
      const path = join(spot.path, name);
      const {bytes, modifiedMs} = await seen(folder, nameOf(name));
      placed = {...placed, [key]: {path, bytes, modifiedMs, digest: output.digest}};
      await replaceFile(memoryOf(jobFolder), JSON.stringify(placed));
      out.push({...output, path});
    }
    await folder.sync();
    return out;
  }

  /** Takes back what a job has put out and nobody has changed since; returns the bytes. Throws when the shelf is away. */
  async remove(jobFolder: string): Promise<number> {
    const placed = Object.values(await readPlaced(jobFolder));
    if (placed.length === 0) return 0;
    await using shelf = await openFolder(this.#folder, []);
    let bytes = 0;
    for (const file of placed) {
      const [owner, name] = [basename(dirname(file.path)), nameOf(basename(file.path))];
      const isHere =
        UserName.safeParse(owner).success && file.path === join(this.#folder, owner, basename(file.path));
      // A link in the place of the owner's folder: nothing in there is ours.
      const folder = isHere ? await openFolder(pathOf(shelf), [nameOf(owner)]).catch(isNone) : undefined;
      if (folder === undefined) continue;
      await using opened = folder;
      if (!isUntouched(await look(opened, name), file)) continue;
      await unlink(within(opened, name));
      bytes += file.bytes;
    }
    return bytes;
  }
}

const isNone = unless('ENOENT', 'ENOTDIR', 'ELOOP');

/** The owner's folder, open, and a name in it for what is on its way. */
interface Spot {
  readonly folder: FileHandle;
  readonly path: string;
  readonly fresh: Name;
}

/** Puts one file out; the name under which it lies then. */
async function put(output: Output, spot: Spot, before: PlacedFile | undefined): Promise<string> {
  const {folder} = spot;
  const name = basename(output.path);
  if (!FileName.safeParse(name).success)
    throw new Error(`${JSON.stringify(name)} is no name for a file of people`);
  const ours = before?.path === join(spot.path, basename(before?.path ?? '')) ? before : undefined;
  if (ours !== undefined) {
    const there = basename(ours.path);
    if (isUntouched(await look(folder, nameOf(there)), ours)) {
      if (ours.digest === output.digest) return there;
      await using _made = await made(output, spot);
      await rename(within(folder, spot.fresh), within(folder, nameOf(there)));
      return there;
    }
  }
  let fresh: AsyncDisposable | undefined;
  try {
    for (const candidate of names(name)) {
      const found = await look(folder, nameOf(candidate));
      if (found !== undefined && (await holds(spot, nameOf(candidate), output))) return candidate;
      if (found !== undefined) continue;
      fresh ??= await made(output, spot);
      if (await isGiven(spot, nameOf(candidate))) return candidate;
    }
  } finally {
    await fresh?.[Symbol.asyncDispose]();
  }
  throw new Error(`${spot.path} holds ${triesLimit} files named like ${name}`);
}

/** The file under its name on the way, in the folder where it is to be; that name is gone at the end of the scope. */
async function made(
  output: Output,
  {folder, fresh}: Pick<Spot, 'folder' | 'fresh'>,
): Promise<AsyncDisposable> {
  const on = within(folder, fresh);
  const away = async (): Promise<void> => void (await unlink(on).catch(unless('ENOENT')));
  // Of a run that was killed.
  await away();
  try {
    await link(output.path, on).catch(cause => {
      if (!noLinks.has(codeOf(cause))) throw cause;
      return copied(output, {folder, fresh});
    });
    if ((await seen(folder, fresh)).type !== 'file') throw new Error(`${output.path} is no regular file`);
  } catch (cause) {
    await away();
    throw cause;
  }
  return {[Symbol.asyncDispose]: away};
}

async function copied(
  {path, digest}: Output,
  {folder, fresh}: Pick<Spot, 'folder' | 'fresh'>,
): Promise<void> {
  await using file = await open(path, 'r');
  const found = await copyOpen(file, within(folder, fresh), never);
  if (found !== digest) throw new Error(`${path} is not what it was a moment ago`);
  // As it would be as a link: people read it, and not only we do.
  await using copy = await openFile(folder, fresh);
  await copy.chmod((await file.stat()).mode & 0o777);
}

/** Gives what is on its way its name; false when there is something of that name. */
async function isGiven({folder, fresh}: Spot, name: Name): Promise<boolean> {
  const [from, to] = [within(folder, fresh), within(folder, name)];
  try {
    await link(from, to);
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false;
    if (!noLinks.has(codeOf(cause))) throw cause;
  }
  // Where nothing can have two names, an empty file keeps the name: what we move over is our own.
  const kept = await open(to, 'wx', 0o644).catch(unless('EEXIST'));
  if (kept === undefined) return false;
  await kept.close();
  try {
    await rename(from, to);
  } catch (cause) {
    await unlink(to);
    throw cause;
  }
  return true;
}

async function holds({folder}: Spot, name: Name, {bytes, digest}: Output): Promise<boolean> {
  const found = await look(folder, name);
  if (found?.type !== 'file' || found.bytes !== bytes) return false;
  await using file = await openFile(folder, name);
  return (await digestOfOpen(file)) === digest;
}

function isUntouched(found: Sight | undefined, {bytes, modifiedMs}: PlacedFile): boolean {
  return found?.type === 'file' && found.bytes === bytes && Math.abs(found.modifiedMs - modifiedMs) < 1;
}

async function seen(folder: FileHandle, name: Name): Promise<Sight> {
  const sight = await look(folder, name);
  if (sight === undefined) throw new Error('a finished dub was taken away while it was put out');
  return sight;
}

/** `film.es (2).mkv` and so on: the ending stays what it is, and no name is longer than one can be. */
function* names(name: string): Generator<string> {
  const ending = /\.(?:report\.)?[^.]+$/.exec(name)?.[0] ?? '';
  const stem = name.slice(0, name.length - ending.length);
  yield name;
  for (let nth = 2; nth <= triesLimit; nth++) yield fitted(stem, ` (${nth})${ending}`);
}

/** A job has one, so that a run after a crash finds it. */
function freshIn(jobFolder: string): Name {
  return nameOf(`.dubstead-${basename(jobFolder)}.tmp`);
}

function memoryOf(jobFolder: string): string {
  return join(jobFolder, 'placed.json');
}

/** One that cannot be read is none: then nothing on the shelf is taken to be ours. */
async function readPlaced(jobFolder: string): Promise<Placed> {
  return (await readJsonFile(memoryOf(jobFolder), Placed).catch(() => undefined)) ?? {};
}
