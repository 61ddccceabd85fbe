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
  /** After it nothing is taken back or given up any more. */
  readonly signal: AbortSignal;
}

/** As they are to be carried out, as many at a time as fit a receipt. What is not over any more is left to be refused. */
export async function* ready(steps: readonly Step[], parts: ReadyParts): AsyncGenerator<readonly Step[]> {
  let groups: (readonly Step[])[] = [];
  let amount = 0;
  for (const group of byJob(steps)) {
    if (parts.signal.aborted) return;
    groups.push(group);
    amount += group.length;
    if (amount < itemLimit) continue;
    yield await allReady(groups, parts);
    groups = [];
    amount = 0;
  }
  if (groups.length > 0) yield await allReady(groups, parts);
}

/** All are looked at first: what is the same in two dubs of a film lies on the shelf once, for both of them. */
async function allReady(groups: readonly (readonly Step[])[], parts: ReadyParts): Promise<readonly Step[]> {
  const same = new Set<Step>();
  for (const group of groups) {
    if (!isShelved(group)) continue;
    for (const step of group) if (await isSame(step, parts.look)) same.add(step);
  }
  const overs = new Map<JobId, At>();
  for (const group of groups) {
    const {job: id = null, over = null} = group[0] ?? {};
    if (id === null || over === null || !isShelved(group) || parts.signal.aborted) continue;
    const at = await offShelf(id, over, parts);
    if (at !== undefined) overs.set(id, at);
  }
  const found: Step[] = [];
  for (const step of groups.flat()) {
    const over = step.job === null ? undefined : overs.get(step.job);
    if (over === undefined) found.push(step);
    else found.push({...step, over, fact: same.has(step) ? await renewed(step, parts.look) : step.fact});
  }
  return found;
}

function isShelved(group: readonly Step[]): boolean {
  return group.some(({kind}) => kind === 'outputs' || kind === 'deleted');
}

/** When the job is over now; undefined when it is not to be touched, as something has happened to it. */
async function offShelf(id: JobId, over: At, parts: ReadyParts): Promise<At | undefined> {
  const job = parts.get(id);
  if (job === undefined || !isOver(job.state) || overSince(job) !== over) return undefined;
  const given = job.state.is === 'deleted' ? await parts.giveUp(id, over) : job;
  if (given === undefined) return undefined;
  await parts.takeOffShelf(id);
  return overSince(given);
}

async function isSame({path, fact}: Step, look: ReadyParts['look']): Promise<boolean> {
  if (fact.is !== 'file') return false;
  const now = await look(path);
  return now?.inode === fact.inode && now.changed === fact.changed;
}

/** The file of a moment ago, with the ctime that it has since. */
async function renewed({path, fact}: Step, look: ReadyParts['look']): Promise<FileFact> {
  const now = await look(path);
  return now?.inode === fact.inode && now.bytes === fact.bytes ? now : fact;
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
