/** Owns `dubstead up`: the appliance, started in this terminal. */
import {fileURLToPath} from 'node:url';
import {ok, unreachable} from '../../appliance/result.ts';
import {runDaemon} from '../daemon-process.ts';
import {exitCodes} from '../exit-codes.ts';
import {verb} from '../verb.ts';
import {say, type World} from '../world.ts';

const program = fileURLToPath(new URL('../../supervisor/main.ts', import.meta.url));

export const up = verb({
  name: 'up',
  takes: '',
  brief: 'start the daemon in this terminal; Ctrl-C ends it',
  about:
    'The daemon watches the inbox, queues and runs jobs, and answers the other commands. What it writes here is its log. Ctrl-C, SIGTERM or a closed terminal end it: jobs come to rest, stay queued, and go on at the next start. With systemd, use systemd/dubstead.service instead.',
  options: {},
  examples: ['dubstead up', 'DATA_DIR=/srv/dubstead dubstead up'],
  words: 'none',
  read: () => ok({}),
  run: (_asked, world) => run(world, program),
});

export async function run({complaints, onSignal}: World, daemon: string): Promise<number> {
  const end = await runDaemon({program: daemon, onSignal});
  switch (end.is) {
    case 'exit':
      return end.code;
    case 'killed':
      say(complaints, [
        `The daemon was ended by ${end.signal}.`,
        'Its jobs are queued still: dubstead up goes on with them.',
      ]);
      return end.code;
    case 'not-started':
      say(complaints, [
        `The daemon could not be started: ${end.detail}.`,
        'Run scripts/setup, then try again.',
      ]);
      return exitCodes.failed;
    default:
      return unreachable(end);
  }
}
