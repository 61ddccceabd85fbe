/** Owns what the store of this appliance holds: its tables, their version, and the way from older ones. Never opens it. */
import {z} from 'zod';
import {Key} from '../appliance/accounts/key.ts';
import {Session} from '../appliance/accounts/session.ts';
import {Ticket} from '../appliance/accounts/ticket.ts';
import {User} from '../appliance/accounts/user.ts';
import {QueueMode} from '../appliance/api/status.ts';
import {Job} from '../appliance/job.ts';
import {SavedPreset, SavedSeries} from '../appliance/library/preset.ts';
import type {Tables} from '../appliance/store/draft.ts';
import type {Migrations, OldState} from '../appliance/store/migrate.ts';
import type {Store} from '../appliance/store/store.ts';
import {Tried} from './accounts/tries.ts';
import {AnswerRow} from './answers.ts';
import {Watching} from './library/watching.ts';
import {PushRow} from './push/row.ts';
import {UploadRow} from './uploads/row.ts';

/** What an admin set and what must outlive a restart; one row, named `box`. */
export const BoxRow = z.object({
  /** Draining ends with the daemon: a box that was told to come to rest starts again when it is started. */
  queue: QueueMode.exclude(['draining']),
});
export type BoxRow = z.infer<typeof BoxRow>;

export interface BoxTables {
  readonly jobs: Job;
  readonly pushes: PushRow;
  readonly box: BoxRow;
  readonly users: User;
  readonly sessions: Session;
  readonly keys: Key;
  readonly tickets: Ticket;
  readonly tries: Tried;
  readonly uploads: UploadRow;
  readonly watching: Watching;
  readonly presets: SavedPreset;
  readonly series: SavedSeries;
  readonly answers: AnswerRow;
}

export type BoxStore = Store<BoxTables>;

export const tables: Tables<BoxTables> = {
  ...{jobs: Job, pushes: PushRow, box: BoxRow},
  ...{users: User, sessions: Session, keys: Key, tickets: Ticket, tries: Tried},
  ...{uploads: UploadRow, watching: Watching, presets: SavedPreset, series: SavedSeries, answers: AnswerRow},
};
export const version = 2;
/** Version 1 knew jobs, pushes and the box. */
export const migrations: Migrations = {1: withCards};

const OldJob = z.looseObject({state: z.looseObject({is: z.string()})});

/** Nobody could write on a job, and one that was deleted did not come back. */
function withCards({tables}: OldState): void {
  const jobs = tables.get('jobs');
  for (const [id, row] of jobs ?? []) {
    const {state, ...job} = OldJob.parse(row);
    const now = state.is === 'deleted' ? {...state, was: null} : state;
    jobs?.set(id, {...job, card: null, state: now});
  }
}
