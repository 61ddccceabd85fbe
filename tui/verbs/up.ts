/** Owns `dubstead up`: this process becomes the daemon, so that its signals, output and end are the daemon's own. */
import {fileURLToPath} from 'node:url';
import {ok} from '../../appliance/result.ts';
import {verb} from '../verb.ts';

export const daemonProgram = fileURLToPath(new URL('../../supervisor/main.ts', import.meta.url));
/**
 * Small young spaces, since it holds little for long; room for a hundred thousand jobs, and for a little before the whole
 * heap is gone through: V8 would do so every few megabytes of an upload, as little as is alive here. See main.ts for the
 * last.
 */
export const daemonFlags = [
  '--max-semi-space-size=4',
  '--initial-old-space-size=64',
  '--max-old-space-size=1024',
  '--expose-gc',
  '--disable-warning=ExperimentalWarning',
];

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
  run: async (_asked, {become}) => become([...daemonFlags, daemonProgram]),
});
