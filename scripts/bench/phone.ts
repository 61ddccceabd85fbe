/**
 * Owns the benchmark of the pages on a slow phone: Chromium at 360 pixels with a quarter of this processor and the network that its
 * DevTools call "Fast 3G" (each answer begins 562 ms after it was asked for, 1.44 Mbit/s down, 675 kbit/s up), against the same without
 * either.
 */
import {once} from 'node:events';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {type Browser, type CDPSession, chromium} from 'playwright-core';
import {type Job, UserName} from '../../appliance/job.ts';
import {Store} from '../../appliance/store/store.ts';
import {type BoxTables, migrations, tables, version} from '../../supervisor/state.ts';
import {Appliance} from '../appliance.ts';
import {median} from './job.ts';
import {fill, jobOf} from './stored.ts';

const rounds = 7;
const films = 200;
const password = 'seven grey herons wait';
const fast3g = {offline: false, latency: 562.5, downloadThroughput: 1.44e6 / 8, uploadThroughput: 675e3 / 8};
const free = {offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1};

interface Look {
  readonly bytes: number;
  /** Milliseconds from the request: something is to be seen, and it answers to a touch. */
  readonly seenMs: number;
  readonly aliveMs: number;
}

export async function benchPhone(folder: string): Promise<readonly string[]> {
  const data = join(folder, 'phone');
  await stored(data);
  const port = await freePort();
  const appliance = await Appliance.start(data, {PORT: String(port), DISK_FREE_MIN_GB: '0'});
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  try {
    const body = {name: UserName.parse('maria'), role: 'operator', password} as const;
    const added = await appliance.client.call('users.add', {body});
    if (!added.ok) throw new Error(JSON.stringify(added.why));
    const url = `http://127.0.0.1:${port}`;
    const rows = [
      await row(browser, 'the login, never seen before', url, '/login', false),
      await row(browser, `home with ${films} films, never seen before`, url, '/', true),
      await row(browser, 'the library, the same', url, '/library', true),
    ];
    return [
      `Chromium at 360 × 740, each page ${rounds} times with an empty cache, a phone (4 × slower processor; Fast 3G as in Chromium’s DevTools: 562 ms for each request, 1.44 Mbit/s) and this machine in turn. Bytes are as sent, pictures left out.`,
      '',
      '| page | bytes (wanted: under 100,000 the first) | phone: seen, ms | phone: answers a touch, ms (wanted: under 1,000) | this machine: answers, ms | ratio |',
      '|---|---|---|---|---|---|',
      ...rows,
    ];
  } finally {
    await browser.close();
    await appliance.stop();
  }
}

async function stored(data: string): Promise<void> {
  const store = await Store.open<BoxTables>(join(data, 'state'), {
    tables,
    version,
    migrations,
    tell: () => {},
  });
  await fill(
    store,
    Array.from({length: films}, (_, index): Job => jobOf(index + 1)),
  );
  await store.stop();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function row(
  browser: Browser,
  name: string,
  url: string,
  path: string,
  logsIn: boolean,
): Promise<string> {
  const phone: Look[] = [];
  const here: Look[] = [];
  for (let round = 0; round < rounds; round++) {
    phone.push(await look(browser, {url, path, logsIn, isPhone: true}));
    here.push(await look(browser, {url, path, logsIn, isPhone: false}));
  }
  const of = (looks: readonly Look[], pick: (look: Look) => number): number => median(looks.map(pick));
  const [alive, quick] = [of(phone, each => each.aliveMs), of(here, each => each.aliveMs)];
  const cells = [
    name,
    of(phone, each => each.bytes).toLocaleString('en'),
    of(phone, each => each.seenMs).toFixed(0),
    alive.toFixed(0),
    quick.toFixed(0),
    (alive / quick).toFixed(1),
  ];
  return `| ${cells.join(' | ')} |`;
}

interface Asked {
  readonly url: string;
  readonly path: string;
  readonly logsIn: boolean;
  readonly isPhone: boolean;
}

const watching = `new MutationObserver(() => {
  if (document.documentElement.dataset.ready !== undefined) tellAlive(String(performance.now()));
}).observe(document, {subtree: true, attributes: true, attributeFilter: ['data-ready']});`;

async function look(browser: Browser, {url, path, logsIn, isPhone}: Asked): Promise<Look> {
  const context = await browser.newContext({viewport: {width: 360, height: 740}, serviceWorkers: 'block'});
  try {
    if (logsIn) {
      const headers = {Origin: url};
      const entered = await context.request.post(`${url}/api/auth/login`, {
        ...{headers, data: {name: 'maria', password}},
      });
      if (!entered.ok()) throw new Error(await entered.text());
    }
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('Network.enable');
    await devtools.send('Network.emulateNetworkConditions', isPhone ? fast3g : free);
    await devtools.send('Emulation.setCPUThrottlingRate', {rate: isPhone ? 4 : 1});
    const bytes = counted(devtools);
    // Told by the page itself: what Playwright waits by would run on the same slow processor.
    const alive = Promise.withResolvers<number>();
    devtools.on('Runtime.bindingCalled', ({payload}) => alive.resolve(Number(payload)));
    await devtools.send('Runtime.enable');
    await devtools.send('Runtime.addBinding', {name: 'tellAlive'});
    await devtools.send('Page.enable');
    await devtools.send('Page.addScriptToEvaluateOnNewDocument', {source: watching});
    await page.goto(url + path, {waitUntil: 'commit'});
    const aliveMs = await alive.promise;
    await page.waitForLoadState();
    const seenMs = await page.evaluate<number>(
      `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0`,
    );
    return {bytes: bytes(), aliveMs, seenMs};
  } finally {
    await context.close();
  }
}

function counted(devtools: CDPSession): () => number {
  const pictures = new Set<string>();
  let bytes = 0;
  devtools.on('Network.responseReceived', ({requestId, type}) => {
    if (type === 'Image') pictures.add(requestId);
  });
  devtools.on('Network.loadingFinished', ({requestId, encodedDataLength}) => {
    if (!pictures.has(requestId)) bytes += encodedDataLength;
  });
  return () => bytes;
}
