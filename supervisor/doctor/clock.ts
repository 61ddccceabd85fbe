/** Owns whether the clock can be right: by its year, and by what was recorded last. Never sets it. */
import {readAudit} from '../../appliance/audit/read.ts';
import type {Finding} from '../../appliance/doctor.ts';
import {type Check, fault, fine, type Ground, isDenied, warning} from './check.ts';

/** There is no Dubstead from before. */
const firstYear = 2026;
const lastYear = 2100;
/** So far clocks are set back without anybody's harm. */
const backMs = 120_000;

export const clock: Check = {
  id: 'clock',
  title: 'Clock',
  looksAt: 'the time of this machine, beside the time of the last line of the audit',
  async examine({now, box}) {
    return judgeClock(now(), box.ok ? await lastRecorded(box.value.folders.audit) : undefined);
  },
};

/** Milliseconds since 1970; undefined where nothing was recorded or it may not be read. */
async function lastRecorded(folder: string): Promise<number | undefined> {
  const [last] = await readAudit(folder, {limit: 1}).catch(cause => {
    if (isDenied(cause)) return [];
    throw cause;
  });
  return last === undefined ? undefined : Date.parse(last.time);
}

const fix =
  'Set the clock, and let it be kept: timedatectl set-ntp true. In a machine that was off for long, look at its battery.';

/** Pure. */
export function judgeClock(now: ReturnType<Ground['now']>, last: number | undefined): readonly Finding[] {
  const date = new Date(now);
  const year = date.getUTCFullYear();
  if (Number.isNaN(year) || year < firstYear || year > lastYear)
    return [
      fault({
        finding: `The clock says ${Number.isNaN(year) ? 'no time that there is' : `the year ${year}`}.`,
        meaning:
          'Logins and their codes are taken for expired or not yet begun, and sweeps remove too much or nothing.',
        fix,
      }),
    ];
  if (last !== undefined && now < last - backMs)
    return [
      warning({
        finding: `The clock says ${date.toISOString()}, and the last line of the audit is from ${new Date(last).toISOString()}.`,
        meaning:
          'The clock was wrong then or is wrong now: codes of authenticators, logins and what is kept for some days go by it.',
        fix,
      }),
    ];
  return [fine(`The clock says ${date.toISOString()}.`)];
}
