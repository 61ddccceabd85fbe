/** The command line's composition root: argv, environment, signals and exit codes meet here and nowhere else. */
import {existsSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {availableParallelism} from 'node:os';
import {fileURLToPath} from 'node:url';
import {unreachable} from '../appliance/result.ts';
import {type Invocation, readArgs} from './args.ts';
import {exitCodes} from './exit-codes.ts';
import type {Verb} from './verb.ts';
import {say, stopSignals, type World} from './world.ts';

const stop = new AbortController();

const world: World = {
  screen: {
    write: text => process.stdout.write(text),
    isTerminal: process.stdout.isTTY === true && process.env['TERM'] !== 'dumb',
    columns: () => process.stdout.columns ?? 80,
  },
  complaints: {write: text => process.stderr.write(text)},
  ask: process.stdin.isTTY === true && process.stderr.isTTY === true ? ask : null,
  signal: stop.signal,
  become(argv) {
    process.execve?.(process.execPath, [process.execPath, ...argv], process.env);
    throw new Error('this system cannot start a program in the place of another');
  },
  clock: {
    now: () => Date.now(),
    steady: () => performance.now(),
    zone: () => Intl.DateTimeFormat().resolvedOptions().timeZone,
  },
  sources: {
    env: process.env,
    root: fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, ''),
    credentialsFolder: process.env['CREDENTIALS_DIRECTORY'],
  },
  async connect(socket) {
    const {ApiClient} = await import('../appliance/api/client.ts');
    return new ApiClient({socket});
  },
};

/** On standard error: what is answered with stays by itself. Whoever types nothing more has answered nothing. */
async function ask(question: string): Promise<string> {
  const {createInterface} = await import('node:readline/promises');
  // Not as a terminal of its own: Ctrl-C is a signal here as elsewhere.
  const lines = createInterface({input: process.stdin, output: process.stderr, terminal: false});
  const ended = new Promise<string>(resolve => lines.once('close', () => resolve('')));
  try {
    return await Promise.race([lines.question(question, {signal: stop.signal}), ended]);
  } catch (cause) {
    stop.signal.throwIfAborted();
    throw cause;
  } finally {
    lines.close();
  }
}

async function main(): Promise<number> {
  const argv = process.argv.slice(2);
  const around = {folder: process.cwd(), processors: availableParallelism()};
  const read = readArgs(argv, around, await finderFor(argv[0]));
  if (read.ok) return invoke(read.value);
  const {what, verb} = read.why;
  say(world.complaints, [what, `See: dubstead help${verb === undefined ? '' : ` ${verb}`}`]);
  return exitCodes.usage;
}

/** One verb alone where a file has its name: to load all of them takes longer than many take to do their work. */
async function finderFor(word = ''): Promise<(name: string | undefined) => Verb | undefined> {
  const file = new URL(`./verbs/${word}.ts`, import.meta.url);
  if (/^[a-z]{2,20}$/.test(word) && existsSync(file)) {
    const {[word]: verb}: Readonly<Record<string, Verb | undefined>> = await import(file.href);
    if (verb !== undefined) return name => (name === verb.name ? verb : undefined);
  }
  const {verbOf} = await import('./verbs.ts');
  return verbOf;
}

async function invoke(invocation: Invocation): Promise<number> {
  switch (invocation.is) {
    case 'help':
      world.screen.write(`${(await import('./help.ts')).help(invocation.about)}\n`);
      return exitCodes.done;
    case 'version':
      world.screen.write(`dubstead ${await version()}\n`);
      return exitCodes.done;
    case 'errand':
      return invocation.errand.run(world);
    default:
      return unreachable(invocation);
  }
}

async function version(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return /"version": "([^"]+)"/.exec(text)?.[1] ?? 'of unknown version';
}

for (const name of stopSignals) {
  process.on(name, () => stop.abort());
}
// Whoever read our output may be gone: that is no reason to fall over half way.
process.stdout.on('error', () => stop.abort());

process.exitCode = await main();
