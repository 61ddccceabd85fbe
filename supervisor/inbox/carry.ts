/**
 * Owns giving a file a new place: under a name of its own, never over another file, by rename where that can be and
 * otherwise by a checked copy. Never decides where a file belongs.
 */
import {randomUUID} from 'node:crypto';
import {type FileHandle, mkdir, open, rename, rmdir, unlink} from 'node:fs/promises';
import {digestOfOpen} from '../../appliance/digest.ts';
import {copyOpen} from './copy.ts';
import {
  type Content,
  codeOf,
  hasSameContent,
  isUntouched,
  look,
  openFile,
  type Sight,
  unless,
  within,
} from './folder.ts';
import {fitted, type Name, nameOf} from './names.ts';

export interface Spot {
  readonly folder: FileHandle;
  readonly name: Name;
}

const numberedNames = 99;
const endingLimitBytes = 32;

/** For what has to be brought to its end. */
export const never: AbortSignal = new AbortController().signal;

/** `film.mkv`, `film (2).mkv` and so on, then names that nothing else can have; the ending is never cut off. */
export function* numbered(name: string, limitBytes = 255): Generator<string> {
  const dot = name.lastIndexOf('.');
  const hasEnding = dot > 0 && Buffer.byteLength(name.slice(dot)) <= endingLimitBytes;
  const [stem, ending] = hasEnding ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  yield fitted(stem, ending, limitBytes);
  for (let number = 2; number <= numberedNames; number++)
    yield fitted(stem, ` (${number})${ending}`, limitBytes);
  for (;;) yield fitted(stem, ` (${randomUUID().slice(0, 8)})${ending}`, limitBytes);
}

/** Keeps the first name that is free, by an empty file or folder, and returns it. */
export async function reserve(
  folder: FileHandle,
  names: Iterable<string>,
  as: 'file' | 'folder' = 'file',
): Promise<Name> {
  for (const text of names) {
    const name = nameOf(text);
    if (await isReserved({folder, name}, as)) return name;
  }
  throw new Error('no name is free');
}

/** False when the name is taken. */
export async function isReserved(spot: Spot, as: 'file' | 'folder'): Promise<boolean> {
  if (as === 'file') return isMade(spot, '');
  const made = await mkdir(within(spot.folder, spot.name)).then(() => true, unless('EEXIST'));
  return made ?? false;
}

/** Makes a small file where there is none; false when there is one. */
export async function isMade({folder, name}: Spot, content: string): Promise<boolean> {
  const file = await open(within(folder, name), 'wx', 0o644).catch(unless('EEXIST'));
  if (file === undefined) return false;
  try {
    await file.writeFile(content);
    await file.sync();
    return true;
  } catch (cause) {
    await unlink(within(folder, name));
    throw cause;
  } finally {
    await file.close();
  }
}

/**
 * Moves a file over one that `reserve` made. Between file systems it is copied, checked and only then taken away; what
 * is no file cannot go there.
 */
export async function moveOver(from: Spot, to: Spot, signal: AbortSignal): Promise<'renamed' | 'copied'> {
  try {
    await rename(within(from.folder, from.name), within(to.folder, to.name));
    return 'renamed';
  } catch (cause) {
    const before = codeOf(cause) === 'EXDEV' ? await look(from.folder, from.name) : undefined;
    if (before?.type !== 'file') throw cause;
    await copyOver(from, to, signal);
    const now = await look(from.folder, from.name);
    if (now === undefined || !isUntouched(now, before)) {
      throw Object.assign(new Error('it changed while it was copied'), {code: 'EBUSY'});
    }
    await unlink(within(from.folder, from.name));
    return 'copied';
  }
}

/** Bears the name of a copy that is being made. */
export const isUnfinishedCopy = (name: string): boolean => /^\.dubstead-[0-9a-f-]{36}\.tmp$/.test(name);

/** Copies a file over one that `reserve` made, in one step for whoever looks there. */
export async function copyOver(from: Spot, {folder, name}: Spot, signal: AbortSignal): Promise<void> {
  const fresh = within(folder, nameOf(`.dubstead-${randomUUID()}.tmp`));
  await using file = await openFile(from.folder, from.name);
  await copyOpen(file, fresh, signal);
  try {
    await rename(fresh, within(folder, name));
  } catch (cause) {
    await unlink(fresh);
    throw cause;
  }
}

/** Moves a file, or whatever else bears the name, into a folder under the first name that is free. */
export async function moveInto(
  from: Spot,
  folder: FileHandle,
  {names, signal}: {readonly names: Iterable<string>; readonly signal: AbortSignal},
): Promise<Name> {
  const isFolder = (await look(from.folder, from.name))?.type === 'folder';
  const name = await reserve(folder, names, isFolder ? 'folder' : 'file');
  try {
    await moveOver(from, {folder, name}, signal);
    return name;
  } catch (cause) {
    const path = within(folder, name);
    await (isFolder ? rmdir(path) : unlink(path)).catch(unless('ENOENT'));
    throw cause;
  }
}

/**
 * Takes a name away for good if it is still that of the file that is meant. It is set aside first and looked at there,
 * so that a file put in its place in between is put back.
 */
export async function removeExactly(
  {folder, name}: Spot,
  content: Content,
  aside: Name,
): Promise<'removed' | 'gone' | 'another'> {
  const sight = await look(folder, name);
  if (sight !== undefined && !isIt(sight, content)) return 'another';
  const moved = await rename(within(folder, name), within(folder, aside)).then(() => true, unless('ENOENT'));
  return moved === undefined ? 'gone' : removeAside({folder, name}, content, aside);
}

/** The second half of `removeExactly`, which a crash may have left undone. */
export async function removeAside(
  {folder, name}: Spot,
  content: Content,
  aside: Name,
): Promise<'removed' | 'gone' | 'another'> {
  const sight = await look(folder, aside);
  if (sight === undefined) return 'gone';
  if (isIt(sight, content)) {
    await unlink(within(folder, aside));
    return 'removed';
  }
  const names = numbered(Buffer.from(name, 'latin1').toString());
  await moveInto({folder, name: aside}, folder, {names, signal: never});
  return 'another';
}

const isIt = (sight: Sight, content: Content): boolean =>
  sight.type === 'file' && hasSameContent(sight, content);

/** True when a file holds just what a digest says. */
export async function holds({folder, name}: Spot, bytes: number, digest: string): Promise<boolean> {
  const sight = await look(folder, name);
  if (sight?.type !== 'file' || sight.bytes !== bytes) return false;
  await using file = await openFile(folder, name);
  return (await digestOfOpen(file)) === digest;
}
