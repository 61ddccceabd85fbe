/** Tables: which rows there are, in which order, where the cursor is, what is in sight, and how wide they are. */
import t from 'tap';
import type {JobLine} from '../../../appliance/api/shapes.ts';
import type {Model} from '../../../tui/room/model.ts';
import {openPane, paneSize, placeHere} from '../../../tui/room/navigate.ts';
import {type Pane, table} from '../../../tui/room/pane.ts';
import {jobsTable} from '../../../tui/room/screens/jobs.ts';
import {lineWidth} from '../../../tui/room/text.ts';
import {update} from '../../../tui/room/update.ts';
import {view} from '../../../tui/room/view.ts';
import {lineOf, now} from '../samples.ts';
import {busy, empty, everyPane, idOf, manyJobs, press, small} from './samples.ts';

function withJobs(jobs: readonly JobLine[], changes: Partial<Model> = {}): Model {
  const model = empty(small, {screen: 'jobs', link: {is: 'up'}, ...changes});
  return update(model, {is: 'jobs', jobs, begins: true, more: false})[0];
}

const jobOf = (number: number, changes: Partial<Record<keyof JobLine, unknown>> = {}): JobLine =>
  lineOf(idOf(number), {title: `film ${number}`, submitted: now + number * 1000, ...changes});

/** The newest first: 5, 4, 3, 2, 1. */
const five = [1, 2, 3, 4, 5].map(number => jobOf(number));
const titles = (model: Model): readonly string[] => jobsTable.ids(model, placeHere(model));
const cursorOf = (model: Model): string => jobsTable.current(model)?.title ?? 'none';
const came = (model: Model, ...jobs: readonly JobLine[]): Model =>
  update(model, {is: 'heard', events: jobs.map(job => ({is: 'job', job})), now})[0];
const gone = (model: Model, ...numbers: readonly number[]): Model => {
  const events = numbers.map(
    number => ({is: 'job-gone', id: idOf(number), owner: jobOf(number).owner}) as const,
  );
  return update(model, {is: 'heard', events, now})[0];
};
const textOf = (model: Model): string => view(model).texts().join('\n');

t.test('a filter leaves the rows that have all of its words, wherever they are', async t => {
  const jobs = [
    jobOf(1, {title: 'Summer in Kyoto', owner: 'ann'}),
    jobOf(2, {title: 'SUMMER', owner: 'bo', to: 'ja'}),
    jobOf(3, {title: '日本語の映画', owner: 'ann'}),
  ];
  const cases: readonly [filter: string, left: readonly number[]][] = [
    ['', [3, 2, 1]],
    ['summer', [2, 1]],
    ['  summer   ANN ', [1]],
    ['ann summer', [1]],
    ['日本', [3]],
    ['en-ja', [2]],
    ['queued', [3, 2, 1]],
    [idOf(2), [2]],
    ['nothing has this', []],
    [' ', [3, 2, 1]],
  ];
  for (const [filter, left] of cases) {
    const [model] = press(withJobs(jobs), '/', `type:${filter}`, 'enter');
    t.strictSame(titles(model), left.map(idOf), `"${filter}"`);
  }
});

t.test('what is typed into a filter acts at once; Enter keeps it, Esc shows all', async t => {
  let [model] = press(withJobs(five), '/', 'type:film 3');
  t.strictSame(titles(model), [idOf(3)]);
  t.match(textOf(model), '/film 3');
  [model] = press(model, 'backspace', '4');
  t.strictSame(titles(model), [idOf(4)]);
  const [kept] = press(model, 'enter');
  t.equal(kept.dialog, null);
  t.strictSame(titles(kept), [idOf(4)]);
  t.equal(titles(press(model, 'escape')[0]).length, 5);
  t.equal(titles(press(kept, 'escape')[0]).length, 5, 'later as well');
  const [none] = press(model, 'C-u', 'type:x'.repeat(2), 'enter');
  t.match(textOf(none), /Nothing here has ".*" in it. Esc shows all./);
  t.equal(jobsTable.current(none), undefined);
  t.strictSame(jobsTable.picked(none), []);
});

t.test('orders: each in turn, and back to how they come', async t => {
  const jobs = [
    jobOf(1, {title: 'b', owner: 'cleo'}),
    jobOf(2, {title: 'C', owner: 'ann'}),
    jobOf(3, {title: 'a', owner: 'bo'}),
  ];
  let model = withJobs(jobs);
  const seen: Record<string, readonly string[]> = {};
  for (let i = 0; i < 5; i++) {
    [model] = press(model, 'o');
    seen[model.said?.text ?? ''] = titles(model).map(id => String([1, 2, 3].find(n => idOf(n) === id)));
  }
  t.strictSame(seen, {
    'Ordered: state.': ['3', '2', '1'],
    'Ordered: owner.': ['2', '3', '1'],
    'Ordered: title.': ['3', '1', '2'],
    'Ordered: age, oldest first.': ['1', '2', '3'],
    'Ordered: as it comes.': ['3', '2', '1'],
  });
  t.match(textOf(press(model, 'o')[0]), 'by state');
  t.match(press(empty(small, {screen: 'retention'}), 'o')[0].said?.text, 'There is one order here.');
});

t.test('the cursor stays on its row while rows come and go above it', async t => {
  let [model] = press(withJobs(five), 'down', 'down');
  t.equal(cursorOf(model), 'film 3');
  model = came(model, jobOf(6), jobOf(7));
  t.equal(cursorOf(model), 'film 3', 'others came');
  model = gone(model, 5, 7);
  t.equal(cursorOf(model), 'film 3', 'others went');
  [model] = press(model, 'o', 'o', 'o', 'o');
  t.equal(cursorOf(model), 'film 3', 'in another order');
  [model] = press(model, 'up');
  t.equal(cursorOf(model), 'film 2');
});

t.test('when its row goes, the cursor is on what stands there then', async t => {
  let [model] = press(withJobs(five), 'down', 'down');
  model = gone(came(model, jobOf(6), jobOf(7), jobOf(8)), 3);
  t.equal(cursorOf(model), 'film 2', 'not where it was before others came');
  model = came(model, jobOf(9));
  t.equal(cursorOf(model), 'film 2', 'and stays there');
  [model] = press(model, 'end');
  model = gone(model, 1);
  t.equal(cursorOf(model), 'film 2', 'the last, when the last went');
  t.equal(cursorOf(gone(model, 2, 4, 5, 6, 7, 8, 9)), 'none');
});

t.test('while pages of rows come in, the cursor waits for its own', async t => {
  const jobs = manyJobs(1000);
  let [model] = press(withJobs(jobs), 'end');
  t.equal(cursorOf(model), 'film 0');
  [model] = update(model, {is: 'jobs', jobs: jobs.slice(-200), begins: true, more: null});
  [model] = update(model, {is: 'jobs', jobs: jobs.slice(0, -200), begins: false, more: false});
  t.equal(cursorOf(model), 'film 0');
});

t.test('marks: one and on to the next, all that the filter leaves, none; keys act on them', async t => {
  const [two] = press(withJobs(five), 'space', 'down', 'space');
  t.strictSame(
    jobsTable.picked(two).map(({title}) => title),
    ['film 5', 'film 3'],
  );
  t.equal(cursorOf(two), 'film 2');
  t.match(textOf(two), '2 marked');
  t.match(textOf(two), `*${idOf(3)}`);
  t.equal(press(two, 'up', 'space')[0].places['jobs.jobs']?.marks.size, 1, 'taken away again');
  const [all] = press(two, '*');
  t.equal(jobsTable.picked(all).length, 5);
  t.strictSame(
    jobsTable.picked(press(all, '*')[0]).map(({title}) => title),
    ['film 2'],
    'none: the one with the cursor',
  );
  const [some] = press(withJobs(five), '/', 'type:film 4', 'enter', '*');
  t.strictSame(
    jobsTable.picked(some).map(({title}) => title),
    ['film 4'],
  );
  t.equal(jobsTable.picked(gone(two, 5)).length, 1, 'what is gone is not picked');
  const [back] = press(some, 'escape');
  t.equal(placeHere(back).marks.size, 0, 'Esc takes marks first');
  t.equal(placeHere(back).filter, 'film 4');
  t.equal(placeHere(press(back, 'escape')[0]).filter, '', 'then the filter');
});

const shownTitles = (model: Model): readonly string[] =>
  [...textOf(model).matchAll(/ (film \d+) +\d+ \w+ *$/gm)].map(([, title]) => title ?? '');

t.test('the window follows the cursor, and moves no further than it has to', async t => {
  let model = withJobs(manyJobs(100));
  const first = shownTitles(model);
  t.equal(first[0], 'film 99');
  const page = first.length;
  t.ok(page >= 10, `${page} rows`);
  const walk: readonly string[] = [
    ...Array.from({length: 30}, () => 'down'),
    ...['pagedown', 'pageup', 'up', 'end', 'up', 'home', 'pagedown', 'pagedown'],
  ];
  for (const key of walk) {
    const before = shownTitles(model);
    [model] = press(model, key);
    const after = shownTitles(model);
    t.ok(after.includes(cursorOf(model)), `${key}: ${cursorOf(model)} is in sight`);
    t.equal(after.length, page, 'as many rows as before');
    if (before.includes(cursorOf(model))) t.strictSame(after, before, `${key}: nothing scrolls`);
  }
  [model] = press(model, 'end');
  t.equal(shownTitles(model).at(-1), 'film 0');
  t.equal(cursorOf(press(model, 'down')[0]), 'film 0', 'there is no further');
  [model] = press(model, 'home', 'up');
  t.equal(cursorOf(model), 'film 99');
  [model] = update(press(model, 'end')[0], {is: 'resized', size: {columns: 60, rows: 15}});
  t.ok(shownTitles(model).includes('film 0'), 'on a smaller screen too');
  model = gone(model, ...Array.from({length: 97}, (_, i) => i));
  t.strictSame(
    shownTitles(model),
    ['film 99', 'film 98', 'film 97'],
    'no empty window when most of it is gone',
  );
});

t.test('moving among 10,000 rows makes none of them anew', async t => {
  let made = 0;
  const items = manyJobs(10_000);
  const many = table<JobLine>('jobs', {
    ...{name: 'jobs', title: 'Jobs', items: () => items, keys: [], wants: () => [], empty: () => []},
    id: ({id}) => id,
    text: ({title}) => title,
    columns: [
      {
        ...{head: 'TITLE', columns: 'rest'},
        cell({title}) {
          made++;
          return title;
        },
      },
    ],
    sorts: [{name: 'title', of: ({title}) => title}],
  });
  const model = empty();
  const place = {cursor: null, index: 0, top: 0, marks: new Set<string>(), filter: '9', sort: 1};
  const ids = many.ids(model, place);
  t.equal(many.ids({...model, now: now + 1}, {...place, index: 7, cursor: ids[7] ?? null}), ids);
  t.not(many.ids(model, {...place, filter: '8'}), ids);
  many.draw(model, {...place, index: 3000, cursor: ids[3000] ?? null}, {columns: 80, rows: 20});
  t.ok(made <= 20, `${made} rows are drawn`);
  let room = withJobs(items);
  const {jobs} = room;
  for (const key of ['down', 'pagedown', 'end', 'space', '/', 'x', 'escape', 'o']) [room] = press(room, key);
  t.equal(room.jobs, jobs);
  t.equal(update(room, {is: 'tick', now: now + 1})[0].jobs, jobs);
});

t.test('a table without rows says why', async t => {
  const cases: readonly [screen: Model['screen'], words: string][] = [
    ['jobs', 'Asking the daemon …'],
    ['inbox', 'Asking the daemon …'],
    ['sessions', 'Asking the daemon …'],
    ['retention', 'Asking the daemon …'],
    ['engines', 'Asking the daemon: engines are tried, which takes a moment …'],
    ['audit', 'Asking the daemon …'],
    ['doctor', 'The doctor is looking: engines, jail and store are tried …'],
  ];
  for (const [screen, words] of cases) t.match(textOf(empty(small, {screen})), words, screen);
  t.match(textOf(withJobs([])), 'There are no jobs yet: put a film into the inbox.');
  for (const {name, pane, open} of everyPane) {
    const model = open(empty());
    if (pane.is === 'table') t.ok(pane.draw(model, placeHere(model), paneSize(model)).length > 0, name);
  }
});

const tables = everyPane.flatMap(one => (one.pane.is === 'table' ? [{...one, pane: one.pane}] : []));

t.test('columns for wide screens stand there alone', async t => {
  const heads: readonly [pane: string, head: string, least: number][] = [
    ['jobs.jobs', 'LEFT', 100],
    ['jobs.jobs', 'CAME', 130],
    ['jobs.jobs', 'LANG', 70],
    ['inbox.files', 'OWNER', 100],
    ['sessions.logins', 'FIRST FROM', 110],
    ['audit.entries', 'FROM', 110],
  ];
  for (const [pane, head, least] of heads) {
    const open = tables.find(({name}) => name === pane)?.open;
    for (const columns of [least - 1, least]) {
      const text = textOf(open?.(busy({columns, rows: 40})) ?? empty());
      t.equal(new RegExp(` ${head}(?:  |$)`, 'm').test(text), columns === least, `${head} at ${columns}`);
    }
  }
});

t.test('every table fits its screen exactly, with the worst names there are', async t => {
  for (const {name, pane, open} of tables) {
    for (const columns of [60, 61, 70, 75, 80, 99, 100, 120, 200]) {
      const size = {columns, rows: 40};
      const model = open(busy(size));
      const place = placeHere(model);
      const drawn = pane.draw(model, place, paneSize(model));
      t.ok(drawn.length <= paneSize(model).rows, `${name}: no more rows than there are`);
      const head = drawn.findIndex(
        line => line.every(({text}) => /^[A-Z, ]*$/.test(text)) && lineWidth(line) > 1,
      );
      const rows = drawn.slice(head, head + 1 + pane.ids(model, place).length);
      for (const row of rows) t.equal(lineWidth(row), columns, `${name} at ${columns}`);
    }
  }
});

t.test('what stands around a table gives way before its rows do', async t => {
  for (const {name, open} of tables) {
    const model = open(busy({columns: 60, rows: 15}));
    const pane: Pane = openPane(model);
    if (pane.is !== 'table') continue;
    t.ok(pane.room(model, placeHere(model), paneSize(model)) >= 3, name);
  }
});
