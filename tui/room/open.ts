/** Owns how the room is put together, opened and left: whatever ends the process, the terminal is as it was. */
import {type Beginning, opening} from './model.ts';
import type {Ground} from './room.ts';
import {Room} from './room.ts';
import {Terminal} from './terminal.ts';

export interface Opening extends Omit<Beginning, 'size'> {
  /** What it is fed by; asked for when the first frame stands. */
  readonly ground: () => Promise<Ground>;
  readonly signal: AbortSignal;
}

/** Until somebody leaves, or the signal. */
export async function openRoom({ground, signal, ...beginning}: Opening): Promise<void> {
  const terminal = new Terminal(process.stdin, process.stdout, {
    key: key => room.send({is: 'key', key}),
    resized: size => room.send({is: 'resized', size}),
  });
  const room = new Room(terminal, opening({...beginning, size: terminal.size}));
  const leave = (): void => terminal.close();
  const stop = (): void => room.stop();
  process.once('exit', leave);
  // What is thrown is told on a terminal that can show it.
  process.once('uncaughtExceptionMonitor', leave);
  signal.addEventListener('abort', stop, {once: true});
  // A terminal that is gone has no keys any more.
  process.stdin.once('end', stop).once('error', stop);
  if (signal.aborted) return;
  terminal.open();
  try {
    room.open();
    room.begin(await ground());
    await room.ended;
  } finally {
    room.stop();
    leave();
    process.off('exit', leave);
    process.off('uncaughtExceptionMonitor', leave);
    signal.removeEventListener('abort', stop);
  }
}
