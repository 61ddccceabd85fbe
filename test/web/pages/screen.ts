/** Owns somebody who is logged in, in a browser of their own, and what tests of the pages look at and press there. */
import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import type {BrowserContext, Locator, Page} from 'playwright-core';
import type {Test} from 'tap';
import {chromiumOf, ready, violationsOf} from '../chromium.ts';
import {password} from '../people.ts';

export const narrow = {viewport: {width: 360, height: 740}};
const pictures = process.env['DUBSTEAD_PICTURES'];

export interface Screen {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly violations: string[];
}

/** A browser of its own: another device. */
export async function screen(t: Test, more: object = {}): Promise<Screen> {
  const context = await chromiumOf(t, {...narrow, locale: 'en-US', ...more});
  const page = await context.newPage();
  return {context, page, violations: await violationsOf(page)};
}

/** As ann. */
export async function logIn(page: Page, url: string, next: string): Promise<void> {
  await page.goto(`${url}/login?next=${encodeURIComponent(next)}`);
  await ready(page);
  await page.getByLabel('Name').fill('ann');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', {name: 'Log in', exact: true}).click();
  await page.waitForURL(url + next);
  await ready(page);
}

/** On a phone, and within its policy. */
export async function fits(t: Test, {page, violations}: Screen): Promise<void> {
  t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360, 'it fits on a phone');
  t.strictSame(violations, []);
}

export const section = (page: Page, title: string): Locator =>
  page.locator('details.fold', {has: page.getByRole('heading', {name: title, level: 2})});

export async function opened(page: Page, title: string): Promise<Locator> {
  const found = section(page, title);
  await found.locator('summary').first().click();
  return found;
}

export const said = (page: Page, text: string | RegExp): Promise<void> =>
  page.locator('.said').filter({hasText: text}).waitFor();

/** In both colours, where somebody asked for pictures. */
export async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  await mkdir(pictures, {recursive: true});
  await page.screenshot({path: join(pictures, `${name}.png`), fullPage: true});
  await page.emulateMedia({colorScheme: 'dark'});
  await page.screenshot({path: join(pictures, `${name}-dark.png`), fullPage: true});
  await page.emulateMedia({colorScheme: null});
}
