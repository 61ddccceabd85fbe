/** Which names an upload may have, and what is made of them. */
import t from 'tap';
import {readUploadName} from '../../../supervisor/uploads/name.ts';

t.test('good names, cleaned of what nobody sees', async t => {
  const table = [
    ['film.mp4', 'film.mp4', 'film'],
    ['FILM.MKV', 'FILM.MKV', 'film'],
    ['Film 1.2 (2020).webm', 'Film 1.2 (2020).webm', 'film'],
    ['a\u202egpj.mp4', 'agpj.mp4', 'film'],
    ['a\u0007\n\t b.mp4', 'a b.mp4', 'film'],
    ['\u001b[31mred.mp4', '[31mred.mp4', 'film'],
    ['e\u0301te\u0301.mkv', 'été.mkv', 'film'],
    ['سلام.mkv', 'سلام.mkv', 'film'],
    ['  film.ts ', 'film.ts', 'film'],
    ['film.en.srt', 'film.en.srt', 'subtitles'],
    ['-rf.mp4', '-rf.mp4', 'film'],
    ['CON.mp4', 'CON.mp4', 'film'],
  ] as const;
  for (const [given, name, kind] of table)
    t.match(readUploadName(given), {ok: true, value: {name, kind}}, JSON.stringify(given));
});

t.test('hostile names are refused with the reason', async t => {
  const table = [
    ['../film.mp4', 'path'],
    ['/etc/film.mp4', 'path'],
    ['C:\\films\\film.mp4', 'path'],
    ['film\0.mp4', 'path'],
    ['.film.mp4', 'hidden'],
    ['\u200b.film.mp4', 'hidden'],
    [' .mp4', 'hidden'],
    ['..mp4', 'hidden'],
    ['film.mp4.exe', 'program'],
    ['film.php.mp4', 'program'],
    ['film.PhP .mp4', 'program'],
    ['film.p\u200bhp.mp4', 'program'],
    ['film.html.mkv', 'program'],
    ['film.mp4.svg', 'program'],
    ['film.desktop.mp4', 'program'],
    ['film.txt', 'ending'],
    ['film', 'ending'],
    ['film.mp4.', 'ending'],
    ['film.mp4.zip', 'ending'],
    ['film.mp3', 'ending'],
    ['film.dub.json', 'ending'],
    ['', 'odd'],
    [' \u202e ', 'odd'],
    [`${'a'.repeat(300)}.mp4`, 'odd'],
    [`${'é'.repeat(130)}.mp4`, 'odd'],
    ['a\ud800.mp4', 'odd'],
  ] as const;
  for (const [given, why] of table)
    t.strictSame(readUploadName(given), {ok: false, why}, JSON.stringify(given));
  t.strictSame(readUploadName('\u00ad.mp4'), {ok: false, why: 'hidden'}, 'nothing before the ending');
});
