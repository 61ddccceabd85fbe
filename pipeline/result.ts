/** Owns the way from what the nodes made to the facts that the quality report is made from. Pure. */

import type {LanguageTag} from '../appliance/languages.ts';
import type {Order} from '../appliance/order.ts';
import type {Clip, MixLoudness, Placement} from './documents.ts';
import {documentOf} from './inputs.ts';
import {integratedLufs, loudnessRange} from './loudness.ts';
import type {DubLoudness, HeardLine, Measured, ReportFacts, SpokenLine} from './report/facts.ts';
import {makeReport} from './report/make.ts';
import type {Report} from './report/report.ts';
import type {Settled} from './settle.ts';
import type {DocumentName, Documents} from './stage.ts';
import {spokenLanguage} from './stages/cues.ts';
import {violations} from './subtitles/compose.ts';
import {profileOf} from './subtitles/profiles.ts';
import {costsOf, type Ran} from './tally.ts';

export interface ResultParts {
  readonly order: Order;
  readonly nodes: readonly Ran[];
  readonly settled: Settled;
  readonly wallSeconds: number;
  readonly date: string;
}

export function reportOf({order, nodes, settled, wallSeconds, date}: ResultParts): Report {
  const all = <K extends DocumentName>(stage: K): readonly Documents[K][] =>
    inFilmOrder(nodes.filter(node => node.stage === stage)).map(({record}) => documentOf(stage, record));
  const [probe] = all('probe');
  const [speech] = all('detect');
  const [finished] = all('measure');
  const [subtitles] = all('subtitle');
  if (probe === undefined || speech === undefined || finished === undefined || subtitles === undefined)
    throw new Error('the dub is not finished');
  const lines = linesOf(
    all('revise').map(scene => scene.lines),
    all('fit').map(plan => plan.placements),
    all('conform'),
  );
  const facts: ReportFacts = {
    title: probe.title,
    from: order.from ?? spokenLanguage(probe),
    to: order.to,
    date,
    duration: probe.duration,
    speech: speech.regions,
    voices: all('cast').flatMap(({voices}) => voices),
    speakers: all('cast').flatMap(({speakers}) => speakers),
    lines,
    subtitles: subtitlesOf(subtitles.target, order.to, probe.video.framesPerSecond),
    loudness: loudnessOf(finished, order.loudnessLufs),
    levels: levelsOf(all('mix'), all('fit'), lines),
    heard: heardOf(all('relisten'), settled),
    wallSeconds,
    stages: [...costsOf(nodes), ...settled.skipped.map(({stage, why}) => ({...idle, stage, skipped: why}))],
    engines: enginesOf(settled),
    notes: all('master').flatMap(({notes}) => notes),
    degraded: nodes.filter(({how}) => how === 'degraded').map(({record, why}) => ({where: record.node, why})),
  };
  return makeReport(facts);
}

/** The findings that people should hear of at once. */
export function summaryOf(report: Report): string[] {
  return [
    report.summary,
    ...report.findings.filter(({severity}) => severity === 'problem').map(({what}) => what),
  ].slice(0, 12);
}

const idle = {nodes: 0, reused: 0, seconds: 0, cpuSeconds: 0, peakBytes: 0};

function inFilmOrder(nodes: readonly Ran[]): readonly Ran[] {
  const scene = ({place}: Ran) => (place.of === 'job' ? 0 : place.scene);
  const line = ({place}: Ran) => (place.of === 'line' ? place.line : 0);
  return nodes.toSorted((a, b) => scene(a) - scene(b) || line(a) - line(b));
}

function linesOf(
  scenes: readonly (readonly SpokenLine['line'][])[],
  plans: readonly (readonly Placement[])[],
  clips: readonly Clip[],
): readonly SpokenLine[] {
  const placements = plans.flat();
  return scenes.flat().flatMap((line, index): SpokenLine[] => {
    const clip = clips[index];
    const placement = placements[index];
    if (clip === undefined || placement === undefined) return [];
    if (clip.rung === 'original') return [{line, placement: null, clip}];
    // Where the line really ends is what the clip says, not what was planned.
    return [{line, placement: {...placement, end: placement.start + clip.seconds}, clip}];
  });
}

function subtitlesOf(
  cues: Documents['subtitle']['target'],
  to: LanguageTag,
  framesPerSecond: number,
): ReportFacts['subtitles'] {
  const profile = profileOf(to);
  return {cues, violations: violations(cues, profile, framesPerSecond), fastest: profile.charactersPerSecond};
}

function loudnessOf(finished: Documents['measure'], targetLufs: number): DubLoudness {
  const {momentaryLufs, truePeakDbtp} = finished;
  return {
    targetLufs,
    integratedLufs: integratedLufs(momentaryLufs),
    rangeLu: loudnessRange(momentaryLufs),
    truePeakDbtp,
    momentaryLufs,
  };
}

/** Power of the dub and of all else while it speaks: the mix holds both, the bed was measured by itself. */
function levelsOf(
  mixes: readonly MixLoudness[],
  plans: readonly Documents['fit'][],
  lines: readonly SpokenLine[],
): ReportFacts['levels'] {
  let [dialogue, bed, count] = [0, 0, 0];
  for (const [index, plan] of plans.entries()) {
    const mix = mixes[index];
    if (mix === undefined) continue;
    for (const {placement} of lines) {
      if (placement === null || placement.start < plan.from || placement.start >= plan.to) continue;
      const [first, last] = [placement.start - plan.from + 0.4, placement.end - plan.from].map(at =>
        Math.floor(at * 10),
      );
      for (let step = first ?? 0; step < (last ?? 0); step++) {
        const [both, beside] = [powerAt(mix.momentaryLufs, step), powerAt(mix.bedMomentaryLufs, step)];
        dialogue += Math.max(0, both - beside);
        bed += beside;
        count++;
      }
    }
  }
  if (count === 0 || dialogue === 0) return {is: 'unmeasured', why: 'no line was dubbed'};
  const lufs = (power: number) => Math.max(-70, 10 * Math.log10(power / count));
  return {is: 'measured', value: {dialogueLufs: lufs(dialogue), bedLufs: lufs(bed)}};
}

function powerAt(momentary: readonly number[], step: number): number {
  return 10 ** ((momentary[step] ?? -120) / 10);
}

function heardOf(
  scenes: readonly Documents['relisten'][],
  settled: Settled,
): Measured<readonly (HeardLine | null)[]> {
  const why = settled.skipped.find(({stage}) => stage === 'relisten')?.why;
  if (why !== undefined) return {is: 'unmeasured', why};
  return {is: 'measured', value: scenes.flatMap(scene => scene.heard)};
}

function enginesOf({detector, recogniser, diarizer, translator, voice}: Settled): ReportFacts['engines'] {
  const kinds = {'speech detector': detector, recogniser, diarizer, translator, voice};
  return Object.entries(kinds).map(([kind, chosen]) => ({kind, settled: chosen?.stamp ?? null, wished: []}));
}
