/** What the settings make of push, and that nothing of it shows a secret. */
import {inspect} from 'node:util';
import t from 'tap';
import {Secret} from '../../../appliance/config/secret.ts';
import {type PushSettings, pushModeOf} from '../../../supervisor/push/settings.ts';

const home: PushSettings = {
  NOTIFY_ON_JOB_DONE: true,
  NTFY_BASE_URL: 'https://ntfy.example',
  NTFY_TOPIC: new Secret('hidden-topic'),
  NTFY_TOKEN: null,
  NOTIFY_TITLES: true,
  OFFLINE_MODE: false,
  ALLOW_EGRESS: true,
  PUBLIC_BASE_URL: null,
  DATA_DIR: '/srv/dub',
  INBOX_DIR: '/srv/dub/inbox',
  OUTPUT_DIR: '/films',
};

function on(settings: Partial<PushSettings>) {
  const mode = pushModeOf({...home, ...settings});
  if (mode.is !== 'on') throw new Error(mode.why);
  return mode;
}

t.test('on means a target, the words that may be used, and what to warn of', async t => {
  const PUBLIC_BASE_URL = 'https://dub.example';
  const {target, wording, warning} = on({NTFY_TOKEN: new Secret('tk_hidden'), PUBLIC_BASE_URL});
  t.equal(target.url.href, 'https://ntfy.example/');
  t.equal(target.topic.reveal(), 'hidden-topic');
  t.equal(target.token?.reveal(), 'tk_hidden');
  const folders = ['/srv/dub/inbox', '/srv/dub', '/films'];
  t.strictSame(wording, {titles: true, publicBaseUrl: PUBLIC_BASE_URL, dataDir: '/srv/dub', folders});
  t.equal(warning, null);
  t.equal(on({}).target.token, null);
  t.equal(on({NOTIFY_TITLES: false}).wording.titles, false);
});

t.test('off says so, whatever else is set', async t => {
  const off = {...home, NOTIFY_ON_JOB_DONE: false};
  const said = {is: 'off', why: 'NOTIFY_ON_JOB_DONE is not set.'};
  t.strictSame(pushModeOf(off), said);
  t.strictSame(pushModeOf({...off, NTFY_BASE_URL: null, NTFY_TOPIC: null, OFFLINE_MODE: true}), said);
});

t.test('what forbids it is named, even for a server on this machine', async t => {
  const table = [
    [{OFFLINE_MODE: true}, /^OFFLINE_MODE=1 .*NOTIFY_ON_JOB_DONE=0/],
    [{ALLOW_EGRESS: false}, /^ALLOW_EGRESS=0 /],
    [{OFFLINE_MODE: true, ALLOW_EGRESS: false}, /^OFFLINE_MODE=1 /],
    [{OFFLINE_MODE: true, NTFY_BASE_URL: 'http://127.0.0.1:80'}, /^OFFLINE_MODE=1 /],
  ] as const;
  for (const [settings, why] of table) t.match(pushModeOf({...home, ...settings}), {is: 'withheld', why});
});

t.test('a push in the clear is warned of, but not on this machine', async t => {
  const clear = {NTFY_BASE_URL: 'http://192.168.1.5:8080'};
  t.match(on(clear).warning, /^Pushes travel unencrypted to 192\.168\.1\.5:8080: .*NTFY_BASE_URL/);
  t.match(on({...clear, NTFY_TOKEN: new Secret('tk_hidden')}).warning, /^NTFY_TOKEN and pushes/);
  for (const host of ['localhost', '127.0.0.1:2586', '127.1.2.3', '[::1]:80'])
    t.equal(on({NTFY_BASE_URL: `http://${host}`}).warning, null, host);
  for (const host of ['localhost.example', '127.example', '10.0.0.1'])
    t.match(on({NTFY_BASE_URL: `http://${host}`}).warning, host);
});

t.test('settings that nobody checked are a fault, not a push to nowhere', async t => {
  t.throws(() => pushModeOf({...home, NTFY_TOPIC: null}), /without a server or a topic/);
  t.throws(() => pushModeOf({...home, NTFY_BASE_URL: null}), /without a server or a topic/);
});

t.test('printed or logged, the mode shows neither topic nor token', async t => {
  const mode = on({NTFY_TOKEN: new Secret('tk_hidden'), NTFY_BASE_URL: 'http://10.0.0.1'});
  t.notMatch(JSON.stringify(mode) + inspect(mode, {depth: 9}), /hidden/);
});
