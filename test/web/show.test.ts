/** What is told of a job, which jobs are on a page, and how every no reads: all pure. */
import t from 'tap';
import {JobDetail, JobLine} from '../../appliance/api/shapes.ts';
import {Failure} from '../../appliance/failure.ts';
import type {Job, JobId} from '../../appliance/job.ts';
import type {JobNow, JobsAsk, Trouble} from '../../web/box.ts';
import {pickPage} from '../../web/page.ts';
import {notReady, ofFailure, ofTrouble, problems} from '../../web/problem.ts';
import {showDetail, showLine, titleOf} from '../../web/show.ts';
import {ann, bob, idOf, inOrder, jobOf, states} from './memory-box.ts';

const progress = {stage: 'mix', done: 0.5, secondsLeft: 30};
const waits = {code: 'queue-paused', what: 'Paused.', because: {is: 'queue-paused' as const}};
const nowOf = (job: Job): JobNow => ({job, waits, progress});
const open = {withPaths: true};

t.test('a job in any state is shown as its shape says, and nothing more', async t => {
  for (const state of states) {
    const now = nowOf(jobOf(1, {state}));
    t.strictSame(JobLine.parse(showLine(now)), showLine(now), state.is);
    t.strictSame(JobDetail.parse(showDetail(now, open)), showDetail(now, open), state.is);
    t.notMatch(JSON.stringify(showDetail(now, open)), /"pid"/, 'no process');
  }
});

t.test('each state brings what belongs to it', async t => {
  const shown = states.map(state => showLine(nowOf(jobOf(1, {state}))).state);
  t.match(shown, [
    {is: 'queued', since: 1, notBefore: 9, waits},
    {is: 'running', progress},
    {is: 'pausing', progress},
    {is: 'paused', since: 1},
    {is: 'stopping', towards: 'cancelled'},
    {is: 'done', at: 2, seconds: 1},
    {is: 'failed', failure: {code: 'no-speech', what: /No speech was found/, fix: /--subs/}},
    {is: 'cancelled', at: 2},
    {is: 'set-aside', failure: {code: 'worker-lost', what: /SIGKILL.*out of memory/s}},
    {is: 'deleted', at: 2, was: null},
  ]);
});

t.test('outputs are told with their paths only to who is on the box', async t => {
  const state = states.find(({is}) => is === 'done');
  const done = nowOf({...jobOf(1), ...(state && {state})});
  const here = showDetail(done, open).outputs;
  t.match(here, [{kind: 'video', name: 'film.es.mkv', path: '/box/jobs/1/out/film.es.mkv', bytes: 5}]);
  const away = showDetail(done, {withPaths: false});
  t.match(away.outputs, [{name: 'film.es.mkv', path: null}]);
  t.notMatch(JSON.stringify(away), '/box/');
  t.strictSame(showDetail(nowOf(jobOf(1)), open).outputs, [], 'none before it is done');
});

t.test('a title loses what could turn a screen around, and keeps what people write', async t => {
  const table = [
    ['日本語 🎬 — “film”.mkv', '日本語 🎬 — “film”.mkv'],
    ['a\u202Evkm.exe\u202C.mkv', 'avkm.exe.mkv'],
    ['\u2066x\u2069\u200Fy\u061C.mkv', 'xy.mkv'],
    ['line\u2028break.mkv', 'linebreak.mkv'],
    ['{bold}tag{/bold}.mkv', '{bold}tag{/bold}.mkv'],
    ['👩‍👩‍👧.mkv', '👩‍👩‍👧.mkv'],
  ] as const;
  for (const [name, title] of table) {
    const job = jobOf(1);
    t.equal(titleOf({...job, source: {...job.source, name}}), title);
  }
});

const everything: JobsAsk = {
  ...{
    sight: {is: 'all'},
    states: null,
    owner: null,
    text: null,
    tag: null,
    series: null,
    from: null,
    to: null,
    sort: 'newest',
  },
  ...{after: null, limit: 50},
};

const idsOf = (jobs: readonly Job[]): JobId[] => jobs.map(({id}) => id);

t.test('a page holds the newest first, of those that match', async t => {
  const jobs = [
    jobOf(1),
    jobOf(2, {owner: bob}),
    jobOf(3, {state: {is: 'paused', since: 1}}),
    jobOf(4, {state: {is: 'deleted', at: 1, was: null}}),
    jobOf(5, {source: {...jobOf(5).source, name: 'Über ALLES.mkv'}}),
  ];
  const table: readonly (readonly [string, Partial<JobsAsk>, readonly number[]])[] = [
    ['all but deleted ones', {}, [5, 3, 2, 1]],
    ['of one owner', {owner: bob}, [2]],
    ['that somebody sees', {sight: {is: 'own', user: bob}}, [2]],
    ['that nobody sees', {sight: {is: 'none'}}, []],
    ['of another than oneself', {sight: {is: 'own', user: bob}, owner: ann}, []],
    ['in one state', {states: ['paused']}, [3]],
    ['in one of two', {states: ['paused', 'deleted']}, [4, 3]],
    ['by part of the title, in any case', {text: 'über all'}, [5]],
    ['by the title as another keyboard writes it', {text: 'U\u0308ber'}, [5]],
    ['by the id', {text: '0000000002'}, [2]],
    ['by what is in none', {text: 'zzz'}, []],
    ['after another', {after: {submitted: 1_000_003, id: idOf(3)}}, [2, 1]],
    ['after one that is gone', {after: {submitted: 1_000_004, id: idOf(4)}}, [3, 2, 1]],
    ['no more than asked for', {limit: 2}, [5, 3]],
  ];
  for (const [what, ask, wanted] of table) {
    const page = pickPage(inOrder(jobs, 'newest'), {...everything, ...ask});
    t.strictSame(idsOf(page.jobs), wanted.map(idOf), what);
    t.equal(page.more, what === 'no more than asked for', `${what}: more`);
  }
});

t.test('pages one after another have every job once, whatever the order and the moments', async t => {
  for (const count of [0, 1, 4, 5, 6, 103]) {
    const jobs = Array.from({length: count}, (_, i) => jobOf(i * 7919, {submitted: i % 3}));
    const shuffled = jobs.toSorted((a, b) => (a.source.name < b.source.name ? -1 : 1));
    const seen: JobId[] = [];
    let after: JobsAsk['after'] = null;
    for (let more = true; more; ) {
      const page = pickPage(inOrder(shuffled, 'newest'), {...everything, limit: 5, after});
      seen.push(...idsOf(page.jobs));
      after = page.jobs.at(-1) ?? null;
      more = page.more;
    }
    t.equal(seen.length, count);
    t.equal(new Set(seen).size, count, `${count} jobs, each once`);
  }
});

const troubles: readonly (readonly [Trouble, number, string, RegExp])[] = [
  [{reason: 'no-such-job'}, 404, 'no-such-job', /no such job/],
  [
    {reason: 'not-now', job: jobOf(1, {state: {is: 'paused', since: 1}}), wish: 'retry'},
    ...([409, 'not-now', /0000000001 is paused and cannot be tried again/] as const),
  ],
  [{reason: 'over-cap', what: 'Jobs a day', used: 5, allowed: 5}, 409, 'over-cap', /5 of 5/],
  [{reason: 'draining'}, 503, 'draining', /draining/],
  [{reason: 'starting'}, 503, 'starting', /starting/],
  [{reason: 'inbox-offline', folder: '/mnt/in', why: 'it is gone'}, 503, 'inbox-offline', /\/mnt\/in/],
  [{reason: 'not-stored', detail: 'the disk is full'}, 507, 'not-stored', /was not made/],
  [
    {reason: 'failed', failure: {reason: 'no-such-file', path: '/a'}},
    422,
    'no-such-file',
    /There is no file \/a/,
  ],
];

t.test('every trouble is a status, a code, a sentence and what to do', async t => {
  for (const [trouble, status, code, what] of troubles) {
    const refused = ofTrouble(trouble);
    t.match(refused, {status, code, what}, code);
    t.match(refused.fix, /^[A-Z].*\.$/, `${code}: what to do`);
  }
  t.match(ofTrouble({reason: 'draining'}).headers, {'Retry-After': '30'});
});

t.test('a wish that comes at the wrong time is told which would be granted', async t => {
  const stopping = jobOf(1, {state: {is: 'stopping', since: 1, pid: 7, towards: 'deleted'}});
  t.match(ofTrouble({reason: 'not-now', job: stopping, wish: 'pause'}).fix, /Wait/);
  const paused = jobOf(1, {state: {is: 'paused', since: 1}});
  t.match(ofTrouble({reason: 'not-now', job: paused, wish: 'retry'}).fix, /resume, cancel, delete/);
});

t.test('every failure of a dub has a status: about the input, the disk, or the box', async t => {
  for (const {shape} of Failure.options) {
    const reason = shape.reason.value;
    t.match(reason, /^[a-z0-9-]{1,60}$/, 'is a code as the API has them');
  }
  t.equal(ofFailure({reason: 'not-media', path: '/a', detail: 'text'}).status, 422);
  t.equal(ofFailure({reason: 'disk-full', path: '/a', neededBytes: 2, freeBytes: 1}).status, 507);
  t.equal(ofFailure({reason: 'busy', path: '/a', pid: 7}).status, 409);
  t.equal(ofFailure({reason: 'stopped'}).status, 503);
  t.equal(
    ofFailure({reason: 'tool-failed', tool: 'x', stage: 'mix', exit: 'exit 1', stderr: ''}).status,
    500,
  );
});

t.test('not being ready says why', async t => {
  t.match(notReady({is: 'starting'}), {status: 503, code: 'starting'});
  t.match(notReady({is: 'draining'}), {status: 503, code: 'draining'});
  const unwell = {is: 'unwell', what: 'The disk is full.', fix: 'Free some space.'} as const;
  t.match(notReady(unwell), {status: 503, code: 'unwell', what: 'The disk is full.'});
});

t.test('a wait is told in whole seconds, never none', async t => {
  t.match(problems.tooOften(1), {status: 429, headers: {'Retry-After': '1'}, fix: /in 1 s/});
  t.match(problems.tooOften(1001), {headers: {'Retry-After': '2'}});
});
