/** What people find on the shelf is the job's, whole; and what is theirs there stays theirs, whatever it is called. */
import {execFile} from 'node:child_process';
import {appendFileSync} from 'node:fs';
import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {promisify} from 'node:util';
import t, {type Test} from 'tap';
import {digestOf} from '../../appliance/digest.ts';
import type {UserName} from '../../appliance/job.ts';
import type {Output} from '../../appliance/wire.ts';
import {Shelf} from '../../supervisor/shelf.ts';
import {anna, ben} from './home.ts';
import {inodeOf, isRoot, otherDisk} from './inbox/disks.ts';

const root = {skip: isRoot ? false : 'only root can mount a disk'};

/** Jobs with finished files, and a shelf to put them on. */
class Rack {
  readonly dir: string;
  readonly folder: string;
  readonly shelf: Shelf;

  constructor(dir: string, folder: string) {
    this.dir = dir;
    this.folder = folder;
    this.shelf = new Shelf(folder);
  }

  static async at(t: Test, folder?: string): Promise<Rack> {
    const dir = t.testdir({dubs: {}, jobs: {}});
    return new Rack(dir, folder ?? join(dir, 'dubs'));
  }

  job(id: string): string {
    return join(this.dir, 'jobs', id);
  }

  /** A job makes a file anew, as the pipeline does: never by writing into the old one. */
  async made(id: string, words: string, name = 'film.es.mkv'): Promise<Output> {
    const path = join(this.job(id), 'out', name);
    await mkdir(join(path, '..'), {recursive: true});
    await rm(path, {force: true});
    await writeFile(path, words);
    return {kind: 'film', path, bytes: Buffer.byteLength(words), digest: digestOf(words)};
  }

  async put(id: string, outputs: readonly Output[], owner: UserName = anna): Promise<readonly string[]> {
    const placed = await this.shelf.place({owner, outputs, jobFolder: this.job(id)});
    return placed.map(({path}) => path);
  }

  on(name: string, owner: UserName = anna): string {
    return join(this.folder, owner, name);
  }

  names(owner: UserName = anna): Promise<string[]> {
    return readdir(join(this.folder, owner)).then(names => names.toSorted());
  }

  text(name: string): Promise<string> {
    return readFile(this.on(name), 'utf8');
  }
}

t.test('a dub on the same disk costs no second copy, and stays when its job’s own file goes', async t => {
  const rack = await Rack.at(t);
  const film = await rack.made('aaaaaaaaaa', 'dub');
  const list = {...film, path: join(rack.job('aaaaaaaaaa'), 'out/film.es.hls/master.m3u8')};
  const placed = await rack.shelf.place({
    owner: anna,
    outputs: [film, list],
    jobFolder: rack.job('aaaaaaaaaa'),
  });
  t.strictSame(placed, [{...film, path: rack.on('film.es.mkv')}, list], 'what is for the player only stays');
  t.equal(await inodeOf(rack.on('film.es.mkv')), await inodeOf(film.path));
  t.strictSame(await rack.names(), ['film.es.mkv'], 'and nothing else is there');
  await rm(film.path);
  t.equal(await rack.text('film.es.mkv'), 'dub');
});

t.test('made again it takes its own place, and nothing else’s', async t => {
  const rack = await Rack.at(t);
  const id = 'aaaaaaaaaa';
  await rack.put(id, [await rack.made(id, 'first')]);
  await rack.put(id, [await rack.made(id, 'second')]);
  t.strictSame([await rack.names(), await rack.text('film.es.mkv')], [['film.es.mkv'], 'second']);
  const before = await stat(rack.on('film.es.mkv'));
  await rack.put(id, [await rack.made(id, 'second')]);
  t.equal((await stat(rack.on('film.es.mkv'))).ino, before.ino, 'the same again changes nothing');

  await rm(rack.on('film.es.mkv'));
  await writeFile(rack.on('film.es.mkv'), 'somebody’s cut of it');
  t.strictSame(await rack.put(id, [await rack.made(id, 'third')]), [rack.on('film.es (2).mkv')]);
  t.equal(await rack.text('film.es.mkv'), 'somebody’s cut of it', 'what was changed since is somebody’s own');
  await rack.put(id, [await rack.made(id, 'fourth')]);
  t.strictSame(await rack.names(), ['film.es (2).mkv', 'film.es.mkv']);
  t.equal(await rack.text('film.es (2).mkv'), 'fourth', 'and from then on the other is replaced');

  await rename(rack.on('film.es (2).mkv'), rack.on('Our film.mkv'));
  t.strictSame(await rack.put(id, [await rack.made(id, 'fifth')]), [rack.on('film.es (2).mkv')]);
  t.equal(await rack.text('Our film.mkv'), 'fourth', 'one that was moved away is left there');
});

t.test('a file of the same length and time that is another is not taken for ours', async t => {
  const rack = await Rack.at(t);
  await rack.put('aaaaaaaaaa', [await rack.made('aaaaaaaaaa', 'words')]);
  const {atime, mtime} = await stat(rack.on('film.es.mkv'));
  await rm(rack.on('film.es.mkv'));
  await writeFile(rack.on('film.es.mkv'), 'WORDS');
  await utimes(rack.on('film.es.mkv'), atime, new Date(mtime.getTime() + 5));
  await rack.put('aaaaaaaaaa', [await rack.made('aaaaaaaaaa', 'other')]);
  t.equal(await rack.text('film.es.mkv'), 'WORDS');
});

t.test(
  'whatever is there already keeps its name: files of people, of other jobs, links, folders, pipes',
  async t => {
    const rack = await Rack.at(t);
    const elsewhere = join(rack.dir, 'elsewhere');
    await mkdir(join(rack.folder, 'anna'));
    await writeFile(elsewhere, 'not on the shelf');
    const plants: Readonly<Record<string, () => Promise<unknown>>> = {
      'a file': () => writeFile(rack.on('film.es.mkv'), 'mine'),
      'a link': () => symlink(elsewhere, rack.on('film.es.mkv')),
      'a link to nowhere': () => symlink(join(rack.dir, 'nowhere'), rack.on('film.es.mkv')),
      'a folder': () => mkdir(rack.on('film.es.mkv')),
      'a pipe': () => promisify(execFile)('mkfifo', [rack.on('film.es.mkv')]),
    };
    for (const [n, [what, plant]] of Object.entries(plants).entries()) {
      await plant();
      const before = await lstat(rack.on('film.es.mkv'));
      const id = `aaaaaaaaa${n}`;
      t.strictSame(await rack.put(id, [await rack.made(id, 'dub')]), [rack.on('film.es (2).mkv')], what);
      const after = await lstat(rack.on('film.es.mkv'));
      t.strictSame([after.ino, after.size, after.mtimeMs], [before.ino, before.size, before.mtimeMs]);
      await rm(rack.on('film.es (2).mkv'));
      await rm(rack.on('film.es.mkv'), {recursive: true});
    }
    t.equal(await readFile(elsewhere, 'utf8'), 'not on the shelf');
    t.notOk((await readdir(rack.dir)).includes('nowhere'));
    await rack.put('bbbbbbbbbb', [await rack.made('bbbbbbbbbb', 'one', 'film.es.report.html')]);
    await rack.put('cccccccccc', [await rack.made('cccccccccc', 'two', 'film.es.report.html')]);
    t.strictSame(await rack.names(), ['film.es (2).report.html', 'film.es.report.html'], 'the ending stays');
    t.strictSame(
      await rack.put('dddddddddd', [await rack.made('dddddddddd', 'one', 'film.es.report.html')]),
      [rack.on('film.es.report.html')],
      'what is there already, to the byte, is not put there twice',
    );
    await rack.put('eeeeeeeeee', [await rack.made('eeeeeeeeee', 'dub')], ben);
    t.strictSame(await rack.names(ben), ['film.es.mkv'], 'and everybody has a folder of his own');
  },
);

t.test('a link that was replaced by one is not followed when the dub is made again', async t => {
  const rack = await Rack.at(t);
  const elsewhere = join(rack.dir, 'elsewhere');
  await rack.put('aaaaaaaaaa', [await rack.made('aaaaaaaaaa', 'words')]);
  await rename(rack.on('film.es.mkv'), elsewhere);
  await symlink(elsewhere, rack.on('film.es.mkv'));
  t.strictSame(await rack.put('aaaaaaaaaa', [await rack.made('aaaaaaaaaa', 'again')]), [
    rack.on('film.es (2).mkv'),
  ]);
  t.equal(await readlink(rack.on('film.es.mkv')), elsewhere);
  t.equal(await readFile(elsewhere, 'utf8'), 'words');
});

t.test(
  'an owner’s folder that leads somewhere else is refused, for putting out and for taking back',
  async t => {
    const rack = await Rack.at(t);
    const outside = join(rack.dir, 'outside');
    await mkdir(outside);
    const film = await rack.made('aaaaaaaaaa', 'dub');
    await rack.put('aaaaaaaaaa', [film]);
    await rename(join(rack.folder, 'anna'), join(outside, 'anna'));
    await symlink(join(outside, 'anna'), join(rack.folder, 'anna'));
    await t.rejects(rack.put('aaaaaaaaaa', [await rack.made('aaaaaaaaaa', 'again')]), {code: 'ENOTDIR'});
    t.equal(await rack.shelf.remove(rack.job('aaaaaaaaaa')), 0);
    t.equal(await readFile(join(outside, 'anna/film.es.mkv'), 'utf8'), 'dub');
    t.strictSame(await readdir(join(outside, 'anna')), ['film.es.mkv']);
    await rm(join(rack.folder, 'anna'));
    await writeFile(join(rack.folder, 'anna'), 'a file');
    await t.rejects(rack.put('aaaaaaaaaa', [film]), {code: /EEXIST|ENOTDIR/});

    const linked = join(rack.dir, 'linked');
    await symlink(outside, linked);
    const open = new Shelf(linked);
    await open.place({owner: ben, outputs: [film], jobFolder: rack.job('aaaaaaaaaa')});
    t.strictSame(
      await readdir(join(outside, 'ben')),
      ['film.es.mkv'],
      'where the shelf itself leads is the admin’s choice',
    );
  },
);

t.test('a shelf that is away is not made anew below its mount, and nothing is forgotten', async t => {
  const rack = await Rack.at(t);
  await rack.put('aaaaaaaaaa', [await rack.made('aaaaaaaaaa', 'dub')]);
  await rename(rack.folder, `${rack.folder}.away`);
  await t.rejects(rack.put('aaaaaaaaaa', [await rack.made('aaaaaaaaaa', 'again')]), {code: 'ENOENT'});
  await t.rejects(
    rack.shelf.remove(rack.job('aaaaaaaaaa')),
    {code: 'ENOENT'},
    'what lies there cannot be taken back now',
  );
  t.equal(await rack.shelf.remove(rack.job('bbbbbbbbbb')), 0, 'who had put out nothing need not wait');
  t.notOk((await readdir(rack.dir)).includes('dubs'));
  await rename(`${rack.folder}.away`, rack.folder);
  t.equal(await rack.shelf.remove(rack.job('aaaaaaaaaa')), 3);
});

t.test('names stay within what a disk takes, and are cut between characters', async t => {
  const rack = await Rack.at(t);
  const names = [`${'x'.repeat(251)}.mkv`, `${'日'.repeat(83)}.mkv`, `${'👨‍👩‍👧'.repeat(13)}.srt`];
  for (const [n, name] of names.entries()) {
    for (let copy = 0; copy < 3; copy++) {
      const id = `${n}${copy}aaaaaaaa`;
      const [path = ''] = await rack.put(id, [await rack.made(id, `${copy}`, name)]);
      t.ok(Buffer.byteLength(basename(path)) <= 255, `${Buffer.byteLength(basename(path))} bytes`);
      t.equal(await readFile(path, 'utf8'), `${copy}`);
      t.match(
        basename(path),
        copy === 0 ? name : new RegExp(`^(?:x+|日+|(?:👨‍👩‍👧)+) \\(${copy + 1}\\)\\.(?:mkv|srt)$`, 'u'),
      );
    }
  }
});

t.test('what cannot be the name of a file of people is refused', async t => {
  const rack = await Rack.at(t);
  for (const name of ['.hidden.mkv', 'line\nbreak.mkv', '\u001b[31mred.mkv']) {
    await t.rejects(
      rack.put('aaaaaaaaaa', [await rack.made('aaaaaaaaaa', 'dub', name)]),
      /is no name for a file/,
    );
  }
  t.strictSame(await rack.names(), []);
  for (const name of ['__proto__', 'constructor', '-y.mkv', ' .mkv']) {
    t.strictSame(
      await rack.put('aaaaaaaaaa', [await rack.made('aaaaaaaaaa', name, name)]),
      [rack.on(name)],
      name,
    );
    await rack.put('aaaaaaaaaa', [await rack.made('aaaaaaaaaa', `${name} again`, name)]);
    t.equal(await rack.text(name), `${name} again`);
  }
  const both = [
    await rack.made('bbbbbbbbbb', 'one', 'a/same.mkv'),
    await rack.made('bbbbbbbbbb', 'two', 'b/same.mkv'),
  ];
  t.strictSame(
    await rack.put('bbbbbbbbbb', both),
    [rack.on('same.mkv'), rack.on('same (2).mkv')],
    'both are kept',
  );
  t.strictSame(await rack.put('bbbbbbbbbb', both), [rack.on('same.mkv'), rack.on('same (2).mkv')]);
});

t.test('what a job has put out can be taken back, unless somebody changed it', async t => {
  const rack = await Rack.at(t);
  const id = 'aaaaaaaaaa';
  const outputs = [
    await rack.made(id, 'film'),
    await rack.made(id, 'words', 'film.es.srt'),
    await rack.made(id, 'report', 'film.es.report.html'),
  ];
  await rack.put(id, outputs);
  await rm(rack.on('film.es.srt'));
  await writeFile(rack.on('film.es.srt'), 'words, corrected by hand');
  await rm(rack.on('film.es.report.html'));
  t.equal(await rack.shelf.remove(rack.job(id)), 4);
  t.strictSame(await rack.names(), ['film.es.srt']);
  t.equal(await rack.shelf.remove(rack.job(id)), 0, 'once');
});

t.test('a memory that lies leads to no file that is not ours', async t => {
  const rack = await Rack.at(t);
  const id = 'aaaaaaaaaa';
  const victim = join(rack.dir, 'victim');
  await writeFile(victim, 'victim');
  await mkdir(join(rack.folder, 'anna'));
  await writeFile(rack.on('inner'), 'victim');
  const output = await rack.made(id, 'dub');
  const {mtimeMs: modifiedMs} = await stat(victim);
  await utimes(rack.on('inner'), modifiedMs / 1000, modifiedMs / 1000);
  for (const path of [
    ...[victim, join(rack.folder, 'anna', '..', '..', 'victim'), `${rack.folder}/../victim`, 'victim', ''],
    ...[
      `${rack.folder}/anna/../../victim`,
      `${rack.folder}//victim`,
      `${rack.folder}/anna`,
      `${rack.folder}/.`,
    ],
  ]) {
    await writeFile(
      join(rack.job(id), 'placed.json'),
      JSON.stringify({'film.es.mkv': {path, bytes: 6, modifiedMs, digest: digestOf('x')}}),
    );
    t.equal(await rack.shelf.remove(rack.job(id)), 0, path);
    t.strictSame(await rack.put(id, [output]), [rack.on('film.es.mkv')]);
  }
  t.equal(await readFile(victim, 'utf8'), 'victim');
  for (const text of ['', '{', '[]', '{"film.es.mkv": 1}']) {
    await writeFile(join(rack.job(id), 'placed.json'), text);
    t.strictSame(await rack.put(id, [output]), [rack.on('film.es.mkv')], 'one that cannot be read is none');
  }
});

t.test('on another disk it is a copy, checked and with the film’s own rights', async t => {
  const folder = await mkdtemp('/dev/shm/shelf-');
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  const rack = await Rack.at(t, folder);
  const id = 'aaaaaaaaaa';
  const film = await rack.made(id, 'x'.repeat(3 << 20));
  await rack.put(id, [film]);
  t.not((await stat(rack.on('film.es.mkv'))).dev, (await stat(film.path)).dev);
  t.equal((await stat(rack.on('film.es.mkv'))).mode & 0o777, (await stat(film.path)).mode & 0o777);
  t.equal(await rack.text('film.es.mkv'), 'x'.repeat(3 << 20));
  await rack.put(id, [await rack.made(id, 'again')]);
  t.strictSame([await rack.names(), await rack.text('film.es.mkv')], [['film.es.mkv'], 'again']);
  const lie = {...(await rack.made(id, 'now another')), digest: digestOf('what it was')};
  await t.rejects(rack.put(id, [lie]), /is not what it was/);
  t.strictSame([await rack.names(), await rack.text('film.es.mkv')], [['film.es.mkv'], 'again']);
  await writeFile(join(folder, 'anna/.dubstead-aaaaaaaaaa.tmp'), 'half a copy of a run that was killed');
  await rack.put(id, [await rack.made(id, 'at last')]);
  t.strictSame(
    [await rack.names(), await rack.text('film.es.mkv')],
    [['film.es.mkv'], 'at last'],
    'leftovers go',
  );
});

t.test('a file that comes while ours is copied is not written over', async t => {
  const folder = await mkdtemp('/dev/shm/shelf-');
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  const rack = await Rack.at(t, folder);
  const film = await rack.made('aaaaaaaaaa', 'x'.repeat(48 << 20));
  const placing = rack.put('aaaaaaaaaa', [film]);
  for (let begun = false; !begun; await new Promise(setImmediate)) {
    begun = (await readdir(join(folder, 'anna')).catch(() => [])).some(name => name.endsWith('.tmp'));
  }
  await writeFile(rack.on('film.es.mkv'), 'mine');
  t.strictSame(await placing, [rack.on('film.es (2).mkv')]);
  t.equal(await rack.text('film.es.mkv'), 'mine');
});

t.test('a disk that is full keeps the dub that was there, and no half of the new one', root, async t => {
  const rack = await Rack.at(t, await otherDisk(t, 'size=4m'));
  await rack.put('aaaaaaaaaa', [await rack.made('aaaaaaaaaa', 'first')]);
  await t.rejects(rack.put('aaaaaaaaaa', [await rack.made('aaaaaaaaaa', 'x'.repeat(8 << 20))]), {
    code: 'ENOSPC',
  });
  await t.rejects(rack.put('bbbbbbbbbb', [await rack.made('bbbbbbbbbb', 'x'.repeat(8 << 20))]), {
    code: 'ENOSPC',
  });
  t.strictSame([await rack.names(), await rack.text('film.es.mkv')], [['film.es.mkv'], 'first']);
  appendFileSync(join(rack.folder, 'room'), 'x'.repeat(2 << 20));
  await rack.put('aaaaaaaaaa', [await rack.made('aaaaaaaaaa', 'second')]);
  t.equal(await rack.text('film.es.mkv'), 'second', 'with room again it goes on');
});

t.test('two jobs at once get a name each', async t => {
  const rack = await Rack.at(t);
  const ids = Array.from({length: 12}, (_, n) => `${String.fromCharCode(97 + n)}aaaaaaaaa`);
  const paths = await Promise.all(ids.map(async id => rack.put(id, [await rack.made(id, `of ${id}`)])));
  t.equal(new Set(paths.flat()).size, ids.length);
  for (const [n, id] of ids.entries()) t.equal(await readFile(paths[n]?.[0] ?? '', 'utf8'), `of ${id}`);
  t.equal((await rack.names()).length, ids.length);
});

t.test('where files cannot have two names, they are moved there, and never over another', async t => {
  const fs = await import('node:fs/promises');
  const refused = async (): Promise<never> => {
    throw Object.assign(new Error('this file system has no links'), {code: 'EPERM'});
  };
  const mocks = {'node:fs/promises': {...fs, link: refused}};
  const module = (await t.mockImport('../../supervisor/shelf.ts', mocks)) as {Shelf: typeof Shelf};
  const rack = await Rack.at(t);
  const shelf = new module.Shelf(rack.folder);
  const place = async (id: string, words: string) =>
    shelf.place({owner: anna, outputs: [await rack.made(id, words)], jobFolder: rack.job(id)});
  await mkdir(join(rack.folder, 'anna'));
  await writeFile(rack.on('film.es.mkv'), 'mine');
  for (const words of ['first', 'second']) {
    t.match(await place('aaaaaaaaaa', words), [{path: rack.on('film.es (2).mkv')}]);
    t.strictSame([await rack.text('film.es.mkv'), await rack.text('film.es (2).mkv')], ['mine', words]);
  }
  t.match(await place('bbbbbbbbbb', 'another'), [{path: rack.on('film.es (3).mkv')}]);
  t.equal((await rack.names()).length, 3);
});
