/** Owns how a model looks: the frame around a screen, the screen in it, and what is asked of the person over it. Pure. */

import {describeApiTrouble} from '../../appliance/api/trouble.ts';
import {printable} from '../clean.ts';
import {clipped, padded, widthOf} from '../width.ts';
import {count, timeOf} from '../words.ts';
import {choicesFor, dialogRows} from './dialogs.ts';
import {Grid} from './grid.ts';
import {keyName} from './help.ts';
import {hints} from './keys.ts';
import {type Dialog, type Model, numbered} from './model.ts';
import {hasPaneLine, openPane, openScreen, paneSize, placeHere} from './navigate.ts';
import type {Pane} from './pane.ts';
import {screenOf} from './screens.ts';
import {
  ends,
  fitted,
  type Line,
  line,
  lineWidth,
  paragraph,
  type Size,
  type Span,
  span,
  toned,
} from './text.ts';

export const least: Size = {columns: 60, rows: 15};

export function view(model: Model): Grid {
  const {size} = model;
  const grid = new Grid(size);
  if (size.columns < least.columns || size.rows < least.rows) return tooSmall(grid);
  const {columns, rows} = size;
  grid.put(0, 0, bar(topLine(model), columns));
  grid.put(1, 0, fitted(tabs(model), columns));
  const hasLine = hasPaneLine(model);
  if (hasLine) grid.put(2, 0, paneLine(model));
  for (const [i, text] of bodyOf(model, openPane(model)).entries())
    grid.put((hasLine ? 3 : 2) + i, 0, fitted(text, columns));
  grid.put(rows - 1, 0, bottomLine(model, columns));
  if (model.dialog !== null) drawDialog(grid, model.dialog);
  return grid;
}

function tooSmall(grid: Grid): Grid {
  const {columns, rows} = grid.size;
  const text = [`This needs ${least.columns} × ${least.rows};`, `here are ${columns} × ${rows}.`];
  for (const [i, words] of text.entries()) grid.put(i, 0, fitted(line(span(words, 'warn')), columns));
  return grid;
}

function bodyOf(model: Model, pane: Pane): readonly Line[] {
  const size = paneSize(model);
  const place = placeHere(model);
  if (pane.is === 'table') return pane.draw(model, place, size).slice(0, size.rows);
  const text = pane.text(model, size.columns);
  const last = Math.max(0, text.length - size.rows);
  const top = Math.min(place.top ?? last, last);
  return text.slice(top, top + size.rows);
}

function bar(text: Line, columns: number): Line {
  const fit = fitted(text, columns);
  const rest = ' '.repeat(Math.max(0, columns - lineWidth(fit)));
  return toned([...fit, {text: rest, tone: 'bar'}], 'bar');
}

/** What matters whatever screen is open: whether the box answers, whether it works, and what needs somebody. */
function topLine(model: Model): Line {
  const {link, held, alerts, now, zone, size, isReadOnly} = model;
  const status = held.status?.value;
  const needs = alerts.length === 0 ? '' : ` · ${count(alerts.length, 'alert')}`;
  const left = [' Dubstead', status == null ? '' : ` ${status.version}`, ` · ${linkWords(model)}${needs}`];
  if (link.is === 'up' && status != null) {
    const {counts, mode} = status.queue;
    const running = counts.running + counts.pausing + counts.stopping;
    left.push(
      mode === 'running' ? '' : ` · QUEUE ${mode.toUpperCase()}`,
      ` · ${running} running, ${counts.queued} queued`,
    );
  }
  if (isReadOnly) left.push(' · read only');
  const start = line(left.join(''));
  const clock = line(`${timeOf(now, zone)} `);
  // Half of a time is none.
  return ends(start, lineWidth(start) + lineWidth(clock) < size.columns ? clock : [], size.columns);
}

function linkWords({link}: Model): string {
  if (link.is === 'opening') return 'asking the daemon …';
  if (link.is === 'up') return 'up';
  return link.starting ? 'THE DAEMON IS STARTING' : 'THE DAEMON IS DOWN';
}

/** `1Status 2Jobs …` fits in 80 columns. */
function tabs(model: Model): Line {
  const open = model.screen === 'job' ? 'jobs' : model.screen;
  return numbered.flatMap((name, i) => {
    const title = screenOf(name).title;
    return [span(String(i + 1), 'key'), span(title, name === open ? 'title' : 'dim'), span(' ')];
  });
}

function paneLine(model: Model): Line {
  const {panes, title} = openScreen(model);
  const pane = openPane(model);
  const {filter, marks, sort} = placeHere(model);
  const names =
    panes.length === 1
      ? []
      : panes.flatMap(one => [
          one === pane ? span(`[${one.title}]`, 'title') : span(` ${one.title} `, 'dim'),
          span(' '),
        ]);
  const facts = [
    ...(filter === '' ? [] : [`/${filter}`]),
    ...(pane.is === 'table' && sort > 0 ? [`by ${pane.sorts[sort] ?? ''}`] : []),
    ...(marks.size === 0 ? [] : [`${marks.size} marked`]),
  ];
  const start = model.screen === 'job' ? [span(` ${title} ${model.job ?? ''} `, 'strong')] : [span(' ')];
  return ends([...start, ...names], line(span(facts.join(' · '), 'warn')), model.size.columns);
}

function bottomLine(model: Model, columns: number): Line {
  if (model.said !== null) return fitted(line(span(` ${model.said.text}`, model.said.tone)), columns);
  if (model.dialog?.is === 'filter')
    return fitted(
      line(
        span(' /', 'key'),
        endOf(model.dialog.typed, columns - 34),
        span('▏', 'busy'),
        span('  Enter keeps it, Esc shows all', 'dim'),
      ),
      columns,
    );
  // The first screen says it at more length.
  if (model.link.is === 'down' && model.screen !== 'status') {
    const {what} = describeApiTrouble(model.link.trouble);
    return fitted(line(span(` ${what}`, 'bad')), columns);
  }
  const below = linesBelow(model);
  const more = below === 0 ? '' : `${keyName('down')} ${below} more `;
  const pieces: Span[] = [span(' ')];
  for (const {keys, short = ''} of hints(model)) {
    const next = [span(keyName(keys[0] ?? ''), 'key'), span(` ${short}  `, 'dim')];
    if (lineWidth([...pieces, ...next]) > columns - widthOf(more)) break;
    pieces.push(...next);
  }
  return more === '' ? pieces : ends(pieces, line(span(more, 'warn')), columns);
}

/** Of a text that goes on below the screen. */
function linesBelow(model: Model): number {
  const pane = openPane(model);
  if (pane.is !== 'text') return 0;
  const {top} = placeHere(model);
  if (top === null) return 0;
  const {columns, rows} = paneSize(model);
  return Math.max(0, pane.text(model, columns).length - rows - top);
}

/** Of what is typed, the end: that is where somebody types. */
function endOf(typed: string, columns: number): string {
  const characters = [...printable(typed)];
  let wide = widthOf(characters.join(''));
  let from = 0;
  for (; wide > columns; from++) wide -= widthOf(characters[from] ?? '');
  return characters.slice(from).join('');
}

interface Box {
  readonly title: string;
  readonly text: readonly Line[];
  readonly foot: string;
  readonly wide: number;
}

function drawDialog(grid: Grid, dialog: Dialog): void {
  if (dialog.is === 'filter') return;
  const {columns, rows} = grid.size;
  const room = {columns: Math.min(columns - 4, 96) - 4, rows: dialogRows(grid.size)};
  const {title: whole, text, foot, wide} = boxOf(dialog, room);
  const title = clipped(printable(whole), room.columns);
  const inner = Math.min(room.columns, Math.max(wide, widthOf(foot), widthOf(title), ...text.map(lineWidth)));
  const height = Math.min(room.rows, text.length);
  const [top, left] = [
    Math.max(0, Math.floor((rows - height - 2) / 2)),
    Math.floor((columns - inner - 4) / 2),
  ];
  const edge = (start: string, words: string, end: string): Line =>
    line(
      span(start, 'title'),
      span(words === '' ? '' : ` ${words} `, 'title'),
      span('─'.repeat(Math.max(0, inner + 2 - (words === '' ? 0 : widthOf(words) + 2))), 'title'),
      span(end, 'title'),
    );
  grid.put(top, left, edge('┌', title, '┐'));
  for (let i = 0; i < height; i++) {
    grid.fill(top + 1 + i, left, inner + 4);
    grid.put(top + 1 + i, left, line(span('│', 'title')));
    grid.put(top + 1 + i, left + 2, fitted(text[i] ?? [], inner));
    grid.put(top + 1 + i, left + inner + 3, line(span('│', 'title')));
  }
  grid.put(top + 1 + height, left, edge('└', foot, '┘'));
}

function boxOf(dialog: Exclude<Dialog, {is: 'filter'}>, room: Size): Box {
  const wide = Math.min(72, room.columns);
  /** What is asked has to be seen: what there is to say of it gives way. */
  const about = (texts: readonly string[], rows: number): readonly Line[] => {
    const text = texts.flatMap(text => paragraph(text, wide));
    const most = Math.max(0, room.rows - rows);
    return text.length <= most ? text : [...text.slice(0, Math.max(0, most - 1)), line(span('…', 'dim'))];
  };
  if (dialog.is === 'text') {
    const {title, text} = dialog;
    // The screen may have been smaller when it was scrolled.
    const top = Math.max(0, Math.min(dialog.top, text.length - room.rows));
    const foot =
      text.length > room.rows
        ? `${top + 1}–${Math.min(text.length, top + room.rows)} of ${text.length} · Esc`
        : 'Esc';
    return {title, text: text.slice(top, top + room.rows), foot, wide: 20};
  }
  if (dialog.is === 'confirm') {
    const {title, label, must, typed, onDeed} = dialog;
    const button = (words: string, isOn: boolean): Span =>
      span(isOn ? `[ ${words} ]` : `  ${words}  `, isOn ? 'cursor' : 'plain');
    const last =
      must === null
        ? line(button('Leave it', !onDeed), '  ', button(label, onDeed))
        : line(span(`Type ${must} and press Enter: ${label}. `, 'warn'), typed, span('▏', 'busy'));
    return {title, text: [...about(dialog.about, 2), line(), last], foot: 'Esc does nothing', wide: 40};
  }
  const {title, typed, choices, at, trouble} = dialog;
  const field = line(span('> ', 'key'), endOf(typed, room.columns - 3), span('▏', 'busy'));
  const wrong = trouble === null ? [] : paragraph(trouble, wide, 'bad');
  const left = choices === null ? [] : choicesFor(choices, typed);
  const told = about(dialog.about, 1 + wrong.length + Math.min(left.length, 4));
  const lines = [...told, field, ...wrong];
  const text = [...lines, ...choiceLines(left, at, Math.max(1, room.rows - lines.length))];
  return {title, text, foot: 'Enter · Esc', wide: choices === null ? 50 : 64};
}

function choiceLines(
  choices: readonly {readonly name: string; readonly about: string}[],
  at: number,
  room: number,
): readonly Line[] {
  const first = Math.max(0, Math.min(at - Math.floor(room / 2), choices.length - room));
  const wide = Math.min(40, Math.max(10, ...choices.map(({name}) => widthOf(name))));
  return choices.slice(first, first + room).map(({name, about}, i) => {
    const text = line(`${padded(name, wide)}  `, span(about, 'dim'));
    return first + i === at ? toned(text, 'cursor') : text;
  });
}
