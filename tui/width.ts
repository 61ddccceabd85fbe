/**
 * Owns how many columns a text takes in a terminal, and fitting it into some: cut, padded, wrapped. Measures what
 * `printable` has cleaned. Never writes anything.
 */

/**
 * Wide and fullwidth characters of Unicode's East Asian Width outside of emoji, with the unassigned places of those
 * blocks: what comes there will be wide.
 */
const wide =
  /[\u1100-\u115f\u2329\u232a\u2630-\u2637\u268a-\u268f\u2e80-\u303e\u3041-\u3247\u3250-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1d300}-\u{1d376}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|(?![\u{1f1e6}-\u{1f1ff}])\p{Emoji_Presentation}/u;

/** Marks and joiners stand on the letter before them, and the later parts of a Hangul syllable in it. */
const narrow = /[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff\ud7b0-\ud7ff]/u;

export function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += widthOfOne(character);
  return columns;
}

function widthOfOne(character: string): number {
  if (narrow.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

let segmenter: Intl.Segmenter | undefined;

/** Characters as people count them. Made when first asked for: most text fits as it is. */
function charactersOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter();
  return segmenter.segment(text);
}

/** The start of the text that fits. */
function startOf(text: string, columns: number): string {
  let kept = '';
  let taken = 0;
  for (const {segment} of charactersOf(text)) {
    taken += widthOf(segment);
    if (taken > columns) break;
    kept += segment;
  }
  return kept;
}

/** At most that many columns: what is cut off ends with `…`. */
export function clipped(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  return columns < 1 ? '' : `${startOf(text, columns - 1)}…`;
}

/** Exactly that many columns. */
export function padded(text: string, columns: number, side: 'left' | 'right' = 'left'): string {
  const fitting = clipped(text, columns);
  const space = ' '.repeat(Math.max(0, columns - widthOf(fitting)));
  return side === 'left' ? fitting + space : space + fitting;
}

/**
 * Lines of at most that many columns, broken at spaces, and within a word only when it fits on no line. Spaces before the
 * first word stand before every line.
 */
export function wrapped(text: string, columns: number): readonly string[] {
  const words = text.trimStart();
  const indent = ' '.repeat(Math.min(text.length - words.length, Math.max(0, columns - 1)));
  return wrappedWords(words, columns - indent.length).map(line => indent + line);
}

function wrappedWords(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (widthOf(longer) <= columns) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line.trimEnd());
    line = word;
    while (widthOf(line) > columns) {
      // One character that is wider than the line has to go somewhere.
      const start = startOf(line, columns) || firstOf(line);
      lines.push(start);
      line = line.slice(start.length);
    }
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}

function firstOf(text: string): string {
  return charactersOf(text).containing(0)?.segment ?? text;
}
