/** Owns the keys that are the same on every screen, as the one table that both keys and help are made of. */
import {asking} from './dialogs.ts';
import {helpLines} from './help.ts';
import {type Choice, type Model, numbered, saying, type Turn} from './model.ts';
import {
  goBack,
  goTo,
  goToPane,
  mark,
  markAll,
  move,
  openPane,
  openScreen,
  placeHere,
  withPlace,
} from './navigate.ts';
import type {Binding} from './pane.ts';
import {screenOf} from './screens.ts';
import {themeNames} from './theme.ts';

const still = (model: Model): Turn => [model, []];

export const everywhere: readonly Binding[] = [
  {
    keys: numbered.map((_, i) => String(i + 1)),
    does: 'open that screen',
    run: still,
  },
  {keys: ['?'], does: 'this help', short: 'help', run: help},
  {keys: [':'], does: 'open a screen or do something by its name', short: 'go', run: palette},
  {keys: ['/'], does: 'filter; Enter keeps it, Esc ends it', run: filter},
  {keys: ['up', 'k'], does: 'up', run: model => still(move(model, 'up'))},
  {keys: ['down', 'j'], does: 'down', run: model => still(move(model, 'down'))},
  {keys: ['pageup', 'C-b'], does: 'a page up', run: model => still(move(model, 'page-up'))},
  {keys: ['pagedown', 'C-f'], does: 'a page down', run: model => still(move(model, 'page-down'))},
  {keys: ['home', 'g'], does: 'to the first', run: model => still(move(model, 'first'))},
  {keys: ['end', 'G'], does: 'to the last', run: model => still(move(model, 'last'))},
  {
    keys: ['tab', 'right', 'l'],
    does: 'the next part of this screen',
    run: model => still(goToPane(model, 1)),
  },
  {keys: ['S-tab', 'left', 'h'], does: 'the part before', run: model => still(goToPane(model, -1))},
  {keys: ['space'], does: 'mark the row, or take its mark away', run: model => still(mark(model))},
  {keys: ['*'], does: 'mark all rows, or none', run: model => still(markAll(model))},
  {keys: ['o'], does: 'order the rows by something else', run: order},
  {
    keys: ['escape'],
    does: 'back: marks, filter, then the screen before',
    run: model => still(stepBack(model)),
  },
  {keys: ['C-l'], does: 'draw the screen anew', run: model => [model, [{is: 'redraw'}]]},
  {keys: ['!'], does: 'a shell on this box, where TUI_SHELL=1 allows it', run: shell},
  {keys: ['q', 'C-c'], does: 'leave', short: 'quit', run: leave},
];

function help(model: Model): Turn {
  const text = helpLines(openScreen(model), openPane(model), everywhere, model.size.columns);
  return still({...model, dialog: {is: 'text', title: 'Help', text, top: 0}});
}

function filter(model: Model): Turn {
  if (openPane(model).is !== 'table') return still(saying(model, 'There is nothing to filter here.'));
  return still({...model, dialog: {is: 'filter', typed: placeHere(model).filter}});
}

function order(model: Model): Turn {
  const pane = openPane(model);
  if (pane.is !== 'table' || pane.sorts.length < 2) return still(saying(model, 'There is one order here.'));
  const sort = (placeHere(model).sort + 1) % pane.sorts.length;
  return still(saying(withPlace(model, {sort}), `Ordered: ${pane.sorts[sort] ?? ''}.`));
}

function stepBack(model: Model): Model {
  const {marks, filter} = placeHere(model);
  if (marks.size > 0) return withPlace(model, {marks: new Set()});
  if (filter !== '') return withPlace(model, {filter: ''});
  return goBack(model);
}

function shell(model: Model): Turn {
  if (!model.hasShell)
    return still(saying(model, 'There is no shell here: TUI_SHELL=1 dubstead tui has one.', 'warn'));
  if (model.isReadOnly) return still(saying(model, 'Read only: there is no shell here.', 'warn'));
  return [goTo(model, 'shell'), [{is: 'shell'}]];
}

/** It is asked, since Enter says yes to whoever pressed it meaning it: nothing is lost by leaving. */
export function leave(model: Model): Turn {
  return asking(model, {
    title: 'Leave?',
    about: ['The box goes on without this screen. Enter leaves, Esc stays.'],
    choices: [
      {name: 'leave', about: 'back to the shell'},
      {name: 'stay', about: ''},
    ],
    answer: (word, after) => (word === 'leave' ? [after, [{is: 'quit'}]] : still(after)),
  });
}

/** Screens by name, and what the keys of the open one do. */
function palette(model: Model): Turn {
  const screens: readonly Choice[] = numbered.map((name, i) => {
    return {name, about: `screen ${i + 1}: ${screenOf(name).title}`};
  });
  const themes = themeNames.map(name => ({name: `theme ${name}`, about: 'how this looks'}));
  const here = openPane(model).keys.map(({keys, does, short = ''}) => {
    return {name: does, about: `key ${keys[0] ?? ''} ${short}`.trim()};
  });
  return asking(model, {
    title: 'Go to',
    about: [],
    choices: [
      ...screens,
      ...here,
      ...themes,
      {name: 'help', about: 'all keys'},
      {name: 'quit', about: 'leave'},
    ],
    answer(word, after) {
      const screen = numbered.find(name => name === word);
      if (screen !== undefined) return still(goTo(after, screen));
      const theme = themeNames.find(name => `theme ${name}` === word);
      if (theme !== undefined) return [{...after, theme}, [{is: 'redraw'}]];
      if (word === 'help') return help(after);
      if (word === 'quit') return [after, [{is: 'quit'}]];
      const binding = openPane(after).keys.find(({does}) => does === word);
      return binding === undefined ? still(after) : pressed(after, binding);
    },
  });
}

/** Does what a key does, where it may. */
export function pressed(model: Model, binding: Binding): Turn {
  if (binding.changes === true && model.isReadOnly)
    return still(saying(model, 'Read only: nothing can be changed from this screen.', 'warn'));
  return binding.run(model);
}

/** The pane's own keys come first. */
export function bindingOf(model: Model, key: string): Binding | undefined {
  const own = openPane(model).keys.find(({keys}) => keys.includes(key));
  return own ?? everywhere.find(({keys}) => keys.includes(key));
}

export function byNumber(model: Model, key: string): Model | undefined {
  const name = /^[1-9]$/.test(key) ? numbered[Number(key) - 1] : undefined;
  return name === undefined ? undefined : goTo(model, name);
}

/** What stands at the bottom: the pane's own first. */
export function hints(model: Model): readonly Binding[] {
  if (model.screen === 'shell') return openPane(model).keys;
  const own = openPane(model).keys.filter(({short, when}) => short !== undefined && when?.(model) !== false);
  const panes = openScreen(model).panes.length > 1 ? everywhere.filter(({keys}) => keys[0] === 'tab') : [];
  return [
    ...own,
    ...panes.map(tab => ({...tab, short: 'next part'})),
    ...everywhere.filter(({short}) => short !== undefined),
  ];
}
