/** Owns what the inbox tells of itself, for the log, the audit and whoever pushes. */
import type {JobId} from '../../appliance/job.ts';
import type {Why} from './names.ts';

/** Paths are from the inbox down. */
export type InboxEvent =
  | {readonly is: 'claimed'; readonly path: string; readonly job: JobId; readonly bytes: number}
  | {readonly is: 'queued'; readonly path: string; readonly job: JobId}
  | {readonly is: 'refused'; readonly path: string; readonly to: string | null; readonly why: Why}
  /** A film, or with a `/` at the end a folder, that waits; said once for each reason. */
  | {readonly is: 'held'; readonly path: string; readonly why: Why}
  /** Out of a job's folder again. */
  | {readonly is: 'returned'; readonly path: string; readonly why: string}
  | {readonly is: 'offline'; readonly why: string}
  | {readonly is: 'online'}
  | {readonly is: 'mode'; readonly mode: 'watching' | 'polling'; readonly why: string}
  /** Something of ours failed; the film is where it was, or in the job's folder for the next try. */
  | {readonly is: 'fault'; readonly path: string; readonly cause: unknown};
