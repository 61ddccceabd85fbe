/** Owns moving about: between screens, panes, rows and lines, and marking rows. Pure. */

import type {Model, Place, ScreenName} from './model.ts';
import {indexOf, type Pane, placeIn, placeKey, type Screen} from './pane.ts';
import {screenOf} from './screens.ts';
import type {Size} from './text.ts';

/** What is not the pane's: two lines above and one below, and one more where there is something to say of the pane. */
const frameRows = 3;

export function paneSize(model: Model): Size {
  const {columns, rows} = model.size;
  return {columns, rows: Math.max(1, rows - frameRows - (hasPaneLine(model) ? 1 : 0))};
}

/** Which of several panes it is, or what was done to its rows. */
export function hasPaneLine(model: Model): boolean {
  const {filter, marks, sort} = placeHere(model);
  return openScreen(model).panes.length > 1 || filter !== '' || marks.size > 0 || sort > 0;
}

export function openScreen(model: Model): Screen {
  return screenOf(model.screen);
}

export function openPane(model: Model): Pane {
  const {panes} = openScreen(model);
  return panes[model.panes[model.screen] ?? 0] ?? panes[0];
}

export function placeHere(model: Model): Place {
  return placeIn(model, model.screen, openPane(model));
}

export function withPlace(model: Model, change: Partial<Place>): Model {
  const key = placeKey(model.screen, openPane(model).name);
  return {...model, places: {...model.places, [key]: {...placeHere(model), ...change}}};
}

export function goTo(model: Model, screen: ScreenName): Model {
  if (screen === model.screen) return model;
  const back = [model.screen, ...model.back.filter(name => name !== model.screen && name !== screen)];
  return {...model, screen, back: back.slice(0, 9), dialog: null};
}

/** To where somebody came from; out of a job to the jobs. */
export function goBack(model: Model): Model {
  const [last, ...back] = model.back;
  return last === undefined ? model : {...model, screen: last, back, dialog: null};
}

export function goToPane(model: Model, by: number): Model {
  const {panes} = openScreen(model);
  const at = ((model.panes[model.screen] ?? 0) + by + panes.length) % panes.length;
  return {...model, panes: {...model.panes, [model.screen]: at}};
}

/** Opens a screen at one of its panes. */
export function paneNamed(model: Model, screen: ScreenName, name: string): Model {
  const at = screenOf(screen).panes.findIndex(pane => pane.name === name);
  return {...goTo(model, screen), panes: {...model.panes, [screen]: Math.max(0, at)}};
}

export type Step = 'up' | 'down' | 'page-up' | 'page-down' | 'first' | 'last';

export function move(model: Model, step: Step): Model {
  const pane = openPane(model);
  const place = placeHere(model);
  const size = paneSize(model);
  if (pane.is === 'text') {
    const length = pane.text(model, size.columns).length;
    const last = Math.max(0, length - size.rows);
    // It may have been longer when it was scrolled.
    const at = Math.min(place.top ?? last, last);
    const next = stepped(step, {at, length: last + 1, page: Math.max(1, size.rows - 1)});
    return withPlace(model, {top: pane.follows === true && next >= last ? null : next});
  }
  const ids = pane.ids(model, place);
  const page = pane.room(model, place, size);
  const index = stepped(step, {at: indexOf(ids, place), length: ids.length, page});
  const top = index < (place.top ?? 0) ? index : Math.max(place.top ?? 0, index - page + 1);
  return withPlace(model, {cursor: ids[index] ?? null, index, top});
}

/**
 * A cursor that nobody has moved stays on the row that was first when it was seen: keys act on what somebody looked at, and
 * not on what came a moment ago. Remembers where the cursor's row is now, for when it is gone; when it is, the one that stands there is the cursor's, but
 * not while only some of the rows have come.
 */
export function settled(model: Model): Model {
  const pane = openPane(model);
  const place = placeHere(model);
  if (pane.is !== 'table') return model;
  const ids = pane.ids(model, place);
  const index = indexOf(ids, place);
  const cursor = ids[index];
  if (cursor === undefined || (cursor === place.cursor && index === place.index)) return model;
  const isHalf = model.screen === 'jobs' && model.jobs.is === 'loading';
  if (cursor !== place.cursor && isHalf && place.cursor !== null) return model;
  return withPlace(model, {cursor, index});
}

interface Stand {
  readonly at: number;
  readonly length: number;
  readonly page: number;
}

function stepped(step: Step, {at, length, page}: Stand): number {
  const by = {up: -1, down: 1, 'page-up': -page, 'page-down': page, first: -length, last: length}[step];
  return Math.max(0, Math.min(length - 1, at + by));
}

/** Marks the row or takes its mark away, and goes on to the next. */
export function mark(model: Model): Model {
  const pane = openPane(model);
  if (pane.is !== 'table') return model;
  const place = placeHere(model);
  const ids = pane.ids(model, place);
  const id = ids[indexOf(ids, place)];
  if (id === undefined) return model;
  const marks = new Set(place.marks);
  if (!marks.delete(id)) marks.add(id);
  return move(withPlace(model, {marks}), 'down');
}

export function unmarked(model: Model): Model {
  return placeHere(model).marks.size === 0 ? model : withPlace(model, {marks: new Set()});
}

/** All rows that the filter leaves; when all of them are marked, none. */
export function markAll(model: Model): Model {
  const pane = openPane(model);
  if (pane.is !== 'table') return model;
  const place = placeHere(model);
  const ids = pane.ids(model, place);
  const isAll = ids.every(id => place.marks.has(id));
  return withPlace(model, {marks: new Set(isAll ? [] : ids)});
}
