/**
 * Owns that a film can be watched while it is being dubbed: picture and its own sound at once, the dub as it grows. Begins when
 * somebody wants it, gives way to the dub itself, and is gone with it. What goes wrong here is told, and costs the dub nothing.
 */
import {createReadStream} from 'node:fs';
import {mkdir, open, readFile, rm, statfs} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {describe, Failed, told} from '../../appliance/failure.ts';
import {replaceFile} from '../../appliance/files.ts';
import type {LanguageTag} from '../../appliance/languages.ts';
import type {Event} from '../../appliance/wire.ts';
import type {Loudness, Probe} from '../documents.ts';
import {describeFilm, parseFilm} from '../ffprobe.ts';
import {planLoudness} from '../loudness.ts';
import {headBytes, videoCodecOf} from '../outputs/hls.ts';
import {headroomDb} from '../stages/mix.ts';
import {Tools} from '../tool.ts';
import {
  dubArgv,
  filmArgv,
  growingMaster,
  initOf,
  masterName,
  rawArgv,
  secondsOf,
  spokenTrack,
  stems,
} from './renditions.ts';
import {type Sound, type StretchParts, stretches} from './stretches.ts';

export interface PreviewParts {
  /** Where its files go: nothing else lies there. */
  readonly folder: string;
  /** The film. */
  readonly source: string;
  readonly probe: Probe;
  readonly pair: {readonly from: LanguageTag; readonly to: LanguageTag};
  readonly loudnessLufs: number;
  /** Where the dub's sound comes from, told when to give up. */
  readonly sound: (signal: AbortSignal) => Omit<StretchParts, 'duration' | 'patience'>;
  readonly tell: (event: Event) => void;
  /** Of the dub. */
  readonly signal: AbortSignal;
}

/** It must not take from the dub what it is to show. */
const niceness = 5;
/** Longer than any film is worked on. */
const limitMs = 48 * 3_600_000;
const lookEveryMs = 250;
/** How long the whole film may take to be cut before a head start is worth its while. */
const patienceMs = 1500;
/** RLIMIT_AS for the reader of a stranger's file. */
const addressBytes = 16 * 2 ** 30;
/** Room that is left alone besides what the copy takes. */
const spareBytes = 500e6;

/** Why it ends when all is well. */
const over = new Error('the dub came to its end');

export class Preview {
  readonly #parts: PreviewParts;
  readonly #stop = new AbortController();
  #work: Promise<void> | undefined;
  #told = -1;

  constructor(parts: PreviewParts) {
    this.#parts = parts;
  }

  /** Begins, once. */
  begin(): void {
    if (this.#stop.signal.aborted) return;
    this.#work ??= this.#run();
  }

  /** Nothing of it is left, neither files nor processes. */
  async end(): Promise<void> {
    this.#stop.abort(over);
    await this.#work;
    await rm(this.#parts.folder, {recursive: true, force: true});
  }

  async #run(): Promise<void> {
    const {folder, tell} = this.#parts;
    const {signal} = this.#stop;
    const scratch = join(folder, 'scratch');
    try {
      await mkdir(scratch, {recursive: true});
      await this.#requireRoom();
      const tools = new Tools({stage: 'preview', dir: scratch, signal, niceness});
      const film = this.#film(tools);
      const work = [film, this.#dub(tools, scratch), this.#watch(film)];
      await Promise.all(work).catch(async cause => {
        if (!signal.aborted) this.#stop.abort(cause);
        await Promise.allSettled(work);
        throw cause;
      });
    } catch (cause) {
      if (signal.reason === over || this.#parts.signal.aborted) return;
      // Where the disk is full, the dub has more use for it.
      await rm(folder, {recursive: true, force: true});
      tell({is: 'preview', seconds: Math.max(0, this.#told), trouble: wordsOf(cause)});
    }
  }

  /** The film is there a second time until the dub is done. */
  async #requireRoom(): Promise<void> {
    const {folder, probe} = this.#parts;
    const {bavail, bsize} = await statfs(folder);
    if (bavail * bsize < probe.bytes * 1.1 + spareBytes)
      throw new Error('the disk has no room for a second copy of the film');
  }

  async #film(tools: Tools): Promise<void> {
    const {folder, source, probe} = this.#parts;
    const film = parseFilm(await describeFilm(source, tools));
    const stream = film.streams.find(({index}) => index === probe.video.index);
    if (stream === undefined) throw new Error(`no stream ${probe.video.index} where the probe saw one`);
    const argv = filmArgv(source, stream, probe);
    await tools.run({tool: 'ffmpeg', argv, cwd: folder, limitMs, addressBytes});
  }

  /** Its gain is that of what is heard first: the true one is known only when the whole film is mixed. */
  async #dub(tools: Tools, scratch: string): Promise<void> {
    const {folder, probe, loudnessLufs, sound} = this.#parts;
    const {signal} = this.#stop;
    const patience = wait(patienceMs, undefined, {signal}).catch(() => {});
    const all = stretches({...sound(signal), duration: probe.duration, patience});
    const first = await unlessAborted(all.next(), signal);
    if (first.done === true) return;
    const argv = dubArgv(gainFor(first.value.loudness, loudnessLufs));
    const stdin = this.#raw(first.value, all, {tools, scratch});
    await tools.run({tool: 'ffmpeg', argv, stdin, cwd: folder, limitMs});
  }

  /** A scene at a time goes through a file: the encoder takes it as it can, and none of it piles up here. */
  async *#raw(
    first: Sound,
    others: AsyncGenerator<Sound>,
    {tools, scratch}: {readonly tools: Tools; readonly scratch: string},
  ): AsyncGenerator<Buffer> {
    const path = join(scratch, 'stretch.s16');
    const {channels} = spokenTrack(this.#parts.probe);
    for (let sound: Sound | undefined = first; sound !== undefined; sound = await nextOf(others)) {
      await tools.run({tool: 'ffmpeg', argv: rawArgv(sound, channels, path)});
      yield* createReadStream(path);
    }
  }

  /** Writes what players begin with as soon as there is something to play, and tells how far it goes. */
  async #watch(film: Promise<void>): Promise<void> {
    const {folder, probe, pair, tell} = this.#parts;
    const {signal} = this.#stop;
    let [hadPicture, hadDub] = [false, false];
    let isCopied = false;
    film.then(
      () => {
        isCopied = true;
      },
      () => {},
    );
    while (!signal.aborted) {
      const [picture, dub] = await Promise.all([this.#secondsOf(stems.picture), this.#secondsOf(stems.dub)]);
      const hasPicture = picture > 0;
      const hasDub = hasPicture && dub > 0;
      if (hasPicture !== hadPicture || hasDub !== hadDub) {
        const videoCodec = await this.#videoCodec();
        await replaceFile(join(folder, masterName), growingMaster(probe, pair, {videoCodec, hasDub}));
        [hadPicture, hadDub] = [hasPicture, hasDub];
      }
      if (hasPicture && dub !== this.#told) {
        this.#told = dub;
        tell({is: 'preview', seconds: dub, trouble: null});
      }
      if (isCopied && dub >= probe.duration - 1) return;
      await wait(lookEveryMs, undefined, {signal}).catch(() => {});
    }
  }

  async #secondsOf(stem: (typeof stems)[keyof typeof stems]): Promise<number> {
    return secondsOf(await readFile(join(this.#parts.folder, `${stem}.m3u8`), 'utf8').catch(() => ''));
  }

  async #videoCodec(): Promise<string> {
    await using file = await open(join(this.#parts.folder, initOf(stems.picture)));
    const {buffer} = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return videoCodecOf(buffer);
  }
}

function wordsOf(cause: unknown): string {
  if (cause instanceof Failed) return describe(told(cause.failure)).what.slice(0, 1000);
  return (cause instanceof Error ? cause.message : String(cause)).slice(0, 1000);
}

/** The dub goes on at its own pace: what waits for it does not wait when it is over. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const {promise, reject} = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, {once: true});
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', stop));
}

async function nextOf(sounds: AsyncGenerator<Sound>): Promise<Sound | undefined> {
  const next = await sounds.next();
  return next.done === true ? undefined : next.value;
}

/** Where nobody speaks at first the film's own loudness is as good a guess as any. */
function gainFor(loudness: Loudness | null, targetLufs: number) {
  const plan = planLoudness(loudness === null ? [] : [loudness], targetLufs);
  return loudness === null ? {...plan, gainDb: -headroomDb} : plan;
}
