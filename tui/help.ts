/** Owns the words of the command line's help, made of what each verb says of itself. Fits 80 columns and 24 lines. */
import {exitMeanings} from './exit-codes.ts';
import {field} from './table.ts';
import type {Option, Verb} from './verb.ts';
import {verbGroups, verbOf} from './verbs.ts';
import {wrapped} from './width.ts';

const columns = 80;
const verbColumns = 23;
const optionColumns = 22;

const codes = exitMeanings.map(({code, brief}) => `${code} ${brief}`).join(', ');

/** Of a verb that there is none of, it is the list of all. */
export function help(name: string | undefined): string {
  const verb = verbOf(name);
  return (verb === undefined ? overview() : detailsOf(verb)).join('\n');
}

function overview(): readonly string[] {
  return [
    ...wrapped('dubstead: a video in, the same in your language out; nothing leaves this box.', columns),
    ...verbGroups.flatMap((group, at) => [...(at === 0 ? [] : ['']), ...group.flatMap(lineOf)]),
    ...wrapped(`dubstead help VERB says more. Exit codes: ${codes}.`, columns),
  ];
}

function lineOf({name, short, takes, brief}: Verb): readonly string[] {
  return field(`  ${name} ${short ?? takes}`, brief, {nameColumns: verbColumns, columns});
}

function detailsOf({name, takes, about, options, examples}: Verb): readonly string[] {
  const listed = Object.entries(options).filter(([option]) => option !== 'help');
  return [
    ...wrapped(`dubstead ${name} ${takes}`.trim(), columns),
    '',
    ...wrapped(about, columns),
    ...(listed.length === 0 ? [] : ['', ...listed.flatMap(optionLines)]),
    '',
    ...examples.map(example => `  ${example}`),
  ];
}

function optionLines([name, {short, value, about}]: readonly [string, Option]): readonly string[] {
  const letter = short === undefined ? '' : `-${short}, `;
  const said = `  ${letter}--${name}${value === undefined ? '' : ` ${value}`}`;
  return field(said, about, {nameColumns: optionColumns, columns});
}
