/** Owns following the audit: its last entries, then those that come, of one person or one action. Never vouches for it. */
import type {AuditEntry} from './entry.ts';
import {type RecentAsk, readRecent} from './recent.ts';
import type {Tail} from './tail.ts';

export interface FollowAsk extends Omit<RecentAsk, 'before'> {
  /** Go on behind the entry of this number, after a connection broke; null is to begin with the last ones. */
  readonly after: number | null;
}

export type Followed =
  | {readonly is: 'entry'; readonly entry: AuditEntry}
  /** More came since than is told again: what lies between is for `readRecent`. */
  | {readonly is: 'missed'};

/** As much as one page has. */
const catchUpLimit = 500;

/** Oldest first. Ends with the signal, or when whoever follows does not keep up. */
export async function* followAudit(
  {folder, tail}: {readonly folder: string; readonly tail: Tail},
  {limit, user, action, after}: FollowAsk,
  signal: AbortSignal,
): AsyncGenerator<Followed> {
  // Before the files are read: what is written meanwhile comes twice and is told once.
  using follower = tail.listen();
  const ask = {limit: after === null ? limit : catchUpLimit, user, action, before: null};
  const {entries, next} = await readRecent(folder, ask);
  if (after !== null && next !== null && next > after + 1) yield {is: 'missed'};
  for (const entry of entries.toReversed())
    if (after === null || entry.seq > after) yield {is: 'entry', entry};
  const told = entries[0]?.seq ?? 0;
  const isWanted = (entry: AuditEntry): boolean =>
    entry.seq > told &&
    (user === null || entry.user === user) &&
    (action === null || entry.action === action);
  for (let news = await follower.next(signal); news !== null; news = await follower.next(signal))
    for (const entry of news) if (isWanted(entry)) yield {is: 'entry', entry};
}
