/**
 * Owns what a shell may offer behind `dubstead`, as data made from the table of verbs: what each shell's script says. Pure,
 * and knows no shell.
 */
import type {Option, Thing, Verb} from '../verb.ts';

/** What can stand at one place: words of a list, or a thing that the shell looks for; null is anything. */
export type Offer =
  | {readonly is: 'words'; readonly words: readonly string[]; readonly commas: boolean}
  | {readonly is: Thing}
  | null;

export interface OptionOffer {
  readonly long: string;
  readonly short: string | null;
  readonly about: string;
  /** What its value is called, and which there are; null for one without. */
  readonly value: {readonly called: string; readonly offer: Offer} | null;
}

export interface VerbOffer {
  readonly name: string;
  readonly brief: string;
  /** As the first word behind the verb; empty where there are none. */
  readonly deeds: readonly string[];
  /** As any other word. */
  readonly words: Offer;
  readonly options: readonly OptionOffer[];
}

export function offersOf(verbs: readonly Verb[]): readonly VerbOffer[] {
  const help: VerbOffer = {
    ...{name: 'help', brief: 'more about a verb', deeds: [], options: []},
    words: wordsOf(verbs.map(({name}) => name)),
  };
  return [...verbs.map(offerOf), help];
}

function offerOf({name, brief, deeds = [], names, options}: Verb): VerbOffer {
  return {
    ...{name, brief, deeds},
    words: names === undefined ? null : {is: names},
    options: Object.entries(options).map(([long, option]) => optionOffer(long, option)),
  };
}

function optionOffer(long: string, option: Option): OptionOffer {
  const {short, type, value: called = '', about} = option;
  const value = type === 'string' ? {called, offer: valueOffer(option)} : null;
  return {long, short: short ?? null, about: long === 'help' ? 'help' : about, value};
}

function valueOffer({choices, hints, commas, names}: Option): Offer {
  const words = choices ?? hints;
  if (words !== undefined) return wordsOf(words, commas === true);
  return names === undefined ? null : {is: names};
}

function wordsOf(words: readonly string[], commas = false): Offer {
  return {is: 'words', words, commas};
}
