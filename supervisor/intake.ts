/**
 * Owns taking in a film that an admin of the box names by its path: it and the subtitles beside it are copied into a new
 * job's folder, by a clone where the file system can. Never changes the original.
 */
import {constants} from 'node:fs';
import {type FileHandle, mkdir, open, readdir, rm} from 'node:fs/promises';
import {basename, dirname, extname, join} from 'node:path';
import type {Failure} from '../appliance/failure.ts';
import {syncFolder} from '../appliance/files.ts';
import {FileName, type Job} from '../appliance/job.ts';
import {no, ok, type Result} from '../appliance/result.ts';
import {copyOpen} from './inbox/copy.ts';
import {pair} from './inbox/sidecars.ts';

export interface Taken {
  readonly source: Job['source'];
  readonly sidecars: readonly string[];
}

export interface TakeAsk {
  readonly path: string;
  /** Named by hand; those beside the film that bear its name come by themselves. */
  readonly sidecars: readonly string[];
  /** `jobs/ID`, not there yet. */
  readonly jobFolder: string;
  readonly signal: AbortSignal;
}

const subtitleEndings: ReadonlySet<string> = new Set(['.srt', '.vtt', '.ass', '.ssa']);
const sidecarLimit = 20;
const sidecarLimitBytes = 16 << 20;

/** After any failure the job's folder is gone again. */
export async function takeIn({path, sidecars, jobFolder, signal}: TakeAsk): Promise<Result<Taken, Failure>> {
  const name = FileName.safeParse(basename(path));
  if (!name.success) return no({reason: 'not-a-file', path});
  const source = join(jobFolder, 'source');
  try {
    await mkdir(jobFolder, {mode: 0o700});
    await mkdir(source, {mode: 0o700});
    const film = await takeOne(path, join(source, name.data), signal);
    if (film.bytes === 0) throw new Unfit({reason: 'empty-file', path});
    const taken: string[] = [];
    for (const beside of await sidecarsOf(path, name.data, sidecars)) {
      const own = FileName.safeParse(basename(beside));
      if (!own.success || taken.includes(own.data) || taken.length >= sidecarLimit) continue;
      await takeOne(beside, join(source, own.data), signal, sidecarLimitBytes);
      taken.push(own.data);
    }
    for (const folder of [source, jobFolder, dirname(jobFolder)]) await syncFolder(folder);
    return ok({source: {name: name.data, ...film}, sidecars: taken});
  } catch (cause) {
    await rm(jobFolder, {recursive: true, force: true});
    if (cause instanceof Unfit) return no(cause.failure);
    throw cause;
  }
}

class Unfit extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.reason);
    this.failure = failure;
  }
}

async function takeOne(path: string, to: string, signal: AbortSignal, limitBytes = Infinity) {
  await using file = await openRegular(path);
  const {size: bytes} = await file.stat();
  if (bytes > limitBytes)
    throw new Unfit({reason: 'unreadable', path, detail: `it is larger than ${limitBytes >> 20} MiB`});
  const digest = await copyOpen(file, to, signal);
  return {bytes, digest};
}

/** Opened without waiting, as a FIFO would make us. A link is followed: whoever names it is an admin here. */
async function openRegular(path: string): Promise<FileHandle> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new Unfit({reason: 'no-such-file', path});
    if (code === 'ENXIO') throw new Unfit({reason: 'not-a-file', path});
    if (code === 'EACCES' || code === 'EPERM')
      throw new Unfit({reason: 'unreadable', path, detail: 'the daemon has no permission to'});
    throw cause;
  }
  const found = await file.stat();
  if (found.isFile()) return file;
  await file.close();
  throw new Unfit(found.isDirectory() ? {reason: 'is-a-folder', path} : {reason: 'not-a-file', path});
}

async function sidecarsOf(path: string, film: string, named: readonly string[]): Promise<readonly string[]> {
  const folder = dirname(path);
  const names = (await readdir(folder).catch(() => [])).filter(name =>
    subtitleEndings.has(extname(name).toLowerCase()),
  );
  const beside = pair([film], names).sidecars.get(film) ?? [];
  return [...named, ...beside.map(name => join(folder, name))];
}
