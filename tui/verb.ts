/**
 * Owns what a verb of the command line is: its options, its words, a pure reader of what stands behind it, and what it
 * does. Help, parser and manual come from that one declaration. Never reads argv itself.
 */
import {parseArgs} from 'node:util';
import {no, ok, type Result} from '../appliance/result.ts';
import type {World} from './world.ts';

/** What a reader may know of where it is. */
export interface Surroundings {
  readonly folder: string;
  readonly processors: number;
}

export interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** May be given more than once. */
  readonly multiple?: boolean;
  /** What its value is called in the help. */
  readonly value?: string;
  /** All the values it takes: the parser refuses others. */
  readonly choices?: readonly string[];
  /** Values worth offering, among others. */
  readonly hints?: readonly string[];
  /** Several of them may stand in one value, with commas between. */
  readonly commas?: true;
  /** What its value names, where that is a thing to be looked for. */
  readonly names?: Thing;
  readonly about: string;
}

/** What a word can name that a shell can find. */
export type Thing = 'file' | 'folder' | 'job';

export type Options = Readonly<Record<string, Option>>;

export const text = (value: string, about: string) => ({type: 'string', value, about}) as const;
export const choice = <const C extends readonly string[]>(value: string, choices: C, about: string) =>
  ({type: 'string', value, choices, about}) as const;
export const texts = (value: string, about: string) =>
  ({type: 'string', multiple: true, value, about}) as const;
export const flag = (about: string) => ({type: 'boolean', about}) as const;

const help = {type: 'boolean', short: 'h', about: 'this'} as const;

export type Given<O extends Options> = {
  readonly [Name in keyof O]?: O[Name] extends {readonly multiple: true}
    ? readonly string[] | undefined
    : O[Name] extends {readonly choices: readonly (infer Choice)[]}
      ? Choice | undefined
      : O[Name]['type'] extends 'string'
        ? string | undefined
        : boolean | undefined;
};

export interface Spec<O extends Options, Asked> {
  readonly name: string;
  /** What goes behind the name: `FILE… --to LANGUAGE [options]`. */
  readonly takes: string;
  /** For the list of all verbs: how it is called there, when not as `takes` has it, and what it does. */
  readonly short?: string;
  readonly brief: string;
  /** For its own help; paragraphs are wrapped, and what is indented is not. */
  readonly about: string;
  readonly options: O;
  /** What can be done, as the first word says: the parser refuses others. Left out, it is the first of these. */
  readonly deeds?: readonly string[];
  /** What its words name. */
  readonly names?: Thing;
  readonly examples: readonly string[];
  /** `numbers`: a word such as `-5` is one too, the last. */
  readonly words: 'none' | 'some' | 'numbers';
  /** Pure. What is wrong is one sentence. */
  read(given: Given<O>, words: readonly string[], around: Surroundings): Result<Asked, string>;
  /** Its exit code. What it throws is a bug, or a failure that has its words elsewhere. */
  run(asked: Asked, world: World): Promise<number>;
}

/** What was asked for, and doing it. */
export interface Errand {
  readonly verb: string;
  readonly asked: unknown;
  run(world: World): Promise<number>;
}

export interface Verb extends Omit<Spec<Options, never>, 'read' | 'run' | 'words'> {
  /** Null when its help was asked for. */
  read(argv: readonly string[], around: Surroundings): Result<Errand | null, string>;
}

export function verb<const O extends Options, Asked>(spec: Spec<O, Asked>): Verb {
  const {name, words, ...told} = spec;
  const options = {...spec.options, help};
  return {
    ...told,
    ...{name, options},
    read(argv, around) {
      const split = splitUp(argv, options, words);
      if (!split.ok) return split;
      const {values, positionals} = split.value;
      if (values['help'] === true) return ok(null);
      const odd = oddChoice(values, options) ?? oddDeed(positionals[0], spec.deeds);
      if (odd !== undefined) return no(odd);
      // parseArgs made it of these options: that it has their types is what the types cannot follow.
      const asked = spec.read(values as Given<O>, positionals, around);
      if (!asked.ok) return asked;
      return ok({verb: name, asked: asked.value, run: world => spec.run(asked.value, world)});
    },
  };
}

function oddChoice(values: Split['values'], options: Options): string | undefined {
  for (const [name, {choices}] of Object.entries(options)) {
    const said = values[name];
    if (choices !== undefined && typeof said === 'string' && !choices.includes(said))
      return `--${name} is ${either(choices)}, not "${said}".`;
  }
  return undefined;
}

function oddDeed(word: string | undefined, deeds: readonly string[] | undefined): string | undefined {
  if (word === undefined || deeds === undefined || deeds.includes(word)) return undefined;
  return `What is to be done is ${either(deeds)}, not "${word}".`;
}

/** `fast, balanced or best`. */
export function either(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

interface Split {
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
}

function splitUp(
  argv: readonly string[],
  options: Options,
  words: Spec<Options, never>['words'],
): Result<Split, string> {
  const joined = joinedValues(argv, options);
  const isNumber = (word: string): boolean => words === 'numbers' && /^-\d+$/.test(word);
  try {
    const {values, positionals} = parseArgs({
      args: joined.filter(word => !isNumber(word)),
      options,
      allowPositionals: words !== 'none',
    });
    return ok({values: {...values}, positionals: [...positionals, ...joined.filter(isNumber)]});
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    // The first sentence says what is wrong; the rest is advice about quoting that does not fit here.
    return no(`${cause.message.split('. ')[0]}.`);
  }
}

/**
 * `--loudness -14` and `--text "- Hola"` as one word each: parseArgs takes a value that starts with a dash for
 * another option. Two dashes are one.
 */
function joinedValues(argv: readonly string[], options: Options): readonly string[] {
  const words: string[] = [];
  let ended = false;
  for (const word of argv) {
    const last = words.at(-1) ?? '';
    const takesValue = last.startsWith('--') && options[last.slice(2)]?.type === 'string';
    if (!ended && takesValue && /^-(?!-)/.test(word)) words[words.length - 1] = `${last}=${word}`;
    else words.push(word);
    ended ||= word === '--';
  }
  return words;
}
