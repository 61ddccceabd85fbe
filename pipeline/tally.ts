/** Owns what happened in one run: which node ran, which was found, at what cost. It tells, and never decides. */
import type {NodeRecord} from '../appliance/artifacts.ts';
import type {Event} from '../appliance/wire.ts';
import {type StageName, stageNames, stages} from './catalog.ts';
import type {Expectations} from './expected.ts';
import {documentOf} from './inputs.ts';
import {type Film, ProgressMeter} from './progress.ts';
import type {Watcher} from './runner.ts';
import type {Place} from './stage.ts';

export interface Ran {
  readonly stage: StageName;
  readonly place: Place;
  readonly record: NodeRecord;
  readonly how: 'ran' | 'reused' | 'degraded';
  readonly why: string;
}

export interface TallyParts {
  /** Seconds since any fixed moment. */
  readonly now: () => number;
  readonly tell: (event: Event) => void;
}

/** No more than this often is progress told. */
const tellEverySeconds = 0.2;

export class Tally implements Watcher {
  readonly #nodes = new Map<string, Ran>();
  readonly #running = new Map<string, StageName>();
  readonly #mixed = new Set<string>();
  readonly #parts: TallyParts;
  readonly #meter: ProgressMeter;
  #scenes = 0;
  #toldAt = -Infinity;

  constructor(parts: TallyParts) {
    this.#parts = parts;
    this.#meter = new ProgressMeter(parts.now);
  }

  get nodes(): readonly Ran[] {
    return [...this.#nodes.values()];
  }

  plan(expected: Expectations, film: Film): void {
    this.#meter.plan(expected, film);
  }

  started(node: string, stage: StageName, place: Place): void {
    this.#running.set(node, stage);
    this.#meter.started(node, stage, place);
    this.#parts.tell({is: 'started', node, stage});
    this.#tellProgress(stage);
  }

  progress(node: string, share: number): void {
    const stage = this.#running.get(node);
    if (stage === undefined) return;
    this.#meter.worked(node, share);
    this.#tellProgress(stage);
  }

  finished(record: NodeRecord, stage: StageName, place: Place, how: Ran['how'], why: string): void {
    const {node, seconds, cpuSeconds, peakBytes} = record;
    this.#running.delete(node);
    this.#nodes.set(node, {record, stage, place, how, why});
    this.#learn(record, stage, place);
    if (stage === 'mix') this.#mixed.add(node);
    if (how === 'reused') this.#meter.found(node, stage, place);
    else this.#meter.made(node, stage, place, seconds);
    this.#parts.tell({is: 'finished', node, stage, how, why, seconds, cpuSeconds, peakBytes});
    this.#tellProgress(stage);
  }

  /** How many scenes and lines there are is known only once these two are done. */
  #learn(record: NodeRecord, stage: StageName, place: Place): void {
    if (stage === 'detect') {
      const {scenes} = documentOf('detect', record);
      this.#scenes = scenes.length;
      this.#meter.cut(scenes.map(({start, end}) => end - start));
    }
    if (stage === 'revise' && place.of === 'scene')
      this.#meter.heard(place.scene, documentOf('revise', record).lines.length);
  }

  #tellProgress(stage: StageName): void {
    const now = this.#parts.now();
    if (now - this.#toldAt < tellEverySeconds) return;
    this.#toldAt = now;
    this.#parts.tell({
      is: 'progress',
      stage: stages[stage],
      scenesDone: this.#mixed.size,
      scenes: this.#scenes,
      ...this.#meter.progress,
    });
  }
}

/** What each stage cost, over all its nodes, in the order of the graph; what was found done is counted as such. */
export function costsOf(nodes: readonly Ran[]) {
  return stageNames.flatMap(stage => {
    const of = nodes.filter(node => node.stage === stage);
    if (of.length === 0) return [];
    const sum = (pick: (record: NodeRecord) => number) =>
      of.reduce((total, {record}) => total + pick(record), 0);
    return {
      stage,
      nodes: of.length,
      reused: of.filter(({how}) => how === 'reused').length,
      seconds: sum(record => record.seconds),
      cpuSeconds: sum(record => record.cpuSeconds),
      peakBytes: Math.max(...of.map(({record}) => record.peakBytes)),
    };
  });
}
