/** What of the tree of cgroups is ours, in tables; and the cgroup of a job, on a real one where there is one. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, statfsSync} from 'node:fs';
import {access, constants, mkdir, mkdtemp, readdir, readFile, rmdir} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {
  type CgroupFacts,
  type CgroupLook,
  closeCgroup,
  delegated,
  joinCgroup,
  makeCgroup,
  openCgroups,
  ranOutOfMemory,
} from '../../../supervisor/confine/cgroup.ts';
import {
  bare,
  drained,
  isRoot,
  launched,
  nodeProgram,
  noJail,
  placeFor,
  processesOf,
  textOf,
} from '../place.ts';

const own = '0::/system.slice/dubstead.service\n';
const ours = '/sys/fs/cgroup/system.slice/dubstead.service';
const look: CgroupLook = {
  ...{writable: true, pids: [42], controllers: ['cpuset', 'cpu', 'io', 'memory', 'pids'], handedDown: []},
};
const facts: CgroupFacts = {own, mount: '/sys/fs/cgroup', root: false, look: () => look};

t.test('a part of the tree is ours when systemd gave it, and nobody else lives in it', async t => {
  const looked: string[] = [];
  const given = delegated(
    {
      ...facts,
      look: folder => {
        looked.push(folder);
        return look;
      },
    },
    42,
  );
  t.strictSame(given, {works: true, folder: ours, controllers: ['memory', 'pids', 'cpu'], handedDown: []});
  t.strictSame(looked, [ours]);
  const settled = {...facts, own: '0::/system.slice/dubstead.service/daemon\n', root: true};
  const opened = {...look, pids: [], handedDown: ['cpu', 'io']};
  t.match(delegated({...settled, look: () => opened}, 42), {works: true, folder: ours, handedDown: ['cpu']});
  const mixed = '9:name=systemd:/x\n4:memory:/y\n0::/system.slice/dubstead.service\n';
  t.match(
    delegated({...facts, own: mixed}, 42),
    {works: true, folder: ours},
    'version 1 beside it is no matter',
  );
});

t.test('what is not ours is left alone, with the reason', async t => {
  const table: readonly (readonly [Partial<CgroupFacts>, RegExp])[] = [
    [{mount: undefined}, /version 2 is not mounted/],
    [{own: ''}, /in no cgroup of its own/],
    [{own: '0::/\n'}, /in no cgroup of its own/],
    [{own: '4:memory:/docker/x\n'}, /in no cgroup of its own/],
    [{look: () => undefined}, /is not delegated/],
    [{look: () => ({...look, writable: false})}, /is not delegated/],
    [{look: () => ({...look, pids: [42, 7]})}, /others live in its cgroup/],
    [{root: true}, /cannot be told as root/],
  ];
  for (const [wrong, why] of table) {
    const found = delegated({...facts, ...wrong}, 42);
    t.match(found, {works: false, why, fix: /^[A-Z].*\.$/}, String(why));
  }
});

/** Where a cgroup can be made for real: version 2, beside version 1 or alone. */
const tree = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].find(
  path => existsSync(path) && statfsSync(path).type === 0x63677270,
);
const writable =
  tree !== undefined && isRoot
    ? await access(tree, constants.W_OK).then(
        () => true,
        () => false,
      )
    : false;
const noTree = writable ? false : 'no cgroup can be made here';

async function treeFor(t: Test): Promise<string> {
  const folder = join(tree ?? '', `dubstead-test-${process.pid}-${t.name.length}`);
  await mkdir(folder);
  t.teardown(async () => {
    for (const name of await readdir(folder)) if (!name.includes('.')) await closeCgroup(join(folder, name));
    await rmdir(folder);
  });
  return folder;
}

const pidsIn = async (folder: string): Promise<string> =>
  (await readFile(join(folder, 'cgroup.procs'), 'utf8')).trim();

t.test('a real cgroup is made, joined and ended with all that is in it', {skip: noTree}, async t => {
  const folder = join(await treeFor(t), 'job-a');
  const cgroup = {folder, files: [['cgroup.max.depth', '1']] as const};
  await makeCgroup(cgroup);
  t.equal(await readFile(join(folder, 'cgroup.max.depth'), 'utf8'), '1\n');
  const child = spawn('sleep', ['300'], {stdio: 'ignore', detached: true});
  await once(child, 'spawn');
  await joinCgroup(cgroup, child.pid ?? 0);
  t.equal(await pidsIn(folder), String(child.pid));
  t.equal(await ranOutOfMemory(cgroup), false);
  const exited = once(child, 'exit');
  t.equal(await closeCgroup(folder), true);
  t.strictSame(await exited, [null, 'SIGKILL']);
  t.notOk(existsSync(folder));
  t.equal(await closeCgroup(folder), true, 'one that is gone is gone');
  await t.rejects(makeCgroup({folder, files: [['no.such', '1']]}), 'a limit that cannot be set is an error');
});

t.test('on opening, the daemon moves aside and what was left is ended', {skip: noTree}, async t => {
  const folder = await treeFor(t);
  const left = join(folder, 'job-left');
  await mkdir(left);
  const [daemon, orphan] = ['301', '302'].map(seconds => spawn('sleep', [seconds], {stdio: 'ignore'}));
  await joinCgroup({folder, files: []}, daemon?.pid ?? 0);
  await joinCgroup({folder: left, files: []}, orphan?.pid ?? 0);
  const found = {works: true, folder, controllers: [], handedDown: []} as const;
  t.strictSame(await openCgroups(found, daemon?.pid ?? 0), found);
  t.equal(await pidsIn(folder), '', 'the cgroup that limits others holds no process');
  t.equal(await pidsIn(join(folder, 'daemon')), String(daemon?.pid));
  t.notOk(existsSync(left));
  t.equal(orphan?.signalCode ?? (orphan && (await once(orphan, 'exit'))[1]), 'SIGKILL');
  daemon?.kill('SIGKILL');
});

t.test(
  'a cgroup that the kernel does not let us divide is one that does not work',
  {skip: noTree},
  async t => {
    const folder = await treeFor(t);
    const daemon = spawn('sleep', ['303'], {stdio: 'ignore'});
    await once(daemon, 'spawn');
    const found = {works: true, folder, controllers: ['no-such'], handedDown: []} as const;
    t.match(await openCgroups(found, daemon.pid ?? 0), {
      works: false,
      why: /EINVAL|ENOENT/,
      fix: /Delegate=yes/,
    });
    daemon.kill('SIGKILL');
    await once(daemon, 'exit');
    const none = {works: false, why: 'none', fix: 'None.'} as const;
    t.equal(await openCgroups(none, 1), none);
  },
);

t.test('a job is in its cgroup before its program begins', {skip: noTree || noJail}, async t => {
  const base = await treeFor(t);
  for (const isolation of ['jail', 'rlimits'] as const) {
    const place = await placeFor(t);
    const seconds = isolation === 'jail' ? '311' : '312';
    const folder = join(base, `job-${isolation}`);
    const plain = place.confined(nodeProgram('escape.ts', seconds), {isolation});
    const at = plain.argv.indexOf('--info-fd');
    const argv = at === -1 ? plain.argv : plain.argv.toSpliced(at, 0, '--block-fd', '5');
    const running = await launched({...plain, argv, cgroup: {folder, files: []}});
    await drained(running.wire);
    const pids = (await pidsIn(folder)).split('\n').map(Number);
    for (const sleeper of await processesOf(`sleep\0${seconds}`)) t.ok(pids.includes(sleeper), isolation);
    t.ok(pids.length >= 2, `${isolation}: ${pids}`);
    running.send('SIGKILL');
    await running.exited;
    t.match(await running.gone(), {clean: true});
    t.notOk(existsSync(folder));
    t.strictSame(
      await processesOf(`sleep\0${seconds}`),
      [],
      `${isolation}: even without a trace in its environment`,
    );
  }
});

t.test('what ends before it is in its cgroup says why itself', {skip: noTree || noJail}, async t => {
  const base = await treeFor(t);
  const place = await placeFor(t);
  const jailed = place.confined(bare('/bin/true'));
  const at = jailed.argv.indexOf('--info-fd');
  const broken = jailed.argv.toSpliced(at, 0, '--block-fd', '5', '--ro-bind', '/no/such', '/no/such');
  const table = [
    [{...jailed, argv: broken}, /no\/such/],
    [place.confined(['/bin/sh', '-c', 'echo why >&2; exit 1'], {isolation: 'none'}), /^why$/m],
  ] as const;
  for (const [confined, words] of table) {
    const folder = join(base, 'job-broken');
    const running = await launched({...confined, cgroup: {folder, files: []}});
    t.equal(await running.exited, 'exit 1');
    t.match(await textOf(running.stderr), words);
    t.match(await running.gone(), {clean: true});
    t.notOk(existsSync(folder));
  }
});

t.test('a cgroup that cannot be made starts no job', async t => {
  const place = await placeFor(t);
  const confined = place.confined(nodeProgram('escape.ts', '1'), {isolation: 'rlimits'});
  const dir = await mkdtemp(join(tmpdir(), 'none-'));
  t.teardown(() => rmdir(dir));
  const cgroup = {folder: join(dir, 'a'), files: [['gone/memory.max', '1']] as const};
  await t.rejects(launched({...confined, cgroup}), /ENOENT/);
  t.notOk(existsSync(join(dir, 'a')));
});
