/**
 * Owns the way out of the trash: back to what a job was, or away for good. Never takes a file away itself, and never
 * gives a job back whose files may be on their way out.
 */
import type {Purged} from '../../appliance/api/library-shapes.ts';
import type {Job, JobId} from '../../appliance/job.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import type {Trouble} from '../../web/box.ts';
import type {Trash} from '../../web/library.ts';
import type {DeskRefusal, JobDesk} from '../queue/desk.ts';
import {isPastTrash} from '../sweep/plan.ts';
import type {Sweeping} from '../sweeping.ts';

export interface TrashParts {
  readonly desk: JobDesk;
  readonly sweeping: () => Pick<Sweeping, 'purge'>;
  /** How long a deleted job can come back; null for good. */
  readonly keepDays: number | null;
  /** ENABLE_HARD_DELETE. */
  readonly isPurgeOn: boolean;
  /** Its files are going at this moment. */
  readonly isHeld: (id: JobId) => boolean;
  readonly now: () => number;
}

export class HomeTrash implements Trash {
  readonly #parts: TrashParts;
  readonly #coming = new Set<JobId>();

  constructor(parts: TrashParts) {
    this.#parts = parts;
  }

  /** Asked by whoever takes files away: from the answer on, none of them goes. */
  isComingBack(id: JobId): boolean {
    return this.#coming.has(id);
  }

  async restore(id: JobId): Promise<Result<Job, DeskRefusal>> {
    const {desk, keepDays, isHeld, now} = this.#parts;
    const job = desk.get(id);
    if (job !== undefined && (isHeld(id) || isPastTrash(job.state, keepDays, now())))
      return no({reason: 'not-now', job, wish: 'restore'});
    this.#coming.add(id);
    try {
      return await desk.wish(id, 'restore');
    } finally {
      this.#coming.delete(id);
    }
  }

  async purge(id: JobId): Promise<Result<Purged, Trouble>> {
    const {desk, sweeping, isPurgeOn} = this.#parts;
    if (!isPurgeOn) return no({reason: 'hard-delete-off'});
    const given = await desk.giveUp(id);
    if (!given.ok) return given;
    const {receipts, files, bytes, left} = await sweeping().purge(given.value);
    return ok({job: id, receipts: [...receipts], files, bytes, left});
  }
}
