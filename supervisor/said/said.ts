/**
 * Owns the search in what is said: a text beside each finished film, one sieve for all of them, both made from the
 * reports and made anew where they are missing or broken. Never decides who may see a film, and never keeps a text in
 * memory. A text lies in its job's folder and goes with the dub; what the sieve has of it goes right after.
 */
import type {FileHandle} from 'node:fs/promises';
import {lstat, readdir, rm} from 'node:fs/promises';
import type {SaidLine} from '../../appliance/api/library-shapes.ts';
import {type Job, JobId} from '../../appliance/job.ts';
import type {Log} from '../../appliance/log.ts';
import type {Result} from '../../appliance/result.ts';
import type {Output} from '../../appliance/wire.ts';
import type {Trouble} from '../../web/box.ts';
import {type DataFolders, jobFolders} from '../folders.ts';
import {reportIn, spokenIn} from './report.ts';
import {type Places, Sieve} from './sieve.ts';
import {linesWith, readSaid, textOf, writeSaid} from './text.ts';
import {heard} from './words.ts';

export interface SaidParts {
  /** SEARCH_TRANSCRIPTS. */
  readonly isOn: boolean;
  readonly folders: Pick<DataFolders, 'jobs' | 'sieve'>;
  readonly jobs: {get(id: JobId): Job | undefined; ids(): Iterable<JobId>};
  readonly openOutput: (job: Job, output: Output) => Promise<Result<FileHandle, Trouble>>;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
  /** Milliseconds that never jump. */
  readonly steady: () => number;
}

export interface SaidAsk {
  readonly words: string;
  /** Films that whoever asks may see, in the order in which they are looked through. */
  readonly ids: readonly JobId[];
  readonly limit: number;
}

export interface Finding {
  readonly found: readonly {readonly id: JobId; readonly lines: readonly SaidLine[]}[];
  /** There is one more behind the last. */
  readonly more: boolean;
  /** It took too long: what is behind `last` was not looked at. */
  readonly partial: boolean;
  readonly last: JobId | null;
}

/** What one search may take, its waiting for those before it included. */
export interface SearchLimits {
  readonly ms: number;
  readonly bytes: number;
}

const searchLimits: SearchLimits = {ms: 2000, bytes: 256 << 20};
/** Texts that are read at a time. */
const atOnce = 8;

export class Said {
  readonly #parts: SaidParts;
  readonly #sieve: Sieve;
  readonly #limits: SearchLimits;
  readonly #stopping = new AbortController();
  /** Films whose text is to be made or looked after. */
  readonly #due = new Set<JobId>();
  /** Texts may be gone: resolved when the sieve has nothing of those. */
  #gone: PromiseWithResolvers<void> | undefined;
  #isAllDue = false;
  #settling: Promise<void> | undefined;
  #searching: Promise<unknown> = Promise.resolve();

  constructor(parts: SaidParts, limits = searchLimits) {
    this.#parts = parts;
    this.#limits = limits;
    this.#sieve = new Sieve(parts.folders.sieve);
  }

  get isOn(): boolean {
    return this.#parts.isOn;
  }

  /** Makes up for what is missing, beside all else; where the search is off, takes away what there is. */
  start(): void {
    this.#isAllDue = true;
    this.#gone ??= Promise.withResolvers();
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#settling;
    await this.#searching;
  }

  /** A dub was finished. */
  finished(id: JobId): void {
    this.#due.add(id);
    this.#wake();
  }

  /** Files of jobs were taken away. Resolves when nothing is left here of those that had a text. */
  swept(): Promise<void> {
    if (this.#stopping.signal.aborted) return Promise.resolve();
    this.#gone ??= Promise.withResolvers();
    const {promise} = this.#gone;
    this.#wake();
    return promise;
  }

  /** Resolves when there is nothing to make up for. */
  async settled(): Promise<void> {
    await this.#settling;
  }

  /** One search after the other: many at once would only wait for the same disk. */
  find(ask: SaidAsk): Promise<Finding> {
    const until = this.#parts.steady() + this.#limits.ms;
    const answer = this.#searching.then(() => this.#find(ask, until));
    this.#searching = answer.catch(() => {});
    return answer;
  }

  async #find({words, ids, limit}: SaidAsk, until: number): Promise<Finding> {
    const wanted = heard(words);
    const found: {id: JobId; lines: readonly SaidLine[]}[] = [];
    const none = {found, more: false, partial: false, last: null};
    if (wanted === '') return none;
    if (this.#isOver(until)) return {...none, partial: ids.length > 0};
    const without = await this.#sieve.without(wanted);
    const open = without === null ? ids : ids.filter(id => !without.has(id));
    let last: JobId | null = null;
    let bytes = 0;
    for (let at = 0; at < open.length; at += atOnce) {
      if (this.#isOver(until) || bytes > this.#limits.bytes) return {...none, partial: true, last};
      const few = open.slice(at, at + atOnce);
      for (const [i, looked] of (await Promise.all(few.map(id => this.#look(id, wanted)))).entries()) {
        const id = few[i];
        if (id === undefined) continue;
        bytes += looked.bytes;
        if (looked.lines.length > 0 && found.length === limit) return {...none, more: true};
        if (looked.lines.length > 0) found.push({id, lines: looked.lines});
        last = id;
      }
    }
    return none;
  }

  async #look(id: JobId, wanted: string): Promise<{bytes: number; lines: readonly SaidLine[]}> {
    const file = await readSaid(this.#pathOf(id));
    if (file.is === 'there') return {bytes: file.bytes.length, lines: linesWith(file.bytes, wanted)};
    if (file.is === 'broken') this.finished(id);
    return {bytes: 0, lines: []};
  }

  #isOver(until: number): boolean {
    return this.#stopping.signal.aborted || this.#parts.steady() > until;
  }

  #wake(): void {
    if (this.#stopping.signal.aborted) return;
    this.#settling ??= this.#settle().finally(() => {
      this.#settling = undefined;
      if (this.#isDue && !this.#stopping.signal.aborted) this.#wake();
    });
  }

  get #isDue(): boolean {
    return this.#due.size > 0 || this.#isAllDue || this.#gone !== undefined;
  }

  /** Until nothing is due. A fault ends it and is told: what it would have done is done at the next start. */
  async #settle(): Promise<void> {
    const {isOn, log} = this.#parts;
    try {
      while (this.#isDue && !this.#stopping.signal.aborted) {
        const [isAll, due] = [this.#isAllDue, [...this.#due]];
        this.#isAllDue = false;
        this.#due.clear();
        await (isOn ? this.#round(isAll, due) : this.#clear(isAll));
      }
    } catch (cause) {
      log.error({err: cause}, 'the search in what is said was not brought up to date');
    } finally {
      this.#heardOfGone();
    }
  }

  async #round(isAll: boolean, due: readonly JobId[]): Promise<void> {
    const {jobs, log} = this.#parts;
    let places = await this.#sieve.places();
    const isNew = places === null;
    if (places === null) {
      await this.#sieve.make();
      places = {of: new Map(), free: [], count: 0};
    }
    await this.#forgetGone(places);
    let made = 0;
    for (const id of isAll || isNew ? [...jobs.ids()] : due) {
      if (this.#stopping.signal.aborted) return;
      // Whoever purges a job does not wait for ten thousand others.
      await this.#forgetGone(places);
      if (await this.#keep(id, places)) made += 1;
    }
    if (made > 0) log.info({films: made}, 'what is said in them can be searched');
  }

  /** True when its text was made. What is wrong with one film is told, and the others have their turn. */
  async #keep(id: JobId, places: Places): Promise<boolean> {
    const job = this.#parts.jobs.get(id);
    if (job?.state.is !== 'done') return false;
    try {
      return await this.#bringUpToDate(job, places);
    } catch (cause) {
      this.#parts.log.warn({job: id, err: cause}, 'what is said in a film cannot be searched');
      return false;
    }
  }

  async #bringUpToDate(job: Job, places: Places): Promise<boolean> {
    const {id} = job;
    const report = reportIn(job);
    const isKnown = places.of.has(id);
    const there = await readSaid(this.#pathOf(id), isKnown);
    if (report !== undefined && there.is === 'there' && there.of === report.digest) {
      if (!isKnown) await this.#sieve.put(id, there.bytes.toString(), places);
      return false;
    }
    const lines =
      report === undefined ? undefined : await spokenIn(await this.#parts.openOutput(job, report), report);
    // What is there is of an older dub, or nothing: it must not be found.
    if (report === undefined || lines === undefined) {
      await this.#drop(id, places);
      return false;
    }
    const text = textOf(report.digest, lines);
    // The sieve first: whatever happens in between, no text is there that it would keep back.
    await this.#sieve.put(id, text, places);
    await writeSaid(this.#pathOf(id), text);
    // Its files may have been going meanwhile.
    if (this.#parts.jobs.get(id)?.state.is !== 'done') this.#gone ??= Promise.withResolvers();
    return true;
  }

  async #drop(id: JobId, places: Places): Promise<void> {
    await rm(this.#pathOf(id), {force: true});
    await this.#sieve.forget([id], places);
  }

  /** What the sieve has of films whose text is there no more. */
  async #forgetGone(places: Places): Promise<void> {
    const asked = this.#gone;
    if (asked === undefined) return;
    this.#gone = undefined;
    try {
      const gone: JobId[] = [];
      for (const id of places.of.keys()) {
        if (this.#stopping.signal.aborted) return;
        if ((await lstat(this.#pathOf(id)).catch(() => undefined)) === undefined) gone.push(id);
      }
      await this.#sieve.forget(gone, places);
    } finally {
      asked.resolve();
    }
  }

  /** Nobody waits for what is not done any more. */
  #heardOfGone(): void {
    this.#gone?.resolve();
    this.#gone = undefined;
  }

  /** All that there is, where nobody is to search it. */
  async #clear(isAll: boolean): Promise<void> {
    this.#heardOfGone();
    await this.#sieve.remove();
    if (!isAll) return;
    for (const name of await readdir(this.#parts.folders.jobs)) {
      const id = JobId.safeParse(name);
      if (id.success) await rm(this.#pathOf(id.data), {force: true});
    }
  }

  #pathOf(id: JobId): string {
    return jobFolders(this.#parts.folders, id).said;
  }
}
