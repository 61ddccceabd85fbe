/**
 * Owns what can be said of the appliance without its daemon: the last lines of its log and what lies in the inbox. Only
 * reads, and in bounds.
 */
import {constants} from 'node:fs';
import {type FileHandle, lstat, open, readdir} from 'node:fs/promises';
import {join} from 'node:path';
import type {Settings} from '../appliance/config/settings.ts';

/** `trouble` says why it cannot be looked at; null when it was. */
export interface LastWords {
  readonly file: string;
  readonly lines: readonly string[];
  readonly trouble: string | null;
}

export interface Waiting {
  readonly folder: string;
  readonly files: readonly {readonly name: string; readonly bytes: number}[];
  /** There are more than were looked at. */
  readonly more: boolean;
  readonly trouble: string | null;
}

export interface Found {
  readonly log: LastWords;
  readonly inbox: Waiting;
}

const logLines = 10;
const logTailBytes = 64 * 1024;
const filesLimit = 500;
const depthLimit = 4;

export async function lookAround({
  DATA_DIR,
  INBOX_DIR,
}: Pick<Settings, 'DATA_DIR' | 'INBOX_DIR'>): Promise<Found> {
  const [log, inbox] = await Promise.all([lastWords(join(DATA_DIR, 'log')), lyingIn(INBOX_DIR)]);
  return {log, inbox};
}

/** Of the file that was written to last. */
async function lastWords(folder: string): Promise<LastWords> {
  let file = folder;
  try {
    const names = await readdir(folder);
    const found = await Promise.all(
      names
        .slice(0, filesLimit)
        .map(async name => ({path: join(folder, name), stats: await lstat(join(folder, name))})),
    );
    const files = found
      .filter(({stats}) => stats.isFile())
      .toSorted((a, b) => b.stats.mtimeMs - a.stats.mtimeMs);
    const newest = files[0];
    if (newest === undefined) return {file, lines: [], trouble: null};
    file = newest.path;
    return {file, lines: await tailOf(file), trouble: null};
  } catch (cause) {
    return {file, lines: [], trouble: whyNot(cause)};
  }
}

async function tailOf(path: string): Promise<readonly string[]> {
  await using file: FileHandle = await open(
    path,
    constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW,
  );
  const {size: bytes} = await file.stat();
  const from = Math.max(0, bytes - logTailBytes);
  const buffer = Buffer.alloc(Math.min(bytes, logTailBytes));
  const {bytesRead} = await file.read(buffer, 0, buffer.length, from);
  const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
  // The first one is cut off unless the file begins with it.
  return lines
    .slice(from > 0 ? 1 : 0)
    .filter(line => line !== '')
    .slice(-logLines);
}

/** Regular files, hidden ones aside, as the inbox has them. */
async function lyingIn(folder: string): Promise<Waiting> {
  const files: {name: string; bytes: number}[] = [];
  let more = false;
  const look = async (below: string, depth: number): Promise<void> => {
    const entries = await readdir(join(folder, below), {withFileTypes: true});
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.')) continue;
      if (files.length >= filesLimit) {
        more = true;
        return;
      }
      const name = join(below, entry.name);
      if (entry.isDirectory() && depth < depthLimit) await look(name, depth + 1).catch(() => {});
      const stats = entry.isFile() ? await lstat(join(folder, name)).catch(() => undefined) : undefined;
      if (stats !== undefined) files.push({name, bytes: stats.size});
    }
  };
  try {
    await look('', 1);
    return {folder, files, more, trouble: null};
  } catch (cause) {
    return {folder, files, more, trouble: whyNot(cause)};
  }
}

function whyNot(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'it is not there';
  if (code === 'EACCES' || code === 'EPERM') return 'you may not look into it';
  return cause instanceof Error ? cause.message : String(cause);
}
