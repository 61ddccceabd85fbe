/** How every screen looks, on small and large terminals, with much and with nothing in it: the words that matter, in their room. */
import t, {type Test} from 'tap';
import {AlertCode} from '../../../appliance/api/status.ts';
import {bar, spark} from '../../../tui/room/bars.ts';
import type {Grid} from '../../../tui/room/grid.ts';
import {type Model, numbered, saying} from '../../../tui/room/model.ts';
import {openPane} from '../../../tui/room/navigate.ts';
import {alertKey} from '../../../tui/room/screens/alerts.ts';
import {screenOf} from '../../../tui/room/screens.ts';
import {ends, fitted, line, lineWidth, span} from '../../../tui/room/text.ts';
import {escapeOf, themeNames, tones} from '../../../tui/room/theme.ts';
import {least, view} from '../../../tui/room/view.ts';
import {widthOf} from '../../../tui/width.ts';
import {noJobs, now, statusOf} from '../samples.ts';
import {
  answers,
  busy,
  day,
  down,
  empty,
  everyPane,
  hostile,
  paneOf,
  press,
  purgePlan,
  sampleJobs,
  small,
  told,
  trouble,
} from './samples.ts';

const sizes = [
  {columns: 60, rows: 15},
  {columns: 80, rows: 24},
  {columns: 120, rows: 40},
  {columns: 200, rows: 60},
];
const textOf = (model: Model): string => view(model).texts().join('\n');
/** So that everything there is to say stands on one screen. */
const tall = {columns: 200, rows: 400};

/** Of a grid: each row as wide as it, and nothing on it that no person wrote. */
function isSound(t: Test, grid: Grid, name: string): void {
  const {columns, rows} = grid.size;
  const texts = grid.texts();
  const wrong = texts.filter(text => widthOf(text) !== columns);
  t.strictSame([texts.length, wrong], [rows, []], `${name}: every row is as wide as the screen`);
  const odd = /undefined|NaN|\[object|Infinity|[\p{Cc}\p{Bidi_Control}\p{Cs}]/u.exec(texts.join(''));
  t.equal(odd, null, `${name}: nothing that no person wrote`);
}

t.test('every screen, with everything in it and with nothing, on every size', async t => {
  for (const size of sizes) {
    for (const {name, open} of everyPane) {
      const at = `${name} on ${size.columns}`;
      for (const box of [busy(size), down(size), empty(size), busy(size, {isReadOnly: true})])
        for (const keys of [[], ['end'], ['pagedown', 'space', 'space'], ['*', 'o'], ['/', 'type:a']])
          isSound(t, view(press(open(box), ...keys)[0]), `${at} ${keys.join(' ')}`);
      for (const [key = ''] of openPane(open(busy(size))).keys.map(({keys}) => keys))
        isSound(t, view(press(open(busy(size)), key)[0]), `${at}, ${key}`);
    }
  }
});

t.test(
  'the line above: whether it answers, what needs somebody, and what it is at, on narrow screens too',
  async t => {
    const first = (model: Model): string => view(model).texts()[0] ?? '';
    t.equal(
      first(busy()).trimEnd(),
      ' Dubstead 0.1.0 · up · 9 alerts · QUEUE DRAINING · 9 running, 12 queued',
    );
    t.match(first(busy({columns: 60, rows: 15})), 'up · 9 alerts · QUEUE DRAINING');
    t.match(first(busy({columns: 120, rows: 40})), / 14:00:00 $/);
    t.match(first(down()), 'THE DAEMON IS DOWN');
    t.match(first(empty()), 'asking the daemon …');
    t.match(first(busy({columns: 120, rows: 40}, {isReadOnly: true})), 'read only');
    const calm = told(busy(), 'status', statusOf({queue: {mode: 'running', counts: noJobs, waiting: []}}));
    t.match(first(calm), / Dubstead 0\.1\.0 · up · 0 running, 0 queued +14:00:00 $/);
    t.equal(view(busy()).toneAt(0, 79), 'bar');
    const tabs = view(busy()).texts()[1] ?? '';
    for (const [i, name] of numbered.entries()) t.match(tabs, `${i + 1}${screenOf(name).title}`);
  },
);

t.test('the words that matter are there', async t => {
  const words: Readonly<Record<string, readonly (string | RegExp)[]>> = {
    'status.box': [
      'rlimits instead of jail',
      'remote tailscale (https://dub.example.org)',
      'draining: what runs is finished and nothing new starts · 12 queued, 9 running, 340 done, 3 failed',
      '11 jobs: evil',
      /00000000z8 ▕█+.* 48 % +1 min 12 s left +[▁▂▃▄▅▆▇█]+/,
      'recognising speech · evil',
      '日本語の映画 🎬 です 한국어 영화',
      'and 3 more: 2 shows them',
      '100 % 2 processors, 2 of 2 slots taken',
      '3.1 GB of 8.2 GB free · daemon 92.0 MB',
      '97 % NVIDIA GeForce RTX 4090 · 20.0 GB of 24.0 GB free · 61.4 °C · held by 00000000z8',
      'AMD · 8.0 GB · no job holds it',
      '↓ 1.3 MB/s  ↑ 1 kB/s',
      '120.3 GB of 500.0 GB free · data (/srv/dubstead)',
      'full in about 4 days (30.0 GB more a day) · films brought in 200.0 GB · work between film and dub 90.0 GB',
      'LOW 1.2 GB of 2.0 TB free · dubs (/mnt/dubs)',
      'OFFLINE for 1 h: /mnt/nas/日本',
      'NOT SENT 1 min ago: evil',
      'The server says 429.',
      ...AlertCode.options.flatMap(code => [
        `! ${code} happened.`,
        `Mend ${code}: evil`,
        `press ${alertKey(code)}`,
      ]),
    ],
    'jobs.jobs': [
      'These are the newest 11; dubstead jobs --search finds older ones.',
      ...['queued', 'queued: behind', 'running 48 %', 'pausing 48 %', 'paused', 'stopping', 'done'],
      ...['failed: no-speech', 'cancelled', 'set aside: worker', '1 min 12 s', 'command', 'en-es', '-100'],
      'Queued for 1 min.',
    ],
    'inbox.files': ['14 refused', 'being copied', '4.0 GB', 'ann', 'It is waited for to stop changing.'],
    'inbox.refused': ['WHY', '2026-11-21 13:59:00'],
    'sessions.logins': ['192.168.100.200', '2001:db8:aaaa:b', 'password', 'anna'],
    'sessions.people': [
      'no password yet',
      'active, with a code',
      'disabled',
      'a-name-of-thirty-two-letters-all',
    ],
    'sessions.keys': ['never', 'expired', 'ended', 'job:0123456789:read project:0123456789:manage'],
    'sessions.waiting': ['Who scanned a square code waits here.', '40', 'waiting', 'denied', '2 min'],
    'storage.disks': [
      'full in about 4 days (30.0 GB more a day)',
      /not filling up \(.* less a day\)/,
      'how it fills is known after some hours',
      /work between film and dub +90\.0 GB +43210 files +▪+/,
      'LOW',
      'Looked through 1 h ago, as far as one look goes.',
    ],
    'storage.kinds': [
      'older than: 30 days',
      'of: ann',
      'jobs: 12 of them',
      /work between film and dub +90\.0 GB/,
      /deleted jobs +0 kB/,
    ],
    'storage.plan': [
      '1234 files, 56.0 GB, of 8 jobs; 3 smaller rows are not shown; there is more than one plan takes.',
      'Nothing has gone yet. X carries it out; it is good for 10 min.',
    ],
    'retention.receipts': [
      'kept for good',
      'kept 30 days',
      'KEEP_UPLOADS_DAYS',
      'The next sweep is in 1 h. It would take 7 files, 8.0 GB. The last was 1 d ago: 12 files, 3.0 GB, 2 left.',
      'The clock was set back.',
      'INTERRUPTED 1 films, 2 dubs',
      ...['by itself', 'asked for', 'a full disk'],
    ],
    'engines.engines': ['From and into: en-es, ja-en, es-en', 'NOT READY', 'Ready, version'],
    'audit.entries': [
      'Some entries came while nobody listened',
      'privacy.purge_planned',
      'refused',
      'the box',
      '100: privacy.purge_planned to job:evil',
      'request k3v9',
    ],
    'doctor.checks': [
      '1 check well, 1 warning, 2 faults',
      'Means: Nothing is dubbed.',
      'Fix:   Start it: dubstead up.',
    ],
    'job.overview': [
      'Job 00000000z8',
      '48 %  recognising speech  1 min 12 s left',
      'film.es.mkv',
      'Running for 5 min',
    ],
    'job.log': ['log 0 evil', '14:00:00 log 1', 'The job is over; this is all.'],
    'job.report': [
      'FAIR: A fair dub by what was measured.',
      /Lines that run late +0\.12 % +good +target below 2/,
      'Nobody listens here.',
      'Lines: 10 in their voice, 2 in a simpler one, 1 kept as they were.',
      'Line 12: evil',
    ],
  };
  t.strictSame(
    Object.keys(words).toSorted(),
    everyPane.map(({name}) => name).toSorted(),
    'no pane is left out',
  );
  for (const [name, all] of Object.entries(words)) {
    const text = textOf(paneOf(name).open(busy(tall)));
    for (const one of all) t.match(text, one, name);
  }
});

t.test(
  'the daemon is down: why, what mends it, its last words, what lies there, and what the doctor says',
  async t => {
    const text = textOf(down(tall));
    for (const words of [
      'No daemon answers on /run/dubstead/api.sock.',
      'Start it with dubstead up.',
      's starts it',
      'the last words',
      'In the inbox /srv/inbox',
      'Nobody answers.',
      'this was looked at 0 s ago',
    ])
      t.match(text, words);
    t.notMatch(textOf(down(tall, {isReadOnly: true})), 's starts it');
    t.match(textOf(down(small, {screen: 'jobs'})), 'No daemon answers', 'whatever screen is open');
    t.match(textOf(down(small, {held: {}})), 'The doctor is looking …');
    t.match(
      textOf(empty(small, {screen: 'jobs', link: {is: 'down', trouble, starting: false}})),
      '1 says more',
    );
    const silent = {is: 'answered', of: 'diagnosis', value: null, trouble, at: now} as const;
    const held = {diagnosis: silent};
    t.match(textOf(empty(small, {screen: 'doctor', held})), 'The doctor ended without an answer');
    t.match(textOf(empty(small, {held: {status: {value: null, trouble, at: now}}})), 'No daemon answers on');
    t.match(
      textOf(paneOf('job.report').open(empty(small, {held: {quality: {value: null, trouble, at: now}}}))),
      'No daemon',
    );
  },
);

/** Where the frame of a dialog stands: its corners, with straight edges between them. */
function frameOf(grid: Grid): {readonly rows: number; readonly columns: number} | string {
  const cells = grid.texts().map(text => [...text].flatMap(one => Array<string>(widthOf(one)).fill(one)));
  const top = cells.findIndex((row, i) => row.includes('┌') && grid.toneAt(i, row.indexOf('┌')) === 'title');
  const left = cells[top]?.indexOf('┌') ?? -1;
  const right = cells[top]?.lastIndexOf('┐') ?? -1;
  const bottom = cells.findIndex((row, i) => i > top && row[left] === '└');
  if (top === -1 || left === -1 || right === -1 || bottom === -1)
    return `no frame: ${top} ${left} ${right} ${bottom}`;
  if (cells[bottom]?.[right] !== '┘') return 'no corner below';
  for (let row = top + 1; row < bottom; row++)
    if (cells[row]?.[left] !== '│' || cells[row]?.[right] !== '│') return `open at row ${row}`;
  if (bottom > grid.size.rows - 1 || left < 1 || right > grid.size.columns - 2) return 'beyond the screen';
  return {rows: bottom - top - 1, columns: right - left - 1};
}

t.test('dialogs are closed boxes on the screen, whatever they say', async t => {
  for (const size of sizes) {
    for (const {name, open} of everyPane)
      for (const keys of [
        ['?'],
        [':'],
        ['q'],
        ...openPane(open(busy(size))).keys.map(({keys}) => [keys[0] ?? '']),
      ]) {
        const [model] = press(open(busy(size)), ...keys);
        if (model.dialog === null || model.dialog.is === 'filter') continue;
        t.type(frameOf(view(model)), 'object', `${name} ${keys.join(' ')} on ${size.columns}`);
      }
    for (const title of hostile) {
      const text = hostile.map(words => line(span(words)));
      for (const top of [0, 5, 500]) {
        const grid = view(busy(size, {dialog: {is: 'text', title, text: [...text, ...text, ...text], top}}));
        t.type(frameOf(grid), 'object', `a text on ${size.columns}`);
        isSound(t, grid, 'a text');
      }
      const answer = () => 'No.';
      const choices = hostile.map(about => ({name: 'one', about}));
      const asked = {
        is: 'ask',
        title,
        about: hostile,
        typed: `${title}|end`,
        at: 7,
        trouble: title,
        answer,
      } as const;
      for (const dialog of [
        {...asked, choices},
        {...asked, choices: null},
        {...asked, choices: null, trouble: null},
      ]) {
        const grid = view(busy(size, {dialog}));
        t.type(frameOf(grid), 'object', `a question on ${size.columns}`);
        isSound(t, grid, 'a question');
      }
    }
  }
});

t.test('what is asked stays in sight, however much is said before it', async t => {
  const size = least;
  const [ended] = press(paneOf('sessions.logins').open(busy(size)), '*', 'x', '4');
  t.match(textOf(ended), 'Type 9 and press Enter: End. 4▏');
  const [cancelled] = press(paneOf('jobs.jobs').open(busy(size)), 'end', 'up', 'up', 'up', 'X');
  t.match(textOf(cancelled), /\[ Leave it \] +Into the trash/);
  t.match(textOf(press(cancelled, 'tab')[0]), /Leave it +\[ Into the trash \]/);
  const [typed] = press(paneOf('storage.kinds').open(busy(size)), 'z');
  t.match(textOf(typed), `${sampleJobs.at(-1)?.id}▏`, 'of what is typed, the end');
  const [filter] = press(paneOf('jobs.jobs').open(busy(size)), '/', `type:${'a'.repeat(100)}end`);
  t.match(textOf(filter), 'aend▏  Enter keeps it, Esc shows all');
  const users = Array.from({length: 900}, (_, i) => ({...answers.users.users[0], name: `u${i}`}));
  const many = told(paneOf('sessions.waiting').open(busy(size)), 'users', {users} as typeof answers.users);
  const [asked] = press(many, 'a', 'type:40', 'enter', ...Array.from({length: 500}, () => 'down'));
  t.match(textOf(asked), /u499 +admin/, 'the choice that is picked');
});

t.test('a screen that is too small says so, and one that is nothing draws nothing', async t => {
  for (const [columns, rows] of [
    [59, 24],
    [80, 14],
    [30, 2],
  ] as const) {
    const text = textOf(busy({columns, rows}));
    t.match(text, 'This needs 60 × 15;');
    t.match(text, `here are ${columns} × ${rows}.`);
  }
  for (const [columns, rows] of [
    [1, 1],
    [3, 1],
    [0, 0],
  ] as const)
    t.equal(view(busy({columns, rows})).texts().length, rows);
  t.notMatch(textOf(busy(least)), 'This needs');
});

t.test('the line below: what was said, what is typed, what keys there are', async t => {
  const last = (model: Model): string => view(model).texts().at(-1) ?? '';
  t.match(last(busy()), /^ p pause\/go on {2}d drain {2}\? help {2}: go {2}q quit +(?:↓ \d+ more )?$/);
  t.match(last({...busy(), screen: 'sessions'}), 'Tab next part');
  t.match(last(saying(busy(), 'It is done.', 'good')), ' It is done.');
  t.match(last(saying(busy(), `\u001b[2J${'日'.repeat(90)}`, 'good')), /^ \uFFFD\[2J日+…? *$/);
  t.match(last(press({...busy(), screen: 'jobs'}, '/', 'x')[0]), ' /x▏  Enter keeps it, Esc shows all');
});

t.test('the plan and the verdict, as they are answered', async t => {
  const storage = paneOf('storage.plan').open(busy());
  const [, [effect]] = press(storage, 'X', 'type:1234', 'enter');
  if (effect?.is !== 'do') throw new Error('nothing is done');
  const [gone] = effect.deed.leadsTo?.([{receipts: ['r-1'], files: 1200, bytes: 5e9, left: 34}], storage) ?? [
    storage,
  ];
  t.match(textOf(gone), '1200 files removed (5.0 GB)');
  t.match(textOf(gone), '34 did not go');
  t.equal(gone.purge.plan, null);
  const late = {...purgePlan, expires: now};
  t.match(textOf({...storage, purge: {...storage.purge, plan: late}}), 'This plan is too old: make it anew.');
  const audit = paneOf('audit.entries').open(busy());
  const verdict = (answer: unknown): string => {
    const [, [asked]] = press(audit, 'v');
    if (asked?.is !== 'do') throw new Error('nothing is asked');
    return textOf(asked.deed.leadsTo?.([answer], audit)[0] ?? audit);
  };
  t.match(
    verdict({is: 'whole', days: 2, entries: 40, first: now - day, last: now, hash: 'ab'.repeat(32)}),
    /is whole: 40 lines of 2 days, from 2026-11-20 14:00:00 to/,
  );
  t.match(
    verdict({is: 'whole', days: 0, entries: 0, first: null, last: null, hash: '0'.repeat(64)}),
    'Nothing was written down yet.',
  );
  const where = {file: '2026-11-21.jsonl', line: 7};
  t.match(
    verdict({is: 'broken', where, what: 'It was changed.', fix: 'Look.'}),
    'broken at 2026-11-21.jsonl, line 7',
  );
});

t.test('themes: sixteen colours at most; none in plain; no red or green in safe', async t => {
  for (const theme of themeNames) {
    for (const tone of tones) {
      const switches = escapeOf(theme, tone);
      const parameters = /^\x1b\[([\d;]+)m$/.exec(switches)?.[1]?.split(';').map(Number) ?? [];
      t.equal(parameters[0], 0, `${theme} ${tone} begins from nothing`);
      for (const one of parameters) {
        const isColour = (one >= 30 && one <= 49) || (one >= 90 && one <= 107);
        t.ok(one < 10 || (isColour && one % 10 < 8), `${theme} ${tone}: ${one}`);
        if (theme === 'plain') t.notOk(isColour, `plain ${tone}: ${one}`);
        if (theme === 'safe')
          t.notOk([31, 32, 41, 42, 91, 92, 101, 102].includes(one), `safe ${tone}: ${one}`);
      }
    }
    t.not(escapeOf(theme, 'cursor'), escapeOf(theme, 'plain'), 'where the cursor is can be seen');
    const said = ['good', 'warn', 'bad'] as const;
    if (theme !== 'plain') t.equal(new Set(said.map(tone => escapeOf(theme, tone))).size, said.length);
  }
});

t.test('pictures of figures stay in their columns', async t => {
  const width = (share: number): number => lineWidth(bar(share, 10));
  for (const share of [-1, 0, 0.001, 0.37, 0.999, 1, 7]) t.equal(width(share), 17, String(share));
  t.match(bar(0.999, 10).at(-1)?.text, '99 %');
  t.match(
    bar(1, 4)
      .map(({text}) => text)
      .join(''),
    '▕████▏100 %',
  );
  t.equal(spark([0, 0, 0], 10), '▁▁▁');
  t.equal(spark([0, 1, 2, 4, 8], 3), '▂▄█');
  t.equal(spark([], 5), '');
  t.equal(lineWidth(ends(line('left'), line('right'), 20)), 20);
  t.equal(lineWidth(ends(line('left'.repeat(9)), line('right'), 20)), 20);
  t.equal(lineWidth(fitted(line('日本', '語の映画'), 7)), 7);
});
