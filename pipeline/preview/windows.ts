/**
 * Owns a head start: a dub of a short window of the film, made by a run of its own while the whole film is still being
 * read and cut. Later windows begin where the one before was cut. Films of any length can so be heard at once.
 */
import {light} from '../costs.ts';
import type {Cues, Probe, Region} from '../documents.ts';
import type {Documents, Stage} from '../stage.ts';
import {demuxStage} from '../stages/demux.ts';
import type {Source} from '../stages/probe.ts';

/** Seconds of the film. */
export type Window = Region;

/** How much of the film is looked at at once: more than a scene needs, and little enough to be quick. */
const windowSeconds = 60;
/** A window that holds no cut is widened by as much again, up to the longest scene with what it takes to end it. */
const widestSeconds = 180;
/** Of a film's end that is nearer than this nothing is cut off. */
const leastLeft = 10;

export function firstWindow(from: number, duration: number): Window {
  return widened({start: from, end: from}, duration) ?? {start: from, end: duration};
}

/** Null when it is as wide as it may be. */
export function widened({start, end}: Window, duration: number): Window | null {
  if (end >= duration || end - start >= widestSeconds) return null;
  const further = end + windowSeconds;
  return {start, end: duration - further < leastLeft ? duration : further};
}

/** Scenes that are surely cut: the last of a window ends only because the window does. */
export function wholeScenes(scenes: readonly Region[], {end}: Window, duration: number): readonly Region[] {
  return end >= duration ? scenes : scenes.slice(0, -1);
}

/** The stages of a dub, for a window: times stay those of the film, and before the window there is silence. */
export function stagesOfWindow(
  stages: readonly Stage[],
  {source, probe, cues}: {readonly source: Source; readonly probe: Probe; readonly cues: Cues},
  {start, end}: Window,
): readonly Stage[] {
  const within = (file: Cues['source']): Cues['source'] =>
    file === null ? null : {...file, cues: file.cues.filter(cue => cue.start < end)};
  return [
    known(source, 'probe', {...probe, duration: end}),
    known(source, 'cues', {source: within(cues.source), target: within(cues.target)}),
    ...stages.map(stage => (stage.name === 'demux' ? demuxStage(source, start) : stage)),
  ];
}

/** What is known already, as a stage. */
function known<K extends 'probe' | 'cues'>({digest}: Source, name: K, document: Documents[K]): Stage {
  return {
    ...{name, version: 0, scope: 'job', needs: [], looksAt: [], cost: light, engines: []},
    params: () => ({source: digest, document}),
    run: async ({write}) => {
      await write(name, document);
      return {is: 'made'};
    },
  };
}
