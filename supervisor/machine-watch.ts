/**
 * Owns what is known of the machine at any moment: read anew now and then, so that whoever asks need not wait. Never
 * decides what is too little.
 */
import {readFile, stat, statfs} from 'node:fs/promises';
import {availableParallelism, totalmem} from 'node:os';
import type {Status} from '../appliance/api/status.ts';
import type {Settings} from '../appliance/config/settings.ts';
import type {DataFolders} from './folders.ts';
import type {Machine} from './queue/schedule.ts';
import {minimumFreeBytes, processorsOf} from './setting.ts';

export type Readings = Pick<Status, 'disks' | 'gpus' | 'memory' | 'processors'>;

export interface MachineGround {
  readonly folders: DataFolders;
  readonly settings: Settings;
  /** Jobs that run now. */
  readonly running: () => number;
  /** A reading is there. */
  readonly changed: () => void;
}

const everyMs = 15_000;

interface Disk {
  readonly what: string;
  readonly path: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
}

export class MachineWatch {
  readonly #ground: MachineGround;
  #disks: readonly Disk[] = [];
  #freeMemoryBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(ground: MachineGround) {
    this.#ground = ground;
  }

  /** Resolves after the first reading. */
  async start(): Promise<void> {
    await this.read();
    this.#timer = setInterval(() => void this.read().then(this.#ground.changed), everyMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** What cannot be read keeps the value it had: a disk that is away has nothing free. */
  async read(): Promise<void> {
    const {folders, settings} = this.#ground;
    const wanted = [
      {what: 'data', path: folders.root},
      {what: 'dubs', path: settings.OUTPUT_DIR},
      {what: 'inbox', path: settings.INBOX_DIR},
    ];
    const found = new Map<number, Disk>();
    for (const {what, path} of wanted) {
      const disk = await readDisk(what, path);
      // Folders of one file system are one disk; the data folder names it.
      if (disk !== undefined && !found.has(disk.device)) found.set(disk.device, disk);
    }
    this.#disks = [...found.values()];
    this.#freeMemoryBytes = await availableMemory();
  }

  forScheduler(): Machine {
    const {settings} = this.#ground;
    const job = this.#disks.filter(({what}) => what !== 'inbox');
    return {
      processorSlots: settings.JOBS_RUNNING,
      memory: {totalBytes: totalmem(), freeBytes: this.#freeMemoryBytes},
      gpu: null,
      disk: {
        freeBytes: Math.min(...job.map(({freeBytes}) => freeBytes)),
        minimumBytes: minimumFreeBytes(settings),
      },
    };
  }

  readings(): Readings {
    const {settings, running} = this.#ground;
    const least = minimumFreeBytes(settings);
    return {
      disks: this.#disks.map(({what, path, freeBytes, totalBytes}) => ({
        ...{what, path, freeBytes, totalBytes, low: what !== 'inbox' && freeBytes < least},
      })),
      gpus: [],
      memory: {
        totalBytes: totalmem(),
        freeBytes: this.#freeMemoryBytes,
        daemonBytes: process.memoryUsage.rss(),
      },
      processors: {
        count: availableParallelism(),
        slots: processorsOf(settings),
        busySlots: running() * processorsOf(settings),
      },
    };
  }
}

async function readDisk(what: string, path: string): Promise<(Disk & {readonly device: number}) | undefined> {
  try {
    const [{dev: device}, {bavail, blocks, bsize}] = await Promise.all([stat(path), statfs(path)]);
    return {what, path, freeBytes: bavail * bsize, totalBytes: blocks * bsize, device};
  } catch {
    return undefined;
  }
}

/** What programs could have without swapping: more than what is free, as caches give way. */
async function availableMemory(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  return Number(/^MemAvailable:\s+(\d+)/m.exec(text)?.[1] ?? 0) * 1024;
}
