/** Owns who may do what: roles, the permissions routes ask for, and whose objects a caller sees. Never says who a caller is. */
import {z} from 'zod';
import type {UserName} from '../job.ts';
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
  'rank:job',
  'read:box',
  'rescan:inbox',
  'run:queue',
  /** To name a file of this machine by its path: whoever may can have the daemon read it. */
  'name:file',
] as const;
export type Permission = (typeof permissions)[number];

/** Who asks. The listener they came in by says so; nothing in a request does. */
export interface Caller {
  readonly user: UserName;
  readonly role: Role;
  /** `socket`: they can open the box's own socket, so they are its admins. */
  readonly door: 'socket' | 'network';
}

const viewer: readonly Permission[] = ['anyone', 'read:api', 'read:job'];
const operator: readonly Permission[] = [...viewer, 'submit:job', 'change:job'];
const admin: readonly Permission[] = [...operator, 'rank:job', 'read:box', 'rescan:inbox', 'run:queue'];

/** Null is somebody unknown. What is not listed is not allowed. */
export function may(caller: Caller | null, permission: Permission): boolean {
  if (caller === null) return permission === 'anyone';
  if (permission === 'name:file') return caller.role === 'admin' && caller.door === 'socket';
  return permissionsOf(caller.role).includes(permission);
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

/** An owner of null is the box itself: its admins see it. */
export function sees(sight: Sight, owner: UserName | null): boolean {
  if (sight.is === 'all') return true;
  return sight.is === 'own' && owner !== null && sight.user === owner;
}
