/**
 * Owns what people give to each job's dub, in `jobs/ID/brief.json`: the job reads it and cannot write it. Never says what may be
 * given, and never runs the job again.
 */
import {chmod} from 'node:fs/promises';
import {Brief, noBrief} from '../../appliance/brief.ts';
import {readJsonFile, replaceFile} from '../../appliance/files.ts';
import type {JobId} from '../../appliance/job.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import type {Trouble} from '../../web/box.ts';
import type {Briefs} from '../../web/imports.ts';
import {type DataFolders, jobFolders} from '../folders.ts';
import {codeOf} from '../inbox/folder.ts';
import type {JobDesk} from './desk.ts';

export interface BriefsParts {
  readonly folders: Pick<DataFolders, 'jobs'>;
  readonly desk: Pick<JobDesk, 'get'>;
  /** Jobs whose files are going. */
  readonly isHeld: (id: JobId) => boolean;
}

/** A translation, its original, speakers and as many edits again, of a very long film. */
const briefLimitBytes = 16 << 20;

export class HomeBriefs implements Briefs {
  readonly #parts: BriefsParts;
  /** The last change of each job that is being changed. */
  readonly #turns = new Map<JobId, Promise<unknown>>();

  constructor(parts: BriefsParts) {
    this.#parts = parts;
  }

  async read(id: JobId): Promise<Brief> {
    return (await readJsonFile(this.#path(id), Brief)) ?? noBrief;
  }

  async change(id: JobId, change: (brief: Brief) => Brief): Promise<Result<Brief, Trouble>> {
    const before = this.#turns.get(id) ?? Promise.resolve();
    const own = before.then(() => this.#change(id, change));
    const settled = own.catch(() => undefined);
    this.#turns.set(id, settled);
    try {
      return await own;
    } finally {
      if (this.#turns.get(id) === settled) this.#turns.delete(id);
    }
  }

  async #change(id: JobId, change: (brief: Brief) => Brief): Promise<Result<Brief, Trouble>> {
    const {desk, isHeld} = this.#parts;
    const job = desk.get(id);
    if (job === undefined) return no({reason: 'no-such-job'});
    if (isHeld(id) || job.state.is === 'deleted') return no({reason: 'not-now', job, wish: 'change'});
    const brief = change(await this.read(id));
    const text = JSON.stringify(brief);
    // What could not be read again would be lost with all that was there before.
    if (text.length > briefLimitBytes || !Brief.safeParse(brief).success)
      return no({
        reason: 'over-cap',
        what: 'what is kept of changes to this job',
        used: text.length,
        allowed: briefLimitBytes,
      });
    try {
      await replaceFile(this.#path(id), text);
      await chmod(this.#path(id), 0o600);
    } catch (cause) {
      const code = codeOf(cause);
      // Its folder was swept: there is no film left that could be dubbed again.
      if (code === 'ENOENT') return no({reason: 'not-now', job, wish: 'change'});
      if (code === 'ENOSPC' || code === 'EDQUOT')
        return no({reason: 'not-stored', detail: 'the disk is full'});
      throw cause;
    }
    return ok(brief);
  }

  #path(id: JobId): string {
    return jobFolders(this.#parts.folders, id).brief;
  }
}
