/**
 * Owns the list of what lies in the inbox and since when each file has not changed, by a clock it is given. Never looks
 * at a disk and never decides what becomes of a file.
 */
import type {At} from '../../appliance/job.ts';
import {isUntouched, type Sight} from './folder.ts';
import {type Kind, kindOf, type Name, nameOf, type Place, shown, type Why} from './names.ts';
import {type Pairing, pair} from './sidecars.ts';

export type Standing =
  | {readonly is: 'growing'}
  /** Whole, and something is in its way; looked at again from `retryAt` on. */
  | {readonly is: 'waiting'; readonly why: Why; readonly retryAt: number; readonly tries: number}
  /** Refused, and it could not be moved out of the inbox. */
  | {readonly is: 'refused'; readonly why: Why; readonly retryAt: number; readonly tries: number}
  | {readonly is: 'claiming'};

export interface Entry {
  readonly folder: Folder;
  readonly name: Name;
  readonly kind: Exclude<Kind, {is: 'ignored'}>;
  sight: Sight;
  /** When it was first seen as it is now: by the steady clock, and by the one people know. */
  since: number;
  sinceAt: At;
  standing: Standing;
  /** What its container promises and is not there; such a file is given more time. */
  lacks: string | null;
}

export interface Folder {
  /** Names from the inbox down. */
  readonly path: readonly Name[];
  /** The same for people: empty, or with a `/` at its end. */
  readonly shown: string;
  place: Place;
  readonly entries: Map<Name, Entry>;
  pairing: Pairing;
  /** The scan that saw it last. */
  scan: number;
  /** When a film of it was taken last, so that each folder has its turn. */
  turn: number;
}

interface Fresh {
  readonly name: Name;
  readonly sight: Sight;
  readonly shown: string;
}

export interface Clock {
  /** Milliseconds that never jump. */
  readonly steady: number;
  readonly at: At;
}

const nothing: Pairing = {sidecars: new Map(), films: new Map()};

/** `Episode 2` before `Episode 10`. */
const byName = new Intl.Collator('en', {numeric: true});

export class Ledger {
  readonly #limit: number;
  readonly #folders = new Map<string, Folder>();
  #scan = 0;
  #size = 0;
  /** Files that the last scan saw and that found no room here. */
  beyond = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  /** In the order they came; films of one scan in the order of their names. */
  *entries(): Generator<Entry> {
    for (const folder of this.#folders.values()) yield* folder.entries.values();
  }

  /** The folder that waits longest for its turn first. */
  folders(): readonly Folder[] {
    return [...this.#folders.values()].sort((a, b) => a.turn - b.turn);
  }

  /** True while a file may still be written to. */
  hasUnsettled(steady: number, stableMs: number): boolean {
    for (const entry of this.entries()) if (!isSettled(entry, steady, stableMs)) return true;
    return false;
  }

  startScan(): void {
    this.#scan++;
    this.beyond = 0;
  }

  /** What a folder holds now. Files that are gone are forgotten, others keep their time as long as they are the same. */
  see(
    path: readonly Name[],
    files: readonly {readonly name: Name; readonly sight: Sight}[],
    {place, clock}: {readonly place: Place; readonly clock: Clock},
  ): void {
    const folder = this.#folder(path, place);
    const seen = new Set<Name>();
    const fresh: Fresh[] = [];
    for (const {name, sight} of files) {
      seen.add(name);
      const entry = folder.entries.get(name);
      if (entry === undefined) fresh.push({name, sight, shown: shown(name)});
      else observe(entry, sight, clock);
    }
    const gone = [...folder.entries].filter(
      ([name, {standing}]) => !seen.has(name) && standing.is !== 'claiming',
    );
    for (const [name] of gone) this.#drop(folder, name);
    for (const file of fresh.sort((a, b) => byName.compare(a.shown, b.shown))) this.#add(folder, file, clock);
    if (fresh.length + gone.length > 0) folder.pairing = pairingOf(folder);
  }

  /** A folder that could not be read: what is known of it stays. */
  keep(path: readonly Name[]): void {
    const prefix = path.join('/');
    for (const [key, folder] of this.#folders) {
      if (key === prefix || key.startsWith(`${prefix}/`)) folder.scan = this.#scan;
    }
  }

  /** Forgets folders that are gone. */
  endScan(): void {
    for (const [key, folder] of this.#folders) {
      if (folder.scan === this.#scan) continue;
      for (const [name, {standing}] of folder.entries) {
        if (standing.is !== 'claiming') this.#drop(folder, name);
      }
      if (folder.entries.size === 0) this.#folders.delete(key);
    }
  }

  /** It is in the inbox no more. */
  remove({folder, name}: Entry): void {
    if (folder.entries.has(name)) this.#drop(folder, name);
  }

  #folder(path: readonly Name[], place: Place): Folder {
    const key = path.join('/');
    const folder = this.#folders.get(key) ?? {
      ...{path, place, entries: new Map(), pairing: nothing, scan: 0, turn: 0},
      shown: path.map(name => `${shown(name)}/`).join(''),
    };
    folder.place = place;
    folder.scan = this.#scan;
    this.#folders.set(key, folder);
    return folder;
  }

  #add(folder: Folder, {name, sight}: Fresh, clock: Clock): void {
    const kind = kindOf(name);
    if (kind.is === 'ignored') return;
    if (this.#size >= this.#limit) {
      this.beyond++;
      return;
    }
    this.#size++;
    const times = {since: clock.steady, sinceAt: clock.at};
    folder.entries.set(name, {folder, name, kind, sight, ...times, standing: {is: 'growing'}, lacks: null});
  }

  #drop(folder: Folder, name: Name): void {
    folder.entries.delete(name);
    this.#size--;
  }
}

/** A file that is not what it was starts anew; one that is being taken is judged by whoever takes it. */
function observe(entry: Entry, sight: Sight, clock: Clock): void {
  if (entry.standing.is === 'claiming' || isUntouched(entry.sight, sight)) return;
  entry.sight = sight;
  restart(entry, clock);
}

/** For people: from the inbox down. */
export const pathOfEntry = ({folder, name}: Pick<Entry, 'folder' | 'name'>): string =>
  folder.shown + shown(name);

export function restart(entry: Entry, {steady, at}: Clock): void {
  entry.since = steady;
  entry.sinceAt = at;
  entry.standing = {is: 'growing'};
  entry.lacks = null;
}

/** Doubled at every try. */
const retryMs = 5_000;
const retryLimitMs = 600_000;

/** Sets a time for the next try, twice as far off as the last. True when it is for another reason than the last. */
export function postpone(
  entry: Entry,
  is: 'waiting' | 'refused',
  {
    before,
    why,
    steady,
    limitMs = retryLimitMs,
  }: {
    readonly before: Standing;
    readonly why: Why;
    readonly steady: number;
    readonly limitMs?: number;
  },
): boolean {
  const tries = before.is === is ? before.tries + 1 : 1;
  const retryAt = steady + Math.min(limitMs, retryMs * 2 ** (tries - 1));
  entry.standing = {is, why, retryAt, tries};
  return before.is !== is || before.why.what !== why.what;
}

/** An empty file may only have been begun, and one whose end is missing may be waiting for the rest of a slow copy. */
const emptyFactor = 10;
const lackingFactor = 10;
const lackingMs = 600_000;

export function patienceMs({sight, lacks}: Pick<Entry, 'sight' | 'lacks'>, stableMs: number): number {
  if (lacks !== null) return Math.max(lackingMs, lackingFactor * stableMs);
  return sight.type === 'file' && sight.bytes === 0 ? emptyFactor * stableMs : stableMs;
}

export function isSettled(
  entry: Pick<Entry, 'sight' | 'lacks' | 'since'>,
  steady: number,
  stableMs: number,
): boolean {
  return steady - entry.since >= patienceMs(entry, stableMs);
}

function pairingOf(folder: Folder): Pairing {
  const films: string[] = [];
  const sidecars: string[] = [];
  for (const {kind, sight} of folder.entries.values()) {
    if (sight.type !== 'file') continue;
    if (kind.is === 'film') films.push(kind.name);
    if (kind.is === 'sidecar') sidecars.push(kind.name);
  }
  return sidecars.length === 0 ? nothing : pair(films, sidecars);
}

/** A film's sidecars that are in the folder, and whether another film that has to wait wants them as well. */
export function sidecarsOf(film: Entry): readonly {readonly entry: Entry; readonly shared: boolean}[] {
  const {folder, kind} = film;
  if (kind.is !== 'film') return [];
  return (folder.pairing.sidecars.get(kind.name) ?? []).flatMap(name => {
    const entry = folder.entries.get(nameOf(name));
    if (entry === undefined) return [];
    const others = (folder.pairing.films.get(name) ?? []).filter(other => other !== kind.name);
    const waiting = others.map(other => folder.entries.get(nameOf(other)));
    return [{entry, shared: waiting.some(other => other !== undefined && other.standing.is !== 'claiming')}];
  });
}
