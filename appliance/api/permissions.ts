/** Owns who may do what: roles, the permissions routes ask for, and whose objects a caller sees. Never says who a caller is. */
import {z} from 'zod';
import type {KeyId} from '../accounts/key.ts';
import type {SessionId} from '../accounts/session.ts';
import type {JobId, UserName} from '../job.ts';
import {unreachable} from '../result.ts';

export const Role = z.enum(['viewer', 'operator', 'admin']);
export type Role = z.infer<typeof Role>;

/** Written verb first, as the scopes of keys are. `anyone` is for what a monitor asks before it can log in. */
export const permissions = [
  'anyone',
  'read:api',
  'read:job',
  'submit:job',
  'change:job',
  /** One's own titles, tags, series and presets. */
  'edit:library',
  'read:audit',
  'manage:keys',
  'rank:job',
  'read:box',
  'rescan:inbox',
  'run:queue',
  'manage:users',
  'purge:job',
  /** One's own login, password, authenticator and devices: for the person who logged in, never for a key. */
  'use:account',
  /** To let another device in: never for a key, which would come out of it as its owner. */
  'let:in',
  /** To name a file of this machine by its path: whoever may can have the daemon read it. */
  'name:file',
] as const;
export type Permission = (typeof permissions)[number];

/** Who asks. How they came says so; nothing else in a request does. */
export interface Caller {
  readonly user: UserName;
  readonly role: Role;
  readonly came: Came;
}

export type Came =
  /** They can open the box's own socket, so they are its admins. */
  | {readonly is: 'socket'}
  | {readonly is: 'session'; readonly id: SessionId}
  | {readonly is: 'key'; readonly id: KeyId; readonly grants: Grants};

/** What a key narrows its owner to. */
export interface Grants {
  /** On whatever its owner sees. */
  readonly anywhere: ReadonlySet<Permission>;
  /** On single jobs, besides. */
  readonly jobs: ReadonlyMap<JobId, ReadonlySet<Permission>>;
}

const viewer: readonly Permission[] = ['anyone', 'read:api', 'read:job', 'read:audit', 'manage:keys'];
const operator: readonly Permission[] = [...viewer, 'submit:job', 'change:job', 'edit:library'];
const admin: readonly Permission[] = [
  ...operator,
  ...(['rank:job', 'read:box', 'rescan:inbox', 'run:queue', 'manage:users', 'purge:job'] as const),
];

const loggedIn: readonly Permission[] = ['use:account', 'let:in'];
/** Nobody has logged in there: there is no login to use. */
const atTheSocket: readonly Permission[] = ['name:file', 'let:in'];

/**
 * Null is somebody unknown. What is not listed is not allowed. `job` is the one that is asked about, for keys that are
 * bound to some; null where it is about none in particular.
 */
export function may(caller: Caller | null, permission: Permission, job: JobId | null = null): boolean {
  if (caller === null) return permission === 'anyone';
  const {came, role} = caller;
  switch (came.is) {
    case 'socket':
      return holds(role, permission) || (role === 'admin' && atTheSocket.includes(permission));
    case 'session':
      return holds(role, permission) || loggedIn.includes(permission);
    case 'key':
      return holds(role, permission) && isGranted(came.grants, permission, job);
    default:
      return unreachable(came);
  }
}

/** What a role holds, however its people come. */
export function holds(role: Role, permission: Permission): boolean {
  return permissionsOf(role).includes(permission);
}

export function isGranted({anywhere, jobs}: Grants, permission: Permission, job: JobId | null): boolean {
  return anywhere.has(permission) || (job !== null && jobs.get(job)?.has(permission) === true);
}

function permissionsOf(role: Role): readonly Permission[] {
  switch (role) {
    case 'viewer':
      return viewer;
    case 'operator':
      return operator;
    case 'admin':
      return admin;
    default:
      return unreachable(role);
  }
}

/** Whose objects somebody sees; what they do not see is not there, in lists, counts and events too. */
export type Sight =
  | {readonly is: 'all'}
  | {readonly is: 'own'; readonly user: UserName}
  | {readonly is: 'none'};

export function sightOf(caller: Caller | null): Sight {
  if (caller === null) return {is: 'none'};
  return caller.role === 'admin' ? {is: 'all'} : {is: 'own', user: caller.user};
}

/** An owner of null is the box itself: its admins see it. What is shared is seen by everybody who is known. */
export function sees(sight: Sight, owner: UserName | null, isShared = false): boolean {
  if (sight.is === 'all') return true;
  return sight.is === 'own' && (isShared || (owner !== null && sight.user === owner));
}
