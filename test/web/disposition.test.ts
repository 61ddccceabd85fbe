/** Names of files in a header field: readable by every client, and harmless in every folder. */
import t from 'tap';
import {disposition} from '../../web/disposition.ts';

t.test('a plain name stands for itself, any other also in full', async t => {
  const table = [
    ['film.es.mkv', 'inline; filename="film.es.mkv"'],
    ['a b (2).mkv', 'inline; filename="a b (2).mkv"'],
    ['Amélie.mkv', `inline; filename="Am_lie.mkv"; filename*=UTF-8''Am%C3%A9lie.mkv`],
    ['дом "1".mp4', `inline; filename="___ _1_.mp4"; filename*=UTF-8''%D0%B4%D0%BE%D0%BC%20%221%22.mp4`],
    ['100%.srt', `inline; filename="100_.srt"; filename*=UTF-8''100%25.srt`],
    [`it's *é*.vtt`, `inline; filename="it's *_*.vtt"; filename*=UTF-8''it%27s%20%2A%C3%A9%2A.vtt`],
  ] as const;
  for (const [name, wanted] of table) t.equal(disposition('inline', name), wanted, name);
  t.equal(disposition('attachment', 'a.mkv'), 'attachment; filename="a.mkv"');
});

t.test('what could upset a screen, a header or a folder is not in it', async t => {
  const table = [
    ['a\r\nSet-Cookie: x=1.mkv', 'inline; filename="aSet-Cookie: x=1.mkv"'],
    ['a\u202egnp.exe', 'inline; filename="agnp.exe"'],
    ['\u2066a\u2069\u200f.mkv', 'inline; filename="a.mkv"'],
    ['../../etc/passwd', 'inline; filename="_.._etc_passwd"'],
    ['C:\\x.mkv', 'inline; filename="C:_x.mkv"'],
    ['.bashrc', 'inline; filename="bashrc"'],
    ['', 'inline; filename="file"'],
    ['\0\x1b', 'inline; filename="file"'],
  ] as const;
  for (const [name, wanted] of table) t.equal(disposition('inline', name), wanted, JSON.stringify(name));
  t.match(disposition('inline', '\ud800.mkv'), /''%EF%BF%BD\.mkv$/, 'half a character is none');
  const long = disposition('inline', `${'x'.repeat(5000)}.mkv`);
  t.equal(long, `inline; filename="${'x'.repeat(196)}.mkv"`, 'and the ending stays');
});
