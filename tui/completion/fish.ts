/** Owns the completion script for fish. Pure. */
import {unreachable} from '../../appliance/result.ts';
import type {Offer, OptionOffer, VerbOffer} from './offers.ts';

export function fishScript(verbs: readonly VerbOffer[]): string {
  return `# Completion of dubstead for fish. Made by: dubstead completion fish
function __dubstead_verb
    set -l words (commandline -opc)
    test (count $words) -gt 1; and test "$words[2]" = $argv[1]
end
function __dubstead_no_verb
    test (count (commandline -opc)) -eq 1
end
# Whether no word follows the verb yet but options, and values of those that are named here.
function __dubstead_first
    __dubstead_verb $argv[1]; or return 1
    set -l skip 0
    for word in (commandline -opc)[3..-1]
        if test $skip = 1
            set skip 0
        else if contains -- $word $argv[2..-1]
            set skip 1
        else if not string match -q -- '-*' $word
            return 1
        end
    end
end
function __dubstead_jobs
    set -l words (commandline -opc)
    $words[1] completion jobs 2>/dev/null
end
complete -c dubstead -f
complete -c dubstead -n __dubstead_no_verb -l help -d help
complete -c dubstead -n __dubstead_no_verb -l version -d version
${verbs.flatMap(verbLines).join('\n')}
`;
}

function verbLines({name, brief, deeds, words, options}: VerbOffer): readonly string[] {
  const begin = `complete -c dubstead -n '__dubstead_verb ${name}'`;
  const valued = options
    .filter(({value}) => value !== null)
    .flatMap(({long, short}) => [`--${long}`, ...(short === null ? [] : [`-${short}`])]);
  const first = ['__dubstead_first', name, ...valued].join(' ');
  return [
    `complete -c dubstead -n __dubstead_no_verb -a ${name} -d ${quoted(brief)}`,
    ...(deeds.length === 0 ? [] : [`complete -c dubstead -n '${first}' -a '${deeds.join(' ')}'`]),
    ...(words === null ? [] : [`${begin} ${offered(words)}`]),
    ...options.map(option => optionLine(begin, option)),
  ];
}

function optionLine(begin: string, {long, short, about, value}: OptionOffer): string {
  const called = short === null ? `-l ${long}` : `-s ${short} -l ${long}`;
  const taken = value === null ? '' : ` -r ${offered(value.offer)}`;
  return `${begin} ${called}${taken} -d ${quoted(about)}`;
}

function offered(offer: Offer): string {
  if (offer === null) return '-f';
  switch (offer.is) {
    case 'words': {
      const words = offer.words.join(' ');
      return `-f -a ${quoted(offer.commas ? `(__fish_append , ${words})` : words)}`;
    }
    case 'file':
      return '-F';
    case 'folder':
      return `-f -a '(__fish_complete_directories)'`;
    case 'job':
      return `-f -a '(__dubstead_jobs)'`;
    default:
      return unreachable(offer);
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
}
