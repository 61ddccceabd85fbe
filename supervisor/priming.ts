/**
 * Owns having Node compile the job process before there is a job: in a jail it may read what was compiled before, and
 * never write it. Costs half a second once after each change of the program, and saves it with every job.
 */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {Duplex} from 'node:stream';
import {workerEnvironment} from '../appliance/worker-program.ts';

const limitMs = 60_000;

export interface Priming {
  readonly program: readonly [string, ...string[]];
  readonly compileCache: string;
  readonly signal: AbortSignal;
}

/** Starts the program with nothing to do: it loads itself, hears that nobody is there, and ends. Never rejects. */
export async function prime({program: [command, ...argv], compileCache, signal}: Priming): Promise<void> {
  const child = spawn(command, argv, {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    env: {...workerEnvironment, NODE_COMPILE_CACHE: compileCache},
    signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]),
    killSignal: 'SIGKILL',
  });
  const wire = child.stdio[3];
  if (wire instanceof Duplex) wire.end();
  // What is not compiled now is compiled by each job: slower, and nothing else.
  await once(child, 'exit').catch(() => {});
}
