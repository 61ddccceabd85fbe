/** The doctor's look at the machine: programs, engines, confinement, disks and the inbox's file system, each broken for real. */
import {chmod, mkdir, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t from 'tap';
import type {Status} from '../../../appliance/api/status.ts';
import {ok} from '../../../appliance/result.ts';
import type {Found} from '../../../supervisor/confine/found.ts';
import {confinement, judgeConfinement, limits} from '../../../supervisor/doctor/confinement.ts';
import {disks} from '../../../supervisor/doctor/disks.ts';
import {engines, judgeEngines} from '../../../supervisor/doctor/engines.ts';
import {inbox, judgeInbox} from '../../../supervisor/doctor/inbox.ts';
import {ffmpeg, programs} from '../../../supervisor/doctor/programs.ts';
import {asRoot, otherDisk} from '../inbox/disks.ts';
import {dataFolder, found, groundAt} from './ground.ts';

const all = [
  'ffmpeg',
  'ffprobe',
  'espeak-ng',
  'apertium',
  'pocketsphinx_batch',
  'setpriv',
  'prlimit',
  'nice',
  'time',
  'bwrap',
];

/** A PATH with programs in it that do nothing. */
async function pathOf(folder: string, names: readonly string[]): Promise<string> {
  await mkdir(folder);
  for (const name of names) await symlink('/bin/true', join(folder, name));
  return folder;
}

t.test('a program that is not where jobs look is told with its package', async t => {
  const data = await dataFolder(t);
  const whole = await pathOf(join(data, 'all'), all);
  t.match(await found(t, programs, await groundAt(data, {searchPath: `/nowhere:${whole}`})), [{is: 'ok'}]);
  for (const [name, is, fix] of [
    ['ffprobe', 'fault', 'Run: apt install ffmpeg'],
    ['espeak-ng', 'fault', 'Run: apt install espeak-ng'],
    ['setpriv', 'fault', 'Run: apt install util-linux'],
    ['bwrap', 'warning', 'Run: apt install bubblewrap'],
  ] as const) {
    const searchPath = await pathOf(
      join(data, `without-${name}`),
      all.filter(other => other !== name),
    );
    const findings = await found(t, programs, await groundAt(data, {searchPath}));
    t.match(findings, [{is, fix, finding: `${name} is not in ${searchPath}.`}], name);
    t.equal(findings.length, 1);
  }
  const still = await pathOf(join(data, 'still'), all);
  await mkdir(join(data, 'plain'));
  await writeFile(join(data, 'plain/time'), '');
  await chmod(join(data, 'plain/time'), 0o644);
  t.match(await programs.examine(await groundAt(data, {searchPath: `${join(data, 'plain')}:${still}`})), [
    {is: 'ok'},
  ]);
});

t.test('an ffmpeg that lacks something says what', async t => {
  const data = await dataFolder(t);
  t.match(await found(t, ffmpeg, await groundAt(data)), [{is: 'ok'}], 'the one of this machine has all');
  const without = async (name: string, pattern: string): Promise<ReturnType<typeof ffmpeg.examine>> => {
    const folder = join(data, name);
    await mkdir(folder);
    await writeFile(join(folder, 'ffmpeg'), `#!/bin/sh\n/usr/bin/ffmpeg "$@" | sed -E '${pattern}'\n`, {
      mode: 0o755,
    });
    return found(t, ffmpeg, await groundAt(data, {searchPath: `${folder}:/usr/bin:/bin`}));
  };
  t.match(await without('x264', '/libx264|ebur128/d'), [
    {is: 'fault', finding: /without ebur128, libx264\./},
  ]);
  t.match(await without('hls', 's/fmp4/none/'), [
    {is: 'fault', finding: /fragmented MP4/, meaning: /while they are dubbed/},
  ]);
  t.match(await without('hdr', '/zscale/d'), [
    {is: 'warning', finding: /without zscale\./, meaning: /high dynamic range/},
  ]);
  t.match(await found(t, ffmpeg, await groundAt(data, {searchPath: data})), [
    {is: 'fault', finding: /does not start/},
  ]);
});

t.test('engines that are not ready, or cannot be asked, are told', async t => {
  const data = await dataFolder(t);
  t.match(await found(t, engines, await groundAt(data)), [{is: 'ok', finding: /Pairs: .*en-es/}]);
  t.match(await found(t, engines, await groundAt(data, {root: data})), [
    {is: 'fault', finding: /could not be asked/},
  ]);
  const shown = (missing: string) => ({
    engines: ['voice', 'translator', 'diarizer', 'voice'].map((kind, n) => ({
      ...{
        kind,
        name: `${kind} ${n}`,
        about: 'about',
        ready: `${kind} ${n}` !== missing,
        detail: 'it is not installed',
      },
    })),
    pairs: ['en-es'],
  });
  const settings = {DUB_FROM: null, DUB_TO: 'es'} as Parameters<typeof judgeEngines>[1];
  t.match(judgeEngines(shown('translator 1'), settings), [
    {is: 'fault', finding: 'translator 1 (translator) is not ready: it is not installed.'},
  ]);
  t.match(judgeEngines(shown('voice 0'), settings), [
    {is: 'warning', meaning: 'Another engine does its part.'},
  ]);
  t.match(judgeEngines(shown('diarizer 2'), settings), [{is: 'warning', meaning: /without its step/}]);
  t.match(judgeEngines(shown(''), settings), [{is: 'ok'}]);
  const ground = await groundAt(data, {env: {DUB_TO: 'fr'}});
  t.match(await found(t, engines, ground), [
    {is: 'warning', finding: /into fr, as DUB_TO says/, fix: /en-es/},
    {is: 'ok'},
  ]);
});

t.test('what a job cannot be confined by is told', async t => {
  const data = await dataFolder(t);
  t.match(await found(t, confinement, await groundAt(data, {env: {JOB_ISOLATION: 'none'}})), [
    {is: 'warning', finding: 'JOB_ISOLATION is none.', fix: 'Set JOB_ISOLATION=jail.'},
  ]);
  const contained = {ENABLE_CONTAINER_WORKER: '1', CONTAINER_IMAGE: 'localhost/dub'};
  const docker = await groundAt(data, {env: {...contained, CONTAINER_ENGINE: 'docker'}});
  t.match(await found(t, confinement, docker), [{is: 'fault', fix: /CONTAINER_ENGINE=podman/}]);
  t.match(await found(t, confinement, await groundAt(data, {env: contained, searchPath: data})), [
    {is: 'fault', finding: /podman is not installed/},
  ]);
  const works = {works: true} as const;
  const lack = {works: false, why: 'it is not installed', fix: 'Install it.'} as const;
  const machine: Found = {
    ...{
      root: false,
      jail: {works: true, strict: true},
      cgroup: lack,
      system: {roots: [], etc: [], masked: []},
    },
    tools: {setpriv: works, choom: works, nice: works, ionice: works, prlimit: works},
  };
  const wish = {JOB_ISOLATION: 'jail', ENABLE_CONTAINER_WORKER: false} as const;
  t.match(judgeConfinement(machine, wish), [{is: 'ok'}]);
  t.match(judgeConfinement({...machine, jail: lack}, wish), [
    {is: 'warning', finding: 'No jail can be made: it is not installed.', fix: 'Install it.'},
  ]);
  t.match(judgeConfinement({...machine, jail: {works: true, strict: false}}, wish), [
    {is: 'warning', fix: /bubblewrap 0\.8/},
  ]);
  t.match(judgeConfinement({...machine, tools: {...machine.tools, prlimit: lack}}, wish), [
    {is: 'warning', finding: /^prlimit/, meaning: /not limited\.$/},
  ]);
  const status = {
    isolation: {asked: 'jail', given: 'rlimits', lacks: ['No jail (why): so. Do this.']},
  } as unknown as Status;
  t.match(await found(t, limits, await groundAt(data, {daemon: async () => ok(status)})), [
    {is: 'warning', finding: 'No jail (why): so. Do this.'},
  ]);
  t.match(await found(t, limits, await groundAt(data)), [{is: 'ok', finding: /No daemon answers/}]);
});

t.test('a disk without room is told by the numbers that the dispatcher goes by', asRoot(), async t => {
  const data = await dataFolder(t);
  const [, output, incoming] = disks;
  if (output === undefined || incoming === undefined) throw new Error('no such check');
  const small = await otherDisk(t, 'size=64m');
  const ground = (env: Readonly<Record<string, string>>) =>
    groundAt(data, {env: {DISK_FREE_MIN_GB: '0', ...env}});
  t.match(await found(t, output, await ground({OUTPUT_DIR: small})), [
    {
      is: 'fault',
      finding: `67 MB of 67 MB are free in ${small}.`,
      meaning: /wants 200 MB/,
      fix: /DISK_FREE_MIN_GB/,
    },
  ]);
  t.match(await found(t, incoming, await ground({INBOX_DIR: small})), [
    {is: 'warning', meaning: /may not fit/},
  ]);
  const roomy = await otherDisk(t, 'size=1g,nr_inodes=0');
  t.match(await found(t, output, await ground({OUTPUT_DIR: roomy})), [{is: 'ok'}]);
  t.match(await found(t, output, await ground({OUTPUT_DIR: roomy, DISK_FREE_MIN_GB: '1'})), [
    {is: 'fault', meaning: /1\.0 GB are kept free/},
  ]);
  t.match(await found(t, output, await ground({OUTPUT_DIR: `${data}-away`})), [
    {is: 'skipped', finding: /ENOENT/},
  ]);
  const few = await otherDisk(t, 'size=1g,nr_inodes=500');
  t.match(await found(t, output, await ground({OUTPUT_DIR: few})), [
    {is: 'fault', finding: /^499 inodes are left/},
  ]);
  const some = await otherDisk(t, 'size=1g,nr_inodes=5000');
  t.match(await found(t, output, await ground({OUTPUT_DIR: some})), [
    {is: 'warning', finding: /^4999 inodes are left/},
  ]);
});

t.test('how the inbox will be noticed', async t => {
  const data = await dataFolder(t);
  t.match(await found(t, inbox, await groundAt(data)), [
    {is: 'ok', finding: /is watched, and films are taken out of it by rename\.$/},
  ]);
  const settings = {INBOX_DIR: '/films', INBOX_POLLING: 'auto', INBOX_RESCAN_SECONDS: 300} as const;
  const usual = {settings, mount: {point: '/', type: 'ext4'}, isNear: true, watchTrouble: null};
  const away = {point: '/films', type: 'nfs4'};
  t.match(judgeInbox({...usual, isNear: false}), [{is: 'ok', finding: /copied out of it/}]);
  t.match(judgeInbox({...usual, mount: away}), [{is: 'ok', finding: /again and again/}]);
  t.match(judgeInbox({...usual, mount: away, settings: {...settings, INBOX_POLLING: '0'}}), [
    {is: 'warning', finding: /nfs4/, fix: 'Set INBOX_POLLING=auto.'},
  ]);
  t.match(judgeInbox({...usual, watchTrouble: 'ENOSPC'}), [
    {is: 'warning', finding: /no watches left/, fix: /sysctl/},
  ]);
  t.match(judgeInbox({...usual, watchTrouble: 'ENOSPC', settings: {...settings, INBOX_POLLING: '1'}}), [
    {is: 'ok'},
  ]);
});
