/** A small store for tests, and ways to look at it and to break its files. */
import {spawnSync} from 'node:child_process';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {z} from 'zod';
import {Disk} from '../../../appliance/store/disk.ts';
import {Store, type StoreOptions} from '../../../appliance/store/store.ts';
import {StoreTrouble, type Trouble} from '../../../appliance/store/trouble.ts';

export const Note = z.object({
  text: z.string().max(2_000_000),
  n: z.number().int(),
  tags: z.array(z.string()).optional(),
});
export type Note = z.infer<typeof Note>;

export type Notes = {notes: Note; marks: string};

export const options: StoreOptions<Notes> = {
  tables: {notes: Note, marks: z.string()},
  version: 1,
  migrations: {},
  tell: trouble => {
    throw trouble;
  },
};

export function openNotes(folder: string, more: Partial<StoreOptions<Notes>> = {}): Promise<Store<Notes>> {
  return Store.open<Notes>(folder, {...options, ...more});
}

export const note = (n: number, text = `note ${n}`): Note => ({text, n});

/** A large one whose text tells whether it is whole. */
export const noteOf = (n: number): Note => ({text: `${n} `.repeat(5_000 + ((n * 7919) % 9_000)), n});

/** All that a store holds, in a form that can be compared. */
export function contentOf(store: Store<Notes>) {
  return {
    notes: Object.fromEntries([...store.all('notes')].toSorted()),
    marks: Object.fromEntries([...store.all('marks')].toSorted()),
    number: store.lastNumber('notes'),
  };
}

/** What the store in a folder holds; opened and stopped again. */
export async function reopened(folder: string, more: Partial<StoreOptions<Notes>> = {}) {
  const store = await openNotes(folder, more);
  const content = contentOf(store);
  await store.stop();
  return content;
}

/** Why it failed; throws where it did not, or not for a reason of the store's. */
export async function troubleOf(work: Promise<unknown>): Promise<Trouble> {
  const cause = await work.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (cause instanceof StoreTrouble) return cause.trouble;
  throw cause;
}

export async function damageIn(work: Promise<unknown>): Promise<Extract<Trouble, {reason: 'damaged'}>> {
  const trouble = await troubleOf(work);
  if (trouble.reason === 'damaged') return trouble;
  throw new Error(`it is ${trouble.reason}, not damaged`);
}

/** Does in a shell what a person was told to do. */
export function follow(steps: readonly string[]): void {
  const {status, stderr} = spawnSync('sh', ['-e', '-c', steps.join('\n')], {encoding: 'utf8'});
  if (status !== 0) throw new Error(stderr);
}

/** Every file of a folder, by name. */
export function filesIn(folder: string): ReadonlyMap<string, Buffer> {
  const names = readdirSync(folder, {recursive: true, encoding: 'utf8', withFileTypes: false});
  return new Map(
    names.flatMap(name => {
      try {
        return [[name, readFileSync(join(folder, name))]];
      } catch {
        return [];
      }
    }),
  );
}

/** Where the lines of a journal end: what comes after is allocated ahead. */
export function endOf(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end;
}

/** Waits until something is so; the files of a new generation are made while others go on. */
export async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`not within a minute: ${isSo}`);
    await new Promise(setImmediate);
  }
}

/** Commits until the store begins a new generation, and waits for its snapshot; leaves no more than a short row. */
export async function turnOver(store: Store<Notes>, folder: string, number: number): Promise<void> {
  const put = (text: string) => store.commit(draft => draft.put('marks', 'large', text));
  for (let n = 0; n < 3; n++) await put(`${n}`.repeat(330_000));
  while (!existsSync(join(folder, `journal.${number}`))) await put('not so large'.repeat(50));
  await put('small again');
  await until(() => existsSync(join(folder, `snapshot.${number}`)));
}

/** What a test does before a call of the disk is made; to throw is to have the call fail. */
export type Strike = (call: string, given: readonly unknown[], disk: Disk) => void | Promise<void>;

export function strikingDisk(strike: Strike): Disk {
  return new Proxy(new Disk(() => performance.now()), {
    get(disk, name) {
      const call: unknown = Reflect.get(disk, name);
      if (typeof call !== 'function') return call;
      return async (...given: readonly unknown[]) => {
        await strike(String(name), given, disk);
        return call.apply(disk, given);
      };
    },
  });
}

/** What a system call throws. */
export function errorOf(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: a test says so`), {code, syscall: 'write'});
}
