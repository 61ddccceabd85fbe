/** Which sound follows which, with runs that are told what they find and when. */
import t from 'tap';
import type {NodeRecord} from '../../../appliance/artifacts.ts';
import {digestOf} from '../../../appliance/digest.ts';
import {Failed} from '../../../appliance/failure.ts';
import type {Region} from '../../../pipeline/documents.ts';
import {type Sound, type StretchParts, stretches} from '../../../pipeline/preview/stretches.ts';
import type {Window} from '../../../pipeline/preview/windows.ts';

type Run = StretchParts['main'];

const hz = 48_000;

function record(node: string, document: unknown): NodeRecord {
  const digest = digestOf(node);
  const parts = {stage: 'x', version: 1, params: digest, engines: [], inputs: {}};
  return {
    ...{node, fingerprint: digest, parts, files: {}},
    ...{document: document as NodeRecord['document'], seconds: 0, cpuSeconds: 0, peakBytes: 0},
  };
}

/** A run that cuts the film there; a line in each scene. */
function runOf(name: string, scenes: Promise<readonly Region[]>): Run {
  return {
    scenes: () => scenes,
    build: async stage => [record(`${name} ${stage}`, {})],
    scene: async (stage, scene) => {
      const {start: from, end: to} = (await scenes)[scene] ?? {start: 0, end: 0};
      const placement = {start: from, end: to, slot: to - from, rate: 1, stretch: 1, residue: 0};
      const document =
        stage === 'fit'
          ? {from, to, placements: [placement]}
          : {momentaryLufs: [-20], truePeakDbtp: -3, bedMomentaryLufs: []};
      return record(`${name} ${stage}@${scene}`, document);
    },
  };
}

const cuts = (...ends: number[]): Region[] =>
  ends.map((end, i) => ({start: i === 0 ? 0 : (ends[i - 1] ?? 0), end}));

interface Played {
  readonly duration: number;
  /** What each window finds; the whole film is cut after so many windows. */
  readonly windows: (window: Window) => readonly Region[] | 'silent';
  readonly main: readonly Region[];
  readonly cutAfter: number;
}

async function play({duration, windows, main, cutAfter}: Played) {
  const whole = Promise.withResolvers<readonly Region[]>();
  const opened: Window[] = [];
  if (cutAfter === 0) whole.resolve(main);
  const sounds: Sound[] = [];
  const parts: StretchParts = {
    main: runOf('main', whole.promise),
    open: window => {
      opened.push(window);
      const found = windows(window);
      if (opened.length >= cutAfter) whole.resolve(main);
      const scenes =
        found === 'silent'
          ? Promise.reject(new Failed({reason: 'no-speech', path: 'x'}))
          : Promise.resolve(found);
      scenes.catch(() => {});
      return runOf(`window ${opened.length}`, scenes);
    },
    path: ({node}, file) => `${node}/${file}`,
    duration,
    patience: Promise.resolve(),
  };
  for await (const sound of stretches(parts)) sounds.push(sound);
  return {opened, sounds: sounds.map(({path, from, to}) => [path, from / hz, to / hz] as const), all: sounds};
}

/** Every sample of the film once. */
function lengthOf({all}: {readonly all: readonly Sound[]}): number {
  return all.reduce((sum, {from, to}) => sum + to - from, 0) / hz;
}

t.test('a film that is cut at once needs no window', async t => {
  const played = await play({duration: 40, windows: () => [], main: cuts(15, 40), cutAfter: 0});
  t.same(played.opened, []);
  t.same(played.sounds, [
    ['main mix@0/mix.flac', 0, 15],
    ['main mix@1/mix.flac', 0, 25],
  ]);
});

t.test(
  'windows come first, each where the one before was cut, and the film takes over in the middle of a scene',
  async t => {
    const played = await play({
      duration: 300,
      windows: ({start, end}) => (start === 0 ? cuts(14, 41.5, end) : [...cuts(41.5, 70), {start: 70, end}]),
      main: cuts(14, 41, 80, 300),
      cutAfter: 2,
    });
    t.same(played.opened, [
      {start: 0, end: 60},
      {start: 41.5, end: 101.5},
    ]);
    t.same(played.sounds, [
      ['window 1 mix@0/mix.flac', 0, 14],
      ['window 1 mix@1/mix.flac', 0, 27.5],
      ['window 2 mix@1/mix.flac', 0, 28.5],
      ['main mix@2/mix.flac', 29, 39],
      ['main mix@3/mix.flac', 0, 220],
    ]);
    t.equal(lengthOf(played), 300);
  },
);

t.test('music without a word is played as it is, and a window without a cut is widened', async t => {
  const played = await play({
    duration: 400,
    windows: ({start, end}) => (start === 0 ? 'silent' : end < 170 ? [{start: 0, end}] : [...cuts(150, end)]),
    main: cuts(150, 400),
    cutAfter: 3,
  });
  t.same(
    played.opened.map(({start, end}) => [start, end]),
    [
      [0, 60],
      [59, 119],
      [59, 179],
    ],
  );
  t.same(played.sounds.slice(0, 2), [
    ['window 1 demux/programme.flac', 0, 59],
    ['window 3 mix@0/mix.flac', 59, 150],
  ]);
  t.equal(lengthOf(played), 400);
  t.match(played.all[0], {loudness: null, gainDb: -6}, 'as far down as mixes are');
  t.equal(played.all[1]?.gainDb, 0);
});

t.test('what fails in a window, or in the whole film, is told', async t => {
  const failing = (cause: Error): Run => ({
    ...runOf('x', Promise.reject(cause)),
    scene: async () => Promise.reject(cause),
  });
  const parts = {path: () => '', duration: 100, patience: Promise.resolve()};
  const never = runOf('main', new Promise(() => {}));
  const inWindow = stretches({...parts, main: never, open: () => failing(new Error('in a window'))});
  await t.rejects(inWindow.next(), /in a window/);
  const whole = stretches({...parts, main: failing(new Error('the film')), open: () => never});
  await t.rejects(whole.next(), /the film/);
});
