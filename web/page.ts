/** Owns which jobs are on a page: pure, and as soon over as the page is full. Never reads a store, never sorts. */
import {sees} from '../appliance/api/permissions.ts';
import {isShared, type Job} from '../appliance/job.ts';
import {episodeOf} from '../appliance/library/card.ts';
import {folded} from '../appliance/library/folded.ts';
import type {JobsAsk} from './box.ts';
import {searching} from './search.ts';

/** Of jobs that come in the order that is asked for; two of the same moment by their ids. */
export function pickPage(jobs: Iterable<Job>, ask: JobsAsk): {readonly jobs: Job[]; readonly more: boolean} {
  const {after, limit, sort} = ask;
  const matches = matcherOf(ask);
  const page: Job[] = [];
  for (const job of jobs) {
    if (after !== null && !isBehind(job, after, sort)) continue;
    if (!matches(job)) continue;
    if (page.length === limit) return {jobs: page, more: true};
    page.push(job);
  }
  return {jobs: page, more: false};
}

type Place = Pick<Job, 'submitted' | 'id'>;

/** True when `a` comes later in the list. */
export function isBehind(a: Place, b: Place, sort: JobsAsk['sort']): boolean {
  const isNewer = a.submitted === b.submitted ? a.id > b.id : a.submitted > b.submitted;
  if (a.id === b.id) return false;
  return sort === 'newest' ? !isNewer : isNewer;
}

function matcherOf({sight, states, owner, text, tag, series, from, to}: JobsAsk): (job: Job) => boolean {
  const wanted = states === null ? null : new Set<string>(states);
  const fits = text === null ? null : searching(text);
  const inSeries = series === null ? null : inSeriesOf(series);
  const label = tag === null ? null : folded(tag);
  return job =>
    sees(sight, job.owner, isShared(job)) &&
    (owner === null || job.owner === owner) &&
    (wanted === null ? job.state.is !== 'deleted' : wanted.has(job.state.is)) &&
    (from === null || job.submitted >= from) &&
    (to === null || job.submitted < to) &&
    (label === null || hasTag(job, label)) &&
    (inSeries === null || inSeries(job)) &&
    (fits === null || fits(job));
}

/** To read a series out of every name would take long: what does not hold its words is not looked at further. */
function inSeriesOf(series: string): (job: Job) => boolean {
  const holds = searching(series);
  const wanted = folded(series);
  return job => holds(job) && folded(episodeOf(job)?.series ?? '') === wanted;
}

/** `label` is folded. */
export function hasTag({card}: Job, label: string): boolean {
  return card?.tags.some(tag => folded(tag) === label) ?? false;
}
