/** Owns the stage that puts people's own wording, times and cuts over what was found and translated. */
import type {Edit, Rewritten} from '../../appliance/brief.ts';
import {type Passage, passageAt, whyKept} from '../../appliance/passages.ts';
import {light} from '../costs.ts';
import type {Line, Region} from '../documents.ts';
import {sceneAt} from '../place.ts';
import type {Stage} from '../stage.ts';

/** An edit still means its line when that begins within this many seconds of where it did. */
const tolerance = 1;
const kept = 'somebody chose to keep it';

export function reviseStage(edits: readonly Edit[], passages: readonly Passage[] = []): Stage {
  return {
    name: 'revise',
    version: 2,
    scope: 'scene',
    needs: ['translate'],
    looksAt: ['detect'],
    cost: light,
    engines: [],
    params: async (inputs, place) => {
      const scene = sceneAt(await inputs.doc('detect'), place);
      const kept = passagesIn(passages, scene);
      return {edits: near(edits, scene), ...(kept.length > 0 && {passages: kept})};
    },
    async run({inputs, place, write}) {
      const scene = sceneAt(await inputs.doc('detect'), place);
      const {lines} = await inputs.doc('translate');
      await write('revise', {
        lines: revised(lines, near(edits, scene), {scene, passages: passagesIn(passages, scene)}),
      });
      return {is: 'made'};
    },
  };
}

/** Those that may mean a line of the scene, with what makes them that and nothing else. */
function near(edits: readonly Edit[], {start, end}: Region): Edit[] {
  return edits
    .filter(({anchor}) => anchor.start >= start - tolerance && anchor.start < end + tolerance)
    .map(({anchor, becomes}) => ({anchor, becomes}));
}

function passagesIn(passages: readonly Passage[], {start, end}: Region): Passage[] {
  return passages.filter(passage => passage.start < end && passage.end > start);
}

interface Where {
  readonly scene: Region;
  readonly passages: readonly Passage[];
}

/** In film order; a line that nobody touched stays as it is, or as the passage wants it. Each edit means one line. */
export function revised(lines: readonly Line[], edits: readonly Edit[], {scene, passages}: Where): Line[] {
  const meant = editsOf(lines, edits);
  return lines
    .flatMap(line => {
      const edit = meant.get(line);
      if (edit !== undefined) return edit.becomes.map(one => rewritten(line, one, scene));
      const passage = passageAt(passages, line);
      return [passage === undefined ? line : {...line, keepOriginal: whyKept(passage)}];
    })
    .toSorted((a, b) => a.start - b.start);
}

/** The nearest go together first, so that of two lines that say the same each has its own edit. */
function editsOf(lines: readonly Line[], edits: readonly Edit[]): ReadonlyMap<Line, Edit> {
  const pairs = lines.flatMap(line =>
    edits.flatMap((edit, index) => {
      const apart = Math.abs(edit.anchor.start - line.start);
      return edit.anchor.source === line.text && apart < tolerance ? [{line, edit, apart, index}] : [];
    }),
  );
  const meant = new Map<Line, Edit>();
  const used = new Set<Edit>();
  // Of two edits as near as each other the later counts.
  for (const {line, edit} of pairs.toSorted((a, b) => a.apart - b.apart || b.index - a.index)) {
    if (meant.has(line) || used.has(edit)) continue;
    meant.set(line, edit);
    used.add(edit);
  }
  return meant;
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
