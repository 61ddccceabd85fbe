/** The audit over the network: one's own for everybody, all of it for admins, and that is written down. */
import t from 'tap';
import {readRecent} from '../../appliance/audit/recent.ts';
import {addPerson, Browser, networkOf} from './people.ts';

t.test('everybody reads what they did, an admin reads all, and an admin’s look is an entry', async t => {
  const net = await networkOf(t);
  net.box.trail = {recent: ask => readRecent(`${net.folder}/audit`, ask)};
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
