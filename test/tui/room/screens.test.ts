/** Every screen of a real box on a real terminal: what stands on it, at several sizes, and what keys do to the box. */
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import type {Glass} from '../../../scripts/glass.ts';
import {ffmpeg} from '../../clips.ts';
import {type TestBox, testBox} from '../../supervisor/daemons.ts';
import {urlOf} from '../../web/pages/box.ts';
import {send} from '../../web/people.ts';
import {addAnn, flawOf, framed, keys, logIn, roomOf, told} from './rooms.ts';

const sample = join(import.meta.dirname, '../../../media/sample.mp4');
const title = '映画 😀 é́.mp4';
/** No name with a control character is taken in: it is told of with that spelt out. */
const hostile = '映画 😀 \x1b[31mred.mp4';

/** A box with a job that is done, one that failed, one that was refused, somebody with a login and a key, and a receipt. */
async function filledBox(t: Test): Promise<{readonly box: TestBox; readonly film: string}> {
  const folder = await mkdtemp(join(tmpdir(), 'film-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  const film = join(folder, 'cut.mp4');
  const text = join(folder, 'words.mp4');
  await writeFile(text, 'This is no film.');
  await ffmpeg('-t', '8', '-i', sample, '-c', 'copy', film);
  const box = await testBox(t, {PUBLIC_BASE_URL: 'https://box.example'});
  await box.start();
  await addAnn(box);
  await box.drop(film, `ann/${title}`);
  const headers = {Authorization: `Bearer ${await logIn(box)}`};
  const body = {name: 'a script', scopes: ['read:job', 'submit:job']};
  t.equal((await send(urlOf(box), '/api/keys', {method: 'POST', body, headers})).status, 200);
  t.match(await box.jobIn('done', 'failed'), {state: {is: 'done'}});
  await box.drop(text);
  await box.drop(text, hostile);
  await box.jobIn('failed');
  const kinds = ['intermediates' as const];
  const {plan, files} = await told(box.client.call('purge.plan', {body: {kinds, olderThanDays: 0}}));
  t.ok(files > 0);
  await told(box.client.call('purge.carry', {params: {plan}, body: {files}}));
  return {box, film};
}

/** What has to stand on each part of each screen, whatever the size. */
const parts: readonly (readonly [key: string, ...wanted: readonly RegExp[][]])[] = [
  [
    '1',
    [
      ...[/^ Daemon +0\.1\.0, up for .*process \d+/m, /^ Queue +open · .*1 done, 1 failed/m],
      ...[
        /^ Running +nothing/m,
        /^ Processor .*\d+ processors?, 0 of \d+ slots taken/m,
        /^ Memory +▕.*▏ +\d+ %.*daemon [\d.]+ MB/m,
      ],
      ...[/^ GPU +\S/m, /^ Network +↓ .*↑|^ Network +not known/m, /^ Disks +▕.*free/m],
      ...[/^ Inbox +watching .*2\s+refused/ms, /^ Push +off:/m, /^ Alerts +/m],
    ],
  ],
  [
    '2',
    [
      /JOB +STATE .*OWNER +TITLE .*AGE$/m,
      /^ [0-9a-z]{10} +failed: not-media .*home +words\.mp4/m,
      /^ [0-9a-z]{10} +done .*ann +映画 😀 é/m,
      /words\.mp4 is not a video that can be read: it is text/,
    ],
  ],
  [
    '3',
    [/\[Files\] +Refused/, /watching .*0 being copied, 0 waiting, 2 refused/, /Nothing lies in the inbox/],
    [
      /WHEN +FILE +WHY/,
      /^ \d{4}-\d\d-\d\d \d\d:\d\d:\d\d +words\.mp4 +words\.mp4 is not a video/m,
      /^ \d{4}-\d\d-\d\d \d\d:\d\d:\d\d +映画 😀 %1B\[31mred/m,
      /Dubstead takes MP4, MKV, WebM, MOV, AVI, MPEG and TS files/,
    ],
  ],
  [
    '4',
    [/\[Logins\]/, /WHO +DEVICE .*LAST FROM +SEEN +SINCE/, /^ ann .*password +.*127\.0\.0\.1/m],
    [/\[People\]/, /NAME +ROLE +STATE +LOGINS +SEEN/, /^ ann +operator +active +1 /m],
    [/\[Keys\]/, /KEY +NAME .*OWNER +MAY/, /^ \S{12} +a script +ann +read:job.* never +good/m],
    [/\[Waiting\]/, /only when the number on\s+their screen is the one here/, /Nobody waits to be let in/],
  ],
  [
    '5',
    [
      /\[Disks\]/,
      /▕.*▏ +\d+ % .*free/,
      /finished dubs +[\d.]+ [kMG]B/,
      /Tab leads to\s+what\s+can be given up/,
    ],
    [/\[Give up\]/, /WHAT +TAKES +WHAT IT IS/, /what people watch/, /older than: any age/, /of: everybody/],
    [/\[Plan\]/, /There is no plan: mark kinds/],
  ],
  [
    '6',
    [/kept \d+ days?|kept for good/, /KEEP_\w+|RETENTION_\w+/, /REMOVED .*FILES +SIZE/, /\d+ intermediates/],
  ],
  ['7', [/KIND +ENGINE +STATE/, /From and into: /, /pocketsphinx/, /ready/]],
  ['8', [/WHEN .*DID +HOW +TO/, /admin\.viewed +ok/, /privacy\.purge_done +ok/, /from the box/]],
  ['9', [/STATE +CHECK +FOUND/, /\d+ checks? well, \d+ warnings?, \d+ faults?/, /^ well +/m]],
];

async function walk(t: Test, glass: Glass): Promise<void> {
  for (const [key, ...panes] of parts) {
    glass.press(key);
    for (const [i, wanted] of panes.entries()) {
      for (const one of wanted) await glass.shows(one);
      await glass.shows(glass => flawOf(glass) === undefined);
      t.pass(`${key}, part ${i + 1}`);
      if (panes.length > 1) glass.press(keys.tab);
    }
  }
}

t.test('a box with all there is', async t => {
  const {box, film} = await filledBox(t);

  for (const [columns, rows] of [
    [80, 24],
    [120, 40],
    [200, 60],
  ] as const) {
    t.test(`every part of every screen at ${columns} × ${rows}`, async t => {
      const glass = roomOf(t, box, [], {columns, rows});
      await walk(t, glass);
      glass.press('2/');
      await glass.shows('Enter keeps it, Esc shows all');
      glass.press('映画');
      await glass.shows(({text}) => text.includes('映画 😀') && !text.includes('words.mp4'));
      glass.press(keys.enter + keys.enter);
      await glass.shows(/Job [0-9a-z]{10} \[Overview\]/);
      await glass.shows(/^ State +Done .* ago, in /m);
      glass.press('G');
      await glass.shows(/dubstead retry [0-9a-z]{10}/);
      await glass.shows(glass => flawOf(glass) === undefined);
      glass.press('/');
      await glass.shows('There is nothing to filter here.');
      glass.press(keys.tab);
      await glass.shows(/\[Log\]/);
      await glass.shows('The job is over; this is all.');
      glass.press('g');
      await glass.shows(/^\d\d:\d\d:\d\d +running/m);
      glass.press(keys.tab);
      await glass.shows(/\[Report\].*\n (GOOD|FAIR|POOR): /);
      await glass.shows(/target /);
      await glass.shows(glass => flawOf(glass) === undefined);
      glass.press('?');
      await glass.shows('Keys everywhere');
      await framed(glass, 'Help');
      // What was drawn bit by bit is what would be drawn at once.
      const drawn = (): string => glass.rows.slice(1, -1).join('\n');
      const [before, from] = [drawn(), glass.bytes];
      glass.press(keys.redraw);
      await glass.shows(({bytes}) => bytes - from > 1000 && drawn() === before);
    });
  }

  t.test('stages of a job, each with why it ran', async t => {
    const glass = roomOf(t, box, ['jobs'], {columns: 120, rows: 50});
    await glass.shows('映画 😀');
    glass.press(keys.down + keys.enter);
    await glass.shows(/STAGE +HOW +TIME +WHY/);
    await glass.shows(/^ +synthesize +\d* *(ran|degraded).* s +\S/m);
  });

  t.test('a terminal that is resized while it is drawn on ends up whole', async t => {
    const glass = roomOf(t, box);
    await glass.shows(/^ Alerts/m);
    for (const [columns, rows] of [
      [100, 30],
      [61, 16],
      [40, 10],
      [200, 60],
      [79, 23],
      [132, 43],
    ] as const) {
      glass.press('?');
      glass.resize(columns, rows);
      glass.press('q');
    }
    glass.press('2');
    await glass.shows(/JOB +STATE .*CAME +AGE$/m);
    await glass.shows(glass => flawOf(glass) === undefined && !glass.text.includes('Help'));
    t.equal(glass.rows.length, 43);
    t.match(glass.rows[42], /q quit/, 'the last line is the last');
    t.equal(glass.rows.filter(row => row.includes('q quit')).length, 1, 'and stands once');
    glass.resize(50, 12);
    await glass.shows('This needs 60 × 15;');
    t.match(glass.text, 'here are 50 × 12.');
    glass.resize(80, 24);
    await glass.shows(glass => flawOf(glass) === undefined);
    glass.press('q');
    for (const [columns, rows] of [
      [80, 24],
      [61, 16],
      [132, 43],
    ] as const) {
      glass.resize(columns, rows);
      await framed(glass, 'Leave?');
      await glass.shows(glass => flawOf(glass) === undefined);
    }
  });

  t.test('order, marks, names of screens, help, audit, square codes', async t => {
    const glass = roomOf(t, box, ['jobs']);
    await glass.shows('映画 😀');
    const rowOf = (words: string): number => glass.rows.findIndex(row => row.includes(words));
    t.ok(rowOf('ann  ') > rowOf('home '), 'the newest first');
    glass.press('o');
    await glass.shows('Ordered: state.');
    await glass.shows('by state');
    glass.press('ooo');
    await glass.shows('Ordered: age, oldest first.');
    await glass.shows(() => rowOf('ann  ') < rowOf('home '));
    glass.press('o');
    await glass.shows('Ordered: as it comes.');
    glass.press(keys.space);
    await glass.shows('1 marked');
    glass.press('*');
    await glass.shows('2 marked');
    glass.press('X');
    // Its frame goes around Japanese and emoji.
    await framed(glass, 'Put 2 jobs into the trash?');
    t.match(glass.text, /│ [0-9a-z]{10} +映画 😀/);
    glass.press(keys.escape);
    await glass.shows('Nothing was done.');
    glass.press(keys.escape);
    await glass.shows(({text}) => !text.includes('marked'));
    glass.press(':doct');
    await framed(glass, 'Go to');
    await glass.shows('screen 9: Doctor');
    glass.press(keys.enter);
    await glass.shows(/STATE +CHECK +FOUND/);
    glass.press(keys.escape);
    await glass.shows(/JOB +STATE/);

    glass.press('1p');
    await glass.shows('Hold the queue?');
    glass.press(keys.tab + keys.enter);
    await glass.shows('QUEUE PAUSED');
    t.match(await box.client.call('status', {}), {value: {queue: {mode: 'paused'}}});
    glass.press('p');
    await glass.shows('Let the queue go on?');
    glass.press(keys.tab + keys.enter);
    await glass.shows(({text}) => !text.includes('QUEUE PAUSED'));
    glass.press('8');
    await glass.shows(/root +admin\.queue_mode_set +ok +running/);
    glass.press('v');
    await framed(glass, 'The audit');
    t.match(glass.text, 'The audit is whole: ');
    glass.press('q/api_key');
    await glass.shows(/ann +api_key\.create +ok/);

    glass.press(`${keys.enter}4`);
    await glass.shows('[Logins]');
    glass.press(`${keys.tab}i`);
    await framed(glass, 'Invite as');
    glass.press(keys.enter);
    await framed(glass, 'Invitation');
    const square = glass.rows.filter(row => /[█▀▄]/.test(row));
    t.ok(square.length >= 15, glass.text);
    t.notMatch(glass.text, /\d+–\d+ of \d+/, 'none of it has to be scrolled to');
  });

  t.test(
    'a film is followed from the inbox to its end without a key, and another is ended, tried again, paused',
    async t => {
      const glass = roomOf(t, box);
      await glass.shows(/^ Running +nothing/m);
      await box.drop(film, 'second.mp4');
      await glass.shows(/^ Running +[0-9a-z]{10} ▕.*▏ +\d+ %.*\n +[a-z]+/m);
      await glass.shows('second.mp4 (home)');
      await glass.shows(({rows}) => rows.some(row => /2 done, 1 failed/.test(row)));
      await glass.shows(/^ Running +nothing/m);

      await box.drop(sample, 'long.mp4');
      await glass.shows('long.mp4 (home)');
      glass.press('2');
      await glass.shows(/running +\d+ %.*home +long\.mp4/);
      glass.press(`${keys.enter}${keys.tab}`);
      await glass.shows(/\[Log\]/);
      const lines = (): number => glass.rows.filter(row => /^\d\d:\d\d:\d\d /.test(row)).length;
      await glass.shows(() => lines() > 0);
      const first = glass.text;
      await glass.shows(({text}) => lines() > 0 && text !== first);
      t.notMatch(glass.text, 'The job is over');
      glass.press('c');
      await glass.shows('Cancel 1 job?');
      glass.press(keys.enter);
      await glass.shows('Nothing was done.');
      glass.press('c');
      await glass.shows('Cancel 1 job?');
      glass.press(keys.escape);
      await glass.shows(({text}) => !text.includes('Cancel 1 job?'));
      const [long] = (await box.jobs()).filter(job => job.title === 'long.mp4');
      t.match(long, {state: {is: 'running'}});
      glass.press('c');
      await glass.shows('Cancel 1 job?');
      glass.press(keys.tab + keys.enter);
      await glass.shows('1 job cancelled.');
      await glass.shows('The job is over; this is all.');
      glass.press(keys.escape);
      await glass.shows(/cancelled .*long\.mp4/);
      glass.press('t');
      await glass.shows('1 job queued again.');
      await glass.shows(/running +\d+ %.*long\.mp4/);
      glass.press('p');
      await glass.shows('1 job coming to rest.');
      await glass.shows(/paused .*long\.mp4/);
      glass.press('r');
      await glass.shows(/running +\d+ %.*long\.mp4/);
      glass.press('c');
      await glass.shows('Cancel 1 job?');
      glass.press(keys.right + keys.enter);
      await glass.shows(/cancelled .*long\.mp4/);
    },
  );
});
