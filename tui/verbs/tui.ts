/** Owns `dubstead tui`: the admin's room, on a terminal that can show it; on others, which commands say the same. */

import {exitCodes} from '../../appliance/exit-codes.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import {numbered} from '../room/model.ts';
import {type ThemeName, themeNames} from '../room/theme.ts';
import {flag, type Given, text, verb} from '../verb.ts';
import {say, type World} from '../world.ts';

interface Asked {
  readonly screen: (typeof numbered)[number];
  readonly isReadOnly: boolean;
  readonly theme: ThemeName | null;
}

const options = {
  'read-only': flag('nothing can be changed from it'),
  theme: text('NAME', `how it looks: ${themeNames.join(', ')}; NO_COLOR is plain`),
} as const;

export const tui = verb({
  name: 'tui',
  takes: '[SCREEN] [--read-only] [--theme NAME]',
  short: '[SCREEN]',
  brief: 'the admin’s room: all of this on one screen',
  about: `Status, jobs, inbox, sessions, storage and purge, retention, engines, audit and doctor, kept up to date. ? shows all keys. It opens without a daemon too, and says then what can still be said. SCREEN is ${numbered.join(', ')}.`,
  options,
  examples: [
    'dubstead tui',
    'dubstead tui jobs --read-only',
    'NO_COLOR=1 dubstead tui',
    'TUI_SHELL=1 dubstead tui',
  ],
  words: 'some',
  read,
  run,
});

function read(given: Given<typeof options>, words: readonly string[]): Result<Asked, string> {
  const [word = 'status', ...rest] = words;
  const screen = numbered.find(name => name === word);
  if (screen === undefined || rest.length > 0)
    return no(`A screen is ${numbered.join(', ')}, not "${words.join(' ')}".`);
  const theme = themeNames.find(name => name === given.theme);
  if (given.theme !== undefined && theme === undefined)
    return no(`--theme is ${themeNames.join(', ')}, not "${given.theme}".`);
  return ok({screen, isReadOnly: given['read-only'] === true, theme: theme ?? null});
}

async function run({screen, isReadOnly, theme}: Asked, world: World): Promise<number> {
  const {env} = world.sources;
  if (!world.screen.isTerminal || process.stdin.isTTY !== true) {
    say(world.complaints, [
      env['TERM'] === 'dumb'
        ? 'This terminal (TERM=dumb) cannot show a screen.'
        : 'This is no terminal: there is nothing to draw on.',
      `The same in words: dubstead ${screen}. Each screen has its command; dubstead help lists them.`,
    ]);
    return exitCodes.refused;
  }
  const {openRoom} = await import('../room/open.ts');
  try {
    await openRoom({
      now: world.clock.now(),
      // The machine's own, which needs no name.
      zone: null,
      isReadOnly,
      screen,
      theme: theme ?? ((env['NO_COLOR'] ?? '') === '' ? 'usual' : 'plain'),
      hasShell: env['TUI_SHELL'] === '1',
      ground: async () => {
        const {groundOf} = await import('../room/ground.ts');
        return groundOf(world);
      },
      signal: world.signal,
    });
  } catch (cause) {
    // What tells it takes longer to load than the first screen to draw.
    const {attempt} = await import('../attempt.ts');
    return attempt(world, false, () => Promise.reject(cause));
  }
  return exitCodes.done;
}
