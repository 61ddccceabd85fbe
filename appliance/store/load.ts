/** Owns reading a state back from its snapshot and journals. Never changes a file, never decides what to do about damage. */
import {open, readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {type Chain, chainIn, journalName, snapshotName} from './generations.ts';
import {type Line, linesIn, saidIn, tailAfter} from './line.ts';
import {readSnapshot} from './snapshot.ts';
import {Batch, emptyState, rowsIn, type State} from './state.ts';

/** What makes a row of what a file says, for files of a version; throws for what may not come in. */
export type Door = (version: number) => (table: string, id: string, raw: unknown, file: string) => unknown;

export interface Loaded {
  readonly state: State;
  /** Of its rows; undefined while there is none. */
  readonly version: number | undefined;
  readonly snapshotBytes: number;
  /** What its journals hold. */
  readonly journalBytes: number;
  /** The last journal, and where its lines end. */
  readonly number: number;
  readonly end: number;
  /** What follows them: a line that was being written when the power went, and never acknowledged. */
  readonly tornBytes: number;
}

/** Where a state cannot be read, and what of it. */
export class Damage extends Error {
  readonly at: DamageAt;

  constructor(at: DamageAt) {
    super(`${at.kind} ${at.number} is damaged`);
    this.at = at;
  }
}

export interface DamageAt {
  readonly kind: 'snapshot' | 'journal' | 'missing';
  readonly number: number;
  readonly offset: number;
  readonly detail: string;
}

/** Undefined where there is no state yet. Throws Damage. */
export async function load(folder: string, door: Door): Promise<Loaded | undefined> {
  const chain = chainIn(await readdir(folder));
  return chain === undefined ? undefined : loadChain(folder, chain, door);
}

export async function loadChain(folder: string, chain: Chain, door: Door): Promise<Loaded> {
  if (chain.missing !== undefined) {
    const detail = chain.snapshot === 0 ? 'it is gone, and there is no snapshot' : 'it is gone';
    throw new Damage({kind: 'missing', number: chain.missing, offset: 0, detail});
  }
  const loader = new Loader(folder, door);
  if (chain.snapshot > 0) await loader.snapshot(chain.snapshot);
  for (const number of chain.journals) await loader.journal(number);
  return loader.loaded;
}

class Loader {
  readonly #folder: string;
  readonly #door: Door;
  #row: ReturnType<Door> | undefined;
  #state = emptyState();
  #version: number | undefined;
  #snapshotBytes = 0;
  #journalBytes = 0;
  /** Of the journal that was read last. */
  #last = {number: 0, end: 0, tornBytes: 0};

  constructor(folder: string, door: Door) {
    this.#folder = folder;
    this.#door = door;
  }

  get loaded(): Loaded {
    return {
      state: this.#state,
      version: this.#version,
      snapshotBytes: this.#snapshotBytes,
      journalBytes: this.#journalBytes,
      ...this.#last,
    };
  }

  async snapshot(number: number): Promise<void> {
    const name = snapshotName(number);
    const end = await readSnapshot(join(this.#folder, name), {
      head: ({v, seq, count}) => {
        this.#begin(v);
        this.#state = {...this.#state, seq, counters: new Map(count)};
      },
      row: (table, id, raw) => this.#put(table, id, raw, name),
    });
    if (end.is === 'damaged') throw new Damage({kind: 'snapshot', number, ...end});
    this.#snapshotBytes = end.bytes;
  }

  async journal(number: number): Promise<void> {
    await using file = await open(join(this.#folder, journalName(number)), 'r');
    const before = this.#last;
    // A journal is begun only when all that came before it is on disk: what is torn there was acknowledged.
    if (before.tornBytes > 0) {
      const detail = 'its last line is not sound, and another journal goes on after it';
      throw new Damage({kind: 'journal', number: before.number, offset: before.end, detail});
    }
    let end = 0;
    for await (const line of linesIn(file, 0)) {
      this.#take(line, number);
      end = line.end;
    }
    const tail = await tailAfter(file, end);
    if (tail.is === 'damaged') {
      const detail = `no sound line begins there, yet ${tail.laterLines} more do after it`;
      throw new Damage({kind: 'journal', number, offset: end, detail});
    }
    this.#journalBytes += end;
    this.#last = {number, end, tornBytes: tail.is === 'torn' ? tail.bytes : 0};
  }

  #take(line: Line, number: number): void {
    const refuse = (detail: string): never => {
      throw new Damage({kind: 'journal', number, offset: line.offset, detail});
    };
    const batch =
      Batch.safeParse(saidIn(line)).data ?? refuse('its line says nothing that this program knows');
    const {v, seq, put, count} = batch;
    if (this.#version === undefined) this.#begin(v);
    else if (v !== this.#version) refuse(`it goes on in version ${v}, after version ${this.#version}`);
    if (seq !== this.#state.seq + 1) refuse(`write ${seq} comes after write ${this.#state.seq}`);
    for (const [table, id, raw] of put) this.#put(table, id, raw, journalName(number));
    for (const [table, id] of batch.delete) rowsIn(this.#state, table).delete(id);
    for (const [name, last] of count) this.#state.counters.set(name, last);
    this.#state = {...this.#state, seq};
  }

  #begin(version: number): void {
    this.#row = this.#door(version);
    this.#version = version;
  }

  #put(table: string, id: string, raw: unknown, file: string): void {
    if (this.#row === undefined) throw new Error('a row came before the version that it is of');
    rowsIn(this.#state, table).set(id, this.#row(table, id, raw, file));
  }
}
