/** Owns the making of a report from facts: pure, the same facts give the same report. Never reads a clock or a file. */
import {silenceLufs} from '../loudness.ts';
import type {ReportFacts, SpokenLine} from './facts.ts';
import {findAll} from './findings.ts';
import {allMetrics} from './metrics.ts';
import type {LineState, Report, ReportLine} from './report.ts';
import {summarise, verdictOf} from './summary.ts';
import {isOver, lagOf, speedOf} from './timing.ts';

/** From here on a line that fits does so by being hurried. */
const tight = {stretch: 1.1, speed: 1.3} as const;
const mostBins = 240;

export function makeReport(facts: ReportFacts): Report {
  const lines = facts.lines.map((spoken, i) => reportLine(spoken, i, facts));
  const metrics = allMetrics(facts);
  const findings = findAll(facts, lines);
  const verdict = verdictOf(metrics, lines);
  return {
    version: 1,
    title: facts.title,
    from: facts.from,
    to: facts.to,
    date: facts.date,
    duration: facts.duration,
    verdict,
    summary: summarise({verdict, metrics, findings, lines}),
    metrics,
    findings,
    rungs: {
      voice: lines.filter(l => l.rung === 'voice').length,
      'simpler-voice': lines.filter(l => l.rung === 'simpler-voice').length,
      original: lines.filter(l => l.rung === 'original').length,
    },
    speech: facts.speech.map(({start, end}) => ({start, end})),
    voices: [...facts.voices],
    speakers: [...facts.speakers],
    lines,
    wave: waveOf(facts.loudness.momentaryLufs),
    loudness: {targetLufs: facts.loudness.targetLufs, ...thinned(facts.loudness.momentaryLufs)},
    stages: [...facts.stages],
    engines: [...facts.engines],
    notes: [...facts.notes],
  };
}

function reportLine({line, placement, clip}: SpokenLine, i: number, facts: ReportFacts): ReportLine {
  const spoken = clip.rung === 'original' ? null : placement;
  const heard = facts.heard.is === 'measured' ? (facts.heard.value[i] ?? null) : null;
  const why = clip.why ?? line.keepOriginal;
  return {
    number: i + 1,
    speaker: line.speaker,
    source: {start: line.start, end: line.end},
    dub: spoken === null ? null : {start: spoken.start, end: spoken.end},
    text: line.text,
    translation: line.translation,
    edited: line.edited,
    anchor: line.anchor ?? {start: line.start, source: line.text},
    sound: line.muted === true ? 'mute' : line.keepOriginal === undefined ? 'dub' : 'original',
    confidence: line.confidence,
    state: stateOf({placement: spoken}),
    // A line without a place is not heard, whatever clip was made of it.
    rung: spoken === null ? 'original' : clip.rung,
    ...(why === undefined ? {} : {why}),
    speed: spoken === null ? null : speedOf(spoken),
    stretch: spoken?.stretch ?? null,
    lag: spoken === null ? null : lagOf({source: line, placement: spoken}),
    overflow: spoken !== null && isOver(spoken) ? spoken.residue : 0,
    heard,
  };
}

export function stateOf({placement}: Pick<SpokenLine, 'placement'>): LineState {
  if (placement === null) return 'kept';
  if (isOver(placement)) return 'over';
  return placement.stretch > tight.stretch || speedOf(placement) > tight.speed ? 'tight' : 'fits';
}

/** As fine as people cut lines, and no finer than a film of three hours can carry in a report. */
function waveOf(momentary: readonly number[]): Report['wave'] {
  const levels = Uint8Array.from(momentary, lufs =>
    Math.round(Math.min(1, Math.max(0, 1 + lufs / 60)) * 255),
  );
  return {stepSeconds: 0.1, levels: Buffer.from(levels).toString('base64')};
}

/** Bins of a whole number of 100 ms steps, each the mean power of its values. */
function thinned(momentary: readonly number[]): Pick<Report['loudness'], 'binSeconds' | 'lufs'> {
  const step = Math.max(1, Math.ceil(momentary.length / mostBins));
  const lufs = Array.from({length: Math.ceil(momentary.length / step)}, (_, i) => {
    const bin = momentary.slice(i * step, (i + 1) * step);
    const power = bin.reduce((sum, m) => sum + 10 ** (m / 10), 0) / bin.length;
    const level = 10 * Math.log10(power);
    return level > silenceLufs + 1 ? Math.round(level * 10) / 10 : null;
  });
  return {binSeconds: step / 10, lufs};
}
