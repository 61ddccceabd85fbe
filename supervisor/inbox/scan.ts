/**
 * Owns walking the inbox: which files each folder holds, seen without opening or following one. Never remembers what it
 * saw.
 */
import {readdir} from 'node:fs/promises';
import {codeOf, look, openFolder, pathOf, type Sight} from './folder.ts';
import {isIgnored, type Name, nameOfBytes, shown} from './names.ts';

export type Found =
  | {
      readonly is: 'folder';
      readonly path: readonly Name[];
      readonly files: readonly {readonly name: Name; readonly sight: Sight}[];
    }
  /** It is there and cannot be looked into. */
  | {readonly is: 'closed'; readonly path: readonly Name[]; readonly code: string};

/** Folders below this are not looked into: user, preset, series, season and then some. */
export const depthLimit = 10;
/** At once, so that a slow disk is kept busy and the event loop stays free. */
const looksAtOnce = 64;

/** Every folder from `root` down. Throws the system's error when `root` itself cannot be read. */
export async function* scan(root: string, signal: AbortSignal): AsyncGenerator<Found> {
  const left: (readonly Name[])[] = [[]];
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    signal.throwIfAborted();
    const found = await lookInto(root, path);
    if (found.is === 'closed') yield found;
    else {
      yield {is: 'folder', path, files: found.files};
      const deeper = path.length < depthLimit ? found.folders : [];
      for (const folder of deeper) left.push([...path, folder]);
    }
  }
}

type Inside =
  | Extract<Found, {is: 'closed'}>
  | {readonly is: 'open'; readonly files: {name: Name; sight: Sight}[]; readonly folders: Name[]};

async function lookInto(root: string, path: readonly Name[]): Promise<Inside> {
  try {
    return await listed(root, path);
  } catch (cause) {
    const code = codeOf(cause);
    if (path.length === 0) throw cause;
    // Gone since its parent was read, or a link by now: the next scan says what it is.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP')
      return {is: 'open', files: [], folders: []};
    return {is: 'closed', path, code};
  }
}

async function listed(root: string, path: readonly Name[]): Promise<Inside> {
  await using folder = await openFolder(root, path);
  const listing = await readdir(pathOf(folder), {encoding: 'latin1'});
  const names = listing.map(nameOfBytes).filter(name => !isIgnored(shown(name)));
  const files: {name: Name; sight: Sight}[] = [];
  const folders: Name[] = [];
  for (let at = 0; at < names.length; at += looksAtOnce) {
    const some = names.slice(at, at + looksAtOnce);
    const sights = await Promise.all(some.map(name => look(folder, name)));
    for (const [index, sight] of sights.entries()) {
      const name = some[index];
      if (name === undefined || sight === undefined) continue;
      if (sight.type === 'folder') folders.push(name);
      else files.push({name, sight});
    }
  }
  return {is: 'open', files, folders};
}
