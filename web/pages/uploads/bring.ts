/**
 * Owns what bringing a film is: its files and how much of each the box has, how it is to be dubbed, and where it stands. Types and
 * pure sums; never sends or keeps anything.
 */
import type {Problem} from '../../../appliance/api/shapes.ts';
import type {Film} from '../../../appliance/film.ts';
import type {JobId, JobOptions} from '../../../appliance/job.ts';

/** What is left out is as the preset has it, the series, or the box. */
export interface Wishes {
  readonly options: Partial<JobOptions>;
  /** The name of a preset or a series. */
  readonly like: string | null;
  /** Null is as somebody has set it for themselves. */
  readonly visibility: 'private' | 'shared' | null;
}

/** One file on its way. */
export interface Part {
  readonly name: string;
  readonly bytes: number;
  /** Its upload; null until the box has been told of it. */
  readonly url: string | null;
  /** How many bytes went out; what the box really has, it says when the upload goes on. */
  readonly sent: number;
  readonly isWhole: boolean;
}

export type BringState =
  | {readonly is: 'waiting'}
  | {readonly is: 'sending'}
  /** The network or the box is away: it goes on by itself. */
  | {readonly is: 'broken'}
  | {readonly is: 'paused'}
  /** After a reload, where the browser kept no copy of it: the same file has to be chosen again. */
  | {readonly is: 'needs-file'}
  /** All of it is there, and the box looks into it. */
  | {readonly is: 'checking'}
  | {readonly is: 'stopped'; readonly why: Problem; readonly mayTryAgain: boolean}
  /** `film` is null where the box could not look in time; not `made`: it was a job already. */
  | {readonly is: 'done'; readonly job: JobId; readonly film: Film | null; readonly made: boolean};

export interface Bring {
  /** Random: asked for under it twice, the job is the same. */
  readonly key: string;
  /** Subtitles first, so that they are there when the film is. */
  readonly parts: readonly Part[];
  readonly wishes: Wishes;
  readonly state: BringState;
}

export const filmOf = ({parts}: Bring): Part => {
  const film = parts.at(-1);
  if (film === undefined) throw new Error('a bring without a film');
  return film;
};

/** On its way, or waiting for its turn. */
export function isActive({state}: Bring): boolean {
  return ['waiting', 'sending', 'broken', 'checking'].includes(state.is);
}

export interface Amount {
  readonly sent: number;
  readonly bytes: number;
}

export function amountOf(brings: readonly Bring[]): Amount {
  const parts = brings.flatMap(each => each.parts);
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  return {bytes, sent: parts.reduce((sum, part) => sum + Math.min(part.sent, part.bytes), 0)};
}

/** Noes that may be a yes later, though nothing about the file has changed. */
const passing: ReadonlySet<string> = new Set([
  ...['over-quota', 'no-room', 'disk-filled', 'over-cap', 'unknown-caller', 'not-stored', 'failed', 'bug'],
  ...['too-often', 'wrong-checksum', 'no-csrf', 'unwell'],
]);

/** Noes of a box that is on its way up or down: it is asked again without anybody's doing. */
const soon: ReadonlySet<string> = new Set(['unreached', 'draining', 'starting', 'too-often', 'broken-off']);

export const isPassing = ({code}: Problem): boolean => passing.has(code);
export const isSoonOver = ({code}: Problem): boolean => soon.has(code);
