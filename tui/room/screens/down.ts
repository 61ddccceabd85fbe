/** Owns the key that starts the daemon where it does not answer. Pure. */
import {type Model, saying, type Turn} from '../model.ts';
import type {Binding} from '../pane.ts';

export const startKey: Binding = {
  keys: ['s'],
  short: 'start it',
  when: ({link}) => link.is === 'down',
  does: 'start the daemon, when it is down',
  changes: true,
  run: start,
};

/** Another key may lead here too, so that this one looks itself whether it may. */
function start(model: Model): Turn {
  if (model.isReadOnly) return [saying(model, 'Read only: the daemon is not started from here.', 'warn'), []];
  if (model.link.is !== 'down') return [saying(model, 'The daemon is up.'), []];
  return [model, [{is: 'start-daemon'}]];
}
