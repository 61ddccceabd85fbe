/**
 * Owns the pictures of the pages in docs/pictures/pages: `node scripts/page-pictures.ts` starts a box, dubs the sample film, and takes
 * every page as a phone shows it, light and dark, and as a desk does. For people to look at; never a test.
 */
import {execFile} from 'node:child_process';
import {copyFile, mkdir, mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {promisify} from 'node:util';
import {type Browser, chromium, type Page} from 'playwright-core';
import {UserName} from '../appliance/job.ts';
import {Appliance} from './appliance.ts';
import {bundlePages} from './pages.ts';

const exec = promisify(execFile);
const root = join(import.meta.dirname, '..');
const to = join(root, 'docs/pictures/pages');
const password = 'seven grey herons wait';
const views = [
  {name: 'phone', viewport: {width: 360, height: 740}, colorScheme: 'light'},
  {name: 'phone-dark', viewport: {width: 360, height: 740}, colorScheme: 'dark'},
  {name: 'desk', viewport: {width: 1280, height: 800}, colorScheme: 'light'},
  {name: 'desk-dark', viewport: {width: 1280, height: 800}, colorScheme: 'dark'},
] as const;

async function main(): Promise<void> {
  await bundlePages();
  const folder = await mkdtemp(join(tmpdir(), 'pictures-'));
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const appliance = await Appliance.start(join(folder, 'box'), {
    ...{PORT: String(port), DISK_FREE_MIN_GB: '0', INBOX_STABLE_SECONDS: '0.2', ENABLE_QR_LOGIN: '1'},
    ...{DUB_PRESET: 'fast', DUB_HLS: '1'},
  });
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    await mkdir(to, {recursive: true});
    const job = await fill(appliance, folder);
    for (const view of views) await takeAll(browser, `http://127.0.0.1:${port}`, {view, job});
  } finally {
    await browser.close();
    await appliance.stop();
    await rm(folder, {recursive: true, force: true});
  }
}

/** One film that is done, one that failed, some that wait. */
async function fill({client}: Appliance, folder: string): Promise<string> {
  const owner = UserName.parse('maria');
  await client.call('users.add', {body: {name: owner, role: 'admin', password}});
  const films = join(folder, 'films');
  await mkdir(films);
  const sample = join(root, 'media/sample.mp4');
  const film = async (name: string): Promise<string> => {
    const path = join(films, name);
    await copyFile(sample, path);
    return path;
  };
  const submit = async (path: string): Promise<string> => {
    const made = await client.call('jobs.submit', {body: {path, owner}});
    if (!made.ok) throw new Error(JSON.stringify(made.why));
    return made.value.job.id;
  };
  const job = await submit(await film('A walk along the coast S01E02.mp4'));
  const silent = join(films, 'Waves (no words).mp4');
  await exec('ffmpeg', [
    ...['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=640x360:r=12:d=4'],
    ...['-f', 'lavfi', '-i', 'anoisesrc=a=0.02:d=4', '-pix_fmt', 'yuv420p', silent],
  ]);
  await submit(silent);
  for (;;) {
    const page = await client.call('jobs.list', {query: {state: ['queued', 'running']}});
    if (!page.ok || page.value.jobs.length === 0) break;
    await wait(500);
  }
  await client.call('queue.set', {body: {mode: 'paused'}});
  await exec('ffmpeg', [
    ...['-nostdin', '-v', 'error', '-i', sample, '-t', '40', '-c', 'copy', join(films, 'The ferry.mp4')],
  ]);
  await submit(join(films, 'The ferry.mp4'));
  return job;
}

interface Taking {
  readonly view: (typeof views)[number];
  readonly job: string;
}

async function takeAll(browser: Browser, url: string, {view, job}: Taking): Promise<void> {
  const {viewport, colorScheme, name} = view;
  const context = await browser.newContext({viewport, colorScheme, serviceWorkers: 'block'});
  const page = await context.newPage();
  const take = async (path: string, what: string, before?: (page: Page) => Promise<void>): Promise<void> => {
    await page.goto(url + path);
    await page.waitForSelector('html[data-ready]', {state: 'attached'});
    await before?.(page);
    // Pictures of films come a moment later.
    await page.waitForLoadState('networkidle').catch(() => undefined);
    await page.screenshot({path: join(to, `${what}-${name}.jpg`), type: 'jpeg', quality: 60});
  };
  try {
    await take('/login', 'login');
    await take('/setup', 'setup');
    const entered = await context.request.post(`${url}/api/auth/login`, {
      ...{headers: {Origin: url}, data: {name: 'maria', password}},
    });
    if (!entered.ok()) throw new Error(await entered.text());
    await take('/welcome', 'welcome');
    await take('/', 'home');
    await take('/add', 'add');
    await take('/library', 'library');
    await take(`/watch/${job}`, 'watch');
    await take(`/edit/${job}`, 'edit', async shown => {
      const first = shown.locator('.script > li').first();
      await first.waitFor();
      await first.getByRole('button').first().click();
    });
    await take(`/quality/${job}`, 'quality');
    await take('/settings', 'settings');
    await take('/admin', 'admin');
  } finally {
    await context.close();
  }
}

await main();
