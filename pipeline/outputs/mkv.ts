/**
 * Owns what the Matroska file holds: every stream of the source, copied in its order, then the dub and the
 * subtitles. Pure: no file is touched here.
 */
import {fileUrl, filmInput, ownInput, quietly, repeatable} from '../ffmpeg.ts';
import type {Film, FilmStream} from '../ffprobe.ts';

/** A subtitle or sound of ours; `iso639` as containers carry it. */
export interface OwnTrack {
  readonly path: string;
  readonly iso639: string;
  readonly title: string;
}

/** A cover picture taken out of the source: Matroska keeps those as attachments. */
export interface Cover {
  readonly stream: FilmStream;
  readonly path: string;
}

export interface MkvRequest {
  readonly source: string;
  readonly film: Film;
  readonly covers: readonly Cover[];
  readonly dub: OwnTrack;
  readonly subtitles: readonly OwnTrack[];
  readonly out: string;
}

export interface MkvPlan {
  readonly argv: readonly string[];
  /** Streams of the source in the order in which they come first in the output. */
  readonly kept: readonly FilmStream[];
  /** Those of `kept` that are the same bytes. */
  readonly copied: readonly FilmStream[];
  /** One sentence for each stream that is not in the output as it was. */
  readonly notes: readonly string[];
}

type Carriage =
  | {readonly is: 'copied'}
  | {readonly is: 'converted'; readonly codec: string}
  | {readonly is: 'attached'}
  | {readonly is: 'dropped'; readonly why: string};

const matroskaSubtitles = new Set([
  ...['subrip', 'ass', 'ssa', 'webvtt', 'hdmv_pgs_subtitle', 'hdmv_text_subtitle', 'dvd_subtitle'],
  ...['dvb_subtitle', 'arib_caption'],
]);
const rewritableText = new Set(['mov_text', 'text']);
/** Sound that Matroska has no name for; FLAC keeps every sample of it. */
const discPcm = new Set(['pcm_bluray', 'pcm_dvd']);

export function carriage(stream: FilmStream): Carriage {
  const {kind, codec} = stream;
  if (kind === 'cover') return {is: 'attached'};
  if (kind === 'data') return {is: 'dropped', why: 'Matroska has no data tracks'};
  if (kind === 'attachment') return {is: 'copied'};
  if (codec === 'unknown' || codec === 'none') return {is: 'dropped', why: 'nobody knows its codec'};
  if (kind === 'subtitle' && rewritableText.has(codec)) return {is: 'converted', codec: 'srt'};
  if (kind === 'subtitle' && !matroskaSubtitles.has(codec)) {
    return {is: 'dropped', why: `Matroska has no ${codec} subtitles`};
  }
  return discPcm.has(codec) ? {is: 'converted', codec: 'flac'} : {is: 'copied'};
}

/** Matroska numbers tracks first and lists attachments after them. */
export function planMkv({source, film, covers, dub, subtitles, out}: MkvRequest): MkvPlan {
  const carried = film.streams.filter(stream => ['copied', 'converted'].includes(carriage(stream).is));
  const tracks = carried.filter(stream => stream.kind !== 'attachment');
  const attachments = carried.filter(stream => stream.kind === 'attachment');
  const argv = [
    ...filmInput(source),
    ...ownInput(dub.path, 'aac'),
    ...subtitles.flatMap(({path}) => ownInput(path, 'srt')),
    ...tracks.flatMap((stream, at) => trackArgv(stream, at)),
    ...ownTrackArgv(dub, 1, tracks.length, 'default'),
    ...subtitles.flatMap((track, i) => ownTrackArgv(track, 2 + i, tracks.length + 1 + i, '0')),
    ...attachments.flatMap((stream, i) => attachmentArgv(stream, tracks.length + 1 + subtitles.length + i)),
    ...covers.flatMap((cover, i) => coverArgv(cover, attachments.length + i)),
    // Sparse subtitles must not hold a whole film back in memory.
    ...['-map_metadata', '0', '-map_chapters', '0', '-max_muxing_queue_size', '9999'],
    ...[...repeatable, '-f', 'matroska', fileUrl(out)],
  ];
  const copied = carried.filter(stream => carriage(stream).is === 'copied');
  return {argv, kept: [...tracks, ...attachments], copied, notes: film.streams.flatMap(noteOn)};
}

/** The dub is heard first: sound and subtitles of the source lose their default mark, and nothing else. */
function trackArgv(stream: FilmStream, at: number): readonly string[] {
  const how = carriage(stream);
  const codec = how.is === 'converted' ? how.codec : 'copy';
  const yields = stream.kind === 'audio' || stream.kind === 'subtitle';
  return [
    ...['-map', `0:${stream.index}`, `-c:${at}`, codec],
    ...(yields ? [`-disposition:${at}`, '-default'] : []),
  ];
}

function ownTrackArgv({iso639, title}: OwnTrack, input: number, at: number, mark: string): readonly string[] {
  return [
    ...['-map', `${input}:0`, `-c:${at}`, 'copy', `-disposition:${at}`, mark],
    ...[`-metadata:s:${at}`, `language=${iso639}`, `-metadata:s:${at}`, `title=${title}`],
  ];
}

/** Matroska refuses an attachment without a name and a type. */
function attachmentArgv(stream: FilmStream, at: number): readonly string[] {
  const {index, fileName, mimeType} = stream;
  return [
    ...['-map', `0:${index}`, `-c:${at}`, 'copy'],
    ...(fileName === '' ? [`-metadata:s:${at}`, `filename=attachment-${index}`] : []),
    ...(mimeType === '' ? [`-metadata:s:${at}`, 'mimetype=application/octet-stream'] : []),
  ];
}

function coverArgv({stream, path}: Cover, nth: number): readonly string[] {
  const png = stream.codec === 'png';
  const name = stream.fileName === '' ? `cover.${png ? 'png' : 'jpg'}` : stream.fileName;
  return [
    ...['-attach', fileUrl(path), `-metadata:s:t:${nth}`, `mimetype=${png ? 'image/png' : 'image/jpeg'}`],
    ...[`-metadata:s:t:${nth}`, `filename=${name}`],
  ];
}

/** One call that writes each cover's bytes as they are; null when there is none. */
export function coversArgv(source: string, covers: readonly Cover[]): readonly string[] | null {
  if (covers.length === 0) return null;
  return [
    ...[...quietly, ...filmInput(source)],
    ...covers.flatMap(({stream, path}) => [
      ...['-map', `0:${stream.index}`, '-c', 'copy', '-frames:v', '1', '-f', 'data', fileUrl(path)],
    ]),
  ];
}

function noteOn(stream: FilmStream): readonly string[] {
  const how = carriage(stream);
  const name = `stream ${stream.index} (${stream.kind}, ${stream.codec})`;
  if (stream.kind === 'video' && stream.rotation !== 0) {
    // ffmpeg writes no projection element before version 6.1.
    return [`${name} is not turned by ${stream.rotation}° in the MKV; the MP4 is upright`];
  }
  if (how.is === 'dropped') return [`${name} is not in the MKV: ${how.why}`];
  return how.is === 'converted' ? [`${name} was rewritten as ${how.codec} for the MKV`] : [];
}
