/** Owns what the API says of people, their logins and their keys. Never a secret that was shown before. */
import {z} from 'zod';
import {Key, KeyId} from '../accounts/key.ts';
import {Scope} from '../accounts/scope.ts';
import {Session} from '../accounts/session.ts';
import {Preferences, User} from '../accounts/user.ts';
import {At, UserName} from '../job.ts';
import {Role} from './permissions.ts';
import {shapes} from './shapes.ts';

/** A name as somebody typed it: one that cannot be a user's is told apart from a wrong one by nobody. */
export const TypedName = z.string().min(1).max(200);
/** Longer than any password that is taken: it is looked at, found wrong, and takes as long as any other. */
export const TypedPassword = z.string().max(4096);
export const TypedCode = z.string().min(1).max(100);

/** Cookies for a browser; tokens in the answer for a program. */
export const ClientKind = z.enum(['browser', 'client']);

/** How somebody is logged in: by cookies, or by a token that is renewed. */
export const Tokens = z.object({
  access: z.string().max(2000),
  /** How long the access token is good for. */
  seconds: z.number().int().positive(),
  /** Good once: each renewal gives another. */
  refresh: z.string().max(200),
});
export type Tokens = z.infer<typeof Tokens>;

export const Me = z.object({
  name: UserName,
  role: Role,
  came: z.enum(['socket', 'session', 'key']),
  /** The login or the key they came with; null at the socket. */
  id: z.string().max(20).nullable(),
  scopes: z.array(Scope).nullable(),
  totp: z.boolean(),
  /** Recovery codes that are left. */
  recovery: z.number().int().nonnegative(),
  /** Until when a password or a code counts as just given; null when it does not. */
  freshUntil: At.nullable(),
  preferences: Preferences,
});
export type Me = z.infer<typeof Me>;

export const LoggedIn = z.object({me: Me, tokens: Tokens.nullable()});
export type LoggedIn = z.infer<typeof LoggedIn>;

export const SessionShown = Session.pick({
  ...{id: true, user: true, device: true, how: true, created: true},
  ...{firstAddress: true, lastAddress: true, lastSeen: true, expires: true},
}).extend({
  /** The one that asks. */
  current: z.boolean(),
});
export type SessionShown = z.infer<typeof SessionShown>;
export const SessionsShown = z.object({sessions: z.array(SessionShown).max(1000)});

export const KeyShown = Key.omit({hash: true});
export type KeyShown = z.infer<typeof KeyShown>;
export const KeysShown = z.object({keys: z.array(KeyShown).max(1000)});
export const KeyMade = z.object({key: KeyShown, text: z.string().max(100)});

export const UserShown = User.pick({
  ...{name: true, role: true, created: true, disabled: true, quotas: true},
}).extend({
  /** Nobody has chosen one yet. */
  hasPassword: z.boolean(),
  totp: z.boolean(),
  sessions: z.number().int().nonnegative(),
  lastSeen: At.nullable(),
});
export type UserShown = z.infer<typeof UserShown>;
export const UsersShown = z.object({users: z.array(UserShown).max(1000)});

/** A code that lets somebody in once. `url` leads there with the code behind a `#`, so that no server is told of it. */
export const CodeShown = z.object({
  ticket: z.string().max(20),
  code: z.string().max(60),
  url: z.string().max(500),
  expires: At,
});
export type CodeShown = z.infer<typeof CodeShown>;

export const IntentId = z
  .string()
  .regex(/^[0-9a-hjkmnp-tv-z]{16}$/)
  .brand<'IntentId'>();
export type IntentId = z.infer<typeof IntentId>;

export const IntentState = z.enum(['waiting', 'approved', 'denied']);

/** What the approver sees: who asks, from where, and the number that must be the same on both screens. */
export const IntentShown = z.object({
  id: IntentId,
  device: z.string().max(80),
  address: z.string().max(64),
  number: z.string().regex(/^\d{2}$/),
  expires: At,
  state: IntentState,
});
export type IntentShown = z.infer<typeof IntentShown>;

export const TotpSetup = z.object({
  secret: z.string().max(64),
  /** What an authenticator app reads from a square code. */
  address: z.string().max(500),
});

export const RecoveryShown = z.object({codes: z.array(z.string().max(40)).max(20)});

export const Done = z.object({done: z.literal(true)});

export {KeyId, Scope};

const named = {Me, SessionShown, KeyShown, UserShown, CodeShown, IntentShown, Tokens};
for (const [id, shape] of Object.entries(named)) shapes.add(shape, {id});
