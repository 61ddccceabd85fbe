/**
 * Owns a job's content-addressed artifacts and the record of which node made which. Never decides what is still
 * needed, and never runs anything.
 *
 *   objects/ab/abcd…   a file, named by its SHA-256
 *   nodes/<fingerprint>.json   what a node made, from what
 *   published.json     finished files that were moved out to where people look for them
 *   tmp/               fresh folders; emptied at every start
 *   boot.json          since which start of the machine something may not be on disk yet
 *
 * While a job runs nothing waits for the disk: what a process wrote outlives its kill, and only a power cut takes it.
 * So the store notes the machine's start before it writes anything; `settle` brings all of it to disk and takes the
 * note back. Whoever opens the store and finds the note of an earlier start reads every artifact before trusting it.
 */
import {randomUUID} from 'node:crypto';
import {constants} from 'node:fs';
import {copyFile, mkdir, readdir, readFile, rename, rm, stat} from 'node:fs/promises';
import {dirname, join, relative} from 'node:path';
import {z} from 'zod';
import {Digest, digestOfFile, Json} from './digest.ts';
import {freshBeside, readJsonFile, replaceFile, swapFile, syncFile, syncFolder} from './files.ts';

export const ArtifactFile = z.object({
  digest: Digest,
  bytes: z.number().int().nonnegative(),
  /** When the file was last written: with its length, what tells an untouched file without reading it. */
  modifiedMs: z.number(),
});
export type ArtifactFile = z.infer<typeof ArtifactFile>;

/** What a fingerprint was made of: compared part by part, it answers "why did this run again?". */
export const Parts = z.object({
  stage: z.string(),
  version: z.number().int(),
  params: Digest,
  engines: z.array(z.string()),
  inputs: z.record(z.string(), Digest),
});
export type Parts = z.infer<typeof Parts>;

export const NodeRecord = z.object({
  node: z.string(),
  fingerprint: Digest,
  parts: Parts,
  files: z.record(z.string(), ArtifactFile),
  /** What the stage says in JSON; kept here, so that it outlives the files and costs no second one. */
  document: Json.optional(),
  /** Set when this is a lesser result that the next run should try to better. */
  degraded: z.string().optional(),
  seconds: z.number().nonnegative(),
  cpuSeconds: z.number().nonnegative(),
  peakBytes: z.number().nonnegative(),
});
export type NodeRecord = z.infer<typeof NodeRecord>;

/** By path. */
const Published = z.record(z.string(), ArtifactFile);

/** The start of the machine that unsettled work belongs to; null when all is on disk. */
const Boot = z.object({unsettledSince: z.string().nullable()});

const bootIdPath = '/proc/sys/kernel/random/boot_id';
/** Files brought to disk at a time. */
const syncsAtOnce = 8;

export class ArtifactStore {
  readonly root: string;
  readonly #bootId: () => Promise<string>;
  #published: z.infer<typeof Published> = {};
  /** Written in this run. */
  readonly #unsettled = new Set<string>();

  /** `bootId` names the machine's present start. */
  constructor(root: string, bootId: () => Promise<string> = () => readFile(bootIdPath, 'utf8')) {
    this.root = root;
    this.#bootId = bootId;
  }

  /** Makes the folders, forgets what a crash left half done. */
  async open(): Promise<void> {
    await rm(join(this.root, 'tmp'), {recursive: true, force: true});
    for (const folder of ['objects', 'nodes', 'tmp']) await mkdir(join(this.root, folder), {recursive: true});
    const boot = await readJsonFile(this.#bootPath, Boot).catch(() => ({
      unsettledSince: 'a note that was lost',
    }));
    const now = await this.#bootId().catch(() => randomUUID());
    const mayBeLost = boot !== undefined && boot.unsettledSince !== null && boot.unsettledSince !== now;
    const published = readJsonFile(join(this.root, 'published.json'), Published);
    // After a power cut the list may be torn; what it named is then made again.
    this.#published = (await (mayBeLost ? published.catch(() => undefined) : published)) ?? {};
    if (mayBeLost) await this.#forgetWhatWasLost();
    await replaceFile(this.#bootPath, JSON.stringify({unsettledSince: now}));
  }

  /** Brings everything to disk: what was told as done is then safe from a power cut. */
  async settle(): Promise<void> {
    const paths = [...this.#unsettled].values();
    const work = async (): Promise<void> => {
      for (const path of paths) await syncFile(path).catch(ignoreMissing);
    };
    await Promise.all(Array.from({length: syncsAtOnce}, work));
    const folders = new Set([...this.#unsettled].map(path => dirname(path)));
    for (const folder of [...folders, join(this.root, 'objects'), this.root])
      await syncFolder(folder).catch(ignoreMissing);
    this.#unsettled.clear();
    await replaceFile(this.#bootPath, JSON.stringify({unsettledSince: null}));
  }

  async freshFolder(): Promise<string> {
    const path = join(this.root, 'tmp', randomUUID());
    await mkdir(path);
    return path;
  }

  /** The record of what this fingerprint made; undefined when there is none or it cannot be read. */
  async find(fingerprint: Digest): Promise<NodeRecord | undefined> {
    return readJsonFile(this.#recordPath(fingerprint), NodeRecord).catch(() => undefined);
  }

  /** Takes every file of a finished folder into the store and writes the record: after this, the node is done. */
  async keep(folder: string, made: Omit<NodeRecord, 'files'>): Promise<NodeRecord> {
    const files: Record<string, ArtifactFile> = {};
    for (const entry of await readdir(folder, {recursive: true, withFileTypes: true})) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      files[relative(folder, path)] = await this.#take(path);
    }
    const record = {...made, files};
    await this.#write(this.#recordPath(made.fingerprint), JSON.stringify(record));
    await rm(folder, {recursive: true, force: true});
    return record;
  }

  /** Where an artifact's bytes are: where they were published, or else in the store. */
  path(file: ArtifactFile): string {
    return this.#publishedPath(file) ?? this.#objectPath(file.digest);
  }

  /** True when the bytes are there and are still the ones that were made. */
  async verify(file: ArtifactFile, path = this.path(file)): Promise<boolean> {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined || found.size !== file.bytes) return false;
    return Math.abs(found.mtimeMs - file.modifiedMs) < 1 || (await digestOfFile(path)) === file.digest;
  }

  /** Moves an artifact out to `path`, in one step: whoever looks there sees the old file or the new one, whole. */
  async publish(file: ArtifactFile, path: string): Promise<void> {
    if (this.#published[path]?.digest === file.digest && (await this.verify(file, path))) return;
    const elsewhere = this.#publishedPath(file, path);
    // People copy it from there: it must not turn out empty after a power cut.
    if (elsewhere === undefined) {
      await syncFile(this.#objectPath(file.digest));
      await rename(this.#objectPath(file.digest), path);
    } else await copyInto(elsewhere, path);
    this.#published = {...this.#published, [path]: file};
    await this.#write(join(this.root, 'published.json'), JSON.stringify(this.#published));
  }

  /** Frees an artifact's bytes; its record stays, so that what was made from it stays valid. */
  async drop(file: ArtifactFile): Promise<void> {
    await rm(this.#objectPath(file.digest), {force: true});
  }

  /** Forgets that a node was ever made. */
  async forget(record: NodeRecord): Promise<void> {
    await rm(this.#recordPath(record.fingerprint), {force: true});
  }

  /** Every record there is, for whoever decides what can go. */
  async *records(): AsyncGenerator<NodeRecord> {
    for (const name of await readdir(join(this.root, 'nodes'))) {
      const digest = Digest.safeParse(name.slice(0, -'.json'.length));
      const record = digest.success ? await this.find(digest.data) : undefined;
      if (record !== undefined) yield record;
    }
  }

  async #take(path: string): Promise<ArtifactFile> {
    const digest = await digestOfFile(path);
    const to = this.#objectPath(digest);
    await mkdir(join(to, '..'), {recursive: true});
    await rename(path, to);
    this.#unsettled.add(to);
    this.#unpublish(digest);
    const {size, mtimeMs} = await stat(to);
    return {digest, bytes: size, modifiedMs: mtimeMs};
  }

  async #write(path: string, content: string): Promise<void> {
    await swapFile(path, content, {sync: false});
    this.#unsettled.add(path);
  }

  /** Reads all there is, and forgets the nodes whose files are not what they were. */
  async #forgetWhatWasLost(): Promise<void> {
    for await (const record of this.records()) {
      for (const file of Object.values(record.files)) {
        const digest = await digestOfFile(this.path(file)).catch(ignoreMissing);
        if (digest === undefined || digest === file.digest) continue;
        await this.forget(record);
        break;
      }
    }
  }

  /** Made again, so what was published of it is damaged or gone: the fresh bytes are the ones to use. */
  #unpublish(digest: Digest): void {
    const others = Object.entries(this.#published).filter(([, file]) => file.digest !== digest);
    this.#published = Object.fromEntries(others);
  }

  #publishedPath({digest}: ArtifactFile, except?: string): string | undefined {
    return Object.entries(this.#published).find(
      ([path, file]) => file.digest === digest && path !== except,
    )?.[0];
  }

  get #bootPath(): string {
    return join(this.root, 'boot.json');
  }

  #objectPath(digest: Digest): string {
    return join(this.root, 'objects', digest.slice(0, 2), digest);
  }

  #recordPath(fingerprint: Digest): string {
    return join(this.root, 'nodes', `${fingerprint}.json`);
  }
}

/** For the rare artifact that is wanted in two places: a clone where the file system can, a copy where it cannot. */
async function copyInto(from: string, to: string): Promise<void> {
  const fresh = freshBeside(to);
  try {
    await copyFile(from, fresh, constants.COPYFILE_FICLONE);
    await syncFile(fresh);
    await rename(fresh, to);
  } catch (cause) {
    await rm(fresh, {force: true});
    throw cause;
  }
}

/** A file that was dropped in the meantime has nothing to bring to disk, and nothing to tell. */
function ignoreMissing(cause: NodeJS.ErrnoException): undefined {
  if (cause.code !== 'ENOENT') throw cause;
}
