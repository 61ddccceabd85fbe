/** Owns what is made of what the box tells: jobs that change, progress, alerts, answers, logs. Pure. */
import type {BoxEvent} from '../../appliance/api/events.ts';
import type {JobLine, LogEvent} from '../../appliance/api/shapes.ts';
import type {TrailEvent} from '../../appliance/api/trail-rows.ts';
import type {At, JobId} from '../../appliance/job.ts';
import {unreachable} from '../../appliance/result.ts';
import type {Answered, Held} from './asks.ts';
import type {Effect, Jobs, Model, Pace, Turn} from './model.ts';

/** Lines of a log that are held: what was before them, the log itself has. */
const logLines = 2_000;
/** Of the pace of a job, one every two seconds. */
const paceCount = 60;
const paceMs = 2_000;

export function heard(model: Model, events: readonly BoxEvent[], now: At): Turn {
  const effects: Effect[] = [];
  const jobs = new Map<JobId, JobLine | null>();
  const paces = new Map(model.paces);
  let next: Model = model.link.is === 'up' ? {...model, now} : {...model, now, link: {is: 'up'}};
  for (const event of events) {
    switch (event.is) {
      case 'reset':
        next = {...next, jobs: {...next.jobs, is: 'loading', told: new Map()}};
        effects.push({is: 'load-jobs'}, {is: 'refresh', of: Object.keys(model.held) as (keyof Held)[]});
        break;
      case 'job':
        jobs.set(event.job.id, event.job);
        if (event.job.state.is !== 'running' && event.job.state.is !== 'pausing') paces.delete(event.job.id);
        break;
      case 'job-gone':
        jobs.set(event.id, null);
        paces.delete(event.id);
        break;
      case 'progress':
        paces.set(event.id, paced(paces.get(event.id), event, now));
        break;
      case 'alerts':
        next = {...next, alerts: event.alerts};
        break;
      case 'inbox':
      case 'queue':
        break;
      default:
        return unreachable(event);
    }
  }
  next = {...next, paces, jobs: changed(next.jobs, jobs)};
  const about = [...jobs.keys()].includes(model.job as JobId) ? (['job', 'timeline'] as const) : [];
  const isNews = events.some(({is}) => is !== 'progress' && is !== 'reset');
  const refresh = [...about, ...(isNews ? (['status', 'inbox'] as const) : [])].filter(of => model.held[of]);
  return [next, refresh.length === 0 ? effects : [...effects, {is: 'refresh', of: refresh}]];
}

function paced(pace: Pace | undefined, progress: Extract<BoxEvent, {is: 'progress'}>, now: At): Pace {
  const {stage, done, secondsLeft} = progress;
  const said = {stage, done, secondsLeft};
  if (pace === undefined) return {...said, paces: [], lookedAt: now, lookedDone: done};
  if (now - pace.lookedAt < paceMs) return {...pace, ...said};
  const share = Math.max(0, done - pace.lookedDone) / ((now - pace.lookedAt) / paceMs);
  return {...said, paces: [...pace.paces, share].slice(-paceCount), lookedAt: now, lookedDone: done};
}

function changed(jobs: Jobs, news: ReadonlyMap<JobId, JobLine | null>): Jobs {
  if (news.size === 0) return jobs;
  const byId = new Map(jobs.byId);
  for (const [id, job] of news) {
    if (job === null) byId.delete(id);
    else byId.set(id, job);
  }
  const told = jobs.is === 'loading' ? new Map([...jobs.told, ...news]) : jobs.told;
  return {...jobs, byId, items: inOrder(byId), told};
}

/** Those in the trash are not among them. */
function inOrder(byId: ReadonlyMap<JobId, JobLine>): readonly JobLine[] {
  return [...byId.values()]
    .filter(({state}) => state.is !== 'deleted')
    .sort((a, b) => b.submitted - a.submitted || (a.id < b.id ? 1 : -1));
}

/** A page of them. `begins`: what is held from before is not among them any more. */
export function withJobs(
  model: Model,
  page: readonly JobLine[],
  {begins, more}: {readonly begins: boolean; readonly more: boolean | null},
): Model {
  const {told} = model.jobs;
  const byId = new Map(begins ? [] : model.jobs.byId);
  for (const job of page) byId.set(job.id, job);
  for (const [id, job] of told) {
    if (job === null) byId.delete(id);
    else byId.set(id, job);
  }
  const is = more === null ? 'loading' : more ? 'over' : 'whole';
  return {...model, jobs: {byId, items: inOrder(byId), is, told: is === 'loading' ? told : new Map()}};
}

/** What was known stays when there was no answer, with why. */
export function answered(model: Model, {of, value, trouble, at}: Answered): Model {
  const before = model.held[of];
  const holding = {value: value ?? before?.value ?? null, trouble, at};
  const held: Held = {...model.held, [of]: holding};
  const next = {...model, held};
  if (of === 'status' && value !== null) return {...next, alerts: value.alerts};
  return next;
}

export function logged(model: Model, id: JobId, events: readonly LogEvent[], begins: boolean): Model {
  if (model.job !== id) return model;
  const before = model.log?.id === id && !begins ? model.log : {id, lines: [], isOver: false};
  const added = events.flatMap(event => (event.is === 'line' ? [event] : []));
  const isOver = before.isOver || events.some(({is}) => is === 'end');
  return {...model, log: {id, lines: [...before.lines, ...added].slice(-logLines), isOver}};
}

/** As many as are held; dubstead audit has all. */
const trailEntries = 2_000;

export function trailed(model: Model, events: readonly TrailEvent[], begins: boolean): Model {
  const before = begins ? [] : model.trail.entries;
  const added = events.flatMap(event => (event.is === 'entry' ? [event] : []));
  const bySeq = new Map([...before, ...added].map(entry => [entry.seq, entry]));
  const entries = [...bySeq.values()].sort((a, b) => b.seq - a.seq).slice(0, trailEntries);
  const hasGaps = (!begins && model.trail.hasGaps) || events.some(({is}) => is === 'missed');
  return {...model, trail: {entries, isHeard: true, hasGaps}};
}
