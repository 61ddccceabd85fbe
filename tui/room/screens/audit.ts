/** Owns the screen of the audit: what was done, by whom, from where, the newest first, as it is written. Pure. */

import type {TrailEntry, TrailVerdict} from '../../../appliance/api/trail-rows.ts';
import {answerTimes} from '../../answer-times.ts';
import {verdictLines} from '../../views/audit.ts';
import {momentOf} from '../../words.ts';
import {type Model, saying, type Turn} from '../model.ts';
import {type Screen, table} from '../pane.ts';
import {paragraph, span} from '../text.ts';

export const audit: Screen = {
  name: 'audit',
  title: 'Audit',
  about:
    'What was done on this box, by whom and from where; it is added to and never changed. dubstead audit prints the same.',
  panes: [
    table<TrailEntry>('audit', {
      name: 'entries',
      title: 'Audit',
      items: ({trail}) => trail.entries,
      id: ({seq}) => String(seq),
      text: ({action, result, user, address, object, details}) =>
        `${action} ${result} ${user ?? ''} ${address ?? ''} ${object ?? ''} ${JSON.stringify(details)}`,
      columns: [
        {head: 'WHEN', columns: 19, cell: ({time}, {zone}) => momentOf(Date.parse(time), zone)},
        {head: 'WHO', columns: 10, from: 75, cell: ({user}) => user ?? '-'},
        {head: 'DID', columns: 25, cell: ({action}) => span(action, 'strong')},
        {head: 'HOW', columns: 7, cell: ({result}) => span(result, result === 'ok' ? 'good' : 'warn')},
        {head: 'TO', columns: 'rest', cell: ({object}) => object ?? ''},
        {head: 'FROM', columns: 16, from: 110, cell: ({address}) => address ?? 'the box'},
      ],
      sorts: [
        {name: 'who', of: ({user}) => user ?? ''},
        {name: 'what', of: ({action}) => action},
      ],
      empty: ({trail}) => [trail.isHeard ? 'Nothing is written down yet.' : 'Asking the daemon …'],
      above: ({trail}, columns) =>
        trail.hasGaps
          ? paragraph(
              ' Some entries came while nobody listened: leave this screen and come back for them.',
              columns,
              'warn',
            )
          : [],
      below: ({details, seq, request, address, object, action}, _model, columns) => [
        ...paragraph(
          ` ${seq}: ${action}${object === null ? '' : ` to ${object}`}, from ${address ?? 'the box'}`,
          columns,
          'strong',
        ),
        ...paragraph(` ${request === null ? '' : `request ${request} `}${JSON.stringify(details)}`, columns),
      ],
      keys: [{keys: ['v'], short: 'verify', does: 'check every line against the one before it', run: verify}],
      wants: () => [],
    }),
  ],
};

function verify(model: Model): Turn {
  return [
    saying(model, 'Every line is being checked …', 'busy'),
    [
      {
        is: 'do',
        deed: {
          calls: [{row: 'audit.verify', input: {}}],
          done: 'The audit was checked.',
          answerMs: answerTimes.verify,
          refresh: [],
          leadsTo: ([answer], after) => {
            // Its row has parsed it.
            const wide = Math.min(72, after.size.columns - 10);
            const words = verdictLines(answer as TrailVerdict, after.zone);
            const text = words.flatMap(one => paragraph(one, wide));
            return [{...after, dialog: {is: 'text', title: 'The audit', text, top: 0}}, []];
          },
        },
      },
    ],
  ];
}
