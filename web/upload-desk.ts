/**
 * Owns what the web needs of whoever keeps uploads: the questions, and the ways an answer can be no. Speaks of bytes and
 * files, never of HTTP.
 */
import type {Digest} from '../appliance/digest.ts';
import type {Refusal} from '../appliance/failure.ts';
import type {Film} from '../appliance/film.ts';
import type {At, Job, JobId, UserName} from '../appliance/job.ts';
import type {Result} from '../appliance/result.ts';
import type {UploadId} from '../appliance/upload.ts';
import type {SubmitAsk, Trouble} from './box.ts';

export interface UploadNow {
  readonly id: UploadId;
  readonly name: string;
  readonly length: number;
  /** So many of its bytes are on disk. */
  readonly offset: number;
  readonly begun: At;
  readonly expires: At;
  /** As the client gave it. */
  readonly metadata: string;
  /** What was seen in it; null until then. */
  readonly film: Film | null;
  /** It is no film to dub, and none of it is kept. */
  readonly refused: Refusal | null;
}

/** Whose it must be; somebody else's is not there. */
export interface UploadAsk {
  readonly owner: UserName;
  readonly id: UploadId;
}

export interface BeginAsk {
  readonly owner: UserName;
  readonly name: string;
  readonly length: number;
  /** What the client says that the whole will be. */
  readonly digest: Digest | null;
  readonly metadata: string;
}

export interface AppendAsk extends UploadAsk {
  readonly offset: number;
  /** How many bytes are coming; null when that is not said. */
  readonly bytes: number | null;
  readonly checksum: Digest | null;
  readonly pieces: AsyncIterable<Buffer>;
  /** Makes `pieces` end with an error, at once. */
  breakOff(): void;
}

export interface CompleteAsk extends UploadAsk, Pick<SubmitAsk, 'options' | 'like' | 'priority'> {
  readonly sidecars: readonly UploadId[];
  readonly key: string | null;
  readonly signal: AbortSignal;
}

export type NameFault = 'path' | 'hidden' | 'no-stem' | 'ending' | 'program' | 'odd';

export type UploadTrouble =
  | {readonly reason: 'no-such-upload'}
  | {readonly reason: 'bad-upload-name'; readonly fault: NameFault}
  | {readonly reason: 'empty-upload'}
  | {readonly reason: 'upload-too-large'; readonly limitBytes: number}
  | {
      readonly reason: 'over-quota';
      readonly of: 'bytes' | 'uploads' | 'kept';
      readonly used: number;
      readonly allowed: number;
    }
  | {readonly reason: 'no-room'; readonly neededBytes: number; readonly freeBytes: number}
  /** The disk had no room in the middle of it, whatever was reserved; so much is kept. */
  | {readonly reason: 'disk-filled'; readonly offset: number}
  | {readonly reason: 'wrong-offset'; readonly offset: number}
  | {readonly reason: 'wrong-checksum'; readonly offset: number}
  | {readonly reason: 'past-its-end'; readonly length: number}
  /** It ended before all that was announced had come; nobody may be there to hear it. */
  | {readonly reason: 'broken-off'; readonly offset: number}
  /** What is in it is not what its name says. */
  | {readonly reason: 'wrong-content'; readonly name: string}
  | {readonly reason: 'wrong-digest'; readonly found: Digest}
  /** It was looked into, and is no film to dub. */
  | {readonly reason: 'refused'; readonly why: Refusal}
  | {readonly reason: 'not-whole'; readonly offset: number; readonly length: number}
  | {readonly reason: 'no-film'; readonly name: string}
  | {readonly reason: 'bad-sidecar'; readonly id: UploadId}
  | {readonly reason: 'completed'; readonly job: JobId};

export interface Completed {
  readonly made: boolean;
  readonly job: Job;
  /** Null where nobody could look in time: the job will see. */
  readonly film: Film | null;
}

export interface UploadDesk {
  /** Null is no limit. */
  readonly limitBytes: number | null;
  /** Those that are not completed. */
  open(owner: UserName): readonly UploadNow[];
  begin(ask: BeginAsk): Promise<Result<UploadNow, UploadTrouble | Trouble>>;
  /** Ends whoever is appending: what they brought so far counts. */
  look(ask: UploadAsk): Promise<Result<UploadNow, UploadTrouble>>;
  append(ask: AppendAsk): Promise<Result<UploadNow, UploadTrouble | Trouble>>;
  drop(ask: UploadAsk): Promise<Result<void, UploadTrouble | Trouble>>;
  complete(ask: CompleteAsk): Promise<Result<Completed, UploadTrouble | Trouble>>;
}
