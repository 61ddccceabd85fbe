/**
 * Owns what a browser keeps of uploads so that they outlive a reload: which there are, and a copy of each file where it fits. What is
 * kept is one person's: another who logs in here finds none of it, and logging out takes it away. Never sends anything.
 */
import type {Bring} from './bring.ts';

/** As it lies in the database. */
export interface Kept extends Pick<Bring, 'key' | 'parts' | 'wishes'> {
  readonly user: string;
  readonly isPaused: boolean;
  /** The tab that sends it, until then (milliseconds since 1970): two of them would cut each other off. */
  readonly tab: string;
  readonly until: number;
}

export interface Beat {
  readonly adopted: readonly Kept[];
  /** Their keys. */
  readonly lost: readonly string[];
}

const name = 'uploads';
/** Copies take time and room: more than this of them is not kept. */
const keptBytes = 2_000_000_000;
/** Of what the browser would give. */
const keptShare = 0.5;

/** Null where a browser keeps nothing: uploads then live as long as the page. */
export async function openKeeper(): Promise<Keeper | null> {
  try {
    const asked = indexedDB.open(name, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore('brings', {keyPath: 'key'});
      asked.result.createObjectStore('files');
    };
    const database = await answered(asked);
    // Somebody logs out in another tab.
    database.onversionchange = () => database.close();
    return new Keeper(database);
  } catch {
    return null;
  }
}

/** All of it, whoever's it is. */
export async function deleteKept(): Promise<void> {
  const asked = indexedDB.deleteDatabase(name);
  await answered(asked).catch(() => undefined);
}

export class Keeper {
  readonly #database: IDBDatabase;

  constructor(database: IDBDatabase) {
    this.#database = database;
  }

  close(): void {
    this.#database.close();
  }

  /**
   * This tab still sends its own, and takes over those that no tab sends any more; those of somebody else go. `lost` are those that
   * another tab took over meanwhile: one in the background is hardly ever let run.
   */
  async beat(user: string, tab: string, now: number, until: number): Promise<Beat> {
    // Nearly always there are none, and to look costs a phone less than to change.
    const look = this.#database.transaction('brings').objectStore('brings');
    if ((await answered(look.count())) === 0) return {adopted: [], lost: []};
    const change = this.#database.transaction(['brings', 'files'], 'readwrite');
    const brings = change.objectStore('brings');
    // Nothing but this module writes there.
    const all: readonly Kept[] = await answered(brings.getAll());
    const [adopted, lost]: [Kept[], string[]] = [[], []];
    for (const kept of all) {
      if (kept.user !== user) {
        brings.delete(kept.key);
        change.objectStore('files').delete(rangeOf(kept.key));
        continue;
      }
      if (kept.tab !== tab && kept.until >= now) lost.push(kept.key);
      else brings.put({...kept, tab, until});
      if (kept.tab !== tab && kept.until < now) adopted.push(kept);
    }
    await committed(change);
    return {adopted, lost};
  }

  async put(kept: Kept): Promise<void> {
    const change = this.#database.transaction('brings', 'readwrite');
    change.objectStore('brings').put(kept);
    await committed(change);
  }

  async remove(key: string): Promise<void> {
    try {
      const change = this.#database.transaction(['brings', 'files'], 'readwrite');
      change.objectStore('brings').delete(key);
      change.objectStore('files').delete(rangeOf(key));
      await committed(change);
    } catch {
      // A browser that has taken its database away has taken this along.
    }
  }

  /** False where it does not fit. */
  async putFile(key: string, file: File): Promise<boolean> {
    try {
      if (file.size > (await this.#roomBytes())) return false;
      const change = this.#database.transaction('files', 'readwrite');
      change.objectStore('files').put(file, [key, file.name]);
      await committed(change);
      return true;
    } catch {
      // The browser is stricter than it said.
      return false;
    }
  }

  async file(key: string, fileName: string): Promise<File | null> {
    try {
      const change = this.#database.transaction('files');
      const file: unknown = await answered(change.objectStore('files').get([key, fileName]));
      if (!(file instanceof File)) return null;
      // A copy that the browser has let go of shows only when it is read.
      await file.slice(0, 1).arrayBuffer();
      return file;
    } catch {
      return null;
    }
  }

  async #roomBytes(): Promise<number> {
    // Browsers tell only pages that came over HTTPS; elsewhere it is tried.
    const {usage = 0, quota = keptBytes} = (await navigator.storage?.estimate()) ?? {};
    return Math.min(keptBytes, quota * keptShare) - usage;
  }
}

const rangeOf = (key: string): IDBKeyRange => IDBKeyRange.bound([key], [key, []]);

function answered<T>(asked: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

function committed(change: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    change.oncomplete = () => resolve();
    change.onabort = () => reject(change.error);
    change.onerror = () => reject(change.error);
  });
}
