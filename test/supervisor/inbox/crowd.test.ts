/** Ten thousand files at once: every one accounted for, in bounded memory, the first of them soon. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, readdir, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {fileURLToPath} from 'node:url';
import t from 'tap';
import {asRoot} from './disks.ts';
import {filesIn, House, isThere} from './house.ts';

const files = 10_000;
const program = fileURLToPath(new URL('./crowder.ts', import.meta.url));

/**
 * Five hundred with a sidecar, five hundred that are no films. The sidecars come first: on a busy machine more than the
 * delay may pass between a film and what is dropped five hundred files later.
 */
function nameOf(number: number): string {
  if (number < 500) return `anna/with/E${number}.es.srt`;
  if (number < 1_000) return `anna/with/E${number - 500}.ts`;
  if (number < 1_500) return `ben/E${number}.txt`;
  return `ben/E${number}.ts`;
}

t.test('ten thousand files at once are all accounted for, and memory stays where it was', async t => {
  // In memory where that can be: what is measured is the work, not the disk.
  const memory = (await isThere('/dev/shm')) ? '/dev/shm' : tmpdir();
  const dir = await mkdtemp(join(memory, 'dubstead-crowd-'));
  t.teardown(() => rm(dir, {recursive: true, force: true}));
  const house = new House(dir);
  await house.build();
  const argv = ['--max-semi-space-size=2', program, house.inbox, house.jobs, '9500'];
  const child = spawn(process.execPath, argv, {stdio: ['pipe', 'pipe', 'inherit'], env: {}});
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const saying = text(child.stdout);
  for (let number = 0; number < files; number += 100) {
    const some = Array.from({length: 100}, (_, index) => number + index);
    await Promise.all(some.map(one => house.put(nameOf(one), `G${one}`)));
  }
  child.stdin.write('dropped\n');
  const {firstMs, allMs, beforeMb, peakMb, ...said} = JSON.parse(await saying);
  t.match(said, {queued: 9_000, refused: 500, withSidecar: 500, faults: 0});
  t.match(said.state, {
    is: 'online',
    beyond: 0,
    refusals: 500,
    counts: {growing: 0, waiting: 0, claiming: 0},
  });
  t.ok(said.mostShown <= 500, 'what is shown is bounded');
  t.equal((await readdir(house.jobs)).length, 9_000);
  const left = (await filesIn(house.inbox)).filter(path => !path.startsWith('.refused/'));
  t.strictSame(left, [], 'and the sidecars went with their films');
  t.ok(peakMb - beforeMb < 100, `${beforeMb} MB before, ${peakMb} MB at most`);
  t.comment(
    `first ${firstMs} ms after the last was dropped (1000 ms of it the delay), all after ${allMs} ms`,
  );
});

t.test('where the system has no watches left, the inbox is polled and says so', asRoot(), async t => {
  const house = await House.at(t);
  for (const name of ['a', 'b', 'c', 'd']) await house.put(`anna/${name}/.keep`, '');
  const script = 'echo 2 > /proc/sys/user/max_inotify_watches && exec "$@"';
  const node = [process.execPath, program, house.inbox, house.jobs, '1'];
  const child = spawn('unshare', ['-U', '-r', 'sh', '-c', script, 'sh', ...node], {
    ...{stdio: ['pipe', 'pipe', 'inherit'], env: {PATH: '/usr/bin:/bin'}},
  });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const saying = text(child.stdout);
  child.stdin.write('dropped\n');
  await house.put('anna/d/film.ts');
  const {queued, faults, state} = JSON.parse(await saying);
  t.match(
    {queued, faults, state},
    {
      ...{queued: 1, faults: 0},
      state: {is: 'online', mode: 'polling', modeWhy: /no watches left/},
    },
  );
});
