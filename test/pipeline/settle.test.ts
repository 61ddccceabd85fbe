/** Which engine does what, what is skipped and why, and the words for what is missing; then the graph that follows. */
import t from 'tap';
import {noBrief} from '../../appliance/brief.ts';
import {digestOf} from '../../appliance/digest.ts';
import {describe} from '../../appliance/failure.ts';
import type {LanguageTag} from '../../appliance/languages.ts';
import type {Order} from '../../appliance/order.ts';
import {type StageName, stageNames} from '../../pipeline/catalog.ts';
import type {
  Diarizer,
  Pair,
  Readiness,
  Recogniser,
  SpeechDetector,
  Translator,
  VoiceEngine,
} from '../../pipeline/engines/kinds.ts';
import {stagesOf} from '../../pipeline/plan.ts';
import {type Bench, type Candidate, type Settled, settle, type Wish} from '../../pipeline/settle.ts';

const ready: Readiness = {ready: true, version: '1.2'};
const missing: Readiness = {ready: false, why: 'it is not installed'};
const nothing = async (): Promise<never> => {
  throw new Error('engines are only chosen here');
};
const base = (name: string) => ({name, about: '', ready: nothing});

const detector = (name: string, state: Readiness = ready): Candidate<SpeechDetector> => ({
  engine: {...base(name), kind: 'speech detector', detect: nothing},
  state,
});
const recogniser = (
  name: string,
  languages: LanguageTag[],
  state: Readiness = ready,
): Candidate<Recogniser> => ({
  engine: {...base(name), kind: 'recogniser', languages, punctuates: false, recognise: nothing},
  state,
});
const diarizer = (name: string, state: Readiness = ready): Candidate<Diarizer> => ({
  engine: {...base(name), kind: 'diarizer', diarize: nothing, measure: nothing},
  state,
});

function translator(
  name: string,
  pairs: readonly Pair[],
  state: Readiness = ready,
): Bench['translators'][number] {
  const engine: Translator = {
    ...{...base(name), kind: 'translator', shortens: false},
    ...{pairs: nothing, translate: nothing},
  };
  return {engine, state, pairs};
}

function voice(
  name: string,
  languages: readonly LanguageTag[],
  state: Readiness = ready,
): Bench['voices'][number] {
  const engine: VoiceEngine = {
    ...{...base(name), kind: 'voice', languages: nothing, rates: {slowest: 0.9, fastest: 1.3}},
    ...{cast: () => [], voices: async () => [], idOf: () => '', speak: nothing},
  };
  return {engine, state, languages};
}

const enEs = {from: 'en', to: 'es'} as const;
const esEn = {from: 'es', to: 'en'} as const;

const bench: Bench = {
  detectors: [detector('silero')],
  recognisers: [recogniser('sphinx', ['en'])],
  diarizers: [diarizer('clusters')],
  translators: [translator('apertium', [enEs, esEn])],
  voices: [voice('espeak', ['es', 'en', 'ja'])],
};

const given = (source?: string, target?: string): Wish['given'] => ({source, target});

function settled(wish: Partial<Wish>, here: Partial<Bench> = {}): Settled {
  const answer = settle({...enEs, given: given(), ...wish}, {...bench, ...here});
  if (!answer.ok) throw new Error(JSON.stringify(answer.why));
  return answer.value;
}

/** What people are told when it cannot be. */
function told(wish: Partial<Wish>, here: Partial<Bench> = {}): string {
  const answer = settle({...enEs, given: given(), ...wish}, {...bench, ...here});
  if (answer.ok) return 'all is well';
  const {what, fix, exit} = describe(answer.why);
  return `${what} ${fix} (${exit})`;
}

const skips = ({skipped}: Settled) => Object.fromEntries(skipped.map(({stage, why}) => [stage, why]));

t.test('with nothing given every engine has its work', async t => {
  const {skipped: _, ...chosen} = settled({});
  const stamps = Object.fromEntries(Object.entries(chosen).map(([kind, one]) => [kind, one?.stamp]));
  t.strictSame(stamps, {
    ...{detector: 'silero: 1.2', recogniser: 'sphinx: 1.2', diarizer: 'clusters: 1.2'},
    ...{translator: 'apertium: 1.2', voice: 'espeak: 1.2', listener: undefined},
  });
});

t.test('the first that is ready and fits is taken', async t => {
  const here = {
    detectors: [detector('broken', missing), detector('second'), detector('third')],
    recognisers: [recogniser('best', ['en'], missing), recogniser('es', ['es']), recogniser('en', ['en'])],
    diarizers: [diarizer('first'), diarizer('second')],
    translators: [translator('a', [esEn]), translator('b', [enEs], missing), translator('c', [enEs])],
    voices: [voice('a', ['en']), voice('b', ['es'], missing), voice('c', ['es'])],
  };
  const chosen = settled({}, here);
  t.equal(chosen.detector?.stamp, 'second: 1.2');
  t.equal(chosen.recogniser?.stamp, 'en: 1.2');
  t.equal(chosen.diarizer.stamp, 'first: 1.2');
  t.equal(chosen.translator?.stamp, 'c: 1.2');
  t.equal(chosen.voice.stamp, 'c: 1.2');
  t.equal(chosen.listener?.stamp, 'es: 1.2', 'who knows the target language hears the dub again');
});

t.test('given subtitles stand in for engines, and it is said', async t => {
  const table: readonly [what: Wish['given'], skipped: readonly StageName[], why: string | undefined][] = [
    [given(), ['separate', 'relisten'], undefined],
    [given('film.srt'), ['separate', 'transcribe', 'relisten'], 'given by film.srt'],
    [
      given(undefined, 'film.es.srt'),
      ['separate', 'transcribe', 'translate', 'relisten'],
      'given by film.es.srt',
    ],
    [
      given('film.srt', 'film.es.srt'),
      ['separate', 'transcribe', 'translate', 'relisten'],
      'given by film.es.srt',
    ],
  ];
  for (const [what, skipped, why] of table) {
    const chosen = settled({given: what});
    t.strictSame(Object.keys(skips(chosen)), skipped, JSON.stringify(what));
    t.equal(skips(chosen)['transcribe'], why);
    t.equal(chosen.recogniser === undefined, skipped.includes('transcribe'));
    t.equal(chosen.translator === undefined, skipped.includes('translate'));
  }
  t.equal(skips(settled({}))['relisten'], 'no recogniser here knows Spanish');
  t.match(skips(settled({}))['separate'], /ducked/);
  const heard = settled({}, {recognisers: [recogniser('all', ['en', 'es'])]});
  t.equal(skips(heard)['relisten'], undefined);
});

t.test('subtitles make do without what they stand in for', async t => {
  const none = {detectors: [], recognisers: [], translators: []};
  t.ok(settled({given: given(undefined, 'film.es.srt')}, none).detector === undefined);
  t.ok(settled({given: given('film.srt')}, {...none, translators: bench.translators}).translator);
  t.equal(told({...{from: 'ja', to: 'es'}, given: given(undefined, 'film.es.srt')}), 'all is well');
  t.equal(told({...esEn, given: given('film.srt')}), 'all is well', 'nobody here hears Spanish');
});

t.test('what is missing is told in words that help', async t => {
  const table: readonly [wish: Partial<Wish>, here: Partial<Bench>, words: RegExp][] = [
    [{from: 'es', to: 'es'}, {}, /in Spanish already.*--to.*\(3\)/],
    [{from: 'en', to: 'ja'}, {}, /from English to Japanese\. .*en-es, es-en\..*--subs FILE.*\(3\)/],
    [
      {from: 'en', to: 'ja'},
      {translators: [...bench.translators, translator('b', [enEs, {from: 'en', to: 'fr'}])]},
      /here: en-es, en-fr, es-en\./,
    ],
    [
      {},
      {translators: [translator('a', [], missing)]},
      /No engine .* translator: a \(it is not installed\).*\(4\)/,
    ],
    [esEn, {}, /No engine is ready as recogniser for Spanish: sphinx \(does not know Spanish\).*\(4\)/],
    [
      {},
      {recognisers: [recogniser('a', ['en'], missing)]},
      /recogniser for English.*a \(it is not installed\)/,
    ],
    [
      {},
      {detectors: [detector('vad', missing)]},
      /No engine is ready as speech detector: vad \(it is not installed\)/,
    ],
    [{}, {diarizers: [diarizer('d', missing)]}, /No engine is ready as diarizer: d \(it is not installed\)/],
    [
      {},
      {voices: [voice('v', ['en'])]},
      /No engine is ready as voice for Spanish: v \(has no voice for it\)/,
    ],
    [{}, {voices: [voice('v', [], missing)]}, /v \(it is not installed\)/],
    [
      {given: given('film.srt')},
      {voices: [voice('v', [], missing)]},
      /No engine is ready as voice for Spanish/,
    ],
  ];
  for (const [wish, here, words] of table) t.match(told(wish, here), words, String(words));
});

const order: Order = {
  ...{source: '/films/film.mp4', from: null, to: 'es', subtitles: null, preset: 'balanced', out: '/dub'},
  ...{hls: false, loudnessLufs: -16, keep: 'lines', processors: 2},
};

function graph(chosen: Settled, given: 'source' | 'target' | null) {
  const source = {path: '/films/film.mp4', digest: digestOf('film')};
  return stagesOf({order, source, title: 'film', pair: enEs, given, settled: chosen, brief: noBrief});
}

t.test('the graph has the stages that there is work for', async t => {
  const names = (chosen: Settled, given: 'source' | 'target' | null) =>
    graph(chosen, given).map(({name}) => name);
  const all = stageNames.filter(name => !['probe', 'cues', 'separate'].includes(name));
  const without = (...left: StageName[]) => all.filter(name => !left.includes(name)).toSorted();
  const heard = {recognisers: [recogniser('all', ['en', 'es'])]};
  t.strictSame(names(settled({}, heard), null).toSorted(), without());
  t.strictSame(names(settled({}), null).toSorted(), without('relisten'));
  const sourced = settled({given: given('film.srt')});
  t.strictSame(names(sourced, 'source').toSorted(), without('transcribe', 'relisten'));
  const translated = settled({given: given('film.srt', 'film.es.srt')});
  t.strictSame(names(translated, 'target').toSorted(), without('transcribe', 'relisten'));
});

t.test('whatever was settled for, each stage finds what it needs, and none waits for itself', async t => {
  const heard = {recognisers: [recogniser('all', ['en', 'es'])]};
  const cases = [
    [settled({}, heard), null],
    [settled({}), null],
    [settled({given: given('a.srt')}), 'source'],
    [settled({given: given('a.srt', 'a.es.srt')}), 'target'],
    [settled({given: given(undefined, 'a.es.srt')}, {detectors: []}), 'target'],
  ] as const;
  for (const [chosen, kind] of cases) {
    const stages = new Map(graph(chosen, kind).map(stage => [stage.name, stage]));
    const firstLook: readonly StageName[] = ['probe', 'cues'];
    const depth = (name: StageName, above: readonly StageName[]): number => {
      if (firstLook.includes(name)) return 0;
      const stage = stages.get(name);
      if (stage === undefined || above.includes(name)) throw new Error(`${[...above, name].join(' > ')}`);
      return (
        1 + Math.max(0, ...[...stage.needs, ...stage.looksAt].map(next => depth(next, [...above, name])))
      );
    };
    for (const name of stages.keys()) t.ok(depth(name, []) < 20, `${kind ?? 'heard'}: ${name}`);
  }
});

t.test('the engine of a stage is in its fingerprint', async t => {
  const stages = new Map(graph(settled({}), null).map(({name, engines}) => [name, engines]));
  t.strictSame(stages.get('transcribe'), ['sphinx: 1.2']);
  t.strictSame(stages.get('translate'), ['apertium: 1.2']);
  t.strictSame(stages.get('synthesize'), ['espeak: 1.2']);
  t.strictSame(stages.get('detect'), ['silero: 1.2']);
  const bare = graph(settled({given: given(undefined, 'a.es.srt')}, {detectors: []}), 'target');
  t.strictSame(bare.find(({name}) => name === 'detect')?.engines, []);
});
