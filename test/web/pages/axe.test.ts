/** Every page as axe-core judges it, in both colour schemes and at both widths; and that it would find what is wrong. */
import {readFile, stat} from 'node:fs/promises';
import {join} from 'node:path';
import type {Page} from 'playwright-core';
import t, {type Test} from 'tap';
import {digestOf} from '../../../appliance/digest.ts';
import {axeFaults, axeFaultsInBoth} from '../axe.ts';
import {chromiumOf, ready, violationsOf} from '../chromium.ts';
import {jobOf, MemoryBox} from '../memory-box.ts';
import {addPerson, networkOf, password} from '../people.ts';
import {dubbed, pagedBox} from './box.ts';

const narrow = {width: 360, height: 740};
const wide = {width: 1280, height: 800};
const film = join(import.meta.dirname, '../../../media/sample.mp4');

async function boxOf(): Promise<MemoryBox> {
  const output = {
    kind: 'for the phone',
    path: film,
    bytes: (await stat(film)).size,
    digest: digestOf(await readFile(film)),
  };
  return new MemoryBox([
    jobOf(1, {state: {is: 'done', at: 2, seconds: 1, summary: ['12 lines'], outputs: [output]}}),
    jobOf(2, {state: {is: 'running', since: 1, pid: 7}}),
    jobOf(3, {state: {is: 'failed', at: 2, failure: {reason: 'no-speech', path: '/box/film.mkv'}}}),
    jobOf(4),
  ]);
}

/** Once what it shows is there; what opens is opened, and `more` opens the rest. */
const judging =
  (t: Test, page: Page, url: string) =>
  async (path: string, more: () => Promise<void> = async () => {}): Promise<void> => {
    await page.goto(url + path);
    await ready(page);
    await more();
    for (const viewport of [narrow, wide]) {
      await page.setViewportSize(viewport);
      await page.evaluate(
        `for (const part of document.querySelectorAll('details:not(.more)')) part.open = true`,
      );
      t.strictSame(await axeFaultsInBoth(page), [], `${path} at ${viewport.width}`);
    }
    await page.setViewportSize(narrow);
    t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360, `${path} fits`);
  };

t.test('nothing serious or critical is found on any page', async t => {
  const net = await networkOf(t, {}, {box: await boxOf()});
  await addPerson(net, 'ann', 'admin');
  const context = await chromiumOf(t, {viewport: narrow, locale: 'en-US'});
  const page = await context.newPage();
  const violations = await violationsOf(page);
  const judge = judging(t, page, net.url);
  for (const path of ['/login', '/setup', '/join']) await judge(path);
  await page.goto(`${net.url}/login`);
  await ready(page);
  await page.getByLabel('Name').fill('ann');
  await page.getByLabel('Password').fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation').waitFor();
  const inside = [
    '/',
    '/library',
    '/add',
    `/watch/${jobOf(1).id}`,
    '/settings',
    '/welcome',
    '/admin',
    '/approve',
  ];
  for (const path of inside) await judge(path);
  t.strictSame(violations, [], 'and its asking breaks no policy');
});

t.test(
  'nor on the pages of a film that was dubbed: its lines, one of them open, and how it came out',
  async t => {
    const {box, url, page, violations} = await pagedBox(t);
    const job = await dubbed(t, box);
    const judge = judging(t, page, url);
    await judge(`/watch/${job.id}`);
    await judge(`/quality/${job.id}`);
    await judge(`/edit/${job.id}`);
    await judge(`/edit/${job.id}`, async () => {
      const lines = page.locator('.script > li');
      await lines.nth(1).waitFor();
      await lines.nth(0).getByRole('button').first().click();
      await page.getByLabel('The dub says').fill('No era malo.');
      await page.getByText('1 not saved').waitFor();
    });
    t.strictSame(violations, []);
  },
);

t.test('what is wrong is found: a picture without words, a button without a name, pale letters', async t => {
  const net = await networkOf(t);
  const context = await chromiumOf(t, {viewport: narrow, locale: 'en-US'});
  const page = await context.newPage();
  await page.goto(`${net.url}/login`);
  await ready(page);
  await page.evaluate(`(() => {
    const main = document.querySelector('main');
    main.append(Object.assign(document.createElement('img'), {src: '/icon.svg'}), document.createElement('button'));
    const pale = Object.assign(document.createElement('p'), {textContent: 'pale'});
    pale.style.color = '#ddd';
    main.append(pale);
    document.querySelector('label').remove();
  })()`);
  const rules = (await axeFaults(page)).map(fault => fault.split(' ')[0]);
  for (const rule of ['image-alt', 'button-name', 'color-contrast', 'label'])
    t.ok(rules.includes(rule), rule);
});
