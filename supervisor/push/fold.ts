/**
 * Owns when a push goes and with which others: a phone that buzzes forty times is switched off. Never sends, never
 * reads a clock. Pure.
 *
 * A row waits a moment for others of its kind. A few go one by one; more than that, or more after the phone has just
 * had a few, go as one message.
 */
import type {At} from '../../appliance/job.ts';
import type {Batch} from './message.ts';
import type {PushKind, PushRow} from './row.ts';

export interface Pace {
  /** How long a push waits for others. */
  readonly gatherMs: number;
  /** In this time, to one person at most `most` messages of a kind. */
  readonly windowMs: number;
  readonly most: number;
  /** Older than this, it is no news. */
  readonly staleMs: number;
  /** Of the oldest row of a message. */
  readonly attempts: number;
  /** As many may wait; beyond that the oldest go. */
  readonly rows: number;
}

export const homePace: Pace = {
  gatherMs: 10_000,
  windowMs: 60_000,
  most: 3,
  staleMs: 3 * 24 * 3600_000,
  attempts: 200,
  rows: 20_000,
};

/** A message that the server took. */
export interface Sent {
  readonly kind: PushKind;
  /** Whose; null for the box's own. */
  readonly owner: PushRow['owner'];
  readonly at: At;
}

export interface Plan {
  /** To be sent now, one after the other. */
  readonly due: readonly Batch[];
  /** When to look again; null when nothing waits for a time to come. */
  readonly nextAt: At | null;
  /** Too old, tried too often or too many: to be dropped. */
  readonly stale: readonly PushRow[];
}

/** The longest that a row may be told to wait; more than that is a clock that went back. */
export const longestRestMs = 6 * 3600_000;

export function fold(
  waiting: readonly PushRow[],
  {now, sent, pace}: {readonly now: At; readonly sent: readonly Sent[]; readonly pace: Pace},
): Plan {
  const isStale = ({made, attempts}: PushRow) => now - made > pace.staleMs || attempts >= pace.attempts;
  const fresh = waiting.filter(row => !isStale(row)).toSorted((a, b) => a.made - b.made);
  const tooMany = fresh.splice(0, Math.max(0, fresh.length - pace.rows));
  // What is one person's is not told to another: whose it is says where it goes.
  const kinds = Map.groupBy(fresh, row => `${row.about.kind} ${row.owner ?? ''}`);
  const due: Batch[] = [];
  const later: At[] = [];
  for (const rows of kinds.values()) {
    const [first] = rows;
    if (first === undefined) continue;
    const isSame = (one: Sent): boolean => one.kind === first.about.kind && one.owner === first.owner;
    const lately = sent.filter(one => isSame(one) && isWithin(now - one.at, pace.windowMs)).length;
    const batches = batchesOf(rows, Math.max(0, pace.most - lately));
    const at = dueAt(first, rows, now, lately < pace.most ? pace.gatherMs : pace.windowMs);
    if (at <= now) due.push(...batches);
    else later.push(at);
  }
  return {
    due: due.toSorted(([a], [b]) => a.made - b.made),
    nextAt: later.length === 0 ? null : Math.min(...later),
    stale: [...waiting.filter(isStale), ...tooMany],
  };
}

function batchesOf(rows: readonly PushRow[], oneByOne: number): readonly Batch[] {
  const [first, ...others] = rows;
  if (first === undefined) return [];
  return rows.length <= oneByOne ? rows.map(row => [row]) : [[first, ...others]];
}

/** A time that lies further ahead than any wait of ours comes from a clock that went back: it counts as come. */
function dueAt(oldest: PushRow, rows: readonly PushRow[], now: At, waitMs: number): At {
  const gathered = oldest.made > now ? now : oldest.made + waitMs;
  const rests = rows.map(({notBefore}) => notBefore ?? 0).filter(at => at - now <= longestRestMs);
  return rests.reduce((latest, at) => Math.max(latest, at), gathered);
}

function isWithin(ageMs: number, windowMs: number): boolean {
  return ageMs >= 0 && ageMs < windowMs;
}
