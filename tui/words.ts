/** Owns the units and words that every verb and screen shares: how long, how much, when. Never looks at a clock. */
import type {At} from '../appliance/job.ts';

export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** What a step took: with a tenth while that is worth telling. */
export function spent(seconds: number): string {
  return seconds < 9.95 ? `${seconds.toFixed(1)} s` : duration(seconds);
}

/** In the largest unit, rounded down: `3 min`, `5 h`, `12 d`. A clock that was set back makes nothing younger than 0 s. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** For what is to come, which nobody knows to the minute: `3 hours`, `12 days`, `4 months`. */
export function roughly(ms: number): string {
  const hours = ms / 3_600_000;
  if (hours < 1) return count(Math.max(1, Math.round(hours * 60)), 'minute');
  if (hours < 48) return count(Math.round(hours), 'hour');
  const days = hours / 24;
  return days < 60 ? count(Math.round(days), 'day') : count(Math.round(days / 30), 'month');
}

export function size(bytes: number): string {
  if (bytes >= 1e12) return `${(bytes / 1e12).toFixed(1)} TB`;
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.ceil(bytes / 1e3)} kB`;
}

/** `1.2 MB/s`. */
export function rate(bytesPerSecond: number): string {
  return `${size(bytesPerSecond)}/s`;
}

/** `48 %`; all of it only when it is. */
export function percent(share: number): string {
  return `${Math.floor(share * 100)} %`;
}

export function count(amount: number, what: string): string {
  return `${amount} ${what}${amount === 1 ? '' : 's'}`;
}

/** By its name; null is that of this machine, which costs no knowledge of any other (8 MB). */
export type Zone = string | null;

/** The time of day in that time zone: `14:03:22`. */
export function timeOf(at: At, zone: Zone): string {
  return momentOf(at, zone).slice(11);
}

/** Of the year 9999: what comes later has no calendar to stand in. */
const lastMoment = 253_402_300_799_999;

/** `2026-11-21 14:03:22`. */
export function momentOf(at: At, zone: Zone): string {
  if (!(at <= lastMoment)) return '????-??-?? ??:??:??';
  if (zone === null) return momentHere(new Date(at));
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('sv-SE', {timeZone: zone, dateStyle: 'short', timeStyle: 'medium'});
    formats.set(zone, format);
  }
  return format.format(at);
}

function momentHere(date: Date): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}

/** One for each time zone; to make one takes longer than to write a line of a log. */
const formats = new Map<string, Intl.DateTimeFormat>();
