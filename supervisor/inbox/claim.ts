/**
 * Owns taking one film and its sidecars out of the inbox into the folder of a job. Whatever happens in between, each of
 * them is in one place or the other, whole; and only the very file that was watched is ever read or taken.
 */
import {type FileHandle, rename, stat, statfs} from 'node:fs/promises';
import {join} from 'node:path';
import {digestOfOpen} from '../../appliance/digest.ts';
import type {At, JobId, JobOptions, UserName} from '../../appliance/job.ts';
import {moveInto, never, numbered, removeExactly} from './carry.ts';
import {copyOpen} from './copy.ts';
import {
  codeOf,
  hasSameContent,
  isUntouched,
  look,
  openFile,
  openFolder,
  type Sight,
  sightOfOpen,
  whyFixed,
  within,
} from './folder.ts';
import {nameOf, type Why} from './names.ts';
import {asideName, beginJob, type ClaimRecord, discardJob, sourceFolderOf, writeRecord} from './record.ts';
import {troubleOf} from './trouble.ts';
import {missingEnd} from './whole.ts';
import {optionsOf, readWishes, wishesLimitBytes} from './wishes.ts';

export interface Piece {
  readonly name: string;
  /** As it lay in the inbox all the time that it was watched. */
  readonly sight: Sight;
}

export interface Arrival {
  readonly id: JobId;
  readonly at: At;
  readonly owner: UserName;
  /** Before what the film's own `.dub.json` says. */
  readonly options: JobOptions;
  /** Folders from the inbox down. */
  readonly folders: readonly string[];
  readonly film: Piece;
  readonly sidecars: readonly (Piece & {readonly shared: boolean})[];
  /** Its end may be missing: it was waited for long enough. */
  readonly isPatient: boolean;
}

/** Points between which a crash must lose nothing. */
export type Step = 'read' | 'begun' | 'sidecar' | 'copied' | 'whole' | 'taken' | 'cleared';

export interface ClaimSite {
  /** Absolute paths. */
  readonly inbox: string;
  readonly jobs: string;
  /** Devices that turned out to be apart from that of the jobs although their numbers are the same: bind mounts. */
  readonly apart: Set<number>;
  readonly signal: AbortSignal;
  readonly step?: (step: Step) => Promise<void> | void;
}

export type Claiming =
  | {readonly is: 'claimed'; readonly record: ClaimRecord}
  /** It changed or went away meanwhile: nothing was taken. */
  | {readonly is: 'let-go'}
  | {readonly is: 'lacking'; readonly lacks: string}
  /** `code` is the system's, such as EACCES. */
  | {readonly is: 'waits'; readonly code: string; readonly why: Why}
  | {readonly is: 'refused'; readonly why: Why}
  /** It is in the job's folder, and something failed after that: to be brought to an end from there. */
  | {readonly is: 'unfinished'; readonly cause: unknown};

const letGo = {is: 'let-go'} as const;

/** Ends a claim from deep within it. */
class Ended extends Error {
  readonly how: Exclude<Claiming, {is: 'claimed'}>;

  constructor(how: Exclude<Claiming, {is: 'claimed'}>) {
    super(how.is);
    this.how = how;
  }
}

/** Throws when `site.signal` is aborted before the film is taken, and for bugs before that; nothing is taken then. */
export async function claim(arrival: Arrival, site: ClaimSite): Promise<Claiming> {
  try {
    await using folder = await openFolder(site.inbox, arrival.folders.map(nameOf));
    await using film = await openFile(folder, nameOf(arrival.film.name));
    return await claimOpen(arrival, {...site, folder, film});
  } catch (cause) {
    if (cause instanceof Ended) return cause.how;
    const code = codeOf(cause);
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR') return letGo;
    return waits(code, arrival, site);
  }
}

interface Open extends ClaimSite {
  readonly folder: FileHandle;
  readonly film: FileHandle;
}

async function claimOpen(arrival: Arrival, open: Open): Promise<Claiming> {
  await expectUntouched(open.film, arrival.film);
  const fixed = await whyFixed(open.folder);
  if (fixed !== null) return waits(fixed, arrival, open);
  const lacks = arrival.isPatient ? null : await missingEnd(open.film, arrival.film.sight.bytes);
  if (lacks !== null) return {is: 'lacking', lacks};
  const options = await optionsFor(arrival, open);
  const {dev} = await open.film.stat();
  const isNear = dev === (await stat(open.jobs)).dev && !open.apart.has(dev);
  if (!(await hasRoom(open.jobs, isNear ? 0 : arrival.film.sight.bytes)))
    return waits('ENOSPC', arrival, open);
  try {
    return isNear ? await byRename(arrival, options, open) : await byCopy(arrival, options, open);
  } catch (cause) {
    if (!isNear || !(cause instanceof Error) || !('code' in cause) || cause.code !== 'EXDEV') throw cause;
    open.apart.add(dev);
    return byCopy(arrival, options, open);
  }
}

function waits(code: string, {film}: Arrival, {jobs}: ClaimSite): Claiming {
  return {is: 'waits', code, why: troubleOf(code, film.name, jobs)};
}

/** For what is written beside a film: its record and sidecars. */
const besideBytes = 1 << 20;

/** Asked before a film is read: of one that has no room, not a byte is copied. */
async function hasRoom(jobs: string, bytes: number): Promise<boolean> {
  const {bavail, bsize, files, ffree} = await statfs(jobs);
  return bavail * bsize >= bytes + besideBytes && (files === 0 || ffree > 0);
}

async function expectUntouched(file: FileHandle, {sight}: Piece): Promise<void> {
  if (!isUntouched(await sightOfOpen(file), sight)) throw new Ended(letGo);
}

async function optionsFor({options, sidecars}: Arrival, {folder}: Open): Promise<JobOptions> {
  const own = sidecars.find(({name}) => /\.dub\.json$/i.test(name));
  if (own === undefined) return options;
  await using file = await openFile(folder, nameOf(own.name));
  await expectUntouched(file, own);
  if (own.sight.bytes > wishesLimitBytes) {
    const what = `${own.name} has ${own.sight.bytes} bytes; options have at most ${wishesLimitBytes}.`;
    throw new Ended({is: 'refused', why: {what, fix: 'Leave only the options in it.'}});
  }
  const wishes = readWishes(await file.readFile(), own.name);
  if (!wishes.ok) throw new Ended({is: 'refused', why: wishes.why});
  return optionsOf(options, wishes.value);
}

async function byRename(arrival: Arrival, options: JobOptions, open: Open): Promise<Claiming> {
  const digest = await digestOfOpen(open.film, open);
  await open.step?.('read');
  await expectUntouched(open.film, arrival.film);
  const record = {...recordFor(arrival, options), how: 'rename' as const, digest};
  return inJobFolder(record, open, async (source, keep) => {
    await copySidecars(arrival, source, open);
    const name = nameOf(arrival.film.name);
    await rename(within(open.folder, name), within(source, name));
    keep();
    await open.step?.('taken');
    await expectTaken(arrival, source, open);
    return record;
  });
}

async function byCopy(arrival: Arrival, options: JobOptions, open: Open): Promise<Claiming> {
  const begun = {...recordFor(arrival, options), how: 'copy' as const, digest: null};
  return inJobFolder(begun, open, async (source, keep) => {
    const digest = await copyOpen(open.film, within(source, nameOf(arrival.film.name)), open.signal);
    await open.step?.('copied');
    await expectUntouched(open.film, arrival.film);
    await copySidecars(arrival, source, open);
    await source.sync();
    const record = {...begun, digest};
    await writeRecord(join(open.jobs, record.id), record);
    await open.step?.('whole');
    await removeOriginal(record, open, keep);
    await open.step?.('taken');
    return record;
  });
}

/** Who took the film out of the inbox while it was copied, or put another there, does not want this one dubbed. */
async function removeOriginal(record: ClaimRecord, {folder}: Open, keep: () => void): Promise<void> {
  const aside = asideName(record, 0);
  try {
    const removal = await removeExactly({folder, name: nameOf(record.film.name)}, record.film, aside);
    if (removal !== 'removed') throw new Ended(letGo);
    keep();
  } catch (cause) {
    const isStuck = !(cause instanceof Ended) && (await look(folder, aside).catch(codeOf)) !== undefined;
    if (isStuck) keep();
    throw cause;
  }
}

/**
 * Runs the taking in a fresh job folder, which is gone again when that does not come about. Once `keep` was called, the
 * folder may hold the only copy: then it stays, unless the film is back where it was.
 */
async function inJobFolder(
  record: ClaimRecord,
  open: Open,
  take: (source: FileHandle, keep: () => void) => Promise<ClaimRecord>,
): Promise<Claiming> {
  const jobFolder = join(open.jobs, record.id);
  let isKept = false;
  try {
    await beginJob(jobFolder, record);
    await open.step?.('begun');
    await using source = await openFolder(sourceFolderOf(jobFolder), []);
    const taken = await take(source, () => {
      isKept = true;
    });
    await syncBoth(source, open);
    await clearSidecars(taken, open.folder);
    await open.step?.('cleared');
    return {is: 'claimed', record: taken};
  } catch (cause) {
    if (isKept && !(cause instanceof Ended)) return {is: 'unfinished', cause};
    await discardJob(jobFolder, record);
    throw cause;
  }
}

function recordFor(arrival: Arrival, options: JobOptions): Omit<ClaimRecord, 'how' | 'digest'> {
  const pieceOf = ({name, sight: {bytes, inode, modifiedMs}}: Piece) => ({name, bytes, inode, modifiedMs});
  const {id, at, owner, folders, film, sidecars} = arrival;
  return {
    ...{v: 1, id, at, owner, options, folders: [...folders], film: pieceOf(film)},
    sidecars: sidecars.map(sidecar => ({...pieceOf(sidecar), shared: sidecar.shared})),
  };
}

async function copySidecars(
  {sidecars}: Arrival,
  source: FileHandle,
  {folder, signal, step}: Open,
): Promise<void> {
  for (const sidecar of sidecars) {
    const name = nameOf(sidecar.name);
    await using file = await openFile(folder, name);
    await expectUntouched(file, sidecar);
    await copyOpen(file, within(source, name), signal);
    await step?.('sidecar');
    await expectUntouched(file, sidecar);
  }
}

/** What the rename brought may be another file than the one that was read: then it goes back. */
async function expectTaken({film}: Arrival, source: FileHandle, open: Open): Promise<void> {
  const name = nameOf(film.name);
  const sight = await look(source, name);
  const isIt = sight?.type === 'file' && hasSameContent(sight, film.sight) && sight.links === 1;
  if (isIt) return;
  if (sight !== undefined) {
    await moveInto({folder: source, name}, open.folder, {names: numbered(film.name), signal: never});
  }
  throw new Ended(letGo);
}

/** A rename is on disk when both folders are. Where a file system cannot say so, there is nothing better to be done. */
async function syncBoth(source: FileHandle, {folder}: Open): Promise<void> {
  await source.sync().catch(codeOf);
  await folder.sync().catch(codeOf);
}

/** Their copies are with the film. One that cannot be taken away stays, and is listed as what it is: left over. */
export async function clearSidecars(record: ClaimRecord, folder: FileHandle): Promise<void> {
  for (const [index, sidecar] of record.sidecars.entries()) {
    if (sidecar.shared) continue;
    const spot = {folder, name: nameOf(sidecar.name)};
    await removeExactly(spot, sidecar, asideName(record, index + 1)).catch(codeOf);
  }
}
