/**
 * Owns what may stand on a line of a terminal: text from outside (titles, paths, words of tools) goes through here before
 * it is shown, and before it is measured. Never cuts a text, and never touches escapes of our own.
 */

/**
 * The text on one line, without what could steer a terminal, turn its reading direction, or hide. Terminals do not
 * agree how wide a joined emoji is, so joined ones are taken apart: the width is the same everywhere then.
 */
export function printable(text: string): string {
  return text
    .replaceAll(joints, '')
    .replaceAll(/[\ufe0f\u{e0000}-\u{e007f}]/gu, '')
    .replaceAll(/(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '\uFFFD')
    .replaceAll(piles, '$1');
}

/** What joins emoji, or tints one. Between letters a joiner is part of how some languages are written. */
const joints = /(?<=\p{Extended_Pictographic})[\u200d\ufe0f\u{1f3fb}-\u{1f3ff}]+/gu;

/** More marks on one letter than any language has would run into the lines above. */
const piles = /((?:[\p{M}\u200c\u200d]){4})[\p{M}\u200c\u200d]+/gu;

/** One line of JSON that steers no terminal either: what it holds is the same. */
export function jsonLine(value: unknown): string {
  const text = JSON.stringify(value);
  return `${text.replaceAll(/[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, escaped)}\n`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
