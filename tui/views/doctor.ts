/** Owns how a diagnosis looks: what is not well in full, then how many checks there were. Pure. */
import type {CheckShown, Diagnosis, Finding} from '../../appliance/doctor.ts';
import {field} from '../table.ts';
import {count} from '../words.ts';

type Trouble = Extract<Finding, {is: 'warning' | 'fault'}>;

const nameColumns = 10;
const words = {warning: 'WARNING', fault: 'FAULT'} as const;

/** Faults first; within one kind in the order of the checks. */
export function diagnosisLines({checks, counts}: Diagnosis, columns: number): readonly string[] {
  const rows = checks.flatMap(check =>
    check.findings.flatMap(finding => (isTrouble(finding) ? [{check, finding}] : [])),
  );
  const ordered = [
    ...rows.filter(({finding}) => finding.is === 'fault'),
    ...rows.filter(({finding}) => finding.is === 'warning'),
  ];
  const told = ordered.flatMap(({check, finding}) => [...rowLines(check, finding, columns), '']);
  return [...told, ...field('', summary(checks, counts), {nameColumns: 0, columns})];
}

function isTrouble(finding: Finding): finding is Trouble {
  return finding.is === 'warning' || finding.is === 'fault';
}

function rowLines(
  {title}: CheckShown,
  {is, finding, meaning, fix}: Trouble,
  columns: number,
): readonly string[] {
  const wide = {nameColumns, columns};
  return [
    ...field(words[is], title, wide),
    ...field('  found', finding, wide),
    ...field('  means', meaning, wide),
    ...field('  fix', fix, wide),
  ];
}

function summary(checks: Diagnosis['checks'], {ok, skipped, warning, fault}: Diagnosis['counts']): string {
  const all = count(checks.length, 'check');
  if (ok === checks.length) return `${all}, all well.`;
  const parts = [
    `${ok} well`,
    ...(warning > 0 ? [`${warning} with a warning`] : []),
    ...(fault > 0 ? [`${fault} with a fault`] : []),
    ...(skipped > 0 ? [`${skipped} not looked at`] : []),
  ];
  return `${all}: ${parts.join(', ')}.`;
}
