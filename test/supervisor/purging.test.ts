/** Plans of a person in a whole box: what they list is what goes, nothing else is touched, and a wrong word removes nothing. */
import {appendFile, lstat, readdir, readFile, rename, stat} from 'node:fs/promises';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {PurgeAsk, type PurgeDone, PurgePlan} from '../../appliance/api/purge-rows.ts';
import {type JobId, UserName} from '../../appliance/job.ts';
import {HomePurging} from '../../supervisor/purging.ts';
import {Receipt} from '../../supervisor/sweep/receipt.ts';
import {patient, until} from './home.ts';
import {Wired} from './wired.ts';

const ann = UserName.parse('ann');
const bob = UserName.parse('bob');
const {signal} = new AbortController();
const scriptOf = (number: number): string => `hear; dub words${number} film.es.mkv film.es.srt`;

type Asked = Parameters<typeof PurgeAsk.parse>[0];

/** A box with so many finished jobs. */
async function boxWith(t: Test, jobs: number, env: Readonly<Record<string, string>> = {}) {
  const wired = await Wired.at(t, {env});
  const ids: JobId[] = [];
  for (let number = 0; number < jobs; number++) {
    const id = await wired.submit(scriptOf(number), `film ${number}.mp4`);
    await wired.until(id, 'done');
    ids.push(id);
  }
  await until('all have left', () => wired.parts.dispatcher.size === 0);
  const {purging} = wired.parts.box;
  const plan = async (asked: Asked): Promise<PurgePlan> =>
    PurgePlan.parse(await purging.plan(ann, PurgeAsk.parse(asked), signal));
  const carry = (plan: string, files: number, by = ann) => purging.carry({by, plan, files, isAtTheBox: true});
  const carried = async ({plan, files}: PurgePlan): Promise<PurgeDone> => {
    const done = await carry(plan, files);
    if (!done.ok) throw new Error(JSON.stringify(done.why));
    return done.value;
  };
  return {wired, ids, plan, carry, carried, box: wired.parts.box};
}

/** Files below a folder with what each holds, by their paths. */
async function filesIn(folder: string): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const entry of await readdir(folder, {recursive: true, withFileTypes: true})) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    found.set(path.slice(folder.length + 1), (await lstat(path)).size);
  }
  return found;
}

function gone(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>) {
  const paths = [...before.keys()].filter(path => !after.has(path));
  return {files: paths.length, bytes: paths.reduce((sum, path) => sum + (before.get(path) ?? 0), 0), paths};
}

async function receiptOf(wired: Wired, id: string | undefined): Promise<Receipt> {
  const names = await readdir(wired.path('receipts'));
  const name = names.find(each => each.endsWith(`-${id}.json`)) ?? '';
  return Receipt.parse(JSON.parse(await readFile(wired.path('receipts', name), 'utf8')));
}

t.test('what a plan lists is what goes, from the job and from the shelf, and no file more', async t => {
  const {wired, ids, plan, carry, box} = await boxWith(t, 2);
  const [first = ids[0], second] = ids;
  const before = await filesIn(wired.path('jobs'));
  const planned = await plan({kinds: ['outputs', 'uploads']});
  t.match(planned, {jobs: 2, more: 0, whole: true, expires: planned.made + 600_000});
  t.strictSame(new Set(planned.groups.map(({job, kind}) => `${job} ${kind}`)).size, 4);
  t.ok(planned.groups.every(({title, owner}) => title.startsWith('film ') && owner !== null));
  t.strictSame(await filesIn(wired.path('jobs')), before, 'a plan removes nothing');

  t.match(await carry(planned.plan, planned.files - 1), {ok: false, why: {reason: 'count-differs'}});
  t.match(await carry(planned.plan, planned.files, bob), {ok: false, why: {reason: 'no-such-plan'}});
  t.strictSame(await filesIn(wired.path('jobs')), before, 'and a wrong number neither');

  const done = await carry(planned.plan, planned.files);
  if (!done.ok) throw new Error(JSON.stringify(done.why));
  const went = gone(before, await filesIn(wired.path('jobs')));
  t.match(done.value, {files: planned.files, bytes: planned.bytes, left: 0});
  t.match({files: went.files, bytes: went.bytes}, {files: planned.files, bytes: planned.bytes});
  t.ok(
    went.paths.every(path => /^\w{10}\/(source|out|said)/.test(path)),
    went.paths.join(),
  );
  t.strictSame(await filesIn(wired.path('dubs')), new Map(), 'nothing of it is on the shelf');
  t.equal(box.job(first as JobId)?.job.state.is, 'done');
  t.equal(box.job(second as JobId)?.job.state.is, 'done');
  const receipt = await receiptOf(wired, done.value.receipts[0]);
  t.match(receipt, {state: 'closed', trigger: 'command', totals: {files: planned.files}});
  t.match(await carry(planned.plan, planned.files), {ok: false, why: {reason: 'no-such-plan'}}, 'only once');
  t.match(await plan({kinds: ['outputs', 'uploads']}), {files: 0, bytes: 0, groups: []});
  const audit = async (): Promise<string> =>
    (
      await Promise.all((await readdir(wired.path('audit'))).map(name => readFile(wired.path('audit', name))))
    ).join();
  await until('it is audited', async () => (await audit()).includes('privacy.purge_done'));
  t.match(await audit(), /privacy\.purge_begun[^\n]*"ann"[^\n]*\n[^\n]*privacy\.purge_done/);
  t.notMatch(await audit(), /film 0/, 'no title is written down');
});

t.test('what two dubs have in common lies on the shelf once, and goes with both', async t => {
  const {wired, plan, carried} = await boxWith(t, 0);
  for (const number of [1, 2, 3]) {
    const id = await wired.submit(`hear; dub alike film.es.mkv ${number}.srt`, `film ${number}.mp4`);
    await wired.until(id, 'done');
  }
  await until('all have left', () => wired.parts.dispatcher.size === 0);
  t.equal((await filesIn(wired.path('dubs'))).size, 4, 'one film for three jobs');
  const planned = await plan({kinds: ['outputs']});
  t.match(await carried(planned), {files: planned.files, left: 0});
  t.equal((await filesIn(wired.path('dubs'))).size, 0);
});

t.test('a job that runs or waits is in no plan', async t => {
  const {wired, plan} = await boxWith(t, 0);
  const runs = await wired.submit(patient, 'runs.mp4');
  await wired.hears(runs, 'ready');
  const before = await filesIn(wired.path('jobs', runs));
  const planned = await plan({kinds: ['uploads', 'intermediates', 'outputs', 'logs', 'deleted']});
  t.match(planned, {files: 0, jobs: 0});
  t.strictSame(await filesIn(wired.path('jobs', runs)), before);
  await wired.go(runs);
  await wired.until(runs, 'done');
});

t.test('a job that is wanted again between plan and word keeps every file', async t => {
  const {wired, ids, plan, carried, box} = await boxWith(t, 2);
  const [first, second] = ids as [JobId, JobId];
  await box.wish(first, 'delete');
  const planned = await plan({kinds: ['deleted', 'outputs']});
  t.match(planned, {jobs: 2});
  await box.wish(first, 'restore');
  const before = await filesIn(wired.path('jobs', first));
  const done = await carried(planned);
  t.ok(done.left >= before.size);
  t.strictSame(await filesIn(wired.path('jobs', first)), before);
  t.ok((await filesIn(wired.path('dubs'))).size > 0, 'and what it has on the shelf');
  t.equal(wired.state(first), 'done');
  t.strictSame([...(await filesIn(wired.path('jobs', second, 'out'))).keys()], []);
});

t.test('a file that changed since the plan stays, and is told', async t => {
  const {wired, ids, plan, carried} = await boxWith(t, 1);
  const [id] = ids as [JobId];
  const planned = await plan({kinds: ['outputs']});
  const path = wired.path('jobs', id, 'out/film.es.srt');
  await appendFile(path, 'a word of somebody');
  const done = await carried(planned);
  t.match(done, {files: planned.files - 1});
  t.ok(done.left >= 1);
  t.match(await readFile(path, 'utf8'), /a word of somebody/);
  const receipt = await receiptOf(wired, done.receipts[0]);
  const kept = receipt.items.filter(({outcome}) => outcome.is === 'kept').map(({path: at}) => at);
  t.ok(kept.includes(`jobs/${id}/out/film.es.srt`));
  t.ok(
    (await stat(wired.path('dubs', 'home', 'film.es.srt')).catch(() => null)) !== null,
    'nor from the shelf',
  );
});

t.test('all of a deleted job goes, from the shelf as well, and it is known no more', async t => {
  const {wired, ids, plan, carried, box} = await boxWith(t, 2);
  const [first, second] = ids as [JobId, JobId];
  await box.wish(first, 'delete');
  const inTrash = await filesIn(wired.path('jobs', first));
  const planned = await plan({kinds: ['deleted']});
  t.match(planned, {jobs: 1, files: inTrash.size, groups: [{job: first, kind: 'deleted'}]});
  const done = await carried(planned);
  t.match(done, {files: inTrash.size, left: 0});
  t.strictSame(await readdir(wired.path('jobs')), [second]);
  t.equal(box.job(first), undefined);
  t.equal((await readdir(wired.path('dubs', 'home'))).length, 2, 'those of the other');
});

t.test('where the shelf is away, what is on it stays in the job too', async t => {
  const {wired, plan, carried} = await boxWith(t, 1);
  const planned = await plan({kinds: ['outputs']});
  const before = await filesIn(wired.path('jobs'));
  await rename(wired.path('dubs'), wired.path('away'));
  const done = await carried(planned);
  t.match(done, {files: 0});
  t.strictSame(await filesIn(wired.path('jobs')), before);
  await rename(wired.path('away'), wired.path('dubs'));
  t.match(await carried(await plan({kinds: ['outputs']})), {files: planned.files, left: 0}, 'and goes later');
});

t.test('over the network it takes ENABLE_HARD_DELETE; at the box it does not', async t => {
  for (const on of [false, true]) {
    const {plan, box} = await boxWith(t, 1, {ENABLE_HARD_DELETE: on ? '1' : '0'});
    const {plan: id, files} = await plan({kinds: ['outputs']});
    const answer = await box.purging.carry({by: ann, plan: id, files, isAtTheBox: false});
    if (on) t.match(answer, {ok: true, value: {files}});
    else t.match(answer, {ok: false, why: {reason: 'hard-delete-off'}});
  }
});

t.test('plans are few, and over after ten minutes', async t => {
  let now = 1_800_000_000_000;
  const said: string[] = [];
  const purging = new HomePurging({
    sweeping: () => ({
      choose: async () => ({steps: [], whole: true}),
      carry: async () => ({receipts: [], files: 0, bytes: 0, left: 0}),
    }),
    ...{get: () => undefined, isPurgeOn: false, now: () => now},
    audit: ({action, user, object}) => void said.push(`${action} ${user} ${object}`),
  });
  const ask = PurgeAsk.parse({kinds: ['logs']});
  const carry = (plan: string) => purging.carry({by: ann, plan, files: 0, isAtTheBox: true});
  const none = {ok: false, why: {reason: 'no-such-plan'}};
  const plans: string[] = [];
  for (let number = 0; number < 9; number++) plans.push((await purging.plan(ann, ask, signal)).plan);
  t.match(await carry(plans[0] ?? ''), none, 'the oldest made room');
  t.match(await carry(plans[1] ?? ''), {ok: true});
  t.strictSame(said, [`privacy.purge_begun ann plan:${plans[1]}`]);
  now += 600_000;
  t.match(await carry(plans[2] ?? ''), none);
  const {plan} = await purging.plan(ann, ask, signal);
  now -= 86_400_000;
  t.match(await carry(plan), none, 'a clock that was set back keeps none');
});
