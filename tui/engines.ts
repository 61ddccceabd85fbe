/** Owns how the engines of this machine look on a terminal: what is ready, what is missing and why. Pure. */
import type {EventOf} from '../appliance/wire.ts';
import {field} from './table.ts';
import {widthOf} from './width.ts';

export function enginesLines(
  {engines, pairs}: Pick<EventOf<'engines'>, 'engines' | 'pairs'>,
  columns: number,
): readonly string[] {
  const kinds = Math.max(0, ...engines.map(({kind}) => widthOf(kind)));
  const nameColumns = 'missing  '.length + kinds + 2;
  return [
    ...engines.flatMap(({kind, name, ready, detail, about}) => {
      const state = ready ? 'ready' : 'missing';
      return field(`${state.padEnd(7)}  ${kind}`, [`${name}: ${detail}`, about], {nameColumns, columns});
    }),
    ...field('', `Language pairs: ${pairs.join(', ') || 'none'}`, {nameColumns: 0, columns}),
  ];
}
