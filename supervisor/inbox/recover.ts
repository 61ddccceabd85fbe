/**
 * Owns what the daemon finds at its start of claims that it did not bring to an end: each is finished or undone by its
 * record. Never touches a job that the store knows.
 */
import {type FileHandle, readdir, rm, rmdir, unlink} from 'node:fs/promises';
import {join} from 'node:path';
import {JobId} from '../../appliance/job.ts';
import {holds, isUnfinishedCopy, removeAside, removeExactly} from './carry.ts';
import {clearSidecars} from './claim.ts';
import {codeOf, hasSameContent, look, openFolder, pathOf, unless, within} from './folder.ts';
import {type Name, nameOf, nameOfBytes} from './names.ts';
import {
  asideName,
  type ClaimRecord,
  discardJob,
  foldersOf,
  pathOfRecord,
  readRecord,
  recordName,
  sourceFolderOf,
} from './record.ts';
import {type Claimed, putBack, type Settled, type Site, type Submitted, settleClaim} from './settle.ts';

export interface RecoverySite extends Site {
  /** Whether the store has the job. */
  readonly has: (id: JobId) => boolean;
  readonly submit: (claimed: Claimed) => Promise<Submitted>;
}

export type Recovered =
  | {readonly is: 'settled'; readonly id: JobId; readonly from: string; readonly settled: Settled}
  /** The film is in the inbox, as if nothing had been. */
  | {readonly is: 'undone'; readonly id: JobId; readonly from: string}
  /** Left as it is: to be tried again, or for a person to look at. */
  | {readonly is: 'stuck'; readonly id: JobId; readonly detail: string};

/** Again after so long, when a claim could not be brought to an end. */
const againMs = 60_000;

/** What is left to be brought to an end, from the last run of the daemon or from this one. */
export class Recovery {
  readonly #site: RecoverySite;
  readonly #left = new Set<JobId>();
  #hasLooked = false;
  #notBefore = 0;

  constructor(site: RecoverySite) {
    this.#site = site;
  }

  /** Until then nothing may be claimed. */
  get hasLooked(): boolean {
    return this.#hasLooked;
  }

  add(id: JobId): void {
    this.#left.add(id);
  }

  hurry(): void {
    this.#notBefore = 0;
  }

  async *run(steady: number): AsyncGenerator<Recovered> {
    if (!this.#hasLooked) {
      for (const id of await unfinishedClaims(this.#site)) this.#left.add(id);
      await clearUnfinishedCopies(this.#site.inbox);
    }
    if (this.#left.size > 0 && steady >= this.#notBefore) {
      for (const id of this.#left) {
        if (this.#site.has(id)) {
          this.#left.delete(id);
          continue;
        }
        const recovered = await recoverClaim(id, this.#site);
        if (recovered.is !== 'stuck') this.#left.delete(id);
        yield recovered;
      }
      this.#notBefore = steady + againMs;
    }
    this.#hasLooked = true;
  }
}

/** Jobs that the store does not have although their folders hold a claim. What had only begun goes. */
export async function unfinishedClaims({jobs, has}: RecoverySite): Promise<readonly JobId[]> {
  const ids: JobId[] = [];
  const names = (await readdir(jobs).catch(unless('ENOENT'))) ?? [];
  for (const name of names.toSorted()) {
    const id = JobId.safeParse(name);
    if (!id.success || has(id.data)) continue;
    const inside = await readdir(join(jobs, name)).catch(unless('ENOENT', 'ENOTDIR'));
    if (inside === undefined) continue;
    if (inside.includes(recordName)) ids.push(id.data);
    else await removeEmpty(join(jobs, name), inside);
  }
  return ids;
}

export async function recoverClaim(id: JobId, site: RecoverySite): Promise<Recovered> {
  try {
    // Without the inbox nothing can be put right, and nothing is lost by trying again later.
    await using _inbox = await openFolder(site.inbox, []);
    const record = await readRecord(join(site.jobs, id));
    if (record === undefined) return {is: 'undone', id, from: ''};
    return await finish(record, site);
  } catch (cause) {
    return {is: 'stuck', id, detail: cause instanceof Error ? cause.message : String(cause)};
  }
}

async function finish(record: ClaimRecord, site: RecoverySite): Promise<Recovered> {
  const {id, film, digest} = record;
  const jobFolder = join(site.jobs, id);
  const from = pathOfRecord(record);
  await using folder = await openFolder(site.inbox, foldersOf(record)).catch(
    unless('ENOENT', 'ENOTDIR', 'ELOOP'),
  );
  if (folder !== undefined) await clearCopiesIn(folder);
  await using source = await openFolder(sourceFolderOf(jobFolder), []).catch(unless('ENOENT'));
  const sight = source === undefined ? undefined : await look(source, nameOf(film.name));
  if (digest === null || source === undefined || sight === undefined) {
    await discardJob(jobFolder, record);
    return {is: 'undone', id, from};
  }
  const isIt =
    record.how === 'rename'
      ? sight.type === 'file' && hasSameContent(sight, film)
      : await holds({folder: source, name: nameOf(film.name)}, film.bytes, digest);
  if (!isIt && record.how === 'copy') {
    throw new Error(`${film.name} in ${sourceFolderOf(jobFolder)} is not what was copied there`);
  }
  if (folder !== undefined) await clearOriginals(record, folder);
  if (isIt) return {is: 'settled', id, from, settled: await settleClaim(record, site, site.submit)};
  await putBack(record, site);
  await discardJob(jobFolder, record);
  return {is: 'undone', id, from};
}

/** What a crash left of the originals whose copies are in the job's folder. */
async function clearOriginals(record: ClaimRecord, folder: FileHandle): Promise<void> {
  for (const [index, {name, ...content}] of [record.film, ...record.sidecars].entries()) {
    await removeAside({folder, name: nameOf(name)}, content, asideName(record, index));
  }
  if (record.how === 'copy') {
    await removeExactly({folder, name: nameOf(record.film.name)}, record.film, asideName(record, 0));
  }
  await clearSidecars(record, folder);
}

/** A folder without a record is that of a claim which had only begun, if there is nothing in it. */
async function removeEmpty(jobFolder: string, names: readonly string[]): Promise<void> {
  const isOurs = (name: string): boolean => /^\.[0-9a-f-]{36}\.tmp$/.test(name);
  if (!names.every(name => name === 'source' || isOurs(name))) return;
  for (const name of names.filter(isOurs)) await rm(join(jobFolder, name), {force: true});
  await rmdir(join(jobFolder, 'source')).catch(unless('ENOENT', 'ENOTEMPTY'));
  await rmdir(jobFolder).catch(unless('ENOTEMPTY'));
}

const depthLimit = 20;

/** Takes away what a crash left of copies into `.refused` and `.done`. */
export async function clearUnfinishedCopies(inbox: string): Promise<void> {
  for (const name of ['.refused', '.done']) await clearCopies(inbox, [nameOf(name)]);
}

async function clearCopies(inbox: string, path: readonly Name[]): Promise<void> {
  await using folder = await openFolder(inbox, path).catch(unless('ENOENT', 'ENOTDIR', 'ELOOP'));
  if (folder === undefined || path.length > depthLimit) return;
  for (const deeper of await clearCopiesIn(folder)) await clearCopies(inbox, [...path, deeper]);
}

/** Returns the folders in it. */
async function clearCopiesIn(folder: FileHandle): Promise<readonly Name[]> {
  const entries = await readdir(pathOf(folder), {encoding: 'latin1', withFileTypes: true});
  for (const entry of entries) {
    if (!isUnfinishedCopy(entry.name)) continue;
    await unlink(within(folder, nameOfBytes(entry.name))).catch(codeOf);
  }
  return entries.filter(entry => entry.isDirectory()).map(entry => nameOfBytes(entry.name));
}
