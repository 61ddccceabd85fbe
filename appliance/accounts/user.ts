/**
 * Owns what a user is and every change of one, with the reason where it can't be. Never hashes a password, never checks
 * a code, never ends a session: sessions end by comparing `credentialsAt`.
 */
import {z} from 'zod';
import {Role} from '../api/permissions.ts';
import {Digest} from '../digest.ts';
import {At, JobOptions, UserName} from '../job.ts';
import {no, ok, type Result, unreachable} from '../result.ts';
import type {Words} from '../store/trouble.ts';
import {PasswordHash} from './password-hash.ts';
import {noQuotas, Quotas} from './quotas.ts';
import {recoveryCount} from './recovery.ts';
import {Totp, type TotpSecret} from './totp.ts';

/** As ntfy takes them; whoever knows it reads the pushes, so it is shown to its owner alone. */
const Topic = z.string().regex(/^[-_A-Za-z0-9]{1,64}$/);

/** What somebody likes; what is left out is as the box is set. */
export const Preferences = z.object({
  /** How their own films are dubbed. */
  options: JobOptions.partial(),
  /** Their own topic; null is the box's. */
  push: z.object({on: z.boolean(), topic: Topic.nullable()}),
  /** Whether others see what is made of their films. */
  visibility: z.enum(['private', 'shared']),
  /** Of the pages; null is what the browser asks for. */
  language: z.enum(['en', 'es', 'ja']).nullable().default(null),
});
export type Preferences = z.infer<typeof Preferences>;

export const usualPreferences: Preferences = {
  options: {},
  push: {on: true, topic: null},
  visibility: 'private',
  language: null,
};

export const User = z.object({
  name: UserName,
  role: Role,
  created: At,
  disabled: z.boolean(),
  /** Null until whoever was invited chooses one. */
  password: PasswordHash.nullable(),
  totp: Totp.nullable(),
  recovery: z.array(Digest).max(recoveryCount),
  /**
   * When password, role or TOTP last changed, or the user was disabled or enabled. A session counts only while it
   * carries the same value; each change makes it larger, even where the clock was set back.
   */
  credentialsAt: At,
  preferences: Preferences,
  quotas: Quotas,
});
export type User = z.infer<typeof User>;

export type UserRefusal =
  | {readonly reason: 'no-such-user'; readonly name: UserName}
  | {readonly reason: 'name-taken'; readonly name: UserName}
  | {readonly reason: 'last-admin'; readonly name: UserName; readonly wish: 'remove' | 'disable' | 'demote'};

export function describeUserRefusal(refusal: UserRefusal): Words {
  const {name} = refusal;
  switch (refusal.reason) {
    case 'no-such-user':
      return {what: `There is no user ${name}.`, fix: 'Check the name in the list of users.'};
    case 'name-taken':
      return {what: `There is a user ${name} already.`, fix: 'Choose another name.'};
    case 'last-admin':
      return {
        what: `${name} is the last admin who can log in: to ${refusal.wish} them would lock everybody out.`,
        fix: 'Make somebody else an admin first, and let them choose a password.',
      };
    default:
      return unreachable(refusal);
  }
}

type Changed = Result<User, UserRefusal>;

/** A user that was not there before. */
export function added(
  users: readonly User[],
  {name, role, password, at}: Pick<User, 'name' | 'role' | 'password'> & {readonly at: At},
): Changed {
  if (users.some(user => user.name === name)) return no({reason: 'name-taken', name});
  const blank = {disabled: false, totp: null, recovery: [], preferences: usualPreferences, quotas: noQuotas};
  return ok({name, role, password, created: at, ...blank, credentialsAt: at});
}

/** The same user where the role is theirs already: nobody is logged out for nothing. */
export function withRole(users: readonly User[], name: UserName, role: Role, at: At): Changed {
  const user = users.find(each => each.name === name);
  if (user === undefined) return no({reason: 'no-such-user', name});
  if (user.role === role) return ok(user);
  if (isLastAdmin(users, user)) return no({reason: 'last-admin', name, wish: 'demote'});
  return ok(changed(user, at, {role}));
}

export function disabled(users: readonly User[], name: UserName, at: At): Changed {
  const user = users.find(each => each.name === name);
  if (user === undefined) return no({reason: 'no-such-user', name});
  if (user.disabled) return ok(user);
  if (isLastAdmin(users, user)) return no({reason: 'last-admin', name, wish: 'disable'});
  return ok(changed(user, at, {disabled: true}));
}

/** Sessions from before stay ended. */
export function enabled(users: readonly User[], name: UserName, at: At): Changed {
  const user = users.find(each => each.name === name);
  if (user === undefined) return no({reason: 'no-such-user', name});
  return ok(user.disabled ? changed(user, at, {disabled: false}) : user);
}

/** The user to delete, with all that is theirs. */
export function removed(users: readonly User[], name: UserName): Changed {
  const user = users.find(each => each.name === name);
  if (user === undefined) return no({reason: 'no-such-user', name});
  return isLastAdmin(users, user) ? no({reason: 'last-admin', name, wish: 'remove'}) : ok(user);
}

export function withPassword(user: User, password: PasswordHash, at: At): User {
  return changed(user, at, {password});
}

/** The same password under newer parameters: nobody is logged out. */
export function rehashed(user: User, password: PasswordHash): User {
  return {...user, password};
}

/** `step` is that of the code which showed that the app has the secret: it is not taken again. */
export function withTotp(
  user: User,
  {secret, step, recovery, at}: {secret: TotpSecret; step: number; recovery: readonly Digest[]; at: At},
): User {
  return changed(user, at, {totp: {secret, since: at, lastStep: step}, recovery: [...recovery]});
}

export function withoutTotp(user: User, at: At): User {
  return changed(user, at, {totp: null, recovery: []});
}

/** After a code was taken: never back to an earlier step. */
export function withStep(user: User, step: number): User {
  if (user.totp === null) throw new Error(`user ${user.name} gave a code and has no authenticator`);
  return {...user, totp: {...user.totp, lastStep: Math.max(step, user.totp.lastStep)}};
}

/** After a recovery code was taken, or new ones were made: whoever is logged in stays so. */
export function withRecovery(user: User, recovery: readonly Digest[]): User {
  return {...user, recovery: [...recovery]};
}

export function withPreferences(user: User, preferences: Preferences): User {
  return {...user, preferences};
}

export function withQuotas(user: User, quotas: Quotas): User {
  return {...user, quotas};
}

function changed(user: User, at: At, change: Partial<User>): User {
  return {...user, ...change, credentialsAt: Math.max(at, user.credentialsAt + 1)};
}

/** An admin who is disabled, or was invited and has no password yet, can't look after the box. */
function isActingAdmin(user: User): boolean {
  return user.role === 'admin' && !user.disabled && user.password !== null;
}

function isLastAdmin(users: readonly User[], user: User): boolean {
  return isActingAdmin(user) && !users.some(other => other.name !== user.name && isActingAdmin(other));
}
