/** The settings in a real browser: what somebody sets is so, here and at the next login. */
import {TOTP, URI} from 'otpauth';
import type {Page} from 'playwright-core';
import t, {type Test} from 'tap';
import type {Role} from '../../../appliance/api/permissions.ts';
import {squarePath} from '../../../web/page-code.ts';
import {axeFaultsInBoth} from '../axe.ts';
import {isSo, ready} from '../chromium.ts';
import {addPerson, Browser, type HomeWishes, type Network, networkOf, password, send} from '../people.ts';
import {fits, logIn, narrow, opened, picture, type Screen, said, screen} from './screen.ts';

interface Settings extends Network, Screen {}

async function settingsOf(t: Test, role: Role = 'operator', wishes: HomeWishes = {}): Promise<Settings> {
  const net = await networkOf(t, {}, wishes);
  await addPerson(net, 'ann', role);
  const at = await screen(t);
  await logIn(at.page, net.url, '/settings');
  return {...net, ...at};
}

t.test('the language of the pages changes at once, without another page, and holds', async t => {
  const {page, url, violations, context} = await settingsOf(t);
  await page.evaluate('window.stays = true');
  const picked = page.getByLabel('Language of these pages');
  await picked.selectOption('es');
  await page.getByRole('heading', {name: 'Ajustes', level: 1}).waitFor();
  t.equal(await page.evaluate('window.stays'), true, 'it is the same document');
  t.equal(await page.evaluate('document.documentElement.lang'), 'es');
  await isSo(page, `document.title === 'Ajustes · Dubstead'`);
  t.ok(await page.getByRole('link', {name: 'Biblioteca'}).isVisible(), 'the menu too');
  await page.goto(`${url}/`);
  t.equal(await page.evaluate('document.documentElement.lang'), 'es', 'drawn on the box in it');
  await page.goto(`${url}/settings`);
  await ready(page);
  await page.getByLabel('Idioma de estas páginas').selectOption('ja');
  await page.getByRole('heading', {name: '設定', level: 1}).waitFor();
  await picture(page, 'settings-ja');
  t.strictSame(await axeFaultsInBoth(page), []);
  await page.getByLabel('表示言語').selectOption('');
  await page.getByRole('heading', {name: 'Settings', level: 1}).waitFor();
  await fits(t, {page, violations, context});
});

t.test('how films are dubbed, who sees them, and pushes are kept; the rest of them stays', async t => {
  const net = await settingsOf(t);
  const {page} = net;
  const dubbing = await opened(page, 'How my films are dubbed');
  await dubbing.getByLabel('Dubbed into').selectOption('es');
  await dubbing.getByLabel('Care').selectOption('best');
  await dubbing.getByLabel('Also for streaming').selectOption('yes');
  await dubbing.getByRole('button', {name: 'Save'}).click();
  await said(page, 'Saved');
  await page.getByLabel(/Share my dubs/).check();
  const pushes = await opened(page, 'Pushes to my phone');
  await pushes.getByLabel('My own topic').fill('ann-7fk2');
  await pushes.getByRole('button', {name: 'Save the topic'}).click();
  await pushes.getByLabel(/Tell me/).uncheck();
  await page.locator('summary', {hasText: /Pushes.*off/}).waitFor();
  await page.reload();
  await ready(page);
  t.match((await (await net.context.request.get(`${net.url}/api/auth/me`)).json()).preferences, {
    options: {to: 'es', preset: 'best', hls: true},
    push: {on: false, topic: 'ann-7fk2'},
    visibility: 'shared',
  });
  await opened(page, 'How my films are dubbed');
  t.equal(await page.getByLabel('Dubbed into').inputValue(), 'es');
  await page.getByLabel('Dubbed into').selectOption('');
  await page.getByRole('button', {name: 'Save', exact: true}).click();
  await said(page, 'Saved');
  const after = await (await net.context.request.get(`${net.url}/api/auth/me`)).json();
  t.strictSame(
    after.preferences.options,
    {preset: 'best', hls: true},
    'what is as the box is set is left out',
  );
  await opened(page, 'Pushes to my phone');
  await page.getByRole('button', {name: 'Send a push'}).click();
  await said(page, 'Sent');
  net.box.pushTrouble = 'ntfy.example refuses pushes (403).';
  await page.getByRole('button', {name: 'Send a push'}).click();
  await said(page, 'refuses pushes');
  await fits(t, net);
});

t.test(
  'an authenticator is set up from the page, its codes are shown once, and the next login asks for one',
  async t => {
    const net = await settingsOf(t);
    const {page, url, pass} = net;
    pass(6 * 60_000);
    const part = await opened(page, 'Authenticator');
    await part.getByRole('button', {name: 'Set up an authenticator'}).click();
    const proof = page.getByRole('dialog', {name: 'Is it you?'});
    await proof.getByLabel('Password').fill('not this one at all');
    await picture(page, 'prove');
    await proof.getByRole('button', {name: 'Go on'}).click();
    await proof.getByText('not the password').waitFor();
    await proof.getByLabel('Password').fill(password);
    await page.keyboard.press('Enter');
    const square = part.getByRole('img', {name: 'Square code'});
    await square.locator('path').waitFor();
    const address = await part.getByRole('link', {name: /on this device/}).getAttribute('href');
    t.equal(
      await square.locator('path').getAttribute('d'),
      squarePath(address ?? '').path,
      'the code says the address',
    );
    const secret = await part.getByLabel('Or type this').inputValue();
    const app = URI.parse(address ?? '');
    if (!(app instanceof TOTP)) throw new Error('no TOTP');
    t.equal(app.secret.base32, secret);
    await picture(page, 'totp-setup');
    await part.getByLabel('Code that the app shows').fill('000000');
    await part.getByRole('button', {name: 'Turn it on'}).click();
    await part.getByRole('alert').filter({hasText: 'not the code'}).waitFor();
    const code = (steps: number): string => app.generate({timestamp: net.now() + steps * 30_000});
    await part.getByLabel('Code that the app shows').fill(code(0));
    await part.getByRole('button', {name: 'Turn it on'}).click();
    const codes = part.locator('.codes code');
    await codes.first().waitFor();
    t.equal(await codes.count(), 10);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      part.getByRole('button', {name: 'Keep as a file'}).click(),
    ]);
    t.equal(download.suggestedFilename(), 'dubstead-codes.txt');
    t.strictSame(await axeFaultsInBoth(page), []);
    await picture(page, 'totp-codes');
    await part.getByRole('button', {name: 'I have kept them'}).click();
    await part.getByText('10 recovery codes are left').waitFor();
    t.equal(await codes.count(), 0, 'and not again');
    await page.getByRole('button', {name: 'Log out', exact: true}).first().click();
    await page.waitForURL(`${url}/login`);
    await ready(page);
    await page.getByLabel('Name').fill('ann');
    await page.getByLabel('Password').fill(password);
    await page.keyboard.press('Enter');
    await page.getByLabel('Code of your authenticator').fill(code(1));
    await page.keyboard.press('Enter');
    await page.waitForURL(`${url}/`);
    await page.goto(`${url}/settings`);
    await ready(page);
    const again = await opened(page, 'Authenticator');
    await again.getByRole('button', {name: 'Turn it off'}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'Turn it off'}).click();
    await again.getByRole('button', {name: 'Set up an authenticator'}).waitFor();
    await fits(t, net);
  },
);

t.test('a key is made and shown once, does what it may and no more, and ends', async t => {
  const net = await settingsOf(t);
  const {page, url} = net;
  const part = await opened(page, 'Keys for scripts');
  await part.getByLabel('Name').fill('backup 🎬 \u05d0');
  await part.getByRole('button', {name: 'Make a key'}).click();
  await part.getByRole('alert').filter({hasText: 'Tick at least one'}).waitFor();
  await part.getByLabel(/See and download/).check();
  await part.getByRole('button', {name: 'Make a key'}).click();
  const text = await part.getByLabel('Key', {exact: true}).inputValue();
  await picture(page, 'key');
  const asked = (path: string) => send(url, path, {headers: {Authorization: `Bearer ${text}`}});
  t.equal((await asked('/api/jobs')).status, 200);
  t.equal((await asked('/api/audit/recent')).status, 403, 'and no more');
  t.notOk(await part.getByText('All that an admin may').count(), 'what an operator may not is not offered');
  await part.getByRole('button', {name: 'Copy'}).click();
  await part.getByText('Copied.').waitFor();
  await part.getByRole('button', {name: 'I have kept it'}).click();
  t.notMatch(await page.content(), text, 'nor is it in the page any more');
  await part.getByRole('button', {name: 'End'}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'End'}).click();
  await part.locator('.lines li').waitFor({state: 'detached'});
  t.equal((await asked('/api/jobs')).status, 401);
  await fits(t, net);
});

t.test('another device is logged out from here, one or all; its page goes to the login', async t => {
  const net = await settingsOf(t);
  const {page, url} = net;
  const other = await screen(t);
  await logIn(other.page, url, '/settings');
  const third = new Browser(url);
  await third.login('ann');
  await page.reload();
  await ready(page);
  const part = await opened(page, 'Devices that are logged in');
  t.equal(await part.locator('.lines li').count(), 3);
  t.equal(await part.getByText('this one').count(), 1);
  await picture(page, 'devices');
  await part.locator('.lines li', {hasText: 'Firefox'}).getByRole('button', {name: 'Log out'}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'Cancel'}).click();
  t.equal((await third.ask('/api/auth/me')).status, 200, 'nothing happens by Cancel');
  await part.locator('.lines li', {hasText: 'Firefox'}).getByRole('button', {name: 'Log out'}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'Log out'}).click();
  await part.locator('.lines li', {hasText: 'Firefox'}).waitFor({state: 'detached'});
  t.equal((await third.ask('/api/auth/me')).status, 401);
  await part.getByRole('button', {name: 'Log out all others'}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'Log out all others'}).click();
  await said(page, '1 device was logged out');
  await other.page.getByLabel(/Share my dubs/).click();
  await other.page.waitForURL(/\/login/);
  await fits(t, net);
});

t.test('the password is changed by whoever knows the old one; others are logged out', async t => {
  const net = await settingsOf(t);
  const {page, url} = net;
  const other = new Browser(url);
  await other.login('ann');
  const part = await opened(page, 'Password');
  const change = async (old: string, next: string): Promise<void> => {
    await part.getByLabel('Password so far').fill(old);
    await part.getByLabel('New password').fill(next);
    await part.getByRole('button', {name: 'Change the password'}).click();
  };
  await change('not this one at all', 'six green otters sleep');
  await part.getByRole('alert').filter({hasText: 'not the password'}).waitFor();
  t.equal(
    await part.getByLabel('New password').inputValue(),
    'six green otters sleep',
    'nothing typed is lost',
  );
  await change(password, 'six green otters sleep');
  await said(page, 'The password is changed');
  t.equal((await other.ask('/api/auth/me')).status, 401);
  t.equal((await other.login('ann')).status, 401, 'the old one is worth nothing');
  await fits(t, net);
});

t.test('what is being typed stays while the page is drawn anew', async t => {
  const {page} = await settingsOf(t);
  const pushes = await opened(page, 'Pushes to my phone');
  await pushes.getByLabel('My own topic').fill('half-typ');
  await page.getByLabel(/Share my dubs/).check();
  await said(page, 'Saved');
  t.equal(await pushes.getByLabel('My own topic').inputValue(), 'half-typ');
});

const number = (page: Page) => page.locator('.number').textContent();

t.test(
  'a device shows a square code, a phone that is in opens it and says yes: both show one number',
  async t => {
    const net = await settingsOf(t);
    const {page: phone, url} = net;
    const desk = await screen(t, {viewport: {width: 1280, height: 800}});
    await desk.page.goto(`${url}/login`);
    await ready(desk.page);
    const begun = async (): Promise<string> => {
      const [answer] = await Promise.all([
        desk.page.waitForResponse(each => each.url().endsWith('/api/auth/qr/init')),
        desk.page.getByRole('button', {name: /Use your phone|Show a new one/}).click(),
      ]);
      const made = await answer.json();
      const path = desk.page.getByRole('img', {name: 'Square code'}).locator('path');
      await path.waitFor();
      t.equal(await path.getAttribute('d'), squarePath(made.url).path);
      t.equal(await number(desk.page), made.number);
      return made.url.replace('http://attic:8700', url);
    };
    const first = await begun();
    await picture(desk.page, 'login-square');
    t.strictSame(await axeFaultsInBoth(desk.page), []);
    await phone.goto(first);
    await phone.getByText('Does the other screen').waitFor();
    t.equal(await number(phone), await number(desk.page));
    t.equal(new URL(phone.url()).hash, '', 'the code does not stay in the history');
    await picture(phone, 'approve');
    t.strictSame(await axeFaultsInBoth(phone), []);
    await phone.getByRole('button', {name: 'No', exact: true}).click();
    await phone.getByText('It was sent away').waitFor();
    await desk.page.getByText('Your phone said no').waitFor();
    const second = await begun();
    const id = new URL(second).hash.slice(1);
    const wrong = (await number(desk.page)) === '10' ? '11' : '10';
    const csrf = (await net.context.cookies()).find(({name}) => name === 'csrf')?.value ?? '';
    const guess = await net.context.request.post(`${url}/api/auth/qr/${id}/approve`, {
      headers: {'X-CSRF-Token': csrf, Origin: url},
      data: {number: wrong},
    });
    t.equal((await guess.json()).error.code, 'wrong-number');
    await desk.page.getByText('Your phone said no').waitFor();
    const third = await begun();
    await phone.goto('about:blank');
    await phone.goto(third);
    await phone.getByRole('button', {name: 'Yes, let it in'}).click();
    await phone.getByText('It is let in, as you').waitFor();
    await desk.page.waitForURL(`${url}/`);
    await ready(desk.page);
    t.match(await (await desk.context.request.get(`${url}/api/auth/me`)).json(), {name: 'ann'});
    await desk.page.goto(`${url}/settings`);
    await ready(desk.page);
    const totp = await opened(desk.page, 'Authenticator');
    await totp.getByRole('button', {name: 'Set up'}).click();
    await said(desk.page, 'was made with a QR code');
    t.equal(await desk.page.getByRole('dialog').count(), 0, 'no password is asked for that would not help');
    t.strictSame(desk.violations, []);
    await fits(t, net);
  },
);

t.test('a phone that is not logged in logs in first, and still knows whom it was to let in', async t => {
  const net = await networkOf(t);
  await addPerson(net, 'ann', 'viewer');
  const {json: asking} = await send(net.url, '/api/auth/qr/init', {method: 'POST', body: {as: 'client'}});
  const phone = await screen(t);
  await phone.page.goto(asking.url.replace('http://attic:8700', net.url));
  await ready(phone.page);
  await phone.page.getByLabel('Name').fill('ann');
  await phone.page.getByLabel('Password').fill(password);
  await phone.page.keyboard.press('Enter');
  await phone.page.getByText('Does the other screen').waitFor();
  t.equal(await number(phone.page), asking.number);
  await fits(t, phone);
});

t.test('somebody who is in shows a code of their own: the phone reads it, and is let in here', async t => {
  const net = await settingsOf(t);
  const {page: desk, url} = net;
  const part = await opened(desk, 'Let a device in');
  const [answer] = await Promise.all([
    desk.waitForResponse(each => each.url().endsWith('/api/auth/qr/offer')),
    part.getByRole('button', {name: 'Show a square code'}).click(),
  ]);
  const offered = await answer.json();
  await part.getByRole('img', {name: 'Square code'}).locator('path').waitFor();
  await picture(desk, 'offer');
  const phone = await screen(t);
  await phone.page.goto(offered.url.replace('http://attic:8700', url));
  await phone.page.getByText('Say yes on the other screen').waitFor();
  await part.getByText('Does the other screen').waitFor();
  t.equal(await number(desk), await number(phone.page));
  t.equal(new URL(phone.page.url()).hash, '');
  await picture(phone.page, 'login-offered');
  await part.getByRole('button', {name: 'Yes, let it in'}).click();
  await phone.page.waitForURL(`${url}/`);
  await part.getByText('It is let in, as you').waitFor();
  t.strictSame(phone.violations, []);
  await fits(t, net);
});

t.test('where square codes are off, it is said, and the password is still there', async t => {
  const net = await settingsOf(t, 'viewer', {qr: false});
  const {page, url} = net;
  const part = await opened(page, 'Let a device in');
  await part.getByRole('button', {name: 'Show a square code'}).click();
  await part.getByRole('alert').filter({hasText: 'ENABLE_QR_LOGIN'}).waitFor();
  t.equal(await part.getByRole('button').count(), 0);
  const other = await screen(t);
  await other.page.goto(`${url}/login`);
  await ready(other.page);
  await other.page.getByRole('button', {name: /Use your phone/}).click();
  await other.page.getByRole('alert').filter({hasText: 'ENABLE_QR_LOGIN'}).waitFor();
  await other.page.getByRole('button', {name: 'Use name and password'}).click();
  await other.page.getByLabel('Password').waitFor();
  t.strictSame(other.violations, []);
  await fits(t, net);
});

t.test('all of it open, at both widths and in both colours: nothing keeps people from it', async t => {
  const net = await settingsOf(t, 'admin');
  const {page} = net;
  await page.evaluate(`for (const part of document.querySelectorAll('details')) part.open = true`);
  t.strictSame(await axeFaultsInBoth(page), []);
  await picture(page, 'settings');
  await page.setViewportSize({width: 1280, height: 800});
  await picture(page, 'settings-wide');
  t.strictSame(await axeFaultsInBoth(page), []);
  await page.setViewportSize(narrow.viewport);
  await fits(t, net);
});
