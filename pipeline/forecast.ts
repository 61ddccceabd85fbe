/**
 * Owns the forecast of a job: what is ahead, laid out on the processors as the runner would, at the pace of this run.
 * A stage not seen yet takes as much longer than usual as those that were. Pure. Never remembers anything.
 */
import type {Expected, Turn} from './expected.ts';

/** What has happened of one stage. A part is a scene, or the whole film where the stage runs once. */
export interface StageSoFar {
  readonly expected: Expected;
  /** How many nodes were made in this run, and how many were found done, part by part. */
  readonly made: readonly number[];
  readonly found: readonly number[];
  /** What those that were made took, all together. */
  readonly seconds: number;
  readonly running: readonly RunningNode[];
}

export interface RunningNode {
  readonly part: number;
  /** What it said of itself, 0 to 1. */
  readonly share: number;
  /** Since it began. */
  readonly seconds: number;
}

export interface SceneAhead {
  readonly seconds: number;
  readonly lines: number;
}

export interface Outlook {
  readonly filmSeconds: number;
  readonly processors: number;
  readonly scenes: readonly SceneAhead[];
  readonly stages: readonly StageSoFar[];
  /** Processor seconds that work in the background has had to itself. */
  readonly spared: number;
}

export interface Forecast {
  /** Usual seconds of the whole job; of what was done of it in this run, and of what was found done. */
  readonly whole: number;
  readonly worked: number;
  readonly found: number;
  /** At the pace of this run. */
  readonly secondsLeft: number;
}

/** What is believed beforehand counts as much as this share of a stage seen at work. */
const belief = 0.05;
/** A node that says nothing of itself is never taken for done. */
const mostGuessed = 0.9;
/** More processors than this do not help to encode a picture. */
const mostInBackground = 6;
/**
 * Of a busy processor, what work in the background gets beside it. By its niceness that would be a tenth; but Linux
 * shares by session first, and each tool has one of its own.
 */
const sparedOfBusy = 0.3;
/** To hand the files over and write the report, once the last node is done. */
const handingOver = {start: 0.4, perSecond: 0.0005};

/** Processor seconds for the background in one second, while as many nodes as `busy` hold a processor. */
export function sparedBy(busy: number, processors: number): number {
  const taken = Math.min(busy, processors);
  return Math.min(mostInBackground, processors - taken) + sparedOfBusy * taken;
}

export function forecast(outlook: Outlook): Forecast {
  const {filmSeconds, processors, spared} = outlook;
  const stages = outlook.stages.map(stage => usually(stage, outlook));
  const overall = overallPace(stages);
  const at = (turn: Turn) => stages.filter(({expected}) => expected.turn === turn);
  const inAll = (turn: Turn) => sum(at(turn).flatMap(stage => secondsLeft(stage, overall)));
  const byScene = (turn: Turn) => {
    const ofStages = at(turn).map(stage => secondsLeft(stage, overall));
    return outlook.scenes.map((_, scene) => sum(ofStages.map(left => left[scene] ?? 0)));
  };
  const foreground = [
    {works: [inAll('opening')], beside: 0},
    {works: byScene('scenes'), beside: inAll('beside')},
    {works: byScene('encoding'), beside: 0},
  ];
  const seconds = sum(foreground.map(({works, beside}) => span(works, beside, processors)));
  const busy = sum(foreground.map(({works, beside}) => sum(works) + beside));
  const background = sum(at('background').map(stage => backgroundLeft(stage, overall, spared)));
  const closing = inAll('closing') + overall * (handingOver.start + handingOver.perSecond * filmSeconds);
  return {
    whole: sum(stages.flatMap(({parts}) => parts)),
    worked: sum(stages.map(({worked}) => worked)),
    found: sum(stages.map(({found}) => found)),
    secondsLeft: withBackground(background, {seconds, busy, processors}) + closing,
  };
}

/** Work that was done, in usual seconds, and what was spent on it; and what is running. */
interface Seen {
  readonly worked: number;
  readonly seconds: number;
  readonly running: readonly (RunningNode & {readonly usual: number})[];
}

/** A stage in the seconds it usually takes. */
interface Usually extends Seen {
  readonly expected: Expected;
  /** Of each part, and what is left of it when running nodes are left out. */
  readonly parts: readonly number[];
  readonly ahead: readonly number[];
  readonly found: number;
}

function usually({expected, made, found, ...seen}: StageSoFar, {filmSeconds, scenes}: Outlook): Usually {
  const {scope, start, perSecond} = expected;
  const whole = [{seconds: filmSeconds, lines: 1}];
  const nodes = (scope === 'job' ? whole : scenes).map(({seconds, lines}) => {
    const count = scope === 'line' ? lines : 1;
    return {count, usual: start + (perSecond * seconds) / Math.max(1, count)};
  });
  const all = (counts: readonly number[]) => sum(nodes.map(({usual}, i) => (counts[i] ?? 0) * usual));
  const running = seen.running.map(node => ({...node, usual: nodes[node.part]?.usual ?? 0}));
  const told = running.filter(({share}) => share > 0);
  return {
    expected,
    running,
    parts: nodes.map(({count, usual}) => count * usual),
    ahead: nodes.map(({count, usual}, i) => (count - (made[i] ?? 0) - (found[i] ?? 0)) * usual),
    worked: all(made) + sum(told.map(({share, usual}) => share * usual)),
    found: all(found),
    seconds: seen.seconds + sum(told.map(node => node.seconds)),
  };
}

/**
 * How much longer than usual it takes here: by what was seen, and by what is believed where little was. A node that
 * says nothing of itself tells something once it takes longer than it should.
 */
function paceOf(
  {worked, seconds, running}: Seen,
  believed: {readonly pace: number; readonly weight: number},
) {
  let [spent, usual] = [seconds + believed.pace * believed.weight, worked + believed.weight];
  for (const node of running) {
    if (node.share > 0 || node.seconds * usual <= node.usual * spent) continue;
    spent += node.seconds;
    usual += node.usual * mostGuessed;
  }
  return usual > 0 ? spent / usual : believed.pace;
}

/**
 * What a stage is taken to be like until it is seen itself: as the stages that were, each by the root of what was seen
 * of it. A long stage that is unlike what was believed of it says little of the others.
 */
function overallPace(stages: readonly Usually[]): number {
  let [sumOfLogs, weights] = [0, Math.sqrt(belief)];
  for (const stage of stages) {
    if (stage.expected.turn === 'background' || stage.worked === 0 || stage.seconds === 0) continue;
    const weight = Math.sqrt(stage.worked);
    sumOfLogs += weight * Math.log(stage.seconds / stage.worked);
    weights += weight;
  }
  return Math.exp(sumOfLogs / weights);
}

/** Seconds ahead, part by part. */
function secondsLeft(stage: Usually, overall: number): readonly number[] {
  const pace = paceOf(stage, {pace: overall, weight: belief * sum(stage.parts)});
  const left = [...stage.ahead];
  for (const {part, share, seconds, usual} of stage.running) {
    const guessed = usual > 0 ? Math.min(mostGuessed, seconds / (usual * pace)) : 0;
    left[part] = (left[part] ?? 0) - usual * Math.max(share, guessed);
  }
  return left.map(usual => Math.max(0, usual) * pace);
}

/** Processor seconds that the background still needs: it has had `spared` for the share that it says is done. */
function backgroundLeft(stage: Usually, overall: number, spared: number): number {
  const [node] = stage.running;
  if (node === undefined || node.share === 0) return sum(secondsLeft(stage, overall));
  const whole = (spared + belief * overall * node.usual) / (node.share + belief);
  return whole * (1 - node.share);
}

/** Works of different lengths side by side, each begun as soon as a processor is free; `beside` fills the gaps. */
function span(works: readonly number[], beside: number, processors: number): number {
  const loads: number[] = Array.from({length: processors}, () => 0);
  for (const work of works) {
    const least = loads.indexOf(Math.min(...loads));
    loads[least] = (loads[least] ?? 0) + work;
  }
  return Math.max(...loads, (sum(works) + beside) / processors);
}

/** The background takes what the foreground spares it, and once that is done whatever it can use. */
function withBackground(
  background: number,
  foreground: {readonly seconds: number; readonly busy: number; readonly processors: number},
): number {
  const {seconds, busy, processors} = foreground;
  const spared = seconds === 0 ? 0 : seconds * sparedBy(busy / seconds, processors);
  return seconds + Math.max(0, background - spared) / sparedBy(0, processors);
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
