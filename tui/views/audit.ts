/** Owns how entries of the audit, and whether it is whole, look on a terminal. Pure. */
import type {TrailEntry, TrailVerdict} from '../../appliance/api/trail-rows.ts';
import {unreachable} from '../../appliance/result.ts';
import {count, momentOf, type Zone} from '../words.ts';

/** One line an entry, as long as it is: what is followed has no table that could be fitted. */
export function auditLine(entry: TrailEntry, zone: Zone): string {
  const {time, action, result, user, object, address} = entry;
  const cells = [
    momentOf(Date.parse(time), zone),
    (user ?? '-').padEnd(10),
    action.padEnd(24),
    result.padEnd(7),
    object ?? '-',
    ...(address === null ? [] : [`from ${address}`]),
  ];
  return cells.join('  ');
}

export function verdictLines(verdict: TrailVerdict, zone: Zone): readonly string[] {
  switch (verdict.is) {
    case 'whole': {
      const {days, entries, first, last, hash} = verdict;
      if (first === null || last === null) return ['Nothing was written down yet.'];
      return [
        `The audit is whole: ${count(entries, 'line')} of ${count(days, 'day')}, from ${momentOf(first, zone)} to ${momentOf(last, zone)}.`,
        `The last line is number ${entries} with hash ${hash}.`,
        'Kept somewhere else, that shows later whether all of it was written anew.',
      ];
    }
    case 'broken': {
      const {where, what, fix} = verdict;
      const place = where.line === 0 ? where.file : `${where.file}, line ${where.line}`;
      return [`The audit is broken at ${place}.`, what, fix];
    }
    default:
      return unreachable(verdict);
  }
}
