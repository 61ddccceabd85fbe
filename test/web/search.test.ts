/** What fits the words that somebody looks for. */
import t from 'tap';
import {blankCard} from '../../appliance/library/card.ts';
import {searching} from '../../web/search.ts';
import {digest, jobOf} from './memory-box.ts';

const source = {name: 'The.Office.S01E02.Café (1) [x].mkv', bytes: 1, digest};
const bare = jobOf(1, {source});
const card = {
  ...{...blankCard, title: 'The pilot', notes: 'line one\nline two', tags: ['Comedy', '日本']},
  episode: {series: 'Das Büro', season: 1, episode: 2},
};
const written = jobOf(2, {source, card});

t.test('case, dots for blanks and ways to write an accent do not count', async t => {
  const fits = [
    'office',
    'THE OFFICE',
    'the_office.s01',
    'cafe\u0301',
    'café (1) [x]',
    '0000000001',
    '.mkv',
    '...',
  ];
  for (const text of fits) t.ok(searching(text)(bare), text);
  for (const text of ['pilot', 'offices', '(2)', 'cafe', '.*', '[a-z]', '\\'])
    t.notOk(searching(text)(bare), text);
  t.ok(
    searching('café')(jobOf(1, {source: {...source, name: 'cafe\u0301.mkv'}})),
    'a name from another machine',
  );
});

t.test('what is written on the card is looked through as well', async t => {
  for (const text of ['PILOT', 'comedy', '日本', 'das büro', 'line two', 'office'])
    t.ok(searching(text)(written), text);
  t.notOk(searching('drama')(written));
});

t.test('no words and no name make it slow', async t => {
  const name = `a${'. _-'.repeat(60)}x.mkv`;
  const job = jobOf(1, {source: {...source, name}});
  for (const text of ['. . . . . . . . . . . . . . . . . . . . y', '-'.repeat(100), 'a.'.repeat(50)]) {
    const started = performance.now();
    searching(text)(job);
    t.ok(performance.now() - started < 20, text);
  }
});
