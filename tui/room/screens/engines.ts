/** Owns the screen of engines: which are ready, why others are not, and which languages they know. Pure. */
import type {EnginesShown} from '../../../appliance/api/room-rows.ts';
import {type Screen, table} from '../pane.ts';
import {line, paragraph, span} from '../text.ts';

type Engine = EnginesShown['engines'][number];

const none: readonly never[] = [];

export const engines: Screen = {
  name: 'engines',
  title: 'Engines',
  about:
    'What recognises, translates and speaks on this box, what each needs, and which languages they know. dubstead engines prints the same.',
  panes: [
    table<Engine>('engines', {
      name: 'engines',
      title: 'Engines',
      items: ({held}) => held.engines?.value?.engines ?? none,
      id: ({kind, name}) => `${kind} ${name}`,
      text: ({name, kind, about, detail, ready}) =>
        `${name} ${kind} ${about} ${detail} ${ready ? 'ready' : 'missing'}`,
      columns: [
        {head: 'KIND', columns: 12, cell: ({kind}) => kind},
        {head: 'ENGINE', columns: 18, cell: ({name}) => span(name, 'strong')},
        {
          head: 'STATE',
          columns: 9,
          cell: ({ready}) => (ready ? span('ready', 'good') : span('NOT READY', 'warn')),
        },
        {head: 'VERSION, OR WHY NOT', columns: 'rest', cell: ({detail}) => detail},
      ],
      sorts: [
        {name: 'state', of: ({ready}) => (ready ? 0 : 1)},
        {name: 'name', of: ({name}) => name},
      ],
      empty: ({held}) => [
        held.engines?.value == null
          ? 'Asking the daemon: engines are tried, which takes a moment …'
          : 'There are no engines.',
      ],
      above: ({held}, columns) => {
        const pairs = held.engines?.value?.pairs ?? [];
        const words =
          pairs.length === 0
            ? 'No pair of languages is ready.'
            : `From and into: ${pairs.join(', ')}; with subtitles in it, into any voice's language.`;
        return held.engines?.value == null ? [] : [...paragraph(` ${words}`, columns), line()];
      },
      below: ({name, about, detail, ready}, _model, columns) => [
        ...paragraph(` ${name}: ${about}`, columns, 'strong'),
        ...paragraph(
          ` ${ready ? 'Ready, version' : 'Not ready:'} ${detail}`,
          columns,
          ready ? 'plain' : 'warn',
        ),
      ],
      keys: [
        {
          keys: ['r'],
          short: 'ask again',
          does: 'ask what is ready now',
          run: model => [model, [{is: 'refresh', of: ['engines']}]],
        },
      ],
      wants: () => [{of: 'engines', input: {}, everyMs: null}],
    }),
  ],
};
