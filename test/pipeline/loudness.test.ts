import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import t from 'tap';
import {Loudness} from '../../pipeline/documents.ts';
import {
  clipLoudness,
  integratedLufs,
  kWeighting,
  loudnessRange,
  needsLimiter,
  parseEbur128,
  planLoudness,
  silenceLufs,
} from '../../pipeline/loudness.ts';

const quiet = ['-nostdin', '-hide_banner', '-loglevel', 'error'];
const reader = '/usr/share/pocketsphinx/test/data/librivox';
const meter = 'ebur128=metadata=1:peak=true,ametadata=print:file=-';

/** What ffmpeg's own meter prints for a sound made or read by ffmpeg. */
const metered = (input: readonly string[], filters = 'anull'): string =>
  execFileSync('ffmpeg', [...quiet, ...input, '-af', `${filters},${meter}`, '-f', 'null', '-'], {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });

const samplesOf = (input: readonly string[], filters: string): Float32Array => {
  const argv = [...quiet, ...input, '-af', filters, '-f', 'f32le', '-'];
  const bytes = execFileSync('ffmpeg', argv, {maxBuffer: 64 << 20});
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
};

const lastOf = (printed: string, key: string): number =>
  Number([...printed.matchAll(new RegExp(`^lavfi\\.r128\\.${key}=(\\S+)$`, 'gm'))].at(-1)?.[1]);

const near = (
  test: Pick<typeof t, 'ok'>,
  found: number | null,
  wanted: number,
  within: number,
  what: string,
): void => {
  test.ok(found !== null && Math.abs(found - wanted) <= within, `${what}: ${found} is near ${wanted}`);
};

const lavfi = (graph: string): string[] => ['-f', 'lavfi', '-i', graph];

/**
 * ffmpeg's loudness of a sound without gates: with silence around it each moment lies in four of the 400 ms windows,
 * so that their powers times 100 ms add up to the energy of the sound.
 */
const ungated = (input: readonly string[]): number => {
  const seconds = samplesOf(input, 'aresample=48000,pan=mono|c0=c0').length / 48_000;
  const printed = metered(input, 'aresample=48000,adelay=500,apad=pad_dur=0.5');
  const powers = parseEbur128(printed).momentaryLufs.map(m => 10 ** (m / 10));
  return 10 * Math.log10((powers.reduce((sum, p) => sum + p, 0) * 0.1) / seconds);
};

const readers = (): string[] =>
  execFileSync('find', [reader, '-name', '*.wav'], {encoding: 'utf8'}).trim().split('\n').sort();

t.test('K-weighting at 48 kHz is the table of BS.1770-4', async t => {
  const [shelf, pass] = kWeighting(48_000);
  const wanted = [
    [shelf.b[0], 1.53512485958697],
    [shelf.b[1], -2.69169618940638],
    [shelf.b[2], 1.19839281085285],
    [shelf.a[0], -1.69065929318241],
    [shelf.a[1], 0.73248077421585],
    [pass.b[0], 1],
    [pass.b[1], -2],
    [pass.a[0], -1.99004745483398],
    [pass.a[1], 0.99007225036621],
  ] as const;
  for (const [found, table] of wanted) near(t, found, table, 1e-9, 'coefficient');
});

t.test('integrated loudness gates as BS.1770-4 says', async t => {
  const many = (lufs: number, count: number): number[] => Array.from({length: count}, () => lufs);
  t.equal(integratedLufs([]), null, 'nothing has no loudness');
  t.equal(integratedLufs(many(silenceLufs, 50)), null, 'silence has none either');
  t.equal(integratedLufs(many(-70, 50)), null, 'the absolute gate itself is shut');
  near(t, integratedLufs(many(-23, 50)), -23, 1e-9, 'a steady level');
  near(t, integratedLufs([...many(-23, 50), ...many(silenceLufs, 500)]), -23, 1e-9, 'silence does not count');
  near(
    t,
    integratedLufs([...many(-20, 100), ...many(-40, 300)]),
    -20,
    1e-9,
    '10 LU under the mean does not count',
  );
  near(
    t,
    integratedLufs([...many(-20, 100), ...many(-26, 100)]),
    -22.03,
    0.01,
    'powers are averaged, not decibels',
  );
});

t.test('ffmpeg 5.1 is read, and agrees', async t => {
  const speech = readers()[0] ?? '';
  const music = lavfi('anoisesrc=d=20:c=pink:r=48000:a=0.5:seed=3');
  const swell = "volume='if(lt(t,7),0.05,if(lt(t,13),0.3,0.8))':eval=frame";
  const sounds = [
    {name: 'a reader', printed: metered(['-i', `file:${speech}`])},
    {name: 'noise that swells', printed: metered(music, swell)},
    {
      name: 'a tone at 44.1 kHz in stereo',
      printed: metered(lavfi('sine=f=997:r=44100:d=6'), 'pan=stereo|c0=c0|c1=c0'),
    },
  ];
  for (const {name, printed} of sounds) {
    const loudness = parseEbur128(printed);
    t.doesNotThrow(() => Loudness.parse(loudness), `${name} is a document`);
    near(t, integratedLufs(loudness.momentaryLufs), lastOf(printed, 'I'), 0.1, `${name}: integrated`);
    near(t, loudnessRange(loudness.momentaryLufs) ?? 0, lastOf(printed, 'LRA'), 0.5, `${name}: range`);
    near(t, loudness.truePeakDbtp, 20 * Math.log10(lastOf(printed, 'true_peak')), 0.01, `${name}: true peak`);
  }
  const silence = parseEbur128(metered(lavfi('anullsrc=r=48000:cl=stereo:d=1')));
  t.equal(silence.momentaryLufs.length, 10, 'one value each 100 ms');
  t.ok(silence.momentaryLufs.every(m => m === silenceLufs));
  t.equal(silence.truePeakDbtp, silenceLufs, 'silence has no −∞ in it');
  t.same(parseEbur128(''), {momentaryLufs: [], truePeakDbtp: silenceLufs});
  t.same(parseEbur128('lavfi.r128.M=-inf\nlavfi.r128.M=nan\nlavfi.r128.true_peak=nan\n'), {
    momentaryLufs: [silenceLufs, silenceLufs],
    truePeakDbtp: silenceLufs,
  });
});

t.test('the true peak covers every channel', async t => {
  const printed = metered(lavfi('sine=f=997:r=48000:d=1'), 'pan=stereo|c0=0.1*c0|c1=4*c0');
  near(t, parseEbur128(printed).truePeakDbtp, 20 * Math.log10(0.5), 0.1, 'the louder side');
});

t.test('a short clip measures as ffmpeg measures it, at any rate', async t => {
  for (const rate of [16_000, 22_050, 44_100, 48_000]) {
    for (const hertz of [100, 997, 3000]) {
      const tone = lavfi(`sine=f=${hertz}:r=${rate}:d=3`);
      const found = clipLoudness(samplesOf(tone, 'anull'), rate);
      near(
        t,
        found,
        lastOf(metered(tone, 'aresample=48000'), 'I'),
        hertz === 100 ? 0.02 : 0.1,
        `${hertz} Hz at ${rate}`,
      );
    }
  }
  for (const file of readers().slice(0, 2)) {
    const input = ['-i', `file:${file}`];
    near(t, clipLoudness(samplesOf(input, 'aresample=22050'), 22_050), ungated(input), 0.2, 'a reader');
  }
  t.equal(clipLoudness(new Float32Array(0), 48_000), silenceLufs, 'no samples');
  t.equal(clipLoudness(new Float32Array(4800), 48_000), silenceLufs, 'silence');
});

t.test('espeak-ng, the voice most lines are spoken by, measures the same', async t => {
  const wav = join(t.testdir({}), 'voice.wav');
  execFileSync('espeak-ng', ['-v', 'es', '-w', wav, '--stdin'], {
    input: 'La casa está al final de la calle.',
  });
  t.ok(readFileSync(wav).length > 44, 'a voice spoke');
  const input = ['-i', `file:${wav}`];
  near(t, clipLoudness(samplesOf(input, 'anull'), 22_050), ungated(input), 0.2, 'a line of speech');
});

t.test('the plan brings a dub to its target and says when a limiter is needed', async t => {
  const scene = (lufs: number, truePeakDbtp: number): Loudness => ({
    momentaryLufs: Array.from({length: 40}, () => lufs),
    truePeakDbtp,
  });
  const cases = [
    {what: 'quiet', scenes: [scene(-26, -14)], target: -16, gain: 10, limit: false},
    {what: 'quiet with peaks', scenes: [scene(-26, -9)], target: -16, gain: 10, limit: true},
    {what: 'just under the ceiling', scenes: [scene(-26, -11.51)], target: -16, gain: 10, limit: false},
    {what: 'loud', scenes: [scene(-10, -0.2)], target: -23, gain: -13, limit: false},
    {what: 'very quiet', scenes: [scene(-60, -50)], target: -16, gain: 20, limit: false},
    {
      what: 'a peak in another scene',
      scenes: [scene(-20, -12), scene(-20, -1)],
      target: -16,
      gain: 4,
      limit: true,
    },
    {what: 'silence', scenes: [scene(silenceLufs, silenceLufs)], target: -16, gain: 0, limit: false},
    {what: 'no scene', scenes: [], target: -16, gain: 0, limit: false},
  ];
  for (const {what, scenes, target, gain, limit} of cases) {
    const plan = planLoudness(scenes, target);
    near(t, plan.gainDb, gain, 1e-9, what);
    t.equal(
      scenes.some(one => needsLimiter(one, plan)),
      limit,
      `${what}: limiter`,
    );
    t.equal(plan.ceilingDbtp, -1.5);
  }
});

t.test('a range needs three seconds', async t => {
  t.equal(loudnessRange(Array.from({length: 29}, () => -20)), null);
  near(t, loudnessRange(Array.from({length: 60}, () => -20)), 0, 1e-6, 'a steady level has no range');
});
