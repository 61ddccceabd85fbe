/** The file that lines are appended to, and the system calls under it. */
import {type FileHandle, open, readdir, readFile, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {Disk} from '../../../appliance/store/disk.ts';
import {Journal} from '../../../appliance/store/journal.ts';
import {lineOf} from '../../../appliance/store/line.ts';
import {readSnapshot, stillOf, writeSnapshot} from '../../../appliance/store/snapshot.ts';
import {Changes, emptyState, frozen, rowsIn} from '../../../appliance/store/state.ts';
import {endOf, errorOf, strikingDisk} from './notes.ts';

const stepBytes = 256 << 10;
const plain = () => new Disk(() => performance.now());
const line = (text: string): Buffer => lineOf(JSON.stringify({text}));

async function journalIn(t: Test, disk: Disk = plain()) {
  const path = join(t.testdir(), 'journal.1');
  const journal = await Journal.create(disk, {path, number: 1});
  t.teardown(() => journal.close());
  return {
    path,
    journal,
    content: async () => (await readFile(path)).subarray(0, endOf(await readFile(path))),
  };
}

t.test('a journal is allocated ahead, and grows by whole steps', async t => {
  const {path, journal, content} = await journalIn(t);
  t.ok(journal.isEmpty);
  t.equal((await stat(path)).size, stepBytes);
  await journal.append(line('a'));
  t.notOk(journal.isEmpty);
  t.equal((await stat(path)).size, stepBytes, 'a line changes no size');
  const texts = ['a', 'b'.repeat(stepBytes - 100), 'c'.repeat(3 * stepBytes), 'd'];
  for (const text of texts.slice(1)) {
    await journal.append(line(text));
    t.equal((await stat(path)).size % stepBytes, 0);
  }
  t.strictSame(await content(), Buffer.concat(texts.map(line)));
});

t.test('a journal goes on where its lines ended', async t => {
  const {path, journal, content} = await journalIn(t);
  await journal.append(line('a'));
  await journal.append(line('torn'));
  await journal.close();
  await t.rejects(journal.append(line('b')), /is closed/);
  const again = await Journal.resume(plain(), {path, number: 1, end: line('a').length});
  await again.cut();
  t.strictSame(await content(), line('a'));
  await again.append(line('b'));
  await again.append(line('c'));
  t.strictSame(await content(), Buffer.concat(['a', 'b', 'c'].map(line)));
  await again.close();
  await again.close();
});

t.test('a journal that is there is not begun again', async t => {
  const {path, journal, content} = await journalIn(t);
  await journal.append(line('a'));
  await t.rejects(Journal.create(plain(), {path, number: 1}), {code: 'EEXIST'});
  t.strictSame(await content(), line('a'));
  await t.rejects(Journal.resume(plain(), {path: `${path}0`, number: 10, end: 0}), {code: 'ENOENT'});
});

t.test('a journal that could not be begun leaves nothing', async t => {
  for (const broken of ['write', 'syncFolder']) {
    const dir = t.testdir();
    const disk = strikingDisk(call => {
      if (call === broken) throw errorOf('ENOSPC');
    });
    await t.rejects(Journal.create(disk, {path: join(dir, 'journal.1'), number: 1}), {code: 'ENOSPC'});
    t.strictSame(await readdir(dir), [], broken);
  }
});

t.test('what a failed append left is overwritten only after it was cut off', async t => {
  let failing = false;
  const disk = strikingDisk(async (call, [file, bytes, at], real) => {
    if (!failing || call !== 'write' || !(bytes instanceof Buffer)) return;
    await real.write(file as FileHandle, bytes.subarray(0, -4), at as number);
    throw errorOf('ENOSPC');
  });
  const {journal, content} = await journalIn(t, disk);
  await journal.append(line('a'));
  failing = true;
  await t.rejects(journal.append(line('a longer one')), {code: 'ENOSPC'});
  failing = false;
  t.ok((await content()).length > line('a').length);
  await journal.cut();
  t.strictSame(await content(), line('a'));
  await journal.append(line('b'));
  t.strictSame(await content(), Buffer.concat([line('a'), line('b')]));
});

t.test('what is cut off is cut off through a handle that saw no error', async t => {
  const calls: string[] = [];
  const {journal} = await journalIn(
    t,
    strikingDisk(call => void calls.push(call)),
  );
  await journal.append(line('a'));
  calls.length = 0;
  await journal.cut();
  t.strictSame(calls, ['open', 'cut']);
});

/** The file, and how often it was written to through the thread pool. */
function counting(file: FileHandle) {
  const count = {queued: 0};
  const counted: FileHandle = new Proxy(file, {
    get(real, name) {
      if (name === 'write') count.queued += 1;
      const found: unknown = Reflect.get(real, name);
      return typeof found === 'function' ? found.bind(real) : found;
    },
  });
  return {counted, count};
}

t.test('a quick disk is written to at once, a slow one through the thread pool', async t => {
  let ms = 0;
  let took = 1;
  const disk = new Disk(() => {
    ms += took / 2;
    return ms;
  });
  const file = await disk.create(join(t.testdir(), 'f'));
  t.teardown(() => file.close());
  const {counted, count} = counting(file);
  const usual = async (writeMs: number, times: number): Promise<number> => {
    took = 2 * writeMs;
    count.queued = 0;
    for (let n = 0; n < times; n++) await disk.write(counted, Buffer.from('abc'), 3 * n);
    return count.queued;
  };
  t.equal(await usual(0.01, 1), 1, 'a disk not met yet is taken for a slow one');
  t.ok((await usual(0.01, 60)) < 20);
  t.equal(await usual(0.01, 60), 0);
  t.equal(await usual(500, 1), 0);
  t.equal(await usual(0.01, 9), 0, 'one stall makes it no slow disk');
  t.ok((await usual(9, 200)) > 100);
  t.equal(await usual(9, 60), 60);
  t.equal((await readFile(join(t.testdirName, 'f'))).length, 600, 'both ways write the same');
});

t.test('while a snapshot goes to disk, nothing waits in the event loop', async t => {
  const disk = new Disk(() => 0);
  const dir = t.testdir();
  const file = await disk.create(join(dir, 'f'));
  t.teardown(() => file.close());
  const {counted, count} = counting(file);
  const queued = async (): Promise<number> => {
    count.queued = 0;
    await disk.write(counted, Buffer.from('abc'), 0);
    return count.queued;
  };
  for (let n = 0; n < 60; n++) await queued();
  t.equal(await queued(), 0);
  const draft = await disk.createDraft(join(dir, 'draft'));
  let release = (): void => {};
  const held = new Promise<void>(resolve => {
    release = resolve;
  });
  const slow = new Proxy(draft, {
    get(real, name) {
      if (name === 'sync') return () => held;
      const found: unknown = Reflect.get(real, name);
      return typeof found === 'function' ? found.bind(real) : found;
    },
  });
  const published = disk.publish(slow, join(dir, 'draft'), join(dir, 'whole'));
  t.equal(await queued(), 1);
  release();
  await published;
  t.equal(await queued(), 0);
  await t.rejects(disk.publish(await disk.createDraft(join(dir, 'a')), join(dir, 'b'), join(dir, 'c')), {
    code: 'ENOENT',
  });
  t.equal(await queued(), 0, 'nor after it failed');
});

t.test('a write that is cut short is gone on with, and one that takes nothing fails', async t => {
  const path = join(t.testdir(), 'f');
  const disk = plain();
  const file = await disk.create(path);
  t.teardown(() => file.close());
  const sparing = (limit: number): FileHandle =>
    new Proxy(file, {
      get: (real, name) =>
        name === 'write'
          ? (bytes: Buffer, offset: number, length: number, at: number) =>
              limit === 0 ? {bytesWritten: 0} : real.write(bytes, offset, Math.min(limit, length), at)
          : Reflect.get(real, name),
    });
  await disk.write(sparing(3), Buffer.from('abcdefgh'), 2);
  t.equal(await readFile(path, 'latin1'), '\0\0abcdefgh');
  await t.rejects(plain().write(sparing(0), Buffer.from('x'), 0), /took nothing/);
});

t.test('changes say how much of a line they take', async t => {
  const changes = new Changes();
  t.ok(changes.isEmpty);
  const ids = ['a', 'ünï', '"\\\n', '日本語', ''];
  for (const id of ids) changes.set('notes', id, {value: {id}, json: JSON.stringify({id, text: 'é"'})});
  changes.set('notes', 'gone', null);
  changes.count('job', 7);
  changes.count('jöb', 2 ** 40);
  const json = changes.json(3, 99);
  t.strictSame(JSON.parse(json), {
    ...{v: 3, seq: 99, delete: [['notes', 'gone']]},
    put: ids.map(id => ['notes', id, {id, text: 'é"'}]),
    count: [
      ['job', 7],
      ['jöb', 2 ** 40],
    ],
  });
  t.ok(changes.bytes + 60 > Buffer.byteLength(json), `${changes.bytes} for ${Buffer.byteLength(json)}`);
  const later = new Changes();
  later.set('notes', 'a', null);
  later.count('job', 8);
  changes.add(later);
  const state = changes.appliedTo({...emptyState(), seq: 4});
  t.strictSame([...rowsIn(state, 'notes').keys()], ids.slice(1));
  t.strictSame([...state.counters, state.seq], [['job', 8], ['jöb', 2 ** 40], 5]);
});

t.test('a frozen row is frozen to its ends', async t => {
  const row = frozen({a: [{b: {c: [1]}}], d: null, e: 'x'});
  for (const part of [row, row.a, row.a[0], row.a[0]?.b, row.a[0]?.b.c]) t.ok(Object.isFrozen(part));
});

/** What a snapshot file says, as far as it goes. */
async function read(path: string) {
  const rows = new Map<string, unknown>();
  let head: unknown;
  const end = await readSnapshot(path, {
    head: said => {
      head = said;
    },
    row: (table, id, raw) => void rows.set(`${table}/${id}`, raw),
  });
  return {rows, head, end};
}

function manyRows(count: number) {
  const state = emptyState();
  for (let n = 0; n < count; n++)
    rowsIn(state, n % 3 === 0 ? 'a' : 'b').set(`${n}`, {n, text: 'x'.repeat(n % 900)});
  state.counters.set('job', 12);
  return {...state, seq: 77};
}

t.test('a snapshot holds the state of its moment, in pieces', async t => {
  const path = join(t.testdir(), 'snapshot.1');
  const state = manyRows(3000);
  const still = stillOf(state, 4);
  const {signal} = new AbortController();
  const written = writeSnapshot({disk: plain(), still, draft: `${path}.tmp`, path, signal});
  rowsIn(state, 'a').clear();
  rowsIn(state, 'b').set('1', 'later');
  const bytes = await written;
  const {rows, head, end} = await read(path);
  t.strictSame(end, {is: 'whole', bytes});
  t.strictSame(head, {v: 4, seq: 77, count: [['job', 12]]});
  t.equal(rows.size, 3000);
  t.strictSame(
    [rows.get('a/0'), rows.get('b/1')],
    [
      {n: 0, text: ''},
      {n: 1, text: 'x'},
    ],
  );
  const lengths = (await readFile(path, 'latin1')).split('\n').map(each => each.length);
  t.ok(lengths.length > 8 && lengths.every(length => length < 140_000), `${lengths}`);
  t.strictSame(await readdir(t.testdirName), ['snapshot.1']);
});

t.test('a snapshot of which a sound line is missing is not whole', async t => {
  const path = join(t.testdir(), 'snapshot.1');
  const {signal} = new AbortController();
  await writeSnapshot({disk: plain(), still: stillOf(manyRows(3000), 1), draft: `${path}.tmp`, path, signal});
  const lines = (await readFile(path, 'latin1')).split(/(?<=\n)/);
  for (let gone = 0; gone < lines.length; gone++) {
    await writeFile(path, lines.toSpliced(gone, 1).join(''), 'latin1');
    t.equal((await read(path)).end.is, 'damaged', `line ${gone}`);
    await writeFile(path, lines.toSpliced(gone, 0, lines[gone] ?? '').join(''), 'latin1');
    t.equal((await read(path)).end.is, 'damaged', `line ${gone} twice`);
  }
});

t.test('a snapshot that is given up leaves no draft, and what was there stays', async t => {
  const path = join(t.testdir({'snapshot.1': 'the one before'}), 'snapshot.1');
  const still = stillOf(manyRows(3000), 1);
  const task = {still, draft: `${path}.tmp`, path};
  await t.rejects(
    writeSnapshot({...task, disk: plain(), signal: AbortSignal.abort(new Error('enough'))}),
    /enough/,
  );
  for (const broken of ['createDraft', 'append', 'publish']) {
    const disk = strikingDisk(call => {
      if (call === broken) throw errorOf('EIO');
    });
    await t.rejects(
      writeSnapshot({...task, disk, signal: new AbortController().signal}),
      {code: 'EIO'},
      broken,
    );
  }
  t.strictSame(await readdir(t.testdirName), ['snapshot.1']);
  t.equal(await readFile(path, 'utf8'), 'the one before');
});

t.test('a folder is copied file by file, and moved as a whole', async t => {
  const dir = t.testdir({one: {a: 'A'}});
  const disk = plain();
  await disk.makeFolder(join(dir, 'deep', 'two'));
  await disk.copy(join(dir, 'one', 'a'), join(dir, 'deep', 'two', 'a'));
  await t.rejects(disk.copy(join(dir, 'one', 'a'), join(dir, 'deep', 'two', 'a')), {code: 'EEXIST'});
  await disk.moveFolder(join(dir, 'deep', 'two'), join(dir, 'three'));
  t.equal(await readFile(join(dir, 'three', 'a'), 'utf8'), 'A');
  t.equal((await stat(join(dir, 'three', 'a'))).mode & 0o777, 0o600);
  t.equal((await stat(join(dir, 'three'))).mode & 0o777, 0o700);
  await disk.remove(join(dir, 'three'));
  await disk.remove(join(dir, 'three'));
  t.strictSame(await readdir(dir), ['deep', 'one']);
  await t.rejects(open(join(dir, 'three')), {code: 'ENOENT'});
});
