/** Owns what ffprobe says of a file, bounded and typed. Never judges whether that is a film to dub. */
import {z} from 'zod';
import {fileUrl, filmGuard} from './ffmpeg.ts';
import type {Tools} from './tool.ts';

export type StreamKind = 'video' | 'cover' | 'audio' | 'subtitle' | 'attachment' | 'data';

export interface FilmStream {
  /** Index among all streams of the file. */
  readonly index: number;
  readonly kind: StreamKind;
  readonly codec: string;
  readonly profile: string;
  readonly level: number;
  readonly pixelFormat: string;
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  readonly interlaced: boolean;
  /** Transfer curve: `smpte2084` and `arib-std-b67` are HDR. */
  readonly transfer: string;
  /** Clockwise quarter turns in degrees, as the file asks players to show it. */
  readonly rotation: number;
  readonly channels: number;
  readonly layout: string;
  readonly sampleRate: number;
  readonly bitRate: number | null;
  /** Where it starts and ends on the file's own clock, where the container says so. */
  readonly start: number | null;
  readonly end: number | null;
  readonly language: string;
  readonly title: string;
  /** MP4's track name. */
  readonly handler: string;
  readonly fileName: string;
  readonly mimeType: string;
  /** Names of the dispositions that are set: `default`, `forced`, `comment`… */
  readonly marks: ReadonlySet<string>;
  /** MD5 of codec set-up data; of the whole file for an attachment. */
  readonly setupHash: string;
}

export interface Film {
  /** ffmpeg's name, such as `matroska,webm`. */
  readonly format: string;
  readonly start: number;
  readonly duration: number | null;
  readonly bitRate: number | null;
  readonly chapters: number;
  readonly streams: readonly FilmStream[];
}

const Words = z.record(z.string(), z.union([z.string(), z.number()]).transform(String));
const Stream = z.object({
  index: z.number().int(),
  codec_type: z.string().default('data'),
  codec_name: z.string().default('unknown'),
  profile: z.union([z.string(), z.number()]).transform(String).default(''),
  level: z.number().default(0),
  pix_fmt: z.string().default(''),
  width: z.number().int().default(0),
  height: z.number().int().default(0),
  avg_frame_rate: z.string().default('0/0'),
  r_frame_rate: z.string().default('0/0'),
  field_order: z.string().default('unknown'),
  color_transfer: z.string().default('unknown'),
  channels: z.number().int().default(0),
  channel_layout: z.string().default(''),
  sample_rate: z.string().default('0'),
  bit_rate: z.string().optional(),
  start_time: z.string().optional(),
  duration: z.string().optional(),
  extradata_hash: z.string().default(''),
  disposition: z.record(z.string(), z.number()).default({}),
  tags: Words.default({}),
  side_data_list: z.array(z.object({rotation: z.number().optional()})).default([]),
});
const Report = z.object({
  streams: z.array(Stream).default([]),
  chapters: z.array(z.unknown()).default([]),
  format: z.object({
    format_name: z.string(),
    start_time: z.string().optional(),
    duration: z.string().optional(),
    bit_rate: z.string().optional(),
  }),
});

const limitMs = 120_000;
/** RLIMIT_AS: a file can ask for any amount of memory; ffprobe itself needs about 300 MiB. */
const addressBytes = 4 * 2 ** 30;

export function probeArgv(path: string): readonly string[] {
  return [
    ...['-hide_banner', '-loglevel', 'error', '-show_format', '-show_streams', '-show_chapters'],
    ...['-show_data_hash', 'md5', '-of', 'json', ...filmGuard, '-i', fileUrl(path)],
  ];
}

/** Throws Failed (`tool-failed`) when ffprobe cannot read the file. */
export async function readFilm(path: string, tools: Tools): Promise<Film> {
  return parseFilm(await describeFilm(path, tools));
}

/** What ffprobe says of a file, as JSON for `parseFilm`. */
export async function describeFilm(path: string, tools: Tools): Promise<string> {
  const {stdout} = await tools.run({tool: 'ffprobe', argv: probeArgv(path), limitMs, addressBytes});
  return stdout;
}

/** Where the last packet ends that can be read after `from`, on the file's own clock; null when there is none. */
export async function lastPacketEnd(path: string, from: number, tools: Tools): Promise<number | null> {
  const {stdout} = await tools.run({
    tool: 'ffprobe',
    argv: [
      ...['-hide_banner', '-loglevel', 'error', '-read_intervals', `${Math.max(0, from).toFixed(3)}%`],
      ...[
        '-show_entries',
        'packet=pts_time,duration_time',
        '-of',
        'csv=p=0',
        ...filmGuard,
        '-i',
        fileUrl(path),
      ],
    ],
    limitMs,
    addressBytes,
  });
  const ends = stdout.split('\n').flatMap(line => {
    const [pts, duration] = line.split(',').map(Number);
    return pts === undefined || !Number.isFinite(pts) || line === '' ? [] : [pts + (duration || 0)];
  });
  return ends.reduce<number | null>((last, end) => Math.max(last ?? end, end), null);
}

export function parseFilm(json: string): Film {
  const report = Report.parse(JSON.parse(json));
  return {
    format: report.format.format_name,
    start: numberOf(report.format.start_time) ?? 0,
    duration: numberOf(report.format.duration),
    bitRate: numberOf(report.format.bit_rate),
    chapters: report.chapters.length,
    streams: report.streams.map(readStream),
  };
}

function readStream(raw: z.infer<typeof Stream>): FilmStream {
  const tags = new Map(Object.entries(raw.tags).map(([key, value]) => [key.toLowerCase(), value]));
  const tag = (name: string): string => plain(tags.get(name) ?? tags.get(`${name}-eng`) ?? '');
  const marks = new Set(Object.keys(raw.disposition).filter(name => raw.disposition[name] === 1));
  const start = numberOf(raw.start_time);
  const length = numberOf(raw.duration) ?? clock(tag('duration'));
  return {
    index: raw.index,
    kind: kindOf(raw.codec_type, marks),
    codec: raw.codec_name,
    profile: plain(raw.profile),
    level: raw.level,
    pixelFormat: raw.pix_fmt,
    width: raw.width,
    height: raw.height,
    framesPerSecond: rate(raw.avg_frame_rate) ?? rate(raw.r_frame_rate) ?? 25,
    interlaced: ['tt', 'bb', 'tb', 'bt'].includes(raw.field_order),
    transfer: raw.color_transfer,
    rotation: quarter(raw.side_data_list.find(side => side.rotation !== undefined)?.rotation ?? 0),
    channels: raw.channels,
    layout: raw.channel_layout,
    sampleRate: numberOf(raw.sample_rate) ?? 0,
    bitRate: numberOf(raw.bit_rate) ?? numberOf(tag('bps')),
    start,
    end: length === null ? null : (start ?? 0) + length,
    language: tag('language'),
    title: tag('title'),
    handler: tag('handler_name'),
    fileName: tag('filename'),
    mimeType: tag('mimetype'),
    marks,
    setupHash: raw.extradata_hash,
  };
}

function kindOf(type: string, marks: ReadonlySet<string>): StreamKind {
  if (type === 'video') return marks.has('attached_pic') || marks.has('timed_thumbnails') ? 'cover' : 'video';
  return type === 'audio' || type === 'subtitle' || type === 'attachment' ? type : 'data';
}

/** Longest word that a file may say of itself. */
const wordLimit = 200;

/** A file's word, safe to show: control and bidirectional characters gone, length bounded. */
export function plain(text: string): string {
  const shown = text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '');
  return [...shown.trim()].slice(0, wordLimit).join('');
}

function numberOf(text: string | undefined): number | null {
  const value = text === undefined || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

/** `30000/1001` as a number; null for `0/0` and for what no film has. */
function rate(fraction: string): number | null {
  const [over = 0, under = 0] = fraction.split('/').map(Number);
  const value = over / under;
  return value > 0.1 && value <= 1000 ? value : null;
}

/** `01:02:03.5` in seconds, as Matroska's DURATION tag has it. */
function clock(text: string): number | null {
  const found = /^(\d+):(\d\d):(\d\d(?:\.\d+)?)$/.exec(text);
  return found === null ? null : Number(found[1]) * 3600 + Number(found[2]) * 60 + Number(found[3]);
}

function quarter(degrees: number): number {
  return (((Math.round(degrees / 90) * -90) % 360) + 360) % 360;
}
