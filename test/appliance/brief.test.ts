/** Holds what people give to a dub to its bounds. */
import t from 'tap';
import {Brief, Edit, editedSince, noBrief, standingEdits, withEdits} from '../../appliance/brief.ts';

t.test('a brief with nothing in it is one', async t => {
  t.same(Brief.parse(noBrief), noBrief);
  t.notOk(Brief.safeParse({edits: []}).success, 'one that is cut short is not');
  const {speakers: _, ...old} = noBrief;
  t.same(Brief.parse(old), noBrief, 'one from before speakers had names is one still');
});

const anchor = {start: 1, source: 'Hello.'};
const line = {start: 1, end: 2, text: 'Hello.', translation: 'Hola.', speaker: 'S1', sound: 'dub'} as const;

t.test('a line becomes others that hold together', async t => {
  t.ok(Edit.safeParse({anchor, becomes: [line]}).success);
  t.ok(Edit.safeParse({anchor, becomes: []}).success);
  t.ok(Edit.safeParse({anchor, becomes: [{...line, sound: 'mute', translation: ''}]}).success);
  const wrong = [
    ...[{translation: ' '}, {translation: 'x'.repeat(4001)}, {end: 1}, {start: -1}, {speaker: ''}],
    ...[{sound: 'loud'}, {text: null}],
  ];
  for (const odd of wrong)
    t.notOk(Edit.safeParse({anchor, becomes: [{...line, ...odd}]}).success, JSON.stringify(odd).slice(0, 60));
  t.notOk(Edit.safeParse({anchor: {...anchor, start: -1}, becomes: []}).success);
});

t.test('the last edit of a line counts, and one can be taken back', async t => {
  const later = {anchor: {start: 5, source: 'Bye.'}, becomes: []};
  const first = withEdits(noBrief, [later, {anchor, becomes: [line]}], 'ann');
  t.match(
    first,
    {revision: 1, edits: [{anchor, becomes: [line], by: 'ann', revision: 1}, later]},
    'in film order',
  );
  const again = withEdits(
    first,
    [{anchor: {...anchor, start: 1.0001}, becomes: [{...line, translation: 'Buenas.'}]}],
    'bob',
  );
  t.match(again, {
    revision: 2,
    edits: [{becomes: [{translation: 'Buenas.'}], by: 'bob', revision: 2}, later],
  });
  const back = withEdits(again, [{anchor, becomes: null}], 'ann');
  t.match(standingEdits(back), [later]);
  t.equal(standingEdits(back).length, 1);
  t.match(editedSince(back, [{anchor, becomes: []}], 2), [{by: 'ann'}], 'that it was taken back is news');
  t.ok(Brief.safeParse(again).success);
});

t.test('what somebody else has saved meanwhile is told', async t => {
  const first = withEdits(noBrief, [{anchor, becomes: [line]}], 'ann');
  const mine = [{anchor, becomes: []}];
  t.match(editedSince(first, mine, 0), [{by: 'ann'}]);
  t.same(editedSince(first, mine, 1), [], 'what was seen is no news');
  t.same(editedSince(first, [{anchor: {start: 9, source: 'x'}, becomes: []}], 0), [], 'nor is another line');
});
