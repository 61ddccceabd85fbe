/** Owns saying a failure in somebody's language, from within a page. The API says it in English, for scripts. */
import type {Failure} from '../../../appliance/failure.ts';
import type {Language} from '../language.ts';
import type {FailureWords, Said} from './failure.terms.ts';
import {words as en} from './failure.words.en.ts';
import {words as es} from './failure.words.es.ts';
import {words as ja} from './failure.words.ja.ts';

const words: Readonly<Record<Language, FailureWords>> = {en, es, ja};

/** Undefined for a reason of a box that is newer than the page. */
export function failureText(failure: Failure, language: Language): Said | undefined {
  // Each function is asked with the failure that it is for.
  const say = words[language][failure.reason] as ((failure: Failure) => Said) | undefined;
  return say?.(failure);
}
