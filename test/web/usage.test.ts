/** What people use and may, over the network: one's own for everybody, all of it and the quotas for admins. */
import t, {type Test} from 'tap';
import {noQuotas} from '../../appliance/accounts/quotas.ts';
import {addPerson, Browser, type Network, networkOf} from './people.ts';

async function enter(net: Network, name: string, role: 'viewer' | 'operator' | 'admin'): Promise<Browser> {
  await addPerson(net, name, role);
  const browser = new Browser(net.url);
  await browser.login(name);
  return browser;
}

async function three(t: Test): Promise<readonly [Network, Browser, Browser]> {
  const net = await networkOf(t);
  return [net, await enter(net, 'ann', 'viewer'), await enter(net, 'bea', 'admin')];
}

const quotas = {...noQuotas, keptBytes: 5e9, running: 2};

t.test('everybody sees their own usage, and admins that of all', async t => {
  const [, ann, bea] = await three(t);
  t.match((await ann.ask('/api/usage')).json, {user: 'ann', sourceBytes: 5, jobs: {done: 0}});
  t.match(await ann.ask('/api/admin/usage'), {status: 403});
  t.match((await bea.ask('/api/admin/usage')).json, {users: [{user: 'ann'}, {user: 'bob'}]});
});

t.test('quotas are given by an admin whose login is fresh, and written down', async t => {
  const [net, ann, bea] = await three(t);
  const put = (who: Browser, name: string, body: unknown) =>
    who.ask(`/api/users/${name}/quotas`, {method: 'PUT', body});
  t.match(await put(ann, 'ann', {quotas}), {status: 403});
  net.pass(3_600_000);
  const again = new Browser(net.url);
  await again.login('bea');
  t.not((await put(bea, 'ann', {quotas})).status, 200, 'an hour later the password is asked for again');
  const given = await put(again, 'ann', {quotas});
  t.match(given, {status: 200, json: {name: 'ann', quotas}}, given.text);
  t.match(net.store.get('users', 'ann')?.quotas, quotas);
  t.match(await put(again, 'nobody', {quotas}), {status: 404});
  for (const odd of [{}, {...quotas, running: -1}, {...quotas, keptBytes: 0.5}, {...quotas, more: 1}])
    t.match(await put(again, 'ann', {quotas: odd}), {status: 400}, JSON.stringify(odd));
});
