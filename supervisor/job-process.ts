/**
 * Owns the life of one job process: what it is told, what it may say and how fast, its limits of time, its end. Takes
 * nothing it says on trust. Never decides whether a job may run, or what becomes of it afterwards.
 */
import {mkdir} from 'node:fs/promises';
import {Duplex} from 'node:stream';
import {setTimeout as wait} from 'node:timers/promises';
import type {Failure} from '../appliance/failure.ts';
import {unreachable} from '../appliance/result.ts';
import {
  type Command,
  Event,
  type EventOf,
  lineLimitBytes,
  type Output,
  receive,
  send,
} from '../appliance/wire.ts';
import type {Confined} from './confine/confine.ts';
import {outOf} from './confine/jail.ts';
import {type Launched, launch} from './confine/launch.ts';
import type {Limits} from './confine/limits.ts';
import {faultOf} from './job-process/outputs.ts';
import {Pace, paced} from './job-process/pace.ts';
import {StderrLog} from './job-process/stderr-log.ts';
import {type Answer, type Cause, judge, type Verdict} from './job-process/verdict.ts';
import {type TimeLimits, Watch} from './job-process/watch.ts';

export type Ending =
  | {
      readonly is: 'done';
      /** Read and found to be what was claimed. */
      readonly outputs: Output[];
      readonly summary: string[];
      readonly filmSeconds: number | undefined;
      readonly seconds: number;
    }
  | {readonly is: 'failed'; readonly failure: Failure}
  /** It came to rest, or was brought to, because it was asked. */
  | {readonly is: 'stopped'}
  /** It ended without an answer that can be believed, or had to be ended. */
  | {readonly is: 'lost'; readonly failure: Failure};

/** What is worth hearing while it works. */
export type Heard = EventOf<'skipped' | 'started' | 'finished' | 'progress' | 'note' | 'preview'>;

export interface JobProcessRequest {
  readonly command: Extract<Command, {do: 'dub'}>;
  readonly confined: Confined;
  /** What it was confined to: names the limit that it ran into. */
  readonly resources: Pick<Limits, 'memoryBytes' | 'cpuSeconds' | 'fileBytes'>;
  /** Awaited before the process is told what to do; a rejection ends it. */
  readonly started: (pid: number) => void | Promise<void>;
  /** Awaited: while it takes its time the process waits, and that is not held against it. A rejection ends it. */
  readonly hear: (event: Heard) => void | Promise<void>;
  /** Resolves when somebody wants to watch the film meanwhile. */
  readonly previewWanted: Promise<void>;
  readonly signal: AbortSignal;
  readonly stderrPath: string;
  readonly limits: JobProcessLimits;
  /** Milliseconds since any fixed moment. */
  readonly now: () => number;
}

export interface JobProcessLimits extends TimeLimits {
  readonly eventsPerSecond: number;
  /** Between being asked to stop, SIGTERM and SIGKILL; and how long it may take to end once it has answered. */
  readonly graceMs: number;
}

/** A burst of seconds' worth: what is found finished is told in one go. */
const burstSeconds = 10;
const bytesAnEvent = 1024;
const stderrBytesPerSecond = 1 << 20;
/** An answer is kept in the store. */
const answerLimitBytes = 64 << 10;
/** The files of one job are read within minutes; a claim of endless ones is not read to its end. */
const checkLimitMs = 1_800_000;
/** How long what a dead process has written may take to be heard. */
const drainLimitMs = 10_000;

/** Runs one order to its end. Throws only for what is wrong on this side; even then nothing of it is left running. */
export async function runJobProcess(request: JobProcessRequest): Promise<Ending> {
  const {confined, stderrPath, signal} = request;
  if (signal.aborted) return {is: 'stopped'};
  await mkdir(outOf(confined.job), {recursive: true});
  const log = await StderrLog.open(stderrPath);
  try {
    const launched = await launch(confined);
    if (launched.ok) return await new JobProcess(request, launched.value, log).run();
    return lost({reason: 'worker-lost', exit: `no start: ${launched.why}`, stderr: ''});
  } finally {
    await log.close();
  }
}

class JobProcess {
  readonly #request: JobProcessRequest;
  readonly #launched: Launched;
  readonly #log: StderrLog;
  readonly #watch: Watch;
  readonly #events: Pace;
  readonly #bytes: Pace;
  readonly #stderr: Pace;
  readonly #startedAt: number;
  #ladder: NodeJS.Timeout | undefined;
  #cause: Cause | undefined;
  #answer: Answer | undefined;
  #ended = false;
  /** What went wrong on this side. */
  #fault: {readonly cause: unknown} | undefined;

  constructor(request: JobProcessRequest, launched: Launched, log: StderrLog) {
    const {limits, now} = request;
    const pace = (perSecond: number, burst: number): Pace => new Pace({perSecond, burst, now});
    const {eventsPerSecond} = limits;
    this.#request = request;
    this.#launched = launched;
    this.#log = log;
    this.#watch = new Watch(limits, failure => this.#break(failure));
    this.#events = pace(eventsPerSecond, eventsPerSecond * burstSeconds);
    this.#bytes = pace(
      eventsPerSecond * bytesAnEvent,
      Math.max(lineLimitBytes, eventsPerSecond * bytesAnEvent * burstSeconds),
    );
    this.#stderr = pace(stderrBytesPerSecond, stderrBytesPerSecond);
    this.#startedAt = now();
  }

  async run(): Promise<Ending> {
    const {signal, started} = this.#request;
    const {wire, stderr, pid, exited} = this.#launched;
    const asked = (): void => this.#ask({is: 'asked'});
    signal.addEventListener('abort', asked, {once: true});
    const said = this.#log.take(stderr, this.#stderr);
    try {
      await this.#own(async () => started(pid));
      if (this.#fault === undefined) send(wire, this.#request.command);
      if (signal.aborted) asked();
      void this.#request.previewWanted.then(() => this.#wantPreview());
      this.#watch.start();
      const listening = this.#listen();
      const exit = await exited;
      this.#over();
      await within(drainLimitMs, listening);
      const {clean, outOfMemory} = await this.#launched.gone();
      await within(drainLimitMs, said);
      return await this.#conclude(clean ? exit : `${exit}, and part of it will not end`, outOfMemory);
    } finally {
      signal.removeEventListener('abort', asked);
      if (!this.#ended) await this.#abandon();
      for (const stream of [wire, stderr]) stream.destroy();
    }
  }

  /** The process has ended: nothing waits for it any more, and what it wrote is heard out at once. */
  #over(): void {
    this.#ended = true;
    this.#watch.stop();
    clearTimeout(this.#ladder);
    for (const pace of [this.#events, this.#bytes, this.#stderr]) pace.open();
  }

  async #abandon(): Promise<void> {
    this.#launched.send('SIGKILL');
    await this.#launched.exited;
    this.#over();
    await this.#launched.gone();
  }

  /** Hears it out. Whatever it says, this ends with the wire. */
  async #listen(): Promise<void> {
    const {wire} = this.#launched;
    try {
      for await (const event of receive(Duplex.from(paced(wire, this.#bytes)), Event)) {
        this.#watch.hold();
        await this.#events.take(1);
        const breach = await this.#take(event);
        if (breach !== undefined) return this.#break({reason: 'wire-broken', detail: breach});
        if (this.#fault !== undefined) return;
        this.#watch.heard();
      }
    } catch (cause) {
      // One that was killed leaves a broken wire, and its exit says more; nonsense on a whole one is its own doing.
      const broken = cause instanceof Error && 'code' in cause;
      if (!broken) return this.#break({reason: 'wire-broken', detail: 'sent what is no message'});
    } finally {
      wire.destroy();
    }
    this.#expectEnd();
  }

  /** What is wrong with the event, if anything is. */
  async #take(event: Event): Promise<string | undefined> {
    if (event.is === 'alive') return undefined;
    if (this.#answer !== undefined) return 'went on after it had answered';
    switch (event.is) {
      case 'done':
      case 'failed':
        if (Buffer.byteLength(JSON.stringify(event)) > answerLimitBytes)
          return 'sent an answer of over 64 KiB';
        this.#answer = event;
        this.#watch.stop();
        return this.#expectEnd();
      case 'engines':
      case 'edited':
      case 'recast':
        return 'answered what it was not asked';
      case 'started':
        if (!this.#watch.started(event.node)) return 'began more steps than it finished';
        break;
      case 'finished':
        this.#watch.finished(event.node);
        break;
      case 'skipped':
      case 'progress':
      case 'note':
      case 'preview':
        break;
      default:
        return unreachable(event);
    }
    await this.#own(async () => this.#request.hear(event));
    return undefined;
  }

  /** Does what is ours to do; when that goes wrong, nobody is left who could make use of the process. */
  async #own(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      this.#fault ??= {cause};
      this.#launched.send('SIGKILL');
    }
  }

  /** It has nothing more to say: what stays must be told to go. */
  #expectEnd(): undefined {
    if (this.#ended) return;
    const {graceMs} = this.#request.limits;
    const exit =
      this.#answer === undefined ? 'it closed its wire and went on' : 'it answered and did not end';
    clearTimeout(this.#ladder);
    this.#ladder = setTimeout(() => {
      this.#cause ??= {is: 'broke', failure: {reason: 'worker-lost', exit, stderr: ''}};
      this.#insist();
    }, graceMs);
  }

  /** It ran out of time, or broke the rules: one that does not keep to them is not asked. */
  #break(failure: Failure): void {
    if (failure.reason === 'limit') {
      this.#ask({is: 'broke', failure});
      return;
    }
    this.#cause ??= {is: 'broke', failure};
    this.#launched.send('SIGKILL');
  }

  #wantPreview(): void {
    if (this.#ended || this.#cause !== undefined || this.#answer !== undefined) return;
    send(this.#launched.wire, {v: 1, do: 'preview'});
  }

  /** One that has answered is about to end anyway. */
  #ask(cause: Cause): void {
    if (this.#ended || this.#cause !== undefined || this.#answer !== undefined) return;
    this.#cause = cause;
    send(this.#launched.wire, {v: 1, do: 'stop'});
    this.#ladder = setTimeout(() => this.#insist(), this.#request.limits.graceMs);
  }

  #insist(): void {
    this.#launched.send('SIGTERM');
    this.#ladder = setTimeout(() => this.#launched.send('SIGKILL'), this.#request.limits.graceMs);
  }

  async #conclude(exit: string, outOfMemory: boolean): Promise<Ending> {
    if (this.#fault !== undefined) throw this.#fault.cause;
    const end = {cause: this.#cause, answer: this.#answer, exit, stderr: this.#log.tail, outOfMemory};
    const verdict = judge(end, this.#request.resources);
    return verdict.is === 'claims' ? this.#check(verdict) : verdict;
  }

  /** A stop that was asked for before the answer came still leaves it the grace to be believed. */
  async #check({answer: {outputs, summary, filmSeconds}}: Extract<Verdict, {is: 'claims'}>): Promise<Ending> {
    const {confined, signal, now, limits} = this.#request;
    const out = outOf(confined.job);
    const late = AbortSignal.timeout(signal.aborted ? limits.graceMs : checkLimitMs);
    try {
      const failure = await faultOf(outputs, out, signal.aborted ? late : AbortSignal.any([signal, late]));
      if (failure !== undefined) return lost(failure);
    } catch (cause) {
      if (signal.aborted) return {is: 'stopped'};
      if (!late.aborted) throw cause;
      return lost({reason: 'bad-output', path: out, detail: 'it takes too long to read'});
    }
    const seconds = Math.max(0, now() - this.#startedAt) / 1000;
    return {is: 'done', outputs, summary, filmSeconds, seconds};
  }
}

function lost(failure: Failure): Ending {
  return {is: 'lost', failure};
}

async function within(limitMs: number, work: Promise<void>): Promise<void> {
  const given = new AbortController();
  await Promise.race([work, wait(limitMs, undefined, {signal: given.signal}).catch(() => {})]);
  given.abort();
}
