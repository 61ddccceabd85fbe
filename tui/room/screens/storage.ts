import type {Screen} from '../pane.ts';

export const storage: Screen = {
  name: 'storage',
  title: 'Storage',
  about: '',
  panes: [{is: 'text', name: 'storage', title: 'Storage', keys: [], wants: () => [], text: () => []}],
};
