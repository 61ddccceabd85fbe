/**
 * Owns how a file goes over the wire: whole or in part, from a file that is what it was said to be, at the client's own
 * pace. Never decides who may have it, nor where it lies.
 */
import type {FileHandle} from 'node:fs/promises';
import {pipeline} from 'node:stream/promises';
import type {Context} from 'koa';
import {type Digest, digestOf} from '../appliance/digest.ts';
import {type Result, unreachable} from '../appliance/result.ts';
import {disposition, type Manner} from './disposition.ts';
import {httpDate} from './http-date.ts';
import {NotAnswered, problems, type Refused} from './problem.ts';
import {wantedOf} from './range.ts';

export interface FileToSend {
  /** Without following links. Whoever calls this closes the file. */
  open(): Promise<Result<FileHandle, Refused>>;
  /**
   * What it must hold: these make it the file that was promised. Null for a part of a stream, which is made once and
   * told from another by when and where it was written.
   */
  readonly promised: {readonly size: number; readonly digest: Digest} | null;
  readonly type: string;
  readonly name: string;
  readonly manner: Manner;
  /** Whoever may have it only so long. */
  readonly until?: AbortSignal;
}

/** Where to find it instead. */
export interface Elsewhere {
  readonly location: string;
}

export interface Sending {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** How long a client may take nothing. */
  readonly takeMs: number;
  readonly signal: AbortSignal;
  /** Awaited before the first byte goes, with that byte's place in the file. */
  begins(from: number): Promise<void>;
}

/** A piece in memory; a client that takes its time has two of them. */
const pieceBytes = 256 * 1024;

interface Span {
  readonly from: number;
  readonly bytes: number;
}

/** Throws NotAnswered, before anything is sent, when there is nothing to send. */
export async function sendFile(ctx: Context, file: FileToSend, sending: Sending): Promise<void> {
  const opened = await file.open();
  if (!opened.ok) throw new NotAnswered(opened.why);
  await using handle = opened.value;
  const stats = await handle.stat();
  const {promised} = file;
  if (!stats.isFile() || (promised !== null && stats.size !== promised.size))
    throw new NotAnswered(problems.outputChanged());
  const {now} = sending;
  const modified = Math.min(stats.mtimeMs, now);
  const {size, ino, mtimeMs} = stats;
  const etag = `"${promised?.digest ?? digestOf(`${ino} ${size} ${mtimeMs}`)}"`;
  const span = decide(ctx, file, {size, etag, modified, now});
  if (span === null || ctx.method === 'HEAD') return;
  await sending.begins(span.from);
  sending.signal.throwIfAborted();
  ctx.res.setTimeout(sending.takeMs);
  await sendPieces(ctx, exactly(piecesOf(handle, span), span.bytes), sending.signal);
  // Koa answers nothing more.
  ctx.respond = false;
}

/** What breaks off what is sent is thrown here and ends the connection; as an error of the answer Koa would tell it too. */
async function sendPieces({res}: Context, pieces: AsyncIterable<Buffer>, signal: AbortSignal): Promise<void> {
  let why: unknown;
  const guarded = async function* () {
    try {
      yield* pieces;
    } catch (cause) {
      why ??= cause;
      res.destroy();
    }
  };
  await pipeline(guarded, res, {signal}).catch((cause: unknown) => {
    why ??= cause;
  });
  if (why !== undefined) throw why;
}

interface Seen {
  readonly size: number;
  readonly etag: string;
  readonly modified: number;
  readonly now: number;
}

/** Writes the head of the answer; null when that is all of it. */
function decide(ctx: Context, file: FileToSend, {size, etag, modified, now}: Seen): Span | null {
  const wanted = wantedOf(ctx.method, ctx.req.headers, {size, etag, modified}, now);
  switch (wanted.is) {
    case 'failed-precondition':
      throw new NotAnswered(problems.failedPrecondition());
    case 'unsatisfiable':
      throw new NotAnswered(problems.noSuchRange(size));
    case 'not-modified':
      ctx.status = 304;
      ctx.set(validators(etag, modified));
      return null;
    case 'whole':
      ctx.status = 200;
      break;
    case 'part':
      ctx.status = 206;
      ctx.set('Content-Range', `bytes ${wanted.from}-${wanted.to}/${size}`);
      break;
    default:
      return unreachable(wanted);
  }
  const span =
    wanted.is === 'part' ? {from: wanted.from, bytes: wanted.to - wanted.from + 1} : {from: 0, bytes: size};
  ctx.set({
    ...validators(etag, modified),
    'Accept-Ranges': 'bytes',
    'Content-Type': file.type,
    'Content-Length': String(span.bytes),
    'Content-Disposition': disposition(file.manner, file.name),
  });
  return span;
}

/** Kept by the client's own cache alone, which asks each time whether it still holds. */
function validators(etag: string, modified: number): Record<string, string> {
  return {ETag: etag, 'Last-Modified': httpDate(modified), 'Cache-Control': 'private, no-cache'};
}

/** A read stream closes the file with itself, at whichever end it comes to. */
function piecesOf(handle: FileHandle, {from, bytes}: Span): AsyncIterable<Buffer> | readonly Buffer[] {
  if (bytes === 0) return [];
  return handle.createReadStream({start: from, end: from + bytes - 1, highWaterMark: pieceBytes});
}

/** Throws when a file was cut while it was read: the answer is broken off then, and does not look whole. */
async function* exactly(
  pieces: AsyncIterable<Buffer> | Iterable<Buffer>,
  bytes: number,
): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const piece of pieces) {
    left -= piece.length;
    yield piece;
  }
  if (left !== 0) throw new Error(`a file ended ${left} bytes early while it was sent`);
}
