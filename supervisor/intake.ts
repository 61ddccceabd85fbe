/**
 * Owns taking in a film that an admin of the box names by its path: it and the subtitles beside it are copied into a new
 * job's folder, by a clone where the file system can. Never changes the original.
 */
import {constants} from 'node:fs';
import {type FileHandle, mkdir, open, readdir, rm, statfs} from 'node:fs/promises';
import {basename, dirname, extname, join} from 'node:path';
import type {Failure} from '../appliance/failure.ts';
import {syncFolder} from '../appliance/files.ts';
import {FileName, type Job} from '../appliance/job.ts';
import {readLanguage} from '../appliance/languages.ts';
import {no, ok, type Result} from '../appliance/result.ts';
import {isNoSpace} from '../appliance/store/trouble.ts';
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
  /** Null follows links, since whoever names the path is an admin here; else what the film is called in a refusal. */
  readonly shownAs: string | null;
}

const subtitleEndings: ReadonlySet<string> = new Set(['.srt', '.vtt', '.ass', '.ssa']);
const sidecarLimit = 20;
const sidecarLimitBytes = 16 << 20;

/** After any failure the job's folder is gone again. Throws when it was there before: it is another job's then. */
export async function takeIn(ask: TakeAsk): Promise<Result<Taken, Failure>> {
  const {path, jobFolder} = ask;
  const {shownAs} = ask;
  const name = FileName.safeParse(basename(path));
  if (!name.success) return no({reason: 'unreadable', path, detail: badName});
  let isOurs = false;
  try {
    await mkdir(jobFolder, {mode: 0o700});
    isOurs = true;
    return ok(await takeAll(ask, name.data));
  } catch (cause) {
    if (isOurs) await rm(jobFolder, {recursive: true, force: true});
    const failure = cause instanceof Unfit ? cause.failure : undefined;
    if (failure !== undefined) return no(shownAs === null ? failure : {...failure, ...{path: shownAs}});
    if (isNoSpace(cause))
      return no({...(await diskFull(dirname(jobFolder), 0)), ...(shownAs !== null && {path: shownAs})});
    throw cause;
  }
}

const badName = 'its name starts with a dot or holds control characters, so rename it';

async function takeAll({path, sidecars, jobFolder, signal, shownAs}: TakeAsk, name: string): Promise<Taken> {
  const source = join(jobFolder, 'source');
  await mkdir(source, {mode: 0o700});
  const links = shownAs === null ? 0 : constants.O_NOFOLLOW;
  const film = await takeOne(path, join(source, name), {signal, links, limitBytes: Infinity});
  if (film.bytes === 0) throw new Unfit({reason: 'empty-file', path});
  const taken: string[] = [];
  for (const {from, as} of await sidecarsOf(path, name, {named: sidecars, links})) {
    if (as === name || taken.includes(as) || taken.length >= sidecarLimit) continue;
    await takeOne(from, join(source, as), {signal, links, limitBytes: sidecarLimitBytes});
    taken.push(as);
  }
  for (const folder of [source, jobFolder, dirname(jobFolder)]) await syncFolder(folder);
  return {source: {name, ...film}, sidecars: taken};
}

class Unfit extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.reason);
    this.failure = failure;
  }
}

async function takeOne(
  path: string,
  to: string,
  {
    signal,
    links,
    limitBytes,
  }: {readonly signal: AbortSignal; readonly links: number; readonly limitBytes: number},
) {
  await using file = await openRegular(path, links);
  const before = await file.stat();
  const {size: bytes} = before;
  if (bytes > limitBytes)
    throw new Unfit({reason: 'unreadable', path, detail: `it is larger than ${limitBytes >> 20} MiB`});
  const full = await diskFull(dirname(to), bytes);
  // A disk that is filled to the last byte stops everything else as well.
  if (full.freeBytes < bytes) throw new Unfit(full);
  try {
    const digest = await copyOpen(file, to, signal);
    const after = await file.stat();
    if (after.size === bytes && after.mtimeMs === before.mtimeMs) return {bytes, digest};
  } catch (cause) {
    if (isNoSpace(cause)) throw new Unfit(await diskFull(dirname(to), bytes));
    throw cause;
  }
  throw new Unfit({
    reason: 'unreadable',
    path,
    detail: 'it is still being written; try again when it is whole',
  });
}

async function diskFull(path: string, neededBytes: number) {
  const {bavail, bsize} = await statfs(path);
  return {reason: 'disk-full', path, neededBytes, freeBytes: bavail * bsize} as const;
}

/** Opened without waiting, as a FIFO would make us. `links` of 0 follows them. */
async function openRegular(path: string, links: number): Promise<FileHandle> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | links);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new Unfit({reason: 'no-such-file', path});
    if (code === 'ENXIO' || (code === 'ELOOP' && links !== 0)) throw new Unfit({reason: 'not-a-file', path});
    if (code === 'EACCES' || code === 'EPERM')
      throw new Unfit({reason: 'unreadable', path, detail: 'the daemon has no permission to'});
    if (code === undefined) throw cause;
    throw new Unfit({reason: 'unreadable', path, detail: `the system says ${String(code)}`});
  }
  const found = await file.stat();
  if (found.isFile()) return file;
  await file.close();
  throw new Unfit(found.isDirectory() ? {reason: 'is-a-folder', path} : {reason: 'not-a-file', path});
}

interface Sidecar {
  readonly from: string;
  /** Its name beside the film. */
  readonly as: string;
}

/** Those named by hand first: where one that lies beside the film would bear the same name, it stays where it is. */
async function sidecarsOf(
  path: string,
  film: string,
  {named, links}: {readonly named: readonly string[]; readonly links: number},
): Promise<readonly Sidecar[]> {
  const folder = dirname(path);
  const there = await readdir(folder, {withFileTypes: true}).catch(() => []);
  const names = there
    .filter(each => isSubtitle(each.name) && (links === 0 || each.isFile()))
    .map(({name}) => name);
  const beside = pair([film], names).sidecars.get(film) ?? [];
  return [
    ...named.map(from => ({from, as: besideName(from, film)})),
    ...beside
      .filter(name => FileName.safeParse(name).success)
      .map(name => ({from: join(folder, name), as: name})),
  ];
}

/** What is named by hand goes with this film, whatever it is called: `english.srt` becomes `film.srt`. */
function besideName(path: string, film: string): string {
  const name = basename(path);
  if (!isSubtitle(name))
    throw new Unfit({
      reason: 'unreadable',
      path,
      detail: 'its name ends in none of .srt, .vtt, .ass and .ssa',
    });
  const as = FileName.safeParse(nameBeside(name, film));
  if (!as.success) throw new Unfit({reason: 'unreadable', path, detail: badName});
  return as.data;
}

/** What subtitles are called beside a film; it may be too long for a name. */
export function nameBeside(name: string, film: string): string {
  const isItsOwn = pair([film], [name]).films.get(name)?.length === 1;
  const mark = name.split('.').at(-2) ?? '';
  const isMarked = name.split('.').length > 2 && readLanguage(mark) !== undefined;
  const stem = film.replace(/\.[^.]*$/, '');
  return isItsOwn ? name : `${stem}${isMarked ? `.${mark}` : ''}${extname(name)}`;
}

function isSubtitle(name: string): boolean {
  return subtitleEndings.has(extname(name).toLowerCase());
}
