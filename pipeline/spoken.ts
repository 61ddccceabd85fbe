/** Owns a spoken clip in memory: read, freed of the silence an engine puts around it, measured. */
import {clipLoudness} from './loudness.ts';
import {openWav} from './wav.ts';

export interface Spoken {
  /** Mono, −1 to 1. */
  readonly samples: Float32Array;
  readonly sampleRate: number;
}

/** A line never is longer than this; a file that claims more is not read whole. */
const longestSeconds = 120;
/** Quieter than −50 dB under the clip's own peak counts as silence at its ends. */
const silence = 10 ** (-50 / 20);
const keptSeconds = 0.015;

/** Reads a WAV of one or more channels as mono, without the silence at its ends; empty when it is all silence. */
export async function readSpoken(path: string): Promise<Spoken> {
  await using wav = await openWav(path);
  const frames = Math.min(wav.frames, longestSeconds * wav.sampleRate);
  const interleaved = await wav.read(0, frames);
  const mono = wav.channels === 1 ? interleaved : mixedDown(interleaved, wav.channels);
  return {samples: trimmed(mono, wav.sampleRate), sampleRate: wav.sampleRate};
}

export function measureClip({samples, sampleRate}: Spoken): {
  readonly seconds: number;
  readonly loudnessLufs: number;
} {
  return {seconds: samples.length / sampleRate, loudnessLufs: clipLoudness(samples, sampleRate)};
}

function mixedDown(interleaved: Float32Array, channels: number): Float32Array {
  return Float32Array.from({length: Math.floor(interleaved.length / channels)}, (_, frame) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += interleaved[frame * channels + channel] ?? 0;
    return sum / channels;
  });
}

/** Plain loops: a function for each sample would leave numbers on the heap by the hundred megabytes. */
function trimmed(samples: Float32Array, sampleRate: number): Float32Array {
  let peak = 0;
  for (let i = 0; i < samples.length; i++) peak = Math.max(peak, Math.abs(samples[i] ?? 0));
  if (peak < 1e-4) return new Float32Array(0);
  let [first, last] = [0, samples.length - 1];
  while (Math.abs(samples[first] ?? 0) <= peak * silence) first++;
  while (Math.abs(samples[last] ?? 0) <= peak * silence) last--;
  const kept = Math.round(keptSeconds * sampleRate);
  return samples.subarray(Math.max(0, first - kept), last + 1 + kept);
}
