/** Owns the screen of the inbox: every file and what becomes of it, and what was refused and why. Pure. */
import type {Inbox} from '../../../appliance/api/status.ts';
import {inboxText} from '../../views/status.ts';
import {age, momentOf, size} from '../../words.ts';
import type {Wanted} from '../asks.ts';
import type {Model} from '../model.ts';
import {type Binding, type Screen, table} from '../pane.ts';
import {line, paragraph, span} from '../text.ts';

type File = Inbox['files'][number];
type Refused = Inbox['lastRefused'][number];

const none: readonly never[] = [];
const wants = (): readonly Wanted[] => [{of: 'inbox', input: {}, everyMs: 5_000}];

const keys: readonly Binding[] = [
  {
    keys: ['r'],
    short: 'look now',
    does: 'look through the inbox now',
    changes: true,
    run: model => [
      model,
      [
        {
          is: 'do',
          deed: {
            calls: [{row: 'inbox.rescan', input: {}}],
            done: 'The inbox was looked through.',
            refresh: ['inbox'],
          },
        },
      ],
    ],
  },
];

const above = (model: Model, columns: number) => {
  const inbox = model.held.inbox?.value;
  if (inbox == null) return [];
  const tone = inbox.state.is === 'offline' ? 'bad' : 'plain';
  return [...paragraph(` ${inboxText(inbox, model.now)}`, columns, tone), line()];
};

const files = table<File>('inbox', {
  name: 'files',
  title: 'Files',
  items: ({held}) => held.inbox?.value?.files ?? none,
  id: ({name}) => name,
  text: ({name, owner, held}) => `${name} ${owner ?? ''} ${held ?? ''}`,
  columns: [
    {head: 'FILE', columns: 'rest', cell: ({name}) => name},
    {head: 'OWNER', columns: 10, from: 100, cell: ({owner}) => owner ?? '-'},
    {head: 'SIZE', columns: 9, side: 'right', cell: ({bytes}) => size(bytes)},
    {head: 'SINCE', columns: 6, side: 'right', cell: ({since}, {now}) => age(now - since)},
    {
      head: 'WHAT',
      columns: 'rest',
      cell: ({held}) => (held === null ? span('being copied', 'busy') : span(held, 'warn')),
    },
  ],
  sorts: [
    {name: 'name', of: ({name}) => name},
    {name: 'size', of: ({bytes}) => -bytes},
    {name: 'age', of: ({since}) => since},
  ],
  empty: ({held}) => [
    held.inbox?.value == null
      ? 'Asking the daemon …'
      : 'Nothing lies in the inbox: what was put there is a job.',
  ],
  above,
  below: ({name, held}, _model, columns) => [
    ...paragraph(` ${name}`, columns, 'strong'),
    ...paragraph(` ${held ?? 'It is waited for to stop changing.'}`, columns),
  ],
  keys,
  wants,
});

const refused = table<Refused>('inbox', {
  name: 'refused',
  title: 'Refused',
  items: ({held}) => held.inbox?.value?.lastRefused ?? none,
  id: ({name, at}) => `${at} ${name}`,
  text: ({name, what}) => `${name} ${what}`,
  columns: [
    {head: 'WHEN', columns: 19, cell: ({at}, {zone}) => momentOf(at, zone)},
    {head: 'FILE', columns: 'rest', cell: ({name}) => name},
    {head: 'WHY', columns: 'rest', cell: ({what}) => span(what, 'warn')},
  ],
  empty: () => ['Nothing was refused.'],
  above,
  below: ({name, what, fix}, _model, columns) => [
    ...paragraph(` ${name}`, columns, 'strong'),
    ...paragraph(` ${what}`, columns, 'warn'),
    ...paragraph(` ${fix}`, columns),
  ],
  keys,
  wants,
});

export const inbox: Screen = {
  name: 'inbox',
  title: 'Inbox',
  about:
    'Every file that lies in the inbox and what it waits for, and what was refused with the reason. dubstead inbox prints the same.',
  panes: [files, refused],
};
