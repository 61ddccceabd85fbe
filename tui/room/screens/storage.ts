/** Owns the screen of storage: what fills the disks, what could go, and giving it up by a plan. Pure. */

import type {PurgeGroup, PurgeKind} from '../../../appliance/api/purge-rows.ts';
import type {DiskFilled} from '../../../appliance/api/storage-rows.ts';
import {kindName, trendText} from '../../views/storage.ts';
import {padded} from '../../width.ts';
import {age, count, size} from '../../words.ts';
import {bar, toneOf} from '../bars.ts';
import type {Model} from '../model.ts';
import {type Screen, type Table, table} from '../pane.ts';
import {type Line, line, paragraph, type Span, span} from '../text.ts';
import {carryOut, narrow, plan} from './purge.ts';

const kindColumns = 26;

/** What everybody calls it. */
const kinds: readonly {readonly kind: PurgeKind; readonly about: string}[] = [
  {kind: 'intermediates', about: 'a retry makes it again'},
  {kind: 'uploads', about: 'without them nothing is dubbed again'},
  {kind: 'outputs', about: 'what people watch'},
  {kind: 'logs', about: 'what jobs and the daemon wrote'},
  {kind: 'deleted', about: 'all there is of them: they do not come back then'},
];

export function fullTone({trend}: Pick<DiskFilled, 'trend'>, now: number): Span['tone'] {
  if (trend?.fullAt == null) return 'dim';
  const days = (trend.fullAt - now) / 86_400_000;
  return days < 2 ? 'bad' : days < 14 ? 'warn' : 'plain';
}

function diskLines(disk: DiskFilled, {now}: Model, columns: number): readonly Line[] {
  const {what, path, totalBytes, freeBytes, low, filled} = disk;
  const share = totalBytes === 0 ? 0 : 1 - freeBytes / totalBytes;
  const most = Math.max(1, ...filled.map(({bytes}) => bytes));
  return [
    line(span(` ${what}`, 'strong'), span(`  ${path}`, 'dim')),
    line(
      ' ',
      ...bar(share, 30, low ? 'bad' : toneOf(share)),
      low ? span(' LOW', 'bad') : '',
      ` ${size(freeBytes)} of ${size(totalBytes)} free`,
    ),
    line('  ', span(trendText(disk.trend, now), fullTone(disk, now))),
    ...filled.map(({kind, bytes, files}) =>
      line(
        `   ${padded(kindName(kind), kindColumns)}`,
        padded(size(bytes), 9, 'right'),
        span(padded(`  ${count(files, 'file')}`, 16), 'dim'),
        span('▪'.repeat(Math.round((bytes / most) * Math.max(0, columns - kindColumns - 31))), 'busy'),
      ),
    ),
    line(),
  ];
}

function disks(model: Model, columns: number): readonly Line[] {
  const storage = model.held.storage?.value;
  if (storage == null) return [line(), line(span(' Asking the daemon …', 'dim'))];
  const {measured, whole} = storage;
  const when =
    measured === null
      ? 'What fills them is being looked through.'
      : `Looked through ${age(model.now - measured)} ago${whole ? '' : ', as far as one look goes'}.`;
  return [
    line(),
    ...storage.disks.flatMap(disk => diskLines(disk, model, columns)),
    ...paragraph(` ${when} Tab leads to what can be given up.`, columns, 'dim'),
  ];
}

type Kind = (typeof kinds)[number];

const give: Table<Kind> = table<Kind>('storage', {
  name: 'kinds',
  title: 'Give up',
  items: () => kinds,
  id: ({kind}) => kind,
  text: ({kind, about}) => `${kind} ${kindName(kind)} ${about}`,
  columns: [
    {head: 'WHAT', columns: kindColumns, cell: ({kind}) => span(kindName(kind), 'strong')},
    {head: 'TAKES', columns: 9, side: 'right', cell: ({kind}, model) => size(bytesOf(model, kind))},
    {head: 'WHAT IT IS', columns: 'rest', cell: ({about}) => about},
  ],
  empty: () => [],
  above: ({purge}, columns) => [
    ...paragraph(
      ' Space marks kinds, Enter shows what would go. Nothing goes before you type how many files that is.',
      columns,
      'dim',
    ),
    line(
      ' ',
      span('o', 'key'),
      ` older than: ${purge.olderThanDays === 0 ? 'any age' : count(purge.olderThanDays, 'day')}   `,
      span('w', 'key'),
      ` of: ${purge.user ?? 'everybody'}   `,
      span('z', 'key'),
      ` jobs: ${jobsText(purge.jobs)}`,
    ),
    line(),
  ],
  keys: [
    {
      keys: ['enter'],
      short: 'show the plan',
      does: 'show what would go, without any of it going',
      run: model =>
        plan(
          model,
          give.picked(model).map(({kind}) => kind),
        ),
    },
    {keys: ['o'], short: 'age', does: 'only what is older', run: model => narrow(model, 'age')},
    {keys: ['w'], short: 'whose', does: 'only what is somebody’s', run: model => narrow(model, 'user')},
    {
      keys: ['z'],
      short: 'jobs',
      does: 'only of some jobs; marked ones come from the jobs screen by D',
      run: model => narrow(model, 'jobs'),
    },
  ],
  wants: () => [{of: 'storage', input: {}, everyMs: 60_000}],
});

function jobsText(jobs: Model['purge']['jobs']): string {
  if (jobs.length === 0) return 'all that are over';
  return jobs.length > 3 ? `${jobs.length} of them` : jobs.join(' ');
}

function bytesOf({held}: Model, kind: PurgeKind): number {
  const name = kind === 'deleted' ? 'trash' : kind;
  const filled = held.storage?.value?.disks.flatMap(disk => disk.filled) ?? [];
  return filled.reduce((all, one) => all + (one.kind === name ? one.bytes : 0), 0);
}

const none: readonly never[] = [];

const planned: Table<PurgeGroup> = table<PurgeGroup>('storage', {
  name: 'plan',
  title: 'Plan',
  items: ({purge}) => purge.plan?.groups ?? none,
  id: ({job, kind, title}) => `${job ?? title} ${kind}`,
  text: ({job, title, owner, kind}) => `${job ?? ''} ${title} ${owner ?? ''} ${kind}`,
  columns: [
    {head: 'JOB', columns: 10, cell: ({job}) => span(job ?? '-', 'strong')},
    {head: 'WHAT', columns: kindColumns, cell: ({kind}) => kindName(kind)},
    {head: 'FILES', columns: 7, side: 'right', cell: ({files}) => String(files)},
    {head: 'SIZE', columns: 9, side: 'right', cell: ({bytes}) => size(bytes)},
    {head: 'OWNER', columns: 9, cell: ({owner}) => owner ?? '-'},
    {head: 'TITLE', columns: 'rest', cell: ({title}) => title},
  ],
  sorts: [
    {name: 'owner', of: ({owner}) => owner ?? ''},
    {name: 'kind', of: ({kind}) => kind},
  ],
  empty: ({purge}) => [
    purge.plan === null
      ? 'There is no plan: mark kinds under Give up, and press Enter.'
      : 'Nothing there is to go.',
  ],
  above: ({purge, now}, columns) => {
    const {plan: made} = purge;
    if (made === null) return [];
    const {files, bytes, jobs, whole, more, expires} = made;
    const words = `${count(files, 'file')}, ${size(bytes)}, of ${count(jobs, 'job')}${more > 0 ? `; ${more} smaller rows are not shown` : ''}${whole ? '' : '; there is more than one plan takes'}.`;
    return [
      ...paragraph(` ${words}`, columns, 'strong'),
      ...paragraph(
        expires <= now
          ? ' This plan is too old: make it anew.'
          : ` Nothing has gone yet. X carries it out; it is good for ${age(expires - now)}.`,
        columns,
        'warn',
      ),
      line(),
    ];
  },
  keys: [
    {
      keys: ['X'],
      short: 'carry it out',
      does: 'take it away, after its number of files was typed',
      changes: true,
      run: carryOut,
    },
  ],
  wants: () => [],
});

export const storage: Screen = {
  name: 'storage',
  title: 'Storage',
  about:
    'What fills the disks and when they will be full; what can be given up, by kind, age, person and job; a plan that says what would go before anything does. dubstead storage and dubstead purge do the same.',
  panes: [
    {
      is: 'text',
      name: 'disks',
      title: 'Disks',
      keys: [],
      wants: () => [{of: 'storage', input: {}, everyMs: 60_000}],
      text: disks,
    },
    give,
    planned,
  ],
};
