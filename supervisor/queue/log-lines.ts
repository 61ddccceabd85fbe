/** Owns reading a file line by line from a byte on, in bounded memory. Never waits for more. */
import {constants} from 'node:fs';
import {type FileHandle, open} from 'node:fs/promises';

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
  const file = await openPlain(path);
  if (file === undefined) return;
  try {
    const piece = Buffer.alloc(pieceBytes);
    let rest: Buffer = Buffer.alloc(0);
    let isTooLong = false;
    for (let at = from; ; ) {
      const {bytesRead} = await file.read(piece, 0, piece.length, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      rest = Buffer.concat([rest, piece.subarray(0, bytesRead)]);
      let start = 0;
      for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10, start)) {
        const text = rest.toString('utf8', start, end);
        start = end + 1;
        if (!isTooLong) yield {text, end: at - rest.length + start};
        isTooLong = false;
      }
      rest = Buffer.from(rest.subarray(start));
      if (rest.length <= lineLimitBytes) continue;
      rest = Buffer.alloc(0);
      isTooLong = true;
    }
  } finally {
    await file.close();
  }
}

/** Without a jail a job can put anything in the place of its log: what is no plain file has no lines. */
async function openPlain(path: string): Promise<FileHandle | undefined> {
  const {O_RDONLY, O_NOFOLLOW, O_NONBLOCK} = constants;
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ELOOP' || cause.code === 'ENXIO') return undefined;
    throw cause;
  });
  if (file === undefined || (await file.stat()).isFile()) return file;
  await file.close();
  return undefined;
}
