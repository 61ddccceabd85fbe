/** The audit over the network: one's own for everybody, all of it for admins, and that is written down. */

import {appendFile, readFile, writeFile} from 'node:fs/promises';
import {request} from 'node:http';
import t from 'tap';
import {readRecent} from '../../appliance/audit/recent.ts';
import {trailOf} from '../../supervisor/trail.ts';
import {addPerson, Browser, networkOf} from './people.ts';
import {until} from './served.ts';

t.test('everybody reads what they did, an admin reads all, and an admin’s look is an entry', async t => {
  const net = await networkOf(t);
  net.box.trail = trailOf(`${net.folder}/audit`, net.audit);
  const enter = async (name: string, role: 'viewer' | 'admin'): Promise<Browser> => {
    await addPerson(net, name, role);
    const browser = new Browser(net.url);
    await browser.login(name);
    await browser.ask('/api/auth/preferences', {method: 'PUT', body: {}});
    return browser;
  };
  const [ann, bea] = [await enter('ann', 'viewer'), await enter('bea', 'admin')];
  const read = async (who: Browser, query = '') => (await who.ask(`/api/audit/recent${query}`)).json;
  const users = (page: {entries: {user: string | null}[]}) => [
    ...new Set(page.entries.map(({user}) => user)),
  ];
  const own = await read(ann);
  t.strictSame(users(own), ['ann']);
  t.strictSame(Object.keys(own.entries[0]).toSorted(), [
    ...['action', 'address', 'details', 'object', 'request', 'result', 'seq', 'time', 'user'],
  ]);
  t.strictSame(await read(ann, '?user=bea'), {entries: [], next: null});
  t.strictSame((await read(bea, '?action=admin.viewed')).entries, [], 'one’s own view is none');
  const all = await read(bea);
  t.ok(users(all).includes('ann') && users(all).includes('bea'), 'an admin sees all');
  t.match((await read(bea, '?action=admin.viewed&user=bea')).entries[0], {object: 'audit of everybody'});
  t.strictSame(users(await read(bea, '?user=ann')), ['ann']);
  const first = await read(bea, '?limit=1');
  const [newest] = first.entries;
  t.equal(first.next, newest.seq);
  t.ok((await read(bea, `?limit=1&before=${first.next}`)).entries[0].seq < newest.seq);
  for (const odd of ['?limit=501', '?limit=0', '?before=0', '?action=x', '?user=A%20b', '?day=1'])
    t.match(await bea.ask(`/api/audit/recent${odd}`), {status: 400}, odd);
});

t.test('a push to try out is for who logged in, says how it ended, and is written down', async t => {
  const net = await networkOf(t);
  await addPerson(net, 'ann', 'viewer');
  const ann = new Browser(net.url);
  await ann.login('ann');
  t.match(await ann.post('/api/auth/push-test'), {status: 200, json: {taken: true, why: null}});
  t.match(net.box.asked, [{push: 'ann'}]);
  net.box.pushTrouble = 'ntfy.example refuses pushes (403).';
  t.match((await ann.post('/api/auth/push-test')).json, {taken: false, why: /403/});
  const {entries} = await readRecent(`${net.folder}/audit`, {
    ...{limit: 5, user: 'ann', action: 'notify.sent', before: null},
  });
  t.strictSame(
    entries.map(({object}) => object),
    ['user:ann not taken', 'user:ann'],
  );
});

/** What one gets who follows, as it comes. */
function following(net: {readonly url: string}, who: Browser, query = '', lastId?: number) {
  const heard: {text: string; status: number} = {text: '', status: 0};
  const headers = {
    ...who.headers,
    Accept: 'text/event-stream',
    ...(lastId !== undefined && {'Last-Event-ID': String(lastId)}),
  };
  const sent = request(`${net.url}/api/audit/recent${query}`, {headers, agent: false}, answer => {
    heard.status = answer.statusCode ?? 0;
    answer.on('error', () => {});
    answer.on('data', chunk => {
      heard.text += chunk;
    });
  });
  sent.on('error', () => {});
  sent.end();
  const actions = () => [...heard.text.matchAll(/"action":"([\w.]+)"/g)].map(([, action]) => action);
  return {heard, actions, stop: () => sent.destroy()};
}

t.test(
  'followed, each hears what they may see, and an admin’s look is written down as it begins',
  async t => {
    const net = await networkOf(t);
    net.box.trail = trailOf(`${net.folder}/audit`, net.audit);
    const enter = async (name: string, role: 'viewer' | 'admin'): Promise<Browser> => {
      await addPerson(net, name, role);
      const browser = new Browser(net.url);
      await browser.login(name);
      return browser;
    };
    const [ann, bea] = [await enter('ann', 'viewer'), await enter('bea', 'admin')];
    await net.audit.flush();
    const anns = following(net, ann);
    const beas = following(net, bea);
    const spying = following(net, ann, '?user=bea');
    const some = following(net, bea, '?action=auth.preferences_changed');
    const prefer = (who: Browser) =>
      who.ask('/api/auth/preferences', {method: 'PUT', body: {preferences: {}}});
    await until(
      'all follow',
      () => net.audit.tail.followers === 3 && beas.actions().includes('admin.viewed'),
    );
    await prefer(ann);
    await prefer(bea);
    await until('the admin hears both', () => count(beas.actions(), 'auth.preferences_changed') === 2);
    await until('the other one, too', () => some.actions().length === 2);
    await until('ann hears hers', () => anns.actions().includes('auth.preferences_changed'));
    // As a name: three such letters stand in the ids of requests now and then.
    t.notMatch(anns.heard.text, /\bbea\b(?!-)/);
    t.equal(spying.heard.text, '');
    t.match(beas.heard.text, /^id: \d+\ndata: \{"is":"entry","seq":\d+,"time":/);
    t.notMatch(beas.heard.text, '"hash"');
    const seq = Number(/id: (\d+)\n[^\n]*preferences_changed/.exec(some.heard.text)?.[1]);
    const again = following(net, bea, '?action=auth.preferences_changed', seq);
    await until('it goes on behind that', () => again.actions().length === 1);
    await bea.post('/api/auth/logout');
    await until('a login that ends ends what it follows', () => net.audit.tail.followers === 1);
    anns.stop();
    await until('and so does hanging up', () => net.audit.tail.followers === 0);
    spying.stop();
    t.equal((await new Browser(net.url).ask('/api/audit/recent')).status, 401);
  },
);

function count(all: readonly (string | undefined)[], one: string): number {
  return all.filter(each => each === one).length;
}

t.test(
  'an admin has the audit checked: whole, or broken and where; for all who ask at once only once',
  async t => {
    const net = await networkOf(t);
    const trail = trailOf(`${net.folder}/audit`, net.audit);
    let checks = 0;
    net.box.trail = {
      ...trail,
      verify: () => {
        checks += 1;
        return trail.verify();
      },
    };
    await addPerson(net, 'bea', 'admin');
    await addPerson(net, 'ann', 'operator');
    const [bea, ann] = [new Browser(net.url), new Browser(net.url)];
    await bea.login('bea');
    await ann.login('ann');
    t.equal((await ann.ask('/api/audit/verify')).status, 403);
    await net.audit.flush();
    const verify = async () => (await bea.ask('/api/audit/verify')).json;
    const [one, two] = await Promise.all([verify(), verify()]);
    t.equal(checks, 2);
    t.match(one, {is: 'whole', days: 1, entries: net.audit.last.seq, hash: net.audit.last.hash});
    t.ok(one.first <= one.last && one.last <= net.now());
    t.strictSame(one, two);
    t.equal(trail.verify(), trail.verify(), 'two who ask at once wait for the same');
    const [day] = (
      await readRecent(`${net.folder}/audit`, {limit: 1, user: null, action: null, before: null})
    ).entries;
    const file = `${net.folder}/audit/${day?.time.slice(0, 10)}.jsonl`;
    await appendFile(file, '{"seq":');
    t.match(await verify(), {is: 'whole'}, 'what is being written is not looked at');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('login_ok', 'login_no'));
    const broken = await verify();
    t.match(broken, {is: 'broken', where: {file: /^\d{4}-\d\d-\d\d\.jsonl$/, line: Number}, fix: /backup/});
    t.match(broken.what, /^This line is not what was written/);
    await writeFile(file, '');
    t.match(await verify(), {is: 'broken', what: /gone from the end/}, 'the daemon knows how far it came');
    net.box.trail = {...trail, verify: async () => null};
    t.match(await bea.ask('/api/audit/verify'), {status: 503, json: {error: {code: 'audit-too-long'}}});
  },
);
