/**
 * Owns the shape of a route's one declaration: what it is called by, who may, whose object it touches, what goes in and
 * out. Never what it does: that is a handler's, and the row is what the server enforces around it.
 */
import type {z} from 'zod';
import type {AuditAction} from '../audit/actions.ts';
import type {Permission} from './permissions.ts';

export type Fields = z.ZodObject<Readonly<Record<string, z.ZodType>>>;

/** What a body may be: the fields of one object, or those of one of a few. */
export type BodySchema = Fields | z.ZodUnion<readonly Fields[]>;

/** Routes that share a limit on how often they may be called. */
export type Bucket =
  | ('probe' | 'list' | 'detail' | 'submit' | 'change' | 'logs' | 'events' | 'files')
  | ('login' | 'refresh' | 'upload' | 'sockets' | 'assets');

/** One name, or two where it makes a difference whether it was granted. */
export type AuditEvent = AuditAction | {readonly ok: AuditAction; readonly no: AuditAction};

export type Answer =
  /** `follow`: what a client gets, one event at a time, when it asks for `text/event-stream`. */
  | {readonly is: 'json'; readonly schema: z.ZodType; readonly follow?: z.ZodType}
  | {readonly is: 'text'; readonly type: string}
  /**
   * For a browser to show or run: it has a policy of its own. A page of somebody is kept nowhere; what is the same for all is
   * asked for again only when it changed, and for ever where its name holds its digest.
   */
  | {readonly is: 'page'; readonly type: string; readonly kept: 'never' | 'checked' | 'forever'}
  | {readonly is: 'events'; readonly follow: z.ZodType}
  /** `message`: what comes over a WebSocket, one JSON text at a time; nothing is said the other way. */
  | {readonly is: 'socket'; readonly message: z.ZodType}
  /** Bytes as they lie on the disk, whole or in part: never JSON, and not for a plain call. */
  | {readonly is: 'file'}
  /** Header fields alone, as tus 1.0 has them; `bytes` of any number are taken as they come. */
  | {readonly is: 'tus'; readonly takes: 'nothing' | 'bytes'};

/** A page, or what one loads. */
export interface PageAnswer {
  readonly body: string | Uint8Array;
  /** The same, packed by gzip; left out where that gains nothing, or would tell how long a secret in it is. */
  readonly gzip?: Uint8Array;
  /** Where the row does not know it. */
  readonly type?: string;
  /** Digests of the style and the script that stand in it: nothing else that does is looked at. */
  readonly inline?: {readonly style: string; readonly script: string};
}

export interface Row {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  readonly path: `/${string}`;
  readonly summary: string;
  readonly permission: Permission;
  /**
   * `job`: the one in the path, which must be the caller's to see. `own-job`: it must be theirs, not only shared with
   * them. `jobs`: only those that they see. `own`: something else of theirs, which the handler looks for among what is.
   */
  readonly object: 'none' | 'job' | 'own-job' | 'jobs' | 'own';
  readonly bucket: Bucket;
  /** Asks for a password or a code given a moment ago, of whoever comes over the network; never for a key. */
  readonly fresh?: true;
  /**
   * Written down for every call that gets as far as the permission, and for a file once a download, not for each of its
   * parts; null for what changes nothing and takes nothing away.
   */
  readonly audit: AuditEvent | null;
  readonly params: Fields;
  readonly query: Fields;
  /** JSON; null when none is taken. */
  readonly body: {readonly schema: BodySchema; readonly limitBytes: number} | null;
  /** Asked again under the same Idempotency-Key, it is not done again: the answer is the one from before. */
  readonly idempotent?: true;
  readonly answer: Answer;
}

export type ParamsOf<R extends Row> = z.output<R['params']>;
export type QueryOf<R extends Row> = z.output<R['query']>;
export type BodyOf<R extends Row> = R['body'] extends {readonly schema: infer S extends z.ZodType}
  ? z.output<S>
  : null;

/** What the route answers a plain call with. */
export type AnswerOf<R extends Row> = R['answer'] extends {readonly is: 'json'; readonly schema: infer S}
  ? S extends z.ZodType
    ? z.output<S>
    : never
  : R['answer'] extends {readonly is: 'page'}
    ? PageAnswer
    : R['answer'] extends {readonly is: 'text'}
      ? string
      : never;

/** One event of a route that can be followed; never for one that cannot. */
export type EventOf<R extends Row> = R['answer'] extends {readonly follow: infer S extends z.ZodType}
  ? z.output<S>
  : never;

/** What a client hands over: parts without fields are left out, and one with nothing but options may be. */
export type InputOf<R extends Row> = Part<'params', R['params']> &
  Part<'query', R['query']> &
  (R['body'] extends {readonly schema: infer S extends z.ZodType} ? Part<'body', S> : unknown);

type Part<Name extends string, S extends z.ZodType> = keyof z.input<S> extends never
  ? unknown
  : Record<never, never> extends z.input<S>
    ? {readonly [N in Name]?: z.input<S>}
    : {readonly [N in Name]: z.input<S>};

/** The names of the fields in a path: `/api/jobs/:id/logs` has `id`. */
export function fieldsOf(path: string): readonly string[] {
  return [...path.matchAll(/:([a-z]+)/g)].flatMap(([, name]) => name ?? []);
}
