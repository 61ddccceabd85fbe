/**
 * Owns reading the rows of a state from its folder, and saying what is wrong with it and what would mend that. Only
 * reads: whoever owns the folder may be at work in it.
 */
import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import type {z} from 'zod';
import type {Rows, Tables} from './draft.ts';
import {journalName, snapshotName} from './generations.ts';
import {Damage, type Loaded, load} from './load.ts';
import {frozen} from './state.ts';
import {StoreTrouble, troubleWith} from './trouble.ts';
import {beforeVersion, wayBack} from './wayback.ts';

/** Makes a row of what a file says. Throws StoreTrouble for what is none. */
export type ReadRow = (table: string, id: string, raw: unknown, file: string) => unknown;

export function rowReader<T extends Rows<T>>(folder: string, tables: Tables<T>): ReadRow {
  return (table, id, raw, file) => {
    const schema = Object.hasOwn(tables, table) ? tables[table as keyof T] : undefined;
    const row = schema?.safeParse(raw);
    if (row?.success) return frozen(row.data);
    const detail = row === undefined ? 'there is no such table' : firstIssueOf(row.error);
    throw new StoreTrouble({reason: 'misfit', file: join(folder, file), table, id, detail});
  };
}

function firstIssueOf({issues: [issue]}: z.ZodError): string {
  const path = issue?.path.join('.') ?? '';
  return `${path === '' ? '' : `${path}: `}${issue?.message ?? 'it does not parse'}`;
}

export interface StateReading {
  readonly folder: string;
  /** What lies in it. */
  readonly names: readonly string[];
  /** Of this program's rows; those of an older version come as they are. */
  readonly version: number;
  readonly row: ReadRow;
}

/** Undefined where there is none yet. Throws StoreTrouble when it is damaged or newer than this program. */
export async function readState({folder, names, version, row}: StateReading): Promise<Loaded | undefined> {
  try {
    return await load(folder, found => {
      if (found <= version) return found === version ? row : (_table, _id, raw) => raw;
      const steps = beforeVersion(folder, names, version + 1);
      throw new StoreTrouble({reason: 'newer-version', folder, found, known: version, steps});
    });
  } catch (cause) {
    if (!(cause instanceof Damage)) throw cause;
    const {kind, number, offset, detail} = cause.at;
    const file = join(folder, kind === 'snapshot' ? snapshotName(number) : journalName(number));
    const way = await wayBack(folder, cause.at);
    throw new StoreTrouble({reason: 'damaged', file, offset, detail, ...way}, {cause});
  }
}

/** A daemon at work begins a new generation now and then, and takes old files away meanwhile. */
const tries = 3;

/** The state in a folder that somebody else may have open. Throws StoreTrouble, also where it is out of reach. */
export async function lookAtState<T extends Rows<T>>(
  folder: string,
  {tables, version}: {readonly tables: Tables<T>; readonly version: number},
): Promise<Loaded | undefined> {
  for (let left = tries - 1; ; left--) {
    const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return null;
      throw troubleWith(folder, cause);
    });
    if (names === null) return undefined;
    try {
      return await readState({folder, names, version, row: rowReader(folder, tables)});
    } catch (cause) {
      if (left === 0) throw troubleWith(folder, cause);
    }
  }
}
