/** Owns `dubstead completion`: scripts by which shells complete its command lines, and the ids that they ask for. */
import {no, ok, type Result, unreachable} from '../../appliance/result.ts';
import {printable} from '../clean.ts';
import {bashScript} from '../completion/bash.ts';
import {fishScript} from '../completion/fish.ts';
import {offersOf} from '../completion/offers.ts';
import {zshScript} from '../completion/zsh.ts';
import {findDaemon} from '../daemon.ts';
import {exitCodes} from '../exit-codes.ts';
import {Hindered} from '../trouble.ts';
import {either, type Verb, verb} from '../verb.ts';
import type {World} from '../world.ts';

const deeds = ['bash', 'zsh', 'fish', 'jobs'] as const;
type Deed = (typeof deeds)[number];

/** Nobody waits longer behind a tab. */
const jobsMs = 1000;
const jobsShown = 200;

export const completion = verb({
  name: 'completion',
  takes: deeds.join('|'),
  short: 'SHELL',
  brief: 'a script by which your shell completes these words',
  about:
    'Prints a script that offers verbs, options, their values, files, and ids of jobs. Written to one of these files, it is there in every new shell: ~/.local/share/bash-completion/completions/dubstead for bash, _dubstead in a folder of $fpath for zsh, ~/.config/fish/completions/dubstead.fish for fish. jobs prints the ids that those scripts ask for, each with its title, and nothing when the daemon is down.',
  options: {},
  deeds,
  examples: ['dubstead completion bash', 'dubstead completion zsh', 'dubstead completion fish'],
  words: 'some',
  read: (_, words) => read(words),
  run: async ({deed}, world) => {
    if (deed === 'jobs') return printJobs(world);
    const {verbs} = await import('../verbs.ts');
    world.screen.write(scriptOf(deed, verbs));
    return exitCodes.done;
  },
});

function read([word, ...rest]: readonly string[]): Result<{readonly deed: Deed}, string> {
  const deed = deeds.find(each => each === word);
  if (deed === undefined || rest.length > 0) return no(`Name one shell: ${either(deeds.slice(0, -1))}.`);
  return ok({deed});
}

export function scriptOf(shell: Exclude<Deed, 'jobs'>, verbs: readonly Verb[]): string {
  const offers = offersOf(verbs);
  switch (shell) {
    case 'bash':
      return bashScript(offers);
    case 'zsh':
      return zshScript(offers);
    case 'fish':
      return fishScript(offers);
    default:
      return unreachable(shell);
  }
}

/** Silent whatever is wrong: somebody is in the middle of a line. */
async function printJobs(world: World): Promise<number> {
  try {
    const {client} = await findDaemon(world);
    const query = {query: {limit: jobsShown}};
    const page = await client.call('jobs.list', query, {signal: world.signal, answerMs: jobsMs});
    if (!page.ok) return exitCodes.done;
    const lines = page.value.jobs.map(({id, title}) => `${id}\t${printable(title)}\n`);
    world.screen.write(lines.join(''));
  } catch (cause) {
    if (!(cause instanceof Hindered) && !world.signal.aborted) throw cause;
  }
  return exitCodes.done;
}
