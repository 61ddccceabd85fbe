/** Tells real and synthetic voices apart through the engine's own child process, and measures how often it is wrong. */
import {execFile} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {promisify} from 'node:util';
import t from 'tap';
import {Failed} from '../../../appliance/failure.ts';
import {type Region, type Speakers, Turn} from '../../../pipeline/documents.ts';
import {speakerClusters} from '../../../pipeline/engines/speakers/diarizer.ts';
import {type Claim, isPassing, samePerson, unlikeness} from '../../../pipeline/engines/speakers/likeness.ts';
import {Mixture} from '../../../pipeline/engines/speakers/mixture.ts';
import {decimate, pitchAt} from '../../../pipeline/engines/speakers/pitch.ts';
import {takeTurns} from '../../../pipeline/engines/speakers/turns.ts';
import {VoicedFrames} from '../../../pipeline/engines/speakers/voiced.ts';
import {Tools} from '../../../pipeline/tool.ts';
import {openWav, writeWav} from '../../../pipeline/wav.ts';

const exec = promisify(execFile);
const rate = 16_000;
const media = join(import.meta.dirname, '../../../media');
const readers = '/usr/share/pocketsphinx/test/data/librivox';
const sentences = [
  'The harbour was quiet when the ferry came in from the islands.',
  'I left the keys on the kitchen table this morning.',
  'Nobody told me that the meeting had been moved to Thursday.',
  'Are you sure this is the right road?',
  'We walked along the river until the lights of the town went out.',
  'My grandmother used to bake bread every Sunday before dawn.',
  'That is not what I said, and you know it.',
  'Please close the window, it is getting cold in here.',
  'The doctor will see you in about twenty minutes.',
  'They found an old letter behind the wooden panel.',
];

interface Conversation {
  readonly samples: Float32Array;
  /** Who really speaks when. */
  readonly truth: readonly Turn[];
  /** What a speech detector would hand over: lines with little between them are one region. */
  readonly regions: readonly Region[];
}

const scratch = t.testdir();

/** Every recording as 16 kHz mono, by one ffmpeg: starting it costs more than converting a line. */
async function loaded(paths: readonly string[]): Promise<Float32Array[]> {
  const made = paths.map((_, i) => join(scratch, `at16k-${i}.wav`));
  const argv = ['-nostdin', '-v', 'error', '-y', ...paths.flatMap(path => ['-i', `file:${path}`])];
  argv.push(
    ...made.flatMap((path, i) => ['-map', `${i}:a`, '-ac', '1', '-ar', String(rate), `file:${path}`]),
  );
  await exec('ffmpeg', argv);
  const recordings: Float32Array[] = [];
  for (const path of made) {
    await using wav = await openWav(path);
    recordings.push(await wav.read(0, wav.frames));
  }
  return recordings;
}

/** Speech alone, without the silence around it, as loud as all other lines. */
function levelled(samples: Float32Array): Float32Array {
  const first = samples.findIndex(sample => Math.abs(sample) > 0.005);
  const last = samples.findLastIndex(sample => Math.abs(sample) > 0.005);
  const speech = samples.slice(Math.max(0, first), last + 1);
  const rms = Math.sqrt(speech.reduce((sum, sample) => sum + sample * sample, 0) / speech.length);
  return speech.map(sample => (0.08 * sample) / rms);
}

const voices = ['en-us+m1', 'en-us+f2', 'en-gb', 'en-us+m3', 'en-us+f4', 'en-us+m7', 'en-us+f1'];
const said = new Map<string, Float32Array>();

function spoken(voice: string, text: string): Float32Array {
  const samples = said.get(`${voice}: ${text}`);
  if (samples === undefined) throw new Error(`${voice} never said: ${text}`);
  return samples;
}

/** Lets every voice say every sentence, one file a voice's sentence. */
async function record(): Promise<void> {
  const keys: string[] = [];
  const paths: string[] = [];
  await eachTwoAtATime(voices, async voice => {
    for (const sentence of sentences) {
      const path = join(scratch, `${voice}-${sentences.indexOf(sentence)}.wav`);
      const saying = exec('espeak-ng', ['-v', voice, '-w', path, '--stdin']);
      saying.child.stdin?.end(sentence);
      await saying;
      keys.push(`${voice}: ${sentence}`);
      paths.push(path);
    }
  });
  for (const [i, samples] of (await loaded(paths)).entries()) said.set(keys[i] ?? '', levelled(samples));
}

/** As many as the smallest machine has processors. */
async function eachTwoAtATime<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const worker = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all([worker(), worker()]);
}

/** Lines with pauses of 0.15, 0.5 and 0.3 s between them; a pause under 0.2 s does not end a region. */
function arrange(lines: readonly {readonly who: string; readonly samples: Float32Array}[]): Conversation {
  const pauses = [0.15, 0.5, 0.3];
  const truth: Turn[] = [];
  const regions: Region[] = [];
  let at = 0.5;
  for (const [i, {who, samples}] of lines.entries()) {
    const end = at + samples.length / rate;
    truth.push({start: at, end, speaker: who});
    const last = regions.at(-1);
    if (last !== undefined && at - last.end < 0.2) last.end = end;
    else regions.push({start: at, end});
    at = end + (pauses[i % pauses.length] ?? 0.3);
  }
  const samples = new Float32Array(Math.ceil(at * rate));
  for (const [i, line] of lines.entries())
    samples.set(line.samples, Math.round((truth[i]?.start ?? 0) * rate));
  return {samples, truth, regions};
}

/** Everyone speaks in turn, then again in another order, so that everyone follows everyone. */
function talk(voices: readonly string[], lines: number): Conversation {
  const order: {who: string; samples: Float32Array}[] = [];
  for (let i = 0; i < lines; i++) {
    const round = Math.floor(i / voices.length);
    const who = voices[(i + (round % 2) * Math.floor(i / 3)) % voices.length] ?? '';
    order.push({who, samples: spoken(who, sentences[(i + round) % sentences.length] ?? '')});
  }
  return arrange(order);
}

async function reader(): Promise<Conversation> {
  const files = readdirSync(readers)
    .filter(name => name.endsWith('.wav'))
    .sort();
  const recordings = await loaded(files.map(name => join(readers, name)));
  return arrange(recordings.map(samples => ({who: 'reader', samples: levelled(samples)})));
}

/** The sample film: a man and a woman, both human, over music. */
async function sample(): Promise<Conversation> {
  const rows: unknown[] = JSON.parse(readFileSync(join(media, 'sample.transcript.json'), 'utf8'));
  const truth = rows.map(row => Turn.parse(row));
  const [samples = new Float32Array()] = await loaded([join(media, 'sample.mp4')]);
  const regions = truth.map(({start, end}) => ({start: start - 0.1, end: end + 0.1}));
  return {samples, truth, regions};
}

/** Chords that change every two seconds, 15 dB under the speech. */
function withMusic(conversation: Conversation): Conversation {
  const chords = [
    [220, 277, 330],
    [196, 247, 294],
    [175, 220, 262],
    [165, 208, 247],
  ];
  const loudness = 0.08 * 10 ** (-15 / 20) * Math.sqrt(2 / 3);
  const samples = conversation.samples.map((sample, i) => {
    const chord = chords[Math.floor(i / rate / 2) % chords.length] ?? [];
    return chord.reduce((sum, hz) => sum + loudness * Math.sin((2 * Math.PI * hz * i) / rate), sample);
  });
  return {...conversation, samples};
}

/** White noise that is the same every time (Park and Miller's generator). */
function hiss(length: number): Float32Array {
  let state = 1;
  return Float32Array.from({length}, () => {
    state = (state * 48_271) % 2_147_483_647;
    return 0.1 * (state / 1_073_741_824 - 1);
  });
}

let asked = 0;
async function diarize(
  samples: Float32Array,
  regions: readonly Region[],
  {most = 6, at = rate}: {readonly most?: number; readonly at?: number} = {},
): Promise<Speakers> {
  const wav = join(scratch, `asked-${asked++}.wav`);
  await writeWav(wav, samples, at, 1);
  return answer(wav, regions, most);
}

function answer(wav: string, regions: readonly Region[], most = 6, signal = new AbortController().signal) {
  const tools = new Tools({stage: 'diarize', dir: scratch, signal, niceness: 0});
  return speakerClusters.diarize({wav, regions, most}, {tools, dir: scratch, signal});
}

/** Share of speech given to the wrong person, speakers being paired off as well as they can be; steps of 10 ms. */
function errorOf({turns, speakers}: Speakers, truth: readonly Turn[]): number {
  const people = [...new Set(truth.map(turn => turn.speaker))];
  const shared = people.map(() => speakers.map(() => 0));
  let steps = 0;
  for (const {start, end, speaker} of truth) {
    for (let time = start; time < end; time += 0.01, steps++) {
      const heard = turns.find(turn => turn.start <= time && time < turn.end)?.speaker;
      const row = shared[people.indexOf(speaker)] ?? [];
      const column = speakers.findIndex(({id}) => id === heard);
      if (column >= 0) row[column] = (row[column] ?? 0) + 1;
    }
  }
  const paired = (row: number, taken: readonly number[]): number => {
    if (row === people.length) return 0;
    const choices = speakers.map((_, column) =>
      taken.includes(column) ? 0 : (shared[row]?.[column] ?? 0) + paired(row + 1, [...taken, column]),
    );
    return Math.max(paired(row + 1, taken), ...choices);
  };
  return 1 - paired(0, []) / steps;
}

/** What holds for every answer: turns fill the regions without gap or overlap, and speakers are sorted and counted. */
function checkShape(t: Tap, {speakers, turns}: Speakers, regions: readonly Region[]): void {
  for (const {start, end} of regions) {
    const inside = turns.filter(turn => turn.start >= start && turn.end <= end);
    t.equal(inside[0]?.start, start);
    t.equal(inside.at(-1)?.end, end);
    for (const [i, turn] of inside.entries()) {
      if (i === 0) continue;
      t.equal(turn.start, inside[i - 1]?.end, 'no gap and no overlap');
      t.not(turn.speaker, inside[i - 1]?.speaker, 'neighbours differ');
    }
    t.ok(inside.length === 1 || inside.every(turn => turn.end - turn.start >= 0.6), 'no islands');
  }
  t.same(
    speakers.map(speaker => speaker.id),
    speakers.map((_, i) => `S${i + 1}`),
  );
  for (const [i, {id, seconds}] of speakers.entries()) {
    const own = turns
      .filter(turn => turn.speaker === id)
      .reduce((sum, turn) => sum + turn.end - turn.start, 0);
    t.ok(Math.abs(own - seconds) < 1e-6, `${id} speaks as long as its turns`);
    t.ok(i === 0 || seconds <= (speakers[i - 1]?.seconds ?? 0), `${id} speaks no more than the one before`);
  }
}

type Tap = Pick<typeof t, 'equal' | 'not' | 'ok' | 'same'>;

const man = 'en-us+m1';
const woman = 'en-us+f2';

t.before(record);

t.test('conversations of one to six speakers', async t => {
  const crowd = [man, woman, 'en-us+m3', 'en-us+f4', 'en-us+m7', 'en-us+f1'];
  const alone = await reader();
  const pair = talk([man, woman], 10);
  /** Bounds: as measured, with a margin; one person is one, and nobody is made two of. */
  const cases: readonly (readonly [
    string,
    Conversation,
    {readonly speakers: readonly number[]; readonly error: number},
  ])[] = [
    ['the sample film', await sample(), {speakers: [2], error: 0.02}],
    ['one human reader', alone, {speakers: [1], error: 0}],
    ['one human reader, with music', withMusic(alone), {speakers: [1], error: 0}],
    ['one synthetic woman', talk([woman], 8), {speakers: [1], error: 0}],
    ['a man and a woman', pair, {speakers: [2], error: 0.02}],
    ['a man and a woman, with music', withMusic(pair), {speakers: [2], error: 0.02}],
    ['two men', talk(['en-us+m3', 'en-gb'], 10), {speakers: [2], error: 0.05}],
    ['two women', talk([woman, 'en-us+f4'], 10), {speakers: [2], error: 0.05}],
    ['three', talk([man, woman, 'en-gb'], 12), {speakers: [3], error: 0.05}],
    ['four', talk([man, woman, 'en-gb', 'en-us+f4'], 16), {speakers: [3, 4], error: 0.15}],
    ['six', talk(crowd, 24), {speakers: [5, 6], error: 0.15}],
  ];
  await eachTwoAtATime(cases, async ([name, conversation, bounds]) => {
    const found = await diarize(conversation.samples, conversation.regions);
    const error = errorOf(found, conversation.truth);
    const measured = `${name}: ${found.speakers.length} found, ${(100 * error).toFixed(1)} % misattributed`;
    t.comment(measured);
    t.ok(bounds.speakers.includes(found.speakers.length), measured);
    t.ok(error <= bounds.error, measured);
    checkShape(t, found, conversation.regions);
  });
});

t.test(
  'the same film gives the same answer in any order of regions, and no more speakers than asked for',
  async t => {
    const {samples, regions} = talk([man, woman], 8);
    const [found, reversed, alone] = await Promise.all([
      diarize(samples, regions),
      diarize(samples, regions.toReversed()),
      diarize(samples, regions, {most: 1}),
    ]);
    t.same(found, reversed);
    t.equal(alone.speakers.length, 1);
    checkShape(t, alone, regions);

    const [low, high] = found.speakers.toSorted((a, b) => (a.pitchHz ?? 0) - (b.pitchHz ?? 0));
    t.match(low, {gender: 'male'});
    t.match(high, {gender: 'female'});
    t.ok((low?.pitchHz ?? 0) > 80 && (low?.pitchHz ?? 0) < 110, 'the pitch their engine was told');
    t.ok((high?.pitchHz ?? 0) > 175 && (high?.pitchHz ?? 0) < 215);
  },
);

t.test('regions in which nobody can be heard still belong to somebody', async t => {
  const silence = new Float32Array(rate * 10);
  const {samples, truth} = talk([man], 4);
  const end = samples.length / rate;
  const last = truth.at(-1)?.end ?? 0;
  const cases: readonly (readonly [string, Float32Array, readonly Region[]])[] = [
    [
      'silence',
      silence,
      [
        {start: 1, end: 4},
        {start: 5, end: 9},
      ],
    ],
    ['noise', hiss(silence.length), [{start: 0, end: 10}]],
    [
      'among speech: shorter than a frame, in a pause, past the end of the film',
      samples,
      [
        {start: 0.01, end: 0.02},
        {start: 0.5, end: 3},
        {start: last, end},
        {start: end + 5, end: end + 9},
      ],
    ],
  ];
  await eachTwoAtATime(cases, async ([name, sound, regions]) => {
    const found = await diarize(sound, regions);
    t.equal(found.speakers.length, 1, name);
    checkShape(t, found, regions);
  });
  const [nobody] = (await diarize(silence, [{start: 1, end: 4}])).speakers;
  t.same(nobody, {id: 'S1', gender: 'unknown', pitchHz: null, seconds: 3});
});

t.test('where it is known who speaks, only how they sound is measured', async t => {
  const {samples, truth} = talk([man, woman], 8);
  const path = join(scratch, 'known.wav');
  await writeWav(path, samples, 16_000, 1);
  const signal = new AbortController().signal;
  const tools = new Tools({stage: 'diarize', dir: scratch, signal, niceness: 0});
  const work = {tools, dir: scratch, signal};
  const of = (who: string) => truth.filter(({speaker}) => speaker === who);
  const people = [of(woman), of(man), [{start: 0, end: 0}], of(woman).slice(0, 2)];
  const sounds = await speakerClusters.measure({wav: path, people}, work);
  t.same(
    sounds.map(({gender}) => gender),
    ['female', 'male', 'unknown', 'female'],
  );
  t.equal(sounds[2]?.pitchHz, null);
  t.ok((sounds[0]?.pitchHz ?? 0) > (sounds[1]?.pitchHz ?? 0));
  t.same(await speakerClusters.measure({wav: path, people: []}, work), []);
});

t.test('no regions, no speakers; empty ones count as none', async t => {
  const {samples} = talk([man], 3);
  t.same(await diarize(samples, []), {speakers: [], turns: []});
  t.same(await diarize(samples, [{start: 2, end: 2}]), {speakers: [], turns: []});
});

t.test('what cannot be read fails as a tool does, and an abort ends the child', async t => {
  const regions = [{start: 0, end: 1}];
  const failed = {failure: {reason: 'tool-failed', stage: 'diarize'}};
  const failureOf = (asked: Promise<Speakers>): Promise<unknown> => {
    return asked.then(
      () => 'an answer',
      (error: unknown) => error,
    );
  };
  t.match(await failureOf(answer(join(scratch, 'absent.wav'), regions)), failed);
  t.match(await failureOf(answer(import.meta.filename, regions)), failed);
  const narrow = await failureOf(diarize(new Float32Array(16_000), regions, {at: 8000}));
  t.match(narrow, {failure: {reason: 'tool-failed', stderr: /8000 Hz, not 16000/}});
  t.ok(narrow instanceof Failed);
  const nowhere = await failureOf(diarize(new Float32Array(16_000), [{start: Number.NaN, end: 1}]));
  t.match(nowhere, {failure: {reason: 'tool-failed', stderr: /no region: NaN 1/}});

  const path = join(scratch, 'long.wav');
  await writeWav(path, talk([man], 6).samples, rate, 1);
  const stop = new AbortController();
  const asked = answer(path, [{start: 0, end: 15}], 6, stop.signal);
  stop.abort();
  await t.rejects(asked, {name: 'AbortError'});
});

t.test('it is ready everywhere', async t => {
  t.same(await speakerClusters.ready(), {ready: true, version: '2'});
  t.match(speakerClusters, {name: 'speaker-clusters', kind: 'diarizer'});
});

t.test('pitch of a buzz is found within 1 %, and none in noise or in too little sound', async t => {
  for (const hz of [70, 98, 123, 168, 207, 262, 390]) {
    const buzz = Float32Array.from({length: 4096}, (_, i) => {
      const phase = (i * hz) / rate;
      return [1, 2, 3, 4].reduce((sum, k) => sum + (0.2 / k) * Math.sin(2 * Math.PI * k * phase), 0);
    });
    const pitch = pitchAt(decimate(buzz), 2048);
    t.ok(Math.abs((pitch?.hz ?? 0) / hz - 1) < 0.01, `${hz} Hz: ${pitch?.hz.toFixed(1)}`);
    t.ok((pitch?.strength ?? 0) > 0.9);
  }
  const noise = hiss(4096);
  t.ok((pitchAt(decimate(noise), 2048)?.strength ?? 0) < 0.6);
  t.equal(pitchAt(decimate(noise), 10), undefined);
  t.equal(pitchAt(new Float32Array(8), 16), undefined);
});

t.test('turns, from frames that know their voice', async t => {
  /** One letter a tenth of a second, `.` for no voice. */
  const turnsOf = (...lines: readonly string[]): Speakers => {
    const voiced = new VoicedFrames();
    const labels: number[] = [];
    const regions = lines.map((line, r) => ({start: r * 10, end: r * 10 + line.length / 10}));
    for (const [r, line] of lines.entries()) {
      for (const [i, letter] of [...line].entries()) {
        if (letter === '.') continue;
        const hz = letter === 'a' ? 100 : 200;
        voiced.add({index: i, hz, levelDb: 0, cepstrum: new Float32Array(16)}, r * 10 + (i + 0.5) / 10, r);
        labels.push(letter.charCodeAt(0) - 97);
      }
    }
    return takeTurns(voiced, Uint8Array.from(labels), regions);
  };
  const spelled = ({turns}: Speakers): string => {
    return turns.map(turn => `${turn.speaker} ${turn.start.toFixed(2)}-${turn.end.toFixed(2)}`).join(', ');
  };
  for (const [name, lines, expected] of [
    ['one voice', ['aaaaaaaa'], 'S1 0.00-0.80'],
    ['a change in the middle of a pause', ['aaaaaaaa..bbbbbb'], 'S1 0.00-0.90, S2 0.90-1.60'],
    ['an island', ['aaaaaaaabbbaaaaaaaaa'], 'S1 0.00-2.00'],
    ['an island at the end goes to its neighbour', ['aaaaaaaaabb'], 'S1 0.00-1.10'],
    ['a short region keeps its own voice', ['aaaaaaaa', 'bb'], 'S1 0.00-0.80, S2 10.00-10.20'],
    ['who speaks most is S1', ['aaaaaaa', 'bbbbbbbbbbb'], 'S2 0.00-0.70, S1 10.00-11.10'],
    [
      'a silent region goes to the nearer',
      ['aaaaaaaaaa', '....', 'bbbbbbb'],
      'S1 0.00-1.00, S1 10.00-10.40, S2 20.00-20.70',
    ],
    ['also when nobody spoke before', ['....', 'bbbbbbb'], 'S1 0.00-0.40, S1 10.00-10.70'],
  ] as const) {
    t.equal(spelled(turnsOf(...lines)), expected, name);
  }
  const [few, many] = [turnsOf('a'.repeat(59)), turnsOf('a'.repeat(60))];
  t.equal(few.speakers[0]?.gender, 'unknown', 'less than a second of voice');
  t.equal(many.speakers[0]?.gender, 'male');
});

t.test('who is one person, from what two voices are like', async t => {
  const film = new Mixture(Float64Array.of(1), new Float64Array(16), new Float64Array(16).fill(1));
  /** A voice `off` standard deviations from the film's in every cepstrum, heard at the frames given. */
  const claim = (off: number, hz: number, frames: readonly number[]): Claim => {
    const sounds = film.withMeans(film.means.map(mean => mean + off));
    const heard = Float64Array.of(frames.length);
    return {frames, voice: {sounds, pitch: Math.log(hz), pitchVariance: 0.02, frames: frames.length, heard}};
  };
  const run = (from: number, length: number): number[] => Array.from({length}, (_, i) => from + i);
  const inTurn = (who: number): number[] => [0, 1, 2, 3].flatMap(i => run((2 * i + who) * 200, 200));
  const first = claim(0, 100, run(0, 800));
  for (const [name, a, b, one] of [
    ['the same timbre and pitch', first, claim(0, 100, run(800, 800)), true],
    ['other words, other pitch of one range', first, claim(0, 115, run(800, 800)), true],
    ['another timbre that stays once it came', first, claim(0.5, 100, run(800, 800)), true],
    ['another timbre that takes turns', claim(0, 100, inTurn(0)), claim(0.5, 100, inTurn(1)), false],
    ['another timbre, heard briefly', first, claim(0.9, 100, run(800, 150)), true],
    ['an octave apart', first, claim(0, 200, run(800, 800)), false],
    ['an octave apart, heard briefly', first, claim(0, 200, run(800, 150)), false],
  ] as const) {
    t.equal(unlikeness(a, b, 1600) <= samePerson, one, name);
    t.equal(unlikeness(a, b, 1600), unlikeness(b, a, 1600), `${name}, the other way round`);
  }
  t.ok(isPassing(first.voice, claim(0, 100, run(800, 189)).voice, 1600));
  t.notOk(isPassing(first.voice, claim(0, 100, run(800, 190)).voice, 1600));
  t.ok(isPassing(first.voice, claim(0, 100, run(800, 190)).voice, 16_000), 'a twentieth of a longer film');
});
