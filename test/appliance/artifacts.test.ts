/** Real folders and real files: what is kept is found, what is damaged is not, and a crash leaves a store that opens. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import t, {type Test} from 'tap';
import {type ArtifactFile, ArtifactStore, type NodeRecord} from '../../appliance/artifacts.ts';
import {type Digest, digestOf, digestOfFile} from '../../appliance/digest.ts';

const inside = (name: string): Pick<NodeRecord, 'node' | 'fingerprint' | 'parts'> => ({
  node: name,
  fingerprint: digestOf(name),
  parts: {stage: 'mix', version: 1, params: digestOf('{}'), engines: [], inputs: {}},
});

const made = (name: string): Omit<NodeRecord, 'files'> => ({
  ...inside(name),
  ...{seconds: 1, cpuSeconds: 2, peakBytes: 3},
});

async function sandbox(t: Test): Promise<{dir: string; store: ArtifactStore}> {
  const dir = await mkdtemp(join(t.testdir(), 'x-'));
  const store = new ArtifactStore(join(dir, 'job'));
  await store.open();
  return {dir, store};
}

async function keep(
  store: ArtifactStore,
  name: string,
  files: Readonly<Record<string, string>>,
  more: Partial<NodeRecord> = {},
): Promise<NodeRecord> {
  const folder = await store.freshFolder();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), {recursive: true});
    await writeFile(join(folder, path), text);
  }
  return store.keep(folder, {...made(name), ...more});
}

function fileOf(record: NodeRecord, name: string): ArtifactFile {
  const file = record.files[name];
  if (file === undefined) throw new Error(`no ${name}`);
  return file;
}

const reopened = async ({root}: ArtifactStore): Promise<ArtifactStore> => {
  const store = new ArtifactStore(root);
  await store.open();
  return store;
};

t.test('what is kept is found again, by another process as well', async t => {
  const {store} = await sandbox(t);
  const document = {lines: [{text: '¿Qué?', n: 0.1}]};
  const record = await keep(store, 'mix@0', {'mix.flac': 'sound', 'deep/er/a "b".txt': 'text'}, {document});
  t.strictSame(Object.keys(record.files).toSorted(), ['deep/er/a "b".txt', 'mix.flac']);
  const again = await reopened(store);
  t.strictSame(await again.find(record.fingerprint), record);
  for (const [name, text] of [
    ['mix.flac', 'sound'],
    ['deep/er/a "b".txt', 'text'],
  ] as const) {
    const file = fileOf(record, name);
    t.equal(await readFile(again.path(file), 'utf8'), text);
    t.equal(file.digest, digestOf(text));
    t.equal(file.bytes, text.length);
    t.ok(await again.verify(file));
  }
  t.strictSame(await readdir(join(store.root, 'tmp')), [], 'the folder it was made in is gone');
});

t.test('a node without a file is a record; the same bytes are one object', async t => {
  const {store} = await sandbox(t);
  const empty = await keep(store, 'empty', {}, {document: null});
  t.strictSame(await store.find(empty.fingerprint), empty);
  const [one, two] = [
    await keep(store, 'one', {a: 'same', b: 'same'}),
    await keep(store, 'two', {c: 'same'}),
  ];
  t.equal(store.path(fileOf(one, 'a')), store.path(fileOf(two, 'c')));
  for (const file of [...Object.values(one.files), ...Object.values(two.files)])
    t.ok(await store.verify(file));
});

t.test('a record says why its result is a lesser one', async t => {
  const {store} = await sandbox(t);
  const record = await keep(store, 'one', {a: '1'}, {degraded: 'the engine crashed'});
  t.equal((await store.find(record.fingerprint))?.degraded, 'the engine crashed');
  const better = await keep(store, 'one', {a: '2'});
  t.strictSame(await store.find(record.fingerprint), better, 'the better one takes its place');
});

t.test('damage is seen', async t => {
  const later = new Date(Date.now() + 5000);
  const table: Readonly<Record<string, (path: string, modified: Date) => Promise<void>>> = {
    gone: path => rm(path),
    truncated: (path, modified) => writeFile(path, 'soun').then(() => utimes(path, modified, modified)),
    'longer than it was': path => writeFile(path, 'sounds'),
    'as long, but other bytes': path => writeFile(path, 'SOUND').then(() => utimes(path, later, later)),
  };
  for (const [what, damage] of Object.entries(table)) {
    const {store} = await sandbox(t);
    const record = await keep(store, 'mix@0', {'mix.flac': 'sound'});
    const file = fileOf(record, 'mix.flac');
    t.ok(await store.verify(file), 'whole before');
    await damage(store.path(file), (await stat(store.path(file))).mtime);
    t.notOk(await store.verify(file), what);
    const again = fileOf(await keep(store, 'mix@0', {'mix.flac': 'sound'}), 'mix.flac');
    t.ok(await store.verify(again), `${what}: made again it is whole`);
  }
});

t.test('a file that was only touched is still the one', async t => {
  const {store} = await sandbox(t);
  const file = fileOf(await keep(store, 'one', {a: 'sound'}), 'a');
  const later = new Date(Date.now() + 60_000);
  await utimes(store.path(file), later, later);
  t.ok(await store.verify(file));
});

t.test('a record that does not parse is none', async t => {
  const {store} = await sandbox(t);
  const {fingerprint} = await keep(store, 'one', {a: 'x'});
  const whole = await readFile(join(store.root, 'nodes', `${fingerprint}.json`), 'utf8');
  for (const text of [
    '',
    '{',
    whole.slice(0, -2),
    '[]',
    '{"node":"one"}',
    whole.replace('"bytes":1', '"bytes":-1'),
  ]) {
    await writeFile(join(store.root, 'nodes', `${fingerprint}.json`), text);
    t.equal(await store.find(fingerprint), undefined, text.slice(0, 30));
  }
  t.equal(await store.find(digestOf('never made')), undefined);
});

t.test('all records are listed, and nothing that is none', async t => {
  const {store} = await sandbox(t);
  const names = ['a', 'b', 'c'];
  for (const name of names) await keep(store, name, {f: name});
  for (const other of ['.x.tmp', 'README', `${digestOf('d')}.json`, `${digestOf('a')}.json.tmp`]) {
    await writeFile(join(store.root, 'nodes', other), 'torn');
  }
  const found = (await Array.fromAsync(store.records())).map(({node}) => node);
  t.strictSame(found.toSorted(), names);
});

t.test('dropping frees the bytes and keeps the record; forgetting is the other way round', async t => {
  const {store} = await sandbox(t);
  const record = await keep(store, 'one', {a: 'sound'});
  const file = fileOf(record, 'a');
  await store.forget(record);
  t.equal(await store.find(record.fingerprint), undefined);
  t.ok(await store.verify(file));
  const again = await keep(store, 'one', {a: 'sound'});
  await store.drop(fileOf(again, 'a'));
  await store.drop(fileOf(again, 'a'));
  t.notOk(await store.verify(file));
  t.strictSame(await store.find(record.fingerprint), again);
});

t.test('after a power cut only what is still the same bytes counts; after a kill all of it does', async t => {
  const {dir} = await sandbox(t);
  const openAt = async (boot: string) => {
    const store = new ArtifactStore(join(dir, 'cut'), async () => boot);
    await store.open();
    return store;
  };
  const lose = async (store: ArtifactStore, file: ArtifactFile) => {
    const path = store.path(file);
    const {atime, mtime, size} = await stat(path);
    await writeFile(path, Buffer.alloc(size));
    await utimes(path, atime, mtime);
  };
  const first = await openAt('one');
  const [lost, whole, out] = [
    await keep(first, 'a', {'a.wav': 'aaaa'}),
    await keep(first, 'b', {'b.wav': 'bbbb'}),
    await keep(first, 'c', {'c.mkv': 'cccc'}),
  ];
  await first.publish(fileOf(out, 'c.mkv'), join(dir, 'film.mkv'));
  await lose(first, fileOf(lost, 'a.wav'));
  await lose(first, fileOf(out, 'c.mkv'));

  const killed = await openAt('one');
  t.ok(await killed.find(lost.fingerprint), 'the machine stayed up: nothing is read again');
  const cut = await openAt('two');
  t.equal(await cut.find(lost.fingerprint), undefined, 'blocks that never reached the disk');
  t.equal(await cut.find(out.fingerprint), undefined, 'a published file as well');
  t.ok(await cut.find(whole.fingerprint));
  t.ok(await cut.verify(fileOf(whole, 'b.wav')));

  await cut.settle();
  await lose(cut, fileOf(whole, 'b.wav'));
  t.ok(await (await openAt('three')).find(whole.fingerprint), 'what was settled is not read again');
  for (const torn of ['boot.json', 'published.json']) {
    const before = await openAt('four');
    await keep(before, 'b', {'b.wav': 'bbbb'});
    await before.settle();
    await lose(before, fileOf(whole, 'b.wav'));
    await writeFile(join(dir, 'cut', torn), '{"uns');
    if (torn === 'published.json')
      await writeFile(join(dir, 'cut', 'boot.json'), JSON.stringify({unsettledSince: 'four'}));
    const opened = await openAt('five');
    t.equal(await opened.find(whole.fingerprint), undefined, `${torn} torn: all is read`);
  }
});

t.test('opening empties what was half done and keeps the rest', async t => {
  const {store} = await sandbox(t);
  const record = await keep(store, 'one', {a: 'sound'});
  await writeFile(join(await store.freshFolder(), 'half'), 'x');
  const again = await reopened(store);
  t.strictSame(await readdir(join(store.root, 'tmp')), []);
  t.strictSame(await again.find(record.fingerprint), record);
  const [one, two] = await Promise.all([again.freshFolder(), again.freshFolder()]);
  t.not(one, two);
  t.strictSame(await readdir(one), []);
});

t.test('a published file is out there, and still the artifact', async t => {
  const {dir, store} = await sandbox(t);
  const file = fileOf(await keep(store, 'master', {'dub.mkv': 'film'}), 'dub.mkv');
  const out = join(dir, 'film.es.mkv');
  await writeFile(out, 'what was there before');
  const inObjects = store.path(file);
  await store.publish(file, out);
  t.equal(await readFile(out, 'utf8'), 'film');
  t.equal(store.path(file), out);
  await t.rejects(stat(inObjects), {code: 'ENOENT'}, 'moved, not copied');
  for (const one of [store, await reopened(store)]) {
    t.equal(one.path(file), out);
    t.ok(await one.verify(file));
    await one.publish(file, out);
  }
  t.equal(await readFile(out, 'utf8'), 'film', 'publishing it again changes nothing');
  await store.drop(file);
  t.ok(await store.verify(file), 'what people have is never dropped');
});

t.test('a digest may be published in two places', async t => {
  const {dir, store} = await sandbox(t);
  const file = fileOf(await keep(store, 'subtitle', {'a.srt': 'text'}), 'a.srt');
  const [one, two] = [join(dir, 'one.srt'), join(dir, 'two.srt')];
  await store.publish(file, one);
  await store.publish(file, two);
  for (const path of [one, two]) t.equal(await readFile(path, 'utf8'), 'text');
  await rm(two);
  await store.publish(file, two);
  t.equal(await readFile(two, 'utf8'), 'text', 'each place is looked after');
  await rm(one);
  t.notOk(await store.verify(file), 'gone from where it is read');
  t.strictSame((await readdir(dir)).toSorted(), ['job', 'two.srt'], 'no copy half way');
});

t.test('two artifacts of the same bytes may both be published', async t => {
  const {dir, store} = await sandbox(t);
  const {files} = await keep(store, 'subtitle', {'a.srt': 'text', 'b.srt': 'text'});
  for (const [name, file] of Object.entries(files)) await store.publish(file, join(dir, name));
  for (const name of ['a.srt', 'b.srt']) t.equal(await readFile(join(dir, name), 'utf8'), 'text');
});

t.test('a published file that was damaged is made again, used and published', async t => {
  const {dir, store} = await sandbox(t);
  const file = fileOf(await keep(store, 'master', {'dub.mkv': 'film'}), 'dub.mkv');
  const out = join(dir, 'film.es.mkv');
  await store.publish(file, out);
  for (const damage of [() => writeFile(out, 'fi'), () => rm(out)]) {
    await damage();
    t.notOk(await store.verify(file));
    const again = fileOf(await keep(store, 'master', {'dub.mkv': 'film'}), 'dub.mkv');
    t.ok(await store.verify(again), 'the fresh bytes are the artifact');
    t.equal(await readFile(store.path(again), 'utf8'), 'film', 'and what a later stage reads');
    await store.publish(again, out);
    t.equal(await readFile(out, 'utf8'), 'film');
    t.equal(await digestOfFile(store.path(again)), file.digest);
  }
});

t.test('another version at the same path takes its place', async t => {
  const {dir, store} = await sandbox(t);
  const out = join(dir, 'film.es.mkv');
  const first = fileOf(await keep(store, 'one', {'dub.mkv': 'first'}), 'dub.mkv');
  const second = fileOf(await keep(store, 'two', {'dub.mkv': 'second'}), 'dub.mkv');
  await store.publish(first, out);
  await store.publish(second, out);
  t.equal(await readFile(out, 'utf8'), 'second');
  t.notOk(await store.verify(first));
  t.ok(await store.verify(second));
});

t.test('what cannot be published stays where it is', async t => {
  const {dir, store} = await sandbox(t);
  const file = fileOf(await keep(store, 'one', {a: 'film'}), 'a');
  await t.rejects(store.publish(file, join(dir, 'gone', 'film.mkv')), {code: 'ENOENT'});
  t.ok(await store.verify(file));
  t.strictSame(await readdir(dir), ['job']);
});

const keeper = fileURLToPath(new URL('./keeper.ts', import.meta.url));

/** Starts a process that keeps one node after another; resolves at its first word. */
async function keeping(root: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [keeper, root], {stdio: ['ignore', 'pipe', 'inherit']});
  if (child.stdout !== null) await once(child.stdout, 'data');
  return child;
}

t.test(
  'kill -9 while nodes are kept leaves a store that opens, and no record without its objects',
  async t => {
    const {store} = await sandbox(t);
    let kept = 0;
    for (let round = 0; round < 3; round++) {
      const child = await keeping(store.root);
      for (let word = 0; word <= round && child.stdout !== null; word++) await once(child.stdout, 'data');
      child.kill('SIGKILL');
      await once(child, 'exit');
      const again = await reopened(store);
      const records: readonly NodeRecord[] = await Array.fromAsync(again.records());
      t.ok(records.length > kept, `round ${round}: ${records.length} nodes`);
      kept = records.length;
      const names = (await readdir(join(store.root, 'nodes'))).filter(name => /^[0-9a-f]/.test(name));
      t.equal(names.length, records.length, 'every record parses');
      for (const file of records.flatMap(({files}) => Object.values(files))) {
        if ((await digestOfFile(again.path(file))) !== (file.digest as Digest))
          t.fail(`${file.digest} is torn`);
      }
    }
  },
);
