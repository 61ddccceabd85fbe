import {spawnSync} from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import t, {type Test} from 'tap';

const root = join(import.meta.dirname, '..');
const carried = ['scripts/setup', 'scripts/debian-packages.txt', 'package.json', 'package-lock.json'];
const dots = ['.npmrc', '.taprc'];
/** How the pages are made of their sources. */
const bundles = 'node scripts/pages.ts';

/**
 * A copy of what scripts/setup reads, on a machine whose installers only write down how they were called: the real
 * ones would change the machine that runs the tests. Everything else on its PATH is real.
 */
class Machine {
  readonly #dir = mkdtempSync(join(tmpdir(), 'setup-'));
  readonly #bin = join(this.#dir, 'bin');
  readonly checkout = join(this.#dir, 'a checkout');

  constructor(t: Test) {
    t.teardown(() => rmSync(this.#dir, {recursive: true}));
    mkdirSync(this.#bin);
    for (const path of [...carried, ...dots]) cpSync(join(root, path), join(this.checkout, path));
    const real = [
      'sh',
      'dirname',
      'readlink',
      'mktemp',
      'rm',
      'flock',
      'sed',
      'tr',
      'cat',
      'sha256sum',
      'tail',
      'env',
    ];
    for (const tool of real) symlinkSync(join('/usr/bin', tool), join(this.#bin, tool));
    this.#stub('id', 'echo "$UID_HERE"');
    this.#stub('npm', 'mkdir -p node_modules/.bin; ln -sf "$STUBS/tap" "$STUBS/node" node_modules/.bin/');
    this.#stub('tap', 'true');
    this.#stub('node', 'true');
    this.#stub('sudo', '[ "$1" = -v ] || "$@"');
    this.#stub('apt-get', 'true');
    for (const tool of ['mkdir', 'ln']) symlinkSync(join('/usr/bin', tool), join(this.#bin, tool));
  }

  /** A tool that writes down its arguments and then does as it is told. */
  #stub(name: string, does: string): void {
    const path = join(this.#bin, name);
    writeFileSync(path, `#!/bin/sh\n[ ${name} = id ] || echo "${name} $*" >>"$CALLS"\n${does}\n`);
    chmodSync(path, 0o755);
  }

  installed(...packages: readonly string[]): void {
    const rows = packages.map(name => `installed ${name}`);
    // A package that was removed but left its settings is not installed.
    const removed = run.filter(name => !packages.includes(name)).map(name => `config-files ${name}`);
    this.#stub('dpkg-query', `cat <<'E'\n${[...rows, ...removed].join('\n')}\nE`);
  }

  breaks(tool: string, says: string): void {
    this.#stub(tool, `echo "${says}" >&2; exit 7`);
  }

  lacks(tool: string): void {
    rmSync(join(this.#bin, tool));
  }

  /** How scripts/setup ended, what it said, and which installers it called how. */
  setup(words: readonly string[] = [], uid = 0) {
    const calls = join(this.#dir, 'calls');
    writeFileSync(calls, '');
    const {status, stdout, stderr} = spawnSync(join(this.checkout, 'scripts/setup'), words, {
      encoding: 'utf8',
      cwd: '/',
      env: {PATH: this.#bin, CALLS: calls, STUBS: this.#bin, UID_HERE: String(uid)},
    });
    const called = readFileSync(calls, 'utf8').split('\n').filter(Boolean);
    const installers = called.filter(call => !/^dpkg-query|^node /.test(call));
    return {status, said: stdout + stderr, called: installers, bundled: called.includes(bundles)};
  }
}

function listed(group: string): readonly string[] {
  const rows = readFileSync(join(root, 'scripts/debian-packages.txt'), 'utf8').split('\n');
  return rows
    .filter(row => row.endsWith(` ${group}`) && !row.startsWith('#'))
    .map(row => row.split(' ')[0] ?? '');
}

const run = listed('run');
const install = (packages: readonly string[]): string =>
  `apt-get -q -y -o Dpkg::Use-Pty=0 install --no-install-recommends ${packages.join(' ')}`;

t.test('a bare machine gets what is needed, once', async t => {
  const machine = new Machine(t);
  machine.installed();
  const first = machine.setup();
  t.equal(first.status, 0, first.said);
  t.same(first.called, ['apt-get -q update', install(run), 'npm ci', 'tap build']);
  machine.installed(...run);
  const second = machine.setup();
  t.same(
    second,
    {status: 0, said: '', called: [], bundled: true},
    'the second time there is nothing to do or to say, but to look whether the pages are as new as they should be',
  );
});

t.test('only what is missing is installed, with sudo when not root', async t => {
  const machine = new Machine(t);
  machine.installed(...run.filter(name => name !== 'ffmpeg'), 'ffmpeg-doc', 'libffmpeg');
  t.same(machine.setup([], 1000).called.slice(0, 5), [
    'sudo -v',
    'sudo apt-get -q update',
    'apt-get -q update',
    `sudo env DEBIAN_FRONTEND=noninteractive ${install(['ffmpeg'])}`,
    install(['ffmpeg']),
  ]);
});

t.test('tests and the sample need more, and a machine without npm needs that', async t => {
  const machine = new Machine(t);
  machine.installed(...run);
  t.same(machine.setup(['test']).called[1], install(listed('test')));
  t.same(machine.setup(['test', 'sample']).called[1], install([...listed('test'), ...listed('sample')]));
  machine.lacks('npm');
  t.same(machine.setup().called[1], install(listed('npm')));
});

t.test('npm packages are installed anew when what asks for them changed, or they are gone', async t => {
  const machine = new Machine(t);
  machine.installed(...run);
  t.same(machine.setup().called, ['npm ci', 'tap build']);
  for (const path of ['package.json', 'package-lock.json', ...dots]) {
    appendFileSync(join(machine.checkout, path), '\n');
    t.same(machine.setup().called, ['npm ci', 'tap build'], path);
    t.same(machine.setup().called, [], `${path}: once`);
  }
  rmSync(join(machine.checkout, 'node_modules'), {recursive: true});
  t.same(machine.setup().called, ['npm ci', 'tap build']);
});

t.test('what fails is shown, ends setup, and is tried again the next time', async t => {
  for (const tool of ['npm', 'tap']) {
    const machine = new Machine(t);
    machine.installed(...run);
    machine.setup();
    appendFileSync(join(machine.checkout, 'package-lock.json'), '\n');
    machine.breaks(tool, 'no network');
    const {status, said} = machine.setup();
    t.equal(status, 7);
    t.match(said, new RegExp(`no network\nThis failed: ${tool} `));
    t.notOk(existsSync(join(machine.checkout, 'node_modules/.dubstead-setup')), 'not taken for done');
  }
  const machine = new Machine(t);
  machine.installed();
  machine.breaks('apt-get', 'no mirror');
  t.match(machine.setup(), {
    status: 7,
    said: /no mirror\nThis failed: apt-get -q update/,
    called: ['apt-get -q update'],
  });
});

t.test('a machine that cannot be given packages is told which', async t => {
  const elsewhere = new Machine(t);
  elsewhere.lacks('apt-get');
  t.match(elsewhere.setup(['test']), {
    ...{status: 4, called: []},
    said: `This is not a Debian system: install what is needed by hand.
Needed are these packages, by their names in Debian 12:
${[...run, ...listed('test')].map(name => `  ${name}\n`).join('')}`,
  });
  const closed = new Machine(t);
  closed.installed(...run.filter(name => name !== 'espeak-ng'));
  closed.lacks('sudo');
  t.match(closed.setup([], 1000), {
    status: 4,
    called: [],
    said: /only root can install[^:]*\n.*12:\n {2}espeak-ng\n$/,
  });
});

t.test('a word it does not know is not guessed at', async t => {
  t.match(new Machine(t).setup(['everything']), {status: 2, called: [], said: /^Usage: scripts\/setup/});
});
