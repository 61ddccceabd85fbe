/** Owns what keys do while something is asked of the person, and what it asks with. Pure. */
import {unreachable} from '../../appliance/result.ts';
import {type Choice, type Deed, type Dialog, type Key, type Model, saying, type Turn} from './model.ts';
import {withPlace} from './navigate.ts';
import type {Size} from './text.ts';

const typedLimit = 200;

/** How many rows there are in a frame that takes the whole screen. */
export function dialogRows({rows}: Size): number {
  return rows - 2;
}

/** The choices that what was typed leaves: the one that it is, those that begin with it, and those that have it in them. */
export function choicesFor(choices: readonly Choice[], typed: string): readonly Choice[] {
  const word = typed.trim().toLowerCase();
  const rank = ({name, about}: Choice): number => {
    const own = name.toLowerCase();
    if (own.startsWith(word)) return own === word ? 0 : 1;
    return `${own} ${about.toLowerCase()}`.includes(word) ? 2 : 3;
  };
  return choices.filter(choice => rank(choice) < 3).toSorted((a, b) => rank(a) - rank(b));
}

/** A question whose default is no. With `must`, that has to be typed as well. */
export function confirming(
  model: Model,
  asked: {
    readonly title: string;
    readonly about: readonly string[];
    readonly label: string;
    readonly deed: Deed;
    readonly must?: number;
  },
): Turn {
  const {must, ...rest} = asked;
  const dialog: Dialog = {
    ...rest,
    is: 'confirm',
    must: must === undefined ? null : String(must),
    typed: '',
    onDeed: false,
  };
  return [{...model, dialog}, []];
}

export function asking(
  model: Model,
  asked: Pick<Extract<Dialog, {is: 'ask'}>, 'title' | 'about' | 'answer'> & {
    readonly choices?: readonly Choice[];
    readonly typed?: string;
  },
): Turn {
  const {choices = null, typed = '', ...rest} = asked;
  return [{...model, dialog: {...rest, is: 'ask', typed, choices, at: 0, trouble: null}}, []];
}

export function inDialog(model: Model, dialog: Dialog, key: Key): Turn {
  switch (dialog.is) {
    case 'text':
      return [scrolled(model, dialog, key), []];
    case 'filter':
      return [filtering(model, dialog, key), []];
    case 'ask':
      return inAsk(model, dialog, key);
    case 'confirm':
      return inConfirm(model, dialog, key);
    default:
      return unreachable(dialog);
  }
}

function scrolled(model: Model, dialog: Extract<Dialog, {is: 'text'}>, {name}: Key): Model {
  const closes = ['escape', 'q', 'enter', '?'];
  if (closes.includes(name)) return {...model, dialog: null};
  const rows = dialogRows(model.size);
  const {length} = dialog.text;
  const by =
    {
      ...{up: -1, k: -1, down: 1, j: 1, pageup: 1 - rows, pagedown: rows - 1, space: rows - 1},
      ...{home: -length, g: -length, end: length, G: length},
    }[name] ?? 0;
  const top = Math.max(0, Math.min(length - rows, dialog.top + by));
  return {...model, dialog: {...dialog, top}};
}

function filtering(model: Model, {typed}: Extract<Dialog, {is: 'filter'}>, key: Key): Model {
  const first = {cursor: null, index: 0, top: 0};
  if (key.name === 'enter') return {...model, dialog: null};
  if (key.name === 'escape') return withPlace({...model, dialog: null}, {filter: '', ...first});
  const next = edited(typed, key);
  if (next === typed) return model;
  return withPlace({...model, dialog: {is: 'filter', typed: next}}, {filter: next, ...first});
}

/** One line of text, changed by a key at its end. */
function edited(typed: string, {name, text}: Key): string {
  if (name === 'backspace') return [...typed].slice(0, -1).join('');
  if (name === 'C-u') return '';
  if (name === 'C-w') return typed.replace(/\S*\s*$/, '');
  return text === null ? typed : (typed + text).slice(0, typedLimit);
}

function inAsk(model: Model, dialog: Extract<Dialog, {is: 'ask'}>, key: Key): Turn {
  const {choices, typed, at, answer} = dialog;
  const left = choices === null ? [] : choicesFor(choices, typed);
  const with_ = (change: Partial<typeof dialog>): Turn => [{...model, dialog: {...dialog, ...change}}, []];
  if (key.name === 'escape') return [{...model, dialog: null}, []];
  if (key.name === 'up') return with_({at: Math.max(0, at - 1)});
  if (key.name === 'down') return with_({at: Math.max(0, Math.min(left.length - 1, at + 1))});
  if (key.name === 'tab') return with_({typed: left[at]?.name ?? typed, at: 0});
  if (key.name !== 'enter') return with_({typed: edited(typed, key), at: 0, trouble: null});
  const words = choices === null ? typed : left[at]?.name;
  if (words === undefined) return with_({trouble: `There is no "${typed}" among these.`});
  const answered = answer(words, {...model, dialog: null});
  return typeof answered === 'string' ? with_({trouble: answered}) : answered;
}

function inConfirm(model: Model, dialog: Extract<Dialog, {is: 'confirm'}>, key: Key): Turn {
  const {deed, must, typed, onDeed} = dialog;
  const closed: Model = {...model, dialog: null};
  if (key.name === 'escape') return [saying(closed, 'Nothing was done.'), []];
  if (must !== null) {
    if (key.name !== 'enter') return [{...model, dialog: {...dialog, typed: edited(typed, key)}}, []];
    if (typed.trim() === must) return [saying(closed, 'Working on it …', 'busy'), [{is: 'do', deed}]];
    const why = typed.trim() === '' ? 'Nothing was done.' : `That is not ${must}: nothing was done.`;
    return [saying(closed, why, 'warn'), []];
  }
  if (['left', 'right', 'tab', 'S-tab', 'h', 'l'].includes(key.name))
    return [{...model, dialog: {...dialog, onDeed: !onDeed}}, []];
  if (key.name !== 'enter') return [model, []];
  if (!onDeed) return [saying(closed, 'Nothing was done.'), []];
  return [saying(closed, 'Working on it …', 'busy'), [{is: 'do', deed}]];
}
