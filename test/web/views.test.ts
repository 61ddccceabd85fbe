/** How often a look is news. */
import t from 'tap';
import {Views} from '../../web/views.ts';
import {ann, bob, idOf} from './memory-box.ts';

t.test('one look of each admin at each job is news in ten minutes', async t => {
  let now = 0;
  const views = new Views(() => now);
  t.ok(views.isNews(ann, idOf(1)));
  t.notOk(views.isNews(ann, idOf(1)));
  t.ok(views.isNews(bob, idOf(1)));
  t.ok(views.isNews(ann, idOf(2)));
  now = 10 * 60_000 - 1;
  t.notOk(views.isNews(ann, idOf(1)), 'what was asked meanwhile does not begin anew');
  now += 1;
  t.ok(views.isNews(ann, idOf(1)));
  t.notOk(views.isNews(ann, idOf(1)));
});

t.test('the oldest of very many is forgotten', async t => {
  const views = new Views(() => 0);
  for (let i = 0; i <= 1000; i++) t.ok(views.isNews(ann, idOf(i)));
  t.ok(views.isNews(ann, idOf(0)), 'forgotten');
  t.notOk(views.isNews(ann, idOf(1000)), 'still known');
});
