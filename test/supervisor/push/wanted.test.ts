/** Who has switched pushes off gets none written for them; everybody else does. */
import t from 'tap';
import {added, usualPreferences, withPreferences} from '../../../appliance/accounts/user.ts';
import {anna} from '../home.ts';
import {Wired} from '../wired.ts';

t.test('a push is queued unless its owner has switched them off', async t => {
  const env = {
    ...{NOTIFY_ON_JOB_DONE: '1', NTFY_BASE_URL: 'http://127.0.0.1:1', NTFY_TOPIC: 'dub-4fGh_9'},
    INBOX_OWNER: 'anna',
  };
  for (const on of [true, false, null]) {
    const wired = await Wired.at(t, {env});
    const {store} = wired.parts.ground;
    await store.commit(draft => {
      const user = added([], {name: anna, role: 'operator', password: null, at: 1});
      if (!user.ok) throw new Error(user.why.reason);
      const preferences = {...usualPreferences, push: {on: on === true, topic: null}};
      if (on !== null) draft.put('users', anna, withPreferences(user.value, preferences));
    });
    const id = await wired.submit('hear; dub words film.es.mkv');
    await wired.until(id, 'done');
    t.equal(store.all('pushes').size, on === false ? 0 : 1, String(on));
    await wired.stop();
  }
});
