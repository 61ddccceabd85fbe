/**
 * Owns how far a job is and how long it will take: what has happened in it so far, seen through the forecast. Pure
 * but for the clock it is given. Never promises before it knows, and never takes back what it called done.
 */
import type {StageName} from './catalog.ts';
import type {Expectations, Expected} from './expected.ts';
import {forecast, type SceneAhead, sparedBy} from './forecast.ts';
import type {Place} from './stage.ts';

/** No time left is told before this much is done, and this long after the start. */
const firstShare = 0.02;
const firstSeconds = 2;
/** Until the film is cut, and until it is known what is said in a scene. */
const usualSceneSeconds = 20;
const usualLineSeconds = 5;

export interface Film {
  readonly seconds: number;
  readonly processors: number;
}

export interface Progress {
  readonly done: number;
  readonly secondsLeft: number | null;
}

interface Tallied {
  readonly expected: Expected;
  readonly made: number[];
  readonly found: number[];
  seconds: number;
}

interface Running {
  readonly stage: StageName;
  readonly part: number;
  readonly since: number;
  share: number;
}

export class ProgressMeter {
  /** Seconds since any fixed moment. */
  readonly #now: () => number;
  readonly #startedAt: number;
  #film: Film = {seconds: 0, processors: 1};
  /** Length of each scene. */
  #scenes: readonly number[] = [];
  readonly #linesIn = new Map<number, number>();
  readonly #stages = new Map<StageName, Tallied>();
  readonly #running = new Map<string, Running>();
  readonly #counted = new Map<string, 'made' | 'found'>();
  /** Processor seconds that the background has had to itself, up to `#lookedAt`. */
  #spared = 0;
  #lookedAt: number;
  #done = 0;

  constructor(now: () => number) {
    this.#now = now;
    this.#startedAt = now();
    this.#lookedAt = this.#startedAt;
  }

  /** What lies ahead. */
  plan(expected: Expectations, film: Film): void {
    this.#film = film;
    for (const [stage, one] of expected)
      this.#stages.set(stage, {expected: one, made: [], found: [], seconds: 0});
    const scenes = Math.max(1, Math.round(film.seconds / usualSceneSeconds));
    this.#scenes = Array.from({length: scenes}, () => film.seconds / scenes);
  }

  /** Where the film is cut: length of each scene. */
  cut(scenes: readonly number[]): void {
    this.#scenes = scenes;
  }

  /** How many lines a scene turned out to have. */
  heard(scene: number, lines: number): void {
    this.#linesIn.set(scene, lines);
  }

  started(node: string, stage: StageName, place: Place): void {
    this.#pass();
    this.#running.set(node, {stage, part: partOf(place), since: this.#now(), share: 0});
  }

  /** `share` of a running node is done, 0 to 1, as it says itself. */
  worked(node: string, share: number): void {
    this.#pass();
    const running = this.#running.get(node);
    if (running !== undefined) running.share = Math.min(1, Math.max(0, share));
  }

  /** A node was made in this run, in so many seconds. */
  made(node: string, stage: StageName, place: Place, seconds: number): void {
    this.#pass();
    this.#running.delete(node);
    if (this.#count(node, 'made', stage, place)) {
      const tallied = this.#stages.get(stage);
      if (tallied !== undefined) tallied.seconds += seconds;
    }
  }

  /** What was found done is neither ahead nor a measure of speed. */
  found(node: string, stage: StageName, place: Place): void {
    this.#count(node, 'found', stage, place);
  }

  get progress(): Progress {
    this.#pass();
    const now = this.#now();
    const running = [...this.#running.values()].map(node => ({...node, seconds: now - node.since}));
    const {whole, worked, found, secondsLeft} = forecast({
      filmSeconds: this.#film.seconds,
      processors: this.#film.processors,
      scenes: this.#scenes.map((seconds, scene): SceneAhead => {
        const lines = this.#linesIn.get(scene) ?? Math.max(1, Math.round(seconds / usualLineSeconds));
        return {seconds, lines};
      }),
      stages: [...this.#stages].map(([stage, tallied]) => ({
        ...tallied,
        running: running.filter(node => node.stage === stage),
      })),
      spared: this.#spared,
    });
    if (whole > 0) this.#done = Math.max(this.#done, Math.min(1, (worked + found) / whole));
    const known =
      whole > 0 && now - this.#startedAt >= firstSeconds && worked >= firstShare * (whole - found);
    return {done: this.#done, secondsLeft: known ? secondsLeft : null};
  }

  /** Once a node, however often it comes: what was found and has to be made after all is not there twice. */
  #count(node: string, how: 'made' | 'found', stage: StageName, place: Place): boolean {
    const before = this.#counted.get(node);
    const tallied = this.#stages.get(stage);
    if (before === how || tallied === undefined) return false;
    const part = partOf(place);
    if (before !== undefined) tallied[before][part] = (tallied[before][part] ?? 0) - 1;
    tallied[how][part] = (tallied[how][part] ?? 0) + 1;
    this.#counted.set(node, how);
    return true;
  }

  /** What the background had to itself since the last look, while it ran. */
  #pass(): void {
    const seconds = this.#now() - this.#lookedAt;
    this.#lookedAt += seconds;
    const turns = [...this.#running.values()].map(({stage}) => this.#stages.get(stage)?.expected.turn);
    if (!turns.includes('background')) return;
    const busy = turns.filter(turn => turn !== undefined && turn !== 'background').length;
    this.#spared += seconds * sparedBy(busy, this.#film.processors);
  }
}

/** A stage of the whole job has one part. */
function partOf(place: Place): number {
  return place.of === 'job' ? 0 : place.scene;
}
