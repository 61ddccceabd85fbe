/** Owns the completion script for bash, which needs nothing but bash. Pure. */
import {unreachable} from '../../appliance/result.ts';
import type {Offer, OptionOffer, VerbOffer} from './offers.ts';

export function bashScript(verbs: readonly VerbOffer[]): string {
  const names = [...verbs.map(({name}) => name), '--help', '--version'];
  return `# Completion of dubstead for bash. Made by: dubstead completion bash
_dubstead_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }
_dubstead_list() {
  local before=
  [[ $cur == *,* ]] && before=\${cur%,*},
  mapfile -t COMPREPLY < <(compgen -P "$before" -W "$1" -- "\${cur##*,}")
}
_dubstead_files() { compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); }
_dubstead_folders() { compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$cur"); }
_dubstead_jobs() { _dubstead_words "$("\${COMP_WORDS[0]}" completion jobs 2>/dev/null | cut -f 1)"; }
_dubstead() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} valued='' words=0 at
  COMPREPLY=()
  # --state=queued comes as three words.
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  if ((COMP_CWORD == 1)); then
    _dubstead_words '${names.join(' ')}'
    return
  fi
  case \${COMP_WORDS[1]} in
${verbs.map(valuedLine).filter(Boolean).join('\n')}
  esac
  for ((at = 2; at < COMP_CWORD; at++)); do
    if [[ $valued == *" \${COMP_WORDS[at]} "* ]]; then
      ((at++))
      [[ \${COMP_WORDS[at]} == = ]] && ((at++))
    elif [[ \${COMP_WORDS[at]} != -* ]]; then
      ((words++))
    fi
  done
  case \${COMP_WORDS[1]} in
${verbs.map(verbLines).join('\n')}
  esac
}
complete -F _dubstead dubstead
`;
}

const flagsOf = ({long, short}: OptionOffer): readonly string[] => [
  `--${long}`,
  ...(short === null ? [] : [`-${short}`]),
];

/** So that the word behind one of these is not taken for a word of its own. */
function valuedLine({name, options}: VerbOffer): string {
  const valued = options.filter(({value}) => value !== null).flatMap(flagsOf);
  return valued.length === 0 ? '' : `    ${name}) valued=' ${valued.join(' ')} ' ;;`;
}

function verbLines({name, deeds, words, options}: VerbOffer): string {
  const valued = options.filter(({value}) => value !== null);
  const values = valued.map(
    option => `        ${flagsOf(option).join('|')}) ${offerCall(option.value?.offer ?? null)}; return ;;`,
  );
  const flags = `_dubstead_words '${options.flatMap(flagsOf).join(' ')}'`;
  return [
    `    ${name})`,
    ...(values.length === 0 ? [] : ['      case $prev in', ...values, '      esac']),
    `      if [[ $cur == -* ]]; then ${flags}`,
    ...(deeds.length === 0 ? [] : [`      elif ((words == 0)); then _dubstead_words '${deeds.join(' ')}'`]),
    `      else ${offerCall(words)}; fi ;;`,
  ].join('\n');
}

function offerCall(offer: Offer): string {
  if (offer === null) return ':';
  switch (offer.is) {
    case 'words':
      return `_dubstead_${offer.commas ? 'list' : 'words'} '${offer.words.join(' ')}'`;
    case 'file':
      return '_dubstead_files';
    case 'folder':
      return '_dubstead_folders';
    case 'job':
      return '_dubstead_jobs';
    default:
      return unreachable(offer);
  }
}
