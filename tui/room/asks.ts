/** Owns what can be asked of the box and what holds the answer. Which of it is asked, and how often, screens say. */
import type {CallName} from '../../appliance/api/client.ts';
import type {AnswerOf, InputOf} from '../../appliance/api/row.ts';
import type {Rows} from '../../appliance/api/rows.ts';
import type {ApiTrouble} from '../../appliance/api/trouble.ts';
import type {Diagnosis} from '../../appliance/doctor.ts';
import type {At} from '../../appliance/job.ts';
import type {Found} from '../down.ts';

/** Answers of the daemon, and the row that each is of. */
export const sources = {
  status: 'status',
  inbox: 'inbox.get',
  users: 'users.list',
  sessions: 'sessions.list',
  keys: 'keys.all',
  pending: 'auth.qr_pending',
  receipts: 'receipts.list',
  engines: 'engines.list',
  job: 'jobs.get',
  timeline: 'jobs.timeline',
  quality: 'jobs.quality',
  storage: 'storage.get',
  retention: 'retention.get',
} as const satisfies Readonly<Record<string, CallName>>;
export type Source = keyof typeof sources;

/** What is found out without the daemon. */
interface Besides {
  readonly diagnosis: Diagnosis;
  readonly around: Found;
}

export type Answers = {readonly [S in Source]: AnswerOf<Rows[(typeof sources)[S]]>} & Besides;
export type Subject = keyof Answers;

export type Ask =
  | {readonly [S in Source]: {readonly of: S; readonly input: InputOf<Rows[(typeof sources)[S]]>}}[Source]
  | {readonly of: keyof Besides};

/** `everyMs` of null is once, and again when somebody wants it fresh. */
export type Wanted = Ask & {readonly everyMs: number | null};

/** The last answer, when it came, and what went wrong since. */
export interface Holding<T> {
  readonly value: T | null;
  readonly at: At;
  readonly trouble: ApiTrouble | null;
}

export type Held = {readonly [S in Subject]?: Holding<Answers[S]>};

export type Answered = {
  readonly [S in Subject]: {
    readonly is: 'answered';
    readonly of: S;
    readonly value: Answers[S] | null;
    readonly trouble: ApiTrouble | null;
    readonly at: At;
  };
}[Subject];

/** A call that changes something. */
export type Call = {
  readonly [N in CallName]: {readonly row: N; readonly input: InputOf<Rows[N]>};
}[CallName];
