/**
 * Owns the files of the audit folder: one a UTC day, and the head beside them; and reading lines from either end. Never
 * judges what a line says.
 *
 *   2026-11-21.jsonl   the lines of that day, oldest first
 *   head.json          a line that was on disk some time ago, and its hash
 */
import {open, readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {readJsonFile} from '../files.ts';
import {AuditHead, auditLineLimitBytes} from './entry.ts';

const lineBreak = 10;
const chunkBytes = 1 << 16;

export function dayFile(folder: string, day: string): string {
  return join(folder, `${day}.jsonl`);
}

export function headFile(folder: string): string {
  return join(folder, 'head.json');
}

/** The days that have a file, oldest first; none where there is no folder. */
export async function daysIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw cause;
  });
  return names.flatMap(name => /^(\d{4}-\d{2}-\d{2})\.jsonl$/.exec(name)?.[1] ?? []).toSorted();
}

/** Undefined when there is none yet. Throws when it does not parse. */
export function readHead(folder: string): Promise<AuditHead | undefined> {
  return readJsonFile(headFile(folder), AuditHead);
}

export interface AuditLine {
  /** Without its end. One that is longer than any line of ours comes cut, and will not parse. */
  readonly bytes: Buffer;
  /** False for what is left of a line that was never finished: only the last one can be that. */
  readonly ended: boolean;
}

export async function* linesOf(path: string): AsyncGenerator<AuditLine> {
  await using file = await open(path, 'r');
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of file.createReadStream({autoClose: false, highWaterMark: chunkBytes})) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = rest.indexOf(lineBreak); end !== -1; end = rest.indexOf(lineBreak, from)) {
      yield {bytes: rest.subarray(from, end), ended: true};
      from = end + 1;
    }
    rest = rest.subarray(from, from + auditLineLimitBytes + 1);
  }
  if (rest.length > 0) yield {bytes: rest, ended: false};
}

/** Last line first, with where each starts in the file; from `end` on backwards, where a line starts or the file ends. */
export async function* linesBackwards(
  path: string,
  end?: number,
): AsyncGenerator<AuditLine & {readonly offset: number}> {
  await using file = await open(path, 'r');
  let left = Math.min(end ?? Number.POSITIVE_INFINITY, (await file.stat()).size);
  let ended = false;
  /** The end of a line whose start lies further up. */
  let rest: Buffer = Buffer.alloc(0);
  while (left > 0) {
    const size = Math.min(chunkBytes, left);
    const chunk = Buffer.alloc(size);
    const {bytesRead} = await file.read(chunk, 0, size, left - size);
    if (bytesRead < size) throw new Error(`${path} was cut while it was read`);
    rest = Buffer.concat([chunk, rest]);
    left -= size;
    let end = rest.length;
    for (let at = rest.lastIndexOf(lineBreak); at !== -1; at = rest.subarray(0, at).lastIndexOf(lineBreak)) {
      if (at + 1 < end || ended) yield {bytes: rest.subarray(at + 1, end), offset: left + at + 1, ended};
      ended = true;
      end = at;
    }
    rest = rest.subarray(0, Math.min(end, auditLineLimitBytes + 1));
  }
  if (rest.length > 0 || ended) yield {bytes: rest, offset: 0, ended};
}
