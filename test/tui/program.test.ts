/** The program itself, started as people start it: exit codes, signals, and pipes that somebody closes. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import type {Job} from '../../appliance/job.ts';
import {digest, idOf, jobOf, MemoryBox} from '../web/memory-box.ts';
import {addPerson, peopleOf} from '../web/people.ts';
import {serve} from '../web/served.ts';
import {dubstead, point, type Seat, seatOf, surroundings} from './seat.ts';
import {typist} from './typist.ts';

const id = idOf(1);
const source = {name: 'film.mkv', bytes: 1, digest};
const running: Job['state'] = {is: 'running', since: 1, pid: 7};

const program = new URL('../../tui/dubstead.ts', import.meta.url).pathname;
const node = [process.execPath, '--disable-warning=ExperimentalWarning', program];

/** A process takes its time to start: only the limit of the whole test is one. */
async function eventually(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(resolve => setTimeout(resolve, 10));
}

/** One that stays: what it says, and how it ends. */
function staying(t: Test, {data}: Seat, argv: readonly string[]) {
  const [command = '', ...flags] = node;
  const env = {...surroundings, DATA_DIR: data, PORT: '0'};
  const child: ChildProcess = spawn(command, [...flags, ...argv], {env, stdio: ['ignore', 'pipe', 'pipe']});
  t.teardown(() => child.kill('SIGKILL'));
  const said = {out: '', err: ''};
  child.stdout?.on('data', (chunk: Buffer) => {
    said.out += chunk;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    said.err += chunk;
  });
  return {child, said, ended: once(child, 'close').then(([code]) => code as number | null)};
}

t.test('a daemon that is up and one that is down are told apart by the exit code', async t => {
  const seat = await seatOf(t);
  const env = {DATA_DIR: seat.data};
  const down = await dubstead(['status', '--json'], env);
  t.strictSame([down.code, down.err], [6, '']);
  t.match(JSON.parse(down.out), {error: {code: 'daemon-down'}, socket: seat.socket});
  const served = await serve(t, {jobs: [jobOf(1)]});
  await point(seat, served.path);
  const up = await dubstead(['jobs', '--json'], env);
  t.strictSame([up.code, up.err], [0, '']);
  t.match(JSON.parse(up.out), {jobs: [{id}], next: null});
  t.match(await dubstead(['pause', id], env), {code: 0, out: /film 1\.mkv: Paused/});
  t.match(await dubstead(['retry', id], env), {code: 3, err: /cannot be tried again/});
});

t.test('a purge asks whoever sits at a terminal, and takes only the number for a yes', async t => {
  const seat = await seatOf(t);
  const env = {...surroundings, DATA_DIR: seat.data, TERM: 'xterm'};
  for (const [typed, code, out] of [
    ['2\n', 0, /2 files removed/],
    ['3\n', 3, /Nothing was removed\./],
    ['\u0004', 3, /Nothing was removed\./],
    ['\u0003', 130, /\^C/],
  ] as const) {
    const served = await serve(t, {jobs: [jobOf(1)]});
    await point(seat, served.path);
    const child = spawn('script', ['-qec', [...node, 'purge'].join(' '), '/dev/null'], {env});
    t.teardown(() => child.kill('SIGKILL'));
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk;
    });
    const ended = once(child, 'close');
    await eventually(() => said.includes('type 2: '));
    child.stdin.write(typed);
    const [ending] = await ended;
    t.match(said, out, JSON.stringify(typed));
    t.equal(ending, code, JSON.stringify(typed));
    const isCarried = served.box.asked.some(asked => JSON.stringify(asked).includes('isAtTheBox'));
    t.equal(isCarried, code === 0);
  }
});

t.test('mistakes are told where help is', async t => {
  const odd = await dubstead(['frobnicate'], {});
  t.strictSame(odd, {code: 2, out: '', err: 'There is no command "frobnicate".\nSee: dubstead help\n'});
  t.match(await dubstead(['job'], {}), {code: 2, err: /^Name one job.*\nSee: dubstead help job\n$/});
  t.match(await dubstead(['\u001b[2J'], {}), {code: 2, err: /^There is no command "\uFFFD\[2J"\./});
});

t.test('up hands on what the daemon says of wrong settings', async t => {
  const {data} = await seatOf(t);
  const {code, err} = await dubstead(['up'], {DATA_DIR: join(data, 'new'), PORT: 'abc'});
  t.equal(code, 2);
  t.match(err, /PORT \(environment\) is "abc"; allowed is a whole number/);
});

t.test('up becomes the daemon: the same process, and its signals and its end are the daemon’s', async t => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const up = staying(t, await seatOf(t), ['up']);
    await eventually(() => up.said.out.includes('ready'));
    const argv = (await readFile(`/proc/${up.child.pid}/cmdline`, 'utf8')).split('\0');
    t.match(argv.slice(1, -1), [
      /^--max-semi/,
      /^--initial-old/,
      /^--max-old/,
      /^--expose-gc/,
      /^--disable/,
      /supervisor\/main\.ts$/,
    ]);
    up.child.kill(signal);
    t.equal(await up.ended, 0, signal);
    t.match(up.said.out, new RegExp(`coming to rest.*${signal}|${signal}.*coming to rest`));
  }
});

t.test('Ctrl-C ends what follows, with 130', async t => {
  const box = new MemoryBox([jobOf(1, {state: running, source})]);
  box.say('the first line');
  const served = await serve(t, {box});
  const seat = await seatOf(t);
  await point(seat, served.path);
  const logs = staying(t, seat, ['logs', id, '-f']);
  await eventually(() => logs.said.out === 'the first line\n');
  logs.child.kill('SIGINT');
  t.equal(await logs.ended, 130);
  t.equal(logs.said.err, '');
  const submit = staying(t, seat, ['submit', '/x/film.mkv', '--follow']);
  await eventually(() => box.events.followers === 1);
  submit.child.kill('SIGTERM');
  t.equal(await submit.ended, 130);
  t.match(submit.said.err, /^The job goes on: dubstead job/);
  await eventually(() => box.events.followers === 0);
});

t.test(
  'what ends something asks who sits at the terminal; Ctrl-C and the end of the input are no answer',
  async t => {
    const home = await peopleOf(t);
    for (const name of ['ann', 'bob']) await addPerson(home, name, 'admin');
    const served = await serve(t, {home});
    const seat = await seatOf(t);
    await point(seat, served.path);
    const env = {...surroundings, DATA_DIR: seat.data, TERM: 'dumb'};
    const command = [...node, 'user', 'remove', 'bob'].join(' ');
    const asks = 'Remove bob, and end their logins and keys? [y/N] ';
    for (const [keys, ends] of [
      ['\n', 'Nothing was done.\r\n(130)'],
      ['\u0004', 'Nothing was done.\r\n(130)'],
      ['\u0003', '(130)'],
      ['y\n', 'bob is gone, with their logins and keys. Their jobs stay.\r\n(0)'],
    ] as const) {
      // Ctrl-C reaches the shell as well, which has to live to tell.
      const desk = {folder: seat.data, env, command: `trap : INT; ${command}; echo "($?)"`};
      const typed = typist(t, desk);
      await typed.type('', said => said.endsWith(asks));
      t.match(await typed.type(keys, said => /\(\d+\)/.test(said)), ends, JSON.stringify(keys));
      t.equal(home.store.get('users', 'bob') === undefined, keys === 'y\n');
    }
  },
);

t.test('whoever reads may stop in the middle', async t => {
  const jobs = Array.from({length: 3000}, (_, number) => jobOf(number + 1));
  const served = await serve(t, {jobs});
  const seat = await seatOf(t);
  await point(seat, served.path);
  const line = `"$@" jobs --all | head -n 2; "$@" jobs --all --json | head -c 8`;
  const child = spawn('sh', ['-c', line, 'sh', ...node], {
    env: {...surroundings, DATA_DIR: seat.data},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk;
  });
  await once(child, 'close');
  t.match(out, new RegExp(`^JOB .*\n${idOf(3000)} .*\n{"jobs":$`));
  t.equal(err, '', 'and nothing falls over');
});
