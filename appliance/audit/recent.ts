/**
 * Owns a page of the audit, newest first, of one person or one action: reading ends at a number of entries or of bytes,
 * whichever comes first, and says where to go on. Never vouches for what it reads.
 */
import {open} from 'node:fs/promises';
import {type AuditEntry, auditLineLimitBytes} from './entry.ts';
import {dayFile, daysIn, linesBackwards} from './files.ts';
import {parsed, seqOf} from './read.ts';

export interface RecentAsk {
  readonly limit: number;
  /** Null is anybody's; what nobody did is nobody's. */
  readonly user: string | null;
  readonly action: string | null;
  /** A number of an entry: those below it. */
  readonly before: number | null;
}

export interface Recent {
  readonly entries: readonly AuditEntry[];
  /** The `before` of the next page; null when there is nothing older. */
  readonly next: number | null;
}

const readLimitBytes = 8 << 20;

export async function readRecent(
  folder: string,
  {limit, user, action, before}: RecentAsk,
  limitBytes = readLimitBytes,
): Promise<Recent> {
  const entries: AuditEntry[] = [];
  let bytesRead = 0;
  let last: number | null = null;
  for (const day of (await daysIn(folder)).toReversed()) {
    const path = dayFile(folder, day);
    const end = before === null ? undefined : await endBefore(path, before);
    for await (const {bytes, ended} of linesBackwards(path, end)) {
      const isFull = entries.length >= limit || bytesRead >= limitBytes;
      if (isFull && last !== null) return {entries, next: last};
      const entry = ended ? parsed(bytes) : undefined;
      bytesRead += bytes.length + 1;
      if (entry === undefined || entry.seq >= (before ?? Number.POSITIVE_INFINITY)) continue;
      last = entry.seq;
      const isWanted = (user === null || entry.user === user) && (action === null || entry.action === action);
      if (isWanted) entries.push(entry);
    }
  }
  return {entries, next: null};
}

/** Closer than this, lines are gone through one by one. */
const nearBytes = 2 * auditLineLimitBytes;

/** Where a line starts that is not far behind the last one below the number: found by halves, as numbers rise. */
async function endBefore(path: string, before: number): Promise<number> {
  await using file = await open(path, 'r');
  let [from, to] = [0, (await file.stat()).size];
  while (to - from > nearBytes) {
    const middle = Math.floor((from + to) / 2);
    const {buffer, bytesRead} = await file.read(Buffer.alloc(nearBytes), 0, nearBytes, middle);
    const start = buffer.subarray(0, bytesRead).indexOf(10) + 1;
    const seq = seqOf(buffer.subarray(start, bytesRead));
    // No line of ours: whoever goes through them all sees what is there.
    if (start === 0 || seq === Number.POSITIVE_INFINITY) return to;
    if (seq < before) from = middle;
    else if (middle + start < to) to = middle + start;
    else return to;
  }
  return to;
}
