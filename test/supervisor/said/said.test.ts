/** The search in what is said, in a whole box: what it finds and for whom, and that no word outlives its dub. */
import {mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {digestOf} from '../../../appliance/digest.ts';
import type {Job, JobId, UserName} from '../../../appliance/job.ts';
import {blankCard} from '../../../appliance/library/card.ts';
import {HomeLibrary} from '../../../supervisor/library/library.ts';
import {Watches} from '../../../supervisor/library/watching.ts';
import {Said} from '../../../supervisor/said/said.ts';
import type {LibraryAsk} from '../../../web/library.ts';
import {ann, bob, digest, jobOf} from '../../web/memory-box.ts';
import {Wired} from '../wired.ts';

type Lines = readonly (readonly [number, string, string])[];

const ask: LibraryAsk = {
  ...{sight: {is: 'own', user: ann}, user: ann, view: 'done', text: null, tag: null, series: null},
  ...{season: null, sort: 'newest', after: null, limit: 50},
};

/** A finished film with a report beside it. */
async function addFilm(wired: Wired, number: number, lines: Lines, more: Partial<Job> = {}): Promise<Job> {
  const {id} = jobOf(number);
  const folder = wired.path('jobs', id, 'out');
  await mkdir(folder, {recursive: true});
  const shown = lines.map(([start, text, translation]) => ({
    ...{source: {start, end: start + 1}, text, translation, speaker: 'A'},
  }));
  const report = JSON.stringify({version: 1, lines: shown});
  const path = join(folder, 'film.es.report.json');
  await writeFile(path, report);
  const outputs = [
    {kind: 'report for programs', path, bytes: Buffer.byteLength(report), digest: digestOf(report)},
  ];
  const job = jobOf(number, {
    ...{owner: ann, source: {name: `Film ${number}.mkv`, bytes: 1, digest}},
    state: {is: 'done', at: 100 + number, seconds: 1, outputs, summary: []},
    ...more,
  });
  await wired.parts.desk.add(job);
  return job;
}

const films: readonly (readonly [Lines, UserName, 'private' | 'shared'])[] = [
  [
    [
      [1.5, 'Where is the café?', '¿Dónde está el café?'],
      [61.25, 'The ZEPPELIN is late.', 'El dirigible llega tarde.'],
      [70, 'A zeppelin!', 'Un dirigible.'],
      [80, 'Two zeppelins.', 'Dos dirigibles.'],
      [90, 'Three zeppelins.', 'Tres dirigibles.'],
    ],
    ann,
    'private',
  ],
  [[[2, '明日は東京へ行きます。', 'Mañana voy a Tokio.']], ann, 'private'],
  [[[3, 'A secret zeppelin.', 'Un dirigible secreto.']], bob, 'private'],
  [[[4, 'Our zeppelin, for all.', 'Nuestro dirigible.']], bob, 'shared'],
  [[[5, 'A tab\tand\na zep', 'pelin.']], ann, 'private'],
];

async function shelf(t: Test, env: Readonly<Record<string, string>> = {}) {
  const wired = await Wired.at(t, {env});
  await wired.parts.box.setQueueMode('paused');
  for (const [i, [lines, owner, visibility]] of films.entries())
    await addFilm(wired, i + 1, lines, {owner, card: {...blankCard, visibility}});
  await wired.parts.said.settled();
  const {library} = wired.parts.box;
  const page = async (words: string, wish: Partial<LibraryAsk> = {}) => {
    const answer = await library.said({...ask, ...wish}, words);
    if (!answer.ok) throw new Error(answer.why.reason);
    return answer.value;
  };
  const numbers = async (words: string, wish: Partial<LibraryAsk> = {}) =>
    (await page(words, wish)).jobs.map(({job}) => films.findIndex((_, i) => jobOf(i + 1).id === job.id) + 1);
  return {wired, page, numbers};
}

/** Which files below the data folder hold these bytes. */
async function holding(wired: Wired, words: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(wired.folder, {recursive: true, withFileTypes: true})) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && (await readFile(path)).includes(words))
      found.push(path.slice(wired.folder.length + 1));
  }
  return found.toSorted();
}

t.test('a film is found by what is said in it, in both languages, by whoever may see it', async t => {
  const {page, numbers} = await shelf(t);
  const table: readonly (readonly [string, Partial<LibraryAsk>, readonly number[]])[] = [
    ['zeppelin', {}, [4, 1]],
    ['Zeppelin IS late', {}, [1]],
    ['dirigible', {}, [4, 1]],
    ['donde esta', {}, [1]],
    ['CAFÉ', {}, [1]],
    ['東京', {}, [2]],
    ['京へ行', {}, [2]],
    ['manana', {}, [2]],
    ['secret', {}, []],
    ['tab and a zep', {}, [5]],
    ['zep pelin', {}, []],
    ['?!', {}, []],
    ['zeppelin', {sight: {is: 'all'}}, [4, 3, 1]],
    ['zeppelin', {sight: {is: 'own', user: bob}, user: bob}, [4, 3]],
    ['zeppelin', {sight: {is: 'none'}}, []],
    ['zeppelin', {text: 'Film 1'}, [1]],
    ['zeppelin', {sort: 'title'}, [1, 4]],
    ['zeppelin', {view: 'archived'}, []],
  ];
  for (const [words, wish, wanted] of table)
    t.strictSame(await numbers(words, wish), wanted, `${words} ${JSON.stringify(wish)}`);
  const [, film] = (await page('zeppelin')).jobs;
  t.strictSame(film?.said, [
    {at: 61.25, text: 'The ZEPPELIN is late.', translation: 'El dirigible llega tarde.'},
    {at: 70, text: 'A zeppelin!', translation: 'Un dirigible.'},
    {at: 80, text: 'Two zeppelins.', translation: 'Dos dirigibles.'},
  ]);
  const first = await page('zeppelin', {limit: 1});
  t.match(first, {jobs: {length: 1}, partial: false, next: jobOf(4).id});
  t.match(await page('zeppelin', {limit: 1, after: first.next}), {
    jobs: [{job: {id: jobOf(1).id}}],
    next: null,
  });
});

t.test('only what may be seen is looked through, and what turned private meanwhile is not told', async t => {
  const {wired} = await shelf(t);
  const {desk, catalogue, ground, box} = wired.parts;
  const looked: JobId[] = [];
  const library = new HomeLibrary({
    ...{catalogue, desk, watches: new Watches(ground.store), now: ground.now, shown: job => box.now(job)},
    said: {
      isOn: true,
      find: async ({ids}) => {
        looked.push(...ids);
        await wired.parts.library.write(jobOf(4).id, {visibility: 'private'});
        const found = ids.map(id => ({id, lines: [{at: 1, text: 'zeppelin', translation: ''}]}));
        return {found, more: false, partial: false, last: null};
      },
    },
  });
  const answer = await library.said({...ask, view: 'all'}, 'zeppelin');
  t.strictSame(
    looked,
    [5, 4, 2, 1].map(number => jobOf(number).id),
  );
  const told = answer.ok ? answer.value.jobs.map(({job}) => job.id) : [];
  t.strictSame(
    told,
    [5, 2, 1].map(number => jobOf(number).id),
  );
});

t.test('one that turns private, or is deleted, is not found from then on', async t => {
  const {wired, numbers} = await shelf(t);
  await wired.parts.library.write(jobOf(4).id, {visibility: 'private'});
  t.strictSame(await numbers('zeppelin'), [1]);
  await wired.parts.box.wish(jobOf(1).id, 'delete');
  t.strictSame(await numbers('zeppelin', {view: 'all'}), []);
  await wired.parts.box.wish(jobOf(1).id, 'restore');
  t.strictSame(await numbers('zeppelin'), [1]);
});

t.test(
  'no word of a film that was taken away is left on the disk, and nothing of it in the sieve',
  async t => {
    const {wired} = await shelf(t, {ENABLE_HARD_DELETE: '1', TRASH_KEEP_DAYS: '0'});
    const {box, sweeping} = wired.parts;
    const [purged, swept] = [jobOf(1).id, jobOf(3).id];
    const text = wired.path('jobs', purged, 'said');
    t.equal((await stat(text)).mode & 0o777, 0o600);
    t.equal((await stat(wired.path('said.sieve'))).mode & 0o777, 0o600);
    t.ok((await holding(wired, 'zeppelin is late')).includes(`jobs/${purged}/said`));
    t.ok((await holding(wired, purged)).includes('said.sieve'));
    await box.wish(purged, 'delete');
    t.match(await box.trash.purge(purged), {ok: true, value: {left: 0}});
    t.strictSame(await holding(wired, 'zeppelin is late'), []);
    t.notOk((await holding(wired, purged)).includes('said.sieve'));
    await box.wish(swept, 'delete');
    await sweeping.sweep();
    await sweeping.sweep();
    t.strictSame(await holding(wired, 'secret zeppelin'), []);
    t.notOk((await holding(wired, swept)).includes('said.sieve'));
    t.ok((await holding(wired, jobOf(4).id)).includes('said.sieve'), 'the others are there');
  },
);

t.test('it goes with the dub when that is past its days, though the job stays', async t => {
  const {wired, numbers} = await shelf(t, {OUTPUTS_KEEP_DAYS: '1'});
  await wired.parts.sweeping.sweep();
  await wired.parts.sweeping.sweep();
  t.strictSame(await numbers('zeppelin'), []);
  t.strictSame(await holding(wired, 'eppelin'), []);
  t.equal(wired.state(jobOf(1).id), 'done');
  t.notOk((await holding(wired, jobOf(1).id)).includes('said.sieve'));
});

t.test('what is missing or broken is made anew, and nothing is missed meanwhile', async t => {
  const {wired, numbers, page} = await shelf(t);
  const {said} = wired.parts;
  const [sieve, text] = [wired.path('said.sieve'), wired.path('jobs', jobOf(1).id, 'said')];
  const whole = await readFile(sieve);
  const mended = async (): Promise<void> => {
    said.start();
    await said.settled();
    t.equal((await readFile(sieve)).length, whole.length);
    t.strictSame(await numbers('zeppelin'), [4, 1]);
  };
  const flipped = Buffer.from(whole);
  flipped.fill(0, 64 + 16, 64 + 2048);
  for (const [what, isMissed, harm] of [
    ['it is gone', false, () => rm(sieve)],
    ['it is something else', false, () => writeFile(sieve, 'nonsense'.repeat(1000))],
    ['it ends early', false, () => truncate(sieve, whole.length - 100)],
    ['bits of it are lost', true, () => writeFile(sieve, flipped)],
    [
      'it is a link',
      false,
      async () => {
        await rm(sieve);
        await symlink('/dev/zero', sieve);
      },
    ],
    ['a text is gone', true, () => rm(text)],
  ] as const) {
    await harm();
    t.strictSame(await numbers('zeppelin'), isMissed ? [4] : [4, 1], what);
    await mended();
  }
  await writeFile(text, 'dubstead-said 1 and nonsense\tzeppelin\n'.repeat(10));
  t.strictSame(await numbers('zeppelin'), [4], 'a broken text is no text');
  await said.settled();
  t.strictSame(await numbers('zeppelin'), [4, 1], 'and was made anew at once');
  t.equal((await page('zeppelin')).partial, false);
});

t.test('a dub that was made anew is found by what is said in it now', async t => {
  const {wired, numbers} = await shelf(t);
  const {desk, said} = wired.parts;
  const job = desk.get(jobOf(5).id);
  if (job?.state.is !== 'done') throw new Error('it is done');
  const [output] = job.state.outputs;
  if (output === undefined) throw new Error('it has a report');
  const report = JSON.stringify({
    lines: [{source: {start: 9}, text: 'An airplane.', translation: 'Un avión.'}],
  });
  await writeFile(output.path, report);
  const outputs = [{...output, bytes: report.length + 1, digest: digestOf(report)}];
  // Not a word of the store: as when a crash came before the text was written.
  const anew: Job = {...job, state: {...job.state, outputs}};
  await wired.parts.ground.store.commit(draft => draft.put('jobs', job.id, anew));
  said.finished(job.id);
  await said.settled();
  t.strictSame(await numbers('avion'), [5]);
  t.strictSame(await numbers('tab'), []);
});

t.test('where it is off nothing is kept, what was is taken away, and the answer says so', async t => {
  const {wired} = await shelf(t);
  await wired.stop();
  const off = await Wired.at(t, {env: {SEARCH_TRANSCRIPTS: '0'}}, wired.folder);
  off.parts.said.start();
  await off.parts.said.settled();
  t.match(await off.parts.library.said(ask, 'zeppelin'), {ok: false, why: {reason: 'said-off'}});
  t.strictSame(await holding(off, 'zeppelin is late'), []);
  t.notOk((await readdir(off.folder)).includes('said.sieve'));
});

t.test('a search that takes too long says so, and how to go on', async t => {
  const {wired} = await shelf(t);
  const {folders} = wired.parts.ground;
  let now = 0;
  const quick = new Said(
    {
      ...{isOn: true, folders: {...folders, sieve: wired.path('none')}, steady: () => now},
      jobs: {get: id => wired.parts.desk.get(id), ids: () => []},
      openOutput: async () => ({ok: false, why: {reason: 'output-gone'}}),
      log: {info: () => {}, warn: () => {}, error: () => {}},
    },
    {ms: 100, bytes: 1},
  );
  const ids = Array.from({length: 20}, () => jobOf(2).id);
  const bounded = await quick.find({words: 'zeppelin', ids, limit: 5});
  t.match(bounded, {found: [], partial: true, last: jobOf(2).id});
  const late = quick.find({words: 'zeppelin', ids: [jobOf(1).id], limit: 5});
  now = 200;
  t.match(await late, {found: [], partial: true, last: null});
  await quick.stop();
});
