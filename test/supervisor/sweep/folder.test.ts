/** Real folders, odd names, and links that are swapped in while somebody works. */
import {mkdir, readdir, rename, rm, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t from 'tap';
import type {JobId} from '../../../appliance/job.ts';
import {type FileFact, gatherFacts, type Place} from '../../../supervisor/sweep/facts.ts';
import {Folder, printable} from '../../../supervisor/sweep/folder.ts';
import {Removal} from '../../../supervisor/sweep/removal.ts';
import {filesIn, idOf, jobFiles, makeJob, write} from './box.ts';

const {signal} = new AbortController();
const all = {wants: () => true, signal};

async function factsOf(dataDir: string, wants: (id: JobId) => boolean = () => true): Promise<FileFact[]> {
  const places: Place[] = await Array.fromAsync(gatherFacts(dataDir, {wants, signal}));
  return places.flatMap(({facts}) => facts);
}

t.test('a name is text that can be shown and turned back into its bytes', async t => {
  const table: readonly [Buffer, string][] = [
    [Buffer.from('film.mp4'), 'film.mp4'],
    [Buffer.from('映画 ñ 😀.mkv'), '映画 ñ 😀.mkv'],
    [Buffer.from('a\nb\x1b[2J'), 'a\\x0ab\\x1b[2J'],
    [Buffer.from('a\\b'), 'a\\x5cb'],
    [Buffer.from([0xff, 0x41]), '\\xffA'],
    [Buffer.from('gpj.\u202eexe'), 'gpj.\\xe2\\x80\\xaeexe'],
  ];
  const dir = t.testdir();
  await using folder = await Folder.open(dir);
  for (const [bytes, text] of table) {
    t.equal(printable(bytes), text);
    await writeFile(Buffer.concat([Buffer.from(`${dir}/`), bytes]), text);
    t.equal((await folder.look(text))?.size, Buffer.byteLength(text), 'it is found under its printed name');
  }
  const names = await Array.fromAsync(folder.names());
  t.strictSame(names.toSorted(), table.map(([, text]) => text).toSorted());
  for (const name of names) await folder.unlink(name);
  t.strictSame(await readdir(dir), []);
});

t.test('nothing leads out of a folder', async t => {
  const dir = t.testdir({in: {file: ''}, out: {precious: ''}});
  await symlink(join(dir, 'out'), join(dir, 'in', 'link'));
  await using folder = await Folder.open(join(dir, 'in'));
  for (const name of ['..', 'a/b', '/etc', '', '\\x2fetc']) {
    await t.rejects(folder.enter(name), /is no name in a folder/, name);
    await t.rejects(folder.unlink(name), /is no name in a folder/, name);
  }
  await t.rejects(folder.enter('link'), {code: 'ENOTDIR'});
  await t.rejects(folder.enter('file'), {code: 'ENOTDIR'});
  await t.rejects(folder.descend(['link', 'precious']), {code: 'ENOTDIR'});
  t.ok((await folder.look('link'))?.isSymbolicLink());
  t.equal(await folder.look('gone'), undefined);
  await folder.unlink('link');
  t.strictSame(await filesIn(dir), ['in/file', 'out/precious']);
});

t.test('a folder held open is the same one wherever it is moved', async t => {
  const dir = t.testdir({a: {file: 'mine'}});
  await using folder = await Folder.open(join(dir, 'a'));
  await rename(join(dir, 'a'), join(dir, 'b'));
  await mkdir(join(dir, 'a'));
  await writeFile(join(dir, 'a', 'file'), 'of somebody else');
  await folder.unlink('file');
  t.strictSame(await filesIn(dir), ['a/file']);
  await t.rejects(folder.removeEmpty('.'), {code: 'EINVAL'});
});

t.test('the look finds jobs, what was put aside and logs, and nothing else', async t => {
  const dir = t.testdir();
  await makeJob(dir, idOf(1));
  for (const path of [
    ...[
      'inbox/film.mp4',
      'inbox/ana/film.mp4',
      'inbox/.done/a',
      'inbox/ana/.done/b',
      'inbox/ana/fast/.refused/c',
    ],
    ...['inbox/ana/fast/deep/.done/d', 'inbox/.stfolder/.done/e', 'log/daemon.log', 'log/old/x'],
    ...[
      'state/journal',
      'audit/1.jsonl',
      'receipts/x.json',
      'run/x',
      'jobs/No-Id/x',
      'jobs/stray',
      'elsewhere/y',
    ],
  ])
    await write(join(dir, path), path);
  const found = (await factsOf(dir)).map(({path, is}) => (is === 'folder' ? `${path}/` : path));
  const files = found.filter(path => !path.endsWith('/')).toSorted();
  t.strictSame(files, [
    ...['inbox/.done/a', 'inbox/ana/.done/b', 'inbox/ana/fast/.refused/c'],
    ...[...Object.values(jobFiles).flat(), 'claim.json'].map(path => `jobs/${idOf(1)}/${path}`).toSorted(),
    'log/daemon.log',
  ]);
  for (const path of found) {
    const inside = found.findIndex(other => other !== path && other.startsWith(path));
    if (path.endsWith('/'))
      t.ok(inside === -1 || inside < found.indexOf(path), `${path} after what it holds`);
  }
  t.strictSame(await factsOf(dir, () => false).then(facts => facts.filter(({path}) => path[0] === 'j')), []);
  t.strictSame(await factsOf(join(t.testdir({}))), [], 'an empty data folder is no trouble');
});

t.test('links, pipes and folders without end are named, never entered', async t => {
  const dir = t.testdir({outside: {precious: 'kept'}, data: {jobs: {[idOf(1)]: {out: {}}}}});
  const out = join(dir, 'data/jobs', idOf(1), 'out');
  await symlink(join(dir, 'outside'), join(out, 'link'));
  await symlink(join(dir, 'outside'), join(dir, 'data/jobs', idOf(2)));
  await symlink(join(dir, 'outside'), join(dir, 'data/log'));
  await symlink(join(dir, 'outside'), join(dir, 'data/inbox'));
  await mkdir(join(out, Array(60).fill('d').join('/')), {recursive: true});
  const facts = await factsOf(join(dir, 'data'));
  t.notOk(facts.some(({path}) => path.includes('precious')));
  t.match(
    facts
      .filter(({is}) => is === 'other')
      .map(({path}) => path)
      .toSorted(),
    [`jobs/${idOf(1)}/out/link`, `jobs/${idOf(2)}`],
  );
  const deepest = Math.max(...facts.map(({path}) => path.split('/').length));
  t.ok(deepest > 30 && deepest < 40, `${deepest} levels`);
});

t.test('a large place comes in pieces, and a look can be stopped between them', async t => {
  const dir = t.testdir();
  for (let i = 0; i < 25; i++) await write(join(dir, 'jobs', idOf(1), 'out', String(i)), '');
  await write(join(dir, 'jobs', idOf(2), 'claim.json'), '');
  const places = await Array.fromAsync(gatherFacts(dir, {...all, limit: 10}));
  const first = places.filter(place => place.of === 'job' && place.id === idOf(1));
  t.strictSame(
    first.map(({facts, whole}) => [facts.length, whole]),
    [
      [10, false],
      [10, false],
      [7, false],
    ],
  );
  t.match(
    places.filter(place => !first.includes(place)).map(({whole}) => whole),
    [true],
  );
  const stop = new AbortController();
  const looking = gatherFacts(dir, {...all, limit: 10, signal: stop.signal});
  await looking.next();
  stop.abort();
  await t.rejects(looking.next(), {name: 'AbortError'});
});

t.test('only the file that was looked at is removed', async t => {
  const dir = t.testdir();
  await using removal = new Removal(dir);
  const remove = removal.remove.bind(removal);
  const path = `jobs/${idOf(1)}/out/film.es.mkv`;
  const look = async () => {
    const fact = (await factsOf(dir)).find(each => each.path === path);
    if (fact === undefined) throw new Error('it is not there');
    return fact;
  };
  await makeJob(dir, idOf(1));
  const seen = await look();
  t.strictSame(await remove({path, fact: {...seen, changed: seen.changed - 1}}), {
    is: 'kept',
    why: 'changed',
  });
  await rm(join(dir, path));
  t.strictSame(await remove({path, fact: seen}), {is: 'absent'});
  await writeFile(join(dir, 'other'), 'another');
  await rename(join(dir, 'other'), join(dir, path));
  t.strictSame(await remove({path, fact: {...(await look()), inode: seen.inode + 1e6}}), {
    is: 'kept',
    why: 'changed',
  });
  t.strictSame(await remove({path, fact: await look()}), {is: 'removed'});
  const folder = {path: `jobs/${idOf(1)}/out`, fact: {...seen, is: 'folder' as const}};
  const facts = await factsOf(dir);
  const inode = facts.find(each => each.path === folder.path)?.inode ?? 0;
  t.strictSame(
    await remove({...folder, fact: {...folder.fact, inode}}),
    {is: 'kept', why: 'changed'},
    'a folder that is not empty stays',
  );
  t.strictSame(await remove({path: `jobs/${idOf(9)}/x`, fact: seen}), {is: 'absent'});
});

t.test('a folder that is swapped for a link in a loop never lets a removal out', async t => {
  const dir = t.testdir({outside: {}, data: {}});
  const data = join(dir, 'data');
  const names = Array.from({length: 150}, (_, i) => String(i));
  for (const name of names) {
    await write(join(dir, 'outside', name), 'precious');
    await write(join(data, 'jobs', idOf(1), 'out', name), 'to go');
  }
  const facts = await factsOf(data);
  const out = join(data, 'jobs', idOf(1), 'out');
  let swapping = true;
  const swaps = (async () => {
    await symlink(join(dir, 'outside'), `${out}.link`);
    for (; swapping; ) {
      await rename(out, `${out}.real`);
      await rename(`${out}.link`, out);
      await rename(out, `${out}.link`);
      await rename(`${out}.real`, out);
    }
  })();
  const outcomes = new Set<string>();
  for (const fact of facts.filter(({is}) => is === 'file')) {
    for (let tries = 0; tries < 5; tries++) {
      // One for each file, so that the way down is taken anew every time.
      await using removal = new Removal(data);
      outcomes.add((await removal.remove({path: fact.path, fact})).is);
    }
  }
  swapping = false;
  await swaps;
  t.equal((await readdir(join(dir, 'outside'))).length, names.length, 'nothing outside was touched');
  t.ok(outcomes.has('removed'), [...outcomes].join());
});
