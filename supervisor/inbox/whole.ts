/**
 * Owns telling from a container's own words that its end is not there yet, as in a copy that has come to a halt. Reads a
 * few bytes of an open file; what it cannot tell counts as whole, and the job's probe has the last word.
 */
import type {FileHandle} from 'node:fs/promises';

const headBytes = 4096;
/** Enough for a day of one-second fragments, each of two boxes. */
const boxLimit = 200_000;

/** What is missing, as the end of a sentence; null when nothing is known to be. */
export async function missingEnd(file: FileHandle, bytes: number): Promise<string | null> {
  const head = await readAt(file, 0, headBytes);
  const promised = promisedBytes(head);
  if (promised > bytes) return `${bytes} of ${promised} bytes are there`;
  // Who copies over a network often reserves the whole length first.
  const tail = await readAt(file, Math.max(0, bytes - headBytes), headBytes);
  if (bytes > headBytes && tail.every(byte => byte === 0)) return 'its end is still empty';
  return isIso(head) ? missingInIso(file, bytes) : null;
}

const isIso = (head: Buffer): boolean =>
  /^(?:ftyp|styp|moov|moof|mdat|wide|free|skip|pnot)$/.test(head.toString('latin1', 4, 8));

/** The length that Matroska and RIFF state at their start; 0 when none is stated. */
function promisedBytes(head: Buffer): number {
  if (head.length >= 12 && head.toString('latin1', 0, 4) === 'RIFF') return 8 + head.readUInt32LE(4);
  if (head.length >= 12 && head.readUInt32BE(0) === 0x1a45dfa3) return segmentEnd(head);
  return 0;
}

/** RFC 9559: the EBML header, then one segment of a stated or unknown size. */
function segmentEnd(head: Buffer): number {
  const ebml = vint(head, 4);
  if (ebml === null) return 0;
  const at = ebml.next + ebml.value;
  if (at + 12 > head.length || head.readUInt32BE(at) !== 0x18538067) return 0;
  const size = vint(head, at + 4);
  return size === null ? 0 : size.next + size.value;
}

/** A length of EBML (RFC 8794): leading zeros tell its width; all ones mean unknown. */
function vint(from: Buffer, at: number): {readonly value: number; readonly next: number} | null {
  const width = Math.clz32(from[at] ?? 0) - 23;
  if (width > 8 || at + width > from.length) return null;
  const first = (from[at] ?? 0) & (0xff >> width);
  let value = first;
  let isKnown = first !== 0xff >> width;
  for (const byte of from.subarray(at + 1, at + width)) {
    value = value * 256 + byte;
    isKnown ||= byte !== 0xff;
  }
  return isKnown ? {value, next: at + width} : null;
}

/** ISO 14496-12: every top box must lie within the file, and an index (moov) must be among them. */
async function missingInIso(file: FileHandle, bytes: number): Promise<string | null> {
  let hasIndex = false;
  let at = 0;
  for (let boxes = 0; boxes < boxLimit && at + 8 <= bytes; boxes++) {
    const header = await readAt(file, at, 16);
    const type = header.toString('latin1', 4, 8);
    const length = boxLength(header, bytes - at);
    // Padding after the last box is none.
    if (length < 8 || !/^[\x20-\x7e\xa9]{4}$/.test(type)) break;
    if (/^(?:moov|moof|mdat)$/.test(type) && at + length > bytes) {
      return `${bytes} of ${at + length} bytes are there`;
    }
    hasIndex ||= type === 'moov';
    at += length;
  }
  return hasIndex ? null : 'its index (moov) is not there';
}

function boxLength(header: Buffer, left: number): number {
  if (header.length < 8) return 0;
  const short = header.readUInt32BE(0);
  if (short === 0) return left;
  if (short !== 1) return short;
  return header.length < 16 ? left : Number(header.readBigUInt64BE(8));
}

async function readAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const {buffer, bytesRead} = await file.read(Buffer.alloc(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
}
