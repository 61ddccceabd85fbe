/** Owns how cues share time: one cue's time among its parts, and one stretch of time among cues that overlap. */
import type {Cue} from './cue.ts';

/** Starts closer together than this are one moment: trimming the first would leave it no time to be heard. */
const moment = 0.5;

export interface Part {
  readonly text: string;
  readonly speaker?: string | undefined;
}

/** One cue a part, in order, each with time in proportion to the length of its text. */
export function shareTime(
  whole: {readonly start: number; readonly end: number},
  parts: readonly Part[],
): Cue[] {
  const total = parts.reduce((sum, part) => sum + weight(part), 0);
  let before = 0;
  return parts.map(({text, speaker}, index) => {
    const start = at(whole, before / total);
    before += weight({text});
    const end = index === parts.length - 1 ? whole.end : at(whole, before / total);
    return {start, end, text, ...(speaker === undefined ? {} : {speaker})};
  });
}

/**
 * Cues sorted, every one with a duration, and none that overlaps another of the same speaker or of nobody known.
 * The earlier one ends where the later begins; cues that begin at one moment share its time one after another.
 */
export function untangle(cues: readonly Cue[]): Cue[] {
  const sorted = cues.map(mendDuration).sort((a, b) => a.start - b.start);
  const lanes = clustersOf(sorted).flatMap(lanesOf);
  return trimmed(lanes)
    .flatMap(({start, end, cues}) =>
      cues.length === 1 ? [{...first(cues), start, end}] : shareTime({start, end}, cues),
    )
    .sort((a, b) => a.start - b.start);
}

function mendDuration(cue: Cue): Cue {
  if (cue.end > cue.start) return cue;
  return {...cue, end: cue.start + Math.max(moment, cue.text.length / 20)};
}

interface Cluster {
  readonly start: number;
  readonly end: number;
  readonly cues: readonly [Cue, ...Cue[]];
}

/** Cues that overlap and begin at one moment. */
function clustersOf(sorted: readonly Cue[]): Cluster[] {
  const clusters: {start: number; end: number; cues: [Cue, ...Cue[]]}[] = [];
  for (const cue of sorted) {
    const open = clusters.at(-1);
    if (open !== undefined && cue.start < open.end && cue.start - open.start < moment) {
      open.cues.push(cue);
      open.end = Math.max(open.end, cue.end);
    } else {
      clusters.push({start: cue.start, end: cue.end, cues: [cue]});
    }
  }
  return clusters;
}

/** Known speakers may speak at the same time; with one unknown among them, nobody may. */
function lanesOf(cluster: Cluster): Cluster[] {
  const speakers = new Set(cluster.cues.map(cue => cue.speaker));
  if (speakers.size === 1 || speakers.has(undefined)) return [cluster];
  return [...speakers].map(speaker => {
    const [head, ...rest] = cluster.cues.filter(cue => cue.speaker === speaker);
    if (head === undefined) throw new Error('a speaker without a cue');
    return {start: head.start, end: Math.max(head.end, ...rest.map(cue => cue.end)), cues: [head, ...rest]};
  });
}

/** Each lane ends before the next one that it must not overlap. From the back, so that one pass is enough. */
function trimmed(lanes: readonly Cluster[]): Cluster[] {
  const nextOf = new Map<string | undefined, number>();
  let nextOfAll = Number.POSITIVE_INFINITY;
  const result = lanes.toReversed().map(lane => {
    const speakers = new Set(lane.cues.map(cue => cue.speaker));
    const nextUnknown = nextOf.get(undefined) ?? Number.POSITIVE_INFINITY;
    const nextSame = nextOf.get(first(lane.cues).speaker) ?? Number.POSITIVE_INFINITY;
    const limit = speakers.has(undefined) ? nextOfAll : Math.min(nextSame, nextUnknown);
    for (const speaker of speakers) nextOf.set(speaker, lane.start);
    nextOfAll = Math.min(nextOfAll, lane.start);
    return {...lane, end: Math.min(lane.end, limit)};
  });
  return result.toReversed();
}

function first(cues: readonly [Cue, ...Cue[]]): Cue {
  return cues[0];
}

/** Marks do not take time, and an empty part must not take none. */
function weight(part: Part): number {
  return Math.max(1, part.text.replaceAll(/[\s\p{P}]/gu, '').length);
}

function at(whole: {readonly start: number; readonly end: number}, share: number): number {
  return whole.start + (whole.end - whole.start) * share;
}
