/** The library in a real browser, over a real library and a real trash: what is found, and what is done with several films at once. */
import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Page} from 'playwright-core';
import t, {type Test} from 'tap';
import type {Role} from '../../../appliance/api/permissions.ts';
import {Audit} from '../../../appliance/audit/audit.ts';
import {readConfig} from '../../../appliance/config/config.ts';
import {digestOf} from '../../../appliance/digest.ts';
import type {Job} from '../../../appliance/job.ts';
import {blankCard, type Card} from '../../../appliance/library/card.ts';
import {createLog} from '../../../appliance/log.ts';
import {listenOnNetwork} from '../../../supervisor/listen.ts';
import {Wired} from '../../supervisor/wired.ts';
import {chromiumOf, ready, violationsOf} from '../chromium.ts';
import {ann, digest, idOf, jobOf} from '../memory-box.ts';
import {addPerson, password, peopleOf} from '../people.ts';
import {until} from '../served.ts';

const pictures = process.env['DUBSTEAD_PICTURES'];

async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  await mkdir(pictures, {recursive: true});
  await page.screenshot({path: join(pictures, `${name}.png`), fullPage: true});
}

interface House {
  readonly wired: Wired;
  readonly page: Page;
  readonly url: string;
  readonly violations: string[];
}

/** Ann is logged in at a box with these jobs. */
async function house(
  t: Test,
  jobs: readonly Job[],
  more: object = {},
  role: Role = 'operator',
): Promise<House> {
  const wired = await Wired.at(t);
  await wired.parts.box.setQueueMode('paused');
  for (const job of jobs) await wired.parts.desk.add(job);
  const home = await peopleOf(t);
  await addPerson(home, 'ann', role);
  const read = await readConfig({env: {PORT: '0', DATA_DIR: home.folder}, root: home.folder});
  if (!read.ok) throw new Error(JSON.stringify(read.why));
  const audit = await Audit.open(join(home.folder, 'audit'), home.now);
  t.teardown(() => audit.stop());
  const {listener, url} = await listenOnNetwork({
    ...{box: wired.parts.box, accounts: home.accounts, settings: read.value.settings, audit},
    ...{version: '0.1.0', hostname: 'attic', now: home.now, steady: () => performance.now()},
    ...{isProduction: false, log: createLog({places: [], level: 'fatal', transcripts: false, now: home.now})},
  });
  t.teardown(() => listener.stop(AbortSignal.abort()));
  const context = await chromiumOf(t, {viewport: {width: 360, height: 740}, ...more});
  const page = await context.newPage();
  const violations = await violationsOf(page);
  await page.goto(`${url}/login?next=/library`);
  await ready(page);
  await page.getByLabel('Name').fill('ann');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', {name: 'Log in'}).click();
  await page.getByRole('heading', {name: 'Library'}).waitFor();
  await ready(page);
  return {wired, page, url, violations};
}

const named = (number: number, name: string, card: Partial<Card> | null = null): Job =>
  jobOf(number, {
    ...{owner: ann, card: card && {...blankCard, ...card}},
    state: {is: 'done', at: 1_000_000 - number, seconds: 1, outputs: [], summary: []},
    source: {name, bytes: 1, digest},
  });

const names = (page: Page): Promise<string[]> => page.locator('.films .name').allTextContents();

async function shows(page: Page, wanted: readonly string[]): Promise<void> {
  await until(`it shows ${wanted}`, async () => String(await names(page)) === String(wanted));
}

async function fits(t: Test, {page, violations}: House, what: string): Promise<void> {
  t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360, `${what} fits on a phone`);
  t.strictSame(violations, []);
}

/** A title may hold no marks that turn text around; a file's name may. */
const script = `<img src=x onerror=alert(1)> \u202e🎬 ${'long '.repeat(30)}`;
const shelf: readonly Job[] = [
  named(1, 'Show.S01E01.mkv', {tags: ['Comedy']}),
  named(2, 'Show.S01E02.mkv'),
  named(3, 'Show.S02E01.mkv'),
  named(4, 'The herons (2001).mkv', {tags: ['Comedy', 'old & <b>new</b>']}),
  named(5, `${script}.mkv`),
  named(7, 'Zebra.mkv', {title: `</script><b>🦓</b> ${'خط طويل '.repeat(20)}`.trim()}),
  named(6, 'Away.mkv', {archived: 5}),
];

t.test('films are searched, filtered and put in order, each under an address of its own', async t => {
  const home = await house(t, shelf);
  const {page, url} = home;
  const all = await names(page);
  t.equal(all.length, 6);
  t.ok(
    all.some(name => name.includes('<img src=x')),
    'a name stays text',
  );
  await picture(page, 'library');
  await fits(t, home, 'all of it');
  await page.getByLabel('Search', {exact: true}).pressSequentially('heron');
  await shows(page, ['The herons (2001)']);
  t.equal(new URL(page.url()).search, '?q=heron');
  t.equal(await page.evaluate('document.activeElement.id'), 'q', 'whoever types goes on typing');
  const drawn = await (await page.context().request.get(`${url}/library?q=heron`)).text();
  t.match(drawn, /class="name"[^>]*>The herons/);
  t.notMatch(drawn, /class="name"[^>]*>Show/);
  await page.getByLabel('Search', {exact: true}).fill('nothing like it');
  await page.getByText('Nothing is found here.').waitFor();
  await page.getByLabel('Search', {exact: true}).fill('');
  await until('all are there', async () => (await names(page)).length === 6);
  await page.getByRole('link', {name: 'Comedy 2'}).click();
  await until('the tag is chosen', async () => (await names(page)).length === 2);
  await picture(page, 'library-tag');
  await page.getByRole('link', {name: 'take this filter away'}).click();
  await until('all are there', async () => (await names(page)).length === 6);
  await page.getByText('Series', {exact: true}).click();
  await page.getByRole('link', {name: 'Show 3'}).click();
  await page.getByRole('link', {name: 'Season 2'}).click();
  await until('one season', async () => (await names(page)).length === 1);
  await picture(page, 'library-season');
  await page.goBack();
  await until('all seasons', async () => (await names(page)).length === 3);
  await page.getByRole('link', {name: 'Archive'}).click();
  await page.getByText('Nothing is found here.').waitFor();
  await page.getByRole('link', {name: 'take this filter away'}).click();
  await shows(page, ['Away']);
  await page.getByRole('link', {name: 'Films'}).click();
  await page.getByLabel('Order').selectOption('title');
  await until('by title', async () => new URL(page.url()).search === '?sort=title');
  await fits(t, home, 'a title of script, emoji and marks');
});

t.test('several are tagged, archived, deleted after one question, and restored', async t => {
  const home = await house(t, shelf);
  const {page, wired} = home;
  await page.getByRole('button', {name: 'Select'}).click();
  for (const name of ['Show S01E01', 'Show S01E02']) await page.getByRole('checkbox', {name}).check();
  await page.getByText('2 films selected').waitFor();
  await picture(page, 'library-picking');
  await page.getByRole('button', {name: 'Tag', exact: true}).click();
  await picture(page, 'library-tagging');
  await page.getByLabel('Tag for all of them').fill('weekend');
  await page.getByRole('dialog').getByRole('button', {name: 'Tag', exact: true}).click();
  await page.getByText('Done, for 2 films.').waitFor();
  const cardOf = (number: number) => wired.parts.desk.get(idOf(number))?.card;
  t.strictSame(cardOf(1)?.tags, ['Comedy', 'weekend']);
  t.strictSame(cardOf(2)?.tags, ['weekend']);

  await page.getByRole('button', {name: 'Select'}).click();
  for (const box of await page.getByRole('checkbox', {name: /Show|herons/}).all()) await box.check();
  await page.getByRole('button', {name: 'Delete', exact: true}).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Delete these 4 films?').waitFor();
  t.equal(await page.evaluate('document.activeElement.textContent'), 'Keep', 'the way back comes first');
  await picture(page, 'library-sure');
  await dialog.getByRole('button', {name: 'Keep'}).click();
  t.equal(wired.state(idOf(1)), 'done', 'no one tap takes anything away');
  await page.getByRole('button', {name: 'Delete', exact: true}).click();
  await dialog.getByRole('button', {name: 'Delete'}).click();
  await page.getByText('Done, for 4 films.').waitFor();
  t.strictSame(
    [1, 2, 3, 4].map(number => wired.state(idOf(number))),
    Array(4).fill('deleted'),
  );
  await until('two are left', async () => (await names(page)).length === 2);

  await page.getByRole('link', {name: 'Trash'}).click();
  await until('they are in the trash', async () => (await names(page)).length === 4);
  await picture(page, 'library-trash');
  t.equal(await page.getByRole('button', {name: 'Restore'}).count(), 4);
  await page.getByRole('button', {name: 'Select'}).click();
  t.equal(await page.getByRole('button', {name: 'Delete for good'}).count(), 0, 'that is for admins');
  for (const box of await page.getByRole('checkbox', {name: /Show/}).all()) await box.check();
  await page.getByRole('button', {name: 'Restore'}).click();
  await page.getByText('Done, for 3 films.').waitFor();
  t.equal(wired.state(idOf(1)), 'done');
  await until('one is left in it', async () => (await names(page)).length === 1);
  await page.getByRole('button', {name: 'Restore'}).click();
  await page.getByText('The trash is empty.').waitFor();
  await page.getByRole('link', {name: 'Films'}).click();
  await page.getByRole('button', {name: 'Select'}).click();
  await page.getByRole('checkbox', {name: 'The herons'}).check();
  await page.getByRole('button', {name: 'Archive', exact: true}).click();
  await page.getByText('Done, for 1 film.').waitFor();
  t.ok(cardOf(4)?.archived);
  await fits(t, home, 'all of it');
});

t.test('an admin is told when the box purges nothing on demand, after a password', async t => {
  const home = await house(t, [named(1, 'One.mkv')], {colorScheme: 'dark'}, 'admin');
  const {page, wired} = home;
  await wired.parts.box.wish(idOf(1), 'delete');
  await page.getByRole('link', {name: 'Trash'}).click();
  await page.getByRole('button', {name: 'Select'}).click();
  await page.getByRole('checkbox', {name: 'One'}).check();
  await page.getByRole('button', {name: 'Delete for good'}).click();
  await page.getByText('Delete this film for good? Nothing brings it back.').waitFor();
  await page.getByRole('dialog').getByRole('button', {name: 'Delete for good'}).click();
  await page.getByRole('alert').filter({hasText: 'One: This box purges nothing on demand'}).waitFor();
  await picture(page, 'library-purge-dark');
  t.equal(wired.state(idOf(1)), 'deleted');
  await fits(t, home, 'what went wrong');
});

t.test('what is said leads to the second at which it is said', async t => {
  const home = await house(t, []);
  const {page, wired} = home;
  const {id} = jobOf(9);
  const folder = wired.path('jobs', id, 'out');
  await mkdir(folder, {recursive: true});
  const lines = [
    {
      source: {start: 61.25, end: 63},
      text: 'The ZEPPELIN is late.',
      translation: 'El dirigible.',
      speaker: 'A',
    },
  ];
  const report = JSON.stringify({version: 1, lines});
  const path = join(folder, 'film.es.report.json');
  await writeFile(path, report);
  const made = {
    kind: 'report for programs',
    path,
    bytes: Buffer.byteLength(report),
    digest: digestOf(report),
  };
  await page.getByText('There are no films yet.').waitFor();
  await picture(page, 'library-empty');
  await wired.parts.desk.add(
    jobOf(9, {owner: ann, state: {is: 'done', at: 5, seconds: 1, outputs: [made], summary: []}}),
  );
  await wired.parts.said.settled();
  await shows(page, ['film 9']);
  await page.getByLabel('Search in what is said').check();
  await page.getByLabel('Search', {exact: true}).pressSequentially('zeppelin');
  const link = page.getByRole('link', {name: 'The ZEPPELIN is late.'});
  await link.waitFor();
  t.equal(await link.getAttribute('href'), `/watch/${id}?t=61`);
  t.equal(new URL(page.url()).search, '?said=zeppelin');
  await picture(page, 'library-said');
  await fits(t, home, 'all of it');
});

t.test('many come as somebody nears the end of the page', async t => {
  const many = Array.from({length: 120}, (_, i) =>
    named(i + 1, `Number ${String(i + 1).padStart(3, '0')}.mkv`),
  );
  const home = await house(t, many, {viewport: {width: 1280, height: 900}, colorScheme: 'dark'});
  const {page} = home;
  await picture(page, 'library-wide-dark');
  t.ok((await names(page)).length <= 100, 'not all of them at once');
  await until('all of them are there', async () => {
    await page.evaluate('scrollTo(0, document.body.scrollHeight)');
    return (await names(page)).length === 120;
  });
  t.equal(new Set(await names(page)).size, 120, 'each of them once');
  t.strictSame(home.violations, []);
});
