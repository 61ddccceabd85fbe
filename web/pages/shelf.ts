/**
 * Owns what is asked of the library by an address, and what an event makes of the films that are shown. Pure but for the asking;
 * never draws anything.
 */
import type {z} from 'zod';
import type {BoxEvent} from '../../appliance/api/events.ts';
import type {LibraryJobs} from '../../appliance/api/library-shapes.ts';
import type {JobLine, Problem} from '../../appliance/api/shapes.ts';
import type {JobId} from '../../appliance/job.ts';
import type {Answered, Call} from './call.ts';

export type Film = z.infer<typeof LibraryJobs>['jobs'][number];

export const views = ['done', 'continue', 'recent', 'all', 'archived', 'trash'] as const;
export type View = (typeof views)[number];
export const sorts = ['newest', 'title', 'series'] as const;
export type Sort = (typeof sorts)[number];

/** What stands behind the question mark; empty is what was not asked for. */
export interface Asked {
  readonly view: View;
  readonly q: string;
  readonly said: string;
  readonly tag: string;
  readonly series: string;
  readonly season: string;
  readonly sort: Sort;
}

export function askedOf(query: URLSearchParams): Asked {
  const text = (name: string): string => query.get(name)?.trim() ?? '';
  const series = text('series');
  return {
    view: views.find(each => each === text('view')) ?? 'done',
    sort: sorts.find(each => each === text('sort')) ?? (series === '' ? 'newest' : 'series'),
    ...{series, q: text('q').slice(0, 100), said: text('said').slice(0, 100), tag: text('tag')},
    season: /^\d{1,4}$/.test(text('season')) ? text('season') : '',
  };
}

/** The address of the same with changes. */
export function hrefOf(asked: Asked, change: Partial<Asked> = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({...asked, ...change})) {
    const isUsual = (name === 'view' && value === 'done') || (name === 'sort' && value === 'newest');
    if (value !== '' && !isUsual) query.set(name, value);
  }
  return query.size === 0 ? '/library' : `/library?${query}`;
}

export interface Shelf {
  readonly films: readonly Film[];
  /** Where the next page begins; null on the last. */
  readonly next: string | null;
  readonly partial: boolean;
  /** What is said cannot be searched on this box, or the like. */
  readonly trouble: Problem | null;
}

/** What a phone shows in the first few screens; the rest comes while it is read. */
export const pageLength = 24;

export async function shelfOf(call: Call, asked: Asked, after: string | null): Promise<Answered<Shelf>> {
  const {view, q, said, tag, series, season, sort} = asked;
  const given = {
    ...(q !== '' && {q}),
    ...(tag !== '' && {tag}),
    ...(series !== '' && {series}),
    limit: pageLength,
  };
  if (view === 'trash') {
    const behind = after === null ? {} : {after};
    const answer = await call('jobs.list', {query: {...given, ...behind, state: ['deleted']}});
    if (!answer.ok) return answer;
    const films = answer.value.jobs.map(job => ({...job, watched: null, said: []}));
    return {ok: true, value: {films, next: answer.value.next, partial: false, trouble: null}};
  }
  const answer = await call('library.jobs', {
    query: {
      ...{...given, view, sort},
      ...(said !== '' && {said}),
      ...(season !== '' && series !== '' && {season: Number(season)}),
      // It came from the box as that.
      ...(after !== null && {after: after as JobId}),
    },
  });
  if (answer.ok) {
    const {jobs: films, next, partial} = answer.value;
    return {ok: true, value: {films, next, partial, trouble: null}};
  }
  // The rest of the page is there all the same, to ask for something else.
  if (said !== '') return {ok: true, value: {films: [], next: null, partial: false, trouble: answer.why}};
  return answer;
}

/** Whether a job still belongs where it is shown. */
function belongs(view: View, {state, card}: JobLine): boolean {
  if (view === 'trash') return state.is === 'deleted';
  if (state.is === 'deleted') return false;
  if (view === 'all') return true;
  return state.is === 'done' && (card.archived !== null) === (view === 'archived');
}

/** The films after an event; `stale` where the box has to be asked which they are. */
export function heardOf(films: readonly Film[], asked: Asked, event: BoxEvent): readonly Film[] | 'stale' {
  switch (event.is) {
    case 'reset':
      return 'stale';
    case 'job-gone':
      return films.filter(({id}) => id !== event.id);
    case 'job': {
      const {job} = event;
      const isKnown = films.some(({id}) => id === job.id);
      if (!belongs(asked.view, job)) return isKnown ? films.filter(({id}) => id !== job.id) : films;
      // Where somebody has come far down, the top is not what they look at.
      if (!isKnown) return films.length <= pageLength ? 'stale' : films;
      return films.map(film => (film.id === job.id ? {...film, ...job} : film));
    }
    case 'progress':
    case 'inbox':
    case 'queue':
    case 'alerts':
      return films;
    default:
      // Of a box that is newer than the page.
      return films;
  }
}
