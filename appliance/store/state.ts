/** Owns what the store holds in memory, and the changes on their way into it. Never reads or writes a file. */
import {z} from 'zod';

/** What a row may be: what JSON gives back as it was. A date or a map would come back as something else. */
export type Row = string | number | boolean | readonly Json[] | {readonly [key: string]: Json | undefined};
type Json = Row | null;

export interface State {
  readonly tables: Map<string, Map<string, unknown>>;
  /** The last number that was given out, by name. */
  readonly counters: Map<string, number>;
  /** How many batches of changes have been written since the store began. */
  readonly seq: number;
}

export function emptyState(): State {
  return {tables: new Map(), counters: new Map(), seq: 0};
}

/** The rows of one table; made when they are first asked for. */
export function rowsIn({tables}: Pick<State, 'tables'>, table: string): Map<string, unknown> {
  const known = tables.get(table);
  if (known !== undefined) return known;
  const rows = new Map<string, unknown>();
  tables.set(table, rows);
  return rows;
}

/** What a line of a journal says: all of it counts, or none. */
export const Batch = z.object({
  /** The version of the rows in it. */
  v: z.number().int().positive(),
  seq: z.number().int().positive(),
  put: z.array(z.tuple([z.string(), z.string(), z.unknown()])),
  delete: z.array(z.tuple([z.string(), z.string()])),
  count: z.array(z.tuple([z.string(), z.number().int()])),
});
export type Batch = z.infer<typeof Batch>;

/** A row that is to be put, with its JSON; null to delete what is there. */
export type Put = {readonly value: unknown; readonly json: string} | null;

/** Changes that are not on disk yet: of one commit, or of all commits of a batch. */
export class Changes {
  readonly #rows = new Map<string, Map<string, Put>>();
  readonly #counters = new Map<string, number>();
  #bytes = 0;

  /** How much of a line they take, or a little more. */
  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#rows.size === 0 && this.#counters.size === 0;
  }

  /** Undefined where nothing is to change. */
  row(table: string, id: string): Put | undefined {
    return this.#rows.get(table)?.get(id);
  }

  rowsOf(table: string): ReadonlyMap<string, Put> | undefined {
    return this.#rows.get(table);
  }

  counter(name: string): number | undefined {
    return this.#counters.get(name);
  }

  set(table: string, id: string, put: Put): void {
    this.#place(table, id, put);
    this.#bytes += 20 + Buffer.byteLength(table) + Buffer.byteLength(id) + Buffer.byteLength(put?.json ?? '');
  }

  count(name: string, number: number): void {
    this.#counters.set(name, number);
    this.#bytes += 30 + Buffer.byteLength(name);
  }

  /** Takes in changes that were made after these. */
  add(later: Changes): void {
    for (const [table, rows] of later.#rows) for (const [id, put] of rows) this.#place(table, id, put);
    for (const [name, number] of later.#counters) this.#counters.set(name, number);
    this.#bytes += later.#bytes;
  }

  /** As a Batch in JSON; the rows are in JSON already. */
  json(version: number, seq: number): string {
    const put: string[] = [];
    const gone: string[] = [];
    for (const [table, rows] of this.#rows) {
      for (const [id, row] of rows) {
        const key = `${JSON.stringify(table)},${JSON.stringify(id)}`;
        if (row === null) gone.push(`[${key}]`);
        else put.push(`[${key},${row.json}]`);
      }
    }
    const count = JSON.stringify([...this.#counters]);
    return `{"v":${version},"seq":${seq},"put":[${put.join()}],"delete":[${gone.join()}],"count":${count}}`;
  }

  /** The state with these in it. Its maps are changed in place: copying ten thousand rows for one is no use to anybody. */
  appliedTo(state: State): State {
    for (const [table, changed] of this.#rows) {
      const rows = rowsIn(state, table);
      for (const [id, put] of changed) {
        if (put === null) rows.delete(id);
        else rows.set(id, put.value);
      }
    }
    for (const [name, number] of this.#counters) state.counters.set(name, number);
    return {...state, seq: state.seq + 1};
  }

  #place(table: string, id: string, put: Put): void {
    const rows = this.#rows.get(table) ?? new Map<string, Put>();
    this.#rows.set(table, rows.set(id, put));
  }
}

/** Makes a row that nobody can change, however deep. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) for (const item of value) frozen(item);
  else for (const key in value) frozen(value[key]);
  return Object.freeze(value);
}
