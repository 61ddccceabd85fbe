/** What becomes of lines while somebody edits them: drafts over what was saved over what was dubbed, cuts and joins. */
import t from 'tap';
import type {LineShown} from '../../../appliance/api/line-shapes.ts';
import type {Rewritten} from '../../../appliance/brief.ts';
import {
  columnsOf,
  fitOf,
  joinNext,
  keyOf,
  paceOf,
  rewrittenOf,
  rowsOf,
  split,
} from '../../../web/pages/lines.ts';

const lineAt = (start: number, source: string, changes: Partial<LineShown> = {}): LineShown => ({
  ...{number: 1, anchor: {start, source}, source: {start, end: start + 2}, dub: {start, end: start + 2}},
  ...{speaker: 'S1', text: source, translation: `${source} (es)`, edited: false, sound: 'dub', state: 'fits'},
  ...{speed: 1, overflow: 0, confidence: 0.9},
  ...changes,
});
const [one, two, three] = [lineAt(1, 'One.'), lineAt(5, 'Two.'), lineAt(9, 'Three.')];
const lines = [one, two, three];
const saved = (line: LineShown, becomes: readonly Rewritten[]) => ({
  ...{anchor: line.anchor, becomes: [...becomes], by: 'ann', revision: 1},
});
const other = (line: LineShown, changes: Partial<Rewritten> = {}): Rewritten => ({
  ...rewrittenOf(line),
  translation: 'Otra.',
  ...changes,
});

t.test('a draft counts before what was saved, and that before what was dubbed', async t => {
  const draft = new Map([[keyOf(three.anchor), {anchor: three.anchor, becomes: [other(three)]}]]);
  const rows = rowsOf({lines, edits: [saved(two, [other(two)])]}, draft);
  t.same(
    rows.map(({is, wanted}) => [is, wanted[0]?.translation]),
    [
      ['as-found', 'One. (es)'],
      ['saved', 'Otra.'],
      ['draft', 'Otra.'],
    ],
  );
});

t.test('what was dubbed since is told from what was not', async t => {
  const dubbed = lineAt(5, 'Two.', {translation: 'Otra.', edited: true, source: {start: 5.004, end: 7}});
  const is = (
    edits: Parameters<typeof rowsOf>[0]['edits'],
    now: readonly LineShown[] = [one, dubbed, three],
  ) => rowsOf({lines: [...now], edits}, new Map()).map(row => row.is);
  t.same(is([saved(two, [other(two)])]), ['as-found', 'dubbed', 'as-found']);
  t.same(is([saved(two, [other(two, {end: 6})])]), ['as-found', 'saved', 'as-found'], 'other times');
  t.same(is([]), ['as-found', 'saved', 'as-found'], 'an edit taken back is to be dubbed as well');
  t.same(is([saved(two, [])], [one, three]), ['as-found', 'dubbed', 'as-found'], 'a line that is no more');
});

t.test('a line is cut where its words are', async t => {
  const part = other(one, {
    text: 'We should go before it rains.',
    translation: 'Vamos antes de que llueva.',
    end: 5,
  });
  const halves = split(part, 6);
  t.match(halves, [
    {start: 1, translation: 'Vamos', text: 'We'},
    {end: 5, translation: 'antes de que llueva.'},
  ]);
  t.equal(halves?.[0].end, halves?.[1].start);
  t.equal(`${halves?.[0].text} ${halves?.[1].text}`, part.text, 'no word is lost');
  for (const at of [0, 100]) t.equal(split(part, at), undefined);
  t.equal(split({...part, end: 1.3}, 6), undefined, 'nobody speaks for so short a time');
  const japanese = split({...part, text: '雨が降る前に、行きましょう。', translation: '行こう。雨だ。'}, 4);
  t.match(japanese, [{text: '雨が降る前に、'}, {text: '行きましょう。'}]);
});

t.test('lines are joined to the next, within a line and across', async t => {
  const rows = rowsOf({lines, edits: []}, new Map());
  const drafts = joinNext(rows, keyOf(one.anchor), 0, ' ');
  t.match(drafts?.get(keyOf(one.anchor)), {
    becomes: [{start: 1, end: 7, translation: 'One. (es) Two. (es)'}],
  });
  t.match(drafts?.get(keyOf(two.anchor)), {becomes: []});
  const after = rowsOf({lines, edits: []}, drafts ?? new Map());
  t.same(
    after.map(({wanted}) => wanted.length),
    [1, 0, 1],
  );
  const again = joinNext(after, keyOf(one.anchor), 0, ' ');
  t.match(again?.get(keyOf(one.anchor)), {becomes: [{end: 11}]}, 'over what is no more');
  t.equal(joinNext(rows, keyOf(three.anchor), 0, ' '), undefined, 'the last has no next');
  const parts = rowsOf(
    {lines, edits: [saved(one, [other(one, {end: 2}), other(one, {start: 2})])]},
    new Map(),
  );
  t.match(joinNext(parts, keyOf(one.anchor), 0, '')?.get(keyOf(one.anchor)), {
    becomes: [{start: 1, end: 3, translation: 'Otra.Otra.'}],
  });
});

t.test('whether words fit is guessed from how this dub speaks', async t => {
  const pace = paceOf([
    lineAt(0, 'x', {translation: 'x'.repeat(20)}),
    lineAt(5, 'y', {dub: null, speed: null}),
  ]);
  t.equal(pace, 0.1);
  t.equal(paceOf([]), null);
  const part = other(one, {translation: 'x'.repeat(20)});
  t.match(fitOf(part, 5, pace), {seconds: 2, room: 3.88, is: 'fits'});
  t.match(fitOf({...part, translation: 'x'.repeat(45)}, 5, pace), {is: 'tight'});
  t.match(fitOf({...part, translation: 'x'.repeat(90)}, 5, pace), {is: 'over'});
  t.equal(fitOf({...part, sound: 'mute'}, 5, pace), null);
  t.equal(fitOf(part, 5, null), null);
});

t.test('a stretch of the wave has the loudest of each column', async t => {
  const levels = Uint8Array.from({length: 100}, (_, i) => (i === 50 ? 255 : 51));
  const columns = columnsOf(levels, 0.1, 0, 10, 10);
  t.equal(columns.length, 10);
  t.equal(columns[5], 1);
  t.equal(columns[4], 0.2);
  t.same(columnsOf(levels, 0.1, 20, 30, 3), [0, 0, 0], 'behind the end is silence');
});
