import {definePage} from '../define.tsx';

export const page = definePage<null>({
  title: () => 'add',
  load: async () => ({ok: true, value: null}),
  View: () => <h1>add</h1>,
});
