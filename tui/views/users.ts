/** Owns how people and the codes that let them in look on a terminal. Pure. */
import type {CodeShown, UserShown} from '../../appliance/api/account-shapes.ts';
import type {At} from '../../appliance/job.ts';
import {type Column, table} from '../table.ts';
import {age, duration} from '../words.ts';

const columns: readonly Column[] = [
  {head: 'NAME'},
  {head: 'ROLE'},
  {head: 'STATE', leastColumns: 8},
  {head: 'LOGINS', side: 'right'},
  {head: 'LAST SEEN', side: 'right'},
];

export function usersTable(users: readonly UserShown[], now: At, totalColumns: number): readonly string[] {
  const rows = users.map(user => [
    ...[user.name, user.role, stateOf(user), String(user.sessions)],
    user.lastSeen === null ? '-' : age(now - user.lastSeen),
  ]);
  return table(columns, rows, totalColumns);
}

export function stateOf({disabled, hasPassword, totp}: UserShown): string {
  if (disabled) return 'disabled';
  if (!hasPassword) return 'no password yet';
  return totp ? 'active, with a code' : 'active';
}

/** What to open, and what to type where no link can be followed. */
export function codeLines({url, expires}: CodeShown, now: At): readonly string[] {
  // All that stands behind the mark: a code alone does not say whose it is.
  const typed = url.slice(url.indexOf('#') + 1);
  return [
    `Open    ${url}`,
    `or type ${typed} on that page`,
    `Good for ${duration(Math.max(0, expires - now) / 1000)}, once.`,
  ];
}
