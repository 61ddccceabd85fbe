/** The whole way: rows in a store, a real server that fails in every way, and what the phone gets, each once. */
import t, {type Test} from 'tap';
import {Secret} from '../../../appliance/config/secret.ts';
import {UserName} from '../../../appliance/job.ts';
import {homePace, longestRestMs} from '../../../supervisor/push/fold.ts';
import {exchangeLimitMs} from '../../../supervisor/push/ntfy.ts';
import {PushOutbox, type PushTold} from '../../../supervisor/push/outbox.ts';
import type {PushRow} from '../../../supervisor/push/row.ts';
import {type PushMode, type PushSettings, pushModeOf} from '../../../supervisor/push/settings.ts';
import {NtfyServer} from '../../ntfy-server.ts';
import {Clock} from './clock.ts';
import {done, ids, noon, Rows, wrong} from './rows.ts';

const {gatherMs, windowMs} = homePace;
const token = 'tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2';
const topic = 'dub-4fGh_9';

interface Home {
  readonly server: NtfyServer;
  readonly rows: Rows;
  readonly clock: Clock;
  readonly told: PushTold[];
  /** Another process on the same rows. */
  readonly outbox: () => PushOutbox;
}

function modeOf(url: string, settings: Partial<PushSettings>): PushMode {
  return pushModeOf({
    ...{NOTIFY_ON_JOB_DONE: true, NTFY_BASE_URL: url, NTFY_TOPIC: new Secret(topic)},
    ...{NTFY_TOKEN: new Secret(token), NOTIFY_TITLES: true, OFFLINE_MODE: false, ALLOW_EGRESS: true},
    ...{
      PUBLIC_BASE_URL: null,
      DATA_DIR: '/srv/dub',
      INBOX_DIR: '/srv/dub/inbox',
      OUTPUT_DIR: '/srv/dub/dubs',
    },
    ...settings,
  });
}

const topics = new Map<string, Secret>();

async function homeOf(t: Test, settings: Partial<PushSettings> = {}, chance = 1): Promise<Home> {
  const server = await new NtfyServer().start();
  server.token = token;
  const [rows, clock, told] = [new Rows(), new Clock(noon), [] as PushTold[]];
  const started: PushOutbox[] = [];
  t.teardown(async () => {
    const stops = started.map(outbox => outbox.stop());
    clock.advance(exchangeLimitMs);
    await Promise.all(stops);
    await server.stop();
  });
  const topicOf = (owner: PushRow['owner']): Secret | null => topics.get(owner ?? '') ?? null;
  const outbox = () => {
    const parts = {
      topicOf,
      rows,
      pace: homePace,
      now: clock.now,
      after: clock.after,
      chance: () => chance,
    };
    const one = new PushOutbox({
      ...parts,
      mode: modeOf(server.url, settings),
      told: what => told.push(what),
    });
    started.push(one);
    one.start();
    return one;
  };
  return {server, rows, clock, told, outbox};
}

/** Starts on rows that are there, and lets them gather. */
async function gathered(home: Home, ...rows: readonly PushRow[]): Promise<PushOutbox> {
  home.rows.add(...rows);
  const outbox = home.outbox();
  await home.clock.waitedFor(gatherMs);
  home.clock.advance(gatherMs);
  return outbox;
}

const films = (count: number): readonly PushRow[] => Array.from({length: count}, (_, i) => done(`n${i}`));
const titles = ({server}: Home): readonly (string | undefined)[] => server.messages.map(({title}) => title);
const tolds = ({told}: Home): readonly PushTold['is'][] => told.map(({is}) => is);

t.test('a row goes out a moment after it was written, and out of the store when it was taken', async t => {
  const home = await homeOf(t);
  const {server, rows, clock, told} = home;
  const outbox = home.outbox();
  t.match(outbox.state(), {is: 'on', server: /^127/, waiting: 0, lastSent: null, trouble: null});
  rows.add(done('a'));
  outbox.wake();
  await clock.waitedFor(gatherMs);
  t.equal(server.requests.length, 0);
  clock.advance(gatherMs);
  await rows.left(0);
  t.strictSame(titles(home), ['Film a speaks Spanish now']);
  t.match(outbox.state(), {waiting: 0, lastSent: noon + gatherMs, trouble: null});
  t.match(outbox.state(), {last: [{at: noon + gatherMs, title: 'Film a speaks Spanish now', ok: true}]});
  t.strictSame(outbox.counts, {sent: 1, dropped: 0});
  t.strictSame(told, [{is: 'sent', kind: 'done', count: 1, id: 'a'}]);
  await outbox.stop();
  t.strictSame(clock.ahead, [], 'no timer is left');
});

t.test('each goes to whom it concerns, and a test goes at once', async t => {
  const home = await homeOf(t);
  const bob = UserName.parse('bob');
  topics.set('bob', new Secret('bobs-own'));
  t.teardown(() => topics.clear());
  const outbox = await gathered(home, done('a'), done('b', {}, {owner: bob}), done('c', {}, {owner: null}));
  await home.rows.left(0);
  const told = home.server.messages.map(({topic: where, title}) => [where, title?.slice(0, 6)]);
  t.strictSame(told.toSorted(), [
    ['bobs-own', 'Film b'],
    [topic, 'Film a'],
    [topic, 'Film c'],
  ]);
  const {signal} = new AbortController();
  t.equal(await outbox.test(bob, signal), null);
  t.match(home.server.messages.at(-1), {topic: 'bobs-own', title: 'Dubstead can reach you'});
  home.server.behaviour = {is: 'status', status: 403, code: 40301};
  t.match(await outbox.test(bob, signal), /refuses pushes \(403, ntfy 40301\)/);
  t.match(outbox.state(), {trouble: null}, 'the box has no trouble of it');
  await home.server.stop();
  t.match(await outbox.test(bob, signal), /cannot be reached/);
});

t.test('a test of pushes that are off says why', async t => {
  const home = await homeOf(t, {NOTIFY_ON_JOB_DONE: false});
  t.match(
    await home.outbox().test(UserName.parse('bob'), new AbortController().signal),
    /NOTIFY_ON_JOB_DONE/,
  );
  t.equal(home.server.requests.length, 0);
});

t.test('twelve at once are one message, and leave the store together', async t => {
  const home = await homeOf(t);
  const outbox = await gathered(home, ...films(12), wrong('failed', 'f'));
  await home.rows.left(0);
  t.strictSame(titles(home), ['12 videos finished', 'Film f could not be dubbed']);
  t.match(home.server.messages[0]?.message, /^Film n0 \(Spanish\)\n.*and 2 more$/s);
  t.strictSame(home.rows.commits[0]?.remove, ids(films(12)));
  t.equal(outbox.counts.sent, 2);
});

t.test('titles of every script arrive to the byte', async t => {
  const home = await homeOf(t);
  const some = ['となりの山 第2話', '👨‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿', 'שלום עולם 2', 'a "b" \\ é e\u0301 <c>'];
  for (const [i, title] of some.entries()) home.rows.add(done(`n${i}`, {title}, {made: noon - i * windowMs}));
  home.rows.add(wrong('failed', 'f', {title: some[0] ?? ''}));
  await gathered(home);
  await home.rows.left(0);
  const [folded, single] = home.server.messages;
  const lines = ['a "b" \\ é e\u0301 <c> (Spanish)', '\u2068שלום עולם 2\u2069 (Spanish)'];
  t.strictSame(folded?.message?.split('\n'), [
    ...lines,
    '👨‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿 (Spanish)',
    'となりの山 第2話 (Spanish)',
  ]);
  t.equal(single?.title, 'となりの山 第2話 could not be dubbed');
});

t.test('a server that asks for time gets it, and then each push once', async t => {
  const home = await homeOf(t);
  const {server, rows, clock} = home;
  server.behaviour = {is: 'status', status: 429, retryAfter: '70'};
  const outbox = await gathered(home, ...films(2));
  await clock.waitedFor(70_000);
  t.equal(server.requests.length, 1, 'the second does not even try');
  t.match(outbox.state(), {waiting: 2, lastSent: null, trouble: /fewer pushes \(429\)/});
  t.match(home.told, [{is: 'put-off', why: /429/, until: noon + gatherMs + 70_000}]);
  t.match(rows.pending()[0], {attempts: 1, notBefore: noon + gatherMs + 70_000});
  rows.add(done('late', {}, {made: clock.now()}));
  outbox.wake();
  t.strictSame(clock.ahead, [70_000], 'a new one waits as well');
  server.behaviour = {is: 'status', status: 503, retryAfter: new Date(clock.now() + 190_000).toUTCString()};
  clock.advance(70_000);
  await clock.waitedFor(120_000);
  t.equal(server.requests.length, 2);
  server.behaviour = {is: 'well'};
  clock.advance(120_000);
  await rows.left(0);
  t.equal(server.messages.length, 3);
  t.strictSame(tolds(home), ['put-off', 'put-off', 'sent', 'sent', 'sent']);
  t.match(outbox.state(), {waiting: 0, trouble: null});
});

t.test('a server in trouble is left alone by every kind, also by what was added meanwhile', async t => {
  const home = await homeOf(t);
  const {server, rows, clock} = home;
  server.behaviour = {is: 'hang'};
  const outbox = await gathered(home, done('a'), wrong('failed', 'f'));
  await server.requested(1);
  rows.add(wrong('refused', 'r'));
  outbox.wake();
  clock.advance(exchangeLimitMs);
  await clock.waitedFor(5_000);
  t.equal(server.requests.length, 1);
  server.behaviour = {is: 'well'};
  clock.advance(5_000);
  await rows.left(0);
  t.equal(server.messages.length, 3);
});

t.test('in trouble, a server is asked less and less often, whatever the trouble', async t => {
  const home = await homeOf(t);
  const {server, rows, clock} = home;
  server.behaviour = {is: 'status', status: 500};
  await gathered(home, done('a'));
  await clock.waitedFor(5_000);
  server.behaviour = {is: 'reset'};
  clock.advance(5_000);
  await clock.waitedFor(10_000);
  server.behaviour = {is: 'hang'};
  clock.advance(10_000);
  await server.requested(3);
  clock.advance(exchangeLimitMs);
  await clock.waitedFor(20_000);
  await server.stop();
  clock.advance(20_000);
  await clock.waitedFor(40_000);
  t.match(rows.pending()[0], {attempts: 4});
  await server.start();
  server.behaviour = {is: 'well'};
  clock.advance(40_000);
  await rows.left(0);
  t.equal(server.messages.length, 1);
  const said = home.told.map(what => ('why' in what ? what.why.replace(/^\S+ /, '') : what.is));
  t.strictSame(said, [
    'is in trouble (500).',
    'cannot be reached: the connection was cut.',
    'gave no answer within 20 s.',
    'cannot be reached: nobody listens there.',
    'sent',
  ]);
});

t.test('an answer that got lost is asked for again under the same id', async t => {
  const home = await homeOf(t);
  home.server.behaviour = {is: 'lose-answer'};
  await gathered(home, ...films(12));
  await home.clock.waitedFor(5_000);
  home.rows.add(done('new', {}, {made: home.clock.now()}));
  home.server.behaviour = {is: 'well'};
  home.clock.advance(gatherMs);
  await home.rows.left(0);
  t.strictSame(titles(home), ['12 videos finished', '13 videos finished']);
  t.strictSame(
    home.server.messages.map(one => one.sequence_id),
    ['n0', 'n0'],
    'the phone shows the one in place of the other',
  );
});

t.test('what is refused for good is dropped, told in words, and holds up nothing else', async t => {
  const home = await homeOf(t, {NTFY_TOKEN: new Secret('tk_wrong')});
  const outbox = await gathered(home, ...films(2), wrong('failed', 'f'));
  await home.rows.left(0);
  t.equal(home.server.requests.length, 3);
  t.match(outbox.state(), {waiting: 0, lastSent: null, trouble: /NTFY_TOKEN may not write/});
  t.match(outbox.state(), {last: [{ok: false}, {ok: false}, {ok: false}]});
  t.strictSame(outbox.counts, {sent: 0, dropped: 3});
  t.strictSame(tolds(home), ['dropped', 'dropped', 'dropped']);
  t.notMatch(
    JSON.stringify([home.told, outbox.state(), home.server.requests.map(({url}) => url)]),
    /tk_|4fGh/,
  );
  home.server.token = null;
  home.rows.add(done('b', {}, {made: noon}));
  outbox.wake();
  await home.rows.left(0);
  t.strictSame(titles(home), ['Film b speaks Spanish now'], 'a server put right is used at once');
});

t.test('another address than the one that was set gets nothing', async t => {
  const [home, elsewhere] = [await homeOf(t), await new NtfyServer().start()];
  t.teardown(() => elsewhere.stop());
  home.server.behaviour = {is: 'redirect', to: elsewhere.url};
  const outbox = await gathered(home, done('a'));
  await home.clock.waitedFor(5_000);
  t.equal(elsewhere.requests.length, 0);
  t.match(outbox.state(), {waiting: 1, trouble: /Check NTFY_BASE_URL/});
});

t.test('where nothing may leave, nothing does: said once, counted, and the rows go', async t => {
  for (const settings of [{OFFLINE_MODE: true}, {ALLOW_EGRESS: false}, {NOTIFY_ON_JOB_DONE: false}]) {
    const home = await homeOf(t, settings);
    const {rows, server, told} = home;
    rows.add(...films(12));
    const outbox = home.outbox();
    await rows.left(0);
    rows.add(done('later'));
    outbox.wake();
    await rows.left(0);
    await outbox.stop();
    t.equal(server.requests.length, 0);
    const withheld = !('NOTIFY_ON_JOB_DONE' in settings);
    t.match(outbox.state(), {is: 'off', why: withheld ? /lets nothing leave/ : /not set/});
    t.strictSame(outbox.counts, {sent: 0, dropped: 13});
    t.equal(told.filter(({is}) => is === 'withheld').length, withheld ? 1 : 0);
    t.match(
      told.filter(({is}) => is === 'dropped'),
      [{count: 12}, {count: 1}],
    );
  }
});

t.test('with titles off, no byte that leaves and no word that is told has one', async t => {
  const home = await homeOf(t, {NOTIFY_TITLES: false, PUBLIC_BASE_URL: 'https://dub.example'});
  const what = '/srv/dub/inbox/ana/Geheim.mkv has no sound.';
  const about = {title: 'Geheim', what, fix: what, grade: 'Geheim'};
  await gathered(
    home,
    ...films(5).map(({id}) => done(id, about)),
    ...(['failed', 'refused', 'set-aside'] as const).map(kind => wrong(kind, kind, about)),
  );
  await home.rows.left(0);
  t.equal(home.server.messages.length, 4);
  t.notMatch(JSON.stringify([home.server.requests, home.told]), /Geheim|Spanish|\bes\b|\/srv|\.mkv|sound/);
});

t.test('a process that died between the answer and the store says it again, under the same id', async t => {
  const home = await homeOf(t);
  home.rows.failure = new Error('ENOSPC: no space left on device');
  const outbox = await gathered(home, done('a'));
  await home.rows.committed(1);
  await outbox.stop();
  home.rows.failure = null;
  home.outbox();
  await home.rows.left(0);
  t.strictSame(
    home.server.messages.map(({title, sequence_id}) => [title, sequence_id]),
    [
      ['Film a speaks Spanish now', 'a'],
      ['Film a speaks Spanish now', 'a'],
    ],
  );
});

t.test('a store that cannot write makes nothing go twice while we live', async t => {
  const home = await homeOf(t);
  const {rows, clock, server} = home;
  rows.failure = new Error('ENOSPC: no space left on device');
  const outbox = await gathered(home, done('a'));
  await clock.waitedFor(5_000);
  t.match(outbox.state(), {waiting: 0, lastSent: noon + gatherMs, trouble: /taken out of the store: ENOSPC/});
  clock.advance(5_000);
  await clock.waitedFor(10_000);
  rows.add(done('b', {}, {made: noon}));
  outbox.wake();
  t.equal(server.messages.length, 1, 'nor does another go, whose taking could not be kept');
  rows.failure = null;
  clock.advance(10_000);
  await rows.left(0);
  t.strictSame(titles(home), ['Film a speaks Spanish now', 'Film b speaks Spanish now']);
});

t.test('a start in the middle of a burst goes on where the last process was', async t => {
  const home = await homeOf(t);
  const {rows, clock, server} = home;
  const first = await gathered(home, ...films(2));
  await rows.left(0);
  server.behaviour = {is: 'status', status: 503};
  rows.add(...[3, 4, 5].map(i => done(`n${i}`, {}, {made: clock.now()})));
  first.wake();
  await clock.waitedFor(gatherMs);
  clock.advance(gatherMs);
  await clock.waitedFor(5_000);
  await first.stop();
  t.match(rows.pending(), [{attempts: 1}, {attempts: 0}, {attempts: 0}]);
  rows.add(...[6, 7].map(i => done(`n${i}`, {}, {made: clock.now()})));
  home.outbox();
  await clock.waitedFor(5_000);
  t.equal(server.requests.length, 3, 'the rest that the last one began is kept');
  clock.advance(5_000);
  await clock.waitedFor(10_000);
  t.equal(server.requests.length, 4, 'and the next one is longer, as if it had been one process');
  server.behaviour = {is: 'well'};
  clock.advance(10_000);
  await rows.left(0);
  t.strictSame(titles(home).slice(2), ['5 videos finished']);
  t.equal(server.messages[2]?.sequence_id, 'n3');
});

t.test('who stops lets what is on its way arrive', async t => {
  const home = await homeOf(t);
  const {rows, clock, server} = home;
  server.behaviour = {is: 'hang'};
  const outbox = await gathered(home, ...films(2));
  await server.requested(1);
  const stopped = outbox.stop();
  t.equal(outbox.stop(), stopped, 'twice is once');
  t.strictSame(clock.ahead, [3_000, exchangeLimitMs]);
  clock.advance(3_000);
  await stopped;
  await server.hungUp(1);
  t.strictSame(rows.commits, [], 'to hang up says nothing about the server');
  t.strictSame(tolds(home), []);
  t.strictSame(clock.ahead, [], 'no timer is left');
  outbox.start();
  outbox.wake();
  t.equal(server.requests.length, 1, 'there is no second life');
  server.behaviour = {is: 'well'};
  home.outbox();
  await rows.left(0);
  t.equal(server.messages.length, 2);
});

t.test('one that is taken while we stop is not sent again', async t => {
  const home = await homeOf(t);
  const outbox = await gathered(home, ...films(2));
  await home.server.requested(1);
  await outbox.stop();
  await home.rows.left(1);
  t.equal(home.server.messages.length, 1);
  t.strictSame(home.clock.ahead, []);
});

t.test('what waited for days while the box was off is dropped and counted', async t => {
  const home = await homeOf(t);
  const old = {made: noon - homePace.staleMs - 1};
  home.rows.add(done('old', {}, old), wrong('failed', 'older', {}, old), done('tried', {}, {attempts: 200}));
  const outbox = await gathered(home, done('new'));
  await home.rows.left(0);
  t.strictSame(titles(home), ['Film new speaks Spanish now']);
  t.match(home.told[0], {is: 'dropped', count: 3, why: /too long/});
  t.equal(outbox.counts.dropped, 3);
});

t.test('a clock that is set back a week holds nothing up', async t => {
  const home = await homeOf(t);
  const {rows, clock, server} = home;
  server.behaviour = {is: 'status', status: 503, retryAfter: '21600'};
  const outbox = await gathered(home, done('a'));
  await clock.waitedFor(longestRestMs);
  server.behaviour = {is: 'well'};
  clock.jump(-7 * 24 * 3600_000);
  rows.add(done('b', {}, {made: clock.now()}));
  outbox.wake();
  await clock.waitedFor(longestRestMs);
  clock.advance(longestRestMs);
  await rows.left(0);
  t.equal(server.messages.length, 2);
});

t.test('ten thousand refusals in a moment are one push, found by looking a few times', async t => {
  const home = await homeOf(t);
  const {rows, clock} = home;
  let looks = 0;
  const pending = rows.pending.bind(rows);
  rows.pending = () => {
    looks++;
    return pending();
  };
  const outbox = home.outbox();
  rows.add(wrong('refused', 'first'));
  outbox.wake();
  await clock.waitedFor(gatherMs);
  const started = performance.now();
  for (let hundred = 0; hundred < 100; hundred++) {
    const some = Array.from({length: hundred === 0 ? 99 : 100}, (_, i) =>
      wrong('refused', `n${hundred}-${i}`),
    );
    for (const row of some) {
      rows.add(row);
      outbox.wake();
    }
    await new Promise(setImmediate);
  }
  clock.advance(gatherMs);
  await rows.left(0);
  t.comment(`${Math.round(performance.now() - started)} ms`);
  t.strictSame(titles(home), ['10000 files were refused']);
  t.ok(looks < 10, `${looks} looks`);
  t.ok((home.server.requests[0]?.body.length ?? 0) < 2500);
});

t.test('a fault of ours ends pushes and nothing else, and is told', async t => {
  const home = await homeOf(t);
  const outbox = home.outbox();
  const cause = new Error('a bug');
  home.rows.pending = () => {
    throw cause;
  };
  outbox.wake();
  while (home.told.length === 0) await new Promise(setImmediate);
  t.strictSame(home.told, [{is: 'broken', cause}]);
  await outbox.stop();
  home.rows.pending = () => [];
  t.match(outbox.state(), {trouble: /fault in Dubstead itself/});
});

/** Resolves when no exchange goes on: one that is under way would take a step of the clock for a server that hangs. */
async function quiet({clock}: Home): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    await clock.noneOf(exchangeLimitMs);
    await new Promise(setImmediate);
  }
}

t.test('every one of a thousand rows is told of once, through a server that fails half the time', async t => {
  const home = await homeOf(t, {}, 0.9);
  const {rows, clock, server} = home;
  const outbox = home.outbox();
  const statuses = [200, 500, 429, 200, 503, 408, 200];
  for (let round = 0; round < 100; round++) {
    const status = statuses[round % statuses.length] ?? 200;
    server.behaviour = status === 200 ? {is: 'well'} : {is: 'status', status};
    rows.add(...Array.from({length: 10}, (_, i) => done(`n${round}-${i}`, {}, {made: clock.now()})));
    outbox.wake();
    await quiet(home);
    clock.advance(gatherMs);
    await quiet(home);
  }
  server.behaviour = {is: 'well'};
  for (; rows.pending().length > 0; clock.advance(windowMs)) await quiet(home);
  const counts = server.messages.map(({title}) => Number(/^(\d+) videos/.exec(title ?? '')?.[1] ?? 1));
  const sum = counts.reduce((all, count) => all + count, 0);
  t.equal(sum, 1000, `in ${counts.length} messages and ${server.requests.length} requests`);
  const removed = rows.commits.flatMap(({remove}) => remove);
  t.equal(new Set(removed).size, 1000);
  t.equal(removed.length, 1000, 'none twice');
  t.equal(outbox.counts.sent, server.messages.length);
  t.ok(server.requests.length > server.messages.length + 10, 'it did fail');
});
