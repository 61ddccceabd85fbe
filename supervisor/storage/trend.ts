/**
 * Owns how a disk has filled and when it will be full, judged from samples alone. Never reads a clock or a disk.
 *
 * The slope is the median of those between all pairs of samples (Theil 1950, Sen 1968): a film that lay there for an hour
 * does not bend it, and a sweep that takes away each night what the day brought makes it flat, which it is.
 */
import {z} from 'zod';
import type {Trend} from '../../appliance/api/storage-rows.ts';
import {At} from '../../appliance/job.ts';
import {dayMs} from '../sweep/clock.ts';

export const Sample = z.object({at: At, usedBytes: z.number().nonnegative()});
export type Sample = z.infer<typeof Sample>;

const hourMs = 3_600_000;
/** One each half hour for 14 days. */
const keptMs = 14 * dayMs;
export const apartMs = hourMs / 2;
export const samplesLimit = keptMs / apartMs;
/** A timer is late now and then; a sample that is early by so much is one all the same. */
const earlyMs = 60_000;

/** What came before says little of what is to come. */
const judgedMs = 7 * dayMs;
/** Below it one film is the whole of it. */
const leastMs = 6 * hourMs;
const leastSamples = 6;
/** Of which all pairs are looked at. */
const judgedSamples = 100;
/** So much of the disk gone at once was taken away by somebody: how it fills is told by what came after. */
const fallShare = 0.1;
/** A moment that is further away is none to plan for. */
const farMs = 5 * 365 * dayMs;

/** A box without a battery starts in 1970, until it hears the time. */
const setMs = Date.UTC(2024);

/**
 * With what is used now, if it is time for another sample and the clock was set; what is too old, or of a clock that ran
 * ahead, goes.
 */
export function withSample(samples: readonly Sample[], fresh: Sample): readonly Sample[] {
  if (fresh.at < setMs) return samples;
  const known = samples.filter(({at}) => at <= fresh.at && fresh.at - at <= keptMs);
  const last = known.at(-1);
  if (last !== undefined && fresh.at - last.at < apartMs - earlyMs) return known;
  return [...known, fresh].slice(-samplesLimit);
}

/** Null while there is too little to go by. */
export function trendOf(
  samples: readonly Sample[],
  disk: {readonly totalBytes: number; readonly freeBytes: number; readonly now: At},
): Trend | null {
  const {totalBytes, freeBytes, now} = disk;
  const lately = samples.filter(({at}) => at <= now && now - at <= judgedMs).toSorted((a, b) => a.at - b.at);
  const judged = sinceFall(lately, totalBytes * fallShare);
  const [first, last] = [judged[0], judged.at(-1)];
  if (first === undefined || last === undefined || judged.length < leastSamples) return null;
  if (last.at - first.at < leastMs) return null;
  const bytesPerDay = Math.round(slopeOf(thinned(judged, judgedSamples)) * dayMs);
  const untilFullMs = bytesPerDay > 0 ? (freeBytes / bytesPerDay) * dayMs : Number.POSITIVE_INFINITY;
  return {bytesPerDay, fullAt: untilFullMs > farMs ? null : At.parse(Math.ceil(now + untilFullMs))};
}

function sinceFall(samples: readonly Sample[], fallBytes: number): readonly Sample[] {
  const fall = samples.findLastIndex(({usedBytes}, place) => {
    const before = samples[place - 1];
    return before !== undefined && before.usedBytes - usedBytes > fallBytes;
  });
  return fall === -1 ? samples : samples.slice(fall);
}

/** At most so many, evenly, with the first and the last. */
function thinned(samples: readonly Sample[], limit: number): readonly Sample[] {
  if (samples.length <= limit) return samples;
  const step = (samples.length - 1) / (limit - 1);
  return Array.from({length: limit}, (_, place) => samples[Math.round(place * step)]).filter(
    sample => sample !== undefined,
  );
}

/** Bytes a millisecond. */
function slopeOf(samples: readonly Sample[]): number {
  const slopes: number[] = [];
  for (const [place, one] of samples.entries()) {
    for (const other of samples.slice(place + 1)) {
      if (other.at > one.at) slopes.push((other.usedBytes - one.usedBytes) / (other.at - one.at));
    }
  }
  slopes.sort((a, b) => a - b);
  const middle = slopes.length / 2;
  const [low = 0, high = 0] = [slopes[Math.ceil(middle) - 1], slopes[Math.floor(middle)]];
  return (low + high) / 2;
}
