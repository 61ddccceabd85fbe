/**
 * Owns how the parts of the accounts are put together, and who somebody is by what they bring. The rules are those of
 * the kernel in `appliance/accounts`.
 */
import {randomBytes} from 'node:crypto';
import {grants, KeyId} from '../../appliance/accounts/key.ts';
import type {PasswordHasher} from '../../appliance/accounts/passwords.ts';
import {SessionId} from '../../appliance/accounts/session.ts';
import {confirmedMs, stepUp} from '../../appliance/accounts/step-up.ts';
import {type Preferences, usualPreferences} from '../../appliance/accounts/user.ts';
import type {Me} from '../../appliance/api/account-shapes.ts';
import type {Caller} from '../../appliance/api/permissions.ts';
import type {AuditRecord} from '../../appliance/audit/entry.ts';
import type {UserName} from '../../appliance/job.ts';
import type {Log} from '../../appliance/log.ts';
import type {Accounts, Doorkeeper, From} from '../../web/accounts.ts';
import type {BoxStore} from '../state.ts';
import {AccessTokens} from './access-tokens.ts';
import {HomeAuthenticators} from './authenticators.ts';
import {Intents} from './intents.ts';
import {HomeKeys} from './keys.ts';
import {Lifelines} from './lifelines.ts';
import {HomeLinks} from './links.ts';
import {HomeLogins} from './logins.ts';
import {HomePeople} from './people.ts';
import {Sessions} from './sessions.ts';
import {Tries} from './tries.ts';

export interface AccountsGround {
  readonly store: BoxStore;
  /** There from the first password on. */
  readonly hasher: () => Promise<PasswordHasher>;
  readonly qr: boolean;
  readonly audit: (entry: AuditRecord) => void;
  readonly log: Log;
  readonly now: () => number;
  readonly url: () => string;
}

export class HomeAccounts implements Accounts {
  readonly #ground: AccountsGround;
  readonly #sessions: Sessions;
  readonly #tries: Tries;
  readonly #lifelines = new Lifelines();
  readonly #tokens: AccessTokens;
  readonly logins: HomeLogins;
  readonly authenticators: HomeAuthenticators;
  readonly keys: HomeKeys;
  readonly qr: Intents;
  readonly links: HomeLinks;
  readonly people: Accounts['people'];
  readonly doorkeeper: Doorkeeper;

  constructor(ground: AccountsGround) {
    const {store, hasher, now, url, audit, log} = ground;
    const random = randomBytes;
    const lifelines = this.#lifelines;
    const notStored = (cause: unknown): void =>
      log.error({err: cause}, 'when somebody was last seen is not noted');
    this.#ground = ground;
    this.#sessions = new Sessions({store, lifelines, now, notStored});
    this.#tries = new Tries(store, now);
    this.#tokens = new AccessTokens(random, now);
    const shared = {store, sessions: this.#sessions, lifelines, random, now};
    this.logins = new HomeLogins({...shared, tries: this.#tries, hasher, tokens: this.#tokens, audit});
    this.authenticators = new HomeAuthenticators(shared);
    this.keys = new HomeKeys({store, lifelines, random, now, notStored});
    const has = (user: UserName): boolean => store.get('users', user)?.disabled === false;
    this.qr = new Intents({isOn: ground.qr, logins: this.logins, has, random, now, url});
    this.links = new HomeLinks({random, now, callerOf: (is, id) => this.#callerOf(is, id)});
    const people = new HomePeople({...shared, logins: this.logins, hasher, url});
    this.people = Object.assign(people, {me: (caller: Caller) => this.#me(caller)});
    this.doorkeeper = {
      byCookie: (secret, from) => this.#byCookie(secret, from),
      byBearer: (text, from) => this.#byBearer(text, from),
      notFresh: caller => this.#notFresh(caller),
      lifeline: caller => (caller.came.is === 'socket' ? null : lifelines.of(caller.came.id, caller.user)),
    };
  }

  async start(): Promise<void> {
    await this.#tries.start();
    await this.#sessions.sweep();
  }

  #byCookie(secret: string, from: From): ReturnType<Doorkeeper['byCookie']> {
    const session = this.#sessions.bySecret(secret);
    const user = session === undefined ? undefined : this.#ground.store.get('users', session.user);
    if (session === undefined || user === undefined) return null;
    this.#sessions.touch(session, from.address ?? 'socket');
    const came = {is: 'session', id: session.id} as const;
    return {caller: {user: user.name, role: user.role, came}, csrf: session.csrf};
  }

  async #byBearer(text: string, from: From): Promise<Caller | null> {
    if (text.startsWith('dp_')) return this.#byKey(text, from);
    const id = await this.#tokens.verify(text);
    const session = id === null ? undefined : this.#sessions.get(id);
    if (session !== undefined) this.#sessions.touch(session, from.address ?? 'socket');
    return id === null ? null : this.#callerOf('session', id);
  }

  #byKey(text: string, {address}: From): Caller | null {
    const found = this.keys.find(text);
    if (found === null) return null;
    const {key, owner, used} = found;
    if (used) {
      const about = {user: owner.name, address, object: `key:${key.id}`};
      this.#ground.audit({action: 'api_key.used', result: 'ok', ...about});
    }
    return {
      user: owner.name,
      role: owner.role,
      came: {is: 'key', id: key.id, grants: grants(key, owner.role)},
    };
  }

  #callerOf(is: 'session' | 'key', id: string): Caller | null {
    if (is === 'key') {
      const found = this.keys.byId(KeyId.parse(id));
      if (found === null) return null;
      const {key, owner} = found;
      return {user: owner.name, role: owner.role, came: {is, id: key.id, grants: grants(key, owner.role)}};
    }
    const session = this.#sessions.get(SessionId.parse(id));
    const user = session === undefined ? undefined : this.#ground.store.get('users', session.user);
    if (session === undefined || user === undefined) return null;
    return {user: user.name, role: user.role, came: {is, id: session.id}};
  }

  #notFresh({came}: Caller): ReturnType<Doorkeeper['notFresh']> {
    if (came.is === 'socket') return undefined;
    const session = came.is === 'session' ? this.#sessions.get(came.id) : undefined;
    if (session === undefined) return {reason: 'never-given'};
    const given = stepUp(session, this.#ground.now());
    return given.ok ? undefined : given.why;
  }

  #me({user: name, role, came}: Caller): Me {
    const {store} = this.#ground;
    const user = store.get('users', name);
    const session = came.is === 'session' ? this.#sessions.get(came.id) : undefined;
    const isFresh = session !== undefined && stepUp(session, this.#ground.now()).ok;
    const scopes = came.is === 'key' ? [...(store.get('keys', came.id)?.scopes ?? [])] : null;
    return {
      ...{name, role, came: came.is, id: came.is === 'socket' ? null : came.id, scopes},
      ...{totp: user?.totp != null, recovery: user?.recovery.length ?? 0},
      freshUntil: isFresh ? (session.confirmed ?? 0) + confirmedMs : null,
      preferences: structuredClone(user?.preferences ?? usualPreferences) as Preferences,
    };
  }
}
