/** The command line of a container, word for word, and who gets none. Nothing is started. */
import t from 'tap';
import {type ContainRequest, contain} from '../../../supervisor/confine/container.ts';

const job = '/data/jobs/aaaaaaaaaa';
const request: ContainRequest = {
  engine: 'podman',
  image: 'localhost/dubstead@sha256:abc',
  program: ['/opt/dubstead/node_modules/node/bin/node', '--flag', '/opt/dubstead/pipeline/worker.ts'],
  folders: {job, checkout: '/opt/dubstead', readOnly: ['/data/models'], compileCache: null},
  limits: {
    ...{memoryBytes: 1 << 30, fileBytes: 5e9, openFiles: 1024, processes: 256, cpuSeconds: 60, niceness: 10},
  },
  client: {home: '/var/lib/dubstead', runtimeDir: '/run/user/990'},
  root: false,
};

function contained(wishes: Partial<ContainRequest> = {}) {
  const result = contain({...request, ...wishes});
  if (!result.ok) throw new Error(result.why);
  return result.value;
}

function refused(wishes: Partial<ContainRequest>): string {
  const result = contain({...request, ...wishes});
  return result.ok ? 'it was not' : result.why;
}

const mounts = [
  ...['/opt/dubstead/appliance', '/opt/dubstead/pipeline', '/opt/dubstead/node_modules'],
  ...['/opt/dubstead/package.json', '/data/models', job],
].flatMap(path => ['--mount', `type=bind,source=${path},destination=${path},readonly`]);

t.test('a container is this command line, word for word', async t => {
  const {argv, env, isolation, lacks, kill, cgroup} = contained();
  t.strictSame(argv, [
    ...['podman', 'run', '--rm', '--replace', '--name', 'dubstead-aaaaaaaaaa', '--pull', 'never'],
    ...['--log-driver', 'none', '--network', 'none', '--read-only', '--cap-drop', 'ALL'],
    ...[
      '--security-opt',
      'no-new-privileges',
      '--preserve-fds',
      '1',
      '--hostname',
      'job',
      '--userns',
      'keep-id',
    ],
    ...[
      '--memory',
      '1073741824b',
      '--memory-swap',
      '1073741824b',
      '--pids-limit',
      '256',
      '--oom-score-adj',
      '500',
    ],
    ...['--ulimit', 'core=0:0', '--ulimit', 'nofile=1024:1024', '--ulimit', 'fsize=5000000000:5000000000'],
    ...['--ulimit', 'cpu=60:65', '--tmpfs', '/tmp:rw,nosuid,nodev,size=64m', '--shm-size', '1m'],
    ...mounts,
    ...['--mount', `type=bind,source=${job}/out,destination=${job}/out`, '--workdir', `${job}/out`],
    ...['--env', 'PATH=/usr/local/bin:/usr/bin:/bin', '--env', 'LANG=C.UTF-8', '--env', 'LC_ALL=C.UTF-8'],
    ...['--env', 'HOME=/nonexistent', '--env', 'TMPDIR=/tmp', '--env', 'MALLOC_ARENA_MAX=1'],
    ...['--env', 'MALLOC_MMAP_THRESHOLD_=131072', '--env', 'MALLOC_TRIM_THRESHOLD_=131072'],
    ...['--env', `DUBSTEAD_JOB=${job}`],
    ...['--entrypoint', '/opt/dubstead/node_modules/node/bin/node', 'localhost/dubstead@sha256:abc'],
    ...['--flag', '/opt/dubstead/pipeline/worker.ts'],
  ]);
  t.strictSame(env, {
    ...{PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8'},
    ...{HOME: '/var/lib/dubstead', XDG_RUNTIME_DIR: '/run/user/990'},
  });
  t.strictSame(kill, ['podman', 'rm', '--force', '--ignore', '--time', '0', 'dubstead-aaaaaaaaaa']);
  t.match({isolation, lacks, cgroup}, {isolation: 'container', lacks: [], cgroup: null});
});

t.test('no limit is no option, and root is root', async t => {
  const {argv, env} = contained({
    ...{root: true, client: {home: '/root', runtimeDir: null}},
    limits: {...request.limits, memoryBytes: null, fileBytes: null, cpuSeconds: null},
  });
  for (const word of ['--memory', '--memory-swap', '--userns']) t.notOk(argv.includes(word), word);
  t.notOk(argv.some(word => /^(fsize|cpu)=/.test(word)));
  t.notOk('XDG_RUNTIME_DIR' in env);
});

t.test('compiled code that lies apart is given as well', async t => {
  const given = (compileCache: string) =>
    contained({folders: {...request.folders, compileCache}}).argv.filter(word =>
      word.includes(`source=${compileCache}`),
    );
  t.equal(given('/var/cache/dubstead').length, 1);
  t.equal(given('/opt/dubstead/node_modules/.cache/compiled').length, 0);
});

t.test('what cannot be is refused with a way out', async t => {
  t.match(refused({engine: 'docker'}), /open socket.*CONTAINER_ENGINE=podman.*ENABLE_CONTAINER_WORKER=0/);
  t.match(refused({image: '--privileged'}), /is an option/);
  const odd = '/data/jobs, of mine/aaaaaaaaaa';
  t.match(refused({folders: {...request.folders, job: odd}}), /jobs, of mine.*without commas/);
});
