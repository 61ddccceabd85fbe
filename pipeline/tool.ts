/**
 * Owns the life of one external tool: argv in, output and usage out. A tool dies with its parent, on abort, on its
 * own deadline, and never through a shell. Never decides what a failure means to the job.
 */
import {spawn} from 'node:child_process';
import {randomUUID} from 'node:crypto';
import {readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Writable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {Failed} from '../appliance/failure.ts';

export interface ToolCall {
  readonly tool: string;
  readonly argv: readonly string[];
  /** Fed to the tool and closed; text of a film goes here, never into argv, which every user of the box can read. */
  readonly stdin?: string | Uint8Array | AsyncIterable<Uint8Array>;
  readonly cwd?: string;
  readonly onStdout?: (chunk: Buffer) => void;
  /** Wall-clock limit; default ten minutes. */
  readonly limitMs?: number;
  /** RLIMIT_AS. Not for Node and not for CUDA: both reserve far more than they use. */
  readonly addressBytes?: number;
}

export interface ToolOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** What the children of one node used. */
export interface Usage {
  /** User and system time of all of them. */
  readonly cpuSeconds: number;
  /** Largest resident set among them. */
  readonly peakBytes: number;
}

export interface ToolSettings {
  /** The stage on whose behalf the tools run; it is named when one fails. */
  readonly stage: string;
  /** Scratch folder: TMPDIR of the tools, and where usage is noted. */
  readonly dir: string;
  readonly signal: AbortSignal;
  /** 0 to 19. */
  readonly niceness: number;
}

interface Ended extends ToolOutput {
  /** `exit 0`, `signal SIGSEGV`, or why it was stopped. */
  readonly exit: string;
}

const graceMs = 2000;
const defaultLimitMs = 600_000;
const stdoutLimitBytes = 64 << 20;
const stderrTailBytes = 8192;
/** Debian's home for those who have none. espeak-ng takes a HOME of over 140 bytes for its own data. */
const nowhere = '/nonexistent';
const searchPath = '/usr/local/bin:/usr/bin:/bin';

/** The whole command line of a tool: dies with its parent, at its niceness, within its limits, its usage noted. */
export function wrap(
  call: ToolCall,
  settings: {readonly usageFile: string; readonly niceness: number},
): string[] {
  const limits = call.addressBytes === undefined ? [] : ['prlimit', `--as=${call.addressBytes}`];
  // setpriv twice: the death signal does not pass through time's fork.
  return [
    ...['setpriv', '--pdeathsig', 'KILL', 'nice', '-n', String(settings.niceness)],
    ...['time', '--quiet', '--format', '%U %S %M', '--output', settings.usageFile],
    ...['setpriv', '--pdeathsig', 'KILL', ...limits, call.tool, ...call.argv],
  ];
}

export class Tools {
  readonly #settings: ToolSettings;
  #cpuSeconds = 0;
  #peakBytes = 0;

  constructor(settings: ToolSettings) {
    this.#settings = settings;
  }

  get usage(): Usage {
    return {cpuSeconds: this.#cpuSeconds, peakBytes: this.#peakBytes};
  }

  /** Runs a tool to its end. Throws Failed when it exits other than 0, runs out of time, or is stopped. */
  async run(call: ToolCall): Promise<ToolOutput> {
    const {signal, dir} = this.#settings;
    signal.throwIfAborted();
    const usageFile = join(dir, `usage-${randomUUID()}`);
    try {
      // A disk that has no room for it shows here as what it is, and not as a tool that failed.
      await writeFile(usageFile, '');
      signal.throwIfAborted();
      const ended = await this.#live(call, usageFile);
      signal.throwIfAborted();
      if (ended.exit !== 'exit 0') throw this.#failed(call, ended);
      return ended;
    } finally {
      await this.#note(usageFile);
    }
  }

  /** Runs one of our own scripts as a child on the same Node: an engine's native code can crash without harm. */
  runScript(
    script: string,
    args: readonly string[],
    call: Omit<ToolCall, 'tool' | 'argv'> = {},
  ): Promise<ToolOutput> {
    return this.run({
      ...call,
      tool: process.execPath,
      argv: ['--disable-warning=ExperimentalWarning', script, ...args],
    });
  }

  #failed(call: ToolCall, ended: Ended): Failed {
    const {stage} = this.#settings;
    const tool = call.tool === process.execPath ? 'node' : call.tool;
    return new Failed({
      reason: 'tool-failed',
      tool,
      stage,
      exit: ended.exit,
      stderr: ended.stderr.slice(-3000),
    });
  }

  #live(call: ToolCall, usageFile: string): Promise<Ended> {
    const {dir, signal, niceness} = this.#settings;
    const [program = '', ...argv] = wrap(call, {usageFile, niceness});
    const child = spawn(program, argv, {
      cwd: call.cwd ?? dir,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {PATH: searchPath, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', HOME: nowhere, TMPDIR: dir},
    });
    const limitMs = call.limitMs ?? defaultLimitMs;
    const stop = stopper(child.pid);
    let cutOff: string | undefined;
    const cut = (why: string): void => {
      cutOff ??= why;
      stop();
    };
    const deadline = setTimeout(() => cut(`no end within ${limitMs / 1000} s`), limitMs);
    signal.addEventListener('abort', stop, {once: true});

    const stdout: Buffer[] = [];
    let stdoutBytes = 0;
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      if (call.onStdout !== undefined) return call.onStdout(chunk);
      stdoutBytes += chunk.length;
      if (stdoutBytes > stdoutLimitBytes) return cut(`over ${stdoutLimitBytes >> 20} MiB of output`);
      stdout.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-stderrTailBytes);
    });
    const {promise, resolve, reject} = Promise.withResolvers<Ended>();
    feed(child.stdin, call.stdin, cause => cut(`what it was to read broke off: ${cause}`));
    child.once('error', reject);
    child.once('close', (code, killedBy) => {
      const exit = cutOff ?? (killedBy === null ? `exit ${code}` : `signal ${killedBy}`);
      resolve({stdout: Buffer.concat(stdout).toString('utf8'), stderr, exit});
    });
    return promise.finally(() => {
      clearTimeout(deadline);
      signal.removeEventListener('abort', stop);
      stop.done();
    });
  }

  async #note(usageFile: string): Promise<void> {
    const noted = await readFile(usageFile, 'utf8').catch(() => '');
    await rm(usageFile, {force: true});
    const [user = 0, system = 0, peakKilobytes = 0] = noted.trim().split(' ').map(Number);
    this.#cpuSeconds += user + system;
    this.#peakBytes = Math.max(this.#peakBytes, peakKilobytes * 1024);
  }
}

/**
 * All of it, then the end. A tool that ends before it has read everything closes the pipe: its exit says more than EPIPE
 * does.
 */
function feed(stdin: Writable, input: ToolCall['stdin'], broke: (cause: unknown) => void): void {
  stdin.on('error', () => {});
  if (typeof input !== 'object' || !(Symbol.asyncIterator in input)) {
    stdin.end(input);
    return;
  }
  pipeline(input, stdin).catch(cause => {
    if (!isPipeTrouble(cause)) broke(cause);
  });
}

function isPipeTrouble(cause: unknown): boolean {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return code === 'EPIPE' || code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}

/**
 * Ends a process group: asks first, insists after the grace. `done` is for when its leader has ended: what that left
 * behind is ended at once, and the group forgotten, so that no later process is hit.
 */
function stopper(pid: number | undefined): (() => void) & {done(): void} {
  let insist: NodeJS.Timeout | undefined;
  let ended = false;
  const send = (name: NodeJS.Signals): void => {
    if (ended || pid === undefined) return;
    try {
      process.kill(-pid, name);
    } catch {
      // The group is gone already.
    }
  };
  const stop = (): void => {
    send('SIGTERM');
    insist ??= setTimeout(() => send('SIGKILL'), graceMs);
  };
  const done = (): void => {
    send('SIGKILL');
    ended = true;
    clearTimeout(insist);
  };
  return Object.assign(stop, {done});
}
