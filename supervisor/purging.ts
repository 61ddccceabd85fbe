/**
 * Owns plans to take files away that a person made: held for some minutes, carried out once, by whoever made them, when
 * they say how many files it is. Never removes anything itself.
 */
import {randomBytes} from 'node:crypto';
import type {PurgeAsk, PurgeDone, PurgeGroup, PurgePlan} from '../appliance/api/purge-rows.ts';
import type {AuditRecord} from '../appliance/audit/entry.ts';
import type {At, Job, JobId, UserName} from '../appliance/job.ts';
import {no, ok, type Result, unreachable} from '../appliance/result.ts';
import type {Trouble} from '../web/box.ts';
import type {CarryAsk, Purging} from '../web/purging.ts';
import {titleOf} from '../web/show.ts';
import {type Group, groupsOf} from './sweep/chosen.ts';
import type {Kind, Step} from './sweep/plan.ts';
import type {Sweeping} from './sweeping.ts';

export interface PurgingParts {
  readonly sweeping: () => Pick<Sweeping, 'choose' | 'carry'>;
  readonly get: (id: JobId) => Job | undefined;
  /** ENABLE_HARD_DELETE. */
  readonly isPurgeOn: boolean;
  readonly audit: (entry: AuditRecord) => void;
  readonly now: () => number;
}

interface Held {
  readonly by: UserName;
  readonly expires: At;
  readonly files: number;
  readonly bytes: number;
  readonly steps: readonly Step[];
}

const heldMs = 600_000;
/** Plans at a time, and steps of all of them; the oldest goes. */
const heldLimit = 8;
const stepsLimit = 200_000;
const groupsLimit = 500;

export class HomePurging implements Purging {
  readonly #parts: PurgingParts;
  readonly #held = new Map<string, Held>();

  constructor(parts: PurgingParts) {
    this.#parts = parts;
  }

  async plan(by: UserName, ask: PurgeAsk, signal: AbortSignal): Promise<PurgePlan> {
    const {sweeping, now} = this.#parts;
    const {kinds, olderThanDays, users = null, jobs = null} = ask;
    const {steps, whole} = await sweeping().choose({kinds, olderThanDays, users, jobs}, signal);
    const groups = groupsOf(steps);
    const files = groups.reduce((sum, group) => sum + group.files, 0);
    const bytes = groups.reduce((sum, group) => sum + group.bytes, 0);
    const made = now();
    const plan = randomBytes(8).toString('hex');
    const expires = made + heldMs;
    this.#hold(plan, {by, expires, files, bytes, steps});
    return {
      ...{plan, made, expires, files, bytes, whole},
      jobs: new Set(groups.flatMap(({job}) => job ?? [])).size,
      groups: groups.slice(0, groupsLimit).flatMap(group => this.#shown(group)),
      more: Math.max(0, groups.length - groupsLimit),
    };
  }

  async carry({by, plan, files, isAtTheBox}: CarryAsk): Promise<Result<PurgeDone, Trouble>> {
    const {sweeping, audit, isPurgeOn} = this.#parts;
    // Whoever has the box's own socket could as well remove the files by hand.
    if (!isAtTheBox && !isPurgeOn) return no({reason: 'hard-delete-off'});
    this.#expire();
    const held = this.#held.get(plan);
    if (held === undefined || held.by !== by) return no({reason: 'no-such-plan'});
    if (held.files !== files) return no({reason: 'count-differs', said: files, planned: held.files});
    this.#held.delete(plan);
    const details = {files, bytes: held.bytes};
    audit({action: 'privacy.purge_begun', result: 'ok', user: by, object: `plan:${plan}`, details});
    const {receipts, ...done} = await sweeping().carry(held.steps);
    return ok({receipts: [...receipts], ...done});
  }

  #hold(plan: string, held: Held): void {
    this.#expire();
    this.#held.set(plan, held);
    const sum = (): number => [...this.#held.values()].reduce((all, {steps}) => all + steps.length, 0);
    for (const oldest of this.#held.keys()) {
      if (oldest === plan || (this.#held.size <= heldLimit && sum() <= stepsLimit)) break;
      this.#held.delete(oldest);
    }
  }

  #expire(): void {
    const now = this.#parts.now();
    // Also one that a clock which was set back would keep.
    for (const [plan, {expires}] of this.#held)
      if (expires <= now || expires > now + heldMs) this.#held.delete(plan);
  }

  #shown({job: id, kind, files, bytes}: Group): PurgeGroup[] {
    if (kind === 'leftovers') return [];
    const job = id === null ? undefined : this.#parts.get(id);
    const title = job === undefined ? nobodysTitle(kind) : titleOf(job);
    return [{job: id, title: title.slice(0, 255), owner: job?.owner ?? null, kind, files, bytes}];
  }
}

function nobodysTitle(kind: Exclude<Kind, 'leftovers'>): string {
  switch (kind) {
    case 'uploads':
      return 'What the inbox put aside';
    case 'logs':
      return 'Logs of the daemon';
    case 'intermediates':
    case 'outputs':
    case 'deleted':
      return 'A job that is known no more';
    default:
      return unreachable(kind);
  }
}
