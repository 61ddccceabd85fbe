/** Owns how the inbox looks: its files, why each waits, and what was refused. Pure. */
import type {Inbox} from '../../appliance/api/status.ts';
import type {At} from '../../appliance/job.ts';
import {field, table} from '../table.ts';
import {age, size} from '../words.ts';
import {inboxText} from './status.ts';

const filesShown = 100;
const refusedShown = 10;

export function inboxLines(inbox: Inbox, now: At, columns: number): readonly string[] {
  return [
    ...field('Inbox', inboxText(inbox, now), {nameColumns: 7, columns}),
    ...filesOf(inbox, now, columns),
    ...refusedOf(inbox, now, columns),
  ];
}

function filesOf({files}: Inbox, now: At, columns: number): readonly string[] {
  if (files.length === 0) return [];
  const shown = files.slice(0, filesShown);
  const rows = shown.map(({name, owner, bytes, since}) => [
    name,
    owner ?? '-',
    size(bytes),
    age(now - since),
  ]);
  const heads = [
    {head: 'FILE', leastColumns: 20},
    {head: 'OWNER', leastColumns: 5},
    {head: 'SIZE', side: 'right'},
    {head: 'SINCE', side: 'right'},
  ] as const;
  const [head = '', ...lines] = table(heads, rows, columns);
  const more = files.length - shown.length;
  return [
    '',
    head,
    ...lines.flatMap((line, place) => {
      const held = shown[place]?.held ?? null;
      return held === null ? [line] : [line, ...field('', held, {nameColumns: 2, columns})];
    }),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}

function refusedOf({refused, lastRefused}: Inbox, now: At, columns: number): readonly string[] {
  if (lastRefused.length === 0) return [];
  const shown = lastRefused.slice(0, refusedShown);
  const more = Math.max(refused, lastRefused.length) - shown.length;
  return [
    '',
    'Refused, and moved to .refused in the inbox:',
    ...shown.flatMap(({name, at, what, fix}) => [
      ...field('', `${name} (${age(now - at)} ago)`, {nameColumns: 0, columns}),
      ...field('', `${what} ${fix}`, {nameColumns: 2, columns}),
    ]),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}
