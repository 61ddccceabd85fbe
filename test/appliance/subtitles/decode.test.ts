/** Bytes as real programs write them: Windows' Notepad, Japanese editors, old DVD rippers. */
import t from 'tap';
import {decodeSubtitles, type Encoding} from '../../../appliance/subtitles/decode.ts';

const utf8 = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const utf16le = (text: string): Uint8Array => Buffer.from(text, 'utf16le');
const utf16be = (text: string): Uint8Array => Buffer.from(text, 'utf16le').swap16();
const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const bytes = (...parts: readonly (readonly number[] | Uint8Array)[]): Uint8Array =>
  Buffer.concat(parts.map(part => Buffer.from(part)));

const cue = (words: string): string => `1\n00:00:01,000 --> 00:00:02,000\n${words}\n`;
const head = utf8('1\n00:00:01,000 --> 00:00:02,000\n');

/** Made with `iconv -t SHIFT_JIS`. */
const shiftJis = {
  'こんにちは、世界。': [
    0x82, 0xb1, 0x82, 0xf1, 0x82, 0xc9, 0x82, 0xbf, 0x82, 0xcd, 0x81, 0x41, 0x90, 0xa2, 0x8a, 0x45, 0x81,
    0x42,
  ],
  東京: [0x93, 0x8c, 0x8b, 0x9e],
  ｱﾒﾘｶの: [0xb1, 0xd2, 0xd8, 0xb6, 0x82, 0xcc],
};

const cases: readonly [what: string, bytes: Uint8Array, encoding: Encoding, text: string][] = [
  ['plain ASCII', utf8(cue('Hello.')), 'utf-8', cue('Hello.')],
  ['UTF-8', utf8(cue('¿Qué tal, señor?')), 'utf-8', cue('¿Qué tal, señor?')],
  ['UTF-8 with a mark', bytes([0xef, 0xbb, 0xbf], utf8(cue('é'))), 'utf-8', cue('é')],
  ['Japanese in UTF-8', utf8(cue('こんにちは')), 'utf-8', cue('こんにちは')],
  [
    'UTF-8 with one damaged byte',
    bytes(utf8(cue('ñandú, año, mañana, señor, niño, niña, ¿qué?, ¡sí!')), [0xe9]),
    'utf-8',
    `${cue('ñandú, año, mañana, señor, niño, niña, ¿qué?, ¡sí!')}\uFFFD`,
  ],
  ['UTF-16 LE with a mark', bytes([0xff, 0xfe], utf16le(cue('día'))), 'utf-16le', cue('día')],
  ['UTF-16 BE with a mark', bytes([0xfe, 0xff], utf16be(cue('día'))), 'utf-16be', cue('día')],
  ['UTF-16 LE without one', utf16le(cue('こんにちは　世界')), 'utf-16le', cue('こんにちは　世界')],
  ['UTF-16 BE without one', utf16be(cue('こんにちは　世界')), 'utf-16be', cue('こんにちは　世界')],
  [
    'Windows-1252, Spanish',
    latin1(cue('¿Dónde está él? ¡Ahí! Mañana, señor.')),
    'windows-1252',
    cue('¿Dónde está él? ¡Ahí! Mañana, señor.'),
  ],
  [
    'Windows-1252 whose accents are valid Shift_JIS',
    latin1(cue('él méxico años')),
    'windows-1252',
    cue('él méxico años'),
  ],
  [
    'Windows-1252 with only an apostrophe',
    bytes(head, utf8('don'), [0x92], utf8('t\n')),
    'windows-1252',
    cue('don’t'),
  ],
  ['Windows-1252 quotes', bytes(head, [0x93], utf8('Hi'), [0x94, 0x0a]), 'windows-1252', cue('“Hi”')],
  ...Object.entries(shiftJis).map(([text, raw]): [string, Uint8Array, Encoding, string] => [
    `Shift_JIS ${text}`,
    bytes(head, raw, [10]),
    'shift_jis',
    cue(text),
  ]),
  [
    'Shift_JIS with one damaged byte',
    bytes(head, ...Array.from({length: 20}, () => shiftJis['こんにちは、世界。']), [0xfd]),
    'shift_jis',
    `${cue('こんにちは、世界。'.repeat(20)).trimEnd()}\uFFFD`,
  ],
  ['nothing', bytes(), 'utf-8', ''],
];

t.test('each encoding is told from the others', async t => {
  for (const [what, raw, encoding, text] of cases) {
    t.strictSame(decodeSubtitles(raw), {text, encoding}, what);
  }
});

t.test('every line end becomes one', async t => {
  t.equal(decodeSubtitles(utf8('a\r\nb\rc\n\r\nd')).text, 'a\nb\nc\n\nd');
  t.equal(decodeSubtitles(utf16le('1\r\n00:00:01,000\r\n')).text, '1\n00:00:01,000\n');
});
