/** What this machine gives, found by trying; and the words for machines that give less. */
import {mkdtemp, readdir, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import t from 'tap';
import {
  type Attempt,
  findConfinement,
  missing,
  type NamespaceSettings,
  tools,
  whyJailFails,
  whyToolFails,
} from '../../../supervisor/confine/found.ts';
import {isRoot} from '../place.ts';

t.test('the machine is tried, and left as it was', async t => {
  const scratch = await mkdtemp(join(tmpdir(), 'scratch-'));
  t.teardown(() => rm(scratch, {recursive: true}));
  const found = await findConfinement(scratch);
  t.strictSame(await readdir(scratch), []);
  t.equal(found.root, isRoot);
  t.strictSame(Object.keys(found.tools), [...tools]);
  for (const state of [found.jail, found.cgroup, ...Object.values(found.tools)]) {
    if (!state.works) t.match(state, {why: /./, fix: /^[A-Z].*\.$/});
  }
  t.ok(found.system.roots.some(({path}) => path === '/bin'));
  t.ok(found.system.masked.every(path => path.startsWith('/proc/')));
  t.strictSame(JSON.parse(JSON.stringify(found)), found, 'it can be told as JSON');
});

t.test('a scratch folder that is not there is an error, not a machine without a jail', async t => {
  await t.rejects(findConfinement(join(tmpdir(), 'no-such-folder')), {code: 'ENOENT'});
});

const open: NamespaceSettings = {max: '96365', clone: undefined, apparmor: undefined};
const said = (stderr: string): Attempt => ({ended: 'badly', stderr});

t.test('why there is no jail is told by what bubblewrap says and what the kernel is set to', async t => {
  const noNamespace =
    'bwrap: No permissions to create new namespace, likely because the kernel does not allow it';
  const table: readonly (readonly [Attempt, NamespaceSettings, boolean, RegExp, RegExp])[] = [
    [{ended: 'never started', stderr: ''}, open, false, /not installed/, /apt install bubblewrap/],
    [said('bwrap: Unknown option --size'), open, false, /does not know --size/, /0\.7 or later/],
    [said(noNamespace), {...open, clone: '0'}, false, /from users/, /unprivileged_userns_clone=1/],
    [
      said('bwrap: setting up uid map: Permission denied'),
      {...open, apparmor: '1'},
      false,
      /AppArmor/,
      /apparmor_restrict/,
    ],
    [said(noNamespace), {...open, max: '0'}, true, /allows no user namespaces/, /max_user_namespaces=10000/],
    [
      said('bwrap: Creating new namespace failed: Operation not permitted'),
      open,
      true,
      /forbidden here: bwrap: Creating/,
      /seccomp/,
    ],
    [said(noNamespace), {...open, apparmor: '1'}, true, /forbidden here/, /container/],
    [
      said("x\nbwrap: Can't find source path /odd: No such file"),
      open,
      false,
      /source path \/odd/,
      /by itself/,
    ],
    [said(''), open, false, /without a word/, /by itself/],
  ];
  for (const [attempt, settings, root, why, fix] of table) {
    const lack = whyJailFails(attempt, settings, root);
    t.match(lack, {works: false, why, fix}, attempt.stderr);
    t.match(lack.fix, /^[A-Z].*\.$/, 'a fix is a sentence');
  }
});

t.test('why a tool does not work', async t => {
  t.strictSame(whyToolFails('choom', {ended: 'well', stderr: ''}), {works: true});
  t.match(whyToolFails('choom', {ended: 'never started', stderr: ''}), {
    why: 'it is not installed',
    fix: /util-linux/,
  });
  t.match(whyToolFails('nice', {ended: 'never started', stderr: ''}), {fix: /coreutils/});
  t.match(whyToolFails('ionice', said('a\nionice: not permitted\n')), {
    why: 'ionice: not permitted',
    fix: /`ionice`/,
  });
});

t.test('what is missing is a sentence or two', async t => {
  t.equal(
    missing('No jail', 'jobs see everything', {why: 'no bubblewrap', fix: 'Install it.'}),
    'No jail (no bubblewrap): jobs see everything. Install it.',
  );
});
