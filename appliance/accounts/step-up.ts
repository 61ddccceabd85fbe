/** Owns whether a password or a code was given recently enough for what asks for one. Never checks the password. */
import type {At} from '../job.ts';
import {no, ok, type Result, unreachable} from '../result.ts';
import type {Words} from '../store/trouble.ts';
import type {Session} from './session.ts';

export const confirmedMs = 5 * 60_000;

export type StepUpRefusal =
  | {readonly reason: 'never-given'}
  | {readonly reason: 'too-long-ago'}
  /** Whoever logged in by QR code never showed that they know the password. */
  | {readonly reason: 'by-qr'};

/** To be called after a password or a code was found right. */
export function confirmed(session: Session, at: At): Session {
  return {...session, confirmed: at};
}

/** A clock that was set back leaves a moment in the future behind: that one does not count. */
export function stepUp({how, confirmed}: Session, at: At): Result<null, StepUpRefusal> {
  if (how === 'qr') return no({reason: 'by-qr'});
  if (confirmed === null) return no({reason: 'never-given'});
  const ageMs = at - confirmed;
  return ageMs >= 0 && ageMs < confirmedMs ? ok(null) : no({reason: 'too-long-ago'});
}

export function describeStepUpRefusal({reason}: StepUpRefusal): Words {
  switch (reason) {
    case 'never-given':
    case 'too-long-ago':
      return {
        what: 'This needs a password or a code given in the last five minutes.',
        fix: 'Give your password or a code of your authenticator, then do it again.',
      };
    case 'by-qr':
      return {
        what: 'This login was made with a QR code, and this needs one made with a password.',
        fix: 'Log in with your password, here or on another device.',
      };
    default:
      return unreachable(reason);
  }
}
