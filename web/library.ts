/** Owns what the routes of the library do: asks whoever keeps it and shows what they say. Who may ask was settled before. */
import type {LibraryRows} from '../appliance/api/library-rows.ts';
import type {Purged} from '../appliance/api/library-shapes.ts';
import type {JobId} from '../appliance/job.ts';
import type {Result} from '../appliance/result.ts';
import type {Box, Trouble} from './box.ts';
import type {Handlers} from './handler.ts';
import {shown} from './problem.ts';
import {showLine} from './show.ts';

/** Where deleted jobs are until their files go. */
export interface Trash {
  /** Takes away at once all there is of a job that is over. */
  purge(id: JobId): Promise<Result<Purged, Trouble>>;
}

export function aboutLibrary(box: Box): Handlers<LibraryRows> {
  return {
    'jobs.restore': {answer: async ({params}) => shown(await box.wish(params.id, 'restore'), showLine)},
    'jobs.purge': {answer: async ({params}) => shown(await box.trash.purge(params.id), purged => purged)},
  };
}
