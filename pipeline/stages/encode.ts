/**
 * Owns the stage that encodes the dub of one scene as AAC that joins its neighbours without a seam. AAC frames
 * overlap: a frame decodes right only beside the ones it was encoded with. So each scene is encoded with a little of
 * the film on either side, on one grid of frames for the whole film, and the frames outside are left out again. At a
 * seam nobody speaks, so what lies beside it is the film's own sound, and no scene waits for another.
 */
import {readFile, rm, writeFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {adtsFrames} from '../adts.ts';
import {oneTool} from '../costs.ts';
import type {Loudness, LoudnessPlan} from '../documents.ts';
import {fileUrl, ownInput, quietly, repeatable} from '../ffmpeg.ts';
import {layoutOf} from '../layouts.ts';
import {needsLimiter, parseEbur128, silenceLufs} from '../loudness.ts';
import type {Context, Inputs, Stage} from '../stage.ts';
import {headroomDb} from './mix.ts';

const sampleRate = 48_000;
const frameSamples = 1024;
/**
 * Frames on either side: one that overlaps, the others for the limiter and the encoder's rate control to settle. With
 * 2 of them the sound at a seam lies up to 5.6 dB further from the mix than in one encode, with 3 1.7 dB, with 12 0.8.
 */
const besideFrames = 12;
/** The encoder delays its output by one frame. */
const delayFrames = 1;

/** Which part of the film a scene is, on the grid of frames. */
export interface EncodedPiece {
  /** Where the scene's mix begins and ends, in samples of the film. */
  readonly from: number;
  readonly to: number;
  readonly firstFrame: number;
  /** One past the last. */
  readonly endFrame: number;
}

export function pieceOnGrid({
  from,
  to,
  duration,
}: {
  readonly from: number;
  readonly to: number;
  readonly duration: number;
}): EncodedPiece {
  const samples = (seconds: number) => Math.round(seconds * sampleRate);
  const last = samples(to) >= samples(duration);
  return {
    from: samples(from),
    to: samples(to),
    firstFrame: Math.round(samples(from) / frameSamples),
    endFrame: last ? Math.ceil(samples(to) / frameSamples) : Math.round(samples(to) / frameSamples),
  };
}

export const encodeStage: Stage = {
  name: 'encode',
  version: 3,
  scope: 'scene',
  needs: ['demux', 'mix'],
  looksAt: ['probe', 'fit', 'level'],
  cost: oneTool,
  engines: ['ffmpeg aac'],
  params: async inputs => {
    const {from, to} = await inputs.doc('fit');
    const {duration, audio, spoken} = await inputs.doc('probe');
    const channels = audio.find(track => track.index === spoken)?.channels ?? 2;
    return {from, to, duration, channels, ...(await levelOf(inputs))};
  },
  async run({inputs, dir, scratch, tools, write}) {
    const {from, to} = await inputs.doc('fit');
    const {duration, audio, spoken} = await inputs.doc('probe');
    const channels = audio.find(track => track.index === spoken)?.channels ?? 2;
    const heard = await encodeUnderCeiling(
      {
        ...{piece: pieceOnGrid({from, to, duration}), channels, plan: await levelOf(inputs)},
        ...{programme: inputs.file('demux', 'programme.flac'), mix: inputs.file('mix', 'mix.flac')},
        outputs: ['full.aac', ...(channels > 2 ? ['stereo.aac'] : [])].map(name => join(dir, name)),
      },
      {tools, scratch},
    );
    await write('encode', heard);
    return {is: 'made'};
  },
};

type Level = LoudnessPlan & {readonly limit: boolean};

/** A scene whose own peaks stay under the ceiling is spared the limiter, which costs as much as the encoder. */
async function levelOf(inputs: Inputs): Promise<Level> {
  const plan = await inputs.doc('level');
  return {...plan, limit: needsLimiter(await inputs.doc('mix'), plan)};
}

/** What the finished track may reach (EBU R 128). */
const highestDbtp = -1;
const tries = 3;

/**
 * Encodes, decodes what came out, and encodes again under a lower ceiling where the codec itself pushed a peak over
 * −1 dBTP. The loudness returned is that of all channels, as a player will have it.
 */
async function encodeUnderCeiling(request: EncodeRequest, {tools, scratch}: Workshop): Promise<Loudness> {
  let {plan} = request;
  if (request.piece.endFrame === request.piece.firstFrame) return await leaveEmpty(request);
  for (let left = tries; ; left--) {
    await tools.run({tool: 'ffmpeg', argv: encodeArgv({...request, plan})});
    const [full, ...others] = await Promise.all(
      request.outputs.map(async path => {
        await keepOwnFrames(path, request.piece, scratch);
        return await listen(basename(path), {tools, scratch});
      }),
    );
    if (full === undefined) throw new Error('nothing was asked for');
    const over = Math.max(...[full, ...others].map(heard => heard.truePeakDbtp)) - highestDbtp;
    if (over <= 0 || left === 1) return full;
    // A peak that the codec adds comes down less than the ceiling does.
    plan = {...plan, limit: true, ceilingDbtp: plan.ceilingDbtp - 1.5 * over - 0.1};
  }
}

/** A scene that its neighbour's dub ran over may be left with less than half a frame. */
async function leaveEmpty({outputs}: EncodeRequest): Promise<Loudness> {
  for (const path of outputs) await writeFile(path, '');
  return {momentaryLufs: [], truePeakDbtp: silenceLufs};
}

type Workshop = Pick<Context<unknown>, 'tools' | 'scratch'>;

/** Decodes an encoded track strictly, to its last frame, and measures what is heard after its first one. */
async function listen(name: string, {tools, scratch}: Workshop): Promise<Loudness> {
  const notes = `${name}.txt`;
  const meter = `ebur128=peak=true:metadata=1,ametadata=mode=print:file=${notes}`;
  const graph = `atrim=start_sample=${frameSamples},asetpts=N/SR/TB,${meter}`;
  const strictly = [...quietly, '-xerror', '-err_detect', 'explode', ...ownInput(join(scratch, name), 'aac')];
  await tools.run({tool: 'ffmpeg', argv: [...strictly, '-af', graph, '-f', 'null', '-'], cwd: scratch});
  return parseEbur128(await readFile(join(scratch, notes), 'utf8'));
}

/**
 * Drops the frames that belong to the neighbours. To be listened to, the scene keeps the one before: without it the
 * first frame decodes to something else than in the film.
 */
async function keepOwnFrames(
  path: string,
  {firstFrame, endFrame}: EncodedPiece,
  scratch: string,
): Promise<void> {
  const frames = adtsFrames(await readFile(path));
  const skipped = Math.min(firstFrame, besideFrames) + delayFrames;
  const own = frames.slice(skipped, skipped + endFrame - firstFrame);
  if (own.length < endFrame - firstFrame)
    throw new Error(`${own.length} AAC frames instead of ${endFrame - firstFrame}`);
  await rm(path);
  await writeFile(path, Buffer.concat(own));
  await writeFile(
    join(scratch, basename(path)),
    Buffer.concat(frames.slice(skipped - 1, skipped + own.length)),
  );
}

export interface EncodeRequest {
  readonly programme: string;
  readonly mix: string;
  readonly piece: EncodedPiece;
  readonly channels: number;
  readonly plan: Level;
  /** ADTS files: all channels, and two channels for the phone when there are more. */
  readonly outputs: readonly string[];
}

/** Film before, the scene's mix, film after: joined, brought to level, encoded. */
export function encodeArgv({
  programme,
  mix,
  piece,
  channels,
  plan,
  outputs,
}: EncodeRequest): readonly string[] {
  const start = Math.max(0, (piece.firstFrame - besideFrames) * frameSamples);
  const end = (piece.endFrame + besideFrames) * frameSamples;
  const {name} = layoutOf(channels);
  const bed = `aformat=sample_fmts=fltp:channel_layouts=${name}`;
  const beside = (samples: number) =>
    `${bed},volume=${headroomDb}dB,apad=whole_len=${samples},atrim=end_sample=${samples}`;
  // Nothing lies before the first scene; half a frame may, where the grid and the cut differ.
  const parts = [
    ...(piece.from > start ? [`[0:a]${beside(piece.from - start)}[before]`] : []),
    `[1:a]${bed}[own]`,
    `[2:a]${beside(end - piece.to)}[after]`,
  ];
  const pads = [...(piece.from > start ? ['[before]'] : []), '[own]', '[after]'].join('');
  const level = [`volume=${plan.gainDb.toFixed(2)}dB`, ...(plan.limit ? [limiter(plan)] : [])].join(',');
  const joined = `${pads}concat=n=${parts.length}:v=0:a=1,${level}`;
  const carrier = carriers[name];
  const carried = carrier === undefined ? 'anull' : carrier.pan;
  const split =
    outputs.length > 1
      ? `${joined},asplit[a][b];[a]${carried}[full];[b]${stereoPan},${limiter(plan)}[stereo]`
      : `${joined}[full]`;
  const window = (from: number, to: number) => ['-ss', seconds(from), '-t', seconds(Math.max(1, to - from))];
  return [
    ...quietly,
    ...[...window(start, piece.from), ...ownInput(programme, 'flac')],
    ...ownInput(mix, 'flac'),
    ...[...window(piece.to, end), ...ownInput(programme, 'flac')],
    ...['-filter_complex', `${parts.join(';')};${split}`],
    ...outputs.flatMap((path, i) => [
      ...['-map', i === 0 ? '[full]' : '[stereo]', '-c:a', 'aac', '-aac_coder', 'fast'],
      ...['-b:a', `${kilobitsOf(i > 0 ? 2 : (carrier?.channels ?? channels))}k`],
      ...[...repeatable, '-f', 'adts', fileUrl(path)],
    ]),
  ];
}

function seconds(samples: number): string {
  return (samples / sampleRate).toFixed(6);
}

/**
 * AAC numbers only some layouts (ISO/IEC 14496-3, table 1.19) and describes others in the first frame of a stream,
 * which no piece has. Those travel in a wider layout that has a number; players know it better as well.
 */
const carriers: Readonly<Record<string, {readonly pan: string; readonly channels: number}>> = {
  quad: {pan: 'pan=5.0|FL=FL|FR=FR|BL=BL|BR=BR', channels: 5},
  '6.1': {
    pan: 'pan=7.1|FL=FL|FR=FR|FC=FC|LFE=LFE|SL=SL|SR=SR|BL=0.707*BC|BR=0.707*BC',
    channels: 8,
  },
};

/** Lo/Ro of ITU-R BS.775-3, without the low-frequency channel; channels that a layout lacks count as silent. */
export const stereoPan =
  'pan=stereo|FL=FL+0.707*FC+0.707*SL+0.707*BL+0.5*BC|FR=FR+0.707*FC+0.707*SR+0.707*BR+0.5*BC';

/**
 * Holds samples, not the peaks between them: those pass by a few tenths of a decibel, which the ceiling leaves room
 * for, and what was encoded is measured at four times the rate (BS.1770-4, annex 2) and encoded again where it is over.
 */
export function limiter({ceilingDbtp}: Pick<LoudnessPlan, 'ceilingDbtp'>): string {
  const limit = (10 ** (ceilingDbtp / 20)).toFixed(4);
  return `alimiter=limit=${limit}:attack=5:release=50:level=disabled:latency=1`;
}

/** 64 kb/s a channel is transparent for most; one or two channels get more because they share less. */
function kilobitsOf(channels: number): number {
  return channels <= 2 ? 64 + channels * 48 : channels * 64;
}
