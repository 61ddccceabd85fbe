/**
 * Owns one sweep from the look at the clock to the last receipt, and its rehearsal, which is the same without the
 * removing. Never keeps time: somebody else says when. What a crash cuts short is planned anew by the next sweep.
 */
import {randomBytes} from 'node:crypto';
import {lstat} from 'node:fs/promises';
import {join} from 'node:path';
import {readJsonFile, replaceFile} from '../../appliance/files.ts';
import type {Job, JobId} from '../../appliance/job.ts';
import {carryOut, type Means} from './carry-out.ts';
import {type Choice, chosenSteps, isWanted} from './chosen.ts';
import {type ClockDoubt, ClockReading, doubtOf} from './clock.ts';
import {gatherFacts} from './facts.ts';
import {isCode} from './folder.ts';
import {planSweep, purgeSteps, reasonToLook, type Step, type SweepLimits} from './plan.ts';
import {itemLimit, Receipts, type Trigger} from './receipt.ts';
import {Removal} from './removal.ts';
import {added, noSums, type Sums} from './words.ts';

export interface SweeperParts {
  readonly dataDir: string;
  readonly jobs: {
    get(id: JobId): Job | undefined;
    /** Every deleted job whose files may go. */
    deleted(): Iterable<JobId>;
  };
  readonly limits: SweepLimits;
  readonly clock: () => ClockReading;
  readonly hold: Means['hold'];
  readonly audit: Means['audit'];
  /** Hears of every deleted job of whose folder nothing is left: the store may forget it. */
  readonly onEmptied: (job: JobId) => void;
}

export type Swept =
  | {readonly is: 'waited'; readonly doubt: ClockDoubt}
  | {
      readonly is: 'swept';
      /** What was removed. */
      readonly sums: Sums;
      /** Steps that did not come to what was meant; the receipts say why. */
      readonly left: number;
      /** False when it was stopped: the next sweep goes on. */
      readonly finished: boolean;
    };

/** What became of one job, or of what a person chose. */
export interface PurgedFolder {
  readonly receipts: readonly string[];
  readonly files: number;
  readonly bytes: number;
  readonly left: number;
}

/** All of it as sums, and the first steps by name. */
export type Rehearsal =
  | {readonly is: 'waits'; readonly doubt: ClockDoubt}
  | {readonly is: 'sweeps'; readonly sums: Sums; readonly first: readonly Step[]};

const rehearsedSteps = 200;

export interface Chosen {
  readonly steps: readonly Step[];
  /** False where there is more than one plan takes. */
  readonly whole: boolean;
}

/** Steps that are held in memory until somebody says yes: some 35 MB. */
const chosenLimit = 100_000;

export class Sweeper {
  readonly receipts: Receipts;
  readonly #parts: SweeperParts;
  /** Why a job was looked into last, where nothing was found to go: thousands of old jobs are not read every time. */
  readonly #done = new Map<JobId, string>();
  #running: Promise<Swept> | undefined;
  #lastReading: ClockReading | undefined;

  constructor(parts: SweeperParts) {
    this.#parts = parts;
    this.receipts = new Receipts(parts.dataDir);
  }

  /** Removes what is due. A second call while one is under way gets its answer. */
  sweep(trigger: Trigger, signal: AbortSignal): Promise<Swept> {
    this.#running ??= this.#sweep(trigger, signal).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** What a sweep would do now, without doing any of it. */
  async rehearse(signal: AbortSignal): Promise<Rehearsal> {
    const [now, lastSweep] = [this.#parts.clock(), await this.#readingBefore()];
    const doubt = doubtOf(lastSweep, now);
    if (doubt !== undefined) return {is: 'waits', doubt};
    let sums = noSums;
    const first: Step[] = [];
    for await (const steps of this.#batches(now, lastSweep, signal)) {
      sums = added(sums, steps);
      first.push(...steps.slice(0, rehearsedSteps - first.length));
    }
    return {is: 'sweeps', sums, first};
  }

  /** Removes all there is of a job that is not to come back, whatever the clock says. Not while a sweep is under way. */
  async purge(job: Job, signal: AbortSignal): Promise<PurgedFolder> {
    return this.carry(this.#allOf(job, signal), signal);
  }

  /** What a person chose, as steps. */
  async choose(choice: Choice, signal: AbortSignal): Promise<Chosen> {
    const {dataDir, jobs, clock} = this.#parts;
    const now = clock();
    const wants = (id: JobId): boolean => isWanted(jobs.get(id), choice, now);
    const steps: Step[] = [];
    for await (const place of gatherFacts(dataDir, {wants, signal})) {
      steps.push(...chosenSteps(place, choice, {jobs, now}));
      if (steps.length > chosenLimit) return {steps: steps.slice(0, chosenLimit), whole: false};
    }
    return {steps, whole: true};
  }

  /** Removes what was planned on somebody's word. Not while a sweep is under way. */
  async carry(batches: AsyncIterable<readonly Step[]>, signal: AbortSignal): Promise<PurgedFolder> {
    await using removal = new Removal(this.#parts.dataDir);
    await this.#settle(removal);
    const means = this.#means(removal, 'command', signal);
    let [files, bytes, left, nextPart] = [0, 0, 0, 1];
    for await (const steps of batches) {
      const carried = await carryOut(steps, means, nextPart);
      [files, bytes, left] = [files + carried.files, bytes + carried.bytes, left + carried.left];
      nextPart = carried.nextPart;
      if (signal.aborted) break;
    }
    const receipts = Array.from({length: nextPart - 1}, (_, i) => `${means.sweep}-${i + 1}`);
    return {receipts, files, bytes, left};
  }

  async *#allOf(job: Job, signal: AbortSignal): AsyncGenerator<readonly Step[]> {
    for await (const place of gatherFacts(this.#parts.dataDir, {wants: id => id === job.id, signal})) {
      if (place.of !== 'job') return;
      yield purgeSteps(place, job);
    }
  }

  #means(removal: Removal, trigger: Trigger, signal: AbortSignal): Means {
    const {clock, hold, audit} = this.#parts;
    return {
      ...{receipts: this.receipts, hold, audit, trigger, signal},
      remove: step => removal.remove(step),
      now: () => clock().at,
      sweep: randomBytes(6).toString('hex'),
    };
  }

  async #sweep(trigger: Trigger, signal: AbortSignal): Promise<Swept> {
    const {dataDir, clock} = this.#parts;
    await using removal = new Removal(dataDir);
    await this.#settle(removal);
    const [now, lastSweep] = [clock(), await this.#readingBefore()];
    await this.#remember(now);
    const doubt = doubtOf(lastSweep, now);
    if (doubt !== undefined) return {is: 'waited', doubt};
    let sums = noSums;
    let [left, nextPart] = [0, 1];
    const means: Means = {
      ...this.#means(removal, trigger, signal),
      onStep: (step, {is}) => {
        if (is === 'removed') sums = added(sums, [step]);
      },
    };
    try {
      for await (const steps of this.#batches(now, lastSweep, signal)) {
        const carried = await carryOut(steps, means, nextPart);
        left += carried.left;
        nextPart = carried.nextPart;
      }
    } catch (cause) {
      if (!signal.aborted) throw cause;
    }
    if (!signal.aborted) await this.#tellEmptied();
    return {is: 'swept', sums, left, finished: !signal.aborted};
  }

  async #settle(removal: Removal): Promise<void> {
    await this.receipts.start();
    for (const {id, trigger, totals} of await this.receipts.settle(item => removal.isThere(item)))
      await this.#parts.audit({action: 'privacy.purge_interrupted', receipt: id, trigger, ...totals});
  }

  /** Steps of many small places together, of a large one in pieces: as much as is planned for at a time. */
  async *#batches(
    now: ClockReading,
    lastSweep: ClockReading | null,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Step[]> {
    const {dataDir, jobs, limits} = this.#parts;
    const reasonFor = (id: JobId): string | undefined => reasonToLook(jobs.get(id), limits, now.at);
    const wants = (id: JobId): boolean => {
      const reason = reasonFor(id);
      return reason !== undefined && this.#done.get(id) !== reason;
    };
    for (const id of this.#done.keys()) if (jobs.get(id) === undefined) this.#done.delete(id);
    let batch: Step[] = [];
    for await (const place of gatherFacts(dataDir, {wants, signal})) {
      const plan = planSweep({jobs, places: [place], limits, now, lastSweep});
      const steps = plan.is === 'sweeps' ? plan.steps : [];
      batch.push(...steps);
      if (place.of === 'job' && place.whole && steps.length === 0)
        this.#nothingIn(place.id, reasonFor(place.id));
      if (batch.length < itemLimit) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  #nothingIn(id: JobId, reason: string | undefined): void {
    if (reason !== undefined && reason !== 'anything') this.#done.set(id, reason);
  }

  async #tellEmptied(): Promise<void> {
    for (const id of this.#parts.jobs.deleted()) {
      const there = await lstat(join(this.#parts.dataDir, 'jobs', id)).catch(() => undefined);
      if (there === undefined) this.#parts.onEmptied(id);
    }
  }

  async #readingBefore(): Promise<ClockReading | null> {
    // One that cannot be read is none: then nothing is removed, and a good one takes its place.
    return this.#lastReading ?? (await readJsonFile(this.#clockPath, ClockReading).catch(() => null)) ?? null;
  }

  /** On a full disk it is remembered by this process alone. */
  async #remember(reading: ClockReading): Promise<void> {
    this.#lastReading = reading;
    await replaceFile(this.#clockPath, JSON.stringify(reading)).catch(cause => {
      if (!isCode(cause, 'ENOSPC', 'EDQUOT')) throw cause;
    });
  }

  get #clockPath(): string {
    return join(this.#parts.dataDir, 'receipts', 'clock.json');
  }
}
