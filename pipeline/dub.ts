/**
 * Owns one dub from order to finished files: takes the job's folder, looks at the source, settles engines, runs the
 * graph, delivers. Never parses a command line or a message.
 */

import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import {z} from 'zod';
import {type ArtifactFile, ArtifactStore, type NodeRecord} from '../appliance/artifacts.ts';
import {Brief, noBrief} from '../appliance/brief.ts';
import {Digest} from '../appliance/digest.ts';
import {Failed, Refusal} from '../appliance/failure.ts';
import {readJsonFile, replaceFile} from '../appliance/files.ts';
import {jobFolderOf, type Order, previewFolderOf} from '../appliance/order.ts';
import type {Event, Output} from '../appliance/wire.ts';
import {askEngines} from './bench.ts';
import {admit} from './container.ts';
import {deliver, deliverReport, tidy} from './deliver.ts';
import type {Cues, Probe} from './documents.ts';
import type {Pair} from './engines/kinds.ts';
import {expectationsFor} from './expected.ts';
import {findSubtitles} from './given.ts';
import {documentOf} from './inputs.ts';
import {stagesOf} from './plan.ts';
import {Preview} from './preview/preview.ts';
import {stagesOfWindow, type Window} from './preview/windows.ts';
import {reportOf, summaryOf} from './result.ts';
import {Runner, type Watcher} from './runner.ts';
import {type Settled, settle} from './settle.ts';
import {Slots} from './slots.ts';
import type {Stage} from './stage.ts';
import {cuesStage, spokenLanguage} from './stages/cues.ts';
import {probeStage, type Source} from './stages/probe.ts';
import {Tally} from './tally.ts';
import {Workplace} from './workplace.ts';

/** In the job's own folder, where none was named. */
export const briefName = 'brief.json';

/** Which node made what, last time: says why a node runs again, and numbers the lines for an edit. */
export const Manifest = z.object({nodes: z.record(z.string(), Digest)});

export interface Circumstances {
  readonly tell: (event: Event) => void;
  /** Resolves when somebody wants to watch the film while it is being dubbed; most never do. */
  readonly previewWanted: Promise<void>;
  readonly signal: AbortSignal;
  /** Seconds since any fixed moment. */
  readonly now: () => number;
  /** ISO 8601, for the report. */
  readonly date: () => string;
  readonly memoryBytes: number;
}

export interface Finished {
  readonly outputs: Output[];
  readonly summary: string[];
  readonly filmSeconds: number;
}

/** Dubs what is ordered. Throws Failed; a refused input leaves nothing behind. */
export async function dub(order: Order, circumstances: Circumstances): Promise<Finished> {
  const admitted = await admit(order.source);
  if (!admitted.ok) throw new Failed(admitted.why);
  const workplace = new Workplace(jobFolderOf(order));
  await workplace.take();
  try {
    const finished = await new Dub(order, workplace, circumstances).run();
    await workplace.leave();
    return finished;
  } catch (cause) {
    const refused = cause instanceof Failed && Refusal.safeParse(cause.failure).success;
    await (refused ? workplace.abandon() : workplace.leave());
    throw cause;
  }
}

class Dub {
  readonly #order: Order;
  readonly #workplace: Workplace;
  readonly #circumstances: Circumstances;
  readonly #store: ArtifactStore;
  readonly #tally: Tally;
  readonly #startedAt: number;

  constructor(order: Order, workplace: Workplace, circumstances: Circumstances) {
    this.#order = order;
    this.#workplace = workplace;
    this.#circumstances = circumstances;
    this.#store = new ArtifactStore(workplace.folder);
    this.#tally = new Tally(circumstances);
    this.#startedAt = circumstances.now();
  }

  async run(): Promise<Finished> {
    const {signal, memoryBytes, tell} = this.#circumstances;
    await this.#store.open();
    const asked = askEngines(this.#order.preset);
    const manifest = await readJsonFile(this.#path('manifest.json'), Manifest).catch(() => undefined);
    const slots = new Slots({processors: this.#order.processors, gpus: 0, memoryBytes});
    const before = new Map(Object.entries(manifest?.nodes ?? {}));
    const runner = new Runner({store: this.#store, slots, watcher: this.#tally, signal, before});

    // A process that was killed left it.
    await rm(previewFolderOf(this.#order), {recursive: true, force: true});
    const source = {
      path: this.#order.source,
      digest: await this.#workplace.digestOfSource(this.#order.source, signal),
    };
    const brief = (await readJsonFile(this.#order.brief ?? this.#path(briefName), Brief)) ?? noBrief;
    const {probe, cues} = await this.#look(runner, source, brief);
    const pair = {from: this.#order.from ?? spokenLanguage(probe), to: this.#order.to};
    const given = {source: cues.source?.from, target: cues.target?.from};
    const settled = settle({...pair, given}, await asked);
    if (!settled.ok) throw new Failed(settled.why);
    for (const {stage, why} of settled.value.skipped) tell({is: 'skipped', stage, why});

    const lines = given.target !== undefined ? 'target' : given.source !== undefined ? 'source' : null;
    const stages = stagesOf({
      ...{order: this.#order, source, title: probe.title, pair, given: lines},
      ...{settled: settled.value, brief},
    });
    runner.add(stages);
    const names = stages.map(({name}) => name);
    const {preset, processors} = this.#order;
    this.#tally.plan(expectationsFor(names, probe, preset), {seconds: probe.duration, processors});
    const windows = {slots, source, probe, cues, stages};
    const preview = this.#preview(runner, windows, pair);
    void this.#circumstances.previewWanted.then(() => preview.begin());
    const made = Promise.all([
      runner.build('master'),
      runner.build('subtitle'),
      runner.build('measure'),
      ...(names.includes('relisten') ? [runner.build('relisten')] : []),
    ]);
    const [master, subtitle] = await made.finally(() => preview.end());
    return this.#deliver(settled.value, [...(subtitle ?? []), ...(master ?? [])]);
  }

  /** Runs of windows share the processors with the run of the whole film, and are not told of. */
  #preview(main: Runner, {slots, stages, ...given}: Windows, pair: Pair): Preview {
    const {tell, signal} = this.#circumstances;
    const open = (window: Window, wanted: AbortSignal): Runner => {
      const asLong = AbortSignal.any([wanted, signal]);
      const run = new Runner({
        ...{store: this.#store, slots, watcher: untold, signal: asLong, before: new Map()},
      });
      run.add(stagesOfWindow(stages, given, window));
      return run;
    };
    return new Preview({
      ...{folder: previewFolderOf(this.#order), source: given.source.path, probe: given.probe},
      ...{pair, loudnessLufs: this.#order.loudnessLufs, tell, signal},
      sound: wanted => ({
        main,
        open: window => open(window, wanted),
        path: (record, file) => this.#store.path(fileOf(record, file)),
      }),
    });
  }

  /** The first look: is it a film, what words come with it, is there room to dub it. */
  async #look(
    runner: Runner,
    source: Source,
    brief: Brief,
  ): Promise<{readonly probe: Probe; readonly cues: Cues}> {
    const {from, to} = this.#order;
    const files = await findSubtitles(this.#order);
    runner.add([probeStage(source, from), cuesStage({source, brief, files, from, to})]);
    const probe = documentOf('probe', one(await runner.build('probe')));
    const {longestSeconds: mostSeconds = Infinity} = this.#order;
    if (probe.duration > mostSeconds)
      throw new Failed({reason: 'too-long', path: source.path, seconds: probe.duration, mostSeconds});
    const neededBytes = spaceFor(probe);
    const freeBytes = await this.#workplace.freeBytes();
    if (this.#workplace.isNew && freeBytes < neededBytes) {
      throw new Failed({reason: 'disk-full', path: this.#order.out, neededBytes, freeBytes});
    }
    return {probe, cues: documentOf('cues', one(await runner.build('cues')))};
  }

  async #deliver(settled: Settled, made: readonly NodeRecord[]): Promise<Finished> {
    const {nodes} = this.#tally;
    for (const record of made) this.#tellNotes(record);
    const outputs = await deliver(this.#order, this.#store, made);
    const wallSeconds = this.#circumstances.now() - this.#startedAt;
    const unchanged = nodes.every(({how}) => how === 'reused');
    const report = reportOf({
      order: this.#order,
      nodes,
      settled,
      wallSeconds,
      date: this.#circumstances.date(),
    });
    const reports = await deliverReport(this.#order, report, {keepThatOfBefore: unchanged});
    const manifest = {nodes: Object.fromEntries(nodes.map(({record}) => [record.node, record.fingerprint]))};
    await replaceFile(this.#path('manifest.json'), JSON.stringify(manifest));
    await tidy(this.#order, this.#store, nodes);
    await this.#store.settle();
    return {outputs: [...outputs, ...reports], summary: summaryOf(report), filmSeconds: report.duration};
  }

  /** What the finished files could not take over is said at once, and again in the report. */
  #tellNotes(record: NodeRecord): void {
    if (record.node !== 'master') return;
    for (const text of documentOf('master', record).notes) this.#circumstances.tell({is: 'note', text});
  }

  #path(name: string): string {
    return join(this.#workplace.folder, name);
  }
}

const untold: Watcher = {started: () => {}, progress: () => {}, finished: () => {}};

interface Windows {
  readonly slots: Slots;
  readonly stages: readonly Stage[];
  readonly source: Source;
  readonly probe: Probe;
  readonly cues: Cues;
}

function fileOf({node, files}: NodeRecord, name: string): ArtifactFile {
  const file = files[name];
  if (file === undefined) throw new Error(`${node} wrote no ${name}`);
  return file;
}

function one(records: readonly NodeRecord[]): NodeRecord {
  const [record] = records;
  if (record === undefined) throw new Error('a stage of the whole job made nothing');
  return record;
}

/**
 * What a dub takes at its largest: sound of the programme and of the mix as FLAC (at worst 2 and 3 bytes a sample),
 * speech for analysis, and both finished films.
 */
function spaceFor({duration, bytes, audio, spoken}: Probe): number {
  const channels = audio.find(track => track.index === spoken)?.channels ?? 2;
  return Math.ceil(duration * (48_000 * channels * 5 + 16_000 * 2) + bytes * 2.2 + 20e6);
}
