/** Owns how the bytes of a subtitle file become text. Never looks at what the text says. */

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'shift_jis' | 'windows-1252';

export interface Decoded {
  /** Lines end in "\n" whatever they ended in before; no byte order mark. */
  readonly text: string;
  readonly encoding: Encoding;
}

/** How many bytes are looked at for NULs. */
const sampleBytes = 8192;

export function decodeSubtitles(bytes: Uint8Array): Decoded {
  const encoding = encodingOf(bytes);
  const text = new TextDecoder(encoding).decode(bytes);
  return {text: text.replaceAll(/\r\n?/g, '\n'), encoding};
}

function encodingOf(bytes: Uint8Array): Encoding {
  const marked = byMark(bytes) ?? byNuls(bytes.subarray(0, sampleBytes));
  if (marked !== undefined) return marked;
  if (isUtf8(bytes)) return 'utf-8';
  return isShiftJis(bytes) ? 'shift_jis' : 'windows-1252';
}

function byMark(bytes: Uint8Array): Encoding | undefined {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return undefined;
}

/**
 * Digits, colons and arrows of the times have a zero byte each in UTF-16, always on the same side. Three to one,
 * because U+3000, the Japanese space, puts a zero on the other side.
 */
function byNuls(sample: Uint8Array): Encoding | undefined {
  let even = 0;
  let odd = 0;
  for (let at = 0; at < sample.length; at++) {
    if (sample[at] !== 0) continue;
    if (at % 2 === 0) even++;
    else odd++;
  }
  if (even + odd < sample.length / 20) return undefined;
  if (odd > 3 * even) return 'utf-16le';
  if (even > 3 * odd) return 'utf-16be';
  return undefined;
}

/**
 * Valid UTF-8, or UTF-8 with a byte or two damaged: read as anything else, one bad byte would garble every accent
 * of the file. Text in another encoding is hardly ever valid for more than a few characters in a row.
 */
function isUtf8(bytes: Uint8Array): boolean {
  const text = new TextDecoder('utf-8').decode(bytes);
  const damaged = count(text, /\uFFFD/g);
  if (damaged === 0) return true;
  const foreign = count(text, /[^\0-\x7F\uFFFD]/gu);
  return damaged * 10 <= foreign;
}

/**
 * Every accented letter of Windows-1252 followed by a plain one is a valid kanji of Shift_JIS, so validity alone
 * says little. Two things tell: kana, which real Japanese is full of and which an accident can hardly make (their
 * first bytes are ‚ and ƒ), and, where there are none, the second bytes: more than half of them are above 0x7F in
 * kanji, and nearly none where an apostrophe or an accent stands between plain letters.
 */
function isShiftJis(bytes: Uint8Array): boolean {
  const text = new TextDecoder('shift_jis').decode(bytes);
  const foreign = count(text, /[^\0-\x7F]/gu);
  const damaged = count(text, /\uFFFD/g);
  if (damaged * 50 > foreign) return false;
  const kana = count(text, /[\u3040-\u30FF]/g);
  if (kana > 0) return kana * 10 >= foreign;
  return damaged === 0 && highPairShare(bytes) > 0.5;
}

/** Share of two-byte characters whose second byte is above 0x7F. */
function highPairShare(bytes: Uint8Array): number {
  let pairs = 0;
  let high = 0;
  for (let at = 0; at < bytes.length; at++) {
    const lead = bytes[at] ?? 0;
    const isLead = (lead >= 0x81 && lead <= 0x9f) || (lead >= 0xe0 && lead <= 0xfc);
    if (!isLead) continue;
    at++;
    pairs++;
    if ((bytes[at] ?? 0) > 0x7f) high++;
  }
  return pairs === 0 ? 0 : high / pairs;
}

function count(text: string, pattern: RegExp): number {
  let found = 0;
  for (const _ of text.matchAll(pattern)) found++;
  return found;
}
