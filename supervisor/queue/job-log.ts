/**
 * Owns what a job's processes said, as lines in its folder: appended while it runs, read back from any byte, followed.
 * Never grows past its limit: of what comes later only the ends of runs are kept, the rest is counted.
 */
import {constants} from 'node:fs';
import {type FileHandle, mkdir, open} from 'node:fs/promises';
import {dirname} from 'node:path';
import {z} from 'zod';
import type {LogLine, LogTail, Timeline, TimelineEntry} from '../../appliance/api/shapes.ts';
import {At, type JobState} from '../../appliance/job.ts';
import {unreachable} from '../../appliance/result.ts';
import {Event} from '../../appliance/wire.ts';
import {type FoundLine, linesFrom} from './log-lines.ts';

/** Ten thousand nodes of a long film take two megabytes. */
const fileLimitBytes = 16 << 20;
/** Of that, what is left for how the job goes on when its processes have said too much. */
const reservedBytes = 256 << 10;
const timelineLimit = 5000;
const isFull = 'This log is full: of what comes now only the ends of runs are kept.';
const textLimit = 16_000;
/** What the API takes for the name of a step. */
const wordLimit = 200;

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
  #isClosed = false;
  /** Goes up with all that followers may want to know. */
  #news = 0;
  readonly #heard = new Set<() => void>();

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Lines stand in the order of the calls. Resolves when this one is written; never rejects: a log that cannot be
   * written costs its line, never the job.
   */
  append(entry: Entry): Promise<void> {
    if (this.#isClosed) return this.#writing;
    this.#writing = this.#writing.then(() => this.#write(entry)).catch(() => this.#fail());
    return this.#writing;
  }

  /** Resolves when all that was appended is written; lets go of the file, and takes no more lines. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#writing;
    await this.#letGo();
    this.wake();
  }

  /** The last lines. */
  async tail(lines: number): Promise<LogTail> {
    const last: FoundLine[] = [];
    let next = 0;
    for await (const line of linesFrom(this.#path, 0)) {
      next = line.end;
      last.push(line);
      if (last.length > lines) last.shift();
    }
    return {lines: last.map(({text, end}) => lineOf(text, end)), next};
  }

  /** Lines from byte `from` on, and those that are appended through this object, until `isOver` says so. */
  async *follow(from: number, isOver: () => boolean, signal: AbortSignal): AsyncGenerator<LogLine> {
    let next = from;
    while (!signal.aborted) {
      const over = isOver();
      // What was said before it was over belongs to it.
      if (over) await this.#writing;
      const news = this.#news;
      for await (const {text, end} of linesFrom(this.#path, next)) {
        next = end;
        yield lineOf(text, end);
      }
      if (over) return;
      // What came while the file was read is read next.
      if (news === this.#news) await this.#nextNews(signal);
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

  /** Wakes those who follow: it may be over. */
  wake(): void {
    this.#news += 1;
    const heard = [...this.#heard];
    this.#heard.clear();
    for (const wake of heard) wake();
  }

  /** Lines that could not be kept. */
  get dropped(): number {
    return this.#dropped;
  }

  async #write(entry: Entry): Promise<void> {
    this.#file ??= this.#open();
    const file = await this.#file;
    const line = Buffer.from(`${JSON.stringify(shortened(entry))}\n`);
    const limit = entry.is === 'event' ? fileLimitBytes - reservedBytes : fileLimitBytes;
    if (this.#bytes + line.length > limit) {
      this.#dropped += 1;
      if (this.#dropped === 1) await this.#write({is: 'said', at: entry.at, text: isFull});
      return;
    }
    await file.appendFile(line);
    this.#bytes += line.length;
    this.wake();
  }

  /** Without a jail a job can put anything in the place of its log: only a plain file is written to. */
  async #open(): Promise<FileHandle> {
    await mkdir(dirname(this.#path), {recursive: true, mode: 0o700});
    const {O_RDWR, O_CREAT, O_APPEND, O_NOFOLLOW, O_NONBLOCK} = constants;
    const file = await open(this.#path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK, 0o600);
    try {
      const found = await file.stat();
      if (!found.isFile()) throw new Error(`${this.#path} is no file`);
      this.#bytes = found.size + (await endLine(file, found.size));
      return file;
    } catch (cause) {
      await file.close();
      throw cause;
    }
  }

  /** A line may be half written: whoever comes next opens anew, and sees to that. */
  async #fail(): Promise<void> {
    this.#dropped += 1;
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    try {
      await (await file)?.close();
    } catch {
      // It was never opened, or its disk is gone: there is nothing to let go of.
    }
  }

  async #nextNews(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const {promise, resolve} = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    this.#heard.add(wake);
    signal.addEventListener('abort', wake);
    await promise;
    this.#heard.delete(wake);
    signal.removeEventListener('abort', wake);
  }
}

/** Ends a line that a crash or a full disk cut off, so that the next is whole; the bytes that it took. */
async function endLine(file: FileHandle, size: number): Promise<number> {
  if (size === 0) return 0;
  const last = Buffer.alloc(1);
  await file.read(last, 0, 1, size - 1);
  if (last[0] === 10) return 0;
  await file.appendFile('\n');
  return 1;
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
    case 'alive':
    case 'progress':
    case 'preview':
    case 'engines':
    case 'edited':
    case 'recast':
    case 'done':
    case 'failed':
      return event.is;
    default:
      return unreachable(event);
  }
}

function timelineEntryOf(entry: Entry): TimelineEntry | undefined {
  const {at} = entry;
  if (entry.is === 'state') return {is: 'state', at, state: entry.state};
  if (entry.is === 'said') return {is: 'note', at, text: entry.text.slice(0, 4000)};
  const {event} = entry;
  if (event.is === 'note') return {is: 'note', at, text: event.text};
  if (event.is === 'skipped')
    return {is: 'skipped', at, stage: event.stage.slice(0, wordLimit), why: event.why};
  if (event.is !== 'finished') return undefined;
  const {how, why, seconds, cpuSeconds, peakBytes} = event;
  const [node, stage] = [event.node.slice(0, wordLimit), event.stage.slice(0, wordLimit)];
  return {is: 'stage', at, node, stage, how, why, seconds, cpuSeconds, peakBytes};
}
