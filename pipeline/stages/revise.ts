/** Owns the stage that puts people's own wording over the translator's. */
import type {Edit} from '../../appliance/brief.ts';
import {light} from '../costs.ts';
import type {Line} from '../documents.ts';
import {beginsIn, sceneAt} from '../place.ts';
import type {Stage} from '../stage.ts';

/** An edit still means its line when that begins within this many seconds of where it did. */
const tolerance = 1;

export function reviseStage(edits: readonly Edit[]): Stage {
  return {
    name: 'revise',
    version: 1,
    scope: 'scene',
    needs: ['translate'],
    looksAt: ['detect'],
    cost: light,
    engines: [],
    params: async (inputs, place) => ({edits: beginsIn(sceneAt(await inputs.doc('detect'), place), edits)}),
    async run({inputs, write}) {
      const {lines} = await inputs.doc('translate');
      await write('revise', {lines: lines.map(line => revised(line, edits))});
      return {is: 'made'};
    },
  };
}

function revised(line: Line, edits: readonly Edit[]): Line {
  const edit = edits.findLast(
    ({start, source}) => source === line.text && Math.abs(start - line.start) < tolerance,
  );
  if (edit === undefined) return line;
  const {keepOriginal: _, ...rest} = line;
  return {...rest, translation: edit.text, edited: true};
}
