/** Owns `dubstead man`: the man page, made of the same table as the help. */
import {ok} from '../../appliance/result.ts';
import {exitCodes} from '../exit-codes.ts';
import {manPage} from '../man.ts';
import {verb} from '../verb.ts';

export const man = verb({
  name: 'man',
  takes: '',
  brief: 'all of this as a man page',
  about:
    'Prints the page as roff. As docs/dubstead.1 it lies beside the program; in /usr/local/share/man/man1/dubstead.1 man finds it.',
  options: {},
  examples: ['dubstead man', 'dubstead man | man -l -'],
  words: 'none',
  read: () => ok({}),
  run: async (_asked, {screen}) => {
    const {verbs} = await import('../verbs.ts');
    screen.write(manPage(verbs));
    return exitCodes.done;
  },
});
