/**
 * Owns packing a page by gzip without telling anything by its length: only what is the same for all is packed, each piece by itself, and
 * what is somebody's stands between as it is. Packed with the rest, what somebody searched for would shorten what is theirs (BREACH).
 */
import {constants, crc32, deflateRawSync} from 'node:zlib';

const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
/** The last block of a deflate stream, with nothing in it. */
const last = Buffer.from([3, 0]);
const storedMost = 0xffff;

export class Packer {
  readonly #packed = new Map<string, Buffer>();

  /** `same`: pieces of the text in their order; one that does not occur is as if it were not named. */
  pack(text: string, same: readonly string[]): Buffer {
    const blocks: Buffer[] = [];
    let at = 0;
    for (const piece of same) {
      const found = text.indexOf(piece, at);
      if (found === -1) continue;
      blocks.push(...stored(text.slice(at, found)), this.#pieceOf(piece));
      at = found + piece.length;
    }
    const whole = Buffer.from(text);
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(crc32(whole), 0);
    trailer.writeUInt32LE(whole.length, 4);
    return Buffer.concat([header, ...blocks, ...stored(text.slice(at)), last, trailer]);
  }

  #pieceOf(piece: string): Buffer {
    const known = this.#packed.get(piece);
    if (known !== undefined) return known;
    // Ends at a byte, without being the end of the stream.
    const packed = deflateRawSync(piece, {level: 9, finishFlush: constants.Z_FULL_FLUSH});
    this.#packed.set(piece, packed);
    return packed;
  }
}

/** Blocks that hold bytes as they are. */
function stored(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  const blocks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += storedMost) {
    const block = bytes.subarray(at, at + storedMost);
    const head = Buffer.alloc(5);
    head.writeUInt16LE(block.length, 1);
    head.writeUInt16LE(~block.length & 0xffff, 3);
    blocks.push(head, block);
  }
  return blocks;
}
