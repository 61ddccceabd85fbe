/** What becomes of a claimed film: queued, refused, put back, or kept when its dub is done. */
import {appendFile, link, readdir, readFile, rename, rm, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import type {Failure} from '../../../appliance/failure.ts';
import type {JobId} from '../../../appliance/job.ts';
import type {Inbox} from '../../../supervisor/inbox/inbox.ts';
import {giveBack, keepDone} from '../../../supervisor/inbox/settle.ts';
import {asRoot, inodeOf, otherDisk} from './disks.ts';
import {filesIn, House, isThere, newId, textOf} from './house.ts';

/** A film of anna's with a sidecar, claimed and queued. */
async function queued(
  t: Test,
  house: House,
  name = 'film.ts',
): Promise<{inbox: Inbox; id: JobId; source: string}> {
  await house.put(`anna/S/${name}`, 'the film');
  await house.put(`anna/S/${name.replace(/\.ts$/, '.srt')}`, 'words');
  const inbox = house.open(t);
  await inbox.start();
  await house.settle(inbox);
  const id = house.claimed.at(-1)?.id;
  if (id === undefined) throw new Error('nothing was claimed');
  return {inbox, id, source: house.source(house.claimed.length - 1)};
}

async function houses(t: Test): Promise<readonly House[]> {
  const dir = t.testdir({near: {}, far: {}});
  const all = [new House(join(dir, 'near')), new House(join(dir, 'far'), join(await otherDisk(t), 'inbox'))];
  for (const house of all) await house.build();
  return all;
}

const siteOf = ({inbox, jobs}: House) => ({inbox, jobs});
const notMedia = (path: string): Failure => ({reason: 'not-media', path, detail: 'it is text'});

t.test('the queue gets all that a job is made of', async t => {
  const house = await House.at(t);
  const {id} = await queued(t, house);
  t.match(house.claimed, [
    {
      ...{id, owner: 'anna', options: {to: 'es'}, sidecars: ['film.srt'], from: 'anna/S/film.ts'},
      source: {name: 'film.ts', bytes: 8, digest: /^[0-9a-f]{64}$/},
    },
  ]);
  t.match(house.told('claimed'), [{path: 'anna/S/film.ts', job: id, bytes: 8}]);
  t.match(house.told('queued'), [{path: 'anna/S/film.ts', job: id}]);
});

t.test('a film that the queue has already is refused, and says which job has it', asRoot(), async t => {
  for (const house of await houses(t)) {
    const of = newId();
    house.answer = () => ({is: 'duplicate', of, title: 'Film', state: 'running'});
    await house.put('anna/S/film.ts', 'the film');
    await house.put('anna/S/film.srt', 'words');
    const inbox = house.open(t);
    await inbox.start();
    await house.settle(inbox);
    t.strictSame(await filesIn(house.inbox), [
      ...['.refused/anna/S/film.srt', '.refused/anna/S/film.ts', '.refused/anna/S/film.ts.why.txt'],
    ]);
    const note = await textOf(join(house.inbox, '.refused/anna/S/film.ts.why.txt'));
    t.ok(note.startsWith(`film.ts is the same film with the same options as job ${of} (“Film”, running).\n`));
    t.strictSame(await readdir(house.jobs), []);
    t.match(house.told('refused'), [{path: 'anna/S/film.ts', to: '.refused/anna/S/film.ts'}]);
    t.match(inbox.state(), {
      refusals: 1,
      lastRefused: [{path: 'anna/S/film.ts', why: {fix: new RegExp(of)}}],
    });
  }
});

t.test('a film that the queue refuses for its own reason bears that reason', async t => {
  const house = await House.at(t);
  house.answer = () => ({is: 'refused', why: {what: 'No engine goes from en to fr.', fix: 'Choose es.'}});
  await house.put('film.ts');
  const inbox = house.open(t);
  await inbox.start();
  await house.settle(inbox);
  t.equal(
    await textOf(join(house.inbox, '.refused/film.ts.why.txt')),
    'No engine goes from en to fr.\nChoose es.\n',
  );
});

t.test(
  'a film that finds no room after all is back with its sidecars, and tried again later',
  asRoot(),
  async t => {
    for (const house of await houses(t)) {
      house.answer = () => ({is: 'wait', why: 'The queue of anna is full.'});
      await house.put('anna/film.ts', 'the film');
      await house.put('anna/film.srt', 'words');
      await house.put('anna/next.ts', 'the next film');
      const inbox = house.open(t, {claimsAtOnce: 1});
      await inbox.start();
      await house.settle(inbox);
      t.strictSame(await filesIn(house.inbox), ['anna/film.srt', 'anna/film.ts', 'anna/next.ts']);
      t.equal(await textOf(join(house.inbox, 'anna/film.ts')), 'the film');
      t.strictSame(await readdir(house.jobs), []);
      t.equal(house.told('claimed').length, 1, 'the next one is not even tried');
      await house.settle(inbox);
      t.equal(house.told('claimed').length, 1);
      t.match(inbox.state().files, [
        {path: 'anna/next.ts', is: 'waiting', why: {what: 'The queue of anna is full.'}},
        {path: 'anna/film.ts', is: 'waiting', why: {what: 'The queue of anna is full.'}},
      ]);
      house.answer = undefined;
      await house.pass(inbox, 30_000);
      t.equal(house.claimed.length, 2);
      t.strictSame(await filesIn(house.inbox), []);
    }
  },
);

t.test('a submission that fails is a fault, and is made again from the job’s folder', async t => {
  const house = await House.at(t);
  house.answer = () => {
    throw new Error('the store is read-only');
  };
  await house.put('film.ts');
  const inbox = house.open(t);
  await inbox.start();
  await house.settle(inbox);
  t.match(house.told('fault'), [{path: 'film.ts', cause: {message: 'the store is read-only'}}]);
  t.equal((await readdir(house.jobs)).length, 1);
  house.answer = undefined;
  await house.pass(inbox, 60_000);
  t.equal(house.claimed.length, 1);
  t.ok(await isThere(house.source()));
});

t.test('a film that its job cannot dub goes to .refused, named as its owner knows it', asRoot(), async t => {
  for (const house of await houses(t)) {
    const {inbox, id, source} = await queued(t, house);
    const given = await inbox.giveBack(id, notMedia(source));
    t.match(given, {is: 'refused', from: 'anna/S/film.ts', to: '.refused/anna/S/film.ts'});
    t.strictSame(await filesIn(join(house.inbox, '.refused/anna/S')), [
      'film.srt',
      'film.ts',
      'film.ts.why.txt',
    ]);
    const note = await textOf(join(house.inbox, '.refused/anna/S/film.ts.why.txt'));
    t.match(note, /^film\.ts is not a video that can be read: it is text\.\nDubstead takes MP4/);
    t.notMatch(note, house.jobs);
    t.strictSame(await filesIn(join(house.jobs, id)), ['claim.json'], 'the rest of the job stays');
    t.match(house.told('refused'), [{path: 'anna/S/film.ts'}]);
    t.strictSame(await inbox.giveBack(id, notMedia(source)), {is: 'none'}, 'once is enough');
  }
});

t.test('a film that was written to after its claim is waited for instead', async t => {
  const house = await House.at(t);
  const {inbox, id, source} = await queued(t, house);
  await appendFile(source, ' goes on');
  t.strictSame(await inbox.giveBack(id, {reason: 'truncated', path: source, detail: 'x'}), {is: 'returned'});
  t.equal(await textOf(join(house.inbox, 'anna/S/film.ts')), 'the film goes on');
  t.equal(await textOf(join(house.inbox, 'anna/S/film.srt')), 'words');
  t.strictSame(house.told('refused'), []);
  await house.settle(inbox);
  t.equal(house.claimed.length, 2, 'and taken again when it is whole');
});

t.test('a job that did not come by the inbox, or whose film is gone, has nothing to give back', async t => {
  const house = await House.at(t);
  t.strictSame(await giveBack(newId(), notMedia('/x'), siteOf(house)), {is: 'none'});
  t.strictSame(await keepDone(newId(), siteOf(house)), {is: 'none'});
  const {id} = await queued(t, house);
  await rm(join(house.jobs, id, 'source'), {recursive: true});
  t.strictSame(await giveBack(id, notMedia('/x'), siteOf(house)), {is: 'stuck', code: 'ENOENT'});
});

t.test(
  'a finished film is kept beside older ones of its name, by a second name or a copy',
  asRoot(),
  async t => {
    for (const [index, house] of (await houses(t)).entries()) {
      await house.put('.done/anna/S/film.ts', 'an older film');
      await house.put('.done/anna/S/film.srt', 'older words');
      const {id, source} = await queued(t, house);
      const kept = {is: 'kept', to: '.done/anna/S/film (2).ts'};
      t.strictSame(await keepDone(id, siteOf(house)), kept);
      t.strictSame(await keepDone(id, siteOf(house)), kept, 'asked again');
      const done = join(house.inbox, '.done/anna/S');
      t.strictSame(await filesIn(done), ['film (2).srt', 'film (2).ts', 'film.srt', 'film.ts']);
      t.equal(await textOf(join(done, 'film.ts')), 'an older film');
      t.equal(await textOf(join(done, 'film (2).ts')), 'the film');
      t.equal(await textOf(join(done, 'film (2).srt')), 'words');
      t.equal((await inodeOf(join(done, 'film (2).ts'))) === (await inodeOf(source)), index === 0);
      t.ok(await isThere(source), 'and the job keeps its own');
    }
  },
);

t.test('where a film cannot be kept, nothing is lost and the reason is known', asRoot(), async t => {
  const dir = t.testdir({out: {}});
  const house = new House(dir, join(await otherDisk(t, 'size=1m'), 'inbox'));
  await house.build();
  const {id} = await queued(t, house);
  await symlink(join(dir, 'out'), join(house.inbox, '.done'));
  t.strictSame(await keepDone(id, siteOf(house)), {is: 'stuck', code: 'ENOTDIR'});
  t.strictSame(await readdir(join(dir, 'out')), [], 'a link leads nothing out of the inbox');
  await rm(join(house.inbox, '.done'));
  await writeFile(house.source(), Buffer.alloc(2_000_000, 'x'));
  t.strictSame(await keepDone(id, siteOf(house)), {is: 'stuck', code: 'ENOSPC'});
  t.strictSame(
    (await filesIn(join(house.inbox, '.done'))).filter(name => name.endsWith('.ts') || name.includes('tmp')),
    [],
  );
  await rename(house.inbox, `${house.inbox}.away`);
  t.match(await giveBack(id, notMedia('/x'), siteOf(house)), {is: 'stuck', code: 'ENOENT'});
  t.ok(await isThere(house.source()));
});

t.test('a film that is kept and dropped again is told to be copied, not linked', async t => {
  const house = await House.at(t);
  const {inbox, id} = await queued(t, house);
  await keepDone(id, siteOf(house));
  await link(join(house.inbox, '.done/anna/S/film.ts'), join(house.inbox, 'film.ts'));
  await house.settle(inbox);
  t.match(await textOf(join(house.inbox, '.refused/film.ts.why.txt')), /hard link.*\nCopy it/s);
  t.equal((await readFile(house.source())).length, 8);
});
