/** Owns how the markup of subtitles becomes plain words. Never decides which words are spoken. */

/** Tags that players honour in SRT; anything else in angle brackets is text there. */
const knownTag =
  /<\/?(?:i|b|u|s|em|strong|font|span|c|v|lang|ruby|rt|rp|p|br)(?:[\s.][^<>]*|\/)?>|<\d[\d:.]*>/giu;
const anyTag = /<[^<>]*>/gu;
const lineBreak = /<br\s?\/?>/giu;
/** A reading printed above a kanji: it would be spoken twice. */
const ruby = /<rt(?:[\s.][^<>]*)?>[^<]*(?:<\/rt>)?/giu;
const override = /\{\\[^{}]*\}/gu;
const entity = /&(?:amp|lt|gt|quot|apos|nbsp|lrm|rlm|#\d{1,7}|#x[\da-f]{1,6});/giu;

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  lrm: '',
  rlm: '',
};

/** Marks without a width; dropped from every text, so that a writer can break up with one what must not be read as markup. */
const invisible = /[\u200B\u200E\u200F\u2060\uFEFF]/gu;
export const breaker = '\u200B';

/** Text of an SRT cue: known tags, `{\an8}` and entities. */
export function plainText(marked: string): string {
  return tidy(readEntities(withoutRuby(marked).replaceAll(knownTag, '').replaceAll(override, '')));
}

/** Text of a WebVTT cue, where every angle bracket opens a tag. */
export function plainVtt(marked: string): string {
  return tidy(readEntities(withoutRuby(marked).replaceAll(anyTag, '')));
}

/** Makes a plain text safe where `plainText` will read it: what looks like markup is broken up invisibly. */
export function withoutMarkup(plain: string): string {
  const broken = (found: string): string => found.slice(0, 1) + breaker + found.slice(1);
  return [ruby, lineBreak, knownTag, override, entity].reduce(
    (text, pattern) => text.replaceAll(pattern, broken),
    plain,
  );
}

/** Spaces, line ends and control characters as every later step expects them: no blank line, no space at an end. */
export function tidy(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/\r\n?|[\v\f\u0085\u2028\u2029]/g, '\n')
    .replaceAll(/[\t\u00A0]/g, ' ')
    .replaceAll(/[\x00-\x09\x0E-\x1F\x7F-\x9F]/g, '')
    .replaceAll(invisible, '')
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
    .join('\n');
}

interface Voice {
  readonly speaker: string | undefined;
  readonly marked: string;
}

const voiceTag = /<v(?:\.[^\s<>]*)?[ \t]+([^<>]*)>|<\/v>/giu;

/** Stretches of a WebVTT cue by the `<v Speaker>` they stand in. */
export function voicesOf(marked: string): readonly Voice[] {
  const voices: Voice[] = [];
  let speaker: string | undefined;
  let at = 0;
  for (const found of marked.matchAll(voiceTag)) {
    voices.push({speaker, marked: marked.slice(at, found.index)});
    speaker = plainVtt(found[1] ?? '') || undefined;
    at = found.index + found[0].length;
  }
  voices.push({speaker, marked: marked.slice(at)});
  return voices.filter(voice => plainVtt(voice.marked) !== '');
}

function withoutRuby(marked: string): string {
  return marked.replaceAll(ruby, '').replaceAll(lineBreak, '\n');
}

function readEntities(text: string): string {
  return text.replaceAll(entity, whole => {
    const name = whole.slice(1, -1).toLowerCase();
    if (!name.startsWith('#')) return entities[name] ?? whole;
    const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
