/**
 * Owns the HLS rendition: fragmented MP4, one file a rendition (byte ranges), sound in two languages, WebVTT
 * subtitles (RFC 8216). Made from the finished phone MP4, so that nothing is encoded twice.
 */
import {mkdir, open, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {ownInput, runFfmpeg} from '../ffmpeg.ts';
import {readFilm} from '../ffprobe.ts';
import type {Tools} from '../tool.ts';
import type {OwnTrack} from './mkv.ts';

/** What players are told of a rendition. */
export interface Rendition {
  /** Stem of its files; unique among the renditions. */
  readonly stem: string;
  /** BCP 47 tag. */
  readonly tag: string;
  readonly title: string;
}
export type HlsTrack = OwnTrack & Rendition;

export interface HlsRequest {
  readonly mp4: string;
  readonly folder: string;
  /** The MP4's two sounds, in its order. */
  readonly sounds: readonly Rendition[];
  readonly subtitles: readonly HlsTrack[];
  readonly duration: number;
}

/** Enough to hold the set-up boxes that stand before the first fragment. */
export const headBytes = 65_536;

/** Writes `master.m3u8`, and a playlist and a file for each rendition. */
export async function makeHls(
  {mp4, folder, sounds, subtitles, duration}: HlsRequest,
  tools: Tools,
): Promise<void> {
  await mkdir(folder);
  await runFfmpeg(tools, {argv: hlsArgv(mp4, sounds, subtitles), seconds: duration, cwd: folder});
  for (const {stem} of subtitles) {
    await writeFile(join(folder, `${stem}.m3u8`), subtitlePlaylist(stem, duration));
  }
  const playlists = await Promise.all(
    ['picture', ...sounds.map(({stem}) => stem)].map(stem => readFile(join(folder, `${stem}.m3u8`), 'utf8')),
  );
  const [shown] = (await readFilm(mp4, tools)).streams;
  await using picture = await open(join(folder, 'picture.mp4'));
  const {buffer} = await picture.read(Buffer.alloc(headBytes), 0, headBytes, 0);
  const master = masterPlaylist({
    ...{picture: 'picture', sounds, subtitles},
    bandwidth: playlists.map(peakBitRate).reduce((sum, rate) => sum + rate, 0),
    width: shown?.width ?? 0,
    height: shown?.height ?? 0,
    videoCodec: videoCodecOf(buffer),
  });
  await writeFile(join(folder, 'master.m3u8'), master);
}

const segmentSeconds = 6;

/**
 * Frames that are decoded before they are shown begin before the film does. ffmpeg would put the whole picture off by as
 * much, two frames or more, and leave the sound, which is a file of its own, where it is.
 */
export const inStep: readonly string[] = ['-avoid_negative_ts', 'disabled'];

/** Runs in the folder that the files go to: the segment names then hold nothing that ffmpeg would expand. */
export function hlsArgv(
  mp4: string,
  sounds: readonly Rendition[],
  subtitles: readonly HlsTrack[],
): readonly string[] {
  const media = (map: string, name: string): readonly string[] => [
    ...[
      '-map',
      map,
      '-c',
      'copy',
      '-map_chapters',
      '-1',
      ...inStep,
      '-f',
      'hls',
      '-hls_playlist_type',
      'vod',
    ],
    ...['-hls_time', String(segmentSeconds), '-hls_segment_type', 'fmp4', '-hls_flags', 'single_file'],
    ...['-hls_segment_filename', `${name}.mp4`, '-fflags', '+bitexact', `file:${name}.m3u8`],
  ];
  return [
    ...ownInput(mp4, 'mov'),
    ...subtitles.flatMap(({path}) => ownInput(path, 'srt')),
    ...media('0:v:0', 'picture'),
    ...sounds.flatMap(({stem}, i) => media(`0:a:${i}`, stem)),
    ...subtitles.flatMap(({stem}, i) => [
      ...['-map', `${1 + i}:0`, '-c:s', 'webvtt', '-f', 'webvtt', `file:${stem}.vtt`],
    ]),
  ];
}

/** A whole film of subtitles is small enough to be one segment. */
export function subtitlePlaylist(stem: string, duration: number): string {
  return [
    ...['#EXTM3U', '#EXT-X-VERSION:7', `#EXT-X-TARGETDURATION:${Math.ceil(duration)}`],
    ...['#EXT-X-PLAYLIST-TYPE:VOD', `#EXTINF:${duration.toFixed(3)},`, `${stem}.vtt`, '#EXT-X-ENDLIST', ''],
  ].join('\n');
}

export interface MasterRequest {
  /** Stem of the picture's playlist. */
  readonly picture: string;
  readonly sounds: readonly Rendition[];
  readonly subtitles: readonly Rendition[];
  readonly bandwidth: number;
  readonly width: number;
  readonly height: number;
  /** Such as `avc1.64001f`. */
  readonly videoCodec: string;
}

/** The first sound is the one that is heard unless somebody chooses. */
export function masterPlaylist(request: MasterRequest): string {
  const {picture, sounds, subtitles, bandwidth, width, height, videoCodec} = request;
  const media = (type: string, group: string, track: Rendition, first: boolean): string =>
    `#EXT-X-MEDIA:TYPE=${type},GROUP-ID="${group}",NAME="${quoted(track.title)}",LANGUAGE="${track.tag}",` +
    `DEFAULT=${first ? 'YES' : 'NO'},AUTOSELECT=YES,URI="${track.stem}.m3u8"`;
  const words = subtitles.length > 0 ? ',SUBTITLES="text"' : '';
  return [
    ...['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS'],
    ...sounds.map((track, i) => media('AUDIO', 'sound', track, i === 0)),
    ...subtitles.map(track => media('SUBTITLES', 'text', track, false)),
    `#EXT-X-STREAM-INF:BANDWIDTH=${bandwidth},RESOLUTION=${width}x${height},` +
      `CODECS="${videoCodec},mp4a.40.2",AUDIO="sound"${words}`,
    ...[`${picture}.m3u8`, ''],
  ].join('\n');
}

/** An attribute value can't hold a quote or a line break (RFC 8216, section 4.2). */
const quoted = (text: string): string => text.replace(/["\r\n]/g, "'");

/** Bits a second of the heaviest segment (RFC 8216, section 4.3.4.2). */
export function peakBitRate(playlist: string): number {
  const segments = playlist.matchAll(/#EXTINF:([\d.]+),[\s\S]*?#EXT-X-BYTERANGE:(\d+)/g);
  const rates = [...segments].map(([, seconds, bytes]) => (Number(bytes) * 8) / Number(seconds));
  return Math.ceil(Math.max(1, ...rates));
}

/** `avc1.PPCCLL` (RFC 6381) out of the `avcC` box at the head of a fragmented MP4. */
export function videoCodecOf(head: Buffer): string {
  const at = head.indexOf('avcC', 0, 'latin1');
  if (at < 0) throw new Error('no avcC box in an H.264 rendition');
  return `avc1.${head.toString('hex', at + 5, at + 8)}`;
}
