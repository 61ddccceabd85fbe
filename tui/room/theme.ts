/**
 * Owns what a tone of the screen looks like: a few attributes and the eight colours that every terminal has, as its owner
 * has set them. Screens name tones and never colours, and never say with a tone alone what no word says.
 */
export const tones = [
  'plain',
  'dim',
  'strong',
  /** The name of what is looked at. */
  'title',
  /** What a key is called. */
  'key',
  'good',
  'warn',
  'bad',
  'busy',
  /** The line that keys act on. */
  'cursor',
  'marked',
  /** The lines above and below. */
  'bar',
] as const;
export type Tone = (typeof tones)[number];

export const themeNames = ['usual', 'safe', 'plain'] as const;
/** `safe` tells nothing by red against green; `plain` has no colour at all. */
export type ThemeName = (typeof themeNames)[number];

/** Parameters of SGR (ECMA-48, 8.3.117). */
type Theme = Readonly<Record<Tone, string>>;

const plain: Theme = {
  plain: '',
  dim: '',
  strong: '1',
  title: '1',
  key: '1',
  good: '',
  warn: '1',
  bad: '1;4',
  busy: '',
  cursor: '7',
  marked: '1;4',
  bar: '7',
};

const usual: Theme = {
  ...plain,
  dim: '2',
  title: '1;36',
  key: '36',
  good: '32',
  warn: '33',
  bad: '1;31',
  busy: '36',
  marked: '1;33',
};

/** Blue and yellow are told apart by nearly everybody. */
const safe: Theme = {...usual, good: '1;34', warn: '33', bad: '1;7;33', busy: '36'};

const themes: Readonly<Record<ThemeName, Theme>> = {usual, safe, plain};

/** The escape that switches to a tone from whatever was before. */
export function escapeOf(theme: ThemeName, tone: Tone): string {
  const parameters = themes[theme][tone];
  return parameters === '' ? '\x1b[0m' : `\x1b[0;${parameters}m`;
}
