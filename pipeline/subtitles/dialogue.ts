/**
 * Owns what of a subtitle file is spoken, and by whom: sound captions and lyrics go, two speakers in one cue become
 * two cues, overlaps are resolved. Never loses a spoken word, never merges cues into sentences.
 */

import {plainText, tidy} from '../../appliance/subtitles/markup.ts';
import {type Part, shareTime, untangle} from '../../appliance/subtitles/timing.ts';
import type {Cue} from '../documents.ts';

export {type Sentence, sentencesOf} from './sentences.ts';

const dash = '[-–—‐−]';
const notes = '♪♫♬♩';

const bracketed = /\[[^[\]]*\]|［[^［］]*］/gu;
/** Parentheses that fill whole lines; in the middle of a line they are what somebody says. */
const parenthesised = new RegExp(
  String.raw`(^|\n)(?:${dash}| )*(?:(?:\([^()]*\)|（[^（）]*）)[ .…]*)+(?=\n|$)`,
  'gu',
);
/** `(SIGHS) Fine.` and `（太郎）はい`: capitals, or the Japanese way to say who or how. */
const direction = new RegExp(
  String.raw`(^|\n)((?:${dash}| )*)(?:\((?=[^()]*\p{Lu})[^()\p{Ll}]*\)|（[^（）]{1,12}）)(?=[^\n])`,
  'gu',
);
const lyricInside = new RegExp(`[${notes}][^${notes}]*[${notes}]+`, 'gu');
const noteFirst = new RegExp(`^(?:${dash}| )*[${notes}]`, 'u');
const noteLast = new RegExp(`[${notes}] *$`, 'u');
const hashLyric = new RegExp(`^(?:${dash}| )*#[^#]*#$`, 'u');

/** `JOHN:`, `MAN 2:`, `DR. O'BRIEN (V.O.):` and `太郎：`, alone on their line or before words. */
const label =
  /^(?:(\p{Lu}[\p{Lu}\p{M}\d .'’&-]{1,30}?)(?: ?\([^()]*\))?:(?= |$)|([\p{sc=Han}\p{sc=Katakana}ー]{1,10})：)/u;
/** A dash before a number is a minus. */
const leadingDash = new RegExp(String.raw`^${dash}+ *(?=[^\d ]|$)`, 'u');
/** `- Yes. - No.` in one line. */
const dashInside = new RegExp(String.raw`(?<=[.!?…"”]) +${dash}+ *(?=[¿¡"“]?\p{Lu})`, 'u');
const sentenceEnd = /[.!?…。！？]["'”’»)\]」』）]*$/u;

/** Cues to be spoken, sorted; nobody overlaps himself or somebody unknown. */
export function dialogueOf(cues: readonly Cue[]): Cue[] {
  const spoken = cues.flatMap(cue => shareTime(cue, partsOf(cue)));
  return untangle(withoutDuplicates(spoken.sort((a, b) => a.start - b.start)));
}

/** What each speaker of one cue says. */
function partsOf(cue: Cue): Part[] {
  const lines = withoutCaptions(plainText(cue.text)).split('\n').flatMap(splitAtDash);
  const parts = groupBySpeaker(withoutLyrics(lines).filter(line => line.trim() !== ''));
  return parts.flatMap(({speaker, lines}) => {
    const text = tidy(lines.join('\n'));
    if (!/[\p{L}\p{N}]/u.test(text)) return [];
    // The name that came with the cue is one speaker's; with two in it, it says nothing.
    return [{text, speaker: speaker ?? (parts.length === 1 ? cue.speaker : undefined)}];
  });
}

function withoutCaptions(text: string): string {
  return text.replaceAll(bracketed, ' ').replaceAll(parenthesised, '$1').replaceAll(direction, '$1$2');
}

/** A lyric goes on to the next lines until a note closes it or somebody else speaks. */
function withoutLyrics(lines: readonly string[]): string[] {
  let singing = false;
  return lines
    .filter(whole => {
      const line = whole.replaceAll(lyricInside, ' ').trim();
      const [opens, closes] = [noteFirst.test(line), noteLast.test(line)];
      if (singing && leadingDash.test(line)) singing = false;
      const isLyric = singing || opens || closes || hashLyric.test(line);
      singing = opens ? true : singing && !closes;
      return !isLyric;
    })
    .map(line => line.replaceAll(lyricInside, ' '));
}

function splitAtDash(line: string): string[] {
  const trimmed = line.trim();
  if (!leadingDash.test(trimmed)) return [trimmed];
  const [head = '', ...rest] = trimmed.split(dashInside);
  return [head, ...rest.map(part => `- ${part}`)];
}

interface Group {
  speaker: string | undefined;
  readonly lines: string[];
}

/** Lines by who says them: a dash or a label begins somebody else. */
function groupBySpeaker(lines: readonly string[]): readonly Group[] {
  const groups: Group[] = [];
  const dashes = lines.filter(line => leadingDash.test(line)).length;
  for (const line of lines) {
    const open = groups.at(-1);
    const isDashed = leadingDash.test(line);
    const bare = line.replace(leadingDash, '').trim();
    const found = label.exec(bare);
    const speaker = found?.[1]?.trim() ?? found?.[2];
    const words = bare.slice(found?.[0].length ?? 0);
    const answers = isDashed && (dashes > 1 || sentenceEnd.test(open?.lines.at(-1) ?? ''));
    if (open === undefined || speaker !== undefined || answers) groups.push({speaker, lines: [words]});
    // One dash in the middle of a sentence belongs to the sentence.
    else open.lines.push(isDashed ? line : words);
  }
  return groups.filter(group => group.lines.some(line => line.trim() !== ''));
}

/** The same words twice at the same time: layers of a styled title, or a line that two tracks share. */
function withoutDuplicates(sorted: readonly Cue[]): Cue[] {
  const kept: Cue[] = [];
  const latest = new Map<string, number>();
  for (const cue of sorted) {
    const key = JSON.stringify([cue.text, cue.speaker]);
    const index = latest.get(key);
    const twin = index === undefined ? undefined : kept[index];
    if (index !== undefined && twin !== undefined && cue.start < Math.max(twin.end, twin.start + 0.001)) {
      kept[index] = {...twin, end: Math.max(twin.end, cue.end)};
    } else {
      latest.set(key, kept.push(cue) - 1);
    }
  }
  return kept;
}
