/**
 * The job process: one command over file descriptor 3, events back, then the end. The composition root of a job:
 * only here is the clock read and the machine looked at. It dies with whoever started it.
 */
import {Socket} from 'node:net';
import {totalmem} from 'node:os';
import {Failed, type Failure} from '../appliance/failure.ts';
import {unreachable} from '../appliance/result.ts';
import {aliveEveryMs, Command, type Event, receive, send} from '../appliance/wire.ts';
import {describeEngines} from './bench.ts';
import {type Circumstances, dub} from './dub.ts';
import {editLine} from './edit.ts';
import {recastSpeaker} from './recast.ts';
import {failureOf} from './trouble.ts';

const stop = new AbortController();
const socket = new Socket({fd: 3});
const tell = (event: Event): void => {
  send(socket, event);
};

const wanted = Promise.withResolvers<void>();

const circumstances: Circumstances = {
  tell,
  previewWanted: wanted.promise,
  signal: stop.signal,
  now: () => performance.now() / 1000,
  date: () => new Date().toISOString(),
  memoryBytes: totalmem() / 2,
};

async function obey(command: Command): Promise<void> {
  switch (command.do) {
    case 'dub': {
      tell({is: 'done', ...(await dub(command.order, circumstances))});
      return;
    }
    case 'edit': {
      tell({is: 'edited', ...(await editLine(command))});
      return;
    }
    case 'recast': {
      tell({is: 'recast', ...(await recastSpeaker(command))});
      return;
    }
    case 'engines': {
      tell({is: 'engines', ...(await describeEngines('balanced'))});
      return;
    }
    case 'preview': {
      wanted.resolve();
      return;
    }
    case 'stop': {
      stop.abort(new Failed({reason: 'stopped'}));
      return;
    }
    default:
      unreachable(command);
  }
}

/** The first command is the job; whatever ends it, the other side hears why. */
async function serve(): Promise<void> {
  let job: Promise<Failure | undefined> | undefined;
  try {
    for await (const command of receive(socket, Command)) {
      if (command.do === 'stop' || command.do === 'preview') await obey(command);
      else job ??= finish(obey(command), command);
    }
  } catch {
    // The wire broke or carried nonsense: nobody is left to work for.
  }
  stop.abort(new Failed({reason: 'stopped'}));
  await job;
}

async function finish(work: Promise<void>, command: Command): Promise<Failure | undefined> {
  try {
    await work;
    return undefined;
  } catch (cause) {
    const failure = await failureOf(cause, command);
    tell({is: 'failed', failure});
    if (failure.reason === 'bug') process.stderr.write(`${cause instanceof Error ? cause.stack : cause}\n`);
    return failure;
  } finally {
    socket.end();
  }
}

for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => stop.abort(new Failed({reason: 'stopped'})));
}

const alive = setInterval(() => tell({is: 'alive'}), aliveEveryMs);
await serve();
clearInterval(alive);
