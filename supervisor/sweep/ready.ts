/**
 * Owns what has to happen to a job before files of it go that a person chose: what it has on the shelf is taken back, and
 * one from the trash is not to come back any more. Never removes a file of the job.
 *
 * A file on the shelf is a second name of the job's own; taking that away changes the file's ctime, by which a step tells
 * whether it is still the file that was looked at. So each is looked at before and after.
 */
import {type At, isOver, type Job, type JobId} from '../../appliance/job.ts';
import type {FileFact} from './facts.ts';
import {overSince, type Step} from './plan.ts';
import {itemLimit} from './receipt.ts';

export interface ReadyParts {
  readonly get: (id: JobId) => Job | undefined;
  /** What the job is once it is not to come back; undefined when it is not over any more, or was at another time. */
  readonly giveUp: (id: JobId, over: At) => Promise<Job | undefined>;
  readonly takeOffShelf: (id: JobId) => Promise<void>;
  /** What lies there now. */
  readonly look: (path: string) => Promise<FileFact | undefined>;
}

/** As they are to be carried out, as many at a time as fit a receipt. What is not over any more is left to be refused. */
export async function* ready(steps: readonly Step[], parts: ReadyParts): AsyncGenerator<readonly Step[]> {
  let batch: Step[] = [];
  for (const group of byJob(steps)) {
    batch.push(...(await groupReady(group, parts)));
    if (batch.length < itemLimit) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function groupReady(group: readonly Step[], parts: ReadyParts): Promise<readonly Step[]> {
  const {job: id = null, over = null} = group[0] ?? {};
  const isShelved = group.some(({kind}) => kind === 'outputs' || kind === 'deleted');
  if (id === null || over === null || !isShelved) return group;
  const job = parts.get(id);
  if (job === undefined || !isOver(job.state) || overSince(job) !== over) return group;
  const same = await unchanged(group, parts.look);
  const given = job.state.is === 'deleted' ? await parts.giveUp(id, over) : job;
  if (given === undefined) return group;
  await parts.takeOffShelf(id);
  const found: Step[] = [];
  for (const step of group) {
    const now = same.has(step) ? await parts.look(step.path) : undefined;
    const fact = now?.inode === step.fact.inode && now.bytes === step.bytes ? now : step.fact;
    found.push({...step, over: overSince(given) ?? over, fact});
  }
  return found;
}

async function unchanged(group: readonly Step[], look: ReadyParts['look']): Promise<ReadonlySet<Step>> {
  const same = new Set<Step>();
  for (const step of group) {
    if (step.fact.is !== 'file') continue;
    const now = await look(step.path);
    if (now?.inode === step.fact.inode && now.changed === step.fact.changed) same.add(step);
  }
  return same;
}

/** Runs of steps that belong to one job. */
function* byJob(steps: readonly Step[]): Generator<readonly Step[]> {
  let group: Step[] = [];
  for (const step of steps) {
    if (group.length > 0 && group[0]?.job !== step.job) {
      yield group;
      group = [];
    }
    group.push(step);
  }
  if (group.length > 0) yield group;
}
