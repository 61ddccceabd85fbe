/** Owns how every no of the accounts becomes an answer. What would help somebody guess is the same for all. */
import {describeKeyRefusal} from '../appliance/accounts/key.ts';
import {describePasswordRefusal} from '../appliance/accounts/password-policy.ts';
import {describeRefreshed} from '../appliance/accounts/session.ts';
import {describeStepUpRefusal} from '../appliance/accounts/step-up.ts';
import {describeRedeemed} from '../appliance/accounts/ticket.ts';
import {describeUserRefusal} from '../appliance/accounts/user.ts';
import {unreachable} from '../appliance/result.ts';
import type {AccountTrouble} from './accounts.ts';
import {ofTrouble, problems, type Refused} from './problem.ts';

export function ofAccountTrouble(trouble: AccountTrouble): Refused {
  const {reason: code} = trouble;
  const refused = (status: number, what: string, fix: string): Refused => ({status, code, what, fix});
  switch (trouble.reason) {
    case 'wrong-login':
      return refused(401, 'That name and password do not go together.', 'Check both, then try again.');
    case 'code-needed':
      return refused(
        401,
        'This account asks for a code as well.',
        'Send the code of the authenticator, or a recovery code, along with name and password.',
      );
    case 'wrong-code':
      return refused(401, 'That is not the code, or it was used already.', 'Wait for the next one.');
    case 'wrong-password':
      return refused(403, 'That is not the password.', 'Check it, then try again.');
    case 'slow-down':
      return {...problems.tooOften(trouble.waitMs), code: 'slow-down', what: 'Too many wrong tries.'};
    case 'not-renewed':
      return {status: 401, code: trouble.refreshed.is, ...describeRefreshed(trouble.refreshed)};
    case 'not-redeemed':
      return {
        status: 403,
        code: `code-${trouble.redeemed.is}`,
        ...describeRedeemed(trouble.purpose, trouble.redeemed),
      };
    case 'name-taken':
    case 'last-admin':
      return {status: 409, code, ...describeUserRefusal(trouble)};
    case 'no-such-user':
      return {status: 404, code, ...describeUserRefusal(trouble)};
    case 'too-short':
    case 'too-long':
    case 'not-text':
    case 'common':
    case 'repeated':
    case 'keyboard':
    case 'own-name':
      return {status: 422, code: `password-${code}`, ...describePasswordRefusal(trouble)};
    case 'busy':
      return {
        ...refused(503, `${trouble.waiting} others are logging in right now.`, 'Try again in a few seconds.'),
        headers: {'Retry-After': '5'},
      };
    case 'beyond-role':
      return {status: 403, code, ...describeKeyRefusal(trouble)};
    case 'never-given':
    case 'too-long-ago':
      return {status: 403, code: 'not-fresh', ...describeStepUpRefusal(trouble)};
    // No password helps here, so that nobody is asked for one.
    case 'by-qr':
      return {status: 403, code, ...describeStepUpRefusal(trouble)};
    case 'not-stored':
      return ofTrouble(trouble);
    case 'bad-name':
    case 'has-users':
    case 'no-totp-setup':
    case 'too-many':
    case 'qr-off':
    case 'not-approved':
    case 'not-waiting':
    case 'wrong-number':
    case 'whose':
    case 'no-such-ticket':
    case 'no-such-session':
    case 'no-such-key':
    case 'no-such-intent':
    case 'no-such-offer':
      return ofSmallTrouble(trouble);
    default:
      return unreachable(trouble);
  }
}

type Small = Extract<
  AccountTrouble,
  | {
      reason:
        | 'bad-name'
        | 'has-users'
        | 'no-totp-setup'
        | 'too-many'
        | 'qr-off'
        | 'not-approved'
        | 'not-waiting';
    }
  | {reason: 'no-such-ticket' | 'no-such-session' | 'no-such-key' | 'no-such-intent' | 'no-such-offer'}
  | {reason: 'wrong-number' | 'whose'}
>;

function ofSmallTrouble(trouble: Small): Refused {
  const {reason: code} = trouble;
  const refused = (status: number, what: string, fix: string): Refused => ({status, code, what, fix});
  switch (trouble.reason) {
    case 'bad-name':
      return refused(
        422,
        'That cannot be the name of a user.',
        'Take 1 to 32 small letters, digits, - and _, with a letter or digit at both ends.',
      );
    case 'has-users':
      return refused(409, 'This box has users already.', 'Log in, or ask an admin for an invitation.');
    case 'no-totp-setup':
      return refused(409, 'There is no authenticator to do this with.', 'Set one up first.');
    case 'too-many':
      return refused(
        409,
        `There are ${trouble.allowed} ${trouble.what} already.`,
        'Remove some first, or wait.',
      );
    case 'no-such-ticket':
      return refused(
        404,
        'There is no such code.',
        'Follow the link again as it was sent, or ask for a new one.',
      );
    case 'no-such-session':
      return refused(404, 'There is no such login.', 'GET /api/auth/sessions lists those there are.');
    case 'no-such-key':
      return refused(404, 'There is no such key.', 'GET /api/keys lists those there are.');
    case 'no-such-intent':
      return refused(
        404,
        'Nobody asks to be let in with this code any more.',
        'Show a new square code and scan that.',
      );
    case 'no-such-offer':
      return refused(404, 'This square code is not good any more.', 'Show a new one and scan that.');
    case 'qr-off':
      return refused(403, 'Logging in by square code is off on this box.', 'Set ENABLE_QR_LOGIN=1.');
    case 'not-approved':
      return refused(409, 'Nobody has said yes to this yet.', 'Approve it on the other device first.');
    case 'not-waiting':
      return refused(409, 'This was answered already.', 'Show a new square code if it was not you.');
    case 'wrong-number':
      return refused(403, 'That is not the number on the other screen: nobody was let in.', 'Begin again.');
    case 'whose':
      return refused(
        403,
        'Nobody can be let in as somebody else.',
        'Approve it as yourself; at the socket, name a user.',
      );
    default:
      return unreachable(trouble);
  }
}
