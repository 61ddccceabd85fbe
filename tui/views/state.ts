/** Owns the words for each state a job can be in, the same in every verb and screen. Pure. */
import type {JobLine, JobStateName, JobStateShown, Progress} from '../../appliance/api/shapes.ts';
import type {At} from '../../appliance/job.ts';
import {unreachable} from '../../appliance/result.ts';
import {age, duration, percent} from '../words.ts';

/** For a cell: a word or two, with the percent, or why it waits or failed as one word. */
export function stateCell(state: JobStateShown): string {
  switch (state.is) {
    case 'queued':
      return state.waits === null ? 'queued' : `queued: ${state.waits.code}`;
    case 'running':
    case 'pausing':
      return state.progress === null ? state.is : `${state.is} ${percent(state.progress.done)}`;
    case 'failed':
    case 'set-aside':
      return `${stateName(state.is)}: ${state.failure.code}`;
    case 'paused':
    case 'stopping':
    case 'done':
    case 'cancelled':
    case 'deleted':
      return state.is;
    default:
      return unreachable(state);
  }
}

export function stateName(name: JobStateName): string {
  return name === 'set-aside' ? 'set aside' : name;
}

/** Sentences: since when, how far, and what to do where something is to be done. */
export function stateSentence(state: JobStateShown, now: At): string {
  switch (state.is) {
    case 'queued':
      return `Queued for ${age(now - state.since)}. ${state.waits?.what ?? ''}`.trim();
    case 'running':
      return `Running for ${age(now - state.since)}${progressWords(state.progress)}.`;
    case 'pausing':
      return `Coming to rest at its next finished step${progressWords(state.progress)}.`;
    case 'paused':
      return `Paused for ${age(now - state.since)}.`;
    case 'stopping':
      return stoppingSentence(state.towards);
    case 'done':
      return `Done ${age(now - state.at)} ago, in ${duration(state.seconds)}.`;
    case 'failed':
      return `Failed ${age(now - state.at)} ago. ${state.failure.what} ${state.failure.fix}`;
    case 'cancelled':
      return `Cancelled ${age(now - state.at)} ago.`;
    case 'set-aside':
      return `Set aside ${age(now - state.at)} ago: its job process was lost too often. ${state.failure.what} ${state.failure.fix}`;
    case 'deleted':
      return `Deleted ${age(now - state.at)} ago; ${deletedWords(state.was)}.`;
    default:
      return unreachable(state);
  }
}

function deletedWords(was: Extract<JobStateShown, {is: 'deleted'}>['was']): string {
  return was === null
    ? 'its files are on their way out'
    : `dubstead restore makes it ${stateName(was)} again`;
}

function stoppingSentence(towards: Extract<JobStateShown, {is: 'stopping'}>['towards']): string {
  switch (towards) {
    case 'queued':
      return 'Being stopped, since the daemon ends; it will be queued again.';
    case 'cancelled':
      return 'Being stopped, since it was cancelled.';
    case 'deleted':
      return 'Being stopped, since it was deleted.';
    default:
      return unreachable(towards);
  }
}

function progressWords(progress: Progress | null): string {
  return progress === null ? '' : `: ${progressText(progress)}`;
}

/** `recognising speech, 48 %, about 12 s left`. */
export function progressText({stage, done, secondsLeft}: Progress): string {
  const left = secondsLeft === null ? '' : `, about ${duration(secondsLeft)} left`;
  return `${stage}, ${percent(done)}${left}`;
}

/** `en-es`, as pairs of languages are called everywhere; `es` when what it is spoken in is left to the film. */
export function languagesOf({from, to}: Pick<JobLine, 'from' | 'to'>): string {
  return from === null ? to : `${from}-${to}`;
}
