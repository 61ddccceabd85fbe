/** What is told of the disks: nothing made up before they were looked through, and how they filled also after a restart. */
import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t from 'tap';
import type {Status} from '../../../appliance/api/status.ts';
import {StorageShown} from '../../../appliance/api/storage-rows.ts';
import {createLog} from '../../../appliance/log.ts';
import {Storage, type StorageGround} from '../../../supervisor/storage/storage.ts';
import {idOf, makeJob} from '../sweep/box.ts';

const hour = 3_600_000;
const start = 1_800_000_000_000;

t.test('measured, sampled, and known again by the next process', async t => {
  const dataDir = t.testdir({state: {}});
  await makeJob(dataDir, idOf(1));
  const said: string[] = [];
  let now = start;
  let freeBytes = 300e9;
  const disk = (): Status['disks'][number] => ({
    ...{what: 'data', path: dataDir, totalBytes: 1000e9, freeBytes, low: false},
  });
  let disks = (): Status['disks'] => [disk()];
  const ground: StorageGround = {
    ...{dataDir, stateDir: join(dataDir, 'state'), outputs: join(dataDir, 'dubs'), now: () => now},
    ...{inbox: join(dataDir, 'inbox'), isDeleted: () => false, disks: () => disks()},
    log: createLog({
      ...{level: 'info', transcripts: false, now: () => now},
      places: [{write: line => said.push(line)}],
    }),
  };
  const first = new Storage(ground);
  await first.start();
  t.strictSame(StorageShown.parse(first.shown()), {
    ...{measured: null, whole: true},
    disks: [{...disk(), filled: [], trend: null}],
  });
  await Promise.all([first.measure(), first.measure()]);
  t.match(first.shown(), {measured: start, disks: [{filled: [{kind: 'other'}, {}, {}, {}, {}]}]});
  for (let step = 1; step <= 20; step++) {
    now += hour / 2;
    freeBytes -= 1e9;
    await first.sample();
  }
  const trend = {bytesPerDay: 48e9, fullAt: now + Math.round((280 / 48) * 24 * hour)};
  t.match(first.shown(), {disks: [{trend}]});
  disks = () => [];
  await first.sample();
  await first.stop();
  disks = () => [disk()];

  const second = new Storage(ground);
  await second.start();
  t.match(second.shown(), {measured: null, disks: [{trend}]}, 'a disk that was away is known again');
  await second.stop();
  await second.measure();
  t.equal(second.shown().measured, null, 'what is stopped in the middle tells nothing');

  const path = join(dataDir, 'state', 'disks.json');
  t.ok((await readFile(path)).length < 100_000);
  await writeFile(path, '{"torn');
  const third = new Storage(ground);
  await third.start();
  t.match(third.shown(), {disks: [{trend: null}]});
  await third.stop();
  t.strictSame(said, []);
});

t.test('a state folder that cannot be written to is told, and stops nothing', async t => {
  const dataDir = t.testdir();
  const said: string[] = [];
  const storage = new Storage({
    ...{
      dataDir,
      stateDir: join(dataDir, 'nowhere'),
      outputs: '/nowhere',
      inbox: '/nowhere',
      now: () => start,
    },
    isDeleted: () => false,
    disks: () => [{what: 'data', path: dataDir, totalBytes: 2, freeBytes: 3, low: false}],
    log: createLog({
      ...{level: 'info', transcripts: false, now: () => start},
      places: [{write: line => said.push(line)}],
    }),
  });
  await storage.start();
  await storage.stop();
  t.match(said, [/not remembered/]);
  t.match(storage.shown(), {disks: [{totalBytes: 2}]});
});
