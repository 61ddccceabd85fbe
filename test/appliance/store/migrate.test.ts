/** What becomes of a state when another version of the program opens it. */
import {existsSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {z} from 'zod';
import type {Migrations} from '../../../appliance/store/migrate.ts';
import {Store, type StoreOptions} from '../../../appliance/store/store.ts';
import {describe} from '../../../appliance/store/trouble.ts';
import {
  damageIn,
  errorOf,
  filesIn,
  follow,
  note,
  openNotes,
  options,
  reopened,
  strikingDisk,
  troubleOf,
  turnOver,
} from './notes.ts';

/** Version 2: notes count their characters, marks are gone. Version 3: the text is called words. */
const Second = z.object({text: z.string(), n: z.number(), length: z.number()});
const Third = z.object({words: z.string(), n: z.number(), length: z.number()});
type Seconds = {notes: z.infer<typeof Second>};
type Thirds = {notes: z.infer<typeof Third>};

const First = z.object({text: z.string(), n: z.number()});
const migrations: Migrations = {
  1: state => {
    for (const [id, row] of state.tables.get('notes') ?? []) {
      const old = First.parse(row);
      state.tables.get('notes')?.set(id, {...old, length: old.text.length});
    }
    state.tables.delete('marks');
    state.counters.set('migrated', 1);
  },
  2: state => {
    for (const [id, row] of state.tables.get('notes') ?? []) {
      const {text, ...rest} = Second.parse(row);
      state.tables.get('notes')?.set(id, {...rest, words: text});
    }
  },
};
const tell = options.tell;
const second: StoreOptions<Seconds> = {tables: {notes: Second}, version: 2, migrations, tell};
const third: StoreOptions<Thirds> = {tables: {notes: Third}, version: 3, migrations, tell};

/** A state of version 1, part of it in a snapshot and part in a journal with a torn end. */
async function firstState(t: Test): Promise<string> {
  const folder = join(t.testdir(), 'state');
  const store = await openNotes(folder);
  await store.commit(draft => [draft.put('notes', 'a', note(1, 'one')), draft.nextNumber('notes')]);
  await turnOver(store, folder, 2);
  await store.commit(draft => [draft.put('notes', 'b', note(2, 'three')), draft.nextNumber('notes')]);
  await store.stop();
  return folder;
}

const inFirst = {a: note(1, 'one'), b: note(2, 'three')};
const inSecond = {a: {text: 'one', n: 1, length: 3}, b: {text: 'three', n: 2, length: 5}};
const inThird = {a: {n: 1, length: 3, words: 'one'}, b: {n: 2, length: 5, words: 'three'}};

const rowsOf = <R>(store: {all(table: 'notes'): ReadonlyMap<string, R>}) =>
  Object.fromEntries([...store.all('notes')].toSorted());

t.test('an older state is brought forward, one version after another, and a copy is kept', async t => {
  const folder = await firstState(t);
  const before = filesIn(folder);
  const store = await Store.open<Thirds>(folder, third);
  t.strictSame(rowsOf(store), inThird);
  t.ok(Object.isFrozen(store.get('notes', 'a')));
  t.equal(store.lastNumber('notes'), 2, 'numbers go on');
  t.equal(store.lastNumber('migrated'), 1);
  t.match(store.opened, {migratedFrom: 1});
  await store.commit(draft => draft.put('notes', 'c', {words: 'new', n: 3, length: 3}));
  await store.stop();
  for (const name of ['snapshot.2', 'journal.2'])
    t.strictSame(readFileSync(join(folder, 'before-v3', name)), before.get(name), name);
  const again = await Store.open<Thirds>(folder, third);
  t.strictSame(Object.keys(rowsOf(again)), ['a', 'b', 'c']);
  t.match(again.opened, {migratedFrom: null}, 'once');
  await again.stop();
});

t.test('a newer state is refused, and there is a way back to before it', async t => {
  const folder = await firstState(t);
  await (await Store.open<Seconds>(folder, second)).stop();
  await (await Store.open<Thirds>(folder, third)).stop();
  const before = filesIn(folder);
  const trouble = await troubleOf(openNotes(folder));
  t.match(trouble, {reason: 'newer-version', folder, found: 3, known: 1});
  t.strictSame(filesIn(folder), before, 'nothing was changed');
  t.match(describe(trouble).fix, /cp -p before-v2\/\* \./);
  if (trouble.reason === 'newer-version') follow(trouble.steps);
  t.match((await reopened(folder)).notes, inFirst);
  const forward = await Store.open<Thirds>(folder, third);
  t.strictSame(rowsOf(forward), inThird, 'and forward again');
  await forward.stop();
  rmSync(join(folder, 'before-v3'), {recursive: true});
  t.match(await troubleOf(Store.open<Seconds>(folder, second)), {reason: 'newer-version', steps: []});
});

t.test('a migration that fails changes nothing', async t => {
  const folder = await firstState(t);
  const before = filesIn(folder);
  const throwing = {...migrations, 2: () => [].at(0) ?? fail('no words')};
  t.match(await troubleOf(Store.open<Thirds>(folder, {...third, migrations: throwing})), {
    ...{reason: 'migration-failed', from: 2, detail: 'no words'},
  });
  const idle = {...migrations, 2: () => {}};
  t.match(await troubleOf(Store.open<Thirds>(folder, {...third, migrations: idle})), {
    ...{reason: 'migration-failed', from: 2, detail: /notes a, which this program cannot read: words/},
  });
  rmSync(join(folder, 'before-v3'), {recursive: true});
  t.strictSame(filesIn(folder), before);
  t.match((await reopened(folder)).notes, inFirst);
});

t.test('a program that can’t bring every version forward does not start', async t => {
  const folder = await firstState(t);
  const gap = Store.open<Thirds>(folder, {...third, migrations: {1: () => {}}});
  await t.rejects(gap, /there is no migration from state 2 to 3/);
  t.notOk(existsSync(join(folder, 'lock.json')));
});

t.test('a migration that is cut off at any call is made again, or was made', async t => {
  const folder = await firstState(t);
  const files = filesIn(folder);
  let cut = 0;
  for (let wasOff = true; wasOff; ) {
    cut += 1;
    rmSync(folder, {recursive: true, force: true});
    await (await openNotes(folder)).stop();
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
    let calls = 0;
    const disk = strikingDisk(() => {
      calls += 1;
      if (calls >= cut) throw errorOf('EIO');
    });
    const store = await Store.open<Seconds>(folder, {...second, disk}).catch(() => undefined);
    await store?.stop();
    wasOff = calls >= cut;
    if (cut % 2 === 0 && !existsSync(join(folder, 'snapshot.3'))) {
      if (Object.keys((await reopened(folder)).notes).length !== 2) t.fail(`cut ${cut}: version 1 is harmed`);
    }
    const again = await Store.open<Seconds>(folder, second);
    t.strictSame(rowsOf(again), inSecond, `cut ${cut}`);
    t.strictSame(readFileSync(join(folder, 'before-v2', 'journal.2')), files.get('journal.2'));
    t.notOk(readdirSync(folder).some(name => name.endsWith('.tmp')));
    await again.stop();
  }
  t.ok(cut > 8, `${cut} calls`);
});

t.test('a damaged snapshot of the new version leads back through the old one', async t => {
  const folder = await firstState(t);
  const store = await Store.open<Seconds>(folder, second);
  await store.stop();
  const path = join(folder, 'snapshot.3');
  writeFileSync(path, readFileSync(path).subarray(0, -3));
  const untouched = filesIn(folder);
  const nothing = await damageIn(Store.open<Seconds>(folder, second));
  t.match(nothing.loses, /^it loses nothing/, 'nothing was done since');
  follow(nothing.steps);
  const migrated = await Store.open<Seconds>(folder, second);
  t.strictSame(rowsOf(migrated), inSecond, 'it is brought forward again');
  await migrated.stop();

  for (const name of readdirSync(folder)) rmSync(join(folder, name), {recursive: true});
  for (const [name, bytes] of untouched) if (!name.includes('/')) writeFileSync(join(folder, name), bytes);
  rmSync(path);
  const whole = await Store.open<Seconds>(folder, second);
  await whole.commit(draft => draft.put('notes', 'c', {text: 'new', n: 3, length: 3}));
  await whole.stop();
  const last = join(
    folder,
    readdirSync(folder)
      .filter(name => name.startsWith('snapshot'))
      .toSorted()
      .at(-1) ?? '',
  );
  writeFileSync(last, 'x');
  const some = await damageIn(Store.open<Seconds>(folder, second));
  t.match(
    some.loses,
    /^it loses the write at byte 0 of journal.\d/,
    'a write of version 2 can’t follow version 1',
  );
  follow(some.steps);
  const back = await Store.open<Seconds>(folder, second);
  t.strictSame(rowsOf(back), inSecond, 'without what was done since');
  await back.stop();
});

t.test('a new state needs no migration', async t => {
  const folder = join(t.testdir(), 'state');
  const store = await Store.open<Thirds>(folder, third);
  t.match(store.opened, {migratedFrom: null, tornBytes: 0});
  await store.stop();
  t.strictSame(readdirSync(folder).toSorted(), ['journal.1', 'snapshot.1'], 'and no copy of nothing');
});

function fail(message: string): never {
  throw new Error(message);
}
