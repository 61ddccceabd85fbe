/** Owns what the routes about people do: asks the accounts and shows what they say. Who may ask was settled before. */
import type {Key} from '../appliance/accounts/key.ts';
import type {SessionId} from '../appliance/accounts/session.ts';
import type {accountRows} from '../appliance/api/account-rows.ts';
import type {KeyShown, LoggedIn, Tokens} from '../appliance/api/account-shapes.ts';
import type {Caller} from '../appliance/api/permissions.ts';
import {no, ok, type Result} from '../appliance/result.ts';
import {ofAccountTrouble} from './account-problem.ts';
import type {Accounts, AccountTrouble, Entered} from './accounts.ts';
import type {Handlers} from './handler.ts';
import type {Jar} from './jar.ts';
import type {Refused} from './problem.ts';

type Rows = typeof accountRows;
type Part<Start extends string> = Handlers<Pick<Rows, Extract<keyof Rows, `${Start}.${string}`>>>;

export function aboutAccounts(accounts: Accounts): Handlers<Rows> {
  return {
    ...aboutLogins(accounts),
    ...aboutDevices(accounts),
    ...aboutQr(accounts),
    ...aboutKeys(accounts),
    ...aboutUsers(accounts),
  };
}

const done = {done: true} as const;

function shown<T, S>(answer: Result<T, AccountTrouble>, show: (value: T) => S): Result<S, Refused> {
  return answer.ok ? ok(show(answer.value)) : no(ofAccountTrouble(answer.why));
}

/** The login of a caller who has one: the rows that ask see to it that nobody else gets here. */
function loginOf({came}: Caller): SessionId {
  if (came.is !== 'session') throw new Error(`a ${came.is} has no login`);
  return came.id;
}

function tokensOf({access, secrets}: Entered): Tokens {
  return {access: access.token, seconds: access.seconds, refresh: secrets.refresh};
}

type LoginNames =
  | 'auth.login'
  | 'auth.redeem'
  | 'auth.refresh'
  | 'auth.logout'
  | 'auth.me'
  | 'auth.preferences';

/** Cookies for a browser, tokens for a program; never both, so that each has one thing to lose. */
function letIn(
  accounts: Accounts,
  entered: Entered,
  {as, jar}: {as: 'browser' | 'client'; jar: Jar},
): LoggedIn {
  const {user, session, secrets} = entered;
  if (as === 'browser') jar.login(secrets);
  const me = accounts.people.me({user: user.name, role: user.role, came: {is: 'session', id: session.id}});
  return {me, tokens: as === 'browser' ? null : tokensOf(entered)};
}

function aboutLogins(
  accounts: Accounts,
): Handlers<Pick<Rows, LoginNames | 'auth.password' | 'auth.step_up'>> {
  const {logins, people} = accounts;
  return {
    'auth.login': {
      answer: async ({body: {name, password, code, as}, from, jar}) =>
        shown(await logins.login({name, password, code: code ?? null}, from), entered =>
          letIn(accounts, entered, {as, jar}),
        ),
      about: (_, answer) => (answer === null ? 'user:unknown' : `user:${answer.me.name}`),
    },
    'auth.redeem': {
      answer: async ({body: {ticket, code, name, password, as}, from, jar}) =>
        shown(await people.redeem({ticket, code, name: name ?? null, password}, from), entered =>
          letIn(accounts, entered, {as, jar}),
        ),
      about: ({body: {ticket}}, answer) =>
        answer === null ? `ticket:${ticket ?? 'setup'}` : `user:${answer.me.name}`,
    },
    'auth.refresh': {
      answer: async ({body, from}) => shown(await logins.refresh(body.refresh, from), tokensOf),
    },
    'auth.logout': {
      answer: async ({caller, jar}) => {
        jar.clear();
        return shown(await logins.end(loginOf(caller)), () => done);
      },
    },
    'auth.me': {answer: ({caller}) => ok(people.me(caller))},
    'auth.preferences': {
      answer: async ({caller, body}) =>
        shown(await people.prefer(caller.user, body.preferences), () => people.me(caller)),
    },
    'auth.password': {
      answer: async ({caller, body, from}) =>
        shown(await logins.changePassword(loginOf(caller), body, from), () => people.me(caller)),
    },
    'auth.step_up': {
      answer: async ({caller, body: {password, code}, from}) => {
        const given = {password: password ?? null, code: code ?? null};
        return shown(await logins.stepUp(loginOf(caller), given, from), () => people.me(caller));
      },
    },
  };
}

function aboutDevices({
  logins,
  authenticators,
}: Accounts): Handlers<
  Pick<
    Rows,
    | 'auth.sessions'
    | 'auth.revoke'
    | 'auth.revoke_all'
    | 'auth.recovery'
    | `auth.totp_${'setup' | 'verify' | 'disable'}`
  >
> {
  return {
    'auth.sessions': {
      answer: ({caller}) => ok({sessions: [...logins.list(caller.user, loginOf(caller))]}),
    },
    'auth.revoke': {
      answer: async ({caller, params}) => shown(await logins.revoke(params.session, caller.user), () => done),
      about: ({params}) => `session:${params.session}`,
    },
    'auth.revoke_all': {
      answer: async ({caller}) => shown(await logins.revokeOthers(loginOf(caller)), ended => ({ended})),
      about: ({caller}, answer) => `sessions of ${caller.user}: ${answer?.ended ?? 'all but one'}`,
    },
    'auth.totp_setup': {
      answer: async ({caller}) => shown(await authenticators.setup(loginOf(caller)), setup => setup),
    },
    'auth.totp_verify': {
      answer: async ({caller, body}) =>
        shown(await authenticators.verify(loginOf(caller), body.code), codes => ({codes: [...codes]})),
    },
    'auth.totp_disable': {
      answer: async ({caller}) => shown(await authenticators.disable(loginOf(caller)), () => done),
    },
    'auth.recovery': {
      answer: async ({caller}) =>
        shown(await authenticators.freshRecovery(loginOf(caller)), codes => ({codes: [...codes]})),
    },
  };
}

function aboutQr(accounts: Accounts): Handlers<Pick<Rows, Extract<keyof Rows, `auth.qr_${string}`>>> {
  const {qr} = accounts;
  return {
    'auth.qr_init': {
      answer: async ({body: {offer, as}, from, jar}) =>
        shown(await qr.init({offer: offer ?? null}, from), ({shown: intent, url, secret}) => {
          if (as === 'browser') jar.keepIntent(secret);
          return {...intent, url, secret: as === 'browser' ? null : secret};
        }),
      about: (_, answer) => `intent:${answer?.id ?? 'none'}`,
    },
    'auth.qr_offer': {
      answer: async ({caller, body}) => shown(await qr.offer(caller, body.user ?? null), offer => offer),
      about: ({caller, body}) => `user:${body.user ?? caller.user}`,
    },
    'auth.qr_pending': {answer: ({caller}) => ok({intents: [...qr.pending(caller)]})},
    'auth.qr_get': {answer: ({params}) => shown(qr.get(params.intent), intent => intent)},
    'auth.qr_approve': {
      answer: ({caller, params, body: {number, user}}) =>
        shown(qr.approve(params.intent, caller, {number, user: user ?? null}), intent => intent),
      about: ({params}) => `intent:${params.intent}`,
    },
    'auth.qr_deny': {
      answer: ({params}) => shown(qr.deny(params.intent), intent => intent),
      about: ({params}) => `intent:${params.intent}`,
    },
    'auth.qr_poll': {
      answer: async ({params, jar, signal}) =>
        shown(await qr.poll(params.intent, jar.intent() ?? '', signal), state => ({state})),
    },
    'auth.qr_redeem': {
      answer: async ({params, body: {as}, from, jar}) =>
        shown(await qr.redeem(params.intent, jar.intent() ?? '', from), entered =>
          letIn(accounts, entered, {as, jar}),
        ),
      about: ({params}, answer) => (answer === null ? `intent:${params.intent}` : `user:${answer.me.name}`),
    },
  };
}

function aboutKeys({keys}: Accounts): Part<'keys'> {
  return {
    'keys.list': {
      answer: ({caller}) => ok({keys: keys.list(caller.user).map(showKey)}),
    },
    'keys.make': {
      answer: async ({caller, body}) =>
        shown(await keys.make(caller.user, body), ({key, text}) => ({key: showKey(key), text})),
      about: (_, answer) => `key:${answer?.key.id ?? 'none'}`,
    },
    'keys.revoke': {
      answer: async ({caller, params}) => shown(await keys.revoke(params.key, caller.user), showKey),
      about: ({params}) => `key:${params.key}`,
    },
    'keys.all': {
      answer: ({query}) => ok({keys: keys.list(query.user ?? null).map(showKey)}),
      about: ({query}) => `keys of ${query.user ?? 'everybody'}`,
    },
    'keys.end': {
      answer: async ({params}) => shown(await keys.revoke(params.key, null), showKey),
      about: ({params}) => `key:${params.key}`,
    },
  };
}

function showKey({hash: _, ...key}: Key): KeyShown {
  return key;
}

function aboutUsers({people, logins}: Accounts): Part<'users' | 'sessions'> {
  return {
    'users.list': {answer: () => ok({users: [...people.list()]})},
    'users.add': {
      answer: async ({caller, body}) => shown(await people.add(body, caller.user), made => made),
      about: ({body}) => `user:${body.name} as ${body.role}`,
    },
    'users.invite': {
      answer: async ({caller, body}) => shown(await people.invite(body, caller.user), code => code),
      about: ({body}) => `user:${body.name ?? 'anybody'} as ${body.role}`,
    },
    'users.change': {
      answer: async ({params, body: {role, disabled}}) =>
        shown(await people.change(params.name, {role, disabled}), user => user),
      about: ({params, body}) => `user:${params.name} ${JSON.stringify(body)}`,
    },
    'users.quotas': {
      answer: async ({params, body}) => shown(await people.setQuotas(params.name, body.quotas), user => user),
      about: ({params, body}) => `user:${params.name} ${JSON.stringify(body.quotas)}`,
    },
    'users.reset': {
      answer: async ({caller, params}) => shown(await people.reset(params.name, caller.user), code => code),
      about: ({params}) => `user:${params.name} reset`,
    },
    'users.remove': {
      answer: async ({params}) => shown(await people.remove(params.name), () => done),
      about: ({params}) => `user:${params.name}`,
    },
    'users.setup': {answer: async () => shown(await people.setupCode(), code => code)},
    'sessions.list': {
      answer: ({query}) => ok({sessions: [...logins.list(query.user ?? null, null)]}),
      about: ({query}) => `sessions of ${query.user ?? 'everybody'}`,
    },
    'sessions.revoke': {
      answer: async ({params}) => shown(await logins.revoke(params.session, null), () => done),
      about: ({params}) => `session:${params.session}`,
    },
    'sessions.revoke_all': {
      answer: async ({caller: {came}, body: {user}}) =>
        shown(await logins.revokeAll(user, came.is === 'session' ? came.id : null), ended => ({ended})),
      about: ({body}, answer) => `sessions of ${body.user ?? 'everybody'}: ${answer?.ended ?? 'all'}`,
    },
  };
}
