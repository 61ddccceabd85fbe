/** What a browser keeps of the pages: scripts and styles that are the same for all, and nothing of anybody, before and after a logout. */
import type {Page} from 'playwright-core';
import t from 'tap';
import {chromiumOf, ready, violationsOf} from '../chromium.ts';
import {jobOf} from '../memory-box.ts';
import {addPerson, networkOf, password} from '../people.ts';

interface Kept {
  readonly cached: readonly string[];
  readonly stored: number;
  readonly databases: readonly string[];
}

const keptBy = (page: Page): Promise<Kept> =>
  page.evaluate(`(async () => {
    const cached = [];
    for (const name of await caches.keys())
      for (const request of await (await caches.open(name)).keys()) cached.push(new URL(request.url).pathname);
    const databases = (await indexedDB.databases()).map(({name}) => name);
    return {cached, stored: localStorage.length + sessionStorage.length, databases};
  })()`);

t.test('only what is the same for all is kept, and without the box that is said', async t => {
  const net = await networkOf(t);
  await addPerson(net, 'ann', 'operator');
  net.box.all.set(jobOf(1).id, jobOf(1));
  const context = await chromiumOf(t, {viewport: {width: 360, height: 740}});
  const page = await context.newPage();
  const violations = await violationsOf(page);
  await page.goto(net.url);
  await ready(page);
  await page.getByLabel('Name').fill('ann');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', {name: 'Log in'}).click();
  await page.getByRole('navigation').waitFor();
  await page.evaluate('navigator.serviceWorker.ready.then(() => true)');
  await page.goto(`${net.url}/watch/${jobOf(1).id}`);
  await ready(page);
  const during = await keptBy(page);
  t.ok(during.cached.length > 5, String(during.cached));
  t.ok(
    during.cached.every(path => /^\/assets\/[\w-]+\.(?:js|css)$/.test(path)),
    String(during.cached),
  );
  t.equal(during.stored, 0);
  await page.goto(`${net.url}/settings`);
  await ready(page);
  await page.getByRole('button', {name: 'Log out'}).click();
  await page.getByRole('heading', {name: 'Log in'}).waitFor();
  const after = await keptBy(page);
  t.same(after.databases, []);
  t.equal(after.stored, 0);
  t.same(await context.cookies(), []);
  t.ok(after.cached.every(path => path.startsWith('/assets/')));
  await page.goto(net.url, {waitUntil: 'commit'});
  t.match(page.url(), /\/login/, 'the way back leads to the login');
  await context.setOffline(true);
  await page.goto(`${net.url}/library`);
  await page.getByRole('heading', {name: 'The box cannot be reached'}).waitFor();
  t.notMatch(await page.content(), /film 1/);
  t.strictSame(violations, []);
});
