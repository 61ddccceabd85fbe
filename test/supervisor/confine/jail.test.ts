/** A real jail, looked at from inside: what is there, what is not, and what happens to who takes too much. */
import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import type {Confined} from '../../../supervisor/confine/confine.ts';
import type {Limits} from '../../../supervisor/confine/limits.ts';
import {
  asNobody,
  canBeNobody,
  checkout,
  found,
  isRoot,
  nobody,
  nodeProgram,
  noJail,
  outcome,
  type Place,
  placeFor,
  roomy,
} from '../place.ts';

/** Whoever starts the daemon: this user, and one that owns nothing where we may become one. */
const users = [
  {who: 'as this user', owner: undefined, start: (confined: Confined) => confined, root: isRoot},
  ...(canBeNobody ? [{who: 'as a user of its own', owner: nobody, start: asNobody, root: false}] : []),
] as const;

async function listening(t: Test, at: {readonly path: string} | {readonly port: number}): Promise<number> {
  const server = createServer(socket => socket.destroy()).listen({host: '127.0.0.1', ...at});
  t.teardown(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function looked(place: Place, toTry: object, user: (typeof users)[number], wishes: object = {}) {
  const {start, root} = user;
  const confined = place.confined(nodeProgram('probe.ts', 'look', JSON.stringify(toTry)), {
    found: {...found, root},
    ...wishes,
  });
  const {said, exit, stderr} = await outcome(start(confined));
  if (exit !== 'exit 0') throw new Error(`${exit}: ${stderr}`);
  return JSON.parse(said);
}

for (const user of users) {
  t.test(`${user.who}, only the job is there and only its out can be written`, {skip: noJail}, async t => {
    const place = await placeFor(t, user.owner);
    const {data, job} = place;
    const others = [
      ...[join(data, 'jobs/bbbbbbbbbb/secret'), join(data, 'jobs/bbbbbbbbbb'), join(data, 'state/secret')],
      ...['/etc/shadow', '/etc/passwd', '/root', '/home', '/var', '/run', '/sys', '/boot', '/mnt'],
      ...[join(checkout, '.git'), join(checkout, 'supervisor'), join(checkout, 'var')],
    ];
    const ours = [
      join(job, 'source/film.mp4'),
      join(job, 'claim.json'),
      join(checkout, 'pipeline/worker.ts'),
      '/usr/bin',
    ];
    const settings = ['core_pattern', 'modprobe', 'hostname'].map(name => `/proc/sys/kernel/${name}`);
    const said = await looked(
      place,
      {
        read: [...others, ...ours],
        write: [
          ...[
            join(job, 'source/film.mp4'),
            join(job, 'claim.json'),
            join(checkout, 'package.json'),
            '/usr/bin/env',
          ],
          ...settings,
        ],
        ...{ports: [], sockets: [], pids: []},
      },
      user,
    );
    t.strictSame(said.read.slice(0, others.length), Array(others.length).fill('ENOENT'), 'what is of others');
    t.strictSame(said.read.slice(others.length), Array(ours.length).fill('ok'), 'what it needs');
    for (const [i, code] of said.write.entries()) t.match(code, /^(EROFS|EACCES|ENOENT)$/, `write ${i}`);
    t.equal(said.write[0], 'EROFS', 'the source stays what it is');
    t.strictSame(said.create, ['EROFS', 'ok', 'EROFS', 'ok', 'EROFS', 'EROFS', 'ok']);
    t.notOk(said.seen.includes('home'), said.seen.join(' '));
  });

  t.test(`${user.who}, nobody can be reached and nothing can be gained`, {skip: noJail}, async t => {
    const place = await placeFor(t, user.owner);
    const port = await listening(t, {port: 0});
    const run = await mkdtemp(join(tmpdir(), 'run-'));
    t.teardown(() => rm(run, {recursive: true}));
    const sockets = [join(run, 's'), `\0dubstead-test-${process.pid}`];
    for (const path of sockets) await listening(t, {path});
    const toTry = {read: [], write: [], ports: [port], sockets, pids: [process.pid]};
    const said = await looked(place, toTry, user);
    t.strictSame(said.network, ['ECONNREFUSED', 'ENOENT', 'ECONNREFUSED']);
    t.strictSame(said.interfaces, ['lo'], 'its own, which leads nowhere');
    t.strictSame(said.signals, ['ESRCH']);
    t.ok(said.processes <= 4, `${said.processes} processes`);
    t.equal(said.hostname, 'job');
    t.match(said.capabilities, /^0+$/);
    t.equal(said.noNewPrivileges, '1');
    t.not(said.namespaces, 0, 'no namespaces of its own');
    t.strictSame(said.descriptors, [2, 3], 'stderr and the wire, and none of what the jail was built with');
    t.strictSame(said.environment.toSorted(), [
      ...[
        'DUBSTEAD_JOB',
        'HOME',
        'LANG',
        'LC_ALL',
        'MALLOC_ARENA_MAX',
        'MALLOC_MMAP_THRESHOLD_',
        'MALLOC_TRIM_THRESHOLD_',
        'NODE_COMPILE_CACHE',
        'PATH',
        'PWD',
        'TMPDIR',
      ],
    ]);
    const open = await looked(place, toTry, user, {isolation: 'rlimits'});
    t.strictSame(open.network.slice(0, 1), ['ok'], 'the same probe does reach it where there is no jail');
    t.strictSame(open.signals.slice(0, 1), [user.owner === undefined ? 'ok' : 'EPERM']);
  });

  t.test(`${user.who}, limits are those that were given`, {skip: noJail}, async t => {
    const place = await placeFor(t, user.owner);
    const limits: Limits = {
      ...{
        memoryBytes: 300 << 20,
        fileBytes: 5_000_000,
        openFiles: 77,
        processes: 99,
        cpuSeconds: 123,
        niceness: 7,
      },
    };
    for (const isolation of ['jail', 'rlimits'] as const) {
      const toTry = {read: [], write: [], ports: [], sockets: [], pids: []};
      const said = await looked(place, toTry, user, {isolation, limits});
      const limit = (name: string): readonly string[] =>
        new RegExp(`^${name} +(\\S+) +(\\S+)`, 'm').exec(said.limits)?.slice(1) ?? [];
      t.strictSame(limit('Max core file size'), ['0', '0']);
      t.strictSame(limit('Max open files'), ['77', '77']);
      t.strictSame(limit('Max file size'), ['5000000', '5000000']);
      t.strictSame(limit('Max cpu time'), ['123', '128'], 'soft below hard');
      t.strictSame(limit('Max data size'), Array(2).fill(String(812 << 20)), 'and what V8 reserves');
      t.equal(limit('Max processes')[0] === '99', isolation === 'jail' && !user.root);
      t.match(said.capabilities, /^0+$/, `${isolation}: not even root has rights`);
      t.equal(said.noNewPrivileges, '1');
      t.ok(said.niceness >= 7);
      t.equal(said.disk, 'best-effort: prio 7');
      t.equal(said.oomScore, '500');
    }
  });
}

const {start, owner, root} = users.at(-1) ?? users[0];

t.test('who takes too much is ended, or gets no more', {skip: noJail}, async t => {
  const table: readonly {
    readonly what: string;
    readonly limits: Partial<Limits>;
    readonly exit: RegExp;
    readonly said?: RegExp;
    readonly stderr?: RegExp;
  }[] = [
    {
      what: 'memory',
      limits: {memoryBytes: 200 << 20},
      exit: /exit [1-9]|signal SIG(ABRT|TRAP|ILL)/,
      stderr: /allocation|memory/i,
    },
    {what: 'disk', limits: {fileBytes: 3 << 20}, exit: /signal SIGXFSZ|exit [1-9]/},
    {what: 'cpu', limits: {cpuSeconds: 1}, exit: /signal SIGXCPU/},
    {what: 'descriptors', limits: {openFiles: 64}, exit: /exit 0/, said: /^EMFILE after [2-5]\d$/},
    ...(root
      ? []
      : [{what: 'processes', limits: {processes: 40}, exit: /exit 0/, said: /^EAGAIN after \d\d?$/}]),
  ];
  for (const isolation of ['jail', 'rlimits'] as const) {
    for (const {what, limits, exit, said, stderr} of table) {
      if (isolation === 'rlimits' && what === 'processes') continue;
      const place = await placeFor(t, owner);
      const ended = await outcome(
        start(
          place.confined(nodeProgram('probe.ts', what), {
            ...{isolation, limits: {...roomy, ...limits}, found: {...found, root}},
          }),
        ),
      );
      const name = `${isolation}: ${what}`;
      t.match(ended.exit, exit, name);
      if (said !== undefined) t.match(ended.said, said, name);
      if (stderr !== undefined) t.match(ended.stderr, stderr, name);
      if (what === 'memory') t.ok(Number(ended.said.trim().split('\n').at(-1)) <= 208, 'no more than it may');
    }
  }
});
