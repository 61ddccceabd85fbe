/** The room on the terminals that there are: by their names, inside tmux, without colour, and where nothing can be drawn. */
import {execFile} from 'node:child_process';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import t, {type Test} from 'tap';
import {UserName} from '../../../appliance/job.ts';
import {command, type Glass} from '../../../scripts/glass.ts';
import {testBox} from '../../supervisor/daemons.ts';
import {flawOf, framed, glassOn, keys, roomOf, told} from './rooms.ts';

const exec = promisify(execFile);

async function emptyFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'box-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  return folder;
}

/** Every parameter of every colour or attribute that was sent. */
function looksOf({raw}: Glass): ReadonlySet<string> {
  return new Set(
    [...raw.matchAll(/\x1b\[([0-9;:]*)m/g)].flatMap(([, parameters = '']) => parameters.split(/[;:]/)),
  );
}

/** It has something well and something wrong on it, and needs no daemon. */
async function doctorOn(
  t: Test,
  env: Readonly<Record<string, string>>,
  words: readonly string[] = [],
): Promise<Glass> {
  const DATA_DIR = await emptyFolder(t);
  const glass = glassOn(t, ['tui', 'doctor', ...words], {env: {DATA_DIR, ...env}});
  await glass.shows(/^ well +Settings.*No daemon answers/ms);
  await glass.shows(glass => flawOf(glass) === undefined);
  return glass;
}

for (const TERM of [
  'xterm-256color',
  'tmux-256color',
  'screen',
  'linux',
  'vt220',
  'a-terminal-nobody-knows',
]) {
  t.test(`TERM=${TERM}`, async t => {
    const DATA_DIR = await emptyFolder(t);
    const glass = glassOn(t, ['tui', '--read-only'], {env: {DATA_DIR, TERM}});
    await glass.shows('THE DAEMON IS DOWN');
    glass.press('?');
    await framed(glass, 'Help');
    glass.press(`q${keys.down}2`);
    await glass.shows('The daemon is down: 1 says more.');
    await glass.shows(glass => flawOf(glass) === undefined);
    glass.press(':quit');
    await framed(glass, 'Go to');
    glass.press(keys.enter);
    t.match(await glass.ended(), {exitCode: 0});
    t.ok(glass.isCursorShown);
    t.notOk(glass.isAlternate);
    t.equal(glass.text.trim(), '', 'nothing of it is left behind');
  });
}

t.test('inside a tmux', async t => {
  const folder = await emptyFolder(t);
  const tmux = ['-L', 'dubstead', '-f', '/dev/null'];
  const env = {DATA_DIR: folder, TMUX_TMPDIR: folder};
  const surroundings = {PATH: process.env['PATH'], ...env};
  const ask = async (...argv: readonly string[]): Promise<string> =>
    (await exec('tmux', [...tmux, ...argv], {env: surroundings})).stdout;
  const words = ['new-session', '-x', '80', '-y', '24', `'${command}' tui; echo it was left with $?; cat`];
  const glass = glassOn(t, ['-u', ...tmux, ...words, ';', 'set', '-g', 'status', 'off'], {
    program: 'tmux',
    env,
  });
  t.teardown(() => ask('kill-server').catch(() => {}));
  await glass.shows(/THE DAEMON IS DOWN.* s starts it/s);
  await glass.shows(glass => flawOf(glass) === undefined);
  glass.press('?');
  await framed(glass, 'Help');
  const captured = (await ask('capture-pane', '-p')).split('\n');
  t.strictSame(
    captured.slice(1, 24).map(row => row.trimEnd()),
    glass.rows.slice(1).map(row => row.trimEnd()),
  );
  glass.resize(100, 40);
  await glass.shows(glass => glass.text.includes('Ctrl-L') && flawOf(glass) === undefined);
  await framed(glass, 'Help');
  glass.press('qq');
  await framed(glass, 'Leave?');
  glass.press(keys.enter);
  await glass.shows(({text}) => text.includes('it was left with 0') && !text.includes('THE DAEMON IS DOWN'));
  await ask('kill-server');
  await glass.ended();
});

t.test('colours are those of the theme, and none where none are wanted', async t => {
  const [usual, safe, plain] = await Promise.all([
    doctorOn(t, {}),
    doctorOn(t, {}, ['--theme', 'safe']),
    doctorOn(t, {NO_COLOR: '1'}),
  ]);
  t.ok(
    ['31', '32', '36'].every(one => looksOf(usual).has(one)),
    [...looksOf(usual)].join(' '),
  );
  t.notOk(
    ['31', '32', '91', '92'].some(one => looksOf(safe).has(one)),
    [...looksOf(safe)].join(' '),
  );
  t.ok(looksOf(safe).has('34'));
  t.notOk(
    [...looksOf(plain)].some(one => /^(3[0-8]|4[0-8]|9[0-7]|10[0-7])$/.test(one)),
    [...looksOf(plain)].join(' '),
  );
  t.ok(looksOf(plain).has('7'), 'where the cursor is, is seen all the same');
});

t.test('where nothing can be drawn, the command that says the same is named', async t => {
  const DATA_DIR = await emptyFolder(t);
  const dumb = glassOn(t, ['tui', 'jobs'], {env: {DATA_DIR, TERM: 'dumb'}, columns: 200});
  t.match(await dumb.ended(), {exitCode: 3});
  t.match(dumb.text, 'This terminal (TERM=dumb) cannot show a screen.');
  t.match(dumb.text, 'The same in words: dubstead jobs.');
  t.notMatch(dumb.raw, '\x1b[');
  const env = {PATH: process.env['PATH'], DATA_DIR, TERM: 'xterm-256color'};
  const piped = await exec(command, ['tui', 'storage'], {env}).then(
    () => null,
    (cause: {readonly code: number; readonly stdout: string; readonly stderr: string}) => cause,
  );
  t.match(piped, {code: 3, stdout: '', stderr: /This is no terminal.*\n.*dubstead storage\./});
});

t.test('only what changed is drawn', async t => {
  const box = await testBox(t);
  await box.start();
  for (const name of ['ann', 'bob', 'cho'].map(word => UserName.parse(word)))
    await told(box.client.call('users.add', {body: {name, role: 'viewer', password: null}}));
  const glass = roomOf(t, box, ['sessions']);
  glass.press(keys.tab);
  await glass.shows(/^ cho/m);
  const tick = async (): Promise<number> => {
    const [clock] = /\d\d:\d\d:\d\d/.exec(glass.rows[0] ?? '') ?? [];
    await glass.shows(({rows}) => !(rows[0] ?? '').includes(clock ?? 'none'));
    return glass.bytes;
  };
  await tick();
  const cursorOf = (): number =>
    glass.rows.findIndex(
      (_, row) => (glass.emulator.buffer.active.getLine(row)?.getCell(2)?.isInverse() ?? 0) !== 0 && row > 1,
    );
  const [from, row] = [await tick(), cursorOf()];
  glass.press(keys.down);
  await glass.shows(() => cursorOf() === row + 1);
  t.ok(glass.bytes - from < 400, `a key costs ${glass.bytes - from} bytes`);
  const quiet = await tick();
  const second = (await tick()) - quiet;
  t.ok(second > 0 && second < 300, `a second costs ${second} bytes`);
});
