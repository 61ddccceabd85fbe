/** Owns a real daemon for tests of pages: real engines and jails, its first admin, and a browser that is logged in. */
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {BrowserContext, Page} from 'playwright-core';
import type {Test} from 'tap';
import {readerFilm, writeCues} from '../../clips.ts';
import {type Env, type TestBox, testBox} from '../../supervisor/daemons.ts';
import {chromiumOf, ready, violationsOf} from '../chromium.ts';
import {password} from '../people.ts';

export interface PagedBox {
  readonly box: TestBox;
  readonly url: string;
  readonly context: BrowserContext;
  readonly page: Page;
  readonly violations: string[];
}

/** Where the daemon that was started last serves its pages. */
export function urlOf(box: TestBox): string {
  const found = [...box.said.matchAll(/"web":"([^"]+)"|web=(\S+)/g)].at(-1);
  const url = found?.[1] ?? found?.[2];
  if (url === undefined) throw new Error(`it does not say where it serves:\n${box.said}`);
  return url;
}

/** From the setup code on, as somebody does who has just started the box. */
export async function pagedBox(t: Test, env: Env = {}, more: object = {}): Promise<PagedBox> {
  const context = await chromiumOf(t, {viewport: {width: 360, height: 740}, ...more});
  const box = await testBox(t, env);
  await box.start();
  const url = urlOf(box);
  const code = await box.client.call('users.setup', {});
  if (!code.ok) throw new Error(JSON.stringify(code.why));
  const page = await context.newPage();
  const violations = await violationsOf(page);
  await page.goto(`${url}/setup#${code.value.code}`);
  await ready(page);
  await page.getByLabel('Name').fill('ann');
  await page.getByLabel('New password').fill(password);
  await page.getByRole('button', {name: 'Go on'}).click();
  await page.getByRole('navigation').waitFor();
  return {box, url, context, page, violations};
}

/** A film with its words beside it: what is said is known, so that lines can be looked for by it. */
export async function filmIn(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'film-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  await writeCues(folder, 'film.en.srt', 'en');
  return readerFilm(join(folder, 'film.mp4'));
}

/** That film, brought by ann and dubbed: two lines, of two speakers. */
export async function dubbed(t: Test, box: TestBox): Promise<Awaited<ReturnType<TestBox['job']>>> {
  const film = await filmIn(t);
  await box.drop(film, 'ann/film.mp4');
  await box.drop(film.replace('.mp4', '.en.srt'), 'ann/film.en.srt');
  const job = await box.jobIn('done', 'failed');
  t.equal(job.state.is, 'done', JSON.stringify(job.state));
  return job;
}
