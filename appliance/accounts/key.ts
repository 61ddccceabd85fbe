/** Owns API keys: how one is written, its scopes, and what it may do. Never more than its owner may; never readable again. */
import {z} from 'zod';
import {type Grants, holds, type Permission, permissions, type Role} from '../api/permissions.ts';
import {Digest} from '../digest.ts';
import {At, type JobId, UserName} from '../job.ts';
import {no, ok, type Result, unreachable} from '../result.ts';
import type {Words} from '../store/trouble.ts';
import {freshLetters, freshToken, hashOf, type Random} from './code.ts';
import {areaScopes, jobScope, Scope} from './scope.ts';
import type {User} from './user.ts';

const idLength = 12;

export const KeyId = z
  .string()
  .regex(/^[0-9a-hjkmnp-tv-z]{12}$/)
  .brand<'KeyId'>();
export type KeyId = z.infer<typeof KeyId>;

export const Key = z.object({
  id: KeyId,
  /** What its owner calls it. */
  name: z
    .string()
    .min(1)
    .max(80)
    .regex(/^[^\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\ufeff]+$/u),
  owner: UserName,
  scopes: z.array(Scope).min(1).max(50),
  hash: Digest,
  created: At,
  /** Null is for as long as its owner is there. */
  expires: At.nullable(),
  revoked: At.nullable(),
  lastUsed: At.nullable(),
});
export type Key = z.infer<typeof Key>;

export interface KeyRefusal {
  readonly reason: 'beyond-role';
  readonly scope: Scope;
  readonly role: Role;
}

export function describeKeyRefusal({scope, role}: KeyRefusal): Words {
  return {
    what: `A key of yours can't have ${scope}: as ${role} you may not do all of that yourself.`,
    fix: 'Leave that scope out, or ask an admin.',
  };
}

/** `text` is shown once. */
export function newKey(
  {owner, name, scopes, expires}: {owner: User} & Pick<Key, 'name' | 'scopes' | 'expires'>,
  at: At,
  random: Random,
): Result<{readonly key: Key; readonly text: string}, KeyRefusal> {
  const {role} = owner;
  const beyond = scopes.find(scope => isBeyond(scope, role));
  if (beyond !== undefined) return no({reason: 'beyond-role', scope: beyond, role});
  const id = KeyId.parse(freshLetters(idLength, random));
  const text = freshToken(`dp_${id}`, random);
  const row = {id, name, owner: owner.name, scopes, hash: hashOf('key', text)};
  return ok({key: {...row, created: at, expires, revoked: null, lastUsed: null}, text});
}

/** The last of 43 letters of base 64 carries four bits: any other would be a second way to write the same key. */
const written = /^dp_([0-9a-hjkmnp-tv-z]{12})_[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** Which row to look at, and the hash that its own must be the same as. */
export function parseKey(text: string): {readonly id: KeyId; readonly hash: Digest} | null {
  const id = written.exec(text)?.[1];
  return id === undefined ? null : {id: KeyId.parse(id), hash: hashOf('key', text)};
}

/** True while its owner is there and may log in. */
export function isUsable(key: Key, owner: User | undefined, at: At): boolean {
  if (owner === undefined || owner.disabled || owner.name !== key.owner) return false;
  return key.revoked === null && (key.expires === null || at < key.expires);
}

/** What the scopes name and its owner's role, as it is now, holds too. */
export function grants({scopes}: Pick<Key, 'scopes'>, ownerRole: Role): Grants {
  const held = (permission: Permission): boolean => holds(ownerRole, permission);
  const anywhere = new Set<Permission>(['anyone', 'read:api']);
  const jobs = new Map<JobId, Set<Permission>>();
  for (const scope of scopes) {
    const bound = jobScope(scope);
    const target = bound === null ? anywhere : (jobs.get(bound.job) ?? new Set<Permission>());
    if (bound !== null) jobs.set(bound.job, target);
    for (const permission of permissionsIn(scope).filter(held)) target.add(permission);
  }
  return {anywhere, jobs};
}

/** What has no permission of its own yet grants nothing yet. */
function permissionsIn(scope: Scope): readonly Permission[] {
  const bound = jobScope(scope);
  if (bound !== null) return bound.access === 'read' ? ['read:job'] : ['read:job', 'change:job'];
  const area = areaScopes.find(each => each === scope);
  switch (area) {
    case 'read:job':
    case 'submit:job':
      return [area];
    case 'admin:*':
      return permissions;
    case 'audit:read':
      return ['read:audit'];
    case 'keys:manage':
      return ['manage:keys'];
    case 'library:manage':
      return ['edit:library'];
    case 'models:manage':
    case 'notifications:manage':
    case undefined:
      return [];
    default:
      return unreachable(area);
  }
}

/** True for a scope that promises what the role lacks: it is refused when the key is made, not found out later. */
function isBeyond(scope: Scope, role: Role): boolean {
  if (role === 'admin') return false;
  return permissionsIn(scope).some(permission => !holds(role, permission));
}
