/** Owns the screen of retention: what is kept how long, when the box sweeps, and what it has removed. Pure. */

import type {ReceiptShown} from '../../../appliance/api/room-rows.ts';
import {answerTimes} from '../../answer-times.ts';
import {kindName} from '../../views/storage.ts';
import {padded} from '../../width.ts';
import {age, count, momentOf, size} from '../../words.ts';
import {confirming} from '../dialogs.ts';
import {type Model, saying, type Turn} from '../model.ts';
import {type Screen, table} from '../pane.ts';
import {type Line, line, paragraph, span} from '../text.ts';

const none: readonly never[] = [];
const kindColumns = 26;

const triggers: Readonly<Record<ReceiptShown['trigger'], string>> = {
  schedule: 'by itself',
  command: 'asked for',
  'low-disk': 'a full disk',
};

function above(model: Model, columns: number): readonly Line[] {
  const retention = model.held.retention?.value;
  if (retention == null) return [line(span(' Asking the daemon …', 'dim'))];
  const {keeps, next, running, waits, last, due} = retention;
  const {now} = model;
  const when = running
    ? 'The box is sweeping now.'
    : next === null
      ? 'No sweep is set.'
      : `The next sweep is in ${age(Math.max(0, next - now))}.`;
  const takes =
    due === null
      ? ''
      : due.files === 0
        ? ' It would take nothing.'
        : ` It would take ${count(due.files, 'file')}, ${size(due.bytes)}.`;
  const before =
    last === null
      ? ' None has run since the start.'
      : ` The last was ${age(now - last.at)} ago: ${count(last.files, 'file')}, ${size(last.bytes)}${last.left > 0 ? `, ${last.left} left` : ''}.`;
  return [
    ...keeps.map(({kind, days, setting}) =>
      line(
        ` ${padded(kindName(kind), kindColumns)}`,
        days === null ? span(padded('kept for good', 16), 'warn') : padded(`kept ${count(days, 'day')}`, 16),
        span(setting, 'dim'),
      ),
    ),
    line(),
    ...paragraph(` ${when}${takes}${before}`, columns),
    ...(waits === null ? [] : paragraph(` ${waits}`, columns, 'warn')),
    line(),
  ];
}

export const retention: Screen = {
  name: 'retention',
  title: 'Retention',
  about:
    'What is kept how long and which setting says so, when the box removes what is past its days, and the receipts of what it removed. dubstead retention prints the same.',
  panes: [
    table<ReceiptShown>('retention', {
      name: 'receipts',
      title: 'Receipts',
      items: ({held}) => held.receipts?.value?.receipts ?? none,
      id: ({id}) => id,
      text: ({id, trigger, state, kinds}) =>
        `${id} ${triggers[trigger]} ${state} ${Object.keys(kinds).join(' ')}`,
      columns: [
        {head: 'REMOVED', columns: 19, cell: ({at}, {zone}) => momentOf(at, zone)},
        {head: 'WHY', columns: 11, from: 75, cell: ({trigger}) => triggers[trigger]},
        {head: 'FILES', columns: 7, side: 'right', cell: ({files}) => String(files)},
        {head: 'SIZE', columns: 9, side: 'right', cell: ({bytes}) => size(bytes)},
        {
          head: 'LEFT',
          columns: 5,
          side: 'right',
          cell: ({left}) => (left === 0 ? '-' : span(String(left), 'warn')),
        },
        {
          head: 'WHAT',
          columns: 'rest',
          cell: ({kinds, state}) =>
            `${state === 'closed' ? '' : `${state.toUpperCase()} `}${kindsText(kinds)}`,
        },
      ],
      empty: ({held}) => (held.receipts?.value == null ? [] : ['Nothing was removed yet.']),
      above,
      below: ({id, kinds}, _model, columns) =>
        paragraph(
          ` Receipt ${id}: ${kindsText(kinds)}; the file of that name in the folder receipts lists each.`,
          columns,
        ),
      keys: [
        {
          keys: ['s'],
          short: 'sweep now',
          does: 'remove now what is past its days',
          changes: true,
          run: sweep,
        },
      ],
      wants: () => [
        {of: 'retention', input: {}, everyMs: 15_000},
        {of: 'receipts', input: {query: {limit: 200}}, everyMs: 15_000},
      ],
    }),
  ],
};

function kindsText(kinds: ReceiptShown['kinds']): string {
  return Object.entries(kinds)
    .map(([kind, files]) => `${files} ${kind}`)
    .join(', ');
}

function sweep(model: Model): Turn {
  const due = model.held.retention?.value?.due ?? null;
  if (due?.files === 0) return [saying(model, 'Nothing is past its days.', 'good'), []];
  return confirming(model, {
    title: 'Sweep now?',
    about: [
      due === null
        ? 'What is past its days goes; how much that is, is not known yet.'
        : `${count(due.files, 'file')} past their days go, ${size(due.bytes)}.`,
      'The box does the same by itself at the next sweep.',
    ],
    label: 'Sweep',
    deed: {
      calls: [{row: 'retention.sweep', input: {}}],
      done: 'The sweep was asked for: what it took stands here.',
      answerMs: answerTimes.sweep,
      refresh: ['retention', 'receipts', 'storage'],
    },
    ...(due === null ? {} : {must: due.files}),
  });
}
