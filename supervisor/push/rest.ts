/** Owns how long to leave a server alone that did not take a push. Never waits itself. Pure. */
import type {At} from '../../appliance/job.ts';
import {longestRestMs} from './fold.ts';

const firstRestMs = 5_000;
const longestOwnRestMs = 30 * 60_000;

/**
 * Doubles from five seconds to half an hour, the upper half of it by chance, so that many boxes do not come back at
 * once; never sooner than the server asked, and never later than six hours, whatever it asked.
 */
export function restMs(known: {
  /** In a row, this one counted. */
  readonly failures: number;
  readonly retryAfterMs: number | null;
  /** From 0 up to 1. */
  readonly chance: number;
}): number {
  const whole = Math.min(longestOwnRestMs, firstRestMs * 2 ** Math.min(30, known.failures - 1));
  const own = Math.round(whole * (0.5 + known.chance / 2));
  return Math.min(longestRestMs, Math.max(own, known.retryAfterMs ?? 0));
}

const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Seconds or a date, as RFC 9110 has it; null when it is neither. */
export function readRetryAfterMs(header: string | null, now: At): number | null {
  const text = header?.trim() ?? '';
  if (/^\d{1,15}$/.test(text)) return Number(text) * 1000;
  if (!httpDate.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
