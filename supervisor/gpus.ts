/**
 * Owns what is known of the graphics cards: asked of a child process, at most every so often, and remembered. Never
 * waits longer than its limit, never throws, and leaves no child behind.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {z} from 'zod';

export const Gpu = z.object({
  name: z.string().max(200),
  /** Null for what the card or its driver does not tell. */
  totalBytes: z.number().nonnegative().nullable(),
  usedBytes: z.number().nonnegative().nullable(),
  /** Share of the time it worked, 0 to 1. */
  busy: z.number().min(0).max(1).nullable(),
  celsius: z.number().nullable(),
});
export type Gpu = z.infer<typeof Gpu>;

const Cards = z.array(Gpu).max(64);

export type GpuReading =
  | {readonly is: 'known'; readonly gpus: readonly Gpu[]}
  | {readonly is: 'unknown'; readonly why: string};

export interface GpuParts {
  /** Milliseconds that never jump. */
  readonly steady: () => number;
  /** How long one look may take; a first look at a card that sleeps takes seconds. */
  readonly limitMs?: number;
  /** Where lspci and nvidia-smi are looked for. */
  readonly searchPath?: string;
  /** Where the kernel lists the devices of the machine. */
  readonly devices?: string;
}

const program = fileURLToPath(new URL('./graphics.ts', import.meta.url));
const outputLimitBytes = 1 << 16;
/** The first two digits of a device's class: a display or a processor for graphics. */
const displayClass = /^0x03/;

export class Gpus {
  readonly #parts: GpuParts;
  #reading: GpuReading = {is: 'unknown', why: 'nobody has looked yet'};
  #readAtMs: number | undefined;
  #looking: Promise<GpuReading> | undefined;
  #end: (() => void) | undefined;
  #stopped = false;

  constructor(parts: GpuParts) {
    this.#parts = parts;
  }

  /** What was seen last; when that is older, or nothing was seen yet, a look is begun and its result is there later. */
  within(ageMs: number): GpuReading {
    const age =
      this.#readAtMs === undefined ? Number.POSITIVE_INFINITY : this.#parts.steady() - this.#readAtMs;
    if (age > ageMs && !this.#stopped) void this.look();
    return this.#reading;
  }

  /** Looks now; whoever asks meanwhile gets the same answer. */
  look(): Promise<GpuReading> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#end?.();
    await this.#looking;
  }

  async #look(): Promise<GpuReading> {
    const {devices = '/sys/bus/pci/devices'} = this.#parts;
    const cards = await cardsIn(devices);
    // Starting a process to be told that there is nothing would be most of what an idle daemon costs.
    this.#reading = cards === 0 || this.#stopped ? {is: 'known', gpus: []} : await this.#ask(cards);
    this.#readAtMs = this.#parts.steady();
    return this.#reading;
  }

  #ask(cards: number | undefined): Promise<GpuReading> {
    const {limitMs = 20_000, searchPath = '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin'} = this.#parts;
    const argv = ['--pdeathsig', 'KILL', process.execPath, '--disable-warning=ExperimentalWarning', program];
    const child = spawn('setpriv', argv, {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
      env: {PATH: searchPath, LC_ALL: 'C'},
    });
    const {promise, resolve} = Promise.withResolvers<GpuReading>();
    let cutOff: string | undefined;
    const cut = (why: string): void => {
      cutOff ??= why;
      endGroup(child);
    };
    const timer = setTimeout(() => cut(`the drivers gave no answer within ${limitMs / 1000} s`), limitMs);
    this.#end = () => cut('the daemon is going down');
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (text.length > outputLimitBytes) cut('the answer is too long');
    });
    child.once('error', ({message}) =>
      resolve({is: 'unknown', why: `the look at the graphics cards cannot be started (${message})`}),
    );
    // What it started ends with it; then nobody holds its output open any more.
    child.once('exit', () => endGroup(child));
    child.once('close', code =>
      resolve(cutOff === undefined ? parsed(text, code, cards) : {is: 'unknown', why: cutOff}),
    );
    return promise.finally(() => {
      clearTimeout(timer);
      this.#end = undefined;
    });
  }
}

function endGroup({pid}: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
}

function parsed(text: string, code: number | null, cards: number | undefined): GpuReading {
  if (code !== 0)
    return {is: 'unknown', why: `the look at the graphics cards ended with ${code ?? 'a signal'}`};
  try {
    const gpus = Cards.parse(JSON.parse(text));
    if (gpus.length > 0 || cards === undefined) return {is: 'known', gpus};
    return {
      is: 'unknown',
      why: `${cards} graphics cards are not listed: install the Debian package pciutils`,
    };
  } catch {
    return {is: 'unknown', why: 'the look at the graphics cards gave no list'};
  }
}

/** How many devices for graphics the kernel knows; undefined when it does not list devices. */
async function cardsIn(devices: string): Promise<number | undefined> {
  try {
    const classes = (await readdir(devices)).map(name => readFile(join(devices, name, 'class'), 'utf8'));
    const found = await Promise.allSettled(classes);
    return found.filter(each => each.status === 'fulfilled' && displayClass.test(each.value)).length;
  } catch {
    return undefined;
  }
}
