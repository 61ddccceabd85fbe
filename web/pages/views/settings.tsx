/** Owns what somebody sets for themselves. */
import {useAround} from '../around.tsx';
import {definePage} from '../define.tsx';
import {forgetUploads} from '../uploads.ts';

export const page = definePage<null>({
  title: () => 'Settings',
  load: async () => ({ok: true, value: null}),
  View: Settings,
});

function Settings() {
  const {call, me} = useAround();
  const leave = async (): Promise<void> => {
    await forgetUploads();
    await call('auth.logout', {});
    location.replace('/login');
  };
  return (
    <>
      <h1>Settings</h1>
      <p>
        {me?.name}, {me?.role}
      </p>
      <button type="button" onClick={() => void leave()}>
        Log out
      </button>
    </>
  );
}
