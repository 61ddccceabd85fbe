/** What somebody keeps is counted as it comes and goes, and what they may have holds wherever something new begins. */
import {mkdir} from 'node:fs/promises';
import t, {type Test} from 'tap';
import {noQuotas, type Quotas} from '../../appliance/accounts/quotas.ts';
import {added, withQuotas} from '../../appliance/accounts/user.ts';
import {digestOf} from '../../appliance/digest.ts';
import type {JobState, UserName} from '../../appliance/job.ts';
import {JobLedger} from '../../supervisor/queue/ledger.ts';
import {schedule} from '../../supervisor/queue/schedule.ts';
import {anna, ben, endless, idOf, jobOf, openCaps} from './home.ts';
import {Wired} from './wired.ts';

const outputs = [{kind: 'video', path: '/x/film.mkv', bytes: 70, digest: digestOf('x')}];
const done: Extract<JobState, {is: 'done'}> = {is: 'done', at: 2, seconds: 1, summary: [], outputs};

t.test('bytes and jobs of each owner follow every change, and come to nothing at the end', async t => {
  const ledger = new JobLedger([jobOf(1), jobOf(2, {owner: ben, state: done})]);
  t.match(ledger.kept.of(anna), {sourceBytes: 1000, outputBytes: 0});
  t.match(ledger.kept.of(ben), {sourceBytes: 1000, outputBytes: 70});
  const finished = jobOf(1, {state: done});
  ledger.tell(jobOf(1), finished);
  t.match(ledger.kept.of(anna), {sourceBytes: 1000, outputBytes: 70});
  const trashed = jobOf(1, {state: {is: 'deleted', at: 3, was: done}});
  ledger.tell(finished, trashed);
  t.match(ledger.kept.of(anna), {sourceBytes: 1000, outputBytes: 70}, 'in the trash it is still there');
  t.strictSame([...ledger.kept.of(anna).jobs], [['deleted', 1]]);
  ledger.tell(trashed, undefined);
  t.match(ledger.kept.of(anna), {sourceBytes: 0, outputBytes: 0});
  t.strictSame(ledger.kept.owners, [ben]);
});

t.test('how fast the box is, its last jobs say: three of four took no longer', async t => {
  const took = (n: number, seconds: number, filmSeconds?: number) =>
    jobOf(n, {state: {...done, at: n, seconds, ...(filmSeconds !== undefined && {filmSeconds})}});
  const ledger = new JobLedger([jobOf(1), took(2, 500)]);
  t.equal(ledger.tempo.usual, null, 'nothing is known of it');
  for (const job of [took(3, 30, 100), took(4, 1, 100), took(5, 40, 100), took(6, 20, 0)])
    ledger.tell(undefined, job);
  t.equal(ledger.tempo.usual, 0.4, 'and an edit that took a second does not make it fast');
  ledger.tell(took(5, 40, 100), took(5, 50, 100));
  t.equal(ledger.tempo.usual, 0.5, 'the same job counts once');
  for (let n = 10; n < 30; n++) ledger.tell(undefined, took(n, 90, 100));
  t.equal(ledger.tempo.usual, 0.9, 'what is long ago counts no more');
});

t.test('an owner’s own number of running jobs counts, more or less than everybody’s', async t => {
  const jobs = [1, 2, 3].map(n => jobOf(n)).concat([4, 5].map(n => jobOf(n, {owner: ben})));
  const caps = {...openCaps, runningPerUser: 1};
  const runningOf = (owner: UserName): number | null => (owner === anna ? 2 : 0);
  const {start, waits} = schedule({jobs, now: 1, caps, machine: endless, mode: 'running', runningOf});
  t.strictSame(start, [idOf(1), idOf(2)]);
  t.match(waits.get(idOf(3)), {is: 'owner-cap', running: 2, cap: 2});
  t.match(waits.get(idOf(4)), {is: 'owner-cap', running: 0, cap: 0});
});

async function boxWith(t: Test, quotas: Partial<Quotas>, env = {}): Promise<Wired> {
  const wired = await Wired.at(t, {env: {INBOX_OWNER: 'anna', ...env}});
  wired.parts.dispatcher.setMode('paused');
  await wired.parts.ground.store.commit(draft => {
    const user = added([], {name: anna, role: 'operator', password: null, at: 1});
    if (!user.ok) throw new Error(user.why.reason);
    draft.put('users', anna, withQuotas(user.value, {...noQuotas, ...quotas}));
  });
  return wired;
}

const film = (n: number): string => `film ${n} ${'x'.repeat(93)}`;
const refusal = (wired: Wired, n: number): Promise<string> =>
  wired.submit(film(n), `${n}.mp4`).then(
    () => 'taken',
    (cause: Error) => cause.message,
  );

t.test(
  'what one may keep, queue and submit is refused with what is used, allowed, and would free it',
  async t => {
    const table: readonly (readonly [Partial<Quotas>, RegExp])[] = [
      [{keptBytes: 250}, /over-cap.*keeps .* and may keep .*Delete jobs.*"used":200,"allowed":250/],
      [{queued: 2}, /over-cap.*2 waiting jobs and may have 2.*"used":2,"allowed":2/],
      [{jobsPerDay: 2}, /over-cap.*submitted 2 jobs in 24 hours and may submit 2/],
    ];
    for (const [quotas, words] of table) {
      const wired = await boxWith(t, quotas);
      for (const n of [1, 2]) t.equal(await refusal(wired, n), 'taken', JSON.stringify(quotas));
      t.match(await refusal(wired, 3), words);
      t.match(wired.parts.usage.of(anna), {sourceBytes: 200, jobs: {queued: 2}, jobsToday: 2, quotas});
    }
  },
);

t.test('an admin may give somebody more than everybody has', async t => {
  const wired = await boxWith(t, {queued: 2}, {JOBS_QUEUED_PER_USER: '1', DISK_PER_USER_GB: '1'});
  t.equal(await refusal(wired, 1), 'taken');
  t.equal(await refusal(wired, 2), 'taken');
  t.match(wired.parts.usage.of(anna).quotas, {queued: 2, keptBytes: 1e9, running: 8});
  t.match(wired.parts.usage.of(ben).quotas, {queued: 1, keptBytes: 1e9});
  t.strictSame(
    wired.parts.usage.all().map(({user}) => user),
    [anna],
  );
});

t.test('an upload is refused when it begins, where it would come to too much', async t => {
  const wired = await boxWith(t, {keptBytes: 250, uploadMb: 1});
  await mkdir(wired.path('uploads'), {recursive: true});
  t.equal(await refusal(wired, 1), 'taken');
  const begin = (length: number) =>
    wired.parts.uploads.begin({owner: anna, name: 'film.mkv', length, digest: null, metadata: ''});
  t.ok((await begin(100)).ok);
  t.match(await begin(51), {why: {reason: 'over-quota', of: 'kept', used: 200, allowed: 250}});
  t.match(await begin(1_000_000), {why: {reason: 'over-quota', of: 'bytes', used: 100, allowed: 1_000_000}});
});
