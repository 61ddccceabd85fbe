/**
 * Owns how events go over the wire as `text/event-stream`: their framing, the silence that is filled, and the client
 * that does not read. Never decides which events somebody gets.
 */
import {once} from 'node:events';
import type {ServerResponse} from 'node:http';

/** Calls back every so often until the function that it returns is called. */
export type Every = (ms: number, tick: () => void) => () => void;

/** Proxies and clients give a connection up that says nothing for half a minute or a minute. */
export const keepAliveMs = 15_000;

/** A client with more than this unsent is let go. */
export const unsentLimitBytes = 1 << 20;

/** One event. JSON has no line breaks in it, so one `data` line always holds it. */
export function frameOf(event: object, id: string | number | null): string {
  const data = `data: ${JSON.stringify(event)}\n\n`;
  return id === null ? data : `id: ${id}\n${data}`;
}

export type StreamEnd = 'over' | 'hung-up' | 'too-slow';

/**
 * Sends the feed until it ends, the client hangs up, or it reads too slowly: nothing was taken off its hands for a
 * whole beat, or too much is unsent. The next piece is asked for only when this one is out of our hands, so a slow
 * client holds one piece and no more.
 */
export async function sendEvents(
  res: ServerResponse,
  feed: AsyncIterable<string>,
  every: Every,
): Promise<StreamEnd> {
  // The wait for a drain ends with the connection as well; its listener goes with it.
  const closed = new AbortController();
  const close = (): void => closed.abort();
  if (res.closed) return 'hung-up';
  res.once('close', close);
  const pulse = new Pulse(res);
  const stop = every(keepAliveMs, () => pulse.beat());
  try {
    for await (const piece of feed) {
      if (closed.signal.aborted) break;
      if (!pulse.send(piece)) await drained(res, closed.signal);
      if (closed.signal.aborted) break;
    }
    if (closed.signal.aborted) return pulse.gaveUp ? 'too-slow' : 'hung-up';
    res.end();
    return 'over';
  } finally {
    stop();
    res.off('close', close);
  }
}

async function drained(res: ServerResponse, closed: AbortSignal): Promise<void> {
  try {
    await once(res, 'drain', {signal: closed});
  } catch (cause) {
    if (!closed.aborted) throw cause;
  }
}

/** Knows whether a client still takes what it is sent. */
class Pulse {
  readonly #res: ServerResponse;
  #quiet = true;
  /** True when all we know since the last beat is that it had not taken everything then. */
  #stuck = false;
  gaveUp = false;

  constructor(res: ServerResponse) {
    this.#res = res;
  }

  /** False when the client has to catch up first. To be called again is to have caught up. */
  send(piece: string): boolean {
    this.#quiet = false;
    this.#stuck = false;
    const more = this.#res.write(piece);
    if (this.#res.writableLength > unsentLimitBytes) this.#giveUp();
    return more;
  }

  beat(): void {
    if (this.#res.writableNeedDrain) {
      if (this.#stuck) this.#giveUp();
      this.#stuck = true;
    } else if (this.#quiet) {
      this.#res.write(': here\n\n');
    }
    this.#quiet = true;
  }

  #giveUp(): void {
    this.gaveUp = true;
    this.#res.destroy();
  }
}
