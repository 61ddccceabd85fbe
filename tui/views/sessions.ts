/** Owns how logins, and devices that ask to be let in, look on a terminal. Pure. */
import type {IntentShown, SessionShown} from '../../appliance/api/account-shapes.ts';
import type {At} from '../../appliance/job.ts';
import {type Column, table} from '../table.ts';
import {age, duration} from '../words.ts';

const columns: readonly Column[] = [
  {head: 'LOGIN'},
  {head: 'USER', leastColumns: 5},
  {head: 'DEVICE', leastColumns: 10},
  {head: 'CAME BY'},
  {head: 'ADDRESS', leastColumns: 15},
  {head: 'LAST SEEN', side: 'right'},
];

export function sessionsTable(
  sessions: readonly SessionShown[],
  now: At,
  totalColumns: number,
): readonly string[] {
  const rows = sessions.map(session => [
    ...[session.id, session.user, session.device, session.how, addressesOf(session)],
    age(now - session.lastSeen),
  ]);
  return table(columns, rows, totalColumns);
}

/** The first, and the last where that is another. */
function addressesOf({firstAddress, lastAddress}: SessionShown): string {
  return firstAddress === lastAddress ? lastAddress : `${firstAddress}, now ${lastAddress}`;
}

const waiting: readonly Column[] = [
  {head: 'DEVICE ID'},
  {head: 'NUMBER', side: 'right'},
  {head: 'DEVICE', leastColumns: 10},
  {head: 'ADDRESS'},
  {head: 'GOOD FOR', side: 'right'},
];

export function intentsTable(
  intents: readonly IntentShown[],
  now: At,
  totalColumns: number,
): readonly string[] {
  const rows = intents.map(({id, number, device, address, expires}) => [
    ...[id, number, device, address],
    duration(Math.max(0, expires - now) / 1000),
  ]);
  return table(waiting, rows, totalColumns);
}
