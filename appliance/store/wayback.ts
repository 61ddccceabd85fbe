/** Owns finding a way back from damage, in commands of a shell, and what it costs. Reads only; people do the rest. */
import {open, readdir} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {unreachable} from '../result.ts';
import {type Chain, chainIn, copyName, journalName, journalsAfter, snapshotName} from './generations.ts';
import {tailAfter} from './line.ts';
import {Damage, type DamageAt, loadChain} from './load.ts';

export interface WayBack {
  /** In their order; whatever they take away lies beside it afterwards. */
  readonly steps: readonly string[];
  /** A sentence. */
  readonly loses: string;
}

export async function wayBack(folder: string, damage: DamageAt): Promise<WayBack> {
  const way = await wayFrom(folder, await readdir(folder), damage);
  return way === undefined ? anew(folder) : {...way, steps: [`cd ${quoted(folder)}`, ...way.steps]};
}

async function wayFrom(
  folder: string,
  names: readonly string[],
  damage: DamageAt,
): Promise<WayBack | undefined> {
  switch (damage.kind) {
    case 'journal':
      return cutJournal(folder, names, damage);
    case 'missing':
      return withoutJournal(names, damage.number);
    case 'snapshot':
      return withoutSnapshot(folder, names, damage.number);
    default:
      return unreachable(damage.kind);
  }
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
    loses: `it loses the write at byte ${offset} of ${name}${lost === 0 ? '.' : ` and ${lost} after it.`}`,
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

/** The generation before goes on through the same journals. Where it is damaged as well, its own way back follows. */
async function withoutSnapshot(
  folder: string,
  names: readonly string[],
  number: number,
): Promise<WayBack | undefined> {
  const snapshot = snapshotName(number);
  const rest = names.filter(name => name !== snapshot);
  const chain = chainIn(rest);
  if (chain === undefined) return undefined;
  const damage = await damageOf(folder, chain);
  const next = damage === undefined ? nothingLost : await wayFrom(folder, rest, damage);
  return next && {...next, steps: [`mv ${snapshot} ${snapshot}.damaged`, ...next.steps]};
}

const nothingLost: WayBack = {steps: [], loses: 'it loses nothing: the generation before has all of it.'};

function anew(folder: string): WayBack {
  const steps = [
    `cd ${quoted(dirname(folder))}`,
    `mv ${quoted(basename(folder))} ${quoted(`${basename(folder)}.damaged`)}`,
  ];
  return {steps, loses: 'it loses everything: only a backup can bring it back.'};
}

async function damageOf(folder: string, chain: Chain): Promise<DamageAt | undefined> {
  try {
    await loadChain(folder, chain, () => (_table, _id, raw) => raw);
    return undefined;
  } catch (cause) {
    if (cause instanceof Damage) return cause.at;
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
