/**
 * Owns one file that says of each film what is surely not said in it, so that a search opens few of ten thousand texts.
 * It holds no words: 2 KiB a film of bits, each set by the pieces of its text (a Bloom filter of one hash). What is not in
 * it, or was lost with it, is looked for in the texts: it makes a search fast and never makes it wrong. Nothing of it is
 * kept in memory.
 */
import {constants} from 'node:fs';
import {type FileHandle, open, rm} from 'node:fs/promises';
import {crc32} from 'node:zlib';
import {JobId} from '../../appliance/job.ts';
import {heard, pieces} from './words.ts';

const recordBytes = 2048;
/** Id, checksum of the bits. */
const headBytes = 16;
const sumAt = 12;
const bitsCount = (recordBytes - headBytes) * 8;
const magic = 'dubstead-sieve 1\n'.padEnd(64, '\0');
/** Read at a time: 512 films. */
const chunkBytes = 512 * recordBytes;

/** Where each film's record is, and where there is room. */
export interface Places {
  readonly of: Map<JobId, number>;
  readonly free: number[];
  count: number;
}

export class Sieve {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Films in which it is surely not said; null where there is no sieve that can be read. */
  async without(wanted: string): Promise<ReadonlySet<string> | null> {
    const bits = bitsOf(wanted);
    const found = new Set<string>();
    if (bits.length === 0) return found;
    const isRead = await this.#each((record, id) => {
      if (id !== undefined && bits.some(bit => !isSet(record, bit))) found.add(id);
    });
    return isRead ? found : null;
  }

  /** Of all records, each read and found whole; null where that is not so. */
  async places(): Promise<Places | null> {
    const places: Places = {of: new Map(), free: [], count: 0};
    let isWhole = true;
    const isRead = await this.#each((record, id) => {
      const number = places.count++;
      if (id === undefined) places.free.push(number);
      const known = id === undefined ? undefined : JobId.safeParse(id);
      if (known === undefined) return;
      isWhole &&= known.success && record.readUInt32LE(sumAt) === sumOf(record);
      if (known.success) places.of.set(known.data, number);
    });
    return isRead && isWhole ? places : null;
  }

  /** An empty one in place of what is there. */
  async make(): Promise<void> {
    await this.remove();
    await using file = await open(this.#path, 'wx', 0o600);
    await file.write(Buffer.from(magic), 0, magic.length, 0);
  }

  async remove(): Promise<void> {
    await rm(this.#path, {force: true});
  }

  async put(id: JobId, text: string, places: Places): Promise<void> {
    const number = places.of.get(id) ?? places.free.pop() ?? places.count++;
    places.of.set(id, number);
    await this.#write(number, recordOf(id, text));
  }

  /** Its bits are overwritten on the disk. */
  async forget(ids: Iterable<JobId>, places: Places): Promise<void> {
    for (const id of ids) {
      const number = places.of.get(id);
      if (number === undefined) continue;
      await this.#write(number, Buffer.alloc(recordBytes));
      places.of.delete(id);
      places.free.push(number);
    }
  }

  async #write(number: number, record: Buffer): Promise<void> {
    await using file = await open(this.#path, constants.O_RDWR | constants.O_NOFOLLOW);
    await file.write(record, 0, recordBytes, magic.length + number * recordBytes);
    await file.datasync();
  }

  /** False where there is none, or what is there is no sieve. The id is undefined where a record is free. */
  async #each(take: (record: Buffer, id: string | undefined) => void): Promise<boolean> {
    let file: FileHandle;
    try {
      file = await open(this.#path, constants.O_RDONLY | constants.O_NOFOLLOW);
    } catch {
      return false;
    }
    try {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const head = await file.read(chunk, 0, magic.length, 0);
      if (chunk.toString('latin1', 0, head.bytesRead) !== magic) return false;
      for (let at = magic.length; ; ) {
        const {bytesRead} = await file.read(chunk, 0, chunkBytes, at);
        if (bytesRead % recordBytes !== 0) return false;
        for (let from = 0; from < bytesRead; from += recordBytes) {
          const record = chunk.subarray(from, from + recordBytes);
          take(record, record[0] === 0 ? undefined : idOf(record));
        }
        if (bytesRead < chunkBytes) return true;
        at += bytesRead;
      }
    } catch {
      return false;
    } finally {
      await file.close();
    }
  }
}

function idOf(record: Buffer): string {
  const end = record.indexOf(0);
  return record.toString('latin1', 0, Math.min(sumAt, end < 0 ? sumAt : end));
}

function recordOf(id: JobId, text: string): Buffer {
  const record = Buffer.alloc(recordBytes);
  record.write(id, 0, sumAt, 'latin1');
  for (const line of text.split('\n')) {
    const [, original = '', dubbed = ''] = line.split('\t');
    for (const words of [original, dubbed])
      for (const piece of pieces(words)) {
        const bit = bitOf(piece);
        const at = headBytes + (bit >> 3);
        record[at] = (record[at] ?? 0) | (1 << (bit & 7));
      }
  }
  record.writeUInt32LE(sumOf(record), sumAt);
  return record;
}

function sumOf(record: Buffer): number {
  return crc32(record.subarray(headBytes));
}

function bitsOf(wanted: string): number[] {
  return [...new Set([...pieces(heard(wanted))].map(bitOf))];
}

function isSet(record: Buffer, bit: number): boolean {
  return (((record[headBytes + (bit >> 3)] ?? 0) >> (bit & 7)) & 1) === 1;
}

/** FNV-1a over its code units, its high half folded in: the low bits alone are alike for like letters. */
function bitOf(piece: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < piece.length; at++) hash = Math.imul(hash ^ piece.charCodeAt(at), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) % bitsCount;
}
