/** Owns what every message makes of the model, and what is to happen then. Pure. */
import {describeApiTrouble} from '../../appliance/api/trouble.ts';
import {unreachable} from '../../appliance/result.ts';
import {padded, widthOf} from '../width.ts';
import {inDialog} from './dialogs.ts';
import {bindingOf, byNumber, pressed} from './keys.ts';
import {type Effect, type Key, type Message, type Model, saying, type Turn} from './model.ts';
import {goBack, settled, unmarked} from './navigate.ts';
import {answered, heard, logged, trailed, withJobs} from './news.ts';
import {type Line, line, lines, paragraph, type Size, span} from './text.ts';

export function update(model: Model, message: Message): Turn {
  const [next, effects] = turned(model, message);
  return [settled(next), effects];
}

function turned(model: Model, message: Message): Turn {
  switch (message.is) {
    case 'key':
      return keyed(model, message.key);
    case 'resized':
      return [{...model, size: message.size}, []];
    case 'tick':
      return [ticked(model, message.now), []];
    case 'heard':
      return heard(model, message.events, message.now);
    case 'broken':
      return [broken(model, message), []];
    case 'jobs':
      return [withJobs(model, message.jobs, message), []];
    case 'log':
      return [logged(model, message.id, message.events, message.begins), []];
    case 'trail':
      return [trailed(model, message.events, message.begins), []];
    case 'answered':
      return [answered(model, message), []];
    case 'did':
      return did(model, message);
    case 'squared':
      return [
        {...model, dialog: {is: 'text', title: message.title, text: squared(message, model.size), top: 0}},
        [],
      ];
    case 'shell':
      return [shown(model, message.shown, message.trouble), []];
    case 'started':
      return [started(model, message.trouble), []];
    default:
      return unreachable(message);
  }
}

function keyed(model: Model, key: Key): Turn {
  if (model.screen === 'shell' && model.dialog === null)
    return key.name === 'C-]' ? [goBack(model), []] : [model, [{is: 'type', raw: key.raw}]];
  if (model.dialog !== null && key.name !== 'C-c' && key.name !== 'C-l')
    return inDialog(model, model.dialog, key);
  const binding = bindingOf(model, key.name);
  const numbered = byNumber(model, key.name);
  if (numbered !== undefined && model.dialog === null) return [numbered, []];
  return binding === undefined ? [model, []] : pressed(model, binding);
}

function ticked(model: Model, now: number): Model {
  const isOver = model.said !== null && now >= model.said.until;
  return {...model, now, said: isOver ? null : model.said};
}

function broken(model: Model, {trouble}: Extract<Message, {is: 'broken'}>): Model {
  const starting = model.link.is === 'down' && model.link.starting;
  return {...model, link: {is: 'down', trouble, starting}};
}

function started(model: Model, trouble: string | null): Model {
  const {link} = model;
  const next: Model = link.is === 'down' ? {...model, link: {...link, starting: trouble === null}} : model;
  if (trouble !== null) return saying(next, trouble, 'bad');
  return saying(next, 'The daemon is being started …', 'busy');
}

function shown(model: Model, shell: Model['shell'], trouble?: string): Model {
  if (shell !== null) return {...model, shell};
  const next: Model = {...model, shell: null};
  return model.screen === 'shell'
    ? saying(
        goBack(next),
        trouble === undefined ? 'The shell has ended.' : `There is no shell: ${trouble}`,
        trouble === undefined ? 'plain' : 'bad',
      )
    : next;
}

/** What is to be typed stands beside the code where that fits, so that nothing has to be scrolled for a phone. */
function squared({code, about}: Extract<Message, {is: 'squared'}>, {columns}: Size): readonly Line[] {
  const wide = Math.max(0, ...code.map(widthOf));
  const room = Math.min(columns - 10, 90) - wide - 2;
  if (room < 24) return [...lines(code), line(), ...about.flatMap(text => paragraph(text, columns - 12))];
  const beside = about.flatMap(text => [line(), ...paragraph(text, room)]);
  return Array.from({length: Math.max(code.length, beside.length)}, (_, row) => [
    span(padded(code[row] ?? '', wide + 2)),
    ...(beside[row] ?? []),
  ]);
}

/** All of it went well, or how much of it did and what the first no was. */
function did(model: Model, {deed, results}: Extract<Message, {is: 'did'}>): Turn {
  const answers = results.flatMap(result => (result.ok ? [result.value] : []));
  const trouble = results.find(result => !result.ok);
  const refresh: readonly Effect[] = deed.refresh.length === 0 ? [] : [{is: 'refresh', of: deed.refresh}];
  if (trouble !== undefined) {
    const {what, fix} = describeApiTrouble(trouble.why);
    const some = deed.calls.length === 1 ? '' : `${answers.length} of ${deed.calls.length} done. `;
    return [saying(model, `${some}${what} ${fix}`, 'bad'), refresh];
  }
  // What was marked was marked for this.
  const next = saying(unmarked(model), deed.done, 'good');
  if (deed.leadsTo === undefined) return [next, refresh];
  const [after, effects] = deed.leadsTo(answers, next);
  return [after, [...refresh, ...effects]];
}
