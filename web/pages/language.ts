/** Owns which languages the pages speak, and that each text is there in all of them. Never knows a text. */

export const languages = ['en', 'es', 'ja'] as const;
export type Language = (typeof languages)[number];

/** The words of one page or part, side by side: what one language has, all have. */
export function inLanguages<W>(words: {readonly en: W; readonly es: NoInfer<W>; readonly ja: NoInfer<W>}) {
  return words;
}

export type InLanguages<W> = Readonly<Record<Language, W>>;

/** The first of those that somebody takes, in their order (RFC 9110, 12.5.4); English where none is spoken here. */
export function languageFor(accepted: string): Language {
  const wishes = accepted
    .slice(0, 500)
    .split(',')
    .map(wish => {
      const [tag = '', ...parameters] = wish.trim().toLowerCase().split(';');
      const weight = parameters.map(each => /^\s*q=([\d.]+)$/.exec(each)?.[1]).find(q => q !== undefined);
      return {tag: tag.split('-')[0], weight: weight === undefined ? 1 : Number(weight)};
    })
    .filter(({weight}) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight);
  for (const {tag} of wishes) {
    const spoken = languages.find(language => language === tag);
    if (spoken !== undefined) return spoken;
  }
  return 'en';
}
