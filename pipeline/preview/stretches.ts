/**
 * Owns which sound follows which in a dub that is still being made: windows of a head start first, then the scenes of the whole
 * film, each taken up at the sample where the one before ended. Never encodes anything.
 */
import type {NodeRecord} from '../../appliance/artifacts.ts';
import {Failed} from '../../appliance/failure.ts';
import type {Loudness, Region} from '../documents.ts';
import {documentOf} from '../inputs.ts';
import type {Runner} from '../runner.ts';
import {headroomDb} from '../stages/mix.ts';
import {type Stretch, sampleRate} from './renditions.ts';
import {firstWindow, type Window, wholeScenes, widened} from './windows.ts';

type Run = Pick<Runner, 'scenes' | 'scene' | 'build'>;

export interface StretchParts {
  /** Of the whole film. */
  readonly main: Run;
  readonly open: (window: Window) => Run;
  /** Where a node's file lies. */
  readonly path: (record: NodeRecord, file: string) => string;
  /** Seconds of the film. */
  readonly duration: number;
  /** Resolves when the whole film has had its chance to be cut without a head start. */
  readonly patience: Promise<unknown>;
}

export interface Sound extends Stretch {
  /** Null where nobody speaks. */
  readonly loudness: Loudness | null;
}

/** Without a gap and without an overlap, from the film's first sample to its last. */
export async function* stretches(parts: StretchParts): AsyncGenerator<Sound> {
  const {main, patience} = parts;
  const track = new Track(parts);
  let isCut = false;
  const cut = main.scenes();
  // Why it failed whoever waits for it below hears; the windows before go on without.
  const whenCut = cut.then(
    () => {},
    () => {},
  );
  void whenCut.then(() => {
    isCut = true;
  });
  await Promise.race([whenCut, patience]);
  while (!isCut && !track.isWhole) {
    const from = track.seconds;
    yield* windowed(parts, track, () => isCut);
    // Nothing can be cut there: the whole film has to say where.
    if (track.seconds === from) await whenCut;
  }
  const scenes = await cut;
  for (const index of scenes.keys()) yield* track.follow(main, index);
}

/** Goes on from where the track is by one window, widened until it holds a cut; stays there where none does. */
async function* windowed(
  {open, duration, path}: StretchParts,
  track: Track,
  isCut: () => boolean,
): AsyncGenerator<Sound> {
  for (
    let window: Window | null = firstWindow(track.seconds, duration);
    window !== null && !isCut();
    window = widened(window, duration)
  ) {
    const run = open(window);
    const scenes = await scenesOf(run);
    const from = track.seconds;
    if (scenes === 'silent') {
      const [demuxed] = await run.build('demux');
      if (demuxed === undefined) throw new Error('a window without sound');
      // A word may begin just where it ends.
      const to = window.end >= duration ? duration : window.end - 1;
      const programme = path(demuxed, 'programme.flac');
      yield* track.go({path: programme, from: 0, to, loudness: null, gainDb: headroomDb});
    } else {
      for (const [index, scene] of wholeScenes(scenes, window, duration).entries()) {
        if (scene.end > from) yield* track.follow(run, index);
      }
    }
    if (track.seconds > from) return;
  }
}

/** Music and silence are no reason to give up, as they are for a whole film. */
async function scenesOf(run: Run): Promise<readonly Region[] | 'silent'> {
  try {
    return await run.scenes();
  } catch (cause) {
    if (cause instanceof Failed && cause.failure.reason === 'no-speech') return 'silent';
    throw cause;
  }
}

class Track {
  readonly #parts: StretchParts;
  #samples = 0;

  constructor(parts: StretchParts) {
    this.#parts = parts;
  }

  get seconds(): number {
    return this.#samples / sampleRate;
  }

  get isWhole(): boolean {
    return this.#samples >= samplesOf(this.#parts.duration);
  }

  /** One scene's mix, or what is left of it. */
  async *follow(run: Run, index: number): AsyncGenerator<Sound> {
    const plan = documentOf('fit', await run.scene('fit', index));
    if (samplesOf(plan.to) <= this.#samples) return;
    const mixed = await run.scene('mix', index);
    const loudness = plan.placements.length > 0 ? documentOf('mix', mixed) : null;
    const path = this.#parts.path(mixed, 'mix.flac');
    yield* this.go({path, from: plan.from, to: plan.to, loudness, gainDb: 0});
  }

  /** In seconds of the film here: the file begins at `from`. */
  *go({from, to, ...sound}: Sound): Generator<Sound> {
    const begins = samplesOf(from);
    const ends = samplesOf(to);
    if (ends <= this.#samples) return;
    yield {...sound, from: this.#samples - begins, to: ends - begins};
    this.#samples = ends;
  }
}

function samplesOf(seconds: number): number {
  return Math.round(seconds * sampleRate);
}
