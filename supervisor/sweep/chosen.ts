/**
 * Owns what a person chose to have taken away: the same plan as a sweep’s, with what was chosen in the place of the box's
 * limits. Never touches a file, and takes nothing that was not named: no records, and no job that nobody knows.
 */
import {isOver, type Job, type JobId, type UserName} from '../../appliance/job.ts';
import type {ClockReading} from './clock.ts';
import type {Place} from './facts.ts';
import {type Kind, planSweep, reasonToLook, type Step, type SweepFacts, type SweepLimits} from './plan.ts';

export interface Choice {
  readonly kinds: readonly Exclude<Kind, 'leftovers'>[];
  /** Of jobs, since they were over. */
  readonly olderThanDays: number;
  /** Null is of everybody, and what belongs to no job besides. */
  readonly users: readonly UserName[] | null;
  readonly jobs: readonly JobId[] | null;
}

/** What belongs together for people: a job's files of one kind. */
export interface Group {
  readonly job: JobId | null;
  readonly kind: Kind;
  readonly files: number;
  readonly bytes: number;
}

/** A job that is not wanted is not looked into. */
export function isWanted(job: Job | undefined, choice: Choice, now: ClockReading): boolean {
  return (
    job !== undefined &&
    isOver(job.state) &&
    (choice.users?.includes(job.owner) ?? true) &&
    (choice.jobs?.includes(job.id) ?? true) &&
    reasonToLook(job, limitsFor(choice), now.at) !== undefined
  );
}

/** A person reads the plan before anything goes, so the clock is not doubted. */
export function chosenSteps(
  place: Place,
  choice: Choice,
  {jobs, now}: Pick<SweepFacts, 'jobs' | 'now'>,
): readonly Step[] {
  const isWhose = choice.users === null && choice.jobs === null;
  if (place.of === 'job' ? jobs.get(place.id) === undefined : !isWhose) return [];
  const plan = planSweep({jobs, places: [place], limits: limitsFor(choice), now, lastSweep: now});
  const steps = plan.is === 'sweeps' ? plan.steps : [];
  return steps.filter(({kind}) => choice.kinds.some(chosen => chosen === kind));
}

function limitsFor({kinds, olderThanDays}: Choice): SweepLimits {
  const days = (kind: Choice['kinds'][number]): number | null =>
    kinds.includes(kind) ? olderThanDays : null;
  return {
    uploads: days('uploads'),
    intermediates: days('intermediates'),
    outputs: days('outputs'),
    logs: days('logs'),
    trash: days('deleted'),
  };
}

/** Largest first. */
export function groupsOf(steps: readonly Step[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const {job, kind, bytes, fact} of steps) {
    if (fact.is === 'folder') continue;
    const name = `${job} ${kind}`;
    const known = groups.get(name) ?? {job, kind, files: 0, bytes: 0};
    groups.set(name, {...known, files: known.files + 1, bytes: known.bytes + bytes});
  }
  return [...groups.values()].toSorted((a, b) => b.bytes - a.bytes || b.files - a.files);
}
