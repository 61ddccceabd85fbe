/**
 * Owns a machine on which a job is played through, second by second, so that what was told of its time can be held
 * against how it went. Nodes wait for each other and for processors as in the runner.
 */
import type {StageName} from '../../pipeline/catalog.ts';
import type {Probe} from '../../pipeline/documents.ts';
import {expectationsFor} from '../../pipeline/expected.ts';
import {nodeName} from '../../pipeline/fingerprint.ts';
import {type Progress, ProgressMeter} from '../../pipeline/progress.ts';
import type {Place} from '../../pipeline/stage.ts';

export interface Machine {
  readonly processors: number;
  /** How much longer everything takes than usual. */
  readonly slower: number;
  /** And single stages, times that. */
  readonly wrong: Readonly<Partial<Record<StageName, number>>>;
  readonly picture: 'copied' | 'encoded';
  /** The first scenes that are found done, with all before them. */
  readonly kept: number;
  /** What the background gets of a busy processor. */
  readonly spared: number;
  readonly scenes: readonly number[];
  /** Without recognition, when the words are given. */
  readonly words: 'heard' | 'given';
}

export const usualMachine: Machine = {
  ...{processors: 2, slower: 1, wrong: {}, picture: 'copied', kept: 0, spared: 0.3, words: 'heard'},
  scenes: [21, 14, 13, 12],
};

export const linesIn = 3;

export interface Told extends Progress {
  readonly at: number;
}

export interface Played {
  readonly told: readonly Told[];
  readonly seconds: number;
}

interface Task {
  readonly stage: StageName;
  readonly place: Place;
  /** Seconds of one free processor. */
  readonly work: number;
  readonly needs: readonly string[];
  /** Lower goes first. */
  readonly rank: number;
}

const sceneStages: readonly StageName[] = [
  'transcribe',
  'translate',
  'synthesize',
  'conform',
  'mix',
  'encode',
];
const wholeStages: readonly StageName[] = ['demux', 'detect', 'diarize', 'picture', 'master'];
/** These say how far they are. */
const telling: ReadonlySet<StageName> = new Set(['demux', 'picture']);
/** A long film is watched less closely. */
const stepsAFilmSecond = 20;
const mostSteps = 2400;
const startSeconds = 0.3;
const handingOverSeconds = 0.4;

/** A film of 720 lines and 25 frames a second, as phones play it or not. */
export function probeWith(picture: Machine['picture'], duration: number): Probe {
  const codec = picture === 'copied' ? 'h264' : 'mpeg4';
  return {
    ...{container: 'matroska', duration, bytes: 1e7, title: '', spoken: 1, text: []},
    video: {
      ...{index: 0, codec, profile: 'High', level: 31, pixelFormat: 'yuv420p', bitRate: 1e6},
      ...{width: 1280, height: 720, framesPerSecond: 25},
    },
    audio: [
      {
        ...{index: 1, codec: 'aac', channels: 2, layout: 'stereo', sampleRate: 48_000},
        ...{language: 'en', title: '', isDefault: true},
      },
    ],
    ...{chapters: 0, attachments: 0, streams: 2},
  };
}

export function play(machine: Machine): Played {
  const film = machine.scenes.reduce((sum, length) => sum + length, 0);
  const names = [...wholeStages, ...sceneStages].filter(
    stage => stage !== 'transcribe' || machine.words === 'heard',
  );
  const expected = expectationsFor(names, probeWith(machine.picture, film), 'balanced');
  const step = Math.max(1 / stepsAFilmSecond, film / mostSteps) * machine.slower;
  let now = 1000;
  const meter = new ProgressMeter(() => now);
  const told: Told[] = [];
  const tell = () => told.push({at: now - 1000, ...meter.progress});
  tell();
  now += startSeconds * machine.slower;
  meter.plan(expected, {seconds: film, processors: machine.processors});

  const waiting = new Map(
    tasksOf(machine, film, names).map(task => [nodeName(task.stage, task.place), task]),
  );
  const running = new Map<string, {readonly task: Task; done: number; readonly since: number}>();
  const learn = ({stage, place}: Task) => {
    if (stage === 'detect') meter.cut(machine.scenes);
    if (stage === 'translate' && place.of === 'scene') meter.heard(place.scene, linesIn);
  };
  for (const [node, task] of waiting) {
    if (!isKept(task, machine)) continue;
    waiting.delete(node);
    learn(task);
    meter.found(node, task.stage, task.place);
  }
  const busy = () =>
    running
      .values()
      .filter(({task}) => task.stage !== 'picture')
      .toArray().length;
  const isReady = (task: Task) => !task.needs.some(node => waiting.has(node) || running.has(node));
  while (waiting.size > 0 || running.size > 0) {
    for (const [node, task] of waiting) {
      if (!isReady(task) || (task.stage !== 'picture' && busy() >= machine.processors)) continue;
      waiting.delete(node);
      running.set(node, {task, done: 0, since: now});
      meter.started(node, task.stage, task.place);
    }
    now += step;
    const taken = busy();
    const behind = running.has('picture');
    for (const [node, one] of running) {
      const speed =
        one.task.stage === 'picture'
          ? machine.processors - taken + machine.spared * taken
          : 1 - (behind ? machine.spared : 0);
      one.done += step * speed;
      if (one.done < one.task.work) {
        if (telling.has(one.task.stage)) meter.worked(node, one.done / one.task.work);
        continue;
      }
      running.delete(node);
      meter.made(node, one.task.stage, one.task.place, now - one.since);
      learn(one.task);
    }
    tell();
  }
  now += handingOverSeconds * machine.slower;
  return {told, seconds: now - 1000};
}

function isKept({place}: Task, {kept}: Machine): boolean {
  if (kept === 0) return false;
  return place.of === 'job' ? false : place.scene < kept;
}

function tasksOf(machine: Machine, film: number, names: readonly StageName[]): readonly Task[] {
  const usual = expectationsFor(names, probeWith(machine.picture, film), 'balanced');
  const work = (stage: StageName, seconds: number, share = 1) => {
    const {start, perSecond} = usual.get(stage) ?? {start: 0, perSecond: 0};
    return (start + perSecond * seconds * share) * machine.slower * (machine.wrong[stage] ?? 1);
  };
  const job = {of: 'job'} as const;
  const all = (stage: StageName) => machine.scenes.map((_, scene) => nodeName(stage, {of: 'scene', scene}));
  const whole = (stage: StageName, needs: readonly string[], rank: number): Task => ({
    ...{stage, place: job, needs, rank},
    work: work(stage, film),
  });
  const scenes = machine.scenes.flatMap((seconds, scene): Task[] => {
    let before: readonly string[] = ['detect'];
    return sceneStages.flatMap((stage, depth): Task[] => {
      if (!usual.has(stage)) return [];
      const needs = stage === 'encode' ? all('mix') : before;
      const rank = scene * sceneStages.length - depth;
      const places: readonly Place[] =
        usual.get(stage)?.scope === 'line'
          ? Array.from({length: linesIn}, (_, line) => ({of: 'line', scene, line}))
          : [{of: 'scene', scene}];
      before = places.map(place => nodeName(stage, place));
      return places.map(place => ({
        ...{stage, place, needs, rank},
        work: work(stage, seconds, 1 / places.length),
      }));
    });
  });
  return [
    whole('demux', [], -9),
    whole('detect', ['demux'], -8),
    whole('diarize', ['detect'], -7),
    whole('picture', [], -6),
    ...scenes,
    whole('master', [...all('encode'), 'picture', 'diarize'], -5),
  ];
}
