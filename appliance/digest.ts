/** Owns content digests. Never decides what a digest is good for. */
import {createHash} from 'node:crypto';
import {type FileHandle, open} from 'node:fs/promises';
import {z} from 'zod';

/** SHA-256 as 64 lower-case hex digits. */
export const Digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<'Digest'>();
export type Digest = z.infer<typeof Digest>;

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | {readonly [key: string]: Json | undefined};

/** Any value that JSON can carry; keys without a value are left out. */
export const Json: z.ZodType<Json> = z.lazy(() =>
  z.union([
    z.null(),
    z.boolean(),
    z.number(),
    z.string(),
    z.array(Json),
    z.record(z.string(), z.union([Json, z.undefined()])),
  ]),
);

export function digestOf(data: string | Uint8Array): Digest {
  return Digest.parse(createHash('sha256').update(data).digest('hex'));
}

const pieceBytes = 1 << 20;

export interface Reading {
  readonly signal?: AbortSignal | undefined;
  /** Is handed every piece; it is written over when this resolves. */
  readonly sink?: (piece: Uint8Array) => Promise<unknown>;
}

/**
 * Digest of a file from its start to its end, whatever length it had before. All of it goes through one piece of memory:
 * a stream would leave as much behind as the film is long, until somebody collects it.
 */
export async function digestOfOpen(file: FileHandle, {signal, sink}: Reading = {}): Promise<Digest> {
  const {size} = await file.stat();
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(Math.max(4096, Math.min(pieceBytes, size + 1)));
  for (let at = 0; ; ) {
    signal?.throwIfAborted();
    const {bytesRead} = await file.read(piece, 0, piece.length, at);
    if (bytesRead === 0) return Digest.parse(hash.digest('hex'));
    const read = piece.subarray(0, bytesRead);
    hash.update(read);
    await sink?.(read);
    at += bytesRead;
  }
}

export async function digestOfFile(path: string, signal?: AbortSignal): Promise<Digest> {
  await using file = await open(path);
  return await digestOfOpen(file, {signal});
}

/** Digest of a value, independent of the order in which its keys were written. */
export function digestOfJson(value: Json): Digest {
  return digestOf(canonical(value));
}

/** JSON with sorted keys; keys whose value is undefined are left out, as JSON.stringify leaves them out. */
export function canonical(value: Json): string {
  if (isList(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const fields = Object.entries(value)
    .filter((entry): entry is [string, Json] => entry[1] !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`);
  return `{${fields.join(',')}}`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
