/**
 * Owns carrying out the steps of a plan, a bounded number at a time: the receipt first, then the files, then the
 * receipt again with what became of each. Never decides what goes, and leaves a job alone that is wanted again.
 */
import {setImmediate} from 'node:timers/promises';
import type {At, JobId} from '../../appliance/job.ts';
import type {Step} from './plan.ts';
import {itemLimit, type Outcome, type Receipt, type Receipts, removedOf, type Trigger} from './receipt.ts';
import type {Remove} from './removal.ts';

/** For the audit log. */
export interface PurgeNote {
  readonly action: 'privacy.purge_done' | 'privacy.purge_interrupted';
  readonly receipt: string;
  readonly trigger: Trigger;
  readonly files: number;
  readonly bytes: number;
}

export interface Means {
  readonly receipts: Pick<Receipts, 'open' | 'close'>;
  readonly remove: Remove;
  /**
   * Takes hold of a job while its files go, so that nobody starts it; undefined when it is not over any more, or was
   * over at another time than the plan saw. `over` is null for a folder of which no job is known.
   */
  readonly hold: (job: JobId, over: At | null) => Disposable | undefined;
  readonly audit: (note: PurgeNote) => Promise<void>;
  /** Hears of each step once it is done or left. */
  readonly onStep?: (step: Step, outcome: Outcome) => void;
  readonly now: () => At;
  readonly trigger: Trigger;
  /** Twelve hex digits: the sweep these steps belong to. */
  readonly sweep: string;
  readonly signal: AbortSignal;
}

export interface Carried {
  readonly files: number;
  readonly bytes: number;
  /** Steps that did not come to what was meant, for good reasons and bad. */
  readonly left: number;
  /** The part after the last: receipts of one sweep are numbered on. */
  readonly nextPart: number;
}

/** Paths in one receipt: with `itemLimit` it bounds what has to be written before the first file goes. */
const pathsLimitBytes = 128 << 10;

/** Ends early when the signal says so; what was begun is written down either way. */
export async function carryOut(steps: readonly Step[], means: Means, firstPart = 1): Promise<Carried> {
  let carried: Carried = {files: 0, bytes: 0, left: 0, nextPart: firstPart};
  for (const slice of slices(steps)) {
    if (means.signal.aborted) break;
    const receipt = await carrySlice(slice, means, carried.nextPart);
    const {files, bytes} = receipt.totals;
    const left = receipt.items.filter(({outcome}) => outcome.is === 'kept' || outcome.is === 'failed').length;
    carried = {
      files: carried.files + files,
      bytes: carried.bytes + bytes,
      left: carried.left + left,
      nextPart: carried.nextPart + 1,
    };
    // Others get their turn between two slices.
    await setImmediate();
  }
  return carried;
}

async function carrySlice(slice: readonly Step[], means: Means, part: number): Promise<Receipt> {
  const at = means.now();
  const intent: Receipt = {
    ...{v: 1, id: `${means.sweep}-${part}`, at, trigger: means.trigger, state: 'open'},
    items: slice.map(itemOf),
    totals: {files: 0, bytes: 0},
    tookMs: 0,
  };
  await means.receipts.open(intent);
  const outcomes = await removeAll(slice, means);
  const items = intent.items.map((item, i) => ({...item, outcome: outcomes[i] ?? stopped}));
  const totals = removedOf(items);
  const receipt: Receipt = {...intent, state: 'closed', items, totals, tookMs: Math.max(0, means.now() - at)};
  await means.receipts.close(receipt);
  const {trigger} = means;
  await means.audit({action: 'privacy.purge_done', receipt: receipt.id, trigger, ...totals});
  return receipt;
}

const stopped: Outcome = {is: 'kept', why: 'stopped'};

/** What became of each, as far as it got. */
async function removeAll(slice: readonly Step[], means: Means): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const group of groups(slice)) {
    const [first] = group;
    using held = first?.job == null ? free : means.hold(first.job, first.over);
    for (const step of group) {
      if (means.signal.aborted) return outcomes;
      const outcome: Outcome = held === undefined ? {is: 'kept', why: 'in-use'} : await means.remove(step);
      outcomes.push(outcome);
      means.onStep?.(step, outcome);
    }
  }
  return outcomes;
}

const free: Disposable = {[Symbol.dispose]() {}};

/** Runs of steps that belong to one job. */
function groups(steps: readonly Step[]): Step[][] {
  const found: Step[][] = [];
  for (const step of steps) {
    const last = found.at(-1);
    if (last?.[0]?.job === step.job) last.push(step);
    else found.push([step]);
  }
  return found;
}

function* slices(steps: readonly Step[]): Generator<readonly Step[]> {
  let slice: Step[] = [];
  let pathBytes = 0;
  for (const step of steps) {
    const bytes = Buffer.byteLength(step.path);
    if (slice.length > 0 && (slice.length === itemLimit || pathBytes + bytes > pathsLimitBytes)) {
      yield slice;
      slice = [];
      pathBytes = 0;
    }
    slice.push(step);
    pathBytes += bytes;
  }
  if (slice.length > 0) yield slice;
}

function itemOf({job, kind, path, bytes, fact, sha256}: Step): Receipt['items'][number] {
  const folder = fact.is === 'folder';
  return {job, kind, path, bytes, folder, inode: fact.inode, sha256, outcome: {is: 'meant'}};
}
