/**
 * Owns the appliance's state: rows in tables, read from memory, changed by commits that are on disk before anybody sees
 * them. lowdb holds it. Never knows what a row means, nor what a file looks like.
 *
 * A commit is copy, change, persist, swap: its changes are made on a draft over the committed rows; the changes of all
 * commits that wait become one line of the journal; only when that is on disk do they become what is read.
 */
import {setImmediate} from 'node:timers/promises';
import {Low} from 'lowdb';
import {Failed} from '../failure.ts';
import {FolderLock} from '../lock.ts';
import {type Held, JournalAdapter, type Opened} from './adapter.ts';
import {Disk} from './disk.ts';
import {Draft, type Rows, type Tables} from './draft.ts';
import {checkMigrations, type Migrations} from './migrate.ts';
import {rowReader} from './read.ts';
import {Changes, emptyState, rowsIn} from './state.ts';
import {StoreTrouble, troubleWith} from './trouble.ts';

export interface StoreOptions<T extends Rows<T>> {
  readonly tables: Tables<T>;
  /** Of the rows: a schema that old rows don't fit makes a new version, with a migration to it. */
  readonly version: number;
  readonly migrations: Migrations;
  /** Hears what goes wrong while nobody waits for it: a new generation that could not be made. Changes go on. */
  readonly tell: (trouble: StoreTrouble) => void;
  readonly disk?: Disk;
}

interface Waiting {
  /** Makes the changes of one commit, and keeps what it gives or throws until they are on disk. */
  readonly run: (batch: Changes) => void;
  readonly settle: () => void;
  readonly refuse: (cause: unknown) => void;
}

/** Commits that may wait; one more is refused. */
const waitingLimit = 10_000;
/** What goes into one line, unless a single change is larger: a disk takes it in about the time of a short one. */
const batchBytes = 128 << 10;
/** Commits in one batch. */
const batchCommits = 200;
/** What goes to disk in one turn of the event loop, unless a single batch is larger: eight batches at most. */
const rowBytes = 64 << 10;
/** How often an answer may be handed on, from promise to promise, until somebody commits again. */
const answerHops = 6;

export class Store<T extends Rows<T>> {
  readonly #folder: string;
  readonly #tables: Tables<T>;
  readonly #adapter: JournalAdapter;
  readonly #low: Low<Held>;
  readonly #lock: FolderLock;
  readonly #waiting: Waiting[] = [];
  #turns: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  private constructor(folder: string, disk: Disk, {tables, ...options}: StoreOptions<T>) {
    this.#folder = folder;
    this.#tables = tables;
    this.#lock = new FolderLock(folder);
    this.#adapter = new JournalAdapter({...options, folder, disk, row: rowReader(folder, tables)});
    this.#low = new Low<Held>(this.#adapter, {committed: emptyState(), unsaved: null});
  }

  /** Throws StoreTrouble when the state is in use, damaged, newer than this program, or out of reach. */
  static async open<T extends Rows<T>>(folder: string, options: StoreOptions<T>): Promise<Store<T>> {
    checkMigrations(options.migrations, options.version);
    const disk = options.disk ?? new Disk(() => performance.now());
    const store = new Store<T>(folder, disk, options);
    try {
      await disk.makeFolder(folder);
      await store.#lock.take();
      await store.#low.read();
      return store;
    } catch (cause) {
      await store.stop();
      if (cause instanceof Failed && cause.failure.reason === 'busy')
        throw new StoreTrouble({reason: 'locked', folder, pid: cause.failure.pid}, {cause});
      throw troubleWith(folder, cause);
    }
  }

  get opened(): Opened {
    return this.#adapter.opened;
  }

  /** A row as it is on disk: frozen, and the same object until it is changed. */
  get<K extends keyof T & string>(table: K, id: string): T[K] | undefined {
    return this.all(table).get(id);
  }

  /** All rows as they are on disk. The map goes on showing what is: take what is needed before waiting for something. */
  all<K extends keyof T & string>(table: K): ReadonlyMap<string, T[K]> {
    // Every row passed the schema of its table on its way in.
    return rowsIn(this.#low.data.committed, table) as ReadonlyMap<string, T[K]>;
  }

  /** The last number that was given out under a name; 0 before the first. */
  lastNumber(name: string): number {
    return this.#low.data.committed.counters.get(name) ?? 0;
  }

  /**
   * Makes changes, all or none. Resolves when they are on disk and can be read. Changes run one after another, each on
   * what those before it made, and must not wait for anything. Rejects with what `change` throws; or with StoreTrouble
   * when they can't be put on disk, and then nothing of them remains.
   */
  commit<R>(change: (draft: Draft<T>) => R): Promise<R> {
    if (this.#stopped !== undefined)
      return Promise.reject(new StoreTrouble({reason: 'stopped', folder: this.#folder}));
    const waiting = this.#waiting.length;
    if (waiting >= waitingLimit) return Promise.reject(new StoreTrouble({reason: 'overloaded', waiting}));
    return new Promise<R>((resolve, reject) => {
      let settle = (): void => reject(new Error('a commit was settled before it ran'));
      const run = (batch: Changes): void => {
        try {
          const result = this.#run(change, batch);
          settle = () => resolve(result);
        } catch (cause) {
          settle = () => reject(cause);
        }
      };
      this.#waiting.push({run, settle: () => settle(), refuse: reject});
      this.#turns ??= this.#goOn();
    });
  }

  /** Ends what was begun, and lets go of the folder. */
  stop(): Promise<void> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  async #end(): Promise<void> {
    try {
      await this.#turns;
      await this.#adapter.close();
    } finally {
      await this.#lock.leave();
    }
  }

  /**
   * The first batch waits for the turn of the event loop to end, and so has what all of its callbacks commit. Whoever
   * commits again as soon as he is answered goes on at once, a few times, before everybody else gets a turn.
   */
  async #goOn(): Promise<void> {
    for (let bytes = 0; this.#waiting.length > 0; ) {
      if (bytes === 0) await setImmediate();
      bytes += Math.max(await this.#turn(), rowBytes / 8);
      if (bytes >= rowBytes) bytes = 0;
      for (let hop = 0; hop < answerHops && this.#waiting.length === 0; hop++) await Promise.resolve();
    }
    this.#turns = undefined;
  }

  /** Says how much it had to write. */
  async #turn(): Promise<number> {
    const ran: Waiting[] = [];
    const batch = this.#takeBatch(ran);
    try {
      if (!batch.isEmpty) await this.#persist(batch);
      for (const {settle} of ran) settle();
    } catch (cause) {
      // A commit that failed by itself failed on what others had made: that never came to be.
      for (const {refuse} of ran) refuse(cause);
    }
    if (this.#adapter.isGrown) await this.#adapter.renew(this.#low.data.committed);
    return batch.bytes;
  }

  #takeBatch(ran: Waiting[]): Changes {
    const batch = new Changes();
    while (ran.length < batchCommits && batch.bytes < batchBytes) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      ran.push(next);
      next.run(batch);
    }
    return batch;
  }

  async #persist(batch: Changes): Promise<void> {
    const {committed} = this.#low.data;
    if (!this.#adapter.isSound) await this.#adapter.mend(committed);
    this.#low.data = {committed, unsaved: batch};
    try {
      await this.#low.write();
    } catch (cause) {
      this.#low.data = {committed, unsaved: null};
      throw cause;
    }
    this.#low.data = {committed: batch.appliedTo(committed), unsaved: null};
  }

  /** Adds the changes to the batch if the change returns; a change that throws adds none. */
  #run<R>(change: (draft: Draft<T>) => R, batch: Changes): R {
    const own = new Changes();
    const draft = new Draft<T>(this.#tables, this.#low.data.committed, batch, own);
    try {
      const result = change(draft);
      if (result instanceof Promise)
        throw new Error('a change must not wait: commit takes no async function');
      batch.add(own);
      return result;
    } finally {
      draft.end();
    }
  }
}
