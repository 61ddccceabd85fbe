/** What counts as the same words, and that a part of a text has no piece which the text has not. */
import t from 'tap';
import {heard, pieces} from '../../../supervisor/said/words.ts';

t.test('case, accents, widths and what stands between words do not count; other marks do', t => {
  const table: readonly (readonly [string, string])[] = [
    ['  Hello, —WORLD!  ', 'hello world'],
    ['¿Dónde está el café?', 'donde esta el cafe'],
    ['ＡＢＣ１２', 'abc12'],
    ['ﬁn', 'fin'],
    ['İstanbul', 'istanbul'],
    ['東京へ、行きます。', '東京へ 行きます'],
    ['がぎ', 'がぎ'],
    ['ｶﾞ', 'ガ'],
    ['한국어', '한국어'],
    ['हिन्दी', 'हिन्दी'],
    ['مُحَمَّد', 'محمد'],
    ["don't", 'don t'],
    ['… —!', ''],
  ];
  for (const [text, wanted] of table) t.equal(heard(text), wanted, text);
  t.not(heard('か'), heard('が'));
  t.end();
});

t.test('each part of a text has no other pieces than it', t => {
  for (const text of ['the quick brown fox', '東京へ行きます', 'ok 東京 go', '😀 a😀b']) {
    const all = new Set(pieces(text));
    for (let from = 0; from < text.length; from++)
      for (let to = from + 1; to <= text.length; to++)
        for (const piece of pieces(text.slice(from, to))) if (!all.has(piece)) t.fail(`${piece} in ${text}`);
  }
  t.strictSame([...pieces('東京')], ['東京'], 'two letters are a word');
  t.strictSame([...pieces('ab')], []);
  t.end();
});
