/**
 * Owns one line of the store's files, and telling where sound lines end. Never knows what a line says.
 *
 * A line is the CRC-32 of its JSON, the JSON and a line break, which JSON itself never holds:
 *
 *     c3a51f02 {"v":1,"seq":5,…}
 *
 * A journal is allocated ahead of its lines, so that writing one changes no size and the disk has one thing to do: what
 * comes after the last line is zeros. Each line is written by one call, and the next only after that one is on disk.
 * Hence anything that is neither a sound line nor zeros, with no sound line after it, is the one line that was being
 * written when the power went, in whatever pieces the disk had taken by then; it was never acknowledged. With a sound
 * line after it, it is damage.
 */
import type {FileHandle} from 'node:fs/promises';
import {crc32} from 'node:zlib';

/** No line is longer; a change may hold a quarter of it. */
export const lineLimitBytes = 16 << 20;

const prefixBytes = 9;
const chunkBytes = 256 << 10;
const lineFeed = 10;

export function lineOf(json: string): Buffer {
  const line = Buffer.from(`         ${json}\n`);
  line.write(sumOf(line.subarray(prefixBytes, -1)), 'latin1');
  return line;
}

function sumOf(bytes: Buffer): string {
  return crc32(bytes).toString(16).padStart(8, '0');
}

/** What a sound line says; undefined where that is no JSON: another program wrote it. */
export function saidIn({json}: Line): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** The JSON of a line without its line break; undefined when it is not sound. */
function jsonIn(line: Buffer): string | undefined {
  const json = line.subarray(prefixBytes);
  const sound = json.length > 0 && line.toString('latin1', 0, prefixBytes) === `${sumOf(json)} `;
  return sound ? json.toString('utf8') : undefined;
}

export interface Line {
  /** Where it begins. */
  readonly offset: number;
  /** Where the next one does. */
  readonly end: number;
  readonly json: string;
}

/** The sound lines from `from` on, up to the first byte that belongs to none. */
export async function* linesIn(file: FileHandle, from: number): AsyncGenerator<Line> {
  // One buffer for all of them: a new one for each chunk is memory that nobody frees in time.
  let buffer = Buffer.allocUnsafe(2 * chunkBytes);
  let kept = 0;
  for (let at = from; ; ) {
    const {bytesRead} = await file.read(buffer, kept, buffer.length - kept, at + kept);
    if (bytesRead === 0) return;
    const filled = buffer.subarray(0, kept + bytesRead);
    let start = 0;
    for (let end = filled.indexOf(lineFeed); end !== -1; end = filled.indexOf(lineFeed, start)) {
      const json = jsonIn(filled.subarray(start, end));
      if (json === undefined) return;
      yield {offset: at + start, end: at + end + 1, json};
      start = end + 1;
    }
    kept = filled.length - start;
    at += start;
    if (filled[start] === 0 || kept > lineLimitBytes) return;
    // The longer a line turns out to be, the more is read at once: no byte is copied more than a few times.
    const next = kept > buffer.length / 2 ? Buffer.allocUnsafe(2 * buffer.length) : buffer;
    filled.copy(next, 0, start);
    buffer = next;
  }
}

export type Tail =
  /** The file ends here, or only zeros follow. */
  | {readonly is: 'clean'}
  /** Pieces of one line that was never acknowledged. */
  | {readonly is: 'torn'; readonly bytes: number}
  | {readonly is: 'damaged'; readonly laterLines: number};

/** What follows the last sound line, which ends at `from`. */
export async function tailAfter(file: FileHandle, from: number): Promise<Tail> {
  const {size} = await file.stat();
  if (await isZero(file, from)) return {is: 'clean'};
  let laterLines = 0;
  for (let at = await startAfter(file, from); at !== undefined; at = await startAfter(file, at)) {
    at += 1;
    for await (const line of linesIn(file, at - 1)) {
      laterLines += 1;
      at = line.end;
    }
  }
  return laterLines > 0 ? {is: 'damaged', laterLines} : {is: 'torn', bytes: size - from};
}

async function isZero(file: FileHandle, from: number): Promise<boolean> {
  const zeros = Buffer.alloc(chunkBytes);
  for (let at = from; ; at += chunkBytes) {
    const chunk = await bytesAt(file, at, chunkBytes);
    if (chunk.length === 0) return true;
    if (!chunk.equals(zeros.subarray(0, chunk.length))) return false;
  }
}

/**
 * Where the next thing begins that looks like a line. Not only after a line break, which may be the very byte that is
 * damaged; nor can it be in a text of a sound line, where `"` has a `\` before it.
 */
async function startAfter(file: FileHandle, from: number): Promise<number | undefined> {
  const overlap = prefixBytes + 1;
  for (let at = from; ; at += chunkBytes) {
    const chunk = await bytesAt(file, at, chunkBytes + overlap);
    if (chunk.length === 0) return undefined;
    const found = chunk.toString('latin1').search(/[0-9a-f]{8} \{"/);
    if (found !== -1) return at + found;
  }
}

async function bytesAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  const {bytesRead} = await file.read(buffer, 0, length, offset);
  return buffer.subarray(0, bytesRead);
}
