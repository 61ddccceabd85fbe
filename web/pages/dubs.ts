/** Owns what a dub can be asked for, where a page offers it to choose. Never what the box is set to. */
import type {LanguageTag} from '../../appliance/languages.ts';
import type {Preset} from '../../appliance/order.ts';
import {languageText} from './format.ts';
import type {Language} from './language.ts';

/** All there are: a tag that is missing does not compile. */
const tags: Readonly<Record<LanguageTag, true>> = {
  ...{en: true, es: true, ja: true, fr: true, de: true, it: true, pt: true, ca: true, ko: true},
  ...{zh: true, ru: true},
};

export const dubTags: readonly LanguageTag[] = Object.keys(tags).filter(isDubTag);
export const dubPresets = ['fast', 'balanced', 'best'] as const satisfies readonly Preset[];

export function isDubTag(text: string): text is LanguageTag {
  return Object.hasOwn(tags, text);
}

/** By their names, as whoever reads would look for them. */
export function tagOptions(language: Language): readonly (readonly [tag: string, name: string])[] {
  return dubTags
    .map(tag => [tag, languageText(tag, language)] as const)
    .toSorted(([, a], [, b]) => a.localeCompare(b, language));
}
