/** Owns how a job is shown through the API: which of its fields, in which words. What is not named here is not told. */
import type {
  CardShown,
  FailureShown,
  JobDetail,
  JobLine,
  JobStateShown,
  OutputShown,
} from '../appliance/api/shapes.ts';
import {describe, type Failure, told} from '../appliance/failure.ts';
import {type Job, wishesFor} from '../appliance/job.ts';
import {episodeOf, nameOf} from '../appliance/library/card.ts';
import {unreachable} from '../appliance/result.ts';
import type {JobNow} from './box.ts';

const sentenceLimit = 4096;

export function showLine(now: JobNow): JobLine {
  const {job} = now;
  return {
    id: job.id,
    owner: job.owner,
    via: job.via,
    submitted: job.submitted,
    title: titleOf(job),
    from: job.options.from,
    to: job.options.to,
    preset: job.options.preset,
    priority: job.priority,
    card: showCard(job),
    state: showState(now),
    wishes: [...wishesFor(job.state)],
  };
}

/** `withPaths`: for whoever is on the box and can go there. */
export function showDetail(now: JobNow, {withPaths}: {readonly withPaths: boolean}): JobDetail {
  const {job} = now;
  const done = job.state.is === 'done' ? job.state : null;
  return {
    ...showLine(now),
    source: {name: job.source.name, bytes: job.source.bytes, digest: job.source.digest},
    sidecars: [...job.sidecars],
    options: {
      from: job.options.from,
      to: job.options.to,
      preset: job.options.preset,
      hls: job.options.hls,
      loudnessLufs: job.options.loudnessLufs,
      keep: job.options.keep,
    },
    lost: job.lost,
    confinement:
      job.confinement === null
        ? null
        : {isolation: job.confinement.isolation, lacks: [...job.confinement.lacks]},
    outputs: (done?.outputs ?? []).map(output => showOutput(output, withPaths)),
    summary: [...(done?.summary ?? [])],
    notes: job.card?.notes ?? '',
  };
}

function showCard(job: Job): CardShown {
  const {card} = job;
  const episode = episodeOf(job);
  return {
    name: nameOf(job),
    tags: [...(card?.tags ?? [])],
    visibility: card?.visibility ?? 'private',
    archived: card?.archived ?? null,
    episode: episode && {series: episode.series, season: episode.season, episode: episode.episode},
  };
}

/** The film's name without what turns, hides or moves the text around it. */
export function titleOf(job: Job): string {
  return cleanName(job.source.name);
}

export function cleanName(name: string): string {
  return name.replaceAll(/[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '');
}

function showState({job, waits, progress}: JobNow): JobStateShown {
  const {state} = job;
  switch (state.is) {
    case 'queued':
      return {is: state.is, since: state.since, notBefore: state.notBefore, waits};
    case 'running':
    case 'pausing':
      return {is: state.is, since: state.since, progress};
    case 'paused':
      return {is: state.is, since: state.since};
    case 'stopping':
      return {is: state.is, since: state.since, towards: state.towards};
    case 'done':
      return {is: state.is, at: state.at, seconds: state.seconds};
    case 'failed':
    case 'set-aside':
      return {is: state.is, at: state.at, failure: showFailure(state.failure, job)};
    case 'cancelled':
      return {is: state.is, at: state.at};
    case 'deleted':
      return {is: state.is, at: state.at, was: state.was?.is ?? null};
    default:
      return unreachable(state);
  }
}

/** Where the film lies on the box is nobody's business who looks at its job: there it goes by its name. */
function showFailure(failure: Failure, {id, source}: Pick<Job, 'id' | 'source'>): FailureShown {
  const isOfTheFilm = 'path' in failure && failure.path.includes(`/${id}/source/`);
  const because = told(isOfTheFilm ? {...failure, path: source.name} : failure);
  const {what, fix} = describe(because);
  return {
    code: failure.reason,
    what: what.slice(0, sentenceLimit),
    fix: fix.slice(0, sentenceLimit),
    because,
  };
}

type Output = Extract<Job['state'], {is: 'done'}>['outputs'][number];

function showOutput({kind, path, bytes, digest}: Output, withPaths: boolean): OutputShown {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return {kind, name, path: withPaths ? path : null, bytes, digest};
}
