/** That the catalogue walks the same as one would find by sorting all there is, after any changes. */
import t, {type Test} from 'tap';
import type {Sight} from '../../../appliance/api/permissions.ts';
import {sees} from '../../../appliance/api/permissions.ts';
import {isShared, type Job, type JobId} from '../../../appliance/job.ts';
import {blankCard, episodeOf, nameOf} from '../../../appliance/library/card.ts';
import {Catalogue} from '../../../supervisor/library/catalogue.ts';
import {ann, bob, digest, inOrder, jobOf} from '../../web/memory-box.ts';

/** The same every time, so that a failure can be looked at. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const names = [
  'Show S01E02.mkv',
  'Show S01E01.mkv',
  'Another - 03.mkv',
  'film.mp4',
  'Éclair.mkv',
  'show s02e01.mp4',
];

function drawn(number: number, below: (n: number) => number): Job {
  const card =
    below(3) === 0 ? {...blankCard, visibility: below(2) ? ('shared' as const) : ('private' as const)} : null;
  const trashed = {is: 'deleted', at: 1, was: null} as const;
  return jobOf(number, {
    ...{owner: below(2) ? ann : bob, submitted: below(50), card},
    source: {name: names[below(names.length)] ?? '', bytes: 1, digest},
    ...(below(5) === 0 ? {state: trashed} : {}),
  });
}

const sights: readonly Sight[] = [{is: 'all'}, {is: 'own', user: ann}, {is: 'own', user: bob}, {is: 'none'}];
const idsOf = (jobs: Iterable<Job>): readonly JobId[] => [...jobs].map(({id}) => id);

/** Everything that is asked of a catalogue, found by going through all jobs. */
function compare(t: Test, catalogue: Catalogue, all: ReadonlyMap<JobId, Job>): void {
  for (const sight of sights) {
    const seen = [...all.values()].filter(job => sees(sight, job.owner, isShared(job)));
    for (const sort of ['newest', 'oldest'] as const)
      for (const owner of [null, ann, bob]) {
        const wanted = inOrder(seen, sort).filter(job => owner === null || job.owner === owner);
        const found = [...catalogue.walk({sight, owner, sort, after: null})];
        t.strictSame(found, wanted);
        const after = wanted[Math.floor(wanted.length / 2)] ?? null;
        const rest = after === null ? wanted : wanted.slice(wanted.indexOf(after) + 1);
        t.strictSame(idsOf(catalogue.walk({sight, owner, sort, after})), idsOf(rest));
      }
    const byTitle = [...catalogue.named(sight, 'title', null)];
    t.strictSame(idsOf(byTitle).toSorted(), idsOf(seen).toSorted());
    const titles = byTitle.map(job => nameOf(job).toLowerCase());
    t.strictSame(titles, titles.toSorted());
    const ofShow = seen.filter(job => episodeOf(job)?.series.toLowerCase() === 'show');
    const places = [...catalogue.series(sight, 'SHOW')];
    t.strictSame(idsOf(places).toSorted(), idsOf(ofShow).toSorted());
    const numbers = places.map(job => (episodeOf(job)?.season ?? 0) * 100 + (episodeOf(job)?.episode ?? 0));
    t.strictSame(
      numbers,
      numbers.toSorted((a, b) => a - b),
    );
    const placed = [...catalogue.episodes(sight)];
    t.equal(placed.length, seen.filter(job => episodeOf(job) !== null).length);
    for (const {job, series, season} of placed)
      t.match(episodeOf(job), {series: new RegExp(series, 'i'), season});
  }
}

t.test('after any walk of changes each order is what sorting all jobs would give', async t => {
  const below = random(7);
  const all = new Map<JobId, Job>();
  const catalogue = new Catalogue([]);
  for (let step = 1; step <= 600; step++) {
    const known = [...all.values()][below(all.size)];
    const change = below(6);
    if (known === undefined || change < 3) {
      const job = drawn(step, below);
      all.set(job.id, job);
      catalogue.tell(undefined, job);
    } else if (change === 3) {
      all.delete(known.id);
      catalogue.tell(known, undefined);
    } else {
      const {owner, submitted, id} = known;
      const changed = {...drawn(step, below), owner, submitted, id};
      all.set(id, changed);
      catalogue.tell(known, changed);
    }
    if (step % 60 !== 0) continue;
    compare(t, catalogue, all);
    compare(t, new Catalogue(all.values()), all);
  }
});
