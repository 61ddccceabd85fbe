/** Owns how the shell stands on the screen: what it draws, and the way back. Pure. */
import type {Screen} from '../pane.ts';
import {line, span} from '../text.ts';

export const shell: Screen = {
  name: 'shell',
  title: 'Shell',
  about:
    'A shell of your own on this box. All keys are its own but one: Ctrl-] leads back, and it goes on meanwhile.',
  panes: [
    {
      is: 'text',
      name: 'shell',
      title: 'Shell',
      keys: [
        {
          keys: ['C-]'],
          short: 'back to the screens',
          does: 'back; the shell goes on',
          run: model => [model, []],
        },
      ],
      wants: () => [],
      text: ({shell}) => shell ?? [line(span(' The shell is being started …', 'dim'))],
    },
  ],
};
