/** Owns what somebody sets for themselves: each part is a section of its own beside this. */
import type {KeyShown, SessionShown} from '../../../appliance/api/account-shapes.ts';
import type {Usage} from '../../../appliance/api/usage-shapes.ts';
import {useAround, useWords} from '../around.tsx';
import {all, type Call} from '../call.ts';
import {definePage} from '../define.tsx';
import {forgetUploads} from '../uploads.ts';
import {Authenticator} from './settings/authenticator.tsx';
import {Devices} from './settings/devices.tsx';
import {Dubbing, PageLanguage, Visibility} from './settings/dubbing.tsx';
import {Guest} from './settings/guest.tsx';
import {Keys} from './settings/keys.tsx';
import {PasswordChange} from './settings/password.tsx';
import {Pushes} from './settings/pushes.tsx';
import {Space} from './settings/space.tsx';
import {words} from './settings.words.ts';

interface Model {
  readonly sessions: readonly SessionShown[];
  readonly keys: readonly KeyShown[];
  readonly usage: Usage;
}

export const page = definePage<Model>({
  title: (_, language) => words[language].title,
  load,
  View: Settings,
});

async function load(call: Call) {
  const answer = await all([call('auth.sessions', {}), call('keys.list', {}), call('usage.own', {})]);
  if (!answer.ok) return answer;
  const [{sessions}, {keys}, usage] = answer.value;
  return {ok: true as const, value: {sessions, keys, usage}};
}

function Settings({model}: {readonly model: Model}) {
  const {call, me, say} = useAround();
  const text = useWords(words);
  if (me === null) throw new Error('settings are of somebody');
  const leave = async (): Promise<void> => {
    const answer = await call('auth.logout', {});
    if (!answer.ok) return say({is: 'trouble', why: answer.why});
    // A browser that does not let go of its copies now does so when the next person logs in.
    await Promise.race([forgetUploads().catch(() => undefined), new Promise(done => setTimeout(done, 3000))]);
    location.replace('/login');
  };
  return (
    <div class="settings">
      <h1>{text.title}</h1>
      <div class="row between who">
        <p>
          <strong>{me.name}</strong>
          <br />
          <span class="quiet">{text.roles[me.role]}</span>
        </p>
        <button type="button" onClick={() => void leave()}>
          {text.leave}
        </button>
      </div>
      <PageLanguage me={me} />
      <Visibility me={me} />
      <Dubbing me={me} />
      <Pushes me={me} />
      <Guest />
      <Devices sessions={model.sessions} />
      <PasswordChange />
      <Authenticator me={me} />
      <Keys keys={model.keys} me={me} />
      <Space usage={model.usage} />
    </div>
  );
}
