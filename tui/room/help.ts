/** Owns the words of the help, made of the same tables that keys go by. Pure. */
import {padded} from '../width.ts';
import type {Binding, Pane, Screen} from './pane.ts';
import {type Line, line, paragraph, span} from './text.ts';

const keyColumns = 16;

export function helpLines(
  {title, about}: Screen,
  pane: Pane,
  everywhere: readonly Binding[],
  columns: number,
): readonly Line[] {
  const wide = Math.min(76, columns - 8);
  const isOwn = (key: string): boolean => pane.keys.some(({keys}) => keys.includes(key));
  return [
    line(span(title, 'title')),
    ...paragraph(about, wide),
    ...(pane.keys.length === 0 ? [] : [line(), line(span(`Keys of ${pane.title}`, 'strong'))]),
    ...pane.keys.flatMap(key => keyLines(key, wide)),
    line(),
    line(span('Keys everywhere', 'strong')),
    ...everywhere.filter(({keys}) => !keys.every(isOwn)).flatMap(key => keyLines(key, wide)),
    line(),
    ...paragraph(
      'Keys that change something do nothing with --read-only. What destroys asks first, and its default is to do nothing.',
      wide,
      'dim',
    ),
  ];
}

function keyLines({keys, does, changes}: Binding, columns: number): readonly Line[] {
  const names = keys.length > 4 ? `${keys[0] ?? ''}-${keys.at(-1) ?? ''}` : keys.map(keyName).join(' ');
  const words = `${does}${changes === true ? ' (changes)' : ''}`;
  return paragraph(words, columns - keyColumns).map((part, i) =>
    line(span(padded(i === 0 ? names : '', keyColumns), 'key'), ...part),
  );
}

export function keyName(key: string): string {
  const names: Readonly<Record<string, string>> = {
    ...{up: '↑', down: '↓', left: '←', right: '→', escape: 'Esc', enter: 'Enter', space: 'Space'},
    ...{tab: 'Tab', 'S-tab': 'Shift-Tab', pageup: 'PgUp', pagedown: 'PgDn', home: 'Home', end: 'End'},
  };
  return names[key] ?? key.replace(/^C-(.)$/, (_, letter: string) => `Ctrl-${letter.toUpperCase()}`);
}
