/** What is written is read back as it was, whatever the words look like. */
import t from 'tap';
import {parseSubtitles} from '../../../appliance/subtitles/parse.ts';
import type {Cue} from '../../../pipeline/documents.ts';
import {writeSrt, writeVtt} from '../../../pipeline/subtitles/write.ts';
import {random} from './random.ts';

const read = (text: string, name: string): readonly Cue[] => {
  const result = parseSubtitles(Buffer.from(text), name);
  if (!result.ok) throw new Error(`line ${result.why.line}: ${result.why.detail}\n${text}`);
  return result.value;
};

t.test('the two formats, to the letter', async t => {
  const cues = [
    {start: 1.5, end: 3661.0004, text: 'Tom & <b>Ann</b>\nsay --> hi'},
    {start: 3662, end: 3663, text: 'Yes', speaker: 'A > B'},
  ];
  t.equal(
    writeVtt(cues, 'es'),
    'WEBVTT\nLanguage: es\n\n00:00:01.500 --> 01:01:01.000\nTom &amp; &lt;b&gt;Ann&lt;/b&gt;\nsay --&gt; hi\n\n' +
      '01:01:02.000 --> 01:01:03.000\n<v A &gt; B>Yes\n',
  );
  t.equal(
    writeSrt([{start: 0, end: 1, text: 'Hi\u2028there\n\n \nyou'}]),
    '1\n00:00:00,000 --> 00:00:01,000\nHi\nthere\nyou\n',
  );
  t.equal(
    writeSrt([{start: 359_999, end: 360_001, text: 'x'}]).split('\n')[1],
    '99:59:59,000 --> 100:00:01,000',
  );
  t.equal(writeSrt([{start: 0, end: 1, text: ' \n'}]), '', 'a cue without words is not written');
});

const nasty = [
  '<i>not a tag</i>',
  '<b',
  'a < b > c',
  '&amp; &lt;i&gt; &#60;',
  '&',
  '{\\an8}up',
  '{not}',
  '-->',
  '00:00:01,000 --> 00:00:02,000',
  '00:00:01,000 and so on',
  '1\n00:00:01,000 --> 00:00:02,000',
  '42',
  'text\n7',
  'NOTE well',
  'STYLE',
  'WEBVTT',
  '[Events]\nDialogue: 0,0:00:01.00',
  '<v Bob>Hi',
  '<<i>b>',
  '<rt>x</rt>',
  'a<br>b',
  '</v>',
  '日本語　テキスト。',
  '👩‍👩‍👧 ñ é',
  '- Dash\n- dash',
  'line\u2029separator\u0085x',
  '♪ la ♪',
  '\\N {\\p1}m 0 0{\\p0}',
  '#!/bin/sh; $(rm -rf)',
];

t.test('nasty words survive writing and reading, alone and side by side', async t => {
  const cues = nasty.map((text, index) => ({start: index, end: index + 0.5, text}));
  for (const file of [writeSrt(cues), writeVtt(cues, 'en')]) {
    const once = read(file, 'film');
    t.equal(once.length, cues.length, 'every cue is there');
    const name = file.startsWith('WEBVTT') ? 'film.vtt' : 'film.srt';
    t.strictSame(
      once.map(cue => cue.text),
      nasty.map(text => text.replaceAll(/[\u2029\u0085]/g, '\n').replaceAll('\u200D', '\u200D')),
      name,
    );
  }
});

t.test('random words in random cues survive too', async t => {
  const dice = random(7);
  for (let round = 0; round < 300; round++) {
    const cues = Array.from({length: 1 + dice.below(5)}, (_, index) => ({
      start: index * 2,
      end: index * 2 + 1.5,
      text: Array.from({length: 1 + dice.below(4)}, () => dice.pick(nasty)).join(dice.pick(['', ' ', '\n'])),
      speaker: dice.pick(['Ann', '<Bob>', 'A & B']),
    }));
    const vtt = read(writeVtt(cues, 'en'), 'a.vtt');
    const srt = read(writeSrt(vtt), 'a.srt');
    const again = read(writeVtt(vtt, 'en'), 'a.vtt');
    const same =
      JSON.stringify(again) === JSON.stringify(vtt) &&
      JSON.stringify(srt.map(cue => cue.text)) === JSON.stringify(vtt.map(cue => cue.text)) &&
      vtt.every((cue, index) => cue.speaker === cues[index]?.speaker);
    if (!same) t.fail(JSON.stringify(cues));
  }
  t.pass('300 files');
});
