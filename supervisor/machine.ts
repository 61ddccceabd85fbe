/**
 * Owns what the machine has and what of it is free: processors, memory, disks, graphics cards. Every reading has a
 * limit and none of them throws: what is not known is said to be unknown. Never decides what is too little.
 *
 * A look costs half a millisecond of a processor without cards; `Gpus` bounds what those cost.
 */
import {readFile, stat, statfs} from 'node:fs/promises';
import {availableParallelism, totalmem} from 'node:os';
import {type GpuReading, Gpus} from './gpus.ts';
import {type Flow, Traffic} from './traffic.ts';

export interface MachineParts {
  /** Folders by what they are to people: `data`, `inbox`. */
  readonly folders: Readonly<Record<string, string>>;
  /** Milliseconds that never jump. */
  readonly steady: () => number;
  readonly limitMs?: number;
  readonly gpus?: Pick<Gpus, 'within' | 'look' | 'stop'>;
  /** Where the kernel tells of itself. */
  readonly proc?: string;
  /** Never rejects. */
  readonly placeOf?: (path: string) => Promise<Place>;
}

export interface MachineReading {
  readonly processors: {
    readonly count: number;
    /** Share that was busy since the reading before, 0 to 1; null at first. */
    readonly busy: number | null;
  };
  readonly memory: {
    readonly totalBytes: number;
    /** What programs can have without swapping. */
    readonly freeBytes: number | null;
    /** Of this process. */
    readonly ownBytes: number;
  };
  readonly disks: readonly Disk[];
  readonly gpus: GpuReading;
  /** Over all interfaces since a reading before; null at first. */
  readonly network: Flow | null;
}

export interface Disk {
  readonly name: string;
  readonly path: string;
  readonly space: Space;
  /** The first of the folders that lies on the same file system: what is free is free only once. */
  readonly sharedWith: string | null;
}

export type Space =
  | {
      readonly is: 'known';
      readonly totalBytes: number;
      readonly freeBytes: number;
      /** Null on a file system that makes them as it needs them. */
      readonly freeInodes: number | null;
    }
  | {readonly is: 'unknown'; readonly why: string};

export interface Place {
  readonly device: number | null;
  readonly space: Space;
}

interface Ticks {
  readonly busy: number;
  readonly all: number;
}

const defaultLimitMs = 2000;
/** Nothing in this house changes faster, and a look at a card takes a process of its own. */
const gpuAgeMs = 300_000;

export class Machine {
  readonly #parts: MachineParts;
  readonly #gpus: Pick<Gpus, 'within' | 'look' | 'stop'>;
  /** A file system that hangs keeps a thread of four: it is asked again only once it has answered. */
  readonly #asking = new Map<string, Promise<Place>>();
  readonly #traffic = new Traffic();
  #ticks: Ticks | undefined;

  constructor(parts: MachineParts) {
    this.#parts = parts;
    this.#gpus = parts.gpus ?? new Gpus({steady: parts.steady});
  }

  /** All there is to know now. Cards are as they were at most `gpusWithinMs` ago, or are being looked at. */
  async read(gpusWithinMs: number = gpuAgeMs): Promise<MachineReading> {
    const [busy, memory, disks, network] = await Promise.all([
      ...([this.#busy(), this.#memory(), this.#disks()] as const),
      this.#network(),
    ]);
    const gpus = this.#gpus.within(gpusWithinMs);
    return {processors: {count: availableParallelism(), busy}, memory, disks, gpus, network};
  }

  /** Has the cards looked at again when what is known of them is older; what is seen is in a later reading. */
  renewGpus(withinMs: number): void {
    this.#gpus.within(withinMs);
  }

  /** Looks at the cards now: before a first job is started, and where nothing older will do. */
  lookAtGpus(): Promise<GpuReading> {
    return this.#gpus.look();
  }

  stop(): Promise<void> {
    return this.#gpus.stop();
  }

  async #busy(): Promise<number | null> {
    const ticks = ticksIn(await this.#kernel('stat'));
    const before = this.#ticks;
    this.#ticks = ticks;
    if (ticks === undefined || before === undefined || ticks.all <= before.all) return null;
    return Math.min(1, Math.max(0, (ticks.busy - before.busy) / (ticks.all - before.all)));
  }

  async #network(): Promise<Flow | null> {
    const text = await this.#kernel('net/dev');
    return this.#traffic.heard(text, this.#parts.steady());
  }

  async #memory(): Promise<MachineReading['memory']> {
    const available = /^MemAvailable:\s+(\d+) kB$/m.exec((await this.#kernel('meminfo')) ?? '')?.[1];
    const freeBytes = available === undefined ? null : Number(available) * 1024;
    const ownBytes = process.memoryUsage.rss();
    const all = totalmem();
    // In a control group with a limit that is what there is; without one the kernel answers with a number beyond all.
    const limit = process.constrainedMemory();
    if (limit === 0 || limit >= all) return {totalBytes: all, freeBytes, ownBytes};
    const left = process.availableMemory();
    return {totalBytes: limit, freeBytes: freeBytes === null ? left : Math.min(freeBytes, left), ownBytes};
  }

  async #disks(): Promise<Disk[]> {
    const folders = Object.entries(this.#parts.folders);
    const places = await Promise.all(folders.map(([, path]) => this.#place(path)));
    return folders.map(([name, path], i) => {
      const {space, device} = places[i] ?? unknown('it was not read');
      const first = places.findIndex(other => device !== null && other.device === device);
      return {
        name,
        path,
        space,
        sharedWith: first < i && first !== -1 ? (folders[first]?.[0] ?? null) : null,
      };
    });
  }

  async #place(path: string): Promise<Place> {
    const {limitMs = defaultLimitMs, placeOf: ask = placeOf} = this.#parts;
    const asking = this.#asking.get(path) ?? ask(path);
    this.#asking.set(path, asking);
    void asking.then(() => this.#asking.delete(path));
    return within(limitMs, asking, unknown(`${path} gave no answer within ${limitMs / 1000} s`));
  }

  async #kernel(name: 'stat' | 'meminfo' | 'net/dev'): Promise<string | undefined> {
    const {proc = '/proc', limitMs = defaultLimitMs} = this.#parts;
    const text = readFile(`${proc}/${name}`, 'utf8').catch(() => undefined);
    return within(limitMs, text, undefined);
  }
}

/** Never rejects. */
export async function placeOf(path: string): Promise<Place> {
  try {
    const [{dev}, {bavail, blocks, bsize, ffree, files}] = await Promise.all([stat(path), statfs(path)]);
    const [totalBytes, freeBytes] = [blocks * bsize, bavail * bsize];
    const freeInodes = files === 0 ? null : ffree;
    return {device: dev, space: {is: 'known', totalBytes, freeBytes, freeInodes}};
  } catch (cause) {
    return unknown(cause instanceof Error ? cause.message : String(cause));
  }
}

function unknown(why: string): Place {
  return {device: null, space: {is: 'unknown', why}};
}

/** Of all processors together, from the line that the kernel writes first. */
function ticksIn(text: string | undefined): Ticks | undefined {
  const line = /^cpu +([\d ]+)$/m.exec(text ?? '')?.[1];
  if (line === undefined) return undefined;
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, interrupts = 0, soft = 0, stolen = 0] = line
    .split(' ')
    .map(Number);
  const busy = user + nice + system + interrupts + soft + stolen;
  return {busy, all: busy + idle + waiting};
}

async function within<T>(limitMs: number, work: Promise<T>, late: T): Promise<T> {
  const {promise, resolve} = Promise.withResolvers<T>();
  const timer = setTimeout(() => resolve(late), limitMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
