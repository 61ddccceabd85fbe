/** What people see of the appliance at 80 columns: expected text for ordinary, troubled and hostile answers. */

import t from 'tap';
import type {PurgePlan} from '../../appliance/api/purge-rows.ts';
import type {RetentionShown} from '../../appliance/api/retention-rows.ts';
import {JobStateName} from '../../appliance/api/shapes.ts';
import type {StorageShown, Trend} from '../../appliance/api/storage-rows.ts';
import {describeConfig, readConfig} from '../../appliance/config/config.ts';
import {JobId, UserName} from '../../appliance/job.ts';
import {configLines} from '../../tui/views/config.ts';
import {downLines} from '../../tui/views/down.ts';
import {inboxLines} from '../../tui/views/inbox.ts';
import {jobLines} from '../../tui/views/job.ts';
import {jobsTable} from '../../tui/views/jobs.ts';
import {stateCell, stateSentence} from '../../tui/views/state.ts';
import {statusLines} from '../../tui/views/status.ts';
import {doneLines, planLines, retentionLines, storageLines, trendText} from '../../tui/views/storage.ts';
import {widthOf} from '../../tui/width.ts';
import {
  detailOf,
  hour,
  inboxOf,
  lineOf,
  minute,
  noJobs,
  now,
  progress,
  stage,
  states,
  statusOf,
  timelineOf,
} from './samples.ts';

const screen = {now, zone: 'UTC', columns: 80};
const hostile = 'evil\u001b[2J\u202e\r\n\u009b31m title';
const shownHostile = 'evil\uFFFD[2J\uFFFD\uFFFD\uFFFD\uFFFD31m title';

t.test('status: a box at rest, on one screen', async t => {
  const lines = statusLines(statusOf(), 80);
  t.strictSame(lines, [
    'Dubstead 0.1.0 has been up for 2 d (process 4711).',
    '',
    'Queue      open · no jobs',
    'Running    nothing',
    'Inbox      watching /srv/dubstead/inbox · 0 being copied, 0 waiting, 0 refused',
    'Disks      data 120.3 GB of 500.0 GB free (/srv/dubstead)',
    'Machine    2 processors 12 % busy, 0 of 2 slots busy · 3.1 GB of 8.2 GB memory',
    '           free · daemon 92.0 MB',
    'GPU        none',
    'Network    1.3 MB/s in, 1 kB/s out · remote access off',
    'Isolation  jail',
    'Push       off: NOTIFY_ON_JOB_DONE is 0',
    'Alerts     none',
  ]);
});

t.test('status: much at once, and much of it wrong', async t => {
  const status = statusOf({
    isolation: {
      ...{asked: 'jail', given: 'rlimits'},
      lacks: ['The jail (bubblewrap is not installed): jobs see all files. Install bubblewrap.'],
    },
    queue: {
      mode: 'paused',
      counts: {...noJobs, queued: 12, running: 2, done: 340, 'set-aside': 1},
      waiting: [
        {code: 'behind', what: '2 jobs go before it. A higher priority moves it forward.', jobs: 11},
        {code: 'low-disk', what: 'It needs about 12.0 GB of disk.', jobs: 1},
      ],
    },
    running: [
      {
        ...{id: 'k3v9abcdef', owner: 'ann', pid: 1, since: now, progress},
        title: `日本語の映画 🎬${' with a name that goes on'.repeat(4)}.mkv`,
      },
      {id: '0000000002', owner: 'home', pid: 2, since: now, progress: null, title: hostile},
    ],
    inbox: {
      folder: '/mnt/nas/inbox',
      state: {is: 'polling', why: 'it is on NFS'},
      ...{settling: 1, held: 2, refused: 3},
    },
    disks: [
      {what: 'data', path: '/srv/dubstead', freeBytes: 120.3e9, totalBytes: 500e9, low: false},
      {what: 'dubs', path: '/mnt/dubs', freeBytes: 1.2e9, totalBytes: 2e12, low: true},
    ],
    gpus: [
      {
        ...{name: 'NVIDIA GeForce RTX 4090', totalBytes: 24e9, freeBytes: 20e9},
        ...{busy: 0.428, celsius: 61.4, job: 'k3v9abcdef'},
      },
      {name: 'AMD', totalBytes: 8e9, freeBytes: null, busy: null, celsius: null, job: null},
    ],
    push: {
      ...{is: 'on', server: 'https://ntfy.example.org', waiting: 2, lastSent: now - hour},
      trouble: 'The server says 429.',
      last: [
        {at: now, title: 'A film speaks Spanish now', ok: false},
        {at: now - hour, title: 'Another one does', ok: true},
      ],
    },
    network: null,
    remote: {mode: 'tailscale', url: 'https://dub.example.org'},
    store: {trouble: 'the disk is full'},
    audit: {trouble: 'no space left on device'},
    alerts: [
      {
        code: 'disk-low',
        what: 'Little disk is left where the dubs are kept: 1.2 GB of /mnt/dubs.',
        fix: 'Delete old jobs or films, or lower DISK_FREE_MIN_GB: it then goes on by itself.',
      },
    ],
  });
  t.strictSame(statusLines(status, 80), [
    'Dubstead 0.1.0 has been up for 2 d (process 4711).',
    '',
    'Queue      paused (dubstead resume lets it go on) · 12 queued, 2 running, 340',
    '           done, 1 set aside',
    '           11 wait, such as: 2 jobs go before it. A higher priority moves it',
    '           forward.',
    '           1 waits: It needs about 12.0 GB of disk.',
    'Running    k3v9abcdef  recognising speech, 48 %, about 1 min 12 s left',
    '             日本語の映画 🎬 with a name that goes on with a name that go… (ann)',
    '           0000000002  starting',
    `             ${shownHostile} (home)`,
    'Inbox      polling /mnt/nas/inbox (it is on NFS) · 1 being copied, 2 waiting, 3',
    '           refused',
    'Disks      data 120.3 GB of 500.0 GB free (/srv/dubstead)',
    '           LOW: dubs 1.2 GB of 2.0 TB free (/mnt/dubs)',
    'Machine    2 processors 12 % busy, 0 of 2 slots busy · 3.1 GB of 8.2 GB memory',
    '           free · daemon 92.0 MB',
    'GPU        NVIDIA GeForce RTX 4090, 20.0 GB of 24.0 GB free · 42 % busy · 61 °C',
    '           · held by k3v9abcdef',
    '           AMD, 8.0 GB',
    'Network    remote access through tailscale (https://dub.example.org)',
    'Isolation  rlimits, though jail was asked for; lacking:',
    '           - The jail (bubblewrap is not installed): jobs see all files. Install',
    '           bubblewrap.',
    'Push       on, through https://ntfy.example.org · 2 waiting, last sent 1 h ago ·',
    '           1 of the last 2 did not arrive · The server says 429.',
    'Store      Changes cannot be stored: the disk is full',
    'Audit      Events cannot be written down: no space left on device',
    'Alerts     Little disk is left where the dubs are kept: 1.2 GB of /mnt/dubs.',
    '             Delete old jobs or films, or lower DISK_FREE_MIN_GB: it then goes',
    '             on by itself.',
  ]);
});

t.test('status: what there is too much of is counted', async t => {
  const many = (amount: number) => Array.from({length: amount}, (_, number) => number);
  const status = statusOf({
    queue: {
      mode: 'draining',
      counts: {...noJobs, queued: 40},
      waiting: many(5).map(number => ({code: `c${number}`, what: `Reason ${number}.`, jobs: 8})),
    },
    running: many(6).map(number => ({
      ...{id: `000000000${number}`, owner: 'ann', title: 'film.mkv', pid: 1, since: now, progress},
    })),
    disks: many(6).map(number => ({
      ...{what: `disk ${number}`, path: `/d/${number}`, freeBytes: 1e9, totalBytes: 2e9, low: false},
    })),
  });
  const text = statusLines(status, 80).join('\n');
  t.match(text, 'draining: what runs is finished and nothing new starts · 40 queued');
  t.match(text, '16 wait for other reasons: dubstead jobs --state queued');
  t.match(text, 'and 2 more: dubstead jobs --state running');
  t.match(text, 'disk 3 1.0 GB of 2.0 GB free (/d/3)\n           and 2 more');
  const away = statusOf({
    disks: [],
    inbox: {
      folder: '/mnt/nas',
      state: {is: 'offline', why: 'the mount went away', since: now - hour},
      ...{settling: 0, held: 0, refused: 0},
    },
  });
  t.match(statusLines(away, 80).join('\n'), 'Inbox      OFFLINE for 1 h: /mnt/nas: the mount went away');
});

const disk = {what: 'data', path: '/srv/dubstead', totalBytes: 500e9, freeBytes: 90e9, low: false};

t.test('storage: what fills each disk and where that leads, in words', async t => {
  const trends: readonly [Trend | null, string][] = [
    [null, 'how it fills is known after some hours'],
    [{bytesPerDay: 30e9, fullAt: now + 72 * hour}, 'full in about 3 days (30.0 GB more a day)'],
    [{bytesPerDay: 300e9, fullAt: now + 7.2 * hour}, 'full in about 7 hours (300.0 GB more a day)'],
    [{bytesPerDay: 3e12, fullAt: now + minute / 2}, 'full in about 1 minute (3.0 TB more a day)'],
    [{bytesPerDay: 1e9, fullAt: now + 90 * 24 * hour}, 'full in about 3 months (1.0 GB more a day)'],
    [{bytesPerDay: 5e6, fullAt: null}, 'not filling up (5.0 MB more a day)'],
    [{bytesPerDay: -2e9, fullAt: null}, 'not filling up (2.0 GB less a day)'],
    [{bytesPerDay: 0, fullAt: null}, 'not filling up (as full each day)'],
  ];
  for (const [trend, words] of trends) t.equal(trendText(trend, now), words);
  const [, [trend] = [null]] = trends;
  const shown: StorageShown = {
    ...{measured: now - 12 * minute, whole: true},
    disks: [
      {
        ...{...disk, trend},
        filled: [
          {kind: 'uploads', files: 1234, bytes: 300e9},
          {kind: 'intermediates', files: 20, bytes: 5e6},
        ],
      },
      {...disk, what: 'dubs', path: `/mnt/${hostile}`, freeBytes: 1e9, low: true, filled: [], trend: null},
    ],
  };
  t.strictSame(storageLines(shown, {now, columns: 80}), [
    'data (/srv/dubstead): 90.0 GB of 500.0 GB free, full in about 3 days (30.0 GB',
    'more a day)',
    '  WHAT FILLS IT              FILES      SIZE',
    '  films brought in            1234  300.0 GB',
    '  work between film and dub     20    5.0 MB',
    '',
    `dubs (/mnt/${shownHostile}): LOW: 1.0 GB of 500.0 GB free, how it fills is`,
    'known after some hours',
    '',
    'Looked through 12 min ago.',
  ]);
  t.match(storageLines({...shown, measured: null}, {now, columns: 80}).at(-1), /is being looked through/);
  t.match(storageLines({...shown, whole: false}, {now, columns: 80}).at(-1), /more than one look/);
});

t.test('purge: the largest first, what there is besides counted, and what did not go told', async t => {
  const group = (number: number) => ({
    ...{job: JobId.parse(String(number).padStart(10, '0')), title: hostile, owner: UserName.parse('ann')},
    ...({kind: 'outputs', files: 2, bytes: 1e9} as const),
  });
  const plan: PurgePlan = {
    ...{plan: 'a1b2c3d4e5f60718', made: now, expires: now, files: 99, bytes: 50e9, jobs: 20, more: 3},
    ...{groups: Array.from({length: 20}, (_, number) => group(number)), whole: false},
  };
  const lines = planLines(plan, 80);
  t.equal(lines[0], '99 files of 20 jobs would go (50.0 GB):');
  t.equal(lines.length, 1 + 1 + 15 + 1 + 1);
  t.match(lines.slice(-2), ['and 8 more such lines', /make another/]);
  for (const line of lines) t.ok(line.length <= 80 && !line.includes('\u001b'), line);
  const own = {...group(1), job: null, owner: null, title: 'Logs of the daemon', kind: 'logs' as const};
  t.match(planLines({...plan, groups: [own], more: 0, whole: true}, 80), [
    ...[/./, /^JOB {2}OWNER/, /^– {4}– {6}Logs of the daemon {2}logs/],
  ]);
  t.strictSame(planLines({...plan, files: 0}, 80), ['Nothing is to be removed.']);
  t.strictSame(doneLines({receipts: ['a-1', 'a-2', 'a-3'], files: 1, bytes: 2e6, left: 4}), [
    '1 file removed (2.0 MB): receipts a-1 to a-3 in DATA_DIR/receipts.',
    '4 did not go: changed since the plan, in use, or failed. The receipts say which.',
  ]);
});

t.test('retention: what is kept how long, and what is due', async t => {
  const shown: RetentionShown = {
    keeps: [
      {kind: 'uploads', days: null, setting: 'UPLOADS_KEEP_DAYS'},
      {kind: 'deleted', days: 7, setting: 'TRASH_KEEP_DAYS'},
    ],
    ...{next: now + 3 * hour, running: false, waits: null, due: {files: 1, bytes: 2e9}},
    last: {at: now - 21 * hour, files: 40, bytes: 3e9, left: 1},
  };
  t.strictSame(retentionLines(shown, {now, columns: 80}), [
    'WHAT              KEPT      SETTING',
    'films brought in  for good  UPLOADS_KEEP_DAYS',
    'deleted jobs      7 days    TRASH_KEEP_DAYS',
    '',
    'Due now    1 file (2.0 GB)',
    'Last sweep 21 h ago: 40 files (3.0 GB) went, 1 did not',
    'Next sweep in 3 hours',
  ]);
  const early = {...shown, next: null, last: null, due: null, waits: 'The clock jumped.'};
  t.strictSame(retentionLines(early, {now, columns: 80}).slice(4), [
    'Due now    not known yet',
    'Last sweep none since the start',
    'Next sweep not set',
    'Waits      The clock jumped.',
  ]);
  t.match(retentionLines({...shown, running: true}, {now, columns: 80}), /at work now/);
});

t.test('jobs: a table of every state, in 80 columns and in a pipe', async t => {
  const jobs = Object.entries(states).map(([name, state], place) => {
    const titles: Record<string, string> = {
      starting: '日本語の映画.mkv',
      running: `${hostile} that is rather long, and longer`,
    };
    return lineOf(`000000000${place.toString(36)}`, {
      ...{state, title: titles[name] ?? 'film.mkv', from: place % 2 ? 'en' : null},
      ...{owner: name === 'paused' ? 'a-rather-long-user-name' : 'ann', submitted: now - place ** 2 * hour},
    });
  });
  t.strictSame(jobsTable(jobs, now, 80), [
    'JOB         STATE              LANG   OWNER              TITLE               AGE',
    '0000000000  queued             es     ann                film.mkv            0 s',
    '0000000001  queued: behind     en-es  ann                film.mkv            1 h',
    '0000000002  running            es     ann                日本語の映画.mkv    4 h',
    '0000000003  running 48 %       en-es  ann                evil\uFFFD[2J\uFFFD\uFFFD\uFFFD\uFFFD31m …   9 h',
    '0000000004  pausing 48 %       es     ann                film.mkv           16 h',
    '0000000005  paused             en-es  a-rather-long-us…  film.mkv            1 d',
    '0000000006  stopping           es     ann                film.mkv            1 d',
    '0000000007  done               en-es  ann                film.mkv            2 d',
    '0000000008  failed: no-speech  es     ann                film.mkv            2 d',
    '0000000009  cancelled          en-es  ann                film.mkv            3 d',
    '000000000a  set aside: worke…  es     ann                film.mkv            4 d',
    '000000000b  deleted            en-es  ann                film.mkv            5 d',
  ]);
  for (const columns of [40, 60, 80, 100, 200])
    for (const line of jobsTable(jobs, now, columns)) t.ok(widthOf(line) <= Math.max(columns, 60), line);
  const piped = jobsTable(jobs, now, Number.POSITIVE_INFINITY).join('\n');
  t.match(piped, `${shownHostile} that is rather long, and longer`, 'nothing is cut for a pipe');
  t.notMatch(piped, '…');
});

t.test('every state has its words, for a cell and as a sentence', async t => {
  const table: Readonly<Record<keyof typeof states, readonly [cell: string, sentence: string]>> = {
    queued: ['queued', 'Queued for 1 min.'],
    behind: ['queued: behind', 'Queued for 3 min. 2 jobs go before it. A higher priority moves it forward.'],
    starting: ['running', 'Running for 1 s.'],
    running: ['running 48 %', 'Running for 5 min: recognising speech, 48 %, about 1 min 12 s left.'],
    pausing: [
      'pausing 48 %',
      'Coming to rest at its next finished step: recognising speech, 48 %, about 1 min 12 s left.',
    ],
    paused: ['paused', 'Paused for 2 h.'],
    stopping: ['stopping', 'Being stopped, since it was cancelled.'],
    done: ['done', 'Done 3 h ago, in 12 min 4 s.'],
    failed: [
      'failed: no-speech',
      'Failed 1 d ago. No speech was found in film.mkv. If people do speak in it, give their words with --subs FILE.',
    ],
    cancelled: ['cancelled', 'Cancelled 1 min ago.'],
    'set-aside': [
      'set aside: worker-lost',
      'Set aside 1 min ago: its job process was lost too often. The job process ended without an answer (signal SIGKILL). Run it again.',
    ],
    deleted: ['deleted', 'Deleted 1 min ago; its files are on their way out.'],
  };
  for (const [name, words] of Object.entries(table)) {
    const state = states[name as keyof typeof states];
    t.strictSame([stateCell(state), stateSentence(state, now)], words, name);
  }
  for (const [towards, words] of [
    ['queued', /will be queued again/],
    ['deleted', /was deleted/],
  ] as const)
    t.match(stateSentence({...states.stopping, towards}, now), words);
  t.match(stateSentence({...states.deleted, was: 'done'}, now), /dubstead restore makes it done again/);
  const told = new Set<string>(Object.values(states).map(({is}) => is));
  t.strictSame([...told].toSorted(), JobStateName.options.toSorted(), 'no state is left out here');
});

t.test('job: what was asked for, its stages with their times and reasons, and what can be done', async t => {
  const detail = detailOf('k3v9abcdef', {
    ...{title: '日本語の映画 🎬.mkv', state: states.running, wishes: ['pause', 'cancel', 'delete']},
    ...{sidecars: ['film.en.srt'], priority: 5, lost: 1},
    confinement: {isolation: 'jail', lacks: ['A cgroup of its own (not delegated): no limit for all of it.']},
  });
  const plain = {node: 'synthesize@0.2', how: 'degraded', why: 'espeak-ng failed; a plain voice'} as const;
  const timeline = timelineOf(
    [
      {is: 'state', at: now - 5 * minute, state: 'queued'},
      {is: 'state', at: now - 4 * minute, state: 'running'},
      stage('probe', {how: 'reused', why: ''}),
      stage('demux', {seconds: 4.2}),
      stage('synthesize'),
      stage('synthesize', {at: now - minute}),
      stage('synthesize', plain),
      {is: 'skipped', at: now - minute, stage: 'relisten', why: 'no recogniser here knows Spanish'},
      {is: 'note', at: now, text: hostile},
    ],
    3,
  );
  t.strictSame(jobLines(detail, timeline, screen), [
    'k3v9abcdef  日本語の映画 🎬.mkv',
    '',
    'State      Running for 5 min: recognising speech, 48 %, about 1 min 12 s left.',
    'Wanted     en-es · preset balanced · -16 LUFS · keeps its work',
    'Came       2026-11-21 13:50:00 (10 min ago) through the inbox, for home',
    'Film       film.mkv, 1.3 GB',
    'Beside it  film.en.srt',
    'Priority   5',
    'Lost       its job process, 1 time',
    'Isolation  jail',
    '           - A cgroup of its own (not delegated): no limit for all of it.',
    '',
    'Stages',
    '  STAGE       HOW                 TIME  WHY',
    '  probe       reused',
    '  demux       ran                4.2 s  new',
    '  synthesize  2 ran, 1 degraded  3.6 s  new; espeak-ng failed; a plain voice',
    '',
    'History',
    '  3 earlier (--json has what is kept)',
    '  2026-11-21 13:55:00  queued',
    '  2026-11-21 13:56:00  running',
    '  2026-11-21 14:00:00  Made do: synthesize@0.2: espeak-ng failed; a plain voice',
    '  2026-11-21 13:59:00  Skipped: relisten (no recogniser here knows Spanish).',
    `  2026-11-21 14:00:00  ${shownHostile}`,
    '',
    'What you can do',
    '  dubstead pause k3v9abcdef',
    '  dubstead cancel k3v9abcdef',
  ]);
});

t.test('job: one that is done says where the dub is, and how good', async t => {
  const {digest} = detailOf('k3v9abcdef').source;
  const folder = '/srv/dubstead/dubs/a folder with a rather long name of its own';
  const detail = detailOf('k3v9abcdef', {
    ...{state: states.done, wishes: ['retry', 'delete'], via: 'command'},
    options: {from: null, to: 'es', preset: 'best', hls: true, loudnessLufs: -23, keep: 'lines'},
    from: null,
    outputs: [
      {
        kind: 'film with every track',
        name: 'film.es.mkv',
        path: `${folder}/film.es.mkv`,
        bytes: 1.35e9,
        digest,
      },
      {kind: 'report', name: 'film.es.report.html', path: null, bytes: 36e3, digest},
    ],
    summary: [
      'A good dub by what was measured. All 11 lines are spoken, and none runs past its slot. Good: timing.',
    ],
  });
  t.strictSame(jobLines(detail, timelineOf([]), screen), [
    'k3v9abcdef  film.mkv',
    '',
    'State      Done 3 h ago, in 12 min 4 s.',
    'Wanted     es · preset best · -23 LUFS · HLS · keeps its lines',
    'Came       2026-11-21 13:50:00 (10 min ago) from the command line, for home',
    'Film       film.mkv, 1.3 GB',
    '',
    'Made',
    `  film with every track  1.4 GB  ${folder}/film.es.mkv`,
    '  report                  36 kB  film.es.report.html',
    '',
    'Summary',
    '  A good dub by what was measured. All 11 lines are spoken, and none runs past',
    '  its slot. Good: timing.',
    '',
    'What you can do',
    '  dubstead retry k3v9abcdef',
  ]);
});

t.test('job: the thousand nodes of a long film are a line a stage, the reasons bounded', async t => {
  const nodes = Array.from({length: 3000}, (_, number) =>
    stage('synthesize', {node: `synthesize@${number}.0`, why: `why ${number % 7}`, seconds: 0.1}),
  );
  const notes = Array.from({length: 100}, (_, number) => ({is: 'note', at: now, text: `note ${number}`}));
  const lines = jobLines(detailOf('k3v9abcdef'), timelineOf([...nodes, ...notes]), screen);
  t.ok(lines.length < 40, `${lines.length} lines`);
  t.match(lines.join('\n'), /synthesize {2}3000 ran {2}5 min 0 s {2}why 0; why 1; …/);
  t.match(lines.join('\n'), '88 earlier (--json has what is kept)');
  t.match(lines.join('\n'), 'note 99');
});

t.test('inbox: files, why they wait, and what was refused', async t => {
  t.strictSame(inboxLines(inboxOf(), now, 80), [
    'Inbox  watching /srv/dubstead/inbox · 0 being copied, 0 waiting, 0 refused',
  ]);
  const inbox = inboxOf({
    ...{settling: 1, held: 2, refused: 14},
    files: [
      {
        name: 'ann/best/日本語の映画 that has a name which is far too long for a line of 80.mkv',
        ...{owner: 'ann', bytes: 4e9, since: now - minute, held: null},
      },
      {
        ...{name: hostile, owner: null, bytes: 100, since: now - hour},
        held: 'The inbox folder “x” is named after nobody who uses this box. Move the film into another.',
      },
    ],
    lastRefused: [
      {
        ...{name: 'virus.exe', at: now - minute},
        what: 'virus.exe is not a kind of file that Dubstead dubs.',
        fix: 'Films come as .mp4, .mkv and the like.',
      },
    ],
  });
  t.strictSame(inboxLines(inbox, now, 80), [
    'Inbox  watching /srv/dubstead/inbox · 1 being copied, 2 waiting, 14 refused',
    '',
    'FILE                                                        OWNER    SIZE  SINCE',
    'ann/best/日本語の映画 that has a name which is far too lo…  ann    4.0 GB  1 min',
    `${shownHostile}                                       -        1 kB    1 h`,
    '  The inbox folder “x” is named after nobody who uses this box. Move the film',
    '  into another.',
    '',
    'Refused, and moved to .refused in the inbox:',
    'virus.exe (1 min ago)',
    '  virus.exe is not a kind of file that Dubstead dubs. Films come as .mp4, .mkv',
    '  and the like.',
    'and 13 more',
  ]);
  const full = inboxOf({files: Array.from({length: 150}, (_, n) => ({...inbox.files[0], name: `${n}.mkv`}))});
  t.equal(inboxLines(full, now, 80).at(-1), 'and 50 more');
});

t.test('down: last words as they were written, and what lies there', async t => {
  const log = {
    file: '/srv/log/dubstead.log',
    trouble: null,
    lines: [
      '{"level":"info","time":"2026-11-21T13:00:00.000Z","job":"k3v9","ms":3,"msg":"stage done"}',
      '{"level":"fatal","time":"2026-11-21T13:00:01.000Z","err":{"code":"ENOSPC"},"msg":"ended"}',
      `no JSON ${hostile}`,
      '{"level":1}',
    ],
  };
  const inbox = {
    ...{folder: '/srv/inbox', more: false, trouble: null},
    files: Array.from({length: 12}, (_, n) => ({name: n === 0 ? hostile : `ann/${n}.mkv`, bytes: 2e9})),
  };
  t.strictSame(downLines({log, inbox}, {columns: 80, zone: 'UTC'}).slice(0, 10), [
    '',
    'The last lines of its log, /srv/log/dubstead.log:',
    '  2026-11-21 13:00:00 info  stage done job=k3v9 ms=3',
    '  2026-11-21 13:00:01 fatal ended err={"code":"ENOSPC"}',
    `  no JSON ${shownHostile}`,
    '  {"level":1}',
    '',
    'In the inbox /srv/inbox: 12 files, the first 10 of them:',
    `  ${shownHostile}  2.0 GB`,
    '  ann/1.mkv  2.0 GB',
  ]);
  const none = {
    log: {file: '/srv/log', lines: [], trouble: 'you may not look into it'},
    inbox: {folder: '/srv/inbox', files: [], more: false, trouble: null},
  };
  t.strictSame(downLines(none, {columns: 80, zone: 'UTC'}), [
    '',
    'Its log in /srv/log cannot be shown: you may not look into it.',
    '',
    'The inbox /srv/inbox is empty.',
  ]);
});

t.test('config: every setting under its group, with where it was written', async t => {
  const env = {DATA_DIR: '/srv/日本', NTFY_TOKEN: 'tk_secret', NTFY_BASE_URL: 'https://ntfy.example.org'};
  const config = await readConfig({env, root: '/nowhere', folder: t.testdir()});
  if (!config.ok) throw new Error(JSON.stringify(config.why));
  const rows = describeConfig(config.value);
  const lines = configLines(rows, config.value.production);
  t.match(lines[0], /^SETTING +VALUE +FROM$/);
  t.ok(lines.includes('Start and network'));
  t.match(lines.join('\n'), /^DATA_DIR +\/srv\/日本 +environment$/m);
  t.match(lines.join('\n'), /^NTFY_TOKEN +set +environment$/m);
  t.notMatch(lines.join('\n'), 'tk_secret');
  t.equal(lines.filter(line => /^[A-Z_]+ {2}/.test(line)).length, rows.length + 1);
  t.equal(lines.at(-1), 'This is not production.');
  t.equal(configLines(rows, 'ENV=production').at(-1), 'This is production (ENV=production).');
});
