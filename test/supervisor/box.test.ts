/** What the appliance answers fits what the API promises, however full it is; and a log is followed to its end. */
import {getEventListeners} from 'node:events';
import {readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t from 'tap';
import {BoxEvent} from '../../appliance/api/events.ts';
import {JobDetail, JobLine, type LogLine, LogTail, Timeline} from '../../appliance/api/shapes.ts';
import {Inbox, InboxSummary, Queue, Status} from '../../appliance/api/status.ts';
import {digestOf} from '../../appliance/digest.ts';
import type {Failure} from '../../appliance/failure.ts';
import type {Job, JobId, JobState, Wish} from '../../appliance/job.ts';
import {showDetail, showLine} from '../../web/show.ts';
import {errorOf, strikingDisk} from '../appliance/store/notes.ts';
import {anna, ben, idOf, jobOf, patient, quick, restful, until} from './home.ts';
import {scratch, Wired} from './wired.ts';

const never = new AbortController().signal;

/** A script that tells which run of its job it is, and is done when the test lets it. */
const counting =
  'hear; note "run $(grep -c dub $job/told)"; if [ -e $job/go ]; then dub words film.es.mkv; else hear; stopped; fi';

/** Everything that followers of a log get, and whether they got it as they should. */
async function followed(wired: Wired, id: JobId, from = 0, signal = never): Promise<string[]> {
  const texts: string[] = [];
  let next = from;
  for await (const line of wired.parts.box.followLog(id, from, signal)) {
    if (line.next <= next) throw new Error(`the line at ${line.next} came after ${next}`);
    next = line.next;
    texts.push(line.text);
  }
  return texts;
}

t.test('a log is followed through every run of its job to its end, from whenever', async t => {
  const wired = await Wired.at(t, {env: {DUB_TO: 'es'}});
  const {box, dispatcher} = wired.parts;
  await box.setQueueMode('paused');
  const id = await wired.submit(counting);
  const followers = [followed(wired, id), followed(wired, id)];
  const wish = async (asked: Wish) => t.ok((await box.wish(id, asked)).ok, asked);
  await box.setQueueMode('running');
  await wired.hears(id, 'run 1');
  followers.push(followed(wired, id));
  await wish('pause');
  await wired.until(id, 'paused');
  followers.push(followed(wired, id));
  await wired.go(id);
  await wish('resume');
  await wired.until(id, 'done');
  followers.push(followed(wired, id));
  const all = ['running', 'run 1', 'pausing', 'paused', 'running', 'run 2', 'done'];
  for (const texts of await Promise.all(followers)) t.strictSame(texts, all);
  await until('it has left', () => dispatcher.size === 0);
  t.strictSame(await followed(wired, id), all, 'and one that comes when all is over');
  const {next = 0} = (await box.log(id, 3)).lines[0] ?? {};
  t.strictSame(await followed(wired, id, next), all.slice(5), 'from any line on');
  await wish('retry');
  const again = followed(wired, id);
  t.strictSame((await again).slice(7), ['running', 'run 3', 'done']);
});

t.test('however quickly jobs come and go, whoever follows gets the last line, and an end', async t => {
  const wired = await Wired.at(t);
  const {box} = wired.parts;
  const endings: Readonly<Record<string, string>> = {
    done: 'hear; note ready; dub words film.es.mkv',
    failed: `hear; say '{"is":"failed","failure":{"reason":"no-audio","path":"/film.mp4"}}'`,
  };
  const following: Promise<void>[] = [];
  for (let n = 0; n < 24; n++) {
    const [is = '', script = ''] = Object.entries(endings)[n % 2] ?? [];
    const id = await wired.submit(`${script} # ${n}`, `film ${n}.mp4`);
    const late = n % 3 === 0 ? wired.until(id, 'running', 'done', 'failed') : Promise.resolve();
    following.push(
      late.then(async () => {
        const texts = await followed(wired, id);
        t.strictSame([texts[0], texts.at(-1)], ['running', is], `film ${n}`);
        t.equal(new Set(texts).size, texts.length);
      }),
    );
  }
  await Promise.all(following);
  t.equal(box.queue().counts.done, 12);
});

t.test(
  'a log that is followed ends with its job, its follower or its being forgotten, and leaves nothing',
  async t => {
    const wired = await Wired.at(t);
    const {box, desk} = wired.parts;
    await box.setQueueMode('paused');
    const [cancelled, forgotten, waiting] = [
      await wired.submit('1', '1.mp4'),
      await wired.submit('2', '2.mp4'),
      await wired.submit('3', '3.mp4'),
    ];
    const ends = [followed(wired, cancelled), followed(wired, forgotten)];
    await box.wish(cancelled, 'cancel');
    await box.wish(forgotten, 'delete');
    await desk.forget(forgotten);
    const stop = new AbortController();
    const leaving = Array.from({length: 10}, () => followed(wired, waiting, 0, stop.signal));
    await until('all of them wait', () => getEventListeners(stop.signal, 'abort').length === 10);
    stop.abort();
    t.strictSame(await Promise.all(leaving), Array(10).fill([]));
    t.strictSame(await Promise.all(ends), [[], []]);
    t.strictSame(getEventListeners(stop.signal, 'abort'), []);
    t.strictSame(await followed(wired, idOf(77)), [], 'a job that never was has no log');
  },
);

const stateFailure: Failure = {
  reason: 'tool-failed',
  tool: 'ffmpeg',
  stage: 'x'.repeat(4096),
  exit: '1',
  stderr: 'y'.repeat(4096),
};

/** One of each state, each as large as it may be. */
const states: readonly JobState[] = [
  {is: 'queued', since: 1, notBefore: 9},
  {is: 'running', since: 1, pid: 7},
  {is: 'pausing', since: 1, pid: 7},
  {is: 'paused', since: 1},
  {is: 'stopping', since: 1, pid: 7, towards: 'cancelled'},
  {
    ...{is: 'done', at: 2, seconds: 1, summary: ['z'.repeat(4096)]},
    outputs: [{kind: 'video', path: `/${'o'.repeat(4000)}/film.es.mkv`, bytes: 5, digest: digestOf('x')}],
  },
  {is: 'failed', at: 2, failure: stateFailure},
  {is: 'cancelled', at: 2},
  {is: 'set-aside', at: 2, failure: stateFailure},
  {is: 'deleted', at: 2, was: null},
];

async function fill(wired: Wired, count: number, changes: (n: number) => Partial<Job>): Promise<void> {
  const {store} = wired.parts.ground;
  for (let from = 0; from < count; from += 1000) {
    await store.commit(draft => {
      for (let n = from; n < Math.min(count, from + 1000); n++) {
        const job = jobOf(n + 1, changes(n));
        draft.put('jobs', job.id, job);
      }
    });
  }
}

t.test('with ten thousand jobs every answer fits the API, and costs little', async t => {
  const folder = await scratch(t);
  const first = await Wired.at(t, {}, folder);
  await fill(
    first,
    10_000,
    n =>
      ({
        ...{owner: n % 3 === 0 ? ben : anna, submitted: 1_700_000_000_000 + n, priority: (n % 201) - 100},
        source: {name: `${'日'.repeat(80)} \u202e${n}.mp4`, bytes: n, digest: digestOf(`${n}`)},
        // The first thousand are in every state there is, and all others wait.
        state: n < 1000 ? (states[n % states.length] ?? states[0]) : states[0],
      }) as Partial<Job>,
  );
  await first.stop();
  const openedAt = performance.now();
  const wired = await Wired.at(t, {env: {INBOX_POLLING: '1'}}, folder);
  t.comment(`10,000 jobs are there again after ${Math.round(performance.now() - openedAt)} ms`);
  const {box, dispatcher, inbox, ledger} = wired.parts;
  dispatcher.setMode('paused');
  await inbox.start();
  await until('it was looked through', () => dispatcher.waits.size > 0);
  const status = Status.parse(await box.status());
  t.equal(status.running.length, 256, 'no more are told than fit');
  t.strictSame(status.remote, {mode: 'off', url: null});
  t.strictSame(
    Queue.parse(box.queue()).waiting.map(({code, jobs}) => [code, jobs]),
    [['queue-paused', 9100]],
  );
  t.equal(
    Object.values(status.queue.counts).reduce((a, b) => a + b),
    10_000,
  );
  t.strictSame(InboxSummary.parse(box.inboxSummary()).state.is, 'polling');
  Inbox.parse(await box.inbox());
  let seen = 0;
  let after: {readonly submitted: number; readonly id: JobId} | null = null;
  const ask = {
    ...({sight: {is: 'all'}, states: null, owner: null, text: null, tag: null, series: null} as const),
    ...({from: null, to: null, sort: 'newest', limit: 200} as const),
  };
  const listedAt = performance.now();
  let pages = 0;
  for (let more = true; more; pages++) {
    const page = box.jobs({...ask, after});
    for (const now of page.jobs) JobLine.parse(showLine(now));
    seen += page.jobs.length;
    const last = page.jobs.at(-1)?.job;
    after = last === undefined ? null : {submitted: last.submitted, id: last.id};
    more = page.more;
  }
  t.comment(
    `a page of 200 takes ${((performance.now() - listedAt) / pages).toFixed(1)} ms, shown and checked`,
  );
  t.equal(seen, 9_900, 'every job but those that were deleted, once');
  for (const n of states.keys()) {
    const now = box.job(idOf(n + 1));
    if (now === undefined) throw new Error(`there is no job ${n + 1}`);
    JobDetail.parse(showDetail(now, {withPaths: true}));
    BoxEvent.parse({is: 'job', job: showLine(now)});
    t.equal(now.waits?.code ?? null, now.job.state.is === 'queued' ? 'queue-paused' : null);
  }
  t.equal(box.job(idOf(99_999)), undefined);
  const askedAt = performance.now();
  for (let n = 0; n < 20; n++) await box.status();
  t.comment(`the status takes ${((performance.now() - askedAt) / 20).toFixed(1)} ms`);
  t.equal(ledger.counts.queued, 9100);
});

t.test('why jobs wait is told with each job, and summed up', async t => {
  const wired = await Wired.at(t, {env: {JOBS_RUNNING: '1', JOBS_RUNNING_PER_USER: '1'}});
  const {box} = wired.parts;
  const running = await wired.submit(restful, 'one.mp4');
  await wired.hears(running, 'ready');
  const waiting = await wired.submit(quick, 'two.mp4');
  await until('it says why', () => box.job(waiting)?.waits !== null);
  t.match(box.job(waiting)?.waits, {code: 'owner-cap', what: /JOBS_RUNNING_PER_USER/});
  t.match(Queue.parse(box.queue()).waiting, [{code: 'owner-cap', jobs: 1}]);
  t.match(Status.parse(await box.status()).running, [{id: running, title: 'one.mp4', progress: null}]);
  t.match(await box.wish(running, 'resume'), {ok: false, why: {reason: 'not-now', wish: 'resume'}});
  t.match(await box.wish(idOf(5), 'pause'), {ok: false, why: {reason: 'no-such-job'}});
  t.match(await box.prioritise(waiting, 9), {
    ok: true,
    value: {job: {priority: 9}, waits: {code: 'owner-cap'}},
  });
  t.match(await box.prioritise(idOf(5), 9), {ok: false, why: {reason: 'no-such-job'}});
});

t.test('how far a job is, what happened to it and what it said fit the API', async t => {
  const wired = await Wired.at(t);
  const {box} = wired.parts;
  const progress = `say '{"is":"progress","stage":"${'x'.repeat(3000)}","scenesDone":1,"scenes":3,"done":0.4,"secondsLeft":12.5}'`;
  const step = `say '{"is":"finished","node":"${'n'.repeat(4000)}","stage":"mix","how":"ran","why":"","seconds":1,"cpuSeconds":1,"peakBytes":1}'`;
  const news = wired.news();
  const id = await wired.submit(`hear; ${progress}; ${step}; note ready; await go; dub words film.es.mkv`);
  await wired.hears(id, 'ready');
  t.match(box.job(id)?.progress, {done: 0.4, secondsLeft: 12.5, stage: /^x{200}$/});
  Status.parse(await box.status());
  await wired.go(id);
  await wired.until(id, 'done');
  t.equal(box.job(id)?.progress, null, 'what was is not told as what is');
  await until('its end is written down', async () => (await box.log(id, 1)).lines[0]?.text === 'done');
  const {entries} = Timeline.parse(await box.timeline(id));
  t.strictSame(
    entries.map(({is}) => is),
    ['state', 'stage', 'note', 'state'],
  );
  LogTail.parse(await box.log(id, 2000));
  await until('all is told', () => news.some(event => event.is === 'job' && event.job.state.is === 'done'));
  for (const event of news) BoxEvent.parse(event);
  const states = news.flatMap(event => (event.is === 'job' ? [event.job.state.is] : [event.is]));
  t.strictSame(
    states.filter(is => is !== 'inbox'),
    ['queued', 'running', 'progress', 'done'],
    'in the order in which it was',
  );
});

t.test('a queue that was paused is so after a restart; one that drained goes on', async t => {
  const folder = await scratch(t);
  const wired = await Wired.at(t, {}, folder);
  const news = wired.news();
  t.equal(wired.parts.box.queue().mode, 'running');
  t.match(await wired.parts.box.setQueueMode('paused'), {ok: true, value: {mode: 'paused'}});
  await until('it is told', () => news.some(event => event.is === 'queue' && event.queue.mode === 'paused'));
  await wired.stop();
  const again = await Wired.at(t, {}, folder);
  t.equal(again.parts.box.queue().mode, 'paused');
  t.ok((await again.parts.box.setQueueMode('draining')).ok);
  const path = again.path('films/late.mp4');
  await writeFile(path, 'late');
  t.match(
    await again.parts.box.submit(
      {path, owner: anna, sidecars: [], options: {}, like: null, priority: 0},
      never,
    ),
    {
      ok: false,
      why: {reason: 'draining'},
    },
  );
  await again.stop();
  const third = await Wired.at(t, {}, folder);
  t.equal(third.parts.box.queue().mode, 'paused', 'as it was before it drained');
  t.ok((await third.parts.box.setQueueMode('running')).ok);
  await third.stop();
  t.equal((await Wired.at(t, {}, folder)).parts.box.queue().mode, 'running');
});

t.test('what cannot be stored is answered as that, is an alert, and is over by itself', async t => {
  let isFull = false;
  const disk = strikingDisk(call => {
    if (isFull && call === 'write') throw errorOf('ENOSPC');
  });
  const wired = await Wired.at(t, {disk});
  const {box} = wired.parts;
  await box.setQueueMode('paused');
  const id = await wired.submit(quick);
  isFull = true;
  const path = wired.path('films/film.mp4');
  t.match(await box.wish(id, 'cancel'), {ok: false, why: {reason: 'not-stored', detail: /no space left/}});
  t.match(await box.prioritise(id, 4), {ok: false, why: {reason: 'not-stored'}});
  t.match(await box.setQueueMode('running'), {ok: false, why: {reason: 'not-stored'}});
  await writeFile(path, 'another film');
  const ask = {path, owner: anna, sidecars: [], options: {}, like: null, priority: 0};
  t.match(await box.submit(ask, never), {ok: false, why: {reason: 'not-stored'}});
  t.strictSame(await readdir(wired.path('jobs')), [id]);
  const status = Status.parse(await box.status());
  t.match(status, {queue: {mode: 'paused'}, store: {trouble: /no space left/}});
  t.ok(status.alerts.some(({what}) => what.startsWith('Changes cannot be stored')));
  isFull = false;
  t.ok((await box.wish(id, 'cancel')).ok);
  t.equal((await box.status()).store.trouble, null);
  t.match(await box.submit({...ask, path: wired.path('films/gone.mp4')}, never), {
    ok: false,
    why: {reason: 'failed', failure: {reason: 'no-such-file'}},
  });
});

t.test('a job that was deleted goes with all it had put out, and that is told', async t => {
  const wired = await Wired.at(t, {env: {TRASH_KEEP_DAYS: '0'}});
  const {box, sweeping} = wired.parts;
  const id = await wired.submit('hear; dub words film.es.mkv film.es.srt');
  await wired.until(id, 'done');
  await until('it has left', () => wired.parts.dispatcher.size === 0);
  const shelf = wired.path('dubs', wired.parts.ground.config.settings.INBOX_OWNER);
  t.strictSame((await readdir(shelf)).toSorted(), ['film.es.mkv', 'film.es.srt']);
  await rm(join(shelf, 'film.es.srt'));
  await writeFile(join(shelf, 'film.es.srt'), 'corrected by hand');
  const news = wired.news();
  await box.wish(id, 'delete');
  // The first sweep only looks at the clock.
  await sweeping.sweep();
  await sweeping.sweep();
  await until('it is forgotten', () => box.job(id) === undefined);
  t.strictSame(await readdir(wired.path('jobs')), []);
  t.strictSame(await readdir(shelf), ['film.es.srt'], 'what somebody has changed stays');
  t.equal(await readFile(join(shelf, 'film.es.srt'), 'utf8'), 'corrected by hand');
  await until('it is told', () => news.some(event => event.is === 'job-gone' && event.id === id));
});

t.test('a dub that is past its days leaves the shelf as well, and its job stays', async t => {
  const wired = await Wired.at(t, {env: {OUTPUTS_KEEP_DAYS: '2'}});
  const {box, sweeping, ground} = wired.parts;
  const [old, fresh] = [
    await wired.submit('hear; dub words old.es.mkv', 'old.mp4'),
    await wired.submit('hear; dub words fresh.es.mkv', 'fresh.mp4'),
  ];
  for (const id of [old, fresh]) await wired.until(id, 'done');
  await until('both have left', () => wired.parts.dispatcher.size === 0);
  const shelf = wired.path('dubs', ground.config.settings.INBOX_OWNER);
  await ground.store.commit(draft => {
    const job = draft.get('jobs', old);
    if (job?.state.is !== 'done') throw new Error('it is not done');
    draft.put('jobs', old, {...job, state: {...job.state, at: job.state.at - 2 * 86_400_000}});
  });
  await sweeping.sweep();
  t.equal((await readdir(shelf)).length, 2, 'the first sweep only looks at the clock');
  await sweeping.sweep();
  t.strictSame(await readdir(shelf), ['fresh.es.mkv']);
  t.equal(box.job(old)?.job.state.is, 'done');
  await ground.audit.flush();
  const [day = ''] = (await readdir(wired.path('audit'))).filter(name => name.endsWith('.jsonl'));
  t.match(await readFile(wired.path('audit', day), 'utf8'), new RegExp(`purge_done.*job:${old}`));
});

t.test('a thousand files in the inbox are not as many looks through all of them', async t => {
  const wired = await Wired.at(t, {env: {INBOX_STABLE_SECONDS: '0.1', INBOX_POLLING: '1'}});
  const {box, inbox} = wired.parts;
  await box.setQueueMode('paused');
  const count = 300;
  for (let n = 0; n < count; n++) await writeFile(wired.path('inbox', `film ${n}.txt`), `${n}`);
  const news = wired.news();
  await inbox.start();
  await until('all are refused', () => box.inboxSummary().refused === count);
  await until('the last is told', () =>
    news.some(event => event.is === 'inbox' && event.inbox.refused === count),
  );
  const told = news.filter(event => event.is === 'inbox').length;
  t.ok(told < count / 5, `${told} times`);
  t.match(await box.rescan(), {ok: true});
  Inbox.parse(await box.inbox());
  t.equal((await box.inbox()).lastRefused.length, 100);
  await inbox.stop();
  await rm(wired.path('inbox'), {recursive: true});
});

t.test('lines of a log are each of the API’s shape', async t => {
  const wired = await Wired.at(t);
  const id = await wired.submit(patient);
  const lines: LogLine[] = [];
  await wired.hears(id, 'ready');
  await wired.go(id);
  for await (const line of wired.parts.box.followLog(id, 0, never)) lines.push(line);
  t.strictSame(LogTail.parse({lines, next: 0}).lines, lines);
});

t.test('a finished dub is opened from where people find it', async t => {
  const wired = await Wired.at(t);
  const {box} = wired.parts;
  const id = await wired.submit('hear; dub words film.es.mkv');
  await wired.until(id, 'done');
  const job = box.job(id)?.job;
  const [output] = job?.state.is === 'done' ? job.state.outputs : [];
  if (job === undefined || output === undefined) throw new Error('there is no dub');
  const opened = await box.openOutput(job, output);
  if (!opened.ok) throw new Error(opened.why.reason);
  await using file = opened.value;
  t.equal((await file.readFile()).length, output.bytes);
  await rm(output.path);
  t.match(await box.openOutput(job, output), {ok: false, why: {reason: 'output-gone'}});
});
