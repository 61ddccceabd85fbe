/** The box's page in a real browser: people, queue and what was done, as an admin has them. */
import type {Page} from 'playwright-core';
import t, {type Test} from 'tap';
import {Inbox, Status} from '../../../appliance/api/status.ts';
import {blankCard} from '../../../appliance/library/card.ts';
import {trailOf} from '../../../supervisor/trail.ts';
import {squarePath} from '../../../web/page-code.ts';
import {axeFaultsInBoth} from '../axe.ts';
import {ready} from '../chromium.ts';
import {bob, jobOf, MemoryBox} from '../memory-box.ts';
import {addPerson, Browser, type Network, networkOf, password} from '../people.ts';
import {fits, logIn, narrow, opened, picture, type Screen, said, screen, section} from './screen.ts';

const hostile = `<b>نص</b> 🎬${'אבג'.repeat(20)}${'x'.repeat(120)}`;

interface Office extends Network, Screen {}

async function office(t: Test, box = new MemoryBox()): Promise<Office> {
  const net = await networkOf(t, {}, {box});
  box.trail = trailOf(`${net.folder}/audit`, net.audit);
  await addPerson(net, 'ann', 'admin');
  const at = await screen(t);
  await logIn(at.page, net.url, '/admin');
  return {...net, ...at};
}

const person = (page: Page, name: string) =>
  section(page, 'People').locator('details.person', {has: page.getByText(name, {exact: true})});

async function openPerson(page: Page, name: string) {
  const found = person(page, name);
  await found.locator('summary').first().click();
  return found;
}

/** The button, and the same in the dialog that asks. */
async function surely(page: Page, part: ReturnType<typeof person>, name: string): Promise<void> {
  await part.getByRole('button', {name, exact: true}).click();
  await page.getByRole('dialog').getByRole('button', {name, exact: true}).click();
}

t.test('an invitation is a link and a square code: whoever opens it chooses a name and is in', async t => {
  const net = await office(t);
  const {page, url, pass} = net;
  pass(6 * 60_000);
  const people = await opened(page, 'People');
  await people.getByLabel('Role').last().selectOption('viewer');
  await people.getByRole('button', {name: 'Make a link'}).click();
  await page.getByRole('dialog', {name: 'Is it you?'}).getByLabel('Password').fill(password);
  await page.keyboard.press('Enter');
  const link = await people.getByLabel('Link', {exact: true}).inputValue();
  const square = people.getByRole('img', {name: 'Square code of the link'}).locator('path');
  await square.waitFor();
  t.equal(await square.getAttribute('d'), squarePath(link).path);
  await picture(page, 'invited');
  const {context, page: guest} = await screen(t);
  await guest.goto(link.replace('http://attic:8700', url));
  await ready(guest);
  await guest.getByLabel('Name').fill('carol');
  await guest.getByLabel('New password').fill(password);
  await guest.getByRole('button', {name: 'Go on'}).click();
  await guest.getByRole('navigation').waitFor();
  t.match(await (await context.request.get(`${url}/api/auth/me`)).json(), {name: 'carol', role: 'viewer'});
  await people.getByRole('button', {name: 'Done'}).click();
  t.notMatch(await page.content(), link, 'the link is shown once');
  await page.reload();
  await ready(page);
  await opened(page, 'People');
  await person(page, 'carol').waitFor();
  await fits(t, net);
});

t.test('role, quotas, a new password, locked out, logins, removed: each as it says', async t => {
  const net = await office(t);
  const {page, url, accounts} = net;
  await addPerson(net, 'bob', 'viewer');
  const theirs = new Browser(url);
  await theirs.login('bob');
  await page.reload();
  await ready(page);
  await opened(page, 'People');
  const part = await openPerson(page, 'bob');
  await part.getByLabel('Role').selectOption('operator');
  await part.getByRole('button', {name: 'Set the role'}).click();
  await said(page, 'Saved');
  await part.locator('summary .tag', {hasText: 'Brings films'}).waitFor();
  t.equal((await theirs.ask('/api/auth/me')).status, 401, 'a new role begins with a new login');
  await theirs.login('bob');
  await part.getByText('What they may have').click();
  await part.getByLabel('Kept in all, in GB').fill('1.5');
  await part.getByLabel('Films at once').fill('2');
  await picture(page, 'quotas');
  await Promise.all([
    page.waitForResponse(each => each.url().endsWith('/quotas')),
    part.getByRole('button', {name: 'Save', exact: true}).click(),
  ]);
  const quotas = () => accounts.people.list().find(({name}) => name === 'bob')?.quotas;
  t.match(quotas(), {keptBytes: 1.5e9, running: 2, queued: null, uploadMb: null});
  await part.getByText('Where they are logged in').click();
  await part.getByText('Firefox').waitFor();
  await picture(page, 'person');
  await surely(page, part, 'Log out');
  await part.getByText('Nowhere.').waitFor();
  t.equal((await theirs.ask('/api/auth/me')).status, 401);
  await surely(page, part, 'New password');
  t.match(await part.getByLabel('Link', {exact: true}).inputValue(), /\/join#/);
  await surely(page, part, 'Lock out');
  await part.locator('summary .tag', {hasText: 'locked out'}).waitFor();
  t.equal((await theirs.login('bob')).status, 401);
  await surely(page, part, 'Let in again');
  await part.locator('summary .tag', {hasText: 'locked out'}).waitFor({state: 'detached'});
  t.equal((await theirs.login('bob')).status, 200);
  await part.getByRole('button', {name: 'Remove', exact: true}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'Cancel'}).click();
  t.equal((await theirs.ask('/api/auth/me')).status, 200, 'nothing happens by Cancel');
  await surely(page, part, 'Remove');
  await part.waitFor({state: 'detached'});
  t.equal((await theirs.ask('/api/auth/me')).status, 401);
  const own = await openPerson(page, 'ann');
  await surely(page, own, 'Remove');
  await page.getByRole('dialog').getByRole('alert').filter({hasText: 'last admin'}).waitFor();
  await page.keyboard.press('Escape');
  await fits(t, net);
});

t.test('the queue is held and runs on; what waits is ranked and cancelled; news comes by itself', async t => {
  const box = new MemoryBox([jobOf(1, {card: {...blankCard, title: hostile}}), jobOf(2, {owner: bob})]);
  const net = await office(t, box);
  const {page} = net;
  const queue = section(page, 'Queue');
  await queue.getByRole('button', {name: 'Hold'}).click();
  await queue.locator('button[aria-pressed=true]', {hasText: 'Hold'}).waitFor();
  t.equal(box.mode, 'paused');
  await queue.getByRole('button', {name: 'Drain'}).click();
  await queue.locator('button[aria-pressed=true]', {hasText: 'Drain'}).waitFor();
  t.equal(box.mode, 'draining');
  box.events.append({is: 'queue', queue: {...box.queue(), mode: 'running'}});
  await queue.locator('button[aria-pressed=true]', {hasText: 'Run'}).waitFor();
  box.events.append({
    is: 'alerts',
    alerts: [{code: 'disk-low', what: 'The disk is nearly full.', fix: 'Delete films.'}],
  });
  await section(page, 'Health').getByText('The disk is nearly full.').waitFor();
  const lines = queue.locator('.lines li');
  t.match(await lines.first().textContent(), /نص/);
  await picture(page, 'queue');
  await lines.filter({hasText: 'film 2'}).getByLabel('Priority').fill('5');
  await page.keyboard.press('Enter');
  await lines.first().filter({hasText: 'film 2'}).waitFor();
  t.equal(box.all.get(jobOf(2).id)?.priority, 5);
  await lines.first().getByRole('button', {name: 'Cancel the job'}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'Cancel the job'}).click();
  await lines.filter({hasText: 'film 2'}).waitFor({state: 'detached'});
  t.equal(box.all.get(jobOf(2).id)?.state.is, 'cancelled');
  await fits(t, net);
});

t.test(
  'health says what is low, a graphics card or none; the inbox what waits and what was refused',
  async t => {
    const box = new MemoryBox();
    const summary = {folder: '/box/inbox', settling: 1, held: 1, refused: 1};
    const state = {is: 'offline', why: 'It is not mounted.', since: 1} as const;
    const inbox: Inbox = Inbox.parse({
      ...{...summary, state},
      files: [
        {
          name: `ann/${hostile}.mkv`,
          owner: 'ann',
          bytes: 5e9,
          since: Date.now() - 60_000,
          held: 'The disk is full.',
        },
      ],
      lastRefused: [{name: 'x.txt', at: Date.now(), what: 'It is no film.', fix: 'Put films there.'}],
    });
    const usual = await box.status();
    box.inbox = async () => inbox;
    box.status = async () =>
      Status.parse({...usual, now: Date.now(), started: Date.now() - 3_600_000, inbox: {...summary, state}});
    const net = await office(t, box);
    const {page} = net;
    const health = section(page, 'Health');
    await health.getByText('1 byte of 2 byte', {exact: false}).waitFor();
    t.equal(await health.locator('.tag.bad').textContent(), 'low');
    t.match(await health.textContent(), /Graphics cardnone/);
    t.match(await health.textContent(), /bubblewrap is not installed/);
    const part = await opened(page, 'Inbox');
    await part.getByText('It is not mounted.').waitFor();
    await part.getByText('The disk is full.').waitFor();
    await part.getByText('It is no film.').waitFor();
    await part.getByRole('button', {name: 'Look through it now'}).click();
    await said(page, 'Looked through');
    await picture(page, 'inbox');
    await fits(t, net);
  },
);

t.test('what was done is read newest first, of one person, and further back', async t => {
  const net = await office(t);
  const {page, url} = net;
  await addPerson(net, 'bob', 'viewer');
  const theirs = new Browser(url);
  await theirs.login('bob');
  for (let i = 0; i < 60; i += 1) await theirs.ask('/api/auth/preferences', {method: 'PUT', body: {}});
  await page.reload();
  await ready(page);
  const part = await opened(page, 'What was done');
  const lines = part.locator('.lines li');
  await lines.nth(49).waitFor();
  t.equal(await lines.count(), 50);
  await part.getByLabel('By whom').selectOption('ann');
  await lines.filter({hasText: 'bob'}).first().waitFor({state: 'detached'});
  await lines.filter({hasText: 'admin.viewed'}).first().waitFor();
  await picture(page, 'audit');
  await part.getByLabel('By whom').selectOption('bob');
  await lines.nth(49).waitFor();
  await part.getByRole('button', {name: 'More'}).click();
  await lines.nth(59).waitFor();
  t.match(await lines.first().textContent(), /auth\.preferences_changed/);
  const usage = await opened(page, 'Who uses how much');
  await usage.locator('summary', {hasText: 'bob'}).click();
  await usage.locator('details.person', {hasText: 'bob'}).getByText('Kept in all').waitFor();
  await fits(t, net);
});

t.test('all of it open, at both widths and in both colours: nothing keeps people from it', async t => {
  const net = await office(
    t,
    new MemoryBox([jobOf(1), jobOf(2, {state: {is: 'running', since: 1, pid: 7}})]),
  );
  const {page} = net;
  await addPerson(net, 'bob', 'viewer');
  await page.reload();
  await ready(page);
  for (const title of ['People', 'Who uses how much', 'Inbox', 'What was done']) await opened(page, title);
  await openPerson(page, 'bob');
  await section(page, 'What was done').locator('.lines li').first().waitFor();
  t.strictSame(await axeFaultsInBoth(page), []);
  await picture(page, 'admin');
  await page.setViewportSize({width: 1280, height: 800});
  await picture(page, 'admin-wide');
  t.strictSame(await axeFaultsInBoth(page), []);
  await page.setViewportSize(narrow.viewport);
  await fits(t, net);
});

t.test(
  'engines say whether they work, and what was removed has a receipt; both are asked for when they are opened',
  async t => {
    const net = await office(t);
    const {page} = net;
    const asked: string[] = [];
    page.on('request', request => asked.push(new URL(request.url()).pathname));
    const engines = await opened(page, 'Engines');
    await engines.getByText('It is not installed.').waitFor();
    t.match(await engines.locator('li').allTextContents(), [/espeak-ng works/, /piper not here/]);
    await engines.getByText('Translates: en-es, es-en').waitFor();
    t.notOk(asked.includes('/api/receipts'));
    const removed = await opened(page, 'Removed');
    await removed.getByText('2 files, 5 MB').waitFor();
    t.match(await removed.locator('li').allTextContents(), [
      /uploads: 2.*1 was left as it was.*by the clock/s,
    ]);
    await picture(page, 'engines');
    await fits(t, net);
  },
);
