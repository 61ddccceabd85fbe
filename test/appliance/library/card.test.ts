/** What can be written on a job, and what then holds. */
import t from 'tap';
import {
  blankCard,
  Card,
  CardChange,
  episodeOf,
  isArchived,
  nameOf,
  tagsLimit,
  written,
} from '../../../appliance/library/card.ts';

const source = {name: 'Show.S01E02.mkv'};
const change = (given: object): CardChange => CardChange.parse(given);

t.test('what is written counts before what the file’s name says', async t => {
  t.equal(nameOf({card: null, source}), 'Show S01E02');
  t.strictSame(episodeOf({card: null, source}), {series: 'Show', season: 1, episode: 2});
  const card = {...blankCard, title: 'The pilot', episode: {series: 'A show', season: null, episode: 1}};
  t.equal(nameOf({card, source}), 'The pilot');
  t.strictSame(episodeOf({card, source}), card.episode);
});

t.test('a change touches what it names; a card that says nothing is none', async t => {
  const named = written(null, change({title: ' A title ', tags: ['a']}));
  t.strictSame(named, {...blankCard, title: 'A title', tags: ['a']});
  const shared = written(named, change({visibility: 'shared', notes: 'a note'}));
  t.strictSame(shared, {...blankCard, title: 'A title', tags: ['a'], visibility: 'shared', notes: 'a note'});
  t.equal(written(shared, change({title: null, tags: [], visibility: 'private', notes: ''})), null);
  t.equal(written(null, change({})), null);
  const archived = written(null, {archived: 5});
  t.strictSame(archived, {...blankCard, archived: 5});
  t.ok(archived !== null && isArchived({card: archived}));
  t.notOk(isArchived({card: null}));
  t.equal(written(archived, {archived: null}), null);
});

t.test('tags that only differ in case are one, the first', async t => {
  const tags = change({tags: ['Anime', 'anime', 'b', 'ANIME', 'É', 'e\u0301']}).tags;
  t.strictSame(tags, ['Anime', 'b', 'É']);
  const card = Card.parse({...blankCard, tags});
  t.strictSame(Card.parse(card), card, 'parsed again it is the same');
});

t.test('what is too long, too much or cannot be shown is not taken', async t => {
  const bad: readonly object[] = [
    {title: ''},
    {title: '   '},
    {title: 'x'.repeat(201)},
    {title: 'a\nb'},
    {title: 'a\u202eb'},
    {notes: 'x'.repeat(4001)},
    {tags: Array.from({length: tagsLimit + 1}, (_, i) => `tag ${i}`)},
    {tags: ['x'.repeat(41)]},
    {tags: ['']},
    {visibility: 'public'},
    {episode: {series: '', season: 1, episode: 1}},
    {episode: {series: 'Show', season: -1, episode: 1}},
    {episode: {series: 'Show', season: 1, episode: 1.5}},
    {archived: 5},
    {owner: 'bob'},
  ];
  for (const given of bad) t.notOk(CardChange.safeParse(given).success, JSON.stringify(given).slice(0, 60));
});
