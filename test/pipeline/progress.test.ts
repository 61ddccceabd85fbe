/** How far a job is: honest in the middle, silent before it knows, whole at its end; and what it cost. */
import t from 'tap';
import type {NodeRecord} from '../../appliance/artifacts.ts';
import {digestOf, type Json} from '../../appliance/digest.ts';
import type {Event, EventOf} from '../../appliance/wire.ts';
import type {StageName} from '../../pipeline/catalog.ts';
import {expectationsFor} from '../../pipeline/expected.ts';
import {ProgressMeter} from '../../pipeline/progress.ts';
import type {Place} from '../../pipeline/stage.ts';
import {costsOf, Tally} from '../../pipeline/tally.ts';
import {type Machine, type Played, play, probeWith, usualMachine} from './machine.ts';

const job = {of: 'job'} as const;

/** How far off, as a share of the whole time, what was told at this share of the way was; null where nothing was. */
function offAt(share: number, {told, seconds}: Played): number | null {
  const heard = told.findLast(({at, secondsLeft}) => at <= share * seconds && secondsLeft !== null);
  return heard === undefined ? null : (heard.at + (heard.secondsLeft ?? 0) - seconds) / seconds;
}

const long = Array.from({length: 30}, (_, scene) => 12 + ((scene * 7) % 11));

interface Case extends Partial<Machine> {
  readonly name: string;
  /** Per cent at 30, 50 and 80 % of the way; the aim where none are given. */
  readonly within?: readonly [number, number, number];
}

const aim = [25, 15, 15] as const;

const cases: readonly Case[] = [
  {name: 'the machine of the benchmarks', within: [5, 5, 5]},
  {name: 'a machine four times slower', slower: 4},
  {name: 'a machine twice as fast', slower: 0.5},
  {name: 'four processors, more than the scenes can keep busy', processors: 4},
  {name: 'one processor', processors: 1},
  {name: 'a picture to encode', picture: 'encoded', within: [5, 5, 5]},
  {name: 'a picture to encode on a slow machine', picture: 'encoded', slower: 4},
  {name: 'a picture three times as hard as it looks', picture: 'encoded', wrong: {picture: 3}},
  {name: 'a picture three times as easy', picture: 'encoded', wrong: {picture: 1 / 3}, within: [25, 20, 15]},
  {name: 'a picture that hardly gets a turn', picture: 'encoded', spared: 0.1, within: [25, 35, 15]},
  {name: 'recognition that takes thrice as long', wrong: {transcribe: 3}, within: [30, 15, 15]},
  {name: 'recognition in a third of the time', wrong: {transcribe: 1 / 3}},
  {name: 'encoding that takes thrice as long', wrong: {encode: 3}, within: [25, 22, 15]},
  {
    name: 'everything unlike what is usual',
    wrong: {transcribe: 3, encode: 1 / 3, detect: 1 / 3, mix: 3},
    within: [35, 15, 15],
  },
  {name: 'a long film', scenes: long},
  {name: 'a long film with its words given', scenes: long, words: 'given'},
  {name: 'a long film with a picture to encode', scenes: long, picture: 'encoded'},
  {name: 'a long film whose recognition takes thrice as long', scenes: long, wrong: {transcribe: 3}},
  {name: 'a long film of which two thirds are found done', scenes: long, kept: 20},
  {name: 'a film with one scene left to do', kept: 3},
];

const played = cases.map(({name, within = aim, ...machine}) => ({
  ...{name, within},
  ...play({...usualMachine, ...machine}),
}));

t.test('what is told at 30, 50 and 80 % of the way is near the truth', async t => {
  for (const {name, within, ...run} of played) {
    const off = [0.3, 0.5, 0.8].map(share => Math.round(100 * (offAt(share, run) ?? Number.NaN)));
    t.ok(
      off.every((percent, i) => Math.abs(percent) <= (within[i] ?? 0)),
      `${name}: ${off.join(', ')} %`,
    );
  }
});

t.test('what was done is never taken back, and all is done in the end', async t => {
  for (const {name, told} of played) {
    const back = told.findIndex(({done}, i) => done < (told[i - 1]?.done ?? 0));
    t.equal(back, -1, name);
    t.ok(
      told.every(({done}) => done >= 0 && done <= 1),
      name,
    );
    t.ok((told.at(-1)?.done ?? 0) > 0.999, name);
    t.ok((told.at(-1)?.secondsLeft ?? 99) < 5, name);
  }
});

const film = 150;
const stages: readonly StageName[] = [
  'demux',
  'detect',
  'transcribe',
  'synthesize',
  'mix',
  'picture',
  'master',
];

function meterAt(start: number, names = stages, picture: Machine['picture'] = 'copied') {
  let now = start;
  const meter = new ProgressMeter(() => now);
  meter.plan(expectationsFor(names, probeWith(picture, film), 'balanced'), {seconds: film, processors: 2});
  return {
    meter,
    wait: (seconds: number) => {
      now += seconds;
    },
    make(node: string, stage: StageName, place: Place, seconds: number): void {
      meter.started(node, stage, place);
      now += seconds;
      meter.made(node, stage, place, seconds);
    },
  };
}

t.test('nothing is promised before there is something to judge by', async t => {
  const {meter, wait, make} = meterAt(1000);
  t.strictSame(meter.progress, {done: 0, secondsLeft: null});
  wait(60);
  t.equal(meter.progress.secondsLeft, null, 'time alone says nothing');
  meter.started('detect', 'detect', job);
  wait(60);
  t.equal(meter.progress.secondsLeft, null, 'nor does a node that says nothing');
  make('demux', 'demux', job, 1);
  t.ok((meter.progress.secondsLeft ?? 0) > 0);
  const quick = meterAt(0);
  quick.make('demux', 'demux', job, 1.1);
  t.equal(quick.meter.progress.secondsLeft, null, 'nor do the first two seconds');
  const empty = new ProgressMeter(() => 0);
  t.strictSame(empty.progress, {done: 0, secondsLeft: null}, 'nor no plan at all');
});

t.test('work that was found done is done, and says nothing of the speed', async t => {
  const {meter, wait} = meterAt(0);
  meter.cut([50, 50, 50]);
  for (const scene of [0, 1]) meter.found(`transcribe@${scene}`, 'transcribe', {of: 'scene', scene});
  wait(10);
  const {done, secondsLeft} = meter.progress;
  t.ok(done > 0.4 && done < 0.7, `${done}`);
  t.equal(secondsLeft, null, 'finding is no working');
});

t.test('what was found and has to be made again counts once, and is not taken back meanwhile', async t => {
  const {meter, wait, make} = meterAt(0);
  meter.cut([50, 50, 50]);
  const place = {of: 'scene', scene: 1} as const;
  meter.found('transcribe@1', 'transcribe', place);
  const {done} = meter.progress;
  meter.started('transcribe@1', 'transcribe', place);
  wait(3);
  t.equal(meter.progress.done, done);
  for (let time = 0; time < 2; time++) {
    make('transcribe@1', 'transcribe', place, 10);
    t.equal(meter.progress.done, done);
  }
  const {secondsLeft} = meter.progress;
  meter.made('transcribe@1', 'transcribe', place, 10);
  t.equal(meter.progress.secondsLeft, secondsLeft, 'nor does its time count twice');
});

t.test('a share out of bounds is one at the bound, and of a node that does not run it is none', async t => {
  for (const [share, done] of [
    [-3, 0],
    [0.5, 0.5],
    [7, 1],
  ] as const) {
    const {meter} = meterAt(0, ['picture'], 'encoded');
    meter.worked('picture', share);
    t.equal(meter.progress.done, 0);
    meter.started('picture', 'picture', job);
    meter.worked('picture', share);
    t.equal(meter.progress.done, done);
  }
});

t.test(
  'a picture is expected to cost by what is decoded and what is encoded, one that fits next to nothing',
  async t => {
    const rate = (change: object, preset: 'fast' | 'balanced' | 'best' = 'balanced', audio: object = {}) => {
      const probe = probeWith('encoded', film);
      const changed = {
        ...probe,
        video: {...probe.video, ...change},
        audio: probe.audio.map(track => ({...track, ...audio})),
      };
      return expectationsFor(['picture', 'cast'], changed, preset).get('picture')?.perSecond ?? 0;
    };
    const usual = rate({});
    t.ok(usual > 0.2 && usual < 0.6, `${usual}`);
    t.ok(rate({codec: 'h264'}) < 0.001);
    t.ok(
      rate({codec: 'h264'}, 'balanced', {codec: 'ac3'}) > 0.01,
      'its sound may need encoding all the same',
    );
    t.ok(rate({width: 640, height: 360}) < usual / 2);
    t.ok(rate({framesPerSecond: 60}) < usual * 1.5, 'no more than 30 frames a second are encoded');
    const large = rate({width: 3840, height: 2160});
    t.ok(large > usual * 1.5 && large < usual * 9, 'only decoding grows with the film');
    t.ok(rate({}, 'fast') < usual && usual < rate({}, 'best'));
    t.notOk(expectationsFor(['cast'], probeWith('copied', film), 'balanced').has('cast'));
  },
);

function record(node: string, document?: Json, used: Partial<NodeRecord> = {}): NodeRecord {
  return {
    ...{node, fingerprint: digestOf(node), files: {}, document, seconds: 2, cpuSeconds: 3, peakBytes: 5},
    parts: {stage: 'mix', version: 1, params: digestOf(''), engines: [], inputs: {}},
    ...used,
  };
}

const spoken = {
  ...{start: 0, end: 1, speaker: 'S1', text: 'a', confidence: null, translation: 'b', edited: false},
};

function tally() {
  let now = 0;
  const told: Event[] = [];
  const one = new Tally({now: () => now, tell: event => told.push(event)});
  const pass = (seconds: number): void => {
    now += seconds;
  };
  return {tally: one, told, pass};
}

const minute = {seconds: 60, processors: 2};

const speech: Json = {
  ...{duration: 60, speechLufs: -20, regions: []},
  scenes: [
    {start: 0, end: 40},
    {start: 40, end: 60},
  ],
};

t.test('what happens is told, progress no more than five times a second', async t => {
  const {tally: seen, told, pass} = tally();
  seen.plan(expectationsFor(['detect', 'transcribe', 'mix'], probeWith('copied', 60), 'balanced'), minute);
  seen.started('detect', 'detect', {of: 'job'});
  seen.finished(record('detect', speech), 'detect', {of: 'job'}, 'ran', 'new');
  for (const scene of [0, 1]) {
    const place = {of: 'scene', scene} as const;
    seen.started(`transcribe@${scene}`, 'transcribe', place);
    for (let share = 0; share < 1; share += 0.01) {
      pass(0.01);
      seen.progress(`transcribe@${scene}`, share);
    }
    seen.finished(record(`transcribe@${scene}`), 'transcribe', place, 'ran', 'new');
    seen.finished(record(`mix@${scene}`), 'mix', place, 'reused', '');
  }
  pass(1);
  seen.progress('nobody', 0.5);
  const progress = told.filter((event): event is EventOf<'progress'> => event.is === 'progress');
  t.ok(progress.length >= 8 && progress.length <= 12, `${progress.length} in 2 s`);
  t.match(progress[0], {stage: 'finding speech', scenesDone: 0, scenes: 0, secondsLeft: null});
  t.match(progress.at(-1), {stage: 'recognising speech', scenes: 2, scenesDone: 1});
  t.strictSame(
    told.filter(({is}) => is === 'finished').map(event => event.is === 'finished' && [event.node, event.how]),
    [
      ['detect', 'ran'],
      ['transcribe@0', 'ran'],
      ['mix@0', 'reused'],
      ['transcribe@1', 'ran'],
      ['mix@1', 'reused'],
    ],
  );
  t.match(
    told.find(({is}) => is === 'finished'),
    {why: 'new', seconds: 2, cpuSeconds: 3, peakBytes: 5},
  );
});

t.test('a scene without a line has no lines to wait for', async t => {
  const {tally: seen, told, pass} = tally();
  const lines = expectationsFor(
    ['detect', 'revise', 'synthesize', 'conform'],
    probeWith('copied', 60),
    'fast',
  );
  seen.plan(lines, minute);
  seen.finished(record('detect', speech), 'detect', {of: 'job'}, 'ran', 'new');
  seen.finished(record('revise@0', {lines: [spoken]}), 'revise', {of: 'scene', scene: 0}, 'ran', 'new');
  seen.finished(record('revise@1', {lines: []}), 'revise', {of: 'scene', scene: 1}, 'ran', 'new');
  for (const stage of ['synthesize', 'conform'] as const) {
    pass(1);
    const place = {of: 'line', scene: 0, line: 0} as const;
    seen.finished(record(`${stage}@0.0`), stage, place, 'ran', 'new');
  }
  const last = told.findLast((event): event is EventOf<'progress'> => event.is === 'progress');
  t.ok((last?.done ?? 0) > 0.999, `${last?.done}`);
});

t.test('costs are summed up by stage, in the order of the graph', async t => {
  const {tally: seen} = tally();
  seen.finished(record('mix@0'), 'mix', {of: 'scene', scene: 0}, 'ran', 'new');
  seen.finished(record('demux'), 'demux', {of: 'job'}, 'reused', '');
  seen.finished(
    record('mix@1', undefined, {peakBytes: 9}),
    'mix',
    {of: 'scene', scene: 1},
    'degraded',
    'why',
  );
  seen.finished(record('mix@0'), 'mix', {of: 'scene', scene: 0}, 'ran', 'again');
  t.strictSame(costsOf(seen.nodes), [
    {stage: 'demux', nodes: 1, reused: 1, seconds: 2, cpuSeconds: 3, peakBytes: 5},
    {stage: 'mix', nodes: 2, reused: 0, seconds: 4, cpuSeconds: 6, peakBytes: 9},
  ]);
  t.strictSame(costsOf([]), []);
});
