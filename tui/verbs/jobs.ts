/** Owns `dubstead jobs`: the jobs there are, newest first. */
import type {ApiClient} from '../../appliance/api/client.ts';
import {type JobLine, JobStateName, type JobsPage} from '../../appliance/api/shapes.ts';
import {UserName} from '../../appliance/job.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import {attempt} from '../attempt.ts';
import {readWhole} from '../choices.ts';
import {jsonLine} from '../clean.ts';
import {answered, findDaemon} from '../daemon.ts';
import {flag, type Given, text, verb} from '../verb.ts';
import {jobsTable} from '../views/jobs.ts';
import {say, tableColumnsOf, type World} from '../world.ts';

interface Asked {
  readonly query: {
    readonly state?: JobStateName[];
    readonly owner?: UserName;
    readonly q?: string;
  };
  readonly limit: number;
  readonly json: boolean;
}

const usualLimit = 20;
const pageLimit = 200;
/** Of one answer: what comes after can be asked for by state, owner or title. */
const mostJobs = 100_000;

const options = {
  state: {
    ...text('STATES', `in any of these, with commas: ${JobStateName.options.join(' ')}`),
    hints: JobStateName.options,
    commas: true,
  },
  owner: text('USER', 'whose they are'),
  search: text('TEXT', 'with this in the title or the id'),
  all: flag('all of them, not just the newest'),
  limit: text('N', `how many (default: ${usualLimit})`),
  json: flag('answer with one JSON object'),
} as const;

export const jobs = verb({
  name: 'jobs',
  takes: '[options]',
  short: '',
  brief: 'the jobs there are, newest first',
  about:
    'A line a job: id, state with percent or why it waits, language, owner, title, age. Deleted ones are listed only when their state is asked for.',
  options,
  examples: ['dubstead jobs --state queued,running', 'dubstead jobs --search "holiday" --json'],
  words: 'none',
  read,
  run: (asked, world) => attempt(world, asked.json, () => run(asked, world)),
});

function read(values: Given<typeof options>): Result<Asked, string> {
  const states = readStates(values.state);
  if (!states.ok) return states;
  const owner = UserName.optional().safeParse(values.owner);
  if (!owner.success) return no(`--owner is a user's name in small letters, not "${values.owner}".`);
  const {search, all, json} = values;
  if (search === '' || (search?.length ?? 0) > 100) return no('--search takes 1 to 100 characters.');
  if (all === true && values.limit !== undefined) return no('--all and --limit exclude each other.');
  const limit = readWhole(values.limit, {what: '--limit', from: 1, to: mostJobs});
  if (!limit.ok) return limit;
  return ok({
    query: {
      ...(states.value === null ? {} : {state: states.value}),
      ...(owner.data === undefined ? {} : {owner: owner.data}),
      ...(search === undefined ? {} : {q: search}),
    },
    limit: all === true ? mostJobs : (limit.value ?? usualLimit),
    json: json === true,
  });
}

function readStates(said: string | undefined): Result<JobStateName[] | null, string> {
  if (said === undefined) return ok(null);
  const states: JobStateName[] = [];
  for (const word of said.split(',')) {
    const state = JobStateName.safeParse(word.trim().replace(' ', '-'));
    if (!state.success)
      return no(`--state is one or more of ${JobStateName.options.join(', ')}, not "${word}".`);
    if (!states.includes(state.data)) states.push(state.data);
  }
  return ok(states);
}

async function run({query, limit, json}: Asked, world: World): Promise<number> {
  const {client} = await findDaemon(world);
  const {jobs, next} = await listed(client, query, limit, world.signal);
  if (json) world.screen.write(jsonLine({jobs, next}));
  else if (jobs.length === 0) say(world.screen, ['There are no such jobs.']);
  else {
    const more = next === null ? [] : ['There are more: dubstead jobs --all, or --limit N.'];
    say(world.screen, [...jobsTable(jobs, world.clock.now(), tableColumnsOf(world.screen)), ...more]);
  }
  return 0;
}

/** Page after page. A job that moves between two of them is there once at most. */
async function listed(client: ApiClient, query: Asked['query'], limit: number, signal: AbortSignal) {
  const jobs: JobLine[] = [];
  let next: string | null = null;
  do {
    const size = Math.min(pageLimit, limit - jobs.length);
    const after: {readonly after?: string} = next === null ? {} : {after: next};
    const page: JobsPage = await answered(
      client.call('jobs.list', {query: {...query, limit: size, ...after}}, {signal}),
    );
    jobs.push(...page.jobs);
    next = page.jobs.length === 0 ? null : page.next;
  } while (next !== null && jobs.length < limit);
  return {jobs, next};
}
