/**
 * Owns what a path in the inbox means: whose film it is, how it is to be dubbed, what is left alone and what is refused.
 * Never looks at a disk. A name is bytes until it is known to be text.
 */
import {UserName} from '../../appliance/job.ts';
import {LanguageTag} from '../../appliance/languages.ts';
import {Preset} from '../../appliance/order.ts';
import {no, ok, type Result} from '../../appliance/result.ts';

/** The name of a file or folder as the bytes that it is, one character each (Latin-1): not every name is text. */
export type Name = string & {readonly [bytes]: true};
declare const bytes: unique symbol;

/** What happened to what, and what to do about it. */
export interface Why {
  readonly what: string;
  readonly fix: string;
}

/** What the folders of a film ask for. */
export interface FolderWishes {
  readonly preset?: Preset;
  readonly to?: LanguageTag;
}

/** What a folder says of the films in it. */
export type Place =
  | {readonly is: 'home'; readonly owner: UserName; readonly wishes: FolderWishes}
  /** Nobody's yet: the films stay where they are until that changes. */
  | {readonly is: 'held'; readonly why: Why}
  | {readonly is: 'refused'; readonly why: Why};

export type Kind =
  | {readonly is: 'ignored'}
  | {readonly is: 'refused'; readonly why: Why}
  | {readonly is: 'film'; readonly name: string}
  /** Goes with a film of its name: subtitles, or options. */
  | {readonly is: 'sidecar'; readonly name: string};

export interface Owners {
  /** Whose the films at the top of the inbox are. */
  readonly owner: UserName;
  readonly knows: (owner: UserName) => boolean;
}

/** Containers that films come in. What is really in them is for the job to see. */
export const filmEndings: ReadonlySet<string> = new Set([
  ...['mp4', 'm4v', 'mov', 'qt', 'mkv', 'webm', 'avi', 'divx', 'mpg', 'mpeg', 'mpe', 'vob', 'ts', 'm2ts'],
  ...['mts', 'm2t', '3gp', '3g2', 'flv', 'f4v', 'wmv', 'asf', 'ogv', 'ogm', 'mxf'],
]);

export const subtitleEndings: ReadonlySet<string> = new Set(['srt', 'vtt', 'ass', 'ssa']);

/** What browsers, download and sync tools call a file that they are still writing. */
const unfinished =
  /\.(?:part|partial|tmp|temp|crdownload|download|opdownload|filepart|aria2|ut|bc|qB|!ut|!bc|!qB)$/i;

/** What systems and sync tools leave beside what people put somewhere; all that is hidden besides. */
const leftovers: ReadonlySet<string> = new Set([
  ...['thumbs.db', 'ehthumbs.db', 'desktop.ini', '@eadir', '@recycle', '#recycle', '#snapshot'],
  ...['$recycle.bin', 'system volume information', 'lost+found', 'icon\r'],
]);

/** Notes of ours, which come back when a refused file is moved into the inbox again. */
export const noteEnding = '.why.txt';

/** True for what is left alone, file or folder. */
export function isIgnored(name: string): boolean {
  const low = name.toLowerCase();
  return (
    name.startsWith('.') ||
    name.startsWith('~') ||
    name.endsWith('~') ||
    unfinished.test(name) ||
    leftovers.has(low) ||
    low.endsWith(noteEnding)
  );
}

export function kindOf(given: Name): Kind {
  const text = readName(given);
  if (!text.ok) return isIgnored(shown(given)) ? {is: 'ignored'} : {is: 'refused', why: text.why};
  const name = text.value;
  if (isIgnored(name)) return {is: 'ignored'};
  const ending = name.includes('.') ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : '';
  if (filmEndings.has(ending)) return {is: 'film', name};
  if (subtitleEndings.has(ending) || /\.dub\.json$/i.test(name)) return {is: 'sidecar', name};
  return {
    is: 'refused',
    why: {
      what: `${name} is not a kind of file that Dubstead dubs.`,
      fix: 'Films come as .mp4, .mkv, .webm, .mov, .avi, .mpg, .ts and the like; beside them subtitles (.srt, .vtt, .ass) and options (.dub.json).',
    },
  };
}

/** Names of folders from the inbox down. The first is a user, the second may be a preset, the rest only group. */
export function placeOf(folders: readonly Name[], {owner, knows}: Owners): Place {
  const names: string[] = [];
  for (const folder of folders) {
    const text = readName(folder);
    if (!text.ok) return {is: 'refused', why: text.why};
    names.push(text.value);
  }
  const [user, preset] = names;
  if (user === undefined) return {is: 'home', owner, wishes: {}};
  const known = UserName.safeParse(user);
  if (!known.success || !knows(known.data)) return {is: 'held', why: nobody(user, owner)};
  const wishes = preset === undefined ? ok({}) : wishesOf(preset);
  return wishes.ok ? {is: 'home', owner: known.data, wishes: wishes.value} : {is: 'held', why: wishes.why};
}

function nobody(folder: string, owner: UserName): Why {
  return {
    what: `The inbox folder “${folder}” is named after nobody who uses this box.`,
    fix: `Folders of the inbox bear the names of users: move the film into one of those, such as ${owner}/${folder}, or to the top of the inbox.`,
  };
}

/**
 * `best`, `es` and `best-es` ask for something; `Season 1` and `best-of` do not. Small letters only: a film can be
 * called “It”. A region after a language, as in `pt-BR`, is allowed and says nothing.
 */
function wishesOf(folder: string): Result<FolderWishes, Why> {
  const presets: Preset[] = [];
  const languages: LanguageTag[] = [];
  let afterLanguage = false;
  for (const word of folder.split(/[-.]/)) {
    const preset = Preset.safeParse(word);
    const language = LanguageTag.safeParse(word);
    if (preset.success) presets.push(preset.data);
    else if (language.success) languages.push(language.data);
    else if (!afterLanguage || !/^(?:[A-Z]{2}|\d{3})$/.test(word)) return ok({});
    afterLanguage = language.success;
  }
  if (presets.length > 1 || languages.length > 1) {
    const both = (presets.length > 1 ? presets : languages).join(' and ');
    return no({
      what: `The inbox folder “${folder}” asks for ${both} at once.`,
      fix: 'Name at most one preset and one language in it, such as best-es; or put the films into two folders.',
    });
  }
  const [preset] = presets;
  const [to] = languages;
  return ok({...(preset === undefined ? {} : {preset}), ...(to === undefined ? {} : {to})});
}

const utf8 = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});

const isPlain = (name: Name): boolean => /^[\x20-\x7e]*$/.test(name);

/** The bytes of a name, as readdir gives them in Latin-1. */
export const nameOfBytes = (latin1: string): Name => latin1 as Name;

export const nameOf = (text: string): Name => nameOfBytes(Buffer.from(text).toString('latin1'));

/** A name as text; `nameOf` makes the same name of it again. */
export function readName(name: Name): Result<string, Why> {
  if (isPlain(name)) return ok(name);
  let text: string;
  try {
    text = utf8.decode(Buffer.from(name, 'latin1'));
  } catch {
    return no({
      what: `The name ${escaped(name)} is not text: it holds bytes that are not UTF-8.`,
      fix: 'Rename it, then put it into the inbox again. Here such bytes are written as % and two digits.',
    });
  }
  if (!/\p{Cc}/u.test(text)) return ok(text);
  return no({
    what: `The name ${escaped(name)} holds control characters, such as a line break.`,
    fix: 'Rename it, then put it into the inbox again. Here such characters are written as % and two digits.',
  });
}

/** A name for people and for files of ours: what is no text or could steer a terminal is written `%0A`. */
export function shown(name: Name): string {
  const text = readName(name);
  return text.ok ? text.value : escaped(name);
}

function escaped(name: Name): string {
  const bytes = Buffer.from(name, 'latin1');
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = characterAt(bytes, at);
    const character = length === 0 ? '' : utf8.decode(bytes.subarray(at, at + length));
    const isText = length > 0 && !/\p{Cc}/u.test(character);
    const end = at + Math.max(1, length);
    text += isText ? character : [...bytes.subarray(at, end)].map(percent).join('');
    at = end;
  }
  return text;
}

const percent = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;

/** How many bytes the character at `at` has; 0 when there is none. */
function characterAt(bytes: Uint8Array, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    try {
      utf8.decode(bytes.subarray(at, at + length));
      return length;
    } catch {
      // Not with this many bytes.
    }
  }
  return 0;
}

/** The start of `stem` that leaves room for `ending` in a name of 255 bytes, cut between characters. */
export function fitted(stem: string, ending: string, limitBytes = 255): string {
  const room = limitBytes - Buffer.byteLength(ending);
  if (Buffer.byteLength(stem) <= room) return stem + ending;
  let kept = '';
  let bytes = 0;
  for (const {segment} of new Intl.Segmenter().segment(stem)) {
    bytes += Buffer.byteLength(segment);
    if (bytes > room) break;
    kept += segment;
  }
  return kept + ending;
}
