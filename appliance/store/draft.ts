/** Owns what one change sees and does: the committed state under the changes of its batch under its own. Never writes. */
import type {z} from 'zod';
import {type Changes, frozen, type Put, type Row, type State} from './state.ts';
import {StoreTrouble} from './trouble.ts';

/** The tables of a store, by name, with what a row of each is. */
export type Rows<T> = {readonly [K in keyof T]: Row};

/**
 * What a row of each table has to be. Parsing what a schema gave must give the same again: rows pass it on their way
 * in, and each time that the store is opened.
 */
export type Tables<T> = {readonly [K in keyof T]: z.ZodType<T[K]>};

/** What one change may hold, in bytes of its line. */
export const changeLimitBytes = 4 << 20;

export class Draft<T extends Rows<T>> {
  readonly #tables: Tables<T>;
  readonly #state: State;
  /** Changes that came before in the same batch. */
  readonly #batch: Changes;
  #own: Changes | undefined;

  constructor(tables: Tables<T>, state: State, batch: Changes, own: Changes) {
    this.#tables = tables;
    this.#state = state;
    this.#batch = batch;
    this.#own = own;
  }

  get<K extends keyof T & string>(table: K, id: string): T[K] | undefined {
    const put = this.#changed(table, id);
    if (put === null) return undefined;
    return (put?.value ?? this.#state.tables.get(table)?.get(id)) as T[K] | undefined;
  }

  /** Gives the row as it will be read: a frozen copy. Throws what the table's schema throws on a row that is none. */
  put<K extends keyof T & string>(table: K, id: string, row: T[K]): T[K] {
    const value = this.#tables[table].parse(row);
    // Before it is frozen: V8 takes twice as long to write a frozen object.
    const json = JSON.stringify(value);
    this.#set(table, id, {value: frozen(value), json});
    return value;
  }

  /** False when there was none. */
  delete(table: keyof T & string, id: string): boolean {
    if (this.get(table, id) === undefined) return false;
    this.#set(table, id, null);
    return true;
  }

  /** All rows as they are in this draft; what is put meanwhile may come as well. */
  *all<K extends keyof T & string>(table: K): Generator<readonly [id: string, row: T[K]]> {
    const committed = this.#state.tables.get(table);
    for (const id of committed?.keys() ?? []) yield* this.#entry(table, id);
    const fresh = new Set<string>();
    for (const changes of [this.#batch, this.#living()])
      for (const id of changes.rowsOf(table)?.keys() ?? []) if (!committed?.has(id)) fresh.add(id);
    for (const id of fresh) yield* this.#entry(table, id);
  }

  /** 1, 2, 3 … for each name, without a gap: a change that fails gives its numbers back. */
  nextNumber(name: string): number {
    const own = this.#living();
    const last = own.counter(name) ?? this.#batch.counter(name) ?? this.#state.counters.get(name) ?? 0;
    own.count(name, last + 1);
    this.#limit(own);
    return last + 1;
  }

  /** Whoever kept the draft for later would write past the batch it belonged to. */
  end(): void {
    this.#own = undefined;
  }

  *#entry<K extends keyof T & string>(table: K, id: string): Generator<readonly [string, T[K]]> {
    const row = this.get(table, id);
    if (row !== undefined) yield [id, row];
  }

  #changed(table: string, id: string): Put | undefined {
    const own = this.#living().row(table, id);
    return own === undefined ? this.#batch.row(table, id) : own;
  }

  #set(table: string, id: string, put: Put): void {
    const own = this.#living();
    own.set(table, id, put);
    this.#limit(own);
  }

  #limit({bytes}: Changes): void {
    if (bytes > changeLimitBytes)
      throw new StoreTrouble({reason: 'too-large', bytes, limitBytes: changeLimitBytes});
  }

  #living(): Changes {
    if (this.#own === undefined) throw new Error('a draft ends when its change returns');
    return this.#own;
  }
}
