/** Owns the key that starts the daemon where it does not answer. Pure. */
import {type Model, saying, type Turn} from '../model.ts';
import type {Binding} from '../pane.ts';

export const startKey: Binding = {
  keys: ['s'],
  does: 'start the daemon, when it is down',
  changes: true,
  run: start,
};

function start(model: Model): Turn {
  if (model.link.is !== 'down') return [saying(model, 'The daemon is up.'), []];
  return [model, [{is: 'start-daemon'}]];
}
