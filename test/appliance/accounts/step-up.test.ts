/** When a password or code still counts. */
import t from 'tap';
import {openSession} from '../../../appliance/accounts/session.ts';
import {confirmed, confirmedMs, describeStepUpRefusal, stepUp} from '../../../appliance/accounts/step-up.ts';
import {now, seeded, userIs} from './sample.ts';

const open = (how: 'password' | 'qr') =>
  openSession({user: userIs(), how, device: 'curl', address: '::1', at: now}, seeded()).session;

t.test('a password or code given in the last five minutes counts; a QR login never does', async t => {
  const byPassword = open('password');
  const cases = [
    ['just logged in', byPassword, now, null],
    ['nearly five minutes', byPassword, now + confirmedMs - 1, null],
    ['five minutes', byPassword, now + 300_000, 'too-long-ago'],
    ['given again', confirmed(byPassword, now + 400_000), now + 500_000, null],
    ['in the future', byPassword, now - 1, 'too-long-ago'],
    ['never given', {...byPassword, confirmed: null}, now, 'never-given'],
    ['by QR code', open('qr'), now, 'by-qr'],
    ['by QR code, whatever was given', confirmed(open('qr'), now), now, 'by-qr'],
  ] as const;
  for (const [name, session, at, reason] of cases) {
    const result = stepUp(session, at);
    t.equal(result.ok ? null : result.why.reason, reason, name);
    if (!result.ok) t.match(describeStepUpRefusal(result.why), {what: /\.$/, fix: /\.$/});
  }
});
