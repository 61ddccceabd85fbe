/** Owns reading a file line by line from a byte on, in bounded memory. Never waits for more. */
import {open} from 'node:fs/promises';

export interface FoundLine {
  readonly text: string;
  /** The byte after its line break. */
  readonly end: number;
}

const pieceBytes = 64 * 1024;
/** A line that is longer is passed over. */
const lineLimitBytes = 1 << 20;

/** Whole lines only: one that is still being written comes next time. A file that is not there has none. */
export async function* linesFrom(path: string, from: number): AsyncGenerator<FoundLine> {
  const file = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw cause;
  });
  if (file === undefined) return;
  try {
    const piece = Buffer.alloc(pieceBytes);
    let rest: Buffer = Buffer.alloc(0);
    for (let at = from; ; ) {
      const {bytesRead} = await file.read(piece, 0, piece.length, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      rest = Buffer.concat([rest, piece.subarray(0, bytesRead)]);
      let start = 0;
      for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10, start)) {
        yield {text: rest.toString('utf8', start, end), end: at - rest.length + end + 1};
        start = end + 1;
      }
      rest = rest.subarray(start);
      if (rest.length > lineLimitBytes) rest = Buffer.alloc(0);
    }
  } finally {
    await file.close();
  }
}
