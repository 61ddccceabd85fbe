/** Owns bringing an older state to the version of this program, and the copy kept of it. Never opens the result. */
import {join} from 'node:path';
import type {Disk} from './disk.ts';
import {copyName} from './generations.ts';
import type {State} from './state.ts';
import {StoreTrouble} from './trouble.ts';

/** Rows as an older version wrote them: a migration reads them with schemas of its own, and may change anything. */
export type OldState = Pick<State, 'tables' | 'counters'>;

/** By the version they start from: `{1: state => …}` makes version 2 of version 1. */
export type Migrations = Readonly<Record<number, (state: OldState) => void>>;

/** There has to be one from every version before this one: a state that can't be brought forward is a bug. */
export function checkMigrations(migrations: Migrations, version: number): void {
  for (let from = 1; from < version; from++)
    if (migrations[from] === undefined)
      throw new Error(`there is no migration from state ${from} to ${from + 1}`);
}

export interface MigrationTask {
  readonly folder: string;
  readonly state: State;
  readonly from: number;
  readonly to: number;
  readonly migrations: Migrations;
  /** Makes a row of the new version of what the last migration left. */
  readonly row: (table: string, id: string, raw: unknown) => unknown;
}

/** Throws StoreTrouble when a migration fails, or leaves what is no row of the new version. */
export function migrate({folder, state, from, to, migrations, row}: MigrationTask): State {
  let at = from;
  try {
    for (; at < to; at++) migrations[at]?.(state);
    for (const [table, rows] of state.tables) for (const [id, raw] of rows) rows.set(id, row(table, id, raw));
    return state;
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new StoreTrouble({reason: 'migration-failed', folder, from: Math.min(at, to - 1), detail}, {cause});
  }
}

/**
 * Copies the files of the state to `before-v2`, all of them or none. A copy of that name is of an earlier try, or of
 * before somebody went back to the older version: what is there now is what counts.
 */
export async function keepCopy(
  disk: Disk,
  {
    folder,
    version,
    files,
  }: {readonly folder: string; readonly version: number; readonly files: readonly string[]},
): Promise<void> {
  const copy = join(folder, copyName(version));
  await disk.makeFolder(`${copy}.tmp`);
  for (const name of files) await disk.copy(join(folder, name), join(`${copy}.tmp`, name));
  await disk.remove(copy);
  await disk.moveFolder(`${copy}.tmp`, copy);
}
