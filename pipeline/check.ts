/**
 * Owns the last look at a file before it is called done: its length, its tracks, that what was
 * encoded decodes and what was copied is the same bytes. Never mends anything.
 */
import {Failed} from '../appliance/failure.ts';
import {readLanguage} from '../appliance/languages.ts';
import {filmInput, quietly} from './ffmpeg.ts';
import {type Film, type FilmStream, readFilm, type StreamKind} from './ffprobe.ts';
import type {Tools} from './tool.ts';

export interface ExpectedStream {
  readonly kind: StreamKind;
  /** ISO 639 code; either spelling counts. */
  readonly language?: string;
  /** A track title, or the handler's name where the container has no titles. */
  readonly title?: string;
  readonly isDefault?: boolean;
}

/** A stream of a file, with the MD5 of its packets as `packetHashes` gives it where that is known already. */
export interface Track {
  readonly path: string;
  readonly stream: FilmStream;
  readonly format: string;
  readonly hash?: string;
}

/** A stream that must be the same bytes as one of another file, or as packets of which only the MD5 is left. */
export interface ExpectedCopy {
  readonly of: Track | {readonly hash: string};
  /** Index in the checked file. */
  readonly stream: number;
}

export interface ExpectedOutput {
  readonly duration: number;
  /** In order; data streams, such as MP4's chapter titles, don't count. */
  readonly streams: readonly ExpectedStream[];
  readonly copies: readonly ExpectedCopy[];
}

const toleranceSeconds = 0.5;

/** Throws Failed (`bad-output`) naming the first thing that is wrong. */
export async function checkOutput(path: string, expected: ExpectedOutput, tools: Tools): Promise<void> {
  const film = await orBadOutput(path, 'it cannot be read back', readFilm(path, tools));
  const wrong = misfit(film, expected);
  if (wrong !== null) throw new Failed({reason: 'bad-output', path, detail: wrong});
  await compare(path, film, expected.copies, tools);
}

/** Pure part of the check; null when all is well. */
export function misfit(film: Film, {duration, streams}: ExpectedOutput): string | null {
  const found = film.streams.filter(stream => stream.kind !== 'data');
  if (found.length !== streams.length) return `it has ${found.length} tracks instead of ${streams.length}`;
  const off = (film.duration ?? 0) - duration;
  if (Math.abs(off) > toleranceSeconds) {
    return `it lasts ${film.duration} s instead of ${duration.toFixed(3)}`;
  }
  for (const [i, wanted] of streams.entries()) {
    const got = found[i];
    const wrong = got === undefined ? 'missing' : difference(got, wanted);
    if (wrong !== null) return `track ${i}: ${wrong}`;
  }
  return null;
}

function difference(got: FilmStream, wanted: ExpectedStream): string | null {
  const {kind, language, title, isDefault} = wanted;
  if (got.kind !== kind) return `${got.kind} instead of ${kind}`;
  if (language !== undefined && !sameLanguage(got.language, language)) {
    return `language ${got.language || 'unknown'} instead of ${language}`;
  }
  if (title !== undefined && title !== got.title && title !== got.handler) return `title ${got.title}`;
  if (isDefault !== undefined && got.marks.has('default') !== isDefault) {
    return isDefault ? 'not the default' : 'marked as default';
  }
  return null;
}

function sameLanguage(a: string, b: string): boolean {
  return a === b || (readLanguage(a) !== undefined && readLanguage(a) === readLanguage(b));
}

/** Reading and decoding a film takes as long as its disk; an hour is a hang. */
const limitMs = 3_600_000;

/** What is decoded of a file that was encoded here. */
export interface Decoded {
  /** Indices of sound, whole. */
  readonly heard: readonly number[];
  /** Index of a picture, its key frames: a part of every group of pictures, at a fiftieth of the work. */
  readonly seen: number | null;
}

/** Decodes strictly. Throws Failed (`bad-output`) when that says a word. */
export async function checkDecodes(path: string, {heard, seen}: Decoded, tools: Tools): Promise<void> {
  const strict = [...quietly, '-xerror', '-err_detect', 'explode'];
  const nowhere = ['-f', 'null', '-'];
  const sound = heard.flatMap(index => ['-map', `0:${index}`, ...nowhere]);
  const keyFrames = [
    ...strict,
    '-skip_frame',
    'nokey',
    ...filmInput(path),
    '-map',
    `0:${seen}`,
    '-vsync',
    '0',
  ];
  await Promise.all([
    ...(sound.length === 0 ? [] : [run([...strict, ...filmInput(path), ...sound], 'its sound')]),
    ...(seen === null ? [] : [run([...keyFrames, ...nowhere], 'its picture')]),
  ]);

  async function run(argv: readonly string[], what: string): Promise<void> {
    const decoding = tools.run({tool: 'ffmpeg', argv, limitMs});
    const {stderr} = await orBadOutput(path, `${what} does not decode`, decoding);
    if (stderr.trim() === '') return;
    throw new Failed({
      reason: 'bad-output',
      path,
      detail: `${what} does not decode cleanly: ${lastLine(stderr)}`,
    });
  }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';

async function compare(
  path: string,
  film: Film,
  copies: readonly ExpectedCopy[],
  tools: Tools,
): Promise<void> {
  const unlike = (at: number): Failed =>
    new Failed({reason: 'bad-output', path, detail: `track ${at} is not the same as in the source`});
  const packets = copies.filter(({of}) => !isAttachment(of));
  for (const {of, stream} of copies) {
    if (isAttachment(of) && film.streams[stream]?.setupHash !== of.stream.setupHash) throw unlike(stream);
  }
  const unknown = packets.flatMap(({of}) => (of.hash === undefined && 'path' in of ? [of] : []));
  const origins = Map.groupBy(unknown, ({path: origin}) => origin);
  const [ours, ...theirs] = await Promise.all([
    hashes(
      path,
      packets.map(({of, stream}) => ({index: stream, filter: 'path' in of ? packaging(of, 'ours') : null})),
      tools,
    ),
    ...[...origins].map(async ([origin, group]) => {
      const found = await packetHashes(origin, group, tools);
      return group.map((of, i) => [of, found[i]] as const);
    }),
  ]);
  const known = new Map<ExpectedCopy['of'], string | undefined>(theirs.flat());
  packets.forEach(({of, stream}, i) => {
    const hash = of.hash ?? known.get(of);
    if (hash === undefined || hash === '' || hash !== ours[i]) throw unlike(stream);
  });
}

function isAttachment(of: ExpectedCopy['of']): of is Track {
  return 'path' in of && of.stream.kind === 'attachment';
}

/** MD5 of the packets of some tracks of one file, in the form that copies are compared in; undefined for an empty one. */
export function packetHashes(
  path: string,
  tracks: readonly Pick<Track, 'stream' | 'format'>[],
  tools: Tools,
): Promise<readonly (string | undefined)[]> {
  return hashes(
    path,
    tracks.map(of => ({index: of.stream.index, filter: packaging(of, 'theirs')})),
    tools,
  );
}

/** Formats that keep H.264 and AAC the way Matroska and MP4 do. */
const boxed = /mov|matroska|flv/;

/**
 * Broadcast formats wrap the same picture and sound in start codes and ADTS headers. Both sides are brought to one
 * form there: slices only for the picture, bare frames for AAC.
 */
function packaging(
  {stream, format}: Pick<Track, 'stream' | 'format'>,
  side: 'theirs' | 'ours',
): string | null {
  if (boxed.test(format)) return null;
  if (stream.codec === 'h264') return 'filter_units=pass_types=1-5';
  if (stream.codec === 'hevc') return 'filter_units=pass_types=0-31';
  return stream.codec === 'aac' && side === 'theirs' ? 'aac_adtstoasc' : null;
}

interface Hashed {
  readonly index: number;
  readonly filter: string | null;
}

/** MD5 of the packets of each stream, in the order asked for. */
async function hashes(
  path: string,
  streams: readonly Hashed[],
  tools: Tools,
): Promise<readonly (string | undefined)[]> {
  if (streams.length === 0) return [];
  const argv = [
    ...[...quietly, ...filmInput(path)],
    ...streams.flatMap(({index, filter}, i) => [
      ...['-map', `0:${index}`],
      ...(filter === null ? [] : [`-bsf:${i}`, filter]),
    ]),
    ...['-c', 'copy', '-f', 'streamhash', '-hash', 'md5', '-'],
  ];
  const {stdout} = await orBadOutput(
    path,
    'it cannot be read to its end',
    tools.run({tool: 'ffmpeg', argv, limitMs}),
  );
  const lines = [...stdout.matchAll(/^(\d+),.,MD5=([0-9a-f]{32})$/gm)];
  const found = new Map(lines.map(([, index, hash]) => [Number(index), hash]));
  return streams.map((_, i) => found.get(i));
}

async function orBadOutput<T>(path: string, detail: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (!(cause instanceof Failed) || cause.failure.reason !== 'tool-failed') throw cause;
    const why = lastLine(cause.failure.stderr);
    throw new Failed({reason: 'bad-output', path, detail: `${detail}: ${why}`}, {cause});
  }
}
