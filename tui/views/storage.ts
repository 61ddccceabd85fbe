/** Owns how the disks look, how long things are kept, and what a purge would take. Pure. */
import type {PurgeDone, PurgeKind, PurgePlan} from '../../appliance/api/purge-rows.ts';
import type {RetentionShown} from '../../appliance/api/retention-rows.ts';
import type {DiskFilled, FilledKind, StorageShown, Trend} from '../../appliance/api/storage-rows.ts';
import type {At} from '../../appliance/job.ts';
import {type Column, field, table} from '../table.ts';
import {age, count, roughly, size} from '../words.ts';

export interface Place {
  readonly now: At;
  readonly columns: number;
}

/** What people call what lies there. */
export function kindName(kind: FilledKind | PurgeKind): string {
  return kindNames[kind];
}

const kindNames: Readonly<Record<FilledKind | PurgeKind, string>> = {
  uploads: 'films brought in',
  intermediates: 'work between film and dub',
  outputs: 'finished dubs',
  logs: 'logs',
  models: 'models of engines',
  trash: 'deleted jobs',
  deleted: 'deleted jobs',
  other: 'everything else',
};

const filledColumns: readonly Column[] = [
  {head: '  WHAT FILLS IT'},
  {head: 'FILES', side: 'right'},
  {head: 'SIZE', side: 'right'},
];

export function storageLines(
  {measured, whole, disks}: StorageShown,
  {now, columns}: Place,
): readonly string[] {
  const seen =
    measured === null
      ? 'What fills the disks is being looked through: ask again in a moment.'
      : `Looked through ${age(now - measured)} ago${whole ? '' : '; there is more than one look goes through'}.`;
  return [...disks.flatMap(disk => [...diskLines(disk, {now, columns}), '']), seen];
}

function diskLines(disk: DiskFilled, {now, columns}: Place): readonly string[] {
  const {what, path, freeBytes, totalBytes, low, filled, trend} = disk;
  const free = `${low ? 'LOW: ' : ''}${size(freeBytes)} of ${size(totalBytes)} free`;
  const rows = filled.map(({kind, files, bytes}) => [`  ${kindName(kind)}`, String(files), size(bytes)]);
  return [
    ...field('', `${what} (${path}): ${free}, ${trendText(trend, now)}`, {nameColumns: 0, columns}),
    ...(rows.length === 0 ? [] : table(filledColumns, rows, columns)),
  ];
}

/** `full in about 3 days (30.0 GB more a day)`. */
export function trendText(trend: Trend | null, now: At): string {
  if (trend === null) return 'how it fills is known after some hours';
  const {bytesPerDay, fullAt} = trend;
  const daily =
    bytesPerDay === 0
      ? 'as full each day'
      : `${size(Math.abs(bytesPerDay))} ${bytesPerDay > 0 ? 'more' : 'less'} a day`;
  return fullAt === null ? `not filling up (${daily})` : `full in about ${roughly(fullAt - now)} (${daily})`;
}

const groupColumns: readonly Column[] = [
  {head: 'JOB'},
  {head: 'OWNER', leastColumns: 5},
  {head: 'TITLE', leastColumns: 10},
  {head: 'WHAT'},
  {head: 'FILES', side: 'right'},
  {head: 'SIZE', side: 'right'},
];
const groupsShown = 15;

export function planLines(plan: PurgePlan, columns: number): readonly string[] {
  const {files, bytes, jobs, groups, more, whole} = plan;
  if (files === 0) return ['Nothing is to be removed.'];
  const rows = groups
    .slice(0, groupsShown)
    .map(({job, owner, title, kind, files, bytes}) => [
      ...[job ?? '–', owner ?? '–', title, kindName(kind), String(files), size(bytes)],
    ]);
  const rest = more + groups.length - rows.length;
  return [
    `${count(files, 'file')} of ${count(jobs, 'job')} would go (${size(bytes)}):`,
    ...table(groupColumns, rows, columns),
    ...(rest === 0 ? [] : [`and ${rest} more such lines`]),
    ...(whole ? [] : ['There is more than one plan takes: make another after this one.']),
  ];
}

export function doneLines({receipts, files, bytes, left}: PurgeDone): readonly string[] {
  const [first, ...others] = receipts;
  const where = others.length === 0 ? `receipt ${first}` : `receipts ${first} to ${others.at(-1)}`;
  return [
    `${count(files, 'file')} removed (${size(bytes)})${first === undefined ? '' : `: ${where} in DATA_DIR/receipts`}.`,
    ...(left === 0
      ? []
      : [`${left} did not go: changed since the plan, in use, or failed. The receipts say which.`]),
  ];
}

const keepColumns: readonly Column[] = [{head: 'WHAT'}, {head: 'KEPT'}, {head: 'SETTING'}];

export function retentionLines(shown: RetentionShown, {now, columns}: Place): readonly string[] {
  const {keeps, next, running, waits, last, due} = shown;
  const rows = keeps.map(({kind, days, setting}) => [
    ...[kindName(kind), days === null ? 'for good' : count(days, 'day'), setting],
  ]);
  const at = (name: string, text: string): readonly string[] => field(name, text, {nameColumns: 11, columns});
  const swept =
    last === null
      ? 'none since the start'
      : `${age(now - last.at)} ago: ${count(last.files, 'file')} (${size(last.bytes)}) went, ${last.left} did not`;
  return [
    ...table(keepColumns, rows, columns),
    '',
    ...at('Due now', due === null ? 'not known yet' : `${count(due.files, 'file')} (${size(due.bytes)})`),
    ...at('Last sweep', swept),
    ...at('Next sweep', running ? 'at work now' : next === null ? 'not set' : `in ${roughly(next - now)}`),
    ...(waits === null ? [] : at('Waits', waits)),
  ];
}
