/**
 * Owns `.refused`: what was refused lies there in folders of the same names, with a note beside it. Never decides what
 * is refused, and never writes over what lies there already.
 */
import {type FileHandle, rmdir, unlink} from 'node:fs/promises';
import type {Digest} from '../../appliance/digest.ts';
import {holds, isMade, isReserved, moveInto, moveOver, never, numbered, type Spot} from './carry.ts';
import {codeOf, hasSameContent, isUntouched, look, openFolder, type Sight, unless, within} from './folder.ts';
import {fitted, type Name, nameOf, noteEnding, shown, type Why} from './names.ts';

const refusedName = nameOf('.refused');

export interface ToRefuse {
  readonly inbox: string;
  /** Folders that it lies in, or lay in, from the inbox down. */
  readonly path: readonly Name[];
  /** For the note beside it; null for what only goes along with another file. */
  readonly why: Why | null;
}

export type Refusing =
  /** `to` is its path from the inbox down. */
  | {readonly is: 'refused'; readonly to: string}
  /** It is not the file any more that was judged. */
  | {readonly is: 'changed'}
  | {readonly is: 'stuck'; readonly code: string};

/** Moves a file, link or device out of the inbox as it is; what it holds or leads to is not looked at. */
export async function refuseFile(
  {name, sight}: {readonly name: Name; readonly sight: Sight},
  what: ToRefuse,
): Promise<Refusing> {
  try {
    await using folder = await openFolder(what.inbox, what.path);
    const now = await look(folder, name);
    if (now === undefined || !isUntouched(now, sight)) return {is: 'changed'};
    const place = await openRefused(what);
    await using refused = place.folder;
    const moved = await moveNoted({folder, name}, refused, what.why);
    // A copy was checked already, and is another file.
    const there = moved.how === 'copied' ? sight : await look(refused, moved.name);
    if (there !== undefined && there.type === sight.type && hasSameContent(there, sight)) {
      return {is: 'refused', to: place.shown + shown(moved.name)};
    }
    // Another was put in its place in the very last moment.
    await moveInto({folder: refused, name: moved.name}, folder, {
      names: numbered(shown(name)),
      signal: never,
    });
    if (moved.note !== null) await unlink(within(refused, moved.note));
    return {is: 'changed'};
  } catch (cause) {
    return {is: 'stuck', code: codeOf(cause)};
  }
}

export interface ClaimedFile {
  readonly spot: Spot;
  readonly bytes: number;
  /** Of the film; null for a sidecar. */
  readonly digest: Digest | null;
}

/**
 * Moves a file of a job there. Returns its path from the inbox down; null when there is no file. After a crash between
 * copy and removal the copy is found by its content and not made again.
 */
export async function refuseClaimed(
  {spot, bytes, digest}: ClaimedFile,
  what: ToRefuse,
): Promise<string | null> {
  if ((await look(spot.folder, spot.name)) === undefined) return null;
  const place = await openRefused(what);
  await using refused = place.folder;
  if (digest !== null && (await holds({folder: refused, name: spot.name}, bytes, digest))) {
    await unlink(within(spot.folder, spot.name));
    return place.shown + shown(spot.name);
  }
  const moved = await moveNoted(spot, refused, what.why);
  return place.shown + shown(moved.name);
}

interface Kept {
  readonly name: Name;
  readonly note: Name | null;
}

/** The note is there first: a file in `.refused` is never without one. */
async function moveNoted(
  from: Spot,
  refused: FileHandle,
  why: Why | null,
): Promise<Kept & {readonly how: 'renamed' | 'copied'}> {
  const isFolder = (await look(from.folder, from.name))?.type === 'folder';
  const kept = await keepNames(shown(from.name), {refused, why, as: isFolder ? 'folder' : 'file'});
  try {
    const how = await moveOver(from, {folder: refused, name: kept.name}, never);
    return {...kept, how};
  } catch (cause) {
    const path = within(refused, kept.name);
    await (isFolder ? rmdir(path) : unlink(path)).catch(unless('ENOENT'));
    if (kept.note !== null) await unlink(within(refused, kept.note));
    throw cause;
  }
}

/** A free name whose note is free as well. */
async function keepNames(
  name: string,
  {
    refused,
    why,
    as,
  }: {readonly refused: FileHandle; readonly why: Why | null; readonly as: 'file' | 'folder'},
): Promise<Kept> {
  for (const text of numbered(name, 255 - noteEnding.length)) {
    const kept = nameOf(text);
    if (!(await isReserved({folder: refused, name: kept}, as))) continue;
    if (why === null) return {name: kept, note: null};
    const note = nameOf(fitted(text, noteEnding));
    const words = `${why.what}\n${why.fix}\n`;
    const giveUp = async (): Promise<void> => {
      const path = within(refused, kept);
      await (as === 'folder' ? rmdir(path) : unlink(path));
    };
    const isNoted = await isMade({folder: refused, name: note}, words).catch(async cause => {
      await giveUp();
      throw cause;
    });
    if (isNoted) return {name: kept, note};
    await giveUp();
  }
  throw new Error('no name is free');
}

interface Refused {
  readonly folder: FileHandle;
  /** Its path from the inbox down, with a `/` at the end. */
  readonly shown: string;
}

/** Of a folder's name no byte is left that is not text. Where a file is in the way, the top of `.refused` has to do. */
async function openRefused({inbox, path}: Pick<ToRefuse, 'inbox' | 'path'>): Promise<Refused> {
  const clean = path.map(name => fitted(shown(name), ''));
  try {
    const folder = await openFolder(inbox, [refusedName, ...clean.map(nameOf)], true);
    return {folder, shown: ['.refused', ...clean, ''].join('/')};
  } catch (cause) {
    if (codeOf(cause) !== 'ENOTDIR' || path.length === 0) throw cause;
    return {folder: await openFolder(inbox, [refusedName], true), shown: '.refused/'};
  }
}
