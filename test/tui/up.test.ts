/** `dubstead up` as a process with a daemon below it: both are real, only the daemon does little. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t, {type Test} from 'tap';

const up = new URL('../../tui/verbs/up.ts', import.meta.url).pathname;

/** What the program's root does, with another daemon than the product's. */
const root = (daemon: string): string => `
  import {run} from '${up}';
  const hearers = new Set();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => { for (const hear of hearers) hear(name); });
  const complaints = {write: text => process.stderr.write(text)};
  const onSignal = hear => { hearers.add(hear); return () => hearers.delete(hear); };
  process.exitCode = await run({complaints, onSignal}, '${daemon}');
`;

interface Running {
  readonly child: ChildProcess;
  readonly said: () => string;
  /** Resolves when it has said so. */
  heard(word: string): Promise<void>;
  readonly ended: Promise<number | null>;
}

async function started(t: Test, program: string, launch = (argv: string[]) => argv): Promise<Running> {
  const daemon = join(t.testdir(), 'daemon.ts');
  await writeFile(daemon, program);
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', root(daemon)];
  const [command = '', ...args] = launch([process.execPath, ...flags]);
  const child = spawn(command, args, {stdio: ['ignore', 'pipe', 'pipe']});
  let text = '';
  const news = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      text += chunk;
      for (const tell of news) tell();
    });
  t.teardown(() => child.kill('SIGKILL'));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const heard = async (word: string): Promise<void> => {
    while (!text.includes(word)) await new Promise<void>(resolve => news.add(resolve));
  };
  return {child, said: () => text, heard, ended};
}

/** Keeps a daemon alive as long as whoever started it is. */
const untilOrphaned =
  'const parent = process.ppid; setInterval(() => process.ppid === parent || process.exit(1), 200);';

const obedient = `
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(name, () => { console.log('heard ' + name); if (name !== 'SIGHUP') process.exit(0); });
  ${untilOrphaned}
  console.log('ready ' + process.pid + ' ' + process.execArgv.join(' '));
`;

t.test('it gets lean flags and our output, each signal is handed on, and its end is ours', async t => {
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    const {child, said, heard, ended} = await started(t, obedient);
    await heard('ready');
    t.match(said(), /--max-semi-space-size=2 --max-old-space-size=\d+ --disable-warning=ExperimentalWarning/);
    child.kill('SIGHUP');
    await heard('heard SIGHUP');
    child.kill(name);
    t.equal(await ended, 0);
    t.match(said(), `heard ${name}\n`);
  }
});

t.test('its exit code is ours, whatever it is', async t => {
  for (const code of [0, 2, 5]) t.equal(await (await started(t, `process.exit(${code})`)).ended, code);
});

t.test('one that is killed is said to be', async t => {
  const {said, ended} = await started(t, `process.kill(process.pid, 'SIGKILL')`);
  t.equal(await ended, 137);
  t.match(
    said(),
    /^The daemon was ended by SIGKILL\.\nIts jobs are queued still: dubstead up goes on with them\.\n$/,
  );
});

t.test('a Ctrl-C at the terminal, which all of its group get, reaches the daemon once', async t => {
  const counting = `
    let heard = 0;
    process.on('SIGINT', () => { heard += 1; setTimeout(() => { console.log('heard ' + heard); process.exit(0); }, 200); });
    ${untilOrphaned}
    console.log('ready ' + process.pid);
  `;
  // setsid: a group that can be signalled as a terminal does it.
  const {child, said, heard, ended} = await started(t, counting, argv => ['setsid', ...argv]);
  await heard('ready');
  process.kill(-(child.pid ?? 0), 'SIGINT');
  t.equal(await ended, 0);
  t.match(said(), 'heard 1\n');
  const daemon = Number(/ready (\d+)/.exec(said())?.[1]);
  await t.rejects(readFile(`/proc/${daemon}/stat`), {code: 'ENOENT'}, 'and it is gone');
});
