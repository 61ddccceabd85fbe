/** Owns going through the checks: each has its time, and none keeps another from its turn. */
import {type CheckShown, type Diagnosis, diagnosisOf, type Finding, worstOf} from '../../appliance/doctor.ts';
import {type Check, type Ground, warning} from './check.ts';

/** A disk that hangs, or an audit of many years. */
const limitMs = 60_000;
const shownFindings = 100;
const shownCharacters = 4096;

export async function examine(
  checks: readonly Check[],
  ground: Ground,
  perCheckMs = limitMs,
): Promise<Diagnosis> {
  const shown: CheckShown[] = [];
  // One after another: what one uses of the processors or the disk does not make the next one late.
  for (const check of checks) {
    const {id, title, looksAt} = check;
    const findings = (await within(check, ground, perCheckMs)).slice(0, shownFindings).map(cut);
    shown.push({id, title, looksAt, is: worstOf(findings), findings});
  }
  return diagnosisOf(shown);
}

async function within(check: Check, ground: Ground, perCheckMs: number): Promise<readonly Finding[]> {
  const {promise, resolve} = Promise.withResolvers<readonly Finding[]>();
  const late = unknown(
    `It gave no answer within ${perCheckMs / 1000} s.`,
    'See whether a disk hangs: dmesg, and ls in the folders that it looks at.',
  );
  const timer = setTimeout(() => resolve([late]), perCheckMs);
  try {
    return await Promise.race([check.examine(ground), promise]);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return [
      unknown(
        `It could not be looked at: ${why}`,
        'Mend what the system says there. Where that makes no sense, please report this.',
      ),
    ];
  } finally {
    clearTimeout(timer);
  }
}

function unknown(finding: string, fix: string): Finding {
  return warning({finding, meaning: 'Whether it is in order is not known.', fix});
}

function cut(finding: Finding): Finding {
  const short = Object.entries(finding).map(([key, text]) => [key, String(text).slice(0, shownCharacters)]);
  return Object.fromEntries(short) as Finding;
}
