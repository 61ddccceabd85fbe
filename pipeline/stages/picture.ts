/**
 * Owns the phone's copy of what the film already has: its picture, and its own sound in two channels. Never touches
 * the dub. What a phone can play as it is, is left alone: `picture.json` says what was done.
 */
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {z} from 'zod';
import {Failed} from '../../appliance/failure.ts';
import type {PresetName} from '../catalog.ts';
import {checkDecodes, packetHashes} from '../check.ts';
import type {AudioTrack, VideoTrack} from '../documents.ts';
import {fileUrl, filmInput, repeatable, runFfmpeg} from '../ffmpeg.ts';
import {describeFilm, type Film, type FilmStream, parseFilm, readFilm} from '../ffprobe.ts';
import type {Context, Stage} from '../stage.ts';
import type {Tools} from '../tool.ts';
import type {Source} from './probe.ts';

const Taken = z.object({
  copy: z.boolean(),
  why: z.string(),
  /** MD5 of the packets that were made where nothing could be copied. */
  packets: z.string().nullable(),
});

/** What the phone gets of the film itself; `copy: false` means `picture.mp4`, or `sound.m4a`, is there instead. */
export const PhoneCopy = z.object({
  picture: Taken,
  sound: Taken,
  /** MD5 of the packets of every track of the source, by index: what copies are compared with. */
  packets: z.record(z.string(), z.string()),
});
export type PhoneCopy = z.infer<typeof PhoneCopy>;

export type PictureParams = {
  readonly source: string;
  readonly video: number;
  readonly sound: number;
  /** Why the picture, and the sound, need encoding; null leaves them as they are. */
  readonly unfitPicture: string | null;
  readonly unfitSound: string | null;
  readonly duration: number;
  readonly preset: PresetName;
};

const mebibyte = 2 ** 20;

export function pictureStage({
  source,
  preset,
}: {
  readonly source: Source;
  readonly preset: PresetName;
}): Stage<PictureParams> {
  return {
    name: 'picture',
    version: 3,
    scope: 'job',
    needs: [],
    looksAt: ['probe'],
    cost: {processors: 0, gpus: 0, memoryBytes: 700 * mebibyte},
    engines: ['ffmpeg', 'libx264'],
    params: async inputs => {
      const {video, audio, spoken, duration} = await inputs.doc('probe');
      const sound = audio.find(track => track.index === spoken);
      if (sound === undefined) throw new Error(`no audio track ${spoken} where the probe chose it`);
      return {
        ...{source: source.digest, video: video.index, sound: spoken, duration, preset},
        unfitPicture: unfit(phoneFit(video)),
        unfitSound: unfit(phoneSound(sound)),
      };
    },
    run: async context => {
      await prepare(source.path, context);
      return {is: 'made'};
    },
  };
}

const unfit = (fit: true | string): string | null => (fit === true ? null : fit);

/** Above this a phone on a home's uplink stutters. */
const fitBitRate = 8_000_000;
const fitProfiles = /^(constrained baseline|baseline|main|high)$/i;

/**
 * True when phones of the last ten years play the stream in hardware: H.264 up to High, 8 bits 4:2:0, level 4.2,
 * 1080 lines in either direction, 60 frames and 8 Mb a second. Otherwise why not.
 */
export function phoneFit(video: VideoTrack): true | string {
  const {level, width, height, framesPerSecond, bitRate} = video;
  const seen = watchable(video);
  if (seen !== true) return seen;
  if (level > 42) return `H.264 level ${level / 10}`;
  const [short, long] = width < height ? [width, height] : [height, width];
  if (short > 1080 || long > 1920) return `${width}×${height}`;
  if (framesPerSecond > 60.5) return `${Math.round(framesPerSecond)} frames a second`;
  if (bitRate === null || bitRate > fitBitRate) return `${Math.round((bitRate ?? 0) / 1e5) / 10} Mb a second`;
  return true;
}

/** True when any browser of today shows the stream, whatever it costs it; otherwise why not. */
export function watchable({codec, profile, pixelFormat}: VideoTrack): true | string {
  if (codec !== 'h264') return `${codec} instead of H.264`;
  if (!fitProfiles.test(profile)) return `H.264 profile ${profile}`;
  if (pixelFormat !== 'yuv420p' && pixelFormat !== 'yuvj420p') return `pixel format ${pixelFormat}`;
  return true;
}

/** True when a phone plays the track as it is. */
export function phoneSound({codec, channels}: AudioTrack): true | string {
  if (codec !== 'aac') return `${codec} instead of AAC`;
  return channels <= 2 || `${channels} channels`;
}

/** What the stream says of itself beyond the probe's document decides as well. */
export function oddity(stream: FilmStream): string | null {
  if (stream.interlaced) return 'interlaced';
  return hdrCurves.has(stream.transfer) ? 'HDR' : null;
}

const hdrCurves = new Set(['smpte2084', 'arib-std-b67']);
/** RLIMIT_AS: 8K frames on many threads, and no more. */
const addressBytes = 16 * 2 ** 30;

async function prepare(path: string, {params, dir, tools, progress}: Context<PictureParams>): Promise<void> {
  const described = await describeFilm(path, tools);
  const film = parseFilm(described);
  const stream = film.streams.find(({index}) => index === params.video);
  if (stream === undefined) throw new Error(`no stream ${params.video} where the probe saw one`);
  const why = params.unfitPicture ?? oddity(stream);
  const outputs = [
    ...(why === null ? [] : pictureArgv(stream, params.preset, join(dir, 'picture.mp4'))),
    ...(params.unfitSound === null ? [] : soundArgv(params.sound, join(dir, 'sound.m4a'))),
  ];
  if (outputs.length > 0) {
    const argv = [...filmInput(path), ...outputs];
    await runFfmpeg(tools, {argv, seconds: params.duration, onShare: progress, addressBytes});
  }
  const [picture, sound] = await Promise.all([
    why === null ? null : finished(join(dir, 'picture.mp4'), 'seen', tools),
    params.unfitSound === null ? null : finished(join(dir, 'sound.m4a'), 'heard', tools),
  ]);
  if (picture !== null) {
    const {seconds: made} = picture;
    requireWhole(path, {made, film: params.duration, stream: endOnFilmClock(stream, film.start)});
  }
  const copies: PhoneCopy = {
    picture: {copy: why === null, why: why ?? 'fit for a phone', packets: picture?.packets ?? null},
    sound: {
      copy: params.unfitSound === null,
      why: params.unfitSound ?? 'fit for a phone',
      packets: sound?.packets ?? null,
    },
    packets: await packetsOf(path, film, tools),
  };
  await writeFile(join(dir, 'source.json'), described);
  await writeFile(join(dir, 'picture.json'), JSON.stringify(copies));
}

/** How long a file of one track is that was encoded here and decodes, and what its copies are compared with. */
async function finished(
  path: string,
  how: 'seen' | 'heard',
  tools: Tools,
): Promise<{readonly seconds: number | null; readonly packets: string | null}> {
  await checkDecodes(path, how === 'seen' ? {seen: 0, heard: []} : {seen: null, heard: [0]}, tools);
  const {duration, streams, format} = await readFilm(path, tools);
  const [packets] = await packetHashes(
    path,
    streams.map(stream => ({stream, format})),
    tools,
  );
  return {seconds: duration, packets: packets ?? null};
}

/** Read here, beside the recognition of speech, and not while somebody waits for the finished files. */
async function packetsOf(
  path: string,
  {streams, format}: Film,
  tools: Tools,
): Promise<Record<string, string>> {
  const tracks = streams.filter(({kind}) => kind === 'video' || kind === 'audio' || kind === 'subtitle');
  const found = await packetHashes(
    path,
    tracks.map(stream => ({stream, format})),
    tools,
  );
  return Object.fromEntries(
    tracks.flatMap(({index}, i) => (found[i] === undefined ? [] : [[String(index), found[i]]])),
  );
}

function endOnFilmClock({end}: FilmStream, filmStart: number): number | null {
  return end === null ? null : end - filmStart;
}

/** A picture that stops decoding half way would freeze on the phone: its end must be near that of the stream. */
function requireWhole(
  path: string,
  seconds: {readonly made: number | null; readonly film: number; readonly stream: number | null},
): void {
  const expected = Math.min(seconds.film, seconds.stream ?? seconds.film);
  const made = seconds.made ?? 0;
  if (made >= expected - Math.max(0.5, expected / 50)) return;
  const detail = `its picture can be decoded for ${made.toFixed(1)} of ${expected.toFixed(1)} s only`;
  throw new Failed({reason: 'truncated', path, detail});
}

interface Effort {
  readonly x264: string;
  readonly crf: number;
}

/** Measured on two processors: superfast, veryfast and medium take about 1 : 1.3 : 3 of the time. */
const efforts: Readonly<Record<PresetName, Effort>> = {
  fast: {x264: 'superfast', crf: 25},
  balanced: {x264: 'veryfast', crf: 23},
  best: {x264: 'medium', crf: 21},
};

/** Key frames this far apart: a seek lands close, and HLS can cut there. */
const keySeconds = 2;

export function pictureArgv(stream: FilmStream, preset: PresetName, out: string): readonly string[] {
  return [
    ...pictureEncoding(stream, preset),
    ...[...repeatable, '-map_metadata', '-1', '-map_chapters', '-1', '-f', 'mp4', fileUrl(out)],
  ];
}

/** H.264 that every phone shows, in whatever container. */
export function pictureEncoding(stream: FilmStream, preset: PresetName): readonly string[] {
  const {x264, crf} = efforts[preset];
  return [
    ...['-map', `0:${stream.index}`, '-vf', pictureGraph(stream)],
    ...['-c:v', 'libx264', '-preset', x264, '-crf', String(crf), '-maxrate', '4M', '-bufsize', '8M'],
    ...['-profile:v', 'high', '-level', '3.1', '-pix_fmt', 'yuv420p'],
    ...['-force_key_frames', `expr:gte(t,n_forced*${keySeconds})`],
  ];
}

export function soundArgv(track: number, out: string): readonly string[] {
  const graph = 'aformat=channel_layouts=stereo,aresample=48000:async=1:first_pts=0';
  return [
    ...['-map', `0:${track}`, '-af', graph, '-c:a', 'aac', '-b:a', '128k'],
    ...[...repeatable, '-map_metadata', '-1', '-map_chapters', '-1', '-f', 'ipod', fileUrl(out)],
  ];
}

/**
 * Square pixels, at most 1280 by 720 (or 720 by 1280: ffmpeg has turned the picture upright before), even sides,
 * never enlarged. `fps` comes first, from the film's first instant on, to save work on frames that are dropped.
 */
function pictureGraph(stream: FilmStream): string {
  const wide = 'iw*sar';
  const shrink = `min(1,min(1280/max(${wide},ih),720/min(${wide},ih)))`;
  const even = (side: string): string => `max(2,2*round(${side}*${shrink}/2))`;
  return [
    ...(stream.interlaced ? ['bwdif=mode=send_frame:deint=interlaced'] : []),
    `fps=${frameRate(stream.framesPerSecond)}:start_time=0`,
    `scale=w='${even(wide)}':h='${even('ih')}'`,
    'setsar=1',
    ...(hdrCurves.has(stream.transfer) ? [toneMap] : []),
    'format=yuv420p',
  ].join(',');
}

/** HDR shown as it is looks grey on a phone: Hable's curve brings it down to BT.709. */
const toneMap = [
  ...['zscale=t=linear:npl=100', 'format=gbrpf32le', 'zscale=p=bt709', 'tonemap=hable:desat=0'],
  'zscale=t=bt709:m=bt709:r=tv',
].join(',');

const standardRates: readonly (readonly [number, string])[] = [
  [24_000 / 1001, '24000/1001'],
  [24, '24'],
  [25, '25'],
  [30_000 / 1001, '30000/1001'],
  [30, '30'],
];

/**
 * A constant rate of at most 30: half of 50 or 60, the standard rate within half a per cent of a phone's wandering
 * one, and never below 5, where players lose their patience.
 */
export function frameRate(framesPerSecond: number): string {
  const halved = framesPerSecond > 47 && framesPerSecond < 61 ? framesPerSecond / 2 : framesPerSecond;
  const bounded = Math.min(30, Math.max(5, halved));
  const near = standardRates.toSorted(([a], [b]) => Math.abs(a - bounded) - Math.abs(b - bounded))[0];
  return near !== undefined && Math.abs(near[0] / bounded - 1) < 0.005 ? near[1] : bounded.toFixed(3);
}
