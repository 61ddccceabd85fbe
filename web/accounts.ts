/**
 * Owns what the web needs of the accounts: the questions it asks, and the ways an answer can be no. Speaks of people and
 * logins, never of cookies or headers.
 */

import type {Key, KeyRefusal} from '../appliance/accounts/key.ts';
import type {PasswordRefusal} from '../appliance/accounts/password-policy.ts';
import type {HasherBusy} from '../appliance/accounts/passwords.ts';
import type {Quotas} from '../appliance/accounts/quotas.ts';
import type {Refreshed, Session, SessionId, SessionSecrets} from '../appliance/accounts/session.ts';
import type {StepUpRefusal} from '../appliance/accounts/step-up.ts';
import type {Purpose, Redeemed, TicketId} from '../appliance/accounts/ticket.ts';
import type {Preferences, User, UserRefusal} from '../appliance/accounts/user.ts';
import type {
  CodeShown,
  IntentId,
  IntentShown,
  KeyId,
  Me,
  SessionShown,
  UserShown,
} from '../appliance/api/account-shapes.ts';
import type {Caller, Role} from '../appliance/api/permissions.ts';
import type {Digest} from '../appliance/digest.ts';
import type {At, JobId, UserName} from '../appliance/job.ts';
import type {Result} from '../appliance/result.ts';

/** Where a request comes from, for the list of logins and for counting wrong tries. */
export interface From {
  /** Null at the socket. */
  readonly address: string | null;
  readonly agent: string | undefined;
}

/** Somebody has come in: what their browser or program keeps, once. */
export interface Entered {
  readonly user: User;
  readonly session: Session;
  readonly secrets: SessionSecrets;
  /** Short-lived, for programs. */
  readonly access: {readonly token: string; readonly seconds: number};
}

export type AccountTrouble =
  | UserRefusal
  | PasswordRefusal
  | HasherBusy
  | KeyRefusal
  | StepUpRefusal
  /** The name, the password or both: which of them is nobody's to know. */
  | {readonly reason: 'wrong-login'}
  /** The password was right, and the account asks for a code as well. */
  | {readonly reason: 'code-needed'}
  | {readonly reason: 'wrong-code'}
  | {readonly reason: 'wrong-password'}
  | {readonly reason: 'slow-down'; readonly waitMs: number}
  | {readonly reason: 'not-renewed'; readonly refreshed: Exclude<Refreshed, {is: 'rotated'}>}
  | {
      readonly reason: 'not-redeemed';
      readonly purpose: Purpose;
      readonly redeemed: Exclude<Redeemed, {is: 'ok'}>;
    }
  | {readonly reason: 'bad-name'}
  | {readonly reason: 'has-users'}
  | {readonly reason: 'no-totp-setup'}
  | {
      readonly reason:
        | 'no-such-ticket'
        | 'no-such-session'
        | 'no-such-key'
        | 'no-such-intent'
        | 'no-such-offer';
    }
  | {readonly reason: 'too-many'; readonly what: string; readonly allowed: number}
  | {readonly reason: 'qr-off' | 'not-approved' | 'not-waiting'}
  | {readonly reason: 'wrong-number'}
  | {readonly reason: 'whose'}
  /** The change could not be stored, so it was not made. */
  | {readonly reason: 'not-stored'; readonly detail: string};

export type Answered<T> = Promise<Result<T, AccountTrouble>>;

/** Who somebody is by what they bring. */
export interface Doorkeeper {
  /** `csrf` is the hash that a changing request has to match. */
  byCookie(secret: string, from: From): {readonly caller: Caller; readonly csrf: Digest} | null;
  /** An access token or a key. */
  byBearer(text: string, from: From): Promise<Caller | null>;
  /** Undefined when a password or a code was given a moment ago. */
  notFresh(caller: Caller): StepUpRefusal | undefined;
  /** Aborted when what the caller came with ends: streams go with it. */
  lifeline(caller: Caller): AbortSignal | null;
}

export interface Logins {
  login(
    asked: {readonly name: string; readonly password: string; readonly code: string | null},
    from: From,
  ): Answered<Entered>;
  refresh(token: string, from: From): Answered<Entered>;
  end(session: SessionId): Answered<void>;
  /** Null is everybody's. */
  list(user: UserName | null, current: SessionId | null): readonly SessionShown[];
  /** `user` is whose it must be; null for anybody's. */
  revoke(session: SessionId, user: UserName | null): Answered<void>;
  revokeOthers(session: SessionId): Answered<number>;
  /** Everybody's where `user` is null. `but` goes on: whoever ends all others is not to be left outside. */
  revokeAll(user: UserName | null, but: SessionId | null): Answered<number>;
  stepUp(
    session: SessionId,
    given: {readonly password: string | null; readonly code: string | null},
    from: From,
  ): Answered<void>;
  changePassword(
    session: SessionId,
    change: {readonly password: string; readonly next: string},
    from: From,
  ): Answered<void>;
}

export interface Authenticators {
  setup(session: SessionId): Answered<{readonly secret: string; readonly address: string}>;
  /** Gives the recovery codes. */
  verify(session: SessionId, code: string): Answered<readonly string[]>;
  disable(session: SessionId): Answered<void>;
  freshRecovery(session: SessionId): Answered<readonly string[]>;
}

export interface People {
  me(caller: Caller): Me;
  list(): readonly UserShown[];
  add(
    asked: {readonly name: UserName; readonly role: Role; readonly password: string | null},
    by: UserName,
  ): Answered<{readonly user: UserShown; readonly code: CodeShown | null}>;
  invite(
    asked: {readonly role: Role; readonly name: UserName | null; readonly days: number},
    by: UserName,
  ): Answered<CodeShown>;
  change(
    name: UserName,
    change: {readonly role: Role | undefined; readonly disabled: boolean | undefined},
  ): Answered<UserShown>;
  setQuotas(name: UserName, quotas: Quotas): Answered<UserShown>;
  reset(name: UserName, by: UserName): Answered<CodeShown>;
  remove(name: UserName): Answered<void>;
  setupCode(): Answered<CodeShown>;
  redeem(
    asked: {
      readonly ticket: TicketId | null;
      readonly code: string;
      readonly name: string | null;
      readonly password: string;
    },
    from: From,
  ): Answered<Entered>;
  prefer(name: UserName, preferences: Preferences): Answered<void>;
}

export interface Keys {
  /** Null is everybody's. */
  list(owner: UserName | null): readonly Key[];
  make(
    owner: UserName,
    asked: Pick<Key, 'name' | 'scopes' | 'expires'>,
  ): Answered<{readonly key: Key; readonly text: string}>;
  /** `owner` is whose it must be; null for anybody's. */
  revoke(id: KeyId, owner: UserName | null): Answered<Key>;
}

export interface QrLogins {
  /** `secret` binds the intent to whoever made it. */
  init(
    asked: {readonly offer: string | null},
    from: From,
  ): Answered<{readonly shown: IntentShown; readonly url: string; readonly secret: string}>;
  offer(
    caller: Caller,
    user: UserName | null,
  ): Answered<{readonly offer: string; readonly url: string; readonly expires: At}>;
  pending(caller: Caller): readonly IntentShown[];
  get(id: IntentId): Result<IntentShown, AccountTrouble>;
  approve(
    id: IntentId,
    by: Caller,
    given: {readonly number: string; readonly user: UserName | null},
  ): Result<IntentShown, AccountTrouble>;
  deny(id: IntentId): Result<IntentShown, AccountTrouble>;
  poll(
    id: IntentId,
    secret: string,
    signal: AbortSignal,
  ): Promise<Result<IntentShown['state'], AccountTrouble>>;
  redeem(id: IntentId, secret: string, from: From): Answered<Entered>;
}

/** What a signed link stands for. */
export interface Linked {
  readonly caller: Caller;
  readonly job: JobId;
  readonly file: string;
}

export interface Links {
  /** Null at the socket, which has no login to bind it to. */
  sign(
    caller: Caller,
    job: JobId,
    file: string,
  ): Promise<{readonly token: string; readonly expires: At} | null>;
  /** Null when it is no link of ours, or not any more. */
  read(token: string): Promise<Linked | null>;
}

export interface Accounts {
  readonly links: Links;
  readonly doorkeeper: Doorkeeper;
  readonly logins: Logins;
  readonly authenticators: Authenticators;
  readonly people: People;
  readonly keys: Keys;
  readonly qr: QrLogins;
}
