/** What a page hears of the box in a real browser: events as they come, by asking where they are kept back, and nothing while hidden. */
import t from 'tap';
import {showLine} from '../../../web/show.ts';
import {chromiumOf, ready, violationsOf} from '../chromium.ts';
import {idOf, jobOf} from '../memory-box.ts';
import {addPerson, networkOf, password} from '../people.ts';
import {until} from '../served.ts';

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

t.test(
  'why a dub failed is said in the language of whoever looks: as drawn, alive, and of the next one',
  async t => {
    const net = await networkOf(t);
    await addPerson(net, 'ann', 'operator');
    const failed = (number: number) => {
      const failure = {reason: 'no-speech', path: `/box/${idOf(number)}/source/film ${number}.mkv`} as const;
      return jobOf(number, {state: {is: 'failed', at: 2, failure}});
    };
    const because = {is: 'behind', ahead: 3, running: 0} as const;
    net.box.all.set(idOf(1), failed(1));
    net.box.all.set(idOf(2), jobOf(2));
    net.box.waits.set(idOf(2), {code: 'behind', what: '3 jobs go before it.', because});
    const context = await chromiumOf(t, {viewport: {width: 360, height: 740}, locale: 'es-ES'});
    await context.request.post(`${net.url}/api/auth/login`, {
      ...{headers: {Origin: net.url}, data: {name: 'ann', password}},
    });
    const page = await context.newPage();
    const violations = await violationsOf(page);
    // Held back: what the box has drawn stands meanwhile.
    const {promise: held, resolve: letGo} = Promise.withResolvers<void>();
    await context.route('**/assets/reason-words-*.js', async route => {
      await held;
      await route.continue();
    });
    await page.goto(net.url);
    await ready(page);
    await page.getByText('No se encontró voz en film 1').waitFor();
    await page.getByText('Hay 3 delante.').waitFor();
    const fetched = page.waitForResponse(/reason-words/);
    letGo();
    await fetched;
    await until('it listens', () => net.box.events.followers === 1);
    net.box.all.set(idOf(2), failed(2));
    const now = net.box.job(idOf(2));
    if (now === undefined) throw new Error('no job');
    net.box.events.append({is: 'job', job: showLine(now)}, 'owner');
    await page.getByText('No se encontró voz en film 2').waitFor();
    await page.getByText('No se encontró voz en film 1').waitFor();
    t.equal(await page.getByText('Hay 3 delante.').count(), 0);
    t.equal(await page.getByText('No speech').count(), 0);
    t.strictSame(violations, []);
  },
);

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
