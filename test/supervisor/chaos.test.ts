/** What a disk can do to the appliance: full, or out of inodes, before a job and in the middle of it. The real program. */
import {mkdir, rm, statfs, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import t, {type Test} from 'tap';
import {verifyAudit} from '../../appliance/audit/verify.ts';
import {digestOfFile} from '../../appliance/digest.ts';
import {readerFilm, writeCues} from '../clips.ts';
import {quick, TestBox, until} from './daemons.ts';
import {asRoot, otherDisk, tool} from './inbox/disks.ts';

/** Takes what there is of something; the function that it returns gives it back. */
type Exhaust = (folder: string) => Promise<() => Promise<void>>;

/** The daemon writes and removes meanwhile, so that what was free a moment ago may not be there to be taken. */
const takeAllRoom: Exhaust = async folder => {
  const ballast = join(folder, 'ballast');
  await mkdir(ballast, {recursive: true});
  for (let n = 0; n < 100; n++) {
    const {bavail, bsize} = await statfs(folder);
    if (bavail === 0) break;
    await tool('fallocate', '-l', String(bavail * bsize), join(ballast, String(n))).catch(() => {});
  }
  return () => rm(ballast, {recursive: true});
};

const takeAllInodes: Exhaust = async folder => {
  const ballast = join(folder, 'ballast');
  await mkdir(ballast, {recursive: true});
  try {
    for (let n = 0; ; n++) await writeFile(join(ballast, String(n)), '');
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC')) throw cause;
  }
  return () => rm(ballast, {recursive: true});
};

/** A box on a small disk of its own; its inbox lies on a large one, so that films can be dropped whatever happens. */
async function smallBox(t: Test, disk: string): Promise<TestBox> {
  const box = new TestBox(await otherDisk(t, disk), {
    ...quick,
    INBOX_DIR: join(t.testdir({inbox: {}}), 'inbox'),
  });
  t.teardown(() => box.endAll());
  return box;
}

async function drop(t: Test, box: TestBox): Promise<void> {
  const folder = join(t.testdirName, 'film');
  await mkdir(folder);
  const film = await readerFilm(join(folder, 'A film.mp4'));
  for (const path of [await writeCues(dirname(film), 'A film.es.srt', 'es'), film]) await box.drop(path);
}

for (const [what, disk, exhaust, words] of [
  ['room', 'size=320m', takeAllRoom, /has 0 MB free/],
  ['inodes', 'size=320m,nr_inodes=4000', takeAllInodes, /no inodes left/],
] as const) {
  t.test(
    `no ${what}: a film waits, a job says why it failed, the daemon lives, and all goes on`,
    asRoot(),
    async t => {
      const box = await smallBox(t, disk);
      await box.start();
      const release = await exhaust(box.folder);
      await drop(t, box);
      await until('the film waits for it', async () => {
        const status = await box.client.call('inbox.get', {});
        return status.ok && status.value.files.some(({held}) => /room|full|space/.test(held ?? ''));
      });
      t.strictSame(await box.jobs(), []);
      await release();
      await box.jobIn('running');
      const releaseAgain = await exhaust(box.folder);
      const stopped = await box.jobIn('failed', 'queued', 'done', 'set-aside');
      t.match(stopped.state, {is: 'failed', failure: {what: words}}, JSON.stringify(stopped.state));
      t.ok((await box.client.call('ready', {})).ok, 'the daemon is there');
      await releaseAgain();
      t.ok((await box.client.call('jobs.retry', {params: {id: stopped.id}})).ok);
      const job = await box.jobIn('done', 'failed', 'set-aside');
      t.equal(job.state.is, 'done');
      for (const {path, digest} of job.outputs) t.equal(await digestOfFile(path ?? ''), digest, path ?? '');
      t.equal(await box.end('SIGTERM'), 0);
      t.ok((await verifyAudit(box.path('audit'))).ok);
      t.same(await box.workers(), []);
    },
  );
}
