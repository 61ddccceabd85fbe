/** Folders that lead nowhere else, copies that are what they were made of, and names that nothing is lost under. */
import {randomBytes} from 'node:crypto';
import {
  appendFile,
  chmod,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  stat,
  symlink,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {digestOf, digestOfOpen} from '../../../appliance/digest.ts';
import {
  copyOver,
  holds,
  isMade,
  isUnfinishedCopy,
  moveInto,
  never,
  numbered,
  removeAside,
  removeExactly,
  reserve,
} from '../../../supervisor/inbox/carry.ts';
import {copyOpen} from '../../../supervisor/inbox/copy.ts';
import {
  codeOf,
  isUntouched,
  look,
  openFile,
  openFolder,
  type Sight,
  sightOfOpen,
  whyFixed,
  within,
} from '../../../supervisor/inbox/folder.ts';
import {type Name, nameOf, nameOfBytes} from '../../../supervisor/inbox/names.ts';
import {refuseClaimed, refuseFile} from '../../../supervisor/inbox/refuse.ts';
import {type Found, scan} from '../../../supervisor/inbox/scan.ts';
import {troubleOf} from '../../../supervisor/inbox/trouble.ts';
import {asNobody, asRoot, inodeOf, otherDisk, tool, whileBound} from './disks.ts';
import {filesIn, textOf} from './house.ts';

const film = nameOf('film.mkv');

async function folderAt(t: Test, path: string) {
  const folder = await openFolder(path, []);
  t.teardown(() => folder.close());
  return folder;
}

async function sightOf(path: string, name = film): Promise<Sight> {
  await using folder = await openFolder(path, []);
  const sight = await look(folder, name);
  if (sight === undefined) throw new Error(`nothing at ${path}/${name}`);
  return sight;
}

t.test('a folder is reached by itself, and never through a link', async t => {
  const dir = t.testdir({in: {anna: {deep: {'film.mkv': 'x'}}}, out: {deep: {'film.mkv': 'secret'}}});
  const root = join(dir, 'in');
  await symlink(join(dir, 'out'), join(root, 'link'));
  await symlink(root, join(dir, 'rootlink'));
  {
    await using folder = await openFolder(join(dir, 'rootlink'), ['anna', 'deep'].map(nameOf));
    t.equal((await look(folder, film))?.bytes, 1, 'the inbox itself may be a link');
  }
  const table: readonly (readonly [readonly string[], string])[] = [
    [['link'], 'ENOTDIR'],
    [['link', 'deep'], 'ENOTDIR'],
    [['anna', 'gone'], 'ENOENT'],
    [['anna', 'deep', 'film.mkv'], 'ENOTDIR'],
  ];
  for (const [path, code] of table) {
    await t.rejects(openFolder(root, path.map(nameOf)), {code}, path.join('/'));
  }
  await t.rejects(openFolder(root, ['link', 'new'].map(nameOf), true), {code: 'ENOTDIR'});
  t.strictSame(await readdir(join(dir, 'out')), ['deep'], 'nothing was made behind the link');
  {
    await using made = await openFolder(root, ['anna', 'a', 'b'].map(nameOf), true);
    t.ok(await isMade({folder: made, name: nameOf('x')}, 'y'));
  }
  t.equal(await textOf(join(root, 'anna/a/b/x')), 'y');
});

t.test('an open folder stays the one it is, wherever its path leads', async t => {
  const dir = t.testdir({in: {anna: {'film.mkv': 'mine'}}, out: {'film.mkv': 'secret'}});
  await using folder = await openFolder(join(dir, 'in'), [nameOf('anna')]);
  await rename(join(dir, 'in/anna'), join(dir, 'in/moved'));
  await symlink(join(dir, 'out'), join(dir, 'in/anna'));
  await using file = await openFile(folder, film);
  t.equal(await file.readFile('utf8'), 'mine');
  for (const name of ['', '.', '..', 'a/b', 'a\0b', '../out'])
    t.throws(() => within(folder, nameOf(name)), name);
});

t.test('a link is not opened, a FIFO is not waited for', asRoot(), async t => {
  const dir = t.testdir({'film.mkv': 'x'});
  await symlink('film.mkv', join(dir, 'link'));
  await tool('mkfifo', join(dir, 'fifo'));
  await tool('mknod', join(dir, 'null'), 'c', '1', '3');
  const folder = await folderAt(t, dir);
  await t.rejects(openFile(folder, nameOf('link')), {code: 'ELOOP'});
  await using fifo = await openFile(folder, nameOf('fifo'));
  t.equal((await sightOfOpen(fifo)).type, 'fifo');
  for (const [name, type] of [
    ['link', 'link'],
    ['null', 'device'],
    ['film.mkv', 'file'],
  ] as const) {
    t.equal((await look(folder, nameOf(name)))?.type, type);
  }
  t.equal(await look(folder, nameOf('gone')), undefined);
});

t.test('whatever is done to a file shows', async t => {
  const dir = t.testdir({'film.mkv': 'x', other: 'y'});
  const path = join(dir, 'film.mkv');
  const past = new Date(1_000_000);
  await utimes(path, past, past);
  const deeds: Readonly<Record<string, () => Promise<unknown>>> = {
    written: () => writeFile(path, 'xy'),
    'written back, with its old time': async () => {
      await writeFile(path, 'z');
      await utimes(path, past, past);
    },
    'given other rights': () => chmod(path, 0o600),
    renamed: async () => {
      await rename(path, `${path}.2`);
      await rename(`${path}.2`, path);
    },
    replaced: () => rename(join(dir, 'other'), path),
  };
  for (const [deed, act] of Object.entries(deeds)) {
    const before = await sightOf(dir);
    t.ok(isUntouched(before, await sightOf(dir)));
    await act();
    t.notOk(isUntouched(before, await sightOf(dir)), deed);
  }
});

async function scanned(root: string): Promise<readonly Found[]> {
  const found: Found[] = [];
  for await (const each of scan(root, never)) found.push(each);
  return found;
}

const pathsOf = (found: readonly Found[]): readonly string[] =>
  found
    .flatMap(each =>
      each.is === 'folder'
        ? each.files.map(({name}) => [...each.path, name].join('/'))
        : [`${each.path.join('/')}!`],
    )
    .toSorted();

t.test('a scan sees every file, by its bytes, and nothing that is hidden or elsewhere', async t => {
  const dir = t.testdir({
    in: {
      'a.mkv': '',
      '.hidden': '',
      '.refused': {'b.mkv': ''},
      '@eaDir': {'c.mkv': ''},
      anna: {s: {'d.mkv': ''}},
      e: {},
    },
    out: {'f.mkv': ''},
  });
  const root = join(dir, 'in');
  await symlink(join(dir, 'out'), join(root, 'link'));
  await writeFile(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0x2e])]), '');
  await writeFile(join(root, 'cafe\u0301.mkv'), '');
  const nfd = nameOf('cafe\u0301.mkv');
  t.strictSame(pathsOf(await scanned(root)), ['a.mkv', 'anna/s/d.mkv', nfd, 'link', '\xff.'].toSorted());
  await t.rejects(scanned(join(dir, 'gone')), {code: 'ENOENT'});
  await t.rejects(scanned(join(root, 'a.mkv')), {code: 'ENOTDIR'});
  await mkdir(join(root, ...Array.from({length: 30}, () => 'd')), {recursive: true});
  t.ok((await scanned(root)).length < 20, 'and it does not go down for ever');
});

t.test('a folder that cannot be read is said to be so, and the rest is read', asRoot(), async t => {
  const dir = t.testdir({in: {anna: {'a.mkv': ''}, ben: {'b.mkv': ''}}});
  await chmod(join(dir, 'in/anna'), 0);
  await chmod(dir, 0o755);
  const found = await asNobody(() => scanned(join(dir, 'in')));
  t.strictSame(pathsOf(found), ['anna!', 'ben/b.mkv']);
});

t.test('a copy is what it was made of, on any disk', asRoot(), async t => {
  const here = t.testdir();
  const there = await otherDisk(t);
  for (const bytes of [0, 1, 4096, 1_048_575, 1_048_576, 3_000_001]) {
    const content = randomBytes(bytes);
    const path = join(here, `film ${bytes}`);
    await writeFile(path, content);
    await utimes(path, 1000.5, 2000.25);
    await using file = await open(path);
    t.equal(await digestOfOpen(file), digestOf(content));
    for (const folder of [here, there]) {
      const to = join(folder, `copy ${bytes}`);
      t.equal(await copyOpen(file, to, never), digestOf(content));
      t.ok((await readFile(to)).equals(content));
      t.equal((await stat(to)).mtimeMs, 2_000_250);
      await t.rejects(copyOpen(file, to, never), {code: 'EEXIST'}, 'and nothing is written over');
      t.ok((await readFile(to)).equals(content));
    }
  }
});

t.test('a copy that is cut short leaves nothing', asRoot(), async t => {
  const here = t.testdir();
  const small = await otherDisk(t, 'size=1m');
  await writeFile(join(here, 'film.mkv'), randomBytes(3_000_000));
  await using file = await open(join(here, 'film.mkv'));
  await t.rejects(copyOpen(file, join(small, 'film.mkv'), never), {code: 'ENOSPC'});
  t.strictSame(await readdir(small), []);
  const stop = new AbortController();
  stop.abort();
  await t.rejects(copyOpen(file, join(here, 'copy'), stop.signal), {name: 'AbortError'});
  t.strictSame(await readdir(here), ['film.mkv']);
});

t.test('names are numbered, keep their ending and fit', async t => {
  const first = (name: string, count: number, limit = 255): string[] => [
    ...numbered(name, limit).take(count),
  ];
  t.strictSame(first('film.mkv', 3), ['film.mkv', 'film (2).mkv', 'film (3).mkv']);
  t.strictSame(first('film', 2), ['film', 'film (2)']);
  t.strictSame(first('.mkv', 2), ['.mkv', '.mkv (2)']);
  t.strictSame(first(`a.${'b'.repeat(60)}`, 2, 20), ['a.bbbbbbbbbbbbbbbbbb', 'a.bbbbbbbbbbbbbb (2)']);
  const long = first(`${'日'.repeat(83)}.mkv`, 200);
  for (const name of long) t.ok(Buffer.byteLength(name) <= 255 && name.endsWith('.mkv'));
  t.equal(new Set(long).size, 200);
  t.match(long[150], / \([0-9a-f]{8}\)\.mkv$/);
});

t.test('a file is moved beside others of its name, however many', async t => {
  const dir = t.testdir({from: {}, to: {'film.mkv': 'old'}});
  const [from, to] = [await folderAt(t, join(dir, 'from')), await folderAt(t, join(dir, 'to'))];
  for (let i = 0; i < 3; i++) {
    await writeFile(join(dir, 'from/film.mkv'), String(i));
    await moveInto({folder: from, name: film}, to, {names: numbered('film.mkv'), signal: never});
  }
  await mkdir(join(dir, 'from/film.mkv/inside'), {recursive: true});
  await moveInto({folder: from, name: film}, to, {names: numbered('film.mkv'), signal: never});
  const texts = ['film.mkv', 'film (2).mkv', 'film (3).mkv', 'film (4).mkv'].map(name =>
    textOf(join(dir, 'to', name)),
  );
  t.strictSame(await Promise.all(texts), ['old', '0', '1', '2']);
  t.strictSame(await readdir(join(dir, 'to/film (5).mkv')), ['inside'], 'a folder as well');
  t.strictSame(await readdir(join(dir, 'from')), []);
  const gone = moveInto({folder: from, name: film}, to, {names: numbered('film.mkv'), signal: never});
  await t.rejects(gone, {code: 'ENOENT'});
  t.equal((await readdir(join(dir, 'to'))).length, 5, 'no name is kept for nothing');
});

t.test('between disks a file is copied, checked and only then taken away', asRoot(), async t => {
  const dir = t.testdir({'film.mkv': 'content'});
  const there = await otherDisk(t);
  const [from, to] = [await folderAt(t, dir), await folderAt(t, there)];
  const names = (): Iterable<string> => numbered('film.mkv');
  await moveInto({folder: from, name: film}, to, {names: names(), signal: never});
  t.strictSame(
    [await readdir(dir), await filesIn(there), await textOf(join(there, 'film.mkv'))],
    [[], ['film.mkv'], 'content'],
  );
  await symlink('/etc/passwd', join(dir, 'film.mkv'));
  await t.rejects(moveInto({folder: from, name: film}, to, {names: names(), signal: never}), {code: 'EXDEV'});
  t.equal(await readlink(join(dir, 'film.mkv')), '/etc/passwd', 'what is no file stays');
  t.strictSame(await filesIn(there), ['film.mkv']);
});

t.test('ten names at once are ten names', async t => {
  const dir = t.testdir();
  const folder = await folderAt(t, dir);
  const names = await Promise.all(Array.from({length: 10}, () => reserve(folder, numbered('film.mkv'))));
  t.equal(new Set(names).size, 10);
});

t.test('a copy in progress bears a name that is known again', async t => {
  const dir = t.testdir({'film.mkv': 'content', 'to.mkv': ''});
  const folder = await folderAt(t, dir);
  await copyOver({folder, name: film}, {folder, name: nameOf('to.mkv')}, never);
  t.equal(await textOf(join(dir, 'to.mkv')), 'content');
  t.ok(isUnfinishedCopy('.dubstead-01234567-89ab-cdef-0123-456789abcdef.tmp'));
  for (const name of ['.dubstead-x', 'film.mkv', '.dubstead-0123456789-0'])
    t.notOk(isUnfinishedCopy(name), name);
});

t.test('only the file that is meant is taken away', async t => {
  const dir = t.testdir({'film.mkv': 'x', other: 'y'});
  const folder = await folderAt(t, dir);
  const aside = nameOf('.aside');
  const meant = await sightOf(dir);
  await rename(join(dir, 'other'), join(dir, 'film.mkv'));
  t.equal(await removeExactly({folder, name: film}, meant, aside), 'another');
  t.equal(await textOf(join(dir, 'film.mkv')), 'y');
  t.equal(await removeExactly({folder, name: film}, await sightOf(dir), aside), 'removed');
  t.equal(await removeExactly({folder, name: film}, meant, aside), 'gone');
  t.equal(await removeAside({folder, name: film}, meant, aside), 'gone');
  t.strictSame(await readdir(dir), []);
  for (const [text, taken] of [
    ['mine', 'removed'],
    ['another', 'another'],
  ] as const) {
    await writeFile(join(dir, '.aside'), text);
    const sight = {...(await sightOf(dir, aside)), ...(taken === 'another' ? {bytes: 99} : {})};
    t.equal(await removeAside({folder, name: film}, sight, aside), taken);
  }
  t.equal(await textOf(join(dir, 'film.mkv')), 'another', 'what was set aside by mistake is back');
});

t.test('a file holds what its digest says, or not', async t => {
  const dir = t.testdir({'film.mkv': 'content', other: 'CONTENT'});
  const folder = await folderAt(t, dir);
  const is = (name: Name) => holds({folder, name}, 7, digestOf('content'));
  t.strictSame([await is(film), await is(nameOf('other')), await is(nameOf('gone'))], [true, false, false]);
});

t.test('what the system says is a word, and a bug is thrown', async t => {
  t.equal(codeOf(Object.assign(new Error(), {code: 'EACCES'})), 'EACCES');
  for (const bug of [
    new Error('x'),
    'EACCES',
    Object.assign(new Error(), {code: 'ERR_INVALID_ARG'}),
    undefined,
  ]) {
    t.throws(() => codeOf(bug));
  }
});

const why = {what: 'It is no film.', fix: 'Put a film there.'};

t.test('a refused file lies in folders of the same names with a note beside it', async t => {
  const dir = t.testdir({anna: {S: {'film.mkv': 'one'}}});
  const path = ['anna', 'S'].map(nameOf);
  const refuse = async (name = film) =>
    refuseFile({name, sight: await sightOf(join(dir, 'anna/S'), name)}, {inbox: dir, path, why});
  t.strictSame(await refuse(), {is: 'refused', to: '.refused/anna/S/film.mkv'});
  await writeFile(join(dir, 'anna/S/film.mkv'), 'two');
  t.strictSame(await refuse(), {is: 'refused', to: '.refused/anna/S/film (2).mkv'});
  await writeFile(join(dir, '.refused/anna/S/film (3).mkv.why.txt'), 'somebody’s');
  await writeFile(join(dir, 'anna/S/film.mkv'), 'three');
  t.strictSame(await refuse(), {is: 'refused', to: '.refused/anna/S/film (4).mkv'});
  const there = join(dir, '.refused/anna/S');
  t.strictSame(await filesIn(there), [
    ...[
      'film (2).mkv',
      'film (2).mkv.why.txt',
      'film (3).mkv.why.txt',
      'film (4).mkv',
      'film (4).mkv.why.txt',
    ],
    ...['film.mkv', 'film.mkv.why.txt'],
  ]);
  t.equal(await textOf(join(there, 'film (4).mkv')), 'three');
  t.equal(await textOf(join(there, 'film.mkv.why.txt')), 'It is no film.\nPut a film there.\n');
  t.equal(await textOf(join(there, 'film (3).mkv.why.txt')), 'somebody’s');
});

t.test('names that are no text and names of 255 bytes are refused under names that can be', async t => {
  const dir = t.testdir();
  const names = [nameOfBytes('\xff\n.mkv'), nameOf('日'.repeat(85)), nameOf(`${'x'.repeat(251)}.mkv`)];
  const folderName = nameOfBytes('\xfe'.repeat(100));
  await mkdir(Buffer.concat([Buffer.from(`${dir}/`), Buffer.from(folderName, 'latin1')]));
  const path = [folderName];
  const moved: string[] = [];
  for (const [index, name] of names.entries()) {
    await using folder = await openFolder(dir, path);
    await isMade({folder, name}, String(index));
    const sight = await look(folder, name);
    const refusing = sight && (await refuseFile({name, sight}, {inbox: dir, path, why}));
    if (refusing?.is !== 'refused') throw new Error(JSON.stringify(refusing));
    moved.push(refusing.to);
    t.equal(await textOf(join(dir, refusing.to)), String(index));
    t.match(await textOf(join(dir, `${refusing.to}.why.txt`)), /^It is no film/);
  }
  t.equal(moved[0], `.refused/${'%FE'.repeat(85)}/%FF%0A.mkv`);
  t.match(moved[2], /x{243}\.mkv$/);
});

t.test('links, FIFOs and devices are moved as they are', asRoot(), async t => {
  const dir = t.testdir({in: {}, secret: 'secret'});
  const inbox = join(dir, 'in');
  await symlink('../secret', join(inbox, 'link.mkv'));
  await tool('mkfifo', join(inbox, 'fifo.mkv'));
  await tool('mknod', join(inbox, 'null.mkv'), 'c', '1', '3');
  for (const name of ['link.mkv', 'fifo.mkv', 'null.mkv']) {
    const sight = await sightOf(inbox, nameOf(name));
    t.match(await refuseFile({name: nameOf(name), sight}, {inbox, path: [], why}), {is: 'refused'}, name);
    await using refused = await openFolder(inbox, [nameOf('.refused')]);
    t.match(await look(refused, nameOf(name)), {type: sight.type, inode: sight.inode});
  }
  t.equal(await readlink(join(inbox, '.refused/link.mkv')), '../secret');
  t.equal(await textOf(join(dir, 'secret')), 'secret');
});

t.test('a file that is not the one that was judged stays', async t => {
  const dir = t.testdir({'film.mkv': 'one'});
  const sight = await sightOf(dir);
  await writeFile(join(dir, 'film.mkv'), 'another');
  t.strictSame(await refuseFile({name: film, sight}, {inbox: dir, path: [], why}), {is: 'changed'});
  t.strictSame(await refuseFile({name: nameOf('gone'), sight}, {inbox: dir, path: [], why}), {is: 'changed'});
  t.strictSame(await filesIn(dir), ['film.mkv']);
});

t.test('what is swapped in while a file is refused comes back', async t => {
  const dir = t.testdir();
  let returned = 0;
  for (let round = 0; round < 40; round++) {
    const inbox = join(dir, String(round));
    await mkdir(inbox);
    await writeFile(join(inbox, 'film.mkv'), 'judged');
    await writeFile(join(inbox, 'other'), 'precious');
    const sight = await sightOf(inbox);
    const swapping = (async () => {
      for (let tick = 0; tick < round * 15; tick++) await lstat(inbox);
      await rename(join(inbox, 'other'), join(inbox, 'film.mkv')).catch(() => undefined);
    })();
    const refusing = await refuseFile({name: film, sight}, {inbox, path: [], why});
    await swapping;
    const left = await filesIn(inbox);
    const texts = await Promise.all(left.map(name => textOf(join(inbox, name))));
    t.ok(texts.includes('precious'), `${refusing.is}: ${left.join(' ')}`);
    const inRefused = left.filter(name => name.startsWith('.refused') && !name.endsWith('.why.txt'));
    for (const name of inRefused) t.not(await textOf(join(inbox, name)), 'precious');
    if (refusing.is === 'changed') returned++;
  }
  t.comment(`${returned} of 40 were swapped in time`);
});

t.test('where nothing can be moved, it is said with the system’s word', asRoot(), async t => {
  const dir = t.testdir({in: {'film.mkv': 'x'}, out: {}});
  const inbox = join(dir, 'in');
  const sight = await sightOf(inbox);
  await symlink(join(dir, 'out'), join(inbox, '.refused'));
  const refuse = () => refuseFile({name: film, sight}, {inbox, path: [], why});
  t.strictSame(await refuse(), {is: 'stuck', code: 'ENOTDIR'});
  t.strictSame(await readdir(join(dir, 'out')), [], 'a link there leads nothing out of the inbox');
  await unlink(join(inbox, '.refused'));
  t.strictSame(await asNobody(refuse), {is: 'stuck', code: 'EACCES'});
  t.strictSame(await filesIn(inbox), ['film.mkv']);
  const readOnly = await otherDisk(t, 'ro');
  for (const [path, code] of [
    [inbox, null],
    [readOnly, 'EROFS'],
  ] as const) {
    await using folder = await openFolder(path, []);
    t.equal(await whyFixed(folder), code);
  }
});

t.test(
  'what lies on a disk of its own within the inbox is copied out, if it is a file',
  asRoot(),
  async t => {
    const inbox = t.testdir();
    const disk = await otherDisk(t);
    await whileBound(disk, join(inbox, 'anna'), async () => {
      await writeFile(join(disk, 'film.mkv'), 'content');
      await symlink('/etc/passwd', join(disk, 'link.mkv'));
      const path = [nameOf('anna')];
      const refuse = async (name: Name) =>
        refuseFile({name, sight: await sightOf(disk, name)}, {inbox, path, why});
      t.strictSame(await refuse(nameOf('link.mkv')), {is: 'stuck', code: 'EXDEV'});
      t.strictSame(await refuse(film), {is: 'refused', to: '.refused/anna/film.mkv'});
      const names = ['.refused/anna/film.mkv', '.refused/anna/film.mkv.why.txt', 'anna/link.mkv'];
      t.strictSame(await filesIn(inbox), names);
      t.equal(await textOf(join(inbox, '.refused/anna/film.mkv')), 'content');
    });
  },
);

t.test('a file that is written to while it is copied stays where it was', asRoot(), async t => {
  const dir = t.testdir();
  const disk = await otherDisk(t);
  await writeFile(join(dir, 'film.mkv'), Buffer.alloc(8_000_000, 'x'));
  const [from, to] = [await folderAt(t, dir), await folderAt(t, disk)];
  const moving = moveInto({folder: from, name: film}, to, {names: numbered('film.mkv'), signal: never});
  let isMoving = true;
  const writing = (async () => {
    while (isMoving) await appendFile(join(dir, 'film.mkv'), 'y').catch(() => undefined);
  })();
  await t.rejects(moving, /changed while it was copied|does not hold what was written/);
  isMoving = false;
  await writing;
  t.strictSame(await filesIn(disk), []);
  t.ok((await stat(join(dir, 'film.mkv'))).size > 8_000_000);
});

t.test('each word of the system’s becomes a sentence that says what to do', async t => {
  const table: Readonly<Record<string, RegExp>> = {
    ENOSPC: /^\/jobs has no room for a\.mkv\.$/,
    EDQUOT: /quota.*a\.mkv in \/jobs/,
    EACCES: /^a\.mkv cannot be taken: permission denied/,
    EPERM: /permission denied/,
    EROFS: /mounted read-only/,
    ENAMETOOLONG: /The name a\.mkv is too long for \/jobs/,
    EIO: /the system says EIO/,
  };
  for (const [code, what] of Object.entries(table)) {
    t.match(troubleOf(code, 'a.mkv', '/jobs'), {what, fix: /\.$/}, code);
  }
});

t.test('a file in the way of a folder of .refused sends it to the top', async t => {
  const dir = t.testdir({'.refused': {anna: 'a file'}, anna: {'film.mkv': 'x'}});
  const sight = await sightOf(join(dir, 'anna'));
  const refusing = await refuseFile({name: film, sight}, {inbox: dir, path: [nameOf('anna')], why});
  t.strictSame(refusing, {is: 'refused', to: '.refused/film.mkv'});
});

t.test('a claimed file that was copied there before is not copied again', asRoot(), async t => {
  const inbox = t.testdir();
  const jobs = await otherDisk(t);
  const folder = await folderAt(t, jobs);
  const spot = {folder, name: film};
  for (let again = 0; again < 2; again++) {
    await writeFile(join(jobs, 'film.mkv'), 'content');
    const claimed = {spot, bytes: 7, digest: digestOf('content')};
    t.equal(await refuseClaimed(claimed, {inbox, path: [], why}), '.refused/film.mkv');
    t.strictSame(
      [await filesIn(inbox), await readdir(jobs)],
      [['.refused/film.mkv', '.refused/film.mkv.why.txt'], []],
    );
  }
  t.equal(await refuseClaimed({spot, bytes: 7, digest: null}, {inbox, path: [], why}), null);
  t.ok((await inodeOf(join(inbox, '.refused/film.mkv'))) > 0);
});
