/**
 * Owns what the daemon tells systemd: that it is ready, what it is doing, that it is going down, and that it is alive.
 * Does nothing where systemd did not start it, and a word that is not heard never stops the daemon.
 *
 * Node has no datagrams on unix sockets, so Debian's systemd-notify sends each message, from a process of its own: the
 * unit needs NotifyAccess=all. It waits until systemd has read the message, because one from a process that is gone
 * cannot be attributed to the unit.
 */
import {execFile} from 'node:child_process';
import {z} from 'zod';

export const NotifyEnvironment = z.object({
  /** A path, or with `@` a name in the abstract namespace. */
  NOTIFY_SOCKET: z
    .string()
    .regex(/^[/@]./)
    .max(108)
    .optional(),
  WATCHDOG_USEC: z
    .string()
    .regex(/^[1-9]\d{0,15}$/)
    .optional(),
  /** Whom the watchdog is meant for, when it is not everybody. */
  WATCHDOG_PID: z.string().regex(/^\d+$/).optional(),
});
export type NotifyEnvironment = z.infer<typeof NotifyEnvironment>;

export interface NotifySettings {
  readonly socket: string;
  /** Systemd ends the service when it hears nothing for this long; undefined without a watchdog. */
  readonly watchdogMs: number | undefined;
}

export type Notice =
  | {readonly is: 'ready' | 'stopping' | 'status'; readonly status: string}
  | {readonly is: 'alive'};

export interface NotifierParts {
  /** Undefined where systemd did not start this process. */
  readonly settings: NotifySettings | undefined;
  /** Whether what the daemon is for still works: that this is asked at all shows that the event loop turns. */
  readonly healthy: () => Promise<boolean>;
  /** Hears once of every kind of trouble, in a sentence. */
  readonly onTrouble: (sentence: string) => void;
  readonly program?: string;
  readonly sendLimitMs?: number;
}

const statusLimit = 200;
/** systemd-notify itself gives up waiting after five. */
const defaultSendLimitMs = 7000;
/** A Node timer of more runs at once. */
const timerLimitMs = 2 ** 31 - 1;

export function notifySettings(environment: NotifyEnvironment, pid: number): NotifySettings | undefined {
  const {NOTIFY_SOCKET: socket, WATCHDOG_USEC: usec, WATCHDOG_PID: meant} = environment;
  if (socket === undefined) return undefined;
  const isMeant = meant === undefined || Number(meant) === pid;
  return {socket, watchdogMs: usec !== undefined && isMeant ? Number(usec) / 1000 : undefined};
}

/** The assignments of one datagram, as arguments: each is one line, or what it says could add another. */
export function notifyArgv(notice: Notice): string[] {
  if (notice.is === 'alive') return ['WATCHDOG=1'];
  const status = `STATUS=${oneLine(notice.status)}`;
  if (notice.is === 'status') return [status];
  return [notice.is === 'ready' ? 'READY=1' : 'STOPPING=1', status];
}

export class SystemdNotifier {
  readonly #parts: NotifierParts;
  readonly #troubles = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #petting = false;
  /** One message after the other, so that they arrive in order. */
  #sending: Promise<void> = Promise.resolve();
  /** The status that waits to be sent; a newer one takes its place. */
  #status: string | undefined;

  constructor(parts: NotifierParts) {
    this.#parts = parts;
  }

  /** Begins to answer the watchdog, twice as often as it asks. */
  start(): void {
    const watchdogMs = this.#parts.settings?.watchdogMs;
    if (watchdogMs === undefined || this.#timer !== undefined) return;
    const everyMs = Math.min(timerLimitMs, Math.max(1, Math.floor(watchdogMs / 2)));
    this.#timer = setInterval(() => void this.#pet(everyMs), everyMs);
    void this.#pet(everyMs);
  }

  /** Resolves when systemd has heard it, or cannot. */
  ready(status: string): Promise<void> {
    return this.#queue({is: 'ready', status});
  }

  stopping(status: string): Promise<void> {
    return this.#queue({is: 'stopping', status});
  }

  /** What `systemctl status` shows: no titles in it, everybody on the box can read that. */
  status(status: string): void {
    const waits = this.#status !== undefined;
    this.#status = status;
    if (waits) return;
    this.#sending = this.#sending.then(() => {
      const latest = this.#status ?? '';
      this.#status = undefined;
      return this.#send({is: 'status', status: latest});
    });
  }

  /** Answers the watchdog no more; resolves when the last message is out. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#sending;
  }

  #queue(notice: Notice): Promise<void> {
    this.#sending = this.#sending.then(() => this.#send(notice));
    return this.#sending;
  }

  async #pet(everyMs: number): Promise<void> {
    if (this.#petting) return;
    this.#petting = true;
    try {
      if (await within(everyMs, this.#parts.healthy)) await this.#send({is: 'alive'});
      else
        this.#tell('The daemon is not well: systemd is not told that it is alive, and will start it again.');
    } finally {
      this.#petting = false;
    }
  }

  async #send(notice: Notice): Promise<void> {
    const {settings, program = 'systemd-notify', sendLimitMs = defaultSendLimitMs} = this.#parts;
    if (settings === undefined) return;
    const trouble = await run(program, notifyArgv(notice), settings.socket, sendLimitMs);
    if (trouble !== undefined)
      this.#tell(`systemd does not hear this daemon: ${trouble}. Check NotifyAccess=all in its unit.`);
  }

  #tell(sentence: string): void {
    if (this.#troubles.has(sentence) || this.#troubles.size >= 20) return;
    this.#troubles.add(sentence);
    this.#parts.onTrouble(sentence);
  }
}

/** What went wrong, undefined when it was heard. */
function run(
  program: string,
  argv: readonly string[],
  socket: string,
  limitMs: number,
): Promise<string | undefined> {
  const {promise, resolve} = Promise.withResolvers<string | undefined>();
  const env = {NOTIFY_SOCKET: socket, PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C.UTF-8'};
  const limits = {timeout: limitMs, killSignal: 'SIGKILL', maxBuffer: 1 << 16} as const;
  execFile(program, argv, {env, ...limits}, (error, _, stderr) => {
    if (error === null) return resolve(undefined);
    if (error.code === 'ENOENT') return resolve(`there is no program ${program}`);
    if (error.killed === true) return resolve(`${program} did not end within ${limitMs / 1000} s`);
    resolve(oneLine(stderr) || `${program} ended with ${error.code ?? error.signal ?? 'an error'}`);
  });
  return promise;
}

/** False when it says so, fails, or takes too long. */
async function within(limitMs: number, ask: () => Promise<boolean>): Promise<boolean> {
  const {promise: late, resolve} = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), limitMs);
  try {
    return await Promise.race([ask(), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

function oneLine(text: string): string {
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, statusLimit);
}
