/** Owns the scopes a key can have, and how one is written. Never says what a scope allows. */
import {z} from 'zod';
import {JobId} from '../job.ts';

export const areaScopes = [
  'read:job',
  'submit:job',
  'audit:read',
  'keys:manage',
  'models:manage',
  'library:manage',
  'notifications:manage',
  /** All that its owner may do over the network. */
  'admin:*',
] as const;

const bound = /^(?:job:[0-9a-hjkmnp-tv-z]{10}:(?:read|write)|project:[0-9a-hjkmnp-tv-z]{10}:manage)$/;

/** One of the list, or one bound to a job (`job:ID:read`, `job:ID:write`) or to a project (`project:ID:manage`). */
export const Scope = z.union([z.enum(areaScopes), z.string().regex(bound)]).brand<'Scope'>();
export type Scope = z.infer<typeof Scope>;

/** The job it is bound to, and for what; null when it is bound to none. */
export function jobScope(scope: Scope): {readonly job: JobId; readonly access: 'read' | 'write'} | null {
  const [kind, id, access] = scope.split(':');
  if (kind !== 'job' || (access !== 'read' && access !== 'write')) return null;
  return {job: JobId.parse(id), access};
}
