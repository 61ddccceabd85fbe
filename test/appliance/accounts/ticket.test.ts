/** Setup codes and invitations: once, in time, with few tries. */
import t from 'tap';
import {
  describeRedeemed,
  inviteTicket,
  redeem,
  setupTicket,
  Ticket,
} from '../../../appliance/accounts/ticket.ts';
import {anna, now, seeded} from './sample.ts';

const {ticket, code} = setupTicket(now, seeded());
const dayMs = 86_400_000;

t.test('the one-time setup code works once, in time, and not after ten wrong tries', async t => {
  t.match(code, /^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}$/);
  t.notOk(JSON.stringify(ticket).includes(code), 'only its hash is kept');
  const redeemed = redeem(ticket, ` ${code.toUpperCase()}\n`, now + dayMs - 1);
  if (redeemed.is !== 'ok') throw new Error(redeemed.is);
  t.equal(Ticket.parse(redeemed.ticket).used, now + dayMs - 1);
  t.equal(redeem(redeemed.ticket, code, now).is, 'used');
  t.equal(redeem(ticket, code, now + dayMs).is, 'expired');
  let worn = ticket;
  for (let left = 9; left >= 0; left--) {
    const wrong = redeem(worn, '0000-0000-0000-0000', now);
    if (wrong.is !== 'wrong') throw new Error(wrong.is);
    worn = Ticket.parse(wrong.ticket);
    t.equal(worn.triesLeft, left);
  }
  t.equal(redeem(worn, code, now).is, 'worn-out', 'the right one does not help');
});

t.test('an invitation carries role and name, for days within limits', async t => {
  const invite = {role: 'operator', name: anna, by: anna} as const;
  for (const [days, granted] of [
    [7, 7],
    [0, 1],
    [365, 30],
  ] as const) {
    const made = inviteTicket({...invite, days}, now, seeded());
    t.match(Ticket.parse(made.ticket), {purpose: {is: 'invite', ...invite}, expires: now + granted * dayMs});
    const redeemed = redeem(made.ticket, made.code, now + granted * dayMs - 1);
    if (redeemed.is !== 'ok') throw new Error(redeemed.is);
    t.equal(redeem(redeemed.ticket, made.code, now).is, 'used');
    t.equal(redeem(made.ticket, made.code, now + granted * dayMs).is, 'expired');
    t.equal(redeem(made.ticket, code.slice(1), now).is, 'wrong');
  }
});

t.test('a ticket that gives other tries than there are is not read', async t => {
  for (const triesLeft of [-1, 0.5, 11])
    t.notOk(Ticket.safeParse({...ticket, triesLeft}).success, `${triesLeft}`);
});

t.test('every refusal says what happened and what to do', async t => {
  const invite = {is: 'invite', role: 'viewer', name: null, by: anna} as const;
  for (const purpose of [{is: 'setup'} as const, invite]) {
    for (const is of ['expired', 'used', 'worn-out'] as const) {
      t.match(describeRedeemed(purpose, {is}), {what: /\.$/, fix: /\.$/}, `${purpose.is} ${is}`);
    }
    t.match(describeRedeemed(purpose, {is: 'wrong', ticket}).fix, '10 tries');
    t.notMatch(describeRedeemed(purpose, {is: 'wrong', ticket: {...ticket, triesLeft: 0}}).fix, 'tries');
  }
});
