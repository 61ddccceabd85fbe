import {open, readFile, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t from 'tap';
import {extractArgv, extractText} from '../../../pipeline/extract-text.ts';
import {demuxArgv, demuxStage} from '../../../pipeline/stages/demux.ts';
import {
  failureOf,
  ffmpeg,
  filmAt,
  picture,
  probeOf,
  runStage,
  samplesOf,
  sandbox,
  sourceAt,
  surround,
  tone,
  toolsIn,
  x264,
} from '../film.ts';

const film = [...x264, '-c:a', 'aac'];

async function demuxed(path: string, base: string) {
  const probe = await probeOf(path, base);
  const made = await runStage(demuxStage(sourceAt(path)), base, {docs: {probe}});
  const samplesOf = async (name: string, ...argv: string[]): Promise<Int16Array> => {
    const raw = join(made.dir, `${name}.raw`);
    await ffmpeg('-i', join(made.dir, name), ...argv, '-f', 's16le', raw);
    const bytes = await readFile(raw);
    return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  };
  return {...made, probe, samplesOf};
}

/** Second of the first sample above a fiftieth of full scale, and of the last. */
function soundingFrom(samples: Int16Array, rate: number): readonly [number, number] {
  const loud = (sample: number): boolean => Math.abs(sample) > 655;
  return [samples.findIndex(loud) / rate, samples.findLastIndex(loud) / rate];
}

t.test('channels are kept, and both files are as long as the film to the sample', async t => {
  const dir = await sandbox(t);
  const path = join(dir, 'film.mkv');
  await ffmpeg(...picture(3.1), ...surround(3), ...['-map', '0', '-map', '1', ...x264, '-c:a', 'ac3', path]);
  const {dir: made, probe, samplesOf, shares} = await demuxed(path, dir);
  const programme = (await filmAt(join(made, 'programme.flac'), dir)).streams[0];
  t.match(programme, {codec: 'flac', channels: 6, sampleRate: 48_000});
  const wide = await samplesOf('programme.flac');
  t.equal(wide.length / 6, Math.round(probe.duration * 48_000));
  const speech = await samplesOf('speech.wav');
  t.equal(speech.length, Math.round(probe.duration * 16_000));
  t.match((await filmAt(join(made, 'speech.wav'), dir)).streams[0], {
    codec: 'pcm_s16le',
    channels: 1,
    sampleRate: 16_000,
  });
  const peak = speech.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0) / 32_768;
  t.ok(peak > 0.17 && peak < 0.21, `the centre outweighs the bed: peak ${peak.toFixed(3)}`);
  t.equal(shares.at(-1), 1, 'progress reached the end');
});

t.test('sound that starts late or ends early keeps its place in the film', async t => {
  const dir = await sandbox(t);
  const cases: readonly (readonly [string, readonly string[], number, number])[] = [
    ['late.mp4', [...picture(4), '-itsoffset', '0.7', ...tone(2)], 0.7, 2.7],
    ['late.mkv', [...picture(4), '-itsoffset', '0.7', ...tone(2)], 0.7, 2.7],
    ['picture-late.mp4', ['-itsoffset', '0.5', ...picture(3), ...tone(2)], 0, 2],
    ['late.ts', [...picture(4), '-itsoffset', '0.7', ...tone(2)], 0.7, 2.7],
  ];
  for (const [name, argv, starts, ends] of cases) {
    const path = join(dir, name);
    await ffmpeg(...argv, ...film, path);
    const {samplesOf, probe} = await demuxed(path, dir);
    for (const [file, rate, fold] of [
      ['speech.wav', 16_000, []],
      ['programme.flac', 48_000, []],
    ] as const) {
      const samples = await samplesOf(file, ...fold);
      t.equal(samples.length, Math.round(probe.duration * rate), `${file} of ${name} is as long as the film`);
      const [first, last] = soundingFrom(samples, rate);
      t.ok(Math.abs(first - starts) < 0.03, `${file} of ${name} starts at ${first}`);
      t.ok(Math.abs(last - ends) < 0.06, `${file} of ${name} ends at ${last}`);
    }
  }
});

/** Overwrites a share of the file, away from its head and its index. */
async function damage(path: string, from: number, to: number): Promise<void> {
  const {size} = await stat(path);
  await using file = await open(path, 'r+');
  const start = Math.floor(size * from);
  await file.write(Buffer.alloc(Math.floor(size * to) - start, 0x55), 0, undefined, start);
}

t.test('a scratch is lived with, a track that decodes to nothing is not', async t => {
  const dir = await sandbox(t);
  const scratched = join(dir, 'scratched.mp4');
  const dead = join(dir, 'dead.mp4');
  for (const path of [scratched, dead]) {
    await ffmpeg(...picture(4, '160x90', '6'), ...tone(4), ...film, '-movflags', '+faststart', path);
  }
  await damage(scratched, 0.5, 0.6);
  const {samplesOf, probe} = await demuxed(scratched, dir);
  t.equal((await samplesOf('speech.wav')).length, Math.round(probe.duration * 16_000));
  const at = (await readFile(dead)).indexOf('mdat');
  await damage(dead, (at + 4) / (await stat(dead)).size, 1);
  t.match(await failureOf(demuxed(dead, dir)), {reason: 'truncated', path: dead, detail: /sound/});
});

t.test('the same film gives the same bytes', async t => {
  const dir = await sandbox(t);
  const path = join(dir, 'film.webm');
  await ffmpeg(...picture(1), ...tone(1), '-c:v', 'libvpx', '-deadline', 'realtime', '-c:a', 'libopus', path);
  const [a, b] = [await demuxed(path, dir), await demuxed(path, dir)];
  for (const name of ['programme.flac', 'speech.wav']) {
    t.same(await readFile(join(a.dir, name)), await readFile(join(b.dir, name)), name);
  }
});

t.test('argv: one input, one decode, no word of the file in the graph', async t => {
  const argv = demuxArgv("/v/it's.mkv", {track: 3, channels: 2, duration: 1.5}, {dir: '/d', scratch: '/s'});
  const graph = argv[argv.indexOf('-filter_complex') + 1] ?? '';
  t.equal(argv.filter(word => word === '-i').length, 1);
  t.match(graph, /^\[0:3\]asplit=3/);
  t.match(graph, /whole_len=72000,atrim=end_sample=72000/);
  t.notMatch(graph, /it's/);
});

const cue = (text: string): string => `1\n00:00:00,500 --> 00:00:01,500\n${text}\n\n`;

t.test("embedded text comes out as srt or ass, on the film's clock", async t => {
  const dir = await sandbox(t);
  await writeFile(join(dir, 'a.srt'), cue('Hello {there}'));
  await ffmpeg('-i', join(dir, 'a.srt'), join(dir, 'a.ass'));
  const inputs = [...picture(2), ...tone(2), '-i', join(dir, 'a.srt'), '-i', join(dir, 'a.ass')];
  const maps = ['-map', '0', '-map', '1', '-map', '2', '-map', '3', ...film];
  await ffmpeg(...inputs, ...maps, '-c:s:0', 'srt', '-c:s:1', 'ass', join(dir, 'film.mkv'));
  await ffmpeg(...inputs, ...maps, '-c:s', 'mov_text', join(dir, 'film.mp4'));
  for (const [name, formats] of [
    ['film.mkv', ['srt', 'ass']],
    ['film.mp4', ['srt', 'srt']],
  ] as const) {
    const path = join(dir, name);
    const {text} = await probeOf(path, dir);
    const found = await extractText(path, text, dir, toolsIn(dir));
    t.same(
      found.map(({format}) => format),
      formats,
      name,
    );
    for (const file of found) {
      const words = await readFile(file.path, 'utf8');
      t.match(words, /Hello/);
      t.match(
        words,
        file.format === 'srt' ? /00:00:00,5\d\d --> 00:00:01,5\d\d/ : /0:00:00\.5\d,0:00:01\.5\d/,
      );
    }
  }
  t.same(await extractText(join(dir, 'film.mkv'), [], dir, toolsIn(dir)), []);
});

t.test('a track that cannot be read takes no other along', async t => {
  const dir = await sandbox(t);
  await writeFile(join(dir, 'a.srt'), cue('Hello'));
  const path = join(dir, 'film.mkv');
  await ffmpeg(
    ...picture(2),
    ...tone(2),
    '-i',
    join(dir, 'a.srt'),
    '-map',
    '0',
    '-map',
    '1',
    '-map',
    '2',
    ...film,
    path,
  );
  const {text} = await probeOf(path, dir);
  const [good] = text;
  t.ok(good);
  if (good === undefined) return;
  const found = await extractText(path, [{...good, index: 77}, good], dir, toolsIn(dir));
  t.same(
    found.map(({track}) => track.index),
    [good.index],
  );
  const [file] = found;
  t.same(extractArgv('/f', found).slice(-5, -1), ['-c:s', file?.format, '-f', file?.format]);
});

t.test('of a window nothing else is read, and what is read lies where it does in the film', async t => {
  const dir = await sandbox(t);
  for (const [name, codecs] of [
    ['film.mkv', ['-c:a', 'libopus']],
    ['film.mp4', ['-c:a', 'aac']],
    ['film.ts', ['-c:a', 'mp2']],
  ] as const) {
    const path = join(dir, name);
    // A tone that climbs: where in it one is can be heard.
    const sweep = ['-f', 'lavfi', '-i', 'aevalsrc=0.3*sin(2*PI*(200*t+20*t*t)):d=12:s=48000'];
    await ffmpeg(...picture(12), ...sweep, ...x264, '-g', '24', ...codecs, path);
    const probe = await probeOf(path, dir);
    const whole = await runStage(demuxStage(sourceAt(path)), dir, {docs: {probe}});
    const part = await runStage(demuxStage(sourceAt(path), 4.5), dir, {
      docs: {probe: {...probe, duration: 9}},
    });
    const programme = await samplesOf(join(part.dir, 'programme.flac'));
    const all = await samplesOf(join(whole.dir, 'programme.flac'));
    t.equal(programme.length, 9 * 48_000, name);
    t.ok(
      programme.subarray(0, 4.4 * 48_000).every(sample => Math.abs(sample) < 0.001),
      'silence before it',
    );
    const from = 5 * 48_000;
    const length = 3.5 * 48_000;
    const off = bestOffset(
      all.subarray(from - 500, from + length + 500),
      programme.subarray(from, from + length),
    );
    t.ok(Math.abs(off - 500) <= 96, `${name} is off by ${off - 500} samples`);
  }
});

/** Where in the longer one the shorter one fits best. */
function bestOffset(longer: Float32Array, shorter: Float32Array): number {
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  for (let offset = 0; offset <= longer.length - shorter.length; offset += 4) {
    let sum = 0;
    for (let i = 0; i < shorter.length; i += 97) sum += ((longer[i + offset] ?? 0) - (shorter[i] ?? 0)) ** 2;
    if (sum < least) [best, least] = [offset, sum];
  }
  return best;
}
