/** Reads and writes real WAV files, and every damage that real writers leave in them. */
import {execFileSync} from 'node:child_process';
import {openSync, readFileSync, truncateSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import t from 'tap';
import {openWav, writeWav} from '../../pipeline/wav.ts';

const steps = Float32Array.of(0, 0.25, -0.25, 0.5, -0.5, 1, -1, 0.125);

interface Chunk {
  readonly name: string;
  /** What the header claims, when that is not the truth. */
  readonly claims?: number;
  readonly body: Buffer;
}

function riff(chunks: readonly Chunk[], {kind = 'RIFF', claims = 36} = {}): Buffer {
  const parts = chunks.map(({name, claims, body}) => {
    const head = Buffer.alloc(8);
    head.write(name, 0, 'latin1');
    head.writeUInt32LE(claims ?? body.length, 4);
    return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
  });
  const head = Buffer.alloc(12);
  head.write(`${kind}....WAVE`, 0, 'latin1');
  head.writeUInt32LE(claims, 4);
  return Buffer.concat([head, ...parts]);
}

function format({code = 1, channels = 1, rate = 16_000, bits = 16, subformat = 0} = {}): Chunk {
  const body = Buffer.alloc(subformat === 0 ? 16 : 40);
  body.writeUInt16LE(code, 0);
  body.writeUInt16LE(channels, 2);
  body.writeUInt32LE(rate, 4);
  body.writeUInt32LE((rate * channels * bits) / 8, 8);
  body.writeUInt16LE((channels * bits) / 8, 12);
  body.writeUInt16LE(bits, 14);
  if (subformat !== 0) body.writeUInt16LE(subformat, 24);
  return {name: 'fmt ', body};
}

const int16 = Buffer.from(Int16Array.of(0, 8192, -8192, 16384, -16384, 32767, -32768, 4096).buffer);
const float32 = Buffer.from(steps.slice().buffer);
const all = 0xffffffff;

t.test('what is written is read back, clipped to what 16 bits hold', async t => {
  const path = join(t.testdir(), 'stereo.wav');
  await writeWav(path, Float32Array.of(...steps, 2, -2), 48_000, 2);
  await using wav = await openWav(path);
  t.match(wav, {sampleRate: 48_000, channels: 2, frames: 5});
  const samples = await wav.read(0, 100);
  const expected = [...steps, 1, -1];
  t.equal(samples.length, expected.length);
  t.ok(samples.every((sample, i) => Math.abs(sample - (expected[i] ?? 9)) <= 1 / 32768));
});

t.test('a stretch is read from anywhere, and never past either end', async t => {
  const path = join(t.testdir(), 'mono.wav');
  await writeWav(path, steps, 16_000, 1);
  await using wav = await openWav(path);
  for (const [start, count, expected] of [
    [0, 3, [0, 0.25, -0.25]],
    [3, 2, [0.5, -0.5]],
    [6, 100, [-1, 0.125]],
    [8, 1, []],
    [900, 4, []],
    [-5, 2, [0, 0.25]],
    [2, 0, []],
  ] as const) {
    const samples = [...(await wav.read(start, count))].map(sample => Math.round(sample * 1000) / 1000);
    t.same(samples, expected, `${count} frames from ${start}`);
  }
});

t.test('a stretch of many pieces is whole, from a file whose end is missing as far as it goes', async t => {
  const path = join(t.testdir(), 'long.wav');
  const samples = Float32Array.from({length: 2 * 150_000}, (_, i) => ((i * 7919) % 65_536) / 32_768 - 1);
  await writeWav(path, samples, 48_000, 2);
  await using wav = await openWav(path);
  t.same(await wav.read(0, 150_000), samples);
  t.same(await wav.read(1, 149_998), samples.subarray(2, 299_998));
  truncateSync(path, 44 + 4 * 100_000 + 3);
  t.same(await wav.read(0, 150_000), samples.subarray(0, 200_000), 'cut off after it was opened');
});

t.test('every header that real writers leave gives the same eight samples', async t => {
  const pcm = {name: 'data', body: int16};
  const list = {name: 'LIST', body: Buffer.from('INFOodd')};
  const good: Readonly<Record<string, Buffer>> = {
    'plain 16-bit': riff([format(), pcm]),
    'plain float32': riff([format({code: 3, bits: 32}), {name: 'data', body: float32}]),
    'extensible 16-bit': riff([format({code: 0xfffe, subformat: 1}), pcm]),
    'extensible float32': riff([
      format({code: 0xfffe, subformat: 3, bits: 32}),
      {name: 'data', body: float32},
    ]),
    'a LIST of odd length before the samples': riff([list, format(), list, pcm]),
    'a LIST after the samples': riff([format(), pcm, list]),
    'sizes of all ones, from a pipe': riff([format(), {...pcm, claims: all}], {claims: all}),
    'sizes of 0, from a writer that died': riff([format(), {...pcm, claims: 0}], {claims: 0}),
    RF64: riff([{name: 'ds64', body: Buffer.alloc(28)}, format(), {...pcm, claims: all}], {
      kind: 'RF64',
      claims: all,
    }),
    'a data size beyond the end of the file': riff([format(), {...pcm, claims: 4000}]),
    'half a frame at the end': Buffer.concat([riff([format(), {...pcm, claims: all}]), Buffer.alloc(1)]),
  };
  for (const [name, bytes] of Object.entries(good)) {
    const path = join(t.testdir(), 'in.wav');
    writeFileSync(path, bytes);
    await using wav = await openWav(path);
    t.equal(wav.frames, 8, name);
    const samples = await wav.read(0, 8);
    t.ok(
      samples.every((sample, i) => Math.abs(sample - (steps[i] ?? 9)) < 1e-4),
      `${name}: samples`,
    );
  }
});

t.test('a data chunk that is empty in a finished file is empty, whatever follows it', async t => {
  const path = join(t.testdir(), 'empty.wav');
  const tags = {name: 'LIST', body: Buffer.from('INFO')};
  writeFileSync(path, riff([format(), {name: 'data', body: Buffer.alloc(0)}, tags]));
  await using wav = await openWav(path);
  t.equal(wav.frames, 0);
  t.equal((await wav.read(0, 10)).length, 0);
});

t.test('what is no WAV is refused with its name and the reason', async t => {
  const pcm = {name: 'data', body: int16};
  const cases: readonly (readonly [string, Buffer, RegExp])[] = [
    ['nothing', Buffer.alloc(0), /does not start with RIFF/],
    ['text', Buffer.from('not a WAV file at all, but long enough'), /does not start with RIFF/],
    ['an AVI', Buffer.from('RIFF....AVI LIST............'), /does not start with RIFF and WAVE/],
    ['a header and no more', riff([format()]), /no data chunk/],
    ['samples before their format', riff([pcm, format()]), /before their format/],
    ['a short format', riff([{name: 'fmt ', body: Buffer.alloc(8)}, pcm]), /format chunk is cut off/],
    ['no channels', riff([format({channels: 0}), pcm]), /0 channels/],
    ['a thousand channels', riff([format({channels: 1000}), pcm]), /1000 channels/],
    ['no sample rate', riff([format({rate: 0}), pcm]), /sample rate of 0/],
    ['24 bits', riff([format({bits: 24}), pcm]), /format 1 with 24 bits/],
    ['ADPCM', riff([format({code: 2, bits: 4}), pcm]), /format 2 with 4 bits/],
    [
      'chunks without end',
      riff(Array.from({length: 1001}, () => ({name: 'junk', body: Buffer.alloc(0)}))),
      /over 1000 chunks/,
    ],
  ];
  for (const [name, bytes, why] of cases) {
    const path = join(t.testdir(), 'bad.wav');
    writeFileSync(path, bytes);
    await t.rejects(openWav(path), {message: why}, name);
    await t.rejects(openWav(path), {message: /bad\.wav/}, `${name}: names the file`);
  }
  await t.rejects(openWav(join(t.testdir(), 'absent.wav')), {code: 'ENOENT'});
  await t.rejects(
    writeWav(join(t.testdir(), 'x.wav'), steps.slice(0, 3), 16_000, 2),
    /do not fill 2 channels/,
  );
});

t.test('ffmpeg reads what is written here, and what ffmpeg pipes is read here', async t => {
  const dir = t.testdir();
  const path = join(dir, 'tone.wav');
  const tone = Float32Array.from(
    {length: 16_000},
    (_, i) => 0.5 * Math.sin((2 * Math.PI * 440 * i) / 16_000),
  );
  await writeWav(path, tone, 16_000, 1);
  const piped = join(dir, 'piped.wav');
  const argv = ['-nostdin', '-v', 'error', '-i', `file:${path}`, '-f', 'wav', '-c:a', 'pcm_f32le', 'pipe:1'];
  execFileSync('ffmpeg', argv, {stdio: ['ignore', openSync(piped, 'w'), 'inherit']});
  // ffmpeg seeks in a file even when it is its stdout; what it cannot seek in, it leaves like this.
  const bytes = readFileSync(piped);
  bytes.writeUInt32LE(all, 4);
  bytes.writeUInt32LE(all, bytes.indexOf('data') + 4);
  writeFileSync(piped, bytes);
  await using wav = await openWav(piped);
  t.match(wav, {sampleRate: 16_000, channels: 1, frames: 16_000});
  const samples = await wav.read(8000, 400);
  t.ok(samples.every((sample, i) => Math.abs(sample - (tone[8000 + i] ?? 9)) < 1e-3));
});

t.test('closing twice is one close, and a closed file is not read', async t => {
  const path = join(t.testdir(), 'mono.wav');
  await writeWav(path, steps, 16_000, 1);
  const wav = await openWav(path);
  t.equal(wav.close(), wav.close());
  await wav.close();
  await t.rejects(wav.read(0, 1));
});

t.test('an hour is read piece by piece, in the memory of one piece', async t => {
  const path = join(t.testdir(), 'hour.wav');
  const hour = 3600 * 16_000;
  const argv = [
    '-nostdin',
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    'anullsrc=r=16000:cl=mono:d=3600',
    '-c:a',
    'pcm_s16le',
  ];
  execFileSync('ffmpeg', [...argv, '-y', `file:${path}`], {stdio: 'inherit'});
  await using wav = await openWav(path);
  t.equal(wav.frames, hour);
  const before = process.memoryUsage().rss;
  let read = 0;
  for (let at = 0; at < hour; at += 160_000) read += (await wav.read(at, 160_000)).length;
  t.equal(read, hour);
  t.ok(process.memoryUsage().rss - before < 100 << 20, 'far less than the 230 MB of the whole');
});
