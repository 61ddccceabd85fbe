/**
 * Owns the first look at a source: is it a film to dub, and what is in it. Never decodes it, and believes no number
 * that it cannot bound.
 */
import {basename, extname} from 'node:path';
import type {Digest} from '../../appliance/digest.ts';
import {Failed, type Refusal} from '../../appliance/failure.ts';
import {type LanguageTag, readLanguage} from '../../appliance/languages.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import {admit} from '../container.ts';
import type {AudioTrack, Probe, TextTrack, VideoTrack} from '../documents.ts';
import {type Film, type FilmStream, lastPacketEnd, plain, readFilm} from '../ffprobe.ts';
import type {Stage} from '../stage.ts';
import type {Tools} from '../tool.ts';
import {isDiskFull} from '../trouble.ts';

/** The file to dub; its digest stands for it in every fingerprint, its path in none. */
export interface Source {
  readonly path: string;
  readonly digest: Digest;
}

export type ProbeParams = {
  readonly source: string;
  readonly title: string;
  readonly from: LanguageTag | null;
};

const mebibyte = 2 ** 20;

/** `from` is the language to dub from, where it was said. */
export function probeStage(source: Source, from: LanguageTag | null = null): Stage<ProbeParams> {
  return {
    name: 'probe',
    version: 1,
    scope: 'job',
    needs: [],
    looksAt: [],
    cost: {processors: 1, gpus: 0, memoryBytes: 300 * mebibyte},
    engines: ['ffprobe'],
    params: () => ({source: source.digest, title: titleOf(source.path), from}),
    run: async ({params, tools, write}) => {
      const probe = await lookAt(source.path, params, tools);
      if (!probe.ok) throw new Failed(probe.why);
      await write('probe', probe.value);
      return {is: 'made'};
    },
  };
}

/** What is in the file, or why it is not a film to dub. Throws only what is not the file's fault. */
export async function lookAt(
  path: string,
  {title, from}: Pick<ProbeParams, 'title' | 'from'>,
  tools: Tools,
): Promise<Result<Probe, Refusal>> {
  const admitted = await admit(path);
  if (!admitted.ok) return admitted;
  const {bytes} = admitted.value;
  const film = await understood(readFilm(path, tools));
  if (film === null) {
    return no({reason: 'not-media', path, detail: 'its content is not that of any film format'});
  }
  const probe = describeFilm(film, {path, bytes, title, from});
  if (!probe.ok) return probe;
  const missing = await missingTail(path, film, probe.value.duration, tools);
  return missing === null ? probe : no({reason: 'truncated', path, detail: missing});
}

/** Null in place of a tool's failure: ffprobe exits 1 on what it can't read. A disk that is full is not the file's fault. */
async function understood<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (cause) {
    if (!isDiskFull(cause) && cause instanceof Failed && cause.failure.reason === 'tool-failed') return null;
    throw cause;
  }
}

/** How far before the end a film is read to see that its end is there. */
const tailSeconds = 10;

/**
 * Containers whose length stands in a header can lose their end unnoticed. The last packet may end early by two
 * seconds or a fiftieth: tracks end at different times, and some containers round.
 */
async function missingTail(path: string, film: Film, duration: number, tools: Tools): Promise<string | null> {
  const from = film.start + Math.max(0, duration - tailSeconds);
  const end = await understood(lastPacketEnd(path, from, tools));
  if (end === null) return 'its end cannot be read';
  const short = duration - (end - film.start);
  if (short <= Math.max(2, duration / 50)) return null;
  return `it promises ${duration.toFixed(1)} s and ends after ${(duration - short).toFixed(1)} s`;
}

const streamLimit = 100;
const dayHours = 24;
const sideLimit = 16_384;
/** 8K and a little: more is a decompression bomb. */
const pixelLimit = 40_000_000;

interface Known {
  readonly path: string;
  readonly bytes: number;
  readonly title: string;
  readonly from: LanguageTag | null;
}

/** Pure part of the look: what ffprobe said, judged. */
export function describeFilm(film: Film, {path, bytes, title, from}: Known): Result<Probe, Refusal> {
  const {streams, duration} = film;
  if (streams.length > streamLimit) {
    return no({reason: 'not-media', path, detail: `it claims to hold ${streams.length} streams`});
  }
  const pictures = streams.filter(stream => stream.kind === 'video' && stream.codec !== 'unknown');
  const picture = pictures.find(stream => stream.marks.has('default')) ?? pictures[0];
  if (picture === undefined) return no({reason: 'no-video', path});
  const size = sizeTrouble(picture);
  if (size !== null) return no({reason: 'not-media', path, detail: size});
  const sounds = streams.filter(stream => stream.kind === 'audio' && stream.channels > 0);
  const spoken = chooseSpoken(sounds, from);
  if (spoken === undefined) return no({reason: 'no-audio', path});
  if (duration === null || duration < 0.1) return no({reason: 'no-duration', path});
  if (duration > dayHours * 3600) {
    const hours = Math.round(duration / 3600);
    return no({reason: 'truncated', path, detail: `it claims to last ${hours} hours`});
  }
  return ok({
    container: film.format,
    duration,
    bytes,
    title,
    video: videoTrack(picture, (bytes * 8) / duration),
    audio: sounds.map(audioTrack),
    spoken: spoken.index,
    text: streams.filter(isText).map(textTrack),
    chapters: film.chapters,
    attachments: streams.filter(stream => stream.kind === 'attachment').length,
    streams: streams.length,
  });
}

function sizeTrouble({width, height}: FilmStream): string | null {
  if (width < 1 || height < 1) return 'its picture has no size';
  const huge = width > sideLimit || height > sideLimit || width * height > pixelLimit;
  return huge ? `its picture claims to be ${width}×${height}` : null;
}

/** Talk about the film, and the film told to the blind, are not what people came for. */
const aside = /comment|kommentar|descri|director|isolated|karaoke/i;
const asideMarks = ['comment', 'visual_impaired', 'descriptions', 'karaoke'];

/** The track to dub: in the language asked for, else the default, else the first; asides only when nothing else is there. */
export function chooseSpoken(
  sounds: readonly FilmStream[],
  from: LanguageTag | null,
): FilmStream | undefined {
  const main = sounds.filter(
    ({title, marks}) => !aside.test(title) && !asideMarks.some(mark => marks.has(mark)),
  );
  const candidates = main.length > 0 ? main : sounds;
  const matching = candidates.filter(({language}) => from !== null && readLanguage(language) === from);
  const preferred = matching.length > 0 ? matching : candidates;
  return preferred.find(({marks}) => marks.has('default')) ?? preferred[0];
}

/** `bitRate` falls back on that of the whole file, an upper bound. */
function videoTrack(stream: FilmStream, wholeBitRate: number): VideoTrack {
  const {index, codec, profile, level, pixelFormat, width, height, framesPerSecond, bitRate} = stream;
  return {
    ...{index, codec, profile, level, pixelFormat, width, height, framesPerSecond},
    bitRate: bitRate ?? Math.round(wholeBitRate),
  };
}

/** As many as FLAC and AAC carry; what has more is mixed down to them. */
const mostChannels = 8;

function audioTrack(stream: FilmStream): AudioTrack {
  const {index, codec, channels, title, marks} = stream;
  return {
    ...{index, codec, title},
    channels: Math.min(mostChannels, channels),
    layout: stream.layout === '' ? `${channels} channels` : stream.layout,
    sampleRate: Math.max(1, stream.sampleRate),
    language: readLanguage(stream.language) ?? null,
    isDefault: marks.has('default'),
  };
}

const textCodecs = new Set(['subrip', 'ass', 'ssa', 'mov_text', 'webvtt', 'text', 'hdmv_text_subtitle']);

function isText(stream: FilmStream): boolean {
  return stream.kind === 'subtitle' && textCodecs.has(stream.codec);
}

function textTrack({index, codec, language, title, marks}: FilmStream): TextTrack {
  return {index, codec, language: readLanguage(language) ?? null, title, forced: marks.has('forced')};
}

function titleOf(path: string): string {
  const stem = basename(path, extname(path));
  return plain(stem.normalize('NFC')) || 'film';
}
