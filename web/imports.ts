/** Owns what the routes do that take words and speakers of people. Who may bring them was settled before. */
import type {importRows} from '../appliance/api/import-rows.ts';
import type {Rows} from '../appliance/api/rows.ts';
import type {Brief} from '../appliance/brief.ts';
import {
  type Given,
  givenBySubtitles,
  givenByTranslation,
  givenByTurns,
  type Standing,
  standingOf,
  withoutImport,
} from '../appliance/imports.ts';
import type {Job, JobId} from '../appliance/job.ts';
import {no, ok, type Result} from '../appliance/result.ts';
import type {Box, Trouble} from './box.ts';
import type {Handlers} from './handler.ts';
import {problems, type Refused, shown} from './problem.ts';

/** What people give to each job's dub, kept beside the job. */
export interface Briefs {
  read(id: JobId): Promise<Brief>;
  /** One change at a time; from its answer on it is on disk, and the job's next run reads it. */
  change(id: JobId, change: (brief: Brief) => Brief): Promise<Result<Brief, Trouble>>;
}

type Answer = Promise<Result<Standing, Refused>>;

export function aboutImports(box: Box, isOn: boolean): Handlers<Pick<Rows, keyof typeof importRows>> {
  const change = async ({id}: Pick<Job, 'id'>, change: (brief: Brief) => Brief): Answer =>
    shown(await box.briefs.change(id, change), standingOf);
  const bring = async (job: Job, read: () => Result<Given, string>): Answer => {
    if (!isOn) return no(problems.importsOff());
    const given = read();
    return given.ok ? change(job, brief => ({...brief, ...given.value})) : no(problems.badImport(given.why));
  };
  return {
    'imports.get': {answer: async ({params}) => ok(standingOf(await box.briefs.read(params.id)))},
    'imports.subtitles': {
      answer: ({job: {job}, body}) => bring(job, () => givenBySubtitles(body, job.options)),
    },
    'imports.translation': {answer: ({job: {job}, body}) => bring(job, () => givenByTranslation(body))},
    'imports.turns': {answer: ({job: {job}, body}) => bring(job, () => givenByTurns(body))},
    'imports.drop': {
      answer: ({job: {job}, params: {given}}) => change(job, brief => withoutImport(brief, given)),
    },
  };
}
