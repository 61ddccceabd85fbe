/** Owns one job process that the command line starts: its wire, its end, and what its silence means. */
import {spawn} from 'node:child_process';
import {Duplex} from 'node:stream';
import {Failed, type Failure} from '../appliance/failure.ts';
import {type Command, Event, receive, send} from '../appliance/wire.ts';
import {workerEnvironment, workerFlags} from '../appliance/worker-program.ts';

const program = new URL('../pipeline/worker.ts', import.meta.url).pathname;
const stderrTail = 4000;
/** A worker that was asked to stop and does not end within this long is ended. */
const graceMs = 8000;

const answers = ['done', 'edited', 'recast', 'engines'] as const;
export type Answer = Extract<Event, {is: (typeof answers)[number]}>;

/**
 * Runs one command to its answer. Success is the worker's word and exit code 0. Throws Failed with the worker's own
 * failure, or with `worker-lost` when it ended without an answer.
 */
export async function runWorker(
  command: Command,
  hear: (event: Event) => void,
  signal: AbortSignal,
): Promise<Answer> {
  const child = spawn(process.execPath, [...workerFlags, program], {
    env: {...process.env, ...workerEnvironment},
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C at the terminal reaches it through us, once, and not beside us.
    detached: true,
  });
  const wire = child.stdio[3];
  if (!(wire instanceof Duplex)) throw new Error('no wire to the job process');
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-stderrTail);
  });
  const ended = new Promise<string>(resolve => {
    child.once('close', (code, name) => resolve(name === null ? `exit ${code}` : `signal ${name}`));
  });
  let insist: NodeJS.Timeout | undefined;
  const stop = (): void => {
    send(wire, {v: 1, do: 'stop'});
    insist = setTimeout(() => child.kill('SIGKILL'), graceMs);
  };
  signal.addEventListener('abort', stop, {once: true});
  send(wire, command);
  if (signal.aborted) stop();
  const {answer, failure} = await listen(wire, hear);
  const exit = await ended;
  clearTimeout(insist);
  signal.removeEventListener('abort', stop);
  if (failure !== undefined) throw new Failed(failure);
  if (answer === undefined || exit !== 'exit 0') throw new Failed({reason: 'worker-lost', exit, stderr});
  return answer;
}

async function listen(
  wire: Duplex,
  hear: (event: Event) => void,
): Promise<{readonly answer: Answer | undefined; readonly failure: Failure | undefined}> {
  let answer: Answer | undefined;
  let failure: Failure | undefined;
  try {
    for await (const event of receive(wire, Event)) {
      if (event.is === 'failed') failure ??= event.failure;
      if (isAnswer(event)) answer ??= event;
      hear(event);
    }
  } catch {
    // A worker that was killed leaves a broken wire; its exit says more.
  }
  return {answer, failure};
}

function isAnswer(event: Event): event is Answer {
  return answers.some(is => is === event.is);
}
