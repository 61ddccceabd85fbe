/**
 * Owns the sound of the film on the film's own clock: the programme to mix under the dub, and the speech to listen
 * to. Both begin at the film's first instant and last exactly as long as the film.
 */
import {stat} from 'node:fs/promises';
import {join} from 'node:path';
import {Failed} from '../../appliance/failure.ts';
import {fileUrl, filmInput, repeatable, runFfmpeg} from '../ffmpeg.ts';
import {hasCentre, layoutOf} from '../layouts.ts';
import type {Stage} from '../stage.ts';
import type {Source} from './probe.ts';

export type DemuxParams = {
  readonly source: string;
  readonly track: number;
  readonly channels: number;
  readonly duration: number;
  /** Only what lies between here and `duration` is read; silence stands before it. Left out, all of it is. */
  readonly from?: number;
};

const mebibyte = 2 ** 20;

/** Writes `programme.flac` (48 kHz, channels kept) and `speech.wav` (16 kHz, mono, 16 bits). */
export function demuxStage(source: Source, from?: number): Stage<DemuxParams> {
  return {
    name: 'demux',
    version: 1,
    scope: 'job',
    needs: [],
    looksAt: ['probe'],
    cost: {processors: 1, gpus: 0, memoryBytes: 300 * mebibyte},
    engines: ['ffmpeg'],
    params: async inputs => {
      const {spoken, audio, duration} = await inputs.doc('probe');
      const channels = audio.find(track => track.index === spoken)?.channels ?? 2;
      return {source: source.digest, track: spoken, channels, duration, ...(from !== undefined && {from})};
    },
    run: async ({params, dir, scratch, tools, progress}) => {
      const argv = demuxArgv(source.path, params, {dir, scratch});
      await readable(runFfmpeg(tools, {argv, seconds: params.duration, onShare: progress, addressBytes}));
      await refuseUnheard(join(scratch, heardFile), source.path, params.duration - (from ?? 0));
      return {is: 'made'};
    },
  };

  /** A track that has no decoder here is the film's trouble, not the tool's. */
  async function readable(running: Promise<unknown>): Promise<void> {
    try {
      await running;
    } catch (cause) {
      const failure = cause instanceof Failed ? cause.failure : null;
      if (failure?.reason !== 'tool-failed' || !undecodable.test(failure.stderr)) throw cause;
      throw new Failed(
        {reason: 'not-media', path: source.path, detail: 'its sound cannot be decoded'},
        {cause},
      );
    }
  }
}

/** RLIMIT_AS for the decoder of a stranger's file. */
const addressBytes = 4 * 2 ** 30;

const undecodable =
  /no decoder|decoder .*not found|while opening decoder|decoder \(codec|cannot determine format of input stream|does not contain any stream/i;

const heardFile = 'heard.u8';
/** Samples a second of the file whose size tells how much was really decoded. */
const heardRate = 1000;
/** Less of the film than this decoded is a damaged track, not a quiet film. */
const leastHeard = 0.02;

/**
 * One reading, one decode, three outputs. `async=1` fills holes and `first_pts=0` pads or trims the beginning, so
 * that sample n is the film's second n / rate; the end is padded or cut to the film's length. 16 bits: the noise
 * they add lies at −98 dBFS, and 24 would double the size of what mostly comes from lossy codecs.
 */
export function demuxArgv(
  source: string,
  {track, channels, duration, from}: Omit<DemuxParams, 'source'>,
  {dir, scratch}: {readonly dir: string; readonly scratch: string},
): readonly string[] {
  const clocked = (rate: number): string => {
    const samples = Math.round(duration * rate);
    return `aresample=${rate}:async=1:first_pts=0,apad=whole_len=${samples},atrim=end_sample=${samples}`;
  };
  const graph = [
    `[0:${track}]${from === undefined ? '' : `asetpts=PTS+${from}/TB,`}asplit=3[a][b][c]`,
    `[a]aformat=channel_layouts=${layoutOf(channels).name},${clocked(48_000)},aformat=sample_fmts=s16[programme]`,
    `[b]${speechMix(channels)},${clocked(16_000)}[speech]`,
    `[c]aformat=channel_layouts=mono,aresample=${heardRate}[heard]`,
  ].join(';');
  return [
    ...(from === undefined ? [] : ['-ss', String(from), '-t', (duration - from).toFixed(6)]),
    ...[...filmInput(source), '-filter_complex', graph],
    ...['-map', '[programme]', '-c:a', 'flac', '-compression_level', '2', ...repeatable],
    ...['-f', 'flac', fileUrl(join(dir, 'programme.flac'))],
    ...['-map', '[speech]', '-c:a', 'pcm_s16le', ...repeatable],
    ...['-f', 'wav', fileUrl(join(dir, 'speech.wav'))],
    ...['-map', '[heard]', '-c:a', 'pcm_u8', '-f', 'u8', fileUrl(join(scratch, heardFile))],
  ];
}

/** Dialogue sits in the centre; left and right stay in for films that put it there all the same. */
function speechMix(channels: number): string {
  return hasCentre(channels) ? 'pan=mono|c0=0.6*FC+0.2*FL+0.2*FR' : 'aformat=channel_layouts=mono';
}

async function refuseUnheard(heard: string, source: string, duration: number): Promise<void> {
  const {size} = await stat(heard);
  if (size / heardRate >= duration * leastHeard) return;
  throw new Failed({reason: 'truncated', path: source, detail: 'next to none of its sound can be decoded'});
}
