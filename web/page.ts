/** Owns which jobs are on a page: pure, in one pass, whatever there are. Never reads a store. */
import {sees} from '../appliance/api/permissions.ts';
import {isShared, type Job} from '../appliance/job.ts';
import {folded} from '../appliance/library/folded.ts';
import type {JobsAsk} from './box.ts';

/**
 * Newest first; two of the same moment by their ids, so that a page never skips or repeats one. Keeps no more than a
 * page at any time: to sort all jobs there are would take longer the longer the box is used.
 */
export function pickPage(jobs: Iterable<Job>, ask: JobsAsk): {readonly jobs: Job[]; readonly more: boolean} {
  const {after, limit} = ask;
  const matches = matcherOf(ask);
  const page: Job[] = [];
  for (const job of jobs) {
    const last = page.at(limit);
    if (last !== undefined && !isBefore(job, last)) continue;
    if (after !== null && !isBefore(after, job)) continue;
    if (!matches(job)) continue;
    page.splice(placeOf(job, page), 0, job);
    if (page.length > limit + 1) page.pop();
  }
  return {jobs: page.slice(0, limit), more: page.length > limit};
}

function placeOf(job: Job, page: readonly Job[]): number {
  let [low, high] = [0, page.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = page[middle];
    if (other !== undefined && isBefore(other, job)) low = middle + 1;
    else high = middle;
  }
  return low;
}

type Place = Pick<Job, 'submitted' | 'id'>;

/** True when `a` comes earlier in the list. */
function isBefore(a: Place, b: Place): boolean {
  if (a.submitted !== b.submitted) return a.submitted > b.submitted;
  return a.id > b.id;
}

function matcherOf({sight, states, owner, text}: JobsAsk): (job: Job) => boolean {
  const wanted = states === null ? null : new Set<string>(states);
  const part = text === null ? null : folded(text);
  return job =>
    sees(sight, job.owner, isShared(job)) &&
    (owner === null || job.owner === owner) &&
    (wanted === null ? job.state.is !== 'deleted' : wanted.has(job.state.is)) &&
    (part === null || job.id.includes(part) || folded(job.source.name).includes(part));
}
