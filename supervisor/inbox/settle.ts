/**
 * Owns what becomes of a claimed film afterwards: handed to the queue, put back, refused with its sidecars, or kept in
 * `.done`. Never takes a film out of the inbox.
 */
import {type FileHandle, link, unlink} from 'node:fs/promises';
import {join} from 'node:path';
import {type Digest, digestOfOpen} from '../../appliance/digest.ts';
import {describe, type Failure} from '../../appliance/failure.ts';
import type {JobId, JobOptions, UserName} from '../../appliance/job.ts';
import {unreachable} from '../../appliance/result.ts';
import {copyOver, holds, moveInto, never, numbered, reserve, type Spot} from './carry.ts';
import {codeOf, hasSameContent, look, openFile, openFolder, sightOfOpen, unless, within} from './folder.ts';
import {nameOf, type Why} from './names.ts';
import {type ClaimRecord, discardJob, foldersOf, pathOfRecord, readRecord, sourceFolderOf} from './record.ts';
import {refuseClaimed} from './refuse.ts';

/** A film that lies in a job's folder, whole and on disk, with all that a job is made of. */
export interface Claimed {
  readonly id: JobId;
  readonly owner: UserName;
  readonly options: JobOptions;
  readonly source: {readonly name: string; readonly bytes: number; readonly digest: Digest};
  /** Names beside it, `film.dub.json` among them. */
  readonly sidecars: readonly string[];
  /** Where it was, from the inbox down. */
  readonly from: string;
}

/** The queue's answer. It must be the same when asked again for an id that it has: a crash may ask twice. */
export type Submitted =
  | {readonly is: 'queued'; readonly job: JobId}
  | {readonly is: 'duplicate'; readonly of: JobId; readonly title: string; readonly state: string}
  | {readonly is: 'refused'; readonly why: Why}
  | {readonly is: 'wait'; readonly why: string};

export interface Site {
  /** Absolute paths. */
  readonly inbox: string;
  readonly jobs: string;
}

export type Settled =
  | {readonly is: 'queued'; readonly job: JobId}
  | {readonly is: 'refused'; readonly why: Why; readonly to: string}
  /** Back in the inbox. */
  | {readonly is: 'returned'; readonly why: string};

/** Hands a film to the queue and does what follows from the answer. */
export async function settleClaim(
  record: ClaimRecord,
  site: Site,
  submit: (claimed: Claimed) => Promise<Submitted>,
): Promise<Settled> {
  const answer = await submit(claimedOf(record));
  switch (answer.is) {
    case 'queued':
      return answer;
    case 'duplicate':
      return refused(record, site, whyTwice(record, answer));
    case 'refused':
      return refused(record, site, answer.why);
    case 'wait':
      await putBack(record, site);
      await discardJob(join(site.jobs, record.id), record);
      return {is: 'returned', why: answer.why};
    default:
      return unreachable(answer);
  }
}

function claimedOf(record: ClaimRecord): Claimed {
  const {id, owner, options, film, digest, sidecars} = record;
  if (digest === null) throw new Error(`job ${id} has no whole film yet`);
  return {
    ...{id, owner, options, source: {name: film.name, bytes: film.bytes, digest}},
    ...{sidecars: sidecars.map(({name}) => name), from: pathOfRecord(record)},
  };
}

function whyTwice({film}: ClaimRecord, {of, title, state}: Extract<Submitted, {is: 'duplicate'}>): Why {
  return {
    what: `${film.name} is the same film with the same options as job ${of} (“${title}”, ${state}).`,
    fix: `See dubstead job ${of}. For another language or preset put it into a folder such as fr or best in yours; to dub it the same way again, delete that job first.`,
  };
}

async function refused(record: ClaimRecord, site: Site, why: Why): Promise<Settled> {
  const to = await refuseJob(record, site, why);
  await discardJob(join(site.jobs, record.id), record);
  return {is: 'refused', why, to: to ?? pathOfRecord(record)};
}

/** Sidecars first: as long as the film is in the job's folder, a crash finds the rest by its record. */
async function refuseJob(record: ClaimRecord, {inbox, jobs}: Site, why: Why): Promise<string | null> {
  await using folder = await openFolder(sourceFolderOf(join(jobs, record.id)), []);
  const path = foldersOf(record);
  for (const {name, bytes} of record.sidecars) {
    await refuseClaimed({spot: {folder, name: nameOf(name)}, bytes, digest: null}, {inbox, path, why: null});
  }
  const {film, digest} = record;
  return await refuseClaimed(
    {spot: {folder, name: nameOf(film.name)}, bytes: film.bytes, digest},
    {inbox, path, why},
  );
}

/** Back to where they were, or beside that if the name is taken by now. The film goes last, as above. */
export async function putBack(record: ClaimRecord, {inbox, jobs}: Site): Promise<void> {
  await using source = await openFolder(sourceFolderOf(join(jobs, record.id)), []);
  await using folder = await openFolder(inbox, foldersOf(record), true);
  const pieces = [...record.sidecars.filter(({shared}) => !shared), record.film];
  for (const {name} of pieces) {
    const spot = {folder: source, name: nameOf(name)};
    if ((await look(source, spot.name)) === undefined) continue;
    await moveInto(spot, folder, {names: numbered(name), signal: never});
  }
  await folder.sync().catch(codeOf);
}

export type GivenBack =
  /** The job did not come by the inbox, or its film is not there any more. */
  | {readonly is: 'none'}
  /** Paths from the inbox down. */
  | {readonly is: 'refused'; readonly from: string; readonly to: string; readonly why: Why}
  /** It was written to after it had been claimed: it is in the inbox again, to be taken when that has ended. */
  | {readonly is: 'returned'}
  | {readonly is: 'stuck'; readonly code: string};

/** For a job that ended because its film cannot be dubbed. The rest of the job's folder stays. */
export async function giveBack(id: JobId, failure: Failure, site: Site): Promise<GivenBack> {
  const jobFolder = join(site.jobs, id);
  const record = await readRecord(jobFolder);
  if (record === undefined) return {is: 'none'};
  try {
    if (record.how === 'rename' && (await hasChanged(record, jobFolder))) {
      await putBack(record, site);
      return {is: 'returned'};
    }
    const {film} = record;
    const {what, fix} = describe('path' in failure ? {...failure, path: film.name} : failure);
    const to = await refuseJob(record, site, {what, fix});
    return to === null ? {is: 'none'} : {is: 'refused', from: pathOfRecord(record), to, why: {what, fix}};
  } catch (cause) {
    return {is: 'stuck', code: codeOf(cause)};
  }
}

async function hasChanged({film}: ClaimRecord, jobFolder: string): Promise<boolean> {
  await using source = await openFolder(sourceFolderOf(jobFolder), []);
  const sight = await look(source, nameOf(film.name));
  return sight !== undefined && !hasSameContent(sight, film);
}

export type Kept =
  | {readonly is: 'none'}
  | {readonly is: 'kept'; readonly to: string}
  | {readonly is: 'stuck'; readonly code: string};

/** Keeps the film of a finished job and its sidecars in `.done`; asked again, it finds them there. */
export async function keepDone(id: JobId, {inbox, jobs}: Site): Promise<Kept> {
  const jobFolder = join(jobs, id);
  const record = await readRecord(jobFolder);
  if (record === undefined) return {is: 'none'};
  try {
    await using source = await openFolder(sourceFolderOf(jobFolder), []);
    await using done = await openFolder(inbox, [nameOf('.done'), ...foldersOf(record)], true);
    for (const {name} of record.sidecars) await keep({folder: source, name: nameOf(name)}, done, null);
    const name = await keep({folder: source, name: nameOf(record.film.name)}, done, record.digest);
    return {is: 'kept', to: ['.done', ...record.folders, name].join('/')};
  } catch (cause) {
    return {is: 'stuck', code: codeOf(cause)};
  }
}

/** A second name for the same bytes where that can be, and a copy where it cannot; where they are already, neither. */
async function keep(from: Spot, done: FileHandle, known: Digest | null): Promise<string> {
  await using file = await openFile(from.folder, from.name);
  const original = await sightOfOpen(file);
  for (const text of numbered(Buffer.from(from.name, 'latin1').toString())) {
    const to = {folder: done, name: nameOf(text)};
    const there = await look(done, to.name);
    if (there === undefined) {
      await linkOrCopy(from, to);
      return text;
    }
    if (there.inode === original.inode && hasSameContent(there, original)) return text;
    if (there.bytes !== original.bytes) continue;
    const digest = known ?? (await digestOfOpen(file));
    if (await holds(to, original.bytes, digest)) return text;
  }
  throw new Error('no name is free');
}

async function linkOrCopy(from: Spot, to: Spot): Promise<void> {
  try {
    await link(within(from.folder, from.name), within(to.folder, to.name));
  } catch (cause) {
    if (['ENOENT', 'EEXIST', 'ENOSPC', 'EROFS', 'EACCES'].includes(codeOf(cause))) throw cause;
    const name = await reserve(to.folder, [Buffer.from(to.name, 'latin1').toString()]);
    try {
      await copyOver(from, {folder: to.folder, name}, never);
    } catch (failed) {
      await unlink(within(to.folder, name)).catch(unless('ENOENT'));
      throw failed;
    }
  }
}
