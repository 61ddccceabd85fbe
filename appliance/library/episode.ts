/**
 * Owns what a film's file name says of it: of which series, season and episode it is, and what people would call it.
 * Pure, and never sure: what a person wrote on the job's card counts before it.
 */

export interface Episode {
  readonly series: string;
  readonly season: number | null;
  readonly episode: number | null;
}

/** What is read of a name; a file's is shorter. */
const readLimit = 400;
const seriesLimit = 200;

interface Found extends Episode {
  /** What stands behind the numbers: often the episode's own title. */
  readonly rest: string;
  /** Told by its day, `2024-03-15`. */
  readonly day: string | null;
}

/** Each with the groups `series`, and what it knows of `season`, `episode` and `day`; the first that fits counts. */
const shapes: readonly RegExp[] = [
  // Show.S01E02.Title, Show s1 e2, Show S01E02E03
  /^(?<series>.+?)[ ._-]+s(?<season>\d{1,4})[ ._-]{0,3}e(?<episode>\d{1,4})(?:-?e\d{1,4})*(?![\p{L}\d])(?<rest>.*)$/iu,
  // Show 1x02; not 16x9, not x264
  /^(?<series>.+?)[ ._[(-]+(?<season>\d{1,2})x(?<episode>(?!26[456])\d{2,3})(?![\p{L}\d])(?<rest>.*)$/iu,
  // Show Season 1 Episode 2
  /^(?<series>.+?)[ ._,-]+season[ ._]*(?<season>\d{1,4})[ ._,-]*(?:episode|ep)[ ._]*(?<episode>\d{1,4})(?!\d)(?<rest>.*)$/iu,
  // 番組 第2期 第3話
  /^(?<series>.+?)[ ._\u3000-]*(?:第(?<season>[\d０-９]{1,3})(?:期|シーズン)[ ._\u3000-]*)?第(?<episode>[\d０-９]{1,4})(?:話|回)(?<rest>.*)$/u,
  // [Group] Show S2 - 03v2 [1080p]
  /^\[[^\]]*\][ ._]*(?<series>.+?)(?:[ ._]+s(?<season>\d{1,2}))?[ ._]+-[ ._]+(?<episode>\d{1,4})(?:v\d)?(?=[ ._([]|$)(?<rest>.*)$/iu,
  // Show - 02, Show - 02 - Title; a year is none
  /^(?<series>[^[].*?)[ ._]+-[ ._]+(?:episode |ep\.? ?|#)?(?<episode>(?!(?:19|20)\d\d(?!\d))\d{2,4})(?:v\d)?(?=[ ._]+-[ ._]|[ ._]*[([]|[ ._]*$)(?<rest>.*)$/iu,
  // Show 2024-03-15, Show.2024.03.15; not the name that a camera gives, which has the time as well
  /^(?<series>.*\p{L}.*?)[ ._-]+(?<day>(?:19|20)\d\d[-._ ](?:0[1-9]|1[0-2])[-._ ](?:0[1-9]|[12]\d|3[01]))(?!\d|[ ._-]+(?:at[ ._]|um[ ._])?\d\d[-._:h]?\d\d)(?<rest>.*)$/iu,
];

/** Names of devices and programs that put a day behind them. */
const isDevice =
  /^(?:img|vid|mov|dsc|pxl|video|movie|clip|whatsapp video|screen ?(?:recording|cast)|bildschirmaufnahme)$/i;

/** Null for what is no part of a series, as far as its name tells. */
export function episodeIn(fileName: string): Episode | null {
  const found = foundIn(fileName);
  if (found === null) return null;
  const {series, season, episode} = found;
  return {series, season, episode};
}

/** What people would call it: `Show S01E02 Title`, `Film (2017)`. Never empty. */
export function nameIn(fileName: string): string {
  const found = foundIn(fileName);
  if (found === null)
    return filmNameOf(stemOf(fileName)) || shownOf(fileName) || fileName.slice(0, readLimit);
  const {series, day, rest} = found;
  return [series, day ?? placeText(found), filmNameOf(rest)].filter(part => part !== '').join(' ');
}

/** `S01E02`; without a season, `02`. */
export function placeText({season, episode}: Pick<Episode, 'season' | 'episode'>): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  const part = episode === null ? '' : two(episode);
  if (season === null) return part;
  return part === '' ? `S${two(season)}` : `S${two(season)}E${part}`;
}

function foundIn(fileName: string): Found | null {
  const stem = stemOf(fileName);
  for (const shape of shapes) {
    const {series = '', season, episode, day, rest = ''} = shape.exec(stem)?.groups ?? {};
    const name = spaced(series).slice(0, seriesLimit).trim();
    if (name === '' || (day !== undefined && isDevice.test(name))) continue;
    const plain = day?.replaceAll(/[._ ]/g, '-') ?? null;
    const year = plain === null ? null : Number(plain.slice(0, 4));
    return {series: name, season: numberOf(season) ?? year, episode: numberOf(episode), rest, day: plain};
  }
  return null;
}

function numberOf(digits: string | undefined): number | null {
  if (digits === undefined) return null;
  return Number(digits.replaceAll(/[０-９]/g, digit => String(digit.charCodeAt(0) - 0xff10)));
}

function stemOf(fileName: string): string {
  return shownOf(fileName).replace(/\.[a-z0-9]{2,5}$/i, '');
}

/** Without what turns, hides or moves the text around it. */
function shownOf(fileName: string): string {
  const start = fileName.slice(0, readLimit).toWellFormed().normalize('NFC');
  return start.replaceAll(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, '').trim();
}

/** How a film was packed, which ends its name: `1080p`, `BluRay`, `x264`. */
const packing =
  /[ ._([-]+(?:\d{3,4}[pi]|4k|uhd|blu-?ray|b[dr]rip|web(?:-?dl|rip)?|hdtv|dvd(?:rip)?|remux|[xh][ .]?26[456]|hevc|av1|xvid|aac|ac3|dts|proper|repack)(?![\p{L}\d]).*$/iu;

function filmNameOf(text: string): string {
  const bare = text.replace(packing, '').replaceAll(/\[[^\]]*\]/g, ' ');
  const year = /^(.*\S)[ ._]+((?:19|20)\d\d)[ ._]*$/u.exec(bare);
  // Dots for blanks: the last number is the year that the film is of.
  if (year?.[1] !== undefined && !bare.includes(' ') && /[._]/.test(bare))
    return `${spaced(year[1])} (${year[2]})`;
  return spaced(bare);
}

/** Dots and low lines are blanks where a name has no others. */
function spaced(text: string): string {
  const words = /\s/.test(text.trim()) ? text : text.replaceAll(/[._]+/g, ' ');
  return words.replaceAll(/\s+/g, ' ').replaceAll(/^[\s\-–—,_.)\]]+|[\s\-–—,_([]+$/g, '');
}
