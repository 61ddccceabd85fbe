import {definePage} from '../define.tsx';

export const page = definePage<null>({
  title: () => 'library',
  load: async () => ({ok: true, value: null}),
  View: () => <h1>library</h1>,
});
