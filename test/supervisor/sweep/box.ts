/** Owns data folders for the tests of the sweep: jobs in every state with real files, and a clock that can be moved. */
import {mkdir, readdir, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {Digest, digestOf} from '../../../appliance/digest.ts';
import {Job, type JobId, type JobState} from '../../../appliance/job.ts';
import type {Choice} from '../../../supervisor/sweep/chosen.ts';
import type {ClockReading} from '../../../supervisor/sweep/clock.ts';
import {dayMs} from '../../../supervisor/sweep/clock.ts';
import type {Step, SweepLimits} from '../../../supervisor/sweep/plan.ts';

export const day = dayMs;
/** A moment that is over already for files that the test makes now. */
export const start = Date.now() + 2000;

export const month: SweepLimits = {uploads: 30, intermediates: 30, outputs: 30, logs: 30, trash: 30};
export const never: SweepLimits = {
  uploads: null,
  intermediates: null,
  outputs: null,
  logs: null,
  trash: null,
};

/** The clock of a machine that runs true, so many days after `start`. */
export function after(days: number): ClockReading {
  return {at: start + days * day, upMs: (1000 + days) * day, boot: 'one'};
}

export const film = 'words of a film';
export const dub = 'words of a dub';

export function jobIn(id: string, state: JobState | JobState['is'], dataDir = '/data'): Job {
  return Job.parse({
    id,
    owner: 'ana',
    via: 'inbox',
    submitted: start,
    source: {name: 'film.mp4', bytes: film.length, digest: digestOf(film)},
    sidecars: ['film.en.srt'],
    options: {from: null, to: 'es', preset: 'fast', hls: true, loudnessLufs: -16, keep: 'work'},
    priority: 0,
    lost: 0,
    confinement: null,
    card: null,
    state: typeof state === 'string' ? stateOf(state, `${dataDir}/jobs/${id}`) : state,
  });
}

function stateOf(is: JobState['is'], folder: string): JobState {
  const failure = {reason: 'stopped' as const};
  const worker = {since: start, pid: 7};
  const output = {kind: 'film with every track', path: `${folder}/out/film.es.mkv`, bytes: dub.length};
  const states: {readonly [K in JobState['is']]: JobState & {is: K}} = {
    queued: {is: 'queued', since: start, notBefore: null},
    running: {is: 'running', ...worker},
    pausing: {is: 'pausing', ...worker},
    paused: {is: 'paused', since: start},
    stopping: {is: 'stopping', ...worker, towards: 'deleted'},
    done: {is: 'done', at: start, seconds: 1, outputs: [{...output, digest: digestOf(dub)}], summary: []},
    failed: {is: 'failed', at: start, failure},
    cancelled: {is: 'cancelled', at: start},
    'set-aside': {is: 'set-aside', at: start, failure},
    deleted: {is: 'deleted', at: start, was: null},
  };
  return states[is];
}

export const allStates = [
  ...(['queued', 'running', 'pausing', 'paused', 'stopping'] as const),
  ...(['done', 'failed', 'cancelled', 'set-aside', 'deleted'] as const),
];

export const object = Digest.parse('ab'.repeat(32));
const work = 'out/.dubstead/film.es';

/** Every kind of file that a job's folder holds. */
export const jobFiles: Readonly<
  Record<'uploads' | 'intermediates' | 'outputs' | 'logs' | 'records', string[]>
> = {
  uploads: ['source/film.mp4', 'source/film.en.srt'],
  intermediates: [`${work}/objects/ab/${object}`, `${work}/tmp/1/half`],
  outputs: ['out/film.es.mkv', 'out/film.es.hls/v/1.ts', 'out/film.es.report.html'],
  logs: ['log.ndjson', 'stderr.log'],
  records: [`${work}/nodes/${object}.json`, `${work}/published.json`, `${work}/manifest.json`],
};

export async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), {recursive: true});
  await writeFile(path, content);
}

/** All that a person can choose of jobs that are done. */
export const choice: Choice = {
  kinds: ['uploads', 'intermediates', 'outputs', 'logs'],
  ...{olderThanDays: 0, users: null, jobs: null},
};

/** A job's steps at a time. */
export async function* oneByOne(steps: readonly Step[]): AsyncGenerator<readonly Step[]> {
  for (const job of new Set(steps.map(step => step.job))) yield steps.filter(step => step.job === job);
}

/** Makes a job's folder with all of `jobFiles` and its claim. */
export async function makeJob(dataDir: string, id: JobId | string): Promise<void> {
  const folder = join(dataDir, 'jobs', id);
  for (const path of [...Object.values(jobFiles).flat(), 'claim.json']) {
    const content = path.endsWith('.mp4') ? film : path.endsWith('.mkv') ? dub : path;
    await write(join(folder, path), content);
  }
}

/** Every file below a folder, sorted. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true}).catch(() => []);
  return entries
    .filter(entry => !entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

/** Job ids, as many as wanted: ten letters each. */
export function idOf(number: number): string {
  return `j${String(number).padStart(9, '0')}`;
}
