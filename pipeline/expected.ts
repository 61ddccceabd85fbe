/**
 * Owns how long each stage takes on the machine of docs/benchmarks.md, the picture by what it holds: what is believed
 * of a stage until it has been seen at work. Pure. Never knows how far a job is.
 */
import type {PresetName, StageName} from './catalog.ts';
import type {Probe} from './documents.ts';
import type {Scope} from './stage.ts';
import {phoneFit, phoneSound} from './stages/picture.ts';

/**
 * When in a job a stage has its turn: before the film is cut, one after the other; scene by scene; beside the scenes,
 * where there is room; once all scenes are mixed; at the very end; or all along in what processors have to spare.
 */
export type Turn = 'opening' | 'scenes' | 'beside' | 'encoding' | 'closing' | 'background';

/** Seconds of one free processor. */
export interface Expected {
  readonly turn: Turn;
  readonly scope: Scope;
  /** To start its tools: once a node. */
  readonly start: number;
  /** For each second of film. */
  readonly perSecond: number;
}

/** Stages that take no time worth telling are left out. */
const usual: Readonly<Partial<Record<StageName, Expected>>> = {
  demux: {turn: 'opening', scope: 'job', start: 0.2, perSecond: 0.006},
  detect: {turn: 'opening', scope: 'job', start: 0.5, perSecond: 0.005},
  transcribe: {turn: 'scenes', scope: 'scene', start: 0.3, perSecond: 0.19},
  diarize: {turn: 'beside', scope: 'job', start: 0.2, perSecond: 0.0075},
  translate: {turn: 'scenes', scope: 'scene', start: 0.4, perSecond: 0.001},
  synthesize: {turn: 'scenes', scope: 'line', start: 0.05, perSecond: 0},
  conform: {turn: 'scenes', scope: 'line', start: 0.11, perSecond: 0},
  mix: {turn: 'scenes', scope: 'scene', start: 0.2, perSecond: 0.02},
  encode: {turn: 'encoding', scope: 'scene', start: 0.2, perSecond: 0.045},
  relisten: {turn: 'beside', scope: 'scene', start: 0.3, perSecond: 0.19},
  master: {turn: 'closing', scope: 'job', start: 0.5, perSecond: 0.004},
};

export type Expectations = ReadonlyMap<StageName, Expected>;

export function expectationsFor(
  stages: readonly StageName[],
  probe: Probe,
  preset: PresetName,
): Expectations {
  const picture: Expected = {
    turn: 'background',
    scope: 'job',
    start: 0.2,
    perSecond: pictureRate(probe, preset),
  };
  const known: typeof usual = {...usual, picture};
  return new Map(
    stages.flatMap(stage => {
      const expected = known[stage];
      return expected === undefined ? [] : [[stage, expected] as const];
    }),
  );
}

const megapixel = 1e6;
const efforts: Readonly<Record<PresetName, number>> = {fast: 0.77, balanced: 1, best: 2.3};
/** What the phone gets is no larger and no faster than this. */
const mostPixels = 1280 * 720;
const mostFrames = 30;

/** What a phone plays as it is costs one reading; a picture costs by what is decoded and what is encoded. */
function pictureRate({video, audio, spoken}: Probe, preset: PresetName): number {
  const reading = 0.0005;
  const track = audio.find(({index}) => index === spoken);
  const sound = track === undefined || phoneSound(track) === true ? 0 : 0.015;
  if (phoneFit(video) === true) return reading + sound;
  const [pixels, frames] = [video.width * video.height, video.framesPerSecond];
  const decoding = (0.003 * pixels * frames) / megapixel;
  const encoding = (0.0125 * Math.min(mostPixels, pixels) * Math.min(mostFrames, frames)) / megapixel;
  return reading + sound + decoding + encoding * efforts[preset];
}
