/** The library of a whole box: what people write, look for and go on watching. */
import t, {type Test} from 'tap';
import type {Job, UserName} from '../../../appliance/job.ts';
import type {Card} from '../../../appliance/library/card.ts';
import {blankCard} from '../../../appliance/library/card.ts';
import {watchingLimit} from '../../../supervisor/library/watching.ts';
import type {LibraryAsk} from '../../../web/library.ts';
import {ann, bob, digest, idOf, jobOf} from '../../web/memory-box.ts';
import {until} from '../home.ts';
import {Wired} from '../wired.ts';

const done = (at: number): Job['state'] => ({is: 'done', at, seconds: 1, outputs: [], summary: []});
const named = (number: number, name: string, card: Partial<Card> | null = null, owner: UserName = ann): Job =>
  jobOf(number, {
    ...{owner, state: done(100 - number), card: card && {...blankCard, ...card}},
    source: {name, bytes: 1, digest},
  });

const ask: LibraryAsk = {
  ...{sight: {is: 'own', user: ann}, user: ann, view: 'done', text: null, tag: null, series: null},
  ...{season: null, sort: 'newest', after: null, limit: 50},
};

/** Ann's shelf, and what Bob has. */
const jobs: readonly Job[] = [
  named(1, 'Show.S01E02.mkv', {tags: ['Comedy']}),
  named(2, 'Show.S01E01.mkv'),
  named(3, 'A film (2001).mkv', {notes: 'for the holidays', tags: ['comedy', 'old']}),
  named(4, 'Zebra.mkv', {title: 'An animal', archived: 5}),
  named(5, 'Show.S02E01.mkv', {visibility: 'shared'}, bob),
  named(6, 'Secret.S01E01.mkv', null, bob),
  jobOf(7),
  named(8, 'Show.S01E02.es.mkv'),
];

async function shelf(t: Test) {
  const wired = await Wired.at(t);
  await wired.parts.box.setQueueMode('paused');
  for (const job of jobs) await wired.parts.desk.add(job);
  const {library} = wired.parts.box;
  const idsFor = (wish: Partial<LibraryAsk>) =>
    library.page({...ask, ...wish}).jobs.map(({job}) => jobs.findIndex(({id}) => id === job.id) + 1);
  return {wired, library, idsFor};
}

t.test('each view, order and filter has what it says', async t => {
  const {idsFor, library} = await shelf(t);
  const table: readonly (readonly [Partial<LibraryAsk>, readonly number[]])[] = [
    [{}, [8, 5, 3, 2, 1]],
    [{view: 'all'}, [8, 7, 5, 4, 3, 2, 1]],
    [{view: 'archived'}, [4]],
    [{view: 'recent'}, [1, 2, 3, 5, 8]],
    [{view: 'recent', limit: 2}, [1, 2]],
    [{sort: 'title'}, [3, 2, 1, 8, 5]],
    [{sort: 'series'}, [2, 1, 8, 5, 3]],
    [{series: 'SHOW'}, [8, 5, 2, 1]],
    [{series: 'show', sort: 'series'}, [2, 1, 8, 5]],
    [{series: 'show', season: 2}, [5]],
    [{series: 'Secret'}, []],
    [{tag: 'COMEDY'}, [3, 1]],
    [{text: 'show s01'}, [8, 2, 1]],
    [{text: 'holidays'}, [3]],
    [{view: 'archived', text: 'animal'}, [4]],
    [{sight: {is: 'all'}}, [8, 6, 5, 3, 2, 1]],
    [{sight: {is: 'none'}}, []],
  ];
  for (const [wish, wanted] of table) t.strictSame(idsFor(wish), wanted, JSON.stringify(wish));
  t.strictSame(library.series({is: 'own', user: ann}), [
    {name: 'Show', jobs: 4, episodes: 3, seasons: [1, 2]},
  ]);
  t.match(library.series({is: 'all'}), [{name: 'Secret'}, {name: 'Show'}]);
  t.strictSame(library.tags({is: 'own', user: ann}), [
    {tag: 'comedy', jobs: 2},
    {tag: 'old', jobs: 1},
  ]);
  t.strictSame(library.tags({is: 'own', user: bob}), []);
});

t.test('page after page has all of them once, in each order', async t => {
  const {library, idsFor} = await shelf(t);
  for (const wish of [{}, {sort: 'title'}, {sort: 'series'}, {series: 'show', sort: 'title'}] as const) {
    const seen: number[] = [];
    let after: LibraryAsk['after'] = null;
    do {
      const page = library.page({...ask, ...wish, after, limit: 2});
      seen.push(...page.jobs.map(({job}) => jobs.findIndex(({id}) => id === job.id) + 1));
      after = page.next;
    } while (after !== null);
    t.strictSame(seen, idsFor(wish), JSON.stringify(wish));
  }
  t.strictSame(
    library.page({...ask, after: idOf(99)}),
    {jobs: [], next: null},
    'behind what is gone is nothing',
  );
});

t.test('what is written is stored, told and found; what is made private is gone for others', async t => {
  const {wired, library, idsFor} = await shelf(t);
  const news = wired.news();
  t.match(await library.write(idOf(2), {title: 'Pilot', visibility: 'shared'}), {ok: true});
  t.strictSame(idsFor({text: 'pilot', sight: {is: 'own', user: bob}}), [2]);
  await library.write(idOf(2), {visibility: 'private'});
  t.strictSame(idsFor({text: 'pilot', sight: {is: 'own', user: bob}}), []);
  t.match(await library.archive(idOf(2), true), {ok: true});
  t.strictSame(idsFor({view: 'archived'}), [4, 2]);
  await library.archive(idOf(2), false);
  await until('all is told', () => news.filter(({is}) => is === 'job').length >= 4);
  t.strictSame(
    news.filter(({is}) => is === 'job-gone'),
    [],
    'admins see it as before',
  );
  t.match(await library.write(idOf(99), {title: 'x'}), {ok: false, why: {reason: 'no-such-job'}});
});

t.test('others hear that what is no longer shared is gone', async t => {
  const {wired, library} = await shelf(t);
  const heard: string[] = [];
  const stop = new AbortController();
  const following = wired.parts.events.follow(null, {is: 'own', user: bob}, stop.signal);
  const told = (async () => {
    for await (const text of following) heard.push(...(text.match(/"is":"[a-z-]+"/g) ?? []));
  })();
  await until('it follows', () => heard.length === 1);
  await library.write(idOf(1), {title: 'a private one'});
  await library.write(idOf(1), {visibility: 'shared'});
  await library.write(idOf(1), {visibility: 'private'});
  await until('it is told', () => heard.includes('"is":"job-gone"'));
  t.strictSame(
    heard.filter(is => is.includes('job')),
    ['"is":"job"', '"is":"job-gone"'],
  );
  stop.abort();
  await told;
});

t.test('what was left in the middle is to be gone on with, by whoever left it there', async t => {
  const {wired, library, idsFor} = await shelf(t);
  for (const [number, seconds] of [
    [1, 50],
    [2, 4],
    [3, 96],
    [5, 5],
    [8, 95],
  ] as const)
    await library.watch(ann, idOf(number), {seconds, duration: 100});
  t.strictSame(idsFor({view: 'continue'}).toSorted(), [1, 5, 8]);
  t.strictSame(idsFor({view: 'continue', user: bob}), []);
  t.match(
    library.page(ask).jobs.map(({watched}) => watched?.seconds ?? null),
    [95, 5, 96, 4, 50],
  );
  t.match(await library.watch(ann, idOf(99), {seconds: 1, duration: 2}), {
    ok: false,
    why: {reason: 'no-such-job'},
  });
  t.match(await library.watch(ann, idOf(1), {seconds: 200, duration: 100}), {
    ok: true,
    value: {seconds: 100},
  });
  await wired.parts.desk.forget(idOf(5));
  t.notOk([...wired.parts.ground.store.all('watching').values()].some(({job}) => job === idOf(5)));
});

t.test('no more is remembered of one person than the limit, and of the others nothing is lost', async t => {
  const {wired, library} = await shelf(t);
  await library.watch(bob, idOf(1), {seconds: 1, duration: 2});
  const many = Array.from({length: watchingLimit + 5}, (_, i) => jobOf(1000 + i));
  for (const job of many) await wired.parts.desk.add(job);
  for (const {id} of many) await library.watch(ann, id, {seconds: 1, duration: 2});
  const rows = [...wired.parts.ground.store.all('watching').values()];
  t.equal(rows.filter(({user}) => user === ann).length, watchingLimit);
  t.equal(rows.filter(({user}) => user === bob).length, 1);
});
