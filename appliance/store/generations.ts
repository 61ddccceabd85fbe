/**
 * Owns the names in a state folder, and which of them count. Never reads what is in them.
 *
 *     snapshot.7   the state as it was when journal.7 was begun
 *     journal.7    what changed since
 *     before-v2/   snapshot and journals as they were before version 2 took them over
 *
 * The state is the last snapshot and every journal from its number on, in one unbroken row; before the first snapshot
 * there was nothing. The generation before is kept: with it, a snapshot that got damaged costs nothing.
 *
 * A new generation is begun in this order, each step on disk before the next one:
 *
 *   1. journal.8 is made, empty. A crash leaves it at the end of the row, where an empty journal changes nothing.
 *   2. Changes go to journal.8. A crash finds snapshot.7, journal.7 and journal.8: every change, in its order.
 *   3. The state as it was at the change of journals goes to snapshot.8.tmp, while changes go on. A crash leaves a
 *      draft that nobody reads, and that the next start removes.
 *   4. snapshot.8.tmp becomes snapshot.8: a crash leaves all of it or none. From here on it is the base.
 *   5. What is older than snapshot.7 is removed. A crash leaves some of it; the next generation removes the rest.
 *
 * Were the snapshot made first, changes between it and its journal would have to go to both journals. The very first
 * start and a migration take the same steps, but let no change in before the fourth.
 */
export const snapshotName = (number: number): string => `snapshot.${number}`;
export const draftName = (number: number): string => `snapshot.${number}.tmp`;
export const journalName = (number: number): string => `journal.${number}`;
export const copyName = (version: number): string => `before-v${version}`;

/** What a state folder holds, by its names. */
export interface Chain {
  /** The last snapshot; 0 where none has been made yet. */
  readonly snapshot: number;
  /** The journals after it, in their order. */
  readonly journals: readonly number[];
  /** The first journal that should be there and is not. */
  readonly missing: number | undefined;
}

/** The files that make up the state; undefined where nothing says that there ever was one. */
export function chainIn(names: readonly string[]): Chain | undefined {
  const snapshots = numbersOf(names, 'snapshot');
  const journals = numbersOf(names, 'journal');
  // Something was put aside, or a copy is all that is left: that is no new store.
  const traces = names.some(name => /^(snapshot|journal|before-v)/.test(name) && !/\.tmp$/.test(name));
  if (snapshots.length === 0 && journals.length === 0 && !traces) return undefined;
  const snapshot = snapshots.at(-1) ?? 0;
  const first = Math.max(1, snapshot);
  const row: number[] = [];
  while (journals.includes(first + row.length)) row.push(first + row.length);
  const next = first + row.length;
  const isWhole = row.length > 0 && (journals.at(-1) ?? 0) < next;
  return {snapshot, journals: row, missing: isWhole ? undefined : next};
}

/** Journals after the gap: what they hold builds on what is missing. */
export function journalsAfter(names: readonly string[], number: number): readonly number[] {
  return numbersOf(names, 'journal').filter(each => each > number);
}

/** What no generation needs any more: all that is older than the snapshot before the last. */
export function staleIn(names: readonly string[]): readonly string[] {
  const kept = numbersOf(names, 'snapshot').at(-2) ?? 0;
  return names.filter(name => {
    const number = numberOf(name);
    return number !== undefined && number < kept;
  });
}

/** Drafts that a crash left behind. */
export function draftsIn(names: readonly string[]): readonly string[] {
  return names.filter(name => /^(snapshot\.\d+|before-v\d+)\.tmp$/.test(name));
}

function numbersOf(names: readonly string[], kind: 'snapshot' | 'journal'): readonly number[] {
  return names
    .filter(name => name.startsWith(kind))
    .flatMap(name => numberOf(name) ?? [])
    .sort((a, b) => a - b);
}

function numberOf(name: string): number | undefined {
  const digits = /^(?:snapshot|journal)\.([1-9]\d{0,14})$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
