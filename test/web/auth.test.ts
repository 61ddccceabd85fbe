/**
 * Getting in, staying in and being put out, over real sockets. Titles quote what docs/security.md promises.
 */
import {randomBytes} from 'node:crypto';
import {join} from 'node:path';
import {Secret, TOTP} from 'otpauth';
import t, {type Test} from 'tap';
import {checkByArgon2, PasswordHasher} from '../../appliance/accounts/passwords.ts';
import {readAudit} from '../../appliance/audit/read.ts';
import {UserName} from '../../appliance/job.ts';
import {jobOf} from './memory-box.ts';
import {
  addPerson,
  Browser,
  cheap,
  type Network,
  networkOf,
  password,
  phone,
  type Reply,
  send,
} from './people.ts';
import {until} from './served.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

async function boxWith(
  t: Test,
  people: readonly (readonly [string, 'viewer' | 'operator' | 'admin'])[],
  env = {},
): Promise<Network> {
  const net = await networkOf(t, env);
  for (const [name, role] of people) await addPerson(net, name, role);
  return net;
}

async function loggedIn(net: Network, name = 'ann', more: object = {}): Promise<Browser> {
  const browser = new Browser(net.url);
  const reply = await browser.login(name, more);
  if (reply.status !== 200) throw new Error(reply.text);
  return browser;
}

const tokensFor = async (net: Network, name = 'ann'): Promise<{access: string; refresh: string}> =>
  (await send(net.url, '/api/auth/login', {method: 'POST', body: {name, password, as: 'client'}})).json
    .tokens;

const bearer = (token: string) => ({headers: {Authorization: `Bearer ${token}`}});

t.test(
  'no default account: the setup code makes the first admin, once, and no page does it without',
  async t => {
    const net = await networkOf(t);
    const {people} = net.accounts;
    const [first, code] = [await people.setupCode(), await people.setupCode()];
    if (!first.ok || !code.ok) throw new Error('no code');
    t.match(code.value.url, /^http:\/\/attic:8700\/setup#/);
    const browser = new Browser(net.url);
    const redeem = (code: string, more: object = {}): Promise<Reply> =>
      browser.post('/api/auth/redeem', {ticket: null, code, name: 'ann', password, ...more});
    t.match(
      await redeem(first.value.code),
      {status: 403, json: {error: {code: 'code-wrong'}}},
      'an older one is worth nothing',
    );
    t.match(await redeem(code.value.code, {name: 'Ann!'}), {status: 422, json: {error: {code: 'bad-name'}}});
    t.match(await redeem(code.value.code, {password: 'short'}), {
      status: 422,
      json: {error: {code: 'password-too-short'}},
    });
    const entered = await redeem(code.value.code.toUpperCase().replaceAll('-', ' '));
    t.match(entered, {status: 200, json: {me: {name: 'ann', role: 'admin', came: 'session'}, tokens: null}});
    t.match(await browser.ask('/api/auth/me'), {status: 200, json: {name: 'ann'}});
    t.match(await redeem(code.value.code, {name: 'bob'}), {status: 403, json: {error: {code: 'code-used'}}});
    t.match(await people.setupCode(), {ok: false, why: {reason: 'has-users'}});
    const other = await networkOf(t);
    const early = await other.accounts.people.setupCode();
    await addPerson(other, 'zoe', 'operator');
    const late = {ticket: null, code: early.ok ? early.value.code : '', name: 'eve', password};
    t.match(
      await new Browser(other.url).post('/api/auth/redeem', late),
      {status: 409, json: {error: {code: 'has-users'}}},
      'and none once there is somebody, whoever made them',
    );
    t.match(await send(net.url, '/api/auth/me'), {status: 401, json: {error: {code: 'unknown-caller'}}});
  },
);

t.test('unknown name and wrong password can’t be told apart by body, status or time', async t => {
  let work = 0;
  const hasher = await PasswordHasher.open(randomBytes, cheap, (known, text) => {
    work += 1;
    return checkByArgon2(known, text);
  });
  const net = await networkOf(t, {}, {hasher});
  await addPerson(net, 'ann', 'operator');
  await addPerson(net, 'off', 'operator');
  await net.accounts.people.change(UserName.parse('off'), {role: undefined, disabled: true});
  const found = new Set<string>();
  for (const [name, given] of [
    ['ann', 'not her password'],
    ['zoe', password],
    ['off', password],
    ['Ann; DROP', password],
    ['ann', 'x'.repeat(4000)],
  ] as const) {
    work = 0;
    const {status, text, headers} = await send(net.url, '/api/auth/login', {
      method: 'POST',
      body: {name, password: given},
    });
    const {'x-request-id': _, date: __, ...rest} = headers;
    found.add(JSON.stringify([status, text, rest]));
    t.equal(work, 1, `${name}: the same work`);
  }
  t.equal(found.size, 1, 'the same answer');
});

t.test(
  'wrong tries slow the pair of name and address, then the address, and never the owner elsewhere; limits survive a restart',
  async t => {
    const net = await boxWith(t, [
      ['ann', 'operator'],
      ['bob', 'operator'],
    ]);
    const {logins} = net.accounts;
    const from = (address: string) => ({address, agent: undefined});
    const wrong = (name: string, address: string) =>
      logins.login({name, password: 'wrong wrong wrong', code: null}, from(address));
    const right = (name: string, address: string) =>
      logins.login({name, password, code: null}, from(address));
    const all = await Promise.all(Array.from({length: 20}, () => wrong('ann', '10.0.0.1')));
    const looked = all.filter(each => !each.ok && each.why.reason === 'wrong-login').length;
    t.equal(looked, 5, 'of twenty at once five were looked at');
    t.match(
      await right('ann', '10.0.0.1'),
      {ok: false, why: {reason: 'slow-down'}},
      'even the right one waits there',
    );
    t.match(await right('ann', '10.0.0.2'), {ok: true}, 'and its owner is not locked out elsewhere');
    t.match(await right('bob', '10.0.0.1'), {ok: true}, 'nor is anybody else at that address');
    for (let i = 0; i < 60; i++) await wrong(`name${i}`, '10.0.0.1');
    t.match(
      await right('bob', '10.0.0.1'),
      {ok: false, why: {reason: 'slow-down'}},
      'until the address tries too many names',
    );
    t.match(await right('bob', '10.0.0.3'), {ok: true});
    for (let i = 0; i < 6; i++) await wrong('ann', `2001:db8:1:2::${i + 1}`);
    t.match(
      await right('ann', '2001:db8:1:2:ffff::9'),
      {ok: false, why: {reason: 'slow-down'}},
      'IPv6 by /64',
    );
    t.match(await right('ann', '2001:db8:1:3::1'), {ok: true});
    await net.store.stop();
    const again = await networkOf(t, {}, {folder: net.folder, startAt: net.now()});
    const after = await again.accounts.logins.login({name: 'ann', password, code: null}, from('10.0.0.1'));
    t.match(after, {ok: false, why: {reason: 'slow-down'}}, 'and after a restart');
    t.equal([...again.store.all('tries').keys()].join().includes('10.0.0.1'), false, 'no address is kept');
  },
);

t.test('a right password forgets the wrong tries before it; 429 says when', async t => {
  const net = await boxWith(t, [['ann', 'operator']]);
  const browser = new Browser(net.url);
  const wrong = () => browser.post('/api/auth/login', {name: 'ann', password: 'not her password'});
  for (let i = 0; i < 4; i++) t.equal((await wrong()).status, 401);
  t.equal((await browser.login('ann')).status, 200);
  for (let i = 0; i < 5; i++) t.equal((await wrong()).status, 401);
  const late = await wrong();
  t.match(late, {status: 429, json: {error: {code: 'slow-down'}}});
  t.ok(Number(late.headers['retry-after']) > 60, 'minutes, and it says so');
});

t.test(
  'cookies: HttpOnly (all but csrf), SameSite=Lax, Path=/, Secure and __Host- in production',
  async t => {
    const cookiesOf = async (env: Readonly<Record<string, string>>): Promise<readonly string[]> => {
      const net = await boxWith(t, [['ann', 'operator']], env);
      const {headers} = await new Browser(net.url).login('ann');
      return [headers['set-cookie'] ?? []].flat();
    };
    const plain = await cookiesOf({});
    t.match(plain[0], /^session=ds_[\w-]{43}; Path=\/; Max-Age=\d+; SameSite=Lax; HttpOnly$/);
    t.match(plain[1], /^csrf=[\w-]{43}; Path=\/; Max-Age=\d+; SameSite=Lax$/);
    const strict = await cookiesOf({ENV: 'production', CORS_ORIGINS: 'http://attic:8700'});
    t.match(strict[0], /^__Host-session=ds_[\w-]{43}; Path=\/; Max-Age=\d+; SameSite=Lax; HttpOnly; Secure$/);
    t.match(strict[1], /^__Host-csrf=[\w-]{43}; Path=\/; Max-Age=\d+; SameSite=Lax; Secure$/);
  },
);

t.test('CSRF by double submit and by Origin; a key needs neither; GET changes nothing', async t => {
  const net = await boxWith(t, [['ann', 'admin']]);
  const browser = await loggedIn(net);
  const {Cookie = '', Origin = ''} = browser.headers;
  const token = browser.headers['X-CSRF-Token'] ?? '';
  const other = await loggedIn(net);
  const foreign = other.headers['X-CSRF-Token'] ?? '';
  const change = (headers: Readonly<Record<string, string>>) =>
    send(net.url, '/api/queue', {method: 'PUT', body: {mode: 'paused'}, headers});
  for (const [what, headers] of Object.entries({
    'without a token': {Cookie, Origin},
    'with another login’s': {Cookie: Cookie.replace(token, foreign), Origin, 'X-CSRF-Token': foreign},
    'with a made-up pair': {Cookie: Cookie.replace(token, 'x'), Origin, 'X-CSRF-Token': 'x'},
    'without an Origin': {Cookie, 'X-CSRF-Token': token},
    'without the cookie twin': {Cookie: Cookie.split(';')[0] ?? '', Origin, 'X-CSRF-Token': token},
  }))
    t.match(await change(headers), {status: 403, json: {error: {code: 'no-csrf'}}}, what);
  t.match(await change({Cookie, Origin: 'http://evil.example', 'X-CSRF-Token': token}), {
    status: 403,
    json: {error: {code: 'unknown-origin'}},
  });
  t.equal(net.box.mode, 'running', 'nothing was changed');
  t.equal((await change({Cookie, Origin, 'X-CSRF-Token': token})).status, 200);
  const {access} = await tokensFor(net);
  t.equal((await change({Authorization: `Bearer ${access}`})).status, 200);
  t.match(await send(net.url, '/api/queue', {headers: {Cookie}}), {status: 200}, 'reading needs none');
  const text = await send(net.url, '/api/auth/login', {
    method: 'POST',
    headers: {'Content-Type': 'text/plain'},
    body: {name: 'ann', password},
  });
  t.match(text, {status: 415}, 'JSON routes take JSON only');
});

t.test(
  'TOTP: a code works once, even in parallel and across a restart; ten recovery codes, once each',
  async t => {
    const net = await boxWith(t, [['ann', 'operator']]);
    const browser = await loggedIn(net);
    const second = await loggedIn(net);
    const {json} = await browser.post('/api/auth/totp/setup');
    const app = new TOTP({secret: Secret.fromBase32(json.secret)});
    const codeAt = (steps = 0): string => app.generate({timestamp: net.now() + steps * 30_000});
    t.match(json.address, /^otpauth:\/\/totp\/Dubstead:ann\?/);
    t.match(await browser.post('/api/auth/totp/verify', {code: '000000'}), {status: 401});
    t.match(
      await loggedIn(net).then(each => each.ask('/api/auth/me')),
      {json: {totp: false}},
      'not on before it is proven',
    );
    const on = await browser.post('/api/auth/totp/verify', {code: codeAt()});
    t.equal(on.json.codes.length, 10);
    t.match(await browser.ask('/api/auth/me'), {json: {totp: true, recovery: 10}});
    t.match(await second.ask('/api/auth/me'), {status: 401}, 'all other logins ended');
    const login = (more: object) => new Browser(net.url).login('ann', more);
    const half = await login({});
    t.match(half, {status: 401, json: {error: {code: 'code-needed'}}});
    t.equal(half.headers['set-cookie'], undefined, 'between password and code a client holds nothing');
    t.match(
      await login({code: codeAt()}),
      {status: 401, json: {error: {code: 'wrong-code'}}},
      'used to turn it on',
    );
    net.pass(30_000);
    const same = codeAt();
    const parallel = await Promise.all(Array.from({length: 4}, () => login({code: same})));
    t.strictSame(parallel.map(({status}) => status).toSorted(), [200, 401, 401, 401]);
    net.pass(60_000);
    const fresh = codeAt();
    t.equal((await login({code: fresh})).status, 200);
    await net.store.stop();
    const again = await networkOf(t, {}, {folder: net.folder, startAt: net.now()});
    const later = (code: string) => new Browser(again.url).login('ann', {code});
    t.equal((await later(fresh)).status, 401, 'not across a restart either');
    const [one, two] = on.json.codes;
    const spent = await Promise.all([later(one), later(one.toUpperCase())]);
    t.strictSame(spent.map(({status}) => status).toSorted(), [200, 401]);
    t.equal((await later(two)).status, 200);
    t.match(
      again.audited.filter(({action}) => action === 'auth.recovery_code_used'),
      [{user: 'ann', details: {left: 9}}, {details: {left: 8}}],
    );
    const text = JSON.stringify([...again.store.all('users')]);
    for (const code of on.json.codes) t.notOk(text.includes(code), 'kept hashed');
  },
);

t.test(
  'refresh tokens rotate; a replay within a short grace harms nobody, a later one ends the whole family and is audited',
  async t => {
    const net = await boxWith(t, [['ann', 'operator']]);
    const first = await tokensFor(net);
    const refresh = (token: string) =>
      send(net.url, '/api/auth/refresh', {method: 'POST', body: {refresh: token}});
    const second = (await refresh(first.refresh)).json;
    t.match(await refresh(first.refresh), {status: 401, json: {error: {code: 'replayed-within-grace'}}});
    t.equal((await send(net.url, '/api/auth/me', bearer(second.access))).status, 200, 'harmed nobody');
    const third = (await refresh(second.refresh)).json;
    net.pass(minuteMs);
    t.match(await refresh(first.refresh), {status: 401, json: {error: {code: 'reused'}}});
    t.match(
      await send(net.url, '/api/auth/me', bearer(third.access)),
      {status: 401},
      'the whole family ended',
    );
    t.match(await refresh(third.refresh), {status: 401});
    t.match(
      net.audited.filter(({action}) => action === 'auth.refresh_reuse'),
      [{user: 'ann', result: 'refused', address: /127/}],
    );
    for (const odd of ['', 'dr_x', third.access, first.access]) t.equal((await refresh(odd)).status, 401);
  },
);

t.test(
  'access tokens are short-lived and bound to the login; none of another key or algorithm is taken',
  async t => {
    const net = await boxWith(t, [['ann', 'operator']]);
    const {access} = await tokensFor(net);
    const me = (token: string) => send(net.url, '/api/auth/me', bearer(token));
    t.equal((await me(access)).status, 200);
    const [head, body, mark] = access.split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const last = mark?.at(-1) === 'A' ? 'Q' : 'A';
    for (const forged of [
      `${none}.${body}.`,
      `${none}.${body}.${mark}`,
      `${head}.${body}.${mark?.slice(0, -1)}${last}`,
      `${head}.${body}`,
      'x',
    ])
      t.match(await me(forged), {status: 401}, forged.slice(0, 40));
    const elsewhere = await boxWith(t, [['ann', 'operator']]);
    t.match(await send(elsewhere.url, '/api/auth/me', bearer(access)), {status: 401}, 'of another box');
    net.pass(10 * minuteMs + 1000);
    t.match(await me(access), {status: 401}, 'after ten minutes');
    const fresh = await tokensFor(net);
    await send(net.url, '/api/auth/logout', {method: 'POST', ...bearer(fresh.access)});
    t.match(await me(fresh.access), {status: 401}, 'and at once with its login');
  },
);

t.test(
  'a login is a device session: name, address first and last, created, last seen; it can be revoked',
  async t => {
    const net = await boxWith(t, [
      ['ann', 'operator'],
      ['bob', 'operator'],
    ]);
    const [here, there, bobs] = [await loggedIn(net), await loggedIn(net), await loggedIn(net, 'bob')];
    net.pass(5 * minuteMs);
    await there.ask('/api/auth/me');
    const {sessions} = (await here.ask('/api/auth/sessions')).json;
    t.match(sessions, [
      {device: 'Firefox on Android', how: 'password', firstAddress: /127/, lastAddress: /127/},
      {},
    ]);
    t.equal(sessions.length, 2, 'one’s own alone');
    t.equal(sessions.filter(({current}: {current: boolean}) => current).length, 1);
    await until('last seen is noted', async () => {
      const found = (await here.ask('/api/auth/sessions')).json.sessions;
      return found.some(
        ({lastSeen, created}: {lastSeen: number; created: number}) => lastSeen - created === 5 * minuteMs,
      );
    });
    const other = sessions.find(({current}: {current: boolean}) => !current).id;
    const bobsOwn = (await bobs.ask('/api/auth/sessions')).json.sessions[0].id;
    const never = await here.post('/api/auth/sessions/0000000000/revoke');
    const notMine = await here.post(`/api/auth/sessions/${bobsOwn}/revoke`);
    t.match(notMine, {status: 404, text: never.text}, 'another user’s is not there, word for word');
    t.equal((await here.post(`/api/auth/sessions/${other}/revoke`)).status, 200);
    t.equal((await there.ask('/api/auth/me')).status, 401);
    const third = await loggedIn(net);
    t.match(await third.post('/api/auth/sessions/revoke_all'), {json: {ended: 1}});
    t.equal((await here.ask('/api/auth/me')).status, 401);
    t.equal((await third.ask('/api/auth/me')).status, 200);
    t.equal((await bobs.ask('/api/auth/me')).status, 200);
    net.pass(31 * dayMs);
    t.equal((await third.ask('/api/auth/me')).status, 401, 'unused for a month, it is over');
  },
);

t.test(
  'logout, revocation, password, role or TOTP change, and disabling a user end access at once, open streams included',
  async t => {
    const deeds: Readonly<Record<string, (net: Network, other: Browser) => Promise<unknown>>> = {
      logout: (_net, other) => other.post('/api/auth/logout'),
      revocation: net => loggedIn(net).then(each => each.post('/api/auth/sessions/revoke_all')),
      password: net =>
        loggedIn(net).then(each =>
          each.post('/api/auth/password', {password, next: 'another long enough phrase'}),
        ),
      role: net => net.accounts.people.change(UserName.parse('ann'), {role: 'viewer', disabled: undefined}),
      disabled: net => net.accounts.people.change(UserName.parse('ann'), {role: undefined, disabled: true}),
      removed: net => net.accounts.people.remove(UserName.parse('ann')),
    };
    for (const [what, deed] of Object.entries(deeds)) {
      const net = await boxWith(t, [
        ['ann', 'operator'],
        ['root', 'admin'],
      ]);
      const browser = await loggedIn(net);
      const stream = fetch(`${net.url}/api/jobs/events`, {
        headers: {...browser.headers, Accept: 'text/event-stream'},
      });
      const body = (await stream).body?.getReader();
      t.equal((await stream).status, 200);
      await until('it follows', () => net.box.events.followers === 1);
      await deed(net, browser);
      let done = false;
      while (!done) done = (await body?.read().catch(() => ({done: true})))?.done ?? true;
      t.ok(done, `${what}: the stream ended`);
      t.equal((await browser.ask('/api/auth/me')).status, 401, `${what}: and so did the login`);
    }
  },
);

t.test(
  'purge, user and role changes and new keys ask for a password or code given in the last five minutes',
  async t => {
    const net = await boxWith(t, [['ann', 'admin']]);
    const browser = await loggedIn(net);
    const make = () => browser.post('/api/keys', {name: 'backup', scopes: ['read:job']});
    t.equal((await make()).status, 200, 'the login itself was one');
    net.pass(5 * minuteMs);
    const refused = [
      make(),
      browser.post('/api/users', {name: 'zoe', role: 'viewer', password: null}),
      browser.post('/api/users/invite', {role: 'admin'}),
      browser.ask('/api/users/ann', {method: 'PUT', body: {role: 'viewer'}}),
      browser.post('/api/auth/totp/setup'),
      browser.post('/api/purge/plan/a1b2c3d4e5f60718', {files: 2}),
      browser.post('/api/retention/sweep'),
    ];
    for (const reply of await Promise.all(refused))
      t.match(reply, {status: 403, json: {error: {code: 'not-fresh'}}});
    t.match(await browser.post('/api/auth/step-up', {password: 'not her password'}), {
      status: 403,
      json: {error: {code: 'wrong-password'}},
    });
    t.equal((await make()).status, 403);
    t.equal((await browser.post('/api/auth/step-up', {password})).status, 200);
    const made = await make();
    t.equal(made.status, 200);
    const byKey = await send(net.url, '/api/keys', {
      method: 'POST',
      body: {name: 'x', scopes: ['read:job']},
      ...bearer(made.json.text),
    });
    t.equal(byKey.status, 403, 'a key makes none');
  },
);

t.test(
  'keys are shown once, stored hashed, may expire, and can never grant more than their owner holds',
  async t => {
    const net = await boxWith(t, [
      ['ann', 'operator'],
      ['bob', 'operator'],
    ]);
    const browser = await loggedIn(net);
    const make = (scopes: readonly string[], more: object = {}) =>
      browser.post('/api/keys', {name: 'script', scopes, ...more});
    t.match(await make(['admin:*']), {status: 403, json: {error: {code: 'beyond-role'}}});
    const {text, key} = (await make(['read:job'], {expires: net.now() + dayMs})).json;
    t.match(text, /^dp_/);
    const guess = `${text.slice(0, 20)}${text[20] === 'A' ? 'B' : 'A'}${text.slice(21)}`;
    t.match(await send(net.url, '/api/jobs', bearer(guess)), {status: 401}, 'its name alone opens nothing');
    t.notOk(JSON.stringify([...net.store.all('keys')]).includes(text));
    t.notOk((await browser.ask('/api/keys')).text.includes(text));
    t.equal((await send(net.url, '/api/jobs', bearer(text))).status, 200);
    await until(
      'its use is noted',
      async () => (await browser.ask('/api/keys')).json.keys[0].lastUsed !== null,
    );
    t.match(
      net.audited.filter(({action}) => action === 'api_key.used'),
      [{user: 'ann', object: `key:${key.id}`}],
    );
    for (const [path, method] of [
      ['/api/jobs/0000000001/cancel', 'POST'],
      ['/api/auth/sessions', 'GET'],
      ['/api/keys', 'GET'],
      ['/api/auth/qr/offer', 'POST'],
    ] as const)
      t.match(
        await send(net.url, path, {method, ...bearer(text)}),
        {status: 403, json: {error: {code: 'not-allowed'}}},
        path,
      );
    const bobs = await loggedIn(net, 'bob');
    const notMine = await bobs.post(`/api/keys/${key.id}/revoke`);
    t.match(notMine, {status: 404, text: (await bobs.post('/api/keys/000000000000/revoke')).text});
    const second = (await make(['submit:job'])).json;
    await net.accounts.people.change(UserName.parse('ann'), {role: 'viewer', disabled: undefined});
    t.equal(
      (await send(net.url, '/api/jobs/0000000001/cancel', {method: 'POST', ...bearer(second.text)})).status,
      403,
      'its owner’s role counts now',
    );
    net.pass(dayMs);
    t.equal((await send(net.url, '/api/jobs', bearer(text))).status, 401, 'expired');
  },
);

t.test('an admin ends the logins and keys of one person, or of all; their own login goes on', async t => {
  const net = await boxWith(t, [
    ['ann', 'admin'],
    ['bob', 'operator'],
    ['cyn', 'viewer'],
  ]);
  const admin = await loggedIn(net);
  const [here, there, bobs] = [await loggedIn(net), await loggedIn(net), await loggedIn(net, 'bob')];
  const cyns = await loggedIn(net, 'cyn');
  const status = async (who: Browser) => (await who.ask('/api/auth/me')).status;
  const end = (user: unknown) => admin.post('/api/admin/sessions/revoke_all', {user});
  const {key, text} = (await bobs.post('/api/keys', {name: 'script', scopes: ['read:job']})).json;
  t.match(await cyns.post('/api/admin/sessions/revoke_all', {user: null}), {status: 403});
  t.match(await end('nobody'), {status: 404, json: {error: {code: 'no-such-user'}}});
  t.match(await end(undefined), {status: 400}, 'whose has to be said');
  t.match(await end('bob'), {status: 200, json: {ended: 1}});
  t.strictSame([await status(bobs), await status(cyns), await status(here)], [401, 200, 200]);
  t.equal((await send(net.url, '/api/jobs', bearer(text))).status, 200, 'a key is no login');
  t.match(await end('ann'), {json: {ended: 2}}, 'of one’s own all but this one');
  t.strictSame([await status(admin), await status(here), await status(there)], [200, 401, 401]);
  await loggedIn(net, 'bob');
  t.match(await end(null), {json: {ended: 2}});
  t.strictSame([await status(admin), await status(cyns)], [200, 401]);

  t.match((await admin.ask('/api/admin/keys')).json, {keys: [{id: key.id, owner: 'bob', revoked: null}]});
  t.match((await admin.ask('/api/admin/keys?user=cyn')).json, {keys: {length: 0}});
  t.notMatch((await admin.ask('/api/admin/keys')).text, 'hash');
  t.match(await admin.post(`/api/keys/${key.id}/revoke`), {status: 404}, 'it is not one’s own');
  t.match(await admin.post('/api/admin/keys/000000000000/revoke'), {status: 404});
  t.match(await admin.post(`/api/admin/keys/${key.id}/revoke`), {json: {id: key.id, revoked: net.now()}});
  t.equal((await send(net.url, '/api/jobs', bearer(text))).status, 401);
  net.pass(dayMs);
  for (const [path, body] of [
    ['/api/admin/sessions/revoke_all', {user: null}],
    [`/api/admin/keys/${key.id}/revoke`, undefined],
  ] as const)
    t.match(await admin.post(path, body), {status: 403, json: {error: {code: 'not-fresh'}}}, path);
  await net.audit.flush();
  const written = await readAudit(join(net.folder, 'audit'), {limit: 100});
  const objects = written
    .filter(({result}) => result === 'ok')
    .map(({action, object}) => `${action} ${object}`);
  for (const line of [
    ...['auth.session_revoked sessions of bob: 1', 'auth.session_revoked sessions of everybody: 2'],
    ...['admin.viewed keys of everybody', 'admin.viewed keys of cyn', `api_key.revoke key:${key.id}`],
  ])
    t.ok(objects.includes(line), line);
});

t.test('the last admin can’t be removed, demoted or disabled', async t => {
  const net = await boxWith(t, [
    ['ann', 'admin'],
    ['bob', 'operator'],
  ]);
  const browser = await loggedIn(net);
  for (const [method, body] of [
    ['PUT', {role: 'viewer'}],
    ['PUT', {disabled: true}],
    ['DELETE', undefined],
  ] as const)
    t.match(await browser.ask('/api/users/ann', {method, ...(body && {body})}), {
      status: 409,
      json: {error: {code: 'last-admin'}},
    });
  t.equal((await browser.ask('/api/users/bob', {method: 'PUT', body: {role: 'admin'}})).status, 200);
  t.equal((await browser.ask('/api/users/ann', {method: 'DELETE'})).status, 200);
  t.equal((await browser.ask('/api/auth/me')).status, 401);
});

t.test('an invitation lets somebody in once, with the role it says; a reset code ends what was', async t => {
  const net = await boxWith(t, [['ann', 'admin']]);
  const admin = await loggedIn(net);
  const invite = (await admin.post('/api/users/invite', {role: 'operator'})).json;
  t.match(invite.url, new RegExp(`/join#${invite.ticket}\\.`));
  const guest = new Browser(net.url);
  const join = (more: object = {}) =>
    guest.post('/api/auth/redeem', {
      ticket: invite.ticket,
      code: invite.code,
      name: 'bob',
      password,
      ...more,
    });
  t.match(await join({name: 'ann'}), {status: 409, json: {error: {code: 'name-taken'}}});
  const both = await Promise.all([join({name: 'bob'}), join({name: 'carl'})]);
  t.strictSame(both.map(({status}) => status).toSorted(), [200, 403], 'of two at once one is in');
  t.match((await guest.ask('/api/auth/me')).json, {role: 'operator'});
  const name = (await guest.ask('/api/auth/me')).json.name;
  const reset = (await admin.post(`/api/users/${name}/reset`)).json;
  const next = {ticket: reset.ticket, code: reset.code, password: 'something new and long'};
  for (let i = 0; i < 10; i++) await net.accounts.people.redeem({...next, code: 'wrong', name: null}, phone);
  t.match(await guest.post('/api/auth/redeem', next), {status: 403, json: {error: {code: 'code-worn-out'}}});
  const again = (await admin.post(`/api/users/${name}/reset`)).json;
  t.equal(
    (await new Browser(net.url).post('/api/auth/redeem', {...next, ticket: again.ticket, code: again.code}))
      .status,
    200,
  );
  t.equal((await guest.ask('/api/auth/me')).status, 401);
  net.pass(minuteMs);
  const late = (await admin.post('/api/users/invite', {role: 'viewer', days: 1})).json;
  net.pass(dayMs);
  const tooLate = await guest.post('/api/auth/redeem', {
    ticket: late.ticket,
    code: late.code,
    name: 'dora',
    password,
  });
  t.match(tooLate, {status: 403, json: {error: {code: 'code-expired'}}});
});

t.test(
  'QR login: bound to the browser that made it, two minutes, once; the approver sees device, address and a number',
  async t => {
    const net = await boxWith(t, [
      ['ann', 'admin'],
      ['bob', 'viewer'],
    ]);
    const [signedIn, desk, thief] = [await loggedIn(net, 'bob'), new Browser(net.url), new Browser(net.url)];
    const {id, number, url, secret} = (await desk.post('/api/auth/qr/init', {})).json;
    t.equal(secret, null, 'a browser keeps it in a cookie');
    t.ok(url.endsWith(`#${id}`));
    t.match(await signedIn.ask(`/api/auth/qr/${id}`), {
      json: {device: 'Firefox on Android', address: /127/, number, state: 'waiting'},
    });
    t.match(await desk.post(`/api/auth/qr/${id}/redeem`, {}), {
      status: 409,
      json: {error: {code: 'not-approved'}},
    });
    const polled = desk.ask(`/api/auth/qr/${id}/poll`);
    t.match(await thief.ask(`/api/auth/qr/${id}/poll`), {status: 404}, 'another browser is told nothing');
    t.match(await thief.post(`/api/auth/qr/${id}/approve`, {number}), {status: 401});
    t.match(await signedIn.ask(`/api/auth/qr/${id}/approve`), {status: 405}, 'approved by POST alone');
    t.match(
      await signedIn.post(`/api/auth/qr/${id}/approve`, {number, user: 'ann'}),
      {status: 403, json: {error: {code: 'whose'}}},
      'as nobody else',
    );
    t.match(await signedIn.post(`/api/auth/qr/${id}/approve`, {number}), {
      status: 200,
      json: {state: 'approved'},
    });
    t.match(await polled, {status: 200, json: {state: 'approved'}});
    t.match(await thief.post(`/api/auth/qr/${id}/redeem`, {}), {status: 404}, 'nor let in');
    const twice = await Promise.all([
      desk.post(`/api/auth/qr/${id}/redeem`, {}),
      desk.post(`/api/auth/qr/${id}/redeem`, {}),
    ]);
    t.strictSame(twice.map(({status}) => status).toSorted(), [200, 404], 'once');
    t.match((await desk.ask('/api/auth/me')).json, {name: 'bob', role: 'viewer', freshUntil: null});
    t.match(await desk.post('/api/keys', {name: 'x', scopes: ['read:job']}), {
      status: 403,
      json: {error: {code: 'by-qr'}},
    });
    await desk.post('/api/auth/step-up', {password});
    t.match(
      await desk.post('/api/keys', {name: 'x', scopes: ['read:job']}),
      {status: 403},
      'not even with the password',
    );
    const next = (await thief.post('/api/auth/qr/init', {})).json;
    const wrong = String(((Number(next.number) - 10 + 1) % 90) + 10);
    t.match(await signedIn.post(`/api/auth/qr/${next.id}/approve`, {number: wrong}), {
      status: 403,
      json: {error: {code: 'wrong-number'}},
    });
    t.match(
      await signedIn.post(`/api/auth/qr/${next.id}/approve`, {number: next.number}),
      {status: 409},
      'one guess',
    );
    const late = (await thief.post('/api/auth/qr/init', {})).json;
    net.pass(2 * minuteMs);
    t.match(
      await signedIn.post(`/api/auth/qr/${late.id}/approve`, {number: late.number}),
      {status: 404},
      'two minutes',
    );
  },
);

t.test(
  'the other way round: a phone scans what a signed-in screen shows, and that screen still has to say yes',
  async t => {
    const net = await boxWith(t, [['bob', 'operator']]);
    const [screen, pocket] = [await loggedIn(net, 'bob'), new Browser(net.url)];
    const {offer, url} = (await screen.post('/api/auth/qr/offer', {})).json;
    t.ok(url.endsWith(`/login#qr.${offer}`));
    const asked = await pocket.post('/api/auth/qr/init', {offer, as: 'client'});
    t.match(await pocket.post('/api/auth/qr/init', {offer}), {status: 404}, 'one code, one device');
    const {intents} = (await screen.ask('/api/auth/qr')).json;
    t.match(intents, [{id: asked.json.id, number: asked.json.number}]);
    t.equal(
      (await screen.post(`/api/auth/qr/${asked.json.id}/approve`, {number: asked.json.number})).status,
      200,
    );
    const entered = await pocket.ask(`/api/auth/qr/${asked.json.id}/redeem`, {
      ...{method: 'POST', body: {as: 'client'}},
      headers: {'X-Intent-Secret': asked.json.secret},
    });
    t.match(entered.json, {me: {name: 'bob'}, tokens: {access: /./}});
    const off = await networkOf(t, {}, {qr: false});
    t.match(await new Browser(off.url).post('/api/auth/qr/init', {}), {
      status: 403,
      json: {error: {code: 'qr-off', fix: /ENABLE_QR_LOGIN/}},
    });
  },
);

t.test('every route has a rate-limit bucket per user and per address; 429 says when', async t => {
  const net = await boxWith(t, [
    ['ann', 'operator'],
    ['bob', 'operator'],
  ]);
  const [ann, bob] = [await loggedIn(net), await loggedIn(net, 'bob')];
  const asked = await Promise.all(
    Array.from({length: 70}, () => ann.ask('/api/auth/refresh', {method: 'POST', body: {refresh: 'x'}})),
  );
  t.strictSame([...new Set(asked.map(({status}) => status))], [401], 'nobody yet is slowed');
  const many = await Promise.all(Array.from({length: 310}, () => ann.post('/api/jobs/0000000001/cancel')));
  const late = many.find(({status}) => status === 429);
  t.match(late, {json: {error: {code: 'too-often'}}});
  t.ok(Number(late?.headers['retry-after']) <= 60);
  t.equal(
    (await bob.post('/api/jobs/0000000001/cancel')).status,
    404,
    'somebody else at the same address goes on',
  );
  t.equal((await ann.ask('/api/jobs')).status, 200, 'and so does she elsewhere');
});

t.test('a page of a listed address may ask with a key, and no other; none comes with cookies', async t => {
  const net = await boxWith(t, [['ann', 'operator']], {CORS_ORIGINS: 'https://tools.example.org'});
  const {access} = await tokensFor(net);
  const from = (Origin: string, more: object = {}) =>
    send(net.url, '/api/jobs', {headers: {...bearer(access).headers, Origin}, ...more});
  const listed = await from('https://tools.example.org');
  t.match(listed, {
    status: 200,
    headers: {'access-control-allow-origin': 'https://tools.example.org', vary: 'Origin'},
  });
  t.equal(listed.headers['access-control-allow-credentials'], undefined);
  const evil = await from('https://evil.example');
  t.match(evil, {status: 403, json: {error: {code: 'unknown-origin'}}});
  t.equal(evil.headers['access-control-allow-origin'], undefined);
  const before = await from('https://tools.example.org', {method: 'OPTIONS'});
  t.match(before, {
    status: 204,
    headers: {'access-control-allow-methods': /GET/, 'access-control-allow-headers': /Authorization/},
  });
});

t.test('no secret reaches the audit, and every login, failure and change of people is in it', async t => {
  const net = await boxWith(t, [['ann', 'admin']]);
  const browser = await loggedIn(net);
  await new Browser(net.url).post('/api/auth/login', {name: 'ann', password: 'my dog is called Rex'});
  const {text} = (await browser.post('/api/keys', {name: 'x', scopes: ['read:job']})).json;
  const {code} = (await browser.post('/api/users/invite', {role: 'viewer'})).json;
  await browser.ask('/api/users/ann', {method: 'PUT', body: {role: 'admin'}});
  await browser.post('/api/auth/logout');
  await net.audit.flush();
  const {readFile, readdir} = await import('node:fs/promises');
  const folder = `${net.folder}/audit`;
  const files = (await readdir(folder)).filter(name => name.endsWith('.jsonl'));
  const written = (await Promise.all(files.map(name => readFile(`${folder}/${name}`, 'utf8')))).join('');
  const secrets = [password, 'my dog', text, code, ...browser.cookies.values()];
  for (const secret of secrets) t.notOk(written.includes(secret), secret.slice(0, 8));
  for (const action of [
    'auth.login_ok',
    'auth.login_failed',
    'api_key.create',
    'admin.user_invited',
    'admin.user_changed',
    'auth.logout',
  ])
    t.ok(written.includes(`"${action}"`), action);
});

t.test('a job is its owner’s: another user’s answers 404 as if it were not there', async t => {
  const net = await boxWith(t, [
    ['ann', 'operator'],
    ['bob', 'operator'],
    ['root', 'admin'],
  ]);
  net.box.all.set(jobOf(1).id, jobOf(1));
  const [ann, bob, root] = [await loggedIn(net), await loggedIn(net, 'bob'), await loggedIn(net, 'root')];
  const path = `/api/jobs/${jobOf(1).id}`;
  t.equal((await ann.ask(path)).status, 200);
  t.match(await bob.ask(path), {status: 404, text: (await bob.ask('/api/jobs/000000000z')).text});
  t.equal((await root.ask(path)).status, 200);
  t.equal((await bob.ask('/api/jobs')).json.jobs.length, 0);
});

t.test(
  'an open screen is no place to try passwords out: another refusal in between forgets none',
  async t => {
    const net = await boxWith(t, [['ann', 'operator']]);
    const browser = await loggedIn(net);
    const change = (given: string, next: string) =>
      browser.post('/api/auth/password', {password: given, next});
    for (let i = 0; i < 5; i++) {
      const found = await change('not her password', 'another long enough phrase');
      t.match(found, {status: 403, json: {error: {code: 'wrong-password'}}});
      if (i < 4) t.match(await change('not her password', 'short'), {status: 422});
    }
    t.match(await change(password, 'another long enough phrase'), {
      status: 429,
      json: {error: {code: 'slow-down'}},
    });
  },
);
