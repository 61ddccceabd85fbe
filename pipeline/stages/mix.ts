/**
 * Owns the stage that mixes one piece of film: the original steps back under the dub, channels and 48 kHz are kept,
 * and nothing is normalised yet: the whole film gets one gain in the end.
 */
import {open, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Json} from '../../appliance/digest.ts';
import {oneTool} from '../costs.ts';
import type {Clip, Region} from '../documents.ts';
import {duckingCurve, sampleCurve} from '../ducking.ts';
import {fileUrl, ownInput, quietly} from '../ffmpeg.ts';
import {curvePan, hasCentre, layoutOf, voicePan} from '../layouts.ts';
import {parseEbur128} from '../loudness.ts';
import {readSpoken} from '../spoken.ts';
import type {Inputs, Stage} from '../stage.ts';
import {writeWavPieces} from '../wav.ts';

const sampleRate = 48_000;
/** Samples by which the inputs of a mix outlast it. */
const spare = 9600;
const curveRate = 1000;
/** How far the original steps back: with a centre channel the voice alone has to go, the music only makes room. */
const duckedDb = {dialogue: {centre: -30, mixed: -15}, beside: -6};
/** What is left of a voice that is not to be heard. */
const mutedDb = -80;
/** Headroom of the pieces, so that bed and dub together stay under full scale before the film's own gain. */
export const headroomDb = -6;
/** A clip is never raised by more than this, however quiet the film's own voices are. */
const mostGainDb = 12;

interface Piece extends Region {
  readonly channels: number;
  readonly speechLufs: number;
  readonly spoken: readonly Region[];
  /** Where nobody is to be heard. */
  readonly muted: readonly Region[];
  readonly starts: readonly number[];
}

export const mixStage: Stage = {
  name: 'mix',
  version: 3,
  scope: 'scene',
  needs: ['demux', 'conform'],
  looksAt: ['probe', 'detect', 'revise', 'fit'],
  cost: oneTool,
  engines: [],
  params: async inputs => ({...(await pieceOf(inputs))}) satisfies Json,
  async run({inputs, dir, scratch, tools, write}) {
    const piece = await pieceOf(inputs);
    const [dub, curve] = [join(scratch, 'dub.wav'), join(scratch, 'curve.f32')];
    const clips = inputs.files('conform', 'clip.wav');
    const samples = Math.round((piece.end - piece.start) * sampleRate);
    const shaped = await inputs.all('conform');
    await writeWavPieces(dub, {samples, sampleRate, channels: 1}, dubTrack(piece, clips, shaped));
    await writeFile(curve, curveFile(piece));
    const argv = mixArgv({
      programme: inputs.file('demux', 'programme.flac'),
      curve,
      dub,
      piece,
      to: join(dir, 'mix.flac'),
    });
    await tools.run({tool: 'ffmpeg', argv, cwd: scratch});
    await requireSamples(join(dir, 'mix.flac'), samples);
    const [mixed, bed] = await Promise.all(
      ['mix.txt', 'bed.txt'].map(name => readFile(join(scratch, name), 'utf8')),
    );
    const {momentaryLufs: bedMomentaryLufs} = parseEbur128(bed ?? '');
    await write('mix', {...parseEbur128(mixed ?? ''), bedMomentaryLufs});
    return {is: 'made'};
  },
};

async function pieceOf(inputs: Inputs): Promise<Piece> {
  const {from, to, placements} = await inputs.doc('fit');
  const {lines} = await inputs.doc('revise');
  const {audio, spoken} = await inputs.doc('probe');
  const {speechLufs} = await inputs.doc('detect');
  // The original voice must not come up when the dub of its line is shorter than it was.
  const dubbed = lines.flatMap((line, i) => {
    const placement = placements[i];
    return line.keepOriginal !== undefined || placement === undefined
      ? []
      : [{start: Math.min(line.start, placement.start), end: Math.max(line.end, placement.end)}];
  });
  return {
    start: from,
    end: to,
    channels: Math.min(8, audio.find(track => track.index === spoken)?.channels ?? 2),
    speechLufs,
    spoken: dubbed,
    muted: lines.flatMap(({start, end, muted}) => (muted === true ? [{start, end}] : [])),
    starts: placements.map(({start}) => start),
  };
}

/** Pieces that are a sample short would let the rest of the film slide forward: STREAMINFO says how many there are. */
async function requireSamples(path: string, samples: number): Promise<void> {
  await using file = await open(path);
  const head = Buffer.alloc(26);
  await file.read(head, 0, head.length, 0);
  // RFC 9639, section 8.2: 36 bits, the last four of byte 21 and the four bytes after it.
  const found = (head.readUInt8(21) & 15) * 2 ** 32 + head.readUInt32BE(22);
  if (found !== samples) throw new Error(`the mix has ${found} samples instead of ${samples}`);
}

/** A long scene's sound is not held in memory: it is laid out a window at a time. */
const windowSamples = 10 * sampleRate;

interface Laid {
  readonly path: string;
  /** Samples of the piece, from and up to. */
  readonly from: number;
  readonly to: number;
  readonly gain: number;
}

/** All clips of the piece on one mono track, each at the loudness of the film's own speech. */
async function* dubTrack(
  piece: Piece,
  clips: readonly (string | undefined)[],
  shaped: readonly Clip[],
): AsyncGenerator<Float32Array> {
  const laid = clips.flatMap((path, index): Laid[] => {
    const clip = shaped[index];
    if (path === undefined || clip === undefined) return [];
    const from = Math.round(((piece.starts[index] ?? piece.start) - piece.start) * sampleRate);
    const gain = gainFor(clip.loudnessLufs ?? piece.speechLufs, piece.speechLufs);
    return [{path, from, to: from + Math.ceil(clip.seconds * sampleRate), gain}];
  });
  const all = Math.round((piece.end - piece.start) * sampleRate);
  const window = new Float32Array(Math.min(windowSamples, all));
  for (let start = 0; start < all; start += windowSamples) {
    const part = window.subarray(0, Math.min(windowSamples, all - start)).fill(0);
    for (const clip of laid) {
      if (clip.from < start + part.length && clip.to > start) await lay(clip, part, start);
    }
    yield part;
  }
}

/** Adds the samples of a clip that fall into a window that begins at `start`. */
async function lay({path, from, gain}: Laid, window: Float32Array, start: number): Promise<void> {
  const {samples} = await readSpoken(path);
  const last = Math.min(samples.length, start + window.length - from);
  for (let i = Math.max(0, start - from); i < last; i++) {
    const at = from + i - start;
    window[at] = (window[at] ?? 0) + (samples[i] ?? 0) * gain;
  }
}

function gainFor(loudnessLufs: number, targetLufs: number): number {
  return 10 ** (Math.min(mostGainDb, targetLufs - loudnessLufs) / 20);
}

/** Interleaved pairs: the gain of dialogue channels, the gain of the others. */
function curveFile(piece: Piece): Float32Array {
  const seconds = piece.end - piece.start;
  const depth = hasCentre(piece.channels) ? duckedDb.dialogue.centre : duckedDb.dialogue.mixed;
  const dialogue = sampleCurve(duckingCurve(piece.spoken, piece, depth), seconds, curveRate);
  const beside = sampleCurve(duckingCurve(piece.spoken, piece, duckedDb.beside), seconds, curveRate);
  const silence = sampleCurve(duckingCurve(piece.muted, piece, mutedDb), seconds, curveRate);
  const pairs = new Float32Array(dialogue.length * 2);
  dialogue.forEach((gain, i) => {
    const open = silence[i] ?? 1;
    pairs[2 * i] = gain * open;
    // Music and noises stay where they have channels of their own.
    pairs[2 * i + 1] = hasCentre(piece.channels) ? (beside[i] ?? 1) : (beside[i] ?? 1) * open;
  });
  return pairs;
}

/** One pass: bed times curve, plus dub, to FLAC of exactly the piece's samples, measured on the way. */
export function mixArgv({
  programme,
  curve,
  dub,
  piece,
  to,
}: {
  readonly programme: string;
  readonly curve: string;
  readonly dub: string;
  readonly piece: Region & {readonly channels: number};
  readonly to: string;
}): readonly string[] {
  const {name} = layoutOf(piece.channels);
  const samples = Math.round((piece.end - piece.start) * sampleRate);
  // amix drops the tail of what it mixes when its first input ends: all inputs last longer than the piece, which is
  // cut to the sample only when it is mixed.
  const beyond = `apad=whole_len=${samples + spare}`;
  const graph = [
    `[0:a]aformat=sample_fmts=fltp:channel_layouts=${name},${beyond}[original]`,
    `[1:a]aresample=${sampleRate},${curvePan(piece.channels)},${beyond}[gain]`,
    `[original][gain]amultiply,volume=${headroomDb}dB,asplit[bed][beside]`,
    `[2:a]${voicePan(piece.channels)},${beyond},volume=${headroomDb}dB[dub]`,
    `[bed][dub]amix=inputs=2:normalize=0:duration=longest,atrim=end_sample=${samples},asplit[mix][heard]`,
    // Names in the working folder: no path, and so no user's word, gets into a graph.
    '[heard]ebur128=peak=true:metadata=1,ametadata=mode=print:file=mix.txt[measured]',
    '[beside]ebur128=metadata=1,ametadata=mode=print:file=bed.txt[besides]',
  ];
  return [
    ...quietly,
    ...[
      '-ss',
      piece.start.toFixed(3),
      '-t',
      (piece.end - piece.start).toFixed(3),
      ...ownInput(programme, 'flac'),
    ],
    ...['-f', 'f32le', '-ar', String(curveRate), '-ac', '2', '-i', fileUrl(curve)],
    ...ownInput(dub, 'wav'),
    ...['-filter_complex', graph.join(';')],
    ...['-map', '[mix]', '-c:a', 'flac', '-sample_fmt', 's32', '-compression_level', '2', fileUrl(to)],
    ...['-map', '[measured]', '-f', 'null', '-', '-map', '[besides]', '-f', 'null', '-'],
  ];
}
