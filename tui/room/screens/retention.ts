import type {Screen} from '../pane.ts';

export const retention: Screen = {
  name: 'retention',
  title: 'Retention',
  about: '',
  panes: [{is: 'text', name: 'retention', title: 'Retention', keys: [], wants: () => [], text: () => []}],
};
