import {definePage} from '../define.tsx';

export const page = definePage<null>({
  title: () => 'admin',
  load: async () => ({ok: true, value: null}),
  View: () => <h1>admin</h1>,
});
