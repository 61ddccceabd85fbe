/** The API as a real browser sees it: what its own page can do, and what a page of somebody else cannot. */
import {once} from 'node:events';
import {mkdir, mkdtemp, readFile, rm, stat, writeFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Secret, TOTP} from 'otpauth';
import type {BrowserContext, Page} from 'playwright-core';
import t, {type Test} from 'tap';
import {Scope} from '../../appliance/accounts/scope.ts';
import {digestOf} from '../../appliance/digest.ts';
import {type Job, UserName} from '../../appliance/job.ts';
import {chromiumOf, isSo, ready, violationsOf} from './chromium.ts';
import {jobOf} from './memory-box.ts';
import {addPerson, Browser, type Network, networkOf, password} from './people.ts';
import {until} from './served.ts';

const narrow = {viewport: {width: 360, height: 740}};
/** Where somebody who wants to look at the pages has pictures of them put. */
const pictures = process.env['DUBSTEAD_PICTURES'];

async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  await mkdir(pictures, {recursive: true});
  await page.screenshot({path: join(pictures, `${name}.png`), fullPage: true});
}

interface Cinema extends Network {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly violations: string[];
  readonly job: Job;
}

const vtt = 'WEBVTT\n\n00:00.500 --> 00:08.000\nNo era un joven malintencionado.\n';

/** A film that is real, as a job that is done. */
async function finished(t: Test): Promise<Job> {
  const folder = await mkdtemp(join(tmpdir(), 'cinema-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  const film = join(import.meta.dirname, '../../media/sample.mp4');
  const subtitles = join(folder, 'film.es.vtt');
  await writeFile(subtitles, vtt);
  const output = async (kind: string, path: string) => ({
    ...{kind, path, bytes: (await stat(path)).size},
    digest: digestOf(await readFile(path)),
  });
  const outputs = [await output('for the phone', film), await output('subtitles for browsers', subtitles)];
  return jobOf(1, {state: {is: 'done', at: 2, seconds: 1, summary: [], outputs}});
}

async function cinema(
  t: Test,
  env: Readonly<Record<string, string>> = {},
  more: object = {},
): Promise<Cinema> {
  const net = await networkOf(t, env);
  const job = await finished(t);
  net.box.all.set(job.id, job);
  const context = await chromiumOf(t, {...narrow, ...more});
  const page = await context.newPage();
  return {...net, job, context, page, violations: await violationsOf(page)};
}

async function logIn(page: Page, url: string, word = password): Promise<void> {
  await page.goto(url);
  await ready(page);
  await page.getByLabel('Name').fill('ann');
  await page.getByLabel('Password').fill(word);
  await page.getByRole('button', {name: 'Log in'}).click();
}

const cookieNames = async (context: BrowserContext): Promise<string[]> =>
  (await context.cookies()).map(({name}) => name).toSorted();

t.test('setup code, first admin, logout, a wrong password, login: each says what it is', async t => {
  const {accounts, url, page, context, violations} = await cinema(t);
  const code = await accounts.people.setupCode();
  if (!code.ok) throw new Error('no code');
  await page.goto(code.value.url.replace('http://attic:8700', url));
  await ready(page);
  t.equal(await page.getByLabel('Code').inputValue(), code.value.code);
  t.equal(new URL(page.url()).hash, '', 'the code does not stay in the history');
  await page.getByLabel('Name').fill('ann');
  await page.getByLabel('New password').fill(password);
  await picture(page, 'setup');
  await page.getByRole('button', {name: 'Go on'}).click();
  await page.getByRole('heading', {name: 'Welcome, ann'}).waitFor();
  await ready(page);
  t.strictSame(await cookieNames(context), ['csrf', 'session']);
  await picture(page, 'welcome');
  t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360);
  await page.getByLabel('Dubbed into').selectOption('fr');
  await page.locator('#dubbing').getByRole('button', {name: 'Save'}).click();
  await page.getByText('Saved.').waitFor();
  const kept = `fetch('/api/auth/me').then(answer => answer.json()).then(me => me.preferences.options.to)`;
  t.equal(await page.evaluate(kept), 'fr');
  t.equal(await page.getByRole('link', {name: 'Bring the first film'}).getAttribute('href'), '/add');
  await page.getByRole('link', {name: 'Settings'}).click();
  await page.getByRole('button', {name: 'Log out'}).click();
  await page.getByRole('heading', {name: 'Log in'}).waitFor();
  t.strictSame(await context.cookies(), [], 'logout leaves no cookies');
  await logIn(page, url, 'not this one at all');
  await page.getByRole('alert').filter({hasText: 'do not go together'}).waitFor();
  t.strictSame(await context.cookies(), []);
  await picture(page, 'wrong-password');
  await page.getByLabel('Password').fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation').waitFor();
  t.strictSame(violations, []);
});

t.test('the fields say what they are for, so that a phone can fill them in; and all fits on one', async t => {
  const {url, page} = await cinema(t);
  const wanted = {
    '/login': ['username', 'current-password'],
    '/setup': ['off', 'username', 'new-password'],
    '/join': ['off', 'username', 'new-password'],
  };
  for (const [path, fields] of Object.entries(wanted)) {
    await page.goto(url + path);
    await page.getByRole('heading').waitFor();
    const found = await page.evaluate(
      '[...document.querySelectorAll("input")].map(each => each.autocomplete)',
    );
    t.strictSame(found, fields, path);
    const labels = '[...document.querySelectorAll("input")].filter(each => each.labels.length !== 1).length';
    t.equal(await page.evaluate(labels), 0, `${path}: each has a label`);
    t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360, `${path} fits`);
  }
});

t.test('a code is asked for when the account has one', async t => {
  const net = await cinema(t);
  await addPerson(net, 'ann', 'operator');
  const browser = new Browser(net.url);
  await browser.login('ann');
  const {json} = await browser.post('/api/auth/totp/setup');
  const app = new TOTP({secret: Secret.fromBase32(json.secret)});
  const code = (steps: number): string => app.generate({timestamp: net.now() + steps * 30_000});
  await browser.post('/api/auth/totp/verify', {code: code(0)});
  const {page, url} = net;
  await logIn(page, url);
  const field = page.getByLabel('Code of your authenticator');
  await field.waitFor();
  await isSo(page, `document.activeElement?.name === 'code'`);
  await field.fill('000000');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').filter({hasText: 'not the code'}).waitFor();
  await field.fill(code(1));
  await page.keyboard.press('Enter');
  await page.getByRole('navigation').waitFor();
});

t.test('the film plays, seeks by Range, and has its subtitles', async t => {
  const net = await cinema(t);
  await addPerson(net, 'ann', 'operator');
  const {page, url, violations} = net;
  const ranges: string[] = [];
  page.on('response', async response => {
    if (!/\/files\/\w+\/for-the-phone|\/files\/\w+\/\d/.test(response.url())) return;
    ranges.push(`${response.status()} ${(await response.request().allHeaders())['range']}`);
  });
  await logIn(page, url);
  const link = page.getByRole('link', {name: 'film 1'});
  await link.waitFor();
  await picture(page, 'list');
  await link.click();
  await page.locator('video').waitFor();
  const played = await page.evaluate(`(async () => {
    const video = document.querySelector('video');
    video.muted = true;
    video.textTracks[0].mode = 'showing';
    await video.play();
    while (video.currentTime < 0.6) await new Promise(done => video.addEventListener('timeupdate', done, {once: true}));
    return {width: video.videoWidth, at: video.currentTime};
  })()`);
  t.match(played, {width: 1280, at: Number});
  await picture(page, 'player');
  const sought = await page.evaluate(`(async () => {
    const video = document.querySelector('video');
    video.pause();
    video.currentTime = video.duration - 2;
    await new Promise(done => video.addEventListener('seeked', done, {once: true}));
    const [track] = video.textTracks;
    return {left: video.duration - video.currentTime, cues: track.cues.length, language: track.language};
  })()`);
  t.match(sought, {left: 2, cues: 1, language: 'es'});
  t.ok(ranges.length > 0 && ranges.every(each => /^206 bytes=\d+-/.test(each)), ranges.join());
  await page.getByText('Download').click();
  t.ok(await page.getByRole('link', {name: 'film.es.vtt'}).isVisible());
  await page.goBack();
  await page.getByRole('heading', {name: 'Just finished'}).waitFor();
  t.strictSame(violations, []);
});

t.test('what is put into a page does not run, and a script cannot read the login', async t => {
  const net = await cinema(t);
  await addPerson(net, 'ann', 'operator');
  const {page, url, context, violations} = net;
  await logIn(page, url);
  await page.getByRole('navigation').waitFor();
  t.match(await page.evaluate('document.cookie'), /^csrf=[\w-]+$/);
  t.match(
    (await context.cookies()).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    [
      {name: 'csrf', httpOnly: false, sameSite: 'Lax', path: '/'},
      {name: 'session', httpOnly: true, sameSite: 'Lax', path: '/'},
    ],
  );
  t.strictSame(violations, []);
  await page.evaluate(`(async () => {
    const script = document.createElement('script');
    script.textContent = 'window.owned = "script"';
    document.body.append(script);
    const button = document.createElement('button');
    button.setAttribute('onclick', 'window.owned = "handler"');
    document.body.append(button);
    button.click();
    const style = document.createElement('style');
    style.textContent = 'body { display: none }';
    document.body.append(style);
  })()`);
  t.equal(await page.evaluate('window.owned ?? null'), null);
  for (const kind of ['script-src-elem', 'script-src-attr', 'style-src-elem'])
    t.ok(
      violations.some(each => each.startsWith(kind)),
      `${kind} is told`,
    );
});

/** A page of somebody else. */
async function stranger(t: Test): Promise<number> {
  const server = createServer((_, answer) => {
    answer.setHeader('Content-Type', 'text/html').end('<!doctype html><title>elsewhere</title>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** What such a page tries, each with what came of it. */
const attempts = (box: string, id: string): Readonly<Record<string, string>> => ({
  'a blind change': `fetch('${box}/api/auth/logout', {method: 'POST', mode: 'no-cors', credentials: 'include'}).then(() => 'done', () => 'kept out')`,
  'a change in JSON': `fetch('${box}/api/auth/logout', {method: 'POST', credentials: 'include', headers: {'Content-Type': 'application/json', 'X-CSRF-Token': 'x'}}).then(() => 'done', () => 'kept out')`,
  'a look': `fetch('${box}/api/jobs', {credentials: 'include'}).then(each => each.text(), () => 'kept out')`,
  'a script': `new Promise(done => document.head.append(Object.assign(document.createElement('script'), {src: '${box}/api/jobs', onload: () => done('loaded'), onerror: () => done('kept out')})))`,
  'a WebSocket': `new Promise(done => Object.assign(new WebSocket('${box.replace('http', 'ws')}/ws/jobs/${id}'), {onopen: () => done('open'), onerror: () => done('kept out')}))`,
});

t.test('a page elsewhere changes nothing, reads nothing, opens nothing and frames nothing', async t => {
  const net = await cinema(t);
  await addPerson(net, 'ann', 'operator');
  const {page, url, context, job} = net;
  await logIn(page, url);
  await page.getByRole('navigation').waitFor();
  const port = await stranger(t);
  // The first is another site; to the second, a neighbour's port, the browser sends the cookies along.
  for (const site of [`http://localhost:${port}`, `http://127.0.0.1:${port}`]) {
    const other = await context.newPage();
    await other.goto(site);
    for (const [what, script] of Object.entries(attempts(url, job.id))) {
      const came = await other.evaluate(script);
      t.equal(came, 'kept out', `${what} from ${site}`);
    }
    await other.evaluate(
      `new Promise(done => document.body.append(Object.assign(document.createElement('iframe'), {src: '${url}/', onload: done})))`,
    );
    const framed = (): string => other.frames()[1]?.url() ?? '';
    // It is told to us a moment after the page is.
    await until('the frame has come to something', () => !['', 'about:blank'].includes(framed()));
    t.match(framed(), /^chrome-error:/, 'no frame around it');
    const [answer] = await Promise.all([
      other.waitForResponse(each => each.url().endsWith('/api/auth/logout')),
      other.evaluate(`(() => {
        const form = Object.assign(document.createElement('form'), {method: 'post', action: '${url}/api/auth/logout'});
        document.body.append(form);
        form.submit();
      })()`),
    ]);
    t.equal(answer.status(), 403, 'a form');
    // Asked with the browser's own cookies.
    const me = await context.request.get(`${url}/api/auth/me`);
    t.equal(me.status(), 200, `still logged in after ${site}`);
  }
});

t.test('a page that CORS_ORIGINS lists reads with a key, and not with cookies', async t => {
  const port = await stranger(t);
  const site = `http://localhost:${port}`;
  const net = await cinema(t, {CORS_ORIGINS: site});
  await addPerson(net, 'ann', 'operator');
  const {page, url, context} = net;
  const made = await net.accounts.keys.make(UserName.parse('ann'), {
    name: 'a page',
    scopes: [Scope.parse('read:job')],
    expires: null,
  });
  if (!made.ok) throw new Error('no key');
  await logIn(page, url);
  await page.getByRole('navigation').waitFor();
  const other = await context.newPage();
  await other.goto(site);
  const look = (more: string) =>
    other.evaluate(`fetch('${url}/api/jobs', ${more}).then(each => each.json(), () => 'kept out')`);
  t.match(await look(`{headers: {Authorization: 'Bearer ${made.value.text}'}}`), {jobs: [{id: net.job.id}]});
  t.equal(await look(`{credentials: 'include'}`), 'kept out');
  t.match(await look('{}'), {error: {code: 'unknown-caller'}});
});
