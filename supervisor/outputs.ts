/**
 * Owns opening a finished file where it lies: on the shelf, in its owner's folder, or in its job's own. A path that
 * leads elsewhere opens nothing, and neither does one with a link on its way. Never makes or changes a file.
 */
import type {FileHandle} from 'node:fs/promises';
import {join, relative, resolve, sep} from 'node:path';
import type {Job, JobId} from '../appliance/job.ts';
import {previewFolderOf} from '../appliance/order.ts';
import {no, ok, type Result} from '../appliance/result.ts';
import type {Output} from '../appliance/wire.ts';
import type {Trouble} from '../web/box.ts';
import {type DataFolders, jobFolders} from './folders.ts';
import {codeOf, openFile, openFolder} from './inbox/folder.ts';
import {nameOf} from './inbox/names.ts';

export interface OutputPlaces {
  /** OUTPUT_DIR. */
  readonly shelf: string;
  readonly folders: Pick<DataFolders, 'jobs'>;
}

/** Whoever gets the file closes it. What it holds is not looked at. */
export function openOutput(
  {id, owner}: Pick<Job, 'id' | 'owner'>,
  {path}: Pick<Output, 'path'>,
  {shelf, folders}: OutputPlaces,
): Promise<Result<FileHandle, Trouble>> {
  return openBelow(placeOf(path, [resolve(shelf), owner]) ?? placeOf(path, [resolve(folders.jobs), id]));
}

async function openBelow(place: Place | undefined): Promise<Result<FileHandle, Trouble>> {
  if (place === undefined) return no({reason: 'output-gone'});
  const names = place.names.map(nameOf);
  const last = names.pop();
  if (last === undefined) return no({reason: 'output-gone'});
  try {
    await using folder = await openFolder(place.root, names);
    return ok(await openFile(folder, last));
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ENOENT') return no({reason: 'output-gone'});
    // A link, or something else where a folder or a file was.
    if (code === 'ELOOP' || code === 'ENOTDIR' || code === 'ENXIO') return no({reason: 'output-changed'});
    throw cause;
  }
}

/** A part of what can be watched while the job runs; its name has no folder in it. */
export function openGrowing(
  id: JobId,
  part: string,
  {folders}: OutputPlaces,
): Promise<Result<FileHandle, Trouble>> {
  const path = join(previewFolderOf(jobFolders(folders, id)), part);
  return openBelow(placeOf(path, [resolve(folders.jobs), id]));
}

interface Place {
  /** May be reached through links: it is the box's own setting. */
  readonly root: string;
  /** From there on. */
  readonly names: readonly string[];
}

/** Undefined for what does not lie in that folder of the root, or is not written as the plain path that it is. */
function placeOf(path: string, [root, folder]: readonly [string, string]): Place | undefined {
  const inside = join(root, folder) + sep;
  if (path !== resolve(path) || !path.startsWith(inside)) return undefined;
  return {root, names: relative(root, path).split(sep)};
}
