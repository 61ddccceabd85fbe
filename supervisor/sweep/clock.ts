/**
 * Owns whether the machine's clock can be believed when ages are judged by it. Never reads it: a reading is given.
 *
 * A box without a battery starts in 1970 and is set right once it hears from the network; one whose battery is failing
 * may start years ahead, and everything it keeps would look old. What runs true whatever the clock says is the time
 * since the machine started. Across a restart there is nothing to compare with, so after a gap the first reading is
 * only remembered, and the next one is judged against it.
 */
import {z} from 'zod';
import {At} from '../../appliance/job.ts';
import {unreachable} from '../../appliance/result.ts';

export const ClockReading = z.object({
  at: At,
  /** Since the machine started, asleep or awake (`os.uptime()`). */
  upMs: z.number().nonnegative(),
  /** `/proc/sys/kernel/random/boot_id`: one for each start of the machine. */
  boot: z.string().min(1).max(100),
});
export type ClockReading = z.infer<typeof ClockReading>;

/** Why nothing is removed this time. */
export type ClockDoubt =
  | {readonly is: 'first'}
  /** Within one start of the machine: by how much the clock moved beyond the time that passed; negative is back. */
  | {readonly is: 'jumped'; readonly byMs: number}
  /** The machine was started again, and by its clock this long after the last sweep. */
  | {readonly is: 'restarted'; readonly afterMs: number};

export const dayMs = 86_400_000;

/** Undefined when the clock can be believed. */
export function doubtOf(last: ClockReading | null, now: ClockReading): ClockDoubt | undefined {
  if (last === null) return {is: 'first'};
  const passedMs = now.at - last.at;
  if (last.boot !== now.boot) {
    return passedMs < 0 || passedMs > dayMs ? {is: 'restarted', afterMs: passedMs} : undefined;
  }
  const byMs = passedMs - (now.upMs - last.upMs);
  return Math.abs(byMs) > dayMs ? {is: 'jumped', byMs} : undefined;
}

export function describeDoubt(doubt: ClockDoubt): string {
  const next =
    'Nothing is removed this time; the next sweep goes by the clock if it has run true until then.';
  switch (doubt.is) {
    case 'first':
      return `This is the first look at the clock. ${next}`;
    case 'jumped':
      return `The clock jumped ${days(doubt.byMs)} since the last sweep. ${next} Check the date of this machine.`;
    case 'restarted':
      return `The machine was started again, and its clock is ${days(doubt.afterMs)} of the last sweep. ${next}`;
    default:
      return unreachable(doubt);
  }
}

function days(ms: number): string {
  return `${(Math.abs(ms) / dayMs).toFixed(1)} days ${ms < 0 ? 'back' : 'ahead'}`;
}
