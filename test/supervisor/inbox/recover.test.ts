/** The daemon is killed while it takes films: nothing is lost, nothing is there twice, nothing is left over. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {lstat, mkdir, readdir, readFile, rename, rm, unlink, writeFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import t, {type Test} from 'tap';
import {z} from 'zod';
import {JobId} from '../../../appliance/job.ts';
import {readRecord} from '../../../supervisor/inbox/record.ts';
import {Recovery} from '../../../supervisor/inbox/recover.ts';
import {asRoot, otherDisk} from './disks.ts';
import {filesIn, House, newId, textOf} from './house.ts';

/** Nothing of tap's, and compiled once. */
const env = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../../../node_modules/.cache/compiled', import.meta.url)),
};
const program = fileURLToPath(new URL('./claimer.ts', import.meta.url));

interface Run {
  readonly house: House;
  readonly store: string;
}

async function run({house, store}: Run, killAt: string, answer = 'queued'): Promise<string> {
  const child = spawn(process.execPath, [program, house.inbox, house.jobs, store, killAt, answer], {
    ...{stdio: ['ignore', 'pipe', 'inherit'], env},
  });
  let said = '';
  child.stdout.on('data', chunk => {
    said += chunk;
  });
  const [code, signal] = await once(child, 'exit');
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`it ended with ${code} ${signal}`);
  return `${signal === 'SIGKILL' ? 'killed\n' : ''}${said}`;
}

/** The next start: with the same store, and nothing that kills it. */
async function start(t: Test, {house, store}: Run, answer = 'queued'): Promise<void> {
  const known = new Set(await idsIn(store));
  const inbox = house.open(
    t,
    {},
    {
      has: id => known.has(id),
      submit: async claimed => {
        if (answer === 'duplicate') return {is: 'duplicate', of: newId(), title: 'x', state: 'done'};
        if (answer === 'wait') return {is: 'wait', why: 'the queue is full'};
        await writeFile(join(store, claimed.id), JSON.stringify(claimed));
        return {is: 'queued', job: claimed.id};
      },
    },
  );
  await inbox.start();
  await house.settle(inbox);
  await inbox.stop();
}

/** Every film there is, in the inbox (`.refused` as well) and in the folders of jobs, with what is in it. */
async function films({house}: Run): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const folder of [house.inbox, house.jobs]) {
    for (const path of await filesIn(folder)) {
      if (!/\.(?:ts|srt)$/.test(path)) continue;
      found[join(basename(folder), path).replace(/jobs\/[^/]+/, 'job')] = await textOf(join(folder, path));
    }
  }
  return found;
}

/** Ids in the store; a kill leaves a half-written file there as well. */
const idsIn = async (store: string): Promise<readonly string[]> =>
  (await readdir(store)).filter(name => !name.startsWith('.'));

/** Jobs that the store has; each must have its film where it says. */
async function stored(t: Test, {house, store}: Run): Promise<number> {
  const ids = await idsIn(store);
  for (const id of ids) {
    const {source} = z
      .object({source: z.object({name: z.string()})})
      .parse(JSON.parse(await textOf(join(store, id))));
    t.equal(await textOf(join(house.jobs, id, 'source', source.name)), 'the film');
  }
  t.strictSame((await readdir(house.jobs)).toSorted(), ids.toSorted(), 'no folder but those of jobs');
  return ids.length;
}

async function isolated(t: Test, folder: string, disk?: string): Promise<Run> {
  const house = new House(folder, disk === undefined ? undefined : join(disk, basename(folder)));
  await house.build();
  const store = join(folder, 'store');
  await mkdir(store);
  await house.put('anna/film.ts', 'the film');
  await house.put('anna/film.srt', 'words');
  t.equal((await filesIn(house.inbox)).length, 2);
  return {house, store};
}

const atEnd = {'job/source/film.ts': 'the film', 'job/source/film.srt': 'words'};

t.test('killed at any point of a claim, the next start has one job and all the files', asRoot(), async t => {
  const dir = t.testdir();
  const disk = await otherDisk(t);
  const points: Readonly<Record<string, readonly string[]>> = {
    rename: ['read', 'begun', 'sidecar', 'taken', 'cleared', 'submitting', 'submitted'],
    copy: ['begun', 'copied', 'sidecar', 'whole', 'taken', 'cleared', 'submitting', 'submitted'],
  };
  for (const [how, steps] of Object.entries(points)) {
    for (const killAt of steps) {
      const one = await isolated(t, join(dir, `${how}-${killAt}`), how === 'copy' ? disk : undefined);
      t.match(await run(one, killAt), /^killed/, `${how} at ${killAt}`);
      const between = Object.entries(await films(one)).filter(
        ([path, text]) => path.endsWith('.ts') && text === 'the film',
      );
      t.ok(between.length >= 1, `the film is there at all times: ${JSON.stringify(between)}`);
      await start(t, one);
      t.strictSame(await films(one), atEnd, `${how} at ${killAt}`);
      t.equal(await stored(t, one), 1);
      t.strictSame(await filesIn(one.house.inbox), [], 'nothing hidden either');
    }
  }
});

t.test('killed while a film is refused or put back, it is there once', asRoot(), async t => {
  const dir = t.testdir();
  const disk = await otherDisk(t);
  for (const answer of ['duplicate', 'wait']) {
    for (const killAt of ['submitting', 'never']) {
      for (const how of ['rename', 'copy']) {
        const one = await isolated(
          t,
          join(dir, [answer, killAt, how].join('-')),
          how === 'copy' ? disk : undefined,
        );
        if (killAt === 'never') await start(t, one, answer);
        else await run(one, killAt, answer);
        await start(t, one, answer);
        const folder = answer === 'wait' ? 'anna' : '.refused/anna';
        const where = join(basename(one.house.inbox), folder);
        t.strictSame(await films(one), {
          [join(where, 'film.ts')]: 'the film',
          [join(where, 'film.srt')]: 'words',
        });
        t.equal(await stored(t, one), 0);
      }
    }
  }
});

t.test('killed at random moments until all are taken, ten films become ten jobs', asRoot(), async t => {
  const disk = await otherDisk(t);
  const house = new House(t.testdir(), join(disk, 'inbox'));
  await house.build();
  const one = {house, store: join(house.jobs, '../store')};
  await mkdir(one.store);
  for (let number = 0; number < 10; number++) {
    await house.put(`${number}.ts`, 'the film');
    await house.put(`${number}.srt`, 'words');
  }
  let killed = 0;
  for (let round = 0; round < 20 && (await idsIn(one.store)).length < 10; round++) {
    const argv = [program, house.inbox, house.jobs, one.store, 'never', 'queued'];
    const child = spawn(process.execPath, argv, {stdio: ['ignore', 'pipe', 'ignore'], env});
    const ended = once(child, 'exit');
    await Promise.race([once(child.stdout, 'data'), ended]);
    for (let looks = Math.random() * 40 * (round + 1); looks > 0; looks--) await lstat(house.inbox);
    child.kill('SIGKILL');
    const [, signal] = await ended;
    if (signal === 'SIGKILL') killed++;
  }
  t.ok(killed > 0, `killed ${killed} times`);
  await start(t, one);
  t.equal(await stored(t, one), 10);
  t.strictSame(await filesIn(house.inbox), []);
  t.equal((await filesIn(house.jobs)).filter(path => path.endsWith('.srt')).length, 10);
});

/** What `run` of the recovery says and leaves. */
async function recovered(house: House, has: (id: JobId) => boolean = () => false) {
  const recovery = new Recovery({
    inbox: house.inbox,
    jobs: house.jobs,
    has,
    submit: async claimed => house.submit(claimed),
  });
  const said: string[] = [];
  for await (const {is} of recovery.run(0)) said.push(is);
  return {recovery, said};
}

t.test(
  'a film that was set aside when the daemon was killed is taken, or back under its name',
  asRoot(),
  async t => {
    const dir = t.testdir();
    const disk = await otherDisk(t);
    for (const [content, left] of [
      ['the film', []],
      ['precious', ['anna/film.ts']],
    ] as const) {
      const one = await isolated(t, join(dir, content), disk);
      await run(one, 'whole');
      const [id = ''] = await readdir(one.house.jobs);
      const [path, aside] = [
        join(one.house.inbox, 'anna/film.ts'),
        join(one.house.inbox, `anna/.dubstead-${id}-0`),
      ];
      if (content === 'the film') await rename(path, aside);
      else await writeFile(aside, content);
      if (content === 'precious') await unlink(path);
      const {said} = await recovered(one.house);
      t.strictSame(said, ['settled']);
      t.strictSame(await filesIn(one.house.inbox), left);
      for (const name of left) t.equal(await textOf(join(one.house.inbox, name)), 'precious');
      t.equal(await textOf(one.house.source()), 'the film');
    }
  },
);

t.test('a film that another writes to after a crash goes back instead of being half a job', async t => {
  const one = await isolated(t, join(t.testdir(), 'x'));
  await run(one, 'taken');
  const [id = ''] = await readdir(one.house.jobs);
  await writeFile(join(one.house.jobs, id, 'source/film.ts'), 'the film goes on', {flag: 'r+'});
  t.strictSame((await recovered(one.house)).said, ['undone']);
  t.strictSame(await films(one), {'inbox/anna/film.ts': 'the film goes on', 'inbox/anna/film.srt': 'words'});
  t.strictSame(await readdir(one.house.jobs), []);
});

t.test(
  'a copy that is not what it was is left for a person, and so is a record that cannot be read',
  asRoot(),
  async t => {
    const one = await isolated(t, join(t.testdir(), 'x'), await otherDisk(t));
    await run(one, 'whole');
    const [id = ''] = await readdir(one.house.jobs);
    const copy = join(one.house.jobs, id, 'source/film.ts');
    await writeFile(copy, 'THE FILM');
    const damaged = join(one.house.jobs, newId());
    await mkdir(damaged);
    await writeFile(join(damaged, 'claim.json'), '{"v": 1');
    const {recovery, said} = await recovered(one.house);
    t.strictSame(said, ['stuck', 'stuck']);
    t.equal(await textOf(copy), 'THE FILM');
    t.equal(await textOf(join(one.house.inbox, 'anna/film.ts')), 'the film');
    const again: string[] = [];
    for await (const {is} of recovery.run(1000)) again.push(is);
    t.strictSame(again, [], 'not again at once');
    await writeFile(copy, 'the film');
    recovery.hurry();
    for await (const {is} of recovery.run(2000)) again.push(is);
    t.strictSame(again.toSorted(), ['settled', 'stuck'], 'but when it was put right');
    t.strictSame(await filesIn(one.house.inbox), []);
  },
);

t.test('folders of jobs that the store has, or that are not of a claim, stay as they are', async t => {
  const house = await House.at(t);
  const [known, upload, begun, empty] = [newId(), newId(), newId(), newId()];
  for (const id of [known, upload, begun, empty, 'not-an-id'])
    await mkdir(join(house.jobs, id, 'source'), {recursive: true});
  await writeFile(join(house.jobs, known, 'claim.json'), 'whatever');
  await writeFile(join(house.jobs, upload, 'source/film.ts'), 'uploaded');
  await writeFile(join(house.jobs, begun, '.01234567-89ab-cdef-0123-456789abcdef.tmp'), '{');
  t.strictSame((await recovered(house, id => id === known)).said, []);
  t.strictSame((await readdir(house.jobs)).toSorted(), [known, upload, 'not-an-id'].toSorted());
  t.equal(await textOf(join(house.jobs, upload, 'source/film.ts')), 'uploaded');
});

t.test('copies that were cut short are cleared away, and nothing else that is hidden', async t => {
  const house = await House.at(t);
  const unfinished = '.dubstead-01234567-89ab-cdef-0123-456789abcdef.tmp';
  for (const folder of ['.refused', '.refused/anna/S', '.done/ben'])
    await house.put(`${folder}/${unfinished}`);
  await house.put('.done/ben/film.ts');
  await house.put('.done/ben/.dubstead-kept');
  await recovered(house);
  t.strictSame(await filesIn(house.inbox), ['.done/ben/.dubstead-kept', '.done/ben/film.ts']);
});

t.test('without the inbox nothing is put right and nothing is lost', async t => {
  const one = await isolated(t, join(t.testdir(), 'x'));
  await run(one, 'taken');
  await rename(one.house.inbox, `${one.house.inbox}.away`);
  t.strictSame((await recovered(one.house).catch(({code}) => ({said: [code]}))).said, ['stuck']);
  const [id = ''] = await readdir(one.house.jobs);
  t.match(await readRecord(join(one.house.jobs, id)), {film: {name: 'film.ts'}});
  await rename(`${one.house.inbox}.away`, one.house.inbox);
  t.strictSame((await recovered(one.house)).said, ['settled']);
  t.equal(await textOf(one.house.source()), 'the film');
});

t.test('a user’s folder that is gone by then does no harm', async t => {
  const one = await isolated(t, join(t.testdir(), 'x'));
  await run(one, 'taken');
  await rm(join(one.house.inbox, 'anna'), {recursive: true});
  t.strictSame((await recovered(one.house)).said, ['settled']);
  t.strictSame(await readFile(one.house.source(), 'utf8'), 'the film');
  t.equal(JobId.safeParse(one.house.claimed[0]?.id).success, true);
});
