/** Owns dubs made for tests: scenes cut out of one programme, and encoded piece by piece with the real stage. */
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {Loudness, type LoudnessPlan, type Probe} from '../../pipeline/documents.ts';
import {silenceLufs} from '../../pipeline/loudness.ts';
import type {Documents} from '../../pipeline/stage.ts';
import {encodeStage} from '../../pipeline/stages/encode.ts';
import {headroomDb} from '../../pipeline/stages/mix.ts';
import {ffmpeg, type Made, runStage} from './film.ts';

const sampleRate = 48_000;
const librivox = '/usr/share/pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb';

/** What a film sounds like, and the same with a voice over it. */
export interface Programme {
  readonly programme: string;
  readonly mixed: string;
  readonly channels: number;
}

/**
 * Readers with music under them, in stereo: a chord, and a struck note each half second, for which an encoder
 * switches its windows. A tone speaks over it for a second from each of `voiced` on.
 */
export async function readProgramme(
  dir: string,
  seconds: number,
  voiced: readonly number[],
): Promise<Programme> {
  const [programme, mixed] = [join(dir, 'programme.flac'), join(dir, 'mixed.flac')];
  const side = (hz: number): string =>
    `0.06*sin(${hz}*2*PI*t)+0.04*sin(${hz * 1.5}*2*PI*t)+0.2*sin(${hz * 4}*2*PI*t)*exp(-12*mod(t\\,0.47))`;
  const spoken = voiced.map(at => `between(t\\,${at}\\,${at + 1})*sin(PI*(t-${at}))`).join('+') || '0';
  const graph = [
    `[0:a][1:a][2:a][3:a]concat=n=4:v=0:a=1,aresample=${sampleRate},volume=2,pan=stereo|c0=c0|c1=c0,apad[read]`,
    `aevalsrc=${side(220)}|${side(223)}:c=stereo:s=${sampleRate}:d=${seconds}[music]`,
    `[read][music]amix=normalize=0,atrim=0:${seconds},asplit[film][bed]`,
    `aevalsrc=0.2*sin(310*2*PI*t)*(${spoken}):s=${sampleRate}:d=${seconds},pan=stereo|c0=c0|c1=c0[voice]`,
    '[bed][voice]amix=normalize=0:duration=first[mixed]',
  ].join(';');
  const readers = ['0880', '0870', '0930', '0890'].flatMap(name => ['-i', `${librivox}-${name}.wav`]);
  const as = ['-c:a', 'flac', '-sample_fmt', 's16'];
  const outputs = ['-map', '[film]', ...as, programme, '-map', '[mixed]', ...as, mixed];
  await ffmpeg(...readers, '-filter_complex', graph, ...outputs);
  return {programme, mixed, channels: 2};
}

/** What `demux`, `fit` and `mix` would have made of a film. */
export interface Pieces {
  /** At the level of the film; the pieces are quieter by the mix's headroom. */
  readonly programme: string;
  readonly channels: number;
  readonly mixes: readonly string[];
  readonly fits: readonly Documents['fit'][];
  readonly duration: number;
}

/** Cuts a programme, or something that differs from it where somebody speaks, at `cuts` seconds. */
export async function cutPieces(
  whole: {readonly programme: string; readonly mixed?: string; readonly channels: number},
  {duration, cuts}: {readonly duration: number; readonly cuts: readonly number[]},
  dir: string,
): Promise<Pieces> {
  const {programme, mixed = programme, channels} = whole;
  const edges = [0, ...cuts, duration];
  const fits = edges.slice(1).map((to, i) => ({from: edges[i] ?? 0, to, placements: []}));
  const mixes = fits.map((_, i) => join(dir, `it's scene ${i} of ${fits.length}.flac`));
  const trims = fits.map(({from, to}, i) => {
    const [start, end] = [from, to].map(second => Math.round(second * 48_000));
    return `[s${i}]atrim=start_sample=${start}:end_sample=${end}[o${i}]`;
  });
  const parts = `[0:a]volume=${headroomDb}dB,asplit=${fits.length}${fits.map((_, i) => `[s${i}]`).join('')}`;
  const outputs = mixes.flatMap((path, i) => ['-map', `[o${i}]`, '-sample_fmt', 's32', `file:${path}`]);
  await ffmpeg('-i', mixed, '-filter_complex', [parts, ...trims].join(';'), ...outputs);
  return {programme, channels, mixes, fits, duration};
}

interface EncodeWish {
  readonly level: LoudnessPlan;
  readonly dir: string;
  /** What the mix stage said of each piece: decides on the limiter. */
  readonly truePeakDbtp?: number;
}

/** The `encode` stage on every piece. */
export async function encodePieces(
  {programme, channels, mixes, fits, duration}: Pieces,
  {level, dir, truePeakDbtp = silenceLufs}: EncodeWish,
): Promise<readonly (Made & {readonly heard: Loudness})[]> {
  const probe = soundProbe(channels, duration);
  const mix = {momentaryLufs: [], bedMomentaryLufs: [], truePeakDbtp};
  return await Promise.all(
    fits.map(async (fit, i) => {
      const files = {'demux/programme.flac': programme, 'mix/mix.flac': mixes[i] ?? ''};
      const made = await runStage(encodeStage, dir, {docs: {probe, fit, level, mix}, files});
      return {...made, heard: Loudness.parse(await made.doc('encode'))};
    }),
  );
}

/** A film of which only the sound matters. */
function soundProbe(channels: number, duration: number): Probe {
  const track = {layout: '', sampleRate: 48_000, language: null, title: '', isDefault: true};
  return {
    ...{container: 'matroska', duration, bytes: 1, title: '', spoken: 1, text: []},
    ...{chapters: 0, attachments: 0, streams: 2},
    video: {
      ...{index: 0, codec: 'h264', profile: 'High', level: 31, pixelFormat: 'yuv420p'},
      ...{width: 64, height: 36, framesPerSecond: 24, bitRate: null},
    },
    audio: [{index: 1, codec: 'flac', channels, ...track}],
  };
}

/** What the pieces are when they stand in a row. */
export async function joinedFrames(
  pieces: readonly Made[],
  name: 'full.aac' | 'stereo.aac',
): Promise<Buffer> {
  return Buffer.concat(await Promise.all(pieces.map(({dir}) => readFile(join(dir, name)))));
}
