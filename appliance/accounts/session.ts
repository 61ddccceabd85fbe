/**
 * Owns a login: the device session with what is kept of its cookie, its refresh token and those before it. Never stores
 * one, never sets a cookie, never decides whether a password was right.
 */
import {z} from 'zod';
import {Digest} from '../digest.ts';
import {At, UserName} from '../job.ts';
import {unreachable} from '../result.ts';
import type {Words} from '../store/trouble.ts';
import {freshBytes, freshLetters, freshToken, hashOf, isSame, type Random} from './code.ts';
import type {User} from './user.ts';

/** Ten letters, as a job's: it names a session to people and is no secret. */
export const SessionId = z
  .string()
  .regex(/^[0-9a-hjkmnp-tv-z]{10}$/)
  .brand<'SessionId'>();
export type SessionId = z.infer<typeof SessionId>;

const hourMs = 3_600_000;
/** How long a session lasts unused, and at the most; how long a token that was rotated away is taken for a slow tab. */
export const sessionLimits = {idleMs: 30 * 24 * hourMs, mostMs: 180 * 24 * hourMs, graceMs: 30_000} as const;
const touchMs = 60_000;
/** A token that was rotated away longer ago is unknown: refused, but it ends nothing. */
const spentLimit = 32;

const address = z.string().max(64);
const device = z.string().max(80);

export const Session = z.object({
  id: SessionId,
  user: UserName,
  /** Of its user, when it was made: it counts while that has not changed. */
  credentialsAt: At,
  device,
  how: z.enum(['password', 'qr', 'setup', 'invite']),
  created: At,
  firstAddress: address,
  lastAddress: address,
  lastSeen: At,
  /** It ends then, however much it is used. */
  expires: At,
  /** It ends when nothing was heard from it for so long. */
  idleMs: z.number().int().positive(),
  secret: Digest,
  csrf: Digest,
  /** The refresh tokens of this family: the one that counts, and those rotated away, newest first. */
  refresh: z.object({current: Digest, spent: z.array(z.object({hash: Digest, at: At})).max(spentLimit)}),
  /** When a password or a code was last given; null when none was. */
  confirmed: At.nullable(),
});
export type Session = z.infer<typeof Session>;

/** What the browser gets, once. */
export interface SessionSecrets {
  readonly secret: string;
  readonly refresh: string;
  readonly csrf: string;
}

export function openSession(
  {user, how, device, address, at}: Pick<Session, 'how' | 'device'> & {user: User; address: string; at: At},
  random: Random,
): {readonly session: Session; readonly secrets: SessionSecrets} {
  const secrets = freshSecrets(random);
  const {secret, refresh, csrf} = hashesOf(secrets);
  const session: Session = {
    ...{id: SessionId.parse(freshLetters(10, random)), user: user.name, credentialsAt: user.credentialsAt},
    ...{device, how, created: at, firstAddress: address, lastAddress: address, lastSeen: at},
    ...{expires: at + sessionLimits.mostMs, idleMs: sessionLimits.idleMs},
    ...{secret, csrf, refresh: {current: refresh, spent: []}},
    confirmed: how === 'qr' ? null : at,
  };
  return {session, secrets};
}

export function freshSecrets(random: Random): SessionSecrets {
  return {
    secret: freshToken('ds', random),
    refresh: freshToken('dr', random),
    csrf: freshBytes(32, random).toString('base64url'),
  };
}

/** What is kept of them, and what a presented one is looked up by. */
export function hashesOf({secret, refresh, csrf}: SessionSecrets): Record<keyof SessionSecrets, Digest> {
  return {
    secret: hashOf('session', secret),
    refresh: hashOf('refresh', refresh),
    csrf: hashOf('csrf', csrf),
  };
}

/** False from the moment its user changed password, role or TOTP, was disabled or removed. */
export function isAlive(session: Session, user: User | undefined, at: At): boolean {
  if (user === undefined || user.disabled || user.name !== session.user) return false;
  return session.credentialsAt === user.credentialsAt && !isExpired(session, at);
}

function isExpired({expires, lastSeen, idleMs}: Session, at: At): boolean {
  return at >= expires || at - lastSeen >= idleMs;
}

export type Refreshed =
  | {readonly is: 'rotated'; readonly session: Session}
  /** A slow tab or a repeated request: refused, and nobody is harmed. */
  | {readonly is: 'replayed-within-grace'}
  /** Somebody else has a copy: the caller deletes the session, which ends the family, and audits it. */
  | {readonly is: 'reused'}
  | {readonly is: 'unknown'}
  | {readonly is: 'expired'};

/** `next` are the hashes of new secrets; the cookie's and the CSRF token's change along with the refresh token. */
export function refresh(
  session: Session,
  presented: Digest,
  at: At,
  next: Readonly<Record<keyof SessionSecrets, Digest>>,
): Refreshed {
  const {current, spent} = session.refresh;
  // A copy is a copy, however old the session is.
  const former = spent.find(({hash}) => isSame(hash, presented));
  if (former !== undefined) {
    const ageMs = Math.abs(at - former.at);
    return {is: ageMs <= sessionLimits.graceMs ? 'replayed-within-grace' : 'reused'};
  }
  if (!isSame(current, presented)) return {is: 'unknown'};
  if (isExpired(session, at)) return {is: 'expired'};
  const family = {current: next.refresh, spent: [{hash: current, at}, ...spent].slice(0, spentLimit)};
  const {secret, csrf} = next;
  return {is: 'rotated', session: {...session, secret, csrf, lastSeen: at, refresh: family}};
}

export function describeRefreshed({is}: Exclude<Refreshed, {is: 'rotated'}>): Words {
  switch (is) {
    case 'replayed-within-grace':
      return {what: 'The login was renewed a moment ago already.', fix: 'Try again with the newer cookies.'};
    case 'reused':
      return {
        what: 'A login was renewed with a token used before, so somebody may have a copy: it was ended.',
        fix: 'Log in again, and change the password if you do not know why this happened.',
      };
    case 'unknown':
      return {what: 'There is no such login.', fix: 'Log in again.'};
    case 'expired':
      return {what: 'The login has expired.', fix: 'Log in again.'};
    default:
      return unreachable(is);
  }
}

/** The same session when there is nothing worth a write: a minute must have passed, whatever changed. */
export function touched(session: Session, at: At, from: string): Session {
  if (Math.abs(at - session.lastSeen) < touchMs) return session;
  return {...session, lastSeen: at, lastAddress: from};
}
