/**
 * Owns how spoken lines become subtitles that can be read: cut into cues, broken into lines, timed. Never loses a
 * word, never lets two cues overlap; what the rules ask and the time does not allow, `violations` reports.
 */

import {shareTime, untangle} from '../../appliance/subtitles/timing.ts';
import type {Cue} from '../documents.ts';
import {cut} from './breaks.ts';
import {isSpaceless} from './grammar.ts';
import {type Profile, widthOf} from './profiles.ts';

export interface SpokenLine {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface Film {
  readonly framesPerSecond: number;
  /** Seconds. */
  readonly duration: number;
}

const usualFramesPerSecond = 24;
/** A shorter pause between two cues is a flicker: the first one stays (half a second, as the guides' twelve frames). */
const flickerSeconds = 0.5;

export function composeCues(lines: readonly SpokenLine[], profile: Profile, film: Film): Cue[] {
  const spoken = lines.map(({start, end, text}) => ({start, end, text: oneLine(text, profile)}));
  const cues = untangle(spoken.filter(line => line.text !== '')).flatMap(line => cuesOf(line, profile));
  const rate = film.framesPerSecond > 0 ? film.framesPerSecond : usualFramesPerSecond;
  return cues.map((cue, index) => {
    const next = cues[index + 1]?.start;
    return {...cue, end: endOf(cue, {next, profile, gap: profile.gapFrames / rate, film})};
  });
}

export type Rule =
  | 'line-width'
  | 'lines'
  | 'reading-speed'
  | 'min-duration'
  | 'max-duration'
  | 'gap'
  | 'overlap';

export interface Violation {
  /** Of the cue, from 0. */
  readonly index: number;
  readonly rule: Rule;
  readonly value: number;
  readonly limit: number;
}

/** Times are written in milliseconds: what is off by less is kept. */
const tolerance = 0.002;

export function violations(
  cues: readonly Cue[],
  profile: Profile,
  framesPerSecond: number = usualFramesPerSecond,
): Violation[] {
  return cues.flatMap((cue, index) => {
    const lines = cue.text.split('\n');
    const seconds = cue.end - cue.start;
    const next = cues[index + 1]?.start ?? Number.POSITIVE_INFINITY;
    const gap = profile.gapFrames / framesPerSecond;
    const pause = next - cue.end;
    const widest = Math.max(...lines.map(line => widthOf(line, profile)));
    const speed = widthOf(lines.join(''), profile) / seconds;
    const checks: readonly [broken: boolean, Omit<Violation, 'index'>][] = [
      [widest > profile.lineWidth, {rule: 'line-width', value: widest, limit: profile.lineWidth}],
      [lines.length > profile.lines, {rule: 'lines', value: lines.length, limit: profile.lines}],
      [
        speed > profile.charactersPerSecond * (1 + tolerance),
        {rule: 'reading-speed', value: speed, limit: profile.charactersPerSecond},
      ],
      [
        seconds < profile.minSeconds - tolerance,
        {rule: 'min-duration', value: seconds, limit: profile.minSeconds},
      ],
      [
        seconds > profile.maxSeconds + tolerance,
        {rule: 'max-duration', value: seconds, limit: profile.maxSeconds},
      ],
      [pause < -tolerance, {rule: 'overlap', value: -pause, limit: 0}],
      [pause >= -tolerance && pause < gap - tolerance, {rule: 'gap', value: pause, limit: gap}],
    ];
    return checks.filter(([broken]) => broken).map(([, violation]) => ({index, ...violation}));
  });
}

/** Broken into lines of like width at good places; one line when it fits. */
export function breakLines(text: string, profile: Profile): string[] {
  const options = {language: profile.language, measure: measureOf(profile), limit: profile.lineWidth};
  return cut(text, options).map(({from, to}) => text.slice(from, to));
}

function cuesOf(line: Cue, profile: Profile): Cue[] {
  const seconds = line.end - line.start;
  const pieces = Math.ceil(seconds / profile.maxSeconds - tolerance);
  const texts = cueTexts(line.text, profile, pieces);
  return shareTime(
    line,
    texts.map(text => ({text})),
  );
}

/**
 * Two lines of 42 seldom hold 84 characters: words do not end where lines do. So the limit of a cue is lowered until
 * each piece fits; at the width of one line it does.
 */
function cueTexts(text: string, profile: Profile, pieces: number): string[] {
  const {language, lineWidth, lines} = profile;
  const measure = measureOf(profile);
  for (let limit = lineWidth * lines; ; limit = Math.max(lineWidth, limit * 0.95)) {
    const broken = cut(text, {language, measure, limit, pieces}).map(({from, to}) =>
      breakLines(text.slice(from, to), profile),
    );
    if (limit === lineWidth || broken.every(parts => parts.length <= lines)) {
      return broken.map(parts => parts.join('\n'));
    }
  }
}

interface Surroundings {
  readonly next: number | undefined;
  readonly profile: Profile;
  readonly gap: number;
  readonly film: Film;
}

/** As long as it takes to read, as far as the silence after it goes. */
function endOf(cue: Cue, {next, profile, gap, film}: Surroundings): number {
  const width = widthOf(cue.text.replaceAll('\n', ''), profile);
  const needed = Math.max(profile.minSeconds, width / profile.charactersPerSecond);
  const wanted = Math.max(cue.end, cue.start + needed);
  const longest = cue.start + profile.maxSeconds;
  if (next === undefined) return Math.min(wanted, longest, Math.max(film.duration, cue.end));
  // Where not even the gap fits, half of the little time there is.
  const limit = Math.max(next - gap, cue.start + (next - cue.start) / 2);
  const settled = next - wanted < flickerSeconds ? limit : wanted;
  return Math.min(settled, limit, longest);
}

function measureOf(profile: Profile): (text: string) => number {
  return text => widthOf(text, profile);
}

function oneLine(text: string, profile: Profile): string {
  const words = text.split(/\s+/u).filter(word => word !== '');
  if (!isSpaceless(profile.language)) return words.join(' ');
  return text
    .replaceAll(/\s*\n\s*/gu, '')
    .replaceAll(/\s+/gu, ' ')
    .trim();
}
