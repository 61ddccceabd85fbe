/**
 * Owns the files that people get: the MKV with everything in it, the MP4 for the phone, HLS. The dub is encoded
 * once and copied into each. Nothing counts as made before it has passed its check.
 */
import {createHash} from 'node:crypto';
import {open, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type LanguageTag, languageOf} from '../../appliance/languages.ts';
import {adtsFrames, bareFrame} from '../adts.ts';
import {checkOutput, type ExpectedCopy, type ExpectedOutput} from '../check.ts';
import {runFfmpeg} from '../ffmpeg.ts';
import {type Film, type FilmStream, parseFilm} from '../ffprobe.ts';
import {type HlsTrack, makeHls} from '../outputs/hls.ts';
import {type Cover, coversArgv, type MkvPlan, planMkv} from '../outputs/mkv.ts';
import {type Mp4Request, mp4Argv} from '../outputs/mp4.ts';
import type {Context, Inputs, Stage} from '../stage.ts';
import {PhoneCopy} from './picture.ts';
import type {Source} from './probe.ts';

export interface MasterOptions {
  readonly source: Source;
  readonly from: LanguageTag;
  readonly to: LanguageTag;
  readonly hls: boolean;
  readonly title: string;
}

export type MasterParams = {
  readonly source: string;
  readonly from: LanguageTag;
  readonly to: LanguageTag;
  readonly hls: boolean;
  readonly title: string;
  readonly duration: number;
  readonly video: number;
  readonly spoken: number;
  readonly channels: number;
};

const mebibyte = 2 ** 20;

/** Writes `dub.mkv`, `dub.mp4`, and `hls/` where it was asked for. */
export function masterStage({source, ...wishes}: MasterOptions): Stage<MasterParams> {
  return {
    name: 'master',
    version: 3,
    scope: 'job',
    needs: ['encode', 'subtitle', 'picture'],
    looksAt: ['probe'],
    cost: {processors: 1, gpus: 0, memoryBytes: 300 * mebibyte},
    engines: ['ffmpeg'],
    params: async inputs => {
      const {duration, video, spoken, audio} = await inputs.doc('probe');
      const channels = audio.find(track => track.index === spoken)?.channels ?? 2;
      return {source: source.digest, ...wishes, duration, video: video.index, spoken, channels};
    },
    run: async context => {
      const [reel, dub] = await Promise.all([gather(source.path, context), joinDub(context)]);
      context.progress(0.6);
      const [notes] = await Promise.all([
        writeMkv(reel, dub.full, context),
        writePhone(reel, dub.stereo, context),
      ]);
      await context.write('master', {notes: [...notes]});
      return {is: 'made'};
    },
  };
}

type Job = Context<MasterParams>;

/** What is there before anything is written. */
interface Reel {
  readonly source: string;
  readonly film: Film;
  readonly subtitles: readonly HlsTrack[];
  readonly picture: number | string;
  readonly sound: number | string;
  readonly copies: PhoneCopy;
}

async function gather(source: string, {inputs, params}: Job): Promise<Reel> {
  const {from, to, video, spoken} = params;
  const copies = PhoneCopy.parse(JSON.parse(await readFile(inputs.file('picture', 'picture.json'), 'utf8')));
  return {
    source,
    film: parseFilm(await readFile(inputs.file('picture', 'source.json'), 'utf8')),
    subtitles: [
      ...(await subtitleOf(inputs, 'target.srt', to)),
      ...(await subtitleOf(inputs, 'source.srt', from)),
    ],
    picture: copies.picture.copy ? video : inputs.file('picture', 'picture.mp4'),
    sound: copies.sound.copy ? spoken : inputs.file('picture', 'sound.m4a'),
    copies,
  };
}

/** A film without words in one of the languages has no subtitles in it; ffmpeg would choke on an empty file. */
async function subtitleOf(inputs: Inputs, name: string, tag: LanguageTag): Promise<readonly HlsTrack[]> {
  const path = fileIn(inputs, name);
  if (path === null || (await readFile(path, 'utf8')).trim() === '') return [];
  return [{path, stem: `text-${tag}`, tag, ...ours(tag)}];
}

function fileIn(inputs: Inputs, name: string): string | null {
  try {
    return inputs.file('subtitle', name);
  } catch {
    return null;
  }
}

function ours(tag: LanguageTag): {readonly iso639: string; readonly title: string} {
  const {iso639, own} = languageOf(tag);
  return {iso639, title: `${own} (Dubstead)`};
}

/** One encoded track, and the MD5 of its packets, which its copies are compared with. */
interface Encoded {
  readonly path: string;
  readonly hash: string;
}

interface Dub {
  readonly full: Encoded;
  /** The same file when that has no more than two channels. */
  readonly stereo: Encoded;
}

/** The scenes' frames in a row: each lasts 1024 samples, so that their number is their time. */
async function joinDub({inputs, params, scratch}: Job): Promise<Dub> {
  const full = await joined('full.aac');
  return {full, stereo: params.channels > 2 ? await joined('stereo.aac') : full};

  async function joined(name: string): Promise<Encoded> {
    const path = join(scratch, name);
    return {path, hash: await joinFrames(inputs.files('encode', name), path)};
  }
}

/** Returns the MD5 of the packets that a container will hold of it. */
async function joinFrames(pieces: readonly (string | undefined)[], to: string): Promise<string> {
  const hash = createHash('md5');
  await using file = await open(to, 'wx');
  let room = Buffer.alloc(0);
  for (const [scene, piece] of pieces.entries()) {
    if (piece === undefined) throw new Error(`scene ${scene} has no encoded dub`);
    await using opened = await open(piece);
    const {size} = await opened.stat();
    // One piece of memory for all scenes: each of its own would be the whole dub before anybody collects it.
    if (size > room.length) room = Buffer.allocUnsafe(2 * size);
    const {bytesRead} = await opened.read(room, 0, size, 0);
    if (bytesRead < size) throw new Error(`${piece} became shorter while it was read`);
    const frames = room.subarray(0, size);
    for (const frame of adtsFrames(frames)) hash.update(bareFrame(frame));
    await file.appendFile(frames);
  }
  return hash.digest('hex');
}

/** Returns what could not be carried over as it was. */
async function writeMkv(
  reel: Reel,
  {path, hash}: Encoded,
  {params, dir, scratch, tools}: Job,
): Promise<readonly string[]> {
  const {source, film, subtitles} = reel;
  const covers = film.streams
    .filter(stream => stream.kind === 'cover')
    .map((stream): Cover => ({stream, path: join(scratch, `cover-${stream.index}`)}));
  const covering = coversArgv(source, covers);
  if (covering !== null) await tools.run({tool: 'ffmpeg', argv: covering});
  const dub = {path, ...ours(params.to)};
  const out = join(dir, 'dub.mkv');
  const plan = planMkv({source, film, covers, dub, subtitles, out});
  await runFfmpeg(tools, {argv: plan.argv, seconds: params.duration});
  await checkOutput(out, expectedMkv(reel, plan, {covers, hash}, params), tools);
  return plan.notes;
}

/** The phone's MP4, and HLS made of it. */
async function writePhone(reel: Reel, {path, hash}: Encoded, job: Job): Promise<void> {
  const {params, dir, tools} = job;
  const {iso639, own} = languageOf(params.from);
  const out = join(dir, 'dub.mp4');
  const request = {
    ...{...reel, title: params.title, out},
    dub: {path, ...ours(params.to)},
    soundTrack: {iso639, title: own},
  };
  await runFfmpeg(tools, {argv: mp4Argv(request), seconds: params.duration});
  await checkOutput(out, expectedMp4(request, reel, hash, params.duration), tools);
  if (params.hls) await writeHls(out, reel, job);
}

function expectedMkv(
  reel: Reel,
  {kept, copied}: MkvPlan,
  {covers, hash}: {readonly covers: readonly Cover[]; readonly hash: string},
  {to, duration}: MasterParams,
): ExpectedOutput {
  const {subtitles} = reel;
  const {iso639, title} = ours(to);
  const tracks = kept.filter(({kind}) => kind !== 'attachment');
  const attached = kept.filter(({kind}) => kind === 'attachment');
  const before = tracks.length + 1 + subtitles.length;
  const order = [...attached, ...covers.map(({stream}) => stream)];
  const copyOf = (stream: FilmStream, at: number): ExpectedCopy => ({
    of: fromSource(reel, stream),
    stream: at,
  });
  return {
    duration,
    streams: [
      ...tracks.map(({kind}) => (kind === 'video' ? {kind} : {kind, isDefault: false})),
      {kind: 'audio', language: iso639, title, isDefault: true},
      ...subtitles.map(track => ({kind: 'subtitle' as const, language: track.iso639, title: track.title})),
      ...order.map(({kind}) => ({kind})),
    ],
    copies: [
      ...tracks.flatMap((stream, i) => (copied.includes(stream) ? [copyOf(stream, i)] : [])),
      {of: {hash}, stream: tracks.length},
      ...order.map((stream, i) => copyOf(stream, before + i)),
    ],
  };
}

/** A track of the source; its hash was taken by the picture stage. */
function fromSource({source, film, copies: {packets}}: Reel, stream: FilmStream): ExpectedCopy['of'] {
  const hash = packets[String(stream.index)];
  return {path: source, stream, format: film.format, ...(hash === undefined ? {} : {hash})};
}

function streamAt({film}: Reel, index: number): FilmStream {
  const stream = film.streams.find(candidate => candidate.index === index);
  if (stream === undefined) throw new Error(`no stream ${index} where the probe saw one`);
  return stream;
}

/** What was encoded for it has been decoded when it was made: here and there the bytes are compared. */
function expectedMp4(
  {dub, picture, soundTrack, subtitles}: Mp4Request,
  reel: Reel,
  hash: string,
  duration: number,
): ExpectedOutput {
  const {copies} = reel;
  const made = (packets: string | null, stream: number): readonly ExpectedCopy[] =>
    packets === null ? [] : [{of: {hash: packets}, stream}];
  return {
    duration,
    streams: [
      {kind: 'video'},
      {kind: 'audio', language: dub.iso639, title: dub.title, isDefault: true},
      {kind: 'audio', language: soundTrack.iso639, title: soundTrack.title, isDefault: false},
      ...subtitles.map(({iso639, title}) => ({kind: 'subtitle' as const, language: iso639, title})),
    ],
    copies: [
      ...(typeof picture === 'number'
        ? [{of: fromSource(reel, streamAt(reel, picture)), stream: 0}]
        : made(copies.picture.packets, 0)),
      {of: {hash}, stream: 1},
      ...made(copies.sound.packets, 2),
    ],
  };
}

/** HLS out of the finished MP4: its packets are those of a checked file, so that only lengths can go wrong. */
async function writeHls(mp4: string, {subtitles}: Reel, {params, dir, tools}: Job): Promise<void> {
  const {from, to, duration} = params;
  const sounds = [
    {stem: 'dub', tag: to, ...ours(to)},
    {stem: 'original', tag: from, iso639: languageOf(from).iso639, title: languageOf(from).own},
  ];
  const folder = join(dir, 'hls');
  await makeHls({mp4, folder, sounds, subtitles, duration}, tools);
  const kinds = {picture: 'video', dub: 'audio', original: 'audio'} as const;
  for (const [stem, kind] of Object.entries(kinds)) {
    const whole = {duration, streams: [{kind}], copies: []};
    await checkOutput(join(folder, `${stem}.mp4`), whole, tools);
  }
}
