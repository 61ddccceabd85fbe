/** What an address asks of the library, and what an event makes of the films that are shown. */
import t from 'tap';
import type {JobLine} from '../../../appliance/api/shapes.ts';
import {askedOf, heardOf, hrefOf, pageLength} from '../../../web/pages/shelf.ts';
import {showLine} from '../../../web/show.ts';
import {ann, idOf, jobOf} from '../memory-box.ts';

const asked = (query: string) => askedOf(new URLSearchParams(query));
const done = {is: 'done', at: 2, seconds: 1, summary: [], outputs: []} as const;
const line = (number: number, state: object = done): JobLine =>
  showLine({job: jobOf(number, {state: {...done, ...state}} as object), waits: null, progress: null});
const film = (number: number, state?: object) => ({...line(number, state), watched: null, said: []});
const deleted = {is: 'deleted', at: 3, was: null};

t.test('an address is read with patience, and written short', t => {
  t.strictSame(asked(''), {
    ...{view: 'done', q: '', said: '', tag: '', series: '', season: '', sort: 'newest'},
  });
  t.match(asked('view=../../x&sort=worst&season=-1'), {view: 'done', sort: 'newest', season: ''});
  t.match(asked('series=Show&season=2'), {sort: 'series', season: '2'});
  const odd = asked('q=%3Cscript%3E%26&tag=a%2Bb');
  t.equal(hrefOf(odd), '/library?q=%3Cscript%3E%26&tag=a%2Bb');
  t.strictSame(askedOf(new URL(hrefOf(odd), 'http://box').searchParams), odd);
  t.equal(hrefOf(odd, {q: '', tag: ''}), '/library');
  t.equal(hrefOf(odd, {view: 'trash', q: '', tag: ''}), '/library?view=trash');
  t.end();
});

t.test('a film comes and goes as it belongs to what is shown', t => {
  const films = [film(1), film(2)];
  const ids = (found: ReturnType<typeof heardOf>) =>
    typeof found === 'string' ? found : found.map(({id}) => id);
  const table = [
    ['', {is: 'reset', why: 'new'}, 'stale'],
    ['', {is: 'job-gone', id: idOf(1), owner: ann}, [idOf(2)]],
    ['', {is: 'job', job: line(1, deleted)}, [idOf(2)]],
    ['', {is: 'job', job: line(3)}, 'stale'],
    ['', {is: 'job', job: line(3, deleted)}, [idOf(1), idOf(2)]],
    ['view=trash', {is: 'job', job: line(1)}, [idOf(2)]],
    ['view=archived', {is: 'job', job: line(1)}, [idOf(2)]],
    ['', {is: 'queue', queue: {mode: 'running', counts: {}, waiting: []}}, [idOf(1), idOf(2)]],
  ] as const;
  for (const [query, event, wanted] of table)
    t.strictSame(ids(heardOf(films, asked(query), event as never)), wanted, `${query} ${event.is}`);
  const many = Array.from({length: pageLength + 1}, (_, i) => film(i + 1));
  const fresh = {is: 'job', job: line(999)} as const;
  t.equal(heardOf(many, asked(''), fresh), many, 'whoever has come far down keeps their place');
  t.end();
});
