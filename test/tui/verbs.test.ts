/** Each verb of the appliance, end to end: its words on one side, what the daemon was asked on the other. */
import {createServer} from 'node:http';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {type Job, UserName} from '../../appliance/job.ts';
import {exitCodes} from '../../tui/exit-codes.ts';
import {idOf, jobOf, MemoryBox} from '../web/memory-box.ts';
import {password, peopleOf, phone} from '../web/people.ts';
import {shortFolder} from '../web/served.ts';
import {detailOf, inboxOf, lineOf, now, progress, stage, states, statusOf, timelineOf} from './samples.ts';
import {point, seatAtBox, seatOf} from './seat.ts';

const queued = {is: 'queued', since: now - 60_000, notBefore: null} as const;
const running = {is: 'running', since: now - 60_000, pid: 7} as const;
const first = idOf(1);
const second = idOf(2);

/** Says what a test wants of the whole box, and of what happened to a job. */
class TellingBox extends MemoryBox {
  override async status() {
    return {...statusOf(), queue: this.queue()};
  }

  override async timeline() {
    return timelineOf([{is: 'state', at: now, state: 'queued'}, stage('probe')]);
  }
}

t.test('status: the box at a glance, or all of it as JSON', async t => {
  const box = new TellingBox([jobOf(1, {state: running}), jobOf(2, {state: queued})]);
  const seat = await seatAtBox(t, {box});
  const {code, out, err} = await seat.run('status');
  t.match(
    out,
    /^Dubstead 0\.1\.0 has been up for 2 d \(process 4711\)\.\n\nQueue {6}open · 1 queued, 1 running\n/,
  );
  t.strictSame([code, err], [0, '']);
  t.strictSame(await seat.json('status'), JSON.parse(JSON.stringify(await box.status())));
});

t.test('jobs: what is asked for is what the daemon is asked', async t => {
  const seat = await seatAtBox(t, {jobs: [jobOf(1, {state: running}), jobOf(2, {state: queued})]});
  t.match((await seat.run('jobs')).out, new RegExp(`^JOB .*\n${second} .*\n${first} .*\n$`));
  t.match(seat.box.asked.at(-1), {states: null, owner: null, text: null, limit: 20});
  await seat.run('jobs', '--state', 'queued,failed', '--owner', 'ann', '--search', 'film 2', '--limit', '7');
  t.match(seat.box.asked.at(-1), {states: ['queued', 'failed'], owner: 'ann', text: 'film 2', limit: 7});
  t.match(seat.out(), second);
  t.notMatch(seat.out(), first);
  t.strictSame(await seat.run('jobs', '--search', 'nothing like it'), {
    ...{code: 0, out: 'There are no such jobs.\n', err: ''},
  });
  t.strictSame(await seat.json('jobs', '--search', 'nothing like it'), {jobs: [], next: null});
});

t.test('jobs: page after page, each job once', async t => {
  const seat = await seatAtBox(t, {jobs: Array.from({length: 450}, (_, number) => jobOf(number + 1))});
  const all = (await seat.json('jobs', '--all')) as {jobs: {id: string}[]; next: null};
  t.equal(new Set(all.jobs.map(({id}) => id)).size, 450);
  t.equal(all.jobs.length, 450);
  t.equal(all.next, null);
  const some = (await seat.json('jobs', '--limit', '250')) as {jobs: unknown[]; next: string};
  t.equal(some.jobs.length, 250);
  t.type(some.next, 'string');
  t.strictSame(
    seat.box.asked.slice(-2).map(asked => (asked as {limit: number}).limit),
    [200, 50],
  );
  const {out} = await seat.run('jobs');
  t.equal(out.trimEnd().split('\n').length, 1 + 20 + 1);
  t.match(out, /There are more: dubstead jobs --all, or --limit N\.\n$/);
});

t.test('job: by its id, by its first characters, and not by those of two', async t => {
  const ids = ['abcd000001', 'abcd000002', 'k3v9000003'] as const;
  const jobs = ids.map((id, place) => ({...jobOf(place + 1), id}) as Job);
  const seat = await seatAtBox(t, {box: new TellingBox(jobs)});
  for (const said of ['k3v9000003', 'k3v9', 'K3V9ooo']) {
    const {code, out} = await seat.run('job', said);
    t.equal(code, 0, said);
    t.match(out, /^k3v9000003 {2}film 3/);
  }
  t.match(seat.out(), /\nStages\n {2}STAGE .*\n {2}probe +ran +1\.2 s {2}new\n/);
  t.match(seat.out(), '\n  dubstead pause k3v9000003\n  dubstead cancel k3v9000003\n');
  t.match(await seat.json('job', 'k3v9'), {job: {id: 'k3v9000003'}, timeline: {entries: {length: 2}}});
  const both = await seat.run('job', 'abcd');
  t.equal(both.code, exitCodes.refused);
  t.match(
    both.err,
    /^More than one job begins with abcd:\n {2}abcd00000[12] {2}film 2.mkv\n {2}abcd00000[12] /,
  );
  t.match(await seat.json('job', 'abcd'), {error: {code: 'ambiguous', fix: 'Say more of the one you mean.'}});
  t.strictSame(await seat.run('job', 'zzzz'), {
    ...{code: exitCodes.refused, out: ''},
    err: 'There is no job zzzz.\ndubstead jobs lists those there are.\n',
  });
  t.match(await seat.run('job', 'zzzzzzzzzz'), {code: 3, err: /^There is no such job\./});
});

t.test('job: its id is found among hundreds whose titles hold the same', async t => {
  const titled = (number: number) =>
    jobOf(number, {source: {...jobOf(1).source, name: `k3v9 ${number}.mkv`}});
  const jobs = [
    {...jobOf(1), id: 'k3v9000003'} as Job,
    ...Array.from({length: 420}, (_, n) => titled(n + 2)),
  ];
  const seat = await seatAtBox(t, {box: new TellingBox(jobs)});
  t.match(await seat.json('job', 'k3v9'), {job: {id: 'k3v9000003'}});
});

t.test(
  'cancel, pause, resume, retry: each job is told, and a no to one does not keep the others from it',
  async t => {
    const done = {is: 'done' as const, at: now, seconds: 1, outputs: [], summary: []} satisfies Job['state'];
    const seat = await seatAtBox(t, {
      jobs: [jobOf(1, {state: queued}), jobOf(2, {state: running}), jobOf(3, {state: done})],
    });
    const stateOf = (number: number) => seat.box.all.get(idOf(number))?.state.is;
    const paused = await seat.run('pause', idOf(1), idOf(3), idOf(2), idOf(1));
    t.equal(paused.code, exitCodes.refused);
    t.match(
      paused.out,
      new RegExp(
        `^${first}  film 1.mkv: Paused for .*\n${second}  film 2.mkv: Coming to rest at its next .*\n$`,
      ),
    );
    t.match(
      paused.err,
      /^Job 0000000003 is done and cannot be paused\.\nWhat can be done with it now: retry, delete\.\n$/,
    );
    t.strictSame([stateOf(1), stateOf(2), stateOf(3)], ['paused', 'pausing', 'done']);
    t.match(await seat.json('resume', idOf(1), idOf(2)), {
      jobs: [{id: first, state: {is: 'queued'}}],
      refused: [{id: second, error: {code: 'not-now'}}],
    });
    t.match(await seat.run('cancel', idOf(1)), {code: 0, out: /: Cancelled/});
    t.match(await seat.run('retry', idOf(1), idOf(3)), {
      code: 0,
      out: /film 1\.mkv: Queued.*\n.*film 3\.mkv: Queued/,
    });
    t.match(await seat.run('cancel', idOf(1), 'zzzz'), {code: 3, out: '', err: /no job zzzz/});
    t.equal(stateOf(1), 'queued', 'nothing is done when one of them is not there');
  },
);

t.test('pause and resume without an id, and drain, are about the whole queue', async t => {
  const seat = await seatAtBox(t, {jobs: [jobOf(1)]});
  const table = [
    ['pause', 'paused', /^The queue: paused \(dubstead resume lets it go on\) · 1 queued\.\n$/],
    ['resume', 'running', /^The queue: open · 1 queued\.\n$/],
    [
      'drain',
      'draining',
      /^The queue: draining: what runs is finished and nothing new starts · 1 queued\.\n$/,
    ],
  ] as const;
  for (const [name, mode, words] of table) {
    t.match(await seat.run(name), {code: 0, out: words, err: ''});
    t.equal(seat.box.mode, mode);
    t.match(await seat.json(name), {mode, counts: {queued: 1}});
  }
});

t.test('priority: a number from -100 to 100', async t => {
  const seat = await seatAtBox(t, {jobs: [jobOf(1, {state: queued})]});
  t.match(await seat.run('priority', first, '-5'), {
    code: 0,
    out: /film 1\.mkv: priority -5\. Queued for 1 min\.\n$/,
  });
  t.equal(seat.box.all.get(first)?.priority, -5);
  t.match(await seat.json('priority', first, '10'), {id: first, priority: 10});
});

t.test('user: who there is, and the codes that let them in', async t => {
  const home = await peopleOf(t, {startAt: now});
  const seat = await seatAtBox(t, {home});
  t.match(await seat.run('user'), {code: 0, out: /^Nobody yet\. dubstead user code/});
  t.match(await seat.run('user', 'code'), {
    code: 0,
    out: /^Open {4}http:\/\/attic:8700\/setup#[\w-]+\nor type \S+ on that page\nGood for 24 h 0 min, once/,
  });
  t.match(await seat.run('user', 'add', 'ann', '--role', 'admin'), {
    code: 0,
    out: /^ann is admin now, and has no password yet\.\nOpen {4}http:\/\/attic:8700\/join#/,
  });
  const [ticket] = [...home.store.all('tickets').values()];
  const [, code = ''] = /or type (\S+)/.exec(seat.out())?.[1]?.split('.') ?? [];
  const chosen = {ticket: ticket?.id ?? null, code, name: null, password};
  t.match(await home.accounts.people.redeem(chosen, phone), {ok: true}, 'which lets her in');
  t.match(await seat.run('user'), {code: 0, out: /^NAME .*\nann +admin +active +1 /});
  t.match(await seat.run('user', 'role', 'ann', 'viewer'), {code: 3, err: /last admin/});
  t.match(await seat.json('user', 'invite', '--role', 'viewer'), {user: null, code: {url: /#/}});
  await seat.run('user', 'add', 'bob');
  t.match(await seat.run('user', 'disable', 'bob'), {code: 0, out: /^bob is not let in any more/});
  t.match(await seat.run('user', 'enable', 'bob'), {code: 0, out: /^bob may log in again/});
  t.match(await seat.run('user', 'reset', 'bob'), {code: 0, out: /^bob chooses a new password.*\nOpen/});
  t.match(await seat.run('user', 'remove', 'bob', '--yes'), {code: 0, out: /^bob is gone/});
  t.match(await seat.run('user', 'remove', 'bob', '--yes'), {code: 3, err: /no user bob/});
  t.match(await seat.run('user', 'code'), {code: 3, err: /has users already/});
  const wide = await seatAtBox(t, {home, terminal: 100});
  t.match(
    await wide.run('user', 'invite'),
    {code: 0, out: /\n[▄▀█ ]{20,}\n/},
    'and a square code on a terminal',
  );
});

t.test('inbox: what lies there, looked through anew when asked to', async t => {
  const seat = await seatAtBox(t);
  t.match(await seat.run('inbox'), {code: 0, out: /^Inbox {2}watching \/box\/inbox/});
  t.match(seat.out(), /\nann\/film\.mkv {2}ann /);
  t.match(await seat.json('inbox', '--rescan'), {folder: '/box/inbox'});
  t.match(seat.audited.at(-1), {event: 'admin.inbox_rescanned'});
  seat.box.trouble = {reason: 'inbox-offline', folder: '/mnt/nas', why: 'the mount went away'};
  t.match(await seat.run('inbox', '--rescan'), {
    code: exitCodes.failed,
    err: /^The inbox \/mnt\/nas is offline: the mount went away\.\nMount it again/,
  });
});

t.test('storage and retention: what is there, and a sweep when it is asked for', async t => {
  const seat = await seatAtBox(t);
  const {code, out} = await seat.run('storage');
  t.equal(code, 0);
  t.match(out, /^data \(\/box\): 90\.0 GB of 500\.0 GB free, .*\n/);
  t.match(out, /\n {2}films brought in +200 +300\.0 GB\n/);
  t.strictSame(await seat.json('storage'), JSON.parse(JSON.stringify(seat.box.storage.shown())));
  t.match(await seat.run('retention'), {code: 0, out: /films brought in +for good +UPLOADS_KEEP_DAYS\n/});
  t.notOk(seat.box.asked.includes('sweep'));
  t.match(await seat.json('retention', 'sweep'), {last: {files: 2}});
  t.ok(seat.box.asked.includes('sweep'));
});

t.test('purge: lists what would go, and does nothing until it is told how much that is', async t => {
  const carries = (seat: {readonly box: MemoryBox}) =>
    seat.box.asked.filter(asked => typeof asked === 'object' && asked !== null && 'isAtTheBox' in asked);
  const piped = await seatAtBox(t, {jobs: [jobOf(1)]});
  t.match(await piped.run('purge', '--kind', 'outputs', '--job', first), {
    code: exitCodes.refused,
    out: /^2 files of 1 job would go \(5\.0 MB\):\nJOB .*\n0000000001 .*finished dubs +2 +5\.0 MB\n$/,
    err: /^Nothing was removed: .* --yes and --kind\.\n$/,
  });
  t.match(piped.box.asked, [{planned: ['outputs'], by: String}]);
  t.match(await piped.json('purge'), {plan: {files: 2}, done: null});
  t.equal((await piped.run('purge', '--json')).code, exitCodes.refused);
  t.strictSame(carries(piped), []);
  t.match(await piped.run('purge', '--kind', 'outputs', '--yes'), {
    ...{code: 0, err: ''},
    out: /\n2 files removed \(5\.0 MB\): receipt 0123456789ab-1 in DATA_DIR\/receipts\.\n$/,
  });
  t.match(carries(piped), [{plan: 'a1b2c3d4e5f60718', files: 2, isAtTheBox: true}]);
  t.match(await piped.json('purge', '--kind', 'logs', '--yes'), {done: {files: 2, left: 0}});

  for (const [said, isMeant] of [
    ['2', true],
    [' 2 ', true],
    ['3', false],
    ['y', false],
    ['', false],
  ] as const) {
    const seat = await seatAtBox(t, {terminal: 80, answer: said});
    const {code, out, err} = await seat.run('purge');
    t.equal(err, 'To remove 2 files (5.0 MB) type 2: ');
    t.equal(code, isMeant ? exitCodes.done : exitCodes.refused, `${said}`);
    t.match(out, isMeant ? '2 files removed' : 'Nothing was removed.\n', `${said}`);
    t.equal(carries(seat).length, isMeant ? 1 : 0, `${said}`);
  }

  piped.box.trouble = {reason: 'count-differs', said: 2, planned: 3};
  t.match(await piped.run('purge', '--kind', 'logs', '--yes'), {
    ...{code: exitCodes.refused, err: /The plan is of 3 files, not of 2: nothing was removed\./},
  });
});

t.test('logs: the last lines, with their times', async t => {
  const seat = await seatAtBox(t, {jobs: [jobOf(1)]});
  for (const line of ['one', 'two\u001b[2J', 'three']) seat.box.say(line);
  t.strictSame(await seat.run('logs', first, '-n', '2'), {code: 0, out: 'two\uFFFD[2J\nthree\n', err: ''});
  seat.box.say('first\r\nsecond\n');
  t.equal((await seat.run('logs', first, '-n', '1')).out, 'first\nsecond\n', 'several lines stay several');
  seat.box.lines.pop();
  t.strictSame(await seat.json('logs', first, '-n', '1'), {
    lines: [{next: 3, at: null, text: 'three'}],
    next: 3,
  });
});

t.test('submit: options go along, and what is a job already is said to be', async t => {
  const seat = await seatAtBox(t, {jobs: [jobOf(1, {state: queued})]});
  const line =
    'submit new.mkv --to es --preset best --loudness -23 --hls --keep lines --subs a.srt --priority 3 --owner bob';
  t.match(await seat.run(...line.split(' ')), {
    code: 0,
    out: /^new\.mkv is job 0000000002\. Queued/,
    err: '',
  });
  t.match(seat.box.asked.at(-1), {
    ...{path: '/films/new.mkv', sidecars: ['/films/a.srt'], owner: UserName.parse('bob'), priority: 3},
    options: {to: 'es', preset: 'best', loudnessLufs: -23, hls: true, keep: 'lines'},
  });
  t.match(await seat.run('submit', 'film 1.mkv'), {
    code: 0,
    out: /^film 1\.mkv is a job already: 0000000001\. /,
  });
  t.match(seat.box.asked.at(-1), {options: {}, owner: 'ann', sidecars: [], priority: 0});
  t.match(await seat.json('submit', 'film 1.mkv', 'x.mkv'), {
    submitted: [{made: false, job: {id: first}}, {made: true}],
    refused: [],
  });
});

/** Refuses what is not called good. */
class PickyBox extends MemoryBox {
  override submit: MemoryBox['submit'] = async (ask, signal) => {
    this.trouble = undefined;
    const {path} = ask;
    if (path.includes('text')) {
      this.trouble = {reason: 'failed', failure: {reason: 'not-media', path, detail: 'it is text'}};
    }
    if (path.includes('engine')) {
      this.trouble = {reason: 'failed', failure: {reason: 'engine-missing', kind: 'voice', engines: []}};
    }
    if (path.includes('late')) this.trouble = {reason: 'draining'};
    if (path.includes('cap')) this.trouble = {reason: 'over-cap', what: 'Your jobs', used: 3, allowed: 3};
    return super.submit(ask, signal);
  };
}

t.test('submit: a no is told with its cause and way out, and the next film has its turn', async t => {
  const seat = await seatAtBox(t, {box: new PickyBox()});
  const table: readonly [file: string, code: number, err: RegExp][] = [
    [
      'text.mp4',
      exitCodes.refused,
      /^text\.mp4: \/films\/text\.mp4 is not a video that can be read: it is text\.\nDubstead takes/,
    ],
    ['cap.mp4', exitCodes.refused, /Your jobs: 3 of 3 are used\.\nWait until/],
    ['engine.mp4', exitCodes.engineMissing, /No engine is ready as voice/],
    ['late.mp4', exitCodes.failed, /The box is draining/],
  ];
  for (const [file, code, err] of table) t.match(await seat.run('submit', file), {code, out: '', err}, file);
  const several = await seat.run('submit', 'text.mp4', 'good.mp4', 'late.mp4');
  t.match(several, {code: exitCodes.failed, out: /^good\.mp4 is job/, err: /text\.mp4: .*\n.*\nlate\.mp4: /});
  t.match(await seat.json('submit', 'text.mp4', 'good.mp4'), {
    submitted: [{made: true}],
    refused: [{path: '/films/text.mp4', error: {code: 'not-media'}}],
  });
});

/** A server of the worst kind: everything in its answers is meant to upset a terminal. */
async function hostileServer(t: Test): Promise<string> {
  const evil = 'evil\u001b[2J\u009b31m\u202e\r\n\u2028title\u0007';
  const failed = {
    ...states.failed,
    failure: {code: 'bug', what: evil, fix: evil, because: {reason: 'bug', detail: evil}},
  };
  const because = {is: 'folder-away', path: evil};
  const waiting = {...states.queued, waits: {code: evil, what: evil, because}};
  const line = lineOf(first, {title: evil, state: failed});
  const detail = detailOf(first, {
    ...{title: evil, state: waiting, wishes: ['pause'], summary: [evil]},
    confinement: {isolation: evil, lacks: [evil]},
    outputs: [{kind: evil, name: evil, path: `/d/${evil}`, bytes: 1, digest: detailOf(first).source.digest}],
  });
  const alert = {code: 'warning', what: evil, fix: evil};
  const inbox = {folder: evil, state: {is: 'offline', why: evil, since: now}};
  const answers: Readonly<Record<string, unknown>> = {
    '/api/status': statusOf({
      ...{version: evil, isolation: {asked: 'jail', given: 'none', lacks: [evil]}},
      queue: {...statusOf().queue, waiting: [{code: evil, what: evil, jobs: 1}]},
      running: [
        {id: first, owner: 'ann', title: evil, pid: 1, since: now, progress: {...progress, stage: evil}},
      ],
      inbox: {...statusOf().inbox, ...inbox},
      disks: [{what: evil, path: evil, freeBytes: 1, totalBytes: 2, low: true}],
      gpus: [{name: evil, totalBytes: 1, freeBytes: 1, busy: null, celsius: null, job: null}],
      remote: {mode: 'off', url: evil},
      push: {
        ...{is: 'on', server: evil, waiting: 1, lastSent: null, trouble: evil},
        last: [{at: now, title: evil, ok: false}],
      },
      ...{store: {trouble: evil}, audit: {trouble: evil}, alerts: [alert]},
    }),
    '/api/jobs': {jobs: [line, {...line, state: waiting}], next: null},
    [`/api/jobs/${first}`]: detail,
    [`/api/jobs/${first}/timeline`]: timelineOf([
      stage(evil, {why: evil}),
      stage('x', {how: 'degraded', node: evil, why: evil}),
      {is: 'note', at: now, text: evil},
      {is: 'skipped', at: now, stage: evil, why: evil},
    ]),
    [`/api/jobs/${first}/logs`]: {lines: [{next: 1, at: now, text: evil}], next: 1},
    [`/api/jobs/${first}/pause`]: line,
    [`/api/jobs/${first}/priority`]: line,
    '/api/admin/sessions': {
      sessions: [
        {
          ...{id: first, user: 'ann', device: evil, how: 'password', created: 1, firstAddress: evil},
          ...{lastAddress: '10.0.0.1', lastSeen: 1, expires: 2, current: false},
        },
      ],
    },
    '/api/auth/qr': {
      intents: [
        {id: '0123456789abcdef', device: evil, address: evil, number: '42', expires: now, state: 'waiting'},
      ],
    },
    '/api/audit/recent': {
      entries: [
        {
          ...{seq: 1, time: '2026-11-22T00:00:00.000Z', action: 'queue.paused', result: 'ok', user: evil},
          ...{address: evil, object: evil, request: evil, details: {evil}},
        },
      ],
      next: null,
    },
    '/api/audit/verify': {is: 'broken', where: {file: evil, line: 1}, ...alert},
    '/api/inbox': inboxOf({
      ...{...inbox, refused: 1},
      files: [{name: evil, owner: null, bytes: 1, since: now, held: evil}],
      lastRefused: [{name: evil, at: now, ...alert}],
    }),
  };
  const path = join(await shortFolder(t), 's');
  const server = createServer((request, response) => {
    const answer = answers[request.url?.split('?')[0] ?? ''];
    const isSubmit = request.method === 'POST' && request.url === '/api/jobs';
    response.statusCode = answer === undefined || isSubmit ? 409 : 200;
    response.end(JSON.stringify(response.statusCode === 200 ? answer : {error: {...alert, code: 'x'}}));
  });
  await new Promise<void>(resolve => server.listen(path, resolve));
  t.teardown(() => server.close());
  return path;
}

t.test('nothing that comes from outside steers the terminal, in any verb, as text or as JSON', async t => {
  const seat = await seatOf(t, {terminal: 80});
  await point(seat, await hostileServer(t));
  const lines = [
    ...['status', 'jobs', `job ${first}`, `logs ${first}`, `pause ${first}`, `priority ${first} 1`, 'inbox'],
    ...['submit evil\u001b[2J\u009b.mp4', 'drain', 'resume'],
    ...['session', `session end ${first}`, 'session pending', 'audit', 'audit verify'],
  ];
  for (const line of lines) {
    for (const rest of [[], ['--json']]) {
      const {out, err} = await seat.run(...line.split(' '), ...rest);
      const shown = (out + err).replaceAll('\r\u001b[2K', '');
      t.match(shown, 'evil', `${line.split(' ')[0]} ${rest}`);
      t.notMatch(shown, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
    }
  }
});

t.test('a daemon that answers nonsense, or nothing, is told apart from one that is down', async t => {
  const seat = await seatOf(t);
  const path = join(await shortFolder(t), 's');
  let answer = '<html>';
  const server = createServer(
    (_, response) => void (answer === '' ? response.destroy() : response.end(answer)),
  );
  await new Promise<void>(resolve => server.listen(path, resolve));
  t.teardown(() => server.close());
  await point(seat, path);
  t.match(await seat.run('status'), {code: exitCodes.failed, err: /^The daemon's answer cannot be read/});
  answer = '';
  const silent = await seat.run('status');
  t.match(silent, {code: exitCodes.failed, err: /^The daemon gave no answer/});
  t.match(silent.out, `Its log in ${seat.data}/log cannot be shown: it is not there.`);
});
