/**
 * Owns what a film is watched by while it is being dubbed: HLS whose playlists grow (RFC 8216, EVENT), in fragmented MP4. Says
 * what ffmpeg is asked and how the files are called; never runs anything.
 */
import {type LanguageTag, languageOf} from '../../appliance/languages.ts';
import type {AudioTrack, Probe} from '../documents.ts';
import {filmInput, ownInput, quietly} from '../ffmpeg.ts';
import type {FilmStream} from '../ffprobe.ts';
import {inStep, masterPlaylist} from '../outputs/hls.ts';
import {limiter, stereoPan} from '../stages/encode.ts';
import {oddity, phoneSound, pictureEncoding, watchable} from '../stages/picture.ts';

/** Stems of the renditions: none of them names a file of a finished dub, which is watched at the same address. */
export const stems = {picture: 'growing-picture', original: 'growing-original', dub: 'growing-dub'} as const;
export type Stem = (typeof stems)[keyof typeof stems];

export const masterName = 'master.m3u8';

const segmentSeconds = 4;

/** Names without a folder: ffmpeg runs where the files go, and nothing in a name is expanded. */
function growing(stem: Stem): readonly string[] {
  return [
    ...[...inStep, '-map_metadata', '-1', '-map_chapters', '-1'],
    ...['-f', 'hls', '-hls_playlist_type', 'event', '-hls_time', String(segmentSeconds)],
    // Whoever reads finds whole files, or none.
    ...['-hls_segment_type', 'fmp4', '-hls_flags', 'temp_file+independent_segments'],
    ...['-hls_fmp4_init_filename', initOf(stem), '-hls_segment_filename', `${stem}-%05d.m4s`],
    `file:${stem}.m3u8`,
  ];
}

/** What a player has to read first. */
export const initOf = (stem: Stem): string => `${stem}-init.mp4`;

/** Copied wherever a browser can show it as it is; else encoded as quickly as may be. */
export function filmArgv(source: string, stream: FilmStream, probe: Probe): readonly string[] {
  const isAsItIs = watchable(probe.video) === true && oddity(stream) === null;
  const sound = spokenTrack(probe);
  return [
    ...[...quietly, ...filmInput(source), '-map', `0:${stream.index}`],
    ...(isAsItIs ? ['-c:v', 'copy'] : pictureEncoding(stream, 'fast')),
    ...growing(stems.picture),
    ...['-map', `0:${sound.index}`],
    ...(phoneSound(sound) === true ? ['-c:a', 'copy'] : [...toStereo, ...encoded]),
    ...growing(stems.original),
  ];
}

export function spokenTrack({audio, spoken}: Probe): AudioTrack {
  const sound = audio.find(track => track.index === spoken);
  if (sound === undefined) throw new Error(`no audio track ${spoken} where the probe chose it`);
  return sound;
}

const toStereo = ['-af', 'aformat=channel_layouts=stereo,aresample=48000:async=1:first_pts=0'];
const encoded = ['-c:a', 'aac', '-aac_coder', 'fast', '-b:a', '160k'];

export const sampleRate = 48_000;
/** Bytes of one moment: two channels of 16 bits, little end first. */
const rawFormat = ['-f', 's16le', '-ar', String(sampleRate), '-ac', '2'];

/** A stretch of the dub's sound in a FLAC of ours, samples from and up to. */
export interface Stretch {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  /** What brings it to the level of the mixes. */
  readonly gainDb: number;
}

/** Raw sound for the encoder, in its layout; `channels` are those of the file. */
export function rawArgv({path, from, to, gainDb}: Stretch, channels: number, out: string): readonly string[] {
  const length = to - from;
  const stereo = channels > 2 ? stereoPan : 'aformat=channel_layouts=stereo';
  const level = gainDb === 0 ? '' : `volume=${gainDb}dB,`;
  const graph = `atrim=start_sample=${from}:end_sample=${to},asetpts=N/SR/TB,${level}${stereo}`;
  // What is a sample short would let all that follows slide forward.
  const exactly = `apad=whole_len=${length},atrim=end_sample=${length}`;
  const filter = ['-af', `${graph},${exactly}`];
  return [...quietly, ...ownInput(path, 'flac'), ...filter, ...rawFormat, `file:${out}`];
}

/** One encoder for the whole dub: at a seam it goes on as if there were none. */
export function dubArgv({gainDb, ceilingDbtp}: {gainDb: number; ceilingDbtp: number}): readonly string[] {
  const input = ['-protocol_whitelist', 'pipe', ...rawFormat, '-i', 'pipe:0'];
  const filter = ['-af', `volume=${gainDb.toFixed(2)}dB,${limiter({ceilingDbtp})}`];
  return [
    ...quietly.filter(word => word !== '-nostdin'),
    ...input,
    ...filter,
    ...encoded,
    ...growing(stems.dub),
  ];
}

/** Without a dub yet, the film can be watched in its own language. */
export function growingMaster(
  {video, bytes, duration}: Probe,
  pair: {readonly from: LanguageTag; readonly to: LanguageTag},
  {videoCodec, hasDub}: {readonly videoCodec: string; readonly hasDub: boolean},
): string {
  const sound = (stem: Stem, tag: LanguageTag) => ({stem, tag, title: languageOf(tag).own});
  const sounds = [
    ...(hasDub ? [sound(stems.dub, pair.to)] : []),
    // Both in one language would be told apart by nothing.
    {...sound(stems.original, pair.from), title: `${languageOf(pair.from).own} (original)`},
  ];
  const {width, height} = video;
  const bandwidth = Math.ceil((bytes * 8) / duration) + 160_000;
  const master = masterPlaylist({
    ...{picture: stems.picture, sounds, subtitles: [], bandwidth, width, height, videoCodec},
  });
  // A player would begin where a growing playlist ends.
  return master.replace('#EXT-X-VERSION:7\n', '#EXT-X-VERSION:7\n#EXT-X-START:TIME-OFFSET=0,PRECISE=YES\n');
}

/** Seconds that a playlist leads to so far. */
export function secondsOf(playlist: string): number {
  let seconds = 0;
  for (const [, length] of playlist.matchAll(/^#EXTINF:([\d.]+),/gm)) seconds += Number(length);
  return seconds;
}
