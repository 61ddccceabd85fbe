/**
 * Owns the second factor of each person: setting an authenticator up, turning it on and off, and the codes for who lost
 * it. A secret that was not proven yet is kept in memory alone.
 */
import type {Random} from '../../appliance/accounts/code.ts';
import {freshRecovery} from '../../appliance/accounts/recovery.ts';
import type {Session, SessionId} from '../../appliance/accounts/session.ts';
import {freshTotpSecret, type TotpSecret, totpAddress, verifyTotp} from '../../appliance/accounts/totp.ts';
import {type User, withoutTotp, withRecovery, withTotp} from '../../appliance/accounts/user.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import type {AccountTrouble, Answered, Authenticators} from '../../web/accounts.ts';
import type {BoxStore} from '../state.ts';
import type {Lifelines} from './lifelines.ts';
import {keepOnly} from './logins.ts';
import type {Sessions} from './sessions.ts';
import {stored} from './stored.ts';

export interface AuthenticatorParts {
  readonly store: BoxStore;
  readonly sessions: Sessions;
  readonly lifelines: Lifelines;
  readonly random: Random;
  readonly now: () => number;
}

interface Pending {
  readonly secret: TotpSecret;
  readonly until: number;
}

const pendingMs = 10 * 60_000;
const pendingLimit = 1000;

export class HomeAuthenticators implements Authenticators {
  readonly #parts: AuthenticatorParts;
  readonly #pending = new Map<SessionId, Pending>();

  constructor(parts: AuthenticatorParts) {
    this.#parts = parts;
  }

  async setup(id: SessionId): Answered<{readonly secret: string; readonly address: string}> {
    const {sessions, random, now} = this.#parts;
    const session = sessions.get(id);
    if (session === undefined) return no({reason: 'no-such-session'});
    const secret = freshTotpSecret(random);
    for (const [other, {until}] of this.#pending) if (until <= now()) this.#pending.delete(other);
    if (this.#pending.size >= pendingLimit) this.#pending.clear();
    this.#pending.set(id, {secret, until: now() + pendingMs});
    return ok({secret, address: totpAddress(session.user, secret)});
  }

  verify(id: SessionId, code: string): Answered<readonly string[]> {
    const {random, now} = this.#parts;
    const pending = this.#pending.get(id);
    if (pending === undefined || pending.until <= now())
      return Promise.resolve(no({reason: 'no-totp-setup'}));
    const {secret} = pending;
    const step = verifyTotp({secret, lastStep: 0}, code, now());
    if (step === null) return Promise.resolve(no({reason: 'wrong-code'}));
    this.#pending.delete(id);
    const {codes, hashes} = freshRecovery(random);
    const on = (user: User): User => withTotp(user, {secret, step, recovery: hashes, at: now()});
    return this.#change(id, on, codes);
  }

  async disable(id: SessionId): Answered<void> {
    return this.#change(id, user => withoutTotp(user, this.#parts.now()), undefined);
  }

  freshRecovery(id: SessionId): Answered<readonly string[]> {
    const {codes, hashes} = freshRecovery(this.#parts.random);
    return stored(async () => {
      const {sessions} = this.#parts;
      return sessions.commit((draft): Result<readonly string[], AccountTrouble> => {
        const user = userOf(draft.get('sessions', id), name => draft.get('users', name));
        if (user === undefined) return no({reason: 'no-such-session'});
        if (user.totp === null) return no({reason: 'no-totp-setup'});
        draft.put('users', user.name, withRecovery(user, hashes));
        return ok(codes);
      });
    });
  }

  /** All other logins of that person end. */
  #change<T>(id: SessionId, change: (user: User) => User, answer: T): Answered<T> {
    return stored(async () => {
      const {sessions, lifelines} = this.#parts;
      const changed = await sessions.commit((draft, write): Result<User, AccountTrouble> => {
        const session = draft.get('sessions', id);
        const user = userOf(session, name => draft.get('users', name));
        if (session === undefined || user === undefined) return no({reason: 'no-such-session'});
        keepOnly(draft, write, {user: change(user), session});
        return ok(user);
      });
      if (!changed.ok) return changed;
      lifelines.endAll(changed.value.name, id);
      return ok(answer);
    });
  }
}

function userOf(
  session: Session | undefined,
  get: (name: Session['user']) => User | undefined,
): User | undefined {
  return session === undefined ? undefined : get(session.user);
}
