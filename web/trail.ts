/** Owns what the web needs of the audit, and who is shown which of it. Never reads a file. */
import type {Sight} from '../appliance/api/permissions.ts';
import type {Rows} from '../appliance/api/rows.ts';
import type {TrailEntry, TrailEvent, TrailVerdict, trailRows} from '../appliance/api/trail-rows.ts';
import type {AuditEntry} from '../appliance/audit/entry.ts';
import type {FollowAsk, Followed} from '../appliance/audit/follow.ts';
import type {Recent, RecentAsk} from '../appliance/audit/recent.ts';
import type {UserName} from '../appliance/job.ts';
import {no, ok} from '../appliance/result.ts';
import type {Box} from './box.ts';
import type {Handlers} from './handler.ts';
import {problems} from './problem.ts';
import {frameOf} from './sse.ts';

export interface Trail {
  recent(ask: RecentAsk): Promise<Recent>;
  /** Ends with the signal, or when whoever follows does not keep up. */
  follow(ask: FollowAsk, signal: AbortSignal): AsyncIterable<Followed>;
  /** Null when that takes too long for somebody who waits. */
  verify(): Promise<TrailVerdict | null>;
}

export function aboutTrail(box: Pick<Box, 'trail'>): Handlers<Pick<Rows, keyof typeof trailRows>> {
  return {
    'audit.recent': {
      answer: async ({sight, query: {limit, user, action, before}}) => {
        const whose = whoseOf(sight, user);
        if (whose === null) return ok({entries: [], next: null});
        const ask = {limit, user: whose.user, action: action ?? null, before: before ?? null};
        const {entries, next} = await box.trail.recent(ask);
        return ok({entries: entries.map(shown), next});
      },
      follow: ({sight, query: {limit, user, action}, lastEventId, signal}) => {
        const whose = whoseOf(sight, user);
        if (whose === null) return nothing(signal);
        const after = /^\d{1,15}$/.test(lastEventId ?? '') ? Number(lastEventId) : null;
        const ask = {limit, user: whose.user, action: action ?? null, after};
        return framesOf(box.trail.follow(ask, signal));
      },
      about: ({query}) => `audit of ${query.user ?? 'everybody'}`,
    },
    'audit.verify': {
      answer: async () => {
        const verdict = await box.trail.verify();
        return verdict === null ? no(problems.auditTooLong()) : ok(verdict);
      },
    },
  };
}

/** Whose entries are shown; null user is everybody. Of somebody else there is nothing to see, as if they had done nothing. */
function whoseOf(sight: Sight, asked: UserName | undefined): {readonly user: UserName | null} | null {
  if (sight.is === 'all') return {user: asked ?? null};
  if (sight.is === 'none' || (asked !== undefined && asked !== sight.user)) return null;
  return {user: sight.user};
}

function shown({prev: _, hash: __, ...entry}: AuditEntry): TrailEntry {
  return entry;
}

async function* framesOf(followed: AsyncIterable<Followed>): AsyncGenerator<string> {
  for await (const one of followed) {
    const event: TrailEvent = one.is === 'entry' ? {is: 'entry', ...shown(one.entry)} : one;
    yield frameOf(event, one.is === 'entry' ? one.entry.seq : null);
  }
}

/** As long as somebody likes to wait for it. */
async function* nothing(signal: AbortSignal): AsyncGenerator<string> {
  const {promise, resolve} = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), {once: true});
  if (!signal.aborted) await promise;
}
