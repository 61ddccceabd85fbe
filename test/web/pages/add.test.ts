/** Bringing films with a real browser to the real daemon, over a network that is lost and a box that restarts. */

import {once} from 'node:events';
import {appendFile, mkdir, readdir, rm, stat, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {dirname, join} from 'node:path';
import type {Page} from 'playwright-core';
import t, {type Test} from 'tap';
import {digestOfFile} from '../../../appliance/digest.ts';
import {readerFilm, writeCues} from '../../clips.ts';
import {type TestBox, testBox, until} from '../../supervisor/daemons.ts';
import {chromiumOf, ready, violationsOf} from '../chromium.ts';
import {password} from '../people.ts';

const MiB = 1 << 20;
const pictures = process.env['DUBSTEAD_PICTURES'];

async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  await mkdir(pictures, {recursive: true});
  await page.screenshot({path: join(pictures, `${name}.png`), fullPage: true});
}

/** One that stays the same when the daemon restarts: a browser would go on with another box else. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

interface House {
  readonly box: TestBox;
  readonly page: Page;
  readonly url: string;
  readonly violations: string[];
}

/** Ann has set the box up, and looks at where films are added. */
async function house(t: Test, env: Readonly<Record<string, string>> = {}, more: object = {}): Promise<House> {
  const port = await freePort();
  const box = await testBox(t, {...env, PORT: String(port)});
  await box.start();
  await box.client.call('queue.set', {body: {mode: 'paused'}});
  const url = `http://127.0.0.1:${port}`;
  const code = await box.client.call('users.setup', {});
  if (!code.ok) throw new Error(JSON.stringify(code.why));
  const context = await chromiumOf(t, {viewport: {width: 360, height: 740}, ...more});
  const page = await context.newPage();
  const violations = await violationsOf(page);
  await page.goto(`${url}/setup${new URL(code.value.url).hash}`);
  await ready(page);
  await page.getByLabel('Name').fill('ann');
  await page.getByLabel('New password').fill(password);
  await page.getByRole('button', {name: 'Go on'}).click();
  await page.getByRole('link', {name: 'Add', exact: true}).click();
  await page.getByRole('heading', {name: 'Add films'}).waitFor();
  return {box, page, url, violations};
}

/** A real film with so much in it that no player shows: a box of MP4 that is skipped. */
async function filmOf(t: Test, bytes: number): Promise<string> {
  const path = await readerFilm(join(t.testdir(), 'A film.mp4'));
  const {size} = await stat(path);
  await appendFile(path, freeBox(bytes - size));
  return path;
}

function freeBox(bytes: number): Buffer {
  const box = Buffer.alloc(bytes);
  for (let at = 8; at < box.length; at += 4096) box.writeUInt32BE(at, Math.min(at, box.length - 4));
  box.writeUInt32BE(box.length, 0);
  box.write('free', 4, 'latin1');
  return box;
}

const choose = (page: Page, ...paths: readonly string[]) =>
  page.locator('input[type=file]').setInputFiles([...paths]);

/** How much of all uploads is on the disk of the box. */
async function onDisk(box: TestBox): Promise<number> {
  const names = await readdir(box.path('uploads')).catch(() => []);
  const sizes = await Promise.all(
    names.map(name =>
      stat(box.path('uploads', name)).then(
        ({size}) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

const over = (box: TestBox, bytes: number) =>
  until(`${bytes} bytes are on the box`, async () => (await onDisk(box)) >= bytes);

/** A slow network that can be lost. */
async function network(page: Page, bytesPerSecond: number) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const set = (offline: boolean) =>
    session.send('Network.emulateNetworkConditions', {
      ...{offline, latency: 0, downloadThroughput: -1, uploadThroughput: bytesPerSecond},
    });
  await set(false);
  return {lose: () => set(true), find: () => set(false)};
}

const kept = `new Promise(done => {
  const asked = indexedDB.open('uploads');
  asked.onsuccess = () => {
    const stores = asked.result.transaction(['brings', 'files']);
    const counts = ['brings', 'files'].map(name => stores.objectStore(name).count());
    stores.oncomplete = () => { done(counts.map(({result}) => result)); asked.result.close(); };
  };
})`;

async function fits(t: Test, {page, violations}: House): Promise<void> {
  t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360, 'it fits on a phone');
  t.strictSame(violations, []);
}

t.test(
  'lost twice, reloaded, the box killed in between: the film arrives whole with its subtitles',
  async t => {
    const home = await house(t);
    const {box, page} = home;
    const film = await filmOf(t, 40 * MiB);
    const words = await writeCues(dirname(film), 'A film.es.srt', 'es');
    await picture(page, 'add-empty');
    await choose(page, film, words);
    await page.getByText('with subtitles: A film.es.srt').waitFor();
    await page.getByText('The film takes 42 MB of the box').waitFor();
    await page.getByText('is known once the first is done').waitFor();
    await picture(page, 'add-chosen');
    const road = await network(page, 4 * MiB);
    await page.getByRole('button', {name: 'Dub this film'}).click();
    for (const reached of [4, 12]) {
      await over(box, reached * MiB);
      await road.lose();
      await page.getByText('No connection. It goes on by itself.').waitFor();
      if (reached === 4) await picture(page, 'add-broken');
      await road.find();
      await page.getByText('Uploading', {exact: true}).waitFor();
    }
    await over(box, 18 * MiB);
    await page.getByRole('link', {name: 'Home'}).click();
    await page.getByText(/^Uploading 1 film, \d+%$/).waitFor();
    await picture(page, 'add-tray');
    t.strictSame(await page.evaluate(kept), [1, 2], 'what goes on after a reload is kept');
    await page.reload();
    await ready(page);
    const before = await onDisk(box);
    await page.getByText(/^Uploading 1 film/).click();
    await over(box, before + 2 * MiB);
    await picture(page, 'add-sending');
    t.equal(await box.end('SIGKILL'), 'SIGKILL');
    await page.getByText('No connection. It goes on by itself.').waitFor();
    await box.start();
    const link = page.getByRole('link', {name: 'Go to the film'});
    await link.waitFor({timeout: 60_000});
    await page.getByText('0:09 · 320×180 · sound: unknown').waitFor();
    await picture(page, 'add-done');
    const [job] = await box.jobs();
    if (job === undefined) throw new Error('no job');
    t.equal(await link.getAttribute('href'), `/watch/${job.id}`);
    const {source, sidecars, owner} = await box.job(job.id);
    t.strictSame([source.digest, sidecars, owner], [await digestOfFile(film), ['A film.es.srt'], 'ann']);
    t.strictSame(await page.evaluate(kept), [0, 0], 'nothing of it is kept');
    t.equal(await page.evaluate('localStorage.length'), 0);
    await fits(t, home);
  },
);

t.test('what is no film is refused in words, and goes when it is told to', async t => {
  const home = await house(t);
  const {page, box} = home;
  const folder = t.testdir();
  const bytes = Buffer.concat([Buffer.from([0x1a, 0x45, 0xdf, 0xa3]), Buffer.alloc(5000, 'x')]);
  const [film, text] = [join(folder, 'no film.mkv'), join(folder, 'letter.txt')];
  await writeFile(film, bytes);
  await writeFile(text, 'Dear Ann');
  await choose(page, film, text);
  await page.getByRole('alert').filter({hasText: 'letter.txt'}).waitFor();
  await page.getByRole('button', {name: 'Dub this film'}).click();
  const card = page.getByRole('article').filter({hasText: 'no film.mkv is not a video'});
  await card.waitFor();
  t.equal(await card.getByRole('button', {name: 'Try again'}).count(), 0, 'it will be none next time');
  await picture(page, 'add-refused');
  await card.getByRole('button', {name: 'Remove'}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'Keep it'}).click();
  t.equal(await card.count(), 1);
  await card.getByRole('button', {name: 'Remove'}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'Remove'}).click();
  await card.waitFor({state: 'detached'});
  t.strictSame(await box.jobs(), []);
  t.strictSame(await page.evaluate(kept), [0, 0]);
  await fits(t, home);
});

t.test(
  'paused, and where no copy was kept the same file is asked for; logging out leaves nothing',
  async t => {
    const home = await house(t);
    const {page, box, url} = home;
    const film = await filmOf(t, 20 * MiB);
    await choose(page, film);
    await network(page, 4 * MiB);
    await page.getByRole('button', {name: 'Dub this film'}).click();
    await over(box, 2 * MiB);
    await page.getByRole('button', {name: 'Pause'}).click();
    await page.getByText('Paused', {exact: true}).waitFor();
    await until('the copy is there', async () => ((await page.evaluate(kept)) as number[])[1] === 1);
    await page.evaluate(`new Promise(done => {
    const asked = indexedDB.open('uploads');
    asked.onsuccess = () => {
      const change = asked.result.transaction('files', 'readwrite');
      change.objectStore('files').clear();
      change.oncomplete = () => { asked.result.close(); done(); };
    };
  })`);
    await page.reload();
    await page.getByText('Paused', {exact: true}).waitFor();
    const before = await onDisk(box);
    await page.getByRole('button', {name: 'Go on'}).click();
    await page.getByText('Choose the same file again').waitFor();
    await picture(page, 'add-needs-file');
    await choose(page, film);
    await over(box, before + 2 * MiB);
    await page.getByRole('button', {name: 'Pause'}).click();
    await page.getByRole('link', {name: 'Settings'}).click();
    await page.getByRole('button', {name: 'Log out'}).click();
    await page.getByRole('heading', {name: 'Log in'}).waitFor();
    const databases = await page.evaluate('indexedDB.databases().then(all => all.map(({name}) => name))');
    t.strictSame(databases, []);
    await page.getByLabel('Name').fill('ann');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', {name: 'Log in'}).click();
    await page.getByRole('navigation').waitFor();
    await page.goto(`${url}/add`);
    await page.getByRole('heading', {name: 'Begun earlier'}).waitFor();
    await picture(page, 'add-left-over');
    await choose(page, film);
    await page.getByText(/^\d+% of it is on the box already$/).waitFor();
    await page.getByRole('button', {name: 'Dub this film'}).click();
    await page.getByRole('link', {name: 'Go to the film'}).waitFor({timeout: 60_000});
    t.match(await box.jobs(), [{owner: 'ann', via: 'upload', title: 'A film.mp4'}]);
    await fits(t, home);
  },
);

t.test(
  'several go one after another; what somebody else left in this browser is not shown, and goes',
  async t => {
    const home = await house(t, {}, {viewport: {width: 1280, height: 900}, colorScheme: 'dark'});
    const {page, box} = home;
    const folder = t.testdir();
    const films = await Promise.all(
      [1, 2].map(async number => {
        const path = await readerFilm(join(folder, `Part ${number}.mp4`));
        await appendFile(path, freeBox(6 * MiB + number));
        return path;
      }),
    );
    await choose(page, ...films);
    await picture(page, 'add-wide-dark-chosen');
    await network(page, 2 * MiB);
    await page.getByRole('button', {name: 'Dub 2 films'}).click();
    await page.getByRole('article').filter({hasText: 'Waits for its turn'}).waitFor();
    await over(box, MiB);
    await picture(page, 'add-wide-dark-sending');
    await page.getByRole('link', {name: 'Go to the film'}).waitFor();
    await over(box, MiB);
    await page.getByRole('button', {name: 'Pause'}).click();
    await until('the copy is there', async () => ((await page.evaluate(kept)) as number[])[1] === 1);
    await page.evaluate(`new Promise(done => {
    const asked = indexedDB.open('uploads');
    asked.onsuccess = () => {
      const brings = asked.result.transaction('brings', 'readwrite').objectStore('brings');
      brings.getAll().onsuccess = ({target}) => {
        for (const kept of target.result) brings.put({...kept, user: 'bob'});
      };
      brings.transaction.oncomplete = () => { asked.result.close(); done(); };
    };
  })`);
    await page.goto('about:blank');
    await page.goBack();
    await until('it has gone', async () => String(await page.evaluate(kept)) === '0,0');
    // It is hers on the box all the same.
    await page.getByRole('heading', {name: 'Begun earlier'}).waitFor();
    t.equal(await page.getByText('Paused', {exact: true}).count(), 0);
    t.match(await box.jobs(), [{title: 'Part 1.mp4'}]);
    t.strictSame(home.violations, []);
  },
);

const hostile = `<img src=x onerror=alert(1)> \u202e🎬 ${'long '.repeat(30)}`;

t.test('films on the box are chosen from its folders, with the subtitles beside them', async t => {
  const films = t.testdir({show: {}});
  const first = await readerFilm(join(films, 'show', 'One.mp4'));
  await writeCues(dirname(first), 'One.es.srt', 'es');
  await writeFile(join(films, 'show', `${hostile}.mp4`), 'not a film');
  const home = await house(t, {MEDIA_DIRS: films});
  const {page, box} = home;
  await page.getByText('From the box’s folders').click();
  await page.locator('.fold .entry').click();
  await page.getByRole('button', {name: 'show'}).click();
  await page.getByRole('checkbox').nth(0).check();
  await page.getByRole('checkbox').nth(1).check();
  await page.getByLabel('Into').selectOption('es');
  await page.getByLabel('Who may watch it').selectOption('shared');
  await picture(page, 'add-folders');
  await rm(join(films, 'show', `${hostile}.mp4`));
  await page.getByRole('button', {name: 'Dub 2 films'}).click();
  await page.getByRole('alert').filter({hasText: 'onerror'}).waitFor();
  await picture(page, 'add-folders-refused');
  const jobs = await box.jobs();
  t.match(jobs, [{owner: 'ann', title: 'One.mp4', to: 'es', card: {visibility: 'shared'}}]);
  const [job] = jobs;
  if (job !== undefined) t.strictSame((await box.job(job.id)).sidecars, ['One.es.srt']);
  await fits(t, home);
});
