/** Owns what the routes of the library do: asks whoever keeps it and shows what they say. Who may ask was settled before. */
import type {z} from 'zod';
import type {LibraryRows} from '../appliance/api/library-rows.ts';
import type {
  LibraryJobs,
  LibrarySort,
  LibraryView,
  Purged,
  SaidLine,
  SeriesShown,
  TagShown,
  Watched,
} from '../appliance/api/library-shapes.ts';
import type {Sight} from '../appliance/api/permissions.ts';
import type {JobId, UserName} from '../appliance/job.ts';
import type {CardChange} from '../appliance/library/card.ts';
import {ok, type Result} from '../appliance/result.ts';
import type {Box, JobNow, Trouble} from './box.ts';
import type {Handlers} from './handler.ts';
import {shown} from './problem.ts';
import {showDetail, showLine} from './show.ts';

/** Where deleted jobs are until their files go. */
export interface Trash {
  /** Takes away at once all there is of a job that is over. */
  purge(id: JobId): Promise<Result<Purged, Trouble>>;
}

export interface LibraryAsk {
  readonly sight: Sight;
  /** Who asks: what they have watched is theirs alone. */
  readonly user: UserName;
  readonly view: LibraryView;
  readonly text: string | null;
  readonly tag: string | null;
  readonly series: string | null;
  readonly season: number | null;
  readonly sort: LibrarySort;
  /** The last job of the page before. */
  readonly after: JobId | null;
  readonly limit: number;
}

export interface LibraryPage {
  readonly jobs: readonly (JobNow & {readonly watched: Watched | null})[];
  readonly next: JobId | null;
}

export interface SaidPage {
  readonly jobs: readonly (LibraryPage['jobs'][number] & {readonly said: readonly SaidLine[]})[];
  readonly next: JobId | null;
  /** Not every film was looked through. */
  readonly partial: boolean;
}

/** Dubs as people look for them, and what they write on them. */
export interface Library {
  write(id: JobId, change: CardChange): Promise<Result<JobNow, Trouble>>;
  archive(id: JobId, isAway: boolean): Promise<Result<JobNow, Trouble>>;
  page(ask: LibraryAsk): LibraryPage;
  /** Those of them in which it is said. */
  said(ask: LibraryAsk, words: string): Promise<Result<SaidPage, Trouble>>;
  series(sight: Sight): SeriesShown[];
  tags(sight: Sight): TagShown[];
  watched(user: UserName, id: JobId): Watched | null;
  watch(user: UserName, id: JobId, how: Watched): Promise<Result<Watched, Trouble>>;
}

export function aboutLibrary(box: Box): Handlers<LibraryRows> {
  return {
    'jobs.restore': {answer: async ({params}) => shown(await box.wish(params.id, 'restore'), showLine)},
    'jobs.card': {
      answer: async ({params, body, caller}) => {
        const withPaths = caller.came.is === 'socket';
        return shown(await box.library.write(params.id, body), now => showDetail(now, {withPaths}));
      },
    },
    'jobs.archive': {answer: async ({params}) => shown(await box.library.archive(params.id, true), showLine)},
    'jobs.unarchive': {
      answer: async ({params}) => shown(await box.library.archive(params.id, false), showLine),
    },
    'jobs.watched': {
      answer: async ({params, body, caller}) =>
        shown(await box.library.watch(caller.user, params.id, body), watched => watched),
    },
    'jobs.watched_by': {
      answer: ({params, caller}) => ok({watched: box.library.watched(caller.user, params.id)}),
    },
    'library.jobs': {
      answer: async ({query, sight, caller}) => {
        const {q, said, tag, series, season, after, ...rest} = query;
        const ask: LibraryAsk = {
          ...{...rest, sight, user: caller.user, text: q ?? null, tag: tag ?? null},
          ...{series: series ?? null, season: season ?? null, after: after ?? null},
        };
        if (said !== undefined) return shown(await box.library.said(ask, said), showSaid);
        const {jobs, next} = box.library.page(ask);
        return ok(showSaid({jobs: jobs.map(now => ({...now, said: []})), next, partial: false}));
      },
    },
    'library.series': {answer: ({sight}) => ok({series: box.library.series(sight)})},
    'library.tags': {answer: ({sight}) => ok({tags: box.library.tags(sight)})},
    'jobs.purge': {answer: async ({params}) => shown(await box.trash.purge(params.id), purged => purged)},
  };
}

function showSaid({jobs, next, partial}: SaidPage): z.output<typeof LibraryJobs> {
  const lines = jobs.map(now => ({...showLine(now), watched: now.watched, said: [...now.said]}));
  return {jobs: lines, next, partial};
}
