/** Owns what the web needs of the audit, and who is shown which of it. Never reads a file. */
import type {Rows} from '../appliance/api/rows.ts';
import type {trailRows} from '../appliance/api/trail-rows.ts';
import type {Recent, RecentAsk} from '../appliance/audit/recent.ts';
import {ok} from '../appliance/result.ts';
import type {Box} from './box.ts';
import type {Handlers} from './handler.ts';

export interface Trail {
  recent(ask: RecentAsk): Promise<Recent>;
}

export function aboutTrail(box: Pick<Box, 'trail'>): Handlers<Pick<Rows, keyof typeof trailRows>> {
  return {
    'audit.recent': {
      answer: async ({sight, query: {limit, user, action, before}}) => {
        if (sight.is === 'none') return ok({entries: [], next: null});
        // Of somebody else there is nothing to see, as if they had done nothing.
        if (sight.is === 'own' && user !== undefined && user !== sight.user)
          return ok({entries: [], next: null});
        const whose = sight.is === 'own' ? sight.user : (user ?? null);
        const ask = {limit, user: whose, action: action ?? null, before: before ?? null};
        const {entries, next} = await box.trail.recent(ask);
        return ok({entries: entries.map(({prev: _, hash: __, ...entry}) => entry), next});
      },
      about: ({query}) => `audit of ${query.user ?? 'everybody'}`,
    },
  };
}
