/**
 * Owns finding where the chain of the audit ended, and cutting off what a crash left half written. Never takes away a
 * line that was finished, however wrong it is: that is for `verifyAudit` to point at.
 */
import {open} from 'node:fs/promises';
import {type AuditHead, decode, origin} from './entry.ts';
import {dayFile, daysIn, linesBackwards, readHead} from './files.ts';

export interface Mended {
  readonly file: string;
  /** How much of a line without an end was cut off. */
  readonly tornBytes: number;
  /** Lines at the end that are damaged, or that the head knows and that are gone. They stay a fault. */
  readonly lines: number;
}

export interface Recovered {
  readonly last: AuditHead;
  /** The newest day that has a file; lines never go into an older one. */
  readonly day: string;
  readonly mended: Mended | undefined;
}

export async function recover(folder: string): Promise<Recovered> {
  const days = await daysIn(folder);
  const day = days.at(-1) ?? '';
  const tornBytes = day === '' ? 0 : await cutTornEnd(dayFile(folder, day));
  const found = await lastGood(folder, days);
  // A head that does not parse knows nothing; verifying points at it.
  const head = (await readHead(folder).catch(() => undefined)) ?? origin;
  // The chain goes on behind what the head knows: to go on before it would hide that lines are gone.
  const last = head.seq > found.last.seq ? head : found.last;
  const lines = Math.max(found.damaged, last.seq - found.last.seq);
  if (tornBytes === 0 && lines === 0) return {last, day, mended: undefined};
  return {last, day, mended: {file: `${day}.jsonl`, tornBytes, lines}};
}

/** The length of the piece behind the last line's end, which is cut off. */
async function cutTornEnd(path: string): Promise<number> {
  for await (const {offset, ended} of linesBackwards(path)) {
    if (ended) return 0;
    await using file = await open(path, 'r+');
    const {size} = await file.stat();
    await file.truncate(offset);
    await file.datasync();
    return size - offset;
  }
  return 0;
}

async function lastGood(
  folder: string,
  days: readonly string[],
): Promise<{readonly last: AuditHead; readonly damaged: number}> {
  let damaged = 0;
  for (const day of days.toReversed()) {
    for await (const {bytes} of linesBackwards(dayFile(folder, day))) {
      const line = decode(bytes);
      if (line.ok) return {last: {seq: line.value.seq, hash: line.value.hash}, damaged};
      damaged++;
    }
  }
  return {last: origin, damaged};
}
