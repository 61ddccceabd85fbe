/** Owns the shape of a handler: what it is given once its row was enforced, and what it gives back. */
import type {IncomingMessage} from 'node:http';
import type {Caller, Sight} from '../appliance/api/permissions.ts';
import type {AnswerOf, BodyOf, EventOf, ParamsOf, QueryOf, Row} from '../appliance/api/row.ts';
import type {Result} from '../appliance/result.ts';
import type {From} from './accounts.ts';
import type {JobNow} from './box.ts';
import type {Jar} from './jar.ts';
import type {Refused} from './problem.ts';
import type {Elsewhere, FileToSend} from './send-file.ts';

export interface Ask<R extends Row> {
  readonly caller: R['permission'] extends 'anyone' ? null : Caller;
  /** Whose objects may be shown. */
  readonly sight: Sight;
  readonly params: ParamsOf<R>;
  readonly query: QueryOf<R>;
  readonly body: BodyOf<R>;
  /** The job in the path, which is the caller's to see; null for a row that touches none. */
  readonly job: R['object'] extends 'job' | 'own-job' ? JobNow : null;
  readonly from: From;
  /** By which the box was asked; it is one of its own names. */
  readonly host: string;
  /** Accept-Language, as it came. */
  readonly languages: string;
  /** What the answer leaves in a browser. */
  readonly jar: Jar;
  /** Where a stream that broke off ended, as the client says; not to be believed. */
  readonly lastEventId: string | null;
  /** Aborted when the client hangs up; a stream's also when the listener stops. */
  readonly signal: AbortSignal;
}

/** An answer of header fields alone. */
export interface TusAnswer {
  readonly status: 200 | 201 | 204;
  readonly headers: Readonly<Record<string, string>>;
  /** What the audit says it was done to. */
  readonly object: string | null;
}

type Maybe<T> = T | Promise<T>;

/**
 * A row has the parts that its answer has: `answer` for a plain call, `follow` for an event stream, `messages` for a
 * WebSocket, `file` for a file.
 */
export type Handler<R extends Row> = ([AnswerOf<R>] extends [never]
  ? unknown
  : {readonly answer: (ask: Ask<R>) => Maybe<Result<AnswerOf<R>, Refused>>}) &
  ([EventOf<R>] extends [never] ? unknown : {readonly follow: (ask: Ask<R>) => AsyncIterable<string>}) &
  (R['answer'] extends {readonly is: 'tus'}
    ? {readonly tus: (ask: Ask<R>, request: IncomingMessage) => Maybe<Result<TusAnswer, Refused>>}
    : unknown) &
  (R['answer'] extends {readonly is: 'file'}
    ? {readonly file: (ask: Ask<R>) => Maybe<Result<FileToSend | Elsewhere, Refused>>}
    : unknown) &
  (R['answer'] extends {readonly is: 'socket'}
    ? {readonly messages: (ask: Ask<R>) => AsyncIterable<string>}
    : unknown) & {
    /** What the audit says it was done to; without it, the job in the path. */
    readonly about?: (ask: Ask<R>, answer: AnswerOf<R> | null) => string;
  };

/** One for every row: a row without one does not compile, and nor does one without a row. */
export type Handlers<Rows extends Readonly<Record<string, Row>>> = {
  readonly [Name in keyof Rows]: Handler<Rows[Name]>;
};

/** What every handler looks like to whoever calls it without knowing which it is. */
export interface AnyHandler {
  answer?(ask: AnyAsk): Maybe<Result<unknown, Refused>>;
  follow?(ask: AnyAsk): AsyncIterable<string>;
  messages?(ask: AnyAsk): AsyncIterable<string>;
  tus?(ask: AnyAsk, request: IncomingMessage): Maybe<Result<TusAnswer, Refused>>;
  file?(ask: AnyAsk): Maybe<Result<FileToSend | Elsewhere, Refused>>;
  about?(ask: AnyAsk, answer: unknown): string;
}

export interface AnyAsk extends Omit<Ask<Row>, 'caller' | 'params' | 'query' | 'body' | 'job'> {
  readonly caller: Caller | null;
  readonly params: object;
  readonly query: object;
  readonly body: object | null;
  readonly job: JobNow | null;
}
