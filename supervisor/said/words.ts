/**
 * Owns how what was said is compared with what is looked for: case, accents, forms of the same letter and all that
 * stands between words do not count. Pure; never shown to anybody.
 */

/** Harakat and niqqud as well; not the marks that make が of か, nor the vowels of Indian scripts, which are marks too. */
const marks = /[\u0300-\u036f\u0591-\u05c7\u064b-\u0652]/gu;
const between = /[^\p{L}\p{M}\p{N}]+/gu;

/** Words with one blank between them; empty for what has none. */
export function heard(text: string): string {
  const bare = text.normalize('NFKD').replace(marks, '').normalize('NFKC').toLowerCase();
  // Lower case brings a mark along where a letter has none of its own: İ.
  return bare.replace(marks, '').replace(between, ' ').trim();
}

/**
 * Every piece of three characters, and of two where a script writes words that short: what is part of a text has no
 * piece that the text has not. The text is as `heard` gives it.
 */
export function* pieces(text: string): Generator<string> {
  for (let at = 0; at + 1 < text.length; at++) {
    if (isDense(text.charCodeAt(at)) && isDense(text.charCodeAt(at + 1))) yield text.slice(at, at + 2);
    if (at + 2 < text.length) yield text.slice(at, at + 3);
  }
}

/** From Thai on: scripts without blanks between words, or with a syllable a letter. */
function isDense(code: number): boolean {
  return code >= 0x0e00;
}
