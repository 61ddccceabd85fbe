/**
 * Owns getting in with a password and staying in: login, renewal, logout, revocation, and giving the password again.
 * Never makes users and never shows a cookie.
 */
import {hashOf, type Random} from '../../appliance/accounts/code.ts';
import {deviceName} from '../../appliance/accounts/device-name.ts';
import type {PasswordHash} from '../../appliance/accounts/password-hash.ts';
import {judgePassword} from '../../appliance/accounts/password-policy.ts';
import type {PasswordHasher} from '../../appliance/accounts/passwords.ts';
import {useRecoveryCode} from '../../appliance/accounts/recovery.ts';
import {
  freshSecrets,
  hashesOf,
  openSession,
  refresh as refreshed,
  type Session,
  type SessionId,
  type SessionSecrets,
} from '../../appliance/accounts/session.ts';
import {confirmed} from '../../appliance/accounts/step-up.ts';
import {verifyTotp} from '../../appliance/accounts/totp.ts';
import {rehashed, type User, withPassword, withRecovery, withStep} from '../../appliance/accounts/user.ts';
import type {SessionShown} from '../../appliance/api/account-shapes.ts';
import type {AuditRecord} from '../../appliance/audit/entry.ts';
import {UserName} from '../../appliance/job.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import type {Draft} from '../../appliance/store/draft.ts';
import type {AccountTrouble, Answered, Entered, From, Logins} from '../../web/accounts.ts';
import type {BoxStore, BoxTables} from '../state.ts';
import type {AccessTokens} from './access-tokens.ts';
import type {Lifelines} from './lifelines.ts';
import type {Sessions, SessionWriter} from './sessions.ts';
import {stored} from './stored.ts';
import type {Tries} from './tries.ts';

export interface LoginParts {
  readonly store: BoxStore;
  readonly sessions: Sessions;
  readonly lifelines: Lifelines;
  readonly tries: Tries;
  /** There from the first password on. */
  readonly hasher: () => Promise<PasswordHasher>;
  readonly tokens: AccessTokens;
  readonly random: Random;
  readonly now: () => number;
  readonly audit: (entry: AuditRecord) => void;
}

interface Asked {
  readonly name: string;
  readonly password: string;
  readonly code: string | null;
}

export class HomeLogins implements Logins {
  readonly #parts: LoginParts;

  constructor(parts: LoginParts) {
    this.#parts = parts;
  }

  login(asked: Asked, from: From): Answered<Entered> {
    return stored(async () => {
      const {tries} = this.#parts;
      const waitMs = await tries.begin(asked.name, from.address);
      if (waitMs > 0) return no({reason: 'slow-down', waitMs});
      const entered = await this.#login(asked, from);
      if (entered.ok) await tries.right(asked.name, from.address);
      else if (entered.why.reason === 'wrong-login' || entered.why.reason === 'wrong-code')
        await tries.wrong(asked.name, from.address);
      // The password was right, or nobody looked at it.
      else await tries.neither(asked.name, from.address);
      return entered;
    });
  }

  async #login({name, password, code}: Asked, from: From): Answered<Entered> {
    const {store} = this.#parts;
    const hasher = await this.#parts.hasher();
    const known = UserName.safeParse(name);
    const user = known.success ? store.get('users', known.data) : undefined;
    const hash = user === undefined || user.disabled ? null : user.password;
    // The same work whether there is such a user or not.
    const checked = await hasher.verify(hash, password);
    if (!checked.ok) return checked;
    if (!checked.value || user === undefined || hash === null) return no({reason: 'wrong-login'});
    const newer = hasher.needsRehash(hash) ? await hasher.hash(password) : null;
    let left: number | null = null;
    const entered = await this.enter(user.name, from, 'password', (draft, now) => {
      // Somebody may have changed it in the meantime.
      if (now.disabled || now.password !== hash) return no({reason: 'wrong-login'});
      const proven = withSecondFactor(now, code, this.#parts.now());
      if (!proven.ok) return proven;
      const fit = newer?.ok === true ? rehashed(proven.value, newer.value) : proven.value;
      left = fit.recovery.length < now.recovery.length ? fit.recovery.length : null;
      return ok(fit === now ? now : draft.put('users', now.name, fit));
    });
    if (entered.ok && left !== null) this.#recovered(user.name, from, left);
    return entered;
  }

  #recovered(user: UserName, {address}: From, left: number): void {
    this.#parts.audit({action: 'auth.recovery_code_used', result: 'ok', user, address, details: {left}});
  }

  /** Opens a login for a user, who may be changed by it, in one commit. */
  async enter(
    name: UserName,
    from: From,
    how: Session['how'],
    prove: (draft: Draft<BoxTables>, user: User) => Result<User, AccountTrouble>,
  ): Answered<Entered> {
    const {sessions, now, random, tokens} = this.#parts;
    const opened = await sessions.commit((draft, write): Result<Omit<Entered, 'access'>, AccountTrouble> => {
      const user = draft.get('users', name);
      if (user === undefined) return no({reason: 'wrong-login'});
      const proven = prove(draft, user);
      if (!proven.ok) return proven;
      const address = from.address ?? 'socket';
      const {session, secrets} = openSession(
        {user: proven.value, how, device: deviceName(from.agent), address, at: now()},
        random,
      );
      write.put(session);
      return ok({user: proven.value, session, secrets});
    });
    if (!opened.ok) return opened;
    return ok({...opened.value, access: await tokens.sign(opened.value.session.id)});
  }

  refresh(token: string, from: From): Answered<Entered> {
    return stored(async () => {
      const {sessions, tokens} = this.#parts;
      const presented = hashOf('refresh', token);
      const renewed = await sessions.commit((draft, write) => this.#renew(draft, write, presented));
      if (renewed.is === 'unknown') return no({reason: 'not-renewed', refreshed: {is: 'unknown'}});
      const {user, session, outcome, secrets} = renewed;
      if (outcome.is === 'reused') {
        const {address} = from;
        this.#parts.audit({
          ...{action: 'auth.refresh_reuse', result: 'refused', user: user.name, address},
          object: `session:${session.id}`,
        });
      }
      if (outcome.is !== 'rotated') return no({reason: 'not-renewed', refreshed: outcome});
      sessions.touch(outcome.session, from.address ?? 'socket');
      return ok({user, session: outcome.session, secrets, access: await tokens.sign(session.id)});
    });
  }

  #renew(draft: Draft<BoxTables>, write: SessionWriter, presented: ReturnType<typeof hashOf>) {
    const {sessions, random, now} = this.#parts;
    const unknown = {is: 'unknown'} as const;
    const id = sessions.byRefresh(presented)?.id;
    const session = id === undefined ? undefined : draft.get('sessions', id);
    const user = session === undefined ? undefined : draft.get('users', session.user);
    if (session === undefined || user === undefined || user.disabled) return unknown;
    if (session.credentialsAt !== user.credentialsAt) return unknown;
    const secrets: SessionSecrets = freshSecrets(random);
    const outcome = refreshed(session, presented, now(), hashesOf(secrets));
    if (outcome.is === 'rotated') write.put(outcome.session);
    // Whoever has the copy is out, and so is whoever it was copied from.
    if (outcome.is === 'reused' || outcome.is === 'expired') write.drop(session.id);
    return {is: 'known' as const, user, session, outcome, secrets};
  }

  end(id: SessionId): Answered<void> {
    return stored(async () => {
      await this.#parts.sessions.commit((_draft, write) => write.drop(id));
      return ok(undefined);
    });
  }

  list(user: UserName | null, current: SessionId | null): readonly SessionShown[] {
    return this.#parts.sessions
      .list(user)
      .slice(0, 1000)
      .map(session => showSession(session, session.id === current));
  }

  revoke(id: SessionId, user: UserName | null): Answered<void> {
    return stored(async () => {
      const session = this.#parts.sessions.get(id);
      if (session === undefined || (user !== null && session.user !== user))
        return no({reason: 'no-such-session'});
      return this.end(id);
    });
  }

  revokeOthers(id: SessionId): Answered<number> {
    return stored(async () => {
      const session = this.#parts.sessions.get(id);
      if (session === undefined) return no({reason: 'no-such-session'});
      return ok(await this.#parts.sessions.commit((_draft, write) => write.dropAll(session.user, id)));
    });
  }

  revokeAll(user: UserName | null, but: SessionId | null): Answered<number> {
    return stored(async () => {
      const {sessions, store} = this.#parts;
      if (user !== null && store.get('users', user) === undefined)
        return no({reason: 'no-such-user', name: user});
      return ok(
        await sessions.commit((draft, write) => {
          const all = [...draft.all('sessions')].map(([, session]) => session);
          const gone = all.filter(({user: whose, id}) => (user === null || whose === user) && id !== but);
          for (const {id} of gone) write.drop(id);
          return gone.length;
        }),
      );
    });
  }

  stepUp(
    id: SessionId,
    given: {readonly password: string | null; readonly code: string | null},
    from: From,
  ): Answered<void> {
    return stored(() =>
      this.#counted(id, from, async user => {
        const {sessions, now} = this.#parts;
        const hasher = await this.#parts.hasher();
        const checked = given.password === null ? null : await hasher.verify(user.password, given.password);
        if (checked !== null && !checked.ok) return checked;
        if (checked?.value === false) return no({reason: 'wrong-password'});
        return sessions.commit((draft, write): Result<void, AccountTrouble> => {
          const [known, session] = [draft.get('users', user.name), draft.get('sessions', id)];
          if (known === undefined || session === undefined) return no({reason: 'no-such-session'});
          if (checked === null) {
            // A code alone does where there is an authenticator: it is not in the hands of whoever found the screen open.
            if (known.totp === null) return no({reason: 'wrong-password'});
            const proven = withSecondFactor(known, given.code ?? '', now());
            if (!proven.ok) return proven;
            draft.put('users', known.name, proven.value);
          }
          write.put(confirmed(session, now()));
          return ok(undefined);
        });
      }),
    );
  }

  changePassword(
    id: SessionId,
    {password, next}: {readonly password: string; readonly next: string},
    from: From,
  ): Answered<void> {
    return stored(() =>
      this.#counted(id, from, async user => {
        const {sessions, lifelines, now} = this.#parts;
        const hasher = await this.#parts.hasher();
        const judged = judgePassword(next, user.name);
        if (!judged.ok) return judged;
        const checked = await hasher.verify(user.password, password);
        if (!checked.ok) return checked;
        if (!checked.value) return no({reason: 'wrong-password'});
        const hash = await hasher.hash(judged.value);
        if (!hash.ok) return hash;
        const changed = await sessions.commit((draft, write): Result<void, AccountTrouble> => {
          const [known, session] = [draft.get('users', user.name), draft.get('sessions', id)];
          if (known === undefined || session === undefined) return no({reason: 'no-such-session'});
          if (known.password !== user.password) return no({reason: 'wrong-password'});
          keepOnly(draft, write, {
            user: withPassword(known, hash.value as PasswordHash, now()),
            session: confirmed(session, now()),
          });
          return ok(undefined);
        });
        if (changed.ok) lifelines.endAll(user.name, id);
        return changed;
      }),
    );
  }

  /** Wrong passwords count here as they do at the door: who finds a screen open can't try them out. */
  async #counted(id: SessionId, from: From, attempt: (user: User) => Answered<void>): Answered<void> {
    const {sessions, store, tries} = this.#parts;
    const session = sessions.get(id);
    const user = session === undefined ? undefined : store.get('users', session.user);
    if (user === undefined) return no({reason: 'no-such-session'});
    const waitMs = await tries.begin(user.name, from.address);
    if (waitMs > 0) return no({reason: 'slow-down', waitMs});
    const answer = await attempt(user);
    const isWrong =
      !answer.ok && (answer.why.reason === 'wrong-password' || answer.why.reason === 'wrong-code');
    if (answer.ok) await tries.right(user.name, from.address);
    else if (isWrong) await tries.wrong(user.name, from.address);
    // A no for another reason proves nothing: it must not make the wrong tries before it be forgotten.
    else await tries.neither(user.name, from.address);
    return answer;
  }
}

/** Changes what a user logs in with: this one login goes on, all others end. */
export function keepOnly(
  draft: Draft<BoxTables>,
  write: SessionWriter,
  {user, session}: {readonly user: User; readonly session: Session},
): void {
  draft.put('users', user.name, user);
  write.dropAll(user.name, session.id);
  write.put({...session, credentialsAt: user.credentialsAt});
}

/** The user with the code used up; the same one where the account asks for none. */
function withSecondFactor(user: User, code: string | null, at: number): Result<User, AccountTrouble> {
  if (user.totp === null) return ok(user);
  if (code === null) return no({reason: 'code-needed'});
  const step = verifyTotp(user.totp, code, at);
  if (step !== null) return ok(withStep(user, step));
  const left = useRecoveryCode(user.recovery, code);
  return left === null ? no({reason: 'wrong-code'}) : ok(withRecovery(user, left));
}

function showSession(session: Session, current: boolean): SessionShown {
  const {id, user, device, how, created, firstAddress, lastAddress, lastSeen, expires} = session;
  return {id, user, device, how, created, firstAddress, lastAddress, lastSeen, expires, current};
}
