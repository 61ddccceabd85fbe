/** Owns whether the job that a request names is there for who asks. Never says what may be done with it. */
import {type Caller, sees, sightOf} from '../appliance/api/permissions.ts';
import type {Row} from '../appliance/api/row.ts';
import {isShared, JobId} from '../appliance/job.ts';
import type {Box, JobNow} from './box.ts';
import {NotAnswered, problems} from './problem.ts';

export function isAboutJob({object}: Pick<Row, 'object'>): boolean {
  return object === 'job' || object === 'own-job';
}

/**
 * Null for a row that is about none. What somebody may not see is not there, and neither is what has no name that could be one:
 * that throws NotAnswered.
 */
export function jobFor(
  row: Pick<Row, 'object'>,
  named: string,
  caller: Caller | null,
  box: Box,
): JobNow | null {
  if (!isAboutJob(row)) return null;
  const id = JobId.safeParse(named).data;
  const now = id === undefined ? undefined : box.job(id);
  const sight = sightOf(caller);
  if (now === undefined || !sees(sight, now.job.owner, isShared(now.job)))
    throw new NotAnswered(problems.noSuchJob());
  if (row.object === 'own-job' && !sees(sight, now.job.owner)) throw new NotAnswered(problems.readOnly());
  return now;
}
