/** The inbox as people meet it: what they drop is taken, refused or waited for, and it always says which. */
import {once} from 'node:events';
import {
  appendFile,
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  symlink,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import t, {type Test} from 'tap';
import {digestOf} from '../../../appliance/digest.ts';
import type {Inbox} from '../../../supervisor/inbox/inbox.ts';
import {asNobody, asRoot, otherDisk, tool, whileBound} from './disks.ts';
import {filesIn, House, isThere, newId, stableMs, textOf} from './house.ts';

async function opened(t: Test, house: House): Promise<Inbox> {
  const inbox = house.open(t);
  await inbox.start();
  return inbox;
}

/** Reads until it is as expected; a deadline, for it may never be. */
async function until(is: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const started = performance.now(); performance.now() - started < 20_000; await wait(10)) {
    if (await is()) return;
  }
  throw new Error(`it did not come about: ${what}`);
}

const pathsOf = (inbox: Inbox): readonly string[] => inbox.state().files.map(({path, is}) => `${path} ${is}`);

t.test('what is dropped is taken when it has not changed for long enough, by owner and preset', async t => {
  const house = await House.at(t);
  const inbox = await opened(t, house);
  for (const path of ['top.ts', 'anna/a.ts', 'ben/best-fr/Series/Season 1/E1.ts', 'ben/x.ts'])
    await house.put(path);
  await house.put('ben/x.dub.json', '{"preset": "fast", "hls": true}');
  await house.put('ben/x.es.srt', 'words');
  await house.pass(inbox, 0);
  t.strictSame(inbox.state().counts, {growing: 6, waiting: 0, claiming: 0, refused: 0, sidecar: 0});
  await house.pass(inbox, stableMs - 1);
  t.equal(house.claimed.length, 0);
  await house.pass(inbox, 1);
  const taken = house.claimed.map(({from, owner, options, sidecars}) => [
    from,
    owner,
    options.preset,
    options.to,
    sidecars,
  ]);
  t.strictSame(
    taken.toSorted(),
    [
      ['anna/a.ts', 'anna', 'balanced', 'es', []],
      ['ben/best-fr/Series/Season 1/E1.ts', 'ben', 'best', 'fr', []],
      ['ben/x.ts', 'ben', 'fast', 'es', ['x.dub.json', 'x.es.srt']],
      ['top.ts', 'anna', 'balanced', 'es', []],
    ].toSorted(),
  );
  t.strictSame(await filesIn(house.inbox), []);
  t.match(inbox.state(), {is: 'online', mode: 'watching', files: [], refusals: 0, beyond: 0});
});

t.test('what lay there before the start is taken as well, and what sync tools leave is not', async t => {
  const house = await House.at(t);
  const left = [
    '.film.ts.Ab12Cd',
    '@eaDir/film.ts',
    'Thumbs.db',
    'anna/film.ts.part',
    'anna/~$film.ts',
    'film.ts.!qB',
  ];
  for (const path of [...left, 'anna/film.ts']) await house.put(path);
  const inbox = await opened(t, house);
  await house.settle(inbox);
  t.equal(house.claimed.length, 1);
  t.strictSame(await filesIn(house.inbox), left.toSorted());
  t.strictSame(pathsOf(inbox), []);
  await rename(join(house.inbox, 'anna/film.ts.part'), join(house.inbox, 'anna/film.ts'));
  await house.settle(inbox);
  t.equal(house.claimed.length, 2, 'until they are renamed');
});

t.test('series of equal names are films of their own', async t => {
  const house = await House.at(t);
  const inbox = await opened(t, house);
  for (let season = 1; season <= 12; season++) await house.put(`anna/S${season}/Pilot.ts`);
  await house.settle(inbox);
  t.equal(new Set(house.claimed.map(({source}) => source.digest)).size, 12);
  for (let again = 0; again < 3; again++) {
    await house.put('anna/Pilot.txt', String(again));
    await house.settle(inbox);
  }
  const refused = await filesIn(join(house.inbox, '.refused'));
  t.equal(
    refused.filter(path => path.endsWith('.txt') && !path.endsWith('.why.txt')).length,
    3,
    'refused ones too',
  );
});

t.test('each folder has its turn: one user’s hundred do not hold up another’s few', async t => {
  const house = await House.at(t);
  for (let number = 1; number <= 40; number++) {
    await house.put(`anna/E${number}.ts`);
    await house.put(`ben/E${number}.ts`);
  }
  const inbox = house.open(t, {claimsAtOnce: 1});
  await inbox.start();
  await house.settle(inbox);
  const order = house.claimed.map(({from}) => from);
  t.equal(order.length, 80);
  t.equal(order.slice(0, 20).filter(from => from.startsWith('anna')).length, 10);
  const annas = order.filter(from => from.startsWith('anna'));
  t.strictSame(
    annas.slice(8, 11),
    ['anna/E9.ts', 'anna/E10.ts', 'anna/E11.ts'],
    'and episodes come in order',
  );
});

t.test('what is no film is refused, named and out of the way', asRoot(), async t => {
  const house = await House.at(t);
  const inbox = await opened(t, house);
  const at = (name: string): string => join(house.inbox, name);
  await house.put('readme.txt');
  await house.put('empty.mkv', '');
  await symlink('/etc/passwd', at('link.mkv'));
  await symlink('/', at('root'));
  await house.put('.kept/one.ts');
  await link(at('.kept/one.ts'), at('hard.ts'));
  for (const [name, type] of [
    ['fifo.ts', ['p']],
    ['null.ts', ['c', '1', '3']],
    ['disk.ts', ['b', '7', '0']],
  ] as const) {
    await tool('mknod', at(name), ...type);
  }
  const short = await mkdtemp(join(tmpdir(), 'dubstead-'));
  const server = createServer().listen(join(short, 's'));
  await once(server, 'listening');
  await rename(join(short, 's'), at('socket.ts'));
  server.close();
  await rm(short, {recursive: true});
  await writeFile(Buffer.concat([Buffer.from(`${house.inbox}/`), Buffer.from('ff2e6d6b76', 'hex')]), 'x');
  await writeFile(at('line\nbreak.mkv'), 'x');
  await house.settle(inbox);
  t.ok(await isThere(at('empty.mkv')), 'an empty one may only have been begun');
  await house.pass(inbox, 10 * stableMs);
  t.strictSame(await filesIn(house.inbox), [
    '.kept/one.ts',
    ...['%FF.mkv', 'disk.ts', 'empty.mkv', 'fifo.ts', 'hard.ts', 'line%0Abreak.mkv', 'link.mkv', 'null.ts']
      .concat(['readme.txt', 'root', 'socket.ts'])
      .flatMap(name => [`.refused/${name}`, `.refused/${name}.why.txt`])
      .toSorted(),
  ]);
  t.equal(house.claimed.length, 0);
  const {refusals, lastRefused} = inbox.state();
  t.equal(refusals, 11);
  t.strictSame(
    lastRefused.map(({why}) => why.what.replace(/^\S+ /, '')).filter(what => what.startsWith('is a')),
    lastRefused.map(({why}) => why.what.replace(/^\S+ /, '')).filter(what => /^is an? (?!kind)/.test(what)),
  );
  for (const {path, to, why} of lastRefused) t.ok(to?.startsWith('.refused/') && why.fix !== '', path);
});

t.test('an empty film that is filled in the end is taken', async t => {
  const house = await House.at(t);
  const inbox = await opened(t, house);
  await house.put('film.ts', '');
  await house.settle(inbox);
  await house.pass(inbox, 5 * stableMs);
  await house.put('film.ts', 'the film');
  await house.settle(inbox);
  t.equal(house.claimed.length, 1);
});

t.test('a slow copy is taken when it has ended, however often it pauses', async t => {
  const house = await House.at(t);
  const inbox = await opened(t, house);
  const path = await house.put('film.ts', 'part');
  for (let part = 0; part < 10; part++) {
    await house.pass(inbox, stableMs - 1000);
    await appendFile(path, ` ${part}`);
    await house.pass(inbox, 500);
  }
  t.equal(house.claimed.length, 0);
  t.strictSame(pathsOf(inbox), ['film.ts growing']);
  await house.settle(inbox);
  t.equal(await textOf(house.source()), 'part 0 1 2 3 4 5 6 7 8 9');
});

/** The head of an MP4 whose picture data is said to have so many bytes. */
function mp4(dataBytes: number): Buffer {
  const head = Buffer.alloc(32);
  head.writeUInt32BE(16, 0);
  head.write('ftypisom', 4);
  head.writeUInt32BE(8 + dataBytes, 16);
  head.write('mdat', 20);
  return head;
}

t.test(
  'a copy that pauses for half a minute in the middle is waited for, and says why',
  asRoot(),
  async t => {
    const dir = t.testdir({near: {}, far: {}});
    for (const house of [
      new House(join(dir, 'near')),
      new House(join(dir, 'far'), join(await otherDisk(t), 'inbox')),
    ]) {
      await house.build();
      const inbox = await opened(t, house);
      const path = await house.put('film.mp4', mp4(1000));
      await house.settle(inbox);
      for (let seconds = 0; seconds < 300; seconds += 30) await house.pass(inbox, 30_000);
      t.equal(house.claimed.length, 0);
      t.match(inbox.state().files, [
        {
          path: 'film.mp4',
          is: 'growing',
          why: {what: 'film.mp4 does not look whole: 32 of 1024 bytes are there.'},
        },
      ]);
      const index = Buffer.from('0000000c6d6f6f7600000000', 'hex');
      await appendFile(path, Buffer.concat([Buffer.alloc(992, 'x'), index]));
      await house.settle(inbox);
      t.equal(house.claimed.length, 1, 'and taken when it is whole');
      await house.put('stump.mp4', mp4(1000));
      await house.settle(inbox);
      await house.pass(inbox, 600_000);
      t.equal(house.claimed.length, 2, 'what stays a stump is the job’s to refuse');
    }
  },
);

t.test('a film waits for its sidecars, and sidecars for their film', async t => {
  const house = await House.at(t);
  const inbox = await opened(t, house);
  await house.put('film.srt', 'words');
  await house.put('lone.srt', 'words');
  await house.settle(inbox);
  t.match(inbox.state().files, [
    {path: 'film.srt', is: 'sidecar', why: {what: 'film.srt has no film beside it.'}},
    {path: 'lone.srt', is: 'sidecar', why: {fix: /film\.es\.srt goes with film\.mkv/}},
  ]);
  await house.put('film.ts');
  await house.pass(inbox, 0);
  await house.put('film.es.srt', 'more');
  await house.pass(inbox, stableMs);
  t.equal(house.claimed.length, 0);
  t.match(inbox.state().files, [
    {path: 'lone.srt', is: 'sidecar'},
    {path: 'film.ts', is: 'growing', why: {what: /film\.es\.srt beside it is still being written/}},
    {path: 'film.srt', is: 'sidecar', why: null},
    {path: 'film.es.srt', is: 'growing'},
  ]);
  await house.pass(inbox, stableMs);
  t.strictSame(house.claimed[0]?.sidecars, ['film.es.srt', 'film.srt']);
  t.strictSame(await filesIn(house.inbox), ['lone.srt']);
});

t.test('films of one stem each get the sidecars, and none is left over', async t => {
  const house = await House.at(t);
  for (const path of ['film.ts', 'film.m2ts', 'film.srt']) await house.put(path, path);
  const inbox = await opened(t, house);
  await house.settle(inbox);
  await house.settle(inbox);
  t.strictSame(
    house.claimed.map(({sidecars}) => sidecars),
    [['film.srt'], ['film.srt']],
  );
  t.strictSame(await filesIn(house.inbox), []);
});

t.test('options that cannot be used refuse the film with all that is beside it', async t => {
  const house = await House.at(t);
  const inbox = await opened(t, house);
  for (const path of ['anna/film.ts', 'anna/film.srt']) await house.put(path);
  await house.put('anna/film.dub.json', '{"to": "elvish"}');
  await house.settle(inbox);
  const names = ['film.dub.json', 'film.srt', 'film.ts', 'film.ts.why.txt'];
  t.strictSame(
    await filesIn(house.inbox),
    names.map(name => `.refused/anna/${name}`),
  );
  t.match(await textOf(join(house.inbox, '.refused/anna/film.ts.why.txt')), /cannot be used: to/);
  for (const name of names) {
    if (name !== 'film.dub.json')
      await rename(join(house.inbox, '.refused/anna', name), join(house.inbox, 'anna', name));
  }
  await house.settle(inbox);
  t.equal(house.claimed.length, 1, 'put right, it is moved back and taken');
  t.strictSame(await filesIn(join(house.inbox, 'anna')), ['film.ts.why.txt'], 'and the note is no offence');
});

t.test('a folder that is nobody’s is told of once, and goes on when it is somebody’s', async t => {
  const house = await House.at(t);
  const inbox = await opened(t, house);
  for (let number = 0; number < 5; number++) await house.put(`carl/E${number}.ts`);
  await house.settle(inbox);
  await house.pass(inbox, 60_000);
  t.match(house.told('held'), [{path: 'carl/', why: {what: /“carl” is named after nobody/}}]);
  t.match(inbox.state().files[4], {path: 'carl/E4.ts', is: 'waiting', owner: null, why: {fix: /anna\/carl/}});
  house.known.add('carl');
  await house.pass(inbox, 0);
  t.strictSame(new Set(house.claimed.map(({owner}) => String(owner))), new Set(['carl']));
  t.equal(house.claimed.length, 5);
});

t.test(
  'a full queue leaves films where they are, with its reason, and takes them when there is room',
  async t => {
    const house = await House.at(t);
    const inbox = await opened(t, house);
    house.room = owner => (owner === 'anna' ? 'anna has 5 jobs queued, as many as allowed.' : null);
    for (const path of ['anna/a.ts', 'anna/b.ts', 'ben/c.ts']) await house.put(path);
    await house.settle(inbox);
    t.equal(house.claimed.length, 1);
    t.match(inbox.state().files, [
      {path: 'anna/a.ts', is: 'waiting', why: {what: /as many as allowed/, fix: 'It goes on by itself.'}},
      {path: 'anna/b.ts', is: 'waiting'},
    ]);
    t.strictSame(house.told('held'), [], 'the queue speaks for itself');
    house.room = () => null;
    inbox.beat();
    await inbox.quiet();
    t.equal(house.claimed.length, 3, 'without being looked for again');
  },
);

t.test('a full disk is waited out', asRoot(), async t => {
  const disk = await otherDisk(t, 'size=4m');
  const house = new House(disk, join(t.testdir(), 'inbox'));
  await house.build();
  const fill = join(disk, 'fill');
  await writeFile(fill, Buffer.alloc(3_500_000));
  await house.put('film.ts', 'G'.repeat(500_000));
  const inbox = await opened(t, house);
  await house.settle(inbox);
  const beats = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      house.steady += 1000;
      inbox.beat();
      await inbox.quiet();
    }
  };
  await beats(60);
  t.match(inbox.state().files, [{path: 'film.ts', is: 'waiting', why: {what: /has no room for film\.ts/}}]);
  t.equal(house.told('held').length, 1, 'said once');
  t.strictSame(await readdir(house.jobs), []);
  await unlink(fill);
  await beats(20);
  t.equal(house.claimed.length, 1, 'and goes on by itself');
});

t.test('a full inbox keeps what is refused where it is, and leaves nothing half made', asRoot(), async t => {
  const disk = await otherDisk(t, 'size=64k,nr_inodes=20');
  const house = new House(t.testdir(), disk);
  await house.build();
  const names = Array.from({length: 16}, (_, number) => `${10 + number}.txt`);
  for (const name of names) await house.put(name, '');
  const inbox = await opened(t, house);
  await house.pass(inbox, 10 * stableMs);
  t.equal(house.told('fault').length, 0);
  const stuck = inbox.state().files.filter(({is}) => is === 'refused');
  t.match(stuck[0], {why: {what: /not a kind of file.* has no room for/}});
  const there = await filesIn(disk);
  for (const name of names) t.equal(there.filter(path => path.endsWith(name)).length, 1, name);
  await tool('mount', '-o', 'remount,nr_inodes=100', disk);
  await house.pass(inbox, 0);
  t.equal(
    (await filesIn(disk)).filter(path => !path.startsWith('.refused/')).length,
    0,
    'until there is room',
  );
});

t.test('what fails for no reason of the file’s is a fault, and tried again', async t => {
  const house = await House.at(t);
  let fails = true;
  const failing = {
    newId: () => {
      if (fails) throw new Error('no more ids');
      return newId();
    },
  };
  const inbox = house.open(t, {}, failing);
  await inbox.start();
  await house.put('film.ts');
  await house.settle(inbox);
  t.match(house.told('fault'), [{path: 'film.ts', cause: {message: 'no more ids'}}]);
  t.match(inbox.state().files, [
    {path: 'film.ts', is: 'waiting', why: {what: /could not be taken: Error: no more ids/}},
  ]);
  fails = false;
  for (let second = 0; second < 6; second++) {
    house.steady += 1000;
    inbox.beat();
    await inbox.quiet();
  }
  t.equal(house.claimed.length, 1);
});

t.test(
  'a film that something fails for after it was taken is brought to its end by the same daemon',
  async t => {
    const house = await House.at(t);
    let fails = true;
    const step = (step: string): void => {
      if (step === 'taken' && fails) throw new Error('the disk of the jobs is odd');
    };
    const inbox = house.open(t, {}, {step});
    await inbox.start();
    await house.put('film.ts', 'the film');
    await house.put('film.srt', 'words');
    await house.settle(inbox);
    t.match(house.told('fault'), [{path: 'film.ts', cause: {message: 'the disk of the jobs is odd'}}]);
    t.equal(house.claimed.length, 0);
    fails = false;
    await house.pass(inbox, 0);
    t.equal(house.claimed.length, 1);
    t.equal(await textOf(house.source()), 'the film');
    t.strictSame(await filesIn(house.inbox), []);
    await house.pass(inbox, 120_000);
    t.equal(house.told('queued').length, 1, 'once');
  },
);

t.test('a disk that does not answer is offline until it does', async t => {
  const house = await House.at(t);
  const inbox = await opened(t, house);
  const scanning = inbox.rescan();
  await Promise.resolve();
  house.steady += 61_000;
  inbox.beat();
  t.match(inbox.state(), {is: 'offline', why: 'its disk does not answer'});
  await scanning;
  t.equal(inbox.state().is, 'online');
  t.strictSame(
    house.events.map(({is}) => is),
    ['offline', 'online'],
  );
});

t.test('a hundred thousand films would not all be kept account of at once', async t => {
  const house = await House.at(t);
  for (let number = 10; number < 40; number++) await house.put(`${number}.ts`);
  const inbox = house.open(t, {filesLimit: 7});
  await inbox.start();
  t.match(inbox.state(), {counts: {growing: 7}, beyond: 23});
  for (let round = 0; round < 6; round++) await house.settle(inbox);
  t.equal(house.claimed.length, 30, 'and yet each has its turn');
  t.match(inbox.state(), {beyond: 0});
});

t.test('an inbox that cannot be written to says so once, and goes on when it can', asRoot(), async t => {
  const disk = await otherDisk(t);
  const house = new House(t.testdir(), disk);
  await house.build();
  for (const path of ['film.ts', 'readme.txt']) await house.put(path);
  await tool('mount', '-o', 'remount,ro', disk);
  const inbox = await opened(t, house);
  for (let minutes = 0; minutes < 30; minutes++) {
    house.steady += 60_000;
    inbox.beat();
    await inbox.quiet();
  }
  t.match(inbox.state().files, [
    {path: 'film.ts', is: 'waiting', why: {what: /mounted read-only/, fix: /It goes on by itself/}},
    {path: 'readme.txt', is: 'refused', why: {what: /not a kind of file.*mounted read-only/}},
  ]);
  t.equal(house.told('held').length, 1);
  t.match(house.told('refused'), [{path: 'readme.txt', to: null}]);
  t.strictSame(await readdir(house.jobs), []);
  await tool('mount', '-o', 'remount,rw', disk);
  await house.pass(inbox, 0);
  t.equal(house.claimed.length, 1);
  t.strictSame(await filesIn(house.inbox), ['.refused/readme.txt', '.refused/readme.txt.why.txt']);
});

t.test('a film that may not be read waits until it may', asRoot(), async t => {
  const house = await House.at(t);
  for (const folder of [house.inbox, house.jobs]) await chmod(folder, 0o777);
  const path = await house.put('film.ts');
  await mkdir(join(house.inbox, 'closed'));
  await chmod(join(house.inbox, 'closed'), 0o700);
  await chmod(path, 0o600);
  const inbox = house.open(t);
  await asNobody(async () => {
    await inbox.start();
    await house.settle(inbox);
    await house.pass(inbox, 1000);
  });
  t.match(inbox.state().files, [
    {path: 'closed/', is: 'waiting', why: {what: 'The inbox folder closed/ cannot be looked into: EACCES.'}},
    {path: 'film.ts', is: 'waiting', why: {what: 'film.ts cannot be taken: permission denied.'}},
  ]);
  t.equal(house.told('held').length, 2, 'each said once');
  await chmod(path, 0o644);
  await asNobody(() => house.settle(inbox));
  t.equal(house.claimed.length, 1);
});

t.test('an inbox whose disk goes away is offline, and back as it was', asRoot(), async t => {
  const disk = await otherDisk(t);
  const house = new House(t.testdir(), disk);
  await house.build();
  const inbox = await opened(t, house);
  await house.put('anna/film.ts');
  await house.pass(inbox, 0);
  await whileBound(disk, join(disk, '../dubstead-kept'), async () => {
    await tool('umount', disk);
    await house.pass(inbox, stableMs);
    const gone = {is: 'offline', why: `nothing is mounted at ${disk} any more`};
    t.match(inbox.state(), {...gone, since: 1_700_000_000_000 + house.steady});
    t.strictSame(pathsOf(inbox), ['anna/film.ts waiting'], 'nothing is forgotten');
    t.equal(house.claimed.length, 0);
    await house.pass(inbox, 60_000);
    t.equal(house.told('offline').length, 1);
    await tool('mount', '--bind', join(disk, '../dubstead-kept'), disk);
    await house.pass(inbox, 0);
    t.equal(house.told('online').length, 1);
  });
  await house.settle(inbox);
  t.equal(house.claimed.length, 1);
  t.equal(await textOf(house.source()), 'Gfilm anna/film.ts');
});

t.test('an inbox that is not there at the start is offline until it is', async t => {
  const house = await House.at(t);
  await rm(house.inbox, {recursive: true});
  const inbox = await opened(t, house);
  t.match(inbox.state(), {is: 'offline', why: 'there is no such folder'});
  await house.build();
  await house.put('film.ts');
  for (let beat = 0; beat < 20; beat++) {
    house.steady += 1000;
    inbox.beat();
    await inbox.quiet();
  }
  t.equal(inbox.state().is, 'online');
  t.equal(house.claimed.length, 1, 'by itself');
});

t.test('the inbox folder may be replaced under our feet', async t => {
  const house = await House.at(t);
  const inbox = await opened(t, house);
  await rename(house.inbox, `${house.inbox}.old`);
  await house.build();
  await house.put('film.ts');
  for (let beat = 0; beat < 20; beat++) {
    house.steady += 1000;
    inbox.beat();
    await inbox.quiet();
    await wait(1);
  }
  t.equal(house.claimed.length, 1);
});

t.test('a film that is taken away before its time is no more than that', async t => {
  const house = await House.at(t);
  const inbox = await opened(t, house);
  const path = await house.put('film.ts');
  await house.pass(inbox, 0);
  await unlink(path);
  house.steady += stableMs;
  inbox.beat();
  await inbox.quiet();
  await house.pass(inbox, 0);
  t.strictSame(pathsOf(inbox), []);
  t.strictSame([house.claimed.length, house.told('fault').length], [0, 0]);
});

t.test('a clock that is set back or forward takes nothing too early', async t => {
  const house = await House.at(t);
  let now = 1_700_000_000_000;
  const inbox = house.open(t, {}, {now: () => now});
  await inbox.start();
  await house.put('film.ts');
  await house.pass(inbox, 0);
  for (const jump of [86_400_000, -2 * 86_400_000]) {
    now += jump;
    await house.pass(inbox, 10);
    t.equal(house.claimed.length, 0);
  }
  await utimes(join(house.inbox, 'film.ts'), 4_000_000_000, 4_000_000_000);
  await house.settle(inbox);
  t.equal(house.claimed.length, 1, 'and a film of the future is taken like any other');
});

t.test('a stop leaves what was being read where it was, and may be asked for twice', async t => {
  const house = await House.at(t);
  await house.put('film.ts', Buffer.alloc(20_000_000, 'G'));
  const inbox = await opened(t, house);
  await house.pass(inbox, 0);
  house.steady += stableMs;
  inbox.beat();
  t.strictSame(pathsOf(inbox), ['film.ts claiming']);
  const stopped = inbox.stop();
  t.equal(inbox.stop(), stopped);
  await stopped;
  t.strictSame(await filesIn(house.inbox), ['film.ts']);
  t.strictSame(await readdir(house.jobs), []);
  t.strictSame(house.told('fault'), []);
  inbox.beat();
  await inbox.rescan();
  t.equal(house.claimed.length, 0, 'and nothing is begun after it');
});

t.test('by real time: seen, taken and watched again, without being looked for', async t => {
  const house = await House.at(t);
  const clocks = {now: () => Date.now(), steady: () => performance.now()};
  const inbox = house.open(t, {stableMs: 300, beatMs: 20}, clocks);
  await inbox.start();
  const late: number[] = [];
  const rests = [60, 0, 20, 250, 5, 100, 40, 10];
  for (const [number, restMs] of rests.entries()) {
    const path = ['anna/%.ts', 'ben/new/%.ts', '%.ts'][number % 3]?.replace('%', String(number)) ?? '';
    const count = house.claimed.length;
    await wait(restMs);
    const dropped = performance.now();
    await house.put(path);
    await until(() => house.claimed.length > count, path);
    late.push(Math.round(performance.now() - dropped - 300));
  }
  t.comment(`${late.join(', ')} ms beyond the delay`);
  t.strictSame(house.told('fault'), []);
});

t.test('by real time: polled where that is asked for', async t => {
  const house = await House.at(t);
  const clocks = {now: () => Date.now(), steady: () => performance.now()};
  const inbox = house.open(t, {stableMs: 300, beatMs: 20, rescanMs: 200, polling: 'always'}, clocks);
  await inbox.start();
  t.match(inbox.state(), {mode: 'polling', modeWhy: 'INBOX_POLLING=1 asks for it'});
  await wait(60);
  await house.put('anna/film.ts', 'the film');
  await until(() => house.claimed.length > 0, 'the film');
  t.equal(house.claimed[0]?.source.digest, digestOf('the film'));
});
