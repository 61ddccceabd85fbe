/** Owns finding a way back from damage, in commands of a shell, and what it costs. Reads only; people do the rest. */
import {open, readdir} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {chainIn, copyName, journalName, journalsAfter, snapshotName} from './generations.ts';
import {tailAfter} from './line.ts';
import {Damage, type DamageAt, loadChain} from './load.ts';

export interface WayBack {
  /** In their order; whatever they take away lies beside it afterwards. */
  readonly steps: readonly string[];
  /** A sentence. */
  readonly loses: string;
}

export async function wayBack(folder: string, damage: DamageAt): Promise<WayBack> {
  const names = await readdir(folder);
  const way =
    damage.kind === 'journal'
      ? await cutJournal(folder, names, damage)
      : damage.kind === 'missing'
        ? withoutJournal(names, damage.number)
        : await withoutSnapshot(folder, names, damage.number);
  return way === undefined ? anew(folder) : {...way, steps: [`cd ${quoted(folder)}`, ...way.steps]};
}

/** The copy from before a version, put in the place of what that version made. */
export function beforeVersion(folder: string, names: readonly string[], version: number): readonly string[] {
  const [copy, after] = [copyName(version), `after-v${version}`];
  if (!names.includes(copy)) return [];
  return [`cd ${quoted(folder)}`, `mkdir ${after}`, `mv snapshot.* journal.* ${after}/`, `cp -p ${copy}/* .`];
}

async function cutJournal(
  folder: string,
  names: readonly string[],
  {number, offset}: DamageAt,
): Promise<WayBack> {
  const later = journalsAfter(names, number);
  let lost = await linesAfter(join(folder, journalName(number)), offset);
  for (const each of later) lost += await linesAfter(join(folder, journalName(each)), 0);
  const name = journalName(number);
  return {
    steps: [`cp -p ${name} ${name}.damaged`, `truncate -s ${offset} ${name}`, ...later.map(putAside)],
    loses: `it loses the damaged write${lost === 0 ? '.' : ` and ${lost} after it.`}`,
  };
}

function withoutJournal(names: readonly string[], number: number): WayBack | undefined {
  const [snapshot, before] = [snapshotName(number), journalName(number - 1)];
  const aside = journalsAfter(names, number).map(putAside);
  if (names.includes(snapshot)) {
    const empty = [`cp -p ${snapshot} ${journalName(number)}`, `truncate -s 0 ${journalName(number)}`];
    return {steps: [...empty, ...aside], loses: `it loses every change since ${snapshot} was made.`};
  }
  if (!names.includes(before)) return undefined;
  return {steps: aside, loses: `it loses every change after ${before}.`};
}

/** The generation before brings all of it back, or as much as was there when the snapshot was made. */
async function withoutSnapshot(
  folder: string,
  names: readonly string[],
  number: number,
): Promise<WayBack | undefined> {
  const snapshot = snapshotName(number);
  const journals = [number, ...journalsAfter(names, number)].map(each => journalName(each));
  const ways = [
    {aside: [snapshot], loses: 'it loses nothing: the generation before has all of it.'},
    {aside: [snapshot, ...journals], loses: `it loses every change since ${snapshot} was made.`},
  ];
  for (const {aside, loses} of ways) {
    if (
      await opens(
        folder,
        names.filter(name => !aside.includes(name)),
      )
    )
      return {steps: aside.map(name => `mv ${name} ${name}.damaged`), loses};
  }
  return undefined;
}

function anew(folder: string): WayBack {
  const steps = [
    `cd ${quoted(dirname(folder))}`,
    `mv ${quoted(basename(folder))} ${quoted(`${basename(folder)}.damaged`)}`,
  ];
  return {steps, loses: 'it loses everything: only a backup can bring it back.'};
}

async function opens(folder: string, names: readonly string[]): Promise<boolean> {
  const chain = chainIn(names);
  if (chain === undefined) return false;
  try {
    await loadChain(folder, chain, () => (_table, _id, raw) => raw);
    return true;
  } catch (cause) {
    if (cause instanceof Damage) return false;
    throw cause;
  }
}

/** How many sound lines begin at `offset` or later. */
async function linesAfter(path: string, offset: number): Promise<number> {
  await using file = await open(path, 'r');
  const tail = await tailAfter(file, offset);
  return tail.is === 'damaged' ? tail.laterLines : 0;
}

function putAside(journal: number): string {
  return `mv ${journalName(journal)} ${journalName(journal)}.aside`;
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}
