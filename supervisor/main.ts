/**
 * The daemon: reads its surroundings, starts the appliance, and brings it to rest when it is told to. The composition
 * root: only here are environment, signals, clock and chance looked at. Exit codes: 0 ended as asked, 2 a setting is
 * wrong, 5 it could not start or had a fault.
 */
import {randomBytes} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {homedir, hostname} from 'node:os';
import {join} from 'node:path';
import {type Config, readConfig} from '../appliance/config/config.ts';
import {describeFault} from '../appliance/config/fault.ts';
import {weakSecrets} from '../appliance/config/rules.ts';
import {exitCodes} from '../appliance/exit-codes.ts';
import {createLog, type Log, type LogLevel, type LogPlace, plainPlace} from '../appliance/log.ts';
import {LogFile} from '../appliance/log-file.ts';
import {describe, StoreTrouble} from '../appliance/store/trouble.ts';
import {Daemon} from './daemon.ts';
import {NotifyEnvironment, notifySettings, SystemdNotifier} from './systemd-notify.ts';

const root = join(import.meta.dirname, '..');
const now = (): number => Date.now();
const logFileBytes = 10_000_000;
const logFiles = 10;

function complain(lines: readonly string[]): void {
  process.stderr.write(`${lines.join('\n')}\n`);
}

function placeOfOutput(): LogPlace {
  const underSystemd = process.env['JOURNAL_STREAM'] !== undefined;
  return plainPlace(text => void process.stdout.write(text), underSystemd ? 'journal' : 'terminal');
}

function logOf({settings}: Config, file: LogFile): Log {
  const level: LogLevel = settings.LOG_LEVEL;
  return createLog({places: [file, placeOfOutput()], level, transcripts: settings.LOG_TRANSCRIPTS, now});
}

async function versionOf(): Promise<string> {
  const text = await readFile(join(root, 'package.json'), 'utf8');
  return /"version": "([^"]+)"/.exec(text)?.[1] ?? 'unknown';
}

/** Resolves with the signal that ends it; a second one ends it at once. */
function ending(): Promise<string> {
  const {promise, resolve} = Promise.withResolvers<string>();
  let asked = false;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (asked) process.exit(exitCodes.failed);
      asked = true;
      resolve(name);
    });
  }
  return promise;
}

/** What stands in the way, in words. */
function wordsOf(cause: unknown): readonly string[] {
  if (cause instanceof StoreTrouble) {
    const {what, fix} = describe(cause.trouble);
    return [what, fix];
  }
  return [cause instanceof Error ? cause.message : String(cause)];
}

/** The setup code of a box without users goes to the console alone: a journal is a log, and that has no secrets. */
async function greet(daemon: Daemon, log: Log): Promise<void> {
  if (process.env['JOURNAL_STREAM'] !== undefined) {
    if (daemon.hasNoUsers()) log.info({}, 'nobody can log in yet: dubstead user code shows how');
    return;
  }
  const code = await daemon.setupCode();
  if (code !== null)
    complain([
      `Nobody can log in yet. Within a day, open ${code.url}`,
      `or type the setup code ${code.code} there.`,
    ]);
}

async function run(config: Config): Promise<number> {
  const asked = ending();
  const file = new LogFile({
    path: join(config.settings.DATA_DIR, 'log/dubstead.log'),
    ...{limitBytes: logFileBytes, keep: logFiles, now},
  });
  file.start();
  const log = logOf(config, file);
  const version = await versionOf();
  const daemon = new Daemon({
    ...{config, log, root, version, now, pid: process.pid, home: homedir()},
    runtimeDir: process.env['XDG_RUNTIME_DIR'] ?? null,
    hostname: hostname(),
    compileCache: process.env['NODE_COMPILE_CACHE'] ?? null,
    steady: () => performance.now(),
    chance: () => Math.random(),
    run: randomBytes(4).toString('hex'),
  });
  const notifier = new SystemdNotifier({
    settings: notifySettings(NotifyEnvironment.safeParse(process.env).data ?? {}, process.pid),
    healthy: () => daemon.isWell(),
    onTrouble: sentence => log.warn({}, sentence),
  });
  if (config.production === null)
    for (const {name} of weakSecrets(config.settings))
      log.warn({setting: name}, 'a secret is weak: production refuses it');
  try {
    await daemon.start();
    log.info({version, control: daemon.socket, web: daemon.url, inbox: config.settings.INBOX_DIR}, 'ready');
    await greet(daemon, log);
    await notifier.ready('ready');
    notifier.start();
    // What reading the store has left behind is a third of what the daemon needs from here on, and nobody else is in a
    // hurry to let go of it. There with --expose-gc, which is how it is started.
    globalThis.gc?.({type: 'major', execution: 'sync', flavor: 'last-resort'});
    log.info({signal: await asked}, 'coming to rest');
    await notifier.stopping('coming to rest');
    await daemon.stop();
    log.info({}, 'ended');
    return exitCodes.done;
  } catch (cause) {
    log.fatal({err: cause}, 'could not start');
    complain(wordsOf(cause));
    return exitCodes.failed;
  } finally {
    await notifier.stop();
    file.stop();
  }
}

async function main(): Promise<number> {
  const {env} = process;
  const credentialsFolder = env['CREDENTIALS_DIRECTORY'];
  const read = await readConfig({env, root, ...(credentialsFolder === undefined ? {} : {credentialsFolder})});
  if (read.ok) return run(read.value);
  complain(read.why.map(describeFault));
  return exitCodes.usage;
}

process.exitCode = await main();
