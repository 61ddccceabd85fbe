/** Owns changing the sample rate of a clip: windowed-sinc interpolation in polyphase form. Pure. */

/** Zero crossings of the sinc on each side: 32 taps, stop band under −80 dB with the Kaiser window below. */
const reach = 16;
const kaiserBeta = 9;

/** `samples` at rate `from`, mono, as they would sound at rate `to`. */
export function resample(samples: Float32Array, from: number, to: number): Float32Array {
  if (from === to) return samples;
  const common = gcd(from, to);
  const [up, down] = [to / common, from / common];
  const cutoff = Math.min(1, to / from);
  const taps = Math.ceil(reach / cutoff);
  const phases = Array.from({length: up}, (_, phase) => kernel(phase / up, taps, cutoff));
  const resampled = new Float32Array(Math.ceil((samples.length * to) / from));
  for (let i = 0; i < resampled.length; i++) {
    const position = i * down;
    const whole = Math.floor(position / up);
    const phase = phases[position % up];
    if (phase === undefined) break;
    resampled[i] = weighted(phase, samples, whole - taps + 1);
  }
  return resampled;
}

/**
 * Sum of the samples from `start` on by their weights; what lies beyond an end of the clip is silent. Never reads there:
 * one such read, and the engine keeps every sum after it on the heap.
 */
function weighted(weights: Float64Array, samples: Float32Array, start: number): number {
  const end = Math.min(weights.length, samples.length - start);
  let sum = 0;
  for (let i = Math.max(0, -start); i < end; i++) sum += (weights[i] ?? 0) * (samples[start + i] ?? 0);
  return sum;
}

/** Weights of the samples around a point `fraction` of a sample after the middle one, summing to 1. */
function kernel(fraction: number, taps: number, cutoff: number): Float64Array {
  const weights = Float64Array.from({length: 2 * taps}, (_, index) => {
    const distance = index - taps + 1 - fraction;
    return cutoff * sinc(cutoff * distance) * kaiser(distance / taps);
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map(weight => weight / sum);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Kaiser window; `x` from −1 to 1. */
function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : bessel(kaiserBeta * Math.sqrt(1 - x * x)) / bessel(kaiserBeta);
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function bessel(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
