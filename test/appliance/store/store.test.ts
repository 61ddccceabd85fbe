/** What a store promises to those who read it and change it. */
import {randomInt} from 'node:crypto';
import {constants, existsSync, readdirSync, readFileSync, readlinkSync} from 'node:fs';
import {chmod, mkdir, readdir, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {z} from 'zod';
import type {Draft} from '../../../appliance/store/draft.ts';
import {Store} from '../../../appliance/store/store.ts';
import type {StoreTrouble} from '../../../appliance/store/trouble.ts';
import {
  contentOf,
  errorOf,
  filesIn,
  type Notes,
  note,
  openNotes,
  options,
  reopened,
  strikingDisk,
  troubleOf,
} from './notes.ts';

t.test('what was committed is read, and is still there after the store was opened again', async t => {
  const folder = join(t.testdir(), 'deep', 'state');
  const store = await openNotes(folder);
  t.strictSame(contentOf(store), {notes: {}, marks: {}, number: 0});
  const given = await store.commit(draft => {
    draft.put('notes', 'a', note(1, 'Ærøskøbing 日本語 \u2028 \ud83d\ude00 \ud800 "\\\n\0'));
    draft.put('notes', '__proto__', note(2));
    draft.put('marks', '', 'an id may be empty');
    return draft.nextNumber('notes');
  });
  t.equal(given, 1, 'a commit gives what its change gives');
  await store.commit(draft => [draft.delete('notes', 'a'), draft.put('notes', 'b', note(3))]);
  const content = contentOf(store);
  t.strictSame([...store.all('notes').keys()], ['__proto__', 'b']);
  t.strictSame(store.get('marks', ''), 'an id may be empty');
  t.equal(store.get('notes', 'a'), undefined);
  await store.stop();
  t.strictSame(await reopened(folder), content);
  t.strictSame(await reopened(folder), content, 'as often as one likes');
});

t.test('files are nobody else’s to read', async t => {
  const folder = join(t.testdir(), 'state');
  const store = await openNotes(folder);
  t.equal((await stat(folder)).mode & 0o777, 0o700);
  for (const name of ['snapshot.1', 'journal.1'])
    t.equal((await stat(join(folder, name))).mode & 0o777, 0o600, name);
  await store.stop();
  t.strictSame((await readdir(folder)).toSorted(), ['journal.1', 'snapshot.1'], 'and nothing else is left');
  await chmod(folder, 0o755);
  await reopened(folder);
  t.equal((await stat(folder)).mode & 0o777, 0o700, 'a folder that was open to others is not so any more');
});

t.test('a write to a journal returns when it is on disk', async t => {
  const folder = join(t.testdir(), 'state');
  const store = await openNotes(folder);
  const fds = readdirSync('/proc/self/fd').filter(fd => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === join(folder, 'journal.1');
    } catch {
      return false;
    }
  });
  t.equal(fds.length, 1);
  const [, flags = '0'] = /flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fds[0]}`, 'utf8')) ?? [];
  t.equal(Number.parseInt(flags, 8) & constants.O_DSYNC, constants.O_DSYNC);
  await store.stop();
  t.notOk(existsSync(`/proc/self/fd/${fds[0]}`), 'and it is closed');
});

t.test('a draft sees what it did, and what was done before it in the same batch', async t => {
  const store = await openNotes(join(t.testdir(), 'state'));
  await store.commit(draft => [1, 2, 3].map(n => draft.put('notes', `n${n}`, note(n))));
  const seen = (draft: Draft<Notes>) => [...draft.all('notes')].map(([id, {n}]) => `${id}=${n}`).join(' ');
  const all = await Promise.all([
    store
      .commit(draft => [draft.put('notes', 'n2', note(20)), draft.delete('notes', 'n1')])
      .then(() => store.get('notes', 'n2')?.n),
    store.commit(draft => {
      const before = seen(draft);
      draft.put('notes', 'n1', note(10));
      draft.put('notes', 'n4', note(4));
      t.strictSame(draft.get('notes', 'n4'), note(4));
      t.ok(draft.delete('notes', 'n3'));
      t.notOk(draft.delete('notes', 'n3'), 'what is gone is gone');
      t.equal(draft.get('notes', 'n3'), undefined);
      return `${before} | ${seen(draft)}`;
    }),
    store.commit(seen),
  ]);
  t.strictSame(all, [20, 'n2=20 n3=3 | n1=10 n2=20 n4=4', 'n1=10 n2=20 n4=4']);
  await store.stop();
});

t.test('nothing is seen before it is on disk', async t => {
  let release = (): void => {};
  const held = new Promise<void>(resolve => {
    release = resolve;
  });
  let writes = 0;
  const disk = strikingDisk(async call => {
    if (call === 'write' && ++writes === 2) await held;
  });
  const store = await openNotes(join(t.testdir(), 'state'), {disk});
  const commit = store.commit(draft => [draft.put('notes', 'a', note(1)), draft.nextNumber('notes')]);
  while (writes < 2) await new Promise(setImmediate);
  t.strictSame(contentOf(store), {notes: {}, marks: {}, number: 0});
  const later = store.commit(draft => draft.get('notes', 'a'));
  release();
  await commit;
  t.strictSame(contentOf(store), {notes: {a: note(1)}, marks: {}, number: 1});
  t.strictSame(await later, note(1));
  await store.stop();
});

t.test('rows can be changed by commits only', async t => {
  const store = await openNotes(join(t.testdir(), 'state'));
  const mine = {...note(1), tags: ['a']};
  const put = await store.commit(draft => draft.put('notes', 'a', mine));
  mine.tags.push('b');
  mine.n = 7;
  const row = store.get('notes', 'a');
  t.strictSame(row, {...note(1), tags: ['a']}, 'what was handed over is not what is kept');
  t.equal(put, row);
  t.throws(() => row?.tags?.push('c'), TypeError);
  t.throws(() => Object.assign(row ?? {}, {n: 8}), TypeError);
  await store.stop();
  const again = await openNotes(join(t.testdirName, 'state'));
  t.ok(Object.isFrozen(again.get('notes', 'a')?.tags), 'those read from a file as well');
  await again.stop();
});

t.test('a change that throws is undone alone', async t => {
  const folder = join(t.testdir(), 'state');
  const store = await openNotes(folder);
  const results = await Promise.allSettled([
    store.commit(draft => draft.nextNumber('notes')),
    store.commit(draft => {
      draft.put('notes', 'bad', note(1));
      draft.nextNumber('notes');
      throw new Error('changed my mind');
    }),
    store.commit(draft => draft.put('notes', 'typed', {text: 'x', n: 1.5})),
    store.commit(draft => [
      draft.nextNumber('notes'),
      draft.get('notes', 'bad'),
      draft.get('notes', 'typed'),
    ]),
  ]);
  t.match(results, [
    {value: 1},
    {reason: {message: 'changed my mind'}},
    {reason: {name: 'ZodError'}},
    {value: [2, undefined, undefined]},
  ]);
  t.strictSame(contentOf(store), {notes: {}, marks: {}, number: 2});
  await store.stop();
  t.strictSame(await reopened(folder), {notes: {}, marks: {}, number: 2});
});

t.test('a draft is over when its change is', async t => {
  const store = await openNotes(join(t.testdir(), 'state'));
  const kept: Draft<Notes>[] = [];
  await store.commit(draft => void kept.push(draft));
  for (const draft of kept) {
    t.throws(() => draft.put('notes', 'a', note(1)), /a draft ends/);
    t.throws(() => draft.delete('notes', 'a'), /a draft ends/);
    t.throws(() => draft.nextNumber('notes'), /a draft ends/);
    t.throws(() => [...draft.all('notes')], /a draft ends/);
  }
  await t.rejects(
    store.commit(async draft => void draft.put('notes', 'a', note(1))),
    /commit takes no async function/,
  );
  t.equal(store.get('notes', 'a'), undefined);
  await store.stop();
});

t.test('numbers have no gaps and are never given twice, whatever fails', async t => {
  const folder = join(t.testdir(), 'state');
  let broken = false;
  const disk = strikingDisk(call => {
    if (broken && call === 'write') throw errorOf('ENOSPC');
  });
  const store = await openNotes(folder, {disk});
  const given: number[] = [];
  for (let round = 0; round < 6; round++) {
    broken = round % 2 === 1;
    const all = await Promise.allSettled(
      [0, 1, 2].map(each =>
        store.commit(draft => {
          const number = draft.nextNumber('notes');
          if (each === 1) throw new Error('no');
          return number;
        }),
      ),
    );
    for (const one of all) if (one.status === 'fulfilled') given.push(one.value);
  }
  t.strictSame(given, [1, 2, 3, 4, 5, 6]);
  t.equal(store.lastNumber('other'), 0);
  await store.stop();
  t.equal((await reopened(folder)).number, 6);
});

t.test('commits of one turn share a line of the journal', async t => {
  const folder = join(t.testdir(), 'state');
  const store = await openNotes(folder);
  await Promise.all([1, 2, 3, 4].map(n => store.commit(draft => draft.put('notes', `n${n % 3}`, note(n)))));
  const writer = async (id: string): Promise<void> => {
    for (let n = 0; n < 5; n++) await store.commit(draft => draft.put('notes', id, note(n)));
  };
  await Promise.all(['a', 'b', 'c'].map(writer));
  await store.commit(draft => draft.get('notes', 'a'));
  await store.stop();
  const journal = filesIn(folder).get('journal.1')?.toString('latin1') ?? '';
  const lines = journal.split('\n').filter(line => !line.startsWith('\0'));
  t.equal(lines.length, 6, 'one for the four, one for each five times three, none for a look');
  t.notMatch(lines[0], /note 1/, 'a row that was put twice is written once');
});

t.test('limits refuse, and harm nobody', async t => {
  const store = await openNotes(join(t.testdir(), 'state'));
  const large = 'x'.repeat(1_900_000);
  const trouble = await troubleOf(
    store.commit(draft => ['a', 'b', 'c'].map(id => draft.put('notes', id, note(1, large)))),
  );
  t.match(trouble, {reason: 'too-large', limitBytes: 4 << 20});
  const many = await troubleOf(
    store.commit(draft => {
      for (;;) draft.nextNumber(large.slice(0, randomInt(1_000_000)));
    }),
  );
  t.equal(many.reason, 'too-large');
  t.equal(store.all('notes').size, 0);
  await store.commit(draft => ['a', 'b'].map(id => draft.put('notes', id, note(1, large))));
  const all = Array.from({length: 10_001}, (_, n) => store.commit(draft => draft.put('marks', `${n}`, 'x')));
  t.match(await troubleOf(all.at(-1) ?? Promise.resolve()), {reason: 'overloaded', waiting: 10_000});
  await Promise.all(all.slice(0, -1));
  t.equal(store.all('marks').size, 10_000);
  await store.stop();
});

t.test('the event loop turns while somebody commits without end', async t => {
  const store = await openNotes(join(t.testdir(), 'state'));
  let turns = 0;
  let stop = false;
  const writer = (async () => {
    while (!stop) await store.commit(draft => draft.put('marks', 'a', 'x'));
  })();
  while (turns < 20) {
    await new Promise(setImmediate);
    turns += 1;
  }
  stop = true;
  await writer;
  t.pass('twenty times');
  await store.stop();
});

t.test('stop ends what was begun, once', async t => {
  const folder = join(t.testdir(), 'state');
  const store = await openNotes(folder);
  const last = [1, 2, 3].map(n => store.commit(draft => draft.put('notes', `n${n}`, note(n))));
  const stopped = store.stop();
  t.equal(store.stop(), stopped);
  t.match(await troubleOf(store.commit(draft => draft.nextNumber('notes'))), {reason: 'stopped', folder});
  await stopped;
  await Promise.all(last);
  t.strictSame(Object.keys((await reopened(folder)).notes), ['n1', 'n2', 'n3']);
  t.equal(store.get('notes', 'n3')?.n, 3, 'reading goes on');
});

t.test('a folder is one store’s at a time', async t => {
  const folder = join(t.testdir(), 'state');
  const store = await openNotes(folder);
  t.strictSame(await troubleOf(openNotes(folder)), {reason: 'locked', folder, pid: process.pid});
  await store.commit(draft => draft.put('marks', 'a', 'the first one goes on'));
  await store.stop();
  t.match(await reopened(folder), {marks: {a: 'the first one goes on'}});
});

t.test('a place that is no use is named', async t => {
  const folder = t.testdir({file: 'x'});
  t.match(await troubleOf(openNotes(join(folder, 'file'))), {
    reason: 'unusable',
    path: join(folder, 'file'),
    detail: /EEXIST|ENOTDIR/,
  });
  t.match(await troubleOf(openNotes(join(folder, 'file', 'state'))), {reason: 'unusable', detail: 'ENOTDIR'});
  await mkdir(join(folder, 'odd', 'journal.1'), {recursive: true});
  await writeFile(join(folder, 'odd', 'snapshot.1'), '');
  t.match(await troubleOf(openNotes(join(folder, 'odd'))), {reason: /damaged|unusable/});
});

t.test('rows that are none are not let in from a file either', async t => {
  const folder = join(t.testdir(), 'state');
  const store = await openNotes(folder);
  await store.commit(draft => draft.put('notes', 'a', note(1)));
  await store.stop();
  const before = filesIn(folder);
  const Narrow = z.object({text: z.string().max(3), n: z.number()});
  const narrow = Store.open<Notes>(folder, {...options, tables: {notes: Narrow, marks: z.string()}});
  t.match(await troubleOf(narrow), {
    ...{reason: 'misfit', table: 'notes', id: 'a', file: join(folder, 'journal.1')},
    detail: /^text: .*<=3 characters/,
  });
  const fewer = Store.open<{marks: string}>(folder, {...options, tables: {marks: z.string()}});
  t.match(await troubleOf(fewer), {reason: 'misfit', table: 'notes', detail: 'there is no such table'});
  t.strictSame(filesIn(folder), before, 'and nothing was changed');
  t.strictSame(Object.keys((await reopened(folder)).notes), ['a']);
});

/** One store, some writers, and a list of what should be in it. */
async function play(
  t: Test,
  folder: string,
  random: (limit: number) => number,
  fails: () => boolean,
): Promise<void> {
  let broken = false;
  const disk = strikingDisk(async (call, [file, bytes, at], real) => {
    if (call !== 'write' || !broken) return;
    // What a failed write leaves behind: the whole of it.
    await real.write(file as never, bytes as never, at as never);
    throw errorOf(random(2) === 0 ? 'EIO' : 'ENOSPC');
  });
  const store = await openNotes(folder, {disk});
  const model = new Map<string, string>();
  const ran: {readonly edit: (model: Map<string, string>) => void; done: boolean}[] = [];
  const writer = async (): Promise<void> => {
    for (let turn = 0; turn < 30; turn++) {
      broken = fails();
      await store
        .commit(draft => {
          const edits: [string, string | null][] = [];
          for (let each = random(4); each >= 0; each--) {
            const [id, text] = [`m${random(12)}`, `${random(1e9)}`];
            if (random(3) === 0) draft.delete('marks', id);
            else draft.put('marks', id, text);
            edits.push([id, draft.get('marks', id) ?? null]);
          }
          if (random(5) === 0) throw new Error('no');
          const entry = {
            edit: (rows: Map<string, string>) => {
              for (const [id, text] of edits) text === null ? rows.delete(id) : rows.set(id, text);
            },
            done: false,
          };
          ran.push(entry);
          return entry;
        })
        .then(
          entry => {
            entry.done = true;
          },
          () => {},
        );
    }
  };
  await Promise.all(Array.from({length: 6}, writer));
  for (const {edit, done} of ran) if (done) edit(model);
  const expected = Object.fromEntries([...model].toSorted());
  t.strictSame(contentOf(store).marks, expected, 'in memory');
  broken = false;
  await store.stop();
  t.strictSame((await reopened(folder)).marks, expected, 'on disk');
}

t.test('many writers, with failures of their own and of the disk, leave what a map would hold', async t => {
  const folder = t.testdir();
  for (let game = 0; game < 6; game++) {
    const seed = randomInt(2 ** 31);
    t.comment(`seed ${seed}`);
    let state = seed;
    const random = (limit: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % limit;
    };
    await play(t, join(folder, `${game}`), random, () => game > 1 && random(9) === 0);
  }
});

t.test('what goes wrong with nobody waiting is told, and changes go on', async t => {
  const folder = join(t.testdir(), 'state');
  const told: StoreTrouble[] = [];
  let broken = true;
  const disk = strikingDisk(call => {
    if (broken && call === 'createDraft') throw errorOf('EMFILE');
  });
  broken = false;
  const store = await openNotes(folder, {disk, tell: trouble => void told.push(trouble)});
  broken = true;
  const large = 'x'.repeat(600_000);
  for (let n = 0; n < 6; n++) await store.commit(draft => draft.put('notes', `n${n % 2}`, note(n, large)));
  await new Promise(setImmediate);
  t.match(told[0]?.trouble, {reason: 'unusable', detail: 'EMFILE'});
  t.ok(told.length >= 2, 'it is tried again');
  broken = false;
  for (let n = 0; n < 6; n++) await store.commit(draft => draft.put('notes', `n${n % 2}`, note(n, large)));
  const content = contentOf(store);
  await store.stop();
  t.strictSame(await reopened(folder), content);
});
