/** Owns turns and speakers as people see them, made from voiced frames that know their voice. Never hears sound. */
import type {Gender, Region, Speaker, Speakers, Turn} from '../../documents.ts';
import type {VoicedFrames} from './voiced.ts';

/** A stretch shorter than this between other voices is an error far more often than a word. */
const islandSeconds = 0.6;
/**
 * Speech of men lies around 119 Hz, of women around 207 Hz (Traunmüller and Eriksson, "The frequency range of the
 * voice fundamental in the speech of male and female adults", 1995). Half way on a scale of semitones is 157 Hz; within
 * 0.8 of a semitone of it nobody can say.
 */
const highestMaleHz = 150;
const lowestFemaleHz = 165;
/** One second of voice. */
const leastFrames = 60;

interface Stretch {
  start: number;
  end: number;
  voice: number;
}

/** `regions` as the frames number them, in order of their start; `labels` gives the voice of each frame. */
export function takeTurns(voiced: VoicedFrames, labels: Uint8Array, regions: readonly Region[]): Speakers {
  const stretches = withoutBlanks(regions, stretchesByRegion(voiced, labels, regions));
  const seconds = new Map<number, number>();
  for (const {voice, start, end} of stretches) seconds.set(voice, (seconds.get(voice) ?? 0) + end - start);
  // Sorting keeps the order of equals, which is that of their first word.
  const voices = [...seconds].sort(([, a], [, b]) => b - a);
  const pitches = pitchesByVoice(voiced, labels);
  const speakers = voices.map(([voice, spoken], rank) => speaker(rank, spoken, pitches.get(voice) ?? []));
  const idOf = new Map(voices.map(([voice], rank) => [voice, nameOf(rank)]));
  const turns: Turn[] = stretches.map(({start, end, voice}) => {
    return {start, end, speaker: idOf.get(voice) ?? nameOf(0)};
  });
  return {speakers, turns};
}

/** A stretch in which it is known who speaks; people are counted from 0. */
export interface Known extends Region {
  readonly owner: number;
}

export type Pitch = Pick<Speaker, 'gender' | 'pitchHz'>;

/** How high each of them speaks, by number. `regions` as the frames number them; two of them may overlap. */
export function pitchesOf(voiced: VoicedFrames, regions: readonly Known[]): Pitch[] {
  const heard: number[][] = Array.from(
    {length: 1 + Math.max(-1, ...regions.map(({owner}) => owner))},
    () => [],
  );
  for (let frame = 0; frame < voiced.count; frame++) {
    const region = regions[voiced.region(frame)];
    if (region !== undefined) heard[region.owner]?.push(voiced.hz(frame));
  }
  return heard.map(pitchOf);
}

function nameOf(rank: number): string {
  return `S${rank + 1}`;
}

function speaker(rank: number, seconds: number, hz: readonly number[]): Speaker {
  const {gender, pitchHz} = pitchOf(hz);
  return {id: nameOf(rank), gender, pitchHz, seconds};
}

function pitchOf(hz: readonly number[]): Pitch {
  const sorted = hz.toSorted((a, b) => a - b);
  const middle = sorted[sorted.length >> 1];
  const pitchHz = middle === undefined ? null : Math.round(middle * 10) / 10;
  return {gender: genderOf(pitchHz, hz.length), pitchHz};
}

function genderOf(pitchHz: number | null, frames: number): Gender {
  if (pitchHz === null || frames < leastFrames) return 'unknown';
  if (pitchHz < highestMaleHz) return 'male';
  return pitchHz > lowestFemaleHz ? 'female' : 'unknown';
}

function pitchesByVoice(voiced: VoicedFrames, labels: Uint8Array): Map<number, number[]> {
  const pitches = new Map<number, number[]>();
  for (const [frame, voice] of labels.entries()) {
    const known = pitches.get(voice);
    if (known === undefined) pitches.set(voice, [voiced.hz(frame)]);
    else known.push(voiced.hz(frame));
  }
  return pitches;
}

/** Regions cut half way between the last frame of one voice and the first of the next; empty where none sounds. */
function stretchesByRegion(
  voiced: VoicedFrames,
  labels: Uint8Array,
  regions: readonly Region[],
): Stretch[][] {
  const found: Stretch[][] = regions.map(() => []);
  for (const [frame, voice] of labels.entries()) {
    const r = voiced.region(frame);
    const [region, stretches] = [regions[r], found[r]];
    if (region === undefined || stretches === undefined) continue;
    const last = stretches.at(-1);
    if (last === undefined) stretches.push({...region, voice});
    else if (last.voice !== voice) {
      const cut = (voiced.seconds(frame - 1) + voiced.seconds(frame)) / 2;
      last.end = cut;
      stretches.push({start: cut, end: region.end, voice});
    }
  }
  return found.map(withoutIslands);
}

/** Gives the shortest island to its longer neighbour until none is left. */
function withoutIslands(stretches: readonly Stretch[]): Stretch[] {
  const kept = stretches.map(stretch => ({...stretch}));
  const length = (stretch: Stretch | undefined): number => {
    return stretch === undefined ? 0 : stretch.end - stretch.start;
  };
  while (kept.length > 1) {
    const shortest = kept.reduce((a, b) => (length(b) < length(a) ? b : a));
    if (length(shortest) >= islandSeconds) break;
    const at = kept.indexOf(shortest);
    const [before, after] = [kept[at - 1], kept[at + 1]];
    shortest.voice = (length(before) >= length(after) ? before : after)?.voice ?? shortest.voice;
    join(kept);
  }
  return kept;
}

function join(stretches: Stretch[]): void {
  for (let i = stretches.length - 1; i > 0; i--) {
    const [before, here] = [stretches[i - 1], stretches[i]];
    if (before === undefined || here === undefined || before.voice !== here.voice) continue;
    before.end = here.end;
    stretches.splice(i, 1);
  }
}

/** A region in which nothing voiced was heard goes to whoever speaks nearest to it. */
function withoutBlanks(regions: readonly Region[], found: readonly Stretch[][]): Stretch[] {
  const heard = found.flat();
  let next = 0;
  return regions.flatMap((region, r) => {
    const own = found[r] ?? [];
    next += own.length;
    if (own.length > 0) return own;
    const [before, after] = [heard[next - 1], heard[next]];
    const toBefore = before === undefined ? Number.POSITIVE_INFINITY : region.start - before.end;
    const toAfter = after === undefined ? Number.POSITIVE_INFINITY : after.start - region.end;
    return [{...region, voice: (toBefore <= toAfter ? before : after)?.voice ?? 0}];
  });
}
