/** Pieces of a film with voices laid over it: exact to the sample, wherever a clip begins and however long the piece. */
import {join} from 'node:path';
import t from 'tap';
import type {Clip, FitPlan, Line, Probe, SpeechMap} from '../../../pipeline/documents.ts';
import {mixStage} from '../../../pipeline/stages/mix.ts';
import {writeWav} from '../../../pipeline/wav.ts';
import {ffmpeg, runStage, samplesOf, sandbox} from '../film.ts';

const rate = 48_000;
const headroom = 10 ** (-6 / 20);

const probe: Probe = {
  ...{container: 'matroska', duration: 60, bytes: 1, title: '', spoken: 1, text: [], chapters: 0},
  ...{attachments: 0, streams: 2},
  video: {
    ...{index: 0, codec: 'h264', profile: 'High', level: 31, pixelFormat: 'yuv420p', width: 64, height: 36},
    ...{framesPerSecond: 24, bitRate: null},
  },
  audio: [
    {
      ...{index: 1, codec: 'flac', channels: 1, layout: 'mono', sampleRate: rate, language: null, title: ''},
      isDefault: true,
    },
  ],
};

const line = (start: number, end: number): Line => ({
  ...{start, end, text: 'x', translation: 'y', edited: false, speaker: 'A', confidence: 1, words: []},
});

const placed = (start: number, seconds: number): FitPlan['placements'][number] => ({
  ...{start, end: start + seconds, slot: seconds, rate: 1, stretch: 1, residue: 0},
});

/** One voice a line: a square click of full scale at its first and last sample, a quiet tone between. */
function voice(seconds: number): Float32Array {
  const samples = Float32Array.from(
    {length: Math.round(seconds * rate)},
    (_, i) => 0.1 * Math.sin((2 * Math.PI * 200 * i) / rate),
  );
  samples[0] = 0.9;
  samples[samples.length - 1] = -0.9;
  return samples;
}

t.test('every clip stands at its sample, whole, and the piece is as long as it should be', async t => {
  const dir = await sandbox(t);
  const programme = join(dir, 'silence.flac');
  await ffmpeg('-f', 'lavfi', '-i', `anullsrc=r=${rate}:cl=mono`, '-t', '60', programme);
  const cases = [
    {name: 'short', from: 3.333, to: 4.001, clips: [{start: 3.4, seconds: 0.5}]},
    {
      // Windows are 10 s: one clip lies across an edge, one begins on it, one is cut by the end of the piece.
      ...{name: 'long, with clips on the edges of windows', from: 1.0007, to: 25.5013},
      clips: [
        {start: 10.2, seconds: 2.1},
        {start: 21.0007, seconds: 0.7},
        {start: 25.3, seconds: 1},
      ],
    },
    {name: 'without a voice', from: 12, to: 13.00002, clips: []},
  ];
  for (const {name, from, to, clips} of cases) {
    const paths = clips.map((_, i) => join(dir, `${name.slice(0, 5)}-${i}.wav`));
    for (const [i, {seconds}] of clips.entries()) await writeWav(paths[i] ?? '', voice(seconds), rate, 1);
    const spoken = clips.map(({seconds}): Clip => ({rung: 'voice', seconds, loudnessLufs: -20}));
    const detect: SpeechMap = {duration: 60, regions: [], scenes: [], speechLufs: -20};
    const made = await runStage(mixStage, dir, {
      docs: {
        ...{probe, detect, revise: {lines: clips.map(({start, seconds}) => line(start, start + seconds))}},
        fit: {from, to, placements: clips.map(({start, seconds}) => placed(start, seconds))},
      },
      scenes: {conform: spoken},
      files: {'demux/programme.flac': programme, 'conform/clip.wav': paths},
    });
    const heard = await samplesOf(join(made.dir, 'mix.flac'));
    t.equal(heard.length, Math.round((to - from) * rate), `${name}: its length`);
    const expected = new Float32Array(heard.length);
    for (const {start, seconds} of clips) {
      const at = Math.round((start - from) * rate);
      voice(seconds).forEach((sample, i) => {
        if (at + i < expected.length) expected[at + i] = (expected[at + i] ?? 0) + sample * headroom;
      });
    }
    const worst = heard.reduce((most, sample, i) => Math.max(most, Math.abs(sample - (expected[i] ?? 0))), 0);
    t.ok(worst < 0.001, `${name}: off by ${worst} at most`);
  }
});

t.test('the film steps back while a voice speaks, and comes up again', async t => {
  const dir = await sandbox(t);
  const programme = join(dir, 'tone.flac');
  await ffmpeg('-f', 'lavfi', '-i', `sine=500:r=${rate}:d=60`, '-af', 'volume=4', programme);
  const clip = join(dir, 'quiet.wav');
  await writeWav(clip, new Float32Array(3 * rate).fill(0.0001).fill(0.01, 100, 200), rate, 1);
  const made = await runStage(mixStage, dir, {
    docs: {
      ...{probe, detect: {duration: 60, regions: [], scenes: [], speechLufs: -40}},
      ...{revise: {lines: [line(14, 17)]}, fit: {from: 10, to: 22, placements: [placed(14, 3)]}},
    },
    scenes: {conform: [{rung: 'voice', seconds: 3, loudnessLufs: -40}]},
    files: {'demux/programme.flac': programme, 'conform/clip.wav': [clip]},
  });
  const heard = await samplesOf(join(made.dir, 'mix.flac'));
  const levelDb = (second: number) => {
    const part = heard.slice(second * rate, (second + 0.5) * rate);
    return 10 * Math.log10(part.reduce((sum, sample) => sum + sample * sample, 0) / part.length);
  };
  const [before, under, after] = [1, 5.5, 10].map(levelDb);
  t.ok(Math.abs((before ?? 0) - (after ?? 0)) < 0.2, `${before} and ${after} dB around it`);
  t.ok(Math.abs((before ?? 0) - (under ?? 0) - 15) < 0.5, `${under} dB under it`);
  t.match(await made.doc('mix'), {momentaryLufs: Array, bedMomentaryLufs: Array, truePeakDbtp: Number});
});
