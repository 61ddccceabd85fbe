/** The voices: who gets which, and what they make of any text. The real tool speaks. */
import {rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import t from 'tap';
import {Failed} from '../../../appliance/failure.ts';
import type {Gender, Speaker} from '../../../pipeline/documents.ts';
import {espeak, plainVoice, speakArgv, variantsIn} from '../../../pipeline/engines/espeak.ts';
import {readSpoken} from '../../../pipeline/spoken.ts';
import {failureOf, sandbox, toolsIn} from '../film.ts';

const speaker = (id: string, gender: Gender, pitchHz: number | null = null): Speaker => ({
  ...{id, gender, pitchHz, seconds: 10},
});

const crowd = (count: number, gender: Gender, pitchHz: number | null = null): Speaker[] =>
  Array.from({length: count}, (_, i) => speaker(`S${i + 1}`, gender, pitchHz));

const genderOf = (voice: string): string => (/\+f\d$/.test(voice) ? 'female' : 'male');

t.test('up to six speakers get voices that differ, fit their gender and stay theirs', async t => {
  const genders: readonly Gender[] = ['female', 'male', 'unknown'];
  for (let count = 1; count <= 6; count++) {
    const mixed = crowd(count, 'unknown').map((one, i) => ({...one, gender: genders[i % 3] ?? 'unknown'}));
    const casts = [
      ...genders.flatMap(gender => [null, 60, 115, 205, 500].map(pitch => crowd(count, gender, pitch))),
      mixed,
    ];
    for (const speakers of casts) {
      const cast = espeak.cast(speakers, 'es');
      const voices = cast.map(({voice, pitch}) => `${voice} ${pitch}`);
      t.equal(new Set(voices).size, count, voices.join(', '));
      t.strictSame(espeak.cast(speakers, 'es'), cast, 'asked again, the same');
      for (const [i, {speaker, engine, voice, pitch}] of cast.entries()) {
        const wanted = speakers[i]?.gender ?? 'unknown';
        t.equal(speaker, speakers[i]?.id);
        t.equal(engine, 'espeak-ng');
        t.match(voice, /^es\+[mf]\d$/);
        t.ok(pitch >= 25 && pitch <= 75 && Number.isInteger(pitch), String(pitch));
        if (wanted !== 'unknown') t.equal(genderOf(voice), wanted);
      }
      t.strictSame(
        espeak.cast(speakers.slice(0, 1), 'es')[0],
        cast[0],
        'who speaks most keeps a voice in any company',
      );
    }
  }
  t.strictSame(espeak.cast([], 'es'), []);
});

t.test('a higher voice gets a higher pitch', async t => {
  const pitches = [80, 100, 120, 160, 220].map(
    hz => espeak.cast([speaker('S1', 'male', hz)], 'es')[0]?.pitch ?? 0,
  );
  t.strictSame(
    pitches,
    pitches.toSorted((a, b) => a - b),
  );
  t.equal(new Set(pitches).size, pitches.length);
});

t.test('a language is spoken under the engine’s own name for it', async t => {
  const voice = (language: 'en' | 'zh' | 'ja') => espeak.cast([speaker('S1', 'male')], language)[0]?.voice;
  t.match([voice('en'), voice('zh'), voice('ja')], [/^en-us\+m/, /^cmn\+m/, /^ja\+m/]);
  t.match(plainVoice('S1', 'es'), {speaker: 'S1', engine: 'espeak-ng', voice: 'es', pitch: 50});
});

t.test('the text is never in the command line', async t => {
  t.strictSame(speakArgv({voice: 'es+m3', pitch: 45}, 1.2, 'out.wav'), [
    ...['-v', 'es+m3', '-p', '45', '-s', '198', '-b', '1', '-w', 'out.wav', '--stdin'],
  ]);
});

t.test('it is ready here, and speaks the languages it lists', async t => {
  t.match(await espeak.ready(), {ready: true, version: /^espeak-ng \d/});
  const languages = await espeak.languages();
  for (const tag of ['en', 'es', 'ja', 'de', 'zh'] as const) t.ok(languages.includes(tag), tag);
});

t.test('voices are those that are listed, under ids that no language is part of', async t => {
  const listed = `Pty Language       Age/Gender VoiceName          File                 Other Languages
 5  variant         --/F      Annie              !v/Annie
 5  variant         --/M      Mr_Serious         !v/Mr serious
 5  variant         70/M      male1              !v/m1
 5  variant         --/F      female_whisper     !v/whisperf          (en-us 5)
`;
  t.strictSame(variantsIn(listed), [
    {id: 'espeak-ng:m1', label: 'male1', gender: 'male'},
    {id: 'espeak-ng:Annie', label: 'Annie', gender: 'female'},
    {id: 'espeak-ng:whisperf', label: 'female whisper', gender: 'female'},
  ]);
  const [here, none] = [await espeak.voices('es'), variantsIn('')];
  t.strictSame(none, []);
  t.strictSame(await espeak.voices('ja'), here, 'the same in another language');
  const ids = here.map(({id}) => id);
  t.equal(new Set(ids).size, ids.length);
  for (const {voice} of espeak.cast([...crowd(6, 'male'), ...crowd(5, 'female')], 'es'))
    t.ok(ids.includes(espeak.idOf({voice})), `${voice} can be chosen`);
});

const known = (id: string, gender: Gender) => ({id: `espeak-ng:${id}`, label: id, gender});

t.test('a voice that was chosen is given, and only who had it gets another', async t => {
  const people = [speaker('S1', 'male', 110), speaker('S2', 'male', 130), speaker('S3', 'female', 210)];
  const usual = espeak.cast(people, 'es');
  const cast = (chosen: Readonly<Record<string, ReturnType<typeof known>>>) =>
    espeak.cast(people, 'es', new Map(Object.entries(chosen)));
  t.strictSame(cast({}), usual);
  const annie = cast({S2: known('Annie', 'female')});
  t.strictSame([annie[0], annie[2]], [usual[0], usual[2]], 'nobody else is touched');
  t.match(annie[1], {speaker: 'S2', voice: 'es+Annie', pitch: 55}, 'not at the pitch of a man');
  const swapped = cast({S2: known('m3', 'male')});
  t.match(usual[0], {voice: 'es+m3'});
  t.match(swapped[1], {voice: 'es+m3', pitch: usual[1]?.pitch}, 'at his own pitch');
  t.match(swapped[0], {voice: 'es+m1', pitch: usual[0]?.pitch}, 'S1 takes the first that is free');
  t.strictSame(swapped[2], usual[2]);
  t.match(cast({S1: known('f2', 'female'), S2: known('f2', 'female')}), [
    {voice: 'es+f2'},
    {voice: 'es+f2'},
    {voice: 'es+f4'},
  ]);
  t.strictSame(cast({S9: known('m3', 'male')}), usual, 'what somebody has who does not speak is free');
});

t.test('where all voices are given away, who had one keeps it', async t => {
  const women = crowd(5, 'female', 205);
  const usual = espeak.cast(women, 'es');
  const cast = espeak.cast(women, 'es', new Map([['S2', known('f2', 'female')]]));
  t.match(cast[0], {voice: 'es+f4'}, 'that of S2 was free');
  const six = crowd(6, 'female', 205);
  const all = espeak.cast(six, 'es', new Map([['S6', known('f4', 'female')]]));
  t.strictSame(
    all.map(({voice}) => voice),
    ['es+f2', 'es+f4', 'es+f5', 'es+f1', 'es+f3', 'es+f4'],
  );
  t.equal(usual.length, 5);
});

const [voice = plainVoice('S1', 'es')] = espeak.cast([speaker('S1', 'male', 115)], 'es');

/** How long the real voice speaks, without the silence around it. */
async function spoken(dir: string, text: string, rate = 1, choice = voice): Promise<number> {
  const to = join(dir, `${choice.voice}.wav`);
  await rm(to, {force: true});
  const signal = new AbortController().signal;
  await espeak.speak({text, language: 'es', voice: choice, rate, to}, {tools: toolsIn(dir), dir, signal});
  if ((await stat(to).catch(() => undefined)) === undefined) return 0;
  const {samples, sampleRate} = await readSpoken(to);
  return samples.length / sampleRate;
}

t.test('a rate is a speed', async t => {
  const dir = await sandbox(t);
  const text = 'Mañana por la mañana iremos todos juntos a la playa.';
  const [slow, natural, fast] = [
    await spoken(dir, text, 0.9),
    await spoken(dir, text),
    await spoken(dir, text, 1.35),
  ];
  t.ok(natural > 2 && natural < 5, `${natural} s`);
  t.ok(slow > natural && natural > fast, `${slow}, ${natural}, ${fast}`);
  t.ok(Math.abs(natural / fast - 1.35) < 0.15, `${natural / fast}`);
});

t.test('every voice it casts speaks, and differs', async t => {
  const dir = await sandbox(t);
  const speakers = [...crowd(6, 'male'), ...crowd(5, 'female')];
  const lengths = await Promise.all(
    espeak.cast(speakers, 'es').map(choice => spoken(dir, 'Buenos días a todos.', 1, choice)),
  );
  t.ok(lengths.every(seconds => seconds > 0.7 && seconds < 3));
});

t.test('hostile text is only text', async t => {
  const dir = await sandbox(t);
  const plain = await spoken(dir, 'Hola amigos');
  const table: Readonly<Record<string, string>> = {
    'phoneme names': '[[Hola]] amigos',
    'half of them': 'Hola [[ amigos',
    markup: '<speak>Hola</speak> amigos',
    'an unclosed tag': 'Hola < amigos',
    'a command of its own': 'Hola\u0001250S amigos',
    'line breaks': 'Hola\n\namigos\r\n',
    'a leading dash': '-w /tmp/x Hola amigos',
    'a NUL': 'Hola\0 amigos',
    'another script': 'こんにちは amigos',
    'a picture': '😀 Hola 👩‍👩‍👧 amigos',
    'half a character': 'Hola \ud83d amigos',
    'a number and signs': 'Hola 1.250,50 € & amigos % @ #',
  };
  for (const [what, text] of Object.entries(table)) {
    const seconds = await spoken(dir, text);
    t.ok(seconds > plain * 0.75 && seconds < 20, `${what}: ${seconds} s, plainly ${plain} s`);
  }
});

t.test('nothing to say is silence, not a failure', async t => {
  const dir = await sandbox(t);
  for (const text of ['', ' ', '...', '[]', '\n']) t.ok((await spoken(dir, text)) < 1, JSON.stringify(text));
});

t.test('a voice that is not there, and a stop, are failures', async t => {
  const dir = await sandbox(t);
  const to = join(dir, 'spoken.wav');
  const work = {tools: toolsIn(dir), dir, signal: new AbortController().signal};
  const none = {...voice, voice: 'xx-klingon'};
  t.match(await failureOf(espeak.speak({text: 'Hola', language: 'es', voice: none, rate: 1, to}, work)), {
    reason: 'tool-failed',
    tool: 'espeak-ng',
  });
  const signal = AbortSignal.abort(new Failed({reason: 'stopped'}));
  const stopped = {...work, tools: toolsIn(dir, signal), signal};
  t.match(await failureOf(espeak.speak({text: 'Hola', language: 'es', voice, rate: 1, to}, stopped)), {
    reason: 'stopped',
  });
});
