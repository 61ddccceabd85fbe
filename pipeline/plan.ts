/** Owns the stages of one job: what was ordered and what was settled for, as a graph. Pure. */
import {type Brief, standingEdits} from '../appliance/brief.ts';
import type {Order} from '../appliance/order.ts';
import {everybodyIn} from '../appliance/speakers.ts';
import type {Pair} from './engines/kinds.ts';
import type {Settled} from './settle.ts';
import type {Stage} from './stage.ts';
import {castStage} from './stages/cast.ts';
import {conformStage} from './stages/conform.ts';
import {demuxStage} from './stages/demux.ts';
import {detectStage} from './stages/detect.ts';
import {diarizeStage} from './stages/diarize.ts';
import {encodeStage} from './stages/encode.ts';
import {fitStage} from './stages/fit.ts';
import {importTranslationStage} from './stages/import-translation.ts';
import {knownSpeakersStage} from './stages/known-speakers.ts';
import {levelStage} from './stages/level.ts';
import {masterStage} from './stages/master.ts';
import {measureStage} from './stages/measure.ts';
import {mixStage} from './stages/mix.ts';
import {pictureStage} from './stages/picture.ts';
import type {Source} from './stages/probe.ts';
import {relistenStage} from './stages/relisten.ts';
import {reviseStage} from './stages/revise.ts';
import {segmentStage} from './stages/segment.ts';
import {subtitleStage} from './stages/subtitle.ts';
import {synthesizeStage} from './stages/synthesize.ts';
import {transcribeStage} from './stages/transcribe.ts';
import {translateStage} from './stages/translate.ts';

export interface Plan {
  readonly order: Order;
  readonly source: Source;
  /** Of the film, as the files carry it. */
  readonly title: string;
  readonly pair: Pair;
  readonly given: 'source' | 'target' | null;
  readonly settled: Settled;
  readonly brief: Brief;
}

/** All stages after the first look at the source and its subtitles. */
export function stagesOf({order, source, title, pair, given, settled, brief}: Plan): readonly Stage[] {
  const {from, to} = pair;
  const {detector, recogniser, diarizer, translator, voice, listener} = settled;
  const speakers = {diarizer: diarizer.engine, engines: [diarizer.stamp]};
  const voices = {voice: voice.engine, engines: [voice.stamp], language: to};
  return [
    demuxStage(source),
    detectStage({
      detector: detector?.engine,
      engines: detector === undefined ? [] : [detector.stamp],
      source: source.path,
    }),
    ...(recogniser === undefined
      ? []
      : [transcribeStage({recogniser: recogniser.engine, engines: [recogniser.stamp], language: from})]),
    brief.turns === null ? diarizeStage(speakers) : knownSpeakersStage({...speakers, turns: brief.turns}),
    segmentStage({given, from, to}),
    translator === undefined
      ? importTranslationStage(to)
      : translateStage({translator: translator.engine, engines: [translator.stamp], pair}),
    reviseStage(standingEdits(brief), brief.passages.list),
    castStage({...voices, people: everybodyIn(brief)}),
    synthesizeStage(voices),
    fitStage(voice.engine.rates),
    conformStage(voices),
    mixStage,
    levelStage(order.loudnessLufs),
    encodeStage,
    subtitleStage(pair),
    pictureStage({source, preset: order.preset}),
    masterStage({source, from, to, title, hls: order.hls}),
    ...(listener === undefined
      ? []
      : [relistenStage({listener: listener.engine, engines: [listener.stamp], language: to})]),
    measureStage,
  ];
}
