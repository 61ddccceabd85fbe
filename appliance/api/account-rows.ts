/** Owns the routes about people: logging in, devices, second factors, keys, invitations. As data, like all rows. */
import {z} from 'zod';
import {Key} from '../accounts/key.ts';
import {Quotas} from '../accounts/quotas.ts';
import {Scope} from '../accounts/scope.ts';
import {SessionId} from '../accounts/session.ts';
import {TicketId} from '../accounts/ticket.ts';
import {Preferences} from '../accounts/user.ts';
import {At, UserName} from '../job.ts';
import {
  ClientKind,
  CodeShown,
  Done,
  IntentId,
  IntentShown,
  IntentState,
  KeyId,
  KeyMade,
  KeyShown,
  KeysShown,
  LoggedIn,
  Me,
  RecoveryShown,
  SessionsShown,
  Tokens,
  TotpSetup,
  TypedCode,
  TypedName,
  TypedPassword,
  UserShown,
  UsersShown,
} from './account-shapes.ts';
import {Role} from './permissions.ts';
import type {Row} from './row.ts';

const none = z.strictObject({});
const bodyBytes = 16 * 1024;
const body = <S extends Row['params']>(schema: S) => ({schema, limitBytes: bodyBytes});
const json = <S extends z.ZodType>(schema: S) => ({is: 'json', schema}) as const;
const done = json(Done);
const ended = json(z.object({ended: z.number().int().nonnegative()}));

const post = {method: 'POST', object: 'none', params: none, query: none} as const;
/** What anybody may ask who is not logged in: how often is counted more strictly than anywhere. */
const atTheDoor = {...post, permission: 'anyone', bucket: 'login'} as const;
const own = {...post, permission: 'use:account', object: 'own', bucket: 'change'} as const;
const people = {...post, permission: 'manage:users', bucket: 'change', fresh: true} as const;
const get = {method: 'GET', audit: null, params: none, query: none, body: null, bucket: 'detail'} as const;

const as = ClientKind.default('browser');
const thePerson = z.strictObject({name: UserName});
const theSession = z.strictObject({session: SessionId});
const theKey = z.strictObject({key: KeyId});
const theIntent = z.strictObject({intent: IntentId});
const inviteDays = z.number().int().min(1).max(30).default(7);

const logins = {
  'auth.login': {
    ...atTheDoor,
    path: '/api/auth/login',
    summary: 'Logs in with name and password, and with a code where the account asks for one.',
    audit: {ok: 'auth.login_ok', no: 'auth.login_failed'},
    body: body(
      z.strictObject({
        name: TypedName,
        password: TypedPassword,
        /** Of the authenticator, or a recovery code. */
        code: TypedCode.optional(),
        as,
      }),
    ),
    answer: json(LoggedIn),
  },
  'auth.redeem': {
    ...atTheDoor,
    path: '/api/auth/redeem',
    summary: 'Uses a setup code, an invitation or a reset code, once: chooses a password and logs in.',
    audit: {ok: 'auth.setup_code_used', no: 'auth.login_failed'},
    body: body(
      z.strictObject({
        /** Null for the setup code of a box that has no users. */
        ticket: TicketId.nullable(),
        code: TypedCode,
        name: TypedName.optional(),
        password: TypedPassword,
        as,
      }),
    ),
    answer: json(LoggedIn),
  },
  'auth.refresh': {
    ...atTheDoor,
    bucket: 'refresh',
    path: '/api/auth/refresh',
    summary: 'Renews the tokens of a client; each refresh token is good once.',
    audit: {ok: 'auth.refreshed', no: 'auth.login_failed'},
    body: body(z.strictObject({refresh: z.string().max(200)})),
    answer: json(Tokens),
  },
  'auth.logout': {
    ...own,
    path: '/api/auth/logout',
    summary: 'Ends this login.',
    audit: 'auth.logout',
    body: null,
    answer: done,
  },
  'auth.me': {
    ...get,
    path: '/api/auth/me',
    summary: 'Who asks, and what they may.',
    permission: 'read:api',
    object: 'none',
    answer: json(Me),
  },
  'auth.preferences': {
    ...own,
    method: 'PUT',
    path: '/api/auth/preferences',
    summary: 'One’s own languages, preset, pushes and privacy.',
    audit: 'auth.preferences_changed',
    body: body(z.strictObject({preferences: Preferences})),
    answer: json(Me),
  },
  'auth.password': {
    ...own,
    bucket: 'login',
    path: '/api/auth/password',
    summary: 'Chooses another password; all other logins end.',
    audit: 'auth.password_changed',
    body: body(z.strictObject({password: TypedPassword, next: TypedPassword})),
    answer: json(Me),
  },
  'auth.step_up': {
    ...own,
    bucket: 'login',
    path: '/api/auth/step-up',
    summary: 'Gives the password or a code again, for what asks for one given a moment ago.',
    audit: {ok: 'auth.step_up_ok', no: 'auth.step_up_failed'},
    body: body(z.strictObject({password: TypedPassword.optional(), code: TypedCode.optional()})),
    answer: json(Me),
  },
} as const satisfies Readonly<Record<string, Row>>;

const devices = {
  'auth.sessions': {
    ...get,
    path: '/api/auth/sessions',
    summary: 'One’s own logins: device, address, when.',
    permission: 'use:account',
    object: 'own',
    answer: json(SessionsShown),
  },
  'auth.revoke': {
    ...own,
    path: '/api/auth/sessions/:session/revoke',
    summary: 'Ends one of one’s own logins at once.',
    audit: 'auth.session_revoked',
    params: theSession,
    body: null,
    answer: done,
  },
  'auth.revoke_all': {
    ...own,
    path: '/api/auth/sessions/revoke_all',
    summary: 'Ends all of one’s own logins but this one.',
    audit: 'auth.session_revoked',
    body: null,
    answer: ended,
  },
  'auth.totp_setup': {
    ...own,
    fresh: true,
    path: '/api/auth/totp/setup',
    summary: 'A secret for an authenticator app; it counts once a code of it was given.',
    audit: 'auth.totp_begun',
    body: null,
    answer: json(TotpSetup),
  },
  'auth.totp_verify': {
    ...own,
    bucket: 'login',
    fresh: true,
    path: '/api/auth/totp/verify',
    summary: 'Turns the authenticator on by one of its codes; the answer has the recovery codes.',
    audit: {ok: 'auth.totp_enabled', no: 'auth.totp_failed'},
    body: body(z.strictObject({code: TypedCode})),
    answer: json(RecoveryShown),
  },
  'auth.totp_disable': {
    ...own,
    fresh: true,
    path: '/api/auth/totp/disable',
    summary: 'Turns the authenticator off.',
    audit: 'auth.totp_disabled',
    body: null,
    answer: done,
  },
  'auth.recovery': {
    ...own,
    fresh: true,
    path: '/api/auth/recovery',
    summary: 'Ten new recovery codes; the old ones are worth nothing from then on.',
    audit: 'auth.recovery_made',
    body: null,
    answer: json(RecoveryShown),
  },
} as const satisfies Readonly<Record<string, Row>>;

const qr = {
  'auth.qr_init': {
    ...atTheDoor,
    path: '/api/auth/qr/init',
    summary: 'Asks to be let in by somebody who is: the answer is what goes into the square code.',
    audit: 'auth.qr_init',
    body: body(z.strictObject({offer: z.string().max(60).optional(), as})),
    answer: json(
      IntentShown.extend({
        url: z.string().max(500),
        /** For programs, which keep no cookie: sent as X-Intent-Secret. */
        secret: z.string().max(100).nullable(),
      }),
    ),
  },
  'auth.qr_offer': {
    ...own,
    permission: 'let:in',
    path: '/api/auth/qr/offer',
    summary:
      'A square code for one’s own phone, or at the socket for anybody’s: it still has to be approved.',
    audit: 'auth.qr_offered',
    body: body(z.strictObject({user: UserName.optional()})),
    answer: json(z.object({offer: z.string().max(60), url: z.string().max(500), expires: At})),
  },
  'auth.qr_pending': {
    ...get,
    path: '/api/auth/qr',
    summary: 'Those who asked with one’s own square code and wait; at the socket, all who wait.',
    permission: 'let:in',
    object: 'own',
    answer: json(z.object({intents: z.array(IntentShown).max(100)})),
  },
  'auth.qr_get': {
    ...get,
    path: '/api/auth/qr/:intent',
    summary: 'Who asks to be let in: device, address, and the number to compare.',
    permission: 'let:in',
    object: 'none',
    params: theIntent,
    answer: json(IntentShown),
  },
  'auth.qr_approve': {
    ...own,
    permission: 'let:in',
    path: '/api/auth/qr/:intent/approve',
    summary: 'Lets them in, as oneself; at the socket as whom the code was offered to.',
    audit: 'auth.qr_approved',
    params: theIntent,
    body: body(z.strictObject({number: z.string().max(10), user: UserName.optional()})),
    answer: json(IntentShown),
  },
  'auth.qr_deny': {
    ...own,
    permission: 'let:in',
    path: '/api/auth/qr/:intent/deny',
    summary: 'Sends them away.',
    audit: 'auth.qr_refused',
    params: theIntent,
    body: null,
    answer: json(IntentShown),
  },
  'auth.qr_poll': {
    ...get,
    path: '/api/auth/qr/:intent/poll',
    summary: 'Waits up to 25 seconds for an answer; only for the browser that asked.',
    permission: 'anyone',
    object: 'none',
    params: theIntent,
    answer: json(z.object({state: IntentState})),
  },
  'auth.qr_redeem': {
    ...atTheDoor,
    path: '/api/auth/qr/:intent/redeem',
    summary: 'Logs in, once, the browser that asked and was let in.',
    audit: {ok: 'auth.qr_redeemed', no: 'auth.login_failed'},
    params: theIntent,
    body: body(z.strictObject({as})),
    answer: json(LoggedIn),
  },
} as const satisfies Readonly<Record<string, Row>>;

const keys = {
  'keys.list': {
    ...get,
    path: '/api/keys',
    summary: 'One’s own keys, and when each was last used.',
    permission: 'manage:keys',
    object: 'own',
    answer: json(KeysShown),
  },
  'keys.make': {
    ...own,
    permission: 'manage:keys',
    fresh: true,
    path: '/api/keys',
    summary: 'Makes a key for scripts; its text is shown this once.',
    audit: 'api_key.create',
    body: body(
      z.strictObject({
        name: Key.shape.name,
        scopes: z.array(Scope).min(1).max(50),
        expires: At.nullable().default(null),
      }),
    ),
    answer: json(KeyMade),
  },
  'keys.revoke': {
    ...own,
    permission: 'manage:keys',
    path: '/api/keys/:key/revoke',
    summary: 'Ends one of one’s own keys at once.',
    audit: 'api_key.revoke',
    params: theKey,
    body: null,
    answer: json(KeyShown),
  },
} as const satisfies Readonly<Record<string, Row>>;

const users = {
  'users.list': {
    ...get,
    path: '/api/users',
    summary: 'The people of this box.',
    permission: 'manage:users',
    object: 'none',
    answer: json(UsersShown),
  },
  'users.add': {
    ...people,
    path: '/api/users',
    summary: 'Adds somebody with a password, or without one and with a code to choose it.',
    audit: 'admin.user_created',
    body: body(z.strictObject({name: UserName, role: Role, password: TypedPassword.nullable()})),
    answer: json(z.object({user: UserShown, code: CodeShown.nullable()})),
  },
  'users.invite': {
    ...people,
    path: '/api/users/invite',
    summary: 'A link that lets somebody in once, to choose a name and a password.',
    audit: 'admin.user_invited',
    body: body(z.strictObject({role: Role, name: UserName.nullable().default(null), days: inviteDays})),
    answer: json(CodeShown),
  },
  'users.change': {
    ...people,
    method: 'PUT',
    path: '/api/users/:name',
    summary: 'Another role, or not let in any more. What somebody was logged in to ends at once.',
    audit: 'admin.user_changed',
    params: thePerson,
    body: body(z.strictObject({role: Role.optional(), disabled: z.boolean().optional()})),
    answer: json(UserShown),
  },
  'users.quotas': {
    ...people,
    method: 'PUT',
    path: '/api/users/:name/quotas',
    summary: 'What somebody may have of the box; null is as the box is set.',
    audit: 'admin.user_changed',
    params: thePerson,
    body: body(z.strictObject({quotas: z.strictObject(Quotas.shape)})),
    answer: json(UserShown),
  },
  'users.reset': {
    ...people,
    path: '/api/users/:name/reset',
    summary: 'A code that lets somebody choose a new password, once.',
    audit: 'admin.user_changed',
    params: thePerson,
    body: null,
    answer: json(CodeShown),
  },
  'users.remove': {
    ...people,
    method: 'DELETE',
    path: '/api/users/:name',
    summary: 'Takes somebody’s account away; their jobs stay with the box.',
    audit: 'admin.user_removed',
    params: thePerson,
    body: null,
    answer: done,
  },
  'users.setup': {
    ...people,
    path: '/api/setup/code',
    summary: 'Another setup code, while the box has no users.',
    audit: 'auth.setup_code_made',
    body: null,
    answer: json(CodeShown),
  },
  'sessions.list': {
    ...get,
    path: '/api/admin/sessions',
    summary: 'Everybody’s logins.',
    permission: 'manage:users',
    object: 'none',
    query: z.strictObject({user: UserName.optional()}),
    audit: 'admin.viewed',
    answer: json(SessionsShown),
  },
  'sessions.revoke': {
    ...people,
    path: '/api/admin/sessions/:session/revoke',
    summary: 'Ends anybody’s login at once.',
    audit: 'auth.session_revoked',
    params: theSession,
    body: null,
    answer: done,
  },
  'sessions.revoke_all': {
    ...people,
    path: '/api/admin/sessions/revoke_all',
    summary: 'Ends all logins of somebody, or everybody’s; the one that asks goes on.',
    audit: 'auth.session_revoked',
    body: body(z.strictObject({user: UserName.nullable()})),
    answer: ended,
  },
  'keys.all': {
    ...get,
    path: '/api/admin/keys',
    summary: 'Everybody’s keys, and when each was last used.',
    permission: 'manage:users',
    object: 'none',
    query: z.strictObject({user: UserName.optional()}),
    audit: 'admin.viewed',
    answer: json(KeysShown),
  },
  'keys.end': {
    ...people,
    path: '/api/admin/keys/:key/revoke',
    summary: 'Ends anybody’s key at once.',
    audit: 'api_key.revoke',
    params: theKey,
    body: null,
    answer: json(KeyShown),
  },
} as const satisfies Readonly<Record<string, Row>>;

export const accountRows = {...logins, ...devices, ...qr, ...keys, ...users} as const;
