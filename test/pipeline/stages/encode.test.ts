import {mkdtemp, readFile, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t from 'tap';
import {adtsFrames} from '../../../pipeline/adts.ts';
import {layoutOf} from '../../../pipeline/layouts.ts';
import {encodeArgv, encodeStage, pieceOnGrid} from '../../../pipeline/stages/encode.ts';
import {ffmpeg, filmAt, samplesOf, sandbox} from '../film.ts';
import {cutPieces, encodePieces, joinedFrames, type Pieces, readProgramme} from '../pieces.ts';

const rate = 48_000;
const frame = 1024;
const level = {gainDb: 3, ceilingDbtp: -1.5};

/** Decibels by which what was meant stands above what coding added, in a stretch of interleaved samples. */
function signalToNoiseDb(heard: Float32Array, meant: Float32Array, [from, to]: readonly [number, number]) {
  let [signal, noise] = [0, 0];
  for (let i = from; i < to; i++) {
    signal += (meant[i] ?? 0) ** 2;
    noise += ((heard[i] ?? 0) - (meant[i] ?? 0)) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

/** Samples by which one lies behind the other: where their correlation is highest. */
function lagOf(heard: Float32Array, meant: Float32Array, channels: number): number {
  const lags = Array.from({length: 129}, (_, i) => i - 64);
  const likeness = lags.map(lag => {
    let sum = 0;
    for (let n = 64; n < 40_000; n++) sum += (heard[(n + lag) * channels] ?? 0) * (meant[n * channels] ?? 0);
    return sum;
  });
  return lags[likeness.indexOf(Math.max(...likeness))] ?? Number.NaN;
}

async function joined(pieces: Pieces, dir: string, name: 'full.aac' | 'stereo.aac' = 'full.aac') {
  const path = join(dir, `${pieces.fits.length} ${name}`);
  await writeFile(path, await joinedFrames(await encodePieces(pieces, {level, dir}), name));
  return path;
}

t.test('scenes of a real programme join as if it had been encoded whole', async t => {
  const dir = await sandbox(t);
  const [duration, cuts] = [13.3337, [2.417, 4.333, 5.083, 5.101, 6.213, 9.777, 10.901, 12.345]];
  // Somebody speaks within scenes, and up to 50 ms from a seam: 5.051 s is where `fit` would end the scene.
  const whole = await readProgramme(dir, duration, [0.3, 3.283, 7.05, 11.1]);
  const one = await joined(await cutPieces(whole, {duration, cuts: []}, dir), dir);
  const pieces = await joined(await cutPieces(whole, {duration, cuts}, dir), dir);
  for (const path of [one, pieces]) {
    t.equal(adtsFrames(await readFile(path)).length, Math.ceil((duration * rate) / frame));
  }
  const [meant, inOne, inPieces] = await Promise.all([
    ...[samplesOf(whole.mixed, '-af', 'volume=-3dB'), samplesOf(one), samplesOf(pieces)],
  ]);
  if (meant === undefined || inOne === undefined || inPieces === undefined) throw new Error('no samples');
  t.equal(inPieces.length, inOne.length);
  t.equal(lagOf(inPieces, meant, 2), 0);
  for (const cut of cuts) {
    const seam = Math.round((cut * rate) / frame);
    const around: readonly [number, number] = [(seam - 2) * frame * 2, (seam + 2) * frame * 2];
    const [best, got] = [signalToNoiseDb(inOne, meant, around), signalToNoiseDb(inPieces, meant, around)];
    t.ok(got > best - 1.5, `at ${cut} s: ${got.toFixed(1)} dB, in one go ${best.toFixed(1)} dB`);
  }
});

/** A tone of its own in each channel. */
const pitch = (channel: number): number => 300 + 100 * channel;
async function choir(dir: string, channels: number): Promise<string> {
  const path = join(dir, `${channels}.flac`);
  const voices = Array.from({length: channels}, (_, c) => `0.1*sin(${pitch(c)}*2*PI*t)`).join('|');
  const graph = `aevalsrc=${voices}:c=${layoutOf(channels).name}:s=${rate}:d=1`;
  await ffmpeg('-f', 'lavfi', '-i', graph, path);
  return path;
}

/** Amplitude of a tone in one channel, over half a second. */
function toneIn(samples: Float32Array, channels: number, channel: number, hz: number): number {
  let [re, im] = [0, 0];
  for (let n = rate / 4; n < (3 * rate) / 4; n++) {
    const [x, phase] = [samples[n * channels + channel] ?? 0, (2 * Math.PI * hz * n) / rate];
    re += x * Math.cos(phase);
    im += x * Math.sin(phase);
  }
  return Math.hypot(re, im) / (rate / 4);
}

t.test('all channels keep their place, in layouts that players know, and two hold the dialogue', async t => {
  const dir = await sandbox(t);
  // In each channel of the result: the channel of the film it comes from, and how loud. Gain and headroom: −3 dB.
  const [full, half] = [0.1 * 10 ** (-3 / 20), 0.0707 * 10 ** (-3 / 20)];
  const cases: readonly (readonly [number, string, readonly (readonly [number, number])[]])[] = [
    [1, 'mono', [[0, full]]],
    [
      4,
      '5.0',
      [
        [0, full],
        [1, full],
        [0, 0],
        [2, full],
        [3, full],
      ],
    ],
    [
      6,
      '5.1',
      [
        [0, full],
        [1, full],
        [2, full],
        [0, 0],
        [4, full],
        [5, full],
      ],
    ],
    [
      7,
      '7.1',
      [
        [0, full],
        [1, full],
        [2, full],
        [0, 0],
        [4, half],
        [4, half],
        [5, full],
        [6, full],
      ],
    ],
  ];
  for (const [channels, layout, expected] of cases) {
    const programme = await choir(dir, channels);
    const pieces = await cutPieces({programme, channels}, {duration: 1, cuts: [0.501]}, dir);
    const made = await encodePieces(pieces, {level, dir});
    const path = join(dir, `${channels}.aac`);
    await writeFile(path, await joinedFrames(made, 'full.aac'));
    t.match((await filmAt(path, dir)).streams, [{codec: 'aac', layout, channels: expected.length}]);
    const samples = await samplesOf(path);
    for (const [channel, [from, loud]] of expected.entries()) {
      const found = toneIn(samples, expected.length, channel, pitch(from));
      t.ok(Math.abs(found - loud) < 0.01, `channel ${channel} of ${layout}: ${found.toFixed(3)}`);
    }
    if (channels !== 6) continue;
    const folded = join(dir, 'folded.aac');
    await writeFile(folded, await joinedFrames(made, 'stereo.aac'));
    t.match((await filmAt(folded, dir)).streams, [{codec: 'aac', channels: 2}]);
    const two = await samplesOf(folded);
    const heard = [0, 1, 2, 3, 4, 5].map(c => [0, 1].map(side => toneIn(two, 2, side, pitch(c)) / full));
    const wanted = [
      [1, 0],
      [0, 1],
      [Math.SQRT1_2, Math.SQRT1_2],
      [0, 0],
      [Math.SQRT1_2, 0],
      [0, Math.SQRT1_2],
    ];
    for (const [c, sides] of wanted.entries()) {
      for (const [side, share] of sides.entries()) {
        t.ok(Math.abs((heard[c]?.[side] ?? 9) - share) < 0.05, `channel ${c} on side ${side}: ${heard[c]}`);
      }
    }
  }
});

t.test('no true peak passes −1 dBTP, however hot the mix and whatever the codec adds', async t => {
  const dir = await sandbox(t);
  const programme = join(dir, 'hot.flac');
  const hot = `aevalsrc=0.9*sin(997*2*PI*t)*gt(sin(3*2*PI*t)\\,0)|0.95*sgn(sin(441*2*PI*t)):c=stereo:s=${rate}:d=2`;
  await ffmpeg('-f', 'lavfi', '-i', hot, '-af', 'lowpass=9000,alimiter=limit=0.95:level=disabled', programme);
  const pieces = await cutPieces({programme, channels: 2}, {duration: 2, cuts: [0.999]}, dir);
  const plans = [
    {name: 'limited from the start', truePeakDbtp: 0, gainDb: 12},
    {name: 'held only once it was heard to be over', truePeakDbtp: -10, gainDb: 5.5},
  ];
  for (const {name, truePeakDbtp, gainDb} of plans) {
    const made = await encodePieces(pieces, {level: {gainDb, ceilingDbtp: -1.5}, dir, truePeakDbtp});
    const path = join(dir, 'hot.aac');
    await writeFile(path, await joinedFrames(made, 'full.aac'));
    const fine = await samplesOf(path, '-af', 'aresample=192000');
    const peak = fine.subarray(3 * 8192).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const peakDbtp = 20 * Math.log10(peak);
    t.ok(peakDbtp <= -1 && peakDbtp > -4, `${name}: ${peakDbtp.toFixed(2)} dBTP`);
    const said = made.map(({heard}) => heard.truePeakDbtp);
    t.ok(Math.abs(Math.max(...said) - peakDbtp) < 0.3, `and says so: ${said.map(x => x.toFixed(2))}`);
  }
});

t.test('a scene with less than half a frame left holds none, and its neighbours all', async t => {
  const dir = await sandbox(t);
  const programme = await choir(dir, 3);
  const pieces = await cutPieces({programme, channels: 3}, {duration: 1, cuts: [0.5, 0.505, 0.51]}, dir);
  const made = await encodePieces(pieces, {level, dir});
  const sizes = await Promise.all(made.map(async ({dir}) => (await stat(join(dir, 'stereo.aac'))).size));
  t.same(
    sizes.map(size => size > 0),
    [true, true, false, true],
  );
  t.match(made[2]?.heard, {momentaryLufs: [], truePeakDbtp: -120});
  t.equal(adtsFrames(await joinedFrames(made, 'full.aac')).length, 47);
});

t.test('every frame of the film belongs to one scene', async t => {
  const grid = (from: number, to: number, duration = 60) => {
    const {firstFrame, endFrame} = pieceOnGrid({from, to, duration});
    return [firstFrame, endFrame];
  };
  const table: readonly (readonly [string, number[], number[]])[] = [
    ['the first', grid(0, 20.001), [0, 938]],
    ['one in the middle begins where the last ended', grid(20.001, 40.503), [938, 1899]],
    ['the last is filled up', grid(40.503, 60), [1899, 2813]],
    ['an only one', grid(0, 60), [0, 2813]],
    ['a film of whole frames', grid(40.96, 64, 64), [1920, 3000]],
    ['a cut exactly on a frame', grid(2.56, 5.12), [120, 240]],
    ['an end that runs over the film by what rounding adds', grid(40.503, 60.001, 60.0004), [1899, 2813]],
    ['an end that rounding keeps short of it', grid(40.503, 60, 60.000_000_1), [1899, 2813]],
    ['less than half a frame', grid(20.001, 20.003), [938, 938]],
  ];
  for (const [name, got, wanted] of table) t.same(got, wanted, name);
  t.match(pieceOnGrid({from: 20.001, to: 40.503, duration: 60}), {from: 960_048, to: 1_944_144});
});

t.test('the command line: the film around the scene, one gain, a limiter where it is planned', async t => {
  const request = {
    programme: '/p',
    mix: '/m',
    channels: 6,
    plan: {...level, limit: false},
    outputs: ['/full', '/stereo'],
  };
  const middle = encodeArgv({...request, piece: pieceOnGrid({from: 10, to: 20.005, duration: 60})});
  const line = middle.join(' ');
  t.match(line, /-ss 9\.749333 -t 0\.250667 .*-i file:\/p .*-i file:\/m -ss 20\.005000 .*-i file:\/p/);
  t.match(line, /concat=n=3:v=0:a=1,volume=3\.00dB,asplit/);
  t.match(line, /pan=stereo\|FL=FL\+0\.707\*FC.*alimiter=limit=0\.8414.*-b:a 384k.*-b:a 160k/);
  const first = encodeArgv({
    ...request,
    outputs: ['/full'],
    piece: pieceOnGrid({from: 0, to: 20, duration: 60}),
  });
  t.match(
    first.join(' '),
    /concat=n=2:v=0:a=1,volume=3\.00dB\[full\]/,
    'nothing lies before the first scene',
  );
  const plan = {...level, limit: true};
  t.match(
    encodeArgv({...request, plan, piece: pieceOnGrid({from: 0, to: 20, duration: 60})}).join(' '),
    /volume=3\.00dB,alimiter/,
  );
});

t.test('only what the scene hears makes it another: its place, the channels, the level', async t => {
  const dir = await sandbox(t);
  const programme = await choir(dir, 1);
  const pieces = await cutPieces({programme, channels: 1}, {duration: 1, cuts: []}, dir);
  const [a, b] = [await joined(pieces, dir), await joined(pieces, await mkdtemp(join(dir, 'x-')))];
  t.same(await readFile(a), await readFile(b), 'the same scene gives the same bytes');
  t.match(encodeStage, {scope: 'scene', needs: ['demux', 'mix'], looksAt: ['probe', 'fit', 'level']});
});
