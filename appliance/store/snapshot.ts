/** Owns the file that holds a whole state: written in small pieces while changes go on, read row by row. */
import {open} from 'node:fs/promises';
import {setImmediate} from 'node:timers/promises';
import {z} from 'zod';
import type {Disk} from './disk.ts';
import {lineOf, linesIn, saidIn} from './line.ts';
import type {State} from './state.ts';

/** Making a piece of this size takes about a millisecond, in which nothing else happens. */
const pieceCharacters = 128 << 10;

const Head = z.object({
  v: z.number().int().positive(),
  seq: z.number().int().nonnegative(),
  count: z.array(z.tuple([z.string(), z.number().int()])),
});
const Piece = z.object({put: z.array(z.tuple([z.string(), z.string(), z.unknown()]))});
const End = z.object({rows: z.number().int().nonnegative()});

/** A state as it was at one moment. Rows never change, so it is enough to hold on to them. */
export interface Still {
  readonly head: z.infer<typeof Head>;
  readonly tables: readonly {
    readonly name: string;
    readonly ids: readonly string[];
    readonly rows: readonly unknown[];
  }[];
}

export function stillOf(state: State, version: number): Still {
  return {
    head: {v: version, seq: state.seq, count: [...state.counters]},
    tables: [...state.tables].map(([name, rows]) => ({
      name,
      ids: [...rows.keys()],
      rows: [...rows.values()],
    })),
  };
}

export interface SnapshotTask {
  readonly disk: Disk;
  readonly still: Still;
  /** The name it is written under, and the one it gets when it is whole and on disk. */
  readonly draft: string;
  readonly path: string;
  readonly signal: AbortSignal;
}

/** Its size in bytes. Throws what the disk or the signal says, and leaves no draft. */
export async function writeSnapshot({disk, still, draft, path, signal}: SnapshotTask): Promise<number> {
  let bytes = 0;
  const file = await disk.createDraft(draft);
  try {
    for (const line of linesOf(still)) {
      await disk.append(file, line);
      bytes += line.length;
      // A disk that only takes notice is back in the same turn of the loop; others get theirs here.
      await setImmediate();
      signal.throwIfAborted();
    }
    await disk.publish(file, draft, path);
    return bytes;
  } catch (cause) {
    await file.close().catch(() => {});
    await disk.remove(draft).catch(() => {});
    throw cause;
  }
}

function* linesOf({head, tables}: Still): Generator<Buffer> {
  yield lineOf(JSON.stringify(head));
  let count = 0;
  let piece: string[] = [];
  let characters = 0;
  for (const {name, ids, rows} of tables) {
    for (const [index, id] of ids.entries()) {
      const row = JSON.stringify([name, id, rows[index]]);
      piece.push(row);
      count += 1;
      characters += row.length;
      if (characters < pieceCharacters) continue;
      yield lineOf(`{"put":[${piece.join()}]}`);
      piece = [];
      characters = 0;
    }
  }
  if (piece.length > 0) yield lineOf(`{"put":[${piece.join()}]}`);
  yield lineOf(JSON.stringify({rows: count}));
}

export interface SnapshotReader {
  head(head: z.infer<typeof Head>): void;
  row(table: string, id: string, raw: unknown): void;
}

export type SnapshotEnd =
  | {readonly is: 'whole'; readonly bytes: number}
  | {readonly is: 'damaged'; readonly offset: number; readonly detail: string};

/** Hands over what is in it, up to the end or to the first thing that is not sound. */
export async function readSnapshot(path: string, reader: SnapshotReader): Promise<SnapshotEnd> {
  await using file = await open(path, 'r');
  const {size} = await file.stat();
  let at = 0;
  let rows = 0;
  for await (const line of linesIn(file, 0)) {
    const said = saidIn(line);
    if (at === 0) {
      const head = Head.safeParse(said);
      if (!head.success) break;
      reader.head(head.data);
    } else {
      const end = End.safeParse(said);
      if (end.success && end.data.rows === rows && line.end === size) return {is: 'whole', bytes: size};
      const piece = Piece.safeParse(said);
      if (!piece.success) break;
      for (const [table, id, raw] of piece.data.put) reader.row(table, id, raw);
      rows += piece.data.put.length;
    }
    at = line.end;
  }
  return {
    is: 'damaged',
    offset: at,
    detail: at === size ? 'its end is missing' : 'no sound line begins there',
  };
}
