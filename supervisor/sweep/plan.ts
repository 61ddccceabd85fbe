/**
 * Owns what a sweep takes away, decided from facts alone. Never touches a file, and never plans for a job that is
 * waiting, running, paused, in the trash or on its way out: all that is in its folder may be needed.
 *
 *   jobs/ID/source/…                    uploads
 *   jobs/ID/out/.dubstead/STEM/objects  intermediates, and tmp: the pipeline makes them again from the records
 *   jobs/ID/out/…                       outputs, as is what is said in the dub: jobs/ID/said
 *   jobs/ID/log.ndjson, stderr.log      logs, as in log/, where the newest file stays: it is being written
 *   inbox/…/.done, .refused             uploads
 *
 * Records (text, and what was made from what) go with the last of a job's film and dub. The state, the audit and the
 * receipts are never looked at.
 */
import {Digest} from '../../appliance/digest.ts';
import {type At, isOver, type Job, type JobId, type JobState} from '../../appliance/job.ts';
import {unreachable} from '../../appliance/result.ts';
import {type ClockDoubt, type ClockReading, dayMs, doubtOf} from './clock.ts';
import type {FileFact, Place} from './facts.ts';

type Days = number;

/** How long each is kept after its job was over; null keeps it for good. */
export interface SweepLimits {
  readonly uploads: Days | null;
  readonly intermediates: Days | null;
  readonly outputs: Days | null;
  readonly logs: Days | null;
  /** After it was deleted. */
  readonly trash: Days | null;
}

export const kinds = ['uploads', 'intermediates', 'outputs', 'logs', 'deleted', 'leftovers'] as const;
export type Kind = (typeof kinds)[number];

export type Why =
  | {readonly is: 'older-than'; readonly days: Days}
  /** Somebody deleted the job. */
  | {readonly is: 'deleted'}
  /** The store knows no such job, and nothing in its folder has changed for a day. */
  | {readonly is: 'nobodys'}
  /** Neither film nor dub are kept any longer. */
  | {readonly is: 'last-of-it'}
  /** A write was cut off. */
  | {readonly is: 'torn'};

export interface Step {
  readonly job: JobId | null;
  /** When that job was over, to tell whether anything has happened to it since; null without a job. */
  readonly over: At | null;
  readonly kind: Kind;
  readonly path: string;
  readonly bytes: number;
  readonly why: Why;
  readonly fact: FileFact;
  /** Where it is known without reading the file. */
  readonly sha256: Digest | null;
}

export type SweepPlan =
  | {readonly is: 'waits'; readonly doubt: ClockDoubt}
  | {readonly is: 'sweeps'; readonly steps: readonly Step[]};

export interface SweepFacts {
  /** Every job that is known. */
  readonly jobs: {get(id: JobId): Job | undefined};
  readonly places: readonly Place[];
  readonly limits: SweepLimits;
  readonly now: ClockReading;
  readonly lastSweep: ClockReading | null;
}

/** What is to go, in an order in which it can: a folder comes after what is in it. */
export function planSweep({jobs, places, limits, now, lastSweep}: SweepFacts): SweepPlan {
  const doubt = doubtOf(lastSweep, now);
  if (doubt !== undefined) return {is: 'waits', doubt};
  const aged: Aged = {limits, at: now.at};
  const steps = places.flatMap(place => {
    switch (place.of) {
      case 'job':
        return jobSteps(place, jobs.get(place.id), aged);
      case 'inbox':
        return agedSteps(place.facts, 'uploads', aged);
      case 'log':
        return agedSteps(withoutNewest(place.facts), 'logs', aged);
      default:
        return unreachable(place);
    }
  });
  return {is: 'sweeps', steps};
}

/**
 * What there may be to find in a job's folder: undefined for nothing. While the answer is the same, a look that found
 * nothing will find nothing again; `anything` changes without a word of the store.
 */
export function reasonToLook(job: Job | undefined, limits: SweepLimits, at: At): string | undefined {
  if (job === undefined) return 'anything';
  if (job.state.is === 'deleted') return isPastTrash(job.state, limits.trash, at) ? 'anything' : undefined;
  const over = overSince(job);
  if (over === undefined) return undefined;
  const past = agingKinds.filter(kind => isPast({limits, at}, kind, over));
  return past.length === 0 ? undefined : `${past.join()} since ${over}`;
}

/** True when the files of a deleted job may go: its days in the trash are over, or it is not to come back. */
export function isPastTrash(state: JobState, days: Days | null, at: At): boolean {
  if (state.is !== 'deleted') return false;
  return state.was === null || (days !== null && at - state.at >= days * dayMs);
}

/** All that lies in the folder of a job that is not to come back. */
export function purgeSteps(place: Place & {of: 'job'}, job: Job): Step[] {
  if (job.state.is !== 'deleted' || job.state.was !== null) return [];
  const {at} = job.state;
  return place.facts.map(fact =>
    stepOf(fact, {...deleted, job: job.id, over: at, sha256: digestIn(job, fact)}),
  );
}

/** When a job was over; undefined while it is not. */
export function overSince({state}: Job): At | undefined {
  return isOver(state) && 'at' in state ? state.at : undefined;
}

const agingKinds = ['uploads', 'intermediates', 'outputs', 'logs'] as const;
type AgingKind = (typeof agingKinds)[number];

interface Aged {
  readonly limits: SweepLimits;
  readonly at: At;
}

/** `frame` is a folder that every job has; `records` is what tells how a dub was made. */
type Role = AgingKind | 'records' | 'frame' | 'other';

function jobSteps(place: Place & {of: 'job'}, job: Job | undefined, aged: Aged): Step[] {
  if (job === undefined) return nobodysSteps(place, aged);
  const over = overSince(job);
  if (over === undefined) return [];
  const isDeleted = job.state.is === 'deleted';
  // Nothing of it ages in the trash: it comes back whole, or not at all.
  if (isDeleted && !isPastTrash(job.state, aged.limits.trash, aged.at)) return [];
  return place.facts.flatMap(fact => {
    const due = isDeleted ? deleted : dueOf(job, over, fact, aged);
    if (due === undefined) return [];
    return [stepOf(fact, {...due, job: job.id, over, sha256: digestIn(job, fact)})];
  });
}

type Due = Pick<Step, 'kind' | 'why'>;
const deleted: Due = {kind: 'deleted', why: {is: 'deleted'}};

function dueOf(job: Job, over: At, fact: FileFact, aged: Aged): Due | undefined {
  const role = roleIn(job.id, fact);
  if (role === 'frame') return undefined;
  if (role === 'other') {
    const torn = isTorn(fact) && aged.at - fact.changed > dayMs;
    return torn ? {kind: 'leftovers', why: {is: 'torn'}} : undefined;
  }
  if (role === 'records') {
    const alone = isPast(aged, 'uploads', over) && isPast(aged, 'outputs', over);
    return alone ? {kind: 'leftovers', why: {is: 'last-of-it'}} : undefined;
  }
  return pastDue(aged, role, over);
}

/**
 * The folder of a job that the store does not know: a store that was put back from an older copy looks like that, so
 * what a person could miss goes by its own age and limit, and the rest when none of that is left.
 */
function nobodysSteps({id, facts, whole}: Place & {of: 'job'}, aged: Aged): Step[] {
  const judged = facts.map(fact => {
    const role = roleIn(id, fact);
    const due = isAging(role) ? pastDue(aged, role, fact.changed) : undefined;
    return {fact, due, wanted: fact.is === 'file' && (role === 'uploads' || role === 'outputs')};
  });
  const latest = Math.max(0, ...facts.map(({changed}) => changed));
  const rest = whole && aged.at - latest > dayMs && judged.every(({due, wanted}) => !wanted || due);
  return judged.flatMap(({fact, due}) => {
    const goes = due ?? (rest ? nobodys : undefined);
    return goes === undefined
      ? []
      : [stepOf(fact, {...goes, job: id, over: null, sha256: objectDigest(fact)})];
  });
}

const nobodys: Due = {kind: 'leftovers', why: {is: 'nobodys'}};

function agedSteps(facts: readonly FileFact[], kind: AgingKind, aged: Aged): Step[] {
  return facts.flatMap(fact => {
    const due = fact.is === 'folder' ? undefined : pastDue(aged, kind, fact.changed);
    return due === undefined ? [] : [stepOf(fact, {...due, job: null, over: null, sha256: null})];
  });
}

function withoutNewest(facts: readonly FileFact[]): readonly FileFact[] {
  const files = facts.filter(({is}) => is === 'file');
  const newest = files.reduce<FileFact | undefined>(
    (best, fact) => (best === undefined || fact.changed > best.changed ? fact : best),
    undefined,
  );
  return facts.filter(fact => fact !== newest);
}

function stepOf(fact: FileFact, rest: Pick<Step, 'job' | 'over' | 'kind' | 'why' | 'sha256'>): Step {
  return {...rest, path: fact.path, bytes: fact.bytes, fact};
}

/** What something in a job's folder is to the job, by where it lies. */
export function roleIn(id: JobId, {path, is}: Pick<FileFact, 'path' | 'is'>): Role {
  const [top = '', second, , part] = path.slice(`jobs/${id}/`.length).split('/');
  if (path === `jobs/${id}` || (is === 'folder' && second === undefined)) return 'frame';
  if (top === 'source') return 'uploads';
  if (top === 'said' && second === undefined) return 'outputs';
  // A frame of the film is the film's, and what people wrote is kept as long as what their dub was made of.
  if (top === 'poster.jpg' && second === undefined) return 'uploads';
  if (top === 'brief.json' && second === undefined) return 'records';
  if (top !== 'out') return /^(log|stderr)\.[\w.]+$/.test(top) && second === undefined ? 'logs' : 'other';
  if (second !== '.dubstead') return 'outputs';
  return part === 'objects' || part === 'tmp' ? 'intermediates' : 'records';
}

function isAging(role: Role): role is AgingKind {
  return agingKinds.some(kind => kind === role);
}

/** Left by a write that was cut off, as `freshBeside` names them. */
function isTorn({path, is}: FileFact): boolean {
  return is === 'file' && /\/\.[0-9a-f-]{36}\.tmp$/.test(path);
}

function isPast({limits, at}: Aged, kind: AgingKind, since: At): boolean {
  const days = limits[kind];
  return days !== null && at - since > days * dayMs;
}

function pastDue(aged: Aged, kind: AgingKind, since: At): Due | undefined {
  const days = aged.limits[kind];
  return days !== null && isPast(aged, kind, since) ? {kind, why: {is: 'older-than', days}} : undefined;
}

/** What is known of the film and of the dub counts only for a file of that very size. */
function digestIn({id, source, state}: Job, fact: FileFact): Digest | null {
  if (fact.path === `jobs/${id}/source/${source.name}`)
    return fact.bytes === source.bytes ? source.digest : null;
  const outputs = state.is === 'done' ? state.outputs : [];
  const output = outputs.find(({path, bytes}) => bytes === fact.bytes && path.endsWith(`/${fact.path}`));
  return output?.digest ?? objectDigest(fact);
}

/** Intermediates are named by their digest. */
function objectDigest({path}: FileFact): Digest | null {
  if (!path.includes('/objects/')) return null;
  return Digest.safeParse(path.slice(path.lastIndexOf('/') + 1)).data ?? null;
}
