/** Owns reading what several verbs let people choose, as pure parsers: null is "nothing said", a no is one sentence. */
import {isAbsolute, resolve} from 'node:path';
import {type LanguageTag, languageTags, readLanguage} from '../appliance/languages.ts';
import type {Order} from '../appliance/order.ts';
import {no, ok, type Result} from '../appliance/result.ts';
import {text} from './verb.ts';

type Said = string | undefined;

/** A path as it was typed, from the folder it was typed in. */
export function absolute(path: string, folder: string): string {
  return isAbsolute(path) ? resolve(path) : resolve(folder, path);
}

export function readTongue(said: Said): Result<LanguageTag | null, string> {
  if (said === undefined) return ok(null);
  const language = readLanguage(said);
  if (language !== undefined) return ok(language);
  return no(`"${said}" is no language known here; known are ${languageTags.join(', ')}.`);
}

const loudnesses = [-14, -16, -23] as const;

/** Options that more than one verb has. */
export const shared = {
  to: (about: string) => ({...text('LANGUAGE', about), hints: languageTags}),
  from: (about: string) => ({...text('LANGUAGE', about), hints: languageTags}),
  loudness: (about: string) => ({...text('LUFS', about), hints: loudnesses.map(String)}),
};

export function readLoudness(said: Said): Result<Order['loudnessLufs'] | null, string> {
  if (said === undefined) return ok(null);
  const loudness = loudnesses.find(known => Number(said) === known);
  return loudness === undefined ? no(`--loudness is -14, -16 or -23, not "${said}".`) : ok(loudness);
}

/** A whole number in bounds. `what` begins the sentence: `--limit`. */
export function readWhole(
  said: Said,
  {what, from, to}: {readonly what: string; readonly from: number; readonly to: number},
): Result<number | null, string> {
  if (said === undefined) return ok(null);
  const number = Number(said);
  if (/^[+-]?\d{1,9}$/.test(said) && number >= from && number <= to) return ok(number);
  return no(`${what} is a number from ${from} to ${to}, not "${said}".`);
}
