/** What the names of files say of series and titles, as a table. */
import t from 'tap';
import {type Episode, episodeIn, nameIn} from '../../../appliance/library/episode.ts';

const of = (series: string, season: number | null, episode: number | null): Episode => ({
  ...{series, season, episode},
});

const table: readonly (readonly [file: string, episode: Episode | null, name: string])[] = [
  [
    'The.Office.S01E02.Diversity.Day.1080p.BluRay.x264.mkv',
    of('The Office', 1, 2),
    'The Office S01E02 Diversity Day',
  ],
  ['show s1 e2.mp4', of('show', 1, 2), 'show S01E02'],
  ['Show - S02E10 - The End.mkv', of('Show', 2, 10), 'Show S02E10 The End'],
  ['Show.S01E02E03.mkv', of('Show', 1, 2), 'Show S01E02'],
  ['Planet Earth 1x02.mkv', of('Planet Earth', 1, 2), 'Planet Earth S01E02'],
  ['Planet_Earth_[2x13]_Ice.avi', of('Planet Earth', 2, 13), 'Planet Earth S02E13 Ice'],
  ['Show Season 1 Episode 2.mp4', of('Show', 1, 2), 'Show S01E02'],
  ['Show, Season 3, Episode 04.mp4', of('Show', 3, 4), 'Show S03E04'],
  ['Show - 02.mkv', of('Show', null, 2), 'Show 02'],
  ['Show - 02 - A Title.mkv', of('Show', null, 2), 'Show 02 A Title'],
  ['One Piece - 1071.mkv', of('One Piece', null, 1071), 'One Piece 1071'],
  ['[Group] Title - 03 [1080p].mkv', of('Title', null, 3), 'Title 03'],
  ['[Group] Title S2 - 03v2 (1080p) [ABCD1234].mkv', of('Title', 2, 3), 'Title S02E03'],
  ['[Group]_My_Title_-_12_[720p].mkv', of('My Title', null, 12), 'My Title 12'],
  ['News 2024-03-15.mp4', of('News', 2024, null), 'News 2024-03-15'],
  [
    'The.Daily.Show.2024.03.15.Guest.mkv',
    of('The Daily Show', 2024, null),
    'The Daily Show 2024-03-15 Guest',
  ],
  ['進撃の巨人 第3話.mkv', of('進撃の巨人', null, 3), '進撃の巨人 03'],
  ['進撃の巨人 第2期 第１２話 [1080p].mkv', of('進撃の巨人', 2, 12), '進撃の巨人 S02E12'],
  ['[字幕組] 鬼滅の刃 - 26 [1080p].mkv', of('鬼滅の刃', null, 26), '鬼滅の刃 26'],
  // No episodes.
  ['Blade Runner 2049 (2017).mkv', null, 'Blade Runner 2049 (2017)'],
  ['Blade.Runner.2049.2017.1080p.BluRay.x264.mkv', null, 'Blade Runner 2049 (2017)'],
  ['Blade Runner - 2049 (2017).mkv', null, 'Blade Runner - 2049 (2017)'],
  ['2012 (2009).mkv', null, '2012 (2009)'],
  ['1917.mkv', null, '1917'],
  ['Se7en.mp4', null, 'Se7en'],
  ['10x10 (2018).mkv', null, '10x10 (2018)'],
  ['Film 1920x1080.mp4', null, 'Film 1920x1080'],
  ['Film.5.1x264.mkv', null, 'Film 5 1x264'],
  ['S01E02.mkv', null, 'S01E02'],
  ['VID 2024-03-15.mp4', null, 'VID 2024-03-15'],
  ['WhatsApp Video 2024-03-15 at 12.30.00.mp4', null, 'WhatsApp Video 2024-03-15 at 12.30.00'],
  ['君の名は。.mkv', null, '君の名は。'],
  ['holiday.mp4', null, 'holiday'],
  ['.mkv', null, '.mkv'],
  ['...', null, '...'],
];

t.test('a name says its series, season and episode, or nothing', async t => {
  for (const [file, episode, name] of table) {
    t.strictSame(episodeIn(file), episode, file);
    t.equal(nameIn(file), name, file);
  }
});

t.test('however long and odd a name is, it is read at once and says no more than fits', async t => {
  const names = [
    `${'a'.repeat(300)}.S01E02.mkv`,
    `${'Show - '.repeat(43)}02.mkv`,
    `${'['.repeat(300)}`,
    `[${'] - 1'.repeat(60)}`,
    `${'S1 '.repeat(100)}`,
    `${'第'.repeat(300)}1話`,
    `${'. _-'.repeat(75)}`,
    `x${' 2024-03-15'.repeat(27)} at 1`,
    `a\u202eb\u0000c \ud800.mkv`,
  ];
  for (const name of names) {
    const started = performance.now();
    const found = episodeIn(name);
    t.ok(nameIn(name).length > 0, name);
    t.ok((found?.series ?? '').length <= 200);
    t.notMatch(nameIn(name), /[\p{Cc}\u202e]/u);
    t.ok(performance.now() - started < 50, `${name.slice(0, 20)} took ${performance.now() - started} ms`);
  }
  t.strictSame(episodeIn(names[0] ?? ''), of('a'.repeat(200), 1, 2));
});
