/**
 * Owns the look at what lies in the data folder that may ever be swept: folders of jobs, what the inbox put aside, the
 * daemon's log. Never decides what goes, and holds one piece of one place at a time, however much there is.
 */
import type {Stats} from 'node:fs';
import {At, JobId} from '../../appliance/job.ts';
import {Folder, isCode} from './folder.ts';

export interface FileFact {
  /** From the data folder, its names printable. */
  readonly path: string;
  /** `other` is a link, a pipe, a socket: it goes like a file and is never opened. */
  readonly is: 'file' | 'folder' | 'other';
  readonly bytes: number;
  readonly inode: number;
  /** Last change of content, name or mode: unlike the time of the content it cannot be set by hand. */
  readonly changed: At;
}

/** What belongs together; what lies in a folder comes before the folder. */
export type Place = {
  readonly facts: readonly FileFact[];
  /** True when `facts` is all there is of it; a large place comes in pieces. */
  readonly whole: boolean;
} & ({readonly of: 'job'; readonly id: JobId} | {readonly of: 'inbox' | 'log'});

export interface Look {
  /** A job that is not wanted is not looked into. */
  readonly wants: (id: JobId) => boolean;
  readonly signal: AbortSignal;
  /** Facts in one piece. */
  readonly limit?: number;
}

/** Of each folder held open on the way down; what is nested deeper is left where it is. */
const depthLimit = 32;
/** `inbox/USER/PRESET/.done` is the deepest. */
const inboxDepth = 2;
const asideNames: ReadonlySet<string> = new Set(['.done', '.refused']);

/** Every place of the data folder, in pieces. What vanishes during the look is not reported; a link is never entered. */
export async function* gatherFacts(dataDir: string, look: Look): AsyncGenerator<Place> {
  await using root = await Folder.open(dataDir);
  for await (const id of jobsIn(root)) {
    look.signal.throwIfAborted();
    if (!look.wants(id)) continue;
    for await (const piece of pieces(jobFacts(root, id), look)) yield {of: 'job', id, ...piece};
  }
  for await (const piece of pieces(asideFacts(root, 'inbox', 0), look)) yield {of: 'inbox', ...piece};
  for await (const piece of pieces(below(root, 'log', 0), look)) yield {of: 'log', ...piece};
}

async function* pieces(
  facts: AsyncIterable<FileFact>,
  {signal, limit = 2000}: Look,
): AsyncGenerator<{facts: readonly FileFact[]; whole: boolean}> {
  let piece: FileFact[] = [];
  let whole = true;
  for await (const fact of facts) {
    signal.throwIfAborted();
    if (piece.length === limit) {
      whole = false;
      yield {facts: piece, whole};
      piece = [];
    }
    piece.push(fact);
  }
  if (piece.length > 0) yield {facts: piece, whole};
}

async function* jobsIn(root: Folder): AsyncGenerator<JobId> {
  await using jobs = await entered(root, 'jobs');
  if (jobs === undefined) return;
  for await (const name of jobs.names()) {
    const id = JobId.safeParse(name);
    if (id.success) yield id.data;
  }
}

/** A job's folder as a whole, itself last. */
async function* jobFacts(root: Folder, id: JobId): AsyncGenerator<FileFact> {
  await using jobs = await entered(root, 'jobs');
  const found = await jobs?.look(id);
  if (jobs === undefined || found === undefined) return;
  const path = `jobs/${id}`;
  if (found.isDirectory()) yield* below(jobs, path, depthLimit);
  yield factOf(path, found);
}

/** What lies in `.done` and `.refused`, wherever those are; the folders themselves stay. */
async function* asideFacts(above: Folder, path: string, depth: number): AsyncGenerator<FileFact> {
  await using folder = await entered(above, path.slice(path.lastIndexOf('/') + 1));
  if (folder === undefined) return;
  for await (const name of folder.names()) {
    const inner = `${path}/${name}`;
    if (asideNames.has(name)) yield* below(folder, inner, depthLimit);
    else if (depth < inboxDepth && !name.startsWith('.')) yield* asideFacts(folder, inner, depth + 1);
  }
}

/** A folder on the way down. */
interface Level {
  readonly folder: Folder;
  readonly names: AsyncGenerator<string>;
  readonly path: string;
  /** Told when all that is in it has been; of the first folder nothing is told. */
  readonly entry: Entry | undefined;
}

/** Something that lies in a folder, as the kernel tells of it. */
export interface Entry {
  readonly path: string;
  readonly found: Stats;
}

async function* below(above: Folder, path: string, depthLimit: number): AsyncGenerator<FileFact> {
  for await (const {path: inner, found} of entriesBelow(above, path, depthLimit)) yield factOf(inner, found);
}

/**
 * All that lies in the folder that the last name of `path` is in `above`, without that folder itself; what lies in a
 * folder comes before it. A stack and no recursion: each passes one hand only.
 */
export async function* entriesBelow(above: Folder, path: string, depthLimit: number): AsyncGenerator<Entry> {
  const stack: Level[] = [];
  const enter = async (from: Folder, at: string, entry: Entry | undefined): Promise<boolean> => {
    const folder = await entered(from, at.slice(at.lastIndexOf('/') + 1));
    if (folder !== undefined) stack.push({folder, names: folder.names(), path: at, entry});
    return folder !== undefined;
  };
  try {
    await enter(above, path, undefined);
    for (let level = stack.at(-1); level !== undefined; level = stack.at(-1)) {
      const {done, value: name} = await level.names.next();
      if (done === true) {
        stack.pop();
        await level.folder[Symbol.asyncDispose]();
        if (level.entry !== undefined) yield level.entry;
        continue;
      }
      const found = await level.folder.look(name);
      if (found === undefined) continue;
      const entry = {path: `${level.path}/${name}`, found};
      const goesDown = found.isDirectory() && stack.length <= depthLimit;
      if (!goesDown || !(await enter(level.folder, entry.path, entry))) yield entry;
    }
  } finally {
    for (const {folder, names} of stack.toReversed()) {
      await names.return(undefined);
      await folder[Symbol.asyncDispose]();
    }
  }
}

/** Undefined when it is not there, not a folder, or not ours to read. */
async function entered(above: Folder, name: string): Promise<Folder | undefined> {
  try {
    return await above.enter(name);
  } catch (cause) {
    if (isCode(cause, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES')) return undefined;
    throw cause;
  }
}

export function factOf(path: string, found: Stats): FileFact {
  return {
    path,
    is: found.isDirectory() ? 'folder' : found.isFile() ? 'file' : 'other',
    bytes: found.isFile() ? found.size : 0,
    inode: found.ino,
    changed: At.parse(Math.max(0, Math.floor(found.ctimeMs))),
  };
}
