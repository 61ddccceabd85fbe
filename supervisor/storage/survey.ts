/**
 * Owns the slow look through all that the box keeps: how much of each kind lies on which disk. Never removes anything,
 * never follows a link, and counts a file of many names once.
 */
import {setTimeout as rest} from 'node:timers/promises';
import type {Filled, FilledKind} from '../../appliance/api/storage-rows.ts';
import {JobId} from '../../appliance/job.ts';
import {entriesBelow} from '../sweep/facts.ts';
import {Folder, isCode} from '../sweep/folder.ts';
import {roleIn} from '../sweep/plan.ts';

export interface SurveyGround {
  readonly dataDir: string;
  /** Where people find finished dubs, and where films are dropped: in the data folder or elsewhere. */
  readonly outputs: string;
  readonly inbox: string;
  readonly isDeleted: (id: JobId) => boolean;
}

export interface Surveyed {
  /** By the number that the kernel gives the disk. */
  readonly disks: ReadonlyMap<number, readonly Filled[]>;
  /** False where there was more than it goes through. */
  readonly whole: boolean;
}

export interface Pace {
  readonly signal: AbortSignal;
  /** After so many files it rests for so long: nobody waits for it. */
  readonly restEvery?: number;
  readonly restMs?: number;
  readonly filesLimit?: number;
}

const depthLimit = 32;
/** Names that are remembered; beyond, a dub on the shelf counts twice. */
const linksLimit = 200_000;

/** Folders that are away are passed over. */
export async function survey(ground: SurveyGround, pace: Pace): Promise<Surveyed> {
  const {signal, restEvery = 500, restMs = 20, filesLimit = 2_000_000} = pace;
  const tally = new Tally();
  const links = new Set<string>();
  let seen = 0;
  for (const root of rootsOf(ground)) {
    for await (const {path, found} of below(root)) {
      signal.throwIfAborted();
      seen += 1;
      if (seen > filesLimit) return {disks: tally.disks(), whole: false};
      if (seen % restEvery === 0) await rest(restMs, undefined, {signal});
      if (!found.isFile()) continue;
      const name = `${found.dev}:${found.ino}`;
      if (found.nlink > 1 && links.has(name)) continue;
      if (found.nlink > 1 && links.size < linksLimit) links.add(name);
      tally.add(found.dev, kindOf(path, ground), found.size);
    }
  }
  return {disks: tally.disks(), whole: true};
}

/** The data folder first: a dub that is linked to the shelf is the job's. What lies in another of them is seen there. */
function rootsOf({dataDir, outputs, inbox}: SurveyGround): readonly string[] {
  const roots = [dataDir, outputs, inbox];
  return roots.filter((root, place) => !roots.slice(0, place).some(other => isIn(root, other)));
}

async function* below(root: string): ReturnType<typeof entriesBelow> {
  let folder: Folder;
  try {
    folder = await Folder.open(root);
  } catch (cause) {
    if (isCode(cause, 'ENOENT', 'ENOTDIR', 'EACCES')) return;
    throw cause;
  }
  await using opened = folder;
  for await (const {path, found} of entriesBelow(opened, '/.', depthLimit))
    yield {path: root + path.slice(2), found};
}

/** What a file is to people, by where it lies. */
export function kindOf(path: string, {dataDir, outputs, inbox, isDeleted}: SurveyGround): FilledKind {
  if (isIn(path, inbox)) return 'uploads';
  if (isIn(path, outputs)) return 'outputs';
  const inner = path.slice(dataDir.length + 1);
  const [top = '', name = ''] = inner.split('/');
  if (top === 'uploads') return 'uploads';
  if (top === 'log') return 'logs';
  if (top === 'models') return 'models';
  const id = top === 'jobs' ? JobId.safeParse(name).data : undefined;
  if (id === undefined) return 'other';
  if (isDeleted(id)) return 'trash';
  const role = roleIn(id, {path: inner, is: 'file'});
  return role === 'records' || role === 'frame' ? 'other' : role;
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

class Tally {
  readonly #disks = new Map<number, Map<FilledKind, {bytes: number; files: number}>>();

  add(disk: number, kind: FilledKind, bytes: number): void {
    const kinds = this.#disks.get(disk) ?? new Map<FilledKind, {bytes: number; files: number}>();
    this.#disks.set(disk, kinds);
    const sum = kinds.get(kind) ?? {bytes: 0, files: 0};
    kinds.set(kind, {bytes: sum.bytes + bytes, files: sum.files + 1});
  }

  /** Largest first. */
  disks(): ReadonlyMap<number, readonly Filled[]> {
    const shown = [...this.#disks].map(([disk, kinds]): [number, readonly Filled[]] => {
      const filled = [...kinds].map(([kind, sum]): Filled => ({kind, ...sum}));
      return [disk, filled.toSorted((a, b) => b.bytes - a.bytes)];
    });
    return new Map(shown);
  }
}
