/** Owns the screen of the audit: what was done, by whom, from where, newest first. Pure. */
import type {AnswerOf} from '../../../appliance/api/row.ts';
import type {Rows} from '../../../appliance/api/rows.ts';
import {momentOf} from '../../words.ts';
import {type Screen, table} from '../pane.ts';
import {paragraph, span} from '../text.ts';

type Entry = AnswerOf<Rows['audit.recent']>['entries'][number];

const none: readonly never[] = [];

export const audit: Screen = {
  name: 'audit',
  title: 'Audit',
  about:
    'What was done on this box, by whom and from where; it is added to and never changed. dubstead audit prints the same.',
  panes: [
    table<Entry>('audit', {
      name: 'entries',
      title: 'Audit',
      items: ({held}) => held.audit?.value?.entries ?? none,
      id: ({seq}) => String(seq),
      text: ({action, result, user, address, object, details}) =>
        `${action} ${result} ${user ?? ''} ${address ?? ''} ${object ?? ''} ${JSON.stringify(details)}`,
      columns: [
        {head: 'WHEN', columns: 19, cell: ({time}, {zone}) => momentOf(Date.parse(time), zone)},
        {head: 'WHO', columns: 10, cell: ({user}) => user ?? '-'},
        {head: 'DID', columns: 26, cell: ({action}) => span(action, 'strong')},
        {head: 'HOW', columns: 7, cell: ({result}) => span(result, result === 'ok' ? 'good' : 'warn')},
        {head: 'TO', columns: 'rest', cell: ({object}) => object ?? ''},
        {head: 'FROM', columns: 16, from: 110, cell: ({address}) => address ?? 'the box'},
      ],
      empty: ({held}) => [held.audit?.value == null ? 'Asking the daemon …' : 'Nothing is written down yet.'],
      below: ({details, seq, request}, _model, columns) =>
        paragraph(
          ` ${seq}${request === null ? '' : ` request ${request}`} ${JSON.stringify(details)}`,
          columns,
        ),
      keys: [],
      wants: () => [{of: 'audit', input: {query: {limit: 500}}, everyMs: null}],
    }),
  ],
};
