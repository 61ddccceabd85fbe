/**
 * Owns what the phone's MP4 holds: one picture, the dub, the original sound in two channels, subtitles, chapters.
 * Pure: no file is touched here.
 */
import {fileUrl, filmInput, ownInput, repeatable} from '../ffmpeg.ts';
import type {OwnTrack} from './mkv.ts';

export interface Mp4Request {
  readonly source: string;
  readonly title: string;
  /** Index of the stream in the source, or the file made instead. */
  readonly picture: number | string;
  readonly sound: number | string;
  readonly soundTrack: Omit<OwnTrack, 'path'>;
  readonly dub: OwnTrack;
  readonly subtitles: readonly OwnTrack[];
  readonly out: string;
}

/** The source is always input 0, for its chapters; what it need not give is not read. */
export function mp4Argv(request: Mp4Request): readonly string[] {
  const {source, title, picture, sound, soundTrack, dub, subtitles, out} = request;
  const made = [dub.path, picture, sound].filter(from => typeof from === 'string');
  const nthOf = (from: number | string): string =>
    typeof from === 'number' ? `0:${from}` : `${1 + made.indexOf(from)}:0`;
  return [
    ...filmInput(source),
    ...made.flatMap(path => ownInput(path, path === dub.path ? 'aac' : 'mov')),
    ...subtitles.flatMap(({path}) => ownInput(path, 'srt')),
    ...['-map', nthOf(picture), '-map', nthOf(dub.path), '-map', nthOf(sound)],
    ...subtitles.flatMap((_, i) => ['-map', `${1 + made.length + i}:0`]),
    ...['-c', 'copy', '-c:s', 'mov_text'],
    ...['-disposition:v:0', 'default', '-disposition:a:0', 'default', '-disposition:a:1', '0'],
    ...[...named('a:0', dub), ...named('a:1', soundTrack)],
    ...subtitles.flatMap((track, i) => [...named(`s:${i}`, track), `-disposition:s:${i}`, '0']),
    ...['-metadata', `title=${title}`, '-map_chapters', '0', '-movflags', '+faststart'],
    ...[...repeatable, '-max_muxing_queue_size', '9999', '-f', 'mp4', fileUrl(out)],
  ];
}

/** MP4 has no track titles; players show the handler's name in their place. */
function named(stream: string, {iso639, title}: Omit<OwnTrack, 'path'>): readonly string[] {
  return [`-metadata:s:${stream}`, `language=${iso639}`, `-metadata:s:${stream}`, `handler_name=${title}`];
}
