/** Holds what people give to a dub to its bounds. */
import t from 'tap';
import {Brief, Edit, noBrief} from '../../appliance/brief.ts';

t.test('a brief with nothing in it is one', async t => {
  t.same(Brief.parse(noBrief), noBrief);
  t.notOk(Brief.safeParse({edits: []}).success, 'one that is cut short is not');
});

t.test('an edit has words', async t => {
  t.ok(Edit.safeParse({start: 1, source: '', text: 'Hola.'}).success);
  for (const text of ['', 'x'.repeat(4001), null]) {
    t.notOk(Edit.safeParse({start: 1, source: 'Hello.', text}).success);
  }
  t.notOk(Edit.safeParse({start: -1, source: 'Hello.', text: 'Hola.'}).success);
});
