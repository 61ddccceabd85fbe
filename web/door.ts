/** Owns what a way in brings with it: who comes through it, how often they may ask, and who writes down what they did. */
import type {IncomingMessage} from 'node:http';
import type {Caller} from '../appliance/api/permissions.ts';
import type {AuditEvent, Bucket} from '../appliance/api/row.ts';
import type {UserName} from '../appliance/job.ts';

export interface Door {
  /** Null when it is nobody the box knows. */
  identify(request: IncomingMessage): Caller | null | Promise<Caller | null>;
  /** How long until this may be asked again; 0 to go on. */
  waitMs(bucket: Bucket, caller: Caller | null, request: IncomingMessage): number;
}

/**
 * The box's own socket: whoever can open it is its admin, as the file's mode says, and is not counted. Node cannot tell
 * which user of the machine that is.
 */
export function socketDoor(user: UserName): Door {
  const caller: Caller = {user, role: 'admin', came: {is: 'socket'}};
  return {identify: () => caller, waitMs: () => 0};
}

/** The network, where nobody is known yet: what anyone may ask is answered, and nothing else. */
export const networkDoor: Door = {identify: () => null, waitMs: () => 0};

/** One line of the audit. */
export interface Audited {
  readonly event: AuditEvent;
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
