/** Owns what the routes do that make jobs of films: by a path of this machine, out of a folder of films, of an upload. */

import type {mediaRows, OneJob} from '../appliance/api/media-rows.ts';
import type {BatchAnswer} from '../appliance/api/media-shapes.ts';
import {type Caller, may} from '../appliance/api/permissions.ts';
import type {Rows} from '../appliance/api/rows.ts';
import {no, ok, type Result} from '../appliance/result.ts';
import type {Box, JobNow} from './box.ts';
import type {Handlers} from './handler.ts';
import {problems, type Refused, shown} from './problem.ts';
import {showDetail, showLine} from './show.ts';
import {ofUploadTrouble} from './upload-problem.ts';

type Made = {readonly made: boolean} & JobNow;

export function aboutFilms(box: Box): Handlers<Pick<Rows, keyof typeof mediaRows>> {
  return {
    'files.list': {
      answer: async ({query: {folder, path, after, limit}}) => {
        const folders = [...box.media.folders];
        if (folder === undefined) return ok({folders, entries: [], next: null});
        const ask = {folder, path: path ?? null, after: after ?? null, limit};
        return shown(await box.media.list(ask), ({entries, more}) => ({
          ...{folders, entries: [...entries]},
          next: more ? (entries.at(-1)?.name ?? null) : null,
        }));
      },
    },
    'jobs.submit': {
      answer: async ({caller, body, signal}) => {
        const made = await makeJob(box, {caller, body, signal});
        if (!made.ok) return made;
        const withPaths = caller.came.is === 'socket';
        return ok({made: made.value.made, job: showDetail(made.value, {withPaths})});
      },
      about: ({body}, answer) => answer?.job.id ?? namedBy(body),
    },
    'jobs.batch': {
      answer: async ({caller, body, signal}) => {
        const jobs: BatchAnswer['jobs'] = [];
        for (const one of body.jobs) {
          signal.throwIfAborted();
          jobs.push(lineOf(await makeJob(box, {caller, body: one, signal})));
        }
        return ok({jobs});
      },
      about: ({body}, answer) =>
        answer === null
          ? `${body.jobs.length} films`
          : answer.jobs.flatMap(one => (one.is === 'submitted' ? [one.job.id] : [])).join(' '),
    },
  };
}

interface Making {
  readonly caller: Caller;
  readonly body: OneJob;
  readonly signal: AbortSignal;
}

async function makeJob(box: Box, {caller, body, signal}: Making): Promise<Result<Made, Refused>> {
  const owner = body.owner ?? caller.user;
  const isAhead = owner !== caller.user || body.priority !== 0;
  if (isAhead && !may(caller, 'rank:job')) return no(problems.notAllowed('rank:job'));
  if ('path' in body && !may(caller, 'name:file')) return no(problems.notAllowed('name:file'));
  const {options, priority} = body;
  const wishes = {owner, options, priority, like: body.like ?? null};
  if ('path' in body) {
    const {path, sidecars} = body;
    return shown(await box.submit({path, sidecars, ...wishes}, signal), now => now);
  }
  if ('folder' in body) {
    const {folder, file, sidecars} = body;
    return shown(await box.media.submit({folder, file, sidecars, ...wishes}, signal), now => now);
  }
  const {upload: id, sidecars} = body;
  if (owner !== caller.user)
    return no(problems.badRequest('bad-body', 'owner: an upload becomes a job of whoever brought it.'));
  const answer = await box.uploads.complete({...wishes, id, sidecars, key: null, signal});
  if (!answer.ok) return no(ofUploadTrouble(answer.why));
  const {made, job} = answer.value;
  return ok({made, ...(box.job(job.id) ?? {job, waits: null, progress: null})});
}

function lineOf(made: Result<Made, Refused>): BatchAnswer['jobs'][number] {
  if (made.ok) return {is: 'submitted', status: 200, made: made.value.made, job: showLine(made.value)};
  const {status, code, what, fix} = made.why;
  return {is: 'refused', status, error: {code, what, fix}};
}

function namedBy(body: OneJob): string {
  if ('path' in body) return body.path;
  return 'folder' in body ? `${body.folder}/${body.file}` : body.upload;
}
