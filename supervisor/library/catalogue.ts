/**
 * Owns all jobs in the orders in which they are listed, so that a page costs a page and not all there are. Built once
 * from the store and told of every change; the orders that only the library has are made when first asked for. Never
 * decides who may look: it walks what somebody sees, by the rule of the permissions.
 */
import {type Sight, sees} from '../../appliance/api/permissions.ts';
import {isShared, type Job, type UserName} from '../../appliance/job.ts';
import {episodeOf, nameOf} from '../../appliance/library/card.ts';
import {folded} from '../../appliance/library/folded.ts';
import {unreachable} from '../../appliance/result.ts';
import {Ordered, type Standing} from './ordered.ts';

export interface Walk {
  readonly sight: Sight;
  /** Whose; null is everybody's that is seen. */
  readonly owner: UserName | null;
  readonly sort: 'newest' | 'oldest';
  /** The last job of the page before. */
  readonly after: Pick<Job, 'submitted' | 'id'> | null;
}

/** A job in its series: by the folded name of that, and what is the same for each job of one episode. */
export interface Placed {
  readonly job: Job;
  readonly series: string;
  readonly season: number | null;
  readonly place: string;
}

export type NamedSort = 'title' | 'series';

/** After all names of series: what is of none. */
const ofNone = '\uffff';
/** Before all numbers. */
const unknown = '-';

export class Catalogue {
  readonly #all: Ordered<number>;
  readonly #owned = new Map<UserName, Ordered<number>>();
  readonly #shared: Ordered<number>;
  readonly #named = new Map<NamedSort, Ordered<string>>();

  constructor(jobs: Iterable<Job>) {
    const known = [...jobs];
    this.#all = new Ordered(known, bySubmitted);
    this.#shared = new Ordered(known.filter(isShared), bySubmitted);
    for (const [owner, own] of Map.groupBy(known, job => job.owner))
      this.#owned.set(owner, new Ordered(own, bySubmitted));
  }

  /** A change, once it is stored; `was` is undefined for a new job, `is` for one that is gone. */
  tell(was: Job | undefined, is: Job | undefined): void {
    this.#all.tell(was, is);
    const job = is ?? was;
    if (job === undefined) return;
    this.#ownedBy(job.owner).tell(was, is);
    const keep = (one: Job | undefined): Job | undefined =>
      one !== undefined && isShared(one) ? one : undefined;
    this.#shared.tell(keep(was), keep(is));
    for (const order of this.#named.values()) order.tell(was, is);
  }

  /** What somebody sees, in the order they ask for. */
  walk({sight, owner, sort, after}: Walk): Iterable<Job> {
    const standing = after === null ? null : {key: after.submitted, id: after.id};
    const through = (order: Ordered<number> | undefined): Iterable<Job> =>
      (sort === 'newest' ? order?.down(standing) : order?.up(standing)) ?? [];
    switch (sight.is) {
      case 'all':
        return through(owner === null ? this.#all : this.#owned.get(owner));
      case 'own': {
        if (owner === sight.user) return through(this.#owned.get(owner));
        const others = ofOthers(through(this.#shared), sight.user, owner);
        return owner === null ? merged(through(this.#owned.get(sight.user)), others, sort) : others;
      }
      case 'none':
        return [];
      default:
        return unreachable(sight);
    }
  }

  /** By name, or by series, season and episode; `after` is as `standing` gave it. */
  *named(sight: Sight, sort: NamedSort, after: Standing<string> | null): Generator<Job> {
    for (const job of this.#order(sort).up(after)) if (sees(sight, job.owner, isShared(job))) yield job;
  }

  /** Those of one series, in its order. */
  *series(sight: Sight, name: string): Generator<Job> {
    const start = `${folded(name)}\0`;
    for (const [key, job] of this.#order('series').entries({key: start, id: ''})) {
      if (!key.startsWith(start)) return;
      if (sees(sight, job.owner, isShared(job))) yield job;
    }
  }

  /** All that are of a series, one series after another, without reading their names again. */
  *episodes(sight: Sight): Generator<Placed> {
    for (const [key, job] of this.#order('series').entries(null)) {
      if (key.startsWith(ofNone)) return;
      const [series = '', season = '', place = ''] = key.split('\0');
      if (sees(sight, job.owner, isShared(job)))
        yield {job, series, season: season === unknown ? null : Number(season), place};
    }
  }

  standing(sort: NamedSort, job: Job): Standing<string> {
    return this.#order(sort).standingOf(job);
  }

  #order(sort: NamedSort): Ordered<string> {
    let order = this.#named.get(sort);
    if (order === undefined) {
      order = new Ordered(this.#all.up(null), sort === 'title' ? byTitle : bySeries);
      this.#named.set(sort, order);
    }
    return order;
  }

  #ownedBy(owner: UserName): Ordered<number> {
    let order = this.#owned.get(owner);
    if (order === undefined) {
      order = new Ordered([], bySubmitted);
      this.#owned.set(owner, order);
    }
    return order;
  }
}

const bySubmitted = ({submitted}: Job): number => submitted;
const byTitle = (job: Job): string => folded(nameOf(job));

const padded = (number: number): string => String(number).padStart(5, '0');

function bySeries(job: Job): string {
  const episode = episodeOf(job);
  if (episode === null) return `${ofNone}\0${byTitle(job)}`;
  const {series, season, episode: number} = episode;
  // Without a number it is told from others by its name, which has the day where there is one.
  const place = number === null ? byTitle(job) : padded(number);
  return [folded(series), season === null ? unknown : padded(season), place].join('\0');
}

function* ofOthers(shared: Iterable<Job>, user: UserName, owner: UserName | null): Generator<Job> {
  for (const job of shared) if (job.owner !== user && (owner === null || job.owner === owner)) yield job;
}

/** Two in one order, both of them in it. */
function* merged(own: Iterable<Job>, others: Iterable<Job>, sort: Walk['sort']): Generator<Job> {
  const rest = others[Symbol.iterator]();
  let next = rest.next();
  for (const job of own) {
    for (; next.done !== true && isEarlier(next.value, job, sort); next = rest.next()) yield next.value;
    yield job;
  }
  for (; next.done !== true; next = rest.next()) yield next.value;
}

function isEarlier(a: Job, b: Job, sort: Walk['sort']): boolean {
  const isOlder = a.submitted === b.submitted ? a.id < b.id : a.submitted < b.submitted;
  return sort === 'oldest' ? isOlder : !isOlder;
}
