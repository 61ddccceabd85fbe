/**
 * Owns how a file goes over the wire: whole or in part, from a file that is what it was said to be, at the client's own
 * pace. Never decides who may have it, nor where it lies.
 */
import type {FileHandle} from 'node:fs/promises';
import type {ServerResponse} from 'node:http';
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
  /** A part that a player asks for once a film: it stands for the film in the audit. */
  readonly isFirst?: boolean;
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

/** Bytes in memory at a time; each client has two of them. */
const pieces = {least: 32 * 1024, most: 1024 * 1024} as const;
/** A piece that was taken within this time may be followed by a larger one. */
const quickMs = 20;

/**
 * What larger pieces take beyond the least, all clients of this process together. A client that took its first pieces
 * quickly and then nothing holds a large one until it is let go: with this, hundreds of them hold no more than a few.
 */
class Room {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** False when it is not there. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#left += bytes;
  }
}

const room = new Room(32 << 20);

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
  await sendPieces(ctx.res, handle, span, sending.signal);
  // Koa answers nothing more.
  ctx.respond = false;
}

/**
 * Reads the next piece while the one before goes out, into two buffers that are used again and again. A piece grows for
 * a client that takes it at once, and shrinks for one that does not: whoever is slow costs little. What breaks off what
 * is sent ends the connection.
 */
async function sendPieces(
  res: ServerResponse,
  handle: FileHandle,
  {from, bytes}: Span,
  signal: AbortSignal,
): Promise<void> {
  const cut = (): void => void res.destroy();
  signal.addEventListener('abort', cut);
  let size: number = pieces.least;
  try {
    let [spare, other] = [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(size)];
    let going: Promise<number> = Promise.resolve(0);
    for (let at = from; at < from + bytes; ) {
      const wanted = Math.min(size, spare.length, from + bytes - at);
      const {bytesRead} = await handle.read(spare, 0, wanted, at);
      if (bytesRead === 0) throw new Error(`a file ended ${from + bytes - at} bytes early while it was sent`);
      at += bytesRead;
      const tookMs = await going;
      // Whoever hung up or lost their login meanwhile.
      signal.throwIfAborted();
      going = written(res, spare.subarray(0, bytesRead));
      size = resized(size, tookMs);
      [spare, other] = [other.length === size ? other : Buffer.allocUnsafeSlow(size), spare];
    }
    await going;
    res.end();
  } catch (cause) {
    res.destroy();
    throw cause;
  } finally {
    room.giveBack(2 * (size - pieces.least));
    signal.removeEventListener('abort', cut);
  }
}

/** Twice or half of what it was, within bounds and where there is room for two of them. */
function resized(size: number, tookMs: number): number {
  if (tookMs < quickMs) return size < pieces.most && room.take(2 * size) ? size * 2 : size;
  if (size === pieces.least) return size;
  room.giveBack(size);
  return size / 2;
}

/** Resolves when the system has taken it, with how long that took. Rejects when the connection is no more. */
function written(res: ServerResponse, piece: Buffer): Promise<number> {
  const {promise, resolve, reject} = Promise.withResolvers<number>();
  const began = performance.now();
  res.write(piece, cause => {
    if (cause == null) resolve(performance.now() - began);
    else reject(cause);
  });
  // It is looked at when the next piece was read; a connection that breaks before that is no fault of its own.
  promise.catch(() => {});
  return promise;
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
