/**
 * Owns the writing of the audit: one chain of lines through all days and restarts, in batches that are on disk before
 * they count. Never makes its caller wait or fail, and never grows without bound: while nothing can be written, lines
 * wait; when too many do, the rest are counted, and the count goes into the chain as soon as it can.
 */
import {mkdir} from 'node:fs/promises';
import {replaceFile} from '../files.ts';
import {DayFile} from './day-file.ts';
import {type AuditDraft, type AuditHead, type AuditRecord, chained, draftOf, encode} from './entry.ts';
import {headFile} from './files.ts';
import {recover} from './recover.ts';
import {Tail} from './tail.ts';

/** Why lines wait or are missing. */
export interface AuditTrouble {
  readonly since: number;
  /** The system's word for it, such as ENOSPC; empty while what is left to do is to write down the gap. */
  readonly code: string;
  readonly detail: string;
  readonly waiting: number;
  readonly dropped: number;
}

export interface AuditSettings {
  /** Lines that may wait; about 1 KB each. */
  readonly waitingLimit: number;
  readonly retryMs: number;
}

const defaults: AuditSettings = {waitingLimit: 4096, retryMs: 2000};
const batchLimit = 500;
/** The head file lags behind by no more than this many lines, or this long while lines come. */
const headLagLines = 200;
const headLagMs = 60_000;

export class Audit {
  /** Hears of each entry once it is on disk. */
  readonly tail = new Tail();
  readonly #folder: string;
  readonly #now: () => number;
  readonly #settings: AuditSettings;
  readonly #file: DayFile;
  readonly #waiting: AuditDraft[] = [];
  #last: AuditHead;
  #day: string;
  #recorded = 0;
  #written = 0;
  #dropped = 0;
  #droppedSince = 0;
  #trouble: Pick<AuditTrouble, 'since' | 'code' | 'detail'> | undefined;
  #busy: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #stopping: Promise<void> | undefined;
  #ended = false;
  #head = {seq: 0, at: Number.NEGATIVE_INFINITY};

  private constructor(
    folder: string,
    now: () => number,
    settings: AuditSettings,
    from: {last: AuditHead; day: string},
  ) {
    this.#folder = folder;
    this.#now = now;
    this.#settings = settings;
    this.#file = new DayFile(folder);
    this.#last = from.last;
    this.#day = from.day;
  }

  /** Goes on where the chain ended. What a crash left half written is cut off, and that is the first line recorded. */
  static async open(
    folder: string,
    now: () => number,
    settings: Partial<AuditSettings> = {},
  ): Promise<Audit> {
    await mkdir(folder, {recursive: true, mode: 0o700});
    const {last, day, mended} = await recover(folder);
    const audit = new Audit(folder, now, {...defaults, ...settings}, {last, day});
    if (mended !== undefined) {
      const result = mended.lines === 0 ? 'ok' : 'failed';
      audit.record({action: 'audit.recovered', result, object: mended.file, details: {...mended}});
    }
    return audit;
  }

  record(entry: AuditRecord): void {
    const full = this.#waiting.length >= this.#settings.waitingLimit;
    try {
      if (full || this.#stopping !== undefined) this.#drop();
      else this.#queue(entry);
    } catch {
      // Nothing that is to be recorded is worth failing what it records.
      this.#drop();
    }
    this.#start();
  }

  /** Null when every line recorded so far is on disk or about to be. */
  get trouble(): AuditTrouble | null {
    const counts = {waiting: this.#waiting.length, dropped: this.#dropped};
    if (this.#trouble !== undefined) return {...this.#trouble, ...counts};
    if (this.#dropped === 0) return null;
    return {since: this.#droppedSince, code: '', detail: 'too many at once', ...counts};
  }

  /** The last line that is on disk. */
  get last(): AuditHead {
    return this.#last;
  }

  /** Ends when what was recorded before is on disk, or when one more attempt at that failed. */
  async flush(): Promise<void> {
    const goal = this.#recorded;
    do {
      clearTimeout(this.#retry);
      this.#retry = undefined;
      this.#start();
      await this.#busy;
    } while (this.#written < goal && this.#trouble === undefined);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  async #end(): Promise<void> {
    await this.flush();
    this.#ended = true;
    clearTimeout(this.#retry);
    await this.#writeHead();
    await this.#file.close();
  }

  #queue(entry: AuditRecord): void {
    this.#waiting.push(draftOf(entry, this.#now()));
    this.#recorded++;
  }

  #drop(): void {
    if (this.#dropped === 0) this.#droppedSince = this.#now();
    this.#dropped++;
  }

  #start(): void {
    if (this.#busy !== undefined || this.#retry !== undefined || this.#ended) return;
    if (this.#waiting.length > 0 || this.#dropped > 0) this.#busy = this.#writeWaiting();
  }

  async #writeWaiting(): Promise<void> {
    try {
      // Whoever records several lines in one go gets them into one batch.
      await Promise.resolve();
      while (this.#waiting.length > 0 || this.#dropped > 0) {
        this.#queueGap();
        await this.#writeBatch();
        this.#trouble = undefined;
      }
    } catch (cause) {
      this.#fail(cause);
    } finally {
      this.#busy = undefined;
    }
  }

  /** After the lines that were recorded before it: a gap opens behind a full queue. */
  #queueGap(): void {
    if (this.#dropped === 0 || this.#waiting.length >= this.#settings.waitingLimit) return;
    const details = {dropped: this.#dropped, since: new Date(this.#droppedSince)};
    this.#queue({action: 'audit.gap', result: 'failed', details});
    this.#dropped = 0;
  }

  async #writeBatch(): Promise<void> {
    const drafts = this.#waiting.slice(0, batchLimit);
    // A clock that was set back starts no older file: lines stand in the order they came in.
    const days = drafts.map(({time}) => time.slice(0, 10));
    const day = maxOf(this.#day, days[0]);
    const count = days.findIndex(other => other > day);
    let last = this.#last;
    const entries = drafts.slice(0, count === -1 ? drafts.length : count).map(draft => {
      const entry = chained(draft, last);
      last = entry;
      return entry;
    });
    const lines = entries.map(entry => `${encode(entry)}\n`);
    await this.#file.append(day, Buffer.from(lines.join('')));
    this.#day = day;
    this.#last = {seq: last.seq, hash: last.hash};
    this.#waiting.splice(0, lines.length);
    this.#written += lines.length;
    this.tail.tell(entries);
    const lagMs = Math.abs(this.#now() - this.#head.at);
    if (last.seq - this.#head.seq >= headLagLines || lagMs >= headLagMs) await this.#writeHead();
  }

  /** Only ever names a line that is on disk. A head that could not be written is an older one, and still true. */
  async #writeHead(): Promise<void> {
    if (this.#last.seq === this.#head.seq) return;
    const {seq} = this.#last;
    await replaceFile(headFile(this.#folder), `${JSON.stringify(this.#last)}\n`).then(
      () => {
        this.#head = {seq, at: this.#now()};
      },
      () => undefined,
    );
  }

  #fail(cause: unknown): void {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    this.#trouble = {since: this.#trouble?.since ?? this.#now(), code, detail: String(cause)};
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#start();
    }, this.#settings.retryMs).unref();
  }
}

function maxOf(a: string, b: string | undefined): string {
  return b === undefined || a > b ? a : b;
}

/** For status and the log: what happened, and what to do. */
export function describeAuditTrouble({code, detail, waiting, dropped}: AuditTrouble): string {
  const lost =
    dropped === 0 ? '' : ` ${dropped} entries could not even wait and are lost; the gap will be recorded.`;
  if (code === '')
    return `More was to be recorded at once than the audit can hold.${lost} Nothing has to be done.`;
  const fix = code === 'ENOSPC' || code === 'EDQUOT' ? 'Free some space' : 'Check the folder and its disk';
  return `The audit cannot be written (${detail}): ${waiting} entries wait.${lost} ${fix}; it goes on by itself.`;
}
