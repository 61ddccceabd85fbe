/**
 * Owns the daemon as a process that was started from a terminal: it gets the terminal's output and every signal, and its
 * end is ours. Never speaks to it.
 */
import {spawn} from 'node:child_process';
import {constants} from 'node:os';
import type {StopSignal} from './world.ts';

/** Small young spaces, since it holds little for long; room for a hundred thousand jobs. */
const nodeFlags = [
  '--max-semi-space-size=2',
  '--max-old-space-size=1024',
  '--disable-warning=ExperimentalWarning',
];

export type DaemonEnd =
  | {readonly is: 'exit'; readonly code: number}
  | {readonly is: 'killed'; readonly signal: string; readonly code: number}
  | {readonly is: 'not-started'; readonly detail: string};

export interface DaemonStart {
  readonly program: string;
  /** Calls back with each signal until the function that it returns is called. */
  readonly onSignal: (hear: (name: StopSignal) => void) => () => void;
}

export async function runDaemon({program, onSignal}: DaemonStart): Promise<DaemonEnd> {
  const child = spawn(process.execPath, [...nodeFlags, program], {
    stdio: 'inherit',
    // A group of its own: Ctrl-C at the terminal reaches it through us, once, and not beside us.
    detached: true,
  });
  const stopHearing = onSignal(name => child.kill(name));
  try {
    return await new Promise<DaemonEnd>(resolve => {
      child.once('error', ({message}) => resolve({is: 'not-started', detail: message}));
      child.once('close', (code, signal) => {
        if (signal === null) resolve({is: 'exit', code: code ?? 1});
        else resolve({is: 'killed', signal, code: 128 + constants.signals[signal]});
      });
    });
  } finally {
    stopHearing();
  }
}
