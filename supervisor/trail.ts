/** Owns what the box tells of its audit: pages, a stream, and whether it is whole. Never writes it. */
import type {TrailVerdict} from '../appliance/api/trail-rows.ts';
import type {Audit} from '../appliance/audit/audit.ts';
import {followAudit} from '../appliance/audit/follow.ts';
import {readRecent} from '../appliance/audit/recent.ts';
import {
  type AuditCounts,
  type AuditFault,
  verifyAudit,
  wordsOfAuditFault,
} from '../appliance/audit/verify.ts';
import type {Result} from '../appliance/result.ts';
import type {Trail} from '../web/trail.ts';

/** Some million entries. */
const verifyMs = 120_000;

export function trailOf(
  folder: string,
  audit: Pick<Audit, 'tail' | 'last'>,
  {limitMs = verifyMs}: {readonly limitMs?: number} = {},
): Trail {
  let running: Promise<TrailVerdict | null> | undefined;
  return {
    recent: ask => readRecent(folder, ask),
    follow: (ask, signal) => followAudit({folder, tail: audit.tail}, ask, signal),
    // Whoever asks while it is being checked gets that answer: all of it is read once.
    verify: () => {
      running ??= verdictOn(folder, audit, limitMs).finally(() => {
        running = undefined;
      });
      return running;
    },
  };
}

async function verdictOn(
  folder: string,
  {last}: Pick<Audit, 'last'>,
  limitMs: number,
): Promise<TrailVerdict | null> {
  const late = AbortSignal.timeout(limitMs);
  try {
    return shown(await verifyAudit(folder, {last, signal: late}));
  } catch (cause) {
    if (late.aborted && cause === late.reason) return null;
    throw cause;
  }
}

function shown(checked: Result<AuditCounts, AuditFault>): TrailVerdict {
  if (!checked.ok) {
    const {file, line} = checked.why;
    return {is: 'broken', where: {file, line}, ...wordsOfAuditFault(checked.why)};
  }
  const {days, lines, from, to, last} = checked.value;
  const at = (time: string | null): number | null => (time === null ? null : Date.parse(time));
  return {is: 'whole', days, entries: lines, first: at(from), last: at(to), hash: last.hash};
}
