/** WebSockets: whose they are, that they go on where they broke off, and that none outlives its reason. */
import {once} from 'node:events';
import t, {type Test} from 'tap';
import {WebSocket} from 'ws';
import type {JobMessage} from '../../appliance/api/events.ts';
import {ann, bob, idOf, jobOf} from './memory-box.ts';
import {addPerson, Browser, type Network, networkOf, send} from './people.ts';
import {until} from './served.ts';

interface Heard {
  readonly socket: WebSocket;
  readonly messages: JobMessage[];
  readonly closed: Promise<number>;
}

async function office(t: Test): Promise<Network & {browser: Browser}> {
  const net = await networkOf(t);
  for (const name of ['ann', 'bob']) await addPerson(net, name, 'operator');
  for (const job of [jobOf(1), jobOf(2, {owner: bob})]) net.box.all.set(job.id, job);
  const browser = new Browser(net.url);
  await browser.login('ann');
  return {...net, browser};
}

async function listen(
  t: Test,
  net: Network,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Heard | number> {
  const socket = new WebSocket(net.url.replace('http', 'ws') + path, {headers: {...headers}});
  t.teardown(() => socket.terminate());
  const messages: JobMessage[] = [];
  socket.on('message', data => messages.push(JSON.parse(String(data))));
  const closed = new Promise<number>(resolve => socket.once('close', resolve));
  const refused = new Promise<number>(resolve =>
    socket.once('unexpected-response', (_, answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    }),
  );
  socket.on('error', () => {});
  const answer = await Promise.race([once(socket, 'open').then(() => null), refused]);
  return answer ?? {socket, messages, closed};
}

async function opened(
  t: Test,
  net: Network,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Heard> {
  const heard = await listen(t, net, path, headers);
  if (typeof heard === 'number') throw new Error(`refused with ${heard}`);
  return heard;
}

const path = `/ws/jobs/${idOf(1)}`;
const progress = (number: number, done: number, owner = ann) =>
  ({is: 'progress', id: idOf(number), owner, stage: 'mix', done, secondsLeft: 1}) as const;

t.test('a socket tells what happens to one job, and goes on where it broke off', async t => {
  const net = await office(t);
  const first = await opened(t, net, path, net.browser.headers);
  await until('the start is told', () => first.messages.length === 1);
  t.match(first.messages[0]?.event, {is: 'reset', why: 'new'});
  net.box.events.append(progress(2, 0.1, bob));
  net.box.events.append(progress(1, 0.2));
  net.box.events.append({is: 'alerts', alerts: []});
  net.box.events.append(progress(1, 0.3));
  await until('both are told', () => first.messages.length === 3);
  t.match(
    first.messages.slice(1).map(({event}) => event),
    [{id: idOf(1), done: 0.2}, {done: 0.3}],
  );
  first.socket.terminate();
  net.box.events.append(progress(1, 0.4));
  const after = first.messages[1]?.id;
  const second = await opened(t, net, `${path}?after=${after}`, net.browser.headers);
  await until('the rest is told', () => second.messages.length === 2);
  t.match(
    second.messages.map(({event}) => event),
    [{done: 0.3}, {done: 0.4}],
    'nothing lost, nothing twice',
  );
});

t.test('whose it is not, it is not there; a page elsewhere opens none; a plain request is told', async t => {
  const net = await office(t);
  const {headers} = net.browser;
  t.equal(await listen(t, net, path, {}), 401);
  t.equal(await listen(t, net, `/ws/jobs/${idOf(2)}`, headers), 404);
  t.equal(await listen(t, net, '/ws/jobs/x', headers), 404);
  t.equal(await listen(t, net, path, {...headers, Origin: 'http://evil.example'}), 403);
  t.equal(await listen(t, net, '/api/jobs', headers), 200, 'what is no socket is answered as ever');
  t.match(await send(net.url, path, {headers}), {status: 426, json: {error: {code: 'socket-only'}}});
  const {access} = (
    await send(net.url, '/api/auth/login', {
      method: 'POST',
      body: {name: 'ann', password: 'seven grey herons wait', as: 'client'},
    })
  ).json.tokens;
  const byToken = await listen(t, net, path, {Authorization: `Bearer ${access}`});
  t.not(typeof byToken, 'number');
});

t.test('it ends with the login, with the listener, and with whoever talks back', async t => {
  const net = await office(t);
  const {headers} = net.browser;
  const talker = await opened(t, net, path, headers);
  talker.socket.send('hello');
  t.equal(await talker.closed, 1008);
  const loud = await opened(t, net, path, headers);
  loud.socket.send('x'.repeat(5000));
  t.equal(await loud.closed, 1009);
  const quiet = await opened(t, net, path, headers);
  await net.browser.post('/api/auth/logout');
  t.equal(await quiet.closed, 4401);
  t.equal(await listen(t, net, path, headers), 401);
  await until('nobody follows', () => net.box.events.followers === 0);
});
