/** Being told of changes, by real watches; and knowing where nobody tells of them, or where nothing is there. */
import {appendFile, chmod, mkdir, rename, rm, unlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import t, {type Test} from 'tap';
import type {InboxEvent} from '../../../supervisor/inbox/events.ts';
import {Footing} from '../../../supervisor/inbox/footing.ts';
import {groundOf, isSilent, missingMount, mountOf} from '../../../supervisor/inbox/mounts.ts';
import {Tripwire} from '../../../supervisor/inbox/watch.ts';
import {asRoot, otherDisk, tool} from './disks.ts';

/** A wire over a folder, and what it has said. */
function wired(t: Test, root: string) {
  const said: string[] = [];
  let heard = Promise.withResolvers<string>();
  const say = (word: string) => (): void => {
    said.push(word);
    heard.resolve(word);
  };
  const tripwire = new Tripwire(root, {ready: say('ready'), tripped: say('tripped'), failed: say('failed')});
  t.teardown(() => tripwire.release());
  /** The next word, after something was done; a deadline, so that silence is told. */
  const after = async (act: () => unknown, deadlineMs = 10_000): Promise<string> => {
    heard = Promise.withResolvers<string>();
    await act();
    return Promise.race([heard.promise, wait(deadlineMs, 'nothing', {ref: false})]);
  };
  return {tripwire, said, after, set: () => after(() => tripwire.set())};
}

t.test('whatever changes in the inbox is told, once', async t => {
  const root = t.testdir({'a.mkv': 'a', 'b.mkv': 'b', anna: {S: {'c.mkv': 'c'}}});
  const {tripwire, after, said, set} = wired(t, root);
  const deeds: Readonly<Record<string, () => Promise<unknown>>> = {
    'a new file': () => writeFile(join(root, 'new.mkv'), ''),
    'a new file in a deep folder': () => writeFile(join(root, 'anna/S/new.mkv'), ''),
    'a write': () => appendFile(join(root, 'a.mkv'), 'more'),
    'a write in a deep folder': () => appendFile(join(root, 'anna/S/c.mkv'), 'more'),
    'other rights': () => chmod(join(root, 'b.mkv'), 0o600),
    'another name': () => rename(join(root, 'b.mkv'), join(root, 'd.mkv')),
    'a removal': () => unlink(join(root, 'd.mkv')),
    'a new folder': () => mkdir(join(root, 'ben')),
    'a file in a folder that came later': () => writeFile(join(root, 'ben/e.mkv'), ''),
    'a folder moved in': async () => {
      await mkdir(`${root}.made/S`, {recursive: true});
      await rename(`${root}.made`, join(root, 'carl'));
    },
  };
  for (const [deed, act] of Object.entries(deeds)) {
    t.equal(await set(), 'ready', deed);
    t.ok(tripwire.isSet);
    t.equal(await after(act), 'tripped', deed);
    t.notOk(tripwire.isSet, 'and it rests');
  }
  said.length = 0;
  for (let i = 0; i < 20; i++) await appendFile(join(root, 'a.mkv'), 'more');
  t.strictSame(said, [], 'nothing is told until it is set again');
  await tripwire.release();
});

t.test('what is hidden is not watched, and neither is what comes after a release', async t => {
  const root = t.testdir({'.refused': {anna: {}}, '@eaDir': {}, anna: {}});
  const {tripwire, after, set, said} = wired(t, root);
  t.equal(await set(), 'ready');
  tripwire.set();
  await writeFile(join(root, '.refused/anna/a.mkv'), '');
  await writeFile(join(root, '@eaDir/a.mkv'), '');
  t.equal(await after(() => writeFile(join(root, 'anna/a.mkv'), '')), 'tripped');
  t.strictSame(said, ['ready', 'tripped'], 'set twice is set once');
  t.equal(await set(), 'ready');
  await tripwire.release();
  await tripwire.release();
  await writeFile(join(root, 'anna/b.mkv'), '');
  tripwire.set();
  await tripwire.release();
  t.strictSame(said, ['ready', 'tripped', 'ready']);
});

t.test('an inbox that goes away is told of', asRoot(), async t => {
  const root = t.testdir({in: {}});
  const folder = wired(t, join(root, 'in'));
  await folder.set();
  t.equal(await folder.after(() => rm(join(root, 'in'), {recursive: true})), 'tripped');
  const disk = await otherDisk(t);
  const mount = wired(t, disk);
  await mount.set();
  t.equal(await mount.after(() => tool('umount', disk)), 'tripped', 'as when it is unmounted');
});

const mountinfo = String.raw`
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
23 22 0:21 / /proc rw - proc proc rw
24 22 0:30 / /srv/films rw shared:1 master:2 - nfs4 nas:/films rw
25 24 0:31 / /srv/films/in\040box rw - fuse.sshfs me@nas: rw
26 22 0:32 / /mnt/auto rw - autofs systemd-1 rw
27 26 0:33 / /mnt/auto rw - ext4 /dev/sdb1 rw
28 22 0:34 / /srv/filmsandmore rw - xfs /dev/sdc rw
damaged line
`;

t.test('the nearest mount of a folder is found, whatever its name', async t => {
  const table: Readonly<Record<string, string>> = {
    '/': 'ext4 /',
    '/srv': 'ext4 /',
    '/srv/films': 'nfs4 /srv/films',
    '/srv/films/x/y': 'nfs4 /srv/films',
    '/srv/films/in box/x': 'fuse.sshfs /srv/films/in box',
    '/srv/filmsandmore/x': 'xfs /srv/filmsandmore',
    '/srv/filmsand': 'ext4 /',
    '/mnt/auto/x': 'ext4 /mnt/auto',
  };
  for (const [path, expected] of Object.entries(table)) {
    const mount = mountOf(path, mountinfo);
    t.equal(`${mount?.type} ${mount?.point}`, expected, path);
  }
  t.equal(mountOf('/x', 'nothing'), undefined);
});

t.test('file systems that others write to tell of nothing', async t => {
  const silent = [
    'nfs',
    'nfs4',
    'cifs',
    'smb3',
    'fuse',
    'fuse.sshfs',
    'fuseblk',
    '9p',
    'virtiofs',
    'vboxsf',
    'ceph',
    'autofs',
  ];
  for (const type of silent) t.ok(isSilent({point: '/', type}), type);
  for (const type of ['ext4', 'btrfs', 'xfs', 'zfs', 'tmpfs', 'overlay', 'f2fs', 'vfat', 'exfat', 'ntfs3']) {
    t.notOk(isSilent({point: '/', type}), type);
  }
});

t.test('a mount that is gone is missed, and one that came is not', async t => {
  const on = (point?: string) => ({
    mount: point === undefined ? undefined : {point, type: 'ext4'},
    folder: '1:2',
  });
  t.equal(missingMount(on('/srv/films'), on('/')), '/srv/films');
  t.equal(missingMount(on('/srv/films'), on('/srv')), '/srv/films');
  t.equal(missingMount(on('/'), on('/srv/films')), null);
  t.equal(missingMount(on('/srv'), on('/srv')), null);
  t.equal(missingMount(on(), on('/')), null);
});

t.test('the footing knows what it stands on, and what is missing from under it', asRoot(), async t => {
  const disk = await otherDisk(t);
  const events: InboxEvent[] = [];
  const footing = new Footing(
    {inbox: disk, polling: 'auto'},
    () => 7,
    event => events.push(event),
  );
  t.equal((await groundOf(disk)).mount?.type, 'tmpfs');
  t.ok(await footing.stand(), 'another than none');
  t.notOk(await footing.stand());
  t.ok(await footing.stands());
  t.strictSame(footing.mode, {is: 'watching'});
  await tool('umount', disk);
  t.notOk(await footing.stands());
  const cause: unknown = await footing.stand().catch(cause => cause);
  footing.lost(cause);
  footing.lost(cause);
  t.strictSame(footing.presence, {is: 'offline', why: `nothing is mounted at ${disk} any more`, since: 7});
  await tool('mount', '-t', 'tmpfs', 'tmpfs', disk);
  t.ok(await footing.stand(), 'back, and another folder');
  footing.found();
  footing.found();
  t.strictSame(events, [{is: 'offline', why: `nothing is mounted at ${disk} any more`}, {is: 'online'}]);
});

t.test('an inbox that is not there, or not to be read, is offline in words', async t => {
  const dir = t.testdir({in: {}});
  const words = async (inbox: string, change?: unknown): Promise<string> => {
    const footing = new Footing(
      {inbox, polling: 'auto'},
      () => 7,
      () => undefined,
    );
    footing.lost(change ?? (await footing.stand().catch(cause => cause)));
    return footing.presence.is === 'offline' ? footing.presence.why : 'online';
  };
  const failed = (code: string) => Object.assign(new Error(code), {code});
  t.equal(await words(join(dir, 'gone')), 'there is no such folder');
  t.equal(await words(dir, failed('EACCES')), 'it cannot be read: permission denied');
  t.equal(await words(dir, failed('ESTALE')), 'the system says ESTALE');
  await t.rejects(words(dir, new TypeError('a bug')), {name: 'TypeError'});
  const silent = new Footing(
    {inbox: dir, polling: 'auto'},
    () => 7,
    () => undefined,
  );
  silent.silent();
  t.match(silent.presence, {is: 'offline', why: 'its disk does not answer'});
});

t.test('it is polled when that is asked for, or when watching has failed', async t => {
  const inbox = t.testdir();
  const modes: unknown[] = [];
  const tell = (event: InboxEvent): void => {
    if (event.is === 'mode') modes.push([event.mode, event.why]);
  };
  const always = new Footing({inbox, polling: 'always'}, () => 7, tell);
  await always.stand();
  await always.stand();
  t.strictSame(modes, [['polling', 'INBOX_POLLING=1 asks for it']], 'said once');
  modes.length = 0;
  const never = new Footing({inbox, polling: 'never'}, () => 7, tell);
  for (const cause of [
    Object.assign(new Error(), {code: 'ENOSPC'}),
    undefined,
    new Error('odd'),
    undefined,
  ]) {
    never.watchFailed(cause);
    await never.stand();
  }
  t.match(modes, [
    ['polling', /no watches left \(fs\.inotify/],
    ['watching', ''],
    ['polling', /cannot watch it/],
    ['watching', ''],
  ]);
});
