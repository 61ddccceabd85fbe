/** Owns reading the audit for people, newest first. Never vouches for it: a line that does not parse is left out here. */
import {AuditEntry} from './entry.ts';
import {dayFile, daysIn, linesBackwards, linesOf} from './files.ts';

export const auditPageLimit = 1000;

/** Up to `limit` entries with a number below `before`; the last one's number is where the next page begins. */
export async function readAudit(
  folder: string,
  {limit, before = Number.POSITIVE_INFINITY}: {readonly limit: number; readonly before?: number},
): Promise<readonly AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for (const day of (await daysIn(folder)).toReversed()) {
    const path = dayFile(folder, day);
    if (entries.length >= Math.min(limit, auditPageLimit)) break;
    if (before !== Number.POSITIVE_INFINITY && ((await firstSeq(path)) ?? 0) >= before) continue;
    for await (const {bytes, ended} of linesBackwards(path)) {
      if (entries.length >= Math.min(limit, auditPageLimit)) break;
      const entry = ended && seqOf(bytes) < before ? parsed(bytes) : undefined;
      if (entry !== undefined && entry.seq < before) entries.push(entry);
    }
  }
  return entries;
}

async function firstSeq(path: string): Promise<number | undefined> {
  for await (const {bytes} of linesOf(path)) return seqOf(bytes);
  return undefined;
}

/** Without parsing all of it: a page far back passes many lines. */
export function seqOf(bytes: Buffer): number {
  const found = /^\{"seq":(\d{1,16}),/.exec(bytes.subarray(0, 40).toString('latin1'));
  return found === null ? Number.POSITIVE_INFINITY : Number(found[1]);
}

export function parsed(bytes: Buffer): AuditEntry | undefined {
  try {
    return AuditEntry.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    return undefined;
  }
}
