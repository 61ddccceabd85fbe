/** What is done to a real box from the room, what is refused, and how a daemon that is down looks and is started. */
import {mkdtemp, readdir, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import type {Glass} from '../../../scripts/glass.ts';
import {Receipt} from '../../../supervisor/sweep/receipt.ts';
import {readerFilm} from '../../clips.ts';
import {type TestBox, testBox, until} from '../../supervisor/daemons.ts';
import {addAnn, framed, gone, keys, logIn, roomOf, told} from './rooms.ts';

/** A box with a job that is done. */
async function dubbedBox(t: Test): Promise<TestBox> {
  const folder = await mkdtemp(join(tmpdir(), 'film-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  const film = await readerFilm(join(folder, 'reader.mp4'));
  const box = await testBox(t, {ENABLE_QR_LOGIN: '1', PUBLIC_BASE_URL: 'https://box.example'});
  await box.start();
  await box.drop(film);
  await addAnn(box);
  await logIn(box);
  t.match(await box.jobIn('done', 'failed'), {state: {is: 'done'}});
  return box;
}

/** All that a purge could take, by name and size. */
async function filesOf(box: TestBox): Promise<readonly string[]> {
  const entries = await readdir(box.folder, {recursive: true, withFileTypes: true});
  const own = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  return own.filter(path => /\/(jobs|dubs)\//.test(path)).sort();
}

/** What could be changed from this screen, as the API tells it. */
async function factsOf({client}: TestBox) {
  const [jobs, status, sessions, keys, receipts] = await Promise.all([
    told(client.call('jobs.list', {query: {}})),
    told(client.call('status', {})),
    told(client.call('sessions.list', {})),
    told(client.call('keys.all', {})),
    told(client.call('receipts.list', {query: {}})),
  ]);
  return {jobs, mode: status.queue.mode, sessions, keys, receipts};
}

async function planned(glass: Glass): Promise<number> {
  glass.press('5');
  await glass.shows('[Disks]');
  glass.press(keys.tab);
  await glass.shows('[Give up]');
  glass.press('g');
  glass.press(keys.enter);
  await glass.shows('Nothing has gone yet');
  return Number(/ (\d+) files?, .* of 1 job/.exec(glass.text)?.[1]);
}

t.test('what is done to a box', async t => {
  const box = await dubbedBox(t);

  t.test('those who only look change nothing, and are told so', async t => {
    const before = [await factsOf(box), await filesOf(box)];
    const glass = roomOf(t, box, ['--read-only']);
    await glass.shows(/^ Dubstead .* read only /);
    await glass.shows(/1 done/);
    const refused = async (press: string): Promise<void> => {
      glass.press(keys.redraw + press);
      await glass.shows('Read only: nothing can be changed from this screen.');
      glass.press('?');
      await glass.shows('Keys everywhere');
      glass.press('q');
      await glass.shows(({text}) => !text.includes('Keys everywhere'));
    };
    await refused('p');
    await refused('d');
    glass.press('2');
    await glass.shows('reader.mp4');
    for (const key of ['c', 'X', 't', 'p', 'r', 'P']) await refused(key);
    t.ok((await planned(glass)) > 0, 'to plan changes nothing');
    await refused('X');
    glass.press('4');
    await glass.shows('[Logins]');
    await glass.shows(/^ ann /m);
    for (const key of ['x', 'u', 'A']) await refused(key);
    glass.press(':end this');
    await glass.shows('end this login, or the marked ones');
    glass.press(keys.enter);
    await glass.shows('Read only: nothing can be changed from this screen.');
    t.strictSame([await factsOf(box), await filesOf(box)], before);
  });

  t.test('a purge wants its number', async t => {
    const glass = roomOf(t, box);
    await glass.shows(/1 done/);
    const before = await filesOf(box);
    const files = await planned(glass);
    t.ok(files > 0);
    for (const [typed, says] of [
      [keys.escape, 'Nothing was done.'],
      [keys.enter, 'Nothing was done.'],
      [`${files + 1}${keys.enter}`, `That is not ${files}: nothing was done.`],
      [`y${keys.enter}`, `That is not ${files}: nothing was done.`],
    ] as const) {
      glass.press('X');
      await framed(glass, 'Take it away?');
      glass.press(typed);
      await glass.shows(({text}) => text.includes(says) && !text.includes('Take it away?'));
    }
    t.strictSame(await filesOf(box), before);
    glass.press('X');
    await glass.shows('Take it away?');
    glass.press(`${files}${keys.enter}`);
    await framed(glass, 'Receipt');
    const after = await filesOf(box);
    t.equal(before.length - after.length, files, 'as many as were said');
    t.ok(
      after.every(path => before.includes(path)),
      'and nothing else',
    );
    const [receipt] = (await told(box.client.call('receipts.list', {query: {}}))).receipts;
    t.match(receipt, {trigger: 'command', files, left: 0});
    const names = await readdir(box.path('receipts'));
    const [name = ''] = names.filter(one => one.includes(receipt?.id ?? 'none'));
    const written = Receipt.parse(JSON.parse(await readFile(box.path('receipts', name), 'utf8')));
    t.match(written, {state: 'closed', trigger: 'command', totals: {files}});
    glass.press(keys.enter);
    await glass.shows('There is no plan');
    glass.press('6');
    await glass.shows(new RegExp(`asked for +${files} `));
  });

  t.test('a login is ended, and somebody who waits is let in by their number', async t => {
    const glass = roomOf(t, box, ['sessions']);
    await glass.shows(/^ ann .*password/m);
    glass.press('x');
    await glass.shows('End 1 login?');
    glass.press(keys.enter);
    await glass.shows('Nothing was done.');
    t.equal((await factsOf(box)).sessions.sessions.length, 1);
    glass.press('x');
    await glass.shows('End 1 login?');
    glass.press(keys.tab + keys.enter);
    await glass.shows('1 login ended.');
    await glass.shows('Nobody is logged in.');
    t.strictSame((await factsOf(box)).sessions.sessions, []);

    const asks = await told(box.client.call('auth.qr_init', {body: {as: 'client'}}));
    for (const part of ['[People]', '[Keys]', '[Waiting]']) {
      glass.press(keys.tab);
      await glass.shows(part);
    }
    await glass.shows(new RegExp(`^ ${asks.number} .*waiting`, 'm'));
    glass.press('a');
    await glass.shows('Which number stands on their screen?');
    glass.press(keys.enter);
    await glass.shows('That is not the number of this one');
    glass.press(`${Number(asks.number) + 1}${keys.enter}`);
    await glass.shows('That is not the number of this one');
    await framed(glass, 'Let in');
    const state = async () => (await told(box.client.call('auth.qr_get', {params: {intent: asks.id}}))).state;
    t.equal(await state(), 'waiting');
    glass.press(`\x15${asks.number}${keys.enter}`);
    await glass.shows('Let in as whom?');
    t.equal(await state(), 'waiting');
    glass.press('ann');
    await glass.shows(/> ann/);
    glass.press(keys.enter);
    await glass.shows(/is let in\./);
    t.equal(await state(), 'approved');
  });

  t.test('a daemon that is killed is said to be down, and the room goes on when it is back', async t => {
    const glass = roomOf(t, box, ['jobs']);
    await glass.shows(/done .*reader\.mp4/);
    await box.end('SIGKILL');
    await glass.shows(/^ Dubstead .*THE DAEMON IS DOWN/);
    await glass.shows(/reader\.mp4/);
    glass.press('?');
    await glass.shows('Keys everywhere');
    glass.press('q1');
    await glass.shows(/ s +starts it/);
    await glass.shows('The last lines of its log');
    glass.press('G');
    await glass.shows(/^ (WARNING|FAULT) +Control socket/m);
    glass.press('g');
    await box.start();
    await glass.shows(/^ Dubstead .* up · /);
    await glass.shows(/^ Daemon +0\.1\.0, up for/m);
    glass.press('2');
    await glass.shows(/done .*reader\.mp4/);
  });

  t.test('a daemon that is down is started from the room, and outlives it', async t => {
    await box.end('SIGTERM');
    const env = {...box.env, MALLOC_ARENA_MAX: '1'};
    const looks = roomOf(t, box, ['--read-only'], {env});
    await looks.shows('THE DAEMON IS DOWN');
    looks.press('s');
    await looks.shows(/[Rr]ead only/);
    const glass = roomOf(t, box, [], {env});
    await glass.shows('THE DAEMON IS DOWN');
    await glass.shows(/ s +starts it/);
    glass.press('s');
    await glass.shows(/THE DAEMON IS STARTING/);
    await glass.shows(/^ Dubstead .* up · /);
    await glass.shows(/^ Daemon +0\.1\.0, up for \d+ s, process \d+/m);
    await looks.shows(/^ Dubstead .* up · /);
    const {pid} = await told(box.client.call('status', {}));
    t.teardown(async () => {
      process.kill(pid, 'SIGTERM');
      await gone(pid);
    });
    glass.press('q');
    await glass.shows('Leave?');
    glass.press(keys.enter);
    t.match(await glass.ended(), {exitCode: 0});
    await until('it answers still', async () => (await box.client.call('ready', {})).ok);
    t.equal((await told(box.client.call('status', {}))).pid, pid);
  });
});
