/**
 * Owns having a job done again from a stage on: what that stage and those after it have made is forgotten, so that the next
 * run finds nothing of it. What came before is found and used again. Never runs a job, never follows a link in its folder.
 */
import type {FileHandle} from 'node:fs/promises';
import {readdir, unlink} from 'node:fs/promises';
import {NodeRecord} from '../../appliance/artifacts.ts';
import {type Job, type JobId, wishesFor} from '../../appliance/job.ts';
import {no, type Result} from '../../appliance/result.ts';
import {stageNames} from '../../pipeline/catalog.ts';
import {type DataFolders, jobFolders} from '../folders.ts';
import {codeOf, openFile, openFolder, pathOf, unless, within} from '../inbox/folder.ts';
import {type Name, nameOf, nameOfBytes} from '../inbox/names.ts';
import type {DeskRefusal, JobDesk} from './desk.ts';

export interface RerunParts {
  readonly folders: Pick<DataFolders, 'jobs'>;
  readonly desk: Pick<JobDesk, 'get' | 'wish'>;
  /** Jobs that may not start, and whose files are nobody else's to touch. */
  readonly held: Set<JobId>;
  /** One of them may start again. */
  readonly freed: () => void;
}

const names: readonly string[] = stageNames;

/** A record holds what a stage says in JSON; that of a long scene is a few hundred kilobytes. */
const recordLimitBytes = 16 << 20;

export class Rerun {
  readonly #parts: RerunParts;

  constructor(parts: RerunParts) {
    this.#parts = parts;
  }

  async from(
    id: JobId,
    stage: string,
  ): Promise<Result<Job, DeskRefusal | {readonly reason: 'no-such-stage'}>> {
    const {desk, folders, held, freed} = this.#parts;
    const first = names.indexOf(stage);
    if (first < 0) return no({reason: 'no-such-stage'});
    const job = desk.get(id);
    if (job === undefined) return no({reason: 'no-such-job'});
    if (held.has(id) || !wishesFor(job.state).includes('retry'))
      return no({reason: 'not-now', job, wish: 'retry'});
    held.add(id);
    try {
      await forget(jobFolders(folders, id).out, new Set(names.slice(first)));
      return await desk.wish(id, 'retry');
    } finally {
      held.delete(id);
      freed();
    }
  }
}

/** In every folder of work there is: one for each title and language that the job has had. */
async function forget(out: string, stages: ReadonlySet<string>): Promise<void> {
  const works = await namesIn(out, [nameOf('.dubstead')]);
  for (const work of works) {
    const path = [nameOf('.dubstead'), work, nameOf('nodes')];
    const nodes = await openFolder(out, path).catch(unless(...notThere));
    if (nodes === undefined) continue;
    try {
      for (const name of await readdir(pathOf(nodes), 'latin1'))
        await forgetOne(nodes, nameOfBytes(name), stages);
    } finally {
      await nodes.close();
    }
  }
}

const notThere = ['ENOENT', 'ENOTDIR', 'ELOOP'];

async function namesIn(root: string, path: readonly Name[]): Promise<readonly Name[]> {
  const folder = await openFolder(root, path).catch(unless(...notThere));
  if (folder === undefined) return [];
  try {
    return (await readdir(pathOf(folder), 'latin1')).map(nameOfBytes);
  } finally {
    await folder.close();
  }
}

async function forgetOne(nodes: FileHandle, name: Name, stages: ReadonlySet<string>): Promise<void> {
  const stage = await stageOf(nodes, name);
  if (stage !== undefined && stages.has(stage)) await unlink(within(nodes, name));
}

/** Undefined for what is no record: the job finds nothing in it either. */
async function stageOf(nodes: FileHandle, name: Name): Promise<string | undefined> {
  try {
    await using file = await openFile(nodes, name);
    const seen = await file.stat();
    if (!seen.isFile() || seen.size > recordLimitBytes) return undefined;
    return NodeRecord.safeParse(JSON.parse(await file.readFile('utf8'))).data?.parts.stage;
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    if (codeOf(cause) === 'ELOOP' || codeOf(cause) === 'ENXIO') return undefined;
    throw cause;
  }
}
