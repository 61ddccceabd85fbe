/** Owns the stage that puts people's own wording, times and cuts over what was found and translated. */
import type {Edit, Rewritten} from '../../appliance/brief.ts';
import {light} from '../costs.ts';
import type {Line, Region} from '../documents.ts';
import {beginsIn, sceneAt} from '../place.ts';
import type {Stage} from '../stage.ts';

/** An edit still means its line when that begins within this many seconds of where it did. */
const tolerance = 1;
const kept = 'somebody chose to keep it';

export function reviseStage(edits: readonly Edit[]): Stage {
  const placed = edits.map(edit => ({...edit, start: edit.anchor.start}));
  return {
    name: 'revise',
    version: 2,
    scope: 'scene',
    needs: ['translate'],
    looksAt: ['detect'],
    cost: light,
    engines: [],
    params: async (inputs, place) => {
      const own = beginsIn(sceneAt(await inputs.doc('detect'), place), placed);
      return {edits: own.map(({anchor, becomes}) => ({anchor, becomes}))};
    },
    async run({inputs, place, write}) {
      const scene = sceneAt(await inputs.doc('detect'), place);
      const {lines} = await inputs.doc('translate');
      await write('revise', {lines: revised(lines, edits, scene)});
      return {is: 'made'};
    },
  };
}

/** In film order; a line that nobody touched stays as it is. */
export function revised(lines: readonly Line[], edits: readonly Edit[], scene: Region): Line[] {
  return lines
    .flatMap(line => {
      const edit = edits.findLast(
        ({anchor}) => anchor.source === line.text && Math.abs(anchor.start - line.start) < tolerance,
      );
      if (edit === undefined) return [line];
      return edit.becomes.map(one => rewritten(line, one, scene));
    })
    .toSorted((a, b) => a.start - b.start);
}

/** A scene ends in a silence: what was moved past it would be spoken into the next one's lines. */
function rewritten(line: Line, one: Rewritten, scene: Region): Line {
  const {keepOriginal: _, ...found} = line;
  const {text, translation, speaker, sound} = one;
  const start = Math.min(Math.max(one.start, scene.start), scene.end - shortest);
  const end = Math.min(Math.max(one.end, start + shortest), scene.end);
  return {
    ...found,
    ...{start, end, text, translation, speaker, edited: true},
    anchor: {start: line.start, source: line.text},
    ...(sound === 'dub' ? {} : {keepOriginal: kept}),
    ...(sound === 'mute' ? {muted: true} : {}),
  };
}

const shortest = 0.1;
