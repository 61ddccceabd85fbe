/** Owns how the settings look: each with its value and where that was written. Pure. */
import type {ConfigRow} from '../../appliance/config/config.ts';
import {table} from '../table.ts';

/** Values are never cut: a path is there to be copied. */
export function configLines(rows: readonly ConfigRow[], production: string | null): readonly string[] {
  const heads = [{head: 'SETTING'}, {head: 'VALUE'}, {head: 'FROM'}] as const;
  const cells = rows.map(({name, value, from}) => [name, value, from]);
  const [head = '', ...lines] = table(heads, cells, Number.POSITIVE_INFINITY);
  const groups = rows.flatMap(({group}, place) => {
    const line = lines[place] ?? '';
    return group === rows[place - 1]?.group ? [line] : ['', group, line];
  });
  const mode = production === null ? 'This is not production.' : `This is production (${production}).`;
  return [head, ...groups, '', mode];
}
