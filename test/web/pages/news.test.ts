/** What a page hears of the box in a real browser: events as they come, by asking where they are kept back, and nothing while hidden. */
import t from 'tap';
import {chromiumOf, ready} from '../chromium.ts';
import {idOf, jobOf} from '../memory-box.ts';
import {addPerson, networkOf, password} from '../people.ts';

t.test('what happens is seen as it happens, and by asking where a proxy keeps it back', async t => {
  const net = await networkOf(t);
  await addPerson(net, 'ann', 'operator');
  const job = jobOf(1, {state: {is: 'running', since: 1, pid: 7}});
  net.box.all.set(job.id, job);
  const context = await chromiumOf(t, {viewport: {width: 360, height: 740}});
  const page = await context.newPage();
  await page.goto(net.url);
  await ready(page);
  await page.getByLabel('Name').fill('ann');
  await page.getByLabel('Password').fill(password);
  const listening = page.waitForRequest(request => request.url().endsWith('/api/jobs/events'));
  await page.getByRole('button', {name: 'Log in'}).click();
  await page.getByRole('heading', {name: 'Being dubbed'}).waitFor();
  await listening;
  const progress = {stage: 'speaking', done: 0.42, secondsLeft: 90};
  const told = setInterval(() => {
    net.box.events.append({is: 'progress', id: job.id, owner: job.owner, ...progress}, 'owner');
  }, 200);
  t.teardown(() => clearInterval(told));
  await page.getByText('42% · speaking · 1 min 30 sec left').waitFor();
  clearInterval(told);

  // A proxy that hands on nothing until the end: the page asks instead.
  await context.route('**/api/jobs/events', () => {});
  await page.reload();
  await ready(page);
  net.box.all.set(idOf(2), jobOf(2));
  await page.getByRole('link', {name: 'film 2', exact: true}).waitFor({timeout: 20_000});
});

t.test('pages that were replaced on the box are fetched anew', async t => {
  const net = await networkOf(t);
  await addPerson(net, 'ann', 'operator');
  const context = await chromiumOf(t, {viewport: {width: 360, height: 740}, serviceWorkers: 'block'});
  const page = await context.newPage();
  await page.goto(net.url);
  await ready(page);
  await page.getByLabel('Name').fill('ann');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', {name: 'Log in'}).click();
  await page.getByRole('navigation').waitFor();
  await ready(page);
  let refused = 0;
  await context.route('**/assets/library-*.js', route => {
    refused += 1;
    // Gone the first time, as after an update; the new document's own is there.
    return refused === 1 ? route.fulfill({status: 404, body: ''}) : route.continue();
  });
  await page.getByRole('link', {name: 'Library'}).click();
  await page.getByRole('heading', {name: 'Library'}).waitFor();
  t.ok(refused >= 1);
  t.match(page.url(), /\/library$/);
});
