/** Owns hearing out a small confined program: all that it says until its end, if that is short and comes in time. Never believes any of it. */
import {mkdir, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Confined} from './confine.ts';
import {outOf} from './jail.ts';
import {launch} from './launch.ts';

export interface AnswerAsk {
  /** A folder of the program's own: what is in it goes with it. */
  readonly folder: string;
  /** What the program is asked, for it to read; nothing where it is asked by its arguments alone. */
  readonly asked?: string;
  /** `asked` is where that lies. */
  readonly confine: (folder: string, asked: string) => Confined;
  readonly limitBytes: number;
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/** Null where there was no answer, or one that is too long or too late. Nothing of the program is left when this resolves. */
export async function answerOf({
  folder,
  confine,
  asked,
  limitBytes,
  limitMs,
  signal,
}: AnswerAsk): Promise<Buffer | null> {
  if (signal.aborted) return null;
  await mkdir(outOf(folder), {recursive: true, mode: 0o700});
  try {
    const until = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
    const path = join(folder, 'asked.json');
    if (asked !== undefined) await writeFile(path, asked, {mode: 0o600});
    return await heardFrom(confine(folder, path), limitBytes, until);
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}

async function heardFrom(
  confined: Confined,
  limitBytes: number,
  signal: AbortSignal,
): Promise<Buffer | null> {
  const launched = await launch(confined);
  if (!launched.ok) return null;
  const {wire, stderr, exited, send, gone} = launched.value;
  const end = (): void => send('SIGKILL');
  signal.addEventListener('abort', end, {once: true});
  if (signal.aborted) end();
  stderr.resume();
  try {
    const heard = await allOf(wire, limitBytes);
    return signal.aborted ? null : heard;
  } finally {
    signal.removeEventListener('abort', end);
    end();
    await exited;
    await gone();
    for (const stream of [wire, stderr]) stream.destroy();
  }
}

async function allOf(wire: AsyncIterable<Buffer>, limitBytes: number): Promise<Buffer | null> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of wire) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > limitBytes) return null;
  }
  return Buffer.concat(pieces);
}
