/** Owns what the words of a failure are made of in every language: which there are, and how amounts and lists stand in them. */
import type {Failure} from '../../../appliance/failure.ts';
import {dubTags} from '../dubs.ts';
import {bytesText, languageText, spanText} from '../format.ts';
import type {Language} from '../language.ts';

/** What happened, and what to do about it. */
export type Said = readonly [what: string, fix: string];
type Of<R> = Extract<Failure, {reason: R}>;

export type FailureWords = {readonly [R in Failure['reason']]: (failure: Of<R>) => Said};
export type LimitWords = {
  readonly [L in Of<'limit'>['limit']]: (amount: string, node: string | null) => Said;
};

/** Seconds, but bytes of memory and of a file. */
export function amountOf({limit, allowed}: Of<'limit'>, language: Language): string {
  return limit === 'memory' || limit === 'file' ? bytesText(allowed, language) : spanText(allowed, language);
}

export const quoted = (names: readonly string[]): string => names.join(', ');

export const reasons = ({engines}: Of<'engine-missing'>): string =>
  engines.map(({name, why}) => `${name} (${why})`).join('; ');

/** A failure names languages in English; one that has no tag here stays so. */
export function languageNamed(english: string, language: Language): string {
  const tag = dubTags.find(each => languageText(each, 'en') === english);
  return tag === undefined ? english : languageText(tag, language);
}
