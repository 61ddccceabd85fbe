/**
 * Owns a ticket: a code that lets somebody in once, to make the first admin or to follow an invitation. Never makes the
 * user, never shows the code twice.
 */
import {z} from 'zod';
import {Role} from '../api/permissions.ts';
import {Digest} from '../digest.ts';
import {At, UserName} from '../job.ts';
import {unreachable} from '../result.ts';
import type {Words} from '../store/trouble.ts';
import {freshCode, freshLetters, hashOf, isSame, type Random, readCode} from './code.ts';

export const TicketId = z
  .string()
  .regex(/^[0-9a-hjkmnp-tv-z]{10}$/)
  .brand<'TicketId'>();
export type TicketId = z.infer<typeof TicketId>;

export const Purpose = z.discriminatedUnion('is', [
  /** The first admin of a box that has no users. */
  z.object({is: z.literal('setup')}),
  /** A name of null is for whoever comes to choose. */
  z.object({is: z.literal('invite'), role: Role, name: UserName.nullable(), by: UserName}),
  /** A user chooses a new password. */
  z.object({is: z.literal('reset'), name: UserName, by: UserName}),
]);
export type Purpose = z.infer<typeof Purpose>;

const triesGiven = 10;
/** Four groups of 20 random bits: 80 bits, with ten tries. */
const groups = 4;
const dayMs = 86_400_000;
export const setupDays = 1;
export const resetDays = 1;
export const inviteDays = {least: 1, usual: 7, most: 30} as const;

export const Ticket = z.object({
  id: TicketId,
  purpose: Purpose,
  code: Digest,
  made: At,
  expires: At,
  triesLeft: z.number().int().min(0).max(triesGiven),
  used: At.nullable(),
});
export type Ticket = z.infer<typeof Ticket>;

/** `code` is shown once. */
export interface FreshTicket {
  readonly ticket: Ticket;
  readonly code: string;
}

export function setupTicket(at: At, random: Random): FreshTicket {
  return freshTicket({is: 'setup'}, setupDays, at, random);
}

export function resetTicket(name: UserName, by: UserName, at: At, random: Random): FreshTicket {
  return freshTicket({is: 'reset', name, by}, resetDays, at, random);
}

/** Days outside the limits are brought to the nearest one within. */
export function inviteTicket(
  {role, name, by, days}: Omit<Extract<Purpose, {is: 'invite'}>, 'is'> & {readonly days: number},
  at: At,
  random: Random,
): FreshTicket {
  const {least, most} = inviteDays;
  return freshTicket({is: 'invite', role, name, by}, Math.min(Math.max(days, least), most), at, random);
}

function freshTicket(purpose: Purpose, days: number, at: At, random: Random): FreshTicket {
  const code = freshCode(groups, random);
  const id = TicketId.parse(freshLetters(10, random));
  const expires = at + Math.round(days * dayMs);
  const kept = {code: hashOf('ticket', readCode(code)), made: at, expires, triesLeft: triesGiven, used: null};
  return {ticket: {id, purpose, ...kept}, code};
}

/** Where there is a ticket in it, the caller stores that before it answers. */
export type Redeemed =
  | {readonly is: 'ok'; readonly ticket: Ticket}
  | {readonly is: 'wrong'; readonly ticket: Ticket}
  | {readonly is: 'expired'}
  | {readonly is: 'used'}
  /** Too many wrong codes: the right one does not help any more. */
  | {readonly is: 'worn-out'};

export function redeem(ticket: Ticket, typed: string, at: At): Redeemed {
  if (ticket.used !== null) return {is: 'used'};
  if (at >= ticket.expires) return {is: 'expired'};
  if (ticket.triesLeft === 0) return {is: 'worn-out'};
  if (isSame(ticket.code, hashOf('ticket', readCode(typed))))
    return {is: 'ok', ticket: {...ticket, used: at}};
  return {is: 'wrong', ticket: {...ticket, triesLeft: ticket.triesLeft - 1}};
}

export function describeRedeemed(purpose: Purpose, redeemed: Exclude<Redeemed, {is: 'ok'}>): Words {
  const [name, anew] = wordsFor(purpose);
  switch (redeemed.is) {
    case 'wrong': {
      const {triesLeft} = redeemed.ticket;
      const fix = triesLeft === 0 ? anew : `Type it again as it was shown: ${triesLeft} tries are left.`;
      return {what: 'That is not the code.', fix};
    }
    case 'expired':
      return {what: `This ${name} has expired.`, fix: anew};
    case 'used':
      return {what: `This ${name} was used already.`, fix: 'Log in with the password that was chosen then.'};
    case 'worn-out':
      return {what: `This ${name} ended after ${triesGiven} wrong tries.`, fix: anew};
    default:
      return unreachable(redeemed);
  }
}

function wordsFor(purpose: Purpose): readonly [name: string, anew: string] {
  switch (purpose.is) {
    case 'setup':
      return ['setup code', 'Get a new one on the box: dubstead user code.'];
    case 'invite':
      return ['invitation', `Ask ${purpose.by} for a new one.`];
    case 'reset':
      return ['reset code', `Ask ${purpose.by} for a new one.`];
    default:
      return unreachable(purpose);
  }
}
