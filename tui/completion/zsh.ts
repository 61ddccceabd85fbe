/** Owns the completion script for zsh. Pure. */
import {unreachable} from '../../appliance/result.ts';
import type {Offer, OptionOffer, VerbOffer} from './offers.ts';

export function zshScript(verbs: readonly VerbOffer[]): string {
  return `#compdef dubstead
# Completion of dubstead for zsh. Made by: dubstead completion zsh
_dubstead_jobs() {
  local -a jobs
  jobs=(\${(f)"$(_call_program jobs \${words_of_dubstead[1]} completion jobs 2>/dev/null)"})
  jobs=(\${jobs//:/\\\\:})
  jobs=(\${jobs//$'\\t'/:})
  _describe -t jobs job jobs
}
_dubstead() {
  local -a words_of_dubstead=("\${(@)words}")
  if ((CURRENT == 2)); then
    local -a verbs=(
${verbs.map(({name, brief}) => `      ${quoted(`${name}:${brief}`)}`).join('\n')}
    )
    if [[ $words[2] == -* ]]; then compadd -- --help --version; else _describe -t verbs verb verbs; fi
    return
  fi
  local verb=$words[2]
  shift words
  ((CURRENT--))
  case $verb in
${verbs.map(verbLines).join('\n')}
  esac
}
if [[ $funcstack[1] == _dubstead ]]; then _dubstead "$@"; else compdef _dubstead dubstead; fi
`;
}

function verbLines({name, deeds, words, options}: VerbOffer): string {
  const first = deeds.length === 0 ? [] : [`1:deed:(${deeds.join(' ')})`];
  const others = words === null ? [] : [`*:${words.is === 'words' ? 'word' : words.is}:${action(words)}`];
  const specs = [...options.flatMap(optionSpecs), ...first, ...others];
  return [`    ${name})`, `      _arguments -S ${specs.map(quoted).join(' ')}`, '      ;;'].join('\n');
}

function optionSpecs({long, short, about, value}: OptionOffer): readonly string[] {
  const what = `[${about.replaceAll(/[[\]:\\]/g, '\\$&')}]`;
  const rest = value === null ? '' : `:${value.called.replaceAll(/[:\\]/g, '\\$&')}:${action(value.offer)}`;
  const called = short === null ? [] : [`-${short}${value === null ? '' : '+'}${what}${rest}`];
  return [...called, `--${long}${value === null ? '' : '='}${what}${rest}`];
}

function action(offer: Offer): string {
  // One space is to do nothing, and to say what is wanted.
  if (offer === null) return ' ';
  switch (offer.is) {
    case 'words':
      return offer.commas
        ? `_values -s , value ${offer.words.join(' ')}`
        : `(${offer.words.map(word => word.replaceAll(':', '\\:')).join(' ')})`;
    case 'file':
      return '_files';
    case 'folder':
      return '_files -/';
    case 'job':
      return '_dubstead_jobs';
    default:
      return unreachable(offer);
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
