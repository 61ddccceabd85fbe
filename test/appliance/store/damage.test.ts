/** What becomes of a store whose files were cut, changed or lost: all that can be had, or a refusal with a way back. */
import {existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {isDeepStrictEqual} from 'node:util';
import t, {type Test} from 'tap';
import {lineOf} from '../../../appliance/store/line.ts';
import {Damage, load} from '../../../appliance/store/load.ts';
import {describe} from '../../../appliance/store/trouble.ts';
import {
  contentOf,
  damageIn,
  endOf,
  filesIn,
  follow,
  note,
  openNotes,
  reopened,
  turnOver,
  until,
} from './notes.ts';

type Content = ReturnType<typeof contentOf>;

interface Sample {
  readonly folder: string;
  /** The journal's lines, without what is allocated ahead. */
  readonly journal: Buffer;
  /** What had been acknowledged when the journal was this long. */
  readonly after: readonly {readonly end: number; readonly content: Content}[];
}

/** A store of one generation with a few short writes, one of them of several commits. */
async function sample(t: Test): Promise<Sample> {
  const folder = join(t.testdir(), 'state');
  const journal = join(folder, 'journal.1');
  const store = await openNotes(folder);
  const after = [{end: 0, content: contentOf(store)}];
  for (let n = 1; n <= 3; n++) {
    const more = n === 2 ? [store.commit(draft => draft.put('marks', 'é', 'ünïcode'))] : [];
    await Promise.all([
      store.commit(draft => [draft.put('notes', `n${n}`, note(n, 'ä\n"')), draft.nextNumber('notes')]),
      ...more,
      store.commit(draft => draft.delete('notes', `n${n - 2}`)),
    ]);
    after.push({end: endOf(readFileSync(journal)), content: contentOf(store)});
  }
  await store.stop();
  return {folder, journal: readFileSync(journal).subarray(0, after.at(-1)?.end), after};
}

function lastBefore({after}: Sample, end: number): Content | undefined {
  return after.findLast(each => each.end <= end)?.content;
}

t.test('a journal cut at any byte gives what had been acknowledged up to there', async t => {
  const made = await sample(t);
  const journal = join(made.folder, 'journal.1');
  for (let length = 0; length <= made.journal.length; length++) {
    const expected = lastBefore(made, length);
    writeFileSync(journal, Buffer.concat([made.journal.subarray(0, length), Buffer.alloc(length % 3)]));
    const store = await openNotes(made.folder);
    const {tornBytes} = store.opened;
    if (!isDeepStrictEqual(contentOf(store), expected)) t.fail(`cut at ${length}: another state`);
    if (tornBytes > 0 === made.after.some(({end}) => end === length))
      t.fail(`cut at ${length}: ${tornBytes}`);
    if (length % 20 === 0) await store.commit(draft => draft.put('marks', 'later', 'on it goes'));
    await store.stop();
    if (length % 20 !== 0) continue;
    const again = await reopened(made.folder);
    const marks = {...expected?.marks, later: 'on it goes'};
    if (!isDeepStrictEqual(again, {...expected, marks})) t.fail(`cut at ${length}: what came after is lost`);
  }
  t.pass(`${made.journal.length} bytes`);
});

t.test('a line of which the disk took only some parts was never acknowledged', async t => {
  const made = await sample(t);
  const journal = join(made.folder, 'journal.1');
  const last = made.after.at(-2)?.end ?? 0;
  const expected = lastBefore(made, last);
  const middle = last + Math.floor((made.journal.length - last) / 2);
  const holes: readonly (readonly [number, number])[] = [
    [last, middle],
    [last, last + 1],
    [last, made.journal.length - 1],
    [middle, made.journal.length],
    [middle, middle + 3],
  ];
  for (const [from, to] of holes) {
    const bytes = Buffer.concat([made.journal, Buffer.alloc(900)]).fill(0, from, to);
    writeFileSync(journal, bytes);
    t.strictSame(await reopened(made.folder), expected, `zeros from ${from} to ${to}`);
    t.equal(readFileSync(journal).length, last, 'what was left of it is gone');
  }
});

t.test('a byte changed anywhere is found, or was in the last line', async t => {
  const made = await sample(t);
  const journal = join(made.folder, 'journal.1');
  const last = made.after.at(-2)?.end ?? 0;
  for (let at = 0; at < made.journal.length; at++) {
    const flip = [0x01, 0x20, 0xff][at % 3] ?? 0;
    writeFileSync(journal, flipped(made.journal, at, flip));
    const found = await load(made.folder, () => (_table, _id, raw) => raw).catch((cause: unknown) => cause);
    const line = made.after.findLast(({end}) => end <= at)?.end;
    if (found instanceof Damage ? at >= last || found.at.offset !== line : at < last)
      t.fail(`byte ${at} changed by ${flip} is taken for something else`);
    if (at % 40 !== 0 || at < last) continue;
    t.strictSame(await reopened(made.folder), lastBefore(made, last), `byte ${at} of the last line`);
  }
  t.pass(`${made.journal.length} bytes`);
});

t.test('what lies behind the last line is taken away, and nothing with it', async t => {
  const made = await sample(t);
  const journal = join(made.folder, 'journal.1');
  for (const at of [0, 1, 99]) {
    const spare = Buffer.alloc(100);
    spare[at] = 0x0a;
    writeFileSync(journal, Buffer.concat([made.journal, spare]));
    t.strictSame(await reopened(made.folder), made.after.at(-1)?.content);
    t.strictSame(readFileSync(journal), made.journal);
  }
});

t.test('damage in the middle is refused, and the way back leads up to it', async t => {
  const made = await sample(t);
  const journal = join(made.folder, 'journal.1');
  const ends = made.after.map(({end}) => end);
  for (const [index, end] of ends.slice(0, -2).entries()) {
    for (const at of [end, end + 8, end + 30, (ends[index + 1] ?? 0) - 1]) {
      const bytes = flipped(made.journal, at, 0x04);
      writeFileSync(journal, bytes);
      const before = filesIn(made.folder);
      const trouble = await damageIn(openNotes(made.folder));
      t.match(trouble, {file: journal, offset: end});
      t.match(trouble.loses, `the write at byte ${end} of journal.1 and ${ends.length - index - 2} after it`);
      t.strictSame(filesIn(made.folder), before, 'nothing was changed');
      follow(trouble.steps);
      t.strictSame(await reopened(made.folder), made.after[index]?.content, `byte ${at}`);
      t.strictSame(readFileSync(`${journal}.damaged`), bytes, 'what was taken away is kept');
      t.match(describe(trouble).fix, `truncate -s ${end} journal.1`);
    }
  }
});

/** A store of three generations, with a little in each; `snapshot.3` and `snapshot.2` are there with their journals. */
async function generations(t: Test): Promise<{readonly folder: string; readonly ends: readonly Content[]}> {
  const folder = join(t.testdir(), 'state');
  const store = await openNotes(folder);
  const ends: Content[] = [];
  for (let number = 1; number <= 3; number++) {
    for (let n = 1; n <= 2; n++)
      await store.commit(draft => [
        draft.put('notes', `g${number}n${n}`, note(n)),
        draft.nextNumber('notes'),
      ]);
    ends.push(contentOf(store));
    if (number < 3) await turnOver(store, folder, number + 1);
  }
  await until(() => !existsSync(join(folder, 'journal.1')));
  await store.stop();
  return {folder, ends};
}

t.test('the generation before is kept, and nothing older', async t => {
  const {folder, ends} = await generations(t);
  t.strictSame([...filesIn(folder).keys()].toSorted(), [
    'journal.2',
    'journal.3',
    'snapshot.2',
    'snapshot.3',
  ]);
  const {notes, number} = await reopened(folder);
  t.strictSame({notes, number}, {notes: ends[2]?.notes, number: 6});
});

t.test(
  'a snapshot changed or cut at any byte is refused, and the generation before has all of it',
  async t => {
    const {folder, ends} = await generations(t);
    const path = join(folder, 'snapshot.3');
    const whole = readFileSync(path);
    const asIs = () => (_table: string, _id: string, raw: unknown) => raw;
    for (let at = 0; at < whole.length; at++) {
      for (const bytes of [flipped(whole, at, at % 2 === 0 ? 0x01 : 0x20), whole.subarray(0, at)]) {
        writeFileSync(path, bytes);
        const found = await load(folder, asIs).catch((cause: unknown) => cause);
        if (!(found instanceof Damage) || found.at.kind !== 'snapshot') t.fail(`byte ${at} went unseen`);
      }
    }
    const table = {
      changed: flipped(whole, 70, 1),
      cut: whole.subarray(0, -20),
      longer: Buffer.concat([whole, whole]),
      empty: '',
    };
    const files = filesIn(folder);
    for (const [how, bytes] of Object.entries(table)) {
      restore(folder, files);
      writeFileSync(path, bytes);
      const trouble = await damageIn(openNotes(folder));
      t.match(trouble, {file: path, loses: 'it loses nothing: the generation before has all of it.'}, how);
      follow(trouble.steps);
      const {notes, number} = await reopened(folder);
      t.strictSame({notes, number}, {notes: ends[2]?.notes, number: 6}, how);
      t.strictSame(readFileSync(`${path}.damaged`), Buffer.from(bytes));
    }
  },
);

t.test('what is missing is missed, and never taken for an empty start', async t => {
  const {folder, ends} = await generations(t);
  const files = filesIn(folder);
  const table = [
    {gone: ['journal.3'], way: /^it loses every change since snapshot.3 was made/, left: ends[1]},
    {gone: ['snapshot.3', 'journal.3'], way: null, left: ends[1]},
    {gone: ['snapshot.3'], way: null, left: ends[2]},
    {gone: ['snapshot.2', 'journal.2'], way: null, left: ends[2]},
    {
      gone: ['snapshot.3', 'journal.2'],
      way: /^it loses every change since snapshot.2 was made/,
      left: ends[0],
    },
    {gone: ['snapshot.2', 'snapshot.3'], way: /^it loses everything/, left: undefined},
    {gone: ['snapshot.2', 'snapshot.3', 'journal.2', 'journal.3'], way: 'new', left: undefined},
  ] as const;
  for (const {gone, way, left} of table) {
    restore(folder, files);
    for (const name of gone) rmSync(join(folder, name));
    if (way === 'new') {
      writeFileSync(join(folder, 'snapshot.9.damaged'), '');
      t.match(await damageIn(openNotes(folder)), {loses: /^it loses everything/}, 'a trace of it is left');
      continue;
    }
    if (way !== null) {
      const trouble = await damageIn(openNotes(folder));
      t.match(trouble.detail, /^it is gone/);
      t.match(trouble.loses, way, gone.join());
      follow(trouble.steps);
    }
    const {notes, number} = await reopened(folder);
    t.strictSame({notes, number}, {notes: left?.notes ?? {}, number: left?.number ?? 0}, gone.join());
    rmSync(`${folder}.damaged`, {recursive: true, force: true});
  }
});

t.test('a journal that others build on may not be torn', async t => {
  const {folder, ends} = await generations(t);
  rmSync(join(folder, 'snapshot.3'));
  const path = join(folder, 'journal.2');
  const end = endOf(readFileSync(path));
  truncateSync(path, end - 5);
  const trouble = await damageIn(openNotes(folder));
  t.match(trouble, {file: path, loses: /^it loses the write at byte \d+ of journal.2 and \d+ after it/});
  follow(trouble.steps);
  const {notes, number} = await reopened(folder);
  t.strictSame({notes, number}, {notes: ends[1]?.notes, number: 4});
});

t.test('a journal of another store, or of another time, is refused', async t => {
  const {folder} = await generations(t);
  const path = join(folder, 'journal.3');
  const [head = '', ...rest] = readFileSync(path, 'latin1').split('\n');
  const table = {
    'a line is missing': [rest.join('\n'), /^write \d+ comes after write \d+$/],
    'a line came twice': [[head, head, ...rest].join('\n'), /^write (\d+) comes after write \1$/],
    'a line of another version': [
      `${lineOf(head.slice(9).replace('"v":1', '"v":2'))}`,
      /^it goes on in version 2/,
    ],
    'a line of something else': [`${lineOf('{"hello":1}')}`, /says nothing that this program knows/],
    'a line of no JSON': [`${lineOf('{"hello')}`, /says nothing that this program knows/],
  } as const;
  for (const [what, [text, detail]] of Object.entries(table)) {
    writeFileSync(path, text, 'latin1');
    t.match(await damageIn(openNotes(folder)), {file: path, detail}, what);
  }
});

t.test('the first snapshot holds nothing, and can be done without', async t => {
  const made = await sample(t);
  const path = join(made.folder, 'snapshot.1');
  writeFileSync(path, flipped(readFileSync(path), 12, 1));
  const trouble = await damageIn(openNotes(made.folder));
  t.match(trouble.loses, /^it loses nothing/);
  follow(trouble.steps);
  t.strictSame(await reopened(made.folder), made.after.at(-1)?.content);
  t.strictSame(await reopened(made.folder), made.after.at(-1)?.content, 'and again');
});

t.test('with two things damaged, what both leave is brought back', async t => {
  const {folder, ends} = await generations(t);
  const end = endOf(readFileSync(join(folder, 'journal.2')));
  const files = filesIn(folder);
  const table = [
    {damaged: {'snapshot.3': 20, 'journal.2': end - 5}, left: ends[1], loses: /^it loses the write at byte/},
    {damaged: {'snapshot.3': 20, 'snapshot.2': 20}, left: undefined, loses: /^it loses everything/},
    {
      damaged: {'snapshot.3': 20, 'journal.2': 20},
      left: ends[0],
      loses: /^it loses the write at byte 0 of journal.2/,
    },
  ];
  for (const {damaged, left, loses} of table) {
    restore(folder, files);
    for (const [name, at] of Object.entries(damaged)) {
      const path = join(folder, name);
      writeFileSync(path, flipped(readFileSync(path), at, 1));
    }
    const trouble = await damageIn(openNotes(folder));
    t.match(trouble, {file: join(folder, 'snapshot.3'), loses}, Object.keys(damaged).join());
    follow(trouble.steps);
    const {notes, number} = await reopened(folder);
    t.strictSame({notes, number}, {notes: left?.notes ?? {}, number: left?.number ?? 0});
  }
  t.ok(existsSync(`${folder}.damaged`), 'where nothing can be brought back, all of it is put aside');
});

t.test('a folder of an odd name can be found in a shell', async t => {
  const folder = join(t.testdir(), `it's Bob's "a" $(folder)`, 'state; x');
  const store = await openNotes(folder);
  for (let n = 0; n < 3; n++) await store.commit(draft => draft.put('notes', `${n}`, note(n)));
  await store.stop();
  const path = join(folder, 'journal.1');
  writeFileSync(path, flipped(readFileSync(path), 3, 1));
  follow((await damageIn(openNotes(folder))).steps);
  t.strictSame((await reopened(folder)).notes, {});
});

function flipped(bytes: Buffer, at: number, by: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ by;
  return copy;
}

function restore(folder: string, files: ReadonlyMap<string, Buffer>): void {
  rmSync(folder, {recursive: true, force: true});
  mkdirSync(folder);
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
}
