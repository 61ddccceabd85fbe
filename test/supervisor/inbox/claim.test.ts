/** Taking films out of the inbox, by rename and by copy, and every way in which that does not come about. */
import {createHash} from 'node:crypto';
import {
  appendFile,
  chmod,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {digestOf} from '../../../appliance/digest.ts';
import {never} from '../../../supervisor/inbox/carry.ts';
import {
  type Arrival,
  type Claiming,
  type ClaimSite,
  claim,
  type Step,
} from '../../../supervisor/inbox/claim.ts';
import {look, openFolder} from '../../../supervisor/inbox/folder.ts';
import {nameOf} from '../../../supervisor/inbox/names.ts';
import {readRecord} from '../../../supervisor/inbox/record.ts';
import {missingEnd} from '../../../supervisor/inbox/whole.ts';
import {asNobody, asRoot, inodeOf, otherDisk, tool, whileBound} from './disks.ts';
import {anna, filesIn, House, isThere, newId, textOf, usual} from './house.ts';

interface Ways {
  readonly folders?: readonly string[];
  readonly sidecars?: readonly string[];
  readonly shared?: readonly string[];
  readonly isPatient?: boolean;
}

/** A film as the tracker would hand it over: seen as it lies there. */
async function arrivalOf(house: House, name: string, ways: Ways = {}): Promise<Arrival> {
  const folders = ways.folders ?? [];
  await using folder = await openFolder(house.inbox, folders.map(nameOf));
  const seen = async (file: string) => {
    const sight = await look(folder, nameOf(file));
    if (sight === undefined) throw new Error(`there is no ${file}`);
    return {name: file, sight};
  };
  const shared = (file: string): boolean => ways.shared?.includes(file) ?? false;
  const sidecars = (ways.sidecars ?? []).map(async file => ({...(await seen(file)), shared: shared(file)}));
  return {
    ...{id: newId(), at: 5, owner: anna, options: usual, folders, film: await seen(name)},
    ...{sidecars: await Promise.all(sidecars), isPatient: ways.isPatient ?? false},
  };
}

function siteOf(house: House, change: Partial<ClaimSite> = {}): ClaimSite {
  return {inbox: house.inbox, jobs: house.jobs, apart: new Set(), signal: never, ...change};
}

/** Both ways in which a film is taken: the same disk, and another. */
async function houses(t: Test): Promise<Readonly<Record<'rename' | 'copy', House>>> {
  const dir = t.testdir({near: {}, far: {}});
  const near = new House(join(dir, 'near'));
  const far = new House(join(dir, 'far'), join(await otherDisk(t), 'in'));
  for (const house of [near, far]) await house.build();
  return {rename: near, copy: far};
}

/** Nothing was taken, and nothing is left of the try. */
async function expectNothing(t: Test, house: House, files: readonly string[], words: string): Promise<void> {
  t.strictSame(await filesIn(house.inbox), files, `${words}: the inbox`);
  t.strictSame(await readdir(house.jobs), [], `${words}: no job`);
}

t.test('a film is taken with its sidecars, and its record says from where', asRoot(), async t => {
  for (const [how, house] of Object.entries(await houses(t))) {
    await house.put('anna/S/film.ts', 'the film');
    await utimes(join(house.inbox, 'anna/S/film.ts'), 1000, 2000);
    await house.put('anna/S/film.srt', 'words');
    await house.put('anna/S/film.dub.json', '{"to": "fr", "keep": "work"}');
    await house.put('anna/S/film.es.srt', 'shared');
    await house.put('anna/S/other.ts', 'another film');
    const sidecars = ['film.dub.json', 'film.es.srt', 'film.srt'];
    const ways = {folders: ['anna', 'S'], sidecars, shared: ['film.es.srt']};
    const arrival = await arrivalOf(house, 'film.ts', ways);
    const claiming = await claim(arrival, siteOf(house));
    t.equal(claiming.is, 'claimed');
    const jobFolder = join(house.jobs, arrival.id);
    t.strictSame(await filesIn(jobFolder), [
      'claim.json',
      ...[...sidecars, 'film.ts'].map(name => `source/${name}`).toSorted(),
    ]);
    t.strictSame(await filesIn(house.inbox), ['anna/S/film.es.srt', 'anna/S/other.ts'], how);
    t.equal(await textOf(join(jobFolder, 'source/film.ts')), 'the film');
    t.equal(await textOf(join(jobFolder, 'source/film.srt')), 'words');
    t.equal((await stat(join(jobFolder, 'source/film.ts'))).mtimeMs, 2_000_000);
    t.equal((await stat(jobFolder)).mode & 0o777, 0o700);
    const record = await readRecord(jobFolder);
    t.match(record, {how, owner: 'anna', folders: ['anna', 'S'], digest: digestOf('the film'), at: 5});
    t.strictSame(record?.options, {...usual, to: 'fr', keep: 'work'});
    t.strictSame(claiming.is === 'claimed' && claiming.record, record);
  }
});

t.test('names of any kind are taken as they are', asRoot(), async t => {
  const names = [
    ...[
      'café.ts',
      'cafe\u0301.ts',
      '日本語 第1話.ts',
      '😀.ts',
      '-y.ts',
      'a b\u202e.ts',
      `${'x'.repeat(252)}.ts`,
    ],
    ...['http:x.ts', 'it\'s $(here) "now".ts', `${'日'.repeat(84)}.ts`, ' .ts', '%41.ts', 'a\\b.ts'],
  ];
  for (const house of Object.values(await houses(t))) {
    for (const name of names) await house.put(name, name);
    for (const name of names) {
      const arrival = await arrivalOf(house, name);
      t.equal((await claim(arrival, siteOf(house))).is, 'claimed', name);
      t.equal(await textOf(join(house.jobs, arrival.id, 'source', name)), name);
    }
    t.strictSame(await filesIn(house.inbox), []);
  }
});

t.test('a file that changed since it was watched is let go', asRoot(), async t => {
  const deeds: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
    'written to': path => appendFile(path, 'more'),
    'cut short': path => truncate(path, 1),
    'given another time': path => utimes(path, 1, 1),
    replaced: async path => {
      await writeFile(`${path}.new`, 'the film');
      await rename(`${path}.new`, path);
    },
    'given another name as well': path => link(path, `${path}.link`),
    gone: path => unlink(path),
    'a link by now': async path => {
      await rename(path, `${path}.was`);
      await symlink(`${path}.was`, path);
    },
    'a folder by now': async path => {
      await unlink(path);
      await mkdir(path);
    },
  };
  for (const house of Object.values(await houses(t))) {
    for (const [deed, act] of Object.entries(deeds)) {
      const path = await house.put('film.ts', 'the film');
      const arrival = await arrivalOf(house, 'film.ts');
      await act(path);
      const left = await filesIn(house.inbox);
      t.strictSame(await claim(arrival, siteOf(house)), {is: 'let-go'}, deed);
      await expectNothing(t, house, left, deed);
      await rm(house.inbox, {recursive: true});
      await mkdir(house.inbox);
    }
    await house.put('film.ts');
    await house.put('film.srt');
    const arrival = await arrivalOf(house, 'film.ts', {sidecars: ['film.srt']});
    await house.put('film.srt', 'changed');
    t.strictSame(await claim(arrival, siteOf(house)), {is: 'let-go'}, 'a sidecar counts as well');
    await expectNothing(t, house, ['film.srt', 'film.ts'], 'sidecar');
  }
});

/** Does something once, at one point of a claim. */
const at =
  (when: Step, act: () => Promise<unknown>) =>
  async (step: Step): Promise<void> => {
    if (step === when) await act();
  };

t.test('a file that changes while it is taken is put back, with what was written to it', async t => {
  const house = await House.at(t);
  const path = await house.put('film.ts', 'the film');
  await using writer = await open(path, 'a');
  await house.put('film.srt', 'words');
  const arrival = await arrivalOf(house, 'film.ts', {sidecars: ['film.srt']});
  const step = at('taken', () => writer.write(' goes on'));
  t.strictSame(await claim(arrival, siteOf(house, {step})), {is: 'let-go'});
  await expectNothing(t, house, ['film.srt', 'film.ts'], 'put back');
  t.equal(await textOf(path), 'the film goes on');
  t.equal(await textOf(join(house.inbox, 'film.srt')), 'words');
});

t.test(
  'a file that is written to while it is read is let go, even where its time is set back',
  asRoot(),
  async t => {
    for (const [how, house] of Object.entries(await houses(t))) {
      const path = await house.put('film.ts', 'the film');
      await utimes(path, 1000, 2000);
      const step = at(how === 'rename' ? 'read' : 'copied', async () => {
        await writeFile(path, 'THE FILM');
        await utimes(path, 1000, 2000);
      });
      t.strictSame(
        await claim(await arrivalOf(house, 'film.ts'), siteOf(house, {step})),
        {is: 'let-go'},
        how,
      );
      await expectNothing(t, house, ['film.ts'], how);
      await house.put('film.srt', 'words');
      const late = at('sidecar', () => house.put('film.srt', 'other'));
      const arrival = await arrivalOf(house, 'film.ts', {sidecars: ['film.srt']});
      t.strictSame(await claim(arrival, siteOf(house, {step: late})), {is: 'let-go'}, 'a sidecar as well');
      await expectNothing(t, house, ['film.srt', 'film.ts'], how);
    }
  },
);

t.test('a sidecar that became a device without an end is not read', asRoot(), async t => {
  const house = new House(await otherDisk(t, 'size=4m'));
  await house.build();
  await house.put('film.ts');
  const path = await house.put('film.srt');
  const arrival = await arrivalOf(house, 'film.ts', {sidecars: ['film.srt']});
  await unlink(path);
  await tool('mknod', path, 'c', '1', '5');
  t.strictSame(await claim(arrival, siteOf(house)), {is: 'let-go'});
  await expectNothing(t, house, ['film.srt', 'film.ts'], 'device');
});

t.test('a copy of a file that changed or went away meanwhile is thrown away', asRoot(), async t => {
  const {copy: house} = await houses(t);
  const table: readonly (readonly [Step, (path: string) => Promise<unknown>, readonly string[]])[] = [
    ['begun', path => appendFile(path, 'more'), ['film.ts']],
    ['begun', path => unlink(path), []],
    ['whole', path => appendFile(path, 'more'), ['film.ts']],
    ['whole', path => unlink(path), []],
    ['copied', path => rename(path, `${path}.2`), ['film.ts.2']],
  ];
  for (const [when, act, left] of table) {
    const path = await house.put('film.ts', 'the film');
    const step = at(when, () => act(path));
    t.strictSame(await claim(await arrivalOf(house, 'film.ts'), siteOf(house, {step})), {is: 'let-go'}, when);
    await expectNothing(t, house, left, when);
    for (const name of left) await unlink(join(house.inbox, name));
  }
});

t.test(
  'what is put in the place of a film at the last moment is neither read nor lost',
  asRoot(),
  async t => {
    for (const [how, house] of Object.entries(await houses(t))) {
      const others: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
        file: path => writeFile(path, 'precious'),
        link: path => symlink('/etc/hostname', path),
        folder: path => mkdir(join(path, 'inside'), {recursive: true}),
      };
      for (const [type, put] of Object.entries(others)) {
        const path = await house.put('film.ts', 'the film');
        let inode = 0;
        const step = at(how === 'rename' ? 'begun' : 'whole', async () => {
          await rename(path, join(house.inbox, 'moved.ts'));
          await put(path);
          inode = (await lstat(path)).ino;
        });
        t.strictSame(
          await claim(await arrivalOf(house, 'film.ts'), siteOf(house, {step})),
          {is: 'let-go'},
          type,
        );
        t.equal((await lstat(path)).ino, inode, `${how}: the ${type} is where it was put`);
        t.equal(await textOf(join(house.inbox, 'moved.ts')), 'the film');
        t.strictSame(await readdir(house.jobs), []);
        await rm(house.inbox, {recursive: true});
        await mkdir(house.inbox);
      }
    }
  },
);

/** Changes what the path of a film leads to, at some moment of a claim: the film itself, or its folder. */
async function swap(house: House, secrets: string, round: number): Promise<void> {
  for (let looks = Math.random() * 150; looks > 0; looks--) await lstat(house.jobs);
  const [folder, path] = [join(house.inbox, 'anna'), join(house.inbox, 'anna/film.ts')];
  const ignored = (): undefined => undefined;
  const moves: readonly (() => Promise<unknown>)[] =
    round % 2 === 0
      ? [() => rename(path, `${path}.2`), () => symlink(join(secrets, 'film.ts'), path)]
      : [() => rename(folder, `${folder}.2`), () => symlink(secrets, folder)];
  const back: readonly (() => Promise<unknown>)[] =
    round % 2 === 0
      ? [() => unlink(path), () => rename(`${path}.2`, path)]
      : [() => unlink(folder), () => rename(`${folder}.2`, folder)];
  for (const move of moves) await move().catch(ignored);
  if (round % 3 > 0) for (const move of back) await move().catch(ignored);
}

t.test(
  'a film that is swapped for a link in a loop never has another file taken, read or lost',
  asRoot(),
  async t => {
    for (const [how, house] of Object.entries(await houses(t))) {
      const secrets = join(house.jobs, '../secrets');
      await mkdir(secrets);
      await writeFile(join(secrets, 'film.ts'), 'secret');
      const outcomes: Record<string, number> = {};
      for (let round = 0; round < 60; round++) {
        await house.put('anna/film.ts', 'the film');
        const arrival = await arrivalOf(house, 'film.ts', {folders: ['anna']});
        const [claiming] = await Promise.all([claim(arrival, siteOf(house)), swap(house, secrets, round)]);
        outcomes[claiming.is] = (outcomes[claiming.is] ?? 0) + 1;
        const taken = (await filesIn(house.jobs)).filter(name => name.endsWith('film.ts'));
        t.equal(taken.length, claiming.is === 'claimed' ? 1 : 0);
        const places = [...taken.map(name => join(house.jobs, name))];
        for (const name of await filesIn(house.inbox)) places.push(join(house.inbox, name));
        const files = await Promise.all(
          places.map(async path => ({path, isFile: (await lstat(path)).isFile()})),
        );
        const texts = await Promise.all(files.filter(({isFile}) => isFile).map(({path}) => textOf(path)));
        t.strictSame(texts, ['the film'], `${claiming.is}: the film is in one place, and nothing else is`);
        for (const folder of [house.inbox, house.jobs]) {
          await rm(folder, {recursive: true});
          await mkdir(folder);
        }
      }
      t.equal(await textOf(join(secrets, 'film.ts')), 'secret');
      t.ok(
        Number(outcomes['claimed']) > 0 && Number(outcomes['let-go']) > 0,
        `${how}: ${JSON.stringify(outcomes)}`,
      );
    }
  },
);

t.test('a folder that is swapped for a link leads nowhere', async t => {
  const house = await House.at(t);
  await house.put('anna/film.ts', 'the film');
  const arrival = await arrivalOf(house, 'film.ts', {folders: ['anna']});
  await rename(join(house.inbox, 'anna'), join(house.jobs, '../out'));
  await symlink(join(house.jobs, '../out'), join(house.inbox, 'anna'));
  t.strictSame(await claim(arrival, siteOf(house)), {is: 'let-go'});
  t.strictSame(await filesIn(join(house.jobs, '../out')), ['film.ts']);
});

t.test(
  'what the folder is bound to elsewhere is copied, although its device says otherwise',
  asRoot(),
  async t => {
    const house = await House.at(t);
    const elsewhere = join(house.jobs, '../elsewhere');
    await mkdir(elsewhere);
    const apart = new Set<number>();
    await whileBound(elsewhere, join(house.inbox, 'anna'), async () => {
      for (const name of ['one.ts', 'two.ts']) {
        await house.put(`anna/${name}`, name);
        const arrival = await arrivalOf(house, name, {folders: ['anna']});
        const claiming = await claim(arrival, siteOf(house, {apart}));
        t.match(claiming, {is: 'claimed', record: {how: 'copy', digest: digestOf(name)}});
      }
    });
    t.strictSame([...apart], [(await stat(elsewhere)).dev], 'and that is remembered');
    t.strictSame(await filesIn(elsewhere), []);
  },
);

t.test('a full disk is a wait: nothing is copied, or nothing is left of what was', asRoot(), async t => {
  const house = new House(t.testdir());
  await house.build();
  const full = new House(join(await otherDisk(t, 'size=3m')), house.inbox);
  await full.build();
  await house.put('film.ts', Buffer.alloc(2_500_000, 'G'));
  const arrival = await arrivalOf(house, 'film.ts');
  const expected = {is: 'waits', code: 'ENOSPC', why: {what: `${full.jobs} has no room for film.ts.`}};
  t.match(await claim(arrival, siteOf(full)), expected, 'told before');
  await house.put('film.ts', Buffer.alloc(1_900_000, 'G'));
  const step = at('begun', () => writeFile(join(full.jobs, '../fill'), Buffer.alloc(1_500_000)));
  t.match(
    await claim(await arrivalOf(house, 'film.ts'), siteOf(full, {step})),
    expected,
    'told in the middle',
  );
  await expectNothing(t, full, ['film.ts'], 'no room');
  t.equal((await stat(join(house.inbox, 'film.ts'))).size, 1_900_000);
  await unlink(join(full.jobs, '../fill'));
  t.equal(
    (await claim(await arrivalOf(house, 'film.ts'), siteOf(full))).is,
    'claimed',
    'and then there is room',
  );
});

t.test('a disk without a free inode is full as well', asRoot(), async t => {
  const house = await House.at(t);
  const full = new House(await otherDisk(t, 'size=8m,nr_inodes=4'), house.inbox);
  await mkdir(full.jobs);
  await house.put('film.ts');
  await writeFile(join(full.jobs, '../one'), '');
  t.match(await claim(await arrivalOf(house, 'film.ts'), siteOf(full)), {is: 'waits', code: 'ENOSPC'});
  await writeFile(join(full.jobs, '../two'), '');
  t.match(await claim(await arrivalOf(house, 'film.ts'), siteOf(full)), {is: 'waits', code: 'ENOSPC'});
  await expectNothing(t, full, ['film.ts'], 'no inode');
});

t.test('a film that cannot be read or moved waits, and says so before it is read', asRoot(), async t => {
  const house = await House.at(t);
  const path = await house.put('film.ts');
  await chmod(path, 0o000);
  for (const folder of [house.jobs, house.inbox]) await chmod(folder, 0o777);
  const arrival = await arrivalOf(house, 'film.ts');
  const denied = {is: 'waits', code: 'EACCES', why: {what: 'film.ts cannot be taken: permission denied.'}};
  t.match(await asNobody(() => claim(arrival, siteOf(house))), denied);
  await chmod(path, 0o644);
  await chmod(house.inbox, 0o755);
  const readable = await arrivalOf(house, 'film.ts');
  t.match(await asNobody(() => claim(readable, siteOf(house))), denied, 'its folder');
  await expectNothing(t, house, ['film.ts'], 'denied');
  const disk = await otherDisk(t);
  const fixed = new House(house.jobs, disk);
  await writeFile(join(disk, 'film.ts'), 'G');
  await tool('mount', '-o', 'remount,ro', disk);
  t.match(await claim(await arrivalOf(fixed, 'film.ts'), siteOf(house, {inbox: disk})), {
    ...{is: 'waits', code: 'EROFS'},
    why: {what: 'film.ts cannot be taken: its file system is mounted read-only.'},
  });
  t.strictSame(await readdir(house.jobs), []);
});

t.test('options that cannot be used refuse the film before it is read', async t => {
  const house = await House.at(t);
  await house.put('film.ts');
  for (const [text, what] of [
    ['{"to": "elvish"}', /film\.dub\.json has a field that cannot be used: to/],
    ['{', /is no JSON/],
    [`"${'x'.repeat(70_000)}"`, /has 70002 bytes; options have at most 65536/],
  ] as const) {
    await house.put('film.dub.json', text);
    const arrival = await arrivalOf(house, 'film.ts', {sidecars: ['film.dub.json']});
    t.match(await claim(arrival, siteOf(house)), {is: 'refused', why: {what}});
    await expectNothing(t, house, ['film.dub.json', 'film.ts'], text.slice(0, 20));
  }
});

t.test('a stop while a film is read lets it go', asRoot(), async t => {
  for (const house of Object.values(await houses(t))) {
    await house.put('film.ts', Buffer.alloc(5_000_000, 'G'));
    const stop = new AbortController();
    const claiming = claim(await arrivalOf(house, 'film.ts'), siteOf(house, {signal: stop.signal}));
    stop.abort();
    await t.rejects(claiming, {name: 'AbortError'});
    await expectNothing(t, house, ['film.ts'], 'stopped');
  }
});

t.test('a bug is thrown, and takes nothing', async t => {
  const house = await House.at(t);
  await house.put('film.ts');
  const arrival = await arrivalOf(house, 'film.ts');
  await t.rejects(claim({...arrival, folders: ['..']}, siteOf(house)), /not the name of a file/);
  const step = at('begun', () => Promise.reject(new Error('bug')));
  await t.rejects(claim(arrival, siteOf(house, {step})), /bug/);
  await expectNothing(t, house, ['film.ts'], 'bug');
  await rm(house.jobs, {recursive: true});
  t.match(await claim(arrival, siteOf(house)), {is: 'let-go'}, 'no folder for jobs');
});

const box = (type: string, bytes: number, stated = bytes): Buffer => {
  const content = Buffer.alloc(bytes, 'x');
  content.writeUInt32BE(stated, 0);
  content.write(type, 4, 'latin1');
  return content;
};

/** Matroska: the header, then a segment of so many bytes, of which so many are there. */
function matroska(stated: number | null, there: number): Buffer {
  const size = Buffer.alloc(8);
  if (stated === null) size.fill(0xff).writeUInt8(0x01, 0);
  else size.writeBigUInt64BE(BigInt(stated) | (1n << 56n));
  return Buffer.concat([Buffer.from('1a45dfa3844286810118538067', 'hex'), size, Buffer.alloc(there, 'x')]);
}

function riff(stated: number, there: number): Buffer {
  const head = Buffer.from('RIFF....AVI ');
  head.writeUInt32LE(stated, 4);
  return Buffer.concat([head, Buffer.alloc(there - 4, 'x')]);
}

t.test('a film whose end is not there is known by what its container says', async t => {
  const dir = t.testdir();
  const long = Buffer.alloc(16);
  long.writeUInt32BE(1, 0);
  long.write('mdat', 4);
  long.writeBigUInt64BE(5_000_000_000n, 8);
  const zeros = Buffer.concat([Buffer.alloc(5000, 'G'), Buffer.alloc(8192)]);
  const table: Readonly<Record<string, readonly [Buffer, string | null]>> = {
    'an MP4': [Buffer.concat([box('ftyp', 24), box('moov', 100), box('mdat', 5000)]), null],
    'an MP4 with its index at the end': [
      Buffer.concat([box('ftyp', 24), box('mdat', 5000), box('moov', 99)]),
      null,
    ],
    'an MP4 to the end of the file': [
      Buffer.concat([box('ftyp', 24), box('moov', 50), box('mdat', 500, 0)]),
      null,
    ],
    'an MP4 with padding': [
      Buffer.concat([box('ftyp', 24), box('moov', 50), box('mdat', 50), Buffer.alloc(7)]),
      null,
    ],
    'an MP4 without an index': [
      Buffer.concat([box('ftyp', 24), box('mdat', 50)]),
      'its index (moov) is not there',
    ],
    'an MP4 that is cut': [
      Buffer.concat([box('ftyp', 24), box('mdat', 500, 9000)]),
      '524 of 9024 bytes are there',
    ],
    'a large MP4 that is cut': [Buffer.concat([box('ftyp', 24), long]), '40 of 5000000024 bytes are there'],
    'an MP4 cut in its first box': [box('ftyp', 20, 24), 'its index (moov) is not there'],
    'a Matroska': [matroska(600, 600), null],
    'a Matroska that is cut': [matroska(600, 500), '521 of 621 bytes are there'],
    'a Matroska of unknown length': [matroska(null, 500), null],
    'an AVI': [riff(1000, 1000), null],
    'an AVI that is cut': [riff(1000, 900), '908 of 1008 bytes are there'],
    'a transport stream': [Buffer.alloc(188 * 30, 'G'), null],
    'a file whose length was reserved': [zeros, 'its end is still empty'],
    'a short file of zeros': [Buffer.alloc(100), null],
    'one byte': [Buffer.from('G'), null],
    nothing: [Buffer.alloc(0), null],
  };
  for (const [what, [content, missing]] of Object.entries(table)) {
    await writeFile(join(dir, 'film'), content);
    await using file = await open(join(dir, 'film'));
    t.equal(await missingEnd(file, content.length), missing, what);
  }
});

t.test('a film whose end is not there is only taken when it was waited for', async t => {
  const house = await House.at(t);
  await house.put('film.mp4', Buffer.concat([box('ftyp', 24), box('mdat', 50)]));
  const lacking: Claiming = {is: 'lacking', lacks: 'its index (moov) is not there'};
  t.strictSame(await claim(await arrivalOf(house, 'film.mp4'), siteOf(house)), lacking);
  await expectNothing(t, house, ['film.mp4'], 'lacking');
  const patient = await arrivalOf(house, 'film.mp4', {isPatient: true});
  t.equal((await claim(patient, siteOf(house))).is, 'claimed');
});

t.test('a large film is hashed as it is, and moved, not copied, on the same disk', async t => {
  const house = await House.at(t);
  const content = Buffer.alloc(9_000_000, 'G some film ');
  const path = await house.put('film.ts', content);
  const inode = await inodeOf(path);
  const arrival = await arrivalOf(house, 'film.ts');
  const claiming = await claim(arrival, siteOf(house));
  const digest = createHash('sha256').update(content).digest('hex');
  t.match(claiming, {is: 'claimed', record: {digest, how: 'rename'}});
  t.equal(await inodeOf(join(house.jobs, arrival.id, 'source/film.ts')), inode);
  t.notOk(await isThere(path));
});
