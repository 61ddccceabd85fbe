/**
 * Owns what is known of the disks: what fills them, looked through some time after the start and then now and then, and
 * how they have filled, remembered across restarts. Never looks while somebody waits, and never removes anything.
 */
import {realpath, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as rest} from 'node:timers/promises';
import {z} from 'zod';
import type {Status} from '../../appliance/api/status.ts';
import type {Filled, StorageShown} from '../../appliance/api/storage-rows.ts';
import {readJsonFile, swapFile} from '../../appliance/files.ts';
import type {At} from '../../appliance/job.ts';
import type {Log} from '../../appliance/log.ts';
import {type SurveyGround, survey} from './survey.ts';
import {apartMs, Sample, samplesLimit, trendOf, withSample} from './trend.ts';

export interface StorageGround extends SurveyGround {
  readonly stateDir: string;
  readonly disks: () => Status['disks'];
  readonly log: Log;
  readonly now: () => number;
}

/** By the path that names the disk. */
const Samples = z.record(z.string().max(4096), z.array(Sample).max(samplesLimit));
type Samples = Readonly<Record<string, readonly Sample[]>>;

/** What a start has to do goes first. */
const firstMs = 120_000;
const everyMs = 3_600_000;
const stopMs = 2000;
const disksLimit = 20;

interface Measured {
  readonly at: At;
  readonly whole: boolean;
  /** By the path that names the disk. */
  readonly filled: ReadonlyMap<string, readonly Filled[]>;
}

export class Storage {
  readonly #ground: StorageGround;
  readonly #stopping = new AbortController();
  #samples: Samples = {};
  #measured: Measured | undefined;
  #looking: Promise<void> | undefined;
  #sampling: Promise<void> = Promise.resolve();
  #timers: readonly NodeJS.Timeout[] = [];

  constructor(ground: StorageGround) {
    this.#ground = ground;
  }

  async start(): Promise<void> {
    // One that cannot be read is none: it only tells how disks have filled.
    this.#samples = (await readJsonFile(this.#path, Samples).catch(() => undefined)) ?? {};
    await this.sample();
    this.#timers = [
      setTimeout(() => void this.measure(), firstMs),
      setInterval(() => void this.measure(), everyMs),
      setInterval(() => void this.sample(), apartMs),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    // A file system that hangs may keep a look for ever: it holds nothing but itself.
    await Promise.race([Promise.all([this.#looking, this.#sampling]), rest(stopMs, undefined, {ref: false})]);
  }

  /** Looks through everything, now; a second call while it is at it gets the same. What goes wrong is in the log. */
  measure(): Promise<void> {
    this.#looking ??= this.#measure()
      .catch(cause => {
        if (!this.#stopping.signal.aborted)
          this.#ground.log.error({err: cause}, 'the disks could not be looked through');
      })
      .finally(() => {
        this.#looking = undefined;
      });
    return this.#looking;
  }

  /** Remembers how full the disks are, if it is time to. */
  sample(): Promise<void> {
    this.#sampling = this.#sampling.then(() => this.#sample());
    return this.#sampling;
  }

  /** Whoever asks before it was looked through has that begin. */
  shown(): StorageShown {
    const {disks, now} = this.#ground;
    if (this.#measured === undefined) void this.measure();
    const {at = null, whole = true, filled} = this.#measured ?? {};
    return {
      ...{measured: at, whole},
      disks: disks().map(disk => ({
        ...disk,
        filled: [...(filled?.get(disk.path) ?? [])],
        trend: trendOf(this.#samples[disk.path] ?? [], {...disk, now: now()}),
      })),
    };
  }

  async #measure(): Promise<void> {
    const {disks, now} = this.#ground;
    // By one name each: the data folder goes by its resolved one already.
    const [outputs, inbox] = await Promise.all([
      resolved(this.#ground.outputs),
      resolved(this.#ground.inbox),
    ]);
    const ground = {...this.#ground, outputs, inbox};
    const {disks: byNumber, whole} = await survey(ground, {signal: this.#stopping.signal});
    const filled = new Map<string, readonly Filled[]>();
    for (const {path} of disks()) {
      const number = (await stat(path).catch(() => undefined))?.dev;
      if (number !== undefined) filled.set(path, byNumber.get(number) ?? []);
    }
    this.#measured = {at: now(), whole, filled};
  }

  async #sample(): Promise<void> {
    const {disks, now, log} = this.#ground;
    const before = this.#samples;
    const fresh = disks().map(({path, totalBytes, freeBytes}) => {
      const sample = {at: now(), usedBytes: Math.max(0, totalBytes - freeBytes)};
      return [path, [...withSample(before[path] ?? [], sample)]] as const;
    });
    // A disk that is away comes back, and what is known of it with it.
    this.#samples = Object.fromEntries(
      [
        ...fresh,
        ...Object.entries(before).filter(([path]) => !fresh.some(([other]) => other === path)),
      ].slice(0, disksLimit),
    );
    await swapFile(this.#path, JSON.stringify(this.#samples), {sync: false}).catch(cause =>
      log.warn({err: cause}, 'how the disks fill is not remembered'),
    );
  }

  get #path(): string {
    return join(this.#ground.stateDir, 'disks.json');
  }
}

async function resolved(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
