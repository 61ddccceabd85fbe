/** What people made of lines: other words, other times, several of one, none. */
import t from 'tap';
import type {Edit} from '../../../appliance/brief.ts';
import type {Passage} from '../../../appliance/passages.ts';
import type {Line} from '../../../pipeline/documents.ts';
import type {Inputs} from '../../../pipeline/stage.ts';
import {revised, reviseStage} from '../../../pipeline/stages/revise.ts';

const scene = {start: 10, end: 40};
const lineAt = (start: number, text: string): Line => ({
  ...{start, end: start + 2, speaker: 'S1', text, confidence: 0.9},
  ...{translation: `${text} (es)`, edited: false},
});
const lines = [lineAt(11, 'One.'), lineAt(20, 'Two.'), lineAt(30, 'Three.')];
const become = (start: number, source: string, ...becomes: Partial<Edit['becomes'][number]>[]): Edit => ({
  anchor: {start, source},
  becomes: becomes.map(change => ({
    ...{start, end: start + 2, text: source, translation: 'Otra.', speaker: 'S1', sound: 'dub' as const},
    ...change,
  })),
});
const shown = (edits: readonly Edit[]) =>
  revised(lines, edits, {scene, passages: []}).map(
    ({start, end, translation}) => `${start}-${end} ${translation}`,
  );
const [one, two, three] = ['11-13 One. (es)', '20-22 Two. (es)', '30-32 Three. (es)'];

t.test('edits find their lines', async t => {
  const table: readonly (readonly [string, readonly Edit[], readonly string[]])[] = [
    ['none', [], [one, two, three]],
    ['words', [become(20, 'Two.', {})], [one, '20-22 Otra.', three]],
    [
      'a line that begins a little elsewhere now',
      [become(20.9, 'Two.', {start: 20})],
      [one, '20-22.9 Otra.', three],
    ],
    ['a line that is elsewhere', [become(21.1, 'Two.', {})], [one, two, three]],
    ['other words were said', [become(20, 'Too.', {})], [one, two, three]],
    [
      'the last of two',
      [become(20, 'Two.', {translation: 'A'}), become(20, 'Two.', {translation: 'B'})],
      [one, '20-22 B', three],
    ],
    [
      'split',
      [become(20, 'Two.', {end: 21, translation: 'Do'}, {start: 21, end: 22, translation: 's.'})],
      [one, '20-21 Do', '21-22 s.', three],
    ],
    ['merged', [become(11, 'One.', {end: 22}), become(20, 'Two.')], ['11-22 Otra.', three]],
    ['moved before another', [become(30, 'Three.', {start: 15, end: 16})], [one, '15-16 Otra.', two]],
    ['moved out of its scene', [become(11, 'One.', {start: 2, end: 80})], ['10-40 Otra.', two, three]],
    ['moved behind it', [become(11, 'One.', {start: 90, end: 95})], [two, three, '39.9-40 Otra.']],
  ];
  for (const [name, edits, expected] of table) t.same(shown(edits), expected, name);
});

t.test('a line may stay as it was in the film, or fall silent', async t => {
  const [kept, muted] = revised(
    lines,
    [become(11, 'One.', {sound: 'original'}), become(20, 'Two.', {sound: 'mute'})],
    {scene, passages: []},
  );
  t.match(kept, {keepOriginal: String, edited: true, anchor: {start: 11, source: 'One.'}});
  t.equal(kept?.muted, undefined);
  t.match(muted, {keepOriginal: String, muted: true});
  const failed: Line = {...lineAt(11, 'One.'), keepOriginal: 'it could not be translated'};
  t.equal(
    revised([failed], [become(11, 'One.', {})], {scene, passages: []})[0]?.keepOriginal,
    undefined,
    'and speak again',
  );
});

t.test('of two lines that say the same each has its own edit', async t => {
  const twins = [lineAt(12, 'No.'), {...lineAt(12.6, 'No.'), end: 13}];
  const one = become(12.6, 'No.', {start: 12.6, end: 13, translation: 'Nunca.'});
  t.same(
    revised(twins, [one], {scene, passages: []}).map(({start, translation}) => [start, translation]),
    [
      [12, 'No. (es)'],
      [12.6, 'Nunca.'],
    ],
  );
  const joined = [become(12, 'No.', {end: 13, translation: 'No. No.'}), become(12.6, 'No.')];
  t.same(
    revised(twins, joined, {scene, passages: []}).map(({translation}) => translation),
    ['No. No.'],
    'joined, not both gone',
  );
});

t.test(
  'what is sung, and what lies in the opening, keeps its sound; what somebody edited is theirs',
  async t => {
    const passages: Passage[] = [
      {kind: 'opening', start: 0, end: 13},
      {kind: 'music', start: 29, end: 31.5},
    ];
    const [first, second, third] = revised(lines, [], {scene, passages});
    t.match(first, {keepOriginal: 'it lies in the opening', edited: false});
    t.equal(second?.keepOriginal, undefined);
    t.match(third, {keepOriginal: 'it is sung'}, 'its middle lies in it');
    const [own] = revised(lines, [become(11, 'One.', {})], {scene, passages});
    t.match(own, {translation: 'Otra.', keepOriginal: undefined, edited: true});
    const reaching = revised(lines, [], {scene, passages: [{kind: 'ending', start: 21.1, end: 29}]});
    t.ok(
      reaching.every(({keepOriginal}) => keepOriginal === undefined),
      'a line that only reaches into one',
    );
  },
);

t.test('a scene without a passage is made of what it was made of before there were any', async t => {
  const doc = async () => ({scenes: [{start: 0, end: 10}, scene]});
  const paramsAt = (stage: ReturnType<typeof reviseStage>, index: number) =>
    stage.params({doc} as unknown as Inputs, {of: 'scene', scene: index});
  const passages: Passage[] = [{kind: 'opening', start: 2, end: 10}];
  t.same(await paramsAt(reviseStage([], passages), 1), await paramsAt(reviseStage([]), 1));
  t.same(await paramsAt(reviseStage([], passages), 0), {edits: [], passages});
});
