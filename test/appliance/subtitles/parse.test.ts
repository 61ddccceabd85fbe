/** Files as players forgive them, files that must be refused with the line that is wrong, and files damaged at random. */
import t from 'tap';
import {parseSubtitles} from '../../../appliance/subtitles/parse.ts';
import type {Cue} from '../../../pipeline/documents.ts';
import {random} from '../../pipeline/subtitles/random.ts';

const parse = (text: string, name = 'film.srt') => parseSubtitles(Buffer.from(text), name);
const cue = (start: number, end: number, text: string, speaker?: string): Cue => ({
  start,
  end,
  text,
  ...(speaker === undefined ? {} : {speaker}),
});

const ass = (...events: readonly string[]): string =>
  `[Script Info]\nTitle: x\n\n[V4+ Styles]\nFormat: Name, Fontname\nStyle: Default,Arial\n\n[Events]\n${events.join('\n')}\n`;
const usual = 'Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text';
const says = (text: string, name = ''): string =>
  `Dialogue: 0,0:00:01.00,0:00:02.50,Default,${name},0,0,0,,${text}`;

t.test('SRT, as forgiving as players', async t => {
  const two = [cue(1, 2, 'One'), cue(3, 4.5, 'Two')];
  const files: readonly [what: string, file: string, cues: readonly Cue[]][] = [
    ['as written', '1\n00:00:01,000 --> 00:00:02,000\nOne\n\n2\n00:00:03,000 --> 00:00:04,500\nTwo\n', two],
    [
      'CRLF and no end',
      '1\r\n00:00:01,000 --> 00:00:02,000\r\nOne\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,500\r\nTwo',
      two,
    ],
    ['no counters', '00:00:01,000 --> 00:00:02,000\nOne\n\n00:00:03,000 --> 00:00:04,500\nTwo', two],
    [
      'points for commas',
      '1\n00:00:01.000 --> 00:00:02.000\nOne\n\n2\n00:00:03.000 --> 00:00:04.500\nTwo',
      two,
    ],
    ['no hours, short fractions', '1\n00:01 --> 00:02\nOne\n\n2\n0:03,0-->0:04,5\nTwo', two],
    [
      'spaces anywhere',
      ' 1 \n 00 : 00 : 01 , 000  -->  00:00:02, 000 \n  One  \n\n2\n00:00:03,000 --> 00:00:04,500\nTwo',
      two,
    ],
    [
      'a blank line after every line',
      '1\n\n00:00:01,000 --> 00:00:02,000\n\nOne\n\n2\n\n00:00:03,000 --> 00:00:04,500\n\nTwo\n\n',
      two,
    ],
    [
      'no blank line between',
      '1\n00:00:01,000 --> 00:00:02,000\nOne\n2\n00:00:03,000 --> 00:00:04,500\nTwo',
      two,
    ],
    [
      'coordinates',
      '1\n00:00:01,000 --> 00:00:02,000 X1:100 X2:200\nOne\n\n2\n00:00:03,000 -> 00:00:04,500\nTwo',
      two,
    ],
    ['out of order', '2\n00:00:03,000 --> 00:00:04,500\nTwo\n\n1\n00:00:01,000 --> 00:00:02,000\nOne', two],
    [
      'an empty cue',
      '1\n00:00:01,000 --> 00:00:02,000\nOne\n\n9\n00:00:02,000 --> 00:00:02,500\n\n2\n00:00:03,000 --> 00:00:04,500\nTwo',
      two,
    ],
    [
      'a number that is said',
      '1\n00:00:01,000 --> 00:00:02,000\n42\n\n2\n00:00:03,000 --> 00:00:04,500\n43\n\n00:00:05,000 --> 00:00:06,000\nx',
      [cue(1, 2, '42'), cue(3, 4.5, '43'), cue(5, 6, 'x')],
    ],
    ['a blank line in the words', '1\n00:00:01,000 --> 00:00:02,000\nOne\n\nmore', [cue(1, 2, 'One\nmore')]],
    ['an arrow in the words', '1\n00:00:01,000 --> 00:00:02,000\nup --> down', [cue(1, 2, 'up --> down')]],
    [
      'tags, entities, positions',
      '1\n00:00:01,000 --> 00:00:02,000\n{\\an8}<i>Tom</i> &amp; <font color="#fff">Ann</font><br/>x < y &#233;',
      [cue(1, 2, 'Tom & Ann\nx < y é')],
    ],
  ];
  for (const [what, file, cues] of files) t.strictSame(parse(file), {ok: true, value: cues}, what);
});

t.test('WebVTT', async t => {
  const file = [
    'WEBVTT - a film',
    'Language: en',
    '',
    'NOTE not',
    'said',
    '',
    'STYLE',
    '::cue { color: red }',
    '',
    'REGION',
    'id:fred',
    '',
    'opening words',
    '00:01.000 --> 00:02.000 align:start position:10%',
    '<v.loud Mary Ann>One &lt;two&gt;</v>',
    '',
    '1:00:03.000 --> 1:00:05.000',
    '<v Bob>Yes.',
    '<v Mary>No<00:04.000> way&nbsp;<c.x>out</c>.',
    '',
    '01:10:00.000 --> 01:10:01.000',
    '<ruby>漢字<rt>かんじ</rt></ruby>',
  ].join('\n');
  const expected = [
    cue(1, 2, 'One <two>', 'Mary Ann'),
    cue(3603, 3603 + 2 * (3 / 11), 'Yes.', 'Bob'),
    cue(3603 + 2 * (3 / 11), 3605, 'No way out.', 'Mary'),
    cue(4200, 4201, '漢字'),
  ];
  t.strictSame(parse(file, 'film.vtt'), {ok: true, value: expected});
  t.strictSame(parse(file, 'film.srt'), {ok: true, value: expected}, 'the content counts, not the name');
  t.strictSame(
    parse('WEBVTT\n00:01.000 --> 00:02.000\nHi'),
    {ok: true, value: [cue(1, 2, 'Hi')]},
    'no line after the head',
  );
});

t.test('ASS and SSA', async t => {
  const one = (text: string, speaker?: string): readonly Cue[] => [cue(1, 2.5, text, speaker)];
  const files: readonly [what: string, file: string, cues: readonly Cue[]][] = [
    ['commas in the text', ass(usual, says('Well, yes, I do.')), one('Well, yes, I do.')],
    ['the speaker', ass(usual, says('Hi.', 'Bob')), one('Hi.', 'Bob')],
    [
      'overrides and breaks',
      ass(usual, says('{\\i1\\pos(1,2)}One{\\i0}\\Ntwo\\nthree\\hfour{a note}')),
      one('One\ntwo three four'),
    ],
    ['karaoke', ass(usual, says('{\\k20}Hap{\\k20}py')), one('Happy')],
    ['drawings', ass(usual, says('{\\p1}m 0 0 l 9 9{\\p0}Sign'), says('{\\pos(1,1)\\p4}m 0 0')), one('Sign')],
    ['\\pos is no drawing', ass(usual, says('{\\pos(10,10)\\pbo3}Words')), one('Words')],
    [
      'another order of fields',
      ass('Format: Start, Actor, End, Text', 'Dialogue: 0:00:01.00,Ann,0:00:02.50,A, b'),
      one('A, b', 'Ann'),
    ],
    [
      'comments and fonts',
      ass(
        usual,
        'Comment: 0,0:00:01.00,0:00:02.00,,,0,0,0,,no',
        '; no',
        says('Yes'),
        '[Fonts]',
        'fontname: x',
      ),
      one('Yes'),
    ],
    ['no Format line', ass(says('Yes')), one('Yes')],
    ['nothing but events', `${says('Yes')}\n`, one('Yes')],
  ];
  for (const [what, file, cues] of files)
    t.strictSame(parse(file, 'film.ass'), {ok: true, value: cues}, what);
});

t.test('what does not parse is refused with its line', async t => {
  const time = '00:00:01,000 --> 00:00:02,000';
  const files: readonly [what: string, file: string, line: number, detail: RegExp][] = [
    [
      'an unreadable time',
      `1\n${time}\nOne\n\n2\n00:00:0x,000 --> 00:00:04,000\nTwo`,
      6,
      /0x,000.* is not a time/,
    ],
    ['half a time', `1\n${time}\nOne\n\n2\n00:00:03,000 -->\nTwo`, 6, /is not a time/],
    ['another dash', `1\n${time}\nOne\n\n2\n00:00:03,000 - 00:00:04,000\nTwo`, 6, /is not a time/],
    ['backwards', `1\n${time}\nOne\n\n2\n00:00:05,000 --> 00:00:04,000\nTwo`, 6, /ends before it starts/],
    [
      'words before any time',
      `\nHello there\n1\n${time}\nOne`,
      2,
      /"Hello there" stands before the first time/,
    ],
    ['words after a time', `1\n${time} Hello\nOne`, 2, /words after the time: "Hello"/],
    ['no subtitle', `1\n${time}\n<i> </i>\n`, 1, /no subtitle/],
    ['empty', ' \n\n', 1, /empty/],
    ['prose', 'Dear diary,\ntoday', 1, /stands before the first time/],
    ['not text', `1\n${time}\nOne\0\n`, 3, /not text/],
    ['a runaway cue', `1\n${time}\n${'word '.repeat(500)}`, 2, /2499 characters; the limit is 2000/],
    [
      'a cue of nothing but tags',
      `1\n${time}\n${'<i>'.repeat(30_000)}x`,
      2,
      /90001 characters with its markup/,
    ],
    ['lines without end', `1\n${time}\n${'<i>\n'.repeat(5000)}x`, 4003, /thousands of lines/],
    ['VTT without times', 'WEBVTT\n\nHello', 3, /stands before/],
    ['VTT time', 'WEBVTT\n\nid\nx --> y\nHello', 4, /is not a time/],
    ['ASS time', ass(usual, says('a'), says('b').replace('0:00:02.50', '0:00:0')), 10 + 1, /"0:00:0"|before/],
    ['ASS unreadable', ass(usual, says('b').replace('0:00:02.50', 'soon')), 10, /"soon" is not a time/],
    ['ASS fields', ass(usual, 'Dialogue: 0,0:00:01.00'), 10, /2 fields, the Format line names 10/],
    ['ASS backwards', ass(usual, says('b').replace('0:00:02.50', '0:00:00.50')), 10, /before it starts/],
    ['ASS format', ass('Format: Layer, Start, Text'), 9, /no End field/],
    ['ASS text not last', ass('Format: Start, Text, End'), 9, /must end with the Text/],
    ['ASS stray line', ass(usual, says('a'), 'and more words'), 11, /not an event/],
    ['ASS without words', ass(usual), 1, /no subtitle/],
  ];
  for (const [what, file, line, detail] of files) {
    const read = parse(file, what.startsWith('VTT') ? 'film.vtt' : 'film.srt');
    t.match(read, {ok: false, why: {line, detail}}, what);
  }
});

t.test('nothing is read without a bound', async t => {
  t.match(parseSubtitles(new Uint8Array((16 << 20) + 1), 'x.srt'), {ok: false, why: {detail: /MiB/}});
  const many = Array.from({length: 50_001}, () => '00:01 --> 00:02\na\n').join('\n');
  t.match(parse(many), {ok: false, why: {line: 50_000 * 3 + 1, detail: /more than 50000 subtitles/}});
  // Processor time, not the clock: the machine may be busy. What is quadratic takes minutes.
  const evil = [
    '<',
    '&',
    '{\\',
    '<rt>',
    '(',
    ' ',
    '\n',
    '-->',
    '1:',
    '00:00:01,000 --> ',
    '<v a>',
    '[',
    '\n1\n',
  ];
  for (const what of evil) {
    const started = process.cpuUsage();
    const size = 1 << 17;
    const file = `WEBVTT\n\n00:01.000 --> 00:02.000\n${what.repeat(size / what.length)}`;
    parse(file, 'x.vtt');
    parse(file.slice(8), 'x.srt');
    parse(ass(usual, says(what.repeat(size / what.length))), 'x.ass');
    t.ok(process.cpuUsage(started).user < 3e6, `128 KiB of ${JSON.stringify(what)} take seconds at most`);
  }
});

t.test('damaged files give cues or a complaint, never an exception', async t => {
  const srt =
    '1\n00:00:01,000 --> 00:00:02,000\n<i>Hé &amp;</i> {\\an8}x\n\n2\n00:00:03,000 --> 00:00:04,000\n- Él\n- 日本\n';
  const vtt =
    'WEBVTT\n\nNOTE a\n\nid\n00:01.000 --> 00:02.000 align:start\n<v Ann>Hi</v><v Bob>Ho &#x1F600;\n';
  const seeds = [srt, vtt, ass(usual, says('{\\p1}m{\\p0}Hi, you\\N!', 'Ann'))].map(text =>
    Buffer.from(text),
  );
  const dice = random(20);
  let read = 0;
  for (let round = 0; round < 3000; round++) {
    const bytes = Buffer.from(dice.pick(seeds));
    for (let count = dice.below(6); count >= 0; count--) {
      const [at, from] = [dice.below(bytes.length), dice.below(bytes.length)];
      if (dice.below(2) === 0) bytes[at] = dice.below(256);
      else bytes.copyWithin(at, from, from + dice.below(20));
    }
    const result = parseSubtitles(bytes, dice.pick(['a.srt', 'a.vtt', 'a.ass', 'a']));
    if (result.ok) {
      read++;
      const sound = result.value.every(
        ({start, end, text}) => start >= 0 && end >= start && text.trim() !== '',
      );
      if (!sound) t.fail(`unsound cues from ${JSON.stringify(bytes.toString('latin1'))}`);
    } else if (!(result.why.line >= 1 && result.why.detail !== '')) t.fail('a complaint without a line');
  }
  t.ok(read > 500 && read < 3000, `some are still readable (${read} of 3000)`);
});
