/**
 * Owns what becomes of lines while somebody edits them: what was dubbed, what was saved since, what is being typed, and cutting and
 * joining. Pure. Never saves anything.
 */
import type {LineShown, LinesShown} from '../../appliance/api/line-shapes.ts';
import type {Anchor, EditChange, Rewritten} from '../../appliance/brief.ts';

/** One line as it was found, and all that became of it. */
export interface LineRow {
  readonly key: string;
  readonly anchor: Anchor;
  /** As it was last dubbed: several where it was split, none where it was joined to another. */
  readonly dubbed: readonly LineShown[];
  /** As it is wanted now. */
  readonly wanted: readonly Rewritten[];
  /** `draft`: not saved. `saved`: not dubbed yet. */
  readonly is: 'as-found' | 'dubbed' | 'saved' | 'draft';
}

export type Drafts = ReadonlyMap<string, EditChange>;

/** To the millisecond, as the box counts them. */
export function keyOf({start, source}: Anchor): string {
  return `${Math.round(start * 1000)} ${source}`;
}

/** In film order. */
export function rowsOf(
  {lines, edits}: Pick<LinesShown, 'lines' | 'edits'>,
  drafts: Drafts,
): readonly LineRow[] {
  const dubbed = Map.groupBy(lines, ({anchor}) => keyOf(anchor));
  const saved = new Map(edits.map(edit => [keyOf(edit.anchor), edit]));
  const anchors = new Map<string, Anchor>();
  for (const {anchor} of [...lines, ...edits]) anchors.set(keyOf(anchor), anchor);
  const rows = [...anchors].map(([key, anchor]): LineRow => {
    const own = dubbed.get(key) ?? [];
    const asDubbed = own.map(rewrittenOf);
    const draft = drafts.get(key);
    if (draft !== undefined)
      return {key, anchor, dubbed: own, wanted: draft.becomes ?? asDubbed, is: 'draft'};
    const edit = saved.get(key);
    const isEdited = own.some(({edited}) => edited) || own.length === 0;
    if (edit === undefined)
      return {key, anchor, dubbed: own, wanted: asDubbed, is: isEdited ? 'saved' : 'as-found'};
    return {
      key,
      anchor,
      dubbed: own,
      wanted: edit.becomes,
      is: isSame(edit.becomes, asDubbed) ? 'dubbed' : 'saved',
    };
  });
  return rows.toSorted((a, b) => startOf(a) - startOf(b));
}

function startOf({wanted, anchor}: LineRow): number {
  return wanted[0]?.start ?? anchor.start;
}

export function rewrittenOf({source, text, translation, speaker, sound}: LineShown): Rewritten {
  return {start: source.start, end: source.end, text, translation, speaker, sound};
}

/** What was dubbed of it went through the film's own bounds: a hundredth of a second is no other wish. */
function isSame(wanted: readonly Rewritten[], dubbed: readonly Rewritten[]): boolean {
  if (wanted.length !== dubbed.length) return false;
  return wanted.every((one, i) => {
    const other = dubbed[i];
    if (other === undefined) return false;
    const isThere = Math.abs(one.start - other.start) < 0.011 && Math.abs(one.end - other.end) < 0.011;
    const saysIt = one.text === other.text && one.translation === other.translation;
    return isThere && saysIt && one.speaker === other.speaker && one.sound === other.sound;
  });
}

/** Nobody speaks for less. */
const shortest = 0.2;

/**
 * A part cut in two where the dub's words are cut, in time by the share of its words; the words of the film by the same share, at a
 * space. Undefined where one half would say nothing.
 */
export function split(part: Rewritten, at: number): readonly [Rewritten, Rewritten] | undefined {
  const [first, second] = [part.translation.slice(0, at).trim(), part.translation.slice(at).trim()];
  if (first === '' || second === '' || part.end - part.start < 2 * shortest) return undefined;
  const share = first.length / (first.length + second.length);
  const middle = rounded(
    Math.min(
      Math.max(part.start + (part.end - part.start) * share, part.start + shortest),
      part.end - shortest,
    ),
  );
  const [text, rest] = cutNear(part.text, share);
  return [
    {...part, end: middle, text, translation: first},
    {...part, start: middle, text: rest, translation: second},
  ];
}

function cutNear(text: string, share: number): readonly [string, string] {
  const wanted = text.length * share;
  const spaces = [...text.matchAll(/[\s、。，]/gu)].map(({index}) => index + 1);
  const near =
    spaces.toSorted((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted))[0] ?? Math.round(wanted);
  return [text.slice(0, near).trim(), text.slice(near).trim()];
}

/** Two parts as one; of two speakers the first. */
export function joined(first: Rewritten, second: Rewritten, gap: string): Rewritten {
  const both = (a: string, b: string): string => [a, b].filter(text => text !== '').join(gap);
  return {
    ...first,
    end: Math.max(first.end, second.end),
    text: both(first.text, second.text),
    translation: both(first.translation, second.translation),
  };
}

/** The drafts after a part of a row was joined to the one that follows it; undefined where none does. */
export function joinNext(
  rows: readonly LineRow[],
  key: string,
  index: number,
  gap: string,
): Drafts | undefined {
  const at = rows.findIndex(row => row.key === key);
  const row = rows[at];
  const part = row?.wanted[index];
  if (row === undefined || part === undefined) return undefined;
  const inside = row.wanted[index + 1];
  if (inside !== undefined) {
    const becomes = [
      ...row.wanted.slice(0, index),
      joined(part, inside, gap),
      ...row.wanted.slice(index + 2),
    ];
    return new Map([[key, {anchor: row.anchor, becomes}]]);
  }
  const next = rows.slice(at + 1).find(({wanted}) => wanted.length > 0);
  const [first, ...rest] = next?.wanted ?? [];
  if (next === undefined || first === undefined) return undefined;
  return new Map([
    [key, {anchor: row.anchor, becomes: [...row.wanted.slice(0, index), joined(part, first, gap)]}],
    [next.key, {anchor: next.anchor, becomes: rest}],
  ]);
}

/** Seconds for a character of the dub, by what was spoken of it; null before anything was. */
export function paceOf(lines: readonly LineShown[]): number | null {
  let [seconds, characters] = [0, 0];
  for (const {dub, translation, speed} of lines) {
    if (dub === null || speed === null) continue;
    seconds += (dub.end - dub.start) * speed;
    characters += translation.length;
  }
  return characters === 0 ? null : seconds / characters;
}

export interface Fit {
  /** How long it takes at the voice's own pace, about. */
  readonly seconds: number;
  /** How long it may take: until the next line. */
  readonly room: number;
  readonly is: 'fits' | 'tight' | 'over';
}

/** From here on a line is hurried, and from here on it does not fit at all: as `fit` plans it. */
const hurried = {tight: 1.05, over: 1.6} as const;

export function fitOf(part: Rewritten, nextStart: number | null, pace: number | null): Fit | null {
  if (part.sound !== 'dub' || pace === null) return null;
  const seconds = part.translation.length * pace;
  const room = Math.max(part.end, nextStart === null ? part.end + 1 : nextStart - 0.12) - part.start;
  const need = seconds / room;
  return {seconds, room, is: need > hurried.over ? 'over' : need > hurried.tight ? 'tight' : 'fits'};
}

export const rounded = (seconds: number): number => Math.round(seconds * 100) / 100;

/** Levels of a stretch, 0 to 1, one for each of `count` columns: the loudest in each. */
export function columnsOf(
  levels: Uint8Array,
  stepSeconds: number,
  from: number,
  to: number,
  count: number,
): number[] {
  return Array.from({length: count}, (_, i) => {
    const first = Math.floor((from + ((to - from) * i) / count) / stepSeconds);
    const last = Math.max(first + 1, Math.floor((from + ((to - from) * (i + 1)) / count) / stepSeconds));
    let most = 0;
    for (let at = Math.max(0, first); at < Math.min(levels.length, last); at++)
      most = Math.max(most, levels[at] ?? 0);
    return most / 255;
  });
}
