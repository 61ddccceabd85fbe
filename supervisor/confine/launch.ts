/**
 * Owns one confined process from its start until nothing of it runs any more: its group, its jail, its cgroup. Never
 * reads what it says, never decides that it should end.
 */
import {type ChildProcess, execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFile} from 'node:fs/promises';
import {constants} from 'node:os';
import {Duplex, type Readable} from 'node:stream';
import {setTimeout as wait} from 'node:timers/promises';
import {promisify} from 'node:util';
import {no, ok, type Result} from '../../appliance/result.ts';
import {closeCgroup, joinCgroup, makeCgroup, ranOutOfMemory} from './cgroup.ts';
import type {Confined} from './confine.ts';
import {jailDescriptors, outOf} from './jail.ts';
import {endStrays} from './strays.ts';

export interface Launched {
  readonly pid: number;
  /** Both are kept for whoever reads them as they are iterated, however late. */
  readonly wire: Duplex;
  readonly stderr: Readable;
  /** `exit 0`, `signal SIGKILL`. Its group and its jail have been told to end when this resolves. */
  readonly exited: Promise<string>;
  /** To the whole group. A jail ends at either of them. */
  send(signal: 'SIGTERM' | 'SIGKILL'): void;
  /** After the exit: ends what is left and resolves when it is gone. */
  gone(): Promise<Gone>;
}

export interface Gone {
  /** False when something of it still runs, in spite of all. */
  readonly clean: boolean;
  readonly outOfMemory: boolean;
}

/** A process that cannot be taken for a later one of the same number. */
interface Process {
  readonly pid: number;
  readonly started: string;
}

const goneLimitMs = 10_000;
const killLimitMs = 20_000;
const infoLimitBytes = 4096;

/** Starts it, or says why that did not work. */
export async function launch(confined: Confined): Promise<Result<Launched, string>> {
  const {cgroup, isolation} = confined;
  const why = cgroup === null ? undefined : await makeCgroup(cgroup).then(() => undefined, wordsOf);
  if (why !== undefined) return abandon(confined, why);
  const child = start(confined);
  const exited = exitOf(child);
  const failure = await once(child, 'spawn').then(() => undefined, wordsOf);
  const {pid, stderr} = child;
  const wire = child.stdio[3];
  if (failure !== undefined || pid === undefined) return abandon(confined, failure ?? 'it has no number');
  if (!(wire instanceof Duplex) || stderr === null) throw new Error('a job process without a wire');
  for (const stream of [wire, stderr]) keepUnread(stream);
  // A jail that dies while it is built breaks what it is told by; its exit says more.
  for (const stream of child.stdio.slice(4)) stream?.on('error', () => {});
  const first = isolation === 'jail' ? await firstInside(child) : undefined;
  const apart = await settle(confined, child, first?.pid);
  if (apart !== undefined) {
    kill(-pid, 'SIGKILL');
    await exited;
    await new Ending(confined, first).gone();
    return no(apart);
  }
  let over = false;
  return ok({
    ...{pid, wire, stderr},
    exited: exited.then(async exit => {
      over = true;
      // bubblewrap dies with us, and the jail with it: but not one that is only just being built.
      if (first !== undefined && (await startOf(first.pid)) === first.started) kill(first.pid, 'SIGKILL');
      return exit;
    }),
    send: signal => {
      if (!over) kill(-pid, signal);
    },
    gone: () => new Ending(confined, first).gone(),
  });
}

function start({argv: [program = '', ...args], env, job, isolation, cgroup}: Confined): ChildProcess {
  // Only what somebody takes: one descriptor more would end up with the job.
  const extra: 'pipe'[] = isolation !== 'jail' ? [] : cgroup === null ? ['pipe'] : ['pipe', 'pipe'];
  return spawn(program, args, {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', ...extra],
    ...{cwd: outOf(job), env},
    // A group of its own, so that all of it can be ended at once; and no terminal.
    detached: true,
  });
}

function keepUnread(stream: Readable): void {
  // Whoever reads it hears of errors; one that comes when nobody reads any more is no news.
  stream.on('error', () => {});
  // Node throws away what a child that ended has said to nobody, unless somebody listens for it in this way.
  stream.on('readable', () => {});
}

/** Puts it into its cgroup while it waits, and lets it go on. Words, when that did not work. */
async function settle(
  {cgroup, isolation}: Confined,
  child: ChildProcess,
  first: number | undefined,
): Promise<string | undefined> {
  if (cgroup === null || child.pid === undefined) return undefined;
  // A jail that could not be built ends by itself, and says why on stderr.
  if (isolation === 'jail' && first === undefined) return undefined;
  try {
    for (const pid of first === undefined ? [child.pid] : [child.pid, first]) await joinCgroup(cgroup, pid);
  } catch (cause) {
    // One that has ended already is heard of by its exit.
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ESRCH')) return wordsOf(cause);
  }
  const block = child.stdio.at(jailDescriptors.block);
  if (block instanceof Duplex) block.end('.');
  return undefined;
}

async function abandon({cgroup}: Confined, why: string): Promise<Result<never, string>> {
  if (cgroup !== null) await closeCgroup(cgroup.folder);
  return no(why);
}

function exitOf(child: ChildProcess): Promise<string> {
  const {promise, resolve} = Promise.withResolvers<string>();
  child.once('error', () => resolve('no start'));
  child.once('exit', (code, signal) => {
    // At once: until something else is started its number can only be its group's.
    if (child.pid !== undefined) kill(-child.pid, 'SIGKILL');
    resolve(signal === null ? exitWord(code ?? 0) : `signal ${signal}`);
  });
  return promise;
}

/** bubblewrap, like a shell, tells a signal as 128 and its number. */
export function exitWord(code: number): string {
  const name = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  return code > 128 && name !== undefined ? `signal ${name}` : `exit ${code}`;
}

/** The jail's first process: when that is gone, the kernel has ended everything else in there. */
async function firstInside(child: ChildProcess): Promise<Process | undefined> {
  const stream = child.stdio.at(jailDescriptors.info);
  if (!(stream instanceof Duplex)) return undefined;
  let text = '';
  try {
    for await (const chunk of stream) {
      text += chunk;
      if (text.includes('}') || text.length > infoLimitBytes) break;
    }
  } catch {
    // A bubblewrap that failed has told nothing; its exit is heard elsewhere.
  }
  stream.destroy();
  const pid = Number(/"child-pid":\s*(\d+)/.exec(text)?.[1] ?? 0);
  const started = pid === 0 ? undefined : await startOf(pid);
  return started === undefined ? undefined : {pid, started};
}

/** The end of what a process leaves behind. */
class Ending {
  readonly #confined: Confined;
  readonly #first: Process | undefined;

  constructor(confined: Confined, first: Process | undefined) {
    this.#confined = confined;
    this.#first = first;
  }

  async gone(): Promise<Gone> {
    const {cgroup, isolation, job, kill: argv} = this.#confined;
    const outOfMemory = cgroup !== null && (await ranOutOfMemory(cgroup));
    const parts = [
      this.#first === undefined ? true : await endProcess(this.#first),
      cgroup === null ? true : await closeCgroup(cgroup.folder),
      argv === null ? true : await runKill(argv),
      isolation === 'jail' ? true : await endStrays(job),
    ];
    return {clean: parts.every(Boolean), outOfMemory};
  }
}

async function endProcess({pid, started}: Process): Promise<boolean> {
  for (const from = performance.now(); performance.now() - from < goneLimitMs; await wait(2)) {
    if ((await startOf(pid)) !== started) return true;
    kill(pid, 'SIGKILL');
  }
  return false;
}

/** In ticks since boot; undefined when there is none, or only what its parent has not asked about yet. */
async function startOf(pid: number): Promise<string | undefined> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

async function runKill([program = '', ...argv]: readonly string[]): Promise<boolean> {
  const run = promisify(execFile)(program, argv, {timeout: killLimitMs, killSignal: 'SIGKILL'});
  return run.then(
    () => true,
    () => false,
  );
}

function kill(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}

function wordsOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
