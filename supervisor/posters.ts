/**
 * Owns the pictures of films: made when first asked for, one after the other and confined, and kept beside the job. Believes of what
 * comes back only that it is a small JPEG, and never tries a film twice in one run of the daemon.
 */
import {randomBytes} from 'node:crypto';
import {constants} from 'node:fs';
import {open} from 'node:fs/promises';
import {join} from 'node:path';
import {replaceFile} from '../appliance/files.ts';
import type {Job, JobId} from '../appliance/job.ts';
import type {Posters} from '../web/posters.ts';
import {answerOf} from './confine/answer.ts';
import type {Confined} from './confine/confine.ts';
import {type DataFolders, jobFolders} from './folders.ts';
import {unless} from './inbox/folder.ts';

export interface PostersParts {
  readonly folders: Pick<DataFolders, 'jobs' | 'uploads'>;
  /** Null where nothing small can be confined. */
  readonly confine: ((place: {readonly folder: string; readonly file: string}) => Confined) | null;
  readonly isHeld: (id: JobId) => boolean;
}

const limitBytes = 512 << 10;
const limitMs = 20_000;
/** Somebody who scrolls through a library of thousands does not keep the box busy for an hour. */
const waitingLimit = 24;
const triedLimit = 10_000;

export class HomePosters implements Posters {
  readonly #parts: PostersParts;
  readonly #making = new Map<JobId, Promise<Buffer | null>>();
  readonly #tried = new Set<JobId>();
  readonly #stop = new AbortController();
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: PostersParts) {
    this.#parts = parts;
  }

  /** Ends what is being made; resolves when nothing of it is left. May be called twice. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#last;
  }

  async of(job: Job): Promise<Buffer | null> {
    const kept = await readKept(this.#path(job.id));
    if (kept !== null) return kept;
    const known = this.#making.get(job.id);
    if (known !== undefined) return known;
    if (this.#tried.has(job.id) || this.#making.size >= waitingLimit) return null;
    const made = this.#last.then(() => this.#make(job));
    this.#last = made.catch(() => undefined);
    this.#making.set(job.id, made);
    try {
      return await made;
    } finally {
      this.#making.delete(job.id);
    }
  }

  async #make(job: Job): Promise<Buffer | null> {
    const {confine, folders, isHeld} = this.#parts;
    const {signal} = this.#stop;
    if (confine === null || signal.aborted || isHeld(job.id)) return null;
    if (this.#tried.size >= triedLimit) this.#tried.clear();
    this.#tried.add(job.id);
    const file = join(jobFolders(folders, job.id).source, job.source.name);
    const made = await answerOf({
      ...{limitBytes, limitMs, signal},
      folder: join(folders.uploads, `look-poster-${randomBytes(6).toString('hex')}`),
      confine: folder => confine({folder, file}),
    }).catch(() => null);
    if (made === null || !isJpeg(made) || isHeld(job.id)) return null;
    // Where its folder is gone meanwhile, nobody will ask again.
    await replaceFile(this.#path(job.id), made).catch(() => undefined);
    return made;
  }

  #path(id: JobId): string {
    return join(jobFolders(this.#parts.folders, id).root, 'poster.jpg');
  }
}

/** A job that was not in a jail could lay a link, a pipe or something else there: only what could have been kept is read. */
async function readKept(path: string): Promise<Buffer | null> {
  const {O_RDONLY, O_NOFOLLOW, O_NONBLOCK} = constants;
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(unless('ENOENT', 'ELOOP', 'ENXIO'));
  if (file === undefined) return null;
  try {
    const seen = await file.stat();
    if (!seen.isFile() || seen.size > limitBytes) return null;
    const kept = await file.readFile();
    return isJpeg(kept) ? kept : null;
  } finally {
    await file.close();
  }
}

function isJpeg(bytes: Buffer): boolean {
  return bytes.length > 100 && bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}
