/** The trash of a whole box: what is in it comes back as it was, until its days are over or it is purged. */
import {readdir, readFile} from 'node:fs/promises';
import t, {type Test} from 'tap';
import type {JobId} from '../../../appliance/job.ts';
import {Receipt} from '../../../supervisor/sweep/receipt.ts';
import {until} from '../home.ts';
import {Wired} from '../wired.ts';

const script = 'hear; dub words film.es.mkv film.es.srt';

/** A box with a finished job. */
async function withDub(t: Test, env: Readonly<Record<string, string>> = {}) {
  const wired = await Wired.at(t, {env});
  const id = await wired.submit(script);
  await wired.until(id, 'done');
  await until('it has left', () => wired.parts.dispatcher.size === 0);
  return {wired, id, box: wired.parts.box};
}

async function sweepTwice(wired: Wired): Promise<void> {
  // The first sweep only looks at the clock.
  await wired.parts.sweeping.sweep();
  await wired.parts.sweeping.sweep();
}

const shelfOf = (wired: Wired): string => wired.path('dubs', wired.parts.ground.config.settings.INBOX_OWNER);

async function filesOf(wired: Wired, id: JobId): Promise<readonly string[]> {
  return (await readdir(wired.path('jobs', id), {recursive: true})).toSorted();
}

t.test('a job in the trash keeps every file, and comes back as what it was', async t => {
  const {wired, id, box} = await withDub(t);
  const before = box.job(id)?.job;
  const files = await filesOf(wired, id);
  t.match(await box.wish(id, 'delete'), {ok: true, value: {job: {state: {is: 'deleted'}}}});
  t.match(box.queue().counts, {done: 0, deleted: 1});
  await sweepTwice(wired);
  t.strictSame(await filesOf(wired, id), files);
  t.strictSame((await readdir(shelfOf(wired))).toSorted(), ['film.es.mkv', 'film.es.srt']);
  t.match(await box.wish(id, 'restore'), {ok: true, value: {job: {state: {is: 'done'}}}});
  t.strictSame(box.job(id)?.job, before);
  t.match(box.queue().counts, {done: 1, deleted: 0});
  t.match(await box.wish(id, 'restore'), {ok: false, why: {reason: 'not-now', wish: 'restore'}});
  t.equal(await wired.submit(script), id, 'and the film is that job again');
});

t.test('what had not ended comes back as cancelled', async t => {
  const wired = await Wired.at(t);
  const {box} = wired.parts;
  await box.setQueueMode('paused');
  const id = await wired.submit(script);
  await box.wish(id, 'delete');
  t.match(await box.wish(id, 'restore'), {ok: true, value: {job: {state: {is: 'cancelled'}}}});
});

t.test(
  'with no days to be kept a deleted job goes with the next sweep, and nothing brings it back',
  async t => {
    const {wired, id, box} = await withDub(t, {TRASH_KEEP_DAYS: '0'});
    await box.wish(id, 'delete');
    t.match(await box.wish(id, 'restore'), {ok: false, why: {reason: 'not-now', wish: 'restore'}});
    await sweepTwice(wired);
    await until('it is forgotten', () => box.job(id) === undefined);
    t.strictSame(await readdir(wired.path('jobs')), []);
  },
);

t.test('a film that came again while its first job was in the trash is one job at a time', async t => {
  const {wired, id, box} = await withDub(t);
  await box.wish(id, 'delete');
  const again = await wired.submit(script);
  t.not(again, id);
  await wired.until(again, 'done');
  await box.wish(id, 'restore');
  await box.wish(again, 'delete');
  t.equal(await wired.submit(script), id, 'the one that was restored');
  await box.wish(id, 'delete');
  await box.wish(again, 'restore');
  t.equal(await wired.submit(script), again);
});

t.test('a purge is only for where it is switched on, and for what is over', async t => {
  const {id, box} = await withDub(t);
  t.match(await box.trash.purge(id), {ok: false, why: {reason: 'hard-delete-off'}});
  t.equal(box.job(id)?.job.state.is, 'done');
  const open = await Wired.at(t, {env: {ENABLE_HARD_DELETE: '1'}});
  await open.parts.box.setQueueMode('paused');
  const queued = await open.submit(script);
  t.match(await open.parts.box.trash.purge(queued), {ok: false, why: {reason: 'not-now', wish: 'purge'}});
  t.equal(open.state(queued), 'queued');
});

t.test('a purge takes all there is of a job at once, and writes down what went', async t => {
  const {wired, id, box} = await withDub(t, {ENABLE_HARD_DELETE: '1'});
  const other = await wired.submit('hear; dub others film.es.mkv', 'other.mp4');
  await wired.until(other, 'done');
  const news = wired.news();
  const purged = await box.trash.purge(id);
  t.match(purged, {ok: true, value: {job: id, left: 0}});
  if (!purged.ok) return;
  const {receipts, files, bytes} = purged.value;
  t.equal(receipts.length, 1);
  t.strictSame(await readdir(wired.path('jobs')), [other], 'the other is not touched');
  t.strictSame(await readdir(shelfOf(wired)), ['film.es (2).mkv']);
  t.equal(box.job(id), undefined);
  const [name = ''] = (await readdir(wired.path('receipts'))).filter(name =>
    name.includes(receipts[0] ?? '-'),
  );
  const receipt = Receipt.parse(JSON.parse(await readFile(wired.path('receipts', name), 'utf8')));
  t.match(receipt, {state: 'closed', trigger: 'command', totals: {files, bytes}});
  t.ok(files >= 3 && bytes > 0);
  t.ok(receipt.items.every(({job, outcome}) => job === id && outcome.is === 'removed'));
  await until('it is told', () => news.some(event => event.is === 'job-gone' && event.id === id));
});
