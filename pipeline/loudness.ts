/**
 * Owns loudness arithmetic: BS.1770 gating and K-weighting, EBU loudness range, the gain that brings a dub to its
 * target, and reading ffmpeg's meter. Never touches a file or a tool.
 *
 * A momentary series holds one value each 100 ms, the loudness in LUFS of the 400 ms that end there.
 */
import type {Loudness, LoudnessPlan} from './documents.ts';

/** What stands for digital silence where JSON has no −∞; every gate is far above it. */
export const silenceLufs = -120;

/** BS.1770's offset between K-weighted mean square in dB and LUFS. */
const offsetDb = -0.691;
const absoluteGateLufs = -70;
/** Room left under −1 dBTP for what a lossy encoder overshoots. */
const ceilingDbtp = -1.5;
const mostGainDb = 20;

const powerOf = (lufs: number): number => 10 ** ((lufs - offsetDb) / 10);

function lufsOf(power: number): number {
  return power > 0 ? Math.max(silenceLufs, offsetDb + 10 * Math.log10(power)) : silenceLufs;
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

/**
 * Integrated loudness in LUFS (ITU-R BS.1770-4, annex 1): mean power of the 400 ms blocks above −70 LUFS and
 * above 10 LU under the mean of those. Null when nothing passes the first gate.
 */
export function integratedLufs(momentary: readonly number[]): number | null {
  const loud = momentary.filter(m => m > absoluteGateLufs).map(powerOf);
  if (loud.length === 0) return null;
  const gate = mean(loud) / 10;
  return lufsOf(mean(loud.filter(p => p > gate)));
}

/**
 * Loudness range in LU (EBU Tech 3342): the spread from the 10th to the 95th percentile of short-term loudness,
 * gated at −70 LUFS and 20 LU under the mean. Null when less than 3 s is above the gate.
 *
 * Short-term loudness (3 s) is derived here: the mean power of the 27 momentary windows that lie wholly within
 * those 3 s. The first and last 0.3 s weigh a little less than in a true 3 s window: within 0.3 LU on programmes.
 */
export function loudnessRange(momentary: readonly number[]): number | null {
  const windows = 27;
  const shortTerm: number[] = [];
  let sum = 0;
  momentary.forEach((lufs, i) => {
    sum += powerOf(lufs) - (i < windows ? 0 : powerOf(momentary[i - windows] ?? silenceLufs));
    // The first three windows of a film reach back before it.
    if (i >= windows + 2) shortTerm.push(sum / windows);
  });
  const loud = shortTerm.filter(power => lufsOf(power) > absoluteGateLufs);
  if (loud.length === 0) return null;
  const gate = mean(loud) / 100;
  const kept = loud.filter(power => power > gate).sort((a, b) => a - b);
  const at = (share: number): number => lufsOf(kept[Math.round(share * (kept.length - 1))] ?? 0);
  return at(0.95) - at(0.1);
}

/** How to bring what was measured scene by scene to `targetLufs`. Silence is left alone. */
export function planLoudness(scenes: readonly Loudness[], targetLufs: number): LoudnessPlan {
  const integrated = integratedLufs(scenes.flatMap(scene => scene.momentaryLufs));
  if (integrated === null) return {gainDb: 0, ceilingDbtp};
  const gainDb = Math.max(-mostGainDb, Math.min(mostGainDb, targetLufs - integrated));
  return {gainDb, ceilingDbtp};
}

/** Whether a scene's peaks would pass the ceiling, so that a limiter must hold them. */
export function needsLimiter({truePeakDbtp}: Loudness, {gainDb, ceilingDbtp}: LoudnessPlan): boolean {
  return truePeakDbtp + gainDb > ceilingDbtp;
}

interface Biquad {
  readonly b: readonly [number, number, number];
  readonly a: readonly [number, number];
}

/**
 * The two K-weighting filters at any sample rate. BS.1770 tabulates them for 48 kHz only; the analogue prototype
 * behind that table (a shelf of 4 dB at 1682 Hz, a high-pass at 38 Hz; values as in De Man, AES 145, 2018, and in
 * libebur128) is mapped here by the bilinear transform. At 48 kHz the table comes out to ten digits.
 */
export function kWeighting(sampleRate: number): readonly [Biquad, Biquad] {
  const shelf = prototype(1681.974450955533, 0.7071752369554196, sampleRate);
  const high = 10 ** (3.999843853973347 / 20);
  const band = high ** 0.4996667741545416;
  const pass = prototype(38.13547087602444, 0.5003270373238773, sampleRate);
  // The table leaves its high-pass numerator as 1 −2 1, a gain of 0.04 dB: kept the same at every rate.
  const gain = prototype(38.13547087602444, 0.5003270373238773, 48_000).a0 / pass.a0;
  const {k, kq, a0} = shelf;
  return [
    {
      b: [(high + band * kq + k * k) / a0, (2 * (k * k - high)) / a0, (high - band * kq + k * k) / a0],
      a: shelf.a,
    },
    {b: [gain, -2 * gain, gain], a: pass.a},
  ];
}

function prototype(hertz: number, q: number, sampleRate: number) {
  const k = Math.tan((Math.PI * hertz) / sampleRate);
  const kq = k / q;
  const a0 = 1 + kq + k * k;
  const a: readonly [number, number] = [(2 * (k * k - 1)) / a0, (1 - kq + k * k) / a0];
  return {k, kq, a0, a};
}

/**
 * Loudness in LUFS of a short mono clip, without gating: a line of speech is too short for gates to mean anything.
 * As one channel of BS.1770; the same clip on both sides of a stereo pair measures 3.01 LU more.
 */
export function clipLoudness(samples: Float32Array, sampleRate: number): number {
  if (samples.length === 0) return silenceLufs;
  return lufsOf(powerThrough(samples, ...kWeighting(sampleRate)) / samples.length);
}

/**
 * Power after both filters, each in transposed direct form II. One loop over plain variables: as closures the filters
 * left numbers on the heap with every sample, by the hundred megabytes.
 */
function powerThrough(samples: Float32Array, shelf: Biquad, pass: Biquad): number {
  const [b0, b1, b2] = shelf.b;
  const [a1, a2] = shelf.a;
  const [d0, d1, d2] = pass.b;
  const [c1, c2] = pass.a;
  let [s1, s2, t1, t2, power] = [0, 0, 0, 0, 0];
  for (let i = 0; i < samples.length; i++) {
    const x = samples[i] ?? 0;
    const y = b0 * x + s1;
    s1 = b1 * x - a1 * y + s2;
    s2 = b2 * x - a2 * y;
    const z = d0 * y + t1;
    t1 = d1 * y - c1 * z + t2;
    t2 = d2 * y - c2 * z;
    power += z ** 2;
  }
  return power;
}

/**
 * Reads what `ebur128=metadata=1:peak=true,ametadata=print:file=-` prints. ffmpeg 5.1 gives the momentary loudness
 * of each 100 ms in LUFS and true peaks so far as linear amplitude, to three decimals.
 */
export function parseEbur128(printed: string): Loudness {
  const momentaryLufs: number[] = [];
  let peak = 0;
  for (const [, key = '', value = ''] of printed.matchAll(
    /^lavfi\.r128\.(M|true_peaks?(?:_ch\d+)?)=(\S+)$/gm,
  )) {
    const read = Number(value);
    if (key === 'M') momentaryLufs.push(Number.isFinite(read) ? Math.max(silenceLufs, read) : silenceLufs);
    else if (Number.isFinite(read)) peak = Math.max(peak, read);
  }
  return {momentaryLufs, truePeakDbtp: peak > 0 ? 20 * Math.log10(peak) : silenceLufs};
}
