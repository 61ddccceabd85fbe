/** Jobs of films that lie on the box, over the network: who may name what, many at once, and once for each key. */
import t, {type Test} from 'tap';
import {HomeAnswers} from '../../supervisor/answers.ts';
import {idOf, jobOf} from './memory-box.ts';
import {uploadIdOf} from './memory-uploads.ts';
import {addPerson, Browser, type Network, networkOf, type Reply} from './people.ts';
import {ask, json, serve, until} from './served.ts';

async function boxFor(t: Test, folder?: string): Promise<Network> {
  const net = await networkOf(t, {}, folder === undefined ? {} : {folder});
  net.box.answers = new HomeAnswers(net.store, net.now);
  return net;
}

async function enter(net: Network, name: string, role: 'operator' | 'admin'): Promise<Browser> {
  if (net.store.get('users', name) === undefined) await addPerson(net, name, role);
  const browser = new Browser(net.url);
  await browser.login(name);
  return browser;
}

const film = {folder: 1, file: 'film 9.mkv'};

t.test('a path of the machine is for who is on it; a folder of films for all who submit', async t => {
  const net = await boxFor(t);
  const ann = await enter(net, 'ann', 'operator');
  const bea = await enter(net, 'bea', 'admin');
  const table: readonly (readonly [Browser, object, number, string?])[] = [
    [ann, {path: '/etc/passwd'}, 403, 'not-allowed'],
    [bea, {path: '/etc/passwd'}, 403, 'not-allowed'],
    [ann, {...film, owner: 'bea'}, 403, 'not-allowed'],
    [ann, {...film, priority: 1}, 403, 'not-allowed'],
    [ann, {...film, priority: -1}, 403, 'not-allowed'],
    [ann, {...film, owner: 'ann'}, 200],
    [bea, {...film, owner: 'ann', priority: 5}, 200],
    [bea, {upload: uploadIdOf(1), owner: 'ann'}, 400, 'bad-body'],
    [ann, {folder: 1, file: '../x.mkv'}, 400, 'bad-body'],
    [ann, {folder: 1, file: 'a/.x/b.mkv'}, 400, 'bad-body'],
    [ann, {folder: 1, file: '/a.mkv'}, 400, 'bad-body'],
    [ann, {...film, path: '/a'}, 400, 'bad-body'],
    [ann, {}, 400, 'bad-body'],
  ];
  for (const [who, body, status, code] of table) {
    net.box.asked.length = 0;
    const reply = await who.post('/api/jobs', body);
    t.equal(reply.status, status, `${JSON.stringify(body)} ${reply.text}`);
    t.equal(reply.json.error?.code, code);
    if (status !== 200) t.strictSame(net.box.asked, [], 'and the box was not asked');
  }
  t.equal((await ann.ask('/api/files')).json.folders[0].label, 'films');
  t.match((await ann.ask('/api/files?folder=1&path=old/x')).json, {entries: [{name: 'a.mkv'}], next: null});
  for (const path of ['..', 'a//b', '.ssh', '%2e%2e/x', '/'])
    t.match(await ann.ask(`/api/files?folder=1&path=${path}`), {status: 400}, path);
});

t.test('an upload becomes a job here as it does there', async t => {
  const {path, box} = await serve(t);
  const upload = box.memoryUploads.put(1, jobOf(1).owner);
  t.ok(upload === undefined || upload);
  const found = await ask(path, '/api/jobs', json({upload: uploadIdOf(1)}));
  t.equal(found.status, 200, found.text);
  t.match(await ask(path, '/api/jobs', json({upload: uploadIdOf(9)})), {status: 404, code: 'no-such-upload'});
});

t.test('of many, each has its own answer, and none hinders the others', async t => {
  const net = await boxFor(t);
  const ann = await enter(net, 'ann', 'operator');
  const jobs = [{path: '/etc/passwd'}, film, {upload: uploadIdOf(9)}, {...film, priority: 9}, film];
  const reply = await ann.post('/api/jobs/batch', {jobs});
  t.equal(reply.status, 200, reply.text);
  t.match(reply.json.jobs, [
    {is: 'refused', status: 403, error: {code: 'not-allowed', fix: /./}},
    {is: 'submitted', status: 200, made: true},
    {is: 'refused', status: 404, error: {code: 'no-such-upload'}},
    {is: 'refused', status: 403},
    {is: 'submitted', status: 200},
  ]);
  t.match(await ann.post('/api/jobs/batch', {jobs: Array(51).fill(film)}), {status: 400});
  t.match(await ann.post('/api/jobs/batch', {jobs: []}), {status: 400});
});

const keyed = (browser: Browser, key: string, body: object, path = '/api/jobs'): Promise<Reply> =>
  browser.ask(path, {method: 'POST', body, headers: {'Idempotency-Key': key}});

const submits = ({box}: Network): number => box.asked.length;

t.test('the same request under the same key is done once, also by the next daemon', async t => {
  const net = await boxFor(t);
  const ann = await enter(net, 'ann', 'operator');
  const first = await keyed(ann, 'k1', film);
  t.equal(first.status, 200);
  const asked = submits(net);
  const second = await keyed(ann, 'k1', film);
  t.equal(second.text, first.text, 'word for word');
  t.equal(submits(net), asked);
  t.match(await keyed(ann, 'k1', {folder: 1, file: 'b.mkv'}), {
    status: 409,
    json: {error: {code: 'key-reused'}},
  });
  t.match(await keyed(ann, 'k1', {jobs: [film]}, '/api/jobs/batch'), {json: {error: {code: 'key-reused'}}});
  for (const odd of ['a b', 'x'.repeat(101)])
    t.match(await keyed(ann, odd, film), {status: 400, json: {error: {code: 'bad-key'}}});
  t.equal(submits(net), asked, 'and nothing was done');
  const bea = await enter(net, 'bea', 'operator');
  t.equal((await keyed(bea, 'k1', {folder: 1, file: 'b.mkv'})).status, 200, 'everybody has their own');
  const batch = await keyed(ann, 'k2', {jobs: [film]}, '/api/jobs/batch');
  t.equal((await keyed(ann, 'k2', {jobs: [film]}, '/api/jobs/batch')).text, batch.text);
  await net.store.stop();
  const next = await boxFor(t, net.folder);
  const again = await enter(next, 'ann', 'operator');
  t.equal((await keyed(again, 'k1', film)).text, first.text, 'after a restart');
  t.equal(submits(next), 0);
});

t.test('two at once are one, and what was refused may be asked again', async t => {
  const net = await boxFor(t);
  const ann = await enter(net, 'ann', 'operator');
  const held = Promise.withResolvers<void>();
  net.box.hold = held.promise;
  const first = keyed(ann, 'k', film);
  await until('it has begun', () => submits(net) === 1);
  t.match(await keyed(ann, 'k', film), {status: 409, json: {error: {code: 'key-in-use'}}});
  held.resolve();
  t.equal((await first).status, 200);
  net.box.trouble = {reason: 'draining'};
  t.match(await keyed(ann, 'k3', film), {status: 503});
  net.box.trouble = undefined;
  t.match(await keyed(ann, 'k3', film), {status: 200});
  t.ok(net.box.all.has(idOf(1)));
});
