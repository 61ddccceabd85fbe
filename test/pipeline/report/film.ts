/** Owns films made up for tests of the report: facts of any size, all figures known. Never runs a tool. */
import type {HeardLine, ReportFacts, SpokenLine} from '../../../pipeline/report/facts.ts';

export interface LineSketch {
  readonly start: number;
  readonly seconds?: number;
  readonly lag?: number;
  readonly spoken?: number;
  readonly residue?: number;
  readonly rate?: number;
  readonly stretch?: number;
  readonly rung?: SpokenLine['clip']['rung'];
  readonly why?: string;
  readonly speaker?: string;
  readonly text?: string;
  readonly translation?: string;
  readonly confidence?: number | null;
  readonly keepOriginal?: string;
  readonly edited?: boolean;
}

/** One line: by default two seconds of source, spoken at once, at its natural pace, for as long. */
export function spoken(sketch: LineSketch): SpokenLine {
  const {start, seconds = 2, lag = 0, rung = 'voice', why, keepOriginal} = sketch;
  const from = start + lag;
  const length = sketch.spoken ?? seconds;
  return {
    line: {
      start,
      end: start + seconds,
      speaker: sketch.speaker ?? 'S1',
      text: sketch.text ?? 'We should go before the rain comes.',
      confidence: sketch.confidence ?? null,
      translation: sketch.translation ?? 'Deberíamos irnos antes de que llegue la lluvia.',
      edited: sketch.edited ?? false,
      ...(keepOriginal === undefined ? {} : {keepOriginal}),
    },
    placement: {
      start: from,
      end: from + length,
      slot: length + 0.5,
      rate: sketch.rate ?? 1,
      stretch: sketch.stretch ?? 1,
      residue: sketch.residue ?? 0,
    },
    clip: {rung, seconds: length, loudnessLufs: -21, ...(why === undefined ? {} : {why})},
  };
}

/** A film in which nothing was left unmeasured and nothing is wrong. */
export function film(sketches: readonly LineSketch[], more: Partial<ReportFacts> = {}): ReportFacts {
  const lines = sketches.map(spoken);
  const last = lines.at(-1)?.line.end ?? 0;
  const heard = lines.map((): HeardLine => ({errors: 0, words: 8}));
  return {
    title: 'A walk in the hills',
    from: 'en',
    to: 'es',
    date: '2026-11-21T20:15:00Z',
    duration: last + 2,
    speech: lines.map(({line}) => ({start: line.start, end: line.end})),
    lines,
    voices: [{speaker: 'S1', engine: 'espeak-ng', voice: 'es+m3', pitch: 45}],
    speakers: [
      {
        ...{id: 'S1', gender: 'male', pitchHz: 115, seconds: last},
        ...{name: null, chosen: null, voice: 'espeak-ng:m3'},
      },
    ],
    subtitles: {
      cues: lines.map(({line}) => ({start: line.start, end: line.start + 4, text: line.translation})),
      violations: [],
      fastest: 20,
    },
    loudness: {
      targetLufs: -16,
      integratedLufs: -16.1,
      rangeLu: 7.2,
      truePeakDbtp: -1.6,
      momentaryLufs: Array.from({length: Math.ceil((last + 2) * 10)}, (_, i) => -19 + 5 * Math.sin(i / 7)),
    },
    levels: {is: 'measured', value: {dialogueLufs: -16, bedLufs: -29}},
    heard: {is: 'measured', value: heard},
    wallSeconds: (last + 2) * 0.4,
    stages: [
      {
        stage: 'transcribe',
        nodes: 3,
        reused: 0,
        seconds: 6,
        cpuSeconds: 6,
        peakBytes: 250e6,
        engine: 'pocketsphinx 5',
      },
      {
        stage: 'separate',
        nodes: 0,
        reused: 0,
        seconds: 0,
        cpuSeconds: 0,
        peakBytes: 0,
        skipped: 'no separator is ready',
      },
    ],
    engines: [{kind: 'voice', settled: 'espeak-ng 1.51', wished: []}],
    notes: [],
    degraded: [],
    ...more,
  };
}

/** `count` lines, one each `every` seconds. */
export const evenly = (
  count: number,
  every: number,
  each: (i: number) => Partial<LineSketch> = () => ({}),
): LineSketch[] => Array.from({length: count}, (_, i) => ({start: 1 + i * every, ...each(i)}));

const dialogue: readonly (readonly [string, string])[] = [
  ['Good morning, is anyone at home?', 'Buenos días, ¿hay alguien en casa?'],
  ['Come in, the door is open.', 'Entra, la puerta está abierta.'],
  [
    'I brought the bread you asked for, and a little cheese.',
    'He traído el pan que pediste, y un poco de queso.',
  ],
  ['That is very kind of you.', 'Es muy amable por tu parte.'],
  ['The road was closed by the old mill.', 'El camino estaba cerrado junto al molino viejo.'],
  [
    'Again? They said it would be finished in spring.',
    '¿Otra vez? Dijeron que estaría terminado en primavera.',
  ],
  ['They say many things.', 'Dicen muchas cosas.'],
  [
    'Sit down. You must be tired after so long a walk.',
    'Siéntate. Debes de estar cansado después de un paseo tan largo.',
  ],
  ['Only a little.', 'Sólo un poco.'],
  ['La la la, the river runs to the sea…', 'La la la, el río corre hacia el mar…'],
];

/** Twenty lines of two speakers in a minute and a half, with the faults a real dub has. */
export function village(): ReportFacts {
  const faults: Readonly<Record<number, Partial<LineSketch>>> = {
    3: {rate: 1.15, stretch: 1.12, lag: 0.12, spoken: 3.1},
    5: {rate: 1.2, stretch: 1.2, residue: 0.42, spoken: 3.6},
    8: {rate: 1.2, stretch: 1.15, lag: 0.3, spoken: 3.3},
    10: {rung: 'original', keepOriginal: 'a song'},
    13: {lag: 1.24, rate: 1.1, spoken: 2.6},
    15: {rung: 'simpler-voice', why: 'the chosen voice has no sound for one of its words'},
    18: {confidence: 0.31, edited: false},
  };
  const sketches = evenly(20, 4.4, i => {
    const [text, translation] = dialogue[i % dialogue.length] ?? ['', ''];
    const base = {
      seconds: 2.4,
      lag: 0.03 * (i % 4),
      rate: 1 + 0.02 * (i % 5),
      spoken: 2.2 + 0.1 * (i % 5),
      confidence: 0.8,
    };
    return {...base, text, translation, speaker: i % 2 === 0 ? 'S1' : 'S2', ...faults[i + 1]};
  });
  const mib = 1 << 20;
  return film(sketches, {
    title: 'A House by the Old Mill',
    heard: {is: 'unmeasured', why: 'no recogniser for Spanish is installed'},
    subtitles: {
      cues: sketches.map(s => ({start: s.start, end: s.start + 2.6, text: s.translation ?? ''})),
      violations: [{index: 7, rule: 'characters a second', value: 23.8, limit: 20}],
      fastest: 20,
    },
    stages: [
      {stage: 'probe', nodes: 1, reused: 0, seconds: 0.12, cpuSeconds: 0.08, peakBytes: 52 * mib},
      {
        stage: 'detect',
        nodes: 1,
        reused: 0,
        seconds: 0.62,
        cpuSeconds: 0.58,
        peakBytes: 141 * mib,
        engine: 'Silero VAD 5',
      },
      {
        stage: 'separate',
        nodes: 0,
        reused: 0,
        seconds: 0,
        cpuSeconds: 0,
        peakBytes: 0,
        skipped: 'no separator is ready here: the original is ducked',
      },
      {
        stage: 'transcribe',
        nodes: 3,
        reused: 0,
        seconds: 24.2,
        cpuSeconds: 23.9,
        peakBytes: 214 * mib,
        engine: 'pocketsphinx 5',
      },
      {
        stage: 'translate',
        nodes: 3,
        reused: 0,
        seconds: 0.7,
        cpuSeconds: 0.6,
        peakBytes: 84 * mib,
        engine: 'apertium-eng-spa 0.8',
      },
      {
        stage: 'synthesize',
        nodes: 19,
        reused: 0,
        seconds: 0.9,
        cpuSeconds: 0.8,
        peakBytes: 33 * mib,
        engine: 'espeak-ng 1.51',
      },
      {
        stage: 'mix',
        nodes: 3,
        reused: 0,
        seconds: 3.4,
        cpuSeconds: 3.9,
        peakBytes: 96 * mib,
        engine: 'ffmpeg 5.1',
      },
      {
        stage: 'master',
        nodes: 1,
        reused: 0,
        seconds: 13.1,
        cpuSeconds: 24.6,
        peakBytes: 412 * mib,
        engine: 'ffmpeg 5.1',
      },
    ],
    engines: [
      {kind: 'speech detector', settled: 'Silero VAD 5', wished: []},
      {
        kind: 'recogniser',
        settled: 'pocketsphinx 5',
        wished: [{name: 'whisper large-v3', why: 'its model is not installed'}],
      },
      {kind: 'translator', settled: 'apertium-eng-spa 0.8', wished: []},
      {
        kind: 'voice',
        settled: 'espeak-ng 1.51',
        wished: [{name: 'piper', why: 'no Spanish model is installed'}],
      },
    ],
    notes: ['The dub is track 2 of the MKV; every original track is kept.'],
  });
}
