/**
 * Owns what a job's processes said, as lines in its folder: appended while it runs, read back from any byte, followed.
 * Never grows past its limit: what comes later is counted, not kept.
 */
import {type FileHandle, mkdir, open, stat} from 'node:fs/promises';
import {dirname} from 'node:path';
import {z} from 'zod';
import type {LogLine, LogTail, Timeline, TimelineEntry} from '../../appliance/api/shapes.ts';
import {At, type JobState} from '../../appliance/job.ts';
import {Event} from '../../appliance/wire.ts';
import {linesFrom} from './log-lines.ts';

/** Ten thousand nodes of a long film take two megabytes. */
const fileLimitBytes = 16 << 20;
const timelineLimit = 5000;
const textLimit = 16_000;

const StateName = z.enum([
  ...(['queued', 'running', 'pausing', 'paused', 'stopping'] as const),
  ...(['done', 'failed', 'cancelled', 'set-aside', 'deleted'] as const),
]) satisfies z.ZodType<JobState['is']>;

/** One line of the file. */
const Entry = z.discriminatedUnion('is', [
  z.object({is: z.literal('state'), at: At, state: StateName}),
  z.object({is: z.literal('event'), at: At, event: Event}),
  z.object({is: z.literal('said'), at: At, text: z.string()}),
]);
export type Entry = z.infer<typeof Entry>;

export class JobLog {
  readonly #path: string;
  #file: Promise<FileHandle> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #bytes = 0;
  #dropped = 0;
  readonly #heard = new Set<() => void>();

  constructor(path: string) {
    this.#path = path;
  }

  /** Lines stand in the order of the calls. A log that cannot be written costs its line, never the job. */
  append(entry: Entry): void {
    const line = Buffer.from(`${JSON.stringify(shortened(entry))}\n`);
    this.#writing = this.#writing.then(() => this.#write(line)).catch(() => this.#drop());
  }

  /** Resolves when all that was appended is written; lets go of the file. */
  async close(): Promise<void> {
    await this.#writing;
    const file = this.#file;
    this.#file = undefined;
    await (await file?.catch(() => undefined))?.close();
    this.#tell();
  }

  /** The last lines. */
  async tail(lines: number): Promise<LogTail> {
    const all: LogLine[] = [];
    let next = 0;
    for await (const {text, end} of linesFrom(this.#path, 0)) {
      next = end;
      all.push(lineOf(text, end));
      if (all.length > lines) all.shift();
    }
    return {lines: all, next};
  }

  /** Lines from byte `from` on, and those that are appended through this object, until `isOver` says so. */
  async *follow(from: number, isOver: () => boolean, signal: AbortSignal): AsyncGenerator<LogLine> {
    let next = from;
    while (!signal.aborted) {
      // Asked for before the file is read: what comes in between is not missed.
      const news = isOver() ? undefined : this.#news(signal);
      for await (const {text, end} of linesFrom(this.#path, next)) {
        next = end;
        yield lineOf(text, end);
      }
      if (news === undefined) return;
      await news;
    }
  }

  /** What happened, oldest first. */
  async timeline(): Promise<Timeline> {
    const entries: TimelineEntry[] = [];
    let dropped = 0;
    for await (const {text} of linesFrom(this.#path, 0)) {
      const entry = entryOf(text);
      const shown = entry === undefined ? undefined : timelineEntryOf(entry);
      if (shown === undefined) continue;
      entries.push(shown);
      if (entries.length > timelineLimit) {
        entries.shift();
        dropped += 1;
      }
    }
    return {entries, dropped};
  }

  /** Wakes those who follow: the job is in another state. */
  wake(): void {
    this.#tell();
  }

  async #write(line: Buffer): Promise<void> {
    this.#file ??= this.#open();
    const file = await this.#file;
    if (this.#bytes + line.length > fileLimitBytes) return this.#drop();
    await file.appendFile(line);
    this.#bytes += line.length;
    this.#tell();
  }

  async #open(): Promise<FileHandle> {
    await mkdir(dirname(this.#path), {recursive: true, mode: 0o700});
    this.#bytes = (await stat(this.#path).catch(() => undefined))?.size ?? 0;
    return open(this.#path, 'a', 0o600);
  }

  #drop(): void {
    this.#dropped += 1;
    this.#file?.catch(() => {
      this.#file = undefined;
    });
  }

  /** Lines that could not be kept. */
  get dropped(): number {
    return this.#dropped;
  }

  #tell(): void {
    const heard = [...this.#heard];
    this.#heard.clear();
    for (const wake of heard) wake();
  }

  async #news(signal: AbortSignal): Promise<void> {
    const {promise, resolve} = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    this.#heard.add(wake);
    signal.addEventListener('abort', wake);
    await promise;
    this.#heard.delete(wake);
    signal.removeEventListener('abort', wake);
  }
}

/** A tool that failed may have said much: the end of it is what tells. */
function shortened(entry: Entry): Entry {
  if (entry.is === 'said') return {...entry, text: entry.text.slice(-textLimit)};
  return entry;
}

function entryOf(text: string): Entry | undefined {
  try {
    return Entry.safeParse(JSON.parse(text)).data;
  } catch {
    // The end of a line that a crash cut off.
    return undefined;
  }
}

function lineOf(text: string, next: number): LogLine {
  const entry = entryOf(text);
  if (entry === undefined) return {next, at: null, text: text.slice(0, textLimit)};
  return {next, at: entry.at, text: wordsOf(entry).slice(0, textLimit)};
}

function wordsOf(entry: Entry): string {
  if (entry.is === 'state') return entry.state;
  if (entry.is === 'said') return entry.text;
  const {event} = entry;
  switch (event.is) {
    case 'started':
      return `${event.node} started`;
    case 'finished':
      return `${event.node} ${event.how} in ${event.seconds.toFixed(1)} s${event.why === '' ? '' : `: ${event.why}`}`;
    case 'skipped':
      return `${event.stage} skipped: ${event.why}`;
    case 'note':
      return event.text;
    default:
      return event.is;
  }
}

function timelineEntryOf(entry: Entry): TimelineEntry | undefined {
  const {at} = entry;
  if (entry.is === 'state') return {is: 'state', at, state: entry.state};
  if (entry.is === 'said') return {is: 'note', at, text: entry.text.slice(0, 4000)};
  const {event} = entry;
  if (event.is === 'note') return {is: 'note', at, text: event.text};
  if (event.is === 'skipped') return {is: 'skipped', at, stage: event.stage, why: event.why};
  if (event.is !== 'finished') return undefined;
  const {node, stage, how, why, seconds, cpuSeconds, peakBytes} = event;
  return {is: 'stage', at, node, stage, how, why, seconds, cpuSeconds, peakBytes};
}
