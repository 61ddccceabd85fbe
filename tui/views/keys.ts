/** Owns how the keys of scripts look on a terminal. Pure. */
import type {KeyShown} from '../../appliance/api/account-shapes.ts';
import type {At} from '../../appliance/job.ts';
import {type Column, table} from '../table.ts';
import {age} from '../words.ts';

const columns: readonly Column[] = [
  {head: 'KEY'},
  {head: 'OWNER', leastColumns: 5},
  {head: 'NAME', leastColumns: 8},
  {head: 'SCOPES', leastColumns: 10},
  {head: 'STATE'},
  {head: 'LAST USED', side: 'right'},
];

export function keysTable(keys: readonly KeyShown[], now: At, totalColumns: number): readonly string[] {
  const rows = keys.map(key => [
    ...[key.id, key.owner, key.name, key.scopes.join(' '), stateOf(key, now)],
    key.lastUsed === null ? '-' : age(now - key.lastUsed),
  ]);
  return table(columns, rows, totalColumns);
}

function stateOf({revoked, expires}: KeyShown, now: At): string {
  if (revoked !== null) return `ended ${age(now - revoked)} ago`;
  if (expires === null) return 'good';
  return expires <= now ? `expired ${age(now - expires)} ago` : `good for ${age(expires - now)}`;
}
