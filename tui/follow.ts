/**
 * Owns following one job from outside until nothing more happens to it by itself. A connection that breaks is taken up
 * again, for as long as a restart of the daemon takes. Never shows any of it.
 */
import type {ApiClient} from '../appliance/api/client.ts';
import type {BoxEvent} from '../appliance/api/events.ts';
import type {JobDetail, JobLine} from '../appliance/api/shapes.ts';
import type {ApiTrouble} from '../appliance/api/trouble.ts';
import type {JobId} from '../appliance/job.ts';
import {unreachable} from '../appliance/result.ts';
import {Patience} from './patience.ts';

export type News =
  | {readonly is: 'job'; readonly job: JobDetail}
  | Extract<BoxEvent, {is: 'progress'}>
  /** Told once until the connection is there again. */
  | {readonly is: 'broken'; readonly trouble: ApiTrouble}
  /** The last: what became of it. */
  | {readonly is: 'ended'; readonly job: JobDetail}
  | {readonly is: 'gone'};

/** What a question that was not answered counts for, between two streams that were. */
const questionMs = 1_000;

/** Ends after `ended`, `gone`, or at the signal. Throws Hindered when the daemon stays away, or says no. */
export async function* newsOf(client: ApiClient, id: JobId, signal: AbortSignal): AsyncGenerator<News> {
  const patience = new Patience();
  while (!signal.aborted) {
    for await (const heard of client.follow('jobs.events', {}, signal)) {
      if (heard.is === 'broken') {
        if (patience.spend(heard.trouble, heard.againMs)) yield {is: 'broken', trouble: heard.trouble};
        continue;
      }
      const {event} = heard;
      if (!isAbout(event, id)) continue;
      if (event.is === 'progress') {
        patience.restore();
        yield event;
        continue;
      }
      // It may have moved on since: what it is now is asked for.
      const now = await client.call('jobs.get', {params: {id}}, {signal});
      if (now.ok) {
        patience.restore();
        yield {is: 'job', job: now.value};
        if (!isOver(now.value)) continue;
        yield {is: 'ended', job: now.value};
        return;
      }
      if (now.why.reason === 'problem' && now.why.status === 404) {
        yield {is: 'gone'};
        return;
      }
      patience.spend(now.why, now.why.reason === 'problem' ? null : questionMs);
      // A stream that begins anew says first that all is to be asked for again.
      break;
    }
  }
}

function isAbout(
  event: BoxEvent,
  id: JobId,
): event is Extract<BoxEvent, {is: 'reset' | 'job' | 'job-gone' | 'progress'}> {
  switch (event.is) {
    case 'reset':
      return true;
    case 'job':
      return event.job.id === id;
    case 'job-gone':
    case 'progress':
      return event.id === id;
    case 'inbox':
    case 'queue':
    case 'alerts':
      return false;
    default:
      return unreachable(event);
  }
}

function isOver({state}: JobLine): boolean {
  switch (state.is) {
    case 'done':
    case 'failed':
    case 'cancelled':
    case 'set-aside':
    case 'deleted':
      return true;
    case 'queued':
    case 'running':
    case 'pausing':
    case 'paused':
    case 'stopping':
      return false;
    default:
      return unreachable(state);
  }
}
