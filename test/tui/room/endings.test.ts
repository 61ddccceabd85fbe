/** How the room ends, whatever ends it: the terminal is as it was, and nothing of it is left behind. */
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {command, type Glass} from '../../../scripts/glass.ts';
import {childrenOf, glassOn, gone, isAlive, keys} from './rooms.ts';

/** Says how the terminal was left, once Enter says that all of the room has gone. */
const around = `a=$(stty -g); "$@"; code=$?; echo "left with $code"; read -r; b=$(stty -g); [ "$a" = "$b" ] && echo "SAME" || echo "CHANGED"`;

interface Opened {
  readonly glass: Glass;
  /** The wrapper, and the Node that draws. */
  readonly shell: number;
  readonly node: number;
}

/** A room on a terminal whose owner is a shell, with no daemon there: how it ends has nothing to do with one. */
async function opened(t: Test, env: Readonly<Record<string, string>> = {}, words: readonly string[] = []) {
  const folder = await mkdtemp(join(tmpdir(), 'box-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  const argv = ['-c', around, 'bash', command, 'tui', ...words];
  const glass = glassOn(t, argv, {program: '/bin/bash', env: {DATA_DIR: folder, ...env}});
  await glass.shows('THE DAEMON IS DOWN');
  const [shell = 0] = await childrenOf(glass.pty.pid);
  const [node = 0] = await childrenOf(shell);
  if (shell === 0 || node === 0) throw new Error('the room has no processes');
  return {glass, shell, node} satisfies Opened;
}

async function isSane(t: Test, {glass, shell, node}: Opened, code: RegExp): Promise<void> {
  await gone(node);
  await gone(shell);
  await glass.shows(code);
  // Where a carriage return is none, this one counts.
  glass.press('\n');
  await glass.shows(/SAME|CHANGED/);
  t.match(glass.text, 'SAME', 'the terminal has its modes back');
  t.notOk(glass.isAlternate, 'the other buffer is left');
  t.ok(glass.isCursorShown, 'the cursor is to be seen');
  t.notMatch(glass.text, 'Doctor', 'nothing of the screen is left');
  await glass.ended();
}

async function leaves({glass}: Opened, key: string): Promise<void> {
  glass.press(key);
  await glass.shows('Leave?');
  glass.press(keys.enter);
}

for (const [how, end, code] of [
  ['q', room => leaves(room, 'q'), /left with 0/],
  ['Ctrl-C', room => leaves(room, keys.control), /left with 0/],
  ['SIGTERM to Node', ({node}) => process.kill(node, 'SIGTERM'), /left with 0/],
  ['SIGHUP to Node', ({node}) => process.kill(node, 'SIGHUP'), /left with 0/],
  ['SIGKILL to Node', ({node}) => process.kill(node, 'SIGKILL'), /ended by itself \(137\).*left with 137/s],
  ['SIGTERM to its shell', ({shell}) => process.kill(shell, 'SIGTERM'), /^/],
  ['SIGKILL to its shell', ({shell}) => process.kill(shell, 'SIGKILL'), /^/],
] as const satisfies readonly (readonly [string, (room: Opened) => unknown, RegExp])[]) {
  t.test(`left by ${how}, the terminal is as it was`, async t => {
    const room = await opened(t);
    t.ok(room.glass.isAlternate);
    t.notOk(room.glass.isCursorShown);
    await end(room);
    await isSane(t, room, code);
  });
}

for (const [how, says] of [
  ['throws', `throw new Error('a crash for a test')`],
  ['rejects', `Promise.reject(new Error('a crash for a test'))`],
] as const) {
  t.test(
    `when something ${how} that nobody catches, why can be read on a terminal that is as it was`,
    async t => {
      const folder = await mkdtemp(join(tmpdir(), 'crash-'));
      t.teardown(() => rm(folder, {recursive: true, force: true}));
      const crash = join(folder, 'crash.cjs');
      await writeFile(crash, `process.on('SIGUSR2', () => {${says}});`);
      const room = await opened(t, {NODE_OPTIONS: `--require ${crash}`});
      process.kill(room.node, 'SIGUSR2');
      await isSane(t, room, /left with [1-9]/);
      t.match(room.glass.text, 'a crash for a test');
    },
  );
}

t.test('settings that are wrong are told in words on a terminal that is as it was', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'box-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  const argv = ['-c', around, 'bash', command, 'tui'];
  const env = {DATA_DIR: folder, JOBS_RUNNING: 'lots'};
  const glass = glassOn(t, argv, {program: '/bin/bash', env});
  await glass.shows(/left with 2/);
  glass.press('\n');
  await glass.shows(/SAME|CHANGED/);
  t.match(glass.text, 'SAME');
  t.match(glass.text, /JOBS_RUNNING/);
  t.notOk(glass.isAlternate);
  t.ok(glass.isCursorShown);
});

/** Among those that look for what is wrong with the box. */
async function shellOf(node: number): Promise<number> {
  for (const pid of await childrenOf(node))
    if ((await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')).startsWith('/bin/bash'))
      return pid;
  return 0;
}

t.test('a shell is there for those who want one, and ends with the room', async t => {
  const without = await opened(t);
  without.glass.press('!');
  await without.glass.shows('TUI_SHELL=1 dubstead tui has one');
  const looking = await opened(t, {TUI_SHELL: '1'}, ['--read-only']);
  looking.glass.press('!');
  await looking.glass.shows('Read only: there is no shell here.');

  const room = await opened(t, {TUI_SHELL: '1', SHELL: '/bin/bash', PS1: 'ready$ '});
  const {glass, node} = room;
  t.equal(await shellOf(node), 0, 'no shell yet');
  glass.press('!');
  await glass.shows(/[$#] *$/m);
  const shell = await shellOf(node);
  glass.press(`echo $((6*7))${keys.enter}`);
  await glass.shows(/^42 *$/m);
  glass.press(`mark=kept${keys.enter}${keys.leaveShell}`);
  await glass.shows('Doctor');
  await glass.shows(/^1Status/m);
  t.ok(await isAlive(shell), 'it goes on');
  glass.press('!');
  await glass.shows(/^42 *$/m);
  glass.press(`echo $mark${keys.enter}`);
  await glass.shows(/^kept +\d* *$/m);
  glass.press(`exit${keys.enter}`);
  await glass.shows('The shell has ended.');
  await gone(shell);
  glass.press('!');
  await glass.shows(({text}) => /[$#] *$/m.test(text) && !text.includes('42'));
  const second = await shellOf(node);
  t.not(second, shell);
  t.ok(await isAlive(second));
  process.kill(node, 'SIGKILL');
  await isSane(t, room, /left with 137/);
  await gone(second);
});
