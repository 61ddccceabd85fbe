/** Owns what the route does that shows the picture of a film. Never makes one. */
import type {Rows} from '../appliance/api/rows.ts';
import type {Job} from '../appliance/job.ts';
import {no, ok} from '../appliance/result.ts';
import type {Box} from './box.ts';
import type {Handlers} from './handler.ts';
import {problems} from './problem.ts';

export interface Posters {
  /** A small JPEG; null where there is none to be had. */
  of(job: Job): Promise<Uint8Array | null>;
}

export function aboutPosters(box: Box): Handlers<Pick<Rows, 'jobs.poster'>> {
  return {
    'jobs.poster': {
      answer: async ({job: {job}}) => {
        const body = await box.posters.of(job);
        return body === null ? no(problems.noPoster()) : ok({body});
      },
    },
  };
}
