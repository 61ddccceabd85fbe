/** Owns which job is meant by the start of its id. Never does anything to it. */
import type {ApiClient} from '../appliance/api/client.ts';
import type {JobLine} from '../appliance/api/shapes.ts';
import {JobId} from '../appliance/job.ts';
import {no, ok, type Result} from '../appliance/result.ts';
import {answered} from './daemon.ts';
import {Hindered} from './trouble.ts';

/** An id, or its first characters: small letters, with those put right that are easily taken for another. */
export type IdStart = string;

export const leastCharacters = 4;
/** Of 200 jobs each. A start that so many titles hold is better given longer. */
const pageLimit = 500;

/** What has ids of that many characters, and the command line that lists it. */
export interface Kind {
  readonly what: string;
  readonly characters: number;
  readonly list: string;
}

const jobs: Kind = {what: 'job', characters: 10, list: 'dubstead jobs'};

export function readIdStart(said: string, {what, characters, list} = jobs): Result<IdStart, string> {
  const start = said.toLowerCase().replaceAll('o', '0').replaceAll(/[il]/g, '1');
  if (start.length < leastCharacters)
    return no(`"${said}" is too short for a ${what}: give at least ${leastCharacters} characters of its id.`);
  if (!/^[0-9a-hjkmnp-tv-z]+$/.test(start) || start.length > characters)
    return no(
      `"${said}" is no ${what}'s id: ids are up to ${characters} letters and digits, as ${list} lists them.`,
    );
  return ok(start);
}

export function readIdStarts(said: readonly string[]): Result<readonly IdStart[], string> {
  const starts: IdStart[] = [];
  for (const one of said) {
    const start = readIdStart(one);
    if (!start.ok) return start;
    starts.push(start.value);
  }
  return ok(starts);
}

/** The ids of all of them, each once. Throws Hindered when one is nobody's or more than one's: nothing is done then. */
export async function findIds(
  client: ApiClient,
  starts: readonly IdStart[],
  signal: AbortSignal,
): Promise<readonly JobId[]> {
  const ids = new Set<JobId>();
  for (const start of starts) ids.add(await findId(client, start, signal));
  return [...ids];
}

/** Which one of a few is meant by the start of its id. Throws Hindered when it is none of them, or more than one. */
export function oneOf<T extends {readonly id: string}>(
  all: readonly T[],
  asked: IdStart,
  {what, list}: Kind,
  title: (one: T) => string,
): T {
  const found = all.filter(({id}) => id.startsWith(asked));
  const [first, ...others] = found;
  if (first === undefined) throw new Hindered({is: 'no-such', what, asked, list});
  if (others.length === 0) return first;
  const candidates = found.map(one => ({id: one.id, title: title(one)}));
  throw new Hindered({is: 'ambiguous', what, asked, candidates, more: false});
}

export async function findId(client: ApiClient, start: IdStart, signal: AbortSignal): Promise<JobId> {
  const whole = JobId.safeParse(start);
  if (whole.success) return whole.data;
  const found: JobLine[] = [];
  let after: string | undefined;
  let pages = 0;
  do {
    // Titles match as well; those are left out here.
    const query = {q: start, limit: 200, ...(after === undefined ? {} : {after})};
    const page = await answered(client.call('jobs.list', {query}, {signal}));
    found.push(...page.jobs.filter(({id}) => id.startsWith(start)));
    after = page.next ?? undefined;
    pages += 1;
  } while (after !== undefined && found.length < 2 && pages < pageLimit);
  const [first, second] = found;
  if (first === undefined) throw new Hindered({is: 'no-such-job', asked: start});
  if (second === undefined) return first.id;
  throw new Hindered({is: 'ambiguous', asked: start, candidates: found, more: after !== undefined});
}
