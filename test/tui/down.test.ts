/** The command line while the daemon is down, out of reach, or misconfigured: the program itself, started for real. */
import {chmod, chown, mkdir, symlink, utimes, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t from 'tap';
import {exitCodes} from '../../tui/exit-codes.ts';
import {idOf, jobOf} from '../web/memory-box.ts';
import {serve, shortFolder} from '../web/served.ts';
import {dubstead, seatOf} from './seat.ts';

const id = idOf(1);

t.test('every verb says that it is down, where it was looked for, and how to start it', async t => {
  const seat = await seatOf(t);
  const lines = [
    ...[
      'status',
      'submit film.mkv',
      'submit film.mkv --follow',
      'jobs',
      `job ${id}`,
      'job k3v9',
      `cancel ${id}`,
    ],
    ...[`pause ${id}`, 'pause', 'resume', `retry ${id}`, `priority ${id} 1`, `logs ${id}`, `logs ${id} -f`],
    ...['drain', 'inbox', 'inbox --rescan', 'storage', 'retention', 'retention sweep', 'purge'],
  ];
  for (const line of lines) {
    const {code, out, err} = await seat.run(...line.split(' '));
    t.equal(code, exitCodes.noDaemon, line);
    t.match(err, new RegExp(`No daemon answers on ${seat.socket}\\.\nStart it with dubstead up\\.`), line);
    if (line !== 'status') t.equal(out, '', 'and nothing where results go');
    t.match(await seat.json(...line.split(' ')), {error: {code: 'daemon-down', what: seat.socket}}, line);
  }
});

t.test('status still shows the last words of its log and what lies in the inbox', async t => {
  const seat = await seatOf(t);
  const at = (name: string) => join(seat.data, name);
  await mkdir(at('log'));
  await mkdir(at('inbox/ann/best'), {recursive: true});
  await mkdir(at('inbox/.refused'));
  const said = (n: number) => `{"level":"info","time":"2026-11-21T13:00:${n}.000Z","msg":"line ${n}"}\n`;
  const old = Array.from({length: 5000}, (_, n) => said(10 + (n % 50))).join('');
  await writeFile(at('log/dubstead.log'), `${old}${said(59)}torn {"lev`);
  await writeFile(at('log/dubstead.log.1'), 'older\n');
  await utimes(at('log/dubstead.log.1'), 1, 1);
  await writeFile(at('inbox/ann/best/film.mkv'), 'x'.repeat(2000));
  await writeFile(at('inbox/日本語.mp4'), '');
  await writeFile(at('inbox/.hidden'), '');
  await writeFile(at('inbox/.refused/no.mp4'), '');
  await symlink('/etc/passwd', at('inbox/link.mp4'));
  const {code, out} = await seat.run('status');
  t.equal(code, exitCodes.noDaemon);
  const lines = out.split('\n');
  t.equal(lines[1], `The last lines of its log, ${at('log/dubstead.log')}:`);
  t.strictSame(lines.slice(10, 12), ['  2026-11-21 13:00:59 info  line 59', '  torn {"lev']);
  t.strictSame(lines.slice(12), [
    '',
    `In the inbox ${at('inbox')}: 2 files`,
    '  ann/best/film.mkv  2 kB',
    '  日本語.mp4  0 kB',
    '',
  ]);
  t.match(await seat.json('status'), {
    error: {code: 'daemon-down'},
    socket: seat.socket,
    log: {file: at('log/dubstead.log'), lines: {length: 10}, trouble: null},
    inbox: {files: [{name: 'ann/best/film.mkv', bytes: 2000}, {name: '日本語.mp4'}], more: false},
  });
  await Promise.all(Array.from({length: 600}, (_, n) => writeFile(at(`inbox/${n}.mp4`), '')));
  t.match(await seat.run('status'), {out: /over 500 files, the first 10 of them:/});
});

t.test('a log of very long lines is shown from the first whole one, and cut', async t => {
  const seat = await seatOf(t);
  await mkdir(join(seat.data, 'log'));
  const lines = ['a', 'b', 'c', 'd'].map(letter => letter.repeat(30_000));
  await writeFile(join(seat.data, 'log/dubstead.log'), `${lines.join('\n')}\n`);
  t.match(await seat.json('status'), {log: {lines: lines.slice(2)}});
  const {out} = await seat.run('status');
  t.ok(out.length < 2500, `${out.length} characters`);
  t.match(out, /c…\n/);
});

t.test(
  'somebody else’s socket: whose it is, and how to be let in',
  {skip: process.getuid?.() !== 0},
  async t => {
    const served = await serve(t);
    const folder = await shortFolder(t);
    await mkdir(join(folder, 'run'));
    for (const each of [folder, join(folder, 'run'), join(served.path, '..')]) await chmod(each, 0o755);
    await symlink(served.path, join(folder, 'run/control.sock'));
    await chown(served.path, 0, 4);
    const nobody = {uid: 65534, gid: 65534};
    const env = {DATA_DIR: folder};
    const {code, err} = await dubstead(['status'], env, nobody);
    t.equal(code, exitCodes.noDaemon);
    t.match(err, /^You may not use .*control\.sock\.\nIt is for the group adm: have yourself added/);
    t.match(JSON.parse((await dubstead(['jobs', '--json'], env, nobody)).out), {
      error: {code: 'not-permitted'},
    });
    await chmod(folder, 0o700);
    const closed = await dubstead(['status'], env, nobody);
    t.equal(closed.code, exitCodes.noDaemon);
    t.match(closed.err, /^You may not use .*\nRun this as the user that the daemon runs as/);
  },
);

t.test(
  'secrets that only the daemon may read keep nobody from speaking to it',
  {skip: process.getuid?.() !== 0},
  async t => {
    const served = await serve(t, {jobs: [jobOf(1)]});
    const folder = await shortFolder(t);
    const secrets = join(folder, 'secrets');
    await mkdir(secrets, {mode: 0o700});
    await writeFile(join(secrets, 'NTFY_TOKEN'), 'tk_very_secret');
    await mkdir(join(folder, 'run'));
    for (const each of [folder, join(folder, 'run'), join(served.path, '..')]) await chmod(each, 0o755);
    await symlink(served.path, join(folder, 'run/control.sock'));
    await chmod(served.path, 0o666);
    const nobody = {uid: 65534, gid: 65534};
    const env = {DATA_DIR: folder, CREDENTIALS_DIRECTORY: secrets};
    t.match(await dubstead(['jobs'], env, nobody), {code: 0, out: /film 1\.mkv/});
    t.match(await dubstead(['config'], env, nobody), {
      code: 0,
      out: /^NTFY_TOKEN +not readable +.*which you may not read$/m,
    });
  },
);

t.test('settings that are wrong: each is told, and the code is that of a mistake', async t => {
  const seat = await seatOf(t, {env: {PORT: 'abc', DUB_TOO: 'es'}});
  const faults = [
    'DUB_TOO (environment) is no setting of Dubstead. Did you mean DUB_TO? Correct it, or remove it.',
    'PORT (environment) is "abc"; allowed is a whole number from 0 to 65535.',
  ];
  t.strictSame(await seat.run('config'), {code: exitCodes.usage, out: '', err: `${faults.join('\n')}\n`});
  t.strictSame(await seat.json('config'), {faults});
  const {code, err} = await seat.run('jobs');
  t.equal(code, exitCodes.usage);
  t.strictSame(err.split('\n').slice(0, 2), faults);
  t.match(await seat.json('status'), {error: {code: 'misconfigured', what: faults.join('\n')}});
  t.match(await dubstead(['config'], {DATA_DIR: seat.data, PORT: 'abc'}), {code: 2, err: /"abc"/});
});

t.test('config needs no daemon, and shows no secret', async t => {
  const env = {NTFY_TOKEN: 'tk_very_secret', NTFY_TOPIC: 'films', NTFY_BASE_URL: 'https://ntfy.example.org'};
  const seat = await seatOf(t, {env});
  const {code, out, err} = await seat.run('config');
  t.strictSame([code, err], [0, '']);
  t.match(out, new RegExp(`^DATA_DIR +${seat.data} +environment$`, 'm'));
  const json = (await seat.json('config')) as {settings: {name: string; value: string}[]};
  t.match(json, {production: null});
  t.equal(json.settings.find(({name}) => name === 'NTFY_TOKEN')?.value, 'set');
  t.notMatch(out + JSON.stringify(json), 'very_secret');
});
