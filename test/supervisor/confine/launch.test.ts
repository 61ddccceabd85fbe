/** Real processes, from their start until nothing of them runs: ended by us, by themselves, and with us. */
import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import t from 'tap';
import {exitWord, launch} from '../../../supervisor/confine/launch.ts';
import {belongsTo, endStrays} from '../../../supervisor/confine/strays.ts';
import {oddSeconds, until} from '../../pipeline/processes.ts';
import {bare, drained, launched, noJail, outcome, placeFor, processesOf, textOf} from '../place.ts';

const kinds = noJail === false ? (['jail', 'rlimits', 'none'] as const) : (['rlimits', 'none'] as const);
const sh = (script: string) => bare('/bin/sh', '-c', script);

t.test('an exit is told in one way, whoever tells it', async t => {
  t.strictSame([0, 1, 128, 137, 139, 152, 153, 255].map(exitWord), [
    ...[
      'exit 0',
      'exit 1',
      'exit 128',
      'signal SIGKILL',
      'signal SIGSEGV',
      'signal SIGXCPU',
      'signal SIGXFSZ',
    ],
    'exit 255',
  ]);
  for (const isolation of kinds) {
    const place = await placeFor(t);
    const ended = (script: string) => outcome(place.confined(sh(script), {isolation}));
    t.match(await ended('echo said >&3; echo err >&2; exit 3'), {
      said: 'said\n',
      stderr: 'err\n',
      exit: 'exit 3',
    });
    t.match(await ended('kill -SEGV $$'), {exit: 'signal SIGSEGV'}, isolation);
  }
});

t.test('what it said before its end is kept for whoever reads it afterwards', async t => {
  for (const isolation of kinds) {
    const place = await placeFor(t);
    const running = await launched(place.confined(sh('echo said >&3; echo err >&2'), {isolation}));
    await running.exited;
    await running.gone();
    t.equal(await textOf(running.wire), 'said\n', isolation);
    t.equal(await textOf(running.stderr), 'err\n', isolation);
  }
});

t.test('it is ended with all that it started, at any moment of its start', async t => {
  for (const isolation of kinds) {
    const place = await placeFor(t);
    for (let turn = 0; turn < 12; turn++) {
      const running = await launched(place.confined(sh('sleep 300 & wait'), {isolation}));
      const over = drained(running.wire);
      for (let i = 0; i < turn; i++) await new Promise(setImmediate);
      running.send('SIGKILL');
      t.equal(await running.exited, 'signal SIGKILL');
      await over;
      t.match(await running.gone(), {clean: true, outOfMemory: false});
      running.send('SIGKILL');
    }
    t.strictSame(await processesOf(place.job), [], isolation);
  }
});

t.test('a jail that is not yet bound to die with bubblewrap is ended as well', {skip: noJail}, async t => {
  const place = await placeFor(t);
  const seconds = oddSeconds();
  const {argv, ...confined} = place.confined(sh(`exec sleep ${seconds}`));
  // Its first process takes this lock before it binds itself, and a pipe without a writer keeps it waiting there.
  const pipe = join(place.job, 'out/pipe');
  execFileSync('mkfifo', [pipe]);
  const running = await launched({
    ...confined,
    argv: argv.toSpliced(argv.indexOf('--remount-ro'), 0, '--lock-file', pipe),
  });
  await until(seconds, 1);
  running.send('SIGKILL');
  t.equal(await running.exited, 'signal SIGKILL');
  await until(seconds, 0);
  t.match(await running.gone(), {clean: true});
  t.strictSame(await processesOf(place.job), []);
});

t.test('what stays in its group is ended with it, without a trace in its environment', async t => {
  for (const isolation of kinds) {
    const seconds = oddSeconds();
    const place = await placeFor(t);
    const script = `/usr/bin/env -i sleep ${seconds} <&- >&- 2>&- 3>&- & read told <&3`;
    const running = await launched(place.confined(sh(script), {isolation}));
    await until(seconds, 1);
    running.wire.end('go\n');
    await running.exited;
    t.match(await running.gone(), {clean: true});
    await until(seconds, 0);
  }
});

t.test('what slipped away is found by its environment where there is no jail', async t => {
  for (const isolation of kinds) {
    const seconds = oddSeconds();
    const place = await placeFor(t);
    const running = await launched(
      place.confined(sh(`setsid sleep ${seconds} <&- >&- 2>&- 3>&- & exec sleep 0`), {isolation}),
    );
    t.equal(await running.exited, 'exit 0');
    t.match(await running.gone(), {clean: true});
    await until(seconds, 0);
  }
});

t.test('an environment says whose a process is, and nothing less than that does', async t => {
  const job = '/data/jobs/aaaaaaaaaa';
  const table: readonly (readonly [string, boolean])[] = [
    [`PATH=/bin\0DUBSTEAD_JOB=${job}\0`, true],
    [`TMPDIR=${job}/out/.dubstead/film.es/tmp/x\0`, true],
    [`DUBSTEAD_JOB=${job}a\0`, false],
    [`XDUBSTEAD_JOB=${job}\0`, false],
    [`PWD=${job}/out\0OLDPWD=${job}\0`, false],
    [`NOTE=TMPDIR=${job}/out\0`, false],
    ['', false],
  ];
  for (const [environ, expected] of table)
    t.equal(belongsTo(environ, job), expected, JSON.stringify(environ));
  t.ok(belongsTo(`DUBSTEAD_JOB=${job}\0`, '/data/jobs'), 'of all jobs');
  t.notOk(belongsTo(`DUBSTEAD_JOB=${job}\0`, '/data/job'));
});

t.test('what a daemon that was killed left behind is ended by the next one', async t => {
  const place = await placeFor(t);
  const seconds = oddSeconds();
  const {env} = place.confined(sh(''), {isolation: 'rlimits'});
  const orphan = spawn('sleep', [seconds], {env: {...env}, detached: true, stdio: 'ignore'});
  await until(seconds, 1);
  t.equal(await endStrays(`${place.data}/jobs`), true);
  await until(seconds, 0);
  t.equal(orphan.signalCode ?? (await once(orphan, 'exit'))[1], 'SIGKILL');
});

const parent = fileURLToPath(new URL('../workers/parent.ts', import.meta.url));

t.test('when we are killed, all of it dies with us', {skip: noJail}, async t => {
  for (const isolation of ['jail', 'rlimits'] as const) {
    const place = await placeFor(t);
    const seconds = oddSeconds();
    const confined = place.confined(sh(`exec sleep ${seconds}`), {isolation});
    const daemon: ChildProcess = spawn(process.execPath, [parent, JSON.stringify(confined)], {
      stdio: 'inherit',
    });
    await until(seconds, 1);
    daemon.kill('SIGKILL');
    await once(daemon, 'exit');
    await until(seconds, 0);
  }
});

t.test('what cannot be started is said', async t => {
  const place = await placeFor(t);
  const confined = place.confined(sh(''), {isolation: 'none'});
  t.match(await launch({...confined, argv: ['/no/such/program']}), {ok: false, why: /ENOENT/});
});

t.test(
  'a jail that cannot be built ends with the reason on stderr, and nobody waits in it',
  {skip: noJail},
  async t => {
    const place = await placeFor(t);
    const confined = place.confined(sh('true'));
    const at = confined.argv.indexOf('--chdir');
    const argv = confined.argv.toSpliced(at, 0, '--ro-bind', '/no/such', '/no/such');
    const {exit, stderr} = await outcome({...confined, argv});
    t.equal(exit, 'exit 1');
    t.match(stderr, /no\/such/);
    t.strictSame(await processesOf(place.job), []);
  },
);

t.test('a command that ends what signals do not reach is run at the end', async t => {
  const place = await placeFor(t);
  const mark = `${place.job}/out/ended`;
  const confined = {...place.confined(sh('true'), {isolation: 'none'}), isolation: 'container' as const};
  for (const [kill, clean] of [
    [['/bin/sh', '-c', `echo x >> ${mark}`], true],
    [['/bin/false'], false],
  ] as const) {
    const running = await launched({...confined, kill});
    await running.exited;
    t.match(await running.gone(), {clean});
  }
  t.equal(await readFile(mark, 'utf8'), 'x\n');
});
