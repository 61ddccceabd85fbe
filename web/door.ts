/** Owns what a way in brings with it: who comes through it, how often they may ask, and who writes down what they did. */
import type {IncomingMessage} from 'node:http';
import type {Caller} from '../appliance/api/permissions.ts';
import type {Bucket} from '../appliance/api/row.ts';
import type {AuditAction} from '../appliance/audit/actions.ts';
import type {UserName} from '../appliance/job.ts';
import {Jar} from './jar.ts';
import type {Refused} from './problem.ts';

export interface Door {
  /** Null when it is nobody the box knows. Throws NotAnswered for what a browser was made to send. */
  identify(request: IncomingMessage): Caller | null | Promise<Caller | null>;
  /** How long until this may be asked again; 0 to go on. */
  waitMs(bucket: Bucket, caller: Caller | null, request: IncomingMessage): number | Promise<number>;
  /** Null for the socket, which has none. */
  addressOf(request: IncomingMessage): string | null;
  /** Why what asks for a password given a moment ago is not for this caller now; undefined when it is. */
  notFresh(caller: Caller): Refused | undefined;
  /** Aborted when what the caller came with ends; null when that cannot be. */
  lifeline(caller: Caller): AbortSignal | null;
  /** For what an answer leaves in a browser. */
  jar(request: IncomingMessage): Jar;
}

/**
 * The box's own socket: whoever can open it is its admin, as the file's mode says, and is not counted. Node cannot tell
 * which user of the machine that is.
 */
export function socketDoor(user: UserName): Door {
  const caller: Caller = {user, role: 'admin', came: {is: 'socket'}};
  return {
    ...{identify: () => caller, waitMs: () => 0, addressOf: () => null},
    ...{notFresh: () => undefined, lifeline: () => null},
    jar: request => new Jar(request, {secure: false}),
  };
}

/** One line of the audit. */
export interface Audited {
  readonly event: AuditAction;
  readonly requestId: string;
  readonly by: Caller | null;
  /** Null for the socket, which has none. */
  readonly address: string | null;
  /** What it was done to: a job's id, a mode. */
  readonly object: string | null;
  /** `ok`, or the code of the problem it ended with. */
  readonly result: string;
}

/** Resolves when it is written. What it cannot write is its own to report: a full disk is no reason to refuse. */
export type Audit = (entry: Audited) => Promise<void>;

/** What is logged of requests: never a body, a query or a header, which may hold what is nobody's business. */
export interface RequestLog {
  answered(line: {
    readonly requestId: string;
    readonly method: string;
    /** The row's name, not the address that was asked for. */
    readonly route: string | null;
    readonly status: number;
    readonly user: string | null;
    readonly ms: number;
    readonly hungUp: boolean;
  }): void;
  fault(line: {readonly requestId: string; readonly route: string | null; readonly cause: unknown}): void;
}
