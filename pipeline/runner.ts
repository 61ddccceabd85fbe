/**
 * Owns one run of the graph: what is demanded is found by its fingerprint or made, each node once, as many at a time
 * as the slots allow. Never decides what a stage does; the first failure stops the rest and is the one told.
 */
import {setMaxListeners} from 'node:events';
import {rm} from 'node:fs/promises';
import type {ArtifactStore, NodeRecord} from '../appliance/artifacts.ts';
import {type Digest, Json} from '../appliance/digest.ts';
import {type StageName, stageNames} from './catalog.ts';
import type {Region} from './documents.ts';
import {fingerprintOf, nodeName, partsOf, whyRun} from './fingerprint.ts';
import {type Built, documentOf, inputsOf} from './inputs.ts';
import type {Slots} from './slots.ts';
import type {Context, Place, Stage} from './stage.ts';
import {Tools} from './tool.ts';

export interface Watcher {
  started(node: string, stage: StageName, place: Place): void;
  progress(node: string, share: number): void;
  finished(
    record: NodeRecord,
    stage: StageName,
    place: Place,
    how: 'ran' | 'reused' | 'degraded',
    why: string,
  ): void;
}

export interface RunnerParts {
  readonly store: ArtifactStore;
  readonly slots: Slots;
  readonly watcher: Watcher;
  readonly signal: AbortSignal;
  /** What each node was made of last time, to say why it runs again. */
  readonly before: ReadonlyMap<string, Digest>;
}

/** The two documents that say how many nodes a narrower stage has. */
const opensScenes = 'detect';
const opensLines = 'revise';

const backgroundNiceness = 10;

export class Runner {
  readonly #parts: RunnerParts;
  readonly #stages = new Map<StageName, Stage>();
  readonly #nodes = new Map<string, Promise<Built>>();
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#signal = AbortSignal.any([parts.signal, this.#stop.signal]);
    setMaxListeners(0, this.#signal);
  }

  /** Stages may be added until something needs them: the first look decides on the rest. */
  add(stages: readonly Stage[]): void {
    for (const stage of stages) this.#stages.set(stage.name, stage);
  }

  /** Makes sure that all of a stage is made and its files are there; its nodes in film order. */
  async build(name: StageName): Promise<readonly NodeRecord[]> {
    try {
      const built = await this.#gather(name, {of: 'job'});
      return (await Promise.all(built.map(one => this.#present(one)))).map(({record}) => record);
    } catch (cause) {
      this.#stop.abort(cause);
      // Children of other nodes are on their way out: whoever hears of the failure finds nothing left running.
      await Promise.allSettled(this.#nodes.values());
      throw this.#signal.reason;
    }
  }

  /** Where the film is cut, as soon as that is known. */
  async scenes(): Promise<readonly Region[]> {
    const {record} = await this.#demand(opensScenes, {of: 'job'});
    return documentOf(opensScenes, record).scenes;
  }

  /** What one scene's part of a stage came to, its files there, as soon as it is made. */
  async scene(name: StageName, scene: number): Promise<NodeRecord> {
    return (await this.#present(await this.#demand(name, {of: 'scene', scene}))).record;
  }

  #demand(name: StageName, place: Place): Promise<Built> {
    const key = nodeName(name, place);
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    return this.#remember(key, this.#settle(this.#stage(name), place, false));
  }

  #remember(key: string, made: Promise<Built>): Promise<Built> {
    this.#nodes.set(key, made);
    made.catch(cause => this.#stop.abort(cause));
    return made;
  }

  #stage(name: StageName): Stage {
    const stage = this.#stages.get(name);
    if (stage === undefined) throw new Error(`no stage ${name} in this plan`);
    return stage;
  }

  /** Finds a node's result or makes it; `force` when its files are gone though its record is there. */
  async #settle(stage: Stage, place: Place, force: boolean): Promise<Built> {
    const [needs, seen, previous] = await Promise.all([
      this.#gatherAll(stage.needs, place),
      this.#gatherAll(stage.looksAt, place),
      this.#previous(stage, place),
    ]);
    this.#signal.throwIfAborted();
    const params = await stage.params(
      inputsOf(this.#parts.store, place, [...needs, ...seen], previous),
      place,
    );
    const parts = partsOf(
      stage,
      params,
      needs.flatMap(([, built]) => built.map(b => b.record)),
    );
    const fingerprint = fingerprintOf(parts);
    const found = force ? undefined : await this.#find(fingerprint, nodeName(stage.name, place));
    if (found !== undefined && found.degraded === undefined) {
      this.#parts.watcher.finished(found, stage.name, place, 'reused', '');
      return {stage: stage.name, place, record: found};
    }
    for (const [, built] of needs) await Promise.all(built.map(one => this.#present(one)));
    const inputs = inputsOf(
      this.#parts.store,
      place,
      await this.#gatherAll([...stage.needs, ...stage.looksAt], place),
      previous,
    );
    const node = nodeName(stage.name, place);
    // The slot is held until the result is kept: the next node of the same scene is then there to take it.
    const record = await this.#parts.slots.hold(stage.cost, rankOf(stage, place), this.#signal, () =>
      this.#run(stage, {place, params, inputs}, {node, fingerprint, parts}),
    );
    const before = await this.#before(record.node);
    const how = record.degraded === undefined ? 'ran' : 'degraded';
    const why = found === undefined ? whyRun(parts, before?.parts) : `tried again: ${found.degraded}`;
    this.#parts.watcher.finished(record, stage.name, place, how, record.degraded ?? why);
    return {stage: stage.name, place, record};
  }

  async #run(
    stage: Stage,
    given: Pick<Context<Json>, 'place' | 'params' | 'inputs'>,
    made: Pick<NodeRecord, 'node' | 'fingerprint' | 'parts'>,
  ): Promise<NodeRecord> {
    const {store, watcher} = this.#parts;
    const [dir, scratch] = await Promise.all([store.freshFolder(), store.freshFolder()]);
    const niceness = stage.cost.processors === 0 ? backgroundNiceness : 0;
    const tools = new Tools({stage: stage.name, dir: scratch, signal: this.#signal, niceness});
    const started = performance.now();
    let document: Json | undefined;
    watcher.started(made.node, stage.name, given.place);
    try {
      const outcome = await stage.run({
        ...{...given, dir, scratch, tools, signal: this.#signal},
        progress: share => watcher.progress(made.node, share),
        write: async (_, written) => {
          document = Json.parse(written);
        },
      });
      this.#signal.throwIfAborted();
      const degraded = outcome.is === 'degraded' ? {degraded: outcome.why} : {};
      const seconds = (performance.now() - started) / 1000;
      return await store.keep(dir, {...made, ...degraded, document, seconds, ...tools.usage});
    } finally {
      await Promise.all([dir, scratch].map(folder => rm(folder, {recursive: true, force: true})));
    }
  }

  /** Makes a node's files again when they were dropped or damaged since. */
  async #present(built: Built): Promise<Built> {
    const key = nodeName(built.stage, built.place);
    const whole = await Promise.all(
      Object.values(built.record.files).map(file => this.#parts.store.verify(file)),
    );
    if (!whole.includes(false)) return built;
    const known = this.#nodes.get(key);
    const current = await known;
    if (current !== undefined && current.record !== built.record) return this.#present(current);
    // Somebody else who needs it was a moment quicker.
    if (this.#nodes.get(key) !== known) return this.#present(built);
    return this.#remember(key, this.#settle(this.#stage(built.stage), built.place, true));
  }

  /** The same stage in the scene before, for a stage that goes on from it. */
  async #previous(stage: Stage, place: Place): Promise<Built | undefined> {
    if (stage.follows !== true || place.of !== 'scene' || place.scene === 0) return undefined;
    return this.#demand(stage.name, {of: 'scene', scene: place.scene - 1});
  }

  /** Two lines that say the same share a record, which bears the name of one of them. */
  async #find(fingerprint: Digest, node: string): Promise<NodeRecord | undefined> {
    const found = await this.#parts.store.find(fingerprint);
    return found === undefined ? undefined : {...found, node};
  }

  async #before(node: string): Promise<NodeRecord | undefined> {
    const fingerprint = this.#parts.before.get(node);
    return fingerprint === undefined ? undefined : this.#parts.store.find(fingerprint);
  }

  #gatherAll(names: readonly StageName[], from: Place): Promise<(readonly [StageName, readonly Built[]])[]> {
    return Promise.all(names.map(async name => [name, await this.#gather(name, from)] as const));
  }

  async #gather(name: StageName, from: Place): Promise<readonly Built[]> {
    const places = await this.#places(this.#stage(name).scope, from);
    return Promise.all(places.map(place => this.#demand(name, place)));
  }

  /** The nodes of a scope that one at `from` has to do with. */
  async #places(scope: Stage['scope'], from: Place): Promise<readonly Place[]> {
    if (scope === 'job') return [{of: 'job'}];
    const scenes = from.of === 'job' ? await this.#scenes() : [from.scene];
    if (scope === 'scene') return scenes.map(scene => ({of: 'scene', scene}));
    if (from.of === 'line') return [from];
    return (await Promise.all(scenes.map(scene => this.#lines(scene)))).flat();
  }

  async #scenes(): Promise<readonly number[]> {
    return (await this.scenes()).map((_, scene) => scene);
  }

  async #lines(scene: number): Promise<readonly Place[]> {
    const {record} = await this.#demand(opensLines, {of: 'scene', scene});
    const {lines} = documentOf(opensLines, record);
    return lines.map((_, line) => ({of: 'line', scene, line}));
  }
}

/** Earliest scene first, and within a scene the stage that is furthest, so that scenes come out whole one by one. */
function rankOf(stage: Stage, place: Place): number {
  const order = stageNames.indexOf(stage.name);
  return place.of === 'job' ? order - stageNames.length : (place.scene + 1) * stageNames.length - order;
}
