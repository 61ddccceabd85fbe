/** Readings of this machine against what else tells of it; and what a reading does when it gets no answer. */
import {execFile} from 'node:child_process';
import {chmodSync, mkdirSync, writeFileSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {totalmem} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import t, {type Test} from 'tap';
import {type GpuParts, type GpuReading, Gpus} from '../../supervisor/gpus.ts';
import {Machine, type MachineParts, type Place} from '../../supervisor/machine.ts';
import {oddSeconds, until} from '../pipeline/processes.ts';

const run = promisify(execFile);
const none: GpuReading = {is: 'known', gpus: []};
const noGpus = {within: () => none, look: async () => none, stop: async () => {}};

function machineOf(folders: Readonly<Record<string, string>>, wishes: Partial<MachineParts> = {}): Machine {
  return new Machine({folders, steady: () => performance.now(), gpus: noGpus, ...wishes});
}

t.test('a folder is as large and as free as df says', async t => {
  const dir = t.testdir();
  const {disks} = await machineOf({data: dir}).read();
  const {stdout} = await run('df', ['--block-size=1', '--output=size,avail,iavail', dir]);
  const [size = 0, free = 0, inodes = 0] = (stdout.split('\n')[1] ?? '').trim().split(/ +/).map(Number);
  const [disk] = disks;
  t.match(disk, {name: 'data', path: dir, sharedWith: null, space: {is: 'known', totalBytes: size}});
  if (disk?.space.is !== 'known') return;
  // Others write meanwhile.
  t.ok(Math.abs(disk.space.freeBytes - free) < 2e9, `${disk.space.freeBytes} and ${free}`);
  t.ok(Math.abs((disk.space.freeInodes ?? 0) - inodes) < 1e6);
});

t.test('folders of one file system say so; one of another, and one that is away, do not', async t => {
  const dir = t.testdir({a: {}, b: {}});
  const folders = {gone: join(dir, 'gone'), data: join(dir, 'a'), kernel: '/proc', inbox: join(dir, 'b')};
  const {disks} = await machineOf(folders).read();
  t.strictSame(
    disks.map(({name, sharedWith, space}) => [name, sharedWith, space.is]),
    [
      ['gone', null, 'unknown'],
      ['data', null, 'known'],
      ['kernel', null, 'known'],
      ['inbox', 'data', 'known'],
    ],
  );
  t.match(disks[0]?.space, {why: /ENOENT/});
  t.match(disks[2]?.space, {freeInodes: null}, 'one that makes inodes as it needs them');
});

t.test('a file system that hangs is unknown in time, and asked once until it answers', async t => {
  let asked = 0;
  const {promise, resolve} = Promise.withResolvers<Place>();
  const place: Place = {
    device: 7,
    space: {is: 'known', totalBytes: 10, freeBytes: 5, freeInodes: 1},
  };
  const machine = machineOf(
    {mount: '/mnt/away'},
    {
      limitMs: 20,
      placeOf: () => {
        asked += 1;
        return asked === 1 ? promise : Promise.resolve(place);
      },
    },
  );
  for (let i = 0; i < 3; i++) {
    const {disks} = await machine.read();
    t.match(disks[0]?.space, {is: 'unknown', why: '/mnt/away gave no answer within 0.02 s'});
  }
  t.equal(asked, 1, 'a thread that hangs is one thread');
  resolve(place);
  t.strictSame((await machine.read()).disks[0]?.space, place.space);
  t.strictSame((await machine.read()).disks[0]?.space, place.space);
  t.ok(asked > 1, 'and then it is asked again');
});

t.test('processors and memory are those of this machine', async t => {
  const machine = machineOf({});
  const first = await machine.read();
  t.equal(first.processors.busy, null, 'there is nothing to compare with yet');
  const {stdout} = await run('nproc');
  t.equal(first.processors.count, Number(stdout));
  t.ok(first.memory.totalBytes <= totalmem());
  t.ok((first.memory.freeBytes ?? 0) > 0 && (first.memory.freeBytes ?? 0) < first.memory.totalBytes);
  const own = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile('/proc/self/status', 'utf8'))?.[1];
  t.ok(Math.abs(first.memory.ownBytes - Number(own) * 1024) < 50e6);
});

t.test('how busy the processors were is told from one reading to the next', async t => {
  const proc = t.testdir();
  const machine = machineOf({}, {proc});
  const table: readonly [string, number | null][] = [
    ['cpu  100 0 100 800 0 0 0 0 0 0', null],
    ['cpu  150 0 150 800 0 0 0 0 0 0', 1],
    ['cpu  150 0 150 900 0 0 0 0 0 0', 0],
    ['cpu  160 5 155 940 40 0 0 0 0 0', 0.2],
    ['cpu  160 5 155 940 40 0 0 0 0 0', null],
    ['cpu  1 1 1 1 1 1 1 1 1 1', null],
    ['garbage', null],
    ['cpu  2 1 1 2 1 1 1 1 1 1', null],
    ['cpu  3 1 1 3 1 1 1 1 1 1', 0.5],
  ];
  for (const [line, busy] of table) {
    writeFileSync(join(proc, 'stat'), `${line}\ncpu0 1 2 3 4\nintr 1\n`);
    t.equal((await machine.read()).processors.busy, busy, line);
  }
  t.equal((await machine.read()).memory.freeBytes, null, 'no meminfo here');
});

t.test('whoever watches has the cards looked at more often, and waits for none of it', async t => {
  const asked: number[] = [];
  const gpus = {
    ...noGpus,
    within: (ageMs: number) => {
      asked.push(ageMs);
      return none;
    },
  };
  const machine = machineOf({}, {gpus});
  await machine.read();
  machine.renewGpus(20_000);
  t.strictSame(asked, [300_000, 20_000]);
});

t.test('what the network carries is there from the second reading on', async t => {
  const proc = t.testdir({net: {}});
  let nowMs = 0;
  const machine = machineOf({}, {proc, steady: () => nowMs});
  const readingOf = async (received: number): Promise<unknown> => {
    writeFileSync(join(proc, 'net/dev'), `eth0: ${received} 0 0 0 0 0 0 0 5 0 0 0 0 0 0 0\n`);
    return (await machine.read()).network;
  };
  t.equal(await readingOf(10), null);
  nowMs = 4000;
  t.strictSame(await readingOf(50), {receivedBytesPerSecond: 10, sentBytesPerSecond: 0});
  const {network} = await machineOf({}, {proc: join(proc, 'nowhere')}).read();
  t.equal(network, null);
});

t.test('a kernel file that hangs holds nothing up', async t => {
  const proc = t.testdir();
  await run('mkfifo', [join(proc, 'stat')]);
  const {processors} = await machineOf({}, {proc, limitMs: 30}).read();
  t.equal(processors.busy, null);
  await run('sh', ['-c', ': > "$0"', join(proc, 'stat')]);
});

t.test('a reading costs next to nothing of a processor', async t => {
  const machine = machineOf({data: t.testdir(), inbox: '/tmp', models: '/'});
  await machine.read();
  const before = process.cpuUsage();
  const count = 200;
  for (let i = 0; i < count; i++) await machine.read();
  const {user, system} = process.cpuUsage(before);
  const perReadingMs = (user + system) / 1000 / count;
  t.comment(`${perReadingMs.toFixed(3)} ms of a processor for a reading`);
  t.ok(perReadingMs < 20, 'every 15 s it is far below the hundredth that an idle daemon may use');
});

/** A folder of tools that answer like those of a machine with these cards, and devices as the kernel lists them. */
function cardsIn(
  t: Test,
  tools: {readonly lspci?: string; readonly smi?: string},
  classes: readonly string[],
): Required<Pick<GpuParts, 'searchPath' | 'devices' | 'steady'>> {
  const dir = t.testdir({bin: {}, devices: {}});
  for (const [name, script] of [
    ['lspci', tools.lspci],
    ['nvidia-smi', tools.smi],
  ] as const) {
    if (script === undefined) continue;
    writeFileSync(join(dir, 'bin', name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(dir, 'bin', name), 0o755);
  }
  for (const [i, each] of classes.entries()) {
    mkdirSync(join(dir, 'devices', String(i)));
    writeFileSync(join(dir, 'devices', String(i), 'class'), `${each}\n`);
  }
  const steady = (): number => performance.now();
  return {searchPath: `${join(dir, 'bin')}:/usr/bin:/bin`, devices: join(dir, 'devices'), steady};
}

const nvidia = '01:00.0 3D controller: NVIDIA Corporation GH100 [H100 SXM5 80GB] (rev a1)';
const bmc = '03:00.0 VGA compatible controller: ASPEED Technology, Inc. ASPEED Graphics Family (rev 41)';
const smiLine = [
  ...['535.104.05', '0x16C110DE', 'NVIDIA H100 80GB HBM3', '00000000:01:00.0', '[N/A]', '81559', '1024'],
  ...['80535', '37', '5', '41', '50', '110.05', '700.00', '1980', '2619'],
].join(', ');
const cat = (text: string) => `cat <<'END'\n${text}\nEND`;
const lspci = cat(
  `00:00.0 Host bridge: Intel Corporation 440FX\n\n${nvidia}\n\tSubsystem: NVIDIA\n\n${bmc}\n`,
);

t.test('a card is told with its memory, load and heat; one without tells its name', async t => {
  const gpus = new Gpus(cardsIn(t, {lspci, smi: cat(smiLine)}, ['0x060000', '0x030200', '0x030000']));
  t.teardown(() => gpus.stop());
  const mebibyte = 1 << 20;
  const reading = await gpus.look();
  t.match(reading, {
    is: 'known',
    gpus: [
      {
        name: 'NVIDIA H100 80GB HBM3',
        totalBytes: 81559 * mebibyte,
        usedBytes: 1024 * mebibyte,
        busy: 0.37,
        celsius: 41,
      },
      {name: /ASPEED/, usedBytes: null, busy: null, celsius: null},
    ],
  });
});

t.test('without a card nothing is started at all', async t => {
  const gpus = new Gpus({
    ...cardsIn(t, {lspci: 'exit 9'}, ['0x060000', '0x020000']),
    searchPath: '/nonexistent',
  });
  t.strictSame(await gpus.look(), none);
});

t.test('a card that cannot be asked is unknown, and why is a sentence', async t => {
  const classes = ['0x030200'];
  const table: readonly [string, Partial<GpuParts>, RegExp][] = [
    ['no lspci', cardsIn(t, {}, classes), /1 graphics cards are not listed: install .* pciutils/],
    [
      'no programs at all',
      {...cardsIn(t, {}, classes), searchPath: '/nonexistent'},
      /cannot be started \(.*ENOENT\)/,
    ],
  ];
  for (const [name, parts, why] of table) {
    const gpus = new Gpus({steady: () => 0, ...parts});
    t.match(await gpus.look(), {is: 'unknown', why}, name);
    await gpus.stop();
  }
});

t.test(
  'a driver that hangs is ended in time with all that was started for it, and we go on meanwhile',
  async t => {
    const seconds = oddSeconds();
    const parts = cardsIn(t, {lspci, smi: `exec sleep ${seconds}`}, ['0x030200']);
    const gpus = new Gpus({...parts, limitMs: 3000});
    const looking = gpus.look();
    await until(seconds, 1);
    t.match(gpus.within(0), {is: 'unknown', why: 'nobody has looked yet'}, 'an answer at once');
    t.match(await looking, {is: 'unknown', why: 'the drivers gave no answer within 3 s'});
    await until(seconds, 0);
  },
);

t.test('a stop ends a look that is under way, and none is begun after it', async t => {
  const seconds = oddSeconds();
  const gpus = new Gpus(cardsIn(t, {lspci, smi: `exec sleep ${seconds}`}, ['0x030200']));
  const looking = gpus.look();
  await until(seconds, 1);
  await gpus.stop();
  t.match(await looking, {is: 'unknown', why: 'the daemon is going down'});
  await until(seconds, 0);
  await gpus.stop();
  gpus.within(0);
  t.strictSame(await gpus.look(), none);
  await until(seconds, 0);
});

t.test('nobody that a look left behind outlives it', async t => {
  const seconds = oddSeconds();
  const left = `sleep ${seconds} <&- >&- 2>&- &`;
  const gpus = new Gpus(cardsIn(t, {lspci: `${left}\n${lspci}`}, ['0x030200']));
  t.match(await gpus.look(), {is: 'known'});
  await until(seconds, 0);
});

t.test('a reading is remembered, and taken anew when it is older than wanted', async t => {
  const dir = t.testdir({bin: {}, devices: {0: {class: '0x030200\n'}}});
  const count = join(dir, 'count');
  writeFileSync(join(dir, 'bin', 'lspci'), `#!/bin/sh\necho x >> ${count}\n${lspci}\n`);
  chmodSync(join(dir, 'bin', 'lspci'), 0o755);
  let now = 0;
  const searchPath = `${join(dir, 'bin')}:/usr/bin:/bin`;
  const gpus = new Gpus({steady: () => now, searchPath, devices: join(dir, 'devices')});
  t.teardown(() => gpus.stop());
  const looks = async (): Promise<number> => (await readFile(count, 'utf8')).length / 2;
  t.match(gpus.within(1000), {is: 'unknown', why: 'nobody has looked yet'});
  const [one, two] = await Promise.all([gpus.look(), gpus.look()]);
  t.equal(one, two);
  t.equal(await looks(), 1, 'all who ask at once share a look');
  now = 1000;
  t.equal(gpus.within(1000), one);
  t.equal(await looks(), 1);
  now = 1001;
  t.equal(gpus.within(1000), one, 'the old one, while a new one is on its way');
  t.not(await gpus.look(), one);
  t.equal(await looks(), 2);
});

t.test('the machine reads its cards through the same door', async t => {
  const parts = cardsIn(t, {lspci, smi: cat(smiLine)}, ['0x030200']);
  const machine = new Machine({folders: {}, steady: parts.steady, gpus: new Gpus(parts)});
  t.teardown(() => machine.stop());
  t.match((await machine.read()).gpus, {is: 'unknown'});
  t.match(await machine.lookAtGpus(), {is: 'known', gpus: [{name: /H100/}, {}]});
  t.match((await machine.read()).gpus, {is: 'known'});
});
