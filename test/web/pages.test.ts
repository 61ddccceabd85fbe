/** The pages over the wire: drawn for who asks, kept by nobody who should not, with a policy of their own. */
import {createHash} from 'node:crypto';
import {gunzipSync} from 'node:zlib';
import t from 'tap';
import {pageRows} from '../../appliance/api/page-rows.ts';
import {bundlePages} from '../../scripts/pages.ts';
import {jobOf} from './memory-box.ts';
import {addPerson, Browser, networkOf, type Reply, send} from './people.ts';

t.before(bundlePages);

const html = {headers: {Accept: 'text/html,application/xhtml+xml,*/*;q=0.8'}};
const doors = ['/login', '/setup', '/join'];

function assetsIn(text: string): readonly string[] {
  return [...text.matchAll(/"(\/assets\/[^":]+)"/g)].flatMap(([, path]) => path ?? []);
}

const digestsOf = (text: string, element: RegExp): string[] =>
  [...text.matchAll(element)].map(([, inside]) =>
    createHash('sha256')
      .update(inside ?? '')
      .digest('base64'),
  );

t.test('each page at the door comes whole, with its policy, and is kept nowhere', async t => {
  const {url} = await networkOf(t);
  for (const path of doors) {
    const found = await send(url, path, html);
    t.match(found, {
      status: 200,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': /^default-src 'none'; script-src 'self' '.*; .*frame-ancestors 'none'/,
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      },
    });
    const policy = String(found.headers['content-security-policy']);
    t.notMatch(policy.replaceAll(/'sha256-[^']+'/g, ''), /unsafe|\*|data:|http|sha/);
    const [script, ...more] = digestsOf(found.text, /<script type="module">(.*?)<\/script>/gs);
    const [style, ...others] = digestsOf(found.text, /<style>(.*?)<\/style>/gs);
    t.strictSame([more, others], [[], []], 'one of each');
    t.match(policy, `script-src 'self' 'sha256-${script}';`, 'looked at by its digest alone');
    t.match(policy, `style-src 'self' 'sha256-${style}';`);
    t.match(found.text, /^<!doctype html><html lang="en">.*<h1>[^<]+<\/h1>/s, `${path} is drawn`);
    t.notMatch(
      found.text.replaceAll(/<(style|script type="module")>.*?<\/(?:style|script)>/gs, ''),
      /<style|style=|<script(?! id="state" type="application\/json")|\son[a-z]+=/,
      `${path} holds nothing that its policy keeps back`,
    );
    t.match(await send(url, path, {method: 'HEAD'}), {status: 200, text: ''}, path);
    t.match(await send(url, `${path}?a=1`), {status: 400, json: {error: {code: 'bad-query'}}}, path);
  }
});

t.test('what pages load is the same for all, packed, and kept for ever by its digest', async t => {
  const {url} = await networkOf(t);
  const {text} = await send(url, '/login');
  const assets = assetsIn(text);
  t.ok(assets.length >= 3, String(assets));
  const whole = await fetch(new URL('/login', url), {headers: {'Accept-Encoding': 'gzip'}});
  const bytes = Number(whole.headers.get('content-length'));
  t.equal(await whole.text(), text);
  t.ok(bytes < 35_000, `the first page is ${bytes} bytes, and asks for no more`);
  const all = new Set(assets);
  // What they name comes after them.
  for (const path of all) {
    const plain = await send(url, path);
    for (const more of assetsIn(plain.text)) all.add(more);
    t.match(plain, {status: 200, headers: {'cache-control': /^public, max-age=\d+, immutable$/}}, path);
    t.match(plain.headers['content-type'], /^text\/javascript/);
    const packed = await fetch(new URL(path, url), {headers: {'Accept-Encoding': 'gzip'}});
    t.equal(packed.headers.get('content-encoding'), 'gzip');
    t.equal(await packed.text(), plain.text);
    const etag = String(plain.headers['etag']);
    t.match(await send(url, path, {headers: {'If-None-Match': etag}}), {
      status: 304,
      text: '',
      headers: {etag},
    });
    if (!/hls|tus/.test(path))
      t.notMatch(plain.text, /https?:\/\/(?!www\.w3\.org)[a-z]/, `${path} names no other host`);
  }
  for (const name of ['hls', 'tus', 'reason', 'page-code', 'watch', 'admin'])
    t.ok(
      [...all].some(path => path.startsWith(`/assets/${name}`)),
      name,
    );
  for (const odd of [
    '/assets/nothing.js',
    '/assets/..%2fserver.js',
    '/assets/server.js',
    '/assets/manifest.json',
  ])
    t.match((await send(url, odd)).status, /40[04]/, odd);
});

t.test('the other files of the pages come with their types', async t => {
  const {url} = await networkOf(t);
  const table = [
    ['/sw.js', /^text\/javascript/],
    ['/manifest.webmanifest', /^application\/manifest\+json/],
    ['/icon.svg', /^image\/svg\+xml/],
    ['/icons/icon-180.png', /^image\/png/],
  ] as const;
  for (const [path, type] of table) {
    const found = await send(url, path);
    t.match(found, {status: 200, headers: {'content-type': type, 'cache-control': 'no-cache'}}, path);
    const etag = String(found.headers['etag']);
    t.match(await send(url, path, {headers: {'If-None-Match': etag}}), {status: 304}, path);
    t.match(await send(url, path, {headers: {'If-Match': '"x"'}}), {status: 412}, path);
  }
  const manifest = (await send(url, '/manifest.webmanifest')).json;
  for (const {src} of manifest.icons) t.equal((await send(url, src)).status, 200, src);
});

t.test('whoever is not known is led to the login and back; a script is told so', async t => {
  const {url} = await networkOf(t);
  const inside = Object.values(pageRows).filter(row => row.permission !== 'anyone');
  t.ok(inside.length >= 6);
  for (const {path} of inside) {
    const at = path.replace(':id', '0000000001');
    const led = await send(url, at, html);
    t.match(led, {status: 303, text: '', headers: {location: `/login?next=${encodeURIComponent(at)}`}}, at);
    t.match(await send(url, at), {status: 401, json: {error: {code: 'unknown-caller'}}}, at);
  }
});

t.test('a page shows what who asks may see, and not what others have', async t => {
  const net = await networkOf(t);
  await addPerson(net, 'ann', 'operator');
  await addPerson(net, 'bob', 'viewer');
  net.box.all.set(jobOf(1).id, jobOf(1));
  const pageOf = async (name: string, path: string): Promise<Reply> => {
    const browser = new Browser(net.url);
    await browser.login(name);
    return browser.ask(path, html);
  };
  const own = await pageOf('ann', '/');
  t.match(own, {status: 200, headers: {'cache-control': 'no-store'}});
  t.match(own.text, /film 1/);
  t.notMatch((await pageOf('bob', '/')).text, /film 1/);
  const browser = new Browser(net.url);
  await browser.login('ann');
  const gained = async (q: string): Promise<number> => {
    const lengths = ['identity', 'gzip'].map(async coding => {
      const {headers} = await browser.ask(`/library?q=${q}`, {headers: {'Accept-Encoding': coding}});
      return Number(headers['content-length']);
    });
    const [plain = 0, packed = 0] = await Promise.all(lengths);
    return plain - packed;
  };
  t.ok((await gained('film')) > 50_000);
  t.equal(
    await gained('film'),
    await gained('zqxj'),
    'how long it is tells nothing of what somebody looked for',
  );
  t.match((await pageOf('ann', '/watch/0000000001')).text, /<h1[^>]*>film 1<\/h1>/);
  const none = await pageOf('bob', '/watch/0000000001');
  t.match(none, {status: 404, headers: {'content-type': 'text/html; charset=utf-8'}});
  t.match(none.text, /There is no such job/);
  t.match((await pageOf('bob', '/admin')).text, /read:box/);
  t.equal((await pageOf('bob', '/admin')).status, 403);
  t.equal((await pageOf('bob', '/add')).status, 403);
  t.match(await pageOf('ann', '/nowhere'), {status: 404, text: /<h1>There is nothing here/});
});

t.test('a hostile name stays text, in the page and in what its scripts go on from', async t => {
  const net = await networkOf(t);
  await addPerson(net, 'ann', 'operator');
  const hostile = `</script><img src=x onerror=alert(1)>${'x'.repeat(60)}\u202e\u2028"'&amp;`;
  const name = `${hostile.replaceAll('/', '')}.mkv`;
  net.box.all.set(jobOf(1).id, jobOf(1, {source: {...jobOf(1).source, name}}));
  const browser = new Browser(net.url);
  await browser.login('ann');
  const {text} = await browser.ask('/', html);
  t.notMatch(text, /<img src=x/);
  t.equal(text.match(/<\/script>/g)?.length, 2, 'no more scripts end than begin');
  const state = /<script id="state"[^>]*>(.*?)<\/script>/s.exec(text)?.[1] ?? '';
  t.match(JSON.stringify(JSON.parse(state)), /onerror/, 'and it is all there');
});

t.test('the language is that of the browser until somebody chooses one', async t => {
  const net = await networkOf(t);
  const table = [
    ['es-MX,es;q=0.9,en;q=0.5', 'es', 'Iniciar sesión'],
    ['ja', 'ja', 'ログイン'],
    ['fr-CH, fr;q=0.9', 'en', 'Log in'],
    ['en;q=0.1, ja;q=0.8', 'ja', 'ログイン'],
    ['*', 'en', 'Log in'],
    [',;q=,es;q=x'.repeat(99), 'es', 'Iniciar sesión'],
  ] as const;
  for (const [accepted, language, words] of table) {
    const {text} = await send(net.url, '/login', {headers: {'Accept-Language': accepted}});
    t.match(text, `<html lang="${language}">`, accepted.slice(0, 40));
    t.match(text, words, language);
  }
});

t.test('why a dub failed, and why one waits, is said in the language of whoever looks', async t => {
  const net = await networkOf(t);
  await addPerson(net, 'ann', 'operator');
  const failure = {reason: 'no-speech', path: `/box/jobs/${jobOf(1).id}/source/film.mkv`} as const;
  net.box.all.set(jobOf(1).id, jobOf(1, {state: {is: 'failed', at: 2, failure}}));
  net.box.all.set(jobOf(2).id, jobOf(2));
  const because = {is: 'behind', ahead: 3, running: 0} as const;
  net.box.waits.set(jobOf(2).id, {code: 'behind', what: '3 jobs go before it.', because});
  const browser = new Browser(net.url);
  await browser.login('ann');
  const table = [
    ['en', 'No speech was found in film', '3 go before it.'],
    ['es', 'No se encontró voz en film', 'Hay 3 delante.'],
    ['ja', '話し声が見つかりませんでした', '前に3本あります。'],
  ] as const;
  for (const [language, failed, waits] of table) {
    const {text} = await browser.ask('/', {headers: {...html.headers, 'Accept-Language': language}});
    const drawn = text.slice(0, text.indexOf('<script id="state"'));
    t.match(drawn, failed, language);
    t.match(drawn, waits, language);
    t.notMatch(text, '/box/jobs', 'where it lies is told nobody');
  }
});

t.test('what is packed is what there is', async t => {
  const {url} = await networkOf(t);
  const response = await fetch(new URL('/sw.js', url), {headers: {'Accept-Encoding': 'gzip'}});
  t.equal(response.headers.get('vary'), 'Accept-Encoding');
  const plain = await send(url, '/sw.js');
  t.equal(await response.text(), plain.text);
  t.throws(() => gunzipSync(Buffer.from(plain.text)), 'and plain where it is not asked for');
});
