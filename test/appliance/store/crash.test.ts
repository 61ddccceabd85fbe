/** What a store keeps when it is killed, when the disk fails, and when there is no space. */
import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import {randomInt} from 'node:crypto';
import {once} from 'node:events';
import {cpSync, existsSync, mkdirSync, readdirSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import t, {type Test} from 'tap';
import type {Disk} from '../../../appliance/store/disk.ts';
import {
  contentOf,
  endOf,
  errorOf,
  filesIn,
  note,
  noteOf,
  openNotes,
  reopened,
  type Strike,
  strikingDisk,
  troubleOf,
  turnOver,
  until,
} from './notes.ts';

const program = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

function startWriter(t: Test, folder: string): ChildProcess {
  const child = spawn(process.execPath, [program('writer.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => void child.kill('SIGKILL'));
  return child;
}

/** Every number that it said before it ended; it is killed when it has said `enough` of them. */
async function acknowledgedBy(child: ChildProcess, enough: number): Promise<readonly number[]> {
  const ended = once(child, 'exit');
  const numbers: number[] = [];
  if (child.stdout === null) throw new Error('its output is not heard');
  for await (const line of createInterface({input: child.stdout})) {
    numbers.push(Number(line));
    if (numbers.length === enough) child.kill('SIGKILL');
  }
  await ended;
  return numbers;
}

t.test('whatever a killed process had acknowledged is there', async t => {
  const folder = join(t.testdir(), 'state');
  let last = 0;
  for (let kill = 0; kill < 20; kill++) {
    const numbers = await acknowledgedBy(startWriter(t, folder), randomInt(1, 60));
    t.ok(numbers.length > 0 && numbers.every((number, index) => number === last + index + 1), `kill ${kill}`);
    last = numbers.at(-1) ?? last;
    const {notes, number} = await reopened(folder);
    // Up to three were being written, and may be there without having been acknowledged.
    t.ok(number >= last && number <= last + 3 + 3, `${number} numbers, ${last} acknowledged`);
    for (let each = Math.max(1, number - 19); each <= number; each++)
      if (notes[`n${each}`]?.text !== noteOf(each).text) t.fail(`note ${each} is lost or damaged`);
    t.equal(Object.keys(notes).length, Math.min(20, number));
    last = number;
  }
  t.ok(
    readdirSync(folder).some(name => /^snapshot\.\d\d/.test(name)),
    'through many generations',
  );
});

t.test('a folder is one process’s at a time', async t => {
  const folder = join(t.testdir(), 'state');
  const first = startWriter(t, folder);
  if (first.stdout !== null) await once(first.stdout, 'data');
  t.strictSame(await troubleOf(openNotes(folder)), {reason: 'locked', folder, pid: first.pid});
  const second = spawnSync(process.execPath, [program('writer.ts'), folder], {encoding: 'utf8'});
  t.equal(second.status, 3);
  t.strictSame(JSON.parse(second.stdout), {reason: 'locked', folder, pid: first.pid});
  first.kill('SIGKILL');
  await once(first, 'exit');
  const mine = await openNotes(folder);
  const third = spawnSync(process.execPath, [program('writer.ts'), folder], {encoding: 'utf8'});
  t.match(JSON.parse(third.stdout), {reason: 'locked', pid: process.pid});
  await mine.stop();
});

/** A disk that loses power in its `cut`th call: of what that was to write, half is there. */
function losingPower(cut: number): {readonly disk: Disk; readonly isOff: () => boolean} {
  let calls = 0;
  const strike: Strike = async (call, [file, bytes, at], disk) => {
    calls += 1;
    if (calls === cut && call === 'write' && bytes instanceof Buffer)
      await disk.write(file as never, bytes.subarray(0, bytes.length / 2), at as never);
    if (calls >= cut) throw errorOf('EIO');
  };
  return {disk: strikingDisk(strike), isOff: () => calls >= cut};
}

t.test('at whatever call the power goes, all that was acknowledged is there', async t => {
  const root = t.testdir();
  const hasDraft = (folder: string) => readdirSync(folder).some(name => name.endsWith('.tmp'));
  let cut = 0;
  for (let wasOff = true; wasOff; ) {
    cut += 1;
    const folder = join(root, `${cut}`);
    const {disk, isOff} = losingPower(cut);
    const acknowledged: string[] = [];
    const store = await openNotes(folder, {disk, tell: () => {}}).catch(() => undefined);
    const put = async (id: string): Promise<void> => {
      await store?.commit(draft => [draft.put('notes', id, note(1)), draft.nextNumber('notes')]);
      acknowledged.push(id);
    };
    for (let generation = 2; generation <= 3 && store !== undefined && !isOff(); generation++) {
      await put(`a${generation}`).catch(() => {});
      for (let n = 0; n < 4; n++)
        await store.commit(draft => draft.put('marks', 'large', `${n}`.repeat(270_000))).catch(() => {});
      await put(`b${generation}`).catch(() => {});
      await until(() => isOff() || !hasDraft(folder));
      await put(`c${generation}`).catch(() => {});
    }
    await store?.stop();
    wasOff = isOff();
    const {notes, number} = await reopened(folder);
    const there = Object.keys(notes);
    const isThere = acknowledged.every(id => there.includes(id)) && there.length <= acknowledged.length + 1;
    if (!isThere || number !== there.length) t.fail(`cut ${cut}: ${acknowledged} became ${there}`);
    if (hasDraft(folder)) t.fail(`cut ${cut}: a draft is left`);
    rmSync(folder, {recursive: true});
  }
  t.ok(cut > 30, `${cut} calls`);
});

t.test('a write that failed is refused whole, and never comes back', async t => {
  const folder = join(t.testdir(), 'state');
  let left = 0;
  let copy = 0;
  const disk = strikingDisk(async (call, [file, bytes, at], real) => {
    if (call !== 'write' || left === 0) return;
    left -= 1;
    await real.write(file as never, bytes as never, at as never);
    throw errorOf('EIO');
  });
  const store = await openNotes(folder, {disk});
  await store.commit(draft => draft.put('marks', 'a', 'kept'));
  left = 1;
  const all = await Promise.allSettled(
    ['b', 'c'].map(id => store.commit(draft => [draft.put('marks', id, 'x'), draft.nextNumber('notes')])),
  );
  for (const each of all)
    t.match(each, {reason: {trouble: {reason: 'unusable', detail: 'EIO'}, cause: {code: 'EIO'}}});
  t.strictSame(contentOf(store), {notes: {}, marks: {a: 'kept'}, number: 0});
  const crashed = join(folder, '..', `crashed-${copy++}`);
  cpSync(folder, crashed, {recursive: true});
  rmSync(join(crashed, 'lock.json'));
  t.strictSame(await reopened(crashed), contentOf(store), 'a crash right after it');
  await store.commit(draft => draft.put('marks', 'd', 'after'));
  t.ok(existsSync(join(folder, 'snapshot.2')), 'what is doubtful is left behind: new files');
  t.equal(
    endOf(filesIn(folder).get('journal.1') ?? Buffer.alloc(0)),
    filesIn(folder).get('journal.1')?.length,
  );
  const content = contentOf(store);
  t.strictSame(content.marks, {a: 'kept', d: 'after'});
  await store.stop();
  t.strictSame(await reopened(folder), content);
});

t.test('while a failed write can’t be mended, changes are refused and reading goes on', async t => {
  const folder = join(t.testdir(), 'state');
  let broken: readonly string[] = [];
  const disk = strikingDisk(call => {
    if (broken.includes(call)) throw errorOf('EIO');
  });
  const store = await openNotes(folder, {disk});
  const put = (id: string) => store.commit(draft => draft.put('marks', id, 'x'));
  await put('a');
  for (const also of ['cut', 'create', 'createDraft', 'append', 'publish']) {
    broken = ['write'];
    t.match(await troubleOf(put('b')), {reason: 'unusable', detail: 'EIO'});
    broken = [also];
    t.match(await troubleOf(put('c')), {reason: 'unusable', detail: 'EIO'}, also);
    t.match(await troubleOf(put('d')), {reason: 'unusable', detail: 'EIO'}, `${also}, again`);
    broken = [];
    await put(also);
    t.equal(store.get('marks', also), 'x', 'and then it goes on');
  }
  const content = contentOf(store);
  t.strictSame(Object.keys(content.marks).toSorted(), [
    'a',
    'append',
    'create',
    'createDraft',
    'cut',
    'publish',
  ]);
  await store.stop();
  t.strictSame(await reopened(folder), content);
  t.ok(readdirSync(folder).length <= 5, readdirSync(folder).join());
});

t.test('changes go on while a new generation is made, and belong to it', async t => {
  const folder = join(t.testdir(), 'state');
  let release = (): void => {};
  const held = new Promise<void>(resolve => {
    release = resolve;
  });
  let isHeld = false;
  const disk = strikingDisk(async (call, [, , path]) => {
    if (call !== 'publish' || !String(path).endsWith('snapshot.2')) return;
    isHeld = true;
    await held;
  });
  const store = await openNotes(folder, {disk});
  for (let n = 0; n < 5; n++)
    await store.commit(draft => draft.put('marks', 'large', `${n}`.repeat(300_000)));
  await until(() => isHeld);
  await store.commit(draft => [draft.put('notes', 'meanwhile', note(1)), draft.delete('marks', 'large')]);
  const crashed = join(folder, '..', 'crashed');
  cpSync(folder, crashed, {recursive: true});
  rmSync(join(crashed, 'lock.json'));
  t.strictSame(await reopened(crashed), contentOf(store), 'a crash before there is a snapshot');
  t.notOk(existsSync(join(crashed, 'snapshot.2.tmp')));
  release();
  await until(() => existsSync(join(folder, 'snapshot.2')));
  const content = contentOf(store);
  await store.stop();
  t.strictSame(await reopened(folder), content);
});

t.test('a stop does not wait for a snapshot that is being made', async t => {
  const folder = join(t.testdir(), 'state');
  let pieces = 0;
  let release = (): void => {};
  const held = new Promise<void>(resolve => {
    release = resolve;
  });
  const disk = strikingDisk(async call => {
    if (call === 'append' && ++pieces === 4) await held;
  });
  const store = await openNotes(folder, {disk});
  await Promise.all(Array.from({length: 60}, (_, n) => store.commit(d => d.put('notes', `${n}`, noteOf(n)))));
  await until(() => pieces === 4);
  const content = contentOf(store);
  const stopped = store.stop();
  release();
  await stopped;
  t.equal(pieces, 4, 'the rest is not written');
  t.strictSame(readdirSync(folder).toSorted(), ['journal.1', 'journal.2', 'snapshot.1']);
  t.strictSame(await reopened(folder), content);
});

t.test('old generations go, one after another', async t => {
  const folder = join(t.testdir(), 'state');
  const store = await openNotes(folder);
  for (let number = 2; number <= 5; number++) await turnOver(store, folder, number);
  await until(() => !existsSync(join(folder, 'journal.3')));
  await store.stop();
  t.strictSame(readdirSync(folder).toSorted(), ['journal.4', 'journal.5', 'snapshot.4', 'snapshot.5']);
});

/** Runs a script of sh in a namespace of its own, with which all that it mounts goes away. */
function unshared(script: string, ...given: readonly string[]) {
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  return spawnSync('unshare', ['--mount', ...asRoot, 'sh', '-c', script, 'sh', ...given], {encoding: 'utf8'});
}

const skip = unshared('mount -t tmpfs tmpfs /mnt').status === 0 ? false : 'nothing can be mounted here';

t.test(
  'a disk without space refuses, keeps what it has, and goes on when there is space',
  {skip},
  async t => {
    const mount = join(t.testdir(), 'small');
    mkdirSync(mount);
    const script = 'mount -t tmpfs -o size=4m tmpfs "$1" && exec "$2" "$3" "$1"';
    const {stdout, stderr, status} = unshared(script, mount, process.execPath, program('full.ts'));
    t.equal(status, 0, stderr);
    const said = JSON.parse(stdout);
    t.equal(said.atStart, 'disk-full');
    t.equal(said.refused.reason, 'disk-full');
    t.match(
      said,
      {number: said.refused.accepted, marks: {first: 'kept'}},
      'memory is at the last accepted change',
    );
    t.strictSame(said.reasons, ['disk-full', 'disk-full', 'disk-full']);
    t.ok(said.unchanged, 'what was refused is not seen');
    t.ok(said.goesOn.accepted > 10, `${said.goesOn.accepted} more when there was space`);
    t.ok(said.kept, 'on disk as in memory');
    t.equal(said.readOnly, 'unusable');
    t.ok(said.keptStill);
  },
);
