/**
 * Owns what the library answers: pages of dubs as people look for them, series, tags, and how far they have watched.
 * Changes a job's card through the desk alone, and never decides who may.
 */
import type {SeriesShown, TagShown, Watched} from '../../appliance/api/library-shapes.ts';
import {type Sight, sees} from '../../appliance/api/permissions.ts';
import {isShared, type Job, type JobId, type UserName} from '../../appliance/job.ts';
import {type CardChange, episodeOf, isArchived, written} from '../../appliance/library/card.ts';
import {folded} from '../../appliance/library/folded.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import type {JobNow, Trouble} from '../../web/box.ts';
import type {Library, LibraryAsk, LibraryPage, SaidPage} from '../../web/library.ts';
import {hasTag} from '../../web/page.ts';
import {searching} from '../../web/search.ts';
import type {JobDesk} from '../queue/desk.ts';
import type {Said} from '../said/said.ts';
import {stored} from '../stored.ts';
import type {Catalogue} from './catalogue.ts';
import {Ordered} from './ordered.ts';
import type {Watches} from './watching.ts';

export interface LibraryParts {
  readonly catalogue: Catalogue;
  readonly desk: JobDesk;
  readonly watches: Watches;
  readonly said: Pick<Said, 'isOn' | 'find'>;
  readonly shown: (job: Job) => JobNow;
  readonly now: () => number;
}

/** Series or tags in one answer. */
const groupsLimit = 1000;
/** What was left in between is to be gone on with. */
const begun = {from: 0.05, to: 0.95} as const;

export class HomeLibrary implements Library {
  readonly #parts: LibraryParts;

  constructor(parts: LibraryParts) {
    this.#parts = parts;
  }

  write(id: JobId, change: CardChange): Promise<Result<JobNow, Trouble>> {
    return this.#write(id, card => written(card, change));
  }

  archive(id: JobId, isAway: boolean): Promise<Result<JobNow, Trouble>> {
    return this.#write(id, (card, now) => written(card, {archived: isAway ? (card?.archived ?? now) : null}));
  }

  page(ask: LibraryAsk): LibraryPage {
    const {limit, user} = ask;
    const fits = matcherOf(ask);
    const found: Job[] = [];
    for (const job of this.#walk(ask)) {
      if (!fits(job)) continue;
      found.push(job);
      if (found.length > limit) break;
    }
    const page = found.slice(0, limit);
    const next = found.length > limit ? (page.at(-1)?.id ?? null) : null;
    return {jobs: page.map(job => ({...this.#parts.shown(job), watched: this.watched(user, job.id)})), next};
  }

  async said(ask: LibraryAsk, words: string): Promise<Result<SaidPage, Trouble>> {
    const {said, desk, shown} = this.#parts;
    if (!said.isOn) return no({reason: 'said-off'});
    const fits = matcherOf(ask);
    const isOpen = (job: Job): boolean => job.state.is === 'done' && fits(job);
    // All at once: what changes while the texts are read would be missed, or come twice.
    const ids: JobId[] = [];
    for (const job of this.#walk(ask)) if (isOpen(job)) ids.push(job.id);
    const {found, more, partial, last} = await said.find({words, ids, limit: ask.limit});
    const jobs = found.flatMap(({id, lines}) => {
      const job = desk.get(id);
      // Somebody may have made it private meanwhile, or deleted it.
      if (job === undefined || !isOpen(job)) return [];
      return [{...shown(job), watched: this.watched(ask.user, id), said: lines}];
    });
    const behind = more ? (found.at(-1)?.id ?? null) : partial ? (last ?? ask.after) : null;
    return ok({jobs, partial, next: hasPages(ask) ? behind : null});
  }

  series(sight: Sight): SeriesShown[] {
    const found = new Map<string, Counted>();
    for (const {job, series, season, place} of this.#parts.catalogue.episodes(sight)) {
      if (!isOnShelf(job)) continue;
      const known = found.get(series) ?? counted(episodeOf(job)?.series ?? series);
      known.jobs += 1;
      known.places.add(`${season} ${place}`);
      if (season !== null) known.seasons.add(season);
      found.set(series, known);
    }
    return [...found.values()].slice(0, groupsLimit).map(({name, jobs, places, seasons}) => ({
      ...{name, jobs, episodes: places.size},
      seasons: [...seasons].toSorted((a, b) => a - b).slice(0, groupsLimit),
    }));
  }

  tags(sight: Sight): TagShown[] {
    const found = new Map<string, {tag: string; jobs: number}>();
    for (const job of this.#newest(sight)) {
      if (job.card === null || !isOnShelf(job)) continue;
      for (const tag of job.card.tags) {
        const known = found.get(folded(tag)) ?? {tag, jobs: 0};
        known.jobs += 1;
        found.set(folded(tag), known);
      }
    }
    return [...found.values()].toSorted((a, b) => b.jobs - a.jobs).slice(0, groupsLimit);
  }

  watch(user: UserName, job: JobId, {seconds, duration}: Watched): Promise<Result<Watched, Trouble>> {
    const {watches, now} = this.#parts;
    return stored(async () => {
      const row = await watches.put({user, job, seconds: Math.min(seconds, duration), duration, at: now()});
      return row === undefined ? no({reason: 'no-such-job'}) : ok({seconds: row.seconds, duration});
    });
  }

  #write(id: JobId, write: Parameters<JobDesk['write']>[1]): Promise<Result<JobNow, Trouble>> {
    const {desk, shown} = this.#parts;
    return stored(async () => {
      const answer = await desk.write(id, write);
      return answer.ok ? ok(shown(answer.value)) : answer;
    });
  }

  watched(user: UserName, id: JobId): Watched | null {
    const row = this.#parts.watches.of(user, id);
    return row === undefined ? null : {seconds: row.seconds, duration: row.duration};
  }

  /** Jobs in the order that is asked for, those behind the cursor alone; a cursor whose job is gone leads nowhere. */
  #walk(ask: LibraryAsk): Iterable<Job> {
    const {sight, view, sort, series, after} = ask;
    const {catalogue, desk} = this.#parts;
    const last = after === null ? null : desk.get(after);
    if (last === undefined) return [];
    if (view === 'recent') return after === null ? this.#recent(ask) : [];
    if (view === 'continue') return after === null ? this.#begun(ask) : [];
    if (series !== null) {
      const few = new Ordered(catalogue.series(sight, series), job => sortKey(catalogue, sort, job));
      const standing = last && few.standingOf(last);
      return sort === 'newest' ? few.down(standing) : few.up(standing);
    }
    if (sort === 'newest') return catalogue.walk({sight, owner: null, sort, after: last});
    return catalogue.named(sight, sort, last && catalogue.standing(sort, last));
  }

  /** The last that were finished; no more are kept at any time than are asked for. */
  #recent(ask: LibraryAsk): readonly Job[] {
    const fits = matcherOf(ask);
    const latest: Job[] = [];
    for (const job of this.#newest(ask.sight)) {
      const last = latest.at(ask.limit - 1);
      if ((last !== undefined && finishedAt(job) <= finishedAt(last)) || !fits(job)) continue;
      const place = latest.findIndex(one => finishedAt(one) < finishedAt(job));
      latest.splice(place === -1 ? latest.length : place, 0, job);
      if (latest.length > ask.limit) latest.pop();
    }
    return latest;
  }

  *#begun({user}: LibraryAsk): Generator<Job> {
    for (const {job: id, seconds, duration} of this.#parts.watches.by(user)) {
      const job = this.#parts.desk.get(id);
      const share = seconds / duration;
      if (job !== undefined && share >= begun.from && share <= begun.to) yield job;
    }
  }

  #newest(sight: Sight): Iterable<Job> {
    return this.#parts.catalogue.walk({sight, owner: null, sort: 'newest', after: null});
  }
}

interface Counted {
  readonly name: string;
  jobs: number;
  readonly places: Set<string>;
  readonly seasons: Set<number>;
}

function counted(name: string): Counted {
  return {name, jobs: 0, places: new Set(), seasons: new Set()};
}

function sortKey(catalogue: Catalogue, sort: LibraryAsk['sort'], job: Job): string {
  return sort === 'newest' ? String(job.submitted).padStart(15, '0') : catalogue.standing(sort, job).key;
}

function finishedAt({state}: Job): number {
  return state.is === 'done' ? state.at : 0;
}

/** The other views are one page. */
function hasPages({view}: LibraryAsk): boolean {
  return view !== 'recent' && view !== 'continue';
}

/** Done, and not put away. */
function isOnShelf(job: Job): boolean {
  return job.state.is === 'done' && !isArchived(job);
}

function matcherOf({sight, view, text, tag, season}: LibraryAsk): (job: Job) => boolean {
  const fits = text === null ? null : searching(text);
  const label = tag === null ? null : folded(tag);
  return job =>
    isInView(job, view) &&
    sees(sight, job.owner, isShared(job)) &&
    (label === null || hasTag(job, label)) &&
    (season === null || episodeOf(job)?.season === season) &&
    (fits === null || fits(job));
}

function isInView(job: Job, view: LibraryAsk['view']): boolean {
  if (view === 'all') return job.state.is !== 'deleted';
  return view === 'archived' ? job.state.is !== 'deleted' && isArchived(job) : isOnShelf(job);
}
