/** What keys do on every screen: what changes something, what asks first, and where they lead. */
import t from 'tap';
import {rows} from '../../../appliance/api/rows.ts';
import type {ApiTrouble} from '../../../appliance/api/trouble.ts';
import {no, ok, type Result} from '../../../appliance/result.ts';
import {stageNames} from '../../../pipeline/catalog.ts';
import {choicesFor} from '../../../tui/room/dialogs.ts';
import {helpLines} from '../../../tui/room/help.ts';
import {everywhere} from '../../../tui/room/keys.ts';
import {
  type Deed,
  type Dialog,
  firstPlace,
  type Model,
  numbered,
  type Turn,
} from '../../../tui/room/model.ts';
import {goBack, goTo, move, openPane, openScreen, paneSize, placeHere} from '../../../tui/room/navigate.ts';
import {screenOf} from '../../../tui/room/screens.ts';
import {update} from '../../../tui/room/update.ts';
import {view} from '../../../tui/room/view.ts';
import {now} from '../samples.ts';
import {
  answers,
  busy,
  code,
  deedsOf,
  down,
  empty,
  everyPane,
  idOf,
  paneOf,
  press,
  purgePlan,
  sampleJobs,
  told,
  trouble,
} from './samples.ts';

/** A plan is made by POST, and does nothing. */
const changes = (deed: Deed): boolean =>
  deed.calls.some(({row}) => rows[row].method !== 'GET' && row !== 'purge.plan');
const textOf = (model: Model): string => view(model).texts().join('\n');
const bindings = everyPane.flatMap(one => one.pane.keys.map(binding => ({...one, binding})));
/** With the cursor on each of its rows in turn. */
function everyRow(model: Model): readonly Model[] {
  const pane = openPane(model);
  if (pane.is === 'text') return [model];
  return pane.ids(model, placeHere(model)).map((_, i) => {
    let next = model;
    for (let step = 0; step < i; step++) next = move(next, 'down');
    return next;
  });
}

/** Whatever can be answered to what is asked, some steps deep; what comes of all of it. */
function* everyAnswer([model, effects]: Turn, depth = 4): Generator<Turn> {
  yield [model, effects];
  const {dialog} = model;
  if (dialog === null || depth === 0) return;
  if (dialog.is === 'confirm') {
    const yes = dialog.must === null ? ['tab', 'enter'] : [`type:${dialog.must}`, 'enter'];
    yield* everyAnswer(press(model, ...yes), depth - 1);
  }
  if (dialog.is !== 'ask') return;
  const words = dialog.choices?.slice(0, 3).map(({name}) => name) ?? ['40', 'cleo', '1', ''];
  for (const word of words) yield* everyAnswer(press(model, 'C-u', `type:${word}`, 'enter'), depth - 1);
}

t.test('read only: no key of any screen changes anything, and says so', async t => {
  let tried = 0;
  for (const {name, open, binding} of bindings) {
    for (const box of [busy(), down(), empty()])
      for (const start of everyRow(open({...box, isReadOnly: true}))) {
        for (const key of binding.keys) {
          const first = press(start, key);
          for (const [, effects] of everyAnswer(first)) {
            tried++;
            for (const deed of deedsOf(effects)) t.notOk(changes(deed), `${name} ${key}: ${deed.done}`);
            t.notOk(
              effects.some(({is}) => is === 'start-daemon' || is === 'shell'),
              `${name} ${key}`,
            );
          }
          if (binding.changes !== true) continue;
          t.equal(first[0].dialog, null);
          t.match(first[0].said?.text, 'Read only');
        }
      }
  }
  t.ok(tried > 300, `${tried} ways`);
  const [model, effects] = press(busy(undefined, {isReadOnly: true, hasShell: true}), '!');
  t.strictSame(effects, []);
  t.match(model.said?.text, 'Read only');
  for (const {binding, open} of bindings.filter(({binding}) => binding.changes === true)) {
    const [after, done] = press(open({...busy(), isReadOnly: true}), ':', `type:${binding.does}`, 'enter');
    t.strictSame(deedsOf(done).filter(changes), [], 'nor by its name');
    t.equal(after.dialog, null);
  }
});

t.test('only keys that say so change something', async t => {
  const seen = new Set<string>();
  for (const {name, open, binding} of bindings) {
    for (const box of [busy(), down()])
      for (const start of everyRow(open(box))) {
        const [key = ''] = binding.keys;
        for (const [, effects] of everyAnswer(press(start, key))) {
          for (const deed of deedsOf(effects)) {
            for (const {row} of deed.calls) seen.add(row);
            if (changes(deed)) t.ok(binding.changes, `${name} ${key}: ${deed.done}`);
          }
        }
      }
  }
  for (const [, effects] of everywhere.map(({keys}) => press(busy(), keys[0] ?? '')))
    t.strictSame(deedsOf(effects), [], 'no key of all screens does anything to the box');
  const expected = [
    ...['jobs.cancel', 'jobs.pause', 'jobs.resume', 'jobs.retry', 'jobs.priority', 'jobs.delete'],
    ...['queue.set', 'inbox.rescan', 'sessions.revoke', 'sessions.revoke_all', 'keys.end', 'audit.verify'],
    ...['users.invite', 'users.add', 'users.setup', 'users.reset', 'users.change', 'users.remove'],
    ...['auth.qr_approve', 'auth.qr_deny', 'purge.plan', 'purge.carry', 'retention.sweep'],
  ];
  t.strictSame([...seen].toSorted(), expected.toSorted(), 'all of them were come by');
});

interface Destroys {
  readonly pane: string;
  /** Before the key that asks. */
  readonly first?: readonly string[];
  readonly key: string;
  /** What has to be typed; null is a button. */
  readonly must: string | null;
  readonly calls: readonly unknown[];
}

const job = (number: number): object => ({params: {id: idOf(number)}});
const destroying: readonly Destroys[] = [
  {pane: 'jobs.jobs', key: 'c', must: null, calls: [{row: 'jobs.cancel', input: job(1000)}]},
  {pane: 'jobs.jobs', key: 'X', must: null, calls: [{row: 'jobs.delete', input: job(1000)}]},
  {
    ...{pane: 'jobs.jobs', first: ['space', 'space'], key: 'X', must: '2'},
    calls: [
      {row: 'jobs.delete', input: job(1000)},
      {row: 'jobs.delete', input: job(999)},
    ],
  },
  {pane: 'job.overview', key: 'c', must: null, calls: [{row: 'jobs.cancel', input: job(1000)}]},
  {pane: 'job.log', key: 'X', must: null, calls: [{row: 'jobs.delete', input: job(1000)}]},
  {
    ...{pane: 'sessions.logins', key: 'x', must: null},
    calls: [{row: 'sessions.revoke', input: {params: {session: '0000000000'}}}],
  },
  {
    ...{pane: 'sessions.logins', first: ['*'], key: 'x', must: '9'},
    calls: Array.from({length: 9}, (_, i) => ({
      ...{row: 'sessions.revoke', input: {params: {session: `000000000${i}`}}},
    })),
  },
  {
    ...{pane: 'sessions.logins', key: 'u', must: '5'},
    calls: [{row: 'sessions.revoke_all', input: {body: {user: 'anna'}}}],
  },
  {
    ...{pane: 'sessions.logins', key: 'A', must: '9'},
    calls: [{row: 'sessions.revoke_all', input: {body: {user: null}}}],
  },
  {
    ...{pane: 'sessions.people', key: 'X', must: '1'},
    calls: [{row: 'users.remove', input: {params: {name: 'ann'}}}],
  },
  {
    ...{pane: 'sessions.people', key: 'd', must: null},
    calls: [{row: 'users.change', input: {params: {name: 'ann'}, body: {disabled: true}}}],
  },
  {
    ...{pane: 'sessions.people', key: 'R', must: null},
    calls: [{row: 'users.reset', input: {params: {name: 'ann'}}}],
  },
  {
    ...{pane: 'sessions.keys', key: 'x', must: null},
    calls: [{row: 'keys.end', input: {params: {key: '000000000000'}}}],
  },
  {
    // The fourth was ended before.
    ...{pane: 'sessions.keys', first: ['*'], key: 'x', must: '3'},
    calls: [0, 1, 2].map(i => ({row: 'keys.end', input: {params: {key: `00000000000${i}`}}})),
  },
  {
    ...{pane: 'storage.plan', key: 'X', must: '1234'},
    calls: [{row: 'purge.carry', input: {params: {plan: purgePlan.plan}, body: {files: 1234}}}],
  },
  {pane: 'retention.receipts', key: 's', must: '7', calls: [{row: 'retention.sweep', input: {}}]},
  {
    ...{pane: 'status.box', key: 'd', must: null},
    calls: [{row: 'queue.set', input: {body: {mode: 'draining'}}}],
  },
];

t.test('nothing is destroyed by one key, nor by Enter after it, nor by a wrong number', async t => {
  for (const {pane, first = [], key, must, calls} of destroying) {
    const name = `${pane} ${key}`;
    const [asked, none] = press(paneOf(pane).open(busy()), ...first, key);
    t.strictSame(none, [], `${name}: nothing yet`);
    const {dialog} = asked;
    t.equal(dialog?.is === 'confirm' ? dialog.must : undefined, must, `${name} is asked`);
    const stops: readonly (readonly string[])[] = [
      ...[['enter'], ['escape'], ['tab', 'escape'], ['tab', 'tab', 'enter']],
      ...(must === null
        ? []
        : [
            [`type:${must}0`, 'enter'],
            [`type:${must}`, 'backspace', 'enter'],
            ['y', 'enter'],
          ]),
      ...(must === null
        ? [
            ['y', 'enter'],
            ['type:1', 'enter'],
          ]
        : []),
    ];
    for (const keys of stops) {
      const [model, effects] = press(asked, ...keys);
      t.strictSame(effects, [], `${name} ${keys.join(' ')}`);
      t.equal(model.dialog, null);
      t.match(model.said?.text, /[Nn]othing was done\.$/);
    }
    const yes = must === null ? ['tab', 'enter'] : [`type:${must}`, 'enter'];
    const [model, effects] = press(asked, ...yes);
    t.strictSame(
      effects.map(effect => (effect.is === 'do' ? effect.deed.calls : effect)),
      [calls],
      `${name}: exactly that`,
    );
    t.equal(model.dialog, null);
    t.strictSame(press(model, 'enter', 'enter')[1], [], 'and once');
  }
});

t.test('a wish is asked of those jobs alone that can be asked it', async t => {
  const [model, effects] = press(paneOf('jobs.jobs').open(busy()), '*', 't');
  t.strictSame(
    deedsOf(effects).flatMap(({calls}) => calls.map(({input}) => input)),
    sampleJobs.filter(({wishes}) => wishes.includes('retry')).map(({id}) => ({params: {id}})),
  );
  t.equal(model.dialog, null);
  const [several] = press(paneOf('jobs.jobs').open(busy()), '*', 'c');
  t.match(textOf(several), /others cannot be asked that and stay as is\./);
  t.match(
    press(paneOf('jobs.jobs').open(busy()), 'end', 'p')[0].said?.text,
    'This job cannot be paused now.',
  );
  t.match(press(empty(undefined, {screen: 'jobs'}), 'c')[0].said?.text, 'There is no job here.');
  const [from] = press(paneOf('jobs.jobs').open(busy()), '*', 'T');
  t.strictSame(
    asked(from).choices?.map(({name}) => name),
    stageNames,
    'every stage there is',
  );
  const staged = press(paneOf('jobs.jobs').open(busy()), '*', 'T', 'type:transl', 'enter');
  t.strictSame(deedsOf(staged[1])[0]?.calls[0], {
    row: 'jobs.retry',
    input: {params: {id: idOf(993)}, query: {from: 'translate'}},
  });
  const ranked = press(paneOf('jobs.jobs').open(busy()), 'P', 'C-u', 'type:-7', 'enter');
  t.strictSame(deedsOf(ranked[1])[0]?.calls, [
    {row: 'jobs.priority', input: {params: {id: idOf(1000)}, body: {priority: -7}}},
  ]);
  for (const wrong of ['', '101', '1.5', 'high', '-101'])
    t.match(
      press(paneOf('jobs.jobs').open(busy()), 'P', 'C-u', `type:${wrong}`, 'enter')[0].dialog,
      {trouble: 'A priority is a whole number from -100 to 100.'},
      wrong,
    );
});

t.test('a plan is made first, and is only good for what it was made for', async t => {
  const give = paneOf('storage.kinds').open(busy());
  const [, effects] = press(give, 'space', 'space', 'enter');
  t.strictSame(deedsOf(effects)[0]?.calls, [
    {
      row: 'purge.plan',
      input: {
        body: {
          ...{kinds: ['intermediates', 'uploads'], olderThanDays: 30, users: ['ann']},
          jobs: sampleJobs.map(({id}) => id),
        },
      },
    },
  ]);
  const [deed] = deedsOf(effects);
  if (deed === undefined) throw new Error('no plan');
  const [planned] = update(give, {is: 'did', deed, results: [ok(purgePlan)]});
  t.match(textOf(planned), 'Nothing has gone yet. X carries it out');
  for (const [key, typed] of [
    ['o', '90'],
    ['w', 'bo'],
    ['z', idOf(1)],
  ] as const) {
    const [narrowed] = press(give, key, 'C-u', `type:${typed}`, 'enter');
    t.equal(narrowed.purge.plan, null, key);
    t.match(textOf(narrowed), typed);
  }
  for (const wrong of ['', '-1', '36501', '1e2', 'x'])
    t.match(press(give, 'o', 'C-u', `type:${wrong}`, 'enter')[0].dialog, {
      is: 'ask',
      trouble: /number of days/,
    });
  const old = {...busy(), purge: {...busy().purge, plan: {...purgePlan, expires: now}}};
  t.match(press(paneOf('storage.plan').open(old), 'X')[0].said?.text, 'too old');
  t.match(press(paneOf('storage.plan').open(empty()), 'X')[0].said?.text, 'no plan');
  const [, from] = press(paneOf('jobs.jobs').open(busy()), 'space', 'D');
  t.match(deedsOf(from)[0]?.calls, [
    {row: 'purge.plan', input: {body: {jobs: [idOf(1000)], olderThanDays: 0}}},
  ]);
});

t.test(
  'somebody is let in by the number on their own screen, and as whom that was typed in full',
  async t => {
    const start = paneOf('sessions.waiting').open(busy());
    const [wrong, none] = press(start, 'a', 'type:41', 'enter');
    t.strictSame(none, []);
    t.match(wrong.dialog, {trouble: 'That is not the number of this one: do not let them in.'});
    const users = {users: answers.users.users.toReversed()};
    const [, effects] = press(told(start, 'users', users), 'a', 'type:40', 'enter', 'type:ann', 'enter');
    t.match(
      deedsOf(effects)[0]?.calls,
      [{row: 'auth.qr_approve', input: {body: {number: '40', user: 'ann'}}}],
      'not anna, who comes before',
    );
    t.match(press(start, 'end', 'a')[0].said?.text, 'Nobody waits here.', 'one that was sent away');
  },
);

t.test('codes are shown as what a phone reads', async t => {
  const people = paneOf('sessions.people').open(busy());
  const shown = (keys: readonly string[], answer: unknown): readonly unknown[] => {
    const [model, effects] = press(people, ...keys);
    const [deed] = deedsOf(effects);
    if (deed === undefined) throw new Error('nothing is done');
    return update(model, {is: 'did', deed, results: [ok(answer)]})[1];
  };
  t.match(shown(['i', 'enter'], code), [{is: 'square', text: code.url}]);
  t.match(shown(['s'], code), [{is: 'square', text: code.url}]);
  t.match(shown(['R', 'tab', 'enter'], code), [{is: 'square', text: code.url}]);
  t.match(shown(['n', 'type:cleo', 'enter', 'type:oper', 'enter'], {user: {}, code}).at(-1), {is: 'square'});
  t.match(press(people, 'n', 'type:Not A Name', 'enter')[0].dialog, {trouble: /cannot be a user's name/});
  const [squared] = update(people, {is: 'squared', title: 'film', code: ['██'], about: ['words']});
  t.match(textOf(squared), /██ +│/);
  t.match(textOf(squared), 'words');
});

const asked = (model: Model): Extract<Dialog, {is: 'ask'}> => {
  if (model.dialog?.is !== 'ask') throw new Error('nothing is asked');
  return model.dialog;
};

t.test('the palette: screens, themes and keys by name, with what was typed completed', async t => {
  const [open] = press(busy(), ':');
  t.equal(press(open, 'type:ret', 'tab')[0].dialog?.is, 'ask');
  t.equal(asked(press(open, 'type:ret', 'tab')[0]).typed, 'retention');
  for (const name of numbered.slice(1))
    t.equal(press(open, `type:${name}`, 'enter')[0].screen, name, `${name} by its name`);
  t.equal(press(open, 'down', 'down', 'up', 'enter')[0].screen, 'jobs', 'by arrows');
  t.equal(press(open, 'down', 'type:aud', 'enter')[0].screen, 'audit');
  const [unknown, none] = press(open, 'type:zzz', 'enter');
  t.strictSame(none, []);
  t.match(asked(unknown).trouble, 'There is no "zzz" among these.');
  t.match(textOf(unknown), 'There is no "zzz" among these.');
  t.equal(asked(press(unknown, 'backspace')[0]).trouble, null);
  t.match(press(open, 'type:theme safe', 'enter'), [{theme: 'safe'}, [{is: 'redraw'}]]);
  t.match(press(open, 'type:help', 'enter')[0].dialog, {is: 'text', title: 'Help'});
  t.match(press(open, 'type:quit', 'enter')[1], [{is: 'quit'}]);
  t.equal(press(open, 'escape')[0].dialog, null);
  const [, drained] = press(open, 'type:drain', 'enter', 'tab', 'enter');
  t.match(
    deedsOf(drained)[0]?.calls,
    [{row: 'queue.set', input: {body: {mode: 'draining'}}}],
    'by its short name',
  );
  const choices = ['start', 'art', 'a'].map(name => ({name, about: 'state of the art'}));
  t.strictSame(
    choicesFor(choices, ' A ').map(({name}) => name),
    ['a', 'art', 'start'],
  );
  t.strictSame(choicesFor(choices, 'no'), []);
});

t.test('the help is made of the keys', async t => {
  for (const {name, pane, open} of everyPane) {
    const model = open(busy());
    for (const columns of [60, 80, 200]) {
      const lines = helpLines(openScreen(model), pane, everywhere, columns);
      const text = lines
        .map(line => line.map(({text}) => text).join(''))
        .join(' ')
        .replaceAll(/ +/g, ' ');
      t.match(text, openScreen(model).about);
      for (const {does, changes} of pane.keys)
        t.ok(text.includes(`${does}${changes ? ' (changes)' : ''}`), `${name}: ${does}`);
      const own = pane.keys.flatMap(({keys}) => keys);
      for (const {does, keys} of everywhere)
        t.equal(text.includes(` ${does} `), !keys.every(key => own.includes(key)), does);
    }
  }
  const [help] = press(busy(), '?');
  t.match(textOf(help), 'Keys everywhere');
  const [end] = press(help, 'end');
  t.match(textOf(end), 'its default is to do nothing');
  t.equal(textOf(press(end, 'down', 'pagedown')[0]), textOf(end), 'there is no further');
  t.equal(textOf(press(end, 'home', 'up')[0]), textOf(help));
  const seen = new Set<string>();
  for (let [model, i] = [help, 0]; i < 5; i++, [model] = press(model, 'pagedown'))
    for (const row of view(model).texts()) seen.add(row);
  for (const {does} of everywhere)
    t.ok(
      [...seen].some(row => row.includes(does.slice(0, 40))),
      `paging shows "${does}"`,
    );
  for (const key of ['escape', 'q', 'enter', '?']) t.equal(press(help, key)[0].dialog, null, key);
});

t.test('no key means two things where somebody is', async t => {
  const needed = [
    ...[
      'up',
      'down',
      'left',
      'right',
      'pageup',
      'pagedown',
      'home',
      'end',
      'tab',
      'S-tab',
      'space',
      'escape',
    ],
    ...['q', 'C-c', 'C-l', '?', ':', '/', '*', '!', 'j', 'k', 'h', 'l', 'g', 'G', ...'123456789'],
  ];
  const own = everywhere.flatMap(({keys}) => keys);
  t.equal(new Set(own).size, own.length);
  for (const {name, pane} of everyPane) {
    const keys = pane.keys.flatMap(({keys}) => keys);
    t.equal(new Set(keys).size, keys.length, `${name} has a key once`);
    t.strictSame(
      keys.filter(key => needed.includes(key)),
      [],
      `${name} leaves what is needed everywhere`,
    );
    if (pane.is === 'table' && pane.sorts.length > 1) t.notOk(keys.includes('o'), `${name} can be ordered`);
    const names = pane.keys.map(({does}) => does);
    t.equal(new Set(names).size, names.length, `${name}: the palette tells them apart`);
  }
});

t.test('numbers open screens, Tab its parts, Esc leads back', async t => {
  for (const [i, name] of numbered.entries()) t.equal(press(busy(), String(i + 1))[0].screen, name);
  for (const name of numbered) {
    const {panes} = screenOf(name);
    let model: Model = {...busy(), screen: name};
    for (const pane of [...panes.slice(1), panes[0]]) {
      [model] = press(model, 'tab');
      t.equal(openPane(model), pane);
    }
    t.equal(openPane(press(model, 'S-tab')[0]), panes.at(-1));
    t.equal(openPane(press(model, 'right', 'l', 'left', 'h')[0]), panes[0]);
  }
  const [walked] = press(busy(), '2', '3', '2', '8');
  t.strictSame([walked.screen, walked.back], ['audit', ['jobs', 'inbox', 'status']]);
  t.equal(press(walked, 'escape')[0].screen, 'jobs');
  t.equal(press(walked, 'escape', 'escape', 'escape', 'escape', 'escape')[0].screen, 'status');
  t.equal(goBack(busy()).screen, 'status', 'nowhere to go back to');
  t.equal(goTo(walked, 'audit'), walked);
  const [opened] = press(paneOf('jobs.jobs').open(busy()), 'down', 'enter');
  t.strictSame([opened.screen, opened.job, opened.back], ['job', idOf(999), ['jobs']]);
  t.equal(press(opened, 'escape')[0].screen, 'jobs');
  t.equal(press(opened, '5', '2')[0].places['jobs.jobs']?.cursor, idOf(999), 'everything is where it was');
});

t.test('a job that is opened shows nothing of the one before', async t => {
  const [first] = press(
    paneOf('job.overview').open(busy()),
    'down',
    'down',
    'tab',
    'up',
    'up',
    '2',
    'down',
    'enter',
  );
  const {job, timeline, quality} = first.held;
  t.strictSame([job, timeline, quality, first.log], [undefined, undefined, undefined, null]);
  t.equal(openPane(first).name, 'overview');
  t.equal(placeHere(first).top, 0);
  t.match(textOf(first), 'Asking the daemon …');
});

t.test('texts scroll line by line and page by page, and no further than they go', async t => {
  const lines = Array.from({length: 100}, (_, i) => ({next: i, at: null, text: `line ${i};`}));
  const log = paneOf('job.log').open({...busy(), log: {id: idOf(1000), lines, isOver: false}});
  const {rows: page} = paneSize(log);
  const shown = (model: Model): readonly string[] => textOf(model).match(/line \d+;/g) ?? [];
  t.equal(shown(log).at(-1), 'line 99;', 'a log opens at its end');
  t.equal(shown(press(log, 'up')[0]).at(-1), 'line 98;');
  t.equal(shown(press(log, 'down')[0]).at(-1), 'line 99;');
  t.equal(shown(press(log, 'home')[0])[0], 'line 0;');
  t.equal(shown(press(log, 'home', 'up')[0])[0], 'line 0;');
  t.equal(shown(press(log, 'home', 'pagedown')[0])[0], `line ${page - 1};`);
  t.equal(shown(press(log, 'home', 'end')[0]).at(-1), 'line 99;');
  const more = {next: 100, at: null, text: 'line 100;'};
  const grown = (model: Model): Model =>
    update(model, {is: 'log', begins: false, id: idOf(1000), events: [{is: 'line', ...more}]})[0];
  t.equal(shown(grown(log)).at(-1), 'line 100;', 'it stays at its end as it grows');
  t.equal(shown(grown(press(log, 'up')[0])).at(-1), 'line 98;', 'and where it was scrolled to');
  t.equal(shown(grown(press(log, 'up', 'down')[0])).at(-1), 'line 100;');
  const status = paneOf('status.box').open(busy({columns: 80, rows: 15}));
  const [end] = press(status, 'end');
  t.match(textOf(end), 'Mend warning');
  const short = told(end, 'status', {...answers.status, running: [], gpus: []});
  t.not(textOf(press(short, 'up')[0]), textOf(short), 'one key up moves what became shorter');
});

t.test('the daemon is started by a key where it is down, and a doctor leads there', async t => {
  t.match(press(paneOf('status.box').open(down()), 's')[1], [{is: 'start-daemon'}]);
  t.match(press(paneOf('doctor.checks').open(down()), 'f')[1], [{is: 'start-daemon'}]);
  t.strictSame(press(paneOf('status.box').open(busy()), 's')[1], []);
  const [starting] = update(down(), {is: 'started', trouble: null});
  t.match(textOf(starting), 'THE DAEMON IS STARTING');
  t.match(textOf({...starting, said: null}), 'tries to start it once more');
  const [failed] = update(down(), {is: 'started', trouble: 'The daemon did not start: no room'});
  t.match(textOf(failed), 'The daemon did not start: no room');
  const [disks] = press(paneOf('doctor.checks').open(busy()), 'down', 'down', 'down', 'f');
  t.equal(disks.screen, 'storage');
  t.match(press(paneOf('doctor.checks').open(busy()), 'end', 'f')[0].said?.text, 'nothing to mend');
  t.match(press(paneOf('doctor.checks').open(busy()), 'down', 'f')[0].dialog, {title: 'What mends it'});
  t.match(press(busy(undefined, {hasShell: true}), '!')[1], [{is: 'shell'}]);
  t.match(press(busy(), '!')[0].said?.text, 'TUI_SHELL=1');
});

t.test('a role is changed by choosing another, not by Enter alone', async t => {
  const people = paneOf('sessions.people').open(busy());
  t.strictSame(press(people, 'm', 'enter')[1], []);
  t.match(press(people, 'm', 'enter')[0].said?.text, 'stays');
  t.equal(deedsOf(press(people, 'm', 'down', 'enter')[1]).length, 1);
});

t.test('keys act on what was marked or looked at, and on nothing else that stands there', async t => {
  const jobs = paneOf('jobs.jobs').open(busy());
  const [marked] = press(jobs, 'down', 'space');
  const gone: Model = {...marked, jobs: {...marked.jobs, items: marked.jobs.items.slice(4), is: 'loading'}};
  t.match(press(gone, 'D')[0].said?.text, 'no job here', 'marked rows that are gone');
  const unmarked = press(gone, 'escape')[0];
  const away: Model = {
    ...unmarked,
    places: {...unmarked.places, 'jobs.jobs': {...firstPlace, cursor: idOf(9999), index: 1}},
  };
  t.strictSame(press(away, 'D')[1], [], 'a row that has not come yet');
});

t.test('a plan for other limits is dropped, and one that comes late disturbs nobody', async t => {
  const give = paneOf('storage.kinds').open(busy());
  const [asked, [effect]] = press(give, 'enter');
  if (effect?.is !== 'do') throw new Error('no plan is made');
  const come = (model: Model): Model => effect.deed.leadsTo?.([purgePlan], model)[0] ?? model;
  t.equal(come(asked).purge.plan, purgePlan);
  const other = {...asked, purge: {...asked.purge, olderThanDays: 99, plan: null}};
  t.equal(come(other).purge.plan, null);
  t.match(come(other).said?.text, 'dropped');
  const [busyElsewhere] = press({...asked, screen: 'jobs'}, ':');
  t.equal(come(busyElsewhere).screen, 'jobs');
  t.equal(come(busyElsewhere).dialog, busyElsewhere.dialog);
});

t.test('marks were for what was done with them', async t => {
  const [marked, effects] = press(paneOf('sessions.keys').open(busy()), '*', 'x');
  t.strictSame(effects, []);
  const deed = {calls: [], done: 'Done.', refresh: []};
  const place = ({places}: Model): unknown => places['sessions.keys']?.marks.size;
  t.not(place(marked), 0);
  t.equal(place(update({...marked, dialog: null}, {is: 'did', deed, results: []})[0]), 0);
});

t.test('leaving is asked: Enter leaves, anything else stays', async t => {
  for (const key of ['q', 'C-c']) {
    const [model] = press(busy(), key);
    t.match(textOf(model), 'Leave?');
    t.strictSame(press(model, 'enter')[1], [{is: 'quit'}]);
    t.strictSame(press(model, 'escape')[1], []);
    t.strictSame(press(model, 'down', 'enter')[1], []);
  }
  t.match(press(busy(), '2', 'c', 'C-c')[0].dialog, {title: 'Leave?'}, 'whatever is asked');
});

const deed: Deed = {
  calls: [0, 1, 2].map(number => ({row: 'jobs.pause', input: {params: {id: idOf(number)}}}) as const),
  ...{done: '3 jobs coming to rest.', refresh: ['status']},
};
const problem = no<ApiTrouble>({
  ...{reason: 'problem', status: 409},
  problem: {code: 'no-way', what: 'It cannot be paused.', fix: 'Wait.'},
});

t.test('what was done is said; and when not all of it, how much, and the first no', async t => {
  const cases: readonly [results: readonly Result<unknown, ApiTrouble>[], said: string, tone: string][] = [
    [[ok(1), ok(1), ok(1)], '3 jobs coming to rest.', 'good'],
    [[ok(1), problem, no(trouble)], '1 of 3 done. It cannot be paused. Wait.', 'bad'],
    [[problem, no(trouble), ok(1)], '1 of 3 done. It cannot be paused. Wait.', 'bad'],
    [[problem, problem, problem], '0 of 3 done. It cannot be paused. Wait.', 'bad'],
  ];
  for (const [results, text, tone] of cases) {
    const [model, effects] = update(busy(), {is: 'did', deed, results});
    t.match(model.said, {text, tone});
    t.strictSame(effects, [{is: 'refresh', of: ['status']}], 'what may have changed is asked again');
  }
  const one = {...deed, calls: deed.calls.slice(0, 1), leadsTo: () => t.fail('it leads nowhere') as never};
  t.equal(
    update(busy(), {is: 'did', deed: one, results: [problem]})[0].said?.text,
    'It cannot be paused. Wait.',
  );
  const [said] = update(busy(), {is: 'did', deed, results: [problem]});
  t.not(update(said, {is: 'tick', now: now + 7_999})[0].said, null);
  t.equal(update(said, {is: 'tick', now: now + 8_000})[0].said, null, 'for as long as it takes to read');
});
