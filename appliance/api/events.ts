/** Owns what the box tells those who follow it, and who may hear it. Never keeps or sends any of it. */
import {z} from 'zod';
import {JobId, UserName} from '../job.ts';
import {unreachable} from '../result.ts';
import {type Sight, sees} from './permissions.ts';
import {JobLine, Progress, shapes} from './shapes.ts';
import {Alert, InboxSummary, Queue} from './status.ts';

/**
 * Which event it is: the daemon's run and a number that goes up by one. The run is part of it because numbers start
 * again with every run, and one run's place means nothing in another.
 */
export const EventId = z.string().regex(/^[0-9a-f]{8}-\d{1,15}$/);
export type EventId = z.infer<typeof EventId>;

export const BoxEvent = z.discriminatedUnion('is', [
  /** The first of every stream that cannot go on where another ended: what is known may be old, so read it again. */
  z.object({is: z.literal('reset'), why: z.enum(['new', 'restarted', 'too-old'])}),
  z.object({is: z.literal('job'), job: JobLine}),
  z.object({is: z.literal('job-gone'), id: JobId, owner: UserName}),
  Progress.extend({is: z.literal('progress'), id: JobId, owner: UserName}),
  z.object({is: z.literal('inbox'), inbox: InboxSummary}),
  z.object({is: z.literal('queue'), queue: Queue}),
  /** All that are standing: one that is missing is over. */
  z.object({is: z.literal('alerts'), alerts: z.array(Alert).max(50)}),
]);
export type BoxEvent = z.infer<typeof BoxEvent>;

/** What happened, as against a word to one follower about its own place. */
export type BoxNews = Exclude<BoxEvent, {is: 'reset'}>;

/** Whose news it is; null is the box's own, for its admins. */
export function ownerOf(event: BoxNews): UserName | null {
  switch (event.is) {
    case 'job':
      return event.job.owner;
    case 'job-gone':
    case 'progress':
      return event.owner;
    case 'inbox':
    case 'queue':
    case 'alerts':
      return null;
    default:
      return unreachable(event);
  }
}

/** Of those who may be told: the owner, all who may look as it is shared, or those who may no longer. */
export type Audience = 'owner' | 'all' | 'others';

/** Admins hear all; but not that what they still see is gone. */
export function hears(sight: Sight, owner: UserName | null, audience: Audience): boolean {
  if (audience !== 'others') return sees(sight, owner, audience === 'all');
  return sees(sight, owner, true) && !sees(sight, owner);
}

/** One event of a job over a WebSocket: where to go on after it, and what it says. */
export const JobMessage = z.object({id: EventId, event: BoxEvent});
export type JobMessage = z.infer<typeof JobMessage>;

shapes.add(JobMessage, {id: 'JobMessage'});
shapes.add(BoxEvent, {id: 'BoxEvent'});
