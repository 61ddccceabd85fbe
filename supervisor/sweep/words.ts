/** Owns what a sweep says to people: before it, as a plan, and after it, as a sum. Never decides anything. */
import {unreachable} from '../../appliance/result.ts';
import {describeDoubt} from './clock.ts';
import {type Kind, kinds, type Step, type SweepPlan, type Why} from './plan.ts';

/** What a number of steps come to. A folder counts for nothing. */
export interface Sum {
  readonly files: number;
  readonly bytes: number;
}

export type Sums = Readonly<Record<Kind, Sum>>;

const none: Sum = {files: 0, bytes: 0};

export const noSums: Sums = {
  uploads: none,
  intermediates: none,
  outputs: none,
  logs: none,
  deleted: none,
  leftovers: none,
};

export function added(sums: Sums, steps: readonly Pick<Step, 'kind' | 'bytes' | 'fact'>[]): Sums {
  const next = {...sums};
  for (const {kind, bytes, fact} of steps) {
    if (fact.is !== 'folder') next[kind] = {files: next[kind].files + 1, bytes: next[kind].bytes + bytes};
  }
  return next;
}

export function totalOf(sums: Sums): Sum {
  return kinds.reduce(
    (all, kind) => ({files: all.files + sums[kind].files, bytes: all.bytes + sums[kind].bytes}),
    none,
  );
}

/** A plan, or all of a sweep as it was rehearsed, as lines: the sum, a line for each kind, then the first files. */
export function describePlan(plan: SweepPlan, sums?: Sums, listLimit = 20): string[] {
  if (plan.is === 'waits') return [describeDoubt(plan.doubt)];
  const files = plan.steps.filter(({fact}) => fact.is !== 'folder');
  const all = sums ?? added(noSums, files);
  const shown = files.slice(0, listLimit).map(file => `  ${file.path}: ${describeWhy(file.why)}`);
  const more = totalOf(all).files - shown.length;
  return [...describeSums('would go', all), ...shown, ...(more > 0 ? [`  and ${more} more`] : [])];
}

export function describeSums(verb: 'would go' | 'went', sums: Sums): string[] {
  const total = totalOf(sums);
  if (total.files === 0) return [verb === 'went' ? 'Nothing was removed.' : 'Nothing is to be removed.'];
  const parts = kinds
    .filter(kind => sums[kind].files > 0)
    .map(kind => `  ${names[kind]}: ${words(sums[kind])}`);
  return [`${words(total)} ${verb}:`, ...parts];
}

export function describeWhy(why: Why): string {
  switch (why.is) {
    case 'older-than':
      return `kept for ${why.days} ${why.days === 1 ? 'day' : 'days'}, which are over`;
    case 'deleted':
      return 'its job was deleted';
    case 'nobodys':
      return 'it belongs to no job that is known';
    case 'last-of-it':
      return 'neither the film nor the dub it belongs to is kept any longer';
    case 'torn':
      return 'left by a write that was cut off';
    default:
      return unreachable(why);
  }
}

const names: Readonly<Record<Kind, string>> = {
  uploads: 'films that were brought in',
  intermediates: 'steps between film and dub',
  outputs: 'finished dubs',
  logs: 'logs',
  deleted: 'files of deleted jobs',
  leftovers: 'leftovers',
};

function words({files, bytes}: Sum): string {
  return `${files} ${files === 1 ? 'file' : 'files'} (${sizeOf(bytes)})`;
}

function sizeOf(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.ceil(bytes / 1000)} kB`;
}
