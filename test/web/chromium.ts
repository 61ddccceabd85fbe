/** Owns Debian's Chromium in tests: a fresh profile, no word to anybody outside, and what a page complained of. */
import {existsSync} from 'node:fs';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type BrowserContext, chromium, type Page} from 'playwright-core';
import type {Test} from 'tap';
import {bundlePages} from '../../scripts/pages.ts';
import {until} from './served.ts';

const executablePath = '/usr/bin/chromium';
const args = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
];
/** A page that does not come to what is waited for is a failure, not a wait. */
const patienceMs = 15_000;

export async function chromiumOf(t: Test, more: object = {}): Promise<BrowserContext> {
  await bundlePages();
  if (!existsSync(executablePath)) throw new Error('There is no Chromium here: run scripts/setup test.');
  const profile = await mkdtemp(join(tmpdir(), 'chromium-'));
  t.teardown(() => rm(profile, {recursive: true, force: true, maxRetries: 5}));
  const options = {executablePath, args, headless: true, timeout: 60_000, ...more};
  const context = await chromium.launchPersistentContext(profile, options);
  t.teardown(() => context.close());
  context.setDefaultTimeout(patienceMs);
  return context;
}

/** What a page's policy kept from happening, as the browser tells it. */
export async function violationsOf(page: Page): Promise<string[]> {
  const violations: string[] = [];
  await page.exposeFunction('tellViolation', (what: string) => violations.push(what));
  await page.addInitScript(
    `addEventListener('securitypolicyviolation', e => tellViolation(e.violatedDirective + ' ' + e.blockedURI))`,
  );
  page.on('console', message => {
    if (/Content Security Policy/.test(message.text())) violations.push(message.text());
  });
  page.on('pageerror', cause => violations.push(String(cause)));
  return violations;
}

/** What the box drew has become alive. */
export async function ready(page: Page): Promise<void> {
  await page.waitForSelector('html[data-ready]', {state: 'attached'});
}

/** Looks again and again until it is so in the page; Playwright's own way asks for an eval, which the pages forbid. */
export async function isSo(page: Page, expression: string): Promise<void> {
  await until(expression, () => page.evaluate<boolean>(`Boolean(${expression})`));
}
