/** Watching: which form suits whom, streaming by the same login, and links for players that know no logins. */
import {mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {digestOf} from '../../appliance/digest.ts';
import type {Job} from '../../appliance/job.ts';
import {blankCard} from '../../appliance/library/card.ts';
import {jobOf} from './memory-box.ts';
import {addPerson, Browser, type Network, networkOf, send} from './people.ts';

const agents = {
  iPhone:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile/15E148 Safari/604.1',
  android: 'Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0',
};

const words: Readonly<Record<string, string>> = {
  'film.es.mkv': 'every track',
  'film.es.mp4': 'for the phone',
  'master.m3u8': '#EXTM3U\npicture.m3u8\n',
  'picture.m3u8': '#EXTM3U\n#EXT-X-MAP:URI="picture.mp4"\n',
  'picture.mp4': 'abcdefghij',
};

async function cinema(
  t: Test,
  given: readonly string[] = Object.keys(words),
): Promise<Network & {ann: Browser; job: Job}> {
  const folder = await mkdtemp(join(tmpdir(), 'cinema-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  for (const name of given) await writeFile(join(folder, name), words[name] ?? '');
  await writeFile(join(folder, 'secret.key'), 'not a part');
  const outputs = given
    .filter(name => !name.startsWith('picture'))
    .map(name => ({
      ...{kind: name, path: join(folder, name), bytes: (words[name] ?? '').length},
      digest: digestOf(words[name] ?? ''),
    }));
  const net = await networkOf(t);
  for (const name of ['ann', 'bob']) await addPerson(net, name, 'operator');
  const job = jobOf(1, {state: {is: 'done', at: 2, seconds: 1, summary: [], outputs}});
  net.box.all.set(job.id, job);
  const ann = new Browser(net.url);
  await ann.login('ann');
  return {...net, ann, job};
}

t.test('the best variant for the asking client, and a list so that a person can choose', async t => {
  const {ann, job} = await cinema(t);
  const as = (agent: string, path: string) => ann.ask(path, {headers: {'User-Agent': agent}});
  const order = async (agent: string): Promise<string[]> =>
    (await as(agent, `/api/jobs/${job.id}/files`)).json.variants.map(
      ({variant}: {variant: string}) => variant,
    );
  t.strictSame(await order(agents.iPhone), ['hls', 'phone', 'master']);
  t.strictSame(await order(agents.android), ['phone', 'master', 'hls']);
  const phone = await as(agents.android, `/video/${job.id}`);
  t.match(phone, {
    status: 200,
    text: 'for the phone',
    headers: {'content-type': 'video/mp4', etag: `"${digestOf('for the phone')}"`},
  });
  const apple = await as(agents.iPhone, `/video/${job.id}`);
  t.match(apple, {status: 302, headers: {location: `/files/${job.id}/hls/master.m3u8`, vary: 'User-Agent'}});
  t.match(await as(agents.iPhone, `/video/${job.id}?variant=master`), {status: 200, text: 'every track'});
  t.match(await ann.ask(`/video/${job.id}`, {headers: {Range: 'bytes=4-6', 'User-Agent': agents.android}}), {
    status: 206,
    text: 'the',
    headers: {'content-range': 'bytes 4-6/13'},
  });
  const {job: plain, ann: other} = await cinema(t, ['film.es.mkv']);
  t.match(await other.ask(`/video/${plain.id}`, {headers: {'User-Agent': agents.iPhone}}), {
    text: 'every track',
  });
  t.match(await other.ask(`/video/${plain.id}?variant=hls`), {
    status: 404,
    json: {error: {code: 'no-such-output'}},
  });
});

t.test(
  'a playlist and each of its segments need the session; nothing else beside them is served',
  async t => {
    const {ann, job, url, audit} = await cinema(t);
    const part = (name: string) => `/files/${job.id}/hls/${name}`;
    t.match(await ann.ask(part('master.m3u8')), {
      status: 200,
      headers: {'content-type': 'application/vnd.apple.mpegurl'},
    });
    t.match(await ann.ask(part('picture.m3u8')), {status: 200, text: words['picture.m3u8']});
    const segment = await ann.ask(part('picture.mp4'), {headers: {Range: 'bytes=2-4'}});
    t.match(segment, {
      status: 206,
      text: 'cde',
      headers: {'content-range': 'bytes 2-4/10', 'content-type': 'video/mp4'},
    });
    const etag = String(segment.headers['etag']);
    t.match(await ann.ask(part('picture.mp4'), {headers: {Range: 'bytes=0-1', 'If-Range': etag}}), {
      status: 206,
    });
    t.match(await ann.ask(part('picture.mp4'), {headers: {'If-None-Match': etag}}), {status: 304});
    for (const name of ['master.m3u8', 'picture.m3u8', 'picture.mp4'])
      t.match(await send(url, part(name)), {status: 401}, name);
    for (const name of [
      'secret.key',
      '..',
      '.mp4',
      'a/picture.mp4',
      'none.mp4',
      '%2e%2e%2fsecret.mp4',
      'picture.mp4~',
    ])
      t.ok([400, 404].includes((await ann.ask(part(name))).status), name);
    await audit.flush();
  },
);

t.test(
  'while a film is dubbed its growing parts are served at the same address, to the same people, and written down once',
  async t => {
    const {ann, url, box, audit, folder: home} = await cinema(t);
    const folder = await mkdtemp(join(tmpdir(), 'growing-'));
    t.teardown(() => rm(folder, {recursive: true, force: true}));
    const parts = {
      'master.m3u8': '#EXTM3U\n',
      'growing-dub.m3u8': '#EXTM3U\n#EXTINF:4,\n',
      'growing-dub-00000.m4s': 'sound',
    };
    for (const [name, text] of Object.entries(parts)) await writeFile(join(folder, name), text);
    box.growingFolder = folder;
    const running = jobOf(3, {state: {is: 'running', since: 1, pid: 1}});
    box.all.set(running.id, running);
    const part = (name: string) => `/files/${running.id}/hls/${name}`;
    const preview = `/api/jobs/${running.id}/preview`;
    t.match(
      await ann.ask(preview),
      {status: 409, json: {error: {code: 'not-running'}}},
      'it is only about to run',
    );
    box.growing.set(running.id, {seconds: 4, trouble: null});
    t.match(await ann.ask(preview), {
      status: 200,
      json: {seconds: 4, trouble: null, url: part('master.m3u8')},
    });
    for (const [name, text] of Object.entries(parts)) {
      t.match(
        await ann.ask(part(name)),
        {status: 200, text, headers: {'cache-control': 'private, no-cache'}},
        name,
      );
      t.match(await send(url, part(name)), {status: 401}, name);
    }
    t.match((await ann.ask(part('growing-dub-00000.m4s'))).headers, {'content-type': 'video/iso.segment'});
    t.match(await ann.ask(part('growing-dub-00001.m4s')), {status: 404});
    const bob = new Browser(url);
    await bob.login('bob');
    t.match(await bob.ask(part('master.m3u8')), {status: 404});
    t.match(await bob.ask(preview), {status: 404});
    await audit.flush();
    const days = await readdir(join(home, 'audit'));
    const written = (await Promise.all(days.map(day => readFile(join(home, 'audit', day), 'utf8')))).join('');
    const told = written
      .split('\n')
      .filter(line => line.includes(running.id) && line.includes('file.downloaded'));
    t.equal(told.filter(line => line.includes('"ok"')).length, 1, told.join('\n'));
    t.match(told[0], `${running.id} master.m3u8`);
  },
);

t.test('no token in a URL, save a signed link to one file: short-lived, and only when asked for', async t => {
  const {ann, job, url, pass, box} = await cinema(t);
  const made = await ann.post(`/api/jobs/${job.id}/link`, {file: '0'});
  t.match(made.json.url, new RegExp(`^/links/[\\w-]+\\.[\\w-]+\\.[\\w-]+/${job.id}\\.mkv$`));
  const link: string = made.json.url;
  t.match(
    await send(url, link, {headers: {Range: 'bytes=0-4'}}),
    {status: 206, text: 'every'},
    'without a login',
  );
  t.match(await send(url, link, {method: 'HEAD'}), {status: 200});
  const bob = new Browser(url);
  await bob.login('bob');
  t.equal((await bob.post(`/api/jobs/${job.id}/link`, {file: '0'})).status, 404, 'not to somebody else’s');
  const [, , token = ''] = link.split('/');
  const [head, , mark] = token.split('.');
  const other = Buffer.from(
    JSON.stringify({
      ...JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()),
      file: '1',
    }),
  );
  for (const forged of [`${head}.${other.toString('base64url')}.${mark}`, 'x', `${token}x`])
    t.match(await send(url, `/links/${forged}/film.mkv`), {
      status: 404,
      json: {error: {code: 'no-such-link'}},
    });
  const access = (
    await send(url, '/api/auth/login', {
      method: 'POST',
      body: {name: 'ann', password: 'seven grey herons wait', as: 'client'},
    })
  ).json.tokens.access;
  t.match(await send(url, `/links/${access}/film.mkv`), {status: 404}, 'a login is no link');
  t.match(
    await send(url, '/api/auth/me', {headers: {Authorization: `Bearer ${token}`}}),
    {status: 401},
    'and a link no login',
  );
  const spare = (await ann.post(`/api/jobs/${job.id}/link`, {file: '1'})).json.url;
  await ann.post('/api/auth/logout');
  t.match(await send(url, spare), {status: 404}, 'it ends with the login that asked for it');
  await ann.login('ann');
  const late = (await ann.post(`/api/jobs/${job.id}/link`, {file: '0'})).json.url;
  pass(6 * 3_600_000 + 1000);
  t.match(await send(url, late), {status: 404}, 'and after some hours');
  box.all.set(job.id, {...job, card: {...blankCard, visibility: 'shared'}});
  const lent = (await bob.post(`/api/jobs/${job.id}/link`, {file: '0'})).json.url;
  t.match(await send(url, lent), {status: 200}, 'to what is shared');
  box.all.set(job.id, {...job, card: null});
  t.match(await send(url, lent), {status: 404}, 'until it is not');
});
