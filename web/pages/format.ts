/** Owns how amounts and moments read, in somebody's own language. Never a sentence. */
import type {Language} from './language.ts';

/** "3.4 GB"; powers of ten, as phones and shops count. */
export function bytesText(bytes: number, language: Language): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  const options = {
    style: 'unit',
    unit: units[step] ?? 'byte',
    unitDisplay: step === 0 ? 'long' : 'short',
  } as const;
  return new Intl.NumberFormat(language, {
    ...options,
    maximumFractionDigits: value < 10 && step > 1 ? 1 : 0,
  }).format(value);
}

export function percentText(share: number, language: Language): string {
  return new Intl.NumberFormat(language, {style: 'percent', maximumFractionDigits: 0}).format(share);
}

/** "2 hr 5 min", "40 sec": the two largest parts. */
export function spanText(seconds: number, language: Language): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [
    ['hour', Math.floor(whole / 3600)],
    ['minute', Math.floor((whole % 3600) / 60)],
    ['second', whole % 60],
  ] as const;
  const first = parts.findIndex(([, value]) => value > 0);
  const shown =
    first < 0 ? parts.slice(2) : parts.slice(first, first === 0 || whole < 600 ? first + 2 : first + 1);
  return shown
    .filter(([, value], i) => value > 0 || i === 0)
    .map(([unit, value]) =>
      new Intl.NumberFormat(language, {style: 'unit', unit, unitDisplay: 'short'}).format(value),
    )
    .join(' ');
}

/** "1:02:03", as players show it. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** "3 minutes ago", "yesterday". */
export function agoText(at: number, now: number, language: Language): string {
  const seconds = (at - now) / 1000;
  const format = new Intl.RelativeTimeFormat(language, {numeric: 'auto'});
  const steps = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ] as const;
  if (Math.abs(seconds) > 30 * 86_400)
    return new Intl.DateTimeFormat(language, {dateStyle: 'medium', timeZone: 'UTC'}).format(at);
  for (const [unit, length] of steps)
    if (Math.abs(seconds) >= length) return format.format(Math.round(seconds / length), unit);
  return format.format(0, 'minute');
}

/** "Spanish", in the language of whoever reads. */
export function languageText(tag: string | null, language: Language): string {
  if (tag === null) return '?';
  return new Intl.DisplayNames([language], {type: 'language'}).of(tag) ?? tag;
}
