/**
 * Owns how bytes that come in pieces get into a file: in large writes, hashed on the way, and taken back where they are
 * not what was announced. Memory is a few megabytes, however much comes. Never says where they were to begin.
 */
import {createHash, type Hash} from 'node:crypto';
import type {FileHandle} from 'node:fs/promises';
import type {Digest} from '../../appliance/digest.ts';
import {headBytes} from './magic.ts';

export interface Receiving {
  readonly from: number;
  /** Not a byte may come beyond it. */
  readonly length: number;
  /** How many are announced; null when that is not said. */
  readonly bytes: number | null;
  /** Of all before `from`, to be gone on with; null when that is not known. */
  readonly hash: Hash | null;
  readonly checksum: Digest | null;
  readonly pieces: AsyncIterable<Buffer>;
  /** Asked once, when the upload begins with this. */
  isAsNamed(head: Buffer): boolean;
  /** Awaited now and then, where what came so far is to stay whatever comes: the file is written up to there. */
  settle(offset: number): Promise<void>;
}

export interface Received {
  readonly end: 'whole' | 'broken-off' | 'past-its-end' | 'wrong-checksum' | 'wrong-content' | 'disk-filled';
  /** The file ends here. */
  readonly offset: number;
  /** Of all before `offset`; null when that is not known. */
  readonly hash: Hash | null;
}

const batchBytes = 1 << 20;
/** What a daemon that is killed may lose of a request that goes on for hours. */
const settleBytes = 16 << 20;

/** Throws what the disk says, but for that it is full. */
export async function receive(file: FileHandle, asked: Receiving): Promise<Received> {
  const {from, checksum} = asked;
  const hash = asked.hash?.copy() ?? null;
  const chunk = checksum === null ? null : createHash('sha256');
  const hashes = [hash, chunk].filter(one => one !== null);
  const tail = new Tail(file, from, hashes);
  let settled = from;
  let end: Received['end'];
  try {
    end = await take(asked, tail, async offset => {
      if (checksum !== null || offset - settled < settleBytes) return;
      await tail.flush();
      await asked.settle(offset);
      settled = offset;
    });
    await tail.flush();
  } catch (cause) {
    if (!isNoSpace(cause)) throw cause;
    await file.truncate(settled);
    return {end: 'disk-filled', offset: settled, hash: settled === from ? asked.hash : null};
  }
  if (end === 'whole' && chunk !== null && chunk.digest('hex') !== checksum) end = 'wrong-checksum';
  if (end === 'whole' || (end === 'broken-off' && checksum === null)) return {end, offset: tail.at, hash};
  await file.truncate(settled);
  return {end, offset: settled, hash: settled === from ? asked.hash : null};
}

/** Tells the client's trouble, which is an end like others, from the disk's, which is thrown. */
async function take(
  asked: Receiving,
  tail: Tail,
  written: (offset: number) => Promise<void>,
): Promise<Received['end']> {
  const {from, length, pieces} = asked;
  let mustLook = from === 0;
  const coming = pieces[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await coming.next().catch(() => undefined);
      if (next === undefined) return 'broken-off';
      if (next.done === true) break;
      const piece = next.value;
      if (tail.at + piece.length > length) return 'past-its-end';
      const head = await tail.add(piece);
      if (head === undefined) continue;
      if (mustLook && !asked.isAsNamed(head)) return 'wrong-content';
      mustLook = false;
      await written(tail.at);
    }
  } finally {
    await coming.return?.();
  }
  return asked.bytes !== null && tail.at - from < asked.bytes ? 'broken-off' : 'whole';
}

/**
 * The end of a file that grows: one large write at a time, hashed meanwhile, while the next is gathered. Pieces are copied
 * and let go of at once: held until they are written, thousands of them keep the garbage collector busy.
 */
class Tail {
  readonly #file: FileHandle;
  readonly #hashes: readonly Hash[];
  #batch = Buffer.allocUnsafeSlow(batchBytes);
  #spare = Buffer.allocUnsafeSlow(batchBytes);
  #batched = 0;
  #writing: Promise<void> = Promise.resolve();
  /** Where the next byte goes. */
  at: number;

  constructor(file: FileHandle, from: number, hashes: readonly Hash[]) {
    this.#file = file;
    this.#hashes = hashes;
    this.at = from;
  }

  /** What the last batch began with, when this completed one. */
  async add(piece: Buffer): Promise<Buffer | undefined> {
    let head: Buffer | undefined;
    for (let taken = 0; taken < piece.length; ) {
      const copied = piece.copy(this.#batch, this.#batched, taken);
      taken += copied;
      this.#batched += copied;
      this.at += copied;
      if (this.#batched < batchBytes) continue;
      head ??= Buffer.from(this.#batch.subarray(0, headBytes));
      await this.#send();
    }
    return head;
  }

  async flush(): Promise<void> {
    await this.#send();
    await this.#writing;
  }

  async #send(): Promise<void> {
    await this.#writing;
    const batch = this.#batch.subarray(0, this.#batched);
    this.#writing = writeAll(this.#file, batch, this.at - batch.length);
    // Whoever comes next hears of it.
    this.#writing.catch(() => {});
    for (const hash of this.#hashes) hash.update(batch);
    [this.#batch, this.#spare] = [this.#spare, this.#batch];
    this.#batched = 0;
  }
}

async function writeAll(file: FileHandle, batch: Buffer, at: number): Promise<void> {
  for (let done = 0; done < batch.length; ) {
    const {bytesWritten} = await file.write(batch, done, batch.length - done, at + done);
    done += bytesWritten;
  }
}

function isNoSpace(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT');
}
