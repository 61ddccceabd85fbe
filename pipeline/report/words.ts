/** Owns how numbers and states read to people, the same in every part of the page. Never makes markup. */
import type {CastSpeaker} from '../documents.ts';
import type {LineState, MetricGroup, Verdict} from './report.ts';

/** `0:07`, `12:30`, `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds + 1e-6);
  const two = (n: number): string => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** `+0.12 s`, `−0.40 s`. */
export function signed(value: number, decimals = 2): string {
  const fixed = Math.abs(value).toFixed(decimals);
  if (Number(fixed) === 0) return fixed;
  return `${value < 0 ? '−' : '+'}${fixed}`;
}

export function plain(value: number, decimals: number): string {
  const fixed = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(fixed) !== 0 ? `−${fixed}` : fixed;
}

export function bytes(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(1)} GB`;
  return `${Math.round(count / 1e6)} MB`;
}

export function seconds(value: number): string {
  return value >= 600 ? clock(value) : `${value.toFixed(value < 10 ? 2 : 1)} s`;
}

const decimals: Readonly<Record<string, number>> = {
  'ms/h': 0,
  cues: 0,
  LUFS: 1,
  LU: 1,
  dBTP: 1,
  'chars/s': 1,
};

/** The number of a metric and, apart from it, the unit to set smaller. */
export function amount(value: number, unit: string): {readonly number: string; readonly unit: string} {
  if (unit === 'bytes') {
    const [number = '', scale = ''] = bytes(value).split(' ');
    return {number, unit: scale};
  }
  // 94.7 % must not read as the 95 % it misses.
  if (unit === '%') return {number: plain(value, Number.isInteger(value) ? 0 : 1), unit};
  return {number: plain(value, decimals[unit] ?? 2), unit};
}

/** Sign and word together: the colour beside them only repeats what they say. */
export const verdictSigns: Readonly<Record<Verdict, string>> = {
  good: '✓',
  fair: '◐',
  poor: '✕',
  'not measured': '–',
};

export const verdictClasses: Readonly<Record<Verdict, string>> = {
  good: 'good',
  fair: 'fair',
  poor: 'poor',
  'not measured': 'none',
};

export const stateWords: Readonly<Record<LineState, string>> = {
  fits: 'fits',
  tight: 'tight',
  over: 'over',
  kept: 'original',
};

export const groupNames: Readonly<Record<MetricGroup, string>> = {
  timing: 'Timing',
  speed: 'Pace',
  voices: 'Voices',
  subtitles: 'Subtitles',
  sound: 'Sound',
  machine: 'This machine',
};

export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** `21 November 2026, 20:15 UTC` from ISO 8601; what is no date stays as it was given. */
export function day(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const options = {timeZone: 'UTC', day: 'numeric', month: 'long', year: 'numeric'} as const;
  const date = new Intl.DateTimeFormat('en-GB', options).format(at);
  return `${date}, ${at.toISOString().slice(11, 16)} UTC`;
}

/** What people call a speaker; the id of one that nobody named. */
export function calledIn({speakers}: {readonly speakers: readonly CastSpeaker[]}, id: string): string {
  return speakers.find(speaker => speaker.id === id)?.name ?? id;
}
