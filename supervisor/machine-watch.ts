/**
 * Owns what is known of the machine at any moment: read anew now and then, so that whoever asks need not wait. Never
 * decides what is too little.
 */
import type {Status} from '../appliance/api/status.ts';
import type {Settings} from '../appliance/config/settings.ts';
import type {DataFolders} from './folders.ts';
import type {Gpu} from './gpus.ts';
import {type Disk, Machine, type MachineReading} from './machine.ts';
import type {Machine as Room} from './queue/schedule.ts';
import {minimumFreeBytes, processorsOf} from './setting.ts';

export type Readings = Pick<Status, 'disks' | 'gpus' | 'memory' | 'network' | 'processors'>;

export interface MachineGround {
  readonly folders: DataFolders;
  readonly settings: Settings;
  /** Jobs that run now. */
  readonly running: () => number;
  /** A reading is there. */
  readonly changed: () => void;
  /** Milliseconds that never jump. */
  readonly steady: () => number;
}

const everyMs = 15_000;
/** While somebody looks, how old what is told of the cards may be; a look costs a process, where there are any. */
const watchedGpuAgeMs = 20_000;

interface Folder {
  /** `data`, `dubs`, `inbox`. */
  readonly what: string;
  readonly path: string;
}

export class MachineWatch {
  readonly #ground: MachineGround;
  readonly #machine: Machine;
  #reading: MachineReading | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(ground: MachineGround) {
    const {folders, settings, steady} = ground;
    this.#ground = ground;
    const {INBOX_DIR: inbox, OUTPUT_DIR: dubs} = settings;
    this.#machine = new Machine({folders: {data: folders.root, dubs, inbox}, steady});
  }

  /** Resolves after the first reading. */
  async start(): Promise<void> {
    await this.read();
    this.#timer = setInterval(() => void this.read().then(this.#ground.changed), everyMs);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#machine.stop();
  }

  /** Folders that cannot be looked into. */
  get away(): readonly Folder[] {
    return this.last.disks.flatMap(({name: what, path, space}) =>
      space.is === 'unknown' ? [{what, path}] : [],
    );
  }

  get last(): MachineReading {
    if (this.#reading === undefined) throw new Error('the machine was not looked at yet');
    return this.#reading;
  }

  async read(): Promise<void> {
    this.#reading = await this.#machine.read();
  }

  forScheduler(): Room {
    const {settings} = this.#ground;
    const {memory, gpus, disks} = this.last;
    const needed = disks.filter(({name}) => name !== 'inbox');
    const free = needed.map(freeBytesOf);
    const [card] = gpus.is === 'known' ? gpus.gpus : [];
    const total = card?.totalBytes ?? null;
    return {
      processorSlots: settings.JOBS_RUNNING,
      memory: {totalBytes: memory.totalBytes, freeBytes: memory.freeBytes ?? 0},
      gpu: total === null ? null : {totalBytes: total, freeBytes: total - (card?.usedBytes ?? 0)},
      disk: {freeBytes: Math.min(...free), minimumBytes: minimumFreeBytes(settings)},
      away: needed.find(({space}) => space.is === 'unknown')?.path ?? null,
    };
  }

  /** For somebody who looks at the box now. */
  watched(): Readings {
    this.#machine.renewGpus(watchedGpuAgeMs);
    return this.readings();
  }

  readings(): Readings {
    const {settings, running} = this.#ground;
    const {disks, gpus, memory, processors, network} = this.last;
    return {
      disks: disks.flatMap(disk => this.#shown(disk)),
      gpus: (gpus.is === 'known' ? gpus.gpus : []).slice(0, 16).map(shownCard),
      memory: {
        totalBytes: memory.totalBytes,
        freeBytes: memory.freeBytes ?? 0,
        daemonBytes: memory.ownBytes,
      },
      processors: {
        count: processors.count,
        busy: processors.busy,
        slots: processorsOf(settings),
        busySlots: running() * processorsOf(settings),
      },
      network,
    };
  }

  /** Folders of one file system are one disk; the first of them names it. */
  #shown({name, path, space, sharedWith}: Disk): Readings['disks'] {
    if (sharedWith !== null || space.is === 'unknown') return [];
    const {freeBytes, totalBytes} = space;
    const low = name !== 'inbox' && freeBytes < minimumFreeBytes(this.#ground.settings);
    return [{what: name, path, freeBytes, totalBytes, low}];
  }
}

function shownCard({name, totalBytes, usedBytes, busy, celsius}: Gpu): Readings['gpus'][number] {
  const freeBytes = totalBytes === null || usedBytes === null ? null : Math.max(0, totalBytes - usedBytes);
  // No stage takes a card yet, so no job holds one.
  return {name, totalBytes: totalBytes ?? 0, freeBytes, busy, celsius, job: null};
}

/** A folder that cannot be looked into has nothing free. */
function freeBytesOf({space}: Disk): number {
  return space.is === 'known' ? space.freeBytes : 0;
}
