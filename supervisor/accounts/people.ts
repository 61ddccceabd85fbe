/**
 * Owns who there is on the box: users and what is changed of them, and the codes that let somebody in once. Whatever
 * somebody was logged in to ends with a change of their rights, in the same commit.
 */
import type {Random} from '../../appliance/accounts/code.ts';
import {judgePassword} from '../../appliance/accounts/password-policy.ts';
import type {PasswordHasher} from '../../appliance/accounts/passwords.ts';
import type {Quotas} from '../../appliance/accounts/quotas.ts';
import {
  type FreshTicket,
  inviteTicket,
  redeem as redeemed,
  resetTicket,
  setupTicket,
  type Ticket,
  type TicketId,
} from '../../appliance/accounts/ticket.ts';
import {
  added,
  disabled,
  enabled,
  type Preferences,
  removed,
  type User,
  type UserRefusal,
  withPassword,
  withPreferences,
  withQuotas,
  withRole,
} from '../../appliance/accounts/user.ts';
import type {CodeShown, UserShown} from '../../appliance/api/account-shapes.ts';
import type {Role} from '../../appliance/api/permissions.ts';
import {UserName} from '../../appliance/job.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import type {Draft} from '../../appliance/store/draft.ts';
import type {AccountTrouble, Answered, Entered, From, People} from '../../web/accounts.ts';
import type {BoxStore, BoxTables} from '../state.ts';
import type {Lifelines} from './lifelines.ts';
import type {HomeLogins} from './logins.ts';
import type {Sessions} from './sessions.ts';
import {stored} from './stored.ts';

export interface PeopleParts {
  readonly store: BoxStore;
  readonly sessions: Sessions;
  readonly lifelines: Lifelines;
  readonly logins: HomeLogins;
  /** There from the first password on. */
  readonly hasher: () => Promise<PasswordHasher>;
  readonly random: Random;
  readonly now: () => number;
  /** Where people reach the box, for links. */
  readonly url: () => string;
}

const userLimit = 1000;
const ticketLimit = 1000;

interface Redeeming {
  readonly ticket: TicketId | null;
  readonly code: string;
  readonly name: string | null;
  readonly password: string;
}

export class HomePeople implements Omit<People, 'me'> {
  readonly #parts: PeopleParts;

  constructor(parts: PeopleParts) {
    this.#parts = parts;
  }

  list(): readonly UserShown[] {
    return [...this.#parts.store.all('users').values()]
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(user => this.#show(user));
  }

  add(
    {name, role, password}: {readonly name: UserName; readonly role: Role; readonly password: string | null},
    by: UserName,
  ): Answered<{readonly user: UserShown; readonly code: CodeShown | null}> {
    return stored(async () => {
      const {store, hasher, now, random} = this.#parts;
      const judged = password === null ? null : judgePassword(password, name);
      if (judged?.ok === false) return judged;
      const hash = judged === null ? null : await (await hasher()).hash(judged.value);
      if (hash?.ok === false) return hash;
      const fresh = hash === null ? resetTicket(name, by, now(), random) : null;
      const made = await store.commit((draft): Result<User, AccountTrouble> => {
        const user = this.#added(draft, {name, role, password: hash?.value ?? null});
        if (user.ok && fresh !== null) keepTicket(draft, fresh, now());
        if (user.ok && role === 'admin') dropSetup(draft);
        return user;
      });
      if (!made.ok) return made;
      return ok({user: this.#show(made.value), code: fresh === null ? null : this.#shown(fresh)});
    });
  }

  invite(
    {role, name, days}: {readonly role: Role; readonly name: UserName | null; readonly days: number},
    by: UserName,
  ): Answered<CodeShown> {
    return stored(async () => {
      const {store, now, random} = this.#parts;
      const fresh = inviteTicket({role, name, by, days}, now(), random);
      return store.commit((draft): Result<CodeShown, AccountTrouble> => {
        if (name !== null && draft.get('users', name) !== undefined) return no({reason: 'name-taken', name});
        const open = [...draft.all('tickets')].filter(([, {used}]) => used === null).length;
        if (open >= ticketLimit)
          return no({reason: 'too-many', what: 'open invitations', allowed: ticketLimit});
        keepTicket(draft, fresh, now());
        return ok(this.#shown(fresh));
      });
    });
  }

  change(
    name: UserName,
    change: {readonly role: Role | undefined; readonly disabled: boolean | undefined},
  ): Answered<UserShown> {
    const {now} = this.#parts;
    return this.#changed(name, users => {
      const role = change.role === undefined ? undefined : withRole(users, name, change.role, now());
      if (role?.ok === false || change.disabled === undefined) return role ?? userIn(users, name);
      const others = users.map(user => (role?.ok === true && user.name === name ? role.value : user));
      return change.disabled ? disabled(others, name, now()) : enabled(others, name, now());
    });
  }

  setQuotas(name: UserName, quotas: Quotas): Answered<UserShown> {
    return stored(async () =>
      this.#parts.store.commit((draft): Result<UserShown, AccountTrouble> => {
        const user = draft.get('users', name);
        if (user === undefined) return no({reason: 'no-such-user', name});
        return ok(this.#show(draft.put('users', name, withQuotas(user, quotas))));
      }),
    );
  }

  reset(name: UserName, by: UserName): Answered<CodeShown> {
    return stored(async () => {
      const {store, now, random} = this.#parts;
      const fresh = resetTicket(name, by, now(), random);
      return store.commit((draft): Result<CodeShown, AccountTrouble> => {
        if (draft.get('users', name) === undefined) return no({reason: 'no-such-user', name});
        keepTicket(draft, fresh, now());
        return ok(this.#shown(fresh));
      });
    });
  }

  remove(name: UserName): Answered<void> {
    return stored(async () => {
      const {sessions, lifelines} = this.#parts;
      const gone = await sessions.commit((draft, write): Result<void, AccountTrouble> => {
        const user = removed(usersIn(draft), name);
        if (!user.ok) return user;
        draft.delete('users', name);
        write.dropAll(name, null);
        for (const [id, {owner}] of [...draft.all('keys')]) if (owner === name) draft.delete('keys', id);
        return ok(undefined);
      });
      if (gone.ok) lifelines.endAll(name);
      return gone;
    });
  }

  setupCode(): Answered<CodeShown> {
    return stored(async () => {
      const {store, now, random} = this.#parts;
      const fresh = setupTicket(now(), random);
      return store.commit((draft): Result<CodeShown, AccountTrouble> => {
        if (usersIn(draft).length > 0) return no({reason: 'has-users'});
        dropSetup(draft);
        keepTicket(draft, fresh, now());
        return ok(this.#shown(fresh));
      });
    });
  }

  redeem(asked: Redeeming, from: From): Answered<Entered> {
    return stored(async () => {
      const {store, now} = this.#parts;
      const looked = await store.commit(draft => this.#look(draft, asked, now()));
      if (!looked.ok) return looked;
      const {ticket, name} = looked.value;
      const judged = judgePassword(asked.password, name);
      if (!judged.ok) return judged;
      const hash = await (await this.#parts.hasher()).hash(judged.value);
      if (!hash.ok) return hash;
      const made = await this.#made(ticket.id, {...asked, hash: hash.value, name});
      if (!made.ok) return made;
      const how = ticket.purpose.is === 'setup' ? 'setup' : 'invite';
      return this.#parts.logins.enter(name, from, how, (_draft, user) => ok(user));
    });
  }

  prefer(name: UserName, preferences: Preferences): Answered<void> {
    return stored(async () =>
      this.#parts.store.commit((draft): Result<void, AccountTrouble> => {
        const user = draft.get('users', name);
        if (user === undefined) return no({reason: 'no-such-user', name});
        draft.put('users', name, withPreferences(user, preferences));
        return ok(undefined);
      }),
    );
  }

  /** Looks whether the code is right, and counts when it is not; nothing is used up by a name or a password that is not taken. */
  #look(
    draft: Draft<BoxTables>,
    {ticket: id, code, name}: Redeeming,
    at: number,
  ): Result<{readonly ticket: Ticket; readonly name: UserName}, AccountTrouble> {
    const ticket = id === null ? setupIn(draft) : draft.get('tickets', id);
    if (ticket === undefined) return no({reason: 'no-such-ticket'});
    const outcome = redeemed(ticket, code, at);
    if (outcome.is === 'wrong') draft.put('tickets', ticket.id, outcome.ticket);
    if (outcome.is !== 'ok') return no({reason: 'not-redeemed', purpose: ticket.purpose, redeemed: outcome});
    const {purpose} = ticket;
    const wanted = purpose.is === 'setup' || purpose.name === null ? name : purpose.name;
    const chosen = UserName.safeParse(wanted);
    if (!chosen.success) return no({reason: 'bad-name'});
    const isTaken = purpose.is !== 'reset' && draft.get('users', chosen.data) !== undefined;
    return isTaken ? no({reason: 'name-taken', name: chosen.data}) : ok({ticket, name: chosen.data});
  }

  /** Uses the code up and makes or changes the user, in one commit: of two at once one is too late. */
  #made(
    id: TicketId,
    asked: {readonly code: string; readonly name: UserName; readonly hash: NonNullable<User['password']>},
  ): Promise<Result<void, AccountTrouble>> {
    const {sessions, now} = this.#parts;
    const {name, hash} = asked;
    return sessions.commit((draft, write): Result<void, AccountTrouble> => {
      const ticket = draft.get('tickets', id);
      if (ticket === undefined) return no({reason: 'no-such-ticket'});
      const {purpose} = ticket;
      const outcome = redeemed(ticket, asked.code, now());
      if (outcome.is !== 'ok') return no({reason: 'not-redeemed', purpose, redeemed: outcome});
      if (purpose.is === 'setup' && usersIn(draft).length > 0) return no({reason: 'has-users'});
      draft.put('tickets', id, outcome.ticket);
      if (purpose.is !== 'reset') {
        const role = purpose.is === 'setup' ? 'admin' : purpose.role;
        const user = this.#added(draft, {name, role, password: hash});
        return user.ok ? ok(undefined) : user;
      }
      const user = draft.get('users', name);
      if (user === undefined) return no({reason: 'no-such-user', name});
      draft.put('users', name, withPassword(user, hash, now()));
      write.dropAll(name, null);
      return ok(undefined);
    });
  }

  #added(
    draft: Draft<BoxTables>,
    {name, role, password}: Pick<User, 'name' | 'role' | 'password'>,
  ): Result<User, AccountTrouble> {
    const users = usersIn(draft);
    if (users.length >= userLimit) return no({reason: 'too-many', what: 'users', allowed: userLimit});
    const user = added(users, {name, role, password, at: this.#parts.now()});
    return user.ok ? ok(draft.put('users', name, user.value)) : user;
  }

  #changed(
    name: UserName,
    change: (users: readonly User[]) => Result<User, UserRefusal>,
  ): Answered<UserShown> {
    return stored(async () => {
      const {sessions, lifelines} = this.#parts;
      const changed = await sessions.commit((draft, write): Result<User, AccountTrouble> => {
        const was = draft.get('users', name);
        const user = change(usersIn(draft));
        if (!user.ok) return user;
        if (was?.credentialsAt !== user.value.credentialsAt) write.dropAll(name, null);
        return ok(draft.put('users', name, user.value));
      });
      if (!changed.ok) return changed;
      lifelines.endAll(name);
      return ok(this.#show(changed.value));
    });
  }

  #show({name, role, created, disabled: isDisabled, password, totp, quotas}: User): UserShown {
    const theirs = this.#parts.sessions.list(name);
    return {
      ...{name, role, created, disabled: isDisabled, hasPassword: password !== null, totp: totp !== null},
      quotas,
      ...{sessions: theirs.length, lastSeen: theirs[0]?.lastSeen ?? null},
    };
  }

  #shown({ticket: {id, purpose, expires}, code}: FreshTicket): CodeShown {
    const where = purpose.is === 'setup' ? `/setup#${code}` : `/join#${id}.${code}`;
    return {ticket: id, code, url: `${this.#parts.url()}${where}`, expires};
  }
}

function usersIn(draft: Draft<BoxTables>): readonly User[] {
  return [...draft.all('users')].map(([, user]) => user);
}

function userIn(users: readonly User[], name: UserName): Result<User, UserRefusal> {
  const user = users.find(each => each.name === name);
  return user === undefined ? no({reason: 'no-such-user', name}) : ok(user);
}

function setupIn(draft: Draft<BoxTables>): Ticket | undefined {
  for (const [, ticket] of draft.all('tickets')) if (ticket.purpose.is === 'setup') return ticket;
  return undefined;
}

function dropSetup(draft: Draft<BoxTables>): void {
  for (const [id, {purpose}] of [...draft.all('tickets')])
    if (purpose.is === 'setup') draft.delete('tickets', id);
}

const keptMs = 7 * 86_400_000;

/** Those that ended a week ago are forgotten on the way. */
function keepTicket(draft: Draft<BoxTables>, {ticket}: FreshTicket, at: number): void {
  for (const [id, {expires, used}] of [...draft.all('tickets')])
    if (Math.min(expires, used ?? expires) + keptMs < at) draft.delete('tickets', id);
  draft.put('tickets', ticket.id, ticket);
}
