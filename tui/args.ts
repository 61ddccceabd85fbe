/** Owns what the words of a command line come to, as a pure parser over the table of verbs. Never touches a file. */
import {no, ok, type Result} from '../appliance/result.ts';
import type {Errand, Surroundings, Verb} from './verb.ts';

export type Invocation =
  | {readonly is: 'errand'; readonly errand: Errand}
  /** `about` is a verb's name; undefined is all of them. */
  | {readonly is: 'help'; readonly about: string | undefined}
  | {readonly is: 'version'};

/** A mistake on the command line: what is wrong, and whose help would say more. */
export interface Misuse {
  readonly what: string;
  readonly verb: string | undefined;
}

/** `verbOf` finds a verb by its name. */
export function readArgs(
  argv: readonly string[],
  around: Surroundings,
  verbOf: (name: string | undefined) => Verb | undefined,
): Result<Invocation, Misuse> {
  const [word, ...rest] = argv;
  if (word === undefined || word === 'help' || word === '--help' || word === '-h')
    return ok({is: 'help', about: verbOf(rest[0])?.name});
  if (word === '--version' || word === 'version') return ok({is: 'version'});
  const verb = verbOf(word);
  if (verb === undefined) return no({what: `There is no command "${word}".`, verb: undefined});
  const read = verb.read(rest, around);
  if (!read.ok) return no({what: read.why, verb: verb.name});
  return ok(read.value === null ? {is: 'help', about: verb.name} : {is: 'errand', errand: read.value});
}
