/**
 * Owns the files behind lowdb: reads the state when the store opens, puts each batch of changes on disk, begins new
 * generations, and sets right what a failed write left. Never decides what is changed.
 *
 * When a write fails, what it was to write may be on disk in part, in whole, or only in the page cache. The journal is
 * cut back at once, so that a change that was refused can't come back after a crash. That is enough when space ran
 * out: no line was given up that had been accepted. After any other error it is not. The kernel reports a failed
 * write-back once and then takes the page for clean, so that a later sync of the same file proves nothing: the state
 * in memory, which is what was acknowledged, goes to a new generation of new files before any change is accepted again.
 */
import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import type {Disk} from './disk.ts';
import {
  type Chain,
  chainIn,
  copyName,
  draftName,
  draftsIn,
  journalName,
  snapshotName,
  staleIn,
} from './generations.ts';
import {Journal} from './journal.ts';
import {lineOf} from './line.ts';
import type {Loaded} from './load.ts';
import {keepCopy, type Migrations, migrate} from './migrate.ts';
import {type ReadRow, readState} from './read.ts';
import {type Still, stillOf, writeSnapshot} from './snapshot.ts';
import {type Changes, emptyState, type State} from './state.ts';
import {isNoSpace, type StoreTrouble, troubleWith} from './trouble.ts';

/** What lowdb holds: the state that is on disk, and the changes that `write` is to add to it. */
export interface Held {
  readonly committed: State;
  readonly unsaved: Changes | null;
}

export interface AdapterOptions {
  readonly folder: string;
  readonly version: number;
  readonly migrations: Migrations;
  readonly disk: Disk;
  /** Makes a row of this version of what a file says. */
  readonly row: ReadRow;
  /** Hears of a new generation that could not be made; it is tried again later. */
  readonly tell: (trouble: StoreTrouble) => void;
}

/** What was found when the store was opened. */
export interface Opened {
  /** Null where the state is new, or was of this version. */
  readonly migratedFrom: number | null;
  /** What a crash had left of a change that was never acknowledged. */
  readonly tornBytes: number;
}

/** A journal may grow to this, or to twice its snapshot. */
const leastJournalBytes = 1 << 20;

export class JournalAdapter {
  readonly #options: AdapterOptions;
  #journal: Journal | undefined;
  #opened: Opened = {migratedFrom: null, tornBytes: 0};
  /** What the last failed write left: nothing that was not set right, or doubt whether the disk has what it said. */
  #left: 'nothing' | 'a-doubt' = 'nothing';
  /** Written since the last snapshot was begun, and how much of it asks for another. */
  #journalBytes = 0;
  #enoughBytes = leastJournalBytes;
  #snapshot: Promise<void> | undefined;
  readonly #stop = new AbortController();

  constructor(options: AdapterOptions) {
    this.#options = options;
  }

  get opened(): Opened {
    return this.#opened;
  }

  /** For lowdb: the state as it is on disk. Throws StoreTrouble. */
  async read(): Promise<Held> {
    const {folder, disk, version, row} = this.#options;
    const names = await readdir(folder);
    const loaded = await readState({folder, version, row, names});
    for (const draft of draftsIn(names)) await disk.remove(join(folder, draft));
    if (loaded === undefined) return this.#startWith(emptyState());
    const {state, number, end, tornBytes, snapshotBytes} = loaded;
    this.#journal = await Journal.resume(disk, {path: join(folder, journalName(number)), number, end});
    if (tornBytes > 0) await this.#journal.cut();
    const from = loaded.version ?? version;
    this.#opened = {migratedFrom: from < version ? from : null, tornBytes};
    if (from < version) return this.#startWith(await this.#migrated(loaded, names, from));
    // There are only journals: the first start was cut off, or the snapshot was put aside.
    if (snapshotBytes === 0) return this.#startWith(state);
    this.#journalBytes = loaded.journalBytes;
    this.#snapshotIs(snapshotBytes);
    return {committed: state, unsaved: null};
  }

  /** For lowdb: all changes are on disk when it returns. Throws StoreTrouble, and then none of them count. */
  async write({committed, unsaved}: Held): Promise<void> {
    if (unsaved === null) return;
    const journal = this.#current();
    const line = lineOf(unsaved.json(this.#options.version, committed.seq + 1));
    try {
      await journal.append(line);
      this.#journalBytes += line.length;
    } catch (cause) {
      await this.#fell(journal, cause);
      throw troubleWith(journal.path, cause);
    }
  }

  /** False when the last write failed and left something to be mended. */
  get isSound(): boolean {
    return this.#left === 'nothing';
  }

  /** To be called before a write where that is so. Throws StoreTrouble while it can't be mended. */
  async mend(committed: State): Promise<void> {
    const journal = this.#current();
    try {
      await this.#snapshot;
      await journal.cut();
      if (this.#left === 'a-doubt') await this.#startWith(committed);
      this.#left = 'nothing';
    } catch (cause) {
      throw troubleWith(journal.path, cause);
    }
  }

  /** True when the journal has grown enough for a new generation. */
  get isGrown(): boolean {
    return this.#snapshot === undefined && this.#journalBytes > this.#enoughBytes;
  }

  /** Begins a new generation, and returns as soon as changes can go on. `committed` must not change before that. */
  async renew(committed: State): Promise<void> {
    const {path} = this.#current();
    const failed = (cause: unknown): void => {
      this.#enoughBytes = this.#journalBytes + leastJournalBytes;
      if (!this.#stop.signal.aborted) this.#options.tell(troubleWith(path, cause));
    };
    try {
      const written = await this.#begin(committed);
      this.#snapshot = written.snapshot.catch(failed).finally(() => {
        this.#snapshot = undefined;
      });
    } catch (cause) {
      failed(cause);
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#snapshot;
    await this.#journal?.close();
  }

  #current(): Journal {
    if (this.#journal === undefined)
      throw new Error(`${this.#options.folder} was written before it was read`);
    return this.#journal;
  }

  async #migrated({state}: Loaded, names: readonly string[], from: number): Promise<State> {
    const {folder, disk, version: to, migrations, row} = this.#options;
    const files = filesOf(chainIn(names));
    await keepCopy(disk, {folder, version: to, files});
    return migrate({folder, state, from, to, migrations, row: (...raw) => row(...raw, copyName(to))});
  }

  /** A new generation that no change goes to before all of it is on disk. */
  async #startWith(state: State): Promise<Held> {
    await (await this.#begin(state)).snapshot;
    return {committed: state, unsaved: null};
  }

  async #begin(state: State): Promise<{readonly snapshot: Promise<void>}> {
    const before = this.#journalBytes;
    const journal = await this.#emptyJournal();
    return {snapshot: this.#writeSnapshot(stillOf(state, this.#options.version), journal.number, before)};
  }

  /** The one there is where nothing was written to it: an earlier try to begin a generation got no further. */
  async #emptyJournal(): Promise<Journal> {
    const old = this.#journal;
    if (old?.isEmpty) return old;
    const {folder, disk} = this.#options;
    const number = (old?.number ?? 0) + 1;
    this.#journal = await Journal.create(disk, {path: join(folder, journalName(number)), number});
    await old?.close();
    return this.#journal;
  }

  async #writeSnapshot(still: Still, number: number, writtenBefore: number): Promise<void> {
    const {folder, disk} = this.#options;
    const [draft, path] = [join(folder, draftName(number)), join(folder, snapshotName(number))];
    this.#snapshotIs(await writeSnapshot({disk, still, draft, path, signal: this.#stop.signal}));
    this.#journalBytes -= writtenBefore;
    for (const name of staleIn(await readdir(folder))) await disk.remove(join(folder, name));
  }

  #snapshotIs(bytes: number): void {
    this.#enoughBytes = Math.max(leastJournalBytes, 2 * bytes);
  }

  /** What the failed write left is cut off at once: nothing that was refused may come back after a crash. */
  async #fell(journal: Journal, cause: unknown): Promise<void> {
    this.#left = 'a-doubt';
    try {
      await journal.cut();
      if (isNoSpace(cause)) this.#left = 'nothing';
    } catch {
      // It is tried again before the next write.
    }
  }
}

function filesOf(chain: Chain | undefined): readonly string[] {
  if (chain === undefined) return [];
  const snapshot = chain.snapshot === 0 ? [] : [snapshotName(chain.snapshot)];
  return [...snapshot, ...chain.journals.map(each => journalName(each))];
}
