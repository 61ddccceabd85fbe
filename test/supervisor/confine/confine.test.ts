/** From limits and what a machine gives to a command line, and to words for what is missing. Nothing is started. */
import t from 'tap';
import {
  type Confined,
  type ConfineRequest,
  confine,
  workerProgram,
} from '../../../supervisor/confine/confine.ts';
import type {Found} from '../../../supervisor/confine/found.ts';
import type {Limits} from '../../../supervisor/confine/limits.ts';

const job = '/data/jobs/aaaaaaaaaa';
const folders = {job, checkout: '/opt/dubstead', readOnly: ['/data/models'], compileCache: null};
const limits: Limits = {
  ...{
    memoryBytes: 1 << 30,
    fileBytes: 2 ** 34,
    openFiles: 1024,
    processes: 256,
    cpuSeconds: 3600,
    niceness: 10,
  },
};
const works = {works: true} as const;
const lack = (why: string) => ({works: false, why, fix: `Mend ${why}.`}) as const;

/** A machine that gives everything, and a daemon that has a user of its own. */
const full: Found = {
  root: false,
  jail: {works: true, strict: true},
  tools: {setpriv: works, choom: works, nice: works, ionice: works, prlimit: works},
  cgroup: {
    ...{works: true, folder: '/sys/fs/cgroup/dubstead.service'},
    ...{controllers: ['memory', 'pids', 'cpu'], handedDown: ['memory', 'pids', 'cpu']},
  },
  system: {
    roots: [
      {path: '/bin', target: 'usr/bin'},
      {path: '/lib64', target: null},
    ],
    etc: ['/etc/alternatives', '/etc/ld.so.cache'],
    masked: ['/proc/keys'],
  },
};
const noCgroup: Found = {...full, cgroup: lack('no cgroup')};
const program = workerProgram('/opt/dubstead/node_modules/node/bin/node', '/opt/dubstead');

function confined(wishes: Partial<ConfineRequest> = {}): Confined {
  return confine({isolation: 'jail', program, folders, limits, found: full, ...wishes});
}

/** Whether the words stand in the command line, in this order and next to each other. */
function says({argv}: Confined, ...words: readonly string[]): boolean {
  return argv.some((_, i) => words.every((word, j) => argv[i + j] === word));
}

const settings = ['sys', 'fs', 'irq', 'bus', 'sysrq-trigger', 'mtrr', 'acpi', 'scsi'];

const jailWords = [
  ...['bwrap', '--unshare-all', '--unshare-user', '--disable-userns', '--die-with-parent', '--new-session'],
  ...['--cap-drop', 'ALL', '--hostname', 'job', '--info-fd', '4'],
];
const folderWords = [
  ...['--ro-bind', '/usr', '/usr', '--symlink', 'usr/bin', '/bin', '--ro-bind', '/lib64', '/lib64'],
  ...[
    '--ro-bind',
    '/etc/alternatives',
    '/etc/alternatives',
    '--ro-bind',
    '/etc/ld.so.cache',
    '/etc/ld.so.cache',
  ],
  ...['--proc', '/proc'],
  ...settings.flatMap(name => ['--ro-bind-try', `/proc/${name}`, `/proc/${name}`]),
  ...['--ro-bind', '/dev/null', '/proc/keys'],
  ...['--dev', '/dev', '--size', '1048576', '--tmpfs', '/dev/shm', '--remount-ro', '/dev'],
  ...['--size', '67108864', '--tmpfs', '/tmp'],
  ...['appliance', 'pipeline', 'node_modules', 'package.json'].flatMap(name => [
    ...['--ro-bind', `/opt/dubstead/${name}`, `/opt/dubstead/${name}`],
  ]),
  ...['--ro-bind', '/data/models', '/data/models'],
  ...['--ro-bind', job, job, '--bind', `${job}/out`, `${job}/out`],
  ...['--remount-ro', '/', '--chdir', `${job}/out`, '--'],
];
const giveWay = ['choom', '-n', '500', '--', 'nice', '-n', '10', 'ionice', '-c', '2', '-n', '7'];
const resources = [
  '--core=0',
  '--nofile=1024',
  '--fsize=17179869184',
  '--cpu=3600:3605',
  '--data=1610612736',
];

t.test('a jail is this command line, word for word', async t => {
  const {argv, isolation, lacks, job: of, kill} = confined({found: noCgroup});
  t.strictSame(argv, [
    ...jailWords,
    ...folderWords,
    ...giveWay,
    'prlimit',
    ...resources,
    '--nproc=256',
    ...program,
  ]);
  t.equal(isolation, 'jail');
  t.equal(of, job);
  t.equal(kill, null);
  t.strictSame(lacks, [
    'No limit on the memory of a whole job (no cgroup): each process is limited by itself. Mend no cgroup.',
  ]);
});

t.test(
  'where everything is given, nothing is missing, and the jail waits to be put into its cgroup',
  async t => {
    const jailed = confined();
    t.strictSame(jailed.lacks, []);
    t.ok(says(jailed, '--info-fd', '4', '--block-fd', '5'));
    t.strictSame(jailed.cgroup, {
      folder: '/sys/fs/cgroup/dubstead.service/job-aaaaaaaaaa',
      files: [
        ['memory.oom.group', '1'],
        ['memory.max', '1073741824'],
        ['pids.max', '256'],
        ['cpu.weight', '11'],
      ],
    });
  },
);

t.test('rlimits is all of that without the jail', async t => {
  const {argv, isolation, lacks, env} = confined({isolation: 'rlimits'});
  t.strictSame(argv, [
    ...['setpriv', '--pdeathsig', 'KILL', '--no-new-privs'],
    ...giveWay,
    ...['prlimit', ...resources],
    ...program,
  ]);
  t.equal(isolation, 'rlimits');
  t.equal(env['TMPDIR'], `${job}/out`);
  t.strictSame(lacks, [
    'No jail, as JOB_ISOLATION=rlimits says: jobs can reach the network and every file that this user can.',
  ]);
  const root = confined({isolation: 'rlimits', found: {...full, root: true}});
  t.ok(
    says(root, '--no-new-privs', '--bounding-set=-all', '--inh-caps=-all', 'choom'),
    'root without rights',
  );
});

t.test('none is the program by itself, and says so', async t => {
  const {argv, isolation, lacks, cgroup} = confined({isolation: 'none'});
  t.strictSame(argv, program);
  t.equal(isolation, 'none');
  t.equal(cgroup, null);
  t.strictSame(lacks, [
    'No confinement, as JOB_ISOLATION=none says: jobs can reach the network and every file that this user can, without limits.',
  ]);
});

t.test('a jail that cannot be built becomes rlimits, in so many words', async t => {
  const {argv, isolation, lacks, cgroup} = confined({found: {...full, jail: lack('no bubblewrap')}});
  t.equal(isolation, 'rlimits');
  t.equal(argv[0], 'setpriv');
  t.not(cgroup, null, 'the rest stays');
  t.strictSame(lacks, [
    'No jail (no bubblewrap): jobs can reach the network and every file that this user can. Mend no bubblewrap.',
  ]);
});

t.test('each thing that is missing is left out and named', async t => {
  const without = (tool: keyof Found['tools']): Found => ({
    ...full,
    tools: {...full.tools, [tool]: lack('it is not installed')},
  });
  const table: readonly (readonly [string, Found, RegExp])[] = [
    ['choom', without('choom'), /^No choom \(it is not installed\): when memory runs out the daemon/],
    ['nice', without('nice'), /^No nice .*: jobs do not give way to other programs/],
    ['ionice', without('ionice'), /^No ionice .*: jobs do not give way at the disk/],
    ['prlimit', without('prlimit'), /^No prlimit .*: memory, files and processor time/],
    [
      '--disable-userns',
      {...full, jail: {works: true, strict: false}},
      /namespaces of their own: bubblewrap 0\.8/,
    ],
  ];
  for (const [word, found, sentence] of table) {
    const {argv, lacks} = confined({found});
    t.notOk(argv.includes(word), word);
    t.equal(lacks.length, 1, word);
    t.match(lacks[0], sentence);
  }
  t.strictSame(confined({found: without('setpriv')}).lacks, [], 'a jail dies with us without it');
  const open = confined({found: without('setpriv'), isolation: 'rlimits'});
  t.match(open.lacks[1], /^No setpriv .*: a job outlives a daemon that is killed/);
  t.equal(open.argv[0], 'choom');
});

t.test('root is told what it costs', async t => {
  const {argv, lacks} = confined({found: {...noCgroup, root: true}});
  t.notOk(
    argv.some(word => word.startsWith('--nproc')),
    'the kernel does not count its processes',
  );
  t.match(lacks, [
    /^Jobs run as root: start the daemon as a user of its own\.$/,
    /memory of a whole/,
    /on processes/,
  ]);
  t.strictSame(confined({found: {...full, root: true}}).lacks.length, 1, 'a cgroup counts them');
});

t.test('a cgroup that nobody opened yet is not used', async t => {
  const {cgroup} = full;
  if (!cgroup.works) throw new Error('it is there');
  const unopened = confined({found: {...full, cgroup: {...cgroup, handedDown: []}}});
  t.equal(unopened.cgroup, null);
  t.notOk(unopened.argv.includes('--block-fd'), 'nobody would let the jail go on');
  t.match(unopened.lacks, [/memory of a whole job/]);
});

t.test('a cgroup without a controller is used for the others', async t => {
  const found: Found = {
    ...full,
    cgroup: {works: true, folder: '/sys/fs/cgroup/x', controllers: ['cpu', 'memory'], handedDown: ['cpu']},
  };
  const {cgroup, lacks} = confined({found});
  t.strictSame(cgroup?.files, [['cpu.weight', '11']]);
  t.match(lacks, [/memory of a whole job \(the cgroup does not hand down the controller\).*systemd unit/]);
  const weights = [0, 5, 10, 19].map(niceness => {
    const files = confined({limits: {...limits, niceness}}).cgroup?.files ?? [];
    return files.find(([name]) => name === 'cpu.weight')?.[1];
  });
  t.strictSame(weights, ['100', '33', '11', '1']);
});

t.test('no limit is no option', async t => {
  const {argv, cgroup, lacks} = confined({
    limits: {...limits, memoryBytes: null, fileBytes: null, cpuSeconds: null},
    found: noCgroup,
  });
  t.notOk(argv.some(word => /^--(data|fsize|cpu)/.test(word)));
  t.equal(cgroup, null);
  t.strictSame(lacks, [], 'and nothing is missing where nothing was asked for');
  const {cgroup: unbounded} = confined({limits: {...limits, memoryBytes: null}});
  t.notOk(unbounded?.files.some(([name]) => name === 'memory.max'));
});

t.test('the environment is this and nothing else', async t => {
  t.strictSame(confined().env, {
    ...{PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', HOME: '/nonexistent'},
    ...{TMPDIR: '/tmp', MALLOC_ARENA_MAX: '1', DUBSTEAD_JOB: job},
    ...{MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072'},
  });
  const cached = confined({
    folders: {...folders, compileCache: '/opt/dubstead/node_modules/.cache/compiled'},
  });
  t.equal(cached.env['NODE_COMPILE_CACHE'], '/opt/dubstead/node_modules/.cache/compiled');
  t.strictSame(cached.argv, confined().argv, 'which is seen already');
  const apart = confined({folders: {...folders, compileCache: '/var/cache/dubstead'}});
  t.ok(says(apart, '--ro-bind', '/var/cache/dubstead', '/var/cache/dubstead'));
});

t.test('a program that lies elsewhere is shown, and only it', async t => {
  const elsewhere = confined({program: ['/home/ann/.nvm/node', 'x.ts']});
  t.ok(says(elsewhere, '--ro-bind', '/home/ann/.nvm/node', '/home/ann/.nvm/node'));
  t.notOk(says(confined({program: ['/usr/bin/node', 'x.ts']}), '--ro-bind', '/usr/bin/node'));
});

t.test('no folder may uncover what is of others', async t => {
  for (const folder of ['/', '/data', '/data/jobs', job, '/data/']) {
    t.throws(() => confined({folders: {...folders, readOnly: [folder]}}), /cannot show all of/, folder);
  }
  t.throws(() => confined({folders: {...folders, compileCache: '/data/jobs'}}), /cannot show all of/);
  t.doesNotThrow(() => confined({folders: {...folders, readOnly: ['/data/job', '/data/jobs/aaaaaaaaa']}}));
});

t.test('the code of a job is seen even where the data folder lies in the checkout', async t => {
  const inside = '/opt/dubstead/var/jobs/aaaaaaaaaa';
  const jailed = confined({folders: {...folders, job: inside, readOnly: []}});
  t.ok(says(jailed, '--bind', `${inside}/out`, `${inside}/out`));
  t.notOk(says(jailed, '--ro-bind', '/opt/dubstead', '/opt/dubstead'));
});
